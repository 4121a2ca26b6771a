"""strip: labels off, everything else as it was."""

import gzip
import io
import shutil
import struct
import subprocess

import dpkt
import pytest

from captures import (ETHERNET, RAW, Ng, Packet, pcap, pcap_packets, pcapng_packets, read_bytes,
                      read_packets)
from kinds import of_each_kind
from pcapng_walk import (CUSTOM_NOCOPY, INTERFACE, OLD_PACKET, PACKET, SECTION, SIMPLE, STATISTICS,
                         Malformed, Walker, walk)

COMMENT, DROPS = 1, 4
DO_NOT_COPY = (19372, 19373)


@pytest.fixture
def label_all(run, tmp_path):
    """label_all(capture): the path of a pcapng in which every packet has the label ID,truth."""

    def label(capture, check=True):
        rules = tmp_path / "rules.csv"
        rules.write_text(f"FILE:{capture},truth,one sample\n")
        labelled = tmp_path / "labelled.pcapng"
        labelled.unlink(missing_ok=True)
        done = run("label", "-f", "-L", rules, "-W", labelled, capture, check=check)
        return labelled, done

    return label


def strip(run, labelled, output, *options):
    run("strip", "-f", *options, "-W", output, labelled)
    return output


# ---- strip(label(x)) = x ----


def test_pcap_comes_back_bit_by_bit(run, label_all, tmp_path):
    records = [(b"one", 1_600_000_000_123_456_000), (b"two", 0, 1500), (b"", 5_000, 60),
               (bytes(range(256)) * 40, (2**32 - 1) * 10**9 + 999_999_000)]
    for order in "<>":
        for ns in (False, True):
            for linktype, snaplen in ((ETHERNET, 65535), (RAW, 0), (300, 10240)):
                capture = tmp_path / "x.pcap"
                capture.write_bytes(pcap(records, order, ns, linktype, snaplen))
                labelled, _ = label_all(capture)
                assert all(packet.label for packet in read_packets(labelled))
                stripped = strip(run, labelled, tmp_path / "y.pcap")
                assert stripped.read_bytes() == capture.read_bytes(), (order, ns, linktype)


def everything(order="<"):
    """A capture with every kind of block and option that is carried over."""
    number = (lambda n, size: n.to_bytes(size, "little" if order == "<" else "big"))
    ng = Ng(order, [(COMMENT, b"of the section"), (4, b"test_strip")])
    ng.interface(options=[(2, b"eth0"), (3, b"uplink")], tsresol=9, tsoffset=-3600)
    ng.interface(linktype=RAW, tsresol=0x80 | 20)
    ng.names().secrets()
    ng.packet(b"first", 1_600_000_000_123_456_789, options=[(2, number(1, 4))])
    ng.packet(b"second" * 7, 1 << 50, interface=1, length=9000,
              comments=["a comment that is no label", "and one more"],
              options=[(3, b"\2" + bytes(4)), (DROPS, number(3, 8)), (5, number(77, 8)),
                       (2988, number(32473, 4) + b"text"), (0x1234, b"unknown")])
    ng.packet(b"", 0, comments=[""])
    ng.statistics().custom().block(0x0BADF00D, b"unknown block")
    ng.packet(b"last", 1_500_000_000_000_000_000, comments=["no,label"])
    return bytes(ng)


@pytest.mark.parametrize("order", "<>")
def test_pcapng_comes_back_bit_by_bit(run, label_all, tmp_path, order):
    capture = tmp_path / "x.pcapng"
    capture.write_bytes(everything(order))
    labelled, done = label_all(capture)
    assert "left out" not in done.stderr
    assert [packet.label[1] for packet in read_packets(labelled)] == ["truth"] * 4
    assert [packet.comments[1:] for packet in read_packets(labelled)] == [
        [], [b"a comment that is no label", b"and one more"], [b""], [b"no,label"]]
    stripped = strip(run, labelled, tmp_path / "y.pcapng")
    assert stripped.read_bytes() == capture.read_bytes()


