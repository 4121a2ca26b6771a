"""The headers of every packet of many captures, compared with what tshark tells of them.

Headers come from tests/unit/headers_dump.c. Where tshark says something else on purpose, the
comparison says why.
"""

import base64
import fcntl
import hashlib
import ipaddress
import struct
import subprocess
from itertools import islice

import pytest

# fmt: off
CAPTURES = [
    # link types
    "apps/dnp3/iti-8.2.1.2.14-dump.pcap", "apps/dns/zeek-dns-ech.pcap",
    "apps/kakaotalk/ndpi-KakaoTalk_chat.pcap", "apps/snmp/ark-snmpv3_synthetic.pcap",
    "formats/derived/lt0-null-be.pcap", "formats/derived/lt0-null-le.pcap",
    "formats/derived/lt101-raw.pcap", "formats/derived/lt104-chdlc.pcap",
    "formats/derived/lt105-80211.pcap", "formats/derived/lt108-loop.pcap",
    "formats/derived/lt113-sll.pcap", "formats/derived/lt12-rawdlt.pcap",
    "formats/derived/lt127-radiotap.pcap", "formats/derived/lt228-ipv4.pcap",
    "formats/derived/lt276-sll2.pcap", "formats/derived/lt50-ppp-hdlc.pcap",
    "formats/derived/lt51-pppoe.pcap", "formats/derived/lt9-ppp.pcap",
    "formats/derived/multi-if-linktypes-tsresol.pcapng",
    "formats/derived/two-sections-mixed-endian.pcapng", "formats/ndpi-BGP_redist.pcap",
    "formats/ppp-Sll2Packet.pcap", "formats/ppp-Sll2PacketLLC.pcap",
    "formats/ppp-four_ipv6_http_streams.pcap", "formats/tcpdump-bgp_vpn_attrset.pcap",
    "formats/tcpdump-icmpv6_nodeinfo_replyipv6.pcap", "formats/tcpdump-ppp_ip_udp_dns.pcap",
    "formats/zeek-ldap-gap-data-missing.pcapng", "formats/zeek-wlanmon.pcap",
    "formats/tcpdump-LINKTYPE_PKTAP.pcap", "formats/tcpdump-LINKTYPE_USER2_PKTAP.pcap",
    "formats/tcpdump-ipoib.pcap", "formats/libpcap-arcnet-rfc1051-arp-icmp-http.pcap",
    "formats/ark-nflog.pcap", "formats/zeek-nflog-http.pcap", "formats/ppp-nflogPacket.pcap",
    "formats/ws-captures-nfs.pcap", "formats/zeek-dns-inverse-query.pcap",
    # VLAN, MPLS, PPPoE
    "formats/derived/eth-mpls2.pcap", "formats/derived/eth-qinq-88a8.pcap",
    "formats/derived/eth-vlan.pcap", "protocols/ark-mpls-basic.pcap",
    "protocols/merc-pppoe_double_vlan_tagging.pcap", "protocols/ppp-ArpRequestWithVlan.pcap",
    "protocols/sv-bug-4810-pppoe-session-http.pcap", "protocols/tcpdump-pppoe.pcap",
    "protocols/zeek-mpls-in-vlan.pcap", "protocols/zeek-pppoe.pcap",
    "formats/tcpdump-mpls-ldp-hello.pcap", "formats/zeek-vntag.pcap",
    # snapped, padded, lengths that lie
    "formats/derived/all-options-fcslen4.pcapng", "formats/derived/pcap-snapped-54.pcap", "formats/derived/spb-only-snaplen64.pcapng",
    "formats/ndpi-badpackets.pcap", "formats/ndpi-fuzz-2006-06-26-2594.pcap",
    "protocols/ppp-packet_trailer.pcap", "protocols/tcpdump-ipv6_missing_jumbo_payload_option.pcap",
    # extension headers, fragments, protocols
    "protocols/ark-sctp-www.pcap", "protocols/libpcap-AH-IPcomp-IPv4.pcap",
    "protocols/libpcap-ipv6_ah_modes.pcap", "protocols/ndpi-dns_fragmented.pcap",
    "protocols/ndpi-pcap-esp.pcapng", "protocols/p2f-udp_lite_normal_coverage_8-20.pcap",
    "protocols/tcpdump-dccp_partial_csum_v4_longer.pcap",
    "protocols/tcpdump-dccp_partial_csum_v6_simple.pcap", "protocols/ppp-IgmpPackets.pcap", "protocols/ppp-ip6_fragments.pcap",
    "protocols/ppp-ipv6_options.pcapng", "protocols/tcpdump-OSPFv3_with_AH.pcap",
    "protocols/sv-bug-6887-defrag-eth-vlan-ipv6-tcp-frag-eth-vlan-ipv6-tcp.pcap",
    "protocols/sv-ipv6-covert-dstopts-covert_send6.pcap", "protocols/sv-sctp-pkt-too-small.pcap",
    "protocols/zeek-chksums-ip6-route0-tcp-good-chksum.pcap", "protocols/zeek-dns-edns-ecs.pcap",
    "protocols/zeek-ip6_esp.pcap", "protocols/zeek-ipv6-fragmented-dns.pcap",
    "protocols/zeek-mobile-ipv6-ipv6-mobile-hoa.pcap", "protocols/zeek-tcp-reassembly.pcap",
]
TUNNELS = [
    "protocols/libpcap-ah-ipip-ping.pcap", "protocols/ppp-IPv4-encapsulated-IPv6.pcap",
    "protocols/ppp-Vxlan2.pcap", "protocols/sv-bug-4571-01-ipv4_over_ipv4.pcap",
    "protocols/sv-bug-5633-gre-01-gre-udp.pcap", "protocols/sv-detect-arp-04-vxlan-vxlan-arp.pcap",
    "protocols/sv-vxlan-decoder-03-vxlan.pcap", "protocols/zeek-Traces-vxlan-overlapping-http-get.pcap",
    "protocols/zeek-gtp-gtp2_different_udp_port.pcap", "protocols/zeek-gtp-gtp3_false_gtp.pcap",
    "protocols/zeek-tunnels-4in4.pcap", "protocols/zeek-tunnels-4in6.pcap",
    "protocols/zeek-tunnels-6in4.pcap", "protocols/zeek-tunnels-gre-pptp.pcap",
    "protocols/zeek-tunnels-gre-within-gre.pcap", "protocols/zeek-tunnels-ping6-in-ipv4.pcap",
    "protocols/libpcap-geneve.pcap", "protocols/merc-geneve.pcap",
    "protocols/sv-geneve-decoder.pcap", "protocols/tcpdump-geneve-gcp.pcap",
    "protocols/tcpdump-gso-ipv4-geneve-ipv6.pcap", "protocols/zeek-tunnels-geneve-many-options.pcap",
    "protocols/zeek-tunnels-vxlan.pcap", "protocols/zeek-tunnels-vxlan-encapsulated-http.pcap",
    "protocols/ndpi-teredo.pcap", "protocols/zeek-erspan.pcap", "protocols/zeek-erspanII.pcap",
    "protocols/sv-bug-5437-01.pcap", "protocols/sv-bug-5437-02.pcap",
    "protocols/tcpdump-erspan-type-i-2.pcap", "protocols/tcpdump-erspan-type-ii-2.pcap",
    "protocols/tcpdump-erspan-type-iii-pb-1.pcap",
]
# fmt: on

