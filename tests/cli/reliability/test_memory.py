"""Memory: 64 MiB whatever the size of the input, 300 bytes a sample, 2 KiB a rule."""

import gzip
import shutil
import subprocess
import sys

import pytest

from captures import Ng
from surroundings import clean_environment

MIB = 1 << 20
SAMPLES = 150_000
FILES = 10_000

# Run apart, because the kernel counts the memory of who starts a program as the program's own.
MEASURE = """
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Goes away at once: the files are large."""
    path = tmp_path_factory.mktemp("memory")
    yield path
    shutil.rmtree(path)


def write_labelled(path, samples, label="label of {}"):
    """Two packets of every sample, far apart; by default each sample has a label of its own."""
    with open(path, "wb") as out:
        out.write(bytes(Ng().interface()))
        for start in range(0, 2 * samples, 1000):
            ng = Ng()
            ng.data = b""
            for number in range(start, start + 1000):
                sample = number % samples
                ng.packet(b"x" * 60, 10**15 + number,
                          [f"{sample * 11400714819323198485 % 2**64},{label.format(sample)}"])
            out.write(bytes(ng))
    return path


@pytest.fixture(scope="module")
def labelled(folder):
    return write_labelled(folder / "labelled.pcapng", SAMPLES)


def peak(program, *arguments, cwd=None):
    """The most memory that a run had, in bytes."""
    done = subprocess.run([sys.executable, "-c", MEASURE, program, *map(str, arguments)],
                          capture_output=True, text=True, env=clean_environment(), cwd=cwd)
    assert done.returncode == 0, done.stderr
    return int(done.stdout) * 1024


@pytest.fixture(autouse=True)
def limits_hold(sanitized):
    if sanitized:
        pytest.skip("a sanitizer takes memory of its own")


@pytest.mark.parametrize("command", [
    ["info"], ["info", "--samples"], ["info", "--json", "--samples"],
    ["strip", "-q", "-W", "-"], ["sort", "-q", "--memory", "16M", "-W", "-"],
])
def test_memory_a_sample(program, labelled, command):
    assert peak(program, *command, labelled) < 64 * MIB + 300 * SAMPLES


def test_memory_of_long_labels(program, folder):
    """Threads hold what they have labelled until it is their turn to write."""
    ng = Ng().interface()
    for number in range(12_000):
        ng.packet(b"x" * 20, number)
    (folder / "short.pcapng").write_bytes(bytes(ng))
    (folder / "long.csv").write_text(f"BPF:less 100,{'m' * 20_000},\n")
    assert peak(program, "label", "-q", "-j", "2", "-L", folder / "long.csv", "-f", "-o", "/dev/null",
                folder / "short.pcapng") < 64 * MIB


def test_memory_a_sample_of_check(program, folder):
    """100 bytes a sample besides metadata and duplicates; the latter keep to --memory."""
    few, many = (write_labelled(folder / f"{samples}.pcapng", samples, "web")
                 for samples in (1000, SAMPLES))
    least = peak(program, "check", "--no-duplicates", few)
    assert peak(program, "check", "--no-duplicates", many) < least + 100 * SAMPLES
    assert peak(program, "check", "--memory", "8M", many) < least + 100 * SAMPLES + 10 * MIB
    assert peak(program, "compare", "--memory", "8M", many, many) < least + 10 * MIB


def test_memory_a_sample_file(program, folder):
    capture = write_labelled(folder / "few.pcapng", FILES)
    most = peak(program, "split", "-q", "-O", folder / "samples", capture)
    assert most < 64 * MIB + 300 * FILES


def test_memory_of_a_large_capture(program, labelled, folder):
    """Of 300 MiB, whose labels are replaced by two."""
    rules = folder / "rules.csv"
    rules.write_text("TS_END:1000000000,early\nBPF:len > 10,late\n")
    large = folder / "large.pcapng"
    data = labelled.read_bytes()
    with open(large, "wb") as out:
        while out.tell() < 300 * MIB:
            out.write(data)
    most = max(peak(program, "label", "--relabel", "-L", rules, "-W", "-", large),
               peak(program, "strip", "-W", "-", large))
    large.unlink()
    assert most < 64 * MIB


