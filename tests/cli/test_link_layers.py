"""Link layers, Ethernet types and tunnels that no shared capture has, put together here, as tshark
takes them apart.
"""

import json
import sqlite3
import struct
from contextlib import closing

import pytest

from captures import ETHERNET, RAW, pcap, read_packets
from test_packet_headers import (NONE, Theirs, captures, check_inner, check_packet,  # fixtures too
                                 headers_dump, rows_of_each, tshark)

MACS = bytes.fromhex("020202020202 020202020201")
SNAP = bytes.fromhex("aaaa03 000000")
IPV4, IPV6, ARP = b"\x08\x00", b"\x86\xdd", b"\x08\x06"
SEQUENCE = bytes(4)  # the frame check sequence that tshark expects here
NFLOG_PREFIX = bytes.fromhex("0a00 0a00 696e707574 00 0000")
PKTAP = struct.pack("<III24sIIIII20sIIHH4sI20s", 156, 1, 1, b"en0", 2, 2, 14, 0, 77, b"curl", 0, 0, 0,
                    0, b"", 77, b"curl").ljust(156, b"\0")


def udp(payload=b"abc"):
    return struct.pack(">HHHH", 4660, 22136, 8 + len(payload), 0) + payload


def ipv4(protocol=17, content=udp(), ends=bytes([10, 0, 0, 1, 10, 0, 0, 2])):
    return struct.pack(">BBHIBBH", 0x45, 0, 20 + len(content), 0, 64, protocol, 0) + ends + content


def ipv6(protocol=17, content=udp()):
    ends = bytes.fromhex("20010db8" + "0" * 23 + "1" + "20010db8" + "0" * 23 + "2")
    return struct.pack(">IHBB", 6 << 28, len(content), protocol, 64) + ends + content


def arp():
    return bytes.fromhex("0001 0800 06 04 0001 020202020201 0a000001 000000000000 0a000002")


def ethernet(content=ipv4(), kind=IPV4):
    return MACS + kind + content


def nflog(family, packet):
    attribute = struct.pack("<HH", 4 + len(packet), 9) + packet
    return bytes([family, 0, 0, 1]) + NFLOG_PREFIX + attribute + bytes(-len(attribute) % 4)


def check_same(headers_dump, path, theirs):
    ours = headers_dump(path)
    assert len(ours) == len(theirs) > 0
    for mine, row in zip(ours, theirs):
        assert mine["skip"] == NONE, row["frame.protocols"]
        check_packet(mine, Theirs(row))