FIELDS = """frame.protocols frame.len ip.src ip.dst ip.len ip.hdr_len ip.ttl ip.dsfield
    ip.flags.mf ip.frag_offset ipv6.src ipv6.dst ipv6.plen ipv6.hlim ipv6.tclass
    ipv6.fraghdr.offset arp.src.proto_ipv4 arp.dst.proto_ipv4 arp.proto.size vlan.id ieee8021ad.id
    tcp.srcport tcp.dstport tcp.len tcp.hdr_len tcp.flags tcp.window_size_value tcp.urgent_pointer
    tcp.seq_raw tcp.ack_raw udp.srcport udp.dstport udp.length sctp.srcport sctp.dstport dccp.srcport dccp.dstport icmp.type
    icmp.code icmpv6.type icmpv6.code communityid""".split()

NETWORKS = {"arp": "0", "ip": "4", "ipv6": "6"}
TRANSPORTS = {
    "TCP": "tcp", "UDP": "udp", "UDPLite": "udplite", "SCTP": "sctp", "DCCP": "dccp", "ICMP": "icmp",
    "ICMPv6": "icmpv6",
}  # fmt: skip
EXTENSIONS = {"ah", "ipv6.hopopts", "ipv6.routing", "ipv6.fraghdr", "ipv6.dstopts"}
NONE, LINK_HEADER, NO_IP, IP_HEADER, TRANSPORT = "0", "2", "3", "6", "7"


