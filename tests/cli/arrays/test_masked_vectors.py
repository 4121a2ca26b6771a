"""arrays --mask: the published vectors with fields zeroed, at places counted by hand in RFC 791 and 9293."""

import json

import pytest
from array_set import load, write_set

ETHERNET, IP_LEN = 14, 20
# Of the IP packet of the vectors,; the values of the timestamps of TCP begin at byte 48.
FIELDS = {
    "ttl": [(8, 1)], "ip_id": [(4, 2)], "ip": [(12, 8)], "ports": [(20, 4)], "seq": [(24, 4)], "ack": [(28, 4)],
    "window": [(34, 2)], "checksums": [(10, 2), (36, 2)], "tcp_timestamps": [(48, 8)],
}
MASKS = ["ip,ports", "seq,ack,window", "ttl,ip_id,checksums,tcp_timestamps", ",".join(FIELDS)]


@pytest.fixture(scope="module")
def vectors(shared):
    return json.loads((shared / "forms/vectors.json").read_text())


@pytest.fixture
def made(run, vectors, tmp_path):
    """made(form, mask, *options): the array X of the packet, or the text of its row in a table."""
    def make(form, mask, *options, suffix=""):
        dataset = write_set(tmp_path / "set.pcapng", [(1, "web", 0, bytes.fromhex(vectors["packet_hex"]))])
        run("arrays", "-qf", "--form", form, "--mask", mask, "--per", "packet", *options, "-o",
            tmp_path / f"out{suffix}", dataset)
        return (tmp_path / "out.tsv").read_text() if suffix else load(tmp_path / "out")["X"]

    return make


def masked(vectors, mask):
    """The IP packet of the vectors."""
    packet = bytearray.fromhex(vectors["packet_hex"])[ETHERNET:]
    for at, length in (place for field in mask.split(",") for place in FIELDS[field]):
        packet[at:at + length] = bytes(length)
    return bytes(packet)


@pytest.mark.parametrize("mask", MASKS)
def test_images_and_bits(made, vectors, mask):
    packet = masked(vectors, mask)
    for form in ("yatc", "netmamba"):
        assert made(form, mask).tobytes() == packet.ljust(1600, b"\0")
    bits = made("nprint", mask)[0].tolist()
    shown = "".join(map(str, bits[:8 * IP_LEN] + bits[480:480 + 8 * 40]))
    assert shown == "".join(f"{byte:08b}" for byte in packet)


@pytest.mark.parametrize("mask", MASKS)
def test_texts(made, vectors, mask):
    packet = masked(vectors, mask)
    groups = " ".join(packet[at:at + 2].hex() for at in range(0, len(packet), 2))
    assert f"\t{groups}\t" in made("pcapencoder", mask, suffix=".tsv")
    for form, part, before in (("etbert", packet[IP_LEN + 4:], ""), ("trafficformer", packet, "[SEP] ")):
        pairs = "".join(f"{a:02x}{b:02x} " for a, b in zip(part, part[1:]))
        assert f"\t{before}{pairs}\t" in made(form, mask, suffix=".tsv")


def test_the_text_of_the_paper_without_endpoints(made):
    """By hand: addresses are groups 7 to 10, ports groups 11 and 12 of four digits."""
    assert ("4500 003c 0000 4000 4006 3cba 0000 0000 0000 0000 0000 0000 e73e 8313 0cfd 0fb8 a012 ffcb fe30 0000 "
            "0204 ffd7 0402 080a 8cdc 2c51 8cdc 2c51 0103 0307\t") in made("pcapencoder", "ip,ports", suffix=".tsv")
