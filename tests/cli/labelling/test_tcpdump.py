"""What is written, tcpdump reads whole: every packet with every byte, from every command."""

import struct
import subprocess

import pytest

from captures import RAW, Ng, pcap, pcap_packets, read_bytes
from kinds import LONGEST, of_each_kind
from pcapng_walk import INTERFACE, OLD_PACKET, PACKET, SIMPLE, Malformed, Walker

ALL = "BPF:len >= 0,all,k\n"

# Link types that libpcap numbers otherwise than files do: it refuses a second such interface,
# whatever is said of it. (pcap_open_offline() compares before and after its translation.)
NUMBERED_OTHERWISE = {11, 13, 14, 16, 100, RAW, 102, 104}


def seen_by_tcpdump(*paths):
    """The captured lengths of all packets of all files, or what tcpdump says against them."""
    done = subprocess.run(["tcpdump", "-nV", "-", "-w", "-"], capture_output=True, check=False,
                          input="".join(f"{path}\n" for path in paths).encode())
    if done.returncode != 0:
        return done.stderr.decode()
    data, lengths, at = done.stdout, [], 24
    while at < len(data):
        lengths += struct.unpack_from("<I", data, at + 8)
        at += 16 + lengths[-1]
    return lengths


# What its version 1.10 does not do at all.
UNSUPPORTED = ("unknown data link type", "if_tsresol option resolution")


def described(path):
    """The captured lengths of all packets, and the link types of the interfaces."""
    data = read_bytes(path)
    if data[:4] != b"\n\r\r\n":
        return [len(packet.data) for packet in pcap_packets(data)], [None]
    blocks = Walker(data, strict=True).walk()
    return ([len(b.data) for b in blocks if b.type in (PACKET, SIMPLE, OLD_PACKET)],
            [b.linktype for b in blocks if b.type == INTERFACE])


def is_beyond_libpcap(lengths, types):
    """Several link types; none; and packets that no snap length allows: they are no fault of ours."""
    return (max(lengths, default=0) > LONGEST or len(set(types)) != 1 or
            (len(types) > 1 and types[0] in NUMBERED_OTHERWISE))


PCAPNG = [("sort", "sorted.pcapng"), ("strip", "stripped.pcapng"), ("select", "selected.pcapng")]
PCAP = ("strip", "stripped.pcap")
COMMANDS = [*PCAPNG, PCAP]


def outputs(run, capture, directory, commands):
    """What each command makes of a capture. Damage and link types that pcap cannot hold: as far
    as it goes."""
    (directory / "rules.csv").write_text(ALL)
    labelled = directory / "labelled.pcapng"
    run("label", "--no-sync", "-fL", directory / "rules.csv", "-o", labelled, capture, check=False)
    if not labelled.exists():
        return
    yield labelled
    for command, name in commands:
        output = directory / name
        output.unlink(missing_ok=True)
        run(command, "--no-sync", "-o", output, labelled, check=False)
        if output.exists():
            yield unpacked(output)
    run("split", "--no-sync", "-f", "--format", "pcapng", "-o", directory / "split", labelled)
    yield from (directory / "split").glob("*.pcap*")


def unpacked(path):
    if path.suffix != ".gz":
        return path
    plain = path.with_name(f"unpacked-{path.stem}")
    plain.write_bytes(read_bytes(path))
    return plain


def faults(run, capture, directory, commands=COMMANDS):
    expected = {}
    for output in outputs(run, capture, directory, commands):
        lengths, types = described(output)
        if not is_beyond_libpcap(lengths, types):
            expected[output] = lengths
    # All at once; one by one to tell what is wrong.
    if seen_by_tcpdump(*expected) == sum(expected.values(), []):
        return
    for output, lengths in expected.items():
        seen = seen_by_tcpdump(output)
        if seen != lengths and not (isinstance(seen, str) and any(
                reason in seen for reason in UNSUPPORTED)):
            yield f"{capture.name}: {output.name}: {seen if isinstance(seen, str) else 'bytes cut'}"


LONG, SHORT = (bytes(60), 10**18), (bytes(5), 10**18 + 10**9)


