"""The reader against what others say of the captures in ../shared/captures.

truth.tsv is tshark's word, derived-truth.tsv that of the script which made the
files; where the two or tshark and a structural count differ, the tables below
say who is right. Packets come from tests/unit/packet_dump.c.
"""

import fcntl
import json
import subprocess
import zlib
from fractions import Fraction

import dpkt
import pytest

INT64_MAX = 2**63 - 1
DAMAGED, FORMAT = -4, -3

# tshark tells three patched kinds of pcap from the usual one by trying; they share its magic
# number, so labelcap reads them as usual and ends in damage after the packet given here.
PATCHED_PCAP = {
    "malformed/derived/pcap-editcap-nokialibpcap.pcap": 1,
    "malformed/derived/pcap-editcap-rh6_1libpcap.pcap": 1,
    "malformed/derived/pcap-editcap-suse6_3libpcap.pcap": 1,
}

# Packets where tshark's number is not that of the packets in the file.
PACKETS = PATCHED_PCAP | {
    # tshark counts custom blocks and journal entries as records
    "formats/derived/all-block-types.pcapng": 40,
    "formats/hk-output_be-basic-test017.pcapng": 0,
    "formats/hk-output_le-basic-test017.pcapng": 0,
    "formats/hk-output_be-difficult-test202.pcapng": 8,
    "formats/hk-output_le-difficult-test202.pcapng": 8,
    # link types that tshark 4.0 does not know
    "formats/libpcap-brcm-tag-stp.pcap": 4,
    "formats/tcpdump-dsa-high-vid.pcap": 4,
    "formats/tcpdump-edsa.pcap": 10,
    "formats/tcpdump-juniper_es_oobr.pcap": 1,
    "formats/tcpdump-juniper_monitor_invalid_cookie_length.pcap": 1,
    "formats/tcpdump-kday6.pcap": 1,
    "formats/tcpdump-vtp_asan-2.pcap": 1,
    "formats/tcpdump-vtp_asan-3.pcap": 1,
    "malformed/derived/pcap-bad-linktype.pcap": 3,
    # a block whose length is no multiple of 4: the draft and libpcap refuse it
    "formats/rshk-test006.pcapng": 0,
    # tshark counts the record that it then calls damaged
    "formats/sv-bug-6875-01-fuzz.pcap": 1,
    # tshark shows the file as plain data
    "malformed/derived/ng-trunc-shb.pcapng": 0,
    # sixteen zero bytes at the end are what a crash leaves, not a packet of 1970
    "malformed/derived/pcap-trailing-zeros16.pcap": 40,
}

# Columns of truth.tsv that are wrong for a file, with the right value or None to leave it out.
CORRECTIONS = {
    # tshark's known error with 10^-12 s and an offset; derived-truth.tsv has the right times
    "formats/derived/tsresol-ps-with-tsoffset.pcapng": dict(
        first=None, last=None, min=None, max=None
    ),
    # fractions of a second and more: tshark prints them as they stand, here they carry over
    "malformed/derived/pcap-usec-too-big.pcap": dict(min="3.000000000"),
    "formats/ndpi-fuzz-2021-10-13.pcap": dict.fromkeys(
        ("first", "last", "min", "max"), "980658803.882137472"
    ),
    # seconds and length above 2^31, which tshark takes for negative or cuts
    "formats/ndpi-fuzz-2021-06-07-c6c72a0a56.pcap": dict(
        bytes="4093509168", **dict.fromkeys(("first", "last", "min", "max"), "1953635450.562680000")
    ),
    "formats/ndpi-fuzz-2021-06-07-c6c72a0a56_v2.pcap": dict(
        bytes="4093509168", **dict.fromkeys(("first", "last", "min", "max"), "1953635450.562680000")
    ),
    # tshark takes an ATM pseudo-header off the length
    "formats/tcpdump-atm-oam-heapoverflow.pcap": dict(bytes="262144", capbytes="4"),
}


def read_table(path):
    """The rows of a TSV file as dictionaries."""
    lines = path.read_text().split("\n")
    head = lines[0].lstrip("#").split("\t")
    return [dict(zip(head, line.split("\t"))) for line in lines[1:] if line]


@pytest.fixture(scope="session")
def captures(shared):
    return shared / "captures"


