"""--json and --stats-json FILE: the same object, in its place, and nothing else there."""

import json
import re

import pytest

from captures import Ng, read_packets
from surroundings import texts_of


@pytest.fixture
def labelled(tmp_path):
    """Two samples, one of them under two labels, and a packet without a label."""
    ng = Ng().interface()
    for number, comments in enumerate([["7,web"], ["8,mail"], ["7,post"], [], ["8,mail"]]):
        ng.packet(b"a" * 60, 10**9 * number, comments)
    (tmp_path / "in.pcapng").write_bytes(bytes(ng.custom()))
    (tmp_path / "rules.csv").write_text("BPF:len >= 0,all\n")
    return tmp_path / "in.pcapng"


COMMANDS = {
    "label": ("-L", "rules.csv", "--relabel"),
    "sort": (),
    "split": (),
    "strip": (),
    "select": ("--label", "*"),
    "flows": (),
}


def arguments_of(command, output="out"):
    return command, *COMMANDS[command], "-o", output, "in.pcapng"


@pytest.mark.parametrize("command", COMMANDS)
def test_both_options_give_one_object(run, labelled, command):
    done = run(*arguments_of(command, "fresh"), "--json", cwd=labelled.parent)
    json.loads(done.stdout)
    again = run(*arguments_of(command, "again"), "--stats-json", "stats.json", cwd=labelled.parent)
    assert again.stdout == ""
    assert (labelled.parent / "stats.json").read_text() == done.stdout
    third = run(*arguments_of(command, "third"), "--stats-json", "-", cwd=labelled.parent)
    assert third.stdout == done.stdout
    assert done.stderr.replace("fresh", "again") == again.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_quiet_changes_nothing(run, labelled, command):
    expected = run(*arguments_of(command), "--json", cwd=labelled.parent).stdout
    done = run(*arguments_of(command, "again"), "-q", "--json", cwd=labelled.parent)
    assert done.stdout == expected
    assert re.sub("labelcap [a-z]+: warning: .*\n", "", done.stderr) == ""


@pytest.mark.parametrize("command, message", [
    *[(command, "standard output: the output and --json would both be written to it")
      for command in ("label", "sort", "strip", "select")],
])
def test_standard_output_is_for_one_of_them(run, labelled, command, message):
    for option in (["--json"], ["--stats-json", "-"], ["--stats-json", "/dev/stdout"]):
        done = run(*arguments_of(command, "-"), *option, cwd=labelled.parent, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        said = done.stderr.splitlines()
        assert len(said) == 2 and "the output and --" in said[0]
        assert "would both be written to it" in said[0]
    assert message in run(*arguments_of(command, "-"), "--json", cwd=labelled.parent,
                          check=False).stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_places_that_are_refused(run, labelled, command):
    folder = labelled.parent
    what = "the table" if command == "flows" else "the output"
    before = labelled.read_bytes()
    for option, status, message in (
            (["--json", "--stats-json", "x"], 2, "--json cannot be used with --stats-json"),
            (["--stats-json", "out"], 2, f"out: {what} and --stats-json would both be written to it"),
            (["-f", "--stats-json", "in.pcapng"], 1, "in.pcapng"),
            (["--stats-json", "rules.csv"], 1, "rules.csv"),
            (["--stats-json", "no/such/place"], 1, "no/such")):
        done = run(*arguments_of(command), *option, cwd=folder, check=False)
        assert (done.returncode, done.stdout) == (status, ""), option
        assert message in done.stderr
        assert labelled.read_bytes() == before
        assert {path.name for path in folder.iterdir()} == {"in.pcapng", "rules.csv"}


@pytest.mark.parametrize("command", ["sort", "split", "strip", "select"])
def test_a_failure_has_no_object(run, labelled, command):
    done = run(*arguments_of(command, "no/such/place/out"), "--json", cwd=labelled.parent, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    run(*arguments_of(command, "no/such/place/out"), "--stats-json", "stats.json", cwd=labelled.parent,
        check=False)
    assert not (labelled.parent / "stats.json").exists()


def test_figures_of_sort(run, labelled):
    folder = labelled.parent
    (folder / "more").mkdir()
    (folder / "more/no-capture").write_text("nothing")
    done = run("sort", "--json", "-o", "out.pcapng", "in.pcapng", "more", cwd=folder)
    assert json.loads(done.stdout) == {
        "packets": len(read_packets(folder / "out.pcapng")),
        "labelled": 4,
        "samples": 2,
        "conflicting_packets": 1,
        "linktypes": 1,
        "inputs_read": 1,
        "inputs_skipped": 1,
        "inputs_damaged": 0,
        "links_skipped": 0,
        "findings": [{"severity": "warning", "place": None, "count": 1,
                      "text": "sample 7 has two labels: 'web' and 'post'"},
                     {"severity": "note", "place": None, "count": 1,
                      "text": "1 file skipped: not a capture"}],
    }


def test_figures_of_split(run, labelled):
    folder = labelled.parent
    done = run("split", "--json", "-o", "out", "in.pcapng", cwd=folder)
    report = json.loads(done.stdout)
    assert report | {"findings": texts_of(report["findings"])} == {
        "packets": 5,
        "labelled": sum(len(read_packets(path)) for path in (folder / "out").glob("*.pcap")),
        "samples": 2,
        "conflicting_packets": 1,
        "files": len(list((folder / "out").glob("*.pcap"))),
        "blocks_left_out": 1,
        "inputs_read": 1,
        "inputs_skipped": 0,
        "inputs_damaged": 0,
        "links_skipped": 0,
        "findings": ["1 packet labelled differently from the first packet of the sample",
                     "1 packet left out: no label",
                     "1 block left out: not part of a sample"],
    }


def test_figures_of_strip(run, labelled):
    folder = labelled.parent
    done = run("strip", "--json", "-o", "out.pcap", "in.pcapng", cwd=folder)
    report = json.loads(done.stdout)
    assert report | {"findings": texts_of(report["findings"])} == {
        "packets": 5,
        "labelled": 4,
        "inputs_read": 1,
        "inputs_skipped": 0,
        "inputs_damaged": 0,
        "links_skipped": 0,
        "findings": ["1 block left out: not possible in pcap"],
    }


@pytest.mark.parametrize("command", ["sort", "split", "strip"])
def test_damage_is_in_the_object(run, labelled, command):
    labelled.write_bytes(labelled.read_bytes()[:-10])
    done = run(*arguments_of(command), "--json", cwd=labelled.parent, check=False)
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report["packets"] == 5
    assert (report["inputs_read"], report["inputs_damaged"]) == (1, 1)
