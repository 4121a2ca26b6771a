"""info: counts, times, order, labels and samples, as text and as JSON."""

import gzip
import json
import re
import struct
import subprocess
from pathlib import Path

import pytest

from captures import RAW, Ng, pcap, read_packets
from kinds import of_each_kind
from pcapng_walk import INTERFACE, PACKET, SECRETS, SECTION, STATISTICS, walk
from surroundings import texts_of
from test_truth import CORRECTIONS, PACKETS, clamp, read_table


def write(path, capture):
    path.write_bytes(bytes(capture))
    return path


def info(run, path, *options, check=True):
    return json.loads(run("info", "--json", *options, path, check=check).stdout)


def some_samples():
    ng = Ng().interface(tsresol=9, options=[(2, b"eth0")]).interface(linktype=RAW, tsoffset=-5)
    ng.packet(b"abc", 1_600_000_000_000_000_001, ["7,web"], length=1500)
    ng.packet(b"defg", 1_600_000_002_500_000_001, ["7,web"])
    ng.packet(b"", 1_600_000_001_000_000_000, ["9,web"])
    ng.packet(b"x", 1_600_000_100_000_000, ["18446744073709551615,a \"b\",\ncaf\u00e9\x1b[31m"],
              interface=1)
    return ng.packet(b"yz", 1_600_000_200_000_000, interface=1)


def test_json(run, tmp_path):
    found = info(run, write(tmp_path / "in.pcapng", some_samples()), "--samples")
    strange = "a \"b\",\ncaf\u00e9\x1b[31m"
    web = {"packets": 3, "bytes": 1504, "captured_bytes": 7, "first_ns": 1_600_000_000_000_000_001,
           "last_ns": 1_600_000_002_500_000_001}
    one = {"packets": 1, "bytes": 1, "captured_bytes": 1, "first_ns": 1_600_000_095_000_000_000,
           "last_ns": 1_600_000_095_000_000_000}
    nine = {"packets": 1, "bytes": 0, "captured_bytes": 0, "first_ns": 1_600_000_001_000_000_000,
            "last_ns": 1_600_000_001_000_000_000}
    assert found == {
        "file": str(tmp_path / "in.pcapng"), "format": "pcapng", "damaged": False,
        "links_skipped": 0,
        "packets": 5, "bytes": 1507, "captured_bytes": 10, "first_ns": 1_600_000_000_000_000_001,
        "last_ns": 1_600_000_195_000_000_000, "labelled": 4, "samples": 3,
        "sorted_by_sample": True, "sorted_by_time": False, "grouped": True,
        "conflicting_packets": 0, "overflowing_comments": 0, "pcapml_times": 0, "held_times": 0,
        "inputs": [{"file": str(tmp_path / "in.pcapng"), "format": "pcapng", "damaged": False,
                    "labelled": 4, "packets": 5, "bytes": 1507, "captured_bytes": 10,
                    "first_ns": 1_600_000_000_000_000_001, "last_ns": 1_600_000_195_000_000_000}],
        "interfaces": [
            {"input": 0, "number": 0, "linktype": 1, "linktype_name": "ETHERNET", "snaplen": 262144,
             "tsresol": 9, "tsoffset": 0, "name": "eth0", **web},
            {"input": 0, "number": 1, "linktype": 101, "linktype_name": "RAW", "snaplen": 262144, "tsresol": 6,
             "tsoffset": -5, "name": "", "packets": 2, "bytes": 3, "captured_bytes": 3,
             "first_ns": one["first_ns"], "last_ns": 1_600_000_195_000_000_000}],
        "labels": [
            {"metadata": "web", "samples": 2, **web, "shortest_ns": 0, "mean_ns": 1_250_000_000,
             "longest_ns": 2_500_000_000},
            {"metadata": strange, "samples": 1, **one, "shortest_ns": 0, "mean_ns": 0,
             "longest_ns": 0}],
        "sample_list": [
            {"sample_id": "7", "metadata": "web", **web, "packets": 2, "bytes": 1504},
            {"sample_id": "9", "metadata": "web", **nine},
            {"sample_id": "18446744073709551615", "metadata": strange, **one}],
        "findings": [],
    }
    assert "sample_list" not in info(run, tmp_path / "in.pcapng")


