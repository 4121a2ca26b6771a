"""The n-th call fails, for each n: the whole output, or a message and none of it.

`make faults` tries every n; the check a few of each kind (LABELCAP_FAULTS: how many; 0: all).
"""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing

import pytest

from captures import Ng, pcap
from surroundings import clean_environment
from small_inputs import udp

CALLS = ["malloc", "write", "read", "sync", "rename", "close", "lseek"]
TRIED = int(os.environ.get("LABELCAP_FAULTS", "4"))

COMMANDS = {
    "label": ["label", "-L", "rules.csv", "--relabel", "-o", "out.pcapng", "in.pcapng"],
    "label gz": ["label", "-L", "rules.csv", "--relabel", "-o", "out.pcapng.gz", "in.pcapng"],
    "label -s": ["label", "-s", "-L", "rules.csv", "--relabel", "-o", "out.pcapng", "in.pcapng"],
    "sort": ["sort", "-o", "out.pcapng", "in.pcapng"],
    "sort zst": ["sort", "-o", "out.pcapng.zst", "in.pcapng"],
    "strip": ["strip", "-o", "out.pcap", "in.pcapng"],
    "split": ["split", "-o", "out", "in.pcapng"],
    "select": ["select", "--max-per-label", "1", "-o", "out.pcapng", "in.pcapng"],
    "select by catalogue": ["select", "--label", "l*", "-o", "out.pcapng", "set.pcapng"],
    "index": ["index", "--hash", "in.pcapng"],
    "info": ["info", "in.pcapng"],
    "info json": ["info", "--json", "in.pcapng"],
    "check": ["check", "in.pcapng"],
    "leaks": ["check", "--splits", "splits", "--compare-splits", "-o", "out.csv", "in.pcapng"],
    "publish": ["publish", "--name", "n", "--description", "d", "--license", "MIT", "--creator", "c", "--url",
                "https://example.org", "--date", "2026-11-30", "--allow", "mac,addresses,payload", "-o", "out",
                "in.pcapng"],
    "score": ["score", "--truth", "answers.csv", "answers.csv"],
    "csv": ["flows", "-o", "out.csv", "in.pcapng"],
    "json": ["flows", "-o", "out.json", "in.pcapng"],
    "jsonl": ["flows", "-o", "out.jsonl", "in.pcapng"],
    "text": ["flows", "--format", "text", "-o", "out", "in.pcapng"],
    "xlsx": ["flows", "-o", "out.xlsx", "in.pcapng"],
    "sqlite": ["flows", "-o", "out.sqlite", "in.pcapng"],
    "parquet": ["flows", "-o", "out.parquet", "in.pcapng"],
    "npy": ["arrays", "--form", "nprint", "--splits", "splits", "-o", "out", "set.pcapng"],
    "npz": ["arrays", "--packets", "2", "--bytes", "9", "-o", "out.npz", "set.pcapng"],
    "png": ["arrays", "--form", "yatc", "--format", "png", "-o", "out", "set.pcapng"],
    "append": ["flows", "--append", "-o", "table.sqlite", "in.pcapng"],
}

# Large enough that other threads take part.
THREADED = {
    "label -j": ["label", "-j", "7", "-L", "rules.csv", "-o", "out.pcapng.gz", "big.pcap"],
    "label plain -j": ["label", "-j", "7", "-L", "rules.csv", "-o", "out.pcapng", "big.pcap"],
    "sort -j": ["sort", "-j", "7", "--memory", "2M", "-o", "out.pcapng", "big.pcapng.gz"],
    "sort windows": ["sort", "-j", "7", "--memory", "4M", "-o", "out.pcapng", "big.pcapng"],
    "strip -j": ["strip", "-j", "7", "-o", "out.pcap.zst", "big.pcapng.gz"],
    "flows -j": ["flows", "-j", "7", "-o", "out.csv", "big.pcapng.gz"],
    "flows -j 2": ["flows", "-j", "2", "-o", "out.csv", "big.pcapng.gz"],
    "split -j": ["split", "-j", "7", "-o", "out", "big.pcapng.gz"],
    "split -j 2": ["split", "-j", "2", "-o", "out", "big.pcapng.gz"],
    "split grouped -j": ["split", "-j", "7", "-o", "out", "grouped.pcapng"],
    "select -j": ["select", "-j", "7", "--label", "a*", "-o", "out.pcapng.gz", "big.pcapng.gz"],
    "select -j 2": ["select", "-j", "2", "--label", "a*", "-o", "out.pcapng", "big.pcapng.gz"],
    "check -j 2": ["check", "-j", "2", "big.pcapng.gz"],
    "info -j 2": ["info", "-j", "2", "big.pcapng.gz"],
}

BIG = {"big.pcap", "big.pcapng", "big.pcapng.gz", "grouped.pcapng"}
INPUTS = BIG | {"in.pcapng", "rules.csv", "answers.csv", "table.sqlite", "set.pcapng", "set.pcapng.sqlite",
                "splits", "train.csv", "test.csv"}


