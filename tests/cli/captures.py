"""Small captures made by hand, and a reader of pcap and pcapng that shares nothing with labelcap.

    ng = Ng().interface().packet(b"data", 1_500_000, comments=["7,web"])
    path.write_bytes(bytes(ng))
    read_packets(path) == [Packet(linktype=1, time_ns=1_500_000_000, ...)]
"""

import gzip
import struct
import subprocess
import zlib
from dataclasses import dataclass, field
from fractions import Fraction

import pcapng_walk
from pcapng_walk import INTERFACE, NAMES, OLD_PACKET, PACKET, SECRETS, SECTION, SIMPLE, STATISTICS

ETHERNET, RAW = 1, 101
COMMENT, TSRESOL, TSOFFSET = 1, 9, 14

# A zstd frame (RFC 8878, section 3.1.1) that asks for a window of 256 MiB, with an empty block.
GREAT_WINDOW = bytes.fromhex("28b52ffd0090010000")


def padded(data):
    return data + b"\0" * (-len(data) % 4)


class Ng:
    """A pcapng put together block by block; every method returns the capture itself."""

    def __init__(self, order="<", options=()):
        self.data = bytearray()
        self.order = order
        self.section(order, options)

    def __bytes__(self):
        return bytes(self.data)

    def pack(self, form, *values):
        return struct.pack(self.order + form, *values)

    def block(self, kind, body):
        length = 12 + len(padded(body))
        self.data += self.pack("II", kind, length) + padded(body) + self.pack("I", length)
        return self

    def options(self, options):
        if not options:
            return b""
        return b"".join(self.pack("HH", code, len(value)) + padded(value)
                        for code, value in options) + bytes(4)

    def section(self, order="<", options=()):
        self.order = order
        return self.block(SECTION, self.pack("IHHq", 0x1A2B3C4D, 1, 0, -1) + self.options(options))

    def interface(self, linktype=ETHERNET, snaplen=262144, options=(), tsresol=None, tsoffset=None):
        options = list(options)
        if tsresol is not None:
            options.append((TSRESOL, bytes([tsresol])))
        if tsoffset is not None:
            options.append((TSOFFSET, self.pack("q", tsoffset)))
        return self.block(INTERFACE, self.pack("HHI", linktype, 0, snaplen) + self.options(options))

    def packet(self, data=b"packet", time=0, comments=(), interface=0, length=None, options=()):
        comments = [c if isinstance(c, bytes) else c.encode() for c in comments]
        head = self.pack("IIIII", interface, time >> 32, time & 0xFFFFFFFF, len(data),
                         len(data) if length is None else length)
        options = [(COMMENT, comment) for comment in comments] + list(options)
        return self.block(PACKET, head + padded(data) + self.options(options))

    def simple(self, data=b"simple"):
        return self.block(SIMPLE, self.pack("I", len(data)) + padded(data))

    def old_packet(self, data=b"old", time=0, drops=0xFFFF, interface=0, options=()):
        head = self.pack("HHIIII", interface, drops, time >> 32, time & 0xFFFFFFFF, len(data),
                         len(data))
        return self.block(OLD_PACKET, head + padded(data) + self.options(options))

    def names(self, address=bytes([192, 0, 2, 1]), name=b"host.example\0"):
        record = self.pack("HH", 1, 4 + len(name)) + padded(address + name)
        return self.block(NAMES, record + bytes(4))

    def secrets(self, data=b"CLIENT_RANDOM 00 11\n"):
        return self.block(SECRETS, self.pack("II", 0x544C534B, len(data)) + padded(data))

    def statistics(self, interface=0, received=7):
        return self.block(STATISTICS, self.pack("III", interface, 0, 0) +
                          self.options([(4, self.pack("Q", received))]))

    def custom(self, data=b"custom", copy=True):
        return self.block(0xBAD if copy else 0x40000BAD, self.pack("I", 32473) + padded(data))