def text_of(run, path, *options, check=True):
    """The text for a file in the folder of `path`, whose name alone fits any line."""
    return run("info", *options, path.name, cwd=path.parent, check=check).stdout


def facts_of(text):
    """The lines in front of the tables."""
    return dict(re.split(r"  +", line, maxsplit=1) for line in text.split("\n\n")[0].splitlines())


def tables_of(text):
    """The titles of the tables, and their rows, cut into cells."""
    parts = [part.splitlines() for part in text.rstrip("\n").split("\n\n")[1:]]
    return {part[0]: [re.split(r"  +", line.strip()) for line in part[1:]] for part in parts}


def test_text(run, tmp_path):
    path = write(tmp_path / "in.pcapng", some_samples())
    text = text_of(run, path, "--samples")
    lines = text.splitlines()
    assert lines[:12] == [
        "File               in.pcapng",
        "Format             pcapng",
        "Packets            5",
        "Bytes on the wire  1,507",
        "Bytes captured     10",
        "First packet       2020-09-13T12:26:40.000000001Z",
        "Last packet        2020-09-13T12:29:55Z",
        "Duration           195.000000 s",
        "Packets labelled   4",
        "Samples            3",
        "Classes            2",
        "Order              by sampleID, then time",
    ]
    assert "\x1b" not in text
    assert not [line for line in lines if line != line.rstrip()]
    assert tables_of(text) == {
        "Interfaces": [
            ["#", "link type", "packets", "snap length", "resolution", "name"],
            ["0", "ETHERNET", "3", "262144", "10^-9 s", "eth0"],
            ["1", "RAW", "2", "262144", "10^-6 s"]],
        "Classes and durations of their samples": [
            ["metadata", "samples", "packets", "bytes", "mean [s]", "shortest [s]", "\u2026"],
            ["web", "2", "3", "1,504", "1.250000", "0.000000"],
            ["a \"b\",\\ncaf\u00e9\\x1b[31m", "1", "1", "1", "0.000000", "0.000000"]],
        "Samples": [
            ["metadata", "sampleID", "packets", "bytes", "duration [s]", "\u2026"],
            ["web", "7", "2", "1,504", "2.500000"],
            ["web", "9", "1", "0", "0.000000"],
            ["a \"b\",\\ncaf\u00e9\\x1b[31m", "18446744073709551615", "1", "1", "0.000000"]]}


@pytest.mark.parametrize("labels, times, text, sorted_by_sample, sorted_by_time, grouped", [
    ("77889", "12345", "by sampleID, then time", True, True, True),
    ("77889", "12123", "by sampleID, then time", True, False, True),
    ("88779", "12345", "by time; grouped by sample", False, True, True),
    ("87879", "12345", "by time", False, True, False),
    ("88779", "54321", "grouped by sample", False, False, True),
    ("78789", "54321", "none", False, False, False),
    ("77 8 ", "12345", "by time", False, True, True),
    ("778  ", "12312", "by sampleID, then time", True, False, True),
])
def test_order(run, tmp_path, labels, times, text, sorted_by_sample, sorted_by_time, grouped):
    ng = Ng().interface()
    for label, time in zip(labels, times):
        ng.packet(b"x", int(time), [] if label == " " else [f"{label},x"])
    path = write(tmp_path / "in.pcapng", ng)
    found = info(run, path)
    assert (found["sorted_by_sample"], found["sorted_by_time"], found["grouped"]) == (
        sorted_by_sample, sorted_by_time, grouped)
    order = facts_of(text_of(run, path))["Order"]
    if text != "by time":
        assert order == text
    assert order.startswith(text)


