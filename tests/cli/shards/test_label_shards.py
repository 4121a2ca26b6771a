"""label --shard and merge: the same bytes as one process for any number of shards, guesses that
are wrong and found, and parts that do not belong together."""

import json
import os
import random
import re
import shutil
import subprocess
import zlib

import pytest

from captures import Ng, pcap, read_packets
from sharding import merge, part_of, report_of, run_shards, same_as_one_process
from surroundings import REPO

RULES = """BPF:tcp port 80,web
EACH:host:0.0.0.0/0|BPF:tcp,tcp,shared
EACH:window:5|EACH:host:0.0.0.0/0|BPF:tcp,never
BPF:udp port 53,dns
EACH:window:2|BPF:udp,udp
EACH:file|BPF:ip proto 1,ping
BPF:ip proto 1,never
BPF:wlan type mgt,radio
BPF:link[0] == 0,refused
FILE:nowhere.pcap,nowhere
TS_END:1000000|BPF:arp,early
BPF:port 80,tags
"""
ALL = "BPF:len >= 0,all\n"
HALF = "BPF:ether[0] & 1 == 0,even\n"
EPOCH = 1_600_000_000 * 10**9


@pytest.fixture
def rules(tmp_path):
    path = tmp_path / "rules.csv"
    path.write_text(RULES)
    return path


def numbered(count, size=50):
    """Records whose data begins with their number."""
    chance = random.Random(count)
    return [(number.to_bytes(4, "big") + chance.randbytes(chance.randrange(size)),
             EPOCH + number * 10**6) for number in range(count)]


def captures_in_packets(count=200):
    """A capture of the transfer of captures: its packets are full of records."""
    chance = random.Random(1)
    inner = [pcap([(chance.randbytes(40), EPOCH + k * 1000) for k in range(30)])[24:]
             for _ in range(count)]
    return [(b"head" + data, EPOCH + number * 10**6) for number, data in enumerate(inner)]


# ---- the same bytes ----


@pytest.mark.parametrize("name", ["bulk/iti-ModbusTCP.pcap", "bulk/ndpi-quic-33.pcapng",
                                  "apps/snapchat/ndpi-snapchat_call_v1.pcapng"])
def test_one_real_capture_in_1_2_7_and_24_shards(run, tmp_path, rules, shared, name):
    same_as_one_process(run, tmp_path, rules, [shared / "captures" / name], [1, 2, 7, 24])


@pytest.mark.parametrize("options, name", [
    (["--keep-unmatched"], "out.pcapng.gz"),
    (["--sort"], "out.pcapng"),
    (["--snaplen", "90", "--keep-source"], "out.pcapng.zst"),
])
def test_a_directory_of_real_captures(run, tmp_path, rules, shared, options, name):
    """The formats are all there are: both byte orders, sections, times, damage, SPB, unknown blocks."""
    same_as_one_process(run, tmp_path, rules, [shared / "captures/formats/derived"], [3, 16],
                        "--relabel", *options, name=name)


def test_a_second_label_that_is_kept_does_not_count(run, tmp_path, rules):
    rules.write_text(HALF)
    ng = Ng().interface()
    for number in range(40):
        ng.packet(bytes([number]) * 60, EPOCH // 1000 + number, comments=["1,old", "2,older"])
    capture = tmp_path / "in.pcapng"
    capture.write_bytes(bytes(ng))
    same_as_one_process(run, tmp_path, rules, [capture], [1, 3], "--relabel", "--keep-unmatched")


def test_link_types_are_split_by_merge(run, tmp_path, shared, rules):
    rules.write_text(ALL)
    folder = shared / "captures/protocols"
    command = ["label", "-L", rules, "--split-linktypes", folder]
    (tmp_path / "one").mkdir()
    (tmp_path / "many").mkdir()
    run(*command, "-q", "--no-sync", "-o", tmp_path / "one/out.pcapng")
    merge(run, tmp_path / "many/out.pcapng",
          run_shards(run, 5, tmp_path / "many/part.pcapng", *command))
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert len(names) > 3
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "many" / name).read_bytes()