def kept_options(block):
    """The options as they come out: without those marked 'do not copy', with the drops of an
    obsolete packet block."""
    options = [option for option in block.options if option[0] not in DO_NOT_COPY]
    if block.type == OLD_PACKET:
        order = "big" if block.big_endian else "little"
        drops = int.from_bytes(block.body[2:4], order)
        if drops != 0xFFFF:
            options.append((DROPS, drops.to_bytes(8, order)))
    return options


def snaplen_written(lengths, interfaces):
    """The snap length of all interfaces: theirs if that is one and no packet is longer, or none."""
    first = interfaces[0] if interfaces else 0
    sound = set(interfaces) == {first} and (first == 0 or max(lengths, default=0) <= first)
    return first if sound else 0


def same_pcapng(capture, stripped):
    """Holds packets, their options and interfaces, and the other blocks against each other."""
    was = list(pcapng_packets(read_bytes(capture), strict=False))
    now = list(pcapng_packets(stripped.read_bytes()))
    assert len(was) == len(now)
    snaplen = snaplen_written(
        [len(packet.data) for packet, *_ in was],
        [block.snaplen for block in Walker(read_bytes(capture), False).walk()
         if block.type == INTERFACE])
    for (packet, block, interface), (new, new_block, new_interface) in zip(was, now):
        if block.type == SIMPLE:
            assert new.time_ns in (None, 0)
            new.time_ns = None
        assert new == packet, f"packet at offset {block.offset}"
        if block.big_endian == new_block.big_endian:
            assert kept_options(block) == new_block.options
            assert kept_options(interface) == new_interface.options
        assert new_interface.snaplen == snaplen
    others = [[(block.type, block.body[4:] if block.type == STATISTICS else block.body)
               for block in Walker(data, False).walk()
               if block.type not in (SECTION, INTERFACE, PACKET, SIMPLE, OLD_PACKET, CUSTOM_NOCOPY)]
              for data in (read_bytes(capture), stripped.read_bytes())]
    if len({block.big_endian for block in Walker(read_bytes(capture), False).walk()}) == 1:
        assert others[0] == others[1]


def same_pcap(capture, stripped):
    was, now = read_bytes(capture), stripped.read_bytes()
    assert list(pcap_packets(now)) == list(pcap_packets(was))
    order = "little" if was[0] != 0xA1 else "big"
    snaplen = snaplen_written([len(packet.data) for packet in pcap_packets(was)],
                              [int.from_bytes(was[16:20], order)])
    assert int.from_bytes(now[16:20], order) == snaplen
    assert now[:4] == was[:4].replace(b"\x34\xcd", b"\xd4\xc3").replace(b"\xcd\x34", b"\xc3\xd4")


@pytest.mark.parametrize("folder", ["formats", "protocols"])
def test_real_captures_come_back(run, label_all, tmp_path, shared, folder):
    """Sound captures of each kind; of damaged ones what comes before (test_damage.py)."""
    compared, faults = 0, []
    for capture in of_each_kind((shared / "captures" / folder).rglob("*.*")):
        labelled, done = label_all(capture, check=False)
        if done.returncode != 0:
            continue
        is_ng = read_bytes(capture)[:4] == b"\n\r\r\n"
        try:
            list(Walker(read_bytes(capture), False).walk() if is_ng else ())
        except Malformed as odd:  # not by the draft, though readable
            print(f"{capture}: {odd}")
            continue
        stripped = strip(run, labelled, tmp_path / ("y.pcapng" if is_ng else "y.pcap"))
        try:
            (same_pcapng if is_ng else same_pcap)(capture, stripped)
            compared += 1
        except (AssertionError, Malformed) as fault:
            faults.append(f"{capture.relative_to(shared)}: {fault}")
    assert not faults, "\n".join(faults)
    print(compared)


# ---- what is a label, and what is not ----