def test_nothing(run, tmp_path):
    found = info(run, write(tmp_path / "in.pcapng", Ng()))
    assert (found["packets"], found["first_ns"], found["interfaces"], found["labels"]) == (
        0, None, [], [])
    facts = facts_of(text_of(run, tmp_path / "in.pcapng"))
    assert (facts["Packets"], facts["Packets labelled"], facts["First packet"]) == (
        "0", "0", "none")
    found = info(run, write(tmp_path / "in.pcap", pcap([])))
    assert (found["format"], found["packets"], len(found["interfaces"])) == ("pcap", 0, 1)


def test_oddities(run, tmp_path):
    """Numbers too large, one sample with two labels, packets without a time."""
    ng = Ng().interface().packet(b"x", 1, ["18446744073709551616,x"]).simple(b"y")
    ng.packet(b"z", 5, ["7,web"]).packet(b"z", 6, ["7,mail"]).packet(b"z", 7, ["7,mail"])
    path = write(tmp_path / "in.pcapng", ng)
    found = info(run, path)
    assert (found["overflowing_comments"], found["conflicting_packets"], found["labelled"]) == (
        1, 2, 3)
    assert (found["packets"], found["first_ns"], found["last_ns"]) == (5, 1000, 7000)
    assert text_of(run, path).split("\n\n")[-1] == (
        "Findings\n"
        "warning: 1 comment has the form of a label, but a number of 2^64 or more\n"
        "warning: sample 7: also has packets with other metadata: mail\n")


def test_bytes_that_are_no_text(run, tmp_path):
    """JSON stays JSON, a terminal stays as it was."""
    ng = Ng().interface(options=[(2, b"eth\xff\x00\x1b")])
    ng.packet(b"x", 1, [b"7,\xff\xfe\x00\x1b[0m\x9b"])
    path = write(tmp_path / "in \x1b[31m.pcapng", ng)
    done = run("info", "--json", "--samples", path, text=False)
    found = json.loads(done.stdout.decode("utf-8"))
    assert found["labels"][0]["metadata"] == "\ufffd\ufffd\x00\x1b[0m\ufffd"
    assert found["interfaces"][0]["name"] == "eth\ufffd\x00\x1b"
    text = run("info", "--samples", path, text=False).stdout
    assert not set(text) & {0x1B, 0xFF, 0x9B, 0x00}
    assert b"\\xff\\xfe\\x00\\x1b[0m\\x9b" in text


def test_compressed_and_standard_input(run, tmp_path):
    path = write(tmp_path / "in.pcapng", some_samples())
    plain = info(run, path)
    zipped = tmp_path / "in.gz"
    zipped.write_bytes(gzip.compress(path.read_bytes()))
    def named(name):
        return plain | {"file": name, "inputs": [plain["inputs"][0] | {"file": name}]}

    assert info(run, zipped) == named(str(zipped))
    for data in (path.read_bytes(), zipped.read_bytes()):
        done = run("info", "--json", "-", input=data, text=False)
        assert json.loads(done.stdout) == named("standard input")


def test_damage(run, tmp_path):
    """The figures of what comes before, as text and as JSON; the error; status 1."""
    data = bytes(some_samples())
    path = write(tmp_path / "in.pcapng", data[:-5])
    whole = write(tmp_path / "whole.pcapng", Ng())
    offset = len(data) - struct.unpack("<I", data[-4:])[0]
    expected = (f"labelcap info: {path}: offset {offset}: truncated block: expected "
                f"{len(data) - offset} bytes, found {len(data) - offset - 5}\n")
    done = run("info", path, check=False)
    assert (done.returncode, done.stderr) == (1, expected)
    assert done.stdout.endswith("\n\nFindings\nerror: the capture is damaged: the figures "
                                "cover what comes before the damage\n")
    assert facts_of(done.stdout)["Packets"] == "4"
    done = run("info", "--json", path, check=False)
    assert (done.returncode, done.stderr) == (1, expected)
    found = json.loads(done.stdout)
    assert (found["damaged"], found["packets"], found["labelled"]) == (True, 4, 4)
    assert info(run, whole)["damaged"] is False


