"""flows against tshark on real captures: what is in each direction of each conversation, how many
conversations there are, which of them have nothing repeated, how long handshakes take, and how
connections end.
"""

import csv
import io
import re
from collections import Counter, defaultdict

import pytest

from sharkd import sharkd

PARTS = 8
FLAGS = {"fin": 1, "syn": 2, "rst": 4, "psh": 8, "ack": 16, "urg": 32, "ece": 64, "cwr": 128}
FIELDS = """frame.protocols frame.len ip.src ip.dst ip.frag_offset ipv6.src ipv6.dst
    ipv6.fraghdr.offset tcp.srcport tcp.dstport tcp.stream tcp.flags tcp.len
    tcp.analysis.retransmission tcp.analysis.out_of_order tcp.analysis.initial_rtt tcp.completeness
    udp.srcport udp.dstport""".split()
NETWORKS = {"ip", "ipv6", "arp"}
EXTENSIONS = {"ah", "ipv6.hopopts", "ipv6.routing", "ipv6.fraghdr", "ipv6.dstopts"}
ONE_SIDE = ("packets", "bytes", "payload", *FLAGS)

# One of tshark's connections goes on 58 s after its RST: a flow of its own.
MORE_FLOWS = {"apps/rtsp/ndpi-rtsp.pcapng": 1}
# tshark takes the last 4 bytes of frames in FabricPath for a frame check sequence.
SHORTER = {"apps/ajp/ndpi-pcap-ajp.pcap"}
# Where tshark knows better what was repeated and how connections ended, or thinks so.
OTHERWISE = {
    "apps/modbus/zeek-modbus-modbusBig.pcap",  # data captured behind the ACK for it
    "protocols/merc-geneve.pcap",  # half of each connection in a tunnel
    "protocols/zeek-Traces-vxlan-overlapping-http-get.pcap",  # all of one once more in a tunnel
}
# Bits of tcp.completeness.
WITH_SYN, WITH_SYN_ACK, WITH_ACK, WITH_FIN, WITH_RST = 1, 2, 4, 16, 32


def captures_of(shared, part):
    """Of each application the two largest; all of bulk; of protocols what is more than some packets,
    for these are test_packet_headers.py's."""
    found = [path for folder in (shared / "captures/apps").iterdir()
             for path in sorted(folder.glob("*.pcap*"), key=lambda path: path.stat().st_size)[-2:]]
    found += (shared / "captures/bulk").glob("*.pcap*")
    found += (path for path in (shared / "captures/protocols").glob("*.pcap*") if path.stat().st_size > 1024)
    return sorted(found)[part::PARTS]


def outermost(row):
    """(network, transport) of the outermost IP header; None without TCP or UDP in it."""
    layers = row["frame.protocols"].split(":")
    places = [i for i, layer in enumerate(layers) if layer in NETWORKS]
    if not places:
        return None
    inside = [layer for layer in layers[places[0] + 1:] if layer not in EXTENSIONS]
    return (layers[places[0]], inside[0]) if inside and inside[0] in ("tcp", "udp") else None


class Theirs:
    """What tshark says of a capture, by direction: (protocol, source, port, destination, port)."""

    def __init__(self, rows):
        self.sides = defaultdict(Counter)
        self.streams = defaultdict(set)  # tcp.stream by conversation
        self.handshakes = defaultdict(set)
        self.seen = {}  # tcp.completeness
        self.later_fragments = False  # they have no ports there
        for row in rows:
            found = outermost(row)
            if row["ip.frag_offset"].split(",")[0] not in ("", "0") or row["ipv6.fraghdr.offset"]:
                self.later_fragments = True
            elif found:
                self.take(row, *found)

    def take(self, row, network, transport):
        def first(name):
            return row[name].split(",")[0]

        key = (transport.upper(), first(f"{network}.src"), first(f"{transport}.srcport"),
               first(f"{network}.dst"), first(f"{transport}.dstport"))
        side = self.sides[key]
        side["packets"] += 1
        side["bytes"] += int(row["frame.len"])
        if transport == "udp":
            return
        flags = int(first("tcp.flags"), 0)
        side.update(name for name, bit in FLAGS.items() if flags & bit)
        side["payload"] += int(first("tcp.len") or 0)
        side["first_syn"] += flags & 18 == 2
        side["repeated"] += bool(row["tcp.analysis.retransmission"] or row["tcp.analysis.out_of_order"])
        self.streams[conversation(key)].add(first("tcp.stream"))
        self.seen[conversation(key)] = int(re.search(r"\((\d+)\)", row["tcp.completeness"])[1])
        if row["tcp.analysis.initial_rtt"]:
            self.handshakes[conversation(key)].add(row["tcp.analysis.initial_rtt"])


