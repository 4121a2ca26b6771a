"""sort, split, strip and info where something goes wrong: status, message, what is left."""

import gzip
import json
import os
import shutil
import subprocess
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from captures import Ng, pcap, read_packets
from surroundings import clean_environment
from disks import small_disk
from kinds import of_each_kind
from pcapng_walk import packets, walk

COMMANDS = {
    "sort": ["sort", "-o", "out"],
    "strip": ["strip", "-o", "out"],
    "strip to pcap": ["strip", "--format", "pcap", "-o", "out"],
    "select": ["select", "--label", "*", "-o", "out"],
    "split": ["split", "-O", "out"],
    "info": ["info"],
}
WRITERS = {name: words for name, words in COMMANDS.items() if name not in ("split", "info")}


def labelled(packets=3):
    ng = Ng().interface()
    for number in range(packets):
        ng.packet(bytes([number % 256]) * 4, 10**6 - number, [f"{number % 3},label"])
    return ng


@pytest.fixture
def folder(tmp_path):
    """Where the commands run: in.pcapng is there, `out` is not."""
    (tmp_path / "in.pcapng").write_bytes(bytes(labelled()))
    return tmp_path


def entries(folder):
    return sorted(os.listdir(folder))


def fails(run, folder, command, message, status=1, **kwargs):
    """Asserts that the command fails with this message alone, and leaves nothing behind."""
    before = entries(folder)
    done = run(*command, check=False, cwd=folder, **kwargs)
    assert (done.returncode, done.stderr, done.stdout) == (
        status, f"labelcap {command[0]}: {message}\n", "")
    assert entries(folder) == before


# ---- inputs ----


@pytest.mark.parametrize("command", COMMANDS)
def test_inputs_that_are_none(run, folder, command):
    words = COMMANDS[command]
    (folder / "text").write_text("hello")
    (folder / "folder").mkdir()
    (folder / "loop").symlink_to("loop")
    (folder / "dangling").symlink_to("nowhere")
    (folder / "gz").write_bytes(gzip.compress(b"hello"))
    (folder / "old.lz4").write_bytes(b"\x04\x22\x4d\x18" + bytes(40))
    (folder / "modified").write_bytes(b"\x34\xcd\xb2\xa1")
    for name, message in (
            ("missing", "cannot open: No such file or directory"),
            ("dangling", "cannot open: No such file or directory"),
            ("loop", "cannot open: Too many levels of symbolic links"),
            ("in.pcapng/x", "cannot open: Not a directory"),
            ("text", "not a capture: expected a pcap or pcapng magic number, found 68 65 6c 6c"),
            ("gz", "not a capture: expected a pcap or pcapng magic number, found 68 65 6c 6c"),
    ):
        fails(run, folder, [*words, name], f"{name}: {message}")
    fails(run, folder, [*words, "-"], "standard input: not a capture: expected a pcap or pcapng "
          "magic number, found 68 65 6c 6c", input="hello")
    if command not in ("sort", "info"):
        fails(run, folder, [*words, "folder"], "folder: is a directory, not a file")
    done = run(*words, "old.lz4", check=False, cwd=folder)
    assert done.returncode == 1 and "old.lz4: " in done.stderr and "lz4" in done.stderr.lower()


@pytest.mark.parametrize("command", COMMANDS)
def test_an_input_that_may_not_be_read(program, folder, command):
    (folder / "in.pcapng").chmod(0)
    folder.chmod(0o777)
    done = as_nobody(program, folder, [*COMMANDS[command], "in.pcapng"])
    assert (done.returncode, done.stderr) == (
        1, f"labelcap {command.split()[0]}: in.pcapng: cannot open: Permission denied\n")
    assert entries(folder) == ["in.pcapng"]


# ---- damage ----