def held(text):
    return clamp(text) if text else None


@pytest.fixture
def captures(shared):
    return shared / "captures"


def facts_of_inputs(run, captures):
    """What info tells of each capture in a run over all of them, by its name."""
    found = json.loads(run("info", "--json", captures, check=False).stdout)
    inputs = {str(Path(one["file"]).relative_to(captures)): one | {"interfaces": []} for one in found["inputs"]}
    for interface, places in ((one, list(inputs.values())) for one in found["interfaces"]):
        places[interface["input"]]["interfaces"].append(interface | {"input": 0})
    return inputs


def test_all_shared_captures(run, captures):
    """Packets, bytes and times are tshark's, with the corrections of test_truth.py."""
    facts, damaged = facts_of_inputs(run, captures), 0
    for row in read_table(captures / "truth.tsv"):
        name = row["file"]
        if name not in facts:
            assert PACKETS.get(name, int(row["packets"])) == 0, name
            continue
        found = facts[name]
        assert found["packets"] == PACKETS.get(name, int(row["packets"])), name
        damaged += found["damaged"]
        if name in PACKETS:
            continue
        row |= CORRECTIONS.get(name, {})
        expected = {"bytes": int(row["bytes"]), "captured_bytes": int(row["capbytes"])}
        if row["min"] is not None:
            expected |= {"first_ns": held(row["min"]), "last_ns": held(row["max"])}
        assert {key: found[key] for key in expected} == expected, name
        assert sum(interface["packets"] for interface in found["interfaces"]) == found["packets"]
        if not found["damaged"]:
            assert {str(interface["linktype"]) for interface in found["interfaces"]} == set(
                filter(None, row["linktypes"].split(","))), name
    assert damaged > 10 and len(facts) > 900


def test_one_capture_as_among_others(run, captures):
    """Of each kind."""
    facts = facts_of_inputs(run, captures)
    disorder = {row["file"]: row["disorder"] for row in read_table(captures / "truth.tsv")}
    for path in of_each_kind(captures.rglob("*.*cap*")):
        name = str(path.relative_to(captures))
        done = run("info", "--json", path, check=False)
        if not done.stdout:
            assert done.returncode == 1 and name not in facts, name
            continue
        found = json.loads(done.stdout)
        assert found["damaged"] == (done.returncode == 1), name
        assert {key: found[key] for key in facts[name] if key not in ("file", "format")} == {
            key: value for key, value in facts[name].items() if key not in ("file", "format")}, name
        if disorder[name] == "0":
            assert found["sorted_by_time"] or "pcapng" in found["format"], name


def test_text_and_json_agree(run, shared):
    for path in sorted((shared / "captures/formats").iterdir())[:60]:
        if not path.is_file():
            continue
        done = run("info", "--json", path, check=False)
        text = run("info", path, check=False)
        assert (done.returncode, done.stderr) == (text.returncode, text.stderr)
        if done.stdout:
            found = json.loads(done.stdout)
            facts = facts_of(text.stdout)
            for key, title in [("packets", "Packets"), ("labelled", "Packets labelled"),
                               ("bytes", "Bytes on the wire"), ("captured_bytes", "Bytes captured"),
                               ("samples", "Samples")]:
                assert facts[title] == f"{found[key]:,}", path


