"""Walks every block of a pcapng file and holds it against draft-ietf-opsawg-pcapng.

It shares nothing with labelcap's own reader. As a module:

    blocks = walk("out.pcapng")      # raises Malformed, with the offset, at the first fault

As a program: pcapng_walk.py FILE...
"""

import struct
import sys
from dataclasses import dataclass, field

SECTION, INTERFACE, OLD_PACKET, SIMPLE, NAMES, STATISTICS, PACKET = 0x0A0D0D0A, 1, 2, 3, 4, 5, 6
JOURNAL, SECRETS, CUSTOM, CUSTOM_NOCOPY = 9, 10, 0xBAD, 0x40000BAD

ANY = None
# Section 3.5: code -> (exact length or (least, most) or ANY, may be repeated)
COMMON_OPTIONS = {1: (ANY, True)} | {code: ((4, 65535), True) for code in (2988, 2989, 19372, 19373)}
OPTIONS = {
    SECTION: {2: (ANY, False), 3: (ANY, False), 4: (ANY, False)},
    INTERFACE: {
        2: (ANY, False), 3: (ANY, False), 4: (8, True), 5: (17, True), 6: (6, False),
        7: (8, False), 8: (8, False), 9: (1, False), 10: (4, False), 11: ((1, 65535), False),
        12: (ANY, False), 13: (1, False), 14: (8, False), 15: (ANY, False), 16: (8, False),
        17: (8, False), 18: (ANY, False), 19: (4, False),
    },
    PACKET: {
        2: (4, False), 3: ((1, 65535), True), 4: (8, False), 5: (8, False), 6: (4, False),
        7: ((1, 65535), True), 8: (8, False),
    },
    OLD_PACKET: {2: (4, False), 3: ((1, 65535), True)},
    NAMES: {2: (ANY, False), 3: (4, False), 4: (16, False)},
    STATISTICS: {code: (8, False) for code in range(2, 9)},
    SECRETS: {},
}
RECORD_LEAST = {1: 6, 2: 18, 3: 8, 4: 10}  # section 4.5: address, a character, its NUL


class Malformed(ValueError):
    def __init__(self, offset, text):
        super().__init__(f"offset {offset}: {text}")
        self.offset = offset


@dataclass
class Block:
    type: int
    offset: int
    length: int
    big_endian: bool
    body: bytes
    section: int
    options: list = field(default_factory=list)  # (code, value)
    interface: int = None  # its number in the section
    linktype: int = None  # of an interface
    snaplen: int = None
    timestamp: int = None
    caplen: int = None
    orig_len: int = None
    data: bytes = None

    def values(self, code):
        return [value for c, value in self.options if c == code]


def pad4(length):
    return (length + 3) & ~3


