"""arrays --mask: fields that become 0 or random, held to scapy."""

import pytest
import scapy.all as scapy
from array_set import load, write_set
from captures import Ng

ALL = "mac,ip,ports,seq,ack,checksums,ttl,ip_id,window,tcp_timestamps,sni"
HELLO = scapy.raw(scapy.Raw(bytes.fromhex("16030100510100004d0303") + bytes(32) + bytes.fromhex(
    "000002130101000022" "0000" "000e" "000c" "00" "0009") + b"a.example" + bytes.fromhex(
    "000b00020100" "00170000" "00230000")))


def tcp(sport=1000, dport=443, source="10.0.0.1", target="10.0.0.2", **fields):
    options = [("Timestamp", (fields.pop("clock", 500), fields.pop("echo", 400))), ("SAck", (9000, 9100))]
    return bytes(scapy.Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") /
                 scapy.IP(src=source, dst=target, id=77, ttl=61) /
                 scapy.TCP(sport=sport, dport=dport, flags="A", options=options, **fields) / HELLO)


@pytest.fixture
def masked(run, tmp_path):
    """masked(packets, list): the packets as `arrays` masks them, parsed by scapy."""
    def mask(packets, fields, *options):
        dataset = write_set(tmp_path / "set.pcapng", [(1, "web", n, p) for n, p in enumerate(packets)])
        run("arrays", "-qf", "-o", tmp_path / "out", "--per", "packet", "--part", "l2", "--bytes", 1500,
            "--mask", fields, *options, dataset)
        rows = load(tmp_path / "out")["X"]
        return [scapy.Ether(row.tobytes()[:len(packet)]) for row, packet in zip(rows, packets)]

    return mask


def fields_of(packet):
    """What the masks are about, by their names."""
    ip, segment = packet[scapy.IP], packet[scapy.TCP]
    options = dict(segment.options)
    return {
        "mac": (packet.src, packet.dst), "ip": (ip.src, ip.dst), "ports": (segment.sport, segment.dport),
        "seq": segment.seq, "ack": (segment.ack, options["SAck"]), "checksums": (ip.chksum, segment.chksum),
        "ttl": ip.ttl, "ip_id": ip.id, "window": segment.window, "tcp_timestamps": options["Timestamp"],
        "sni": bytes(segment.payload),
    }


NOTHING = {
    "mac": ("00:00:00:00:00:00",) * 2, "ip": ("0.0.0.0",) * 2, "ports": (0, 0), "seq": 0,
    "ack": (0, (0, 0)), "checksums": (0, 0), "ttl": 0, "ip_id": 0, "window": 0, "tcp_timestamps": (0, 0),
    "sni": HELLO.replace(b"a.example", bytes(9)),
}


@pytest.mark.parametrize("field", ALL.split(","))
def test_a_field_becomes_zero_and_no_other(masked, field):
    packet = tcp(seq=1234, ack=5678)
    before, after = fields_of(scapy.Ether(packet)), fields_of(masked([packet], field)[0])
    assert before[field] != NOTHING[field]
    assert after == {**before, field: NOTHING[field]}


def test_all_fields_at_once(masked):
    assert fields_of(masked([tcp(seq=1, ack=2)], ALL)[0]) == NOTHING


def test_random_values_are_the_same_in_a_flow(masked):
    there = tcp(seq=1000, ack=9000, clock=500, echo=400)
    back = tcp(443, 1000, "10.0.0.2", "10.0.0.1", seq=9000, ack=1050, clock=400, echo=500)
    more = tcp(seq=1050, ack=9200, clock=510, echo=400)
    other = tcp(2000, seq=1000, ack=9000)
    first, answer, next_one, strange = map(fields_of, masked([there, back, more, other], ALL + ",random"))
    for name in ("mac", "ip", "ports", "ip_id", "ttl"):
        assert first[name] == next_one[name] != NOTHING[name]
        assert name in ("ttl",) or first[name] != strange[name]
    assert first["ip"] == answer["ip"][::-1] and first["ports"] == answer["ports"][::-1]
    assert first["mac"] == answer["mac"]
    gap = 2**32
    assert (next_one["seq"] - first["seq"]) % gap == 50 == (answer["ack"][0] - first["seq"]) % gap
    assert (answer["seq"] - first["ack"][0]) % gap == 0 and first["seq"] != 1000
    assert (next_one["tcp_timestamps"][0] - first["tcp_timestamps"][0]) % gap == 10
    assert answer["tcp_timestamps"] == first["tcp_timestamps"][::-1]
    again = [fields_of(packet) for packet in masked([there], ALL + ",random")]
    assert again == [first]
    assert fields_of(masked([there], ALL + ",random", "--seed", 7)[0])["ip"] != first["ip"]


