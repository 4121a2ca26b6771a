"""What the tests of arrays share: reading outputs, data sets, and headers by plain Python.

    arrays = load(folder)    # {"X": array, "y": array, ...}
    places(data)             # by plain struct, not by labelcap
"""

import struct
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


def padded(data, length):
    return data[:length].ljust(length, b"\0")


def udp(payload, source="10.0.0.1", destination="10.0.0.2", ports=(1000, 2000)):
    ip = scapy.IP(src=source, dst=destination) if "." in source else scapy.IPv6(src=source, dst=destination)
    return bytes(scapy.Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / ip /
                 scapy.UDP(sport=ports[0], dport=ports[1]) / payload)
