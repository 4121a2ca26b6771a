"""arrays --form yatc and netmamba --compat: held to what scapy makes of the same packets."""

import dpkt
import pytest
import scapy.all as scapy
from array_set import load, places, udp, write_set

HEADERS, PAYLOAD = 80, 240
ETHERNET = scapy.Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")


@pytest.fixture
def image(run, tmp_path):
    """image(packets, form): the headers and payloads of packets, each in a row of its own."""
    def write_images(packets, form):
        dataset = write_set(tmp_path / "set.pcapng", [(1, "web", n, data) for n, data in enumerate(packets)])
        run("arrays", "-qf", "--form", form, "--per", "packet", "--compat", "-o", tmp_path / "out", dataset)
        return [row.tobytes()[:HEADERS + PAYLOAD] for row in load(tmp_path / "out")["X"]]

    return write_images


def text_of(digits, length):
    return bytes.fromhex(digits[:2 * length].ljust(2 * length, "0"))


def by_scapy(data, form):
    """The payload is Raw with all behind it; wherever its digits are in those of the packet, they go."""
    packet = scapy.Ether(data)
    if scapy.IP not in packet:
        return bytes(HEADERS + PAYLOAD)
    if form == "netmamba":
        packet[scapy.IP].src = packet[scapy.IP].dst = "0.0.0.0"
    whole = bytes(packet[scapy.IP]).hex()
    payload = bytes(packet[scapy.Raw]).hex() if scapy.Raw in packet else ""
    if payload:
        whole = "".join(whole.split(payload))
    return text_of(whole, HEADERS) + text_of(payload, PAYLOAD)


@pytest.mark.parametrize("form", ["yatc", "netmamba"])
def test_images_are_those_of_scapy(image, repo, form):
    with open(repo / "datasets/mixed/mixed.pcap", "rb") as file:
        packets = [data for _, data in dpkt.pcap.Reader(file)]
    packets = [data for data in packets if places(data) and scapy.ICMP not in scapy.Ether(data)]
    made = image(packets, form)
    assert len(made) == len(packets) > 400
    assert made == [by_scapy(data, form) for data in packets]
    assert len({data[HEADERS:] for data in made}) > 100


def test_digits_of_the_payload_go_wherever_they_are(image):
    """Derived by hand: 00 goes at any digit, also at the second of a byte."""
    packet = bytes(12) + bytes.fromhex("0800" "4500001d00010000401100000a0000010a000002" "1000200000090000" "00")
    (made,) = image([packet], "yatc")
    assert made == text_of("451d01" "4011" "0a01" "0a02" "1029", HEADERS) + bytes(PAYLOAD)


def test_what_scapy_knows_is_no_payload(image):
    question = bytes.fromhex("0001010000010000000000000161026465" "0000010001")
    known, unknown = udp(question, ports=(40000, 53)), udp(question, ports=(40000, 40053))
    made = image([known, unknown, known + b"\x77" * 6, unknown + b"\x77" * 6], "yatc")
    assert made[0] == text_of(known[14:].hex(), HEADERS) + bytes(PAYLOAD)
    assert made[1] == text_of(unknown[14:42].hex(), HEADERS) + text_of(question.hex(), PAYLOAD)
    assert made[2] == text_of(known[14:].hex() + "77" * 6, HEADERS) + bytes(PAYLOAD)
    assert made[3] == made[1][:HEADERS] + text_of(question.hex() + "77" * 6, PAYLOAD)


def ip(version_4=True):
    return scapy.IP(src="10.0.0.1", dst="10.0.0.2") if version_4 else scapy.IPv6(src="fd00::1", dst="fd00::2")


def test_tunnels_errors_and_other_protocols(image):
    """The payload is that of the packet inside."""
    inner = ip() / scapy.UDP(sport=5000, dport=6000) / b"inside"
    above = [
        scapy.GRE() / inner, scapy.GRE(key_present=1, key=7, seqnum_present=1) / scapy.Ether() / inner, inner,
        scapy.UDP(sport=5000, dport=4789) / scapy.VXLAN() / scapy.Ether() / inner,
        scapy.UDP(sport=5000, dport=4789) / scapy.VXLAN() / scapy.Ether() / scapy.ARP(),
        ip(False) / scapy.TCP(sport=5000, dport=6000) / b"six", ip(False) / scapy.ICMPv6EchoRequest(data=b"x"),
        scapy.ICMP(type=3, code=3) / inner, scapy.ICMP(type=8) / b"echo", scapy.ICMP(type=13),
        scapy.ICMP(type=17) / b"mask", scapy.ESP(spi=1, seq=2, data=b"secret"),
        scapy.AH(spi=1, seq=2, icv=b"c" * 12, payloadlen=4, nh=17) / bytes(scapy.UDP(sport=5, dport=6) / b"after"),
        scapy.SCTP(sport=5, dport=6) / scapy.SCTPChunkInit(), scapy.Raw(b"unknown"),
        scapy.TCP(sport=5000, dport=2000) / bytes(range(20)), scapy.UDP(sport=138, dport=138) / bytes(range(100)),
        scapy.TCP(sport=445, dport=5000) / (b"\0\0\0\x50\xffSMB\x72" + bytes(27) + b"\0\x05\0\x02LM\0"),
        scapy.TCP(sport=139, dport=5000) / (b"\0\0\0\x50abcdefgh" + bytes(range(75)))]
    packets = [bytes(ETHERNET / ip() / layer) for layer in above]
    packets[14] = packets[14][:23] + b"\xfd" + packets[14][24:]
    packets += [bytes(part) for part in scapy.fragment(ETHERNET / ip() / scapy.UDP(sport=5, dport=6) /
                                                       bytes(range(60)), fragsize=24)]
    packets += [bytes(ETHERNET / ip(False) / scapy.UDP(sport=5, dport=6) / b"six")]
    made = image(packets, "yatc")
    assert len(made) == len(packets)
    for data, row in zip(packets, made):
        assert row == by_scapy(data, "yatc"), scapy.Ether(data)
