"""check: each kind of fault, planted in a good data set, and that fault alone is found."""

import json
import re
import struct

import pytest

from captures import Ng, pcap, read_packets
from good_set import IDS, LABELS, SECOND, START, Record, checker, good_records, kinds, write
from kinds import of_each_kind


@pytest.fixture
def check(run):
    return checker(run)


def test_a_good_set_has_no_findings(check, run, tmp_path):
    path = write(tmp_path / "good.pcapng", good_records())
    report = check(path)
    assert report["findings"] == []
    assert (report["packets"], report["labelled"], report["samples"], report["labels"]) == (20, 20, 4, 2)
    assert "Errors            0\n" in run("check", path).stdout


# ---- faults of packets: spoil(records) returns the place where they are found and their number ----


def unlabelled(records):
    records[-2].comments = []
    records[-1].comments = ["by somebody", "2 things"]
    return 19, 2


def bad_label(records):
    records[-1].comments = ["18446744073709551616,web"]
    records[-2].comments = ["by somebody", "17,web"]
    return 19, 2


def bad_label_without_comma(records):
    records[-1].comments = ["17"]
    records[-2].comments = ["17;web"]
    return 19, 2


def metadata(records):
    records[7].comments = [f"{IDS[1]},other"]
    return None, 1


def bad_metadata(records):
    for record in records[:5]:
        record.comments = [f"{IDS[0]},tab\there"]
    for record in records[5:10]:
        record.comments = [b"%d,\xff" % IDS[1]]
    for record in records[10:15]:
        record.comments = [f"{IDS[2]},"]
    return None, 3


def bad_metadata_c1(records):
    for record in records[:5]:
        record.comments = [f"{IDS[0]},\x9b31m"]
    return None, 1


def duplicate(records):
    records[3].data, records[3].time = records[2].data, records[2].time
    return 4, 1


def leak(records):
    records[11].data, records[11].time = records[2].data, records[2].time
    records[17].data, records[17].time = records[2].data, records[2].time
    records[10].time = records[15].time = records[16].time = records[2].time
    return 12, 2


def time_order(records):
    records[8].time = records[7].time - 1
    return 9, 1


def time_far_epoch(records):
    records[5].time = 12 * SECOND
    return 6, 1


def time_far_zone(records):
    records[14].time += 7200 * SECOND
    return 15, 1


def unsorted(records):
    records.append(records.pop(3))
    records[-1].time += 30 * SECOND
    return 20, 1


def truncated(records):
    records[6].length = len(records[6].data) + 1
    return 7, 1


def snap_length(records):
    records[12].interface = 1
    records[13].interface = 1
    return 13, 2


def zero_tail(records):
    records[1].data = bytes([1]) * 64 + bytes(64)
    records[2].data = bytes([1]) * 65 + bytes(64)  # less than half
    records[3].data = bytes([1]) * 63 + bytes(63)  # less than 64
    return 2, 1


def one_packet(records):
    del records[1:5]
    return None, 1


def malformed(records):
    records[4].options = [(2, b"short")]  # epb_flags has four bytes
    return 5, 1


FAULTS = [unlabelled, bad_label, bad_label_without_comma, metadata, bad_metadata, bad_metadata_c1, duplicate, leak,
          time_order, time_far_epoch, time_far_zone, unsorted, truncated, snap_length, zero_tail,
          one_packet, malformed]


@pytest.mark.parametrize("spoil", FAULTS, ids=lambda spoil: spoil.__name__)
def test_each_fault_alone_is_found(check, tmp_path, spoil):
    records = good_records()
    packet, count = spoil(records)
    report = check(write(tmp_path / "bad.pcapng", records))
    kind = re.sub("_(epoch|zone|without_comma|c1)$", "", spoil.__name__).replace("_", "-")
    assert kinds(report) == [kind]
    finding = report["findings"][0]
    assert (finding["packet"], finding["count"]) == (packet, count)
    assert finding["text"] and finding["advice"]
    if kind == "leak":
        assert finding["text"].endswith(f"in another sample, first in sample {IDS[0]}")
    if packet is None:
        assert finding["offset"] is None and int(finding["sample_id"]) in IDS
    else:
        data = (tmp_path / "bad.pcapng").read_bytes()
        assert data[finding["offset"]:][:4] == struct.pack("<I", 6)
        assert records[packet - 1].data in data[finding["offset"]:][:400]


