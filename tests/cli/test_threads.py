"""Any number of threads gives the same bytes, messages and temporary files as one."""

import os
import resource
import signal
import subprocess
import time

import pytest

from captures import pcap
from surroundings import clean_environment

THREADS = ["1", "2", "7"]

# Longer than what one thread reads before others are started: 8 buffers of half a MiB.
PACKETS = [(bytes([number % 251]) * (200 + number % 900), number * 1000) for number in range(20000)]


def long_pcap():
    """pcap() itself would take a time that grows with the square of the length."""
    header = len(pcap([]))
    return pcap([]) + b"".join(pcap([packet])[header:] for packet in PACKETS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("threads")
    (folder / "in.pcap").write_bytes(long_pcap())
    (folder / "rules.csv").write_text("BPF:len < 500,short\nBPF:len < 800,middle\n")
    for packed, command in (("in.bgz", ["bgzip", "-c"]), ("in.gz", ["gzip", "-1c"]),
                            ("in.zst", ["zstd", "-qc"]), ("in.xz", ["xz", "-0c"])):
        with open(folder / packed, "wb") as out:
            subprocess.run([*command, folder / "in.pcap"], check=True, stdout=out)
    return folder


def entries(path):
    return sorted(entry.name for entry in path.iterdir())


@pytest.mark.parametrize("name", ["in.pcap", "in.bgz", "in.gz", "in.zst", "in.xz"])
@pytest.mark.parametrize("ending", ["pcapng", "pcapng.gz", "pcapng.zst"])
def test_label_writes_the_same(run, folder, tmp_path, name, ending):
    found = set()
    for threads in THREADS:
        out = tmp_path / f"{threads}.{ending}"
        done = run("label", "-j", threads, "-L", folder / "rules.csv", "-o", out, folder / name)
        found.add((out.read_bytes(), done.stdout, done.stderr))
    assert len({data for data, _, _ in found}) == 1


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


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("name", ["in.bgz", "in.gz", "in.zst"])
def test_damage_in_the_middle(run, folder, tmp_path, name, threads):
    """The message and what comes before are those of one thread."""
    data = bytearray((folder / name).read_bytes())
    at = len(data) * 3 // 4
    data[at:at + 40] = bytes(40)
    bad = tmp_path / "bad"
    bad.write_bytes(data)
    outputs = []
    for count in ("1", threads):
        out = tmp_path / f"out{len(outputs)}.pcapng"
        done = run("label", "-j", count, "-L", folder / "rules.csv", "-o", out, bad, check=False)
        assert done.returncode == 1 and f"{bad}: " in done.stderr
        outputs.append((out.read_bytes(), done.stderr.replace(out.name, "out")))
    assert outputs[0] == outputs[1]
    assert len(outputs[0][0]) > 4_000_000


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("ending", ["pcapng", "pcapng.gz", "pcapng.zst"])
def test_a_full_disk(program, folder, tmp_path, ending, threads):
    limit = {"pcapng": 6_000_000, "pcapng.gz": 50_000, "pcapng.zst": 20_000}[ending]
    out = tmp_path / f"out.{ending}"
    done = subprocess.run(
        [program, "label", "-j", threads, "-L", folder / "rules.csv", "-o", out,
         folder / "in.pcap"], capture_output=True, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    assert done.returncode == 1
    assert f"{out}: cannot write: File too large\n" in done.stderr
    assert entries(tmp_path) == []


@pytest.mark.parametrize("threads", THREADS)
def test_a_closed_pipe(program, folder, threads):
    with subprocess.Popen([program, "label", "-j", threads, "-L", folder / "rules.csv", "-o", "-",
                           folder / "in.pcap"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as process:
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


def test_small_inputs_start_no_thread(program, folder, tmp_path):
    small = tmp_path / "small.pcap"
    small.write_bytes(pcap(PACKETS[:100]))
    log = tmp_path / "log"
    for ending in ("pcapng", "pcapng.gz"):
        subprocess.run(["strace", "-f", "-e", "trace=clone,clone3", "-o", log, program, "label",
                        "-j", "7", "-f", "-L", folder / "rules.csv", "-o",
                        tmp_path / f"out.{ending}", small], check=True, stderr=subprocess.DEVNULL,
                       env=clean_environment({"ASAN_OPTIONS": "detect_leaks=0"}))
        assert "clone" not in log.read_text()


def test_levels(run, folder, tmp_path):
    sizes = []
    for level in ("1", "6", "12"):
        out = tmp_path / f"{level}.pcapng.gz"
        run("label", "--level", level, "-L", folder / "rules.csv", "-o", out, folder / "in.pcap")
        sizes.append(os.path.getsize(out))
    assert sizes[0] > sizes[1] > sizes[2]
    for name, level, text in (("x.pcapng.gz", "13", "the levels of gzip are 1 to 12, not 13"),
                              ("x.pcapng", "3", "not compressed, so there is no level")):
        done = run("label", "--level", level, "-L", folder / "rules.csv", "-o", tmp_path / name,
                   folder / "in.pcap", check=False)
        assert done.returncode != 0 and text in done.stderr
        assert not (tmp_path / name).exists()