def test_labels_of_what_pcapml_wrote(run, shared):
    """Against an own reader: samples and packets; a sample is named by its first packet."""
    for path in sorted((shared / "peers/pcapml").glob("*.pcapng")):
        found = info(run, path)
        names, packets, samples = {}, {}, {}
        for number, metadata in (packet.label for packet in read_packets(path, strict=False)):
            name = names.setdefault(number, metadata)
            packets[name] = packets.get(name, 0) + 1
            samples.setdefault(name, set()).add(number)
        assert found["samples"] == len(names)
        assert found["pcapml_times"] == found["packets"] == found["labelled"]
        assert {label["metadata"]: (label["packets"], label["samples"])
                for label in found["labels"]} == {
            name: (packets[name], len(samples[name])) for name in packets}


def test_odd_times_are_told(run, tmp_path):
    """Nanoseconds without if_tsresol: none becomes 1982, whatever its low half; and times past 2262,
    in every command that reads packets."""
    start = 1_600_000_000 * 10**9
    ng = Ng().interface()
    for time in (start >> 32 << 32, start, 1_600_000_000_000_000):
        ng.packet(bytes(60), time)
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    (tmp_path / "rules.csv").write_text("BPF:len >= 0,all,k\n")
    done = run("info", "--json", "in.pcapng", cwd=tmp_path)
    found = json.loads(done.stdout)
    assert (found["pcapml_times"], found["held_times"]) == (0, 2)
    for command in (["info"], ["label", "-L", "rules.csv", "-o", "a.pcapng"],
                    ["sort", "-o", "b.pcapng"], ["strip", "-o", "c.pcapng"],
                    ["flows", "-o", "d.csv"]):
        done = run(*command, "in.pcapng", cwd=tmp_path)
        assert "in.pcapng: 2 packets with a timestamp that looks like nanoseconds" in done.stderr
        assert "in.pcapng: 2 packets with a time outside 1677 to 2262, held at these" in done.stderr


def test_directions_of_pcapml_are_no_labels(run, tmp_path):
    ng = Ng().interface()
    for time, fact in enumerate(("d=e", "d=i", "d=e,dst=example.com", "dir=in,dst=::1")):
        ng.packet(b"x", time, [f"7,curl,{fact}"])
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    found = json.loads(run("info", "--json", tmp_path / "in.pcapng").stdout)
    assert [label["metadata"] for label in found["labels"]] == ["curl"]
    assert found["conflicting_packets"] == 0


def test_order_is_of_packets(run, tmp_path):
    """Other blocks between them do not count."""
    ng = Ng().interface().packet(b"a", 1, ["7,x"]).secrets().packet(b"b", 2, ["7,x"])
    ng.statistics().packet(b"c", 3, ["8,x"]).interface().packet(b"d", 4, ["8,x"], interface=1)
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    found = json.loads(run("info", "--json", tmp_path / "in.pcapng").stdout)
    assert (found["sorted_by_sample"], found["sorted_by_time"]) == (True, True)
    assert "by sampleID, then time" in run("info", tmp_path / "in.pcapng").stdout
    run("sort", "-o", tmp_path / "out.pcapng", tmp_path / "in.pcapng")
    kinds = [block.type for block in walk(tmp_path / "out.pcapng")]
    assert kinds == [SECTION, INTERFACE, INTERFACE, SECRETS, *[PACKET] * 4, STATISTICS]


# ---- several inputs ----


def infos(run, *inputs, check=True):
    return json.loads(run("info", "--json", "--samples", *inputs, check=check).stdout)