def conversation(key):
    return key[0], frozenset([key[1:3], key[3:]])


def our_rows(run, capture):
    done = run("flows", "-q", "--idle-timeout", "0", "--protocols", "tcp,udp", capture, check=False)
    return list(csv.DictReader(io.StringIO(done.stdout)))


def key_of(row, forward=True):
    ends = [(row["source_address"], row["source_port"]),
            (row["destination_address"], row["destination_port"])]
    return row["protocol"], *ends[not forward], *ends[forward]


def our_sides(rows):
    sides = defaultdict(Counter)
    for row in rows:
        for way in ("forward_", "backward_"):
            if row[way + "packets"] == "0":
                continue
            side = sides[key_of(row, way == "forward_")]
            side["packets"] += int(row[way + "packets"])
            side["bytes"] += int(row[way + "bytes"])
            if row["protocol"] == "TCP":
                side["payload"] += int(row[way + "payload_bytes"])
                side["repeated"] += int(row[way + "retransmissions"])
                side["repeated"] += int(row[way + "out_of_order"])
                side.update({name: int(row[f"{way}{name}_count"]) for name in FLAGS})
    return sides


def check_sides(name, ours, theirs):
    for key in set(ours) | set(theirs):
        mine, other = ours[key], theirs[key]
        assert {x: mine[x] for x in ONE_SIDE} == {x: other[x] for x in ONE_SIDE}, (name, key)
        if name not in OTHERWISE:
            assert (mine["repeated"] > 0) == (other["repeated"] > 0), (name, key)


def check_counts(name, rows, theirs):
    """A connection is a flow; without a time-out all of UDP between two ports is one."""
    flows = Counter(row["protocol"] for row in rows)
    assert flows["TCP"] == sum(map(len, theirs.streams.values())) + MORE_FLOWS.get(name, 0), name
    assert flows["UDP"] == len({conversation(key) for key in theirs.sides if key[0] == "UDP"}), name


def check_handshakes(name, rows, theirs):
    """tshark goes by the last SYN, labelcap by the first; tshark takes 0 for a time not known, and
    does without a SYN/ACK."""
    flows = defaultdict(list)
    for row in rows:
        flows[conversation(key_of(row))].append(row)
    compared = 0
    for ends, times in theirs.handshakes.items():
        key = key_of(flows[ends][0])
        if len(flows[ends]) > 1 or theirs.sides[key]["first_syn"] != 1:
            continue
        ours = flows[ends][0]["handshake_duration"]
        if ours and float(ours) > 0:
            assert [float(time) for time in times] == [float(ours)], (name, ends)
            compared += 1
        else:
            assert ours or not flows[ends][0]["syn_to_syn_ack"], (name, ends)
    return compared


def states_of(seen):
    if seen & WITH_RST:
        return {"REJ", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SF", "OTH"}
    if seen & WITH_FIN:
        return {"SF", "S2", "S3", "SH", "SHR"}
    if seen & WITH_SYN_ACK:
        return {"S1"} if seen & (WITH_SYN | WITH_ACK) else {"S1", "OTH"}
    return {"S0"} if seen & WITH_SYN else {"OTH"}


def check_states(name, rows, theirs):
    for ends, numbers in theirs.streams.items():
        states = [row["connection_state"] for row in rows if conversation(key_of(row)) == ends]
        # It tells nothing of connections without SYN whose end is all that there is.
        if len(states) == len(numbers) == 1 and theirs.seen[ends] and name not in OTHERWISE:
            assert states[0] in states_of(theirs.seen[ends]), (name, ends)


@pytest.fixture(scope="module")
def dissector():
    with sharkd() as process:
        yield process


@pytest.mark.parametrize("part", range(PARTS))
def test_as_tshark_has_them(run, shared, dissector, part):
    directions = handshakes = 0
    for capture in captures_of(shared, part):
        name = str(capture.relative_to(shared / "captures"))
        theirs = Theirs(dissector.rows(capture, FIELDS))
        if theirs.later_fragments or name in SHORTER:
            continue  # test_packet_headers.py has them
        rows = our_rows(run, capture)
        check_sides(name, our_sides(rows), theirs.sides)
        check_counts(name, rows, theirs)
        check_states(name, rows, theirs)
        handshakes += check_handshakes(name, rows, theirs)
        directions += len(theirs.sides)
    assert directions > 100 and handshakes > 10
