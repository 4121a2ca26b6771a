"""label over files, directories and streams: order, names, interfaces, link types, damage."""

import gzip
import json
import os
import subprocess

import pytest

import labels
from captures import (ETHERNET, RAW, TSRESOL, Ng, pcap, pcapng_packets, read_bytes,
                      read_packets)
from labels import capinfos, tcpdump, tshark
from pcapng_walk import INTERFACE, NAMES, SECRETS, SECTION, walk

ALL = "BPF:len >= 0,all\n"


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(data))
    return path


def numbered(*numbers, **options):
    """A pcap of one packet for each number, which is its data and its second."""
    return pcap([(b"%04d" % n, n * 10**9) for n in numbers], **options)


def contents(path):
    return [int(packet.data) for packet in read_packets(path)]


def metadata(path):
    return [packet.label[1] if packet.label else None for packet in read_packets(path)]


def zstd(data):
    return subprocess.run(["zstd", "-qc"], input=data, capture_output=True, check=True).stdout


# ---- what is read, and in which order ----


def test_operands_in_order_and_directories_sorted(label, tmp_path):
    """The files of a directory come in natural order of their paths, wherever they lie."""
    names = ["b/2.pcap", "a/z/9.pcap", "a.pcap", "a/y.pcap", "B.pcap", "b/10.pcap", "\u00e9.pcap",
             "a/.hidden", "a-b.pcap"]
    folder = tmp_path / "in"
    in_order = ["B.pcap", "a/.hidden", "a/y.pcap", "a/z/9.pcap", "a-b.pcap", "a.pcap", "b/2.pcap",
                "b/10.pcap", "\u00e9.pcap"]
    for name in reversed(names):
        write(folder / name, numbered(in_order.index(name)))
    first, last = write(tmp_path / "first", numbered(100)), write(tmp_path / "last", numbered(0))
    expected = [100, *range(len(names)), 0]
    assert contents(label(ALL, first, folder, last).output) == expected
    assert contents(label(ALL, f"{first}", f"{folder}//", last).output) == expected
    done = label(ALL, "a", "a.pcap", ".", cwd=folder)
    assert contents(done.output) == [1, 2, 3, 5, 0, 4, 6, 7, 8]
    assert "4 files left out: other names of files that are read\n" in done.stderr


def test_every_container(label, tmp_path):
    """Told apart by the first bytes, whatever the name; standard input may come in between."""
    pcapng = bytes(Ng().interface().packet(b"0003", 1))
    files = [write(tmp_path / "a.txt", gzip.compress(numbered(1))),
             write(tmp_path / "b.gz", zstd(numbered(2, order=">", ns=True))), "-",
             write(tmp_path / "c.zst", pcapng), write(tmp_path / "d.pcap", zstd(pcapng)),
             write(tmp_path / "e.pcap", gzip.compress(numbered(5)) + gzip.compress(b""))]
    for data in (numbered(77), gzip.compress(numbered(77)), zstd(pcapng.replace(b"0003", b"0077"))):
        done = label(ALL, *files, input=data, text=False)
        assert contents(done.output) == [1, 2, 77, 3, 3, 5]
        assert b"6 of 6 packets labelled, 1 sample; 6 files\n" in done.stderr


def test_a_pipe_and_a_link(label, tmp_path):
    """A link to a directory, or a pipe, is read if it is given itself, not inside a directory."""
    folder = tmp_path / "in"
    write(folder / "real.pcap", numbered(1))
    write(tmp_path / "elsewhere/2.pcap", numbered(2))
    os.symlink(tmp_path / "elsewhere", folder / "directory")
    os.symlink("nowhere", folder / "gone.pcap")
    os.mkfifo(folder / "pipe.pcap")
    done = label(ALL, folder)
    assert contents(done.output) == [1]
    assert f"warning: 2 links left out: not to regular files, such as {folder}/" in done.stderr
    report = json.loads(label(ALL, "--dry-run", "--json", folder).stdout)
    assert (report["inputs_read"], report["links_skipped"]) == (1, 2)
    assert contents(label(ALL, folder / "directory").output) == [2]
    feeder = subprocess.Popen(["sh", "-c", 'cat "$0" > "$1"', folder / "real.pcap",
                               folder / "pipe.pcap"])
    assert contents(label(ALL, folder / "pipe.pcap", timeout=20).output) == [1]
    assert feeder.wait(timeout=20) == 0