@pytest.mark.parametrize("count", [1, 2, 7, 24])
def test_samples_of_single_packets(run, tmp_path, rules, count):
    """Their numbers need the packets before, which other shards count first; half of the guesses
    are wrong, and proved before any shard labels."""
    rules.write_text("EACH:packet|BPF:greater 20,one\nEACH:host:0.0.0.0/0|EACH:packet,never\n"
                     "BPF:less 30,rest\n")
    folder, output, one = (tmp_path / name for name in ("in", "out.pcapng", "one.pcapng"))
    (folder / "b").mkdir(parents=True)
    (folder / "1.pcap").write_bytes(pcap(captures_in_packets(60)))
    (folder / "2.txt").write_text("no capture\n")
    (folder / "b/10.pcap").write_bytes(pcap(numbered(150))[:-3])
    (folder / "b/11.pcap").write_bytes(pcap(numbered(40)))
    os.link(folder / "b/11.pcap", folder / "b/12.pcap")
    (folder / "gone").symlink_to("nowhere")
    report = tmp_path / "report.json"
    command = ["label", "-L", rules, folder]
    told = report_of(run(*command, "-o", one, "--stats-json", report, check=False), "label", one,
                     report)
    assert told[0] == 1 and "1 file left out" in told[1] and "1 link left out" in told[1]
    assert json.loads(told[2])["samples"] > 100
    for order in reversed(range(count)), range(count):
        run_shards(run, count, output, *command, "--count-packets", order=order)
    parts = run_shards(run, count, output, *command, order=reversed(range(count)))
    done = run("merge", "-f", "-o", output, "--stats-json", report, *parts, check=False)
    assert report_of(done, "merge", output, report) == told
    assert output.read_bytes() == one.read_bytes()


def test_packets_are_counted_before_shards_label_by_their_numbers(run, tmp_path, rules):
    rules.write_text("EACH:packet|BPF:len >= 0,all\n")
    capture, output = tmp_path / "in.pcap", tmp_path / "out.pcapng"
    capture.write_bytes(pcap(numbered(100)))
    command = ["label", "-L", rules, capture, "-q", "-o", output]
    count = [*command, "--count-packets", "--shard"]
    run(*count, "0/2")
    refused = run(*command, "--shard", "0/2", check=False)
    assert refused.returncode == 1 and not part_of(output, 0, 2).exists()
    assert f"with --count-packets first: {output}.1-of-2.count: there is no" in refused.stderr
    run(*count, "1/2")
    capture.write_bytes(pcap(numbered(101)))
    refused = run(*command, "--shard", "1/2", check=False)
    assert "counts the packets of other inputs: count them again" in refused.stderr
    counts = [f"{output}.{number}-of-2.count" for number in range(2)]
    refused = run("merge", "-f", "-o", output, *counts, check=False)
    assert "was written by 'labelcap label --count-packets'" in refused.stderr
    assert run(*command, "--count-packets", check=False).returncode == 2


def test_more_shards_than_packets_and_empty_files(run, tmp_path, rules):
    rules.write_text(ALL)
    paths = [tmp_path / name for name in ("a.pcap", "b.pcap", "c.pcap")]
    for path, data in zip(paths, (b"", pcap(numbered(3)), b"")):
        path.write_bytes(data)
    same_as_one_process(run, tmp_path, rules, paths, [1, 9, 100])


