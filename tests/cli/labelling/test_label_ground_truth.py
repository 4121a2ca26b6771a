"""Labels from ground truth about flows, as public data sets publish it.

tshark's conversations become such tables, and every packet must get the label of its
conversation: rows of 5-tuple, start, end and label (UNSW-NB15), and windows in which attacks
began (CIC-IDS2017).
"""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from captures import read_packets
from labels import tshark

FIELDS = ["frame.number", "frame.time_epoch", "ip.src", "ip.dst", "tcp.stream", "tcp.srcport",
          "tcp.dstport", "udp.stream", "udp.srcport", "udp.dstport"]

# Conversations of many packets, repeated ports, several hosts.
CAPTURES = [f"apps/{name}" for name in (
    "bittorrent/ndpi-bittorrent.pcap", "firefox/joy-firefox58.pcap", "skype/ndpi-skype.pcap",
    "skype/ndpi-skype_no_unknown.pcap", "wechat/ndpi-wechat.pcap", "wechat/ndpi-weibo.pcap",
    "zoom/ndpi-zoom_p2p.pcapng")]


@dataclass
class Conversation:
    protocol: str
    ends: tuple  # address, port of the first packet's source and destination
    times: list = field(default_factory=list)
    packets: list = field(default_factory=list)

    def filter(self):
        """Either direction."""
        (a, a_port), (b, b_port) = self.ends
        ways = (f"src host {x} and src port {p} and dst host {y} and dst port {q}"
                for x, p, y, q in ((a, a_port, b, b_port), (b, b_port, a, a_port)))
        return f"{self.protocol} and (({next(ways)}) or ({next(ways)}))"


def conversations(path):
    """TCP and UDP over IPv4, by tshark; what it finds in tunnels and in ICMP is left out."""
    found = {}
    for number, time, source, destination, *streams in tshark(path, *FIELDS):
        for protocol, (stream, *ports) in (("tcp", streams[:3]), ("udp", streams[3:])):
            if stream and source and not any("," in value for value in (stream, source)):
                ends = (source, ports[0]), (destination, ports[1])
                flow = found.setdefault((protocol, stream), Conversation(protocol, ends))
                flow.times.append(Decimal(time))
                flow.packets.append(int(number))
    return list(found.values())


def labels_by_packet(label, rules, path):
    done = label(rules, "-q", "--keep-unmatched", path)
    return dict(enumerate((packet.label and packet.label[1] for packet in
                           read_packets(done.output)), 1))


@pytest.fixture(params=CAPTURES)
def traffic(request, shared):
    path = shared / "captures" / request.param
    return path, conversations(path)


def test_rows_of_flows(label, traffic):
    """As in UNSW-NB15: srcip, sport, dstip, dsport, proto, Stime, Ltime, label."""
    path, flows = traffic
    rules = "".join(f'"SCOPE:flow|BPF:{flow.filter()}|TS_START:{min(flow.times)}|'
                    f'TS_END:{max(flow.times)}",flow {n},\n' for n, flow in enumerate(flows))
    found = labels_by_packet(label, rules, path)
    for n, flow in enumerate(flows):
        assert {found[packet] for packet in flow.packets} == {f"flow {n}"}, flow
    assert len(flows) > 5


def test_windows_of_attacks(label, traffic):
    """As in CIC-IDS2017: a flow is an attack if it began in the window and a host is in it."""
    path, flows = traffic
    begins = sorted(flow.times[0] for flow in flows)
    start, end = begins[len(begins) // 4], begins[len(begins) // 2]
    per_host = defaultdict(int)
    for flow in flows:
        for address, _ in flow.ends:
            per_host[address] += start <= flow.times[0] <= end
    victim = sorted(per_host, key=lambda host: (per_host[host], host))[-2]
    rules = (f"SCOPE:flow:1000000|TS_START:{start}|TS_END:{end}|BPF:host {victim},attack\n"
             "SCOPE:flow:1000000,benign\n")
    found = labels_by_packet(label, rules, path)
    wanted = {}
    for flow in flows:
        attack = start <= flow.times[0] <= end and victim in (address for address, _ in flow.ends)
        wanted |= dict.fromkeys(flow.packets, "attack" if attack else "benign")
    assert set(wanted.values()) == {"attack", "benign"}
    assert {packet: found[packet] for packet in wanted} == wanted
