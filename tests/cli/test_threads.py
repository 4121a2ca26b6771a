"""Any number of threads gives the same bytes, messages and temporary files as one."""

import gzip
import os
import resource
import signal
import subprocess
import time

import pytest

from captures import RAW, Ng, pcap, read_packets
from surroundings import clean_environment

THREADS = ["1", "2", "7"]

# Longer than what one thread reads before others are started: 8 buffers of half a MiB.
PACKETS = [(bytes([number % 251]) * (200 + number % 900), number * 1000) for number in range(20000)]


def long_pcap(packets):
    """pcap() itself would take a time that grows with the square of the length."""
    header = len(pcap([]))
    return pcap([]) + b"".join(pcap([packet])[header:] for packet in packets)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("threads")
    (folder / "in.pcap").write_bytes(long_pcap(PACKETS))
    (folder / "rules.csv").write_text("BPF:len < 500,short\nBPF:len < 800,middle\n")
    for packed, command in (("in.bgz", ["bgzip", "-c"]), ("in.gz", ["gzip", "-1c"]),
                            ("in.zst", ["zstd", "-qc"]), ("in.xz", ["xz", "-0c"]),
                            ("in.lz4", ["lz4", "-qc"]), ("in.bz2", ["bzip2", "-1c"])):
        with open(folder / packed, "wb") as out:
            subprocess.run([*command, folder / "in.pcap"], check=True, stdout=out)
    return folder


def entries(path):
    return sorted(entry.name for entry in path.iterdir())


@pytest.mark.parametrize("name, ending", [
    ("in.pcap", "pcapng"), ("in.bgz", "pcapng.gz"), ("in.gz", "pcapng.zst"), ("in.zst", "pcapng"),
    ("in.xz", "pcapng.gz"),
])
def test_label_writes_the_same(run, folder, tmp_path, name, ending):
    found = set()
    for threads in THREADS:
        out = tmp_path / f"{threads}.{ending}"
        done = run("label", "-j", threads, "-L", folder / "rules.csv", "-o", out, folder / name)
        found.add((out.read_bytes(), done.stdout, done.stderr))
    assert len({data for data, _, _ in found}) == 1


def many_kinds(labelled_at=None):
    """Stretches that several threads share, and between them what one thread does alone."""
    ng = Ng().interface(snaplen=1500).interface(linktype=RAW, snaplen=1500)
    number = 0
    for stretch in range(3):
        for number in range(number, number + 5500):
            comments = ["7,old", "source=x"] if number % 11 == 0 else ["note"] if number % 7 == 0 else []
            if number == labelled_at or labelled_at is None or comments[:1] != ["7,old"]:
                ng.packet(bytes([number % 251]) * (400 + number % 900), number * 1000, comments)
        ng.statistics(received=number).names().custom().simple(b"simple" * 20)
        ng.packet(b"raw" * 30, number, interface=1).packet(b"next", number)
        if stretch == 1:
            ng.packet(bytes(2000), number)  # longer than the snap length, which is lifted
            ng.section(">").interface(snaplen=1500).interface(linktype=RAW, snaplen=1500)
    for number in range(1500):
        ng.packet(b"alternate" * 9, number, interface=number % 2)
    return bytes(ng)


@pytest.fixture(scope="module")
def kinds(folder):
    (folder / "kinds.pcapng").write_bytes(many_kinds())
    return folder / "kinds.pcapng"


@pytest.mark.parametrize("through", ["a file", "a pipe"])
@pytest.mark.parametrize("options", [
    ["--keep-unmatched", "--keep-source", "--json"], ["--write-pcapml-times", "--sort"],
    ["--split-linktypes"],
], ids=" ".join)
def test_label_of_all_kinds_of_blocks(run, folder, kinds, tmp_path, options, through):
    first = kinds if through == "a file" else "-"
    found = run_with_each(run, tmp_path, ["label", "--relabel", *options, "-L", folder / "rules.csv", "-o",
                                          "out.pcapng", first, folder / "in.pcap"],
                          input=kinds.read_bytes(), text=False)
    status, _, _, files = found[0]
    assert status == 0 and sum(map(len, files.values())) > 10_000_000
    assert found[1] == found[0] and found[2] == found[0]


