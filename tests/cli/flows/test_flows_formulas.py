"""The formulas on the pages of the profiles, computed as they are written, from tshark's fields.

What a formula is made of is said on each page (under Formulas); here it is said once more, in
Python. Formulas in words are not computed; all that name a field of Wireshark's are looked up.
"""

import csv
import json
import math
import re
import subprocess
from collections import defaultdict
from fractions import Fraction
from functools import cache

import pytest

PROFILES = ("labelcap", "nexusflowmeter", "netflowmeter", "pcap2json")
COMPUTED = {"labelcap": 197, "nexusflowmeter": 23, "netflowmeter": 94}  # of 259, 36 and 124 columns
CAPTURES = [
    "protocols/ndpi-android.pcap", "apps/skype/ndpi-skype.pcap", "formats/nprint-port80.pcap",
    "apps/dcerpc/zeek-dce-rpc-kerberos135_auth.pcapng", "apps/ftp/zeek-ftp-ipv6-violation.pcap",
    "protocols/merc-pppoe_double_vlan_tagging.pcap", "protocols/iti-addroute1.pcapng",
]
FIELD = r"\b[a-z][a-z0-9]*(?:\.[a-z][a-z_0-9]*)+\b"
PER_UNIT = {"s": 10**9, "ms": 10**6, "ns": 1, "s^2": 10**18}
HELD = ["ip.src", "ipv6.src", "arp.src.proto_ipv4", "ip.dst", "ipv6.dst", "arp.dst.proto_ipv4",
        "tcp.srcport", "udp.srcport", "tcp.dstport", "udp.dstport", "ip.hdr_len", "ipv6.plen",
        "ip.len", "tcp.hdr_len", "udp.length", "icmp.type", "icmpv6.type",
        "ipv6.hopopts.len_oct"]


# ---- the pages ----


def formulas_of(run, profile):
    """{column: (formula, unit)}; what is written behind a semicolon explains."""
    page = run("flows", "--describe", profile).stdout
    found = {}
    for part in page.split("\n### `")[1:]:
        formula = re.search(r"^- Formula: (.*)$", part, re.M)[1]
        unit = re.search(r"^- Type: \w+(?:, in (.*))?$", part, re.M)[1]
        found[part.split("`", 1)[0]] = (formula.split(";")[0], unit)
    return found


def fields_in(text):
    return set(re.findall(FIELD, text))


# ---- packets ----


def number(text):
    if re.fullmatch(r"\d+\.\d{9}", text):
        return int(text.replace(".", ""))  # times in ns
    try:
        return int(text, 0)
    except ValueError:
        return text


@pytest.fixture(scope="module")
def packets_of(run, shared):
    """packets_of(name): a dictionary for each packet of a capture: its fields, outermost first, and the
    terms made from them. tshark is asked once for the fields of all profiles.
    """
    formulas = [formula for profile in PROFILES for formula, _ in formulas_of(run, profile).values()]
    fields = sorted({"frame.time_epoch", *HELD}.union(*map(fields_in, formulas)) & fields_of_wireshark())
    lines = cache(lambda name: lines_of(shared / "captures" / name, fields))

    def packets(name):
        for line in lines(name):
            values = zip(fields, line.split("\t"))
            yield with_terms({field: number(value) for field, value in values if value != ""})

    return packets


@cache
def fields_of_wireshark():
    listed = subprocess.run(["tshark", "-G", "fields"], capture_output=True, text=True, check=True)
    return {line.split("\t")[2] for line in listed.stdout.splitlines() if line.startswith("F\t")}


def lines_of(capture, fields):
    command = ["tshark", "-n", "-r", capture, "-o", "ip.defragment:FALSE", "-T", "fields",
               "-E", "occurrence=f", "-E", "separator=/t"]
    for field in fields:
        command += ["-e", field]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def either(packet, *names):
    return next((packet[name] for name in names if name in packet), None)


def with_terms(packet):
    if either(packet, "icmp.type", "icmpv6.type") is not None:  # it may quote another packet
        packet = {name: value for name, value in packet.items() if name[:4] not in ("tcp.", "udp.")}
    packet["ends"] = tuple(
        (either(packet, f"ip.{way}", f"ipv6.{way}", f"arp.{way}.proto_ipv4"),
         either(packet, f"tcp.{way}port", f"udp.{way}port") or 0) for way in ("src", "dst"))
    if packet["ends"][0][0] is None:
        return packet
    v6 = "ip.len" not in packet
    packet["ip_length"] = packet.get("ipv6.plen", -12) + 40 if v6 else packet["ip.len"]
    packet["ip_header_length"] = (packet.get("ip.hdr_len", 40 if "ipv6.plen" in packet else 28)
                                  + packet.get("ipv6.hopopts.len_oct", 0))
    known = either(packet, "udp.srcport", "icmp.type", "icmpv6.type") is not None
    packet["transport_header_length"] = packet.get("tcp.hdr_len", 8 if known else 0)
    packet["payload_length"] = (packet["ip_length"] - packet["ip_header_length"]
                                - packet["transport_header_length"])
    if "udp.length" in packet:
        packet["payload_length"] = min(packet["payload_length"], packet["udp.length"] - 8)
    return packet


