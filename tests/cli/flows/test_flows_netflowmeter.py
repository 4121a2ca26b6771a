"""labelcap flows --profile netflowmeter: what the original printed, and two oracles in Python.

The goldens under shared/peers/netflowmeter/ were printed by the original. They do not reach all of
its rules (long gaps, its search for idle flows, odd frames), so compat_table() computes its features
a second time, on packets as dpkt parses them; default_rows() does so for the default mode.
"""

import csv
import io
import random
import socket
import statistics
import struct
from collections import Counter
from datetime import datetime, timezone
from fractions import Fraction

import pytest
from captures import Ng
from flow_tables import mixed  # a fixture

dpkt = pytest.importorskip("dpkt")

LISTED = ["FIN", "PSH", "URG", "ECE", "SYN", "ACK", "CWR", "RST"]
BITS = dict(FIN=1, SYN=2, RST=4, PSH=8, ACK=16, URG=32, ECE=64, CWR=128)
CAPTURES = ["6in4tunnel", "KakaoTalk_chat", "VlanPackets", "WebattackSQLinj", "ftp", "http_ipv6",
            "ip4_fragments", "malware", "quicietfooo", "ssh", "synscan", "telnet", "test", "tor",
            "whatsapp_login_call", "wireshark-retrans"]


# --- Frames and captures -------------------------------------------------------------------------


def tcp(ports, flags=16, window=1000, payload=b"", words=5):
    options = b"\1" * max(0, words * 4 - 20)
    return struct.pack(">HHIIHHHH", *ports, 7, 8, words << 12 | flags, window, 0, 0) + options + payload


def udp(ports, payload=b""):
    return struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload


def ip4(ends, content, protocol=6, length=None, words=5, offset=0):
    length = words * 4 + len(content) if length is None else length
    options = b"\1" * max(0, words * 4 - 20)
    return struct.pack(">BBHHHBBH4s4s", 0x40 | words, 0, length, 1, offset, 64, protocol, 0,
                       socket.inet_aton(ends[0]), socket.inet_aton(ends[1])) + options + content


def ip6(ends, content, protocol=6):
    return struct.pack(">IHBB16s16s", 6 << 28, len(content), protocol, 64,
                       socket.inet_pton(socket.AF_INET6, ends[0]),
                       socket.inet_pton(socket.AF_INET6, ends[1])) + content


def ethernet(content, kind=0x0800, tags=()):
    kinds = [*tags, kind]
    tagged = b"".join(struct.pack(">HH", 5, following) for following in kinds[1:])
    return b"\2" * 12 + struct.pack(">H", kinds[0]) + tagged + content


def pcap(path, packets, linktype=1, nanoseconds=False):
    """packets: (time in microseconds, frame)."""
    with open(path, "wb") as file:
        magic = 0xA1B23C4D if nanoseconds else 0xA1B2C3D4
        file.write(struct.pack("<IHHiIII", magic, 2, 4, 0, 0, 262144, linktype))
        for time, frame in packets:
            seconds, rest = divmod(time, 10**6)
            rest *= 1000 if nanoseconds else 1
            file.write(struct.pack("<IIII", seconds, rest, len(frame), len(frame)) + frame)
    return path


def labelled(path):
    """The same flow in two samples and without one."""
    capture = Ng().interface()
    for label in ["7,web", "18446744073709551615,mail", "7,web", None]:
        frame = ethernet(ip4(["10.0.0.9", "10.0.0.10"], tcp((7, 9))))
        capture.packet(frame, 10**15, comments=[label] if label else [])
    path.write_bytes(bytes(capture))
    return path


# --- The original, once more ---------------------------------------------------------------------


class Bulks:
    def __init__(self):
        self.start = self.last = self.run = self.run_bytes = 0
        self.count = self.packets = self.bytes = self.duration = 0