def test_pcapng_interfaces_and_sections_in_the_middle(run, tmp_path, rules):
    """A shard cannot know of them, and does: when it is run again after the one before."""
    rules.write_text(ALL)
    ng = Ng(options=[(4, b"a program")]).interface(tsresol=9)
    for number in range(300):
        ng.packet(number.to_bytes(4, "big"), EPOCH + number)
    ng.interface(tsresol=9, snaplen=1000)
    for number in range(300):
        ng.packet(number.to_bytes(4, "big"), EPOCH + number, interface=number % 2)
    ng.section(">").interface(tsresol=6).interface(tsresol=6).statistics(1)
    for number in range(300):
        ng.packet(number.to_bytes(4, "big"), EPOCH // 1000 + number, interface=number % 2)
    capture, one, output = (tmp_path / name for name in ("in.pcapng", "one.pcapng", "out.pcapng"))
    capture.write_bytes(bytes(ng))
    command = ["label", "-L", rules, capture]
    run(*command, "-q", "-o", one)
    parts = run_shards(run, 9, output, *command, check=False)
    merge(run, output, parts)  # in order, so every shard knew where the one before had ended
    assert output.read_bytes() == one.read_bytes()


def test_what_the_first_packet_tells_of_times_holds_for_all_shards(run, tmp_path, rules):
    rules.write_text(ALL)
    ng = Ng().interface()
    for second in range(400):
        ng.packet(second.to_bytes(4, "big"), (1_600_000_000 + second) << 32 | 7)
    capture = tmp_path / "in.pcapng"
    capture.write_bytes(bytes(ng))
    same_as_one_process(run, tmp_path, rules, [capture], [4])


def test_damage_ends_the_run_as_for_one_process(run, tmp_path, rules):
    rules.write_text(ALL)
    data = bytearray(pcap(numbered(400)))
    record = len(pcap(numbered(400)[:150]))
    data[record:record + 16] = b"\xff" * 16
    damaged, sound = tmp_path / "1.pcap", tmp_path / "2.pcap"
    damaged.write_bytes(data)
    sound.write_bytes(pcap(numbered(50)))
    command = ["label", "-L", rules, damaged, sound]
    one, output = tmp_path / "one.pcapng", tmp_path / "out.pcapng"
    whole = run(*command, "-q", "-o", one, check=False)
    parts = run_shards(run, 7, output, *command, check=False)
    done = merge(run, output, parts, check=False)
    assert (whole.returncode, done.returncode) == (1, 1)
    assert "expected at most 16777216 bytes" in done.stderr
    assert output.read_bytes() == one.read_bytes()
    assert len(read_packets(output)) > 50


# ---- joints ----


@pytest.mark.parametrize("form", ["pcap", "pcapng"])
def test_a_capture_of_captures(run, tmp_path, rules, form):
    """Guesses are wrong; every one is found, and one run in order mends all."""
    rules.write_text(ALL)
    capture, output, one = (tmp_path / name for name in ("in.cap", "out.pcapng", "one.pcapng"))
    if form == "pcap":
        capture.write_bytes(pcap(captures_in_packets()))
    else:
        inner = Ng().interface(tsresol=9)
        for number in range(30):
            inner.packet(bytes(40), EPOCH + number)
        outer = Ng().interface(tsresol=9)
        for number in range(200):
            outer.packet(bytes(inner)[28 + 32:], EPOCH + number)
        capture.write_bytes(bytes(outer))
    command = ["label", "-L", rules, capture]
    run(*command, "-q", "-o", one)
    parts = run_shards(run, 32, output, *command, order=reversed(range(32)), check=False)
    done = merge(run, output, parts, check=False)
    assert done.returncode == 1 and "run shard" in done.stderr and "again" in done.stderr
    assert not output.exists()
    stamps = {part: part.stat().st_mtime_ns for part in parts}
    run_shards(run, 32, output, *command)
    assert any(part.stat().st_mtime_ns != stamps[part] for part in parts)
    assert parts[0].stat().st_mtime_ns == stamps[parts[0]], "done already"
    merge(run, output, parts)
    assert output.read_bytes() == one.read_bytes()


def test_a_shard_that_is_done_is_not_done_again(run, tmp_path, rules):
    rules.write_text(ALL)
    capture, output = tmp_path / "in.pcap", tmp_path / "out.pcapng"
    capture.write_bytes(pcap(numbered(100)))
    command = ["label", "-L", rules, "--no-sync", "-o", output, "--shard", "1/3", capture]
    run(*command)
    part = part_of(output, 1, 3)
    before = part.stat().st_mtime_ns, part.read_bytes()
    done = run(*command)
    assert done.stderr.endswith(": is done already\n") and done.stderr.count("\n") == 1
    assert (part.stat().st_mtime_ns, part.read_bytes()) == before
    joint = part.with_name(part.name + ".joint")
    killed = joint.read_text().split("segment")[0].replace("finished 1", "finished 0") + "end\n"
    joint.write_text(killed.replace("has_snaplen 1", "has_snaplen 0"))
    part.write_bytes(b"what it had renamed")
    run(*command)
    assert part.read_bytes() == before[1]
    rules.write_text(HALF)
    refused = run(*command, check=False)
    assert refused.returncode == 1 and "(use -f" in refused.stderr and part.read_bytes() == before[1]
    run(*command, "-f")
    assert part.read_bytes() != before[1]
    joint.unlink()
    part.write_bytes(b"somebody else's")
    refused = run(*command, check=False)
    assert refused.returncode == 1 and "exists without a joint" in refused.stderr
    assert part.read_bytes() == b"somebody else's"


@pytest.fixture
def parts(run, tmp_path, rules):
    rules.write_text(ALL)
    capture = tmp_path / "in.pcap"
    capture.write_bytes(pcap(numbered(200)))
    return run_shards(run, 4, tmp_path / "out.pcapng", "label", "-L", rules, capture)


def refused(run, tmp_path, parts):
    done = run("merge", "-o", tmp_path / "merged.pcapng", *parts, check=False)
    assert done.returncode == 1
    assert not (tmp_path / "merged.pcapng").exists()
    return done.stderr


def test_merge_takes_parts_in_any_order(run, tmp_path, parts):
    merge(run, tmp_path / "a.pcapng", parts)
    merge(run, tmp_path / "b.pcapng", parts[2:] + parts[:2])
    assert (tmp_path / "a.pcapng").read_bytes() == (tmp_path / "b.pcapng").read_bytes()
    assert len(read_packets(tmp_path / "a.pcapng")) == 200


def test_merge_names_a_missing_part(run, tmp_path, parts):
    assert "the part of shard 2/4 is missing" in refused(run, tmp_path, parts[:2] + parts[3:])
    assert "the part of shard 3/4 is missing" in refused(run, tmp_path, parts[:3])


def test_merge_names_a_part_without_its_file(run, tmp_path, parts):
    parts[2].unlink()
    assert f"{parts[2]}: there is no such file" in refused(run, tmp_path, parts)


def test_options_that_are_cut_are_found_behind_a_right_checksum(run, tmp_path, parts):
    """A packet is copied only if its options are whole, whoever wrote the part."""
    data = bytearray(parts[1].read_bytes())
    end = data.rindex(bytes(4), 0, -4)
    data[end:end + 4] = b"\x02\0\x08\0"
    joint = tmp_path / f"{parts[1].name}.joint"
    joint.write_text(re.sub("(?<=part_checksum ).*", f"{zlib.crc32(data):08x}", joint.read_text()))
    parts[1].write_bytes(data)
    assert "option 2: expected at most 0 bytes" in refused(run, tmp_path, parts)


def test_merge_names_a_double_part(run, tmp_path, parts):
    copy = tmp_path / "copy.pcapng"
    shutil.copy(parts[1], copy)
    shutil.copy(f"{parts[1]}.joint", f"{copy}.joint")
    text = refused(run, tmp_path, [*parts, copy])
    assert str(copy) in text and "are both of shard 1/4" in text
    assert "are both of shard 0/4" in refused(run, tmp_path, [parts[0], *parts])


def test_merge_names_a_part_that_is_not_done(run, tmp_path, parts):
    os.unlink(f"{parts[2]}.joint")
    text = refused(run, tmp_path, parts)
    assert text.startswith(f"labelcap merge: {parts[2]}: there is no {parts[2]}.joint")
    text = refused(run, tmp_path, [parts[0], f"{parts[0]}.joint"])
    assert f"{parts[0]}.joint: is a joint, which is read along with its part" in text
    joint = parts[1].with_name(parts[1].name + ".joint")
    joint.write_text(joint.read_text().replace("finished 1", "finished 0"))
    assert f"{parts[1]}: shard 1/4 has not ended yet" in refused(run, tmp_path, parts[:2])


def test_merge_names_a_cut_or_changed_part(run, tmp_path, parts):
    whole = parts[3].read_bytes()
    for data in (whole[:-4], whole[:-5] + bytes([whole[-5] ^ 1]) + whole[-4:]):
        parts[3].write_bytes(data)
        text = refused(run, tmp_path, parts)
        assert str(parts[3]) in text and "was cut or changed" in text
    done = run("merge", "-o", "-", *parts, check=False)
    assert done.returncode == 1 and done.stdout == "" and "was cut or changed" in done.stderr


def test_merge_names_parts_of_two_runs(run, tmp_path, parts, rules):
    rules.write_text("BPF:len >= 0,other\n")
    run("label", "-q", "-L", rules, "-f", "-o", tmp_path / "out.pcapng", "--shard", "2/4",
        tmp_path / "in.pcap")
    text = refused(run, tmp_path, parts)
    assert str(parts[2]) in text and "are parts of two runs" in text


def test_merge_names_a_stale_part(run, tmp_path, parts, rules):
    """The input has changed since."""
    capture = tmp_path / "in.pcap"
    capture.write_bytes(capture.read_bytes() + pcap(numbered(9))[24:])
    run("label", "-q", "-f", "-L", rules, "-o", tmp_path / "out.pcapng", "--shard", "3/4", capture)
    assert "are parts of two runs" in refused(run, tmp_path, parts)


def test_a_run_that_ends_before_its_inputs_do_is_named(run, tmp_path, parts):
    """As a program that is wrong, or an input that was cut meanwhile, might leave it."""
    joint = parts[3].with_name(parts[3].name + ".joint")
    text = joint.read_text()
    size = (tmp_path / "in.pcap").stat().st_size
    assert f"end_of {size} " in text and f"input_size {size}\n" in text
    joint.write_text(text.replace(f"end_of {size} ", f"end_of {size - 60} "))
    assert f"{parts[3]}: ends at byte {size - 60} of" in refused(run, tmp_path, parts)
    joint.write_text(text.replace("inputs 1\n", "inputs 2\n", 1))
    assert "the run has 2 inputs, but its shards have begun 1" in refused(run, tmp_path, parts)


def test_a_broken_joint_is_named(run, tmp_path, parts):
    joint = parts[1].with_name(parts[1].name + ".joint")
    lines = joint.read_text().splitlines(keepends=True)
    first = next(i for i, line in enumerate(lines) if line.startswith("segment "))
    for broken in ("", "".join(lines[:-1]), "".join(lines[:3]) + "end\n",
                   "".join(lines[:first]) + "end\n",
                   "".join(lines).replace("shard 1 4", "shard 9 4"), "\0\xff"):
        joint.write_text(broken, "latin-1")
        text = refused(run, tmp_path, parts)
        assert str(joint) in text and "this is no joint" in text, broken


@pytest.mark.parametrize("begin, end", [(-4, 0), (0, -4), (0, 4), (0, -10**9), (0, 1 << 40)])
def test_a_joint_must_cover_its_part(run, tmp_path, parts, begin, end):
    """What no segment has would be left out of the output without a word."""
    joint = parts[1].with_name(parts[1].name + ".joint")
    lines = joint.read_text().splitlines(keepends=True)
    first = next(i for i, line in enumerate(lines) if line.startswith("segment "))
    words = lines[first].split(" ")
    words[2] = str(abs(int(words[2]) + begin))
    words[3] = str(max(0, int(words[3]) + end))
    lines[first] = " ".join(words)
    joint.write_text("".join(lines))
    text = refused(run, tmp_path, parts)
    assert f"{joint}: expected segments that cover" in text
    assert "remove the part and run shard 1/4 again" in text


def test_the_inputs_of_a_part_meet_between_blocks(run, tmp_path, rules):
    rules.write_text(ALL)
    for name in "ab":
        (tmp_path / f"{name}.pcap").write_bytes(pcap(numbered(9)))
    part, = run_shards(run, 1, tmp_path / "out.pcapng", "label", "-L", rules,
                       tmp_path / "a.pcap", tmp_path / "b.pcap")
    joint = part.with_name(part.name + ".joint")
    text = joint.read_text()
    end = re.search("segment 0 0 ([0-9]+)", text)[1]
    joint.write_text(text.replace(f"segment 0 0 {end}", f"segment 0 0 {int(end) - 4}")
                     .replace(f"segment 1 {end}", f"segment 1 {int(end) - 4}"))
    assert f"{joint}: expected segments" in refused(run, tmp_path, [part])


def test_counts_of_a_joint_that_its_part_contradicts_are_refused(run, tmp_path, parts):
    joint = parts[1].with_name(parts[1].name + ".joint")
    lines = joint.read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("segment "))
    *place, packets, sections, labelled = lines[at].split()
    assert packets == labelled and int(packets) > 0
    lines[at] = " ".join([*place, str(int(packets) - 1), sections, str(int(labelled) - 1)])
    text = "\n".join(lines) + "\n"
    joint.write_text(text)
    assert f"{joint}: expected counts that agree with its segments" in refused(run, tmp_path, parts)
    joint.write_text(text.replace(f"note packets {packets}", f"note packets {int(packets) - 1}")
                     .replace(f"note rule 0 {packets}", f"note rule 0 {int(packets) - 1}"))
    assert "the joints say that 199 of 199 packets" in refused(run, tmp_path, parts)


