"""The checker of pcapng files is itself checked: good files pass, each fault is found."""

import struct

import pytest

from pcapng_walk import Malformed, packets, walk

# Files among the good ones that break the draft, and where.
ODD = {
    "gop-be-test901.pcapng": 492,  # a section of version 2.0
    "gop-le-test901.pcapng": 492,
    "hk-output_be-basic-test008.pcapng": 224,  # epb_queue of one byte
    "hk-output_le-basic-test008.pcapng": 224,
    "libpcap-shb-option-too-long.pcapng": 0,
    "lpng-blocks.merged.pcapng": 55108,  # a file of the other byte order appended within a section
    "rshk-test006.pcapng": 96,  # block length no multiple of 4
}
NOT_FOR_WRITERS = {"options-without-endofopt.pcapng", "shb-minor-2.pcapng"}
MALFORMED = {
    "ng-bad-bom": 8, "ng-bad-trailer": 1048, "ng-block-length-8": 1048,
    "ng-caplen-beyond-block": 1076, "ng-epb-before-idb": 28, "ng-huge-block-length": 1048,
    "ng-if-out-of-range": 1048, "ng-major-2": 12, "ng-no-shb": 0, "ng-option-overrun": 1144,
    "ng-spb-before-idb": 28, "ng-trailing-zeros": 2116, "ng-trunc-epb": 1048, "ng-trunc-shb": 0,
    "ng-trunc-trailer": 1048, "ng-tsoffset-len4": 44, "ng-tsresol-len0": 44,
    "ng-unaligned-block": 1048, "ng-wrong-section-length": 2116, "ng-zero-block-length": 1048,
}


def test_good_files(shared):
    files = sorted((shared / "captures/formats").rglob("*.pcapng"))
    assert len(files) > 90
    for path in files:
        if path.name in ODD:
            with pytest.raises(Malformed) as fault:
                walk(path)
            assert fault.value.offset == ODD[path.name], path
        elif path.name in NOT_FOR_WRITERS:
            walk(path, strict=False)
            with pytest.raises(Malformed):
                walk(path)
        else:
            walk(path)


def test_counts_as_tshark(shared):
    """truth.tsv has an independent structural count of packets."""
    lines = (shared / "captures/truth.tsv").read_text().splitlines()
    columns = lines[0].split("\t")
    checked = 0
    for line in lines[1:]:
        row = dict(zip(columns, line.split("\t")))
        path = shared / "captures" / row[columns[0]]
        if path.suffix == ".pcapng" and path.parts[-2] in ("formats", "derived") \
                and path.name not in ODD and "malformed" not in path.parts:
            assert len(packets(walk(path, strict=False))) == int(row["struct_packets"]), path
            checked += 1
    assert checked > 50


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_files(shared, name):
    with pytest.raises(Malformed) as fault:
        walk(shared / f"captures/malformed/derived/{name}.pcapng", strict=False)
    assert fault.value.offset == MALFORMED[name]


# Files made here -------------------------------------------------------------------------------


def block(kind, body, order="<"):
    return struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(
        order + "I", len(body) + 12)


def option(code, value, order="<", pad=b"\0"):
    return struct.pack(order + "HH", code, len(value)) + value + pad * (-len(value) % 4)


END = b"\0\0\0\0"
SECTION = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
INTERFACE = block(1, struct.pack("<HHI", 1, 0, 96))
DATA = struct.pack("<IIIII", 0, 0, 1, 5, 60) + b"abcde\0\0\0"


def check(tmp_path, *blocks, strict=True):
    path = tmp_path / "file.pcapng"
    path.write_bytes(b"".join(blocks))
    return walk(path, strict)


def fault(tmp_path, *blocks):
    with pytest.raises(Malformed) as raised:
        check(tmp_path, *blocks)
    return str(raised.value)


def test_what_a_good_file_gives(tmp_path):
    found = check(tmp_path, SECTION, INTERFACE,
                  block(6, DATA + option(1, b"1,web") + option(2, b"\1\0\0\0") + END))
    assert [b.type for b in found] == [0x0A0D0D0A, 1, 6]
    packet = found[2]
    assert (packet.interface, packet.timestamp, packet.data, packet.orig_len) == (0, 1, b"abcde", 60)
    assert packet.values(1) == [b"1,web"]
    assert packet.offset == len(SECTION) + len(INTERFACE)


def test_names_and_secrets(tmp_path):
    names = option(1, b"\x7f\0\0\1localhost\0") + END + option(2, b"dns") + END
    check(tmp_path, SECTION, block(4, names), block(10, struct.pack("<II", 1, 5) + b"abcde\0\0\0"))
    assert "no nrb_record_end" in fault(tmp_path, SECTION, block(4, names[:20]))
    assert "without its NUL" in fault(tmp_path, SECTION, block(4, option(1, b"\x7f\0\0\1ab") + END))
    assert "5 bytes, but the block has 4 left" in fault(
        tmp_path, SECTION, block(10, struct.pack("<II", 1, 5) + b"abcd"))


@pytest.mark.parametrize("body, text", [
    (DATA[:-1] + b"x", "padding 000078"),
    (DATA + option(1, b"abc", pad=b"x") + END, "padding 78"),
    (DATA + option(1, b"abc"), "options without opt_endofopt"),
    (DATA + option(1, b"abc") + END + END, "bytes behind opt_endofopt"),
    (DATA + option(2, b"abc") + END, "option 2 of length 3"),
    (DATA + option(4, b"abcd") + END, "option 4 of length 4"),
    (DATA + option(3, b"") + END, "option 3 of length 0"),
    (DATA + option(2988, b"abc") + END, "option 2988 of length 3"),
    (DATA + option(2, b"abcd") * 2 + END, "option 2 twice"),
    (DATA + struct.pack("<HH", 1, 9) + b"abcdefgh", "9 bytes, but the block has 8 left"),
    (struct.pack("<I", 1) + DATA[4:], "interface 1, but the section has 1 so far"),
    (DATA[:16], "body of 16 bytes"),
])
def test_faults_in_a_packet(tmp_path, body, text):
    assert text in fault(tmp_path, SECTION, INTERFACE, block(6, body))


def test_faults_of_blocks(tmp_path):
    assert "no section header" in fault(tmp_path, INTERFACE)
    assert "empty" in fault(tmp_path)
    assert "reserved 1" in fault(tmp_path, SECTION, block(1, struct.pack("<HHI", 1, 1, 0)))
    assert "simple packet of 96 bytes" in fault(
        tmp_path, SECTION, INTERFACE, block(3, struct.pack("<I", 200) + bytes(100)))
    assert "at its end 24" in fault(tmp_path, SECTION, INTERFACE[:-4] + struct.pack("<I", 24))
    big = block(0x0A0D0D0A, struct.pack(">IHHq", 0x1A2B3C4D, 1, 0, -1), ">")
    check(tmp_path, SECTION, INTERFACE, big)
    assert "section has 0 so far" in fault(  # interfaces end with their section
        tmp_path, SECTION, INTERFACE, SECTION, block(6, DATA))