def test_only_labels_are_taken_off(run, tmp_path):
    kept = ["18446744073709551616,too large", "no label", ",", "12", "x1,y", "",
            "123456789012345678901,x"]
    taken = ["0,zero", "18446744073709551615,largest", "7,", "7,a,b", "s=7,app=web",
             "00000000000000000007,x"]
    ng = Ng().interface()
    for number, comment in enumerate(kept + taken):
        ng.packet(bytes([number]), number, [comment, "1,second"])
    ng.packet(b"bare", 100)
    labelled = tmp_path / "in.pcapng"
    labelled.write_bytes(bytes(ng))
    done = run("strip", "-W", tmp_path / "out.pcapng", labelled)
    assert done.stderr == "labelcap strip: removed 6 labels from 14 packets\n"
    comments = [packet.comments for packet in read_packets(tmp_path / "out.pcapng")]
    assert comments == ([[comment.encode(), b"1,second"] for comment in kept] +
                        [[b"1,second"]] * len(taken) + [[]])


def test_a_stripped_file_stays_as_it_is(run, tmp_path):
    (tmp_path / "plain.pcapng").write_bytes(everything())
    done = run("strip", "-W", tmp_path / "again.pcapng", tmp_path / "plain.pcapng")
    assert done.stderr == "labelcap strip: removed 0 labels from 4 packets\n"
    assert (tmp_path / "again.pcapng").read_bytes() == everything()


# ---- what breaks the rules of pcapng ----

ODD = {
    "custom": lambda ng: ng.packet(bytes(60)).block(0xBAD, b""),
    "journal": lambda ng: ng.packet(bytes(60)).block(9, bytes(4)),
    "verdict": lambda ng: ng.packet(bytes(60), options=[(7, b"\1\5")]),
    "drops": lambda ng: ng.old_packet(bytes(60), drops=3, options=[(DROPS, bytes(8))]),
}


@pytest.mark.parametrize("what", ODD)
def test_what_breaks_the_rules_is_left_out_and_counted(run, tmp_path, what):
    (tmp_path / "in.pcapng").write_bytes(bytes(ODD[what](Ng().interface())))
    done = run("strip", "-W", tmp_path / "once.pcapng", tmp_path / "in.pcapng")
    assert f"1 malformed {'option' if what in ('verdict', 'drops') else 'block'} left out" in done.stderr
    run("strip", "-W", tmp_path / "twice.pcapng", tmp_path / "once.pcapng")
    assert (tmp_path / "twice.pcapng").read_bytes() == (tmp_path / "once.pcapng").read_bytes()
    seen = subprocess.run(["tshark", "-r", tmp_path / "once.pcapng", "-T", "fields", "-e", "frame.len"],
                          capture_output=True, text=True, check=False)
    assert (seen.returncode, seen.stdout) == (0, "60\n"), seen.stderr
    packet, = [block for block in walk(tmp_path / "once.pcapng") if block.type == PACKET]
    assert packet.values(DROPS) == ([(3).to_bytes(8, "little")] if what == "drops" else [])


# ---- format and place of the output ----

SIMPLE_CAPTURE = bytes(Ng().interface().packet(b"abc", 1_500_000, ["7,web"]))
SIMPLE_PACKETS = [Packet(ETHERNET, 1_500_000_000, 3, b"abc")]


@pytest.fixture
def labelled(tmp_path):
    path = tmp_path / "labelled.pcapng"
    path.write_bytes(SIMPLE_CAPTURE)
    return path


@pytest.mark.parametrize("name, options, is_pcap, compression", [
    ("out.pcap", [], True, b""),
    ("out.pcapng", [], False, b""),
    ("out", [], False, b""),
    (".pcap", [], True, b""),
    ("out.pcap.gz", [], True, b"\x1f\x8b"),
    ("out.pcap.zst", [], True, b"\x28\xb5\x2f\xfd"),
    ("out.pcapng.gz", [], False, b"\x1f\x8b"),
    ("out.pcapng", ["--format", "pcap"], True, b""),
    ("out.pcap", ["--format", "pcapng"], False, b""),
    ("out.pcap", ["--format", "by-name"], True, b""),
])
def test_format(run, labelled, tmp_path, name, options, is_pcap, compression):
    output = strip(run, labelled, tmp_path / name, *options)
    assert output.read_bytes().startswith(compression)
    assert (read_bytes(output)[:4] == b"\xd4\xc3\xb2\xa1") == is_pcap
    assert read_packets(output) == SIMPLE_PACKETS