def test_merge_counts_by_the_rules_of_the_shards(run, tmp_path, parts, rules):
    text = rules.read_text()
    rules.unlink()
    told = refused(run, tmp_path, parts)
    assert f"{rules}: cannot open" in told and "merge in the directory of the shards" in told
    rules.write_text(text + "BPF:tcp,web\n")
    assert f"{rules}: these rules have changed since" in refused(run, tmp_path, parts)
    rules.write_text(text)
    merge(run, tmp_path / "merged.pcapng", parts)


@pytest.mark.parametrize("old, new", [("about rules ", "about rule "), ("about options 0", "about options"),
                                      ("about input 0 0 0", "about input 0 9999 0"),
                                      ("about input 0 0 0", "about input 0 0 2")])
def test_notes_on_the_run_that_are_wrong_are_named(run, tmp_path, parts, old, new):
    joint = parts[0].with_name(parts[0].name + ".joint")
    text = joint.read_text()
    assert old in text
    joint.write_text(text.replace(old, new))
    assert f"{joint}: expected notes on the rules" in refused(run, tmp_path, parts)


def test_strict_and_stats_are_those_of_label(run, tmp_path, rules):
    rules.write_text(ALL + "".join(f"BPF:len == {1000 + size},{size}\n" for size in range(30)))
    capture, one, output = (tmp_path / name for name in ("in.pcap", "one.pcapng", "out.pcapng"))
    capture.write_bytes(pcap(numbered(100)))
    told = run("label", "-L", rules, "-t", "-o", one, capture).stderr
    parts = run_shards(run, 2, output, "label", "-L", rules, capture)
    strict = run("merge", "--strict", "-o", output, *parts, check=False)
    assert strict.returncode == 1 and "30 warnings (--strict)" in strict.stderr
    assert not output.exists()
    assert run("merge", "-t", "-o", output, *parts).stderr == told.replace("labelcap label:",
                                                                          "labelcap merge:")


