"""labelcap flows --profile pcap2json: what the original printed, and two oracles in Python.

The goldens under shared/peers/pcap2json/ were printed by the original. original() does with dpkt what
the original does, so that more captures can be compared; described() makes the default mode's JSON
from packets as dpkt parses them and from sets of single bytes.
"""

import json
import random
import socket
import struct
import subprocess
from collections import Counter

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
    flows(run, tmp_path / "o.json", "--compat", "--stats-json", tmp_path / "stats.json",
          peers / f"inputs/{name}.pcap")
    stats = json.loads((tmp_path / "stats.json").read_text())
    assert "not taken by the original tool" in json.dumps(stats) or "profile" in json.dumps(stats)


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