def test_streams(run, labelled, tmp_path):
    """Standard input and output, also by other names, and compressed input. Between two streams
    nobody knows whether a longer packet follows: there is no snap length."""
    plain = strip(run, labelled, tmp_path / "plain.pcapng").read_bytes()
    as_pcap = strip(run, labelled, tmp_path / "plain.pcap").read_bytes()
    assert run("strip", "-W", "-", labelled, text=False).stdout == plain
    assert run("strip", "-W", tmp_path / "in.pcapng", "-", input=SIMPLE_CAPTURE, text=False)
    assert (tmp_path / "in.pcapng").read_bytes() == plain
    plain = plain[:40] + bytes(4) + plain[44:]
    as_pcap = as_pcap[:16] + bytes(4) + as_pcap[20:]
    zipped = subprocess.run(["zstd", "-qc", labelled], capture_output=True, check=True).stdout
    for data in (SIMPLE_CAPTURE, gzip.compress(SIMPLE_CAPTURE), zipped):
        for output in ("-", "/dev/stdout", "/dev/fd/1"):
            assert run("strip", "-W", output, "-", input=data, text=False).stdout == plain
        assert run("strip", "--format", "pcap", "-W", "-", "-", input=data,
                   text=False).stdout == as_pcap
    assert dpkt.pcap.Reader(io.BytesIO(as_pcap)).readpkts() == [(1.5, b"abc")]


def test_several_link_types_do_not_fit_into_pcap(run, tmp_path):
    ng = Ng().interface().interface(linktype=RAW)
    ng.packet(b"one", 1, ["7,web"]).packet(b"two", 2, ["7,web"], interface=1)
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    output = tmp_path / "out.pcap"
    done = run("strip", "-W", output, tmp_path / "in.pcapng", check=False)
    assert done.returncode == 1
    assert done.stderr == (f"labelcap strip: {output}: pcap can hold only one link type: found RAW "
                           "after ETHERNET (write pcapng instead, or split by link type)\n")
    assert not output.exists() and list(tmp_path.iterdir()) == [tmp_path / "in.pcapng"]
    # An interface without packets does no harm.
    (tmp_path / "in.pcapng").write_bytes(
        bytes(Ng().interface(linktype=RAW).interface().packet(b"one", 1, interface=1)))
    assert read_packets(strip(run, tmp_path / "in.pcapng", output)) == [
        Packet(ETHERNET, 1000, 3, b"one")]


def test_digits_of_pcap(run, tmp_path):
    """Nanoseconds where an interface has them."""
    for tsresol, magic in ((6, 0xA1B2C3D4), (3, 0xA1B2C3D4), (9, 0xA1B23C4D), (0x8A, 0xA1B23C4D)):
        (tmp_path / "in.pcapng").write_bytes(
            bytes(Ng().interface(tsresol=tsresol).packet(b"x", 1025)))
        output = strip(run, tmp_path / "in.pcapng", tmp_path / "out.pcap")
        assert struct.unpack("<I", output.read_bytes()[:4])[0] == magic
        assert read_packets(output) == read_packets(tmp_path / "in.pcapng")


def test_what_pcap_cannot_hold_is_told(run, tmp_path):
    ng = Ng().interface(tsresol=12, tsoffset=-10)
    ng.names().secrets().custom().statistics()
    ng.packet(b"before 1970", 5 * 10**12, ["7,x"]).packet(b"now", 10**13, ["7,x", "more"])
    ng.packet(b"cut", 10**13 + 1234, ["7,x"]).simple(b"no time")
    ng.interface(tsresol=6).packet(b"after 2106", 2**32 * 10**6, ["7,x"], interface=1)
    ng.packet(b"the last moment", 2**32 * 10**6 - 1, ["7,x"], interface=1)
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    done = run("strip", "-W", tmp_path / "out.pcap", tmp_path / "in.pcapng")
    assert done.stderr.splitlines() == [
        "labelcap strip: 1 packet written with time 0: no time in the input",
        "labelcap strip: 1 time rounded down: finer than the output can hold",
        "labelcap strip: 2 times set to the limits of pcap: outside 1970 to 2106",
        "labelcap strip: 4 blocks left out: not possible in pcap",
        "labelcap strip: 1 packet written without comments and other options: not possible in pcap",
        "labelcap strip: removed 5 labels from 6 packets",
    ]
    assert [(p.data, p.time_ns) for p in read_packets(tmp_path / "out.pcap")] == [
        (b"before 1970", 0), (b"now", 0), (b"cut", 1), (b"no time", 0),
        (b"after 2106", 2**32 * 10**9 - 1), (b"the last moment", 2**32 * 10**9 - 1000)]


