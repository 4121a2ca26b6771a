"""Power loss after exit 0: outputs are on the disk before they have their final names."""

import re

import pytest

from captures import Ng
from small_inputs import strace

CALLS = "fsync,syncfs,rename,renameat2"

RULES = "BPF:greater 0,label\n"
COMMANDS = {
    "label": ["label", "-L", "rules.csv", "-o", "out.pcapng", "in.pcapng", "--relabel"],
    "label -s": ["label", "-s", "-L", "rules.csv", "-o", "out.pcapng", "in.pcapng", "--relabel"],
    "sort": ["sort", "-o", "out.pcapng.gz", "in.pcapng"],
    "strip": ["strip", "-o", "out.pcap", "in.pcapng"],
    "csv": ["flows", "-o", "out.csv", "in.pcapng"],
    "text": ["flows", "--format", "text", "-o", "out.txt", "in.pcapng"],
    "sqlite": ["flows", "-o", "out.sqlite", "in.pcapng"],
    "parquet": ["flows", "-o", "out.parquet", "in.pcapng"],
    "xlsx": ["flows", "-o", "out.xlsx", "in.pcapng"],
}


@pytest.fixture
def folder(tmp_path):
    ng = Ng().interface()
    for number in range(9):
        ng.packet(bytes(20), 10**6 + number, [f"{number % 3},label"])
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    (tmp_path / "rules.csv").write_text(RULES)
    return tmp_path


@pytest.fixture
def trace(program, folder):
    """trace(words): the syncs and renames, in their order: ("fsync", path), ("rename", new path)."""
    def run_traced(words):
        log = folder / "trace"
        done = strace(["-y", "-e", f"trace={CALLS}", "-o", log], [program, *words], folder)
        assert done.returncode == 0, done.stderr
        events = []
        for line in log.read_text().splitlines():
            sync = re.search(r"\b(fsync|syncfs)\(\d+<(.*)>\) += 0", line)
            name = re.search(r'\brename(?:at2)?\(.*"(.*)"(?:, \w+)?\) += 0', line)
            if sync:
                events.append((sync[1], sync[2].removeprefix(f"{folder}/")))
            elif name:
                events.append(("rename", name[1].removeprefix("./")))
        log.unlink()
        return events

    return run_traced


@pytest.mark.parametrize("command", COMMANDS)
def test_an_output_is_synced_before_it_is_renamed_and_its_directory_after(trace, folder, command):
    words = COMMANDS[command]
    output = next(word for word in words if word.startswith("out."))
    (kind, part), renamed, directory = trace(words)
    assert kind == "fsync" and re.fullmatch(r"\.labelcap-\w{6}\.part", part)
    assert renamed == ("rename", output)
    assert directory == ("fsync", str(folder))
    assert trace([*words, "-f", "--no-sync"]) == [("rename", output)]


def test_split_syncs_all_samples_at_once(trace, folder):
    events = trace(["split", "-o", "out", "in.pcapng"])
    synced = [number for number, event in enumerate(events) if event[0] == "syncfs"]
    assert len(synced) == 1
    assert events[synced[0] + 1:] == [("rename", "out"), ("fsync", str(folder))]
    assert not any(kind == "fsync" for kind, _ in events[:synced[0]])
    assert not any(kind in ("fsync", "syncfs") for kind, _ in
                   trace(["split", "-f", "--no-sync", "-o", "out", "in.pcapng"]))


def test_split_into_a_directory_syncs_before_it_replaces(trace, folder):
    trace(["split", "-o", "out", "in.pcapng"])
    events = trace(["split", "-f", "-o", "out", "in.pcapng"])
    synced = events.index(next(event for event in events if event[0] == "syncfs"))
    final = [number for number, (kind, path) in enumerate(events)
             if kind == "rename" and path.endswith(".pcap") and "/.labelcap-" not in path]
    assert len(final) == 3 and min(final) > synced
    assert events[-1] == ("fsync", "out")


def test_nothing_is_synced_that_is_no_named_output(trace, folder):
    assert trace(["sort", "-o", "-", "in.pcapng"]) == []
    assert trace(["info", "in.pcapng"]) == []


@pytest.mark.parametrize("call, words, message", [
    ("fsync", COMMANDS["sort"], "labelcap sort: out.pcapng.gz: cannot write: "),
    ("syncfs", ["split", "-o", "out", "in.pcapng"], "labelcap split: out: cannot write: "),
])
def test_a_failed_sync_is_a_failure(program, folder, call, words, message):
    done = strace(["-o", "/dev/null", "-e", f"inject={call}:error=EIO:when=1"],
                  [program, *words], folder)
    assert (done.returncode, done.stderr) == (1, message + "Input/output error\n")
    assert sorted(path.name for path in folder.iterdir()) == ["in.pcapng", "rules.csv"]
