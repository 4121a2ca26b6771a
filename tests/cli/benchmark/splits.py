"""Data sets to be split, and the lists that were made of them, read by pandas."""

import ipaddress
import json
import struct

import pandas

from captures import Ng

START = 1_600_000_000_000_000  # microseconds
SECOND = 1_000_000


def udp(source, source_port, destination, destination_port, payload=b"payload"):
    """An Ethernet frame with an IPv4 packet."""
    datagram = struct.pack(">4H", source_port, destination_port, 8 + len(payload), 0) + payload
    header = struct.pack(">2B3H2BH", 0x45, 0, 20 + len(datagram), 0, 0, 64, 17, 0)
    header += ipaddress.ip_address(source).packed + ipaddress.ip_address(destination).packed
    return b"\2" * 6 + b"\4" * 6 + b"\x08\0" + header + datagram


def write(path, packets):
    """`packets`: (sampleID, metadata, seconds, frame) or with the name of a file behind it."""
    ng = Ng().interface()
    for number, metadata, seconds, frame, *source in packets:
        comments = [f"{number},{metadata}"] + [f"source={name}" for name in source]
        ng.packet(frame, START + round(seconds * SECOND), comments)
    path.write_bytes(bytes(ng))
    return path


def singles(count, labels="abc", first=0, seconds=10):
    """So many samples of one packet each, in flows of their own; sampleIDs look like hashes."""
    for i in range(first, first + count):
        frame = udp(f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}", 1000, "192.0.2.1", 53, b"%d" % i)
        yield (i + 1) * 0x9E3779B97F4A7C15 % 2**64, labels[i % len(labels)], i * seconds, frame


def lists(directory):
    """{name: DataFrame with sample_id and metadata}; sampleIDs are exact integers."""
    types = {"sample_id": "uint64", "metadata": "str"}
    return {path.stem: pandas.read_csv(path, dtype=types, keep_default_na=False)
            for path in sorted(directory.glob("*.csv"))}


def list_of(directory):
    """{sampleID: name of its list}; no sample is in two of them."""
    found = {}
    for name, table in lists(directory).items():
        for number in table.sample_id:
            assert number not in found
            found[int(number)] = name
    return found


def written(directory):
    return json.loads((directory / "partition.json").read_text())


class Groups:
    """A union-find over whatever belongs together."""

    def __init__(self):
        self.parents = {}

    def root(self, item):
        while self.parents.setdefault(item, item) != item:
            item = self.parents[item]
        return item

    def join(self, one, other):
        self.parents[self.root(one)] = self.root(other)

    def sets(self, samples):
        found = {}
        for sample in samples:
            found.setdefault(self.root(sample), set()).add(sample)
        return list(found.values())