def bulks_of(packets):
    """The original's state machine, its slips included: {True: forward, False: backward}."""
    both = {True: Bulks(), False: Bulks()}
    for p in packets:
        own = both[p.forward]
        if both[not p.forward].last > own.start:
            own.start = 0
        if p.payload == 0:
            continue
        gap = p.time - both[True].last > 1
        if own.start == 0 or gap:
            if own.start == 0 or p.forward:
                own.last = p.time
            own.start, own.run, own.run_bytes = p.time, 1, p.payload
            continue
        own.run += 1
        own.run_bytes += p.payload
        if own.run == 4:
            own.count += 1
            own.packets += 4
            own.bytes += own.run_bytes
            own.duration += p.time - own.start
        elif own.run > 4:
            own.packets += 1
            own.bytes += p.payload
            own.duration += p.time - own.last
        own.last = p.time
    return both


class Packet:
    def __init__(self, time, ip):
        self.time, self.forward = time, True
        self.flags, self.window = ip.data.flags, ip.data.win
        self.payload = len(ip.data.data)
        self.header = len(ip.data) - self.payload
        self.source = (socket.inet_ntoa(ip.src), ip.data.sport)
        self.target = (socket.inet_ntoa(ip.dst), ip.data.dport)
        self.moment = datetime.fromtimestamp(time, timezone.utc).replace(tzinfo=None)


def tcp_packets(path):
    with open(path, "rb") as file:
        for time, frame in dpkt.pcap.Reader(file):
            try:
                ip = dpkt.ethernet.Ethernet(frame).data
            except (dpkt.UnpackError, IndexError):
                continue
            if isinstance(ip, dpkt.ip.IP) and isinstance(ip.data, dpkt.tcp.TCP):
                yield Packet(float(time), ip)


def compat_flows(path, idle=5000, longest=120000, enough=2000):
    """Lists of packets, in the order of the original's rows."""
    ongoing, finished = {}, []
    for p in tcp_packets(path):
        key = next((k for k in [(p.target, p.source), (p.source, p.target)] if k in ongoing), None)
        p.forward = key is None or key != (p.target, p.source)
        if key is None:
            ongoing[p.source, p.target] = [p]
            continue
        flow = ongoing[key]
        fins = {q.forward for q in flow if q.flags & BITS["FIN"]}
        if not ((p.moment - flow[0].moment).total_seconds() > longest
                or (p.moment - flow[-1].moment).total_seconds() > idle
                or len(fins) == 2 or any(q.flags & BITS["RST"] for q in flow)):
            flow.append(p)
            continue
        finished.append(ongoing.pop(key))
        ongoing[p.source, p.target] = [p]
        if len(ongoing) >= enough:
            stale = next((k for k, f in ongoing.items() if p.time - f[-1].time > idle), None)
            if stale is not None:
                finished.append(ongoing.pop(stale))
    return finished + list(ongoing.values())


def gaps_of(packets):
    if len(packets) == 1:
        return [packets[0].time]
    return [b.time - a.time for a, b in zip(packets, packets[1:])]


def periods_of(packets):
    active, idle = [], []
    since = end = packets[0].time
    for p in packets:
        if p.time - end > 100:
            if end - since > 0:
                active.append(since - end)
            idle.append(p.time - end)
            since = p.time
        end = p.time
    return active, idle


def compat_row(packets, form, label):
    """One row as text."""
    first = packets[0]
    fwd = [p for p in packets if p.forward]
    bwd = [p for p in packets if not p.forward]
    sets = (packets, fwd, bwd)
    duration = packets[-1].time - first.time
    total = [sum(p.payload for p in s) for s in sets]

    def f(function, values):
        return format(function(values), form) if values else 0

    def over(a, b):
        return a / b if b else 0

    name = [*first.source, *first.target, "TCP"]
    row = ["_".join(map(str, [*name, first.moment])), first.moment, *name]
    row += [duration, *map(len, sets), *total]
    payload = [p.payload for p in packets]
    for s in sets:
        row += [max(payload), min(payload), f(statistics.mean, payload),
                f(statistics.pstdev, payload), f(statistics.pvariance, [p.payload for p in s])]
    for s in sets:
        header = [p.header for p in s]
        row += [sum(header), max(header, default=0), min(header, default=0),
                f(statistics.mean, header), f(statistics.pstdev, header)]
    row += [over(total[1], len(fwd)), over(total[2], len(bwd)), over(total[0], len(packets))]
    row += [s[0].window if s else 0 for s in (fwd, bwd)]
    for periods in periods_of(packets):
        row += [min(periods, default=0), max(periods, default=0), f(statistics.mean, periods),
                f(statistics.pstdev, periods)]
    row += [over(t, duration) for t in total]
    row += [over(len(s), duration) for s in (packets, bwd, fwd)] + [over(len(bwd), len(fwd))]
    bulks = [bulks_of(packets)[way] for way in (True, False)]
    for b in bulks:
        row += [over(b.bytes, b.count), over(b.packets, b.count), over(b.bytes, b.duration)]
    for b in bulks:
        row += [b.count, b.bytes, b.packets, b.duration]
    for s in sets:
        row += [sum(p.flags & BITS[flag] != 0 for p in s) for flag in LISTED]
    for s in sets:
        gaps = gaps_of(s) if s else []
        row += [f(statistics.mean, gaps), f(statistics.pstdev, gaps), max(gaps, default=0),
                min(gaps, default=0), left_to_right(gaps)]
    long_gaps = sum(b.time - a.time > 1 for a, b in zip(packets, packets[1:]))
    row += [over(x, long_gaps) for x in (len(fwd), len(bwd), total[1], total[1])]
    return [*map(str, row), label]


