"""The profile labelcap on real captures, each column computed anew from the packets.

The oracle takes headers apart with dpkt and computes with fractions: it shares nothing with
labelcap but the definitions in the profile's documentation.
"""

import csv
import socket
import subprocess
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

import dpkt
import pytest

from captures import read_packets
from labels import tshark

CAPTURES = [
    "bulk/zeek-ssh-ssh.pcap", "bulk/ndpi-opera-vpn.pcap", "bulk/iti-ModbusTCP.pcap",
    "bulk/ndpi-pcap-pps.pcapng", "bulk/zeek-smb-smb3_multichannel.pcap",
    "bulk/sv-dhcp-request-flood-test.pcap", "apps/skype/ndpi-skype.pcap",
    "apps/skype/ndpi-skype_no_unknown.pcap", "apps/wechat/ndpi-wechat.pcap",
    "apps/whatsapp/ndpi-whatsappfiles.pcap", "apps/firefox/joy-firefox58.pcap",
    "apps/bittorrent/ndpi-bittorrent.pcap", "apps/dcerpc/zeek-dce-rpc-kerberos135_auth.pcapng",
    "apps/vpn/ndpi-tinc.pcap", "apps/smb/zeek-smb-smb_many_open_files_500.pcap",
    "protocols/ndpi-zoom.pcap", "protocols/ndpi-starcraft_battle.pcap",
    "apps/http/zeek-http-get_nosyn.pcap", "apps/modbus/zeek-modbus-modbusBig.pcap",
    "apps/ssh/zeek-ssh-ssh.server-side-half-duplex.pcap", "apps/ftp/zeek-ftp-ipv6-violation.pcap",
]
SECOND = 10**9
FLAGS = ["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr", "ns"]
FIN, SYN, RST, ACK = 1, 2, 4, 16
FIRST = 30  # packets and payload bytes of the sequences


# ---- packets ----


@dataclass
class Seen:
    """A packet of TCP or UDP, as the oracle sees it; `time` does not go back within its flow."""
    stamp: int
    length: int
    ends: tuple  # ((address, port), (address, port))
    ip_length: int
    headers: int
    payload: int
    content: bytes
    ttl: int
    tos: int
    flags: int = 0
    window: int = 0
    seq: int = 0
    ack: int = 0
    options: bytes = b""
    time: int = 0
    forward: bool = True


def network_layer(packet):
    if packet.linktype == 101:
        kind = dpkt.ip.IP if packet.data[0] >> 4 == 4 else dpkt.ip6.IP6
        return kind(packet.data)
    return dpkt.ethernet.Ethernet(packet.data).data


def parse(packet):
    """(protocol, Seen), or None for what is neither TCP nor UDP in an unfragmented packet."""
    try:
        ip = network_layer(packet)
    except dpkt.UnpackError:
        return None
    if isinstance(ip, dpkt.ip.IP):
        if ip.mf or ip.offset:
            return None
        family, header, total, ttl, tos = socket.AF_INET, ip.hl * 4, ip.len, ip.ttl, ip.tos
    elif isinstance(ip, dpkt.ip6.IP6) and not ip.all_extension_headers:
        family, header, total, ttl, tos = socket.AF_INET6, 40, 40 + ip.plen, ip.hlim, ip.fc
    else:
        return None
    layer = ip.data
    ends = tuple((socket.inet_ntop(family, address), port) for address, port in
                 ((ip.src, getattr(layer, "sport", 0)), (ip.dst, getattr(layer, "dport", 0))))
    seen = Seen(packet.time_ns, packet.length, ends, total, 0, 0, b"", ttl, tos)
    if isinstance(layer, dpkt.tcp.TCP):
        seen.headers = header + layer.off * 4
        seen.flags = layer.flags | (bytes(layer)[12] & 1) << 8
        seen.window, seen.seq, seen.ack, seen.options = layer.win, layer.seq, layer.ack, layer.opts
        seen.payload = total - seen.headers
        protocol = "TCP"
    elif isinstance(layer, dpkt.udp.UDP):
        seen.headers = header + 8
        seen.payload = min(total - seen.headers, layer.ulen - 8)
        protocol = "UDP"
    else:
        return None
    seen.content = bytes(layer.data)[:seen.payload]
    return protocol, seen


