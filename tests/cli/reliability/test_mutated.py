"""Captures whose bytes break the draft: what is written keeps to it all the same."""

import random
import shutil
import struct

import pytest

from captures import Ng, padded, read_packets
from pcapng_walk import INTERFACE, NAMES, PACKET, SECRETS, walk

TSRESOL, FILTER, TSOFFSET = 9, 11, 14  # of interfaces
FLAGS, HASH, QUEUE = 2, 3, 6  # of packets
OUTPUTS = {
    "label": ["label", "--relabel", "--keep-unmatched", "-L", "rules.csv", "-W", "out/0.pcapng"],
    "strip": ["strip", "-W", "out/0.pcapng"],
    "sort": ["sort", "-W", "out/0.pcapng"],
    "split": ["split", "--format", "pcapng", "-O", "out"],
}


@pytest.fixture
def write(run, tmp_path):
    """write(command, data): runs it over a capture. Returns its outputs and what it said."""
    (tmp_path / "rules.csv").write_text("BPF:greater 0,all\n")

    def write_by(command, data, check=True):
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        if command != "split":
            (tmp_path / "out").mkdir()
        (tmp_path / "in.pcapng").write_bytes(data)
        done = run(*OUTPUTS[command], "in.pcapng", cwd=tmp_path, check=check)
        return sorted((tmp_path / "out").glob("*.pcapng")), done.stderr

    return write_by


@pytest.mark.parametrize("command", OUTPUTS)
def test_bytes_at_random(write, shared, command, sanitized):
    """Whatever is changed, each output stands up to a strict walk of its blocks."""
    captures = [path.read_bytes() for path in sorted((shared / "captures").rglob("*.pcapng"))
                if path.stat().st_size < 4096]
    assert len(captures) > 80
    if command == "split":  # nothing comes out of packets without a label
        captures = [path.read_bytes() for capture in captures
                    for path in write("label", capture, check=False)[0]]
    chance = random.Random(f"mutated {command}")
    walked = 0
    for _ in range(40 if sanitized else 150):
        data = bytearray(chance.choice(captures))
        for _ in range(chance.randint(1, 3)):
            data[chance.randrange(len(data))] = chance.choice([*range(20), 255,
                                                               chance.randrange(256)])
        outputs, _ = write(command, bytes(data), check=False)
        for path in outputs:
            walk(path)
            walked += 1
    assert walked > 10


@pytest.mark.parametrize("command", ["strip", "sort", "split"])
@pytest.mark.parametrize("order", "<>")
def test_options_of_a_wrong_length_or_twice(write, command, order):
    """They are left out and counted; the first good one holds, in the times as in the output."""
    offset = struct.pack(order + "q", 7)
    ng = Ng(order).interface(options=[
        (TSRESOL, b"\3\0\0"), (TSRESOL, b"\3"), (TSRESOL, b"\6"), (TSOFFSET, bytes(4)),
        (TSOFFSET, offset), (TSOFFSET, bytes(8)), (FILTER, b""), (4, bytes(8)), (4, bytes(8)),
        (5, bytes(16)), (2988, b"abc"), (999, b"x"), (999, b"y")])
    for _ in range(2):
        ng.packet(b"data", 5000, ["7,web"], options=[
            (QUEUE, b"\1"), (FLAGS, bytes(3)), (FLAGS, bytes(4)), (FLAGS, b"same"), (HASH, b""),
            (HASH, b"\2x")])
    (output,), said = write(command, bytes(ng))
    blocks = walk(output)
    assert [block.options for block in blocks if block.type == INTERFACE] == [
        [(TSRESOL, b"\3"), (TSOFFSET, offset), (4, bytes(8)), (4, bytes(8)), (999, b"x"),
         (999, b"y")]]
    assert [block.options[-2:] for block in blocks if block.type == PACKET] == [
        [(FLAGS, bytes(4)), (HASH, b"\2x")]] * 2
    assert f"labelcap {command}: 15 malformed options left out\n" in said
    assert [packet.time_ns for packet in read_packets(output)] == [12 * 10**9] * 2


@pytest.mark.parametrize("command", OUTPUTS)
def test_names_and_secrets(write, command):
    """A wrong record goes alone, a block whose parts cannot be told apart as a whole."""
    ng = Ng().interface()

    def record(kind, value, length=None):
        return ng.pack("HH", kind, len(value) if length is None else length) + padded(value)

    good = record(1, b"\x7f\0\0\1host\0") + record(77, b"unknown")
    wrong = record(1, b"\x7f\0\0\1host") + record(2, b"") + record(4, b"\x7f\0\0\1")
    ng.block(NAMES, good + wrong + bytes(4)).block(NAMES, good)  # without nrb_record_end
    ng.block(NAMES, good + record(1, b"", 500)).block(NAMES, good + record(0, b"more"))
    ng.block(SECRETS, ng.pack("II", 1, 500) + bytes(4)).block(SECRETS, bytes(4)).secrets(b"whole")
    ng.packet(b"data", 5, ["7,web"])
    (output,), said = write(command, bytes(ng))
    blocks = walk(output)
    assert [block.body for block in blocks if block.type == NAMES] == [good + bytes(4)] * 2
    assert [block.data for block in blocks if block.type == SECRETS] == [b"whole"]
    assert f"labelcap {command}: 3 malformed name records left out\n" in said
    assert f"labelcap {command}: 4 malformed blocks left out\n" in said


@pytest.mark.parametrize("command", OUTPUTS)
def test_padding_is_written_as_zeros(write, command):
    data = bytes(Ng().interface(options=[(2, b"eth0x")]).secrets(b"s" * 5).packet(
        b"12345", 5, ["7,webxy"], options=[(1, b"there")]))
    for text in (b"eth0x", b"sssss", b"12345", b"there"):
        assert text + bytes(3) in data
        data = data.replace(text + bytes(3), text + b"pad")
    (output,), _ = write(command, data)
    assert b"pad" not in output.read_bytes()
    walk(output)