def left_to_right(values):
    """sum() of Python before 3.12."""
    total = 0
    for value in values:
        total += value
    return total


def compat_table(path, form, label):
    return [compat_row(packets, form, label) for packets in compat_flows(path)]


def compat(run, path, out, form=".4f", *options):
    run("flows", "--profile", "netflowmeter", "--compat", "--number-format", form, "--label", "L",
        "-o", out, path, *options)
    return out.read_bytes()


def assert_same_as_oracle(run, tmp_path, capture, form=".4f"):
    lines = compat(run, capture, tmp_path / "out.csv", form).decode().split("\r\n")
    rows = compat_table(capture, form, "L")
    header = lines[0].split(",")
    assert len(lines) == len(rows) + 2
    for line, row in zip(lines[1:], rows):
        got = dict(zip(header, line.split(",")))
        expected = dict(zip(header, row))
        assert {k: (got[k], v) for k, v in expected.items() if got[k] != v} == {}
    return rows


# --- Goldens -------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [".4f", ".17g"])
@pytest.mark.parametrize("name", CAPTURES)
def test_golden(run, shared, tmp_path, name, form):
    peers = shared / "peers"
    if not peers.is_dir():
        pytest.skip(f"no outputs of the original in {peers}")
    golden = (peers / "netflowmeter" / f"{name}{form}.csv").read_bytes()
    assert compat(run, peers / "inputs" / f"{name}.pcap", tmp_path / "out.csv", form) == golden


@pytest.mark.parametrize("name", ["malware", "ssh"])
def test_golden_from_pcapng(run, shared, tmp_path, name):
    """The original refuses pcapng."""
    peers = shared / "peers"
    if not peers.is_dir():
        pytest.skip(f"no outputs of the original in {peers}")
    golden = (peers / "netflowmeter" / f"{name}.17g.csv").read_bytes()
    capture = peers / "inputs" / f"{name}_orig.pcapng"
    assert compat(run, capture, tmp_path / "out.csv", ".17g") == golden


def test_the_defaults_are_those_of_the_goldens(run, shared, tmp_path):
    peers = shared / "peers"
    if not peers.is_dir():
        pytest.skip(f"no outputs of the original in {peers}")
    out = tmp_path / "out.csv"
    run("flows", "--profile", "netflowmeter", "--compat", "--label", "L", "-o", out,
        peers / "inputs" / "ftp.pcap")
    assert out.read_bytes() == (peers / "netflowmeter" / "ftp.4f.csv").read_bytes()


def test_the_oracle_meets_a_golden(shared):
    peers = shared / "peers"
    if not peers.is_dir():
        pytest.skip(f"no outputs of the original in {peers}")
    golden = (peers / "netflowmeter" / "WebattackSQLinj.4f.csv").read_bytes().decode()
    rows = compat_table(peers / "inputs" / "WebattackSQLinj.pcap", ".4f", "L")
    assert [",".join(row) for row in rows] == golden.split("\r\n")[1:-1]


# --- Compat mode against its oracle --------------------------------------------------------------