FDDI, TOKEN_RING = b"\x50" + MACS, b"\x10\x40" + MACS
ROUTED = b"\x10\x40" + MACS[:6] + b"\x82" + MACS[7:] + bytes.fromhex("06 30 0011 0020")
TYPED = [(IPV4, ipv4()), (IPV6, ipv6()), (ARP, arp())]
# fmt: off
LINK_LAYERS = {
    "FDDI": (10, [FDDI + SNAP + kind + packet for kind, packet in TYPED]),
    "Token Ring": (6, [head + SNAP + kind + packet for head in (TOKEN_RING, ROUTED)
                       for kind, packet in TYPED]),
    "ARCNET of BSD": (7, [b"\1\2\xf0" + ipv4(), b"\1\2\xd4\0\0\7" + ipv4(),
                          b"\1\2\xd4\xff\0\0\xd4\0\0\7" + ipv4(), b"\1\2\xc4\0\0\7" + ipv6()]),
    "ARCNET of Linux": (129, [b"\1\2\0\0\xf0" + ipv4(), b"\1\2\0\0\xd4\0\0\7" + ipv4(),
                              b"\1\2\0\0\xf1" + arp(), b"\1\2\0\0\xd5\0\0\7" + arp()]),
    "IP over InfiniBand": (242, [bytes(40) + kind + bytes(2) + packet for kind, packet in TYPED]),
    "IEEE 1394": (138, [bytes(16) + kind + packet for kind, packet in TYPED]),
    "ENC": (109, [struct.pack("<I", family) + bytes(8) + packet
                  for family, packet in ((2, ipv4()), (24, ipv6()))]),
    "NFLOG": (239, [nflog(2, ipv4()), nflog(10, ipv6()), nflog(2, ipv4(content=udp(b"abcd")))]),
    "PKTAP": (258, [PKTAP + ethernet(packet, kind) for kind, packet in TYPED]),
    "PKTAP as USER2": (149, [PKTAP + ethernet(packet, kind) for kind, packet in TYPED]),
    "PPP with direction": (204, [way + b"\xff\x03" + kind + packet for way in (b"\0", b"\1")
                                 for kind, packet in ((b"\0\x21", ipv4()), (b"\0\x57", ipv6()))]),
    "HDLC as PPP": (9, [b"\x0f\0" + IPV4 + ipv4(), b"\x8f\0" + IPV6 + ipv6()]),
    "HDLC as PPP in HDLC": (50, [b"\x0f\0" + IPV4 + ipv4(), b"\x8f\0" + IPV6 + ipv6()]),
    "NetAnalyzer": (240, [struct.pack("<I", len(packet) + 18 << 16 | 1 << 10) + ethernet(packet, kind) +
                          SEQUENCE for kind, packet in TYPED]),
}
ETHERNET_TYPES = {
    "VN-Tag": [bytes.fromhex("8926 00010002") + kind + packet for kind, packet in TYPED],
    "VN-Tag and VLAN": [bytes.fromhex("8926 00010002 8100 0007") + IPV4 + ipv4()],
    "E-Tag": [bytes.fromhex("893f 001000200000") + kind + packet for kind, packet in TYPED],
    "backbone bridges": [bytes.fromhex("88e7 00000001") + ethernet(packet, kind)
                         for kind, packet in TYPED],
    "VLAN of a backbone": [bytes.fromhex("88a8 0005 88e7 00000001") + ethernet()],
    "NSH": [bytes.fromhex(head) + packet for head, packet in [
        ("894f 0fc6 01 01 00000001" + "00" * 16, ipv4()), ("894f 0fc2 02 02 00000001", ipv6()),
        ("894f 0fc2 02 03 00000001", ethernet())]],
    "MACsec": [bytes.fromhex("88e5 00 00 00000001") + kind + packet + bytes(16)
               for kind, packet in TYPED],
    "MACsec with a channel": [bytes.fromhex("88e5 20 00 00000001 0202020202020001") + IPV4 + ipv4() +
                              bytes(16)],
    "Cisco MetaData": [bytes.fromhex("8909 01 01 0001 0007") + kind + packet
                       for kind, packet in TYPED],
    "FabricPath": [bytes.fromhex("8903 0440") + ethernet(packet, kind) + SEQUENCE
                   for kind, packet in TYPED],
}
# fmt: on


def ports(number, payload, source=4660):
    return ipv4(content=struct.pack(">HHHH", source, number, 8 + len(payload), 0) + payload)


def gre(flags, kind, content):
    return struct.pack(">HH", flags, kind) + content


