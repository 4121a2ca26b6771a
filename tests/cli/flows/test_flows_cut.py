"""flows of packets of whose transport header only the ports are there: short snap lengths, and first
fragments that are shorter than the header.
"""

import json
import random
import struct
import subprocess

import pandas
import pytest

from captures import RAW, pcap
from flow_tables import table

SECOND = 10**9
CLIENT, SERVER = {4: "10.0.0.9", 6: "2001:db8::9"}, {4: "10.0.0.1", 6: "2001:db8::1"}
TCP, UDP, DCCP, ICMPV6, SCTP, UDPLITE = 6, 17, 33, 58, 132, 136
SYN, RST_ACK = 0x02, 0x14


def packed(address):
    if ":" not in address:
        return bytes(map(int, address.split(".")))
    head, tail = address.split("::")
    groups = [int(group, 16) for group in head.split(":")]
    return struct.pack(">8H", *groups, *[0] * (7 - len(groups)), int(tail, 16))


def ipv4(protocol, content, ends, identification=0, flags_and_offset=0):
    return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(content), identification, flags_and_offset, 64,
                       protocol, 0) + packed(ends[0]) + packed(ends[1]) + content


def ipv6(protocol, content, ends):
    return struct.pack(">IHBB", 6 << 28, len(content), protocol, 64) + packed(ends[0]) + packed(
        ends[1]) + content


def ip(family, protocol, content, forward=True):
    ends = (CLIENT[family], SERVER[family])[::1 if forward else -1]
    return (ipv4 if family == 4 else ipv6)(protocol, content, ends)


def tcp(ports, flags=0x18, payload=b"", seq=1, options=b""):
    return struct.pack(">HHIIBBHHH", *ports, seq, 0, (20 + len(options)) << 2, flags, 500, 0,
                       0) + options + payload


def header(protocol, ports):
    if protocol == TCP:
        return tcp(ports, options=bytes([2, 4, 5, 180]))
    if protocol in (UDP, UDPLITE):
        return struct.pack(">HHHH", *ports, 108 if protocol == UDP else 8, 0)
    if protocol == SCTP:
        return struct.pack(">HHII", *ports, 1, 0)
    return struct.pack(">HHBBHII", *ports, 4, 0, 0, 0x04000001, 0)  # DCCP


def capture(tmp_path, records, name="in.pcap"):
    """`records`: (data, captured bytes), a second apart."""
    path = tmp_path / name
    path.write_bytes(pcap([(data[:caplen], number * SECOND, len(data))
                           for number, (data, caplen) in enumerate(records)], linktype=RAW))
    return path


# ---- snap lengths ----


@pytest.mark.parametrize("protocol", [TCP, UDP, UDPLITE, SCTP, DCCP])
@pytest.mark.parametrize("family", [4, 6])
def test_ports_need_four_bytes(run, tmp_path, family, protocol):
    """Both directions of a flow, cut anywhere behind its ports."""
    there = ip(family, protocol, header(protocol, (1234, 80)) + bytes(100))
    back = ip(family, protocol, header(protocol, (80, 1234)) + bytes(100), forward=False)
    start = len(there) - len(header(protocol, (1, 2))) - 100
    for known in range(4, 17):
        path = capture(tmp_path, [(there, start + known), (back, start + known)])
        row, = table(run, path).to_dict("records")
        assert (row["source_address"], row["source_port"]) == (CLIENT[family], "1234")
        assert (row["destination_address"], row["destination_port"]) == (SERVER[family], "80")
        assert (row["forward_packets"], row["backward_packets"]) == ("1", "1")
        needed = {TCP: 13, DCCP: 5}.get(protocol, 0)
        assert (row["payload_bytes"] == "") == (known < needed), known
        assert row["payload_bytes"] in ("", "200")
        assert row["community_id"].startswith("1:")
    assert len(table(run, "--stats-json", tmp_path / "stats.json",
                     capture(tmp_path, [(there, start + 3)]))) == 0
    assert json.loads((tmp_path / "stats.json").read_text())["skipped"]["transport"] == 1


# How many bytes of the TCP header it takes to know columns with these in their names.
KNOWN_FROM = {
    "_count": 14, "retransmissions": 14, "out_of_order": 14, "keep_alives": 14, "zero_windows": 16,
    "connection_state": 14, "payload": 13, "header": 13, "bulk": 13, "window_first": 16,
    "window_min": 16, "window_max": 16,
}  # fmt: skip


def test_what_was_not_captured_is_empty(run, tmp_path):
    there = ip(4, TCP, tcp((1234, 80), payload=bytes(100)))
    back = ip(4, TCP, tcp((80, 1234), payload=bytes(100)), forward=False)
    whole, = table(run, capture(tmp_path, [(there, 1000), (back, 1000)])).to_dict("records")
    for known in range(4, 20):
        row, = table(run, capture(tmp_path, [(there, 20 + known), (back, 20 + known)])).to_dict("records")
        for name, value in row.items():
            needed = max((bytes for part, bytes in KNOWN_FROM.items() if part in name), default=0)
            assert value == ("" if known < needed else whole[name]), (known, name)