def packets_by_ends(path):
    groups = defaultdict(list)
    for packet in read_packets(path):
        found = parse(packet)
        if found:
            groups[found[0], frozenset(found[1].ends)].append(found[1])
    return groups


def apart(rows):
    """Whether no two of the rows overlap in time: only then a packet's time tells its flow."""
    times = sorted((int(row["start_ns"]), int(row["end_ns"])) for row in rows)
    return all(before[1] < after[0] for before, after in zip(times, times[1:]))


def packets_of(row, group):
    source = (row["source_address"], int(row["source_port"]))
    latest = None
    chosen = []
    for packet in group:
        if int(row["start_ns"]) <= packet.stamp <= int(row["end_ns"]):
            latest = packet.stamp if latest is None else max(latest, packet.stamp)
            packet.time, packet.forward = latest, packet.ends[0] == source
            chosen.append(packet)
    return chosen


# ---- formulas: exact, then rounded once ----


def root(value):
    with localcontext() as context:
        context.prec = 80
        return float((Decimal(value.numerator) / value.denominator).sqrt())


def skewness(values):
    n = len(values)
    mean = Fraction(sum(values), n)
    m2 = sum((value - mean)**2 for value in values) / n
    m3 = sum((value - mean)**3 for value in values) / n
    if not m2:
        return None
    with localcontext() as context:
        context.prec = 80
        variance = Decimal(m2.numerator) / m2.denominator
        return float(Decimal(m3.numerator) / m3.denominator / (variance * variance.sqrt()))


def quartile(ordered, number):
    """numpy's default, in exact arithmetic."""
    at = Fraction((len(ordered) - 1) * number, 4)
    low = at.numerator // at.denominator
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


def statistics(name, values, per=1):
    """The nine columns of a series; None where a cell is to be empty."""
    names = ["min", "max", "mean", "std", "variance", "skewness", "q1", "median", "q3"]
    if not values:
        return {f"{name}_{what}": None for what in names}
    ordered = sorted(values)
    mean = Fraction(sum(values), len(values))
    variance = sum((value - mean)**2 for value in values) / len(values)
    exact = [Fraction(ordered[0]), Fraction(ordered[-1]), mean, None, variance / per, None,
             *(quartile(ordered, number) for number in (1, 2, 3))]
    cells = [None if value is None else float(value / per) for value in exact]
    cells[3] = root(variance / per**2)
    cells[5] = skewness(values)
    return {f"{name}_{what}": cell for what, cell in zip(names, cells)}


def ratio(amount, by):
    return float(Fraction(amount) / by) if by else None


def gaps(packets):
    return [after.time - before.time for before, after in zip(packets, packets[1:])]


def volumes(way, packets, duration, subflows):
    count = {"packets": len(packets), "bytes": sum(p.length for p in packets),
             "payload_bytes": sum(p.payload for p in packets)}
    cells = {way + name: value for name, value in count.items()}
    cells |= {f"{way}{name}_per_second": ratio(value * SECOND, duration)
              for name, value in count.items()}
    cells |= {way + "ip_bytes": sum(p.ip_length for p in packets), way + "fragments": 0,
              way + "payload_packets": sum(p.payload > 0 for p in packets),
              way + "header_bytes": sum(p.headers for p in packets),
              way + "subflow_packets": ratio(len(packets), subflows),
              way + "subflow_payload_bytes": ratio(count["payload_bytes"], subflows)}
    cells |= statistics(way + "packet_length", [p.length for p in packets])
    cells |= statistics(way + "payload_length", [p.payload for p in packets])
    cells |= statistics(way + "header_length", [p.headers for p in packets])
    cells |= statistics(way + "inter_arrival_time", gaps(packets), SECOND)
    for bit, flag in enumerate(FLAGS):
        cells[f"{way}{flag}_count"] = sum(p.flags >> bit & 1 for p in packets)
    return cells


def runs(packets, start_new):
    """The packets cut into runs: a new one begins where start_new(before, after)."""
    result = [[packets[0]]] if packets else []
    for before, after in zip(packets, packets[1:]):
        if start_new(before, after):
            result.append([])
        result[-1].append(after)
    return result