# fmt: off
INSIDE = ethernet(ipv4(ends=bytes([192, 168, 0, 1, 192, 168, 0, 2])))
TEREDO_AUTH = bytes.fromhex("0001 04 02 61626364 6566 1122334455667788 00")
TEREDO_ORIGIN = bytes.fromhex("0000 1234 f5ffffff")
TUNNELS = {
    "ERSPAN I": [ipv4(47, gre(0, 0x88BE, INSIDE))],
    "ERSPAN II": [ipv4(47, gre(0x1000, 0x88BE, bytes(4) + bytes.fromhex("1007 0005 00000001") + INSIDE))],
    "ERSPAN III": [ipv4(47, gre(0x1000, 0x22EB, bytes(4) + bytes.fromhex(head) + INSIDE)) for head in (
        "2007 0005 00000001 0000 0000", "2007 0005 00000001 0000 0001 1c00000100000002")],
    "GRE in UDP": [ports(4754, gre(0, 0x0800, ipv4(content=udp(b"x")))),
                   ports(4754, gre(0x2000, 0x86DD, bytes(4) + ipv6()))],
    "MPLS in GRE": [ipv4(47, gre(0, 0x8847, bytes.fromhex("00010140") + ipv4(content=udp(b"x"))))],
    "Teredo": [ports(3544, head + ipv6()) for head in (
        b"", TEREDO_AUTH, TEREDO_ORIGIN, TEREDO_AUTH + TEREDO_ORIGIN)] + [ports(4660, ipv6(), 3544)],
    "AYIYA": [ports(5072, bytes.fromhex("4152 1129 00000001") + bytes(16 + 20) + ipv6()),
              ports(4660, bytes.fromhex("0100 0129 00000001") + bytes(1) + ipv6(), 5072)],
}
# fmt: on
MADE = (LINK_LAYERS | {name: (ETHERNET, [MACS + rest for rest in ETHERNET_TYPES[name]]) for name in ETHERNET_TYPES}
        | {name: (ETHERNET, [ethernet(packet) for packet in TUNNELS[name]]) for name in TUNNELS})


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The capture of each name, and what tshark says of it."""
    folder, paths = tmp_path_factory.mktemp("made"), {}
    for name, (linktype, packets) in MADE.items():
        paths[name] = folder / f"{name}.pcap"
        paths[name].write_bytes(pcap([(packet, 0) for packet in packets], linktype=linktype))
    rows = rows_of_each(paths.values(), folder / "merged.pcapng")
    return dict(zip(paths, zip(paths.values(), rows)))


@pytest.mark.parametrize("name", MADE)
def test_layers(made, headers_dump, name):
    check_same(headers_dump, *made[name])


@pytest.mark.parametrize("name", TUNNELS)
def test_tunnels(made, headers_dump, name):
    path, rows = made[name]
    for mine, row in zip(headers_dump(path, "--inner"), rows, strict=True):
        inside = Theirs(row, innermost=True)
        assert inside.tunnelled
        check_inner(mine, inside)


def wlan_aggregate(*frames):
    """A QoS data frame with subframes of 802.2."""
    subframes = [MACS + struct.pack(">H", len(frame)) + frame for frame in frames]
    padded = [frame + bytes(-len(frame) % 4) for frame in subframes[:-1]] + subframes[-1:]
    return bytes.fromhex("8802 0000") + MACS + MACS[:6] + bytes.fromhex("0000 8000") + b"".join(padded)


def test_aggregates_of_802_11(tmp_path, headers_dump):
    """The first frame in it that has a network protocol."""
    eapol = SNAP + bytes.fromhex("888e 0103005f")
    first, second = (SNAP + IPV4 + ipv4(content=udp(payload)) for payload in (b"one", b"three"))
    frames = [wlan_aggregate(first), wlan_aggregate(first, second), wlan_aggregate(eapol, first),
              wlan_aggregate(eapol, eapol, second, first)]
    path = tmp_path / "in.pcap"
    path.write_bytes(pcap([(frame, 0) for frame in frames[:2]], linktype=105))
    check_same(headers_dump, path, tshark(path))
    path.write_bytes(pcap([(frame, 0) for frame in frames], linktype=105))
    lengths = [packet["payload_len"] for packet in headers_dump(path)]
    assert lengths == ["3", "3", "3", "5"]


# ---- raw IP that is called Ethernet ----


@pytest.fixture
def raw_ip(tmp_path):
    path = tmp_path / "raw.pcap"
    path.write_bytes(pcap([(ipv4(content=udp(bytes(n))), n * 10**9) for n in range(1, 30)]))
    return path


def test_raw_ip_called_ethernet_is_told(run, label, raw_ip):
    hint = "the packets look like raw IP, not like Ethernet as the file says (--linktype RAW reads them)"
    assert hint in run("info", raw_ip).stderr
    assert hint in label("BPF:len > 0,x\n", raw_ip).stderr
    assert hint not in run("info", "--linktype", "RAW", raw_ip).stderr
    data = raw_ip.read_bytes()
    raw_ip.write_bytes(data[:24 + 16] + b"\xff" + data[24 + 17:])  # one is not
    assert hint not in run("info", raw_ip).stderr


def test_link_types_of_data_sets(run, label, raw_ip, tmp_path):
    """--linktype holds wherever a capture is read."""
    wrong = label("BPF:len > 0,x\n", raw_ip, output="wrong.pcapng").output
    right = label("BPF:udp,x\n", "--linktype", "RAW", raw_ip, output="right.pcapng").output
    matched = [json.loads(run("compare", "--json", *linktype, wrong, wrong if linktype else right).stdout)["matched"]
               for linktype in ((), ("--linktype", "RAW"))]
    assert matched == [0, 29]
    chosen = tmp_path / "chosen.pcapng"
    run("select", "--linktype", "RAW", "--filter", "udp", "-o", chosen, wrong)
    assert len(read_packets(chosen)) == 29
    run("check", "--linktype", "RAW", wrong)
    run("index", "--linktype", "RAW", wrong)
    with closing(sqlite3.connect(f"{wrong}.sqlite")) as catalogue:
        assert catalogue.execute("SELECT DISTINCT linktype FROM samples").fetchall() == [(RAW,)]