@pytest.fixture(scope="session")
def packet_dump(repo, build, captures):
    """Builds the program once, also when several workers of pytest start it."""
    program = build / "tests" / "packet_dump"
    program.parent.mkdir(parents=True, exist_ok=True)
    with open(program.parent / "packet_dump.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        command = ["make", "-C", repo, f"BUILD={build}", program]
        built = subprocess.run(command, capture_output=True, text=True)
        assert built.returncode == 0, built.stderr

    def dump(name):
        """The packets of a capture as dictionaries, and the code and text of the error or None."""
        path = captures / name
        run = subprocess.run([program, path], capture_output=True, text=True, timeout=60)
        lines = run.stdout.split("\n")
        head = lines[0].split("\t")
        packets = [dict(zip(head, line.split("\t"))) for line in lines[1:] if line]
        if run.returncode == 0:
            assert run.stderr == ""
            return packets, None
        assert run.returncode == 1, run.stderr
        code, text = run.stderr.split(" ", 1)
        return packets, (int(code), text.removeprefix(f"{path}: ").strip())

    return dump


def exact_time(packet):
    """Seconds as a fraction; 0 without a time, as derived-truth.tsv has it."""
    if packet["has_time"] == "0":
        return Fraction(0)
    resolution = int(packet["tsresol"])
    base = 2 if resolution & 0x80 else 10
    unit = Fraction(1, base ** (resolution & 0x7F))
    return int(packet["timestamp"]) * unit + int(packet["tsoffset"])


def comments(packet):
    return [bytes.fromhex(text).decode() for text in packet["comments"].split(":")[1:]]


def as_derived_truth(packet):
    return (
        packet["number"],
        exact_time(packet),
        0 if packet["has_time"] == "0" else int(packet["time_ns"]),
        packet["linktype"],
        packet["caplen"],
        packet["len"],
        comments(packet),
    )


def derived_truth(captures):
    files = {}
    for row in read_table(captures / "formats/derived-truth.tsv"):
        expected = (
            row["packet"],
            Fraction(row["ts_fraction_s"]),
            int(row["ts_floor_ns"]),
            row["linktype"],
            row["caplen"],
            row["len"],
            json.loads(row["comments_json"]),
        )
        files.setdefault(row["file"], []).append(expected)
    return files


def test_derived_captures(captures, packet_dump):
    """Exact times, lengths, link types and comments; before damage too."""
    files = derived_truth(captures)
    assert len(files) > 70
    for name, expected in files.items():
        packets, _ = packet_dump(name)
        if name in PATCHED_PCAP:
            expected = expected[: PATCHED_PCAP[name]]
        assert [as_derived_truth(packet) for packet in packets] == expected, name


def clamp(text):
    """A time of truth.tsv, held at the ends of 64 bits of nanoseconds."""
    if text == "":
        return None
    whole, fraction = text.lstrip("-").split(".")
    ns = int(whole) * 10**9 + int(fraction)
    ns = -ns if text.startswith("-") else ns
    return min(max(ns, -(2**63)), INT64_MAX)


def summary(packets):
    times = [int(packet["time_ns"]) for packet in packets if packet["has_time"] == "1"]
    return {
        "bytes": sum(int(packet["len"]) for packet in packets),
        "capbytes": sum(int(packet["caplen"]) for packet in packets),
        "first": times[0] if times else None,
        "last": times[-1] if times else None,
        "min": min(times, default=None),
        "max": max(times, default=None),
    }


def expected_summary(row):
    row = row | CORRECTIONS.get(row["file"], {})
    result = {name: int(row[name]) for name in ("bytes", "capbytes")}
    for name in ("first", "last", "min", "max"):
        result[name] = None if row[name] is None else clamp(row[name])
    return result


def left_out(name):
    return {key for key, value in CORRECTIONS.get(name, {}).items() if value is None}


FAULTS_TSHARK_OVERLOOKS = {
    "formats/rshk-test006.pcapng",
    "malformed/derived/ng-trunc-shb.pcapng",
    "malformed/derived/zero-bytes.pcap",
    "malformed/derived/pcap-trailing-zeros16.pcap",
    *PATCHED_PCAP,
}


def is_sound(row):
    name = row["file"]
    if name in FAULTS_TSHARK_OVERLOOKS:
        return False
    return row["tshark_rc"] == "0" or (PACKETS.get(name, 0) > 0 and row["struct_error"] == "")


def test_all_captures(captures, packet_dump):
    """Number of packets, bytes and times of every capture; an error where tshark finds a fault."""
    rows = read_table(captures / "truth.tsv")
    assert len(rows) > 900
    for row in rows:
        name = row["file"]
        packets, error = packet_dump(name)
        assert (error is None) == is_sound(row), (name, error)
        assert len(packets) == PACKETS.get(name, int(row["packets"])), name
        if name in PACKETS:
            continue
        actual, expected = summary(packets), expected_summary(row)
        for key in left_out(name):
            del actual[key], expected[key]
        assert actual == expected, name


def held(ns):
    return str(min(int(ns), INT64_MAX)) if ns else ""


def test_every_packet(captures, packet_dump):
    """tshark's fields of each packet of some captures."""
    tables = sorted((captures / "truth-packets").glob("*.tsv"))
    assert len(tables) > 20
    for path in tables:
        packets, _ = packet_dump(path.name.removesuffix(".tsv").replace("__", "/"))
        actual = [
            (p["time_ns"] if p["has_time"] == "1" else "", p["caplen"], p["len"]) for p in packets
        ]
        expected = [
            (held(row["frame.time_epoch_ns"]), row["frame.cap_len"], row["frame.len"])
            for row in read_table(path)
        ]
        assert actual == expected, path.name


ERRORS = {
    "gzip-magic.pcap": (DAMAGED, "compressed byte 11: "),
    "ng-bad-bom.pcapng": (FORMAT, "not a capture: expected the pcapng byte-order magic "),
    "ng-bad-trailer.pcapng": (DAMAGED, "offset 1048: block length: expected 96 again "),
    "ng-block-length-8.pcapng": (DAMAGED, "offset 1048: block length: "),
    "ng-caplen-beyond-block.pcapng": (DAMAGED, "offset 1048: packet: expected at most 64 bytes"),
    "ng-epb-before-idb.pcapng": (DAMAGED, "offset 28: expected an interface description first"),
    "ng-huge-block-length.pcapng": (DAMAGED, "offset 1048: block length: "),
    "ng-if-out-of-range.pcapng": (DAMAGED, "offset 1048: expected an interface number below 1 "),
    "ng-major-2.pcapng": (FORMAT, "pcapng version 2.0 is not supported"),
    "ng-no-shb.pcapng": (FORMAT, "not a capture: "),
    "ng-option-overrun.pcapng": (DAMAGED, "offset 1048: option 1: expected at most 12 bytes"),
    "ng-spb-before-idb.pcapng": (DAMAGED, "offset 28: expected an interface description first"),
    "ng-trailing-zeros.pcapng": (DAMAGED, "offset 2116: block length: "),
    "ng-trunc-epb.pcapng": (DAMAGED, "offset 1048: truncated block: expected 96 bytes, found 17"),
    "ng-trunc-shb.pcapng": (DAMAGED, "offset 0: truncated block: expected 28 bytes, found 14"),
    "ng-trunc-trailer.pcapng": (DAMAGED, "offset 1048: truncated block: expected 96 bytes"),
    "ng-unaligned-block.pcapng": (DAMAGED, "offset 1048: block length: "),
    "ng-zero-block-length.pcapng": (DAMAGED, "offset 1048: block length: "),
    "pcap-4bytes.pcap": (DAMAGED, "offset 0: truncated file header: expected 24 bytes, found 4"),
    "pcap-caplen-300MB.pcap": (DAMAGED, "offset 420: packet record: expected at most "),
    "pcap-editcap-nokialibpcap.pcap": (DAMAGED, "offset 95: truncated packet record: "),
    "pcap-editcap-rh6_1libpcap.pcap": (DAMAGED, "offset 95: packet record: "),
    "pcap-editcap-suse6_3libpcap.pcap": (DAMAGED, "offset 103: truncated packet record: "),
    "pcap-huge-caplen.pcap": (DAMAGED, "offset 420: packet record: expected at most "),
    "pcap-trailing-zeros.pcap": (DAMAGED, "offset 3324: truncated packet record: "),
    "pcap-trailing-zeros16.pcap": (DAMAGED, "offset 3324: expected a packet record, found zeros"),
    "pcap-trunc-data.pcap": (DAMAGED, "offset 838: truncated packet record: expected 63 bytes"),
    "pcap-trunc-filehdr.pcap": (DAMAGED, "offset 0: truncated file header: expected 24 bytes"),
    "pcap-trunc-nodata.pcap": (DAMAGED, "offset 838: truncated packet record: expected 63 bytes"),
    "pcap-trunc-rechdr.pcap": (DAMAGED, "offset 838: truncated packet record: expected 16 bytes"),
    "text.pcap": (FORMAT, "not a capture: expected a pcap or pcapng magic number, found 54 68"),
    "zero-bytes.pcap": (FORMAT, "not a capture: the file is empty"),
}


def test_malformed_captures(captures, packet_dump):
    """Each ends as it should: the place and the reason, or no error at all."""
    for path in sorted((captures / "malformed/derived").iterdir()):
        _, error = packet_dump(path.relative_to(captures))
        if path.name not in ERRORS:
            assert error is None, path.name
            continue
        code, text = ERRORS[path.name]
        assert error is not None, path.name
        assert error[0] == code, path.name
        assert error[1].startswith(text), path.name


def data_by_dpkt(path):
    with open(path, "rb") as file:
        return [f"{zlib.crc32(data):08x}" for _, data in dpkt.pcap.Reader(file)]


def test_data_as_dpkt_reads_it(captures, packet_dump):
    """The bytes of every packet of sound pcap files."""
    compared = 0
    for row in read_table(captures / "MANIFEST.tsv"):
        name = row["name"]
        if row["format"] != "pcap" or not name.startswith(("formats/", "bulk/")):
            continue
        if row["endian"] == "BE" and row["linktypes"] == "0":
            continue  # in host byte order here
        packets, error = packet_dump(name)
        if error:
            continue
        assert [packet["crc32"] for packet in packets] == data_by_dpkt(captures / name), name
        compared += 1
    assert compared > 100


def test_loopback_is_in_host_order(packet_dump):
    """Both byte orders of one capture give the same packets."""
    little, _ = packet_dump("formats/derived/lt0-null-le.pcap")
    big, _ = packet_dump("formats/derived/lt0-null-be.pcap")
    assert little == big
