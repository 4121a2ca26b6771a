"""arrays: forms of text, held to published vectors and to dpkt."""

import json

import dpkt
import pandas
import pytest
from array_set import write_set


@pytest.fixture(scope="module")
def packets(repo):
    """Of a bundled capture: Ethernet, VLAN tags, IPv4 and IPv6."""
    with open(repo / "datasets/mixed/mixed.pcap", "rb") as file:
        return [data for _, data in dpkt.pcap.Reader(file)]


@pytest.fixture
def table(run, tmp_path):
    """table(packets, *arguments, per=7): the TSV of samples of 7 packets."""
    def write_table(packets, *arguments, per=7):
        dataset = write_set(tmp_path / "set.pcapng",
                            [(1 + n // per, f"label {n // per}", n, p) for n, p in enumerate(packets)])
        run("arrays", "-qf", "-o", tmp_path / "x.tsv", dataset, *arguments)
        return pandas.read_csv(tmp_path / "x.tsv", sep="\t", keep_default_na=False)

    return write_table


def vector(shared, name):
    return json.loads((shared / "forms/vectors.json").read_text())[name]


def pairs(data):
    return "".join(f"{a:02x}{b:02x} " for a, b in zip(data, data[1:]))


def ip_packet(data):
    """The IP packet by dpkt, and the bytes of it that were sent."""
    ip = dpkt.ethernet.Ethernet(data).data
    if isinstance(ip, dpkt.ip.IP):
        return ip, data[data.index(bytes(ip)[:20]):][:ip.len]
    if isinstance(ip, dpkt.ip6.IP6):
        return ip, data[data.index(ip.src) - 8:][:40 + ip.plen]
    return None


def behind_ports(data):
    ip, sent = ip_packet(data)
    header = ip.hl * 4 if isinstance(ip, dpkt.ip.IP) else 40 + sum(map(len, ip.extension_hdrs.values()))
    later = isinstance(ip, dpkt.ip.IP) and ip.offset > 0
    return sent[header + (0 if later else 4):]


def with_ip(packets):
    return [data for data in packets if ip_packet(data)]


# ---- etbert ----


def test_etbert_is_that_of_the_vector(table, shared):
    packet = bytes.fromhex(vector(shared, "packet_hex"))
    for extra in ((), ("--compat",)):
        made = table([packet], "--form", "etbert", "--per", "packet", *extra)
        assert list(made) == ["label", "text_a", "metadata", "sample_id", "flow"]
        assert list(made.text_a) == [vector(shared, "et_bert_packet_128")]


@pytest.mark.parametrize("tokens", [64, 128])
def test_etbert_is_that_of_dpkt(table, packets, tokens):
    made = table(packets, "--form", "etbert", "--per", "packet", "--bytes", tokens)
    expected = [pairs(behind_ports(data)[:tokens + 1]) for data in with_ip(packets)]
    assert len(expected) > 500 and list(made.text_a) == expected


def test_etbert_compat_begins_at_byte_38(table, packets):
    made = table(packets, "--form", "etbert", "--per", "packet", "--compat")
    assert list(made.text_a) == [pairs(data[38:167]) for data in with_ip(packets)]


def test_etbert_joins_five_packets_of_at_least_three(table, packets):
    packets = with_ip(packets)[:30]
    made = table(packets, "--form", "etbert", "--per", "sample", per=7)
    assert list(made.text_a) == [
        "".join(pairs(behind_ports(data)[:129]) for data in packets[at:at + 5]) for at in (0, 7, 14, 21)]
    assert list(made.label) == [0, 1, 2, 3] and list(made.sample_id) == [1, 2, 3, 4]
    assert list(made.metadata) == ["label 0", "label 1", "label 2", "label 3"]
    assert list(made) == ["label", "text_a", "metadata", "sample_id"]


def test_text_needs_a_table(run, packets, tmp_path):
    dataset = write_set(tmp_path / "set.pcapng", [(1, "web", 0, with_ip(packets)[0])])
    done = run("arrays", "--form", "etbert", "-o", tmp_path / "out", dataset, check=False)
    assert done.returncode == 1 and "name an output that ends in .tsv, .csv or .parquet" in done.stderr
