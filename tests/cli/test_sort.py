"""sort: order, stability, bounded memory, merging; the same bytes whatever the memory."""

import gzip
import itertools
import random
import shutil
import struct
import subprocess

import pytest

from captures import GREAT_WINDOW, RAW, Ng, padded, pcap, read_packets
from pcapng_walk import CUSTOM, INTERFACE, NAMES, PACKET, SECRETS, SECTION, STATISTICS, walk

NO_LABEL = (1, 0)


def sample_key(packet):
    """As DESIGN.md has it: sampleID, then time, no time first; what has no label comes last."""
    label = packet.label
    time = -2**63 if packet.time_ns is None else packet.time_ns
    return ((0, label[0]) if label else NO_LABEL), time


def time_key(packet):
    return -2**63 if packet.time_ns is None else packet.time_ns


def shuffled(seed, count, samples=50, size=60):
    """A labelled capture in no order: few times, so that many packets are equal in it."""
    chance = random.Random(seed)
    ng = Ng().interface(tsresol=9).interface(linktype=RAW)
    for number in range(count):
        sample = chance.choice([chance.randrange(samples), 2**64 - 1 - chance.randrange(3)])
        comments = [f"{sample},label {sample % 7}"] if chance.random() < 0.9 else []
        interface = chance.randrange(2)
        time = chance.randrange(40) * (1000 if interface == 0 else 1)
        ng.packet(number.to_bytes(4, "big") + bytes(chance.randrange(size)), time, comments,
                  interface)
    return bytes(ng)


def sort(run, output, *args):
    return run("sort", "-q", "-f", "-W", output, *args)


def test_order_is_that_of_a_stable_sort(run, tmp_path):
    """Python's sort is the oracle; packets differ in their number, so stability shows."""
    capture, output = tmp_path / "in.pcapng", tmp_path / "out.pcapng"
    for seed in range(5):
        capture.write_bytes(shuffled(seed, 500))
        packets = read_packets(capture)
        for by, key in (("sample", sample_key), ("time", time_key)):
            sort(run, output, "--by", by, capture)
            assert read_packets(output) == sorted(packets, key=key), (seed, by)


def test_packets_without_a_time_come_first_in_their_sample(run, tmp_path):
    ng = Ng().interface(tsoffset=-100)
    ng.packet(b"1970", 100_000_000).simple(b"bare").packet(b"before 1970", 0)
    ng.packet(b"labelled", 0, ["5,x"]).simple(b"bare too")
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    sort(run, tmp_path / "out.pcapng", tmp_path / "in.pcapng")
    assert [packet.data for packet in read_packets(tmp_path / "out.pcapng")] == [
        b"labelled", b"bare", b"bare too", b"before 1970", b"1970"]


def test_bytes_do_not_depend_on_memory(run, tmp_path):
    """3 MB through 1 MiB (the least there is), 4 MiB and plenty, with one thread and with several; from
    a pipe as from a file."""
    capture = tmp_path / "in.pcapng"
    capture.write_bytes(shuffled(7, 9000, samples=300, size=600))
    assert capture.stat().st_size > 3 << 20
    for by in ("sample", "time"):
        outputs = []
        for memory, threads in (("1", 1), ("1M", 2), ("4M", 2), ("5M", 7), ("1G", 2)):
            output = tmp_path / f"{memory}.pcapng"
            sort(run, output, "--by", by, "--memory", memory, "-j", threads, capture)
            outputs.append(output.read_bytes())
        outputs.append(run("sort", "--by", by, "--memory", "1M", "--tmpdir", tmp_path, "-W", "-",
                           "-", input=capture.read_bytes(), text=False).stdout)
        assert len(set(outputs)) == 1 and len(outputs[0]) == capture.stat().st_size
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["in.pcapng", "1.pcapng", "1M.pcapng", "4M.pcapng", "5M.pcapng", "1G.pcapng"])