@pytest.fixture(scope="session")
def captures(shared):
    return shared / "captures"


def table(text):
    """The rows of tab-separated text as dictionaries."""
    head, *lines = text.split("\n")
    return [dict(zip(head.split("\t"), line.split("\t"))) for line in lines if line]


@pytest.fixture(scope="session")
def headers_dump(repo, build, captures):
    """Builds the program once, also when several workers of pytest start it."""
    program = build / "tests" / "headers_dump"
    program.parent.mkdir(parents=True, exist_ok=True)
    with open(program.parent / "headers_dump.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        command = ["make", "-C", repo, f"BUILD={build}", program]
        built = subprocess.run(command, capture_output=True, text=True)
        assert built.returncode == 0, built.stderr

    def dump(name, *arguments):
        command = [program, *arguments, captures / name]
        run = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert run.returncode == 0, run.stderr
        return table(run.stdout)

    return dump


def tshark(path):
    command = ["tshark", "-n", "-r", path, "--enable-protocol", "communityid", "-T", "fields"]
    command += ["-E", "header=y", "-E", "aggregator=|"]
    for preference in ("ip.defragment", "ipv6.defragment", "tcp.desegment_tcp_streams"):
        command += ["-o", f"{preference}:FALSE"]
    for name in FIELDS:
        command += ["-e", name]
    run = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace")
    assert run.returncode in (0, 2), run.stderr
    return table(run.stdout)


# mergecap confuses the interfaces of several sections, and writes an option that tshark cannot read.
NOT_MERGED = ["formats/derived/two-sections-mixed-endian.pcapng",
              "formats/derived/all-options-fcslen4.pcapng"]


def rows_of_each(paths, merged):
    """What tshark says of each capture: of all at once, for its start takes longer than any of them."""
    subprocess.run(["mergecap", "-a", "-w", merged, *paths], check=True, capture_output=True)
    counts = subprocess.run(["capinfos", "-TrcM", *paths], check=True, capture_output=True, text=True).stdout
    rows = iter(tshark(merged))
    found = [list(islice(rows, int(line.split("\t")[-1]))) for line in counts.splitlines()]
    assert len(found) == len(paths) and next(rows, None) is None
    return found


@pytest.fixture(scope="session")
def rows_of(captures, tmp_path_factory):
    names = [name for name in CAPTURES + TUNNELS if name not in NOT_MERGED]
    merged = tmp_path_factory.mktemp("merged") / "all.pcapng"
    found = dict(zip(names, rows_of_each([captures / name for name in names], merged)))
    return found | {name: tshark(captures / name) for name in NOT_MERGED}


class Theirs:
    """What tshark says of a packet's outermost network header (or innermost) and what is in it."""

    def __init__(self, row, innermost=False):
        self.row = row
        self.which = -1 if innermost else 0
        layers = row["frame.protocols"].split(":")
        places = [i for i, layer in enumerate(layers) if layer in NETWORKS]
        place = places[self.which] if places else len(layers)
        self.network = layers[place] if places else None
        self.outside = layers[:place]
        inside = layers[place + 1 :]
        while inside and inside[0] in EXTENSIONS:
            inside = inside[1:]
        self.transport = inside[0] if inside else None
        self.tunnelled = len(places) > 1

    def __getitem__(self, name):
        return self.row[name].split("|")[self.which]

    def number(self, name):
        return int(self[name] or "0", 0)

    def vlan(self):
        """The ID of the outermost tag; not those of frames in tunnels."""
        for layer, name in (("ieee8021ad", "ieee8021ad.id"), ("vlan", "vlan.id")):
            if layer in self.outside:
                return self.row[name].split("|")[0]
        return ""

    def fragment(self):
        return (
            self["ip.flags.mf"] in ("1", "True")
            or self["ip.frag_offset"] not in ("", "0")
            or self["ipv6.fraghdr.offset"] != ""
        )


def expected_ip_len(ours, theirs):
    """By the length field, where it does not claim more than the frame has."""
    if theirs.network == "ip":
        length = theirs.number("ip.len")
    else:
        # Without a length, and without an option that holds it, it is what the frame leaves.
        plen = theirs.number("ipv6.plen")
        length = 40 + plen if plen else int(ours["ip_len"])
    room = int(ours["len"]) - (14 if ours["linktype"] == "1" else 0)
    if length > room:
        assert room - 16 <= int(ours["ip_len"]) <= room, ours
        return int(ours["ip_len"])
    return length


def addresses(theirs):
    if theirs.network == "arp":
        return theirs["arp.src.proto_ipv4"], theirs["arp.dst.proto_ipv4"]
    return theirs[f"{theirs.network}.src"], theirs[f"{theirs.network}.dst"]


def ports(theirs):
    name = "udp" if theirs.transport == "udplite" else theirs.transport
    if name not in ("tcp", "udp", "sctp", "dccp"):
        return "0", "0"
    return theirs[f"{name}.srcport"], theirs[f"{name}.dstport"]


def check_network(ours, theirs):
    assert ours["family"] == NETWORKS[theirs.network]
    assert (ours["source"], ours["destination"]) == addresses(theirs)
    if theirs.network == "arp":
        return
    assert int(ours["ip_len"]) == expected_ip_len(ours, theirs)
    ttl, tos = ("ip.ttl", "ip.dsfield") if theirs.network == "ip" else ("ipv6.hlim", "ipv6.tclass")
    assert int(ours["ttl"]) == theirs.number(ttl)
    assert int(ours["tos"]) == theirs.number(tos)


def check_tcp(ours, theirs):
    for name, field in [
        ("tcp_header_len", "tcp.hdr_len"),
        ("tcp_window", "tcp.window_size_value"),
        ("tcp_urgent", "tcp.urgent_pointer"),
        ("tcp_seq", "tcp.seq_raw"),
        ("tcp_ack", "tcp.ack_raw"),
    ]:
        assert int(ours[name]) == theirs.number(field), name
    # tshark has the three reserved bits in it.
    assert int(ours["tcp_flags"]) == theirs.number("tcp.flags") & 0x1FF
    # Of fragments tshark does not tell it.
    if not theirs.fragment():
        assert int(ours["payload_len"]) == theirs.number("tcp.len")


def check_transport(ours, theirs):
    assert theirs.transport == TRANSPORTS[ours["name"]]
    assert (ours["source_port"], ours["destination_port"]) == ports(theirs)
    ip_payload = int(ours["ip_len"]) - int(ours["ip_header_len"])
    if theirs.transport == "tcp":
        check_tcp(ours, theirs)
    elif theirs.transport == "udp":
        length = theirs.number("udp.length")
        if theirs.fragment() or not 8 <= length <= ip_payload:
            length = ip_payload
        assert int(ours["payload_len"]) == length - 8
    elif theirs.transport in ("icmp", "icmpv6"):
        for name in ("type", "code"):
            assert int(ours[f"icmp_{name}"]) == theirs.number(f"{theirs.transport}.{name}")


def check_skipped(ours, theirs):
    """A packet in which tshark sees IP or ARP that is none here."""
    if theirs.network is None:
        return
    reason = ours["skip"]
    if reason == LINK_HEADER or reason == "1":
        pytest.fail(f"link layer of {ours} is not known: {theirs.row['frame.protocols']}")
    if theirs.network == "arp":
        assert reason == IP_HEADER or (reason == NO_IP and theirs["arp.proto.size"] != "4")
    elif reason == TRANSPORT:
        # Less than the fixed part of the header, or a TCP offset below it.
        least = {"tcp": 20, "udp": 8, "udplite": 8, "sctp": 12, "dccp": 12, "icmp": 4, "icmpv6": 4}
        header = theirs.number("ip.hdr_len") or 40
        cut = int(ours["caplen"]) - header < least[theirs.transport] + 14
        short = theirs.number("ip.len") - header < least[theirs.transport]
        assert cut or short or theirs.number("tcp.hdr_len") < 20
    else:
        assert reason == IP_HEADER
        assert theirs["ip.src"] == "" or theirs.number("ip.len") < theirs.number("ip.hdr_len")


def check_packet(ours, theirs):
    if ours["skip"] != NONE:
        check_skipped(ours, theirs)
        return
    assert theirs.network is not None, theirs.row["frame.protocols"]
    assert ours["vlan"] == theirs.vlan()
    check_network(ours, theirs)
    if ours["has_transport"] == "1" and ours["name"] in TRANSPORTS:
        check_transport(ours, theirs)
    else:
        assert theirs.transport not in TRANSPORTS.values()


def community_id(ours):
    """Version 1 by its specification, for one packet's tuple."""
    answers = {(1, 8): 0, (1, 10): 9, (1, 13): 14, (1, 15): 16, (1, 17): 18}
    answers |= {(58, a): a + 1 for a in (128, 130, 133, 135, 139, 144)}
    answers |= {(protocol, b): a for (protocol, a), b in answers.items()}
    protocol = int(ours["protocol"])
    source, destination = (
        ipaddress.ip_address(ours[name]).packed for name in ("source", "destination")
    )
    ends = [(source, int(ours["source_port"])), (destination, int(ours["destination_port"]))]
    one_way = False
    if ours["icmp_type"]:
        kind = int(ours["icmp_type"])
        one_way = (protocol, kind) not in answers
        ends = [(source, kind), (destination, answers.get((protocol, kind), int(ours["icmp_code"])))]
    if not one_way:
        ends.sort()
    data = struct.pack("!H", 0) + ends[0][0] + ends[1][0] + struct.pack("!BB", protocol, 0)
    if protocol in (6, 17, 132) or protocol in (1, 58):
        data += struct.pack("!HH", ends[0][1], ends[1][1])
    return "1:" + base64.b64encode(hashlib.sha1(data).digest()).decode()


def check_community_id(ours, theirs):
    """As hashlib computes it, and as tshark does where it has no tunnel to look into."""
    if ours["skip"] != NONE:
        return
    if ours["family"] == "0":
        assert ours["community_id"] == ""
        return
    assert ours["community_id"] == community_id(ours)
    theirs_differs = (
        theirs.tunnelled
        or ours["fragment"] == "1"  # have ports here
        or ours["name"] == "UDPLite"  # has none by the specification
    )
    if not theirs_differs and (theirs["communityid"] or ours["name"] in ("TCP", "UDP")):
        assert ours["community_id"] == theirs["communityid"]


@pytest.mark.parametrize("name", CAPTURES)
def test_as_tshark_has_them(name, rows_of, headers_dump):
    ours, theirs = headers_dump(name), rows_of[name]
    assert len(ours) == len(theirs) > 0
    for mine, row in zip(ours, theirs):
        check_packet(mine, Theirs(row))
        check_community_id(mine, Theirs(row))


def test_ethernet_in_mpls(tmp_path, headers_dump):
    """Behind a control word, once and twice."""
    scapy = pytest.importorskip("scapy.all")
    ends = {"src": "02:02:02:02:02:01", "dst": "02:02:02:02:02:02"}
    frames = [
        scapy.Ether(**ends) / scapy.IP(src="10.0.0.1", dst="10.0.0.2") / scapy.TCP(flags="S"),
        scapy.Ether(**ends) / scapy.Dot1Q(vlan=5) / scapy.IPv6(dst="2001:db8::2") / scapy.UDP(),
        scapy.Ether(**ends) / scapy.ARP(psrc="10.0.0.1", pdst="10.0.0.2"),
    ]
    labels = [bytes.fromhex(f"0001003f 0001113f {word}") for word in ("00000000", "00000007")]
    for label in labels:
        frames += [scapy.Ether(**ends, type=0x8847) / (label + bytes(frame)) for frame in frames]
    scapy.wrpcap(str(tmp_path / "in.pcap"), frames)
    ours, theirs = headers_dump(tmp_path / "in.pcap"), tshark(tmp_path / "in.pcap")
    assert len(ours) == len(theirs) == 12
    for mine, row in zip(ours, theirs):
        assert mine["skip"] == NONE
        check_packet(mine, Theirs(row))


@pytest.mark.parametrize("name", TUNNELS)
def test_tunnels(name, rows_of, headers_dump):
    """From outside as from inside."""
    theirs = rows_of[name]
    for mine, row in zip(headers_dump(name), theirs, strict=True):
        check_packet(mine, Theirs(row))
    for mine, row in zip(headers_dump(name, "--inner"), theirs, strict=True):
        inside = Theirs(row, innermost=True)
        # What ICMP errors quote is no tunnel.
        if "icmp" in inside.outside or "icmpv6" in inside.outside:
            inside = Theirs(row)
        # Of a tunnel's fragment tshark tells the length that its inside had as a whole.
        if not Theirs(row).fragment():
            check_inner(mine, inside)


def check_inner(ours, theirs):
    check_network(ours, theirs)
    if ours["has_transport"] == "1" and ours["name"] in TRANSPORTS:
        check_transport(ours, theirs)
    # tshark gives the last one that it computed: with ARP or nothing inside that of the tunnel.
    if theirs.row["communityid"] and theirs.transport and not theirs.fragment():
        assert ours["community_id"] == theirs["communityid"]


def test_what_cannot_be_entered(headers_dump):
    """The innermost packet has the version 12: the tunnel around it counts."""
    name = "protocols/zeek-tunnels-mpls-6in6-6in6-4in6-invalid-version-4.pcap"
    for packet in headers_dump(name, "--inner"):
        assert (packet["skip"], packet["family"], packet["protocol"]) == (NONE, "6", "4")


def test_check_sequence_shorter_than_said(headers_dump):
    """A file whose header says 8 bytes, but 4 are there: length fields tell what is a packet's."""
    claimed = headers_dump("formats/derived/pcap-fcs-in-linktype.pcap")
    plain = headers_dump("apps/hart/ndpi-hart_ip.pcap")[: len(claimed)]
    for with_sequence, without in zip(claimed, plain, strict=True):
        length = int(without["len"]) + 4
        assert with_sequence == without | {"len": str(length), "caplen": str(length)}


def test_fragments_have_ports(headers_dump):
    """All fragments of DNS answers are of port 53."""
    for name in (
        "protocols/ndpi-dns_fragmented.pcap",
        "protocols/zeek-dns-edns-ecs.pcap",
        "protocols/zeek-ipv6-fragmented-dns.pcap",
    ):
        fragments = [p for p in headers_dump(name) if p.get("fragment") == "1"]
        later = [p for p in fragments if p["has_transport"] == "0"]
        assert later
        for packet in fragments:
            assert packet["protocol"] == "17"
            # The first fragment of this one was not captured.
            unknown = name.endswith("zeek-ipv6-fragmented-dns.pcap") and packet["number"] == "4"
            assert packet["unknown_ports"] == ("1" if unknown else "0")
            if unknown:
                assert (packet["source_port"], packet["destination_port"]) == ("0", "0")
                continue
            assert "53" in (packet["source_port"], packet["destination_port"])


def test_dns_is_told(captures, headers_dump):
    """Port 53 with DNS in it, where tshark finds DNS."""
    name = "apps/dns/zeek-dns-ech.pcap"
    ours, theirs = headers_dump(name), tshark(captures / name)
    for mine, row in zip(ours, theirs, strict=True):
        assert (mine.get("dns") == "1") == ("dns" in row["frame.protocols"].split(":"))