def bulks(way, packets, forward):
    full = [p for p in packets if p.payload]
    found = [run for run in
             runs(full, lambda a, b: a.forward != b.forward or b.time - a.time > SECOND)
             if run[0].forward == forward and len(run) >= 4]
    count, amount = sum(map(len, found)), sum(p.payload for run in found for p in run)
    lasted = sum(run[-1].time - run[0].time for run in found)
    return {way + "bulks": len(found), way + "bulk_packets": count, way + "bulk_bytes": amount,
            way + "bulk_duration": lasted / SECOND,
            way + "bulk_packets_mean": ratio(count, len(found)),
            way + "bulk_bytes_mean": ratio(amount, len(found)),
            way + "bulk_rate": ratio(amount * SECOND, lasted)}


def periods(name, values):
    cells = statistics(name, values, SECOND)
    return {f"{name}_{what}": cells[f"{name}_{what}"] for what in ("min", "max", "mean", "std")} | {
        f"{name}_periods": len(values), f"{name}_total": sum(values) / SECOND}


def activity(packets):
    active = runs(packets, lambda a, b: b.time - a.time > 5 * SECOND)
    return (periods("active", [run[-1].time - run[0].time for run in active])
            | periods("idle", [gap for gap in gaps(packets) if gap > 5 * SECOND]))


# ---- TCP ----


class Numbers:
    """Which sequence numbers have been seen: ranges, unwrapped, sorted, apart from each other."""

    def __init__(self):
        self.begins, self.ends = [], []

    def holds(self, number):
        at = bisect_right(self.begins, number)
        return at > 0 and number < self.ends[at - 1]

    def add(self, begin, end):
        first, last = bisect_left(self.ends, begin), bisect_right(self.begins, end)
        if first < last:
            begin, end = min(begin, self.begins[first]), max(end, self.ends[last - 1])
        self.begins[first:last], self.ends[first:last] = [begin], [end]


def tcp_events(packets):
    """Counter of (forward, event)."""
    events = Counter()
    numbers = {True: None, False: None}
    window = {True: None, False: None}
    for p in packets:
        if not p.flags & (SYN | FIN | RST) and p.window == 0:
            events[p.forward, "zero_windows"] += 1
        if not p.flags & RST:
            events.update(sequence_events(p, numbers, window[not p.forward]))
            window[p.forward] = p.window
    return events


def sequence_events(p, numbers, other_window):
    length = p.payload + bool(p.flags & SYN) + bool(p.flags & FIN)
    known = numbers[p.forward]
    begin = 0
    if known is not None:
        begin = known.next + (p.seq - known.next + 2**31) % 2**32 - 2**31
    if known is None or p.flags & SYN and not known.holds(begin):
        known = numbers[p.forward] = Numbers()
        known.add(p.seq, p.seq + length)
        known.next = p.seq + length
        return
    if not p.flags & (SYN | FIN):
        if length <= 1 and begin == known.next - 1:
            yield p.forward, "keep_alives"
            return
        if length == 1 and begin == known.next and other_window == 0:
            return
    if length and begin < known.next:
        yield p.forward, "retransmissions" if known.holds(begin) else "out_of_order"
    if length:
        known.add(begin, begin + length)
        known.next = max(known.next, begin + length)


def syn_options(packets):
    """{option number: value} of the first SYN."""
    for p in packets:
        if p.flags & SYN:
            return {kind: int.from_bytes(value, "big")
                    for kind, value in dpkt.tcp.parse_opts(p.options)}
    return {}


def side(way, packets):
    first = packets[0] if packets else None
    windows = [p.window for p in packets if not p.flags & RST]
    options = syn_options(packets)
    return {way + "ttl_min": min((p.ttl for p in packets), default=None),
            way + "ttl_max": max((p.ttl for p in packets), default=None),
            way + "tos": first and first.tos, way + "dscp": first and first.tos // 4,
            way + "window_first": first and first.window,
            way + "window_min": min(windows, default=None),
            way + "window_max": max(windows, default=None),
            way + "window_scale": options.get(3), way + "maximum_segment_size": options.get(2)}


def handshake(packets):
    syn = answer = ack = None
    for p in packets:
        kind = p.flags & (SYN | ACK | RST)
        if p.forward and kind == SYN and syn is None:
            syn = p.time
        elif not p.forward and kind == SYN | ACK and syn is not None and answer is None:
            answer, expected = p.time, p.seq + 1
        elif p.forward and kind == ACK and answer is not None and ack is None \
                and (p.ack - expected) % 2**32 < 2**31:
            ack = p.time
    return {"syn_to_syn_ack": None if answer is None else (answer - syn) / SECOND,
            "syn_ack_to_ack": None if ack is None else (ack - answer) / SECOND,
            "handshake_duration": None if ack is None else (ack - syn) / SECOND}


