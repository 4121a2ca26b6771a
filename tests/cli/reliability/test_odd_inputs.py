"""Inputs that are empty, damaged or no captures: every command says, counts and returns the same."""

import json
import os
import shutil

import pytest

from captures import Ng, pcap
from labels import tshark

COMMANDS = {
    "label": ["label", "-L", "rules.csv", "-o", "out"],
    "sort": ["sort", "-o", "out"],
    "strip": ["strip", "-o", "out"],
    "split": ["split", "-o", "out"],
    "info": ["info"],
    "flows": ["flows", "-o", "out.csv"],
}
OF_ONE_INPUT = {"strip", "split", "info"}
HEADER = 24

SOUND = pcap([(b"\x00" * 60, 10**9), (b"\x00" * 60, 2 * 10**9)])
# The bytes; the exit status; what is said of it after "NAME: "; whether that is a warning.
ODD = {
    "nothing": (b"", 0, "is empty", True),
    "cut in a packet": (SOUND[:-1], 1, "offset 100: truncated packet record: expected 60 bytes of "
                                       "data, found 59", False),
    "cut in the header": (SOUND[:HEADER - 1], 1, "offset 0: truncated file header: expected 24 "
                                                 "bytes, found 23", False),
    "text": (b"hello", 1, "not a capture: expected a pcap or pcapng magic number, found "
                          "68 65 6c 6c", False),
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "rules.csv").write_text("BPF:len >= 0,all\n")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.pcap").write_bytes(SOUND)
    return tmp_path


def outputs(folder):
    return {name for name in os.listdir(folder) if name.startswith("out")}


def told(done, command):
    """The lines about inputs: not the figures at the end."""
    lines = [line.removeprefix(f"labelcap {command}: ") for line in done.stderr.splitlines()]
    return [line for line in lines
            if "is empty" in line or "offset" in line or "capture" in line]


@pytest.mark.parametrize("place", ["operand", "standard input"])
@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("command", COMMANDS)
def test_an_input_given_itself(run, folder, command, odd, place):
    data, status, text, is_warning = ODD[odd]
    (folder / "odd").write_bytes(data)
    with open(folder / "odd", "rb") as stdin:
        done = run(*COMMANDS[command], "odd" if place == "operand" else "-", check=False,
                   cwd=folder, stdin=stdin)
    name = "odd" if place == "operand" else "standard input"
    assert done.returncode == status
    assert told(done, command) == ["warning: " * is_warning + f"{name}: {text}"]
    # Where it is a capture, all of it that is good is there; that may be nothing.
    if command == "info":
        assert (done.stdout != "") == (odd != "text")
    else:
        assert len(outputs(folder)) == (odd != "text")


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("command", sorted(COMMANDS.keys() - OF_ONE_INPUT))
def test_an_input_in_a_directory(run, folder, command, odd):
    data, status, text, is_warning = ODD[odd]
    (folder / "in/odd").write_bytes(data)
    done = run(*COMMANDS[command], "--stats-json", "report.json", "in", check=False, cwd=folder)
    assert done.returncode == (0 if odd == "text" else status)
    assert told(done, command) == (
        ["1 file skipped: not a capture"] if odd == "text"
        else ["warning: " * is_warning + f"in/odd: {text}"])
    assert len(outputs(folder)) == 1
    report = json.loads((folder / "report.json").read_text())
    assert (report["inputs_read"], report["inputs_skipped"], report["inputs_damaged"]) == {
        "nothing": (2, 0, 0), "cut in a packet": (2, 0, 1), "cut in the header": (1, 0, 1),
        "text": (1, 1, 0)}[odd]
    assert report["packets"] == (3 if odd == "cut in a packet" else 2)


