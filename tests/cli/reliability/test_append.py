"""flows --append: all rows of a run come, or none, whatever ends it."""

import os
import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import closing

import pytest

from captures import pcap
from surroundings import clean_environment
from disks import small_disk
from small_inputs import strace, udp

APPEND = ["flows", "--append", "-o", "flows.sqlite"]


def capture(flows):
    records = (pcap([(udp(number), 10**18 + number)])[24:] for number in range(flows))
    return pcap([]) + b"".join(records)


def count(folder):
    with closing(sqlite3.connect(folder / "flows.sqlite")) as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
        return database.execute("select count(*) from flows").fetchone()[0]


@pytest.fixture
def folder(run, tmp_path):
    """With a table of 100 rows, and a capture of 20,000 flows more."""
    (tmp_path / "few.pcap").write_bytes(capture(100))
    (tmp_path / "many.pcap").write_bytes(capture(20000))
    run(*APPEND, "-q", "few.pcap", cwd=tmp_path)
    return tmp_path


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_adds_nothing_and_says_so(program, folder, number):
    os.mkfifo(folder / "fifo")
    process = subprocess.Popen([program, *APPEND, "--idle-timeout", "1", "fifo"], cwd=folder,
                               env=clean_environment(), stderr=subprocess.PIPE, text=True)
    with open(folder / "fifo", "wb") as fifo:
        fifo.write((folder / "many.pcap").read_bytes())
        fifo.flush()
        end = time.monotonic() + 20
        while not list(folder.glob(".labelcap-*")):
            assert time.monotonic() < end
            time.sleep(0.01)
        process.send_signal(number)
        _, stderr = process.communicate(timeout=20)
    assert process.returncode == -number
    assert stderr == "labelcap: interrupted: no row was added to flows.sqlite\n"
    assert count(folder) == 100
    assert not list(folder.glob(".labelcap-*"))


def test_a_full_disk_leaves_the_table_as_it_was(run, folder):
    with small_disk(folder, "size=3m") as disk:
        shutil.copy(folder / "flows.sqlite", disk)
        done = run("flows", "--append", "-o", disk / "flows.sqlite", folder / "many.pcap",
                   check=False)
        assert done.returncode == 1
        assert "SQLite: database or disk is full" in done.stderr
        assert count(disk) == 100
        assert sorted(path.name for path in disk.iterdir()) == ["flows.sqlite"]


@pytest.mark.parametrize("call", [1, 5, 60])
def test_killed_while_the_rows_are_copied(program, run, folder, call):
    """At a write to the table itself, or to its journal: the next program to open it rolls back."""
    done = strace(["-o", "/dev/null", "-P", folder / "flows.sqlite", "-e",
                   f"inject=pwrite64:signal=KILL:when={call}"],
                  [program, *APPEND, "many.pcap"], folder)
    assert done.returncode == -signal.SIGKILL
    assert count(folder) == 100
    run(*APPEND, "-q", "many.pcap", cwd=folder)
    assert count(folder) == 20100


def test_a_failed_copy_says_that_no_row_came(program, folder):
    done = strace(["-o", "/dev/null", "-P", folder / "flows.sqlite", "-e",
                   "inject=pwrite64:error=ENOSPC:when=3+"],
                  [program, *APPEND, "many.pcap"], folder)
    assert done.returncode == 1
    assert done.stderr == ("labelcap flows: flows.sqlite: SQLite: database or disk is full "
                           "(no row was added)\n")
    assert count(folder) == 100
