"""A small labelled data set, and what it takes to publish it."""

import hashlib
import json

from captures import Ng

# Ethernet, IPv4, UDP from 10.0.0.1:1000 to 10.0.0.2:53.
MAC = bytes.fromhex("020000000001020000000002")
SECOND = 1_000_000  # in units of the interface
START = 1_600_000_000 * SECOND
ABOUT = {
    "name": "demo", "description": "Web and DNS.", "license": "CC-BY-4.0", "creator": "A. Person; B. Other",
    "url": "https://example.org/demo", "date": "2026-11-30"}
ALLOW = ("--allow", "mac,addresses,payload")
IDS = [11, 2**64 - 1, 13, 14, 15, 16]


def udp(payload, source=1):
    length = 28 + len(payload)
    ip = b"\x45\0" + length.to_bytes(2, "big") + b"\0\0\0\0\x40\x11\0\0" + bytes([10, 0, 0, source, 10, 0, 0, 2])
    return MAC + b"\x08\0" + ip + b"\x03\xe8\0\x35" + (8 + len(payload)).to_bytes(2, "big") + b"\0\0" + payload


def packet_of(sample, number):
    return udp(b"sample %d packet %d" % (sample, number), source=1 + sample % 200)


def add_samples(ng, ids=IDS, label=lambda i: f"label {i % 2}"):
    for i, sample in enumerate(ids):
        for number in range(3):
            ng.packet(packet_of(sample, number), START + (3 * i + number) * SECOND,
                      [f"{sample},{label(i)}"])
    return ng


def write_about(folder, **others):
    path = folder / "about.json"
    path.write_text(json.dumps({**ABOUT, **others}))
    return path


def write_lists(folder, **lists):
    folder.mkdir(exist_ok=True)
    for name, ids in lists.items():
        (folder / f"{name}.csv").write_text("sample_id,metadata\n" + "".join(f"{i},x\n" for i in ids))
    return folder


def write_challenge(folder, ids, packets):
    """What partition leaves beside the lists: other sampleIDs, no metadata, nothing else."""
    ng = Ng().interface()
    for sample, data, time in packets:
        ng.packet(data, time, [f"{sample},"])
    (folder / "challenge.csv").write_text("sample_id\n" + "".join(f"{i}\n" for i in ids))
    (folder / "challenge.pcapng").write_bytes(bytes(ng))


def files_of(directory):
    return {str(path.relative_to(directory)): path.read_bytes()
            for path in sorted(directory.rglob("*")) if path.is_file()}


def seal(directory):
    """Makes the sums right again, as somebody who tampers would."""
    names = sorted(set(files_of(directory)) - {"SHA256SUMS"})
    (directory / "SHA256SUMS").write_text("".join(
        f"{hashlib.sha256((directory / name).read_bytes()).hexdigest()}  {name}\n" for name in names))
