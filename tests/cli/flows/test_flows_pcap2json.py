"""labelcap flows --profile pcap2json: what the original printed, and two oracles in Python.

The goldens under shared/peers/pcap2json/ were printed by the original. original() does with dpkt what
the original does, so that more captures can be compared; described() makes the default mode's JSON
from packets as dpkt parses them and from sets of single bytes.
"""

import json
import random
import socket
import struct
from collections import Counter
from datetime import datetime, timezone

import pytest
from captures import Ng

dpkt = pytest.importorskip("dpkt")

CAPTURES = ["6in4tunnel", "KakaoTalk_chat", "VlanPackets", "WebattackSQLinj", "ftp", "http_ipv6",
            "malware", "quicietfooo", "ssh", "synscan", "telnet", "tor", "whatsapp_login_call",
            "wireshark-retrans"]
CRASHES = ["test", "ip4_fragments"]  # the original dies and leaves an empty file
SHAPES = {"plain": (), "s": ("--bidirectional",), "m": ("--detail",),
          "sm": ("--bidirectional", "--detail")}
SENTENCE = "Others ip protocol, please parsing by yourself using dpkt"
FLAGS = {"URG": 32, "PSH": 8, "RST": 4, "FIN": 1, "ACK": 16, "SYN": 2, "ECE": 64, "CWR": 128}
START = 1_600_000_000_000_000_000


@pytest.fixture(scope="module")
def peers(shared):
    if not (shared / "peers/pcap2json").is_dir():
        pytest.skip(f"no outputs of other tools in {shared}/peers")
    return shared / "peers"


def flows(run, output, *args):
    run("flows", "-q", "--profile", "pcap2json", *args[:-1], "-f", "-o", output, args[-1])
    return output.read_text()


def stats_of_compat(run, tmp_path, capture):
    flows(run, tmp_path / "o.json", "--compat", "--stats-json", tmp_path / "stats.json", capture)
    return json.loads((tmp_path / "stats.json").read_text())


# ---- The original's outputs -------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", CAPTURES)
def test_output_of_the_original(run, peers, tmp_path, name, shape):
    ours = flows(run, tmp_path / "o.json", "--compat", *SHAPES[shape],
                 peers / f"inputs/{name}.pcap")
    golden = (peers / f"pcap2json/{shape}/{name}_0.json").read_text()
    assert ours.count("\n") == golden.count("\n")
    for mine, theirs in zip(ours.splitlines(), golden.splitlines()):
        assert json.loads(mine) == json.loads(theirs)
    assert ours == golden, "the same values, written in another way"


@pytest.mark.parametrize("name", CRASHES)
def test_where_the_original_dies(run, peers, tmp_path, name):
    """There is nothing to compare with; the packets that kill it are counted."""
    stats = stats_of_compat(run, tmp_path, peers / f"inputs/{name}.pcap")
    assert stats["skipped"]["profile"] > 0
    assert stats["packets"] == stats["in_flows"] + sum(stats["skipped"].values())


# ---- What the original does, by dpkt ----------------------------------------------------------


def kind_of(layer4):
    return {dpkt.tcp.TCP: "TCP", dpkt.udp.UDP: "UDP"}.get(type(layer4), "Others")