def small_captures():
    """A small capture of each kind: its bytes, and for each packet how many bytes it takes to have
    it whole."""
    records = [(b"one", 10**9), (b"second", 2 * 10**9), (b"3", 3 * 10**9)]
    for order in "<>":
        for ns in (False, True):
            data, ends = pcap(records, order, ns), []
            for count in range(1, len(records) + 1):
                ends.append(len(pcap(records[:count], order, ns)))
            yield f"pcap {order} ns={ns}", data, ends
    for order in "<>":
        ng, ends = Ng(order, [(4, b"test")]).interface(options=[(2, b"eth0")]), []
        ng.names()
        for number in range(3):
            ng.packet(b"data" * number, number, [f"{number % 2},label", "remark"])
            ends.append(len(bytes(ng)))
        ng.simple().statistics().section("<" if order == ">" else ">").interface()
        ends.append(ends[-1] + 24)
        ng.old_packet(b"old", 7)
        ends.append(len(bytes(ng)))
        yield f"pcapng {order}", bytes(ng.custom()), ends


def header_length(data):
    """What must be there before anything can be said: the file header, the section header block."""
    return int.from_bytes(data[4:8], "little" if data[8] == 0x4D else "big") \
        if data[:4] == b"\n\r\r\n" else 24


def cuts(data, ends, step):
    """Lengths: where packets end and a byte beside, and every `step` bytes between them."""
    beside = {end + by for end in [header_length(data), *ends] for by in (-1, 0, 1)}
    return sorted(beside.union(range(1, len(data), step)) & set(range(1, len(data))), reverse=True)


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "select"])
def test_prefixes(run, tmp_path, command, sanitized):
    """Cut anywhere: no crash; all whole packets come out; what is left over is an error."""
    words, capture, output = COMMANDS[command], tmp_path / "in", tmp_path / "out"
    # Odd, so that each place in a word has its turn.
    step = (5 if command == "strip" else 11) * (7 if sanitized else 1)
    for kind, data, ends in small_captures():
        header = header_length(data)
        for length in cuts(data, ends, step):
            if output.is_dir():
                shutil.rmtree(output)
            output.unlink(missing_ok=True)
            capture.write_bytes(data[:length])
            done = run(*words, capture, check=False, cwd=tmp_path)
            whole = sum(end <= length for end in ends)
            place = (command, kind, length, done.stderr)
            if done.returncode != 0:
                lines = [line for line in done.stderr.splitlines() if f"{capture}: " in line]
                assert done.returncode == 1 and len(lines) == 1, place
                assert ": offset " in lines[0] and "expected" in lines[0] or length < 12, place
            if not output.exists():
                if command == "info":
                    assert f"\nPackets            {whole}\n" in done.stdout or length < header, place
                else:
                    assert length < header, place
                continue
            if command == "split":
                labelled = min(whole, 3) if kind.startswith("pcapng") else 0
                found = [packet for path in output.glob("*.pcap") for packet in read_packets(path)]
                assert len(found) == labelled, place
            else:
                assert len(read_packets(output)) == whole, place
    assert entries(tmp_path) in (["in"], ["in", "out"])


@pytest.mark.parametrize("command", ["sort", "strip", "split"])
def test_compressed_captures_that_are_cut(run, tmp_path, command):
    """What can be unpacked comes out. The checksums at the end are missed when they are missing."""
    data = bytes(labelled(200))
    packets = [(packet.time_ns, packet.data) for packet in read_bytes_as(tmp_path, data)]
    for name, packed in (("gzip", gzip.compress(data)), ("zstd", zstd(data))):
        most = -1
        for length in [*range(1, len(packed), 97), len(packed) - 1]:
            output = tmp_path / "out"
            shutil.rmtree(output, ignore_errors=True)
            (tmp_path / "in").write_bytes(packed[:length])
            words = [word.replace("out", "out.pcapng") for word in COMMANDS[command]]
            done = run(*words, "-f", "in", check=False, cwd=tmp_path)
            assert done.returncode == 1 and "in: " in done.stderr, (name, length)
            if command == "split":
                found = [packet for path in (tmp_path / "out.pcapng").glob("*.pcap")
                         for packet in read_packets(path)]
            else:
                found = (read_packets(tmp_path / "out.pcapng")
                         if (tmp_path / "out.pcapng").exists() else [])
            assert {(packet.time_ns, packet.data) for packet in found} <= set(packets)
            if name == "gzip" and command == "strip":
                assert len(found) >= most
                most = len(found)
        assert len(found) == len(packets) or name == "zstd"


def read_bytes_as(folder, data):
    (folder / "whole").write_bytes(data)
    return read_packets(folder / "whole")


def zstd(data):
    return subprocess.run(["zstd", "-qc"], input=data, capture_output=True, check=True).stdout


