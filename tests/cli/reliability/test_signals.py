"""Signals in mid-run: no half output, no temporary file, no spill file."""

import os
import random
import shutil
import signal
import subprocess
import time

import pytest

from captures import RAW, Ng, pcap, read_packets
from surroundings import clean_environment

COMMANDS = {
    "sort": ["sort", "--memory", "1M", "--tmpdir", "spill", "-W", "out"],
    "strip": ["strip", "-W", "out"],
    "strip gz": ["strip", "-W", "out.pcap.gz"],
    "split": ["split", "--memory", "1M", "--tmpdir", "spill", "-O", "out"],
}


def great_capture(packets=4000):
    """4 MB in no order."""
    ng = Ng().interface()
    for number in range(packets):
        ng.packet(number.to_bytes(4, "big") * 250, 10**6 - number, [f"{number % 50},x"])
    return bytes(ng)


@pytest.fixture(scope="module")
def capture_bytes():
    return great_capture()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "spill").mkdir()
    return tmp_path


def start(program, folder, words, **kwargs):
    return subprocess.Popen([program, *words], cwd=folder, stderr=subprocess.PIPE,
                            env=clean_environment(), **kwargs)


def wait_until(condition, process):
    end = time.monotonic() + 20
    while not condition():
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < end, "it never came"
        time.sleep(0.002)


def unfinished(folder):
    return [path for path in folder.iterdir() if path.name.startswith(".labelcap-")]


def spill_descriptors(process):
    """Descriptors of files without a name."""
    links = [os.readlink(link) for link in os.scandir(f"/proc/{process.pid}/fd")]
    return [link for link in links if link.endswith("(deleted)")]


def run_half(program, folder, command, capture_bytes):
    """A run that has taken in half of the capture, and waits for the rest."""
    process = start(program, folder, [*COMMANDS[command], "-"], stdin=subprocess.PIPE)
    process.stdin.write(capture_bytes[:len(capture_bytes) // 2])
    process.stdin.flush()
    wait_until(lambda: unfinished(folder), process)
    if "--tmpdir" in COMMANDS[command]:
        wait_until(lambda: spill_descriptors(process), process)
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_signal_leaves_nothing(program, folder, capture_bytes, command, number):
    process = run_half(program, folder, command, capture_bytes)
    process.send_signal(number)
    process.stdin.close()
    assert process.wait(timeout=20) == -number
    assert process.stderr.read() == b""
    assert os.listdir(folder) == ["spill"] and os.listdir(folder / "spill") == []


def test_an_interrupt_of_a_pipeline_finishes_the_table(program, folder, repo):
    """SIGINT goes to tcpdump too, which ends the capture; the second one is meant for us."""
    capture = (repo / "datasets/mixed/mixed.pcap").read_bytes()
    for interrupts in (1, 2):
        process = start(program, folder, ["flows", "-f", "-o", "o.csv", "-"],
                        stdin=subprocess.PIPE)
        process.stdin.write(capture)
        process.stdin.flush()
        wait_until(lambda: unfinished(folder), process)
        for _ in range(interrupts):
            process.send_signal(signal.SIGINT)
            time.sleep(0.05)
        process.stdin.close()
        assert process.wait(timeout=20) == (0 if interrupts == 1 else -signal.SIGINT)
        assert b"continues to the end of the input" in process.stderr.read()
        assert unfinished(folder) == []
        if interrupts == 1:
            assert len((folder / "o.csv").read_text().splitlines()) == 70
            (folder / "o.csv").unlink()
    assert os.listdir(folder) == ["spill"]


def test_signals_while_another_thread_makes_files(program, folder):
    """flows with a thread for rows, each of which begins a file; the signals come to the other."""
    raw = bytes.fromhex("4500001c00000000401100000a0000010a000002")
    records = [(raw + number.to_bytes(4, "big") + bytes.fromhex("00080000"), number)
               for number in range(1 << 16, 1 << 17)]
    (folder / "in.pcap").write_bytes(pcap(records, linktype=RAW))
    for turn in range(3):
        (folder / "out").mkdir()
        process = start(program, folder, ["flows", "-q", "--jobs", "2", "--rows-per-file", "1",
                                          "-o", "out/o.csv", "in.pcap"])
        wait_until(lambda: os.listdir(folder / "out"), process)
        time.sleep(turn * 0.007)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) in (-signal.SIGINT, -signal.SIGTERM)
        assert unfinished(folder / "out") == []
        shutil.rmtree(folder / "out")


@pytest.mark.parametrize("command", COMMANDS)
def test_after_a_kill_no_spill_file_stays(program, folder, capture_bytes, command):
    process = run_half(program, folder, command, capture_bytes)
    process.kill()
    process.stdin.close()
    process.wait(timeout=20)
    assert os.listdir(folder / "spill") == []
    assert all(name == "spill" or name.startswith(".labelcap-") for name in os.listdir(folder))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_finished_run_leaves_nothing_either(program, folder, capture_bytes, command):
    process = run_half(program, folder, command, capture_bytes)
    process.stdin.write(capture_bytes[len(capture_bytes) // 2:])
    process.stdin.close()
    assert process.wait(timeout=60) == 0
    assert os.listdir(folder / "spill") == [] and unfinished(folder) == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("there", [False, True])
def test_ended_at_any_moment_the_output_is_whole_or_not_there(program, folder, capture_bytes,
                                                              number, there):
    """With -f the old file stays until the new one is whole."""
    (folder / "in.pcapng").write_bytes(capture_bytes)
    words = [*COMMANDS["sort"], "-f", "in.pcapng"]
    began = time.monotonic()
    assert start(program, folder, words).wait(timeout=60) == 0
    duration = time.monotonic() - began
    whole = (folder / "out").read_bytes()
    assert len(whole) == len(capture_bytes)
    chance = random.Random(number)
    ended = 0
    for _ in range(20):
        (folder / "out").unlink(missing_ok=True)
        if there:
            (folder / "out").write_bytes(b"old")
        process = start(program, folder, words)
        time.sleep(chance.random() * duration)
        process.send_signal(number)
        ended += process.wait(timeout=20) == -number
        content = (folder / "out").read_bytes() if (folder / "out").exists() else None
        assert content in (whole, b"old" if there else None)
        assert number == signal.SIGKILL or unfinished(folder) == []
        assert os.listdir(folder / "spill") == []
    assert ended > 0


def test_nohup(program, folder, capture_bytes):
    """A signal that the parent has told us to ignore is ignored."""
    ignore = (lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    process = start(program, folder, [*COMMANDS["strip"], "-"], stdin=subprocess.PIPE,
                    preexec_fn=ignore)
    process.stdin.write(capture_bytes[:1000])
    process.stdin.flush()
    wait_until(lambda: unfinished(folder), process)
    process.send_signal(signal.SIGHUP)
    process.stdin.write(capture_bytes[1000:])
    process.stdin.close()
    assert process.wait(timeout=20) == 0
    assert len(read_packets(folder / "out")) == 4000