def test_headers_that_were_captured_count(run, tmp_path):
    """One direction is cut, or some of its packets are."""
    there = ip(4, TCP, tcp((1234, 80), payload=bytes(100)))
    back = ip(4, TCP, tcp((80, 1234), payload=bytes(100)), forward=False)
    row, = table(run, capture(tmp_path, [(there, 26), (back, 40), (back, 26)])).to_dict("records")
    assert (row["psh_count"], row["forward_psh_count"], row["backward_psh_count"]) == ("1", "", "1")
    assert (row["payload_bytes"], row["forward_payload_bytes"]) == ("100", "")
    assert row["backward_payload_bytes"] == "100"


def test_other_profiles(run, tmp_path):
    there = ip(4, TCP, tcp((1234, 80), payload=bytes(100)))
    path = capture(tmp_path, [(there, 26), (there, 26)])
    row, = table(run, "--profile", "netflowmeter", path).to_dict("records")
    assert (row["src_port"], row["dst_port"], row["packets_count"]) == ("1234", "80", "2")
    for name, value in row.items():
        if "_flag_counts" in name or "payload" in name or "header" in name or "win" in name:
            other_way = name.startswith("bwd_") and value in ("", "0")
            assert value == "" or other_way, name
    row, = table(run, "--profile", "nexusflowmeter", path).to_dict("records")
    assert (row["src_port"], row["dst_port"], row["total_packets"]) == ("1234", "80", "2")
    for name in ("tcp_flags", "syn_count", "fin_count", "rst_count", "ack_count", "connection_state",
                 "total_payload_bytes", "forward_payload_bytes"):
        assert row[name] == "", name
    flow, = json.loads(run("flows", "-q", "--profile", "pcap2json", "--format", "json", path).stdout)
    assert flow["flow_key"]["source_port"] == 1234 and flow["pkt_num"] == 2
    assert flow["init_seq"] is None and flow["pkt_info"][0]["data_len"] is None
    flow, = json.loads(run("flows", "-q", "--profile", "pcap2json", "--detail", "--format", "json",
                           path).stdout)
    assert {flow[1][name] for name in ("data_len", "th_seq", "4layer_hdr_len", "SYN", "ACK", "th_win",
                                       "th_urp", "data")} == {None}
    path = capture(tmp_path, [(there, 34)])
    flow, = json.loads(run("flows", "-q", "--profile", "pcap2json", "--detail", "--format", "json",
                           path).stdout)
    assert (flow[1]["th_seq"], flow[1]["ACK"], flow[1]["data_len"]) == (0, 1, 100)
    assert flow[1]["th_win"] is None and flow[1]["th_urp"] is None


@pytest.mark.parametrize("family,protocol", [(4, 1), (6, ICMPV6)])
def test_type_and_code_need_two_bytes(run, tmp_path, family, protocol):
    packet = ip(family, protocol, bytes([3, 1, 0, 0, 0, 0, 0, 0]) + bytes(40))
    start = len(packet) - 48
    row, = table(run, capture(tmp_path, [(packet, start + 2)])).to_dict("records")
    assert (row["icmp_type"], row["icmp_code"], row["payload_bytes"]) == ("3", "1", "40")
    assert len(run("flows", "-q", capture(tmp_path, [(packet, start + 1)])).stdout.splitlines()) == 1


# ---- tiny fragments ----


