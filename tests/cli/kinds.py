"""Captures that are alike for what reads and writes capture files: tests that look at no packet's
contents need only some of each kind.

    for path in of_each_kind((shared / "captures").rglob("*.pcap*")): ...
"""

import struct
from collections import defaultdict

from captures import PCAP_KINDS
from pcapng_walk import INTERFACE, OLD_PACKET, PACKET, SECTION, SIMPLE

# Of these an option's length says nothing: texts, and what is of any length.
TEXTS = {1, 2, 3, 4, 11, 12, 15, 18}

# The longest packet that libpcap reads.
LONGEST = 262144


def of_each_kind(paths, most=1):
    """Of each kind the `most` smallest captures, in the order of their names."""
    kinds = defaultdict(list)
    for path in sorted(path for path in paths if path.is_file()):
        kinds[kind_of(path.read_bytes())].append(path)
    return sorted(path for alike in kinds.values()
                  for path in sorted(alike, key=lambda path: path.stat().st_size)[:most])


def kind_of(data):
    """Format, byte order, link types, blocks, options; how lengths and times relate; how it ends."""
    if data[:4] == b"\n\r\r\n" and len(data) >= 12:
        return pcapng_kind(data)
    for order in "<>":
        if len(data) >= 24 and struct.unpack(order + "I", data[:4])[0] in PCAP_KINDS:
            return pcap_kind(data, order)
    return data[:4], len(data) >= 24


def lengths_kind(captured, length, snaplen):
    return captured == 0, captured < length, captured > length, captured > (snaplen or LONGEST), captured > LONGEST


def pcap_kind(data, order):
    magic, major, minor, _, _, snaplen, network = struct.unpack(order + "IHHiIII", data[:24])
    unit, header = PCAP_KINDS[magic]
    lengths, times, at = set(), [], 24
    while at + header <= len(data):
        seconds, fraction, captured, length = struct.unpack_from(order + "IIII", data, at)
        lengths.add(lengths_kind(captured, length, snaplen))
        times.append(seconds * 10**9 + fraction * unit)
        at += header + captured
    return (order, magic, major, minor, network, snaplen == 0, frozenset(lengths), times == sorted(times),
            bool(times), at - len(data) if abs(at - len(data)) < 16 else at > len(data))


def pcapng_kind(data):
    order, at, orders, blocks, interfaces = "<", 0, [], set(), []
    while at + 12 <= len(data):
        if data[at:at + 4] == b"\n\r\r\n":
            order = "<" if data[at + 8] == 0x4D else ">"
            orders.append(order)
            interfaces.append(())
        kind, length = struct.unpack_from(order + "II", data, at)
        body = data[at + 8:at + length - 4]
        if length < 12 or at + length > len(data):
            break
        if kind == INTERFACE and len(body) >= 8:
            interfaces.append(struct.unpack_from(order + "HHI", body))
        blocks.add(block_kind(order, kind, body, interfaces))
        at += length
    return ("".join(orders[:3]), frozenset(blocks), frozenset(one[:1] for one in interfaces),
            len(set(interfaces)) > 2, min(len(interfaces), 3), (at - len(data)) % 4, at == len(data))


def block_kind(order, kind, body, interfaces):
    fixed = {SECTION: 16, INTERFACE: 8, PACKET: 20, OLD_PACKET: 20}.get(kind)
    if fixed is None or len(body) < fixed:
        return kind, len(body) if kind == SIMPLE and len(body) < 4 else None
    at, lengths = fixed, None
    if kind in (PACKET, OLD_PACKET):
        captured, length = struct.unpack_from(order + "II", body, 12)
        at += captured + -captured % 4
        lengths = lengths_kind(captured, length, interfaces[-1][2] if interfaces[-1] else 0)
    return kind, lengths, frozenset(options_of(order, body, at))


def options_of(order, body, at):
    while at + 4 <= len(body):
        code, length = struct.unpack_from(order + "HH", body, at)
        yield code, 0 if code in TEXTS else length, body[at + 4] if code == 9 and length == 1 else None
        at += 4 + length + -length % 4
