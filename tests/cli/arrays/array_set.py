"""What the tests of arrays share: reading outputs, data sets, and headers by plain Python.

    arrays = load(folder)    # {"X": array, "y": array, ...}
    places(data)             # by plain struct, not by labelcap
    read_png(path)           # pixels, by the specification alone
"""

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy
import scapy.all as scapy

from captures import Ng

ETHERTYPES = {0x0800, 0x86DD}


def load(folder):
    return {path.stem: numpy.load(path, mmap_mode="r", allow_pickle=False)
            for path in Path(folder).glob("*.npy")}


def write_set(path, packets, linktype=1):
    """`packets`: (sampleID, metadata, time in ns, bytes), in order."""
    ng = Ng().interface(linktype, tsresol=9)
    for number, metadata, time_ns, data in packets:
        ng.packet(data, time_ns, [f"{number},{metadata}"])
    path.write_bytes(bytes(ng))
    return path


@dataclass
class Places:
    """Where the headers of an Ethernet packet begin; `end` is that of the IP packet."""

    network: int
    transport: int
    payload: int
    end: int
    version: int
    protocol: int


def places(data):
    """Of a whole packet of Ethernet with IPv4, or IPv6 without extensions, that is no fragment."""
    network, kind = 14, struct.unpack_from(">H", data, 12)[0]
    while kind == 0x8100:
        network, kind = network + 4, struct.unpack_from(">H", data, network + 2)[0]
    if kind not in ETHERTYPES:
        return None
    version = data[network] >> 4
    if version == 4:
        transport, protocol = network + (data[network] & 15) * 4, data[network + 9]
        end = network + struct.unpack_from(">H", data, network + 2)[0]
        if struct.unpack_from(">H", data, network + 6)[0] & 0x3FFF:
            return None
    else:
        transport, protocol = network + 40, data[network + 6]
        end = transport + struct.unpack_from(">H", data, network + 4)[0]
    if not transport + 20 <= end <= len(data):
        return None
    sizes = {6: (data[transport + 12] >> 4) * 4, 17: 8, 1: 8, 58: 8}
    if protocol not in sizes:
        return None
    if protocol == 17:
        end = min(end, transport + struct.unpack_from(">H", data, transport + 4)[0])
    return Places(network, transport, transport + sizes[protocol], end, version, protocol)


def chunks_of(png):
    """The contents of the chunks of a PNG, by type; their sums are right."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(png):
        length, kind = struct.unpack_from(">I4s", png, at)
        data, (total,) = png[at + 8:at + 8 + length], struct.unpack_from(">I", png, at + 8 + length)
        assert zlib.crc32(kind + data) == total
        chunks[kind] = chunks.get(kind, b"") + data
        at += 12 + length
    return chunks


def predicted(kind, left, above, corner):
    """The PNG specification, section 9.2."""
    nearest = min((abs(above - corner), 0, left), (abs(left - corner), 1, above),
                  (abs(left + above - 2 * corner), 2, corner))[2]
    return (0, left, above, (left + above) // 2, nearest)[kind]


def read_png(path, most=None):
    """(height, width) of grey or (height, width, 4) of colours, 8 bits each; the first `most` rows."""
    chunks = chunks_of(Path(path).read_bytes())
    width, height, depth, colour = struct.unpack_from(">IIBB", chunks[b"IHDR"])
    samples = {0: 1, 6: 4}[colour]
    line, packed = width * samples, zlib.decompress(chunks[b"IDAT"])
    assert depth == 8 and len(packed) == height * (line + 1)
    before, rows = bytes(line), []
    for at in range(0, len(packed), line + 1)[:most]:
        row = bytearray(packed[at + 1:at + 1 + line])
        for i in range(line if packed[at] else 0):
            left, corner = (row[i - samples], before[i - samples]) if i >= samples else (0, 0)
            row[i] = (row[i] + predicted(packed[at], left, before[i], corner)) % 256
        rows.append(row)
        before = row
    pixels = numpy.frombuffer(b"".join(rows), numpy.uint8)
    return pixels.reshape((-1, width) if samples == 1 else (-1, width, samples))


def padded(data, length):
    return data[:length].ljust(length, b"\0")


def udp(payload, source="10.0.0.1", destination="10.0.0.2", ports=(1000, 2000)):
    ip = scapy.IP(src=source, dst=destination) if "." in source else scapy.IPv6(src=source, dst=destination)
    return bytes(scapy.Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / ip /
                 scapy.UDP(sport=ports[0], dport=ports[1]) / payload)