def test_nonsense_times_of_a_real_capture(run, shared, tmp_path):
    """NFS and DHCP packets with times in the year 2,000,000 or so; pcap holds them at 2106."""
    capture = shared / "captures/apps/dhcp/nfs-dhcp_little_endian.pcapng"
    if not capture.exists():
        pytest.skip("not in this set of captures")
    done = run("strip", "-W", tmp_path / "out.pcap", capture)
    assert "set to the limits of pcap: outside 1970 to 2106" in done.stderr
    was, now = read_packets(capture, strict=False), read_packets(tmp_path / "out.pcap")
    for packet in was:
        unit = 1 if (tmp_path / "out.pcap").read_bytes()[1] == 0x3C else 1000
        packet.time_ns = max(0, min(2**32 * 10**9 - unit, packet.time_ns))
        packet.comments = []
    assert now == was


def test_a_finer_interface_that_comes_late(run, tmp_path):
    """A file is looked through for the finest interface; a pipe cannot be."""
    ng = Ng().interface().packet(b"coarse", 1)
    ng.interface(tsresol=9).packet(b"fine", 1001, interface=1)
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    output = tmp_path / "out.pcap"
    run("strip", "-W", output, tmp_path / "in.pcapng")
    assert [packet.time_ns for packet in read_packets(output)] == [1000, 1001]
    output.unlink()
    done = run("strip", "-W", output, "-", check=False, text=False, input=bytes(ng))
    assert (done.returncode, done.stderr.decode()) == (
        1, f"labelcap strip: {output}: packet of 1970-01-01T00:00:00.000001001Z needs nanoseconds, "
        "but this pcap file has microseconds (write pcapng instead): use --format pcapng, or a "
        "regular file as the input\n")
    assert not output.exists()
    run("strip", "--format", "pcapng", "-W", output, "-", text=False, input=bytes(ng))
    assert [packet.time_ns for packet in read_packets(output)] == [1000, 1001]


def test_tcpdump_and_tshark_read_what_is_left(run, shared, tmp_path):
    """The same packets to both, whatever was labelled before."""
    capture = shared / "peers/pcapml/test.pcapng"
    for tool in ("tcpdump", "tshark"):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")
    output = strip(run, capture, tmp_path / "out.pcap")
    expected = shared / "peers/pcapml/test_strip.pcap"
    texts = [[subprocess.run(["tcpdump", "-nn", "-e", "-r", path], capture_output=True,
                             text=True).stdout.splitlines() for path in (output, expected)],
             [subprocess.run(["tshark", "-n", "-r", path], capture_output=True,
                             text=True).stdout.splitlines() for path in (output, expected)]]
    for ours, theirs in texts:
        assert len(ours) > 100 and ours == theirs


def test_labels_that_editcap_has_given(run, shared, tmp_path):
    """Another program labels every packet of a capture; strip gives the capture back."""
    if not shutil.which("editcap"):
        pytest.skip("editcap is not installed")
    for name in ("telnet", "ftp", "http_ipv6"):
        capture = shared / f"peers/inputs/{name}.pcap"
        packets = read_packets(capture)
        labels = [word for number in range(1, len(packets) + 1)
                  for word in ("-a", f"{number}:{number % 5},class, {name}")]
        subprocess.run(["editcap", "-F", "pcapng", *labels, capture, tmp_path / "in.pcapng"],
                       check=True)
        done = run("strip", "-f", "-W", tmp_path / "out.pcap", tmp_path / "in.pcapng")
        count = f"{len(packets):,}"
        assert done.stderr == f"labelcap strip: removed {count} labels from {count} packets\n"
        assert read_packets(tmp_path / "out.pcap") == packets


