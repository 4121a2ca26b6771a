"""arrays --form netfound: tokens of bursts, held to dpkt."""

import struct

import dpkt
import pandas
import pytest
from array_set import udp, write_set

from dpkt_flows import PROTOCOLS, flows_of

PAUSE, BURSTS, PACKETS = 10_000_000, 12, 6
NAMES = ["flow_duration", "burst_tokens", "directions", "bytes", "iats", "counts", "protocol", "labels",
         "sample_id", "flow"]


@pytest.fixture
def table(run, tmp_path):
    """table(packets): the rows of one sample of (time in ns, bytes)."""
    def write_table(packets, *arguments):
        dataset = write_set(tmp_path / "set.pcapng", [(1, "web", time, data) for time, data in packets])
        run("arrays", "-qf", "--form", "netfound", "-o", tmp_path / "x.tsv", dataset, *arguments)
        return pandas.read_csv(tmp_path / "x.tsv", sep="\t", dtype=str)

    return write_table


def tokens(packet, base):
    """`base`: the first sequence number of the source, and of the destination or None."""
    ip, four = packet, isinstance(packet, dpkt.ip.IP)
    numbers = ([ip.hl * 4, ip.tos, ip.len, ip.rf << 2 | ip.df << 1 | ip.mf, ip.ttl] if four else
               [40, ip.fc, ip.plen + 40, 0, ip.hlim])
    above = ip.data
    if isinstance(above, dpkt.tcp.TCP):
        seq = (above.seq - base[0]) % 2**32
        ack = 0 if base[1] is None else (above.ack - base[1]) % 2**32
        numbers += [above.flags, above.win, *divmod(seq, 2**16), *divmod(ack, 2**16), above.urp]
        payload = above.data
    elif isinstance(above, dpkt.udp.UDP):
        numbers, payload = [*numbers, above.ulen], above.data
    else:
        numbers, payload = [*numbers, above.type, above.code], bytes(above)[8:]
    return numbers + list(struct.unpack(">6H", bytes(payload)[:12].ljust(12, b"\0")))


def bursts_of(packets):
    """Of one direction: lists of (time, number in the flow), each with the time since the last began."""
    bursts = []
    for n, (time, _) in packets:
        if not bursts or time - bursts[-1][1][-1][0] > PAUSE:
            bursts.append((time - bursts[-1][1][0][0] if bursts else 0, []))
        bursts[-1][1].append((time, n))
    return bursts


def row_of(flow):
    source = flow[0][1].src
    sides = [[p for p in enumerate(flow) if (p[1][1].src == source) == side] for side in (True, False)]
    bursts = [(b[1][0], side, *b) for side, packets in zip((1, 0), sides) for b in bursts_of(packets)]
    bursts = sorted(bursts)[:BURSTS]
    shown = [[flow[n][1] for _, n in burst[3][:PACKETS]] for burst in bursts]
    first = getattr(flow[0][1].data, "seq", None), getattr(flow[0][1].data, "ack", None)
    other = sides[1][0][1][1].data.seq if sides[1] and isinstance(flow[0][1].data, dpkt.tcp.TCP) else None
    answer = sides[1][0][0] if sides[1] else len(flow)

    def base(n):
        there = first[1] or (other if n >= answer else None)
        return (first[0], there) if flow[n][1].src == source else (there, first[0])

    numbers = ";".join(" ".join(str(t) for _, n in burst[3][:PACKETS] for t in tokens(flow[n][1], base(n)))
                       for burst in bursts)
    lengths = [sum(p.len if isinstance(p, dpkt.ip.IP) else p.plen + 40 for p in packets) for packets in shown]
    columns = [[burst[1] for burst in bursts], lengths, [round(burst[2] / 1000) for burst in bursts],
               [len(packets) for packets in shown]]
    times = [time for time, _ in flow]
    return [str((max(times) - min(times)) // 1000), numbers, *(" ".join(map(str, c)) for c in columns),
            str(PROTOCOLS[type(flow[0][1].data)])]


def test_rows_are_those_of_dpkt(table, repo):
    with open(repo / "datasets/mixed/mixed.pcap", "rb") as file:
        packets = [(round(time * 1_000_000) * 1000, data) for time, data in dpkt.pcap.Reader(file)]
    made = table(packets)
    assert list(made) == NAMES and set(made.labels) == {"web"}
    rows = sorted(map(tuple, made[NAMES[:7]].to_numpy()))
    expected = sorted(tuple(row_of(flow)) for flow in flows_of(packets))
    assert len(expected) > 30 and rows == expected


def test_packets_of_the_other_direction_do_not_end_a_burst(table):
    """Pauses of 10 ms do not end it either, longer ones do."""
    there, back = udp(b"a" * 13), udp(b"b", "10.0.0.2", "10.0.0.1", (2000, 1000))
    times = [(0, there), (4_000_000, back), (10_000_000, there), (20_000_001, there), (20_500_500, back)]
    (row,) = table(times).to_dict("records")
    assert row["directions"] == "1 0 1 0" and row["counts"] == "2 1 1 1"
    assert row["iats"] == "0 0 20000 16500" and row["bytes"] == "82 29 41 29"
    assert row["flow_duration"] == "20500"


def test_a_flow_has_12_bursts_of_6_packets(table):
    times = [(n * 20_000_000 + i, udp(b"x")) for n in range(14) for i in range(8)]
    (row,) = table(times).to_dict("records")
    assert row["counts"] == " ".join(["6"] * 12)
    assert [len(burst.split()) for burst in row["burst_tokens"].split(";")] == [6 * 12] * 12


def test_compat_is_a_stream_of_arrow(run, tmp_path):
    """Its contents are read in tests/cli/heavy/test_arrow_files.py."""
    dataset = write_set(tmp_path / "set.pcapng", [(1, "web", 0, udp(b"x"))])
    arguments = ["arrays", "-q", "--form", "netfound", "--compat", dataset]
    done = run(*arguments, "-o", tmp_path / "x.parquet", check=False)
    assert done.returncode == 2 and "name an output that ends in .arrow" in done.stderr
    run(*arguments, "-o", tmp_path / "x.arrow")
    stream = (tmp_path / "x.arrow").read_bytes()
    assert stream.startswith(b"\xff" * 4) and stream.endswith(b"\xff" * 4 + bytes(4))
    assert len(stream) % 8 == 0 and b"burst_tokens" in stream and b"sample_id" not in stream