class Walker:
    """One pass over the bytes of a file. `strict` also asks for what only writers must do."""

    def __init__(self, data, strict):
        self.data = data
        self.strict = strict
        self.order = None
        self.section = -1
        self.section_end = None
        self.interfaces = []

    def unpack(self, form, raw):
        return struct.unpack(self.order + form, raw)

    def fail(self, offset, text):
        raise Malformed(offset, text)

    def must(self, truth, offset, text):
        if not truth:
            self.fail(offset, text)

    def walk(self):
        blocks, offset = [], 0
        self.must(self.data, 0, "an empty file has no section header")
        while offset < len(self.data):
            block = self.block(offset)
            blocks.append(block)
            offset += block.length
        self.end_section(offset)
        return blocks

    def end_section(self, offset):
        self.must(self.section_end in (None, offset), offset,
                  f"the section was said to end at offset {self.section_end}")

    def block(self, offset):
        left = len(self.data) - offset
        self.must(left >= 12, offset, f"{left} bytes are no block")
        is_section = self.data[offset:offset + 4] == b"\n\r\r\n"
        if is_section:
            self.end_section(offset)
            self.find_order(offset)
        self.must(self.order, offset, "the first block is no section header")
        kind, length = self.unpack("II", self.data[offset:offset + 8])
        self.must(length >= 12 and length % 4 == 0, offset, f"block length {length}")
        self.must(length <= left, offset, f"block length {length}, but only {left} bytes are left")
        trailer, = self.unpack("I", self.data[offset + length - 4:offset + length])
        self.must(trailer == length, offset, f"block length {length}, at its end {trailer}")
        if is_section:
            self.section += 1
            self.interfaces = []
        block = Block(kind, offset, length, self.order == ">",
                      self.data[offset + 8:offset + length - 4], self.section)
        parse = PARSERS.get(kind)
        if parse:
            parse(self, block)
        return block

    def find_order(self, offset):
        magic = self.data[offset + 8:offset + 12]
        orders = {b"\x1a\x2b\x3c\x4d": ">", b"\x4d\x3c\x2b\x1a": "<"}
        self.must(magic in orders, offset + 8, f"byte-order magic {magic.hex()}")
        self.order = orders[magic]

    def fixed(self, block, form):
        size = struct.calcsize("=" + form)
        self.must(len(block.body) >= size, block.offset,
                  f"block of type {block.type}: body of {len(block.body)} bytes, fixed part {size}")
        return self.unpack(form, block.body[:size])

    def padding(self, block, start, length):
        """Bytes from `start` of the body, padded; returns them and where the next thing begins."""
        end = start + pad4(length)
        self.must(end <= len(block.body), block.offset + 8 + start,
                  f"{length} bytes, but the block has {len(block.body) - start} left")
        pad = block.body[start + length:end]
        self.must(not self.strict or not any(pad), block.offset + 8 + start + length,
                  f"padding {pad.hex()}")
        return block.body[start:start + length], end

    def options(self, block, start):
        known = COMMON_OPTIONS | OPTIONS[block.type]
        at, ended = start, False
        while at < len(block.body):
            place = block.offset + 8 + at
            self.must(not ended, place, "bytes behind opt_endofopt")
            self.must(len(block.body) - at >= 4, place, "no room for an option")
            code, length = self.unpack("HH", block.body[at:at + 4])
            if code == 0:
                self.must(length == 0, place, f"opt_endofopt of length {length}")
                ended, at = True, at + 4
                continue
            value, at = self.padding(block, at + 4, length)
            self.option(block, known.get(code), code, value, place)
            block.options.append((code, value))
        self.must(ended or not block.options or not self.strict,
                  block.offset, "options without opt_endofopt")

    def option(self, block, rule, code, value, place):
        if rule is None:
            return
        length, repeats = rule
        if isinstance(length, int):
            length = (length, length)
        self.must(length is ANY or length[0] <= len(value) <= length[1], place,
                  f"option {code} of length {len(value)}")
        self.must(repeats or not block.values(code), place, f"option {code} twice")

    def interface(self, block, number):
        self.must(number < len(self.interfaces), block.offset,
                  f"interface {number}, but the section has {len(self.interfaces)} so far")
        block.interface = number
        return self.interfaces[number]

    # One method for each type of block ------------------------------------------------------

    def section_header(self, block):
        _, major, minor, length = self.fixed(block, "IHHq")
        allowed = (0,) if self.strict else (0, 2)
        self.must(major == 1 and minor in allowed, block.offset + 12, f"version {major}.{minor}")
        self.must(length >= -1 and (length == -1 or length % 4 == 0), block.offset + 16,
                  f"section length {length}")
        self.section_end = None if length == -1 else block.offset + block.length + length
        self.options(block, 16)

    def interface_description(self, block):
        block.linktype, reserved, block.snaplen = self.fixed(block, "HHI")
        self.must(reserved == 0 or not self.strict, block.offset + 10, f"reserved {reserved}")
        self.options(block, 8)
        block.interface = len(self.interfaces)
        self.interfaces.append(block)

    def packet_fields(self, block, high, low):
        block.timestamp = high << 32 | low
        block.data, at = self.padding(block, 20, block.caplen)
        self.options(block, at)

    def enhanced_packet(self, block):
        number, high, low, block.caplen, block.orig_len = self.fixed(block, "IIIII")
        self.interface(block, number)
        self.packet_fields(block, high, low)

    def old_packet(self, block):
        number, _, high, low, block.caplen, block.orig_len = self.fixed(block, "HHIIII")
        self.interface(block, number)
        self.packet_fields(block, high, low)

    def simple_packet(self, block):
        block.orig_len, = self.fixed(block, "I")
        snaplen = self.interface(block, 0).snaplen
        block.caplen = min(block.orig_len, snaplen or block.orig_len)
        block.data, at = self.padding(block, 4, block.caplen)
        self.must(at == len(block.body), block.offset,
                  f"simple packet of {block.caplen} bytes in a body of {len(block.body)}")

    def names(self, block):
        at = 0
        while True:
            place = block.offset + 8 + at
            self.must(len(block.body) - at >= 4, place, "no nrb_record_end")
            kind, length = self.unpack("HH", block.body[at:at + 4])
            value, at = self.padding(block, at + 4, length)
            if kind == 0:
                self.must(length == 0, place, f"nrb_record_end of length {length}")
                break
            self.must(length >= RECORD_LEAST.get(kind, 0), place,
                      f"name record {kind} of length {length}")
            self.must(kind not in RECORD_LEAST or value[-1:] == b"\0", place,
                      "name without its NUL")
        self.options(block, at)

    def statistics(self, block):
        number, high, low = self.fixed(block, "III")
        self.interface(block, number)
        block.timestamp = high << 32 | low
        self.options(block, 12)

    def secrets(self, block):
        _, length = self.fixed(block, "II")
        block.data, at = self.padding(block, 8, length)
        self.options(block, at)

    def custom(self, block):
        self.fixed(block, "I")


PARSERS = {
    SECTION: Walker.section_header,
    INTERFACE: Walker.interface_description,
    PACKET: Walker.enhanced_packet,
    OLD_PACKET: Walker.old_packet,
    SIMPLE: Walker.simple_packet,
    NAMES: Walker.names,
    STATISTICS: Walker.statistics,
    SECRETS: Walker.secrets,
    CUSTOM: Walker.custom,
    CUSTOM_NOCOPY: Walker.custom,
}


def walk(path, strict=True):
    """All blocks of the file. `strict` False allows what readers have to put up with."""
    with open(path, "rb") as file:
        return Walker(file.read(), strict).walk()


def packets(blocks):
    return [block for block in blocks if block.type in (PACKET, SIMPLE, OLD_PACKET)]


def main(paths):
    status = 0
    for path in paths:
        try:
            print(f"{path}: {len(walk(path))} blocks")
        except (Malformed, OSError) as error:
            print(f"{path}: {error}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