@pytest.fixture(scope="module")
def library(repo, tmp_path_factory, sanitized):
    if sanitized:
        pytest.skip("sanitizers have an allocator of their own")
    path = tmp_path_factory.mktemp("faults") / "fail_nth.so"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", path, repo / "tests/faults/fail_nth.c"],
                   check=True)
    return path


@pytest.fixture(scope="module")
def big(program, tmp_path_factory):
    folder = tmp_path_factory.mktemp("big")
    header = len(pcap([]))
    (folder / "big.pcap").write_bytes(pcap([]) + b"".join(
        pcap([(udp(number % 200) + bytes(600), number * 1000)])[header:] for number in range(10_000)))
    (folder / "rules.csv").write_text("BPF:udp and ip[15] & 1 = 1,a\nBPF:udp,all\n")
    for name in ("big.pcapng", "big.pcapng.gz"):
        subprocess.run([program, "label", "-q", "-L", "rules.csv", "-o", name, "big.pcap"],
                       cwd=folder, check=True)
    ng = Ng().interface()
    for number in range(220):
        ng.packet(bytes(60_000), number, [f"{number // 20},label"])
    (folder / "grouped.pcapng").write_bytes(bytes(ng))
    return folder


@pytest.fixture(scope="module")
def inputs(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("inputs")
    ng = Ng().interface(snaplen=0)
    for number in range(9):
        ng.packet(udp(number), 10**15 - number, [f"{number % 3},label"])
    (folder / "in.pcapng").write_bytes(bytes(ng))
    (folder / "rules.csv").write_text("BPF:udp and host 10.1.0.3,three\nBPF:udp,rest\n")
    (folder / "answers.csv").write_text("sample_id,label\n1,web\n2,mail\n")
    (folder / "splits").mkdir()
    (folder / "splits/train.csv").write_text("0\n1\n")
    (folder / "splits/test.csv").write_text("2\n")
    run("flows", "-q", "-o", "table.sqlite", "in.pcapng", cwd=folder)
    shutil.copy(folder / "in.pcapng", folder / "set.pcapng")
    run("index", "-q", "set.pcapng", cwd=folder)
    return folder


@pytest.fixture
def folder(inputs, tmp_path):
    return shutil.copytree(inputs, tmp_path, dirs_exist_ok=True)


def rows(folder):
    with closing(sqlite3.connect(folder / "table.sqlite")) as database:
        return database.execute("select * from flows").fetchall()


def outputs(folder):
    """Name and bytes of everything that is no input."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*")
            if path.is_file() and path.name not in INPUTS}


def remove_outputs(folder):
    for path in folder.iterdir():
        if path.name in INPUTS:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def numbers(calls):
    """All, or some that are spread over them: the first and the last are among these."""
    if TRIED == 0 or calls <= TRIED:
        return range(1, calls + 1)
    return sorted({1 + number * (calls - 1) // (TRIED - 1) for number in range(TRIED)})


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("command", COMMANDS)
def test_the_nth_call_fails(program, library, folder, tmp_path_factory, command, call):
    fail_each(program, library, folder, tmp_path_factory, command, call)


@pytest.mark.parametrize("call", ["malloc", "write", "read"])
@pytest.mark.parametrize("command", THREADED)
def test_the_nth_call_of_threads_fails(program, library, folder, big, tmp_path_factory, command, call):
    for name in BIG:
        (folder / name).symlink_to(big / name)
    fail_each(program, library, folder, tmp_path_factory, command, call)


def fail_each(program, library, folder, tmp_path_factory, command, call):
    count = tmp_path_factory.mktemp("count") / "count"

    def start(nth):
        environment = clean_environment({"LD_PRELOAD": str(library), "FAIL_CALL": call,
                                         "FAIL_NTH": str(nth), "FAIL_COUNT": str(count)})
        return subprocess.run([program, *(COMMANDS | THREADED)[command]], cwd=folder, env=environment,
                              capture_output=True, timeout=60)

    before = rows(folder)
    good = start(0)
    assert good.returncode == 0, good.stderr
    whole, added = outputs(folder), rows(folder)
    assert command == "append" or added == before
    calls = int(count.read_text())
    for nth in numbers(calls):
        remove_outputs(folder)
        if command == "append":
            with closing(sqlite3.connect(folder / "table.sqlite")) as database:
                database.execute("delete from flows where rowid > ?", (len(before),))
                database.commit()
        done = start(nth)
        about = (command, call, nth, done.returncode, done.stderr)
        found = outputs(folder)
        if done.returncode == 0:
            assert (found, done.stdout) == (whole, good.stdout), about
            assert rows(folder) == added, about
            continue
        assert done.returncode == 1 and done.stderr.startswith(b"labelcap"), about
        # What fails after the output is in its place, such as the report, leaves all of it.
        assert found in ({}, whole), about
        assert not [path for path in folder.iterdir() if path.name.startswith(".")], about
        assert rows(folder) in (before, added), about
        assert rows(folder) == before or b"no row was added" not in done.stderr, about
