"""--shard with BGZF: the blocks of one file are divided, and the result is that of one process."""

import gzip
import random
import subprocess

import pytest

from captures import Ng, bgzf, pcap
from sharding import merge, part_of, run_shards

EPOCH = 1_600_000_000 * 10**9


@pytest.fixture
def rules(tmp_path):
    path = tmp_path / "rules.csv"
    path.write_text("BPF:len >= 0,all\n")
    return path


def packed_twice(data):
    """Two files of BGZF, one after the other: an empty block is in the middle."""
    half = len(data) // 2
    return bgzf(data[:half], 3000) + bgzf(data[half:], 700)


def records(count, size=300, seed=1):
    chance = random.Random(seed)
    return [(chance.randbytes(chance.randrange(20, size)), EPOCH + number * 10**6)
            for number in range(count)]


def same_as_one_process(run, tmp_path, count, output, *command, kind="pcapng", mended=False):
    """All shards begin by a guess. Guesses that are wrong are mended by shards in order."""
    one = tmp_path / ("one-" + output)
    whole = run(*command, "-q", "--no-sync", "-o", one, check=False)
    path = tmp_path / output
    parts = run_shards(run, count, path, *command, order=reversed(range(count)), kind=kind,
                       check=False)
    done = merge(run, path, parts, check=False)
    if mended:
        assert done.returncode == 1 and "run shard" in done.stderr
        run_shards(run, count, path, *command, kind=kind, check=False)
        done = merge(run, path, parts, check=False)
    assert done.returncode == whole.returncode, done.stderr
    assert path.read_bytes() == one.read_bytes(), count
    return whole, done


def packets_of(part):
    """Those of each segment, by the joint."""
    lines = part.with_name(part.name + ".joint").read_text().splitlines()
    return [int(line.split()[4]) for line in lines if line.startswith("segment ")]


@pytest.mark.parametrize("name, pack", [
    ("bulk/iti-ModbusTCP.pcap", packed_twice), ("bulk/iti-ModbusTCP.pcap", None),
    ("bulk/ndpi-quic-33.pcapng", packed_twice)])
def test_one_real_capture_in_1_2_7_and_24_shards(run, tmp_path, rules, shared, name, pack):
    capture = tmp_path / "in.gz"
    data = (shared / "captures" / name).read_bytes()
    capture.write_bytes(pack(data) if pack else subprocess.run(
        ["bgzip", "-c"], input=data, capture_output=True, check=True).stdout)
    for count in (1, 2, 7, 24) if pack else (2, 24):
        output = f"{count}.pcapng"
        same_as_one_process(run, tmp_path, count, output, "label", "-L", rules, capture)
    if pack:
        busy = [sum(packets_of(part_of(tmp_path / "7.pcapng", number, 7))) for number in range(7)]
        assert min(busy) > max(busy) / 20, "all shards have something to do"


@pytest.mark.parametrize("command, output, kind", [
    (["sort", "--by", "time"], "out.pcapng", "pcapng"), (["flows"], "out.csv", "rows")])
def test_other_commands(run, tmp_path, rules, shared, command, output, kind):
    capture = tmp_path / "in.gz"
    capture.write_bytes(packed_twice((shared / "captures/bulk/ndpi-quic-33.pcapng").read_bytes()))
    if command[0] == "flows":
        run_shards(run, 7, tmp_path / output, *command, "--buckets", "write", capture)
        one = tmp_path / "one.csv"
        run(*command, "-q", "-o", one, capture)
        parts = run_shards(run, 7, tmp_path / output, *command, "--buckets", "read", capture,
                           kind=kind)
        merge(run, tmp_path / output, parts)
        assert (tmp_path / output).read_bytes() == one.read_bytes()
    else:
        same_as_one_process(run, tmp_path, 7, output, *command, capture, kind=kind)


def captures_in_packets():
    """Packets that hold BGZF of captures, as a transfer of such a file over a loopback has them."""
    chance = random.Random(1)
    packets = []
    for number in range(160):
        inner = pcap([(chance.randbytes(40), EPOCH + k * 1000) for k in range(80)])[24:]
        packets.append((b"head" + bgzf(inner, 600), EPOCH + number * 10**6))
    return pcap(packets)


def test_bgzf_in_packets_in_bgzf(run, tmp_path, rules):
    """Stored, so that the inner blocks stand in the file as they are: guesses are wrong, and
    found."""
    capture = tmp_path / "in.gz"
    capture.write_bytes(bgzf(captures_in_packets(), 30000, level=0))
    same_as_one_process(run, tmp_path, 9, "out.pcapng", "label", "-L", rules, capture,
                        mended=True)


def test_damage_is_told_where_one_process_finds_it(run, tmp_path, rules):
    """In what is packed, and in the packing; and no shard goes on behind it."""
    data = bytearray(pcap(records(300)))
    record = len(pcap(records(300)[:200]))
    data[record:record + 16] = b"\xff" * 16
    coded = bytearray(bgzf(pcap(records(300))))
    coded[len(coded) * 2 // 3] ^= 1
    for number, content in enumerate((bgzf(data), coded)):
        capture = tmp_path / f"{number}.pcap.gz"
        capture.write_bytes(content)
        command = ["label", "-L", rules, capture]
        path, one = tmp_path / f"{number}.pcapng", tmp_path / "one.pcapng"
        whole = run(*command, "-q", "-f", "-o", one, check=False)
        done = merge(run, path, run_shards(run, 5, path, *command, check=False), check=False)
        assert path.read_bytes() == one.read_bytes()
        told = [line for line in whole.stderr.splitlines() if "byte" in line or "offset" in line]
        assert told and all(line.split(": ", 1)[1] in done.stderr for line in told), done.stderr


@pytest.mark.parametrize("rest", [gzip.compress, lambda data: bgzf(data) + gzip.compress(b"")])
def test_gzip_that_begins_as_bgzf(run, tmp_path, rules, rest):
    """From where it is none, it can only be read by who comes from before."""
    data = bytes(Ng().interface()) + b"".join(
        bytes(Ng().interface(tsresol=9).packet(data, time)) for data, time in records(200))
    capture = tmp_path / "in.gz"
    capture.write_bytes(bgzf(data[:20000]) + rest(data[20000:]))
    command = ["label", "-L", rules, capture]
    path, one = tmp_path / "out.pcapng", tmp_path / "one.pcapng"
    run(*command, "-q", "-o", one)
    merge(run, path, run_shards(run, 9, path, *command, check=False))
    assert path.read_bytes() == one.read_bytes()


def test_an_index_of_sections_and_interfaces_in_the_middle(run, tmp_path):
    ng = Ng().interface(tsresol=9)
    for section in range(3):
        for number in range(200):
            ng.packet(random.Random(number).randbytes(60), EPOCH + number, interface=0,
                      comments=[f"{number // 50},meta"])
        if section < 2:
            ng.section("<>"[section]).interface(tsresol=9).interface(tsresol=6)
    data_set = tmp_path / "set.pcapng.gz"
    data_set.write_bytes(packed_twice(bytes(ng)))
    catalogue, one = tmp_path / "set.pcapng.gz.sqlite", tmp_path / "one.sqlite"
    run("index", "-q", data_set)
    catalogue.rename(one)
    for number in range(6):
        run("index", "-q", "--shard", f"{number}/6", data_set)
    merge(run, catalogue, [tmp_path / f"{catalogue.name}.{number}-of-6.outline"
                           for number in range(6)])
    assert catalogue.read_bytes() == one.read_bytes()