@pytest.mark.parametrize("capture", [
    pcap([LONG], snaplen=10),
    pcap([SHORT, LONG], snaplen=10, order=">"),
    bytes(Ng().interface(snaplen=10).packet(bytes(5), 1).packet(bytes(60), 2)),
    bytes(Ng().interface(snaplen=96).interface(snaplen=128).packet(b"a", 1).packet(
        b"b", 2, interface=1)),
    bytes(Ng().interface(snaplen=96).packet(b"a", 1).interface(snaplen=0).packet(
        b"b", 2, interface=1)),
    bytes(Ng(">").interface(snaplen=96).packet(b"a", 1).section(">").interface(
        snaplen=5, tsresol=9).packet(bytes(6), 2)),
    bytes(Ng().interface(snaplen=65535).packet(bytes(60), 1)),
], ids=["pcap", "pcap-later", "packet", "two", "late", "section", "sound"])
def test_snap_lengths_that_libpcap_refuses(run, tmp_path, capture):
    (tmp_path / "in").write_bytes(capture)
    packed = [(command, f"{name}.gz") for command, name in COMMANDS]
    assert not list(faults(run, tmp_path / "in", tmp_path, COMMANDS + packed))


@pytest.mark.parametrize("source", ["-", "in"])
@pytest.mark.parametrize("command, form", [("label", "pcapng"), ("strip", "pcapng"),
                                           ("strip", "pcap"), ("sort", "pcapng")])
def test_streams(run, tmp_path, source, command, form):
    """A stream cannot be corrected: the snap lengths are looked at before, or not written."""
    (tmp_path / "rules.csv").write_text(ALL)
    (tmp_path / "in").write_bytes(pcap([SHORT, LONG], snaplen=10))
    options = {"label": ["-L", "rules.csv"], "strip": ["--format", form], "sort": []}[command]
    done = run(command, *options, "-o", "-", source, input=(tmp_path / "in").read_bytes(),
               text=False, cwd=tmp_path)
    (tmp_path / "out").write_bytes(done.stdout)
    assert sorted(seen_by_tcpdump(tmp_path / "out")) == [5, 60]


@pytest.mark.parametrize("order", ["<", ">"])
def test_compressed_is_as_plain(run, tmp_path, order):
    """Also where the snap length turns out to be wrong after megabytes have been compressed."""
    many = [(i.to_bytes(4, "big") * 250, 10**18 + i) for i in range(3000)]
    (tmp_path / "rules.csv").write_text(ALL)
    (tmp_path / "in").write_bytes(pcap([*many, (bytes(3000), 2 * 10**18)], snaplen=1000, order=order))
    written = {}
    for name in ("plain.pcapng", "one.pcapng.gz", "two.pcapng.gz", "one.pcapng.zst", "two.pcapng.zst"):
        threads = "1" if name.startswith("one") else "2"
        run("label", "-L", "rules.csv", "-j", threads, "-o", name, "in", cwd=tmp_path)
        written[name] = (tmp_path / name).read_bytes()
    assert len(seen_by_tcpdump(tmp_path / "plain.pcapng")) == 3001
    for form in ("gz", "zst"):
        assert read_bytes(tmp_path / f"one.pcapng.{form}") == written["plain.pcapng"]
        assert written[f"one.pcapng.{form}"] == written[f"two.pcapng.{form}"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*written, "in", "rules.csv"])


SHARES = 2


@pytest.mark.parametrize("share", range(SHARES))
def test_shared_captures(run, shared, tmp_path, share):
    captures = of_each_kind(path for folder in ("captures", "reports") for path in
                            (shared / folder).rglob("*.pcap*"))
    found = []
    for number, capture in enumerate(captures[share::SHARES]):
        # One writer is behind all commands: those that write pcapng have their turn.
        commands = [PCAPNG[number % len(PCAPNG)], PCAP]
        try:
            found += faults(run, capture, tmp_path, commands)
        except Malformed as odd:
            found.append(f"{capture}: {odd}")
    assert not found, "\n".join(found)


def test_what_tcpdump_refuses_is_warned_of(run, label, tmp_path):
    """Two interfaces of one link type that differ in their units: of which types is tcpdump's word."""
    refused = []
    for linktype in [*range(0, 12), 50, *range(99, 115), 127, 228, 229, 246, 276]:
        ng = Ng().interface(linktype=linktype).interface(linktype=linktype, tsresol=9)
        ng.packet(bytes(60), 10**6).packet(bytes(60), 2 * 10**9, interface=1)
        (tmp_path / "in.pcapng").write_bytes(bytes(ng))
        done = label("BPF:len >= 0,all,k\n", tmp_path / "in.pcapng", check=False)
        tcpdump = subprocess.run(["tcpdump", "-n", "-r", done.output, "-w", "/dev/null"],
                                 capture_output=True, text=True)
        refuses = "different from the type of the first" in tcpdump.stderr
        assert ("libpcap renumbers" in done.stderr) == refuses, (linktype, done.stderr)
        refused += [linktype] * refuses
        sort = run("sort", "-f", "-o", tmp_path / "sorted.pcapng", done.output)
        assert ("libpcap renumbers" in sort.stderr) == refuses
    assert RAW in refused
