"""check --shard and merge: the report of one process for any number of shards."""

import json
import random
import struct

import pytest

from captures import Ng, bgzf, padded, pcap
from good_set import RULES, SECOND, START, good_records, write

EPOCH = 1_600_000_000 * 10**9


@pytest.fixture
def check(run):
    """check(inputs, *options): the text, the JSON, and the status of one process."""
    def report(inputs, *options):
        text, told = (run("check", *options, *more, *inputs, check=False) for more in ([], ["--json"]))
        assert text.returncode == told.returncode and json.loads(told.stdout)
        return text.stdout, told.stdout, told.returncode
    return report


@pytest.fixture
def same(run, tmp_path, check):
    """same(inputs, counts, *options): the report of shards is that of one process, which is returned."""
    def compare(inputs, counts, *options, count_packets=False):
        def run_shards(name, count, order, *more):
            for number in order:
                run("check", "-q", "--no-sync", "-f", "-o", name, "--shard", f"{number}/{count}", *options, *more,
                    *inputs)

        one = check(inputs, *options)
        for count in counts:
            name = tmp_path / f"parts of {count}"
            parts = [f"{name}.{number}-of-{count}.check" for number in range(count)]
            if count_packets:
                run_shards(name, count, range(count), "--count-packets")
            run_shards(name, count, reversed(range(count)))
            text = run("merge", *parts, check=False)
            if "again" in text.stderr:
                run_shards(name, count, range(count))
                text = run("merge", *parts, check=False)
            told = run("merge", "--json", *reversed(parts), check=False)
            assert (text.stdout, told.stdout, told.returncode) == one, count
            assert text.returncode == told.returncode
        return json.loads(one[1])
    return compare


@pytest.fixture
def label(run, tmp_path):
    def labelled(*inputs, rules="EACH:window:1,w\n", name="set.pcapng", options=()):
        (tmp_path / "rules.csv").write_text(rules)
        run("label", "-q", "-L", tmp_path / "rules.csv", "--relabel", *options, "-o", tmp_path / name, *inputs,
            check=False)
        return tmp_path / name
    return labelled


def kinds(report):
    return {finding["kind"] for finding in report["findings"]}


def test_a_real_capture_in_1_2_7_and_24_shards(same, shared, label):
    data_set = label(shared / "captures/bulk/ndpi-quic-33.pcapng", options=["--keep-unmatched"],
                     rules="BPF:len < 100,short\nBPF:len < 1290,long\n")
    assert {"unlabelled", "unsorted"} <= kinds(same([data_set], [1, 2, 7, 24]))


@pytest.mark.parametrize("folder", ["bulk", "malformed", "formats/derived"])
def test_directories_of_real_captures(same, shared, folder):
    assert same([shared / "captures" / folder], [7])["inputs_read"] > 5


def test_labelled_directories(same, shared, label):
    captures = shared / "captures/formats/derived"
    options = ["--keep-source", "--keep-unmatched"]
    plain = label(captures, options=options)
    packed = label(captures, name="set.pcapng.gz", options=options)
    packed.write_bytes(bgzf(plain.read_bytes(), 3000))  # in many blocks
    assert {"duplicate"} <= kinds(same([plain, packed, plain], [5]))


def spoiled_set():
    """Faults of every kind that stands in a packet, all over the file."""
    chance = random.Random(5)
    records = good_records() * 20
    for place, record in enumerate(records):
        record = records[place] = type(record).__new__(type(record))
        record.__dict__.update(good_records()[place % 20].__dict__)
        record.time += chance.randrange(10**9)
        fault = chance.randrange(30)
        if fault == 0:
            record.comments = []
        elif fault == 1:
            record.comments = ["17;web"]
        elif fault == 2:
            record.comments = [record.comments[0] + " too"]
        elif fault == 3:
            record.data, record.time = b"the same" * 9, START
        elif fault == 4:
            record.data = b"head" + bytes(200)
        elif fault == 5:
            record.interface, record.length = 1, 300
        elif fault == 6:
            record.time -= 10**6 * SECOND
        elif fault == 7:
            record.options = [(2, b"wrong")]
        elif fault == 8:
            record.time = 2**63 + 10**9
    return records