@pytest.mark.parametrize("ending", ["pcapng.gz", "pcapng.zst"])
def test_label_packs_all_kinds_of_blocks(run, folder, kinds, tmp_path, ending):
    found = run_with_each(run, tmp_path, ["label", "--relabel", "-L", folder / "rules.csv", "-o",
                                          f"out.{ending}", kinds])
    assert found[0][0] == 0 and found[1] == found[0] and found[2] == found[0]


def test_label_refuses_a_label_in_the_middle(run, folder, tmp_path):
    bad = tmp_path / "bad.pcapng"
    bad.write_bytes(many_kinds(labelled_at=9900))
    found = run_with_each(run, tmp_path, ["label", "-L", folder / "rules.csv", "-o", "out.pcapng", bad])
    status, _, message, files = found[0]
    number = [packet.comments[:1] for packet in read_packets(bad)].index([b"7,old"]) + 1
    assert (status, files) == (1, {}) and f"packet {number} already has a label" in message
    assert found[1] == found[0] and found[2] == found[0]
    for threads in THREADS:
        done = run("label", "-j", threads, "-L", folder / "rules.csv", "--keep-unmatched", "-o", "-", bad, check=False,
                   text=False)
        (tmp_path / "got.pcapng").write_bytes(done.stdout)
        assert len(read_packets(tmp_path / "got.pcapng")) == number - 1


def test_label_with_many_rules(run, folder, tmp_path):
    """Each thread remembers what it has matched; rules are counted over all of them."""
    rules = [f"BPF:ether[0] = {byte} and len < {length}|TS_START:{start}|TS_END:{start + 9},{byte}-{length}"
             for byte in range(100) for length in (400, 700, 1200) for start in (0, 10)]
    (tmp_path / "rules.csv").write_text("\n".join(rules) + "\n")
    found = run_with_each(run, tmp_path, ["label", "--keep-unmatched", "--json", "-L",
                                          tmp_path / "rules.csv", "-o", "out.pcapng", folder / "in.pcap"])
    assert found[0][0] == 0 and found[1] == found[0] and found[2] == found[0]
    command = ["label", "--keep-unmatched", "--dry-run", "-L", tmp_path / "rules.csv", folder / "in.pcap"]
    assert len({run(*command, "-j", count).stdout for count in THREADS}) == 1


@pytest.fixture(scope="module")
def labelled(program, folder):
    out = folder / "labelled.pcapng.gz"
    subprocess.run([program, "label", "-q", "-L", folder / "rules.csv", "-o", out,
                    folder / "in.pcap"], check=True)
    return out


@pytest.mark.parametrize("command", [
    ["sort", "-o", "OUT.pcapng"], ["sort", "-o", "OUT.pcapng.gz", "--memory", "4M"],
    ["sort", "-o", "OUT.pcapng.zst"], ["strip", "-o", "OUT.pcap"], ["strip", "-o", "OUT.pcapng.gz"],
    ["select", "-o", "OUT.pcapng.gz", "--label", "middle"], ["split", "-o", "OUT"],
    ["flows", "-o", "OUT.csv"], ["info", "--json"], ["check", "--json"],
])
def test_other_commands_write_the_same(run, labelled, tmp_path, command):
    found = []
    for threads in THREADS:
        place = tmp_path / threads
        place.mkdir()
        done = run(*command, "-j", threads, labelled, cwd=place, check=False)
        files = {path.relative_to(place): path.read_bytes()
                 for path in sorted(place.rglob("*")) if path.is_file()}
        found.append((done.returncode, done.stdout, files))
    assert found[0][0] in (0, 1)
    assert found[1] == found[0] and found[2] == found[0]


def sample_after_sample():
    """Samples that each stand together, in two sections, with blocks in between that belong to none."""
    ng, start, number = Ng().interface(snaplen=4000), 1_700_000_000_000_000, 0
    ng.interface(linktype=RAW, snaplen=4000).packet(b"without a label", start).secrets()
    for sample, length in enumerate([10, 1000, 225, 3, 750, 5, 5, 1300, 525, 175, 400, 8]):
        if sample == 10:
            ng.section(">").interface(linktype=RAW, tsresol=6).names()
        for number in range(number, number + length):
            label = f"{sample},{'other' if sample > 7 and number % 499 == 0 else f'class {sample % 5}'}"
            ng.packet(bytes([number % 251]) * (3000 + number % 900), start + number * 1000,
                      [label, "note"] if number % 7 == 0 else [label])
        if sample % 3 == 0:
            ng.statistics(received=number).custom().packet(b"none" * 20, start, ["note"])
    return bytes(ng)