def test_unlabelled_packets_come_last(check, tmp_path):
    records = good_records()
    records[3].comments = []
    report = check(write(tmp_path / "bad.pcapng", records))
    assert kinds(report) == ["unlabelled", "unsorted"]
    assert [finding["packet"] for finding in report["findings"]] == [4, 5]


def test_unbalanced_classes(check, tmp_path):
    def balance(number):
        records = []
        for i in range(number + 1):
            for k in range(2):
                record = Record(IDS[0], START + i * SECOND, b"%d packet %d" % (i, k) * 9)
                record.comments = [f"{i + 1},{'small' if i == 3 else 'large'}"]
                records.append(record)
        return check(write(tmp_path / "set.pcapng", records))

    assert kinds(balance(9)) == []
    report = balance(10)
    assert kinds(report) == ["unbalanced"]
    assert "'large', has 10 samples" in report["findings"][0]["text"]
    assert "'small', has 1" in report["findings"][0]["text"]


# ---- faults of files ----


def test_damage(check, run, tmp_path):
    path = write(tmp_path / "cut.pcapng", good_records())
    path.write_bytes(path.read_bytes()[:-3])
    report = check(path)
    assert kinds(report) == ["damaged"]
    assert report["inputs_damaged"] == 1 and report["packets"] == 19
    finding = report["findings"][0]
    assert finding["file"] == str(path) and f"{path}: offset " in finding["text"]
    assert finding["severity"] == "error"
    text = run("check", path, check=False).stdout.replace("\n", " ")
    assert text.count(str(path)) == 1


def test_zeros_after_a_crash_are_damage(check, tmp_path):
    path = write(tmp_path / "crash.pcapng", good_records())
    path.write_bytes(path.read_bytes() + bytes(4096))
    assert kinds(check(path)) == ["damaged"]


def test_damage_before_the_first_block(check, tmp_path):
    path = tmp_path / "cut.pcapng"
    path.write_bytes(bytes(Ng())[:20])
    assert kinds(check(path)) == ["damaged"]


def test_empty_file(check, tmp_path):
    write(tmp_path / "good.pcapng", good_records())
    write(tmp_path / "empty.pcapng", [])
    (tmp_path / "none.pcapng").write_bytes(b"")
    for name in ("empty.pcapng", "none.pcapng"):
        report = check(tmp_path / "good.pcapng", tmp_path / name)
        assert kinds(report) == ["empty"]
        assert report["findings"][0]["file"] == str(tmp_path / name)


def test_pcap_holds_no_labels(check, tmp_path):
    (tmp_path / "plain.pcap").write_bytes(pcap([(b"abc", 10**18), (b"abd", 10**18)]))
    assert kinds(check(tmp_path / "plain.pcap")) == ["not-pcapng", "unlabelled"]
    paths = [tmp_path / f"{number}.pcap" for number in range(3)]
    for number, path in enumerate(paths):
        path.write_bytes(pcap([(b"ab%d" % number, 10**18)]))
    report = check(*paths)
    assert kinds(report) == ["not-pcapng", "unlabelled"]
    assert (report["findings"][0]["file"], report["findings"][0]["count"]) == (str(paths[0]), 3)


def test_malformed_blocks_that_are_no_packets(check, tmp_path):
    ng = Ng().interface(options=[(14, b"four")])
    ng.block(4, struct.pack("<HH", 1, 2) + b"ab\0\0" + bytes(4))
    for r in good_records():
        ng.packet(r.data, r.time, r.comments)
    (tmp_path / "bad.pcapng").write_bytes(bytes(ng))
    report = check(tmp_path / "bad.pcapng")
    assert kinds(report) == ["malformed"]
    assert report["findings"][0]["count"] == 2