HOSTS = ["10.0.0.9", "10.0.0.10"]
STEPS = [0, 1, 37, 300_000, 999_999, 1_000_000, 1_000_001, 40_000_000, 100_000_000, 100_000_001,
         130_000_000, 5_000_000_000, 5_000_000_001, -250_000]


def odd_frame(rng, ends, segment):
    """A frame that the original skips, or takes apart in its own way."""
    packet = ip4(ends, segment)
    return rng.choice([
        ethernet(packet + b"\0" * 9),                                    # padding
        ethernet(ip4(ends, segment, length=0)),                          # segmentation offload
        ethernet(ip4(ends, segment, words=7)),
        ethernet(ip4(ends, segment, words=4)),                           # malformed
        ethernet(ip4(ends, segment, offset=5)),                          # later fragment
        ethernet(ip4(ends, segment, offset=0x2000)),                     # first fragment
        ethernet(ip4(ends, segment, length=44)),                         # cut by its length
        ethernet(packet)[:54 + rng.randrange(20)],
        ethernet(ip4(ends, udp((1, 2), b"x"), 17)),
        ethernet(ip6(["::1", "::2"], segment), 0x86DD),
        ethernet(ip4(ends, ip4(ends, segment), 4)),
        ethernet(packet, 0x0800, [0x8100]),
        ethernet(packet, 0x0800, [0x88A8, 0x8100]),
        ethernet(packet, 0x0800, [0x8100, 0x8100, 0x8100]),
        ethernet(struct.pack(">I", 5 << 12 | 0x140) + packet, 0x8847),
        ethernet(packet, 0x0806),
        ethernet(packet, 60),
        b"\1\0\x0c\0\0" + b"\2" * 21 + ethernet(packet),                 # ISL
    ])


def random_capture(rng, path, packets=400, begin=1_600_000_000_000_000):
    at, out, ends, ports = begin + rng.randrange(10**6), [], HOSTS, (80, 80)
    lively, turning = rng.choice([0.03, 0.3]), rng.choice([0.1, 0.5, 1])
    for _ in range(packets):
        at += rng.choice(STEPS) if rng.random() < lively else rng.randrange(300_000)
        if rng.random() < turning:
            ends = rng.sample(HOSTS, 2) if rng.random() < 0.97 else [HOSTS[0]] * 2
            ports = rng.choice([(80, 80), (80, 81), (81, 80)])
        flags = rng.choice([16, 16, 16, 24, 2, 18, 0xE1] + [17, 20] * (rng.random() < 0.1))
        segment = tcp(ports, flags, rng.randrange(65536), bytes(rng.choice([0, 0, 1, 536, 1460])),
                      rng.choice([5, 5, 8, 15]))
        frame = ethernet(ip4(ends, segment))
        out.append((at, odd_frame(rng, ends, segment) if rng.random() < 0.1 else frame))
    return pcap(path, out)


@pytest.mark.parametrize("seed", range(16))
def test_compat_on_random_traffic(run, tmp_path, seed):
    capture = random_capture(random.Random(seed), tmp_path / "in.pcap")
    rows = assert_same_as_oracle(run, tmp_path, capture, [".4f", ".17g"][seed % 2])
    assert len(rows) > 5


@pytest.mark.parametrize("seed", range(4))
def test_compat_of_times_near_0(run, tmp_path, seed):
    """Times as doubles are finer there than those of today."""
    capture = random_capture(random.Random(seed), tmp_path / "in.pcap", begin=0)
    assert_same_as_oracle(run, tmp_path, capture)


def quiet_frame(host, port, flags=16, back=False):
    ends, ports = ["10.1.0.1", f"10.2.{host >> 8}.{host & 255}"], (port, 80)
    if back:
        ends, ports = ends[::-1], ports[::-1]
    return ethernet(ip4(ends, tcp(ports, flags)))


