"""flows: which flow a packet belongs to: time, direction, fragments."""

import json
import random

import pandas
import pytest

from captures import RAW, Ng, pcap
from flow_tables import table, udp


# ---- flows and time ----


def streams(tmp_path, *times, linktype=RAW):
    records = [(int(time * 1e6), udp("10.0.0.1", "10.0.0.2")) for time in times]
    ng = Ng().interface(linktype=linktype)
    for time, data in records:
        ng.packet(data, time)
    path = tmp_path / "times.pcapng"
    path.write_bytes(bytes(ng))
    return path


def test_idle_and_active_time_outs(run, tmp_path):
    capture = streams(tmp_path, 0, 30, 90, 151, 200)

    def counts(*options):
        return list(table(run, *options, capture)["packets"])

    assert counts() == ["3", "2"]  # 90 s + 60 s is still in time, 61 s is not
    assert counts("--idle-timeout", "0") == ["5"]
    assert counts("--idle-timeout", "29.5") == ["1"] * 5
    assert counts("--idle-timeout", "0", "--active-timeout", "100") == ["3", "2"]
    assert run("flows", "--idle-timeout", "x", capture, check=False).returncode == 2


def test_inputs_are_joined_or_not(run, tmp_path):
    for number in (1, 2):
        ng = Ng().interface(linktype=RAW).packet(udp("10.0.0.1", "10.0.0.2"), number)
        (tmp_path / f"{number}.pcapng").write_bytes(bytes(ng))
    captures = [tmp_path / "1.pcapng", tmp_path / "2.pcapng"]
    assert list(table(run, *captures)["packets"]) == ["1", "1"]
    assert list(table(run, "--join", *captures)["packets"]) == ["2"]


# ---- fragments ----


def fragments_of(family, host, number, ports=(1234, 53)):
    """Three raw IP packets, in order: a datagram of UDP with 3,000 bytes as scapy cuts it."""
    scapy = pytest.importorskip("scapy.all")
    datagram = scapy.UDP(sport=ports[0], dport=ports[1]) / bytes(3000)
    if family == 4:
        whole = scapy.IP(src=f"10.0.0.{host}", dst="10.0.1.1", id=number) / datagram
        parts = scapy.fragment(whole, 1480)
    else:
        head = scapy.IPv6(src=f"2001:db8::{host}", dst="2001:db8::1:1")
        parts = scapy.fragment6(head / scapy.IPv6ExtHdrFragment(id=number) / datagram, 1300)
    assert len(parts) == 3
    return [bytes(part) for part in parts]


def fragment_table(run, tmp_path, packets, *options):
    """`packets`: (data, time in ns). The rows by address and ports, and the statistics."""
    (tmp_path / "in.pcap").write_bytes(pcap(packets, ns=True, linktype=RAW))
    rows = table(run, "--stats-json", tmp_path / "stats.json", "-f", *options, tmp_path / "in.pcap")
    keys = ["source_address", "source_port", "destination_port", "start_ns"]
    stats = json.loads((tmp_path / "stats.json").read_text())
    assert stats["packets"] == stats["in_flows"] + sum(stats["skipped"].values()) == len(packets)
    return rows.sort_values(keys).reset_index(drop=True), stats["unknown_fragments"]


@pytest.mark.parametrize("seed", range(5))
def test_fragments_in_any_order_make_the_same_flows(run, tmp_path, seed):
    rng = random.Random(seed)
    datagrams = [fragments_of(rng.choice([4, 6]), rng.randrange(1, 9), number, (number % 7 + 1, 53))
                 for number in range(60)]
    in_order = [(data, 10**9) for datagram in datagrams for data in datagram]
    shuffled = [part for start in range(0, len(in_order), 45)
                for part in rng.sample(in_order[start:start + 45], 45)]
    expected, unknown = fragment_table(run, tmp_path, in_order)
    assert unknown == 0 and set(expected["destination_port"]) == {"53"}
    rows, unknown = fragment_table(run, tmp_path, shuffled)
    assert unknown == 0
    pandas.testing.assert_frame_equal(rows, expected)


def test_fragments_go_in_before_their_first_one(run, tmp_path):
    first, second, third = fragments_of(4, 1, 7)
    packets = [(third, 0), (second, 1000), (udp("10.0.0.1", "10.0.1.1", b"?", (1234, 53)), 2000),
               (first, 3000), (second, 4000)]
    rows, _ = fragment_table(run, tmp_path, packets, "--packets", "5")
    lengths = [len(data) for data in (packets[2][0], third, second, first, second)]
    assert rows["packet_lengths"].tolist() == [" ".join(map(str, lengths))]
    assert rows["time_backwards"].tolist() == ["2"]


@pytest.mark.parametrize("wait,waits", [(10**9, True), (10**9 + 1, False), (-10**9, True),
                                        (-10**9 - 1, False)])