def test_errors_of_icmp_are_masked_inside(masked):
    inner = scapy.IP(src="10.0.0.9", dst="10.0.0.8", id=3) / scapy.UDP(sport=5, dport=6)
    packet = bytes(scapy.Ether() / scapy.IP(src="10.0.0.8", dst="10.0.0.9") / scapy.ICMP(type=3, code=3) /
                   inner)
    after = masked([packet], "ip,ports,ip_id")[0]
    quoted = after[scapy.IPerror]
    assert (quoted.src, quoted.dst, quoted.id) == ("0.0.0.0", "0.0.0.0", 0)
    assert (after[scapy.UDPerror].sport, after[scapy.UDPerror].dport) == (0, 0)


@pytest.mark.parametrize("mask", [ALL, ALL + ",random"])
def test_cut_packets_show_nothing_of_their_fields(run, tmp_path, mask):
    """All fields are 0x5A: of no length of capture, two such bytes are left."""
    clocks = [("Timestamp", (0x5A5A5A5A, 0x5A5A5A5A)), ("SAck", (0x5A5A5A5A, 0x5A5A5A5A))]
    ip = scapy.IP(src="90.90.90.90", dst="90.90.90.90", id=0x5A5A, ttl=0x5A)
    segment = ip / scapy.TCP(sport=0x5A5A, dport=0x5A5A, seq=0x5A5A5A5A, ack=0x5A5A5A5A, window=0x5A5A,
                             flags="A", options=clocks)
    address = "5a5a:5a5a:5a5a:5a5a:5a5a:5a5a:5a5a:5a5a"
    in_ipv6 = scapy.IPv6(src=address, dst=address, hlim=0x5A) / segment.payload
    link = scapy.Ether(src="5a:5a:5a:5a:5a:5a", dst="5a:5a:5a:5a:5a:5a")
    packets = [bytes(link / packet) for packet in (
        segment, in_ipv6, ip / scapy.ICMP(type=3, code=1) / segment,
        scapy.IPv6(src=address, dst=address) / scapy.ICMPv6DestUnreach() / in_ipv6)]
    ng = Ng().interface(1, tsresol=9)
    for packet in packets:
        for length in range(60, len(packet)):
            ng.packet(packet[:length], 0, ["1,web"], length=len(packet))
    (tmp_path / "set.pcapng").write_bytes(bytes(ng))
    run("arrays", "-q", "-o", tmp_path / "out", "--per", "packet", "--part", "l2", "--bytes", 200,
        "--mask", mask, tmp_path / "set.pcapng")
    rows = load(tmp_path / "out")["X"]
    assert len(rows) == sum(len(packet) - 60 for packet in packets)
    assert [row.tobytes().hex() for row in rows if b"\x5a\x5a" in row.tobytes()] == []


@pytest.mark.parametrize("linktype, before", [(105, None), (127, scapy.RadioTap(present="Rate", Rate=2))])
@pytest.mark.parametrize("direction", [1, 2, 3])
def test_addresses_of_wireless_frames(run, tmp_path, linktype, before, direction):
    """With a fourth one between access points."""
    addresses = {f"addr{n}": f"02:00:00:00:00:0{n}" for n in range(1, 5 if direction == 3 else 4)}
    frame = scapy.Dot11(type=2, FCfield=direction, SC=16, **addresses) / scapy.LLC() / scapy.SNAP() / (
        scapy.IP(src="10.0.0.1", dst="10.0.0.2") / scapy.UDP(sport=1, dport=2) / b"text")
    packet = bytes(before / frame if before else frame)
    dataset = write_set(tmp_path / "set.pcapng", [(1, "web", 0, packet)], linktype)
    run("arrays", "-q", "-o", tmp_path / "out", "--per", "packet", "--part", "l2", "--bytes", len(packet),
        "--mask", "mac", dataset)
    masked = load(tmp_path / "out")["X"][0].tobytes()
    for name in addresses:
        setattr(frame, name, "00:00:00:00:00:00")
    assert masked == bytes(before / frame if before else frame) != packet