def pcap(records, order="<", ns=False, linktype=ETHERNET, snaplen=262144):
    """`records`: (data, time_ns) or (data, time_ns, length on the wire)."""
    magic, unit = (0xA1B23C4D, 1) if ns else (0xA1B2C3D4, 1000)
    out = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snaplen, linktype)
    for data, time_ns, *length in records:
        out += struct.pack(order + "IIII", time_ns // 10**9, time_ns % 10**9 // unit, len(data),
                           length[0] if length else len(data)) + data
    return out


def bgzf(data, step=700, level=-1):
    """Small blocks (SAM specification 4.1), and the empty one at the end."""
    out = b""
    for at in range(0, len(data) + step, step):
        piece = data[at:at + step]
        packer = zlib.compressobj(level, wbits=-15)
        body = packer.compress(piece) + packer.flush()
        out += b"\x1f\x8b\x08\x04" + bytes(5) + b"\xff\x06\0BC\x02\0" + struct.pack(
            "<H", len(body) + 25) + body + struct.pack("<II", zlib.crc32(piece), len(piece))
    return out


@dataclass
class Packet:
    linktype: int
    time_ns: int  # None without a time
    length: int
    data: bytes
    comments: list = field(default_factory=list)

    @property
    def label(self):
        """(sampleID, metadata) of a labelled packet, or None."""
        text = self.comments[0].decode("utf-8", "surrogateescape") if self.comments else ""
        number, comma, metadata = text.partition(",")
        if comma and number.isdecimal() and number.isascii() and len(number) <= 20 \
                and int(number) < 2**64:
            return int(number), metadata
        return None

    def bare(self):
        """All but the comments."""
        return self.linktype, self.time_ns, self.length, self.data


def read_bytes(path):
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        return gzip.decompress(data)
    if data[:4] == b"\x28\xb5\x2f\xfd":
        return subprocess.run(["zstd", "-dc", path], capture_output=True, check=True).stdout
    return data


def packet_time(block, interface):
    """Nanoseconds, rounded down, held at the ends of a signed 64-bit number."""
    if block.type == SIMPLE:
        return None
    resolution = (interface.values(TSRESOL) or [b"\6"])[0][0]
    base = 2 if resolution & 0x80 else 10
    order = ">" if interface.big_endian else "<"
    offset, = struct.unpack(order + "q", (interface.values(TSOFFSET) or [bytes(8)])[0])
    exact = Fraction(block.timestamp, base ** (resolution & 0x7F)) + offset
    return max(-2**63, min(2**63 - 1, exact.numerator * 10**9 // exact.denominator))


def pcapng_packets(data, strict=True):
    """(Packet, its block, its interface's block) of each packet."""
    interfaces = []
    for block in pcapng_walk.Walker(data, strict).walk():
        if block.type == SECTION:
            interfaces = []
        elif block.type == INTERFACE:
            interfaces.append(block)
        elif block.type in (PACKET, SIMPLE, OLD_PACKET):
            interface = interfaces[block.interface or 0]
            yield Packet(interface.linktype, packet_time(block, interface), block.orig_len,
                         block.data, block.values(COMMENT)), block, interface


PCAP_KINDS = {  # magic number: nanoseconds of a unit, length of a record's header
    0xA1B2C3D4: (1000, 16),
    0xA1B23C4D: (1, 16),
    0xA1B2CD34: (1000, 24),  # Kuznetzov's, with interface number, protocol and direction
}


def pcap_packets(data):
    order = "<" if struct.unpack("<I", data[:4])[0] in PCAP_KINDS else ">"
    magic, _, _, _, _, _, network = struct.unpack(order + "IHHiIII", data[:24])
    unit, header = PCAP_KINDS[magic]
    at = 24
    while at < len(data):
        seconds, fraction, caplen, length = struct.unpack(order + "IIII", data[at:at + 16])
        at += header + caplen
        assert at <= len(data), f"the record that ends at offset {at} is cut"
        yield Packet(network & 0xFFFF, seconds * 10**9 + fraction * unit, length,
                     data[at - caplen:at])


def read_packets(path, strict=True):
    """All packets of a capture, which may be compressed."""
    data = read_bytes(path)
    if data[:4] == b"\n\r\r\n":
        return [packet for packet, _, _ in pcapng_packets(data, strict)]
    return list(pcap_packets(data))