# ---- rows ----


def series(values):
    return " ".join(map(str, values))


def expected_row(packets, tcp):
    duration = max(p.stamp for p in packets) - min(p.stamp for p in packets)
    subflows = 1 + sum(gap > SECOND for gap in gaps(packets))
    ways = {"": packets, "forward_": [p for p in packets if p.forward],
            "backward_": [p for p in packets if not p.forward]}
    row = {"duration": duration / SECOND, "subflows": subflows} | activity(packets)
    events = tcp_events(packets) if tcp else Counter()
    for way, chosen in ways.items():
        row |= volumes(way, chosen, duration, subflows)
        for event in ("retransmissions", "out_of_order", "keep_alives", "zero_windows"):
            row[way + event] = sum(events[forward, event] for forward in (True, False)
                                   if way in ("", "forward_" if forward else "backward_"))
        if way:
            row |= bulks(way, packets, way == "forward_") | side(way, chosen)
            row[way + "duration"] = (chosen[-1].time - chosen[0].time) / SECOND if chosen else None
    row |= handshake(packets) if tcp else {}
    row["time_backwards"] = sum(p.stamp < p.time for p in packets)
    row["down_up_packets"] = ratio(row["backward_packets"], row["forward_packets"])
    row["down_up_bytes"] = ratio(row["backward_bytes"], row["forward_bytes"])
    row["packet_lengths"] = series(p.length for p in packets[:FIRST])
    row["packet_directions"] = series(1 if p.forward else -1 for p in packets[:FIRST])
    row["packet_inter_arrival_times_ns"] = series([0, *gaps(packets[:FIRST])])
    row["payload"] = b"".join(p.content for p in packets)[:FIRST].hex()
    if not tcp:
        row = {name: None if "_window_" in name or "segment_size" in name else value
               for name, value in row.items()}
    return row


SKETCHED = ("inter_arrival_time_q1", "inter_arrival_time_median", "inter_arrival_time_q3")


def agrees(name, text, value, count):
    if value is None or isinstance(value, str):
        return text == (value or "")
    if text == "":
        return False
    if name.endswith("skewness"):
        return float(text) == pytest.approx(value, rel=1e-13, abs=1e-13)
    if name.endswith(SKETCHED) and count > 4096:
        return abs(float(text) - value) <= value / 256
    return float(text) == value