def test_odd_times(check, tmp_path):
    ng = Ng().interface(tsresol=0)
    for i, r in enumerate(good_records()):
        ng.packet(r.data, 2**63 - 1 if i == 19 else r.time // SECOND, r.comments)
    (tmp_path / "bad.pcapng").write_bytes(bytes(ng))
    report = check(tmp_path / "bad.pcapng")
    assert kinds(report) == ["time-far", "time-odd"]
    assert report["findings"][1]["count"] == 1


def test_times_of_pcapml_are_no_fault(check, tmp_path):
    ng = Ng().interface()
    for r in good_records():
        ng.packet(r.data, (r.time // SECOND << 32) + r.time % SECOND, r.comments)
    (tmp_path / "old.pcapng").write_bytes(bytes(ng))
    assert kinds(check(tmp_path / "old.pcapng")) == []
    report = check("--pcapml-times", "no", tmp_path / "old.pcapng")
    assert [(f["kind"], f["count"]) for f in report["findings"]] == [("time-odd", 20)]


@pytest.mark.parametrize("spoil", [unsorted, time_order, snap_length, malformed])
def test_sort_does_what_the_advice_says(check, run, tmp_path, spoil):
    records = good_records()
    spoil(records)
    path = write(tmp_path / "bad.pcapng", records)
    run("sort", "-o", tmp_path / "sorted.pcapng", path)
    assert kinds(check(tmp_path / "sorted.pcapng")) == []


# ---- captures of others ----


def facts_of(packets):
    """{kind: (number of the first packet, how many)}, in plain Python."""
    found, seen, last, order = {}, {}, {}, None

    def note(kind, number):
        first, count = found.get(kind, (number, 0))
        found[kind] = first, count + 1

    for number, packet in enumerate(packets, 1):
        sample = packet.label[0] if packet.label else None
        place = (sample is None, sample)
        if order is not None and place < order:
            note("unsorted", number)
        order = place
        if sample is None:
            note("unlabelled", number)
        if len(packet.data) < packet.length:
            note("truncated", number)
        if packet.time_ns is None:
            continue
        if sample in last and packet.time_ns < last[sample] and sample is not None:
            note("time-order", number)
        last[sample] = packet.time_ns
        if sample is not None:
            same = seen.setdefault((packet.time_ns, packet.linktype, packet.length, packet.data), set())
            if same:
                note("duplicate" if sample in same else "leak", number)
            same.add(sample)
    return found


def test_shared_captures(check, run, shared, tmp_path):
    """Labelled by a rule that cuts flows in two, and read twice: the same as plain Python finds."""
    paths = [path for path in of_each_kind((shared / "captures/formats").glob("*.*"))
             if path.stat().st_size < 300_000]
    (tmp_path / "rules.csv").write_text("BPF:less 100,short\nBPF:ip,long\n")
    compared = 0
    for path in paths:
        output = tmp_path / "out.pcapng"
        done = run("label", "-fqL", tmp_path / "rules.csv", "--keep-unmatched", "--relabel", "-o", output,
                   path, path, check=False)
        if done.returncode or not read_packets(output):
            continue
        compared += 1
        found = {f["kind"]: (f["packet"], f["count"]) for f in check(output)["findings"]}
        expected = facts_of(read_packets(output))
        names = ("unsorted", "unlabelled", "truncated", "time-order")
        assert {name: found[name] for name in names if name in found} == {
            name: expected[name] for name in names if name in expected}, path
        for name in ("duplicate", "leak"):
            assert found.get(name, (0, 0))[1] == expected.get(name, (0, 0))[1], path
    assert compared > 20


def test_malformed_captures(run, shared):
    """All at once, and some of each kind by themselves."""
    folder = shared / "captures/malformed"
    for path in [folder, *of_each_kind(folder.rglob("*"))]:
        done = run("check", "--json", path, check=False, timeout=30)
        assert done.returncode in (0, 1)
        if done.stdout:
            json.loads(done.stdout)


# ---- several files ----


def test_files_are_parts_of_one_set(check, tmp_path):
    records = good_records()
    write(tmp_path / "1.pcapng", records[:10])
    write(tmp_path / "2.pcapng", records[10:])
    report = check(tmp_path)
    assert (report["inputs_read"], report["samples"], report["findings"]) == (2, 4, [])
    records[15].data, records[15].time = records[0].data, records[0].time
    records[11].comments = [f"{IDS[0]},{LABELS[IDS[0]]}"]
    write(tmp_path / "2.pcapng", records[10:])
    report = check(tmp_path)
    assert kinds(report) == ["leak", "unsorted"]
    for finding, packet in zip(report["findings"], (6, 2)):
        assert (finding["file"], finding["packet"]) == (str(tmp_path / "2.pcapng"), packet)


def test_a_file_that_is_no_capture(check, run, tmp_path):
    write(tmp_path / "1.pcapng", good_records())
    (tmp_path / "readme.txt").write_text("hello there, this is no capture")
    assert check(tmp_path)["inputs_skipped"] == 1
    done = run("check", tmp_path / "readme.txt", check=False)
    assert done.returncode == 1 and "readme.txt" in done.stderr


def test_standard_input(check, tmp_path):
    data = write(tmp_path / "1.pcapng", good_records()[:19]).read_bytes()
    assert check("-", input=data, text=False)["packets"] == 19


# ---- duplicates ----


def test_duplicates_do_not_depend_on_memory(check, tmp_path):
    records = []
    for i in range(40000):
        record = Record(IDS[0], START + i // 4 * SECOND // 100, b"%d" % (i // 4) * 9)
        record.comments = [f"{1 + i % 3},{'abc'[i % 3]}"]
        records.append(record)
    path = write(tmp_path / "set.pcapng", records)
    reports = [check(path, *options) for options in ((), ("--memory", "1M"))]
    assert reports[0] == reports[1]
    found = {finding["kind"]: finding for finding in reports[0]["findings"]}
    # Of four equal packets, three are in different samples, and the fourth in that of the first.
    assert (found["leak"]["count"], found["duplicate"]["count"]) == (20000, 10000)
    without = check(path, "--no-duplicates")
    assert [kind for kind in kinds(reports[0]) if kind not in ("leak", "duplicate")] == kinds(without)


def test_what_makes_packets_different(check, tmp_path):
    ng = Ng().interface().interface(linktype=101).interface(tsresol=9)
    for i, arguments in enumerate((dict(), dict(interface=1), dict(length=61), dict(time=START + 1),
                                   dict(data=b"b" * 60), dict(data=b"a" * 61))):
        given = dict(data=b"a" * 60, time=START) | arguments
        ng.packet(given.pop("data"), given.pop("time"), ["1,a"], **given)
    ng.packet(b"a" * 60, START * 1000 + 1, ["1,a"], interface=2)
    path = tmp_path / "set.pcapng"
    path.write_bytes(bytes(ng))
    assert "duplicate" not in kinds(check(path))
    ng.packet(b"a" * 60, START * 1000, ["1,a"], interface=2)
    path.write_bytes(bytes(ng))
    report = check(path)
    assert [f["packet"] for f in report["findings"] if f["kind"] == "duplicate"] == [8]


def test_packets_without_time_or_label_are_no_duplicates(check, tmp_path):
    ng = Ng().interface()
    for i in range(2):
        ng.simple()
        ng.packet(b"same", START, ["foreign"])
    (tmp_path / "set.pcapng").write_bytes(bytes(ng))
    assert kinds(check(tmp_path / "set.pcapng")) == ["unlabelled"]


# ---- the manual ----


def test_the_manual_describes_every_kind(repo):
    """By the source: the tests above plant every kind."""
    source = (repo / "src/dataset/check/check_finding.c").read_text()
    table = re.findall(r'=\s+\{"([\w-]+)",\s+(ERROR|WARNING|NOTE)', source)
    page = (repo / "docs/man/labelcap-check.1").read_text()
    findings = re.search(r"^\.Ss Findings$(.*?)^\.Ss", page, re.M | re.S)[1]
    described = [(kind, severity.upper()) for kind, severity
                 in re.findall(r"^\.It Cm ([\w-]+) Ta (\w+) Ta$", findings, re.M)]
    assert described == table
    tests = "".join(path.read_text() for name in ("test_check*.py", "test_leaks.py")
                    for path in (repo / "tests/cli").rglob(name))
    planted = {spoil.__name__.replace("_", "-") for spoil in FAULTS}
    assert [kind for kind, _ in table if kind not in planted and f'"{kind}"' not in tests] == []