@pytest.fixture(scope="module")
def grouped(folder):
    (folder / "grouped.pcapng").write_bytes(sample_after_sample())
    return folder / "grouped.pcapng"


@pytest.mark.parametrize("options, count", [([], 12), (["--format", "pcapng"], 12), (["--per-label"], 7)],
                         ids=["pcap", "pcapng", "classes"])
def test_split_of_grouped_samples(run, grouped, tmp_path, options, count):
    found = run_with_each(run, tmp_path, ["split", "--json", *options, "-o", "out", grouped])
    status, _, message, files = found[0]
    assert status == 0 and len(files) == count + 1 and sum(map(len, files.values())) > 12 << 20
    assert "5 packets left out: no label" in message
    assert found[1] == found[0] and found[2] == found[0]


def test_split_of_grouped_samples_from_standard_input(program, grouped, tmp_path):
    """A regular file, from the middle of which the samples begin."""
    (tmp_path / "in.bin").write_bytes(b"before" + grouped.read_bytes())
    found = []
    for threads in THREADS:
        with open(tmp_path / "in.bin", "rb", buffering=0) as stdin:
            stdin.seek(len("before"))
            subprocess.run([program, "split", "-q", "-j", threads, "-o", threads, "-"], cwd=tmp_path, stdin=stdin,
                           check=True)
        found.append({path.name: path.read_bytes() for path in (tmp_path / threads).iterdir()})
    assert len(found[0]) == 13 and found[1] == found[0] and found[2] == found[0]


def test_split_of_grouped_samples_to_a_full_disk(program, grouped, tmp_path):
    """Only one sample is longer."""
    messages = set()
    for threads in THREADS:
        done = subprocess.run([program, "split", "-j", threads, "-o", "out", grouped], cwd=tmp_path,
                              capture_output=True, text=True, preexec_fn=limit_files(3_700_000))
        assert done.returncode == 1 and entries(tmp_path) == []
        messages.add(done.stderr)
    assert len(messages) == 1 and "out/7_class_2.pcap: cannot write: File too large\n" in messages.pop()


def spoil(path, copy):
    data = bytearray(path.read_bytes())
    at = len(data) * 3 // 4
    data[at:at + 1300] = bytes(1300)  # longer than a packet
    copy.write_bytes(data)
    return copy


def run_with_each(run, place, words, threads=THREADS, **how):
    """What each number of threads writes and says, in a folder of its own."""
    found = []
    for count in threads:
        folder = place / count
        folder.mkdir()
        done = run(*words, "-j", count, cwd=folder, check=False, **how)
        files = {path.relative_to(folder): path.read_bytes()
                 for path in sorted(folder.rglob("*")) if path.is_file()}
        found.append((done.returncode, done.stdout, done.stderr, files))
    return found


@pytest.mark.parametrize("name", ["in.pcap", "in.bgz", "in.gz", "in.zst", "in.xz", "in.lz4", "in.bz2"])
def test_damage_in_the_middle(run, folder, tmp_path, name):
    """An error of a codec: the message and what comes before are those of one thread."""
    bad = spoil(folder / name, tmp_path / "bad")
    words = ["label", "-L", folder / "rules.csv", "-o", "out.pcapng"]
    found = run_with_each(run, tmp_path, [*words, bad])
    status, _, message, files = found[0]
    assert status == 1 and f"{bad}: " in message
    assert sum(map(len, files.values())) > 4_000_000
    assert found[1] == found[0] and found[2] == found[0]


