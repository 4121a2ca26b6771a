"""arrays --form netfound --compat: every column of the stream, held to netFound's steps written anew over dpkt."""

import json
import struct
import subprocess

import dpkt
import pytest

from captures import Ng
from dpkt_flows import PROTOCOLS, flows_of
from surroundings import BUILD

SCRIPT = BUILD / "readers" / "read_arrow.mjs"
PAUSE, BURSTS, PACKETS = 10_000_000, 12, 6


def head_of(ip):
    """Five tokens of IP, of which the traffic class is only half."""
    if isinstance(ip, dpkt.ip.IP):
        return [4 * ip.hl, ip.tos, ip.len, 4 * ip.rf + 2 * ip.df + ip.mf, ip.ttl]
    return [40, ip.fc >> 4, 40 + ip.plen, 0, ip.hlim]


def payload_of(above):
    if not isinstance(above, dpkt.icmp.ICMP):
        return bytes(above.data)
    return bytes(above)[16:] if above.type in (0, 8) else bytes(above)


def tokens(ip, forward, there, back):
    """`there` and `back`: the sequence numbers that others are counted from; `back` 0: not known."""
    above = ip.data
    if isinstance(above, dpkt.tcp.TCP):
        if forward:
            seq, ack = above.seq - there, above.ack - back if back else 0
        else:
            seq, ack = above.seq - back, above.ack - there
        middle = [above.flags, above.win, *divmod(seq % 2**32, 2**16), *divmod(ack % 2**32, 2**16), above.urp]
    elif isinstance(above, dpkt.udp.UDP):
        middle = [above.ulen]
    else:
        middle = [above.type, above.code]
    return head_of(ip) + middle + list(struct.unpack(">6H", payload_of(above)[:12].ljust(12, b"\0")))


def bases(flow):
    """Of the first packet; the other from its acknowledgement, or else from the second packet."""
    first = flow[0][1].data
    if not isinstance(first, dpkt.tcp.TCP):
        return 0, 0
    return first.seq, first.ack or (flow[1][1].data.seq if len(flow) > 1 else 0)


def bursts_of(packets):
    last, bursts = None, []
    for packet in packets:
        if last is None or packet[0] - last > PAUSE:
            bursts.append([])
        bursts[-1].append(packet)
        last = packet[0]
    begins = [burst[0][0] for burst in bursts]
    return [(begin, begin - before, burst)
            for begin, before, burst in zip(begins, [*begins[:1], *begins], bursts)]


def row_of(flow):
    sides = [[], []]
    for time, ip in flow:
        sides[ip.src[:4] == flow[0][1].src[:4]].append((time, ip))
    bursts = sorted(((begin, not forward, forward, iat, burst[:PACKETS]) for forward in (1, 0)
                     for begin, iat, burst in bursts_of(sides[forward])), key=lambda burst: burst[:2])[:BURSTS]
    there, back = bases(flow)
    first = flow[0][1]  # which does not know what the second one tells
    texts = [[str(t) for _, ip in packets
              for t in tokens(ip, forward, there, getattr(ip.data, "ack", 0) if ip is first else back)]
             for _, _, forward, _, packets in bursts]
    return [str((flow[-1][0] - flow[0][0]) // 1000), texts, [str(bool(burst[2])).lower() for burst in bursts],
            [str(sum(head_of(ip)[2] for _, ip in burst[4])) for burst in bursts],
            [str(round(burst[3] / 1000)) for burst in bursts], [str(len(burst[4])) for burst in bursts],
            str(PROTOCOLS[type(flow[0][1].data)]), "web"]


def segment(number, back=False, **fields):
    """Of IPv6 flow `number`, whose ends share 32 bits if it is even."""
    ends = [(b"\xfd\0\0\1" + bytes(11) + b"\1", 1000 + number),
            (b"\xfd\0\0" + bytes([1 + number % 2]) + bytes(11) + b"\2", 443)]
    (source, sport), (target, dport) = reversed(ends) if back else ends
    above = dpkt.tcp.TCP(sport=sport, dport=dport, **fields)
    ip = dpkt.ip6.IP6(src=source, dst=target, nxt=6, plen=len(above), hlim=60, fc=0xb7, data=above)
    return bytes(12) + b"\x86\xdd" + bytes(ip)


def own_packets():
    """Two SYNs, an answer first, a lost handshake: twice, to the same network and to another."""
    for number in range(6):
        kind = number // 2
        yield number * 50, segment(number, seq=1000, ack=7 if kind == 1 else 0, flags=2)
        yield number * 50 + 1, segment(number, kind != 0, seq=5000, ack=1001 if kind else 0, flags=18)
        yield number * 50 + 20, segment(number, seq=1001, ack=5001, flags=16, data=b"hello")
        yield number * 50 + 21, segment(number, True, seq=5001, ack=1006, flags=16)


@pytest.mark.parametrize("which", ["mixed", "own"])
def test_columns_are_those_of_dpkt(run, repo, tmp_path, which):
    if which == "own":
        packets = [(time * 1_000_000, data) for time, data in own_packets()]
    else:
        with open(repo / "datasets/mixed/mixed.pcap", "rb") as file:
            packets = [(round(time * 1_000_000) * 1000, data) for time, data in dpkt.pcap.Reader(file)]
    ng = Ng().interface(tsresol=9)
    for time, data in packets:
        ng.packet(data, time, ["1,web"])
    (tmp_path / "set.pcapng").write_bytes(bytes(ng))
    run("arrays", "-q", "--form", "netfound", "--compat", "-o", tmp_path / "x.arrow", tmp_path / "set.pcapng")
    done = subprocess.run(["node", SCRIPT, tmp_path / "x.arrow"], stdout=subprocess.PIPE, check=True, timeout=120)
    made = sorted(json.loads(done.stdout)["rows"], key=repr)
    expected = sorted(map(row_of, flows_of(packets)), key=repr)
    assert len(expected) >= 6 and made == expected