def in_flow(group, source):
    """The group's packets with what they have by their places in the flow."""
    last, of_way = None, {}
    for packet in group:
        forward = packet["ends"][0] == source
        last_of_way = of_way.get(forward)
        time = max(packet["frame.time_epoch"], last or 0)
        packet.update(forward=forward, time=time, gap=None if last is None else time - last,
                      gap_of_way=None if last_of_way is None else time - last_of_way)
        last = of_way[forward] = time
    return group


# ---- formulas ----


def value_of(packet, term, way):
    """Of a name, of `a or b`, and of sums of them; None where the packet has none."""
    if term.startswith("(") and term.endswith(")"):
        return value_of(packet, term[1:-1], way)
    if " + " in term:
        return sum(value_of(packet, part, way) for part in term.split(" + "))
    if term == "gap" and way is not None:
        term = "gap_of_way"
    return either(packet, *term.split(" or "))


def holds(packet, condition):
    if condition == "tcp":
        return "tcp.srcport" in packet
    if " or " in condition:
        return any(holds(packet, part) for part in condition.split(" or "))
    if " and " in condition:
        return all(holds(packet, part) for part in condition.split(" and "))
    name, sign, than = condition.split(" ")
    value, than = packet.get(name), int(than) if than.isdigit() else packet.get(than)
    return value is not None and {"==": value == than, ">": value > than, "<": value < than}[sign]


def mean(values):
    return Fraction(sum(values), len(values)) if values else None


def variance(values):
    return mean([(value - mean(values))**2 for value in values])


def at(values, position):
    times, parts = re.fullmatch(r"(3 )?\(n - 1\) / (\d)", position).groups()
    place = Fraction((len(values) - 1) * (3 if times else 1), int(parts)) if values else None
    if place is None:
        return None
    low, values = math.floor(place), sorted(values)
    return values[low] + (place - low) * (values[min(low + 1, len(values) - 1)] - values[low])


SERIES = [
    (r"sqrt\(sum\(\((.+) - mean\)\^2\) / n\)", lambda values: root(variance(values))),
    (r"sum\(\((.+) - mean\)\^2\) / n", variance),
    (r"sum\((.+)\) / n", mean),
    (r"sum\(([^()]+|\(.+\))\)", lambda values: sum(values) if values else 0),
    (r"min\(([^()]+|\(.+\))\)", lambda values: min(values, default=None)),
    (r"max\(([^()]+|\(.+\))\)", lambda values: max(values, default=None)),
    (r"first\((.+)\)", lambda values: values[0] if values else None),
    (r"last\((.+)\)", lambda values: values[-1] if values else None),
]


def root(value):
    """To more digits than a double has."""
    return None if value is None else Fraction(math.isqrt(math.floor(value * 10**60)), 10**30)


def computed(formula, packets, way):
    """The formula's value; NotImplemented where it is in words or of other columns."""
    if match := re.fullmatch(r"(\w+\([\w.]+\)) - (\w+\([\w.]+\))", formula):
        ends = [computed(part, packets, way) for part in match.groups()]
        return None if None in ends else ends[0] - ends[1]
    chosen = [packet for packet in packets if way in (None, packet["forward"])]
    if match := re.fullmatch(r"(.+) where (tcp.*)", formula):
        formula, chosen = match[1], [packet for packet in chosen if holds(packet, match[2])]
    if match := re.fullmatch(r"count\((.+)\)", formula):
        return sum(match[1] == "packets" or holds(packet, match[1]) for packet in chosen)
    if match := re.fullmatch(r"sorted\((.+)\)\[(.+)\]", formula):
        return at(values_of(chosen, match[1], way), match[2])
    for pattern, function in SERIES:
        match = re.fullmatch(pattern, formula)
        if match and not match[1].endswith("period"):
            return function(values_of(chosen, match[1], way))
    return NotImplemented