@pytest.mark.parametrize("note", [
    "rule 9 1", "rule 0 0", "rule 0 18446744073709551615", "sample 0 7 1", "linktype 65536", "word",
    "packets 1 1 1 9 0 0 0 0 0", "rule 0", "rule 0 1 1", ""])
def test_a_note_that_is_wrong_is_named(run, tmp_path, parts, note):
    joint = parts[1].with_name(parts[1].name + ".joint")
    joint.write_text(joint.read_text().replace("\nend\n", f"\nnote {note}\nend\n"))
    text = refused(run, tmp_path, parts)
    assert f"{joint}: expected counts that agree with its segments, found '{note}'" in text


# ---- which shard ----


def slurm(number, least=0, most=7, count=8):
    return {f"SLURM_ARRAY_TASK_{name}": str(value)
            for name, value in (("ID", number), ("MIN", least), ("MAX", most), ("COUNT", count))}


def test_auto_is_the_task_of_a_job_array(run, tmp_path, rules):
    rules.write_text(ALL)
    capture = tmp_path / "in.pcap"
    capture.write_bytes(pcap(numbered(100)))
    command = ["label", "-L", rules, "-q", "-o", tmp_path / "x.pcapng", "--shard", "auto", capture]
    for first in (0, 1):
        run(*command, env=slurm(first + 2, first, first + 3, 4))
        part_of(tmp_path / "x.pcapng", 2, 4).unlink()
    for variables in ({}, slurm(2, 0, 6, 4), slurm(3, 5, 8, 4), slurm("x"), slurm(0, 0, 0, 0)):
        done = run(*command, env=variables, check=False)
        assert done.returncode == 2 and "auto:" in done.stderr, variables
    for again in (slurm(3, 3, 3, 1), slurm(0, 0, 0, 1), slurm(12, 10, 13, 4)):
        done = run(*command, env=again, check=False)
        assert done.returncode == 2 and "use --shard $SLURM_ARRAY_TASK_ID/N" in done.stderr, again