@pytest.mark.parametrize("words", [
    ["sort", "-o", "out.pcapng.gz"], ["sort", "--memory", "4M", "-o", "out.pcapng"],
    ["strip", "-o", "out.pcap"], ["split", "-o", "out"], ["flows", "-o", "out.csv"], ["info", "--json"],
    ["check", "--json"], ["select", "--label", "middle", "-o", "out.pcapng"],
], ids=lambda words: f"{words[0]} {words[-1]}")
def test_damage_of_a_labelled_capture(run, labelled, tmp_path, words):
    bad = spoil(labelled, tmp_path / "bad.pcapng.gz")
    found = run_with_each(run, tmp_path, [*words, bad])
    assert found[0][0] == 1 and str(bad) in found[0][1] + found[0][2]
    assert found[1] == found[0] and found[2] == found[0]


def test_damage_of_grouped_samples(run, grouped, tmp_path):
    bad = spoil(grouped, tmp_path / "bad.pcapng")
    found = run_with_each(run, tmp_path, ["split", "-o", "out", bad])
    status, _, message, files = found[0]
    assert status == 1 and f"{bad}: offset " in message and 8 < len(files) < 13
    assert found[1] == found[0] and found[2] == found[0]


def test_damage_in_a_pipe(run, folder, tmp_path):
    bad = spoil(folder / "in.gz", tmp_path / "bad").read_bytes()
    found = run_with_each(run, tmp_path, ["label", "-L", folder / "rules.csv", "-o", "out.pcapng", "-"],
                          input=bad, text=False)
    status, _, message, files = found[0]
    assert status == 1 and b"standard input: " in message
    assert sum(map(len, files.values())) > 4_000_000
    assert found[1] == found[0] and found[2] == found[0]


def limit_files(limit):
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("words, limit", [
    (["label", "-L", "rules.csv", "-o", "OUT.pcapng", "in.pcap"], 6_000_000),
    (["label", "-L", "rules.csv", "-o", "OUT.pcapng.gz", "in.pcap"], 50_000),
    (["label", "-L", "rules.csv", "-o", "OUT.pcapng.zst", "in.pcap"], 20_000),
    (["label", "-s", "-L", "rules.csv", "-o", "OUT.pcapng", "in.pcap"], 6_000_000),
    (["sort", "-o", "OUT.pcapng", "labelled.pcapng.gz"], 6_000_000),
    (["strip", "-o", "OUT.pcap.gz", "labelled.pcapng.gz"], 50_000),
    (["select", "--label", "middle", "-o", "OUT.pcapng", "labelled.pcapng.gz"], 3_000_000),
    (["flows", "-o", "OUT.csv", "in.pcap"], 100),
    (["split", "-o", "OUT", "labelled.pcapng.gz"], 3_000_000),
], ids=lambda value: f"{value[0]} {value[-2]}" if isinstance(value, list) else None)
def test_a_full_disk(program, folder, labelled, tmp_path, words, limit, threads):
    words = [word.replace("OUT", f"{tmp_path}/out") for word in words]
    done = subprocess.run([program, *words, "-j", threads], capture_output=True, text=True, cwd=folder,
                          preexec_fn=limit_files(limit))
    assert done.returncode == 1
    name = "middle.pcap" if words[0] == "split" else words[-2]
    assert f"{name}: cannot write: File too large\n" in done.stderr
    assert entries(tmp_path) == []