def test_damage_in_several_inputs_is_told_of_each(run, tmp_path):
    for name, length in (("a", -1), ("b", -2), ("c", None)):
        (tmp_path / name).write_bytes(bytes(labelled())[:length])
    done = run("sort", "-o", "out", "a", "b", "c", check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert [line.split(": offset")[0] for line in done.stderr.splitlines()] == [
        "labelcap sort: a", "labelcap sort: b",
        "labelcap sort: warning: 2 inputs damaged: the run went on with what comes before the "
        "damage", "labelcap sort: sorted 7 packets of 3 samples"]
    assert len(read_packets(tmp_path / "out")) == 2 + 2 + 3


@pytest.fixture(scope="module")
def malformed(shared):
    """All that were made for one fault each, and of the others some of each kind."""
    folder = shared / "captures/malformed"
    paths = {path for path in (folder / "derived").iterdir()} | set(of_each_kind(folder.rglob("*")))
    assert len(paths) > 70
    return sorted(paths)


def test_malformed_captures(run, malformed, tmp_path):
    """No crash and no finding of a sanitizer; what comes out is sound; status 0 or 1."""
    for path in malformed:
        statuses = set()
        for words in (["info", "--json"], ["strip", "-f", "-o", "stripped"],
                      ["sort", "-f", "-o", "sorted"], ["sort", "-f", "--memory", "1M", "--by",
                                                       "time", "-o", "by time"],
                      ["split", "-f", "-O", "samples"]):
            statuses.add(run(*words, path, check=False, cwd=tmp_path, timeout=30,
                             text=False).returncode)
        assert len(statuses) == 1 and statuses < {0, 1}, (path, statuses)
        outputs = [tmp_path / name for name in ("stripped", "sorted", "by time")]
        assert len({len(packets(walk(output))) for output in outputs if output.exists()}) <= 1, path
        for output in outputs:
            output.unlink(missing_ok=True)
        shutil.rmtree(tmp_path / "samples", ignore_errors=True)


def test_malformed_captures_as_data_sets(run, malformed, tmp_path):
    """None of them has a label: there is nothing to index and nothing to select."""
    for path in malformed:
        shutil.copy(path, tmp_path / "in")
        for words in (["index", "in"], ["select", "-o", "out", "--first", "1", "in"]):
            done = run(*words, check=False, cwd=tmp_path, timeout=30)
            assert done.returncode == 1 and done.stderr, path
        assert entries(tmp_path) == ["in"]


def test_arrays_of_malformed_captures(run, shared, tmp_path):
    """Each form has rows of what can be read of them all."""
    (tmp_path / "rules").write_text("EACH:file,all\n")
    run("label", "-q", "--sort", "--relabel", "-L", "rules", "-o", "in", shared / "captures/malformed",
        check=False, cwd=tmp_path)
    for form in ["bytes --packets=3 --bytes=20", "yatc", "netmamba", "nprint", "etbert", "pcapencoder",
                 "trafficformer", "netfound"]:
        done = run("arrays", "-f", "-q", "--json", "--form", *form.split(), "-o", "out.arrow", "in", cwd=tmp_path)
        assert json.loads(done.stdout)["rows"] > 70, form


def test_what_is_labelled_of_malformed_captures(run, shared, malformed, tmp_path):
    """A data set, of which nothing is lost; the last one is made of all of them."""
    (tmp_path / "rules").write_text("SCOPE:flow|EACH:flow|EACH:window:1,flow\nEACH:packet,rest\n")
    compared = 0
    for path in [*malformed, shared / "captures/malformed"]:
        done = run("label", "-f", "-q", "-L", "rules", "-o", "in", "--json", path, check=False,
                   cwd=tmp_path, timeout=30)
        again = run("compare", path, path, check=False, cwd=tmp_path, timeout=30)
        assert {done.returncode, again.returncode} <= {0, 1}, path
        labelled = json.loads(done.stdout)["labelled"] if done.stdout else 0
        if labelled == 0:
            continue
        run("index", "-f", "-q", "in", cwd=tmp_path, timeout=30)
        run("select", "-f", "-q", "-o", "out", "--label", "*", "in", cwd=tmp_path, timeout=30)
        report = json.loads(run("compare", "--json", "in", "out", cwd=tmp_path, timeout=30).stdout)
        assert report["agreed"] == report["test_packets"] == labelled, path
        compared += 1
    assert compared > 40 and labelled > 3000


# ---- outputs ----


@pytest.mark.parametrize("command", WRITERS)
def test_outputs_that_are_none(run, folder, command):
    words = [word for word in WRITERS[command] if word not in ("-o", "out")]
    (folder / "there").write_text("keep me")
    (folder / "folder").mkdir()
    for output, message in (
            ("there", "there: already exists (use -f to replace it)"),
            ("folder", "folder: is a directory, not a file"),
            ("folder/", "'folder/' is not a file name"),
            ("none/out", "none: cannot create a file in it: No such file or directory"),
            ("there/out", "there/out: cannot open: Not a directory"),
    ):
        fails(run, folder, [*words, "-o", output, "in.pcapng"], message)
    assert (folder / "there").read_text() == "keep me"
    run(*words, "-f", "-o", "there", "in.pcapng", cwd=folder)
    assert len(read_packets(folder / "there")) == 3


@pytest.mark.parametrize("command", WRITERS)
def test_outputs_are_looked_at_first(program, folder, command):
    """Not after an hour of reading: no input is opened where the output exists."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    (folder / "out").touch()
    done = subprocess.run(["strace", "-f", "-o", "trace", "-e", "trace=openat,open", program,
                           *WRITERS[command], "in.pcapng"], cwd=folder, capture_output=True,
                          text=True, timeout=60, env=clean_environment({"ASAN_OPTIONS":
                                                                        "detect_leaks=0"}))
    trace = (folder / "trace").read_text()
    if done.returncode != 1 or "openat" not in trace:
        pytest.skip("strace cannot trace here")
    assert done.stderr == (f"labelcap {command.split()[0]}: out: already exists (use -f to replace "
                           "it)\n")
    assert "in.pcapng" not in trace


@pytest.mark.parametrize("command", WRITERS)
def test_output_is_the_input(run, folder, command):
    """By any name, also with -f; the file stays as it was."""
    words = [word for word in WRITERS[command] if word not in ("-o", "out")]
    os.link(folder / "in.pcapng", folder / "hard")
    (folder / "soft").symlink_to("in.pcapng")
    data = (folder / "in.pcapng").read_bytes()
    for output in ("in.pcapng", "hard", "soft", "../" + folder.name + "/in.pcapng"):
        for given in ("in.pcapng", "hard", "soft"):
            done = run(*words, "-f", "-o", output, given, check=False, cwd=folder)
            assert done.returncode == 1 and "is the same file as" in done.stderr
            assert (folder / "in.pcapng").read_bytes() == data
    # Redirections: what is read is appended to.
    with open(folder / "in.pcapng", "rb") as source, open(folder / "in.pcapng", "ab") as sink:
        for given, output in (("in.pcapng", "-"), ("-", "-"), ("-", "in.pcapng"),
                              ("in.pcapng", "/dev/stdout")):
            done = subprocess.run([run_path(run), *words, "-f", "-o", output, given], stdin=source,
                                  stdout=sink, stderr=subprocess.PIPE, text=True, cwd=folder,
                                  timeout=20, env=clean_environment())
            assert done.returncode == 1 and "is the same file as" in done.stderr, (given, output)
            assert (folder / "in.pcapng").read_bytes() == data
    assert entries(folder) == ["hard", "in.pcapng", "soft"]


def run_path(run):
    """The program that the fixture `run` runs."""
    return run.__closure__[0].cell_contents


@pytest.mark.parametrize("command", WRITERS)
def test_output_to_a_fifo_or_device(run, folder, command):
    """Written to, never renamed over."""
    words = [word for word in WRITERS[command] if word not in ("-o", "out")]
    expected = run(*words, "-o", "-", "in.pcapng", cwd=folder, text=False).stdout
    os.mkfifo(folder / "fifo")
    (folder / "link to fifo").symlink_to("fifo")
    for name in ("fifo", "link to fifo"):
        read = []
        reader = threading.Thread(target=lambda: read.append((folder / "fifo").read_bytes()))
        reader.start()
        run(*words, "-o", name, "in.pcapng", cwd=folder, timeout=20)
        reader.join(timeout=20)
        assert read == [expected] and (folder / "fifo").is_fifo()
    before = os.stat("/dev/null")
    run(*words, "-o", "/dev/null", "in.pcapng", cwd=folder)
    assert os.stat("/dev/null").st_ino == before.st_ino
    for name in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"):
        done = run(*words, "-o", name, "in.pcapng", cwd=folder, text=False)
        assert done.stdout == expected
    assert entries(folder) == ["fifo", "in.pcapng", "link to fifo"]


@pytest.mark.parametrize("command", WRITERS)
def test_a_fifo_as_the_input(run, folder, command):
    words = WRITERS[command]
    data = (folder / "in.pcapng").read_bytes()
    os.mkfifo(folder / "fifo")
    writer = threading.Thread(target=lambda: (folder / "fifo").write_bytes(data))
    writer.start()
    run(*words, "fifo", cwd=folder, timeout=20)
    writer.join(timeout=20)
    assert len(read_packets(folder / "out")) == 3
    with subprocess.Popen(["cat", "in.pcapng"], stdout=subprocess.PIPE, cwd=folder) as cat:
        run(*words, "-f", "/dev/stdin", cwd=folder, stdin=cat.stdout, timeout=20)
    assert len(read_packets(folder / "out")) == 3


# ---- full disks, unwritable places, closed pipes ----


def full(name, *where):
    return f"labelcap {name}: {''.join(where)}: cannot write: No space left on device\n"


@pytest.mark.parametrize("command", WRITERS)
def test_a_device_that_is_full(run, folder, command):
    words = [word for word in WRITERS[command] if word not in ("-o", "out")]
    fails(run, folder, [*words, "-o", "/dev/full", "in.pcapng"],
          "/dev/full: cannot write: No space left on device")
    with open("/dev/full", "wb") as sink:
        done = subprocess.run([run_path(run), *words, "-o", "-", "in.pcapng"], stdout=sink,
                              stderr=subprocess.PIPE, text=True, cwd=folder, timeout=20)
    assert (done.returncode, done.stderr) == (
        1, full(command.split()[0], "standard output"))


def test_a_disk_that_is_full(run, folder):
    """The error names the file; nothing is left on the disk, and what was there stays."""
    ng = Ng().interface()
    for number in range(1500):
        ng.packet(bytes(1000), 5000 - number, [f"{number % 7},x"])
    (folder / "big.pcapng").write_bytes(bytes(ng))
    with small_disk(folder) as disk:
        for words in (["strip", "-o"], ["strip", "--format", "pcap", "-o"], ["sort", "-o"]):
            for name in ("out", "old"):
                (disk / "old").write_text("keep me")
                done = run(*words, f"disk/{name}", "-f", "big.pcapng", check=False, cwd=folder)
                assert (done.returncode, done.stderr) == (1, full(words[0], f"disk/{name}"))
                assert entries(disk) == ["old"] and (disk / "old").read_text() == "keep me"
        (disk / "old").unlink()
        done = run("sort", "--memory", "1M", "-o", "-", "--tmpdir", "disk", "-",
                   check=False, cwd=folder, text=False, input=bytes(ng))
        assert done.returncode == 1 and entries(disk) == []
        assert done.stderr.startswith(b"labelcap sort: disk: cannot write temporary file: No space")
        done = run("split", "-O", "disk/out", "big.pcapng", check=False, cwd=folder)
        assert done.returncode == 1 and done.stderr.startswith("labelcap split: ")
        assert done.stderr.endswith(": cannot write: No space left on device\n")
        assert entries(disk) == []


def test_a_mount_point_as_the_directory_of_samples(run, folder):
    """It cannot be renamed over; files are built in it."""
    with small_disk(folder) as disk:
        run("split", "-O", "disk", "in.pcapng", cwd=folder)
        assert entries(disk) == ["0_label.pcap", "1_label.pcap", "2_label.pcap", "metadata.csv"]
        run("split", "-f", "--format", "pcapng", "-O", "disk", "in.pcapng", cwd=folder)
        assert entries(disk) == ["0_label.pcapng", "1_label.pcapng", "2_label.pcapng",
                                 "metadata.csv"]


def as_nobody(program, folder, words):
    """Runs the program, copied to where all may read it, as the user nobody."""
    if os.getuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("needs root and setpriv")
    with open_copy(program) as copy:
        return subprocess.run(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", copy, *words],
            capture_output=True, text=True, cwd=folder, timeout=20, env=clean_environment())


@contextmanager
def open_copy(program):
    """pytest's folders are closed to others; so the copy lies elsewhere, and is gone afterwards."""
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        yield shutil.copy(program, place)


@pytest.fixture
def open_folder():
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        (Path(place) / "in.pcapng").write_bytes(bytes(labelled()))
        yield Path(place)


def test_a_directory_that_may_not_be_written(program, open_folder):
    (open_folder / "there").mkdir()
    for words, message in (
            (["sort", "-o", "out"], ".: cannot create a file in it"),
            (["strip", "-o", "out"], ".: cannot create a file in it"),
            (["split", "-O", "out"], ".: cannot create a directory in it"),
            (["split", "-O", "there"], f"{open_folder}/there: cannot create a directory in it"),
    ):
        done = as_nobody(program, open_folder, [*words, "in.pcapng"])
        assert (done.returncode, done.stderr) == (
            1, f"labelcap {words[0]}: {message}: Permission denied\n")
        assert entries(open_folder) == ["in.pcapng", "there"]
    # A directory that is there is all that is needed, also for what is spilled.
    os.chmod(open_folder / "there", 0o777)
    ng = Ng().interface()
    for number in range(2000):
        ng.packet(bytes(1000), number, [f"{number % 3},label"])
    (open_folder / "in.pcapng").write_bytes(bytes(ng))
    done = as_nobody(program, open_folder, ["split", "--memory", "1M", "-O", "there", "in.pcapng"])
    assert done.returncode == 0, done.stderr
    assert len(entries(open_folder / "there")) == 4


@pytest.mark.parametrize("words", [["sort", "-o", "-"], ["strip", "-o", "-"],
                                   ["strip", "--format", "pcap", "-o", "-"]])
def test_a_closed_pipe(program, folder, words):
    """`| head -c 10`: an error like any other; no signal."""
    (folder / "big.pcapng").write_bytes(bytes(labelled(20_000)))
    first = subprocess.Popen([program, *words, "big.pcapng"], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, cwd=folder)
    head = subprocess.run(["head", "-c", "10"], stdin=first.stdout, capture_output=True)
    first.stdout.close()
    _, message = first.communicate(timeout=20)
    assert len(head.stdout) == 10
    assert (first.returncode, message.decode()) == (
        1, f"labelcap {words[0]}: standard output: cannot write: Broken pipe\n")


def test_info_to_a_full_or_closed_output(program, folder):
    for words in (["info", "in.pcapng"], ["info", "--json", "in.pcapng"]):
        with open("/dev/full", "wb") as sink:
            done = subprocess.run([program, *words], stdout=sink, stderr=subprocess.PIPE,
                                  text=True, cwd=folder, timeout=20)
        assert (done.returncode, done.stderr) == (1, full("info", "standard output"))


@pytest.mark.parametrize("output", ["-", "/dev/stdout", "/dev/fd/1", "fifo"])
def test_where_a_sort_into_a_stream_spills(run, folder, output):
    """Not into /dev, nor where one happens to stand: TMPDIR, as of sort(1)."""
    words = ["sort", "--memory", "1M", "-o", output, "-"]
    ng = Ng().interface()
    for number in range(2000):
        ng.packet(bytes(1000), 5000 - number, ["7,x"])
    (folder / "tmp").mkdir()
    os.mkfifo(folder / "fifo")
    if output != "fifo":
        done = run(*words, cwd=folder, env={"TMPDIR": str(folder / "tmp")}, text=False,
                   input=bytes(ng))
        assert len(done.stdout) == len(bytes(ng)) and entries(folder / "tmp") == []
    fifo = os.open(folder / "fifo", os.O_RDWR)  # so that the program need not wait for a reader
    done = run(*words, cwd=folder, env={"TMPDIR": "/nowhere"}, check=False, text=False,
               input=bytes(ng))
    os.close(fifo)
    assert (done.returncode, done.stderr) == (
        1, b"labelcap sort: /nowhere: cannot create a temporary file in it: No such file or "
        b"directory\n")