def odd_sections(seed, count, long, order):
    """Two sections of that byte order, in which packets of many kinds come in no order; the first
    `long` packets of each are ten times as long as the others."""
    chance = random.Random(seed)
    ng = Ng(order)
    for part in range(2):
        if part:
            ng.section(order)
        ng.interface(tsresol=6, options=[(2, b"eth%d" % seed)]).interface(linktype=RAW).names()
        for number in range(count):
            data = bytes([seed, part]) + number.to_bytes(4, "big")
            data += bytes(chance.randrange(400 if number < long else 40))
            time, interface = chance.randrange(30), chance.randrange(2)
            comments = [f"{chance.randrange(40)},x"] if chance.random() < 0.8 else []
            kind = chance.randrange(40)
            if kind == 0:
                ng.simple(data)
            elif kind == 1:
                ng.old_packet(data, time, chance.randrange(3), interface)
            elif kind == 2:  # its padding, and the length of the end of its options, become zeros
                ng.packet(data, time, comments, interface, options=[(2, b"\1\0\0\0")])
                ng.data[-8:-4] = b"\0\0\4\0"
            else:
                ng.packet(data, time, comments, interface)
        ng.statistics().custom()
    return bytes(ng)


@pytest.mark.parametrize("count, long", [(4000, 4000), (25000, 3000)])
def test_blocks_that_stay_in_their_files(run, tmp_path, count, long):
    """The same bytes as of blocks that are held, as those of packed inputs are: for any memory and
    threads, of several files, byte orders and formats. What fits into memory needs no temporary
    file."""
    inputs = {"a.pcapng": odd_sections(1, count, long, "<"), "b.pcap": pcap([(b"bare", 1000)] * 3),
              "c.pcapng": odd_sections(2, count // 20, 50, ">")}
    packed, plain = tmp_path / "packed", tmp_path / "plain"
    packed.mkdir()
    plain.mkdir()
    for name, data in inputs.items():
        (plain / name).write_bytes(data)
        (packed / name).write_bytes(gzip.compress(data, 1))
    output = tmp_path / "out.pcapng"
    sort(run, output, packed)
    expected = output.read_bytes()
    for memory, threads in (("1M", 1), ("2M", 2), ("4M", 7)):
        sort(run, output, "--memory", memory, "-j", threads, plain)
        assert output.read_bytes() == expected, (memory, threads)
    for folder, memory, fails in ((packed, "1M", True), (plain, "1M", True), (plain, "1G", False)):
        done = run("sort", "-f", "--memory", memory, "--tmpdir", "/nowhere", "-o", output, folder,
                   check=False)
        assert (done.returncode != 0) == fails, done.stderr
        assert fails or output.read_bytes() == expected


def test_windows_are_given_up(run, tmp_path):
    """For blocks that are held and turn out to be more than those that stay in their file."""
    plain, packed = tmp_path / "a.pcapng", tmp_path / "b.pcapng.gz"
    plain.write_bytes(shuffled(3, 3000, size=500))
    packed.write_bytes(gzip.compress(shuffled(4, 9000, size=500), 1))
    outputs = []
    for memory, threads in (("1M", 1), ("4M", 2), ("1G", 1)):
        sort(run, tmp_path / "out.pcapng", "--memory", memory, "-j", threads, plain, packed)
        outputs.append((tmp_path / "out.pcapng").read_bytes())
    assert outputs[0] == outputs[1] == outputs[2]


def test_few_samples_in_order_of_time(run, tmp_path):
    """What is long in the file and in order is written to its place, window after window: the same
    bytes as one block after another, as a stream has it, and as runs in little memory."""
    ng = Ng().interface(tsresol=9).names()
    for number in range(3500):
        data = number.to_bytes(4, "big") * (10 if number % 7 else 1100)
        if number % 500 == 499:
            ng.simple(data).names()
        ng.packet(data, number, [f"{number % 5 * 3 % 5},x"])
        if number % 300 == 299:  # becomes another block, so it does not stay in its file
            ng.old_packet(data, number, 1, 0)
    ng.statistics()
    capture, output, little = (tmp_path / name for name in ("in.pcapng", "out.pcapng", "1M.pcapng"))
    second = Ng().interface(tsresol=9)
    for number in range(2900):
        second.packet(bytes([number % 256]) * 4000, 9000 + number, [f"{number % 5},x"])
    capture.write_bytes(bytes(ng))
    other = tmp_path / "other.pcapng"
    other.write_bytes(bytes(second))
    sort(run, little, "--memory", "1M", capture, other)
    for threads in (1, 3):
        sort(run, output, "--memory", "5M", "-j", threads, capture, other)
        assert output.read_bytes() == little.read_bytes()
    streamed = run("sort", "--memory", "1G", "-W", "-", capture, other, text=False).stdout
    assert streamed == output.read_bytes()
    packets = read_packets(capture) + read_packets(other)
    assert ([packet.data for packet in read_packets(output)] ==
            [packet.data for packet in sorted(packets, key=sample_key)])


def test_blocks_longer_than_a_batch(run, tmp_path):
    """Of those that stay in their file; each is more than an eighth of all, and than 8 MiB."""
    capture, output = tmp_path / "in.pcapng", tmp_path / "out.pcapng"
    data = [bytes([number]) * (9 << 20) for number in range(2)]
    ng = Ng().interface(tsresol=9)
    ng.packet(data[0], 2, ["2,x"]).packet(data[1], 1, ["1,x"])
    capture.write_bytes(bytes(ng))
    sort(run, output, "--memory", "1G", capture)
    assert [packet.data for packet in read_packets(output)] == data[::-1]


def test_sorting_twice_changes_nothing(run, tmp_path):
    capture, once, twice = (tmp_path / name for name in ("in.pcapng", "1.pcapng", "2.pcapng"))
    capture.write_bytes(shuffled(3, 400))
    for by in ("sample", "time"):
        sort(run, once, "--by", by, capture)
        sort(run, twice, "--by", by, once)
        assert once.read_bytes() == twice.read_bytes()
        # What the short cut for files in order copies, the sorter writes as well.
        streamed = run("sort", "--by", by, "-W", "-", "-", input=once.read_bytes(), text=False)
        assert streamed.stdout == once.read_bytes()


def test_by_time_undoes_grouping(run, tmp_path):
    """A capture in order of time, with no two equal times, comes back bit by bit."""
    chance = random.Random(11)
    ng = Ng().interface(tsresol=9).names()
    for number in range(500):
        ng.packet(bytes([number % 256]), number * 7, [f"{chance.randrange(20)},x"])
    ng.statistics()
    original, grouped, back = (tmp_path / name for name in ("o.pcapng", "g.pcapng", "b.pcapng"))
    original.write_bytes(bytes(ng))
    sort(run, grouped, original)
    assert grouped.read_bytes() != original.read_bytes()
    sort(run, back, "--by", "time", grouped)
    assert back.read_bytes() == original.read_bytes()


def test_reordercap_agrees_on_time(run, shared, tmp_path):
    if not shutil.which("reordercap"):
        pytest.skip("reordercap is not installed")
    compared = 0
    for path in sorted((shared / "captures/apps").rglob("*.pcapng")):
        if path.stat().st_size > 200_000 or compared == 15:
            continue
        theirs, ours = tmp_path / "theirs.pcapng", tmp_path / "ours.pcapng"
        subprocess.run(["reordercap", path, theirs], capture_output=True, check=True)
        sort(run, ours, "--by", "time", path)
        assert ([packet.bare() for packet in read_packets(ours)] ==
                [packet.bare() for packet in read_packets(theirs, strict=False)]), path
        compared += 1
    assert compared


# ---- blocks that are no packets ----


def kinds(path):
    return [kind for kind, _ in itertools.groupby(block.type for block in walk(path))]


def test_names_and_secrets_come_first_and_the_rest_last(run, tmp_path):
    ng = Ng().interface().packet(b"2", 2, ["7,x"]).statistics().names().custom()
    ng.packet(b"1", 1, ["7,x"]).secrets(b"CLIENT_RANDOM 22 33\n").interface(linktype=RAW).secrets()
    ng.packet(b"0", 0, ["8,y"], interface=1).names(name=b"later.example\0")
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    output = tmp_path / "out.pcapng"
    for options in ((), ("--by", "time"), ("--memory", "1M")):
        sort(run, output, *options, tmp_path / "in.pcapng")
        blocks = walk(output)
        assert [block.type for block in blocks] == [
            SECTION, INTERFACE, INTERFACE, NAMES, SECRETS, SECRETS, NAMES, PACKET, PACKET, PACKET,
            STATISTICS, CUSTOM]
        given = walk(tmp_path / "in.pcapng")
        for kind in (INTERFACE, NAMES, SECRETS, STATISTICS, CUSTOM):
            assert ([block.body for block in blocks if block.type == kind] ==
                    [block.body for block in given if block.type == kind])


def test_a_file_in_order_but_for_its_names_is_sorted(run, tmp_path):
    ng = Ng().interface().packet(b"1", 1, ["7,x"]).names()
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    sort(run, tmp_path / "out.pcapng", tmp_path / "in.pcapng")
    assert kinds(tmp_path / "out.pcapng") == [SECTION, INTERFACE, NAMES, PACKET]


def test_options_and_foreign_comments_stay(run, tmp_path):
    ng = Ng("<", [(1, b"section")]).interface(options=[(2, b"eth0")])
    ng.packet(b"b", 2, ["9,x", "foreign"], options=[(2, b"\1\0\0\0"), (2988, bytes(4) + b"t")])
    ng.packet(b"a", 1, ["8,x", "foreign"], options=[(0x4321, b"unknown")])
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    sort(run, tmp_path / "out.pcapng", tmp_path / "in.pcapng")
    given = walk(tmp_path / "in.pcapng")
    assert [block.body for block in walk(tmp_path / "out.pcapng")] == [
        given[i].body for i in (0, 1, 3, 2)]


# ---- several inputs ----


def test_merging(run, tmp_path):
    """Of both byte orders; interfaces of different inputs that are the same become one; each snap
    length is 0, since tcpdump refuses different ones."""
    a = Ng().interface(options=[(2, b"eth0")], snaplen=96).packet(b"a1", 10, ["1,x"])
    a.packet(b"a2", 20, ["2,y"])
    b = Ng(">").interface(options=[(2, b"eth0")], snaplen=96).packet(b"b1", 5, ["1,x"])
    b.interface(options=[(2, b"eth0")], snaplen=128).packet(b"b2", 10, ["1,x"], interface=1)
    (tmp_path / "a.pcapng").write_bytes(bytes(a))
    (tmp_path / "b.pcapng.gz").write_bytes(gzip.compress(bytes(b)))
    output = tmp_path / "out.pcapng"
    done = run("sort", "-W", output, tmp_path / "a.pcapng", tmp_path / "b.pcapng.gz")
    assert done.stderr == "labelcap sort: sorted 4 packets of 2 samples\n"
    assert [packet.data for packet in read_packets(output)] == [b"b1", b"a1", b"b2", b"a2"]
    assert [block.snaplen for block in walk(output) if block.type == INTERFACE] == [0, 0]
    assert subprocess.run(["tcpdump", "-r", output], capture_output=True).returncode == 0
    # The other way round equal times come in the other order.
    run("sort", "-f", "-W", output, tmp_path / "b.pcapng.gz", tmp_path / "a.pcapng")
    assert [packet.data for packet in read_packets(output)] == [b"b1", b"b2", b"a1", b"a2"]


def test_merging_equals_sorting_what_mergecap_has_put_together(run, tmp_path):
    if not shutil.which("mergecap"):
        pytest.skip("mergecap is not installed")
    for seed in (1, 2):
        (tmp_path / f"{seed}.pcapng").write_bytes(shuffled(seed, 200))
    inputs = [tmp_path / "1.pcapng", tmp_path / "2.pcapng"]
    subprocess.run(["mergecap", "-a", "-w", tmp_path / "both.pcapng", *inputs], check=True)
    sort(run, tmp_path / "merged.pcapng", *inputs)
    sort(run, tmp_path / "sorted.pcapng", tmp_path / "both.pcapng")
    assert read_packets(tmp_path / "merged.pcapng") == read_packets(tmp_path / "sorted.pcapng")
    assert len(read_packets(tmp_path / "merged.pcapng")) == 400


def test_a_directory_is_walked(run, tmp_path):
    """Captures of a directory are merged; what is no capture there is passed over and counted."""
    folder = tmp_path / "in"
    (folder / "below").mkdir(parents=True)
    (folder / "b.pcapng").write_bytes(bytes(Ng().interface().packet(b"b", 2, ["1,x"])))
    (folder / "below/a.pcapng").write_bytes(bytes(Ng().interface().packet(b"a", 1, ["1,x"])))
    (folder / "notes.txt").write_text("these are the captures of Monday")
    output = folder / "out.pcapng"
    for _ in range(2):  # the second time the output is among them, and left out
        done = run("sort", "-f", "-W", output, folder)
        assert done.stderr == ("labelcap sort: 1 file skipped: not a capture\n"
                               "labelcap sort: sorted 2 packets of 1 sample\n")
        assert [packet.data for packet in read_packets(output)] == [b"a", b"b"]


def test_one_file_twice_is_told(run, tmp_path):
    (tmp_path / "a.pcapng").write_bytes(bytes(Ng().interface().packet(b"a", 1, ["1,x"])))
    (tmp_path / "b.pcapng").symlink_to("a.pcapng")
    a, b = tmp_path / "a.pcapng", tmp_path / "b.pcapng"
    done = run("sort", "-W", tmp_path / "out.pcapng", a, b)
    assert done.stderr == (f"labelcap sort: warning: {b}: is the same file as {a}; its packets "
                           "are read twice\nlabelcap sort: sorted 2 packets of 1 sample\n")
    assert len(read_packets(tmp_path / "out.pcapng")) == 2


def test_what_fails_half_way_was_a_capture(run, tmp_path):
    """In a directory what is no capture is passed over; this file's first packets were taken."""
    folder = tmp_path / "folder"
    folder.mkdir()
    frame = subprocess.run(["zstd", "-qc"], input=shuffled(1, 10), capture_output=True).stdout
    (folder / "in.zst").write_bytes(frame + GREAT_WINDOW)
    done = run("sort", "-W", tmp_path / "out.pcapng", folder, check=False)
    assert done.returncode == 1
    assert "window of more than 128 MiB" in done.stderr
    assert not (tmp_path / "out.pcapng").exists()


def test_several_linktypes_are_told(run, tmp_path):
    (tmp_path / "in.pcapng").write_bytes(shuffled(1, 10))
    done = sort(run, tmp_path / "out.pcapng", tmp_path / "in.pcapng")
    assert f"warning: {tmp_path}/out.pcapng: has 2 link types; tcpdump and others" in done.stderr
    done = run("sort", "-o", "-", tmp_path / "in.pcapng", text=False)
    assert b"warning: standard output: has 2 link types" in done.stderr


def test_one_sample_with_two_labels_is_told(run, tmp_path):
    a = Ng().interface().packet(b"a", 1, ["7,web"]).packet(b"b", 2, ["8,\n"])
    b = Ng().interface().packet(b"c", 3, ["7,mail"]).packet(b"d", 4, ["7,mail"])
    b.packet(b"e", 5, ["8,caf\u00e9"]).packet(b"f", 5, ["7,a third"])
    (tmp_path / "a.pcapng").write_bytes(bytes(a))
    (tmp_path / "b.pcapng").write_bytes(bytes(b))
    done = run("sort", "-W", tmp_path / "out.pcapng", tmp_path / "a.pcapng", tmp_path / "b.pcapng")
    assert done.stderr.splitlines() == [
        "labelcap sort: warning: sample 7 has two labels: 'web' and 'mail'",
        "labelcap sort: warning: sample 8 has two labels: '\\n' and 'caf\u00e9'",
        "labelcap sort: warning: sample 7 has two labels: 'web' and 'a third'",
        "labelcap sort: sorted 6 packets of 2 samples",
    ]
    assert [packet.data for packet in read_packets(tmp_path / "out.pcapng")] == [
        b"a", b"c", b"d", b"f", b"b", b"e"]


# ---- outputs ----


def test_compressed_outputs(run, tmp_path):
    capture = tmp_path / "in.pcapng"
    capture.write_bytes(shuffled(5, 300))
    sort(run, tmp_path / "out.pcapng", capture)
    plain = (tmp_path / "out.pcapng").read_bytes()
    sort(run, tmp_path / "out.pcapng.gz", capture)
    assert gzip.decompress((tmp_path / "out.pcapng.gz").read_bytes()) == plain
    sort(run, tmp_path / "out.pcapng.zst", tmp_path / "out.pcapng.gz")
    unpacked = subprocess.run(["zstd", "-qdc", tmp_path / "out.pcapng.zst"], capture_output=True)
    assert unpacked.stdout == plain


def test_nothing_and_no_packets(run, tmp_path):
    for capture in (Ng(), Ng().interface(), Ng(">").names()):
        (tmp_path / "in.pcapng").write_bytes(bytes(capture))
        sort(run, tmp_path / "out.pcapng", tmp_path / "in.pcapng")
        assert (tmp_path / "out.pcapng").read_bytes() == bytes(capture)


def test_a_plain_pcap_is_sorted_by_time(run, shared, tmp_path):
    """Nothing is labelled: all is unlabelled, in order of time; as reordercap has it."""
    capture = shared / "captures/apps/ajp/ndpi-pcap-ajp.pcap"
    if not capture.exists():
        pytest.skip("not in this set of captures")
    sort(run, tmp_path / "out.pcapng", capture)
    packets = read_packets(capture)
    assert packets != sorted(packets, key=time_key)
    assert read_packets(tmp_path / "out.pcapng") == sorted(packets, key=time_key)


def test_scapy_and_tshark_read_what_is_sorted(run, shared, tmp_path):
    """They find the packets, times and labels in the order of Python's sort."""
    scapy_utils = pytest.importorskip("scapy.utils")
    if not shutil.which("tshark"):
        pytest.skip("tshark is not installed")
    capture = shared / "peers/pcapml/test.pcapng"
    sort(run, tmp_path / "out.pcapng", capture)
    times = {packet.data: packet.time_ns // 1000
             for packet in read_packets(shared / "peers/inputs/test.pcap")}
    expected = sorted(read_packets(capture, strict=False),
                      key=lambda packet: (packet.label[0], times[packet.data]))
    # Of comments scapy 2.5 takes only those that end in a line end.
    assert [(int(packet.time * 10**6), bytes(packet))
            for packet in scapy_utils.rdpcap(str(tmp_path / "out.pcapng"))] == [
        (times[packet.data], packet.data) for packet in expected]
    done = subprocess.run(["tshark", "-n", "-r", tmp_path / "out.pcapng", "-T", "fields", "-e",
                           "frame.comment"], capture_output=True, text=True)
    assert done.stdout.splitlines() == [packet.comments[0].decode() for packet in expected]


PROCESS = 0x80000001


def processes_of_packets(path):
    """The names of the process and of the one for which it acts, by Apple's numbers."""
    blocks = list(walk(path))
    names = [block.body[8:8 + int.from_bytes(block.body[6:8], "little")] for block in blocks
             if block.type == PROCESS]
    seen, found = 0, []
    for block in blocks:
        seen += block.type == PROCESS
        if block.type == PACKET:
            numbers = [int.from_bytes(block.values(code)[0], "little") for code in (0x8001, 0x8003)]
            assert max(numbers) < seen, "a process behind its packet"
            found.append((block.data, [names[number] for number in numbers]))
    return sorted(found)


def test_packets_keep_their_processes(run, tmp_path):
    """Of two merged files, and of two sections: by numbers of blocks, which count anew in each."""
    def section(ng, *names):
        for pid, name in enumerate(names):
            ng.block(PROCESS, struct.pack("<IHH", pid, 2, len(name)) + padded(name) + bytes(4))
        for number, name in enumerate(names):
            ng.packet(name, 10 - number, ["7,x"], options=[
                (0x8001, struct.pack("<I", number)), (0x8003, struct.pack("<I", 0)),
                (0x8002, bytes(4))])
        return ng

    first = section(Ng().interface(), b"launchd", b"curl", b"ssh")
    section(first.section().interface(), b"init", b"sshd")
    second = section(Ng().interface(), b"wget")
    (tmp_path / "a.pcapng").write_bytes(bytes(first))
    (tmp_path / "b.pcapng").write_bytes(bytes(second))
    (tmp_path / "rules.csv").write_text("BPF:len >= 0,all,k\n")
    expected = sorted([(b"launchd", [b"launchd", b"launchd"]), (b"curl", [b"curl", b"launchd"]),
                       (b"ssh", [b"ssh", b"launchd"]), (b"init", [b"init", b"init"]),
                       (b"sshd", [b"sshd", b"init"]), (b"wget", [b"wget", b"wget"])])
    run("sort", "-o", tmp_path / "sorted.pcapng", tmp_path / "a.pcapng", tmp_path / "b.pcapng")
    run("label", "--relabel", "-L", tmp_path / "rules.csv", "-o", tmp_path / "labelled.pcapng",
        tmp_path / "a.pcapng", tmp_path / "b.pcapng")
    for name in ("sorted.pcapng", "labelled.pcapng"):
        assert processes_of_packets(tmp_path / name) == expected, name
    run("split", "--format", "pcapng", "-o", tmp_path / "samples", tmp_path / "sorted.pcapng")
    sample, = (tmp_path / "samples").glob("*.pcapng")
    assert processes_of_packets(sample) == expected