def test_compat_looks_for_idle_flows_when_one_ends(run, tmp_path):
    """Only from 2,000 flows on, only one of them at a time, and the oldest one first."""
    second = 10**6
    packets = [((1_500_000_000 + host) * second, quiet_frame(host, 5)) for host in range(2003)]
    # The first three go on, so that the search has to step over them.
    packets += [(1_500_004_000 * second, quiet_frame(host, 5)) for host in range(3)]
    for turn in range(60):
        at = (1_500_005_500 + 20 * turn) * second
        packets.append((at, quiet_frame(turn % 7, 9, 4)))
        packets.append((at + 1, quiet_frame(turn % 7, 9, 16, back=turn % 2 == 1)))
    rows = assert_same_as_oracle(run, tmp_path, pcap(tmp_path / "in.pcap", packets))
    oldest = [row[4] for row in rows[:40] if row[3] == "5"]
    assert oldest[:2] == ["10.2.0.3", "10.2.0.4"]


def test_compat_finds_flows_that_are_idle_later(run, tmp_path):
    """After searches that found all there were, and some that found none."""
    start, second = 1_500_000_000, 10**6
    packets = [(start * second, quiet_frame(host, 5)) for host in range(2010)]
    packets += [((start + 4000) * second, quiet_frame(host, 5)) for host in range(2010)
                if host not in (5, 9)]
    for at in [5500, 5520, 5540, 5560, 5580, 9010, 9030, 9050]:
        packets.append(((start + at) * second, quiet_frame(1, 9, 4)))
        packets.append(((start + at) * second + 1, quiet_frame(1, 9)))
    rows = assert_same_as_oracle(run, tmp_path, pcap(tmp_path / "in.pcap", packets))
    oldest = [row[4] for row in rows[:40] if row[3] == "5"]
    assert oldest[:5] == ["10.2.0.5", "10.2.0.9", "10.2.0.0", "10.2.0.1", "10.2.0.2"]


def test_compat_cuts_flows_that_last_too_long(run, tmp_path):
    packets = [((1_500_000_000 + 4000 * i) * 10**6, quiet_frame(1, 5)) for i in range(70)]
    rows = assert_same_as_oracle(run, tmp_path, pcap(tmp_path / "in.pcap", packets))
    assert [row[8] for row in rows] == ["31", "31", "8"]


def test_compat_follows_timeouts_that_are_given(run, tmp_path):
    packets = [((1_500_000_000 + 40 * i) * 10**6, quiet_frame(1, 5)) for i in range(10)]
    capture = pcap(tmp_path / "in.pcap", packets)
    text = compat(run, capture, tmp_path / "idle.csv", ".4f", "--idle-timeout", "39").decode()
    assert [row["packets_count"] for row in csv.DictReader(io.StringIO(text))] == ["1"] * 10
    text = compat(run, capture, tmp_path / "long.csv", ".4f", "--active-timeout", "100").decode()
    assert [row["packets_count"] for row in csv.DictReader(io.StringIO(text))] == ["3", "3", "3", "1"]


def test_compat_of_nanoseconds(run, tmp_path):
    """The original leaves seven cells empty then; here they are as those of microseconds."""
    rng, packets = random.Random(0), []
    for i in range(50):
        packets.append((10**15 + rng.randrange(10**6) + i * 10**6, quiet_frame(i % 3, 5)))
    texts = [compat(run, pcap(tmp_path / "in.pcap", packets, nanoseconds=ns), tmp_path / f"{ns}.csv")
             for ns in (False, True)]
    assert texts[0] == texts[1]


def test_compat_keeps_samples_apart(run, tmp_path):
    text = compat(run, labelled(tmp_path / "in.pcapng"), tmp_path / "out.csv").decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["label"], row["packets_count"]) for row in rows] == [("web", "2"), ("mail", "1"),
                                                                     ("L", "1")]


def test_compat_of_nothing_is_an_empty_file(run, tmp_path):
    assert compat(run, pcap(tmp_path / "in.pcap", []), tmp_path / "out.csv") == b""


def test_compat_takes_any_link_type_for_ethernet(run, tmp_path):
    capture = pcap(tmp_path / "in.pcap", [(10**15, quiet_frame(1, 5))], linktype=113)
    assert_same_as_oracle(run, tmp_path, capture)


@pytest.mark.parametrize("option", ["--unidirectional", "--tunnels=inner", "--max-flows-in-memory=9"])
def test_compat_refuses_what_the_original_does_not_have(run, tmp_path, option):
    done = run("flows", "--profile", "netflowmeter", "--compat", option, "-o", tmp_path / "out.csv",
               pcap(tmp_path / "in.pcap", []), check=False)
    assert done.returncode != 0
    assert "NetFlowMeter has no" in done.stderr
    assert not (tmp_path / "out.csv").exists()