@pytest.mark.parametrize("text", ["", "3", "3/", "/3", "3/3", "-1/3", "1/0", "1/100001", "a/b"])
def test_a_wrong_shard_is_refused(run, tmp_path, rules, text):
    done = run("label", "-L", rules, "-o", tmp_path / "x.pcapng", "--shard", text, rules,
               check=False)
    assert done.returncode == 2 and "expected I/N" in done.stderr


def test_streams_are_refused(run, tmp_path, rules):
    for output, capture, status, message in ((tmp_path / "x.pcapng", "-", 1, "-: is not a regular file"),
                                             ("-", rules, 2, "--shard needs -o FILE")):
        done = run("label", "-L", rules, "--shard", "0/2", "-o", output, capture, check=False)
        assert done.returncode == status and message in done.stderr


# ---- the library ----


def test_the_library_does_the_same(run, tmp_path, rules, build, build_flags):
    rules.write_text(ALL)
    capture, output, one = (tmp_path / name for name in ("in.pcap", "out.pcapng", "one.pcapng"))
    capture.write_bytes(pcap(numbered(100)))
    run("label", "-q", "-L", rules, "-o", one, capture)
    program = tmp_path / "label_shards"
    subprocess.run(["cc", "-std=c11", "-Wall", "-Werror", *build_flags, f"-I{REPO}/include",
                    f"{REPO}/tests/cli/shards/label_shards.c", f"-L{build}", "-llabelcap",
                    f"-Wl,-rpath,{build}", "-o", program], check=True)
    done = subprocess.run([program, rules, capture, "3", output,
                           *(part_of(output, number, 3) for number in range(3))],
                          capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["labelled"] == 100
    assert output.read_bytes() == one.read_bytes()