# ---- --snaplen, --linktype ----


@pytest.mark.parametrize("ending", ["pcap", "pcapng", "pcapng.gz"])
@pytest.mark.parametrize("snaplen", [1, 54, 262144])
def test_packets_are_cut_as_editcap_cuts_them(run, label, repo, tmp_path, snaplen, ending):
    """The same bytes, lengths and times, and tcpdump reads the output whole."""
    capture = repo / "datasets/mixed/mixed.pcap"
    labelled = label("BPF:len >= 0,all,k\n", "-q", capture).output
    stripped = strip(run, labelled, tmp_path / f"cut.{ending}", "--snaplen", snaplen)
    subprocess.run(["editcap", "-s", str(snaplen), capture, tmp_path / "editcap.pcap"], check=True)
    expected = [packet.bare() for packet in read_packets(tmp_path / "editcap.pcap")]
    assert [packet.bare() for packet in read_packets(stripped)] == expected
    plain = gzip.decompress(stripped.read_bytes()) if ending.endswith(".gz") else stripped.read_bytes()
    tcpdump = subprocess.run(["tcpdump", "-n", "-r", "-"], input=plain, check=True,
                             capture_output=True)
    assert tcpdump.stdout.count(b"\n") >= len(expected)


def lying_captures(tmp_path):
    """Raw IP that says it is Ethernet, as pcap and as pcapng in both byte orders."""
    packet = bytes.fromhex("4500001f000100004011 66cb0a0000010a0000020005003500 0b0000616263")
    yield pcap([(packet, 10**9)], linktype=ETHERNET)
    for order in "<>":
        yield bytes(Ng(order).interface(linktype=ETHERNET).packet(packet, 10**9))


def test_a_header_that_lies_is_put_right(run, label, tmp_path):
    """editcap -T is the oracle of the link type, tshark and tcpdump of the packets."""
    for number, data in enumerate(lying_captures(tmp_path)):
        lie, truth = tmp_path / f"lie{number}", tmp_path / f"truth{number}"
        lie.write_bytes(data)
        subprocess.run(["editcap", "-F", "pcapng", "-T", "rawip", lie, truth], check=True)
        for name in "RAW", "raw", "101":
            for ending in "pcap", "pcapng":
                out = strip(run, lie, tmp_path / f"out.{ending}", "--linktype", name)
                assert read_packets(out)[0].linktype == read_packets(truth)[0].linktype == RAW
                said = subprocess.run(["tcpdump", "-n", "-r", out], check=True, capture_output=True,
                                      text=True).stdout
                assert "IP 10.0.0.1.5 > 10.0.0.2.53" in said
        rules = "BPF:udp port 53,dns,k\n"
        assert len(read_packets(label(rules, "--linktype", "RAW", lie).output)) == 1
        flows = run("flows", "-q", "--linktype", "RAW", lie).stdout
        assert flows == run("flows", "-q", truth).stdout and flows.count("\n") == 2
        assert '"RAW"' in run("info", "--json", "--linktype", "RAW", lie).stdout
        run("sort", "-f", "-o", tmp_path / "s.pcapng", "--linktype", "RAW", lie)
        assert read_packets(tmp_path / "s.pcapng")[0].linktype == RAW


@pytest.mark.parametrize("name,fault", [
    ("RWA", "'RWA' is not a link type; did you mean RAW?"),
    ("65536", "'65536' is not a link type; expected a number up to 65535 or a name of"),
    ("", "'' is not a link type; expected a number"),
])
def test_link_types_that_are_none(run, tmp_path, name, fault):
    done = run("strip", "--linktype", name, "-o", tmp_path / "x", tmp_path / "y", check=False)
    assert done.returncode == 2 and fault in done.stderr