def test_links_to_files(label, tmp_path):
    """As git-annex and DVC make them: followed, by their own names, and in their own order."""
    for number, name in enumerate(("10.pcap", "9.pcap", "1.pcap")):
        store = write(tmp_path / f"in/.git/annex/{number}", numbered(number))
        (tmp_path / "in/web").mkdir(exist_ok=True)
        os.symlink(os.path.relpath(store, tmp_path / "in/web"), tmp_path / "in/web" / name)
    rules = "FILE:web/10.pcap,ten\nFILE:web/9.pcap,nine\nFILE:in/web/1.pcap,one\n"
    for operand in ("in", "in/web"):
        done = label(rules.replace("web/", "" if operand == "in/web" else "web/", 2), operand,
                     cwd=tmp_path)
        assert metadata(done.output) == ["one", "nine", "ten"]
        assert ("3 files left out" in done.stderr) == (operand == "in")


def test_one_file_by_several_names(label, tmp_path):
    """Read once: neither a link nor a second hard link adds packets."""
    capture = write(tmp_path / "in/b.pcap", numbered(1))
    os.link(capture, tmp_path / "in/c.pcap")
    os.symlink("b.pcap", tmp_path / "in/a-latest.pcap")
    done = label("FILE:in/b.pcap,b\n", "in", cwd=tmp_path)
    assert metadata(done.output) == ["b"]
    assert "labelcap label: 2 files left out: other names of files that are read\n" in done.stderr
    done = label(ALL, "in", "in/c.pcap", "in/b.pcap", cwd=tmp_path)
    assert contents(done.output) == [1, 1]
    assert ("labelcap label: warning: in/b.pcap: is the same file as in/c.pcap; its packets are "
            "read twice\n") in done.stderr


def test_no_captures_in_a_directory(label, tmp_path):
    """They are skipped and counted, unless a rule or the command line names them."""
    folder = tmp_path / "in"
    write(folder / "a.pcap", numbered(1))
    write(folder / "notes.txt", b"no capture")
    write(folder / "old.7z", b"7z\xbc\xaf\x27\x1c" + bytes(40))
    done = label(ALL, folder)
    assert contents(done.output) == [1]
    assert "labelcap label: 2 files skipped: not captures\n" in done.stderr
    for arguments in (("FILE:notes.txt,x\n" + ALL, folder), (ALL, folder / "notes.txt")):
        done = label(*arguments, check=False)
        assert done.returncode == 1 and not done.output.exists()
        assert f"{folder}/notes.txt: not a capture" in done.stderr, done.stderr


def test_no_packet_says_nothing_about_the_rules(label, tmp_path):
    """Neither where there is no capture at all, nor where one holds no packet."""
    done = label(ALL, write(tmp_path / "none/x", b"x").parent, check=False)
    assert done.returncode == 1 and not done.output.exists()
    assert done.stderr == "labelcap label: no capture among the inputs; 1 file skipped\n"
    done = label(ALL, write(tmp_path / "empty.pcap", b""))
    assert done.stderr.count("warning: ") == 1 and "empty.pcap: is empty\n" in done.stderr
    assert [block.type for block in walk(done.output)] == [SECTION]
    assert label(ALL, tmp_path / "empty.pcap", "--strict").stderr == done.stderr


def test_a_rule_names_an_empty_file(label, tmp_path):
    """It is a capture without packets: the rule labels none, and that is told."""
    write(tmp_path / "in/a.pcap", numbered(1))
    write(tmp_path / "in/empty.pcap", b"")
    done = label("FILE:empty.pcap,x\n" + ALL, tmp_path / "in")
    assert contents(done.output) == [1]
    assert f"warning: {tmp_path}/in/empty.pcap: is empty\n" in done.stderr
    assert "rules.csv:1: labelled no packet: FILE:empty.pcap\n" in done.stderr