def fragments(segment, identification, size, forward=True):
    ends = (CLIENT[4], SERVER[4])[::1 if forward else -1]
    parts = [segment[at:at + size] for at in range(0, len(segment), size)]
    return [ipv4(TCP, part, ends, identification,
                 number * size // 8 | (0x2000 if number < len(parts) - 1 else 0))
            for number, part in enumerate(parts)]


def fragments6(segment, identification, size):
    parts = [segment[at:at + size] for at in range(0, len(segment), size)]
    return [ipv6(44, struct.pack(">BBHI", TCP, 0, number * size | (number < len(parts) - 1),
                                 identification) + part, (CLIENT[6], SERVER[6]))
            for number, part in enumerate(parts)]


def scan(size, family=4):
    """SYNs with a segment size, each in fragments, and what answers them."""
    packets = []
    for port in range(20, 30):
        syn = tcp((49198, port), SYN, options=bytes([2, 4, 5, 180]))
        packets += fragments(syn, port, size) if family == 4 else fragments6(syn, port, size)
        packets.append(ip(family, TCP, tcp((port, 49198), RST_ACK), forward=False))
    return packets


def rows_of(run, tmp_path, packets, *options, name="in.pcap"):
    path = tmp_path / name
    path.write_bytes(pcap([(data, SECOND + number * 1000) for number, data in enumerate(packets)],
                          linktype=RAW))
    rows = table(run, *options, path)
    return rows.sort_values("destination_port").reset_index(drop=True)


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("size", [8, 16])
def test_scans_in_tiny_fragments(run, tmp_path, size, family):
    """As nmap -f and hping3 -f send them: the scanner is the source."""
    rows = rows_of(run, tmp_path, scan(size, family))
    parts = 24 // size + bool(24 % size)
    assert rows["destination_port"].tolist() == [str(port) for port in range(20, 30)]
    assert set(rows["source_address"]) == {CLIENT[family]} and set(rows["source_port"]) == {"49198"}
    for name, value in {
            "forward_packets": parts, "backward_packets": 1, "forward_fragments": parts,
            "syn_count": 1, "rst_count": 1, "payload_bytes": 0, "payload_packets": 0,
            "forward_header_bytes": 24 + parts * (20 if family == 4 else 48),
            "forward_window_first": 500, "connection_state": "REJ",
            "end_reason": "end of flow detected", "out_of_order": 0, "retransmissions": 0,
    }.items():
        assert set(rows[name]) == {str(value)}, name


def test_as_tshark_puts_them_together(run, tmp_path):
    rows = rows_of(run, tmp_path, scan(8))
    command = ["tshark", "-n", "-r", tmp_path / "in.pcap", "-Y", "tcp.flags.syn == 1", "-T", "fields",
               "-e", "ip.src", "-e", "tcp.srcport", "-e", "ip.dst", "-e", "tcp.dstport"]
    theirs = subprocess.run(command, capture_output=True, text=True).stdout.split("\n")
    keys = ["source_address", "source_port", "destination_address", "destination_port"]
    assert sorted("\t".join(row) for row in rows[keys].to_numpy()) == sorted(filter(None, theirs))


@pytest.mark.parametrize("seed", range(5))
def test_tiny_fragments_in_any_order(run, tmp_path, seed):
    rng = random.Random(seed)
    syns = [part for part in scan(8) if part[9] == TCP and part[6:8] != b"\0\0"]
    ordered = rows_of(run, tmp_path, syns)
    shuffled = rows_of(run, tmp_path, rng.sample(syns, len(syns)))
    columns = ["source_port", "destination_port", "packets", "syn_count", "payload_bytes",
               "header_bytes", "connection_state"]
    pandas.testing.assert_frame_equal(shuffled[columns], ordered[columns])
    assert set(ordered["syn_count"]) == {"1"} and set(ordered["connection_state"]) == {"S0"}


def test_a_new_connection_in_tiny_fragments(run, tmp_path):
    """Its first fragment is no late packet of the connection before it."""
    first = [ip(4, TCP, tcp((1234, 80), SYN, seq=5)),
             ip(4, TCP, tcp((80, 1234), RST_ACK), forward=False)]
    rows = rows_of(run, tmp_path, first + fragments(tcp((1234, 80), SYN, seq=9), 7, 8))
    assert sorted(rows["packets"]) == ["2", "3"] and rows["syn_count"].tolist() == ["1", "1"]


def test_first_fragments_alone(run, tmp_path):
    """What was to come never came: ports, but no flags."""
    parts = [part for part in scan(8) if part[6:8] == b"\x20\0"]
    for packets in (parts, [*parts, ip(4, UDP, header(UDP, (1, 2)) + bytes(100))]):
        rows = rows_of(run, tmp_path, packets, "--protocols", "tcp")
        assert rows["destination_port"].tolist() == [str(port) for port in range(20, 30)]
        assert set(rows["syn_count"]) == {""} and set(rows["source_address"]) == {CLIENT[4]}
        assert set(rows["payload_bytes"]) == {"0"} and set(rows["header_bytes"]) == {"28"}


def test_a_fragment_that_is_no_header(run, tmp_path):
    """The second one says that the header has 16 bytes, less than any has."""
    parts = fragments(tcp((1234, 80), SYN), 7, 8)
    bad = parts[1][:24] + bytes([4 << 4]) + parts[1][25:]
    path = tmp_path / "in.pcap"
    path.write_bytes(pcap([(part, 0) for part in (parts[0], bad)], linktype=RAW))
    run("flows", "-q", "--stats-json", tmp_path / "stats.json", path)
    stats = json.loads((tmp_path / "stats.json").read_text())
    assert (stats["packets"], stats["in_flows"], stats["skipped"]["transport"]) == (2, 1, 1)


def test_samples_keep_their_fragments(run, label, tmp_path):
    """A first fragment that waits is in its own sample, whatever comes between."""
    packets = scan(8)
    (tmp_path / "in.pcap").write_bytes(pcap([(data, SECOND + number * 1000)
                                             for number, data in enumerate(packets)], linktype=RAW))
    done = label("BPF:src host 10.0.0.9,scanner\nBPF:ip,victim\n", "-q", tmp_path / "in.pcap")
    rows = table(run, done.output)
    assert rows.groupby("metadata")["packets"].agg(list).to_dict() == {"scanner": ["3"] * 10,
                                                                       "victim": ["1"] * 10}