def test_fragments_wait_for_a_second(run, tmp_path, wait, waits):
    first, second, third = fragments_of(6, 1, 7)
    start = 10**10
    rows, unknown = fragment_table(run, tmp_path, [(third, start), (second, start),
                                                   (first, start + wait)])
    assert rows["source_port"].tolist() == (["1234"] if waits else ["", "1234"])
    assert unknown == (0 if waits else 2)


@pytest.mark.parametrize("others,waits", [(255, True), (256, False)])
def test_only_so_many_fragments_wait(run, tmp_path, others, waits):
    first, second, _ = fragments_of(4, 1, 7)
    crowd = [(fragments_of(4, 2, 1000 + i)[1], 0) for i in range(others)]
    rows, unknown = fragment_table(run, tmp_path, [(second, 0), *crowd, (first, 0)])
    assert rows["packets"][rows["source_address"] == "10.0.0.1"].tolist() == (
        ["2"] if waits else ["1", "1"])
    assert unknown == others + (not waits)


def test_only_so_many_bytes_wait(run, tmp_path):
    """1 MiB, in packets which lie about their length."""
    first, second, _ = fragments_of(4, 1, 7)
    for size, waits in ((2**20 - len(second), True), (2**20 - len(second) + 1, False)):
        large = fragments_of(4, 2, 8)[1].ljust(size, b"-")
        _, unknown = fragment_table(run, tmp_path, [(second, 0), (large, 0), (first, 0)])
        assert unknown == 1 + (not waits)


def test_fragments_of_samples_and_without_ports(run, tmp_path):
    """Each stays in its own sample; the type of ICMP is waited for, too."""
    first, second, _ = fragments_of(4, 1, 7)
    ng = Ng().interface(linktype=RAW)
    ng.packet(second, 1, ["1,a"]).packet(first, 2, ["2,b"])
    icmp = bytearray(second)
    icmp[9] = 1
    ng.packet(bytes(icmp), 3, ["2,b"])
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    done = run("flows", "--columns", "sample_id,protocol,source_port,packets", tmp_path / "in.pcapng")
    assert done.stdout.splitlines()[1:] == ["1,UDP,1234,1", "2,UDP,1234,1", "2,ICMP,,1"]
    assert "1 fragment" in done.stderr


def test_fragments_wait_over_joined_files(run, tmp_path):
    first, second, third = fragments_of(4, 1, 7)
    for number, parts in enumerate([[third, second], [first]]):
        (tmp_path / f"{number}.pcap").write_bytes(pcap([(p, number) for p in parts], linktype=RAW))
    rows = table(run, "--join", tmp_path / "0.pcap", tmp_path / "1.pcap")
    assert rows["packets"].tolist() == ["3"]


def test_directions(run, tmp_path):
    ng = Ng().interface(linktype=RAW)
    ng.packet(udp("10.0.0.2", "10.0.0.1", ports=(53, 1234)), 1)
    ng.packet(udp("10.0.0.1", "10.0.0.2", ports=(1234, 53)), 2)
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    flow = table(run, tmp_path / "in.pcapng").iloc[0]
    assert (flow["source_address"], flow["packets"], flow["forward_packets"]) == ("10.0.0.2", "2", "1")
    assert len(table(run, "--unidirectional", tmp_path / "in.pcapng")) == 2


def test_times_going_back_are_counted(run, tmp_path):
    ng = Ng().interface(linktype=RAW)
    for time in (10, 5, 7, 6):
        ng.packet(udp("10.0.0.1", "10.0.0.2"), time)
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    for profile in ("labelcap", "nexusflowmeter", "netflowmeter", "pcap2json"):
        for compat in ((), ("--compat",)) if profile != "labelcap" else ((),):
            run("flows", "-q", "-f", "--profile", profile, *compat, "--stats-json",
                tmp_path / "stats.json", tmp_path / "in.pcapng")
            assert json.loads((tmp_path / "stats.json").read_text())["time_backwards"] == 2


def test_bounded_memory_is_reported(run, tmp_path):
    ng = Ng().interface(linktype=RAW)
    for number in range(1000):
        ng.packet(udp(f"10.0.{number // 256}.{number % 256}", "10.1.0.1"), number)
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    stats = tmp_path / "stats.json"
    done = run("flows", "--max-flows-in-memory", "10", "--stats-json", stats, tmp_path / "in.pcapng")
    report = json.loads(stats.read_text())
    assert report["flows"] == 1000 and report["peak_flows_in_memory"] == 10
    assert report["flows_evicted"] == 990
    assert ("warning: 990 flows written early: more were open than --max-flows-in-memory allows\n"
            in done.stderr)


def test_memory_has_a_bound_by_default(run):
    """Two million flows are too many for a test: 2 GB."""
    said = " ".join(run("flows", "--help").stdout.split())
    assert "the longest idle one is written early (2000000)" in said