def python_time(nanoseconds):
    return {"seconds": nanoseconds // 10**9, "microseconds": nanoseconds // 1000 % 10**6}


class Ring:
    """Ten packets, written round; once it is full every eleventh one gets no place."""

    def __init__(self):
        self.items, self.flag, self.tail = [], 0, 0

    def has(self, item):
        return next((known == item for known in self.items if known[0] == item[0]), False)

    def add(self, item):
        if self.tail == 10:
            self.tail, self.flag, self.items[0] = 0, 1, item
        elif not self.flag:
            self.items.append(item)
            self.tail += 1
        else:
            self.tail += 1
            if self.tail < 10:
                self.items[self.tail] = item


def original_packet(records, time, ip, bidirectional, detail):
    layer4 = ip.data
    kind = kind_of(layer4)
    ports = (ip.p, ip.p) if kind == "Others" else (layer4.sport, layer4.dport)
    has_data = len(layer4.data) > 0
    content = bytes(ip) if has_data else b""
    ends = [(ip.src, ports[0]), (ip.dst, ports[1])]
    record, backward = records.get(tuple(ends)), False
    if record is None and bidirectional:
        record, backward = records.get(tuple(ends[::-1])), True
        if record is not None and kind != "TCP":
            record["init"][1] = 0
        elif record is not None and record["init"][1] == 0:
            record["init"][1] = layer4.seq
    if record is None:
        backward = False
        family = socket.AF_INET if len(ip.src) == 4 else socket.AF_INET6
        record = records[tuple(ends)] = {
            "kind": kind, "start": time, "packets": [], "rings": [Ring(), Ring()],
            "init": [layer4.seq if kind == "TCP" else 0, 0],
            "key": {"source_addr": socket.inet_ntop(family, ip.src),
                    "dest_addr": socket.inet_ntop(family, ip.dst),
                    "source_port": ports[0], "dest_port": ports[1], "protocol": kind}}
    if not has_data:
        return
    if record["kind"] != kind and (kind == "TCP" or (detail and record["kind"] != "Others")):
        return  # dies
    if kind == "TCP":
        item = (layer4.seq, len(layer4.data))
        if record["rings"][backward].has(item):
            return
    if len(record["packets"]) == 10000:
        return
    if kind == "TCP":
        record["rings"][backward].add(item)
    length = len(layer4) if kind == "Others" else len(layer4.data)
    record["packets"].append((backward, time, length, content))


def original_coarse(record, bidirectional):
    packets = []
    for backward, time, length, content in record["packets"]:
        packet = {"direction": "><"[backward]} if bidirectional else {}
        packets.append({**packet, "time_stamp": python_time(time), "data_len": length,
                        "ip_content": content.hex()})
    line = {"pkt_num": len(packets), "pkt_info": packets,
            "start_time_stamp": python_time(record["start"]),
            "init_seq_backward": record["init"][1], "flow_key": record["key"],
            "init_seq": record["init"][0]}
    if record["kind"] == "TCP":
        for prefix, ring in zip(["", "twin_"][:1 + bidirectional], record["rings"]):
            line[prefix + "tcp_retrans_flag"] = ring.flag
            line[prefix + "tcp_retrans_tail"] = ring.tail
    return line


def original_detail(record, bidirectional):
    line = [record["key"]]
    for backward, time, length, content in record["packets"]:
        packet = {}
        if bidirectional:
            packet = {"direction_forward": int(not backward), "direction_backward": int(backward)}
        delta = time // 1000 - record["start"] // 1000
        packet["time"] = {"sec_delta": delta // 10**6, "microsec_delta": delta % 10**6}
        packet["data_len"] = length
        if len(content) and content[0] >> 4 == 6 and ":" in record["key"]["source_addr"]:
            ip = dpkt.ip6.IP6(content)
            header = [len(ip), len(ip) - ip.plen, ip.fc, ip.hlim]
        else:
            ip = dpkt.ip.IP(content)
            header = [ip.len, ip.len - len(ip.data), ip.tos, ip.ttl]
        packet.update(zip(["ip_len", "ip_hlen", "ip_tos", "ip_ttl"], header))
        layer4 = ip.data
        is_tcp, is_others = record["kind"] == "TCP", record["kind"] == "Others"
        packet["th_seq"] = layer4.seq - record["init"][backward] if is_tcp else 0
        packet["4layer_hdr_len"] = 0 if is_others else len(layer4) - len(layer4.data)
        for name, bit in FLAGS.items():
            packet[name] = int(is_tcp and layer4.flags & bit != 0)
        packet["th_win"] = layer4.win if is_tcp else 0
        packet["th_urp"] = layer4.urp if is_tcp else 0
        packet["data"] = SENTENCE if is_others else layer4.data.hex()
        line.append(packet)
    return line


def original(packets, linktype, bidirectional, detail):
    """Lines for packets (time in ns, bytes); packets that kill the original are left out."""
    records = {}
    for time, data in packets:
        if linktype not in (1, 101):
            continue
        try:
            ip = dpkt.ethernet.Ethernet(data).data if linktype == 1 else dpkt.ip.IP(data)
        except Exception:
            break
        if not isinstance(ip, (dpkt.ip.IP, dpkt.ip6.IP6)) or isinstance(ip.data, bytes):
            continue
        try:
            original_packet(records, time, ip, bidirectional, detail)
        except (struct.error, dpkt.dpkt.PackError):
            continue
    lines = []
    for record in records.values():
        if detail and len(record["packets"]) >= 10:
            lines.append(original_detail(record, bidirectional))
        elif not detail:
            lines.append(original_coarse(record, bidirectional))
    return "".join(json.dumps(line) + "\n" for line in lines)


def read_pcap(path):
    """Link type and packets of a pcap file with microseconds; None for anything else."""
    data = path.read_bytes()
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">"}.get(data[:4])
    if order is None or len(data) < 24:
        return None
    packets, at = [], 24
    while at + 16 <= len(data):
        seconds, microseconds, length, _ = struct.unpack_from(order + "IIII", data, at)
        at += 16 + length
        if at <= len(data):
            packets.append((seconds * 10**9 + microseconds * 1000, data[at - length:at]))
    return struct.unpack_from(order + "I", data, 20)[0] & 0xFFFFFFF, packets


def write_pcap(path, packets, linktype=1, nanoseconds=False):
    data = [struct.pack("<IHHiIII", 0xA1B23C4D if nanoseconds else 0xA1B2C3D4, 2, 4, 0, 0, 262144,
                        linktype)]
    for time, packet in packets:
        fraction = time % 10**9 if nanoseconds else time // 1000 % 10**6
        data.append(struct.pack("<IIII", time // 10**9, fraction, len(packet), len(packet)))
        data.append(packet)
    path.write_bytes(b"".join(data))
    return path


def compare_with_original(run, tmp_path, path, linktype, packets):
    for options in SHAPES.values():
        ours = flows(run, tmp_path / "o.json", "--compat", *options, path)
        theirs = original(packets, linktype, "--bidirectional" in options, "--detail" in options)
        assert ours == theirs, f"{path} {options}"


def test_model_of_the_original(peers):
    """The model itself: it must print what the original printed."""
    for name in ("telnet", "VlanPackets", "http_ipv6", "6in4tunnel"):
        linktype, packets = read_pcap(peers / f"inputs/{name}.pcap")
        for shape, options in SHAPES.items():
            golden = (peers / f"pcap2json/{shape}/{name}_0.json").read_text()
            assert original(packets, linktype, "--bidirectional" in options,
                            "--detail" in options) == golden


# ---- Traffic made here ------------------------------------------------------------------------

A4, B4 = socket.inet_aton("10.0.0.1"), socket.inet_aton("192.168.7.9")
A6, B6 = (socket.inet_pton(socket.AF_INET6, text) for text in ("2001:db8::1", "2001:db8::2:9"))


def ethernet(payload, padded=True):
    kind = dpkt.ethernet.ETH_TYPE_IP6 if payload[0] >> 4 == 6 else dpkt.ethernet.ETH_TYPE_IP
    frame = bytes(12) + struct.pack("!H", kind) + payload
    return frame + b"\xee" * (60 - len(frame)) if padded else frame


def ip4(protocol, payload, ends=(A4, B4), checksum=True, offset=0, more=False, ident=7):
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0x10, 20 + len(payload), ident,
                         more << 13 | offset // 8, 61, protocol, 0, *ends)
    value = dpkt.dpkt.in_cksum(header) if checksum else 0
    return header[:10] + struct.pack("!H", value) + header[12:] + payload


def ip6(protocol, payload, ends=(A6, B6)):
    return struct.pack("!IHBB16s16s", 0x6AB00000, len(payload), protocol, 59, *ends) + payload


def ip(version, protocol, payload, backward=False, **more):
    ends = ((A4, B4) if version == 4 else (A6, B6))[::-1 if backward else 1]
    return (ip4 if version == 4 else ip6)(protocol, payload, ends, **more)


def tcp(ports, seq, payload=b"", flags=0x18, checksum=0x1234, options=b"", urgent=0):
    return struct.pack("!HHIIHHHH", *ports, seq % 2**32, 1, (5 + len(options) // 4) << 12 | flags,
                       8192, checksum, urgent) + options + payload


def udp(ports, payload, checksum=0x1234):
    return struct.pack("!HHHH", *ports, 8 + len(payload), checksum) + payload


def icmp(kind, payload, checksum=0x1234):
    return struct.pack("!BBHI", kind, 0, checksum, 99) + payload


def gre(flags, fields, payload, kind=0x0800):
    return struct.pack("!HH", flags, kind) + fields + payload


def text_of(randomly, limit=40):
    return randomly.randbytes(randomly.randrange(1, limit))


def quirks(seed):
    """Packets that touch what the original does not do right."""
    randomly = random.Random(seed)
    inner = ip4(17, udp((53, 54), b"x" * 8), checksum=False)
    packets = [
        ip4(6, tcp((1, 2), 100, flags=2)), ip4(17, udp((1, 2), b"udp on the same ports")),
        ip4(17, udp((3, 4), b"first")), ip4(6, tcp((3, 4), 5, b"tcp on udp's record")),
        ip4(6, tcp((4, 3), 5, flags=16), (B4, A4)),
        ip4(6, tcp((5, 6), 7, b"zero", checksum=0), checksum=False),
        ip4(17, udp((5, 6), b"zeros!!", checksum=0), checksum=False),
        ip4(17, udp((5, 7), b"header only", checksum=0)),
        ip6(6, tcp((5, 6), 7, b"odd", checksum=0)), ip6(17, udp((5, 6), b"zero", checksum=0)),
        ip6(58, icmp(128, b"ping", checksum=0)), ip4(1, icmp(8, b"ping", checksum=0)),
        ip4(1, icmp(3, inner + b"extension")), ip4(1, icmp(11, inner + bytes(9), checksum=0)),
        ip4(1, icmp(3, inner[:17])), ip4(4, inner + b"behind"), ip4(4, ip4(4, inner + b"more")),
        ip4(2, icmp(0x11, b"", checksum=0)), ip4(89, bytes(30)), ip4(103, bytes(8)),
        ip4(132, struct.pack("!HHII", 9, 9, 1, 5) + struct.pack("!BBHI", 3, 0, 8, 1)),
        ip4(47, gre(0, b"", inner + b"behind")), ip4(47, gre(0xB080, bytes(16), inner + b"behind")),
        ip4(47, gre(0x4000, bytes(4) + b"\0\1\0\2ab\0\1\0\0", inner), checksum=False),
        ip4(47, gre(0x1001, bytes(8), b"version 1", 0x9999)), ip4(47, gre(0, b"", b"")),
        ip4(47, gre(0x2000, bytes(4), b"")), ip4(47, gre(0x3000, bytes(6), b"")),
        ip4(47, gre(0x4000, bytes(4) + b"\0\1\0\2ab\0\1", b"")), ip4(47, gre(0, b"", inner[:15])),
        ip4(99, b"unknown to dpkt"), ip4(17, b"later fragment", offset=64),
        ip4(17, udp((8, 9), b"first fragment", checksum=0), more=True, checksum=False),
    ]
    for _ in range(300):
        # A few sequence numbers and lengths, so that the list of ten finds some of them.
        seq, backward = randomly.randrange(14) * 10, randomly.random() < 0.4
        ports = (20, 21) if not backward else (21, 20)
        packets.append(ip(4, 6, tcp(ports, seq, b"d" * randomly.choice([0, 7, 9])), backward))
        packets.append(ip(6, 17, udp(ports, text_of(randomly)), backward))
    return [(START + i * 1_000_037_000, ethernet(packet)) for i, packet in enumerate(packets)]


@pytest.mark.parametrize("seed", range(3))
def test_quirks(run, tmp_path, seed):
    packets = quirks(seed)
    path = write_pcap(tmp_path / "a.pcap", packets)
    compare_with_original(run, tmp_path, path, 1, packets)


def test_packets_with_earlier_times(run, tmp_path):
    packets = [(START - i * 1_700_000_000, data) for i, (_, data) in enumerate(quirks(5))]
    path = write_pcap(tmp_path / "a.pcap", packets)
    compare_with_original(run, tmp_path, path, 1, packets)


def test_ten_thousand_packets_of_a_flow(run, tmp_path):
    packets = [(START + i * 1000, ip4(6, tcp((1, 2), i * 3, b"abc"))) for i in range(10_020)]
    packets += [(START, ip4(17, udp((8, 9), b"abc"))) for _ in range(10_020)]
    path = write_pcap(tmp_path / "a.pcap", packets, linktype=101)
    compare_with_original(run, tmp_path, path, 101, packets)


def test_a_frame_that_dpkt_cannot_parse_ends_the_capture(run, tmp_path):
    packets = quirks(1)[:20]
    packets.insert(10, (START, b"short"))
    path = write_pcap(tmp_path / "a.pcap", packets)
    compare_with_original(run, tmp_path, path, 1, packets)
    stats = stats_of_compat(run, tmp_path, path)
    # One of the ten before it is data of TCP for a record of UDP.
    assert stats["in_flows"] == 9 and stats["skipped"]["profile"] == len(packets) - 9


def test_times_of_pcapng_are_rounded_as_python_does(run, tmp_path):
    """dpkt makes a double of seconds, and Python rounds it to microseconds, half to even."""
    times = [START + 501, START + 999_999_900, START + 123_456_789, START + 500]
    capture = Ng().interface(tsresol=9)
    for time in times:
        capture.packet(ethernet(ip4(17, udp((1, 2), b"x"))), time)
    (tmp_path / "a.pcapng").write_bytes(bytes(capture))
    line = json.loads(flows(run, tmp_path / "o.json", "--compat", tmp_path / "a.pcapng"))
    for time, packet in zip(times, line["pkt_info"]):
        moment = datetime.fromtimestamp(time / 1e9, timezone.utc)
        assert packet["time_stamp"] == {"seconds": int(moment.timestamp()),
                                        "microseconds": moment.microsecond}


def test_packets_without_a_time_are_passed_over(run, tmp_path):
    """dpkt does not know Simple Packet Blocks."""
    frames = [ethernet(ip4(17, udp((1, 2), payload))) for payload in (b"a", b"b", b"c")]
    capture = Ng().interface().packet(frames[0], START // 1000).simple(frames[1])
    capture.packet(frames[2], START // 1000)
    path = tmp_path / "a.pcapng"
    path.write_bytes(bytes(capture))
    with path.open("rb") as file:
        packets = [(round(time) * 10**9, data) for time, data in dpkt.pcapng.Reader(file)]
    assert [data for _, data in packets] == [frames[0], frames[2]]
    compare_with_original(run, tmp_path, path, 1, packets)
    assert stats_of_compat(run, tmp_path, path)["skipped"]["profile"] == 1


# ---- The default mode -------------------------------------------------------------------------


class Direction:
    """Sequence numbers of a direction, unwrapped, and every byte that was seen of it."""

    def __init__(self):
        self.first, self.greatest, self.seen = None, None, set()

    def unwrap(self, seq):
        if self.first is None:
            self.first = self.greatest = seq
        return self.greatest + (seq - self.greatest + 2**31) % 2**32 - 2**31

    def see(self, start, length):
        new = set(range(start, start + length)) - self.seen
        self.seen |= new
        self.greatest = max(self.greatest, start + length) if self.seen - new else start + length
        return bool(new)


def split_packet(data):
    """Of an Ethernet frame: IP object and the IP packet without padding."""
    packet = dpkt.ethernet.Ethernet(data).data
    length = packet.len if isinstance(packet, dpkt.ip.IP) else 40 + packet.plen
    return packet, data[14:14 + length]


def header_members(packet, content, layer4, payload, sequence):
    is_tcp = isinstance(layer4, dpkt.tcp.TCP)
    v4 = isinstance(packet, dpkt.ip.IP)
    flags = layer4.flags if is_tcp else 0
    return {"data_len": len(payload), "ip_len": len(content), "ip_hlen": 20 if v4 else 40,
            "ip_tos": packet.tos if v4 else packet.fc, "ip_ttl": packet.ttl if v4 else packet.hlim,
            "th_seq": sequence, "4layer_hdr_len": layer4.off * 4 if is_tcp else 8,
            **{name: int(flags & bit != 0) for name, bit in FLAGS.items()},
            "th_win": layer4.win if is_tcp else 0, "th_urp": layer4.urp if is_tcp else 0,
            "data": payload.hex()}


def described(packets, bidirectional, detail, nanoseconds):
    """Flows of TCP, UDP and ICMP in Ethernet that do not end before the capture does."""
    found = {}
    for time, data in packets:
        packet, content = split_packet(data)
        layer4, protocol = packet.data, {6: "TCP", 17: "UDP", 1: "ICMP", 58: "ICMPv6"}[packet.p]
        header = layer4.off * 4 if protocol == "TCP" else 8
        payload = content[len(content) - len(bytes(layer4)) + header:]
        ports = (layer4.sport, layer4.dport) if protocol in ("TCP", "UDP") else (0, 0)
        ends = [(packet.src, ports[0]), (packet.dst, ports[1])]
        key = (protocol, *(sorted(ends) if bidirectional else ends))
        flow = found.setdefault(key, {"ends": ends, "protocol": protocol, "start": time, "again": 0,
                                      "packets": [], "sides": [Direction(), Direction()]})
        flow["start"] = min(flow["start"], time)
        backward = ends != flow["ends"]
        side, sequence, new = flow["sides"][backward], 0, True
        if protocol == "TCP":
            unwrapped = side.unwrap(layer4.seq)
            sequence = unwrapped - side.first
            new = not payload or side.see(unwrapped, len(payload))
            flow["again"] += not new
        if payload and new:
            flow["packets"].append((time, backward, content, header_members(
                packet, content, layer4, payload, sequence)))
    return [described_flow(flow, bidirectional, detail, nanoseconds) for flow in found.values()
            if flow["packets"] or not detail]


def described_flow(flow, bidirectional, detail, nanoseconds):
    def stamp(time, *names):
        parts = (time // 10**9, time // 1000 % 10**6, time % 1000)
        return dict(zip(names[:2 + nanoseconds], parts))

    (source, source_port), (destination, destination_port) = flow["ends"]
    key = {"source_addr": dpkt.utils.inet_to_str(source),
           "dest_addr": dpkt.utils.inet_to_str(destination),
           "source_port": source_port, "dest_port": destination_port, "protocol": flow["protocol"]}
    again = {"retransmissions": flow["again"]}
    absolute = ("seconds", "microseconds", "nanoseconds")
    rows = []
    for time, backward, content, members in flow["packets"]:
        delta = time - flow["start"]
        both = {"direction_forward": 1 - backward, "direction_backward": int(backward)}
        if detail:
            rows.append({**(both if bidirectional else {}), "time": stamp(
                delta, "sec_delta", "microsec_delta", "nanosec_delta"), **members})
        else:
            rows.append({**({"direction": "><"[backward]} if bidirectional else {}),
                         "time_stamp": stamp(delta, *absolute), "data_len": members["data_len"],
                         "ip_content": content.hex()})
    if detail:
        return [{**key, **again}, *rows]
    return {"pkt_num": len(rows), "pkt_info": rows,
            "start_time_stamp": stamp(flow["start"], *absolute),
            "init_seq_backward": flow["sides"][1].first or 0, "flow_key": key,
            "init_seq": flow["sides"][0].first or 0, **again}


def traffic(seed, step=1_000_003, count=1500):
    """Segments that overlap, come late, twice, and across 2^32; UDP and ICMP; padding."""
    randomly = random.Random(seed)
    packets, sent = [], Counter()
    base = {(port, backward): randomly.choice([7, 2**32 - 300]) for port in range(4)
            for backward in (False, True)}
    for i in range(count):
        port, backward = randomly.randrange(4), randomly.random() < 0.5
        version, kind = randomly.choice([4, 6]), randomly.randrange(8)
        ports = (1000 + port, 443)[::-1 if backward else 1]
        payload = text_of(randomly)
        if kind < 5:
            track = (version, port, backward)
            start = max(0, sent[track] + randomly.choice([0, 0, 0, -20, -60, 35]))
            options = bytes(randomly.choice([0, 12]))
            flags = randomly.randrange(256) & ~0x07  # no close, no other connection
            payload = randomly.choice([payload, payload, b""])
            body = tcp(ports, base[port, backward] + start, payload, flags, options=options,
                       urgent=i)
            sent[track] = max(sent[track], start + len(payload))
            packets.append(ip(version, 6, body, backward))
        elif kind < 7:
            packets.append(ip(version, 17, udp(ports, randomly.choice([payload, b""])), backward))
        elif version == 4:
            packets.append(ip(4, 1, icmp(0 if backward else 8, payload), backward))
        else:
            packets.append(ip(6, 58, icmp(129 if backward else 128, payload), backward))
    return [(START + i * step - randomly.randrange(5) * step, ethernet(packet))
            for i, packet in enumerate(packets)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("nanoseconds", [False, True])
def test_default_mode(run, tmp_path, shape, nanoseconds):
    options = SHAPES[shape]
    for seed in range(4):
        packets = traffic(seed, 1_000_003 if nanoseconds else 1_003_000)
        path = write_pcap(tmp_path / "a.pcap", packets, nanoseconds=nanoseconds)
        ours = flows(run, tmp_path / "o.jsonl", *options, path).splitlines()
        expected = described(packets, "--bidirectional" in options, "--detail" in options,
                             nanoseconds)
        assert [json.loads(line) for line in ours] == expected
        assert ours == [json.dumps(line) for line in expected], "members in another order"


def test_any_memory_gives_the_same_bytes(run, tmp_path):
    packets = traffic(9, count=6000)
    path = write_pcap(tmp_path / "a.pcap", packets)
    for options in ((), ("-s", "-m"), ("--compat",), ("--compat", "-s", "-m")):
        plenty = flows(run, tmp_path / "o.jsonl", *options, path)
        assert len(plenty) > 200_000
        assert flows(run, tmp_path / "o.jsonl", *options, "--memory", "64k", path) == plenty


def test_no_room_for_temporary_files(run, tmp_path):
    path = write_pcap(tmp_path / "a.pcap", traffic(9, count=6000))
    done = run("flows", "-q", "--profile", "pcap2json", "--memory", "64k", "--tmpdir",
               tmp_path / "none", "-o", tmp_path / "o.jsonl", path, check=False)
    assert done.returncode == 1 and "none" in done.stderr
    assert not (tmp_path / "o.jsonl").exists()


def test_labels(run, label, tmp_path):
    packets = [(START + i * 10**6, ethernet(ip4(17, udp((i % 2, 5), b"payload"))))
               for i in range(8)]
    path = write_pcap(tmp_path / "a.pcap", packets)
    labelled = label('BPF:src port 0,"a ""label"" with ünicode",\nBPF:src port 1,other,\n', path)
    coarse = [json.loads(line) for line in
              flows(run, tmp_path / "o.jsonl", labelled.output).splitlines()]
    detail = [json.loads(line) for line in
              flows(run, tmp_path / "o.jsonl", "-m", labelled.output).splitlines()]
    assert [line["metadata"] for line in coarse] == ['a "label" with ünicode', "other"]
    assert [line["flow_key"]["source_port"] for line in coarse] == [0, 1]
    assert all(line["sample_id"].isdigit() for line in coarse)
    assert list(coarse[0])[:3] == ["sample_id", "metadata", "pkt_num"]
    assert [line[0]["sample_id"] for line in detail] == [line["sample_id"] for line in coarse]
    assert list(detail[0][0])[:3] == ["sample_id", "metadata", "source_addr"]
    given = json.loads(flows(run, tmp_path / "o.jsonl", "--label", "mine", "--tunnels", "outer",
                             write_pcap(tmp_path / "b.pcap", packets[:1])))
    assert list(given)[:2] == ["metadata", "pkt_num"] and given["metadata"] == "mine"


def test_later_fragments_stay_in_their_flow(run, tmp_path):
    whole = udp((7, 8), b"0123456789" * 10)
    packets = [ip4(17, whole[:48], more=True), ip4(17, whole[48:], offset=48),
               ip4(6, tcp((7, 8), 5, b"data"), ident=8, more=True),
               ip4(6, b"rest of it", ident=8, offset=24)]
    path = write_pcap(tmp_path / "a.pcap", [(START, ethernet(data)) for data in packets])
    first, second = [json.loads(line) for line in
                     flows(run, tmp_path / "o.jsonl", "-m", path).splitlines()]
    assert [packet["data_len"] for packet in first[1:]] == [40, 60]
    assert first[1]["data"] + first[2]["data"] == whole[8:].hex()
    assert [packet["4layer_hdr_len"] for packet in first[1:]] == [8, 0]
    assert [packet["th_seq"] for packet in second[1:]] == [0, 0]
    assert second[2]["data"] == b"rest of it".hex() and second[2]["th_win"] == 0


def test_snapped_packets(run, tmp_path):
    """data_len and ip_len are what was sent, the hex is what was captured."""
    frame = ethernet(ip4(17, udp((7, 8), b"x" * 100)))
    capture = Ng().interface()
    for caplen in (14 + 28 + 30, 14 + 28):
        capture.packet(frame[:caplen], START // 1000, length=len(frame))
    (tmp_path / "a.pcapng").write_bytes(bytes(capture))
    coarse = json.loads(flows(run, tmp_path / "o.jsonl", tmp_path / "a.pcapng"))
    assert [len(packet["ip_content"]) // 2 for packet in coarse["pkt_info"]] == [58, 28]
    assert [packet["data_len"] for packet in coarse["pkt_info"]] == [100, 100]
    detail = json.loads(flows(run, tmp_path / "o.jsonl", "-m", tmp_path / "a.pcapng"))
    assert [packet["data"] for packet in detail[1:]] == [(b"x" * 30).hex(), None]
    assert [packet["ip_len"] for packet in detail[1:]] == [128, 128]


def test_a_flow_that_is_turned_round(run, tmp_path):
    """Data was captured first: whoever sends the SYN is the source all the same."""
    packets = [ip(4, 6, tcp((80, 9), 500, b"early", 0x10), True), ip(4, 6, tcp((9, 80), 20, b"", 2)),
               ip(4, 6, tcp((9, 80), 21, b"GET"))]
    path = write_pcap(tmp_path / "a.pcap",
                      [(START + i, ethernet(data)) for i, data in enumerate(packets)])
    line = json.loads(flows(run, tmp_path / "o.jsonl", "--bidirectional", path))
    assert line["flow_key"]["source_port"] == 9
    assert [packet["direction"] for packet in line["pkt_info"]] == ["<", ">"]
    assert (line["init_seq"], line["init_seq_backward"]) == (20, 500)


@pytest.mark.parametrize("option", [("--idle-timeout", "5"), ("--active-timeout", "5"),
                                    ("--max-flows-in-memory", "5"), ("--tunnels", "inner")])
def test_what_the_original_has_none_of(run, tmp_path, option):
    path = write_pcap(tmp_path / "a.pcap", quirks(1)[:3])
    done = run("flows", "--profile", "pcap2json", "--compat", *option, path, check=False)
    assert done.returncode != 0 and "neither has its compat mode" in done.stderr


@pytest.mark.parametrize("compat", [(), ("--compat",)])
@pytest.mark.parametrize("jobs", [1, 3])
def test_what_is_previewed_is_in_the_table_too(run, shared, tmp_path, compat, jobs):
    inputs = sorted((shared / "captures/apps").rglob("*.pcap*"))[:6]
    run("flows", "-q", "--profile", "pcap2json", *compat, "-o", tmp_path / "alone.jsonl", *inputs)
    done = run("flows", "-q", "--profile", "pcap2json", *compat, "--jobs", jobs, "--preview", "4",
               "-o", tmp_path / "both.jsonl", *inputs)
    table = (tmp_path / "alone.jsonl").read_text()
    assert done.stdout.splitlines() == table.splitlines()[:4]
    assert (tmp_path / "both.jsonl").read_text() == table