def flow_rows(run, capture, out, *options):
    run("flows", "-q", *options, "-o", out, capture)
    with open(out, newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", CAPTURES)
def test_every_formula(run, shared, tmp_path, name):
    capture = shared / "captures" / name
    rows = flow_rows(run, capture, tmp_path / "flows.csv", "--packets", FIRST, "--payload", FIRST)
    groups = packets_by_ends(capture)
    by_ends = defaultdict(list)
    for row in rows:
        ends = frozenset(((row["source_address"], int(row["source_port"])),
                          (row["destination_address"], int(row["destination_port"]))))
        by_ends[row["protocol"], ends].append(row)
    compared = 0
    for key, group in groups.items():
        if not apart(by_ends[key]):
            continue
        assert sum(int(row["packets"]) for row in by_ends[key]) == len(group)
        for row in by_ends[key]:
            packets = packets_of(row, group)
            expected = expected_row(packets, key[0] == "TCP")
            wrong = {column: (row[column], value) for column, value in expected.items()
                     if not agrees(column, row[column], value, len(packets))}
            assert not wrong, key
            compared += 1
    assert compared > 0


def test_the_oracle_knows_every_number(run, shared, tmp_path):
    """All columns but those that identify a flow and name its state are compared above."""
    rows = flow_rows(run, shared / "captures/bulk/zeek-ssh-ssh.pcap", tmp_path / "flows.csv",
                     "--packets", 1, "--payload", 1)
    packet = Seen(0, 60, (("", 0), ("", 0)), 40, 40, 0, b"", 64, 0)
    others = {"sample_id", "metadata", "community_id", "source_address", "source_port",
              "destination_address", "destination_port", "protocol", "protocol_number",
              "ip_version", "vlan_id", "start_ns", "end_ns", "end_reason", "connection_state",
              "dns", "icmp_type", "icmp_code"}
    assert set(rows[0]) - set(expected_row([packet], True)) == others


def test_columns_are_chosen_by_their_old_names_too(run, shared, tmp_path):
    old, new = "packet_inter_arrival_times", "packet_inter_arrival_times_ns"
    capture = shared / "captures/bulk/zeek-ssh-ssh.pcap"
    whole = flow_rows(run, capture, tmp_path / "whole.csv", "--packets", 3)
    chosen = flow_rows(run, capture, tmp_path / "old.csv", "--packets", 3, "--columns", old)
    assert chosen == [{new: row[new]} for row in whole]
    left = flow_rows(run, capture, tmp_path / "left.csv", "--packets", 3, "--drop", old)
    assert set(whole[0]) - set(left[0]) == {new}
    done = run("flows", "--packets", 3, "--columns", f"{old},{new}", capture, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"--columns names '{new}' twice" in done.stderr


# ---- tshark ----

# Where tshark and labelcap differ elsewhere, it is because a flow was cut by a time-out, or because
# tshark calls a segment in a hole a retransmission when it comes late, and one that was seen
# out of order when it comes soon.
AGREEING = [
    "apps/dcerpc/zeek-dce-rpc-kerberos135_auth.pcapng", "apps/firefox/joy-firefox58.pcap",
    "bulk/iti-ModbusTCP.pcap", "bulk/zeek-smb-smb3_multichannel.pcap",
    "protocols/sv-output-eve-ftp-data.pcap", "apps/modbus/iti-modbus_test_2.pcap",
    "apps/rtsp/ndpi-rtsp.pcapng", "apps/ftp/sv-ftp-ippair-leak-5204.pcap",
    "protocols/ndpi-android.pcap", "bulk/zeek-ssh-ssh.pcap", "formats/nprint-port80.pcap",
    "apps/ssh/zeek-ssh-ssh.server-side-half-duplex.pcap",
    "apps/postgresql/zeek-postgresql-psql-aws-ssl-require.pcap",
]
REPEATED = ["retransmission", "fast_retransmission", "spurious_retransmission"]
TSHARK_EVENTS = {"retransmissions": REPEATED, "out_of_order": ["out_of_order"],
                 "keep_alives": ["keep_alive"], "zero_windows": ["zero_window"]}


@pytest.mark.parametrize("name", AGREEING)
def test_tshark_sees_the_same_events(run, shared, tmp_path, name):
    capture = shared / "captures" / name
    rows = flow_rows(run, capture, tmp_path / "flows.csv")
    analyses = sorted(sum(TSHARK_EVENTS.values(), []))
    seen = Counter()
    for values in tshark(capture, "tcp.stream", *(f"tcp.analysis.{what}" for what in analyses)):
        marks = {what for what, value in zip(analyses, values[1:]) if value}
        seen.update(event for event, names in TSHARK_EVENTS.items() if marks & set(names))
    assert {event: sum(int(row[event]) for row in rows) for event in TSHARK_EVENTS} == {
        event: seen[event] for event in TSHARK_EVENTS}


def test_what_a_snap_length_leaves_counts_as_before(run, shared, tmp_path):
    """68 bytes, for long what tcpdump captured, end behind the flags of TCP over IPv6."""
    whole, cut = shared / "peers/inputs/http_ipv6.pcap", tmp_path / "cut.pcap"
    subprocess.run(["editcap", "-F", "pcap", "-s", "68", whole, cut], check=True)
    rows = [flow_rows(run, path, tmp_path / f"{path.stem}.csv") for path in (whole, cut)]
    beyond = {"window_first", "window_min", "window_max", "window_scale", "zero_windows",
              "maximum_segment_size"}
    tcp = [row for row in rows[1] if row["protocol"] == "TCP"]
    assert len(rows[0]) == len(rows[1]) and len(tcp) > 5
    for before, after in zip(*rows):
        differ = {name for name in before if before[name] != after[name]}
        assert {name.split("_", 1)[1] if name.startswith(("forward_", "backward_")) else name
                for name in differ} <= beyond, before
    assert all(row["forward_window_first"] == "" and row["ack_count"] != "0" for row in tcp)
