"""label --shard with rules that ask for flows: what one process writes and reports, whatever of a
flow is in which shard, and files of another step that are missing, cut, or of another run."""

import random
import struct

import pytest

from captures import Ng, pcap
from sharding import same_as_one_process

EPOCH = 1_600_000_000 * 10**9
RAW_IP = 101

# The second, with the shards in order, proves the guesses of the first.
JOBS = ["--buckets=write", "--buckets=write", "--buckets=read"]

# Kinds alone and together, of which a packet may match many; the shortest time-outs end by time.
RULES = """SCOPE:flow:2|BPF:greater 90,first is long
EACH:flow:1|EACH:packet|BPF:udp port 7,one by one
SCOPE:flow|EACH:host:192.0.2.0/30|BPF:tcp[tcpflags] & tcp-syn != 0,connections
EACH:flow|EACH:window:0.5|BPF:udp and greater 70,windows
COMMENT:*kept*|SCOPE:flow,commented
EACH:flow:3|EACH:file|BPF:host 192.0.2.1,flows
BPF:icmp,pings
EACH:flow|TS_END:1600000001,early
EACH:window:1|BPF:not ip,others
EACH:packet|BPF:greater 64 and not tcp,rest
EACH:flow|BPF:less 1,never
"""


def ip(protocol, payload, ends, number=0, offset=0, more=False):
    flags = offset // 8 | (0x2000 if more else 0)
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), number, flags, 64, protocol, 0,
                       *[bytes([192, 0, 2, end]) for end in ends])


def datagrams(chance):
    """A packet of IP as its fragments, most in order; with that of one missing now and then."""
    ends = chance.sample(range(4), 2)
    ports = struct.pack(">HH", chance.choice((7, 9)), chance.choice((7, 53)))
    kind = chance.randrange(10)
    if kind < 4:
        flags = chance.choice((0x02, 0x12, 0x10, 0x10, 0x11, 0x04))
        head = ports + struct.pack(">IIBBHHH", chance.randrange(4), 0, 0x50, flags, 0, 0, 0)
        payload = head + bytes(chance.randrange(60))
        return [ip(6, payload, ends) + payload]
    if kind < 5:
        payload = struct.pack(">BBHHH", chance.choice((0, 8, 3)), 0, 0, 1, 1)
        return [ip(1, payload, ends) + payload]
    data = bytes(chance.randrange(20, 80))
    payload = ports + struct.pack(">HH", 8 + len(data), 0) + data
    if kind < 8:
        return [ip(17, payload, ends) + payload]
    number, pieces = chance.randrange(65536), []
    for offset in range(0, len(payload), 24):
        piece = payload[offset:offset + 24]
        pieces.append(ip(17, piece, ends, number, offset, offset + 24 < len(payload)) + piece)
    if chance.random() < 0.6:
        chance.shuffle(pieces)
    return pieces[chance.random() < 0.2:]


def traffic(seed, count):
    """(data of IP, time), with fragments of several packets between each other."""
    chance, waiting, now = random.Random(seed), [], EPOCH
    while count > 0:
        if chance.random() < 0.5 or not waiting:
            waiting.append(datagrams(chance))
        pieces = chance.choice(waiting)
        if pieces:
            now += int(chance.expovariate(1) * 10**8) - chance.choice((0, 0, 10**7))
            yield pieces.pop(0), now
            count -= 1
        waiting = [pieces for pieces in waiting if pieces]


def capture_of(seed, count):
    """Two interfaces, blocks between packets, comments, another section, and packets without flows."""
    chance = random.Random(seed)
    ng = Ng().interface(tsresol=9).interface(linktype=RAW_IP, tsresol=9)
    for number, (data, when) in enumerate(traffic(seed, count)):
        comments = ["kept"] if chance.random() < 0.05 else []
        if chance.random() < 0.5:
            ng.packet(data, when, interface=1, comments=comments)
        else:
            ng.packet(bytes(12) + b"\x08\0" + data, when, comments=comments)
        if chance.random() < 0.1:
            ng.packet(bytes(12) + b"\x88\xcc" + bytes(chance.randrange(60)), when)
        if chance.random() < 0.1:
            chance.choice((ng.names, ng.statistics, ng.simple))()
        if number == count * 2 // 3:
            ng.section(">").interface(tsresol=9).interface(linktype=RAW_IP, tsresol=9)
    return bytes(ng)


@pytest.fixture
def rules(tmp_path):
    path = tmp_path / "rules.csv"
    path.write_text(RULES)
    return path


@pytest.fixture
def folder(tmp_path):
    """A directory: pcapng, a capture in packets that misleads guesses, damage, no capture."""
    path = tmp_path / "in"
    path.mkdir()
    (path / "1.pcapng").write_bytes(capture_of(1, 400))
    (path / "2.txt").write_text("no capture\n")
    nested = [(b"\x45" + pcap(traffic(seed, 8), linktype=RAW_IP)[25:], EPOCH + seed * 10**8)
              for seed in range(40)]
    (path / "3.pcap").write_bytes(pcap(nested, linktype=RAW_IP))
    (path / "4.pcap").write_bytes(pcap(traffic(4, 150), linktype=RAW_IP)[:-3])
    (path / "5.pcap").write_bytes(pcap(traffic(5, 100), linktype=RAW_IP))
    return path