@pytest.mark.parametrize("content", [{}, {"notes": b"hello"}])
@pytest.mark.parametrize("command", ["label", "sort", "info", "flows", "check", "report"])
def test_a_directory_without_captures(run, folder, command, content):
    shutil.rmtree(folder / "in")
    (folder / "in").mkdir()
    for name, data in content.items():
        (folder / "in" / name).write_bytes(data)
    done = run(*COMMANDS.get(command, [command]), "in", cwd=folder, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (f"labelcap {command}: no capture among the inputs"
                           f"{'; 1 file skipped' if content else ''}\n")
    assert not outputs(folder)


@pytest.mark.parametrize("content", [{}, {"notes": b"hello"}])
@pytest.mark.parametrize("command", ["label", "sort", "flows", "check"])
def test_shards_of_a_directory_without_captures(run, folder, command, content):
    """None of them knows what the others have read, so merge says it."""
    (folder / "none").mkdir()
    for name, data in content.items():
        (folder / "none" / name).write_bytes(data)
    for number in range(2):
        run(*COMMANDS.get(command, ["check", "-o", "out"]), f"--shard={number}/2", "none",
            cwd=folder)
    parts = sorted(name for name in outputs(folder) if not name.endswith(".joint"))
    output = [] if command == "check" else ["-o", "out.csv" if command == "flows" else "out"]
    done = run("merge", *output, *parts, cwd=folder, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("labelcap merge: no capture among the inputs")
    assert outputs(folder) == {*parts, *(part + ".joint" for part in parts)}


# ---- times in another unit than the file says ----


def test_nanoseconds_under_the_magic_of_microseconds(run, tmp_path):
    """tshark reads what comes out as the times that were meant."""
    times = [1_700_000_000_123_456_789, 1_700_000_000_999_999_999, 1_700_000_001_000_000_005]
    records = pcap([(b"x" * 60, ns) for ns in times], ns=True)
    (tmp_path / "in.pcap").write_bytes(pcap([]) + records[24:])
    (tmp_path / "good.pcap").write_bytes(records)
    warning = ("labelcap {}: warning: in.pcap: 2 packets with a timestamp that looks like "
               "nanoseconds, though the file has microseconds (see --time-unit)\n").format
    for words in (["info"], ["flows", "-o", "flows.csv"], ["sort", "-o", "out.pcapng"],
                  ["strip", "-o", "out.pcap"]):
        assert warning(words[0]) in run(*words, "-f" if len(words) > 1 else "-q", "in.pcap",
                                        cwd=tmp_path).stderr
        assert "nanoseconds" not in run(*words, "-f" if len(words) > 1 else "-q", "--time-unit",
                                        "ns", "in.pcap", cwd=tmp_path).stderr
    for name in ("out.pcapng", "out.pcap"):
        assert tshark(tmp_path / name, "frame.time_epoch") == [
            [f"{ns // 10**9}.{ns % 10**9:09}"] for ns in times]
    assert not run("info", "good.pcap", cwd=tmp_path).stderr


@pytest.mark.parametrize("options", [[], [(2, b"eth0")], [(9, b"\6\6"), (1, b"of a wrong length")]],
                         ids=["no option", "a name", "no sound tsresol"])
@pytest.mark.parametrize("order", "<>")
def test_nanoseconds_without_tsresol(run, tmp_path, order, options):
    ns = 1_700_000_000_123_456_789
    (tmp_path / "in.pcapng").write_bytes(
        bytes(Ng(order).interface(options=options).packet(b"x", ns).section().interface(tsresol=6).packet(
            b"y", ns // 1000)))
    run("sort", "--by", "time", "--time-unit", "ns", "-o", "out.pcapng", "in.pcapng", cwd=tmp_path)
    assert tshark(tmp_path / "out.pcapng", "frame.time_epoch") == [
        ["1700000000.123456000"], ["1700000000.123456789"]]


def test_nanoseconds_in_data_sets(run, tmp_path):
    """With a catalogue, too, which has the times as the file has them."""
    ns = 1_700_000_000_123_456_789
    (tmp_path / "in.pcapng").write_bytes(bytes(
        Ng().interface().packet(b"x", ns, ["1,a"]).packet(b"y", ns + 10**9, ["1,a"])))
    for options, odd in ([], True), (["--time-unit", "ns"], False):
        checked = run("check", *options, "in.pcapng", check=False, cwd=tmp_path).stdout
        found = "doubtful units; try --pcapml-times or --time-unit" in " ".join(checked.split())
        assert found == odd, checked
        compared = run("compare", *options, "in.pcapng", "in.pcapng", cwd=tmp_path).stderr
        assert ("nanoseconds" in compared) == odd, compared
    run("index", "in.pcapng", cwd=tmp_path)
    run("select", "--time-unit", "ns", "--time", "1700000001..1700000002", "-o", "out.pcapng",
        "in.pcapng", cwd=tmp_path)
    assert tshark(tmp_path / "out.pcapng", "frame.time_epoch") == [["1700000001.123456789"]]


# ---- zeros ----


@pytest.mark.parametrize("zeros", [16, 17, 64, 5000])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_tail_of_zeros_is_damage(run, folder, command, zeros):
    """Not packets without bytes in 1970."""
    (folder / "in.pcap").write_bytes(SOUND + bytes(zeros))
    done = run(*COMMANDS[command], "in.pcap", check=False, cwd=folder)
    assert done.returncode == 1
    assert told(done, command) == [
        f"in.pcap: offset {len(SOUND)}: expected a packet record, found zeros"]


def test_packets_without_bytes_are_no_zeros(run, tmp_path):
    records = [(b"", 0), (b"x", 1000), (b"", 10**18), (b"", 10**18)]
    (tmp_path / "in.pcap").write_bytes(pcap(records))
    assert json.loads(run("info", "--json", tmp_path / "in.pcap").stdout)["packets"] == 4