# --- Default mode against its oracle -------------------------------------------------------------


def default_statistics(row, names, values, unit=1):
    values = [Fraction(value, unit) for value in values]
    functions = dict(max=max, min=min, mean=statistics.mean, std=statistics.pstdev,
                     variance=statistics.pvariance)
    for kind, name in names.items():
        row[name] = float(functions[kind](values)) if values else None


def default_bulks(packets, forward):
    """Runs of packets of one direction, as (time, payload)."""
    runs, run = [], []
    for p in packets:
        if p["payload"] == 0:
            continue
        if p["forward"] != forward:
            runs, run = runs + [run], []
            continue
        if run and p["ns"] - run[-1][0] > 10**9:
            runs, run = runs + [run], []
        run.append((p["ns"], p["payload"]))
    return [run for run in runs + [run] if len(run) >= 4]


def split_at(times, gap):
    parts = [[times[0]]]
    for before, time in zip(times, times[1:]):
        if time - before > gap:
            parts.append([])
        parts[-1].append(time)
    return parts


def default_row(packets):
    """Numbers by their formulas; None where there is none."""
    row = {}
    ways = {"": packets, "fwd_": [p for p in packets if p["forward"]],
            "bwd_": [p for p in packets if not p["forward"]]}
    times = [p["ns"] for p in packets]
    duration = Fraction(times[-1] - times[0], 10**9)
    subflows = len(split_at(times, 10**9))

    def over(a, b):
        return float(Fraction(a) / b) if b else None

    row["duration"] = float(duration)
    for way, s in ways.items():
        payload, header = [p["payload"] for p in s], [p["header"] for p in s]
        row[f"{way}packets_count" if way else "packets_count"] = len(s)
        row[f"{way}total_payload_bytes"] = sum(payload)
        default_statistics(row, {k: f"{way}payload_bytes_{k}" for k in
                                 ["max", "min", "mean", "std", "variance"]}, payload)
        row[f"{way}total_header_bytes"] = sum(header)
        default_statistics(row, {k: f"{way}{k}_header_bytes" for k in ["max", "min", "mean", "std"]},
                           header)
        row[f"{way}avg_segment_size"] = over(sum(payload), len(s))
        row[f"{way}bytes_rate"] = over(sum(payload), duration)
        row[f"{way}packets_rate"] = over(len(s), duration)
        for flag in LISTED:
            row[f"{way}{flag.lower()}_flag_counts"] = sum(p["flags"] & BITS[flag] != 0 for p in s)
        iat = f"{way}packets_IAT_" if way else "packet_IAT_"
        gaps = [b["ns"] - a["ns"] for a, b in zip(s, s[1:])]
        default_statistics(row, dict(std=iat + "std", max=iat + "max", min=iat + "min",
                                     mean=f"{way}packets_IAT_mean"), gaps, 10**9)
        row[iat + "total"] = float(Fraction(sum(gaps), 10**9))
        if way:
            windows = [p["window"] for p in s if p["window"] is not None]
            row[f"{way}init_win_bytes"] = windows[0] if windows else None
            row[f"subflow_{way}packets"] = over(len(s), subflows)
            row[f"subflow_{way}bytes"] = over(sum(payload), subflows)
            default_bulk_columns(row, way, default_bulks(packets, way == "fwd_"), over)
    row["down_up_rate"] = over(len(ways["bwd_"]), len(ways["fwd_"]))
    periods = split_at(times, 5 * 10**9)
    idle = [b[0] - a[-1] for a, b in zip(periods, periods[1:])]
    for name, values in [("active", [p[-1] - p[0] for p in periods]), ("idle", idle)]:
        default_statistics(row, {k: f"{name}_{k}" for k in ["min", "max", "mean", "std"]}, values,
                           10**9)
    return row