@pytest.mark.parametrize("operand, message", [
    ("missing.pcap", "missing.pcap: cannot open: No such file or directory"),
    ("a.pcap/b", "a.pcap/b: cannot open: Not a directory"),
])
def test_inputs_that_cannot_be_read(label, tmp_path, operand, message):
    write(tmp_path / "a.pcap", numbered(1))
    done = label(ALL, "a.pcap", operand, cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (1, f"labelcap label: {message}\n")
    assert not done.output.exists()


def test_own_output_in_the_directory(label, tmp_path):
    """Also by another name, and what another run has not finished."""
    write(tmp_path / "in/a.pcap", numbered(1))
    write(tmp_path / "in/.labelcap-AbCdEf.part", numbered(2))
    rules = tmp_path / "rules"
    rules.write_text(ALL)
    for _ in range(2):
        done = label(rules, tmp_path / "in", output="in/out.pcapng")
        assert contents(done.output) == [1]
    os.link(done.output, tmp_path / "in/again.pcapng")
    os.symlink(done.output, tmp_path / "link.pcapng")
    done = label(rules, "-f", "-W", tmp_path / "link.pcapng", tmp_path / "in")
    assert contents(tmp_path / "link.pcapng") == [1]
    os.link(tmp_path / "in/again.pcapng", tmp_path / "in/third.pcapng")
    done = label(rules, "-f", "-W", tmp_path / "in/again.pcapng", tmp_path / "in/third.pcapng",
                 check=False)
    assert done.returncode == 1
    assert done.stderr.endswith(
        f"labelcap label: {tmp_path}/in/third.pcapng: is the same file as the output\n")


# ---- which file a rule names ----


def test_names_of_files(label, tmp_path):
    """The path as walked, the path below the directory, or a bare name that only one file has."""
    for name in ("in/x/a.pcap", "in/y/a.pcap", "in/x/only.pcap", "in/top.pcap", "other.pcap"):
        write(tmp_path / name, numbered(1))
    rules = ("FILE:x/a.pcap,below\nFILE:in/y/a.pcap,walked\nFILE:only.pcap,bare\n"
             "FILE:./in//top.pcap,untidy\nFILE:other.pcap,operand\n")
    done = label(rules, "in", "other.pcap", cwd=tmp_path)
    assert metadata(done.output) == ["untidy", "below", "bare", "walked", "operand"]
    assert "warning" not in done.stderr
    done = label(f"FILE:{tmp_path}/in/x/a.pcap,absolute\n", tmp_path / "in")
    assert metadata(done.output) == ["absolute"]


def test_a_bare_name_of_several_files(label, tmp_path):
    for number in range(5):
        write(tmp_path / f"in/{number}/a.pcap", numbered(number))
    done = label(ALL + "FILE:a.pcap,which\n", "in", cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (
        1, f'labelcap label: {tmp_path}/rules.csv:2:6: "a.pcap" names 5 inputs: in/0/a.pcap, '
        "in/1/a.pcap, in/2/a.pcap, ...\n")
    assert not done.output.exists()


def test_rules_for_the_very_file(label, tmp_path):
    """Rules of one file and of any file compete in the order of the rules file."""
    for name in "abc":
        write(tmp_path / f"in/{name}.pcap", numbered(*range(1, 7)))
    rules = ("FILE:b.pcap|TS_START:5,b late\nTS_END:2,early\nFILE:a.pcap|TS_END:3,a early\n"
             "BPF:len >= 0|TS_END:4,any\nFILE:a.pcap,a\nFILE:c.pcap|BPF:len > 9,never\n")
    done = label(rules, "--keep-unmatched", "in", cwd=tmp_path)
    assert metadata(done.output) == [
        "early", "early", "a early", "any", "a", "a", "early", "early", "any", "any", "b late",
        "b late", "early", "early", "any", "any", None, None]


# ---- interfaces ----


def test_snap_lengths_that_differ_open_in_tcpdump(label, tmp_path):
    files = [write(tmp_path / f"{snaplen}.pcap", numbered(n, snaplen=snaplen))
             for n, snaplen in enumerate((96, 65535, 0, 262144))]
    done = label(ALL, *files)
    interfaces = [block for block in walk(done.output) if block.type == INTERFACE]
    assert [block.snaplen for block in interfaces] == [0]
    assert len(tcpdump(done.output)) == 4 * 20
    done = label(ALL, files[0])
    assert [block.snaplen for block in walk(done.output) if block.type == INTERFACE] == [96]


def test_interfaces_are_merged_and_renumbered(label, tmp_path):
    """Those of one description become one; others stay apart, with all that they say."""
    def capture(*interfaces):
        ng = Ng()
        for options in interfaces:
            ng.interface(options=options)
        for number in range(len(interfaces)):
            ng.packet(b"%04d" % number, number, interface=number)
        return ng

    eth0, eth1, fine = [(2, b"eth0")], [(2, b"eth1")], [(2, b"eth0"), (TSRESOL, b"\x09")]
    files = [write(tmp_path / "a", capture(eth0, eth1)), write(tmp_path / "b", capture(eth1, fine)),
             write(tmp_path / "c", capture(eth0, eth0, eth1))]
    done = label(ALL, *files)
    blocks = walk(done.output)
    # Two alike in one section are two interfaces.
    assert [block.options for block in blocks if block.type == INTERFACE] == [
        eth0, eth1, fine, eth0]
    assert [block.interface for block in blocks if block.data] == [0, 1, 1, 2, 0, 3, 1]
    assert [row[0] for row in tshark(done.output, "frame.interface_id")] == list("0112031")


def test_mixed_byte_orders_and_resolutions(label, tmp_path):
    """One section in the order of the first input; every time as it was."""
    moment = 1_600_000_000_123_456_789
    def ng(order, tsresol, ticks, tsoffset=None):
        return Ng(order).interface(tsresol=tsresol, tsoffset=tsoffset).packet(
            b"0001", ticks, comments=["note"], options=[(2, Ng(order).pack("I", 1))])

    files = {
        "be-us": (pcap([(b"0001", moment)], ">"), moment // 1000 * 1000),
        "le-ns": (pcap([(b"0001", moment)], "<", ns=True), moment),
        "be-ns": (pcap([(b"0001", moment)], ">", ns=True), moment),
        "le-ng": (ng("<", 9, moment), moment),
        "be-ng": (ng(">", 9, moment), moment),
        "le-2^20": (ng("<", 0x94, (moment << 20) // 10**9), None),
        "be-offset": (ng(">", 9, moment - 3600 * 10**9, 3600), moment),
        "le-ms": (ng("<", 3, moment // 10**6), moment // 10**6 * 10**6),
    }
    paths = [write(tmp_path / name, data) for name, (data, _) in files.items()]
    wanted = [read_packets(path)[0].time_ns for path in paths]
    assert all(known in (None, time) for (_, known), time in zip(files.values(), wanted))
    for ordered in (paths, paths[::-1]):
        done = label(ALL, *ordered)
        assert {block.big_endian for block in walk(done.output)} == {ordered is paths}
        packets = read_packets(done.output)
        assert [packet.time_ns for packet in packets] == (
            wanted if ordered is paths else wanted[::-1])
        assert sum(packet.comments[1:] == [b"note"] for packet in packets) == 5
        for _, block, _ in pcapng_packets(read_bytes(done.output)):
            assert [int.from_bytes(value, "big" if block.big_endian else "little")
                    for value in block.values(2)] in ([1], [])
        times = [row[0] for row in tshark(done.output, "frame.time_epoch")]
        assert times.count("1600000000.123456789") == 5


def test_several_sections(label, tmp_path):
    """Of several sections one is made, and interface 0 of each keeps its packets."""
    ng = Ng("<", [(4, b"first")]).interface(options=[(2, b"a")]).packet(b"0001", 1)
    ng.section(">", [(4, b"second")]).interface(options=[(2, b"b")], tsresol=9).packet(b"0002", 2)
    ng.section("<").interface(options=[(2, b"a")]).packet(b"0003", 3)
    done = label(ALL, write(tmp_path / "in.pcapng", ng))
    blocks = walk(done.output)
    assert [block.values(4) for block in blocks if block.type == SECTION] == [[b"first"]]
    assert [block.interface for block in blocks if block.data] == [0, 1, 0]
    assert ("labelcap label: 1 section header merged into the first: the output names only "
            "its system and program\n" in done.stderr)


# ---- link types ----


def mixed_linktypes():
    ng = Ng().names().interface().interface(linktype=RAW).interface(linktype=276)
    for number in range(9):
        ng.packet(b"%04d" % number + bytes(40), number, interface=number % 3)
    return ng.secrets()


@pytest.mark.parametrize("options", [[], ["-s"]])
def test_several_linktypes(label, tmp_path, options):
    capture = write(tmp_path / "in.pcapng", mixed_linktypes())
    done = label(ALL, *options, capture)
    warning = (f"labelcap label: warning: {done.output}: has 3 link types; tcpdump and others "
               "refuse such files (use label --split-linktypes)\n")
    assert warning in done.stderr
    assert [packet.linktype for packet in read_packets(done.output)] == [1, 101, 276] * 3
    with pytest.raises(ValueError, match="interface"):
        tcpdump(done.output)
    # A warning about the output is none about the rules.
    assert label(ALL, "--strict", capture).output.exists()

    done = label(ALL, *options, "--split-linktypes", capture, output="split.pcapng")
    assert "link types" not in done.stderr and not done.output.exists()
    assert sorted(path.name for path in tmp_path.glob("split*")) == [
        f"split.{name}.pcapng" for name in ("ethernet", "linux_sll2", "raw")]
    for first, name in enumerate(("ethernet", "raw", "linux_sll2")):
        path = tmp_path / f"split.{name}.pcapng"
        assert len(tcpdump(path)) == 3 * (16 + 44)
        numbers = [int(packet.data[:4]) for packet in read_packets(path)]
        assert numbers == [first, first + 3, first + 6]
        kinds = [block.type for block in walk(path)]
        assert (kinds.count(NAMES), kinds.count(SECRETS), kinds.count(INTERFACE)) == (1, 1, 1)


def test_interfaces_without_packets_count_as_linktypes(label, tmp_path):
    """tcpdump refuses the output because of them."""
    others = write(tmp_path / "raw.pcap", pcap([(bytes(20), 10**9)], linktype=RAW))
    done = label("FILE:a.pcap,x\n", write(tmp_path / "a.pcap", numbered(1)), others)
    tcpdump = subprocess.run(["tcpdump", "-n", "-r", done.output], capture_output=True, text=True)
    assert "different from the type of the first" in tcpdump.stderr
    assert f"{done.output}: has 2 link types; tcpdump and others refuse" in done.stderr


def test_filters_are_compiled_for_each_linktype(label, tmp_path):
    ip = bytes.fromhex("4500001c000000004011000001020304050607080035003500080000")
    ethernet = bytes(12) + b"\x08\x00" + ip
    files = [write(tmp_path / f"{linktype}.pcap", pcap([(data, 10**9)], linktype=linktype))
             for linktype, data in ((ETHERNET, ethernet), (RAW, ip), (228, ip), (12, ip))]
    done = label("BPF:udp port 53 and host 1.2.3.4,dns\n", *files)
    assert metadata(done.output) == ["dns"] * 4


# ---- damage ----


def test_damage_ends_one_file_only(label, tmp_path):
    whole = numbered(1, 2, 3)
    files = {
        "a.pcap": (numbered(10), [10], None),
        "b.pcap": (whole[:-3], [1, 2], "offset 64: truncated packet record: expected 4 bytes of "
                                       "data, found 1"),
        "c.pcapng": (bytes(Ng().interface().packet(b"0020", 1)) + b"\x06\0\0\0\xff\xff\0\0", [20],
                     "offset 84: block length: expected a multiple of 4"),
        "d.pcap.gz": (gzip.compress(numbered(30, 31))[:-9], None, "d.pcap.gz"),
        "e.pcap": (whole[:10], [], "e.pcap"),
        "f.pcap": (numbered(40), [40], None),
    }
    for name, (data, _, _) in files.items():
        write(tmp_path / "in" / name, data)
    report = tmp_path / "report.json"
    done = label(ALL, "--stats-json", report, tmp_path / "in", check=False)
    assert done.returncode == 1
    found = contents(done.output)
    assert [n for n in found if n < 30] == [10, 1, 2, 20] and found[-1] == 40
    for name, (_, _, message) in files.items():
        lines = [line for line in done.stderr.splitlines() if f"/in/{name}: " in line]
        assert len(lines) == (message is not None) and (message or "") in "".join(lines), name
    assert json.loads(report.read_text())["inputs_damaged"] == 4
    walk(done.output)


def test_prefixes_of_a_capture(label, tmp_path):
    """Whole packets come out labelled, the rest is told; none of it makes the output unsound."""
    captures = {"pcap": numbered(1, 2, 3), "pcapng": bytes(
        Ng().interface().packet(b"0001", 1).packet(b"0002", 2, comments=["x"]).packet(b"0003", 3))}
    for kind, data in captures.items():
        whole = read_packets(write(tmp_path / "in", data))
        most = 0
        # An odd step, so that each place in a word has its turn, up to the last byte.
        for length in [*range(0, len(data), 3), len(data) - 1]:
            capture = write(tmp_path / "in", data[:length])
            done = label(ALL, "-q", capture, check=False)
            if not done.output.exists():
                assert done.returncode == 1 and length < 24, (kind, length)
                continue
            packets = read_packets(done.output)
            assert len(packets) >= most, (kind, length)
            most = len(packets)
            assert [p.bare() for p in packets] == [p.bare() for p in whole[:most]]
            told = [line for line in done.stderr.splitlines() if "warning" not in line]
            assert (done.returncode == 1) == (told != []), (kind, length)
        assert most == len(whole) - 1


# ---- a great many files ----


def test_ten_thousand_files(label, tmp_path):
    folder = tmp_path / "in"
    for number in range(10_000):
        path = folder / f"{number % 100:02}/{number:04}.pcap"
        if number < 100:
            path.parent.mkdir(parents=True)
        path.write_bytes(numbered(number, number))
    rules = "".join(f"FILE:{n % 100:02}/{n:04}.pcap,class {n % 7},\n" for n in range(10_000))
    report = tmp_path / "report.json"
    done = label(rules, folder, "--stats-json", report)
    assert "20,000 of 20,000 packets labelled, 10,000 samples; 10,000 files\n" in done.stderr
    assert "FILE:" not in done.stderr  # no table of 10,000 lines unasked
    packets = read_packets(done.output)
    assert [packet.label[1] for packet in packets] == [
        f"class {int(packet.data) % 7}" for packet in packets]
    assert len({packet.label[0] for packet in packets}) == 10_000
    figures = json.loads(report.read_text())
    assert [rule["packets"] for rule in figures["rules"]] == [2] * 10_000
    assert capinfos(done.output)["Number of packets"] == "20000"
    for line in (b"FILE:00/0000.pcap,class 0,", b"FILE:99/9999.pcap,class 3,"):
        assert labels.label_of(line).encode() in {packet.comments[0] for packet in packets}


def test_ten_thousand_filters(label, tmp_path):
    """Each filter is one packet's own; the order of the packets is not that of the rules."""
    def packet(n):
        return bytes.fromhex("0000000000000000000000000800" "4500001c00000000401100000a") + bytes(
            [n >> 16 & 255, n >> 8 & 255, n & 255]) + bytes.fromhex("0a0000010035003500080000")

    order = [n * 7919 % 10_000 for n in range(10_000)]
    write(tmp_path / "in.pcap", pcap([(packet(n), n * 10**9) for n in order]))
    rules = "".join(f"BPF:src host 10.{n >> 16}.{n >> 8 & 255}.{n & 255} and udp,rule {n},\n"
                    for n in range(10_000))
    done = label(rules, tmp_path / "in.pcap")
    assert metadata(done.output) == [f"rule {n}" for n in order]


def test_a_hundred_thousand_rules(label, tmp_path):
    packet = bytes.fromhex("00000000000000000000000008004500001c00000000401100000a000001ac100001"
                           "0035003500080000")
    write(tmp_path / "in.pcap", pcap([(packet, 10**9), (bytes(60), 2 * 10**9)]))
    rules = "".join(f"BPF:udp and net {1 + n // 60_000}.{n >> 8 & 255}.{n & 255}.0/24,r{n},\n"
                    for n in range(99_999)) + "BPF:udp and host 172.16.0.1,last,\n"
    done = label(rules, "-q", tmp_path / "in.pcap")
    assert metadata(done.output) == ["last"]
    # A thousand of the 99,999 are told one by one, the others in one warning.
    assert "981 more warnings not shown (--stats-json FILE lists them all)" in done.stderr