def write_flows(path, count):
    """A flow of one packet every second, of one host after the other: raw IPv4, UDP."""
    head = bytes.fromhex("4500001e000000004011000000000000c00002010007003500 0a0000")
    with open(path, "wb") as out:
        out.write(bytes(Ng().interface(linktype=101)))
        for start in range(0, count, 1000):
            ng = Ng()
            ng.data = b""
            for n in range(start, start + 1000):
                ng.packet(head[:12] + n.to_bytes(4, "big") + head[16:] + b"xx", (10**9 + n) * 10**6)
            out.write(bytes(ng))
    return path


def test_memory_of_each(program, folder):
    """Only open flows are remembered, and not more than 2^20 samples of hosts."""
    capture, rules = write_flows(folder / "flows.pcapng", 300_000), folder / "each.csv"
    rules.write_text("EACH:flow,x\n")
    plain = peak(program, "label", "-q", "--dry-run", "-L", rules, write_flows(folder / "few.pcapng",
                                                                            1000))
    assert peak(program, "label", "-q", "--dry-run", "-L", rules, capture) < plain + MIB
    rules.write_text("EACH:host:0.0.0.0/8,x\n")
    assert peak(program, "label", "-q", "--dry-run", "-L", rules, capture) < plain + 60 * 300_000


def test_memory_of_sorting_each_linktype(program, folder):
    """--memory is for all link types together."""
    rules = folder / "rules.csv"
    rules.write_text("BPF:len > 10,all\n")
    large = folder / "large.pcapng"
    packets = Ng()
    packets.data = b""
    for number in range(3000):
        packets.packet(bytes(1000), number, interface=number % 3)
    with open(large, "wb") as out:
        out.write(bytes(Ng().interface().interface(linktype=101).interface(linktype=276)))
        for _ in range(60):
            out.write(bytes(packets))
    most = peak(program, "label", "-s", "--memory", "60M", "--split-linktypes", "-L", rules, "-W",
                folder / "out.pcapng", large)
    large.unlink()
    assert sorted(path.name for path in folder.glob("out*")) == [
        "out.ethernet.pcapng", "out.linux_sll2.pcapng", "out.raw.pcapng"]
    assert most < 60 * MIB + 32 * MIB


def test_memory_a_rule(program, folder):
    count = 20_000
    rules = folder / "many.csv"
    rules.write_text("".join(f"BPF:host 10.{n >> 16}.{n >> 8 & 255}.{n & 255} and tcp port "
                             f"{n % 60000 + 1},rule {n}\n" for n in range(count)))
    capture = folder / "one.pcapng"
    capture.write_bytes(bytes(Ng().interface().packet(b"x" * 60)))
    assert peak(program, "label", "--dry-run", "--keep-unmatched", "-L", rules,
                capture) < 64 * MIB + 2048 * count


@pytest.fixture(scope="module")
def long_labels(folder):
    """60 MB of labels in 0.1 MB."""
    path = folder / "long.pcapng.gz"
    head = bytes(Ng().interface())
    with gzip.open(path, "wb", compresslevel=1) as out:
        out.write(head)
        for number in range(900):
            ng = Ng().interface().packet(bytes(60), 10**15 + number,
                                         [f"{number},{number} {'x' * 65000}"])
            out.write(bytes(ng)[len(head):])
    return path


@pytest.mark.parametrize("command", [
    ("sort", "--memory", "8M", "-o", "out.pcapng"), ("info", "--json"), ("split", "-o", "out"),
    ("flows", "-o", "out.csv"), ("check",),
])
def test_long_labels_in_a_small_file(program, tmp_path, sanitized, long_labels, command):
    """They wait on the disk."""
    if sanitized:
        pytest.skip("a sanitizer takes memory of its own")
    assert peak(program, *command, long_labels, cwd=tmp_path) < 36 * MIB
