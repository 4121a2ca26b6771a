"""label by random rules: tcpdump says what a filter selects, a plain loop which rule is first."""

import json
import random
import re
import struct

import pytest

from captures import RAW, pcap, read_packets
from labels import tcpdump

START = 1_700_000_000 * 10**9
STEP = 250_000_001  # so that packets lie on and beside whole seconds
HOSTS = ["192.0.2.1", "192.0.2.20", "192.0.2.53", "2001:db8::20"]
FILTERS = ["tcp", "udp", "ip", "ip6", "arp", "icmp or icmp6", "len > 100", "not tcp", "greater 60",
           "tcp[tcpflags] & tcp-syn != 0", "tcp[tcpflags] & (tcp-syn|tcp-fin) = 0", "ip[8] = 64",
           "portrange 1-1023", "ether multicast", "ip proto 17 or ip6 proto 17", "vlan",
           *(f"port {port}" for port in (22, 53, 80, 123, 6379)),
           *(f"src port {port}" for port in (53, 80, 123)),
           *(f"host {host}" for host in HOSTS), *(f"tcp and src host {host}" for host in HOSTS),
           "host 192.0.2.20 and tcp port 80", "host 2001:db8::20 and tcp port 80"]


@pytest.fixture(scope="module")
def traffic(repo, tmp_path_factory):
    """{file: (its packets' times, {filter: times that tcpdump selects})}: Ethernet and raw IP.

    None where tcpdump refuses the filter for the link type.
    """
    folder = tmp_path_factory.mktemp("traffic")
    frames = [packet.data for packet in read_packets(repo / "datasets/mixed/mixed.pcap")]
    bare = [frame[14:] for frame in frames if frame[12:14] in (b"\x08\x00", b"\x86\xdd")]
    files = {"a.pcap": (frames[:400], 1), "b.pcap": (frames[400:], 1), "c.pcap": (bare, RAW)}
    found = {}
    for name, (packets, linktype) in files.items():
        times = [START + number * STEP for number in range(len(packets))]
        path = folder / name
        path.write_bytes(pcap(list(zip(packets, times)), ns=True, linktype=linktype))
        found[path] = times, {text: selected(path, text) for text in FILTERS}
    return found


def selected(path, expression):
    try:
        records = tcpdump(path, expression)
    except ValueError:
        return None
    times, at = set(), 0
    while at < len(records):
        seconds, ns, caplen = struct.unpack("=III", records[at:at + 12])
        times.add(seconds * 10**9 + ns)
        at += 16 + caplen
    return times


def random_bound(chance):
    """A time in the rules' words, and in nanoseconds."""
    moment = START + chance.randrange(-5, 150) * 10**9
    if chance.random() < 0.4:
        moment += chance.randrange(10) * 100_000_000 + chance.choice([0, 1, 5])
        return f"{moment // 10**9}.{moment % 10**9:09}", moment, moment
    return str(moment // 10**9), moment, moment + 10**9 - 1


def random_rule(chance, traffic):
    """The text of a rule; its file, filter, first and last nanosecond (None: any)."""
    while True:
        file = chance.choice(list(traffic)) if chance.random() < 0.3 else None
        expression = chance.choice(FILTERS) if chance.random() < 0.8 else None
        start = random_bound(chance) if chance.random() < 0.4 else None
        end = random_bound(chance) if chance.random() < 0.4 else None
        parts = [f"FILE:{file.name}"] if file else []
        parts += [f"BPF:{expression}"] if expression else []
        parts += [f"TS_START:{start[0]}"] if start else []
        parts += [f"TS_END:{end[0]}"] if end else []
        if file and expression and traffic[file][1][expression] is None:
            continue  # an error, since no other packet can make up for it
        if parts and not (start and end and start[1] > end[2]):
            chance.shuffle(parts)
            return "|".join(parts), file, expression, start and start[1], end and end[2]


def first_match(rules, traffic):
    for path, (times, selections) in traffic.items():
        for time in times:
            yield next((number for number, (_, file, expression, start, end) in enumerate(rules, 1)
                        if file in (None, path)
                        and (expression is None or time in (selections[expression] or ()))
                        and (start is None or time >= start) and (end is None or time <= end)),
                       None)


@pytest.mark.parametrize("seed", range(12))
def test_random_rules(label, traffic, tmp_path, seed):
    chance = random.Random(seed)
    rules = [random_rule(chance, traffic) for _ in range(chance.choice([3, 10, 40, 300]))]
    text = "".join(f"{rule[0]},rule {number}\n" for number, rule in enumerate(rules, 1))
    expected = list(first_match(rules, traffic))
    done = label(text, "--keep-unmatched", "--stats-json", tmp_path / "report.json", *traffic)
    assert [packet.label and int(packet.label[1][5:]) for packet in read_packets(done.output)] == (
        expected)
    report = json.loads((tmp_path / "report.json").read_text())
    assert [rule["packets"] for rule in report["rules"]] == [
        expected.count(number) for number in range(1, len(rules) + 1)]
    # A rule that labels nothing is warned of, and one that is said to be shadowed labels nothing.
    warned = {int(warning["place"]) for warning in report["warnings"]
              if re.search("labelled no packet|is outside|shadowed", warning["text"])}
    assert warned == {number for number in range(1, len(rules) + 1) if number not in expected}