# ---- the same bytes ----


@pytest.mark.parametrize("count, options", [
    (1, []),
    (2, ["--join", "--sort"]),
    (7, ["--keep-source", "--snaplen", "60"]),
    (20, ["--keep-unmatched"]),
])
def test_flows_over_the_borders_of_shards(run, tmp_path, rules, folder, count, options):
    told = same_as_one_process(run, tmp_path, rules, [folder], [count], *options, jobs=JOBS)
    assert "in no flow, because the first one did not come in time" in told[1]
    assert ("open at the end of an input" in told[1]) == ("--join" not in options)
    assert "rules.csv:11: labelled no packet" in told[1]
    assert told[1].count("labelled no packet") == 1


def test_more_late_fragments_than_may_wait_at_once(run, tmp_path, rules):
    """Every second fragment comes before the first one of its packet; all of them reach all shards."""
    records = []
    for number in range(400):
        payload = struct.pack(">HHHH", number, 7, 32, 0) + bytes(24)
        for offset, piece in ((16, payload[16:]), (0, payload[:16])):
            header = ip(17, piece, (1, 2), number, offset, offset == 0)
            records.append((header + piece, EPOCH + len(records) * 10**6))
    path = tmp_path / "in.pcap"
    path.write_bytes(pcap(records, linktype=RAW_IP))
    told = same_as_one_process(run, tmp_path, rules, [path], [7], jobs=JOBS)
    assert "in no flow" not in told[1]


def test_real_captures(run, tmp_path, rules, shared):
    same_as_one_process(run, tmp_path, rules, [shared / "captures/formats/derived"], [5],
                        "--relabel", jobs=JOBS)


# ---- what is missing, or of another run ----


@pytest.fixture
def label(run, tmp_path, rules):
    """label(shard, *options): one shard of two; what it says where it fails."""
    capture = tmp_path / "in.pcap"
    capture.write_bytes(pcap(traffic(9, 120), linktype=RAW_IP))

    def start(shard, *options):
        done = run("label", "-q", "-L", rules, "--no-sync", "-o", tmp_path / "out.pcapng", "--shard",
                   f"{shard}/2", *options, capture, check=False)
        return done.stderr if done.returncode else ""
    return start


def step(label, *options):
    return label(0, *options) + label(1, *options)


def test_each_step_needs_the_one_before_of_all_shards(label, tmp_path, rules, run):
    files = {kind: tmp_path / f"out.pcapng.1-of-2.{kind}" for kind in ("buckets", "decisions")}
    assert "with --buckets=write first: " in label(0, "--buckets=read")
    assert not label(0, "--buckets=write")
    assert f"{files['buckets']}: there is no" in label(0, "--buckets=read")
    assert not label(1, "--buckets=write") + label(0, "--buckets=read")
    assert f"with --buckets=read first: {files['decisions']}: there is no" in label(0)
    assert not label(1, "--buckets=read") + label(0) + label(1)
    refused = run("merge", "-o", tmp_path / "x", tmp_path / "out.pcapng.0-of-2.decisions",
                  files["decisions"], check=False).stderr
    assert "was written by 'labelcap label --buckets=" in refused
    (tmp_path / "in.pcap").write_bytes(pcap(traffic(9, 121), linktype=RAW_IP))
    assert "with other inputs, rules or options: run labelcap label --buckets=write -f again" in label(0, "--buckets=read")
    assert "written with other inputs" in label(0, "--buckets=write")
    assert not step(label, "--buckets=write", "-f")
    assert "with other inputs, rules or options: run labelcap label --buckets=read -f again" in label(0)
    assert not step(label, "--buckets=read", "-f")
    rules.write_text(RULES + "BPF:arp,arp\n")
    assert "with other inputs, rules or options: run labelcap label --buckets=write -f again" in label(1)
    rules.write_text("BPF:tcp,web\n")
    assert "no rule has SCOPE:flow or EACH:flow" in label(0, "--buckets=read")


@pytest.mark.parametrize("kind, option", [("buckets", "--buckets=read"), ("decisions", None)])
def test_files_that_were_cut_or_changed_are_named(label, tmp_path, kind, option):
    assert not step(label, "--buckets=write")
    if kind == "decisions":
        assert not step(label, "--buckets=read")
    path = tmp_path / f"out.pcapng.1-of-2.{kind}"
    options = [option] if option else []
    data = path.read_bytes()
    path.write_bytes(data[:-1])
    assert f"{path}: is not what shard 1/2 has written: it was cut or changed" in label(0, *options)
    for at in (12, len(data) - 21, len(data) - 25, len(data) - 1, len(data) - 10):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1:])
        refused = label(0, *options) + label(1, *options)
        assert f"{path}: is not what a shard has written: it was cut or changed" in refused, at
    path.write_bytes(data)
    other = path.with_name(path.name.replace(".1-", ".0-"))
    joint = path.with_name(path.name + ".joint")
    joint.write_bytes(other.with_name(other.name + ".joint").read_bytes())
    assert f"{other} and {path} are both of shard 0/2" in label(0, *options)