def default_bulk_columns(row, way, runs, over):
    packets, size = sum(map(len, runs)), sum(p[1] for run in runs for p in run)
    duration = Fraction(sum(run[-1][0] - run[0][0] for run in runs), 10**9)
    row[f"avg_{way}bytes_per_bulk"] = over(size, len(runs))
    packets_name = "avg_fwd_packets_per_bulk" if way == "fwd_" else "avg_bwd_packets_bulk_rate"
    row[packets_name] = over(packets, len(runs))
    row[f"avg_{way}bulk_rate"] = over(size, duration)
    row[f"{way}bulk_state_count"] = len(runs)
    row[f"{way}bulk_total_size"] = size
    row[f"{way}bulk_per_packet"] = packets
    row[f"{way}bulk_duration"] = float(duration)


def default_capture(rng, path):
    """A few flows of TCP and UDP over IPv4 and IPv6; (capture, packets of each flow by its port)."""
    at, frames, flows, port, forward = 1_600_000_000_000_000, [], {}, 1000, True
    for _ in range(600):
        at += rng.choice([0, 3, 500, 20_000, 300_000] * 4
                         + [1_000_000, 1_000_001, 5_000_000, 5_000_001])
        if rng.random() < 0.3:
            port, forward = rng.randrange(1000, 1008), rng.random() < 0.5
        forward = forward or port not in flows
        six, stream = port % 2 == 1, port % 4 < 2
        payload = bytes(rng.choice([0, 1, 100, 1460]))
        ends = ["2001:db8::1", "2001:db8::2"] if six else ["192.0.2.9", "192.0.2.10"]
        ends, ports = (ends, (port, 80)) if forward else (ends[::-1], (80, port))
        flags, window, words = rng.choice([16, 24, 0xF8]), rng.randrange(65536), rng.choice([5, 8])
        segment = tcp(ports, flags, window, payload, words) if stream else udp(ports, payload)
        content = (ip6 if six else ip4)(ends, segment, 6 if stream else 17)
        frames.append((at, ethernet(content + b"\0" * 6, 0x86DD if six else 0x0800)))
        flows.setdefault(port, []).append(dict(
            ns=at * 1000, forward=forward, payload=len(payload), header=words * 4 if stream else 8,
            flags=flags if stream else 0, window=window if stream else None))
    return pcap(path, frames), flows


def default(run, capture, *options):
    text = run("flows", "--profile", "netflowmeter", "--idle-timeout", "0", "--format", "csv",
               *options, capture).stdout
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("seed", range(4))
def test_default_formulas(run, tmp_path, seed):
    capture, flows = default_capture(random.Random(seed), tmp_path / "in.pcap")
    rows = default(run, capture)
    assert [int(row["src_port"]) for row in rows] == list(flows)
    for row, packets in zip(rows, flows.values()):
        expected = default_row(packets)
        assert len(expected) == 114
        got = {name: float(row[name]) if row[name] else None for name in expected}
        assert {k: (got[k], v) for k, v in expected.items() if got[k] != v} == {}


def test_default_key_columns(run, tmp_path):
    ends = ["2001:db8::1", "2001:db8::2"]
    frames = [(1_600_000_000_250_000, ethernet(ip6(ends, udp((5000, 53), b"?"), 17), 0x86DD)),
              (1_600_000_001_000_000, ethernet(ip4(["10.0.0.9", "10.0.0.10"], tcp((7, 9), 2))))]
    first, second = default(run, pcap(tmp_path / "in.pcap", frames), "--label", "spam")
    assert first["flow_id"] == "2001:db8::1_5000_2001:db8::2_53_UDP_2020-09-13 12:26:40.25"
    assert first["timestamp"] == "2020-09-13 12:26:40.25"
    assert (first["src_ip"], first["dst_ip"]) == tuple(ends)
    assert (first["src_port"], first["dst_port"], first["protocol"]) == ("5000", "53", "UDP")
    assert (first["sample_id"], first["metadata"], first["label"]) == ("", "spam", "spam")
    assert second["flow_id"] == "10.0.0.9_7_10.0.0.10_9_TCP_2020-09-13 12:26:41"
    assert Counter(row["label"] for row in default(run, tmp_path / "in.pcap")) == {"Unknown": 2}


def test_default_keeps_samples_apart(run, tmp_path):
    rows = default(run, labelled(tmp_path / "in.pcapng"), "--label", "none")
    assert [tuple(row[name] for name in ("sample_id", "metadata", "label", "packets_count"))
            for row in rows] == [("7", "web", "web", "2"), ("18446744073709551615", "mail", "mail", "1"),
                                 ("", "none", "none", "1")]