def of_columns(formula, row):
    """The value of `a / b` and the like; NotImplemented where that is not what the formula is."""
    match = re.fullmatch(r"(\w+) ([-+/]) (\w+)", formula)
    if not match or not {match[1], match[3]} <= set(row) or match[1].endswith("_ns"):
        return NotImplemented
    if "" in (row[match[1]], row[match[3]]):
        return None
    a, b = Fraction(row[match[1]]), Fraction(row[match[3]])
    if match[2] == "/":
        return a / b if b else None
    return a + b if match[2] == "+" else a - b


def values_of(packets, term, way):
    values = [value_of(packet, term, way) for packet in packets]
    return [value for value in values if value is not None]


def way_of(column):
    if re.match(r"(forward|fwd)_", column):
        return True
    return False if re.match(r"(backward|bwd)_", column) else None


def is_close(text, value):
    if value is None or text == "":
        return (value is None) == (text == "")
    found = Fraction(text)
    return found == value or abs(found - value) <= abs(value) / 10**14


# ---- tests ----


@pytest.mark.parametrize("profile", PROFILES)
def test_wireshark_has_every_field(run, profile):
    page = run("flows", "--describe", profile).stdout
    named = fields_in("\n".join(re.findall(r"^(?:\| |- Formula:).*$", page, re.M)))
    assert len(named) > 20
    assert named <= fields_of_wireshark()


def one_row_each(rows):
    """{(protocol, ends): row} of those whose packets are all in one flow."""
    groups = defaultdict(list)
    for row in rows:
        names = (("source_address", "source_port"), ("destination_address", "destination_port")) \
            if "source_address" in row else (("src_ip", "src_port"), ("dst_ip", "dst_port"))
        ends = [(row[address], int(row[port] or 0)) for address, port in names]
        groups[frozenset(ends)].append((ends[0], row))
    return {ends: found[0] for ends, found in groups.items() if len(found) == 1}


@pytest.mark.parametrize("name", CAPTURES)
@pytest.mark.parametrize("profile", COMPUTED)
def test_tshark_computes_the_same(run, shared, packets_of, tmp_path, profile, name):
    capture = shared / "captures" / name
    formulas = formulas_of(run, profile)
    run("flows", "-q", "--profile", profile, "-o", tmp_path / "flows.csv", capture)
    with open(tmp_path / "flows.csv", newline="") as file:
        rows = one_row_each(csv.DictReader(file))
    groups = defaultdict(list)
    for packet in packets_of(name):
        groups[frozenset(packet["ends"])].append(packet)
    compared = set()
    for ends, (source, row) in rows.items():
        packets = in_flow(groups[ends], source)
        for column, (formula, unit) in formulas.items():
            if column not in row:  # it has to be asked for
                continue
            value = computed(formula, packets, way_of(column))
            if value is NotImplemented:
                value = of_columns(formula, row)
            elif value is not None and ("time" in formula or "gap" in formula):
                value = Fraction(value, PER_UNIT.get(unit, 1))
            if value is NotImplemented:
                continue
            assert is_close(row[column], value), (column, formula, value, row)
            compared.add(column)
    assert len(compared) == COMPUTED[profile]


@pytest.mark.parametrize("name", CAPTURES)
def test_tshark_has_the_same_packets(run, shared, packets_of, tmp_path, name):
    """The members of pcap2json that tell of a single packet, in flows without retransmissions."""
    capture = shared / "captures" / name
    formulas = {member[4:]: formula
                for member, (formula, _) in formulas_of(run, "pcap2json").items()
                if member.startswith("[n].")
                and re.fullmatch(f"({FIELD}| or |[a-z_]+_length)+", formula)}
    assert len(formulas) == 16
    groups = defaultdict(list)
    for packet in packets_of(name):
        if packet.get("payload_length", 0) > 0:
            groups[packet["ends"]].append(packet)
    run("flows", "-q", "--profile", "pcap2json", "--detail", "--format", "jsonl", "-o",
        tmp_path / "flows.jsonl", capture)
    flows = defaultdict(list)
    for key, *packets in map(json.loads, (tmp_path / "flows.jsonl").read_text().splitlines()):
        ends = ((key["source_addr"], key["source_port"]), (key["dest_addr"], key["dest_port"]))
        flows[ends].append((key["retransmissions"], packets))
    compared = 0
    for ends, found in flows.items():
        if len(found) > 1 or found[0][0] > 0:
            continue
        expected = [{member: value_of(packet, formula, None) or 0
                     for member, formula in formulas.items()} for packet in groups[ends]]
        assert [{member: packet[member] for member in formulas}
                for packet in found[0][1]] == expected
        compared += 1
    assert compared > 0
