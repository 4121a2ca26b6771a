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
    assert done.returncode == 2 and "name an output that ends in .tsv, .csv, .parquet or .arrow" in done.stderr


# ---- pcapencoder ----


def groups(data):
    return " ".join(data[at:at + 2].hex() for at in range(0, len(data), 2))


def without_endpoints(data):
    """The IP packet with addresses and ports 0."""
    ip, sent = ip_packet(data)
    sent, four = bytearray(sent), isinstance(ip, dpkt.ip.IP)
    sent[12 if four else 8:20 if four else 40] = bytes(8 if four else 32)
    if isinstance(ip.data, (dpkt.tcp.TCP, dpkt.udp.UDP)) and not (four and ip.offset):
        behind = len(sent) - len(behind_ports(data))
        sent[behind - 4:behind] = bytes(4)
    return bytes(sent)


def test_pcapencoder_is_that_of_the_vector(table, shared):
    packet = bytes.fromhex(vector(shared, "packet_hex"))
    made = table([packet], "--form", "pcapencoder", "--mask", "none")
    assert list(made) == ["question", "class", "type_q", "context", "sample_id", "flow"]
    assert list(made.context) == [vector(shared, "pcap_encoder_context")]


def test_pcapencoder_is_that_of_dpkt(table, packets):
    icmp = (dpkt.icmp.ICMP, dpkt.icmp6.ICMP6)  # whose errors are masked inside
    packets = [data for data in with_ip(packets) if not isinstance(ip_packet(data)[0].data, icmp)]
    assert len(packets) > 500
    made = table(packets, "--form", "pcapencoder")
    assert list(made.context) == [groups(without_endpoints(data)) for data in packets]
    assert list(made["class"]) == [n // 7 for n in range(len(packets))]
    assert list(made.type_q) == [f"label {n // 7}" for n in range(len(packets))]
    assert set(made.question) == {"What is the representation of this packet?"}
    assert list(table(packets[:9], "--form", "pcapencoder", "--bytes", 9).context) == [
        groups(without_endpoints(data)[:9]) for data in packets[:9]]


# ---- trafficformer ----

ETHERNET = bytes(12) + b"\x08\x00"
FORM, RANDOM_AT = ("--form", "trafficformer"), 11


def flow_of_image(image):
    """The packets of an image of YaTC that has no payload."""
    for at in range(0, 1600, 320):
        yield ETHERNET + image[at:at + int.from_bytes(image[at + 2:at + 4], "big")]


def test_trafficformer_is_that_of_the_vector(table, shared):
    flow = list(flow_of_image(bytes.fromhex(vector(shared, "yatc_40x40"))))
    made = table(flow, *FORM, "--mask", "none")
    assert made.text_a[0].count("[SEP] ") == 5
    assert made.text_a[0].replace("[SEP] ", "") == vector(shared, "trafficformer_flow_64x5")


def test_trafficformer_is_that_of_dpkt(table, packets):
    made = table(packets, *FORM, "--per", "packet", "--mask", "none")
    assert list(made.text_a) == ["[SEP] " + pairs(ip_packet(data)[1][:64]) for data in with_ip(packets)]


def rows_of(text):
    """The bytes of the packets of a row, of its pairs."""
    return [bytes.fromhex("".join(pair[:2] for pair in part.split()) + part.split()[-1][2:])
            for part in text.split("[SEP] ")[1:]]


@pytest.mark.parametrize("version", [4, 6])
def test_trafficformer_hides_endpoints_and_times(table, repo, version):
    with open(repo / f"datasets/apps/https/https-tls12-v{version}.pcap", "rb") as file:
        packets = [data for _, data in dpkt.pcap.Reader(file)][:30]
    flow = [data for data in with_ip(packets) if isinstance(ip_packet(data)[0].data, dpkt.tcp.TCP)]
    stream = {frozenset((ip_packet(p)[0].data.sport, ip_packet(p)[0].data.dport)) for p in flow[:1]}
    flow = [p for p in flow if {ip_packet(p)[0].data.sport, ip_packet(p)[0].data.dport} in stream]
    options = (*FORM, "--packets", 9, "--bytes", 400)
    (text,), (other,) = table(flow, *options, per=99).text_a, table(flow, *options, "--mask", "random",
                                                                   "--seed", 7, per=99).text_a
    made, again = rows_of(text), rows_of(other)
    assert len(made) == 9
    change, clocks, hellos = {}, set(), 0
    for before, after, seeded in zip(flow, made, again):
        ip, sent = ip_packet(before)
        sent, new = sent[:400], (dpkt.ip.IP if version == 4 else dpkt.ip6.IP6)(after)
        for old, fresh in ((ip.src, new.src), (ip.dst, new.dst), (ip.data.sport, new.data.sport),
                           (ip.data.dport, new.data.dport)):
            assert old != fresh and change.setdefault(old, fresh) == fresh
        times = [dict(dpkt.tcp.parse_opts(segment.opts)).get(8) for segment in (ip.data, new.data)]
        if times[0]:
            old, fresh = (int.from_bytes(time[:4], "big") for time in times)
            clocks.add((ip.src, (fresh - old) % 2**32))
        masked = {*range(12, 20)} if version == 4 else {*range(8, 40)}
        begin = (20 if version == 4 else 40)
        masked |= {*range(begin, begin + 4)}
        at = sent.find(times[0]) if times[0] else 0
        masked |= {*range(at, at + 8)} if times[0] else set()
        payload = bytes(ip.data.data)
        if payload[:2] == b"\x16\x03" and payload[5] in (1, 2):
            at = begin + ip.data.off * 4 + RANDOM_AT
            assert sent[at:at + 4] != after[at:at + 4] != seeded[at:at + 4]
            masked |= {*range(at, at + 4)}
            hellos += 1
        assert {n for n, (a, b) in enumerate(zip(sent, after)) if a != b} <= masked
        assert len(after) == len(sent)
    assert hellos == 2 and len(clocks) == len({source for source, _ in clocks}) == 2


def test_a_timestamp_cut_in_two_is_masked(table):
    packet = ETHERNET + bytes(dpkt.ip.IP(
        p=6, src=b"\x0a\0\0\1", dst=b"\x0a\0\0\2",
        data=dpkt.tcp.TCP(sport=5, dport=6, off=8, opts=b"\1\1\x08\x0a" + b"\x77" * 8)))
    made = table([packet], *FORM, "--per", "packet", "--bytes", 47, "--mask", "tcp_timestamps")
    assert rows_of(made.text_a[0])[0][40:] == b"\1\1\x08\x0a\0\0\0"