def test_what_a_full_disk_keeps_of_a_pipe(run, folder, tmp_path):
    """What cannot be read again is kept as far as it was written: as far as by one thread, and whether
    packets are short or long."""
    data = long_pcap(PACKETS[:5000] + [(bytes(100_000), number) for number in range(40)])
    found = run_with_each(run, tmp_path, ["label", "--keep-unmatched", "-L", folder / "rules.csv", "-o",
                                          "out.pcapng", "-"],
                          input=data, text=False, preexec_fn=limit_files(6_000_000))
    status, _, message, files = found[0]
    assert status == 1 and b"the part already written is kept" in message
    assert sum(map(len, files.values())) > 5_000_000
    assert found[1] == found[0] and found[2] == found[0]


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("words", [
    ["label", "-L", "rules.csv", "-o", "-", "in.pcap"], ["sort", "-o", "-", "labelled.pcapng.gz"],
    ["strip", "-o", "-", "labelled.pcapng.gz"],
    ["select", "--label", "middle", "-o", "-", "labelled.pcapng.gz"],
], ids=lambda words: words[0])
def test_a_closed_pipe(program, folder, labelled, words, threads):
    with subprocess.Popen([program, *words, "-j", threads], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, cwd=folder) as process:
        process.stdout.close()
        errors = process.stderr.read()
    assert process.returncode == 1 and "standard output: cannot write: Broken pipe" in errors


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal(program, folder, tmp_path, threads, number):
    """Level 12 takes long enough to be interrupted."""
    out = tmp_path / "out.pcapng.gz"
    with subprocess.Popen([program, "label", "-j", threads, "--level", "12", "-L",
                           folder / "rules.csv", "-o", out, *[folder / "in.pcap"] * 20],
                          stderr=subprocess.PIPE) as process:
        while not entries(tmp_path) and process.poll() is None:
            time.sleep(0.01)
        time.sleep(0.2)
        process.send_signal(number)
        process.wait(timeout=20)
    assert process.returncode == -number
    assert entries(tmp_path) == []


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("words", [
    ["sort", "-o", "out.pcapng"], ["sort", "--memory", "2M", "-o", "out.pcapng.gz"],
    ["strip", "-o", "out.pcap"], ["split", "-O", "out"], ["select", "--label", "middle", "-o", "out.pcapng"],
    ["label", "-L", "rules.csv", "--relabel", "-o", "out.pcapng"],
], ids=lambda words: f"{words[0]} {words[-1]}")
def test_a_signal_in_the_middle_of_an_input(program, folder, labelled, tmp_path, words, number, threads):
    """The rest of the capture never comes, so the run cannot end before the signal."""
    words = [folder / word if word == "rules.csv" else word for word in words]
    data = gzip.decompress(labelled.read_bytes())
    with subprocess.Popen([program, *words, "-j", threads, "-"], stdin=subprocess.PIPE,
                          stderr=subprocess.PIPE, cwd=tmp_path) as process:
        process.stdin.write(data[:len(data) * 3 // 4])
        process.send_signal(number)
        process.wait(timeout=20)
    assert process.returncode == -number
    left = os.listdir(tmp_path)
    if number == signal.SIGKILL:
        assert all(name.startswith(".labelcap-") for name in left)
    else:
        assert left == []


def test_small_inputs_start_no_thread(program, folder, tmp_path):
    small = tmp_path / "small.pcap"
    small.write_bytes(pcap(PACKETS[:100]))
    log = tmp_path / "log"
    of_zstd = 1  # its worker, with which ThreadSanitizer starts a thread of its own
    if b"__tsan_init" in program.read_bytes():
        of_zstd += 1
    for ending, started in (("pcapng", 0), ("pcapng.gz", 0), ("pcapng.zst", of_zstd)):
        subprocess.run(["strace", "-f", "-e", "trace=clone,clone3", "-o", log, program, "label",
                        "-j", "7", "-f", "-L", folder / "rules.csv", "-o",
                        tmp_path / f"out.{ending}", small], check=True, stderr=subprocess.DEVNULL,
                       env=clean_environment({"ASAN_OPTIONS": "detect_leaks=0"}))
        assert log.read_text().count("clone") == started


def test_levels(run, folder, tmp_path):
    sizes = []
    for level in ("1", "6", "12"):
        out = tmp_path / f"{level}.pcapng.gz"
        run("label", "--level", level, "-L", folder / "rules.csv", "-o", out, folder / "in.pcap")
        sizes.append(os.path.getsize(out))
    assert sizes[0] > sizes[1] > sizes[2]
    run("select", "--first", "1", "--level", "6", "--stats-json", tmp_path / "x.json", "-o", tmp_path / "some.pcapng.gz",
        tmp_path / "1.pcapng.gz")  # the level is not that of the report
    for name, level, text in (("x.pcapng.gz", "13", "the levels of gzip are 1 to 12, not 13"),
                              ("x.pcapng", "3", "not compressed, so there is no level")):
        done = run("label", "--level", level, "-L", folder / "rules.csv", "-o", tmp_path / name,
                   folder / "in.pcap", check=False)
        assert done.returncode == 2 and text in done.stderr
        assert not (tmp_path / name).exists()