INNER = scapy.IP(src="90.90.90.90", dst="90.90.90.90") / scapy.UDP(sport=1, dport=2) / b"text"
FRAME = scapy.Ether(src="5a:5a:5a:5a:5a:5a", dst="5a:5a:5a:5a:5a:5a")
WORD = scapy.Raw(bytes(4))  # of control, or a service identifier
SUBFRAME = scapy.Raw(b"\x5a" * 12 + (8 + len(INNER)).to_bytes(2, "big"))
ADDRESSES = {f"addr{n}": "5a:5a:5a:5a:5a:5a" for n in range(1, 4)}


def around(ether_type):
    return scapy.Ether(src=FRAME.src, dst=FRAME.dst, type=ether_type)


@pytest.mark.parametrize("linktype, outside", [
    (1, around(0x8847) / scapy.Raw(b"\x5a\x5a\x51\x40") / WORD / FRAME),
    (1, around(0x88E7) / WORD / FRAME),
    (105, scapy.Dot11(type=2, subtype=8, FCfield=1, **ADDRESSES) / scapy.Raw(b"\x80\0") / SUBFRAME /
     scapy.LLC() / scapy.SNAP()),
    (119, scapy.Raw(b"\0" * 4 + b"\x5a" * 140) / scapy.Dot11(type=2, FCfield=1, **ADDRESSES) / scapy.LLC() /
     scapy.SNAP()),
], ids=["mpls", "backbone", "aggregate", "prism"])
@pytest.mark.parametrize("mask", ["mac,ip", "mac,ip,random"])
def test_headers_outside_are_not_shown(run, tmp_path, linktype, outside, mask):
    packet = bytes(outside / INNER)
    dataset = write_set(tmp_path / "set.pcapng", [(1, "web", 0, packet)], linktype)
    run("arrays", "-q", "-o", tmp_path / "out", "--per", "packet", "--part", "l2", "--bytes", len(packet),
        "--mask", mask, dataset)
    masked = load(tmp_path / "out")["X"][0].tobytes()
    inside = len(packet) - len(INNER)
    assert masked[:inside] == bytes(inside)
    assert b"\x5a\x5a" not in masked and masked[inside:inside + 12] == packet[inside:inside + 12]
    assert masked.endswith(bytes(INNER)[20:])


@pytest.mark.parametrize("headers", [
    scapy.IPv6ExtHdrDestOpt(), scapy.IPv6ExtHdrHopByHop() / scapy.IPv6ExtHdrFragment(),
    scapy.AH(nh=6, icv=bytes(12), payloadlen=4),
], ids=["options", "two", "authentication"])
def test_extension_headers_in_errors(run, tmp_path, headers):
    inner = scapy.IPv6(src="fe80::1", dst="fe80::2") / headers / scapy.TCP(sport=0x5A5A, dport=0x5A5A)
    packet = bytes(scapy.Ether() / scapy.IPv6(src="fe80::2", dst="fe80::3") / scapy.ICMPv6DestUnreach() / inner)
    assert bytes.fromhex("5a5a5a5a") in packet
    dataset = write_set(tmp_path / "set.pcapng", [(1, "web", 0, packet)])
    run("arrays", "-q", "-o", tmp_path / "out", "--per", "packet", "--part", "l2", "--bytes", len(packet),
        "--mask", "ports", dataset)
    assert load(tmp_path / "out")["X"][0].tobytes() == packet.replace(bytes.fromhex("5a5a5a5a"), bytes(4))


def test_random_needs_fields(run, tmp_path):
    dataset = write_set(tmp_path / "set.pcapng", [(1, "web", 0, tcp())])
    done = run("arrays", "--form", "yatc", "--mask", "random", "-o", tmp_path / "out", dataset, check=False)
    assert done.returncode == 2 and "name the fields, too" in done.stderr
    done = run("arrays", "--form", "yatc", "--mask", "ipp", "-o", tmp_path / "out", dataset, check=False)
    assert "expected one of mac, ip, ports" in done.stderr and "found 'ipp'" in done.stderr