def test_default_turns_a_flow_round_with_its_syn(run, tmp_path):
    """All that was measured before changes sides."""
    ends, second = ["10.0.0.9", "10.0.0.10"], 10**6
    frames = [ethernet(ip4(ends[::-1], tcp((80, 7), 18, 500, b"", 8))),
              ethernet(ip4(ends, tcp((7, 80), 2, 900))),
              ethernet(ip4(ends, tcp((7, 80), 24, 901, b"abc"))),
              ethernet(ip4(ends[::-1], tcp((80, 7), 24, 501, b"", 8)))]
    packets = [((1_600_000_000 + i) * second, frame) for i, frame in enumerate(frames)]
    row, = default(run, pcap(tmp_path / "in.pcap", packets))
    assert (row["src_ip"], row["src_port"]) == ("10.0.0.9", "7")
    assert (row["fwd_packets_count"], row["bwd_packets_count"]) == ("2", "2")
    assert (row["fwd_init_win_bytes"], row["bwd_init_win_bytes"]) == ("900", "500")
    assert (row["fwd_packets_IAT_total"], row["bwd_packets_IAT_total"]) == ("1.0", "3.0")
    assert (row["fwd_total_header_bytes"], row["bwd_total_header_bytes"]) == ("40", "64")
    assert (row["fwd_syn_flag_counts"], row["bwd_syn_flag_counts"]) == ("1", "1")


def test_default_turns_bulks_round_too(run, tmp_path):
    ends, ports = ["10.0.0.9", "10.0.0.10"], (7, 80)
    frames = [ethernet(ip4(ends[::-1], tcp(ports[::-1], 24, 500, b"abc")))] * 5
    frames.append(ethernet(ip4(ends, tcp(ports, 2))))
    packets = [(10**15 + i, frame) for i, frame in enumerate(frames)]
    row, = default(run, pcap(tmp_path / "in.pcap", packets))
    assert (row["fwd_bulk_state_count"], row["bwd_bulk_state_count"]) == ("0", "1")
    assert (row["bwd_bulk_per_packet"], row["bwd_bulk_total_size"]) == ("5", "15")


def test_default_undefined_cells_are_empty(run, tmp_path):
    row, = default(run, pcap(tmp_path / "in.pcap", [(10**15, quiet_frame(1, 5))]))
    empty = {name for name, cell in row.items() if cell == ""}
    assert {"bytes_rate", "packets_IAT_mean", "bwd_payload_bytes_mean", "bwd_init_win_bytes",
            "avg_fwd_bytes_per_bulk", "idle_min", "bwd_avg_segment_size"} <= empty
    assert not {"duration", "active_min", "packet_IAT_total", "down_up_rate", "subflow_fwd_packets",
                "fwd_bulk_state_count", "fwd_init_win_bytes"} & empty


# ---- names ----


@pytest.fixture(scope="module")
def published(shared):
    """(published name, name of the column) of each feature."""
    text = (shared / "peers/netflowmeter-names.txt").read_text()
    return [line.split("\t") for line in text.splitlines()]


@pytest.mark.parametrize("mode", [[], ["--compat"]])
def test_published_names_name_columns(run, mixed, published, mode):
    base = ("flows", "-q", "--profile", "netflowmeter", *mode)
    aliases, names = (",".join(column) for column in zip(*published))
    by_alias = run(*base, "--columns", aliases, mixed).stdout
    assert by_alias == run(*base, "--columns", names, mixed).stdout
    assert by_alias.splitlines()[0] == names
    assert run(*base, "--drop", aliases, mixed).stdout == run(*base, "--drop", names, mixed).stdout
    done = run(*base, "--columns", "Duration,duration", mixed, check=False)
    assert done.returncode == 2 and "names 'duration' twice" in done.stderr


def test_published_names_stand_in_the_description(run, published):
    text = run("flows", "--describe", "netflowmeter").stdout
    sections = {part.split("`")[0]: part for part in text.split("\n### `")[1:]}
    for alias, name in published:
        assert f"- Also called: `{alias}`\n" in sections[name]
    assert len(published) == text.count("- Also called: ") == 114
