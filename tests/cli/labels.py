"""What a label must be, and what other programs say of a capture: shares nothing with labelcap.

    label_of(b"BPF:udp,dns")            # the comment that this rule puts on a packet
    tcpdump("a.pcap", "udp port 53")    # the packets that tcpdump selects, as pcap records
    tshark("a.pcapng", "frame.comment") # a list of values for every packet
"""

import csv
import subprocess

KEY = b"labelcap.sid.v01"
MASK = 2**64 - 1


def rotate(value, bits):
    return (value << bits | value >> 64 - bits) & MASK


def sip_round(v):
    a, b, c, d = v
    a, c = (a + b) & MASK, (c + d) & MASK
    b, d = rotate(b, 13) ^ a, rotate(d, 16) ^ c
    a = rotate(a, 32)
    c, a = (c + b) & MASK, (a + d) & MASK
    b, d = rotate(b, 17) ^ c, rotate(d, 21) ^ a
    return a, b, rotate(c, 32), d


def sample_id(data, key=KEY):
    """SipHash-2-4 (Aumasson, Bernstein, 2012)."""
    keys = int.from_bytes(key[:8], "little"), int.from_bytes(key[8:], "little")
    start = 0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573
    v = tuple(word ^ keys[i % 2] for i, word in enumerate(start))
    padded = data + bytes(7 - len(data) % 8) + bytes([len(data) & 0xFF])
    for at in range(0, len(padded), 8):
        word = int.from_bytes(padded[at:at + 8], "little")
        v = sip_round(sip_round((*v[:3], v[3] ^ word)))
        v = v[0] ^ word, *v[1:]
    v = *v[:2], v[2] ^ 0xFF, v[3]
    for _ in range(4):
        v = sip_round(v)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def label_of(line):
    """"sampleID,metadata" of a rule that stands in one line."""
    columns = next(csv.reader([line.decode()]))
    key = columns[2].encode() if len(columns) > 2 and columns[2] else line
    return f"{sample_id(key)},{columns[1]}"


def rule_lines(path):
    """The lines of a rules file, as bytes, without comments, blank lines and header."""
    lines = path.read_bytes().split(b"\n")
    return [line for line in lines
            if line.strip() and line[:1] != b"#" and not line.startswith(b"traffic_filter,")]


def tcpdump(path, expression=""):
    """The records of the pcap that tcpdump makes of a capture, times to the nanosecond."""
    done = subprocess.run(["tcpdump", "--time-stamp-precision=nano", "-r", path, "-w", "-",
                           *[expression] * bool(expression)], capture_output=True, timeout=60)
    if done.returncode != 0:
        raise ValueError(done.stderr.decode().strip().splitlines()[-1])
    return done.stdout[24:]


def tshark(path, *fields):
    """A list of the fields' values for every packet; several values of a field stand together."""
    command = ["tshark", "-n", "-r", path, "-T", "fields", "-E", "separator=/t"]
    for field in fields:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    return [line.split("\t") for line in done.stdout.decode().split("\n")[:-1]]


def capinfos(path):
    """capinfos' table as a dictionary."""
    done = subprocess.run(["capinfos", "-M", path], capture_output=True, text=True, check=True,
                          timeout=60)
    pairs = (line.split(":", 1) for line in done.stdout.splitlines() if ":" in line)
    return {name.strip(): value.strip() for name, value in pairs}