def test_faults_wherever_they_are(same, tmp_path):
    path = write(tmp_path / "set.pcapng", spoiled_set())
    (tmp_path / "rules.csv").write_bytes(b"\n".join(RULES[1:]) + b"\n")
    found = same([path], [2, 7], "--rules", tmp_path / "rules.csv")
    assert kinds(found) >= {
        "metadata", "leak", "malformed", "duplicate", "zero-tail", "bad-label", "unlabelled", "snap-length",
        "truncated", "time-order", "time-far", "time-odd", "rules-id"}
    assert not {"duplicate", "leak"} & kinds(same([path], [3], "--no-duplicates"))


def test_damage_anywhere(same, tmp_path):
    data = bytearray(write(tmp_path / "a.pcapng", spoiled_set()).read_bytes())
    for name, place in (("b", 3), ("c", 2)):
        at = data.index(b"\x06\0\0\0", len(data) // place) + 4
        (tmp_path / f"{name}.pcapng").write_bytes(data[:at] + bytes(4) + data[at + 4:])
    (tmp_path / "d.pcapng").write_bytes(data[:-7])
    (tmp_path / "e.pcapng").write_bytes(b"")
    found = same(sorted(tmp_path.glob("?.pcapng")), [7])
    assert found["inputs_damaged"] == 3 and {"damaged", "empty"} <= kinds(found)


def test_captures_in_captures(same, tmp_path):
    """Guesses are wrong in both formats, and repaired."""
    chance = random.Random(1)
    inner = Ng().interface()
    for number in range(30):
        inner.packet(chance.randbytes(40), EPOCH // 1000 + number, comments=["5,inner"])
    outer = Ng().interface()
    for number in range(200):
        outer.packet(padded(b"head" + bytes(inner)), EPOCH // 1000 + number, comments=[f"{number // 9},outer"])
    (tmp_path / "nested.pcapng").write_bytes(bytes(outer))
    records = pcap([(chance.randbytes(40), EPOCH + number) for number in range(30)])[24:]
    (tmp_path / "nested.pcap").write_bytes(pcap([(b"head" + records, EPOCH + n * 10**6) for n in range(200)]))
    found = same([tmp_path / "nested.pcapng", tmp_path / "nested.pcap"], [7, 23])
    assert found["packets"] == 400 and found["samples"] == 23


@pytest.mark.parametrize("name", ["set.pcapng", "set.pcapng.gz", "set.pcapng.zst"])
def test_fragments_are_read_again(run, same, tmp_path, name):
    """Of later fragments, only those before tell the ports; some of them are in another shard."""
    chance = random.Random(7)
    ng = Ng()
    for number in range(240):
        if number % 60 == 0:
            ng.section("<>"[number // 60 % 2]).interface(tsresol=6)
        datagram, place = divmod(number, 3)
        flags = (0x2000 if place < 2 else 0) + place * 4
        header = struct.pack("!BBHHHBBHII", 0x45, 0, 52, datagram, flags, 64, 17, 0, datagram % 5, 9)
        data = bytes(12) + b"\x08\0" + header + struct.pack("!HHHH", 53, datagram, 96, 0) + chance.randbytes(24)
        ng.packet(data, EPOCH // 1000 + number, [f"{datagram % 7},{datagram % 2}"])
    (tmp_path / "plain").write_bytes(bytes(ng))
    run("sort", "-q", "--by", "time", "-o", tmp_path / name, tmp_path / "plain")
    (tmp_path / "splits").mkdir()
    (tmp_path / "splits/train.csv").write_text("0\n1\n2\n")
    (tmp_path / "splits/test.csv").write_text("3\n4\n5\n6\n")
    fields = {row["field"]: row for row in same([tmp_path / name, tmp_path / "plain"], [5], "--splits",
                                                tmp_path / "splits", "--compare-splits")["leaks"]["fields"]}
    assert fields["destination_port"]["packets"] == fields["source_address"]["packets"] > 250


def test_rules_that_look_at_packets(same, tmp_path, shared, label):
    rules = "BPF:len < 70,short\nEACH:host:0.0.0.0/0|EACH:window:0.2,ten\nEACH:window:1,all\n"
    data_set = label(shared / "captures/bulk/iti-ModbusTCP.pcap", rules=rules, options=["--sort"])
    assert not kinds(same([data_set], [3], "--rules", tmp_path / "rules.csv")) & {"rules-id", "rules-metadata"}
    (tmp_path / "rules.csv").write_text(rules.replace("ten", "other").replace("1,all", "2,all"))
    found = same([data_set], [3], "--rules", tmp_path / "rules.csv")
    assert {"rules-id"} <= kinds(found) and found["samples"] > 20


@pytest.mark.parametrize("rules, wrong", [
    ("EACH:packet,p\n", "EACH:packet,q\n"),
    ("FILE:iti-ModbusTCP.pcap|EACH:file,a\nEACH:file|EACH:window:1,b\n", "EACH:file|BPF:udp,a\nEACH:packet,b\n"),
    ("SCOPE:flow|BPF:tcp|EACH:flow,tcp\nEACH:flow:3|FILE:*.pcapng,quic\n", "EACH:flow,tcp\nEACH:file,quic\n"),
])
def test_rules_that_ask_for_inputs_and_flows(same, tmp_path, shared, label, rules, wrong):
    captures = [shared / "captures/bulk" / name for name in ("ndpi-quic-33.pcapng", "iti-ModbusTCP.pcap")]
    data_set = label(*captures, rules=rules, options=["--sort", "--keep-source", "--keep-unmatched"])
    inputs, options = [data_set], ["--rules", tmp_path / "rules.csv"]
    assert not kinds(same(inputs, [5], *options, count_packets=True)) & {"rules-id", "rules-metadata"}
    (tmp_path / "rules.csv").write_text(wrong)
    assert kinds(same(inputs, [3], *options, count_packets=True)) & {"rules-id", "rules-unchecked"}


def test_flows_of_fragments(run, same, tmp_path, shared, label):
    """Those wait for each other across shards; a flow begins with a packet that has no label."""
    chance = random.Random(3)
    captures = [shared / "captures/formats/derived", shared / "captures/malformed"]
    fragments = [(START // 1000 + n * 10**5, *divmod(n, 3)) for n in range(300)]
    chance.shuffle(fragments)
    ng = Ng().interface(tsresol=6)
    for time, datagram, place in sorted(fragments, key=lambda f: f[0] + chance.randrange(10**6)):
        header = struct.pack("!BBHHHBBHII", 0x45, 0, 52, datagram, (0x2000 if place < 2 else 0) + place * 4, 64, 17, 0,
                             datagram % 5, 9)
        ng.packet(bytes(12) + b"\x08\0" + header + struct.pack("!HHHH", 53, datagram % 9, 96, 0) + bytes(24), time)
    (tmp_path / "fragments.pcapng").write_bytes(bytes(ng))
    rules = "SCOPE:flow:2|BPF:udp dst port 1,scoped\nEACH:flow|EACH:host:0.0.0.0/0,hosts\nEACH:flow:1,rest\n"
    data_set = label(tmp_path / "fragments.pcapng", *captures, rules=rules, options=["--keep-unmatched"])
    found = same([data_set], [6], "--rules", tmp_path / "rules.csv")
    assert found["packets"] > 1000 and not kinds(found) & {"rules-id", "rules-metadata"}
    run("sort", "-q", "-o", tmp_path / "sorted.pcapng.gz", data_set)
    assert same([tmp_path / "sorted.pcapng.gz"], [6], "--rules", tmp_path / "rules.csv")["samples"] > 50


def test_lists_and_their_leaks(run, same, tmp_path, shared, label):
    data_set = label(shared / "captures/bulk/ndpi-quic-33.pcapng", shared / "captures/bulk/iti-ModbusTCP.pcap",
                     rules="EACH:window:0.5,w\nEACH:flow,f\n")
    run("partition", "-q", "--train", "70", "--test", "30", "-o", tmp_path / "splits", data_set)
    (tmp_path / "splits/extra.csv").write_text("12345\n")
    options = ["--splits", tmp_path / "splits", "--compare-splits"]
    found = same([data_set], [1, 7], *options)
    assert found["leaks"]["train"] > 100 and "list-unknown" in kinds(found)
    run("check", *options, "-o", tmp_path / "one.csv", data_set, check=False)
    parts = [tmp_path / f"parts of 7.{number}-of-7.check" for number in range(7)]
    run("merge", "-o", tmp_path / "many.csv", *parts, check=False)
    assert (tmp_path / "many.csv").read_bytes() == (tmp_path / "one.csv").read_bytes()


def test_what_shards_cannot_check(run, tmp_path):
    path = write(tmp_path / "set.pcapng", good_records())
    rules = tmp_path / "rules.csv"

    def refused(*options, status=1):
        done = run("check", "--shard", "0/2", *options, path, check=False)
        assert done.returncode == status and not list(tmp_path.glob("*.check"))
        return done.stderr

    assert "needs -o FILE: it names the parts" in refused(status=2).replace("--output", "-o")
    assert "--json" in refused("-o", tmp_path / "x", "--json", status=2)
    assert "--count-packets" in refused("-o", tmp_path / "x", "--count-packets", status=2)
    rules.write_text("FILE:a.pcap|EACH:window:1,windows\n")
    ask = ["-o", tmp_path / "x", "--rules", rules]
    assert "need a run of all shards with --count-packets first" in refused(*ask)
    run("check", "--shard", "0/2", "--count-packets", *ask, path)
    assert "--count-packets first: " in refused(*ask)
    run("check", "--shard", "1/2", "--count-packets", *ask, path)
    counts = sorted(tmp_path.glob("*.count"))
    counts[1].write_bytes(counts[1].read_bytes()[:-1])
    assert f"{counts[1]}: " in refused(*ask)
    (tmp_path / "splits").mkdir()
    (tmp_path / "splits/test.csv").write_text("1\n")
    assert "fold-3" in refused("-o", tmp_path / "x", "--splits", tmp_path / "splits", "--hold-out", "fold-3")


def test_parts_are_proved(run, tmp_path):
    path = write(tmp_path / "set.pcapng", good_records())
    rules = tmp_path / "rules.csv"
    rules.write_bytes(b"\n".join(RULES) + b"\n")
    command = ["check", "--no-sync", "--rules", rules, "-o", tmp_path / "x", path, "--shard"]
    for number in range(2):
        assert not run(*command, f"{number}/2").stdout
    parts = [tmp_path / f"x.{number}-of-2.check" for number in range(2)]
    assert "done already" in run(*command, "1/2").stderr
    assert "Errors            0\n" in run("merge", *parts).stdout

    def refused(*words, status=1):
        done = run("merge", *words, check=False)
        assert done.returncode == status and not done.stdout
        return done.stderr

    assert "without -o" in refused("-o", tmp_path / "y", *parts)
    rules.write_bytes(RULES[0] + b"\n")
    assert "rules or lists have changed since the shards read them" in refused(*parts)
    parts[1].write_bytes(parts[1].read_bytes()[:-1])
    assert "cut or changed" in refused(*parts)
    assert "shard 1/2 is missing" in refused(parts[0])