def test_several_inputs_add_up(run, tmp_path):
    """The figures are those of mergecap's one file; inputs and interfaces are those of each."""
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder / "a.pcapng", some_samples())
    write(folder / "b.pcap", pcap([(b"abcd", 10**9, 60)]))
    write(folder / "c.pcapng", Ng().interface().packet(b"z", 1_700_000_000_000_000, ["9,web"]))
    (folder / "README").write_text("no capture")
    found = infos(run, folder)
    alone = [infos(run, path) for path in sorted(folder.glob("*.pcap*"))]
    assert found["inputs"] == [one["inputs"][0] for one in alone]
    assert [{**interface, "input": 0} for interface in found["interfaces"]] == [
        interface for one in alone for interface in one["interfaces"]]
    assert [interface["input"] for interface in found["interfaces"]] == [0, 0, 1, 2]
    for sum_of in "packets", "bytes", "captured_bytes", "labelled":
        assert found[sum_of] == sum(one[sum_of] for one in alone)
    assert found["samples"] == 3 and found["labels"][0]["packets"] == 4
    assert found["file"] is found["format"] is None
    merged = tmp_path / "merged.pcapng"
    subprocess.run(["mergecap", "-a", "-w", merged, *sorted(folder.glob("*.pcap*"))], check=True)
    for member in ("first_ns", "last_ns", "samples", "labels", "sample_list", "sorted_by_sample",
                   "sorted_by_time", "grouped"):
        assert found[member] == infos(run, merged)[member], member
    assert texts_of(found["findings"]) == ["1 file skipped: not a capture"]
    assert infos(run, *sorted(folder.glob("*.pcap*"))) == found | {"findings": []}
    text = run("info", "in", cwd=tmp_path).stdout
    assert facts_of(text)["Inputs"] == "3"
    assert [row[:3] for row in tables_of(text)["Inputs"]] == [
        ["input", "packets", "labelled"], ["in/a.pcapng", "5", "4"], ["in/b.pcap", "1", "0"],
        ["in/c.pcapng", "1", "1"]]
    assert "Interfaces" not in text and "1 file skipped: not a capture" in text


def test_damage_among_several_inputs(run, tmp_path):
    whole = pcap([(b"abcd", 10**9)] * 3)
    for name, data in ("a", whole), ("b", whole[:-2]), ("c", whole):
        write(tmp_path / name, data)
    done = run("info", "--json", *(tmp_path / name for name in "abc"), check=False)
    found = json.loads(done.stdout)
    assert done.returncode == 1 and found["damaged"] and found["packets"] == 8
    assert [one["damaged"] for one in found["inputs"]] == [False, True, False]
    assert "1 input is damaged" in run("info", *(tmp_path / name for name in "abc"), check=False).stdout


@pytest.mark.parametrize("command", ["info", "check"])
def test_directories_that_look_like_classes(run, label, tmp_path, command):
    for name in "web/1.pcap", "web/2.pcap", "voip/1.pcap":
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        write(tmp_path / "in" / name, pcap([(b"abcd", 10**9)]))
    hint = "the captures are in 2 folders, such as web"
    said = " ".join(run(command, tmp_path / "in", check=False).stdout.split())
    assert hint in said and "flows -i DIR" in said
    # What the note advises works.
    run("rules", "--from-folders", tmp_path / "in", "-o", tmp_path / "folders.csv")
    labelled = label(tmp_path / "folders.csv", tmp_path / "in").output
    assert {one["metadata"] for one in infos(run, labelled)["labels"]} == {"web", "voip"}
    for inputs in [tmp_path / "in/web"], [tmp_path / "in/web/1.pcap", tmp_path / "in/voip/1.pcap"], [
            labelled]:
        assert hint not in " ".join(run(command, *inputs, check=False).stdout.split())


@pytest.mark.parametrize("command", ["sort", "flows"])
def test_classes_that_are_given_to_other_commands(run, label, tmp_path, command):
    for name in "web/1.pcap", "voip/1.pcap":
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        write(tmp_path / "in" / name, pcap([(b"abcd", 10**9)]))
    hint = "the captures are in 2 folders, such as web"
    output = {"sort": "out.pcapng", "flows": "out.csv"}[command]
    assert hint in run(command, "-o", tmp_path / output, tmp_path / "in").stderr
    labelled = label("BPF:len > 0,x\n", tmp_path / "in", output="labelled.pcapng").output
    assert hint not in run(command, "-fo", tmp_path / output, labelled).stderr
    if command == "flows":
        assert hint not in run("flows", "-fo", tmp_path / output, "-i", tmp_path / "in").stderr
