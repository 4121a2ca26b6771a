"""label -d: live capture, in a network namespace of the test's own; needs the right to make one."""

import ctypes
import json
import os
import pwd
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import pytest

from captures import read_bytes, read_packets
from surroundings import clean_environment
from pcapng_walk import STATISTICS, Walker, walk

CLONE_NEWNET = 0x40000000
PORT = 7777


class Namespace:
    """A network of its own with loopback and a pair of interfaces, v0 and v1."""

    def __init__(self, directory):
        self.directory = directory
        self.running = []
        self.holder = subprocess.Popen(["unshare", "-n", "sleep", "600"])
        self.path = f"/proc/{self.holder.pid}/ns/net"
        while os.readlink(self.path) == os.readlink("/proc/self/ns/net"):
            if self.holder.poll() is not None:
                pytest.skip("no right to make a network namespace")
            time.sleep(0.01)
        self.ip("link", "set", "lo", "up")

    def inside(self, *command):
        return ["nsenter", f"--net={self.path}", *map(str, command)]

    def ip(self, *arguments):
        subprocess.run(self.inside("ip", *arguments), check=True, timeout=10)

    def make_pair(self):
        self.ip("link", "add", "v0", "type", "veth", "peer", "name", "v1")
        self.ip("addr", "add", "192.0.2.1/24", "dev", "v0")
        for name in ("v0", "v1"):
            self.ip("link", "set", name, "up")

    def send(self, count, port=PORT, size=100, address="127.0.0.1", pause=0.0):
        """UDP packets from a thread that enters the namespace, and with it ends."""

        def work():
            with open(self.path, "rb") as path:
                assert ctypes.CDLL(None, use_errno=True).setns(path.fileno(), CLONE_NEWNET) == 0
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                for _ in range(count):
                    try:
                        udp.sendto(b"x" * size, (address, port))
                    except ConnectionRefusedError:  # of the packet before
                        udp.sendto(b"x" * size, (address, port))
                    time.sleep(pause)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    def label(self, program, *arguments, **options):
        """Starts labelcap label, and waits until it captures."""
        process = subprocess.Popen(self.inside(program, "label", *arguments), cwd=self.directory,
                                   stderr=subprocess.PIPE, env=clean_environment(),
                                   encoding="utf-8", **options)
        self.running.append(process)
        if "-q" in arguments:
            time.sleep(1)  # nothing says that it has begun
            return process
        line = process.stderr.readline()
        if "capturing on" not in line:
            pytest.fail(line + process.stderr.read())
        time.sleep(0.2)  # said before the first wait for packets
        return process

    def close(self):
        for process in [*self.running, self.holder]:
            process.kill()
            process.wait()
            if process.stderr:
                process.stderr.close()


@pytest.fixture
def network(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("live capture needs root")
    namespace = Namespace(tmp_path)
    yield namespace
    namespace.close()


@pytest.fixture
def rules(tmp_path):
    path = tmp_path / "rules.csv"
    path.write_text(f"BPF:udp dst port {PORT},wanted,key\n")
    return path


def finish(process, signal_number=None, status=0):
    if signal_number:
        process.send_signal(signal_number)
    _, text = process.communicate(timeout=20)
    assert process.returncode == status, text
    return text


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_finishes_the_file(network, program, rules, tmp_path, signal_number):
    process = network.label(program, "-d", "lo", "-L", rules, "-W", "out.pcapng")
    network.send(5)
    network.send(5, port=PORT + 1)
    time.sleep(0.3)
    text = finish(process, signal_number)
    packets = read_packets(tmp_path / "out.pcapng")
    # Loopback shows each packet once; the capture may see refusals (ICMP) besides.
    assert [packet.label[1] for packet in packets] == ["wanted"] * 5
    blocks = walk(tmp_path / "out.pcapng")
    assert blocks[-1].type == STATISTICS
    received = int.from_bytes(blocks[-1].values(4)[0], "little")
    assert received >= 10 and len(blocks[-1].values(7)) == 1
    assert "packets received, 0 dropped; interface: " in text
    assert sorted(os.listdir(tmp_path)) == ["out.pcapng", "rules.csv"]


def test_a_signal_that_is_ignored_stays_so(network, program, rules, tmp_path):
    """As nohup(1) wants it."""
    process = network.label(program, "-d", "lo", "-L", rules, "-W", "out.pcapng",
                            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    process.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    network.send(3)
    time.sleep(0.3)
    finish(process, signal.SIGTERM)
    assert len(read_packets(tmp_path / "out.pcapng")) == 3


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_the_background_of_a_script(network, program, rules, tmp_path, signal_number):
    """A shell that is not interactive starts it with SIGINT ignored."""
    process = network.label(program, "-d", "lo", "-L", rules, "-W", "out.pcapng",
                            preexec_fn=lambda: signal.signal(signal_number, signal.SIG_IGN))
    network.send(3)
    time.sleep(0.3)
    finish(process, signal_number)
    assert len(read_packets(tmp_path / "out.pcapng")) == 3


def test_count_and_duration(network, program, rules, tmp_path):
    process = network.label(program, "-d", "lo", "-L", rules, "-W", "a.pcapng", "-c", "4")
    network.send(10)
    finish(process)
    assert 1 <= len(read_packets(tmp_path / "a.pcapng")) <= 4
    started = time.monotonic()
    finish(network.label(program, "-d", "lo", "-L", rules, "-W", "b.pcapng", "--duration", "1"))
    assert 0.9 < time.monotonic() - started < 5
    assert read_packets(tmp_path / "b.pcapng") == []


def test_samples_are_those_of_files(network, program, run, tmp_path):
    """What was captured gets the same sampleIDs again when it is labelled from the file."""
    rules = tmp_path / "rules.csv"
    rules.write_text("BPF:udp|SCOPE:flow|EACH:flow|EACH:window:1,flow\nEACH:host:0.0.0.0/0,host\n")
    process = network.label(program, "-d", "lo", "-L", rules, "-W", "live.pcapng")
    for port in range(PORT, PORT + 5):
        network.send(4, port=port, pause=0.05)
    time.sleep(0.3)
    finish(process, signal.SIGTERM)
    run("strip", "-q", "-o", tmp_path / "plain.pcapng", tmp_path / "live.pcapng")
    run("label", "-q", "-L", rules, "-o", tmp_path / "file.pcapng", tmp_path / "plain.pcapng")
    labels = [[packet.label for packet in read_packets(tmp_path / f"{name}.pcapng")]
              for name in ("live", "file")]
    assert labels[0] == labels[1]
    assert len({label for label in labels[0] if label[1] == "flow"}) >= 5


@pytest.fixture
def open_folder():
    """Other users cannot enter pytest's own."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        yield Path(folder)


def test_another_user_owns_what_is_written(network, program, rules, open_folder):
    network.directory = open_folder
    process = network.label(program, "-d", "lo", "-L", rules, "-W", "out.pcapng", "--user",
                            "nobody", "--stats-json", "report.json")
    identity = open(f"/proc/{process.pid}/status").read()
    nobody = pwd.getpwnam("nobody")
    assert re.search(r"^Uid:\s*(.*)$", identity, re.M)[1].split() == [str(nobody.pw_uid)] * 4
    assert re.search(r"^Gid:\s*(.*)$", identity, re.M)[1].split() == [str(nobody.pw_gid)] * 4
    assert re.search(r"^CapEff:\s*(.*)$", identity, re.M)[1] == "0" * 16
    network.send(3)
    time.sleep(0.3)
    finish(process, signal.SIGTERM)
    for name in ("out.pcapng", "report.json"):
        assert (open_folder / name).stat().st_uid == nobody.pw_uid
    assert json.loads((open_folder / "report.json").read_text())["labelled"] == 3


def test_a_killed_capture_is_readable(network, program, rules, tmp_path):
    process = network.label(program, "-d", "lo", "-L", rules, "-W", "out.pcapng")
    network.send(20)
    time.sleep(1.6)
    finish(process, signal.SIGKILL, -signal.SIGKILL)
    part, = tmp_path.glob(".labelcap-*.part")
    assert len(read_packets(part)) == 20
    assert not (tmp_path / "out.pcapng").exists()


def test_an_interface_that_goes_away(network, program, rules, tmp_path):
    network.make_pair()
    process = network.label(program, "-d", "v0", "-L", rules, "-W", "out.pcapng")
    network.ip("neigh", "add", "192.0.2.2", "lladdr", "02:00:00:00:00:01", "dev", "v0")
    network.send(3, address="192.0.2.2")
    time.sleep(0.3)
    network.ip("link", "del", "v0")
    text = finish(process, status=1)
    assert re.search(r"^labelcap label: v0: capture failed: ", text, re.M)
    assert len(read_packets(tmp_path / "out.pcapng")) == 3


def test_rotation_by_size_counts_what_is_written(network, program, rules, tmp_path):
    process = network.label(program, "-d", "lo", "-L", rules, "-W", "a.b.pcapng.gz",
                            "--rotate-size", "2000")
    network.send(100, port=PORT + 1)  # matched by no rule
    network.send(30, size=200)
    time.sleep(0.5)
    finish(process, signal.SIGTERM)
    files = sorted(tmp_path.glob("*.gz"))
    assert [path.name for path in files] == [f"a.b-{n:05}.pcapng.gz"
                                             for n in range(1, len(files) + 1)]
    counts = [len(read_packets(path)) for path in files]
    # 242 bytes each: nine fill a file.
    assert counts == [9, 9, 9, 3]
    for path in files:
        assert [block.type for block in Walker(read_bytes(path), True).walk()][-1] == STATISTICS


def test_rotation_by_time(network, program, rules, tmp_path):
    process = network.label(program, "-d", "lo", "-L", rules, "-W", "out.pcapng",
                            "--rotate-seconds", "0.5", "--duration", "1.8")
    network.send(15, pause=0.1)
    finish(process)
    files = sorted(tmp_path.glob("*.pcapng"))
    assert len(files) in (3, 4)
    assert sum(len(read_packets(path)) for path in files) == 15


def test_rotated_files_of_an_earlier_run(run, network, program, rules, tmp_path):
    """Any of them stops the run before it begins; similar names do not."""
    for name in ("a-1.pcapng", "a-00001.pcap", "a-0000x.pcapng", "b-00001.pcapng", "a.pcapng",
                 "a-00001x.pcapng"):
        (tmp_path / name).touch()
    words = ["-L", rules, "--rotate-seconds", "60"]
    process = network.label(program, "-d", "lo", "-W", "a.pcapng", *words)
    finish(process, signal.SIGTERM)
    (tmp_path / "a-00001.pcapng").rename(tmp_path / "a-123456.pcapng")
    for output in ("a.pcapng", tmp_path / "a.pcapng"):
        done = run("label", "-d", "nosuchdevice0", "-W", output, *words, check=False, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (
            1, f"labelcap label: {output}: rotated files already exist, such as "
            "a-123456.pcapng (use -f to replace them)\n")
    process = network.label(program, "-d", "lo", "-f", "-W", "a.pcapng", *words)
    finish(process, signal.SIGTERM)


def test_a_name_that_is_taken_while_it_runs(network, program, rules, tmp_path):
    process = network.label(program, "-d", "lo", "-L", rules, "-W", "a.pcapng", "--rotate-size",
                            "2000")
    (tmp_path / "a-00002.pcapng").write_text("somebody else's")
    network.send(12, size=200)
    time.sleep(0.5)
    text = finish(process, signal.SIGTERM)
    assert "labelcap label: warning: a-00002.pcapng: already exists, skipped\n" in text
    assert (tmp_path / "a-00002.pcapng").read_text() == "somebody else's"
    assert [len(read_packets(tmp_path / f"a-0000{n}.pcapng")) for n in (1, 3)] == [9, 3]


def test_a_filter_that_the_device_cannot_have(network, program, tmp_path):
    """As with files: a warning."""
    (tmp_path / "rules.csv").write_text(f"BPF:wlan type mgt,beacon\nBPF:udp port {PORT},wanted\n")
    process = network.label(program, "-d", "lo", "-L", "rules.csv", "-W", "out.pcapng")
    network.send(3)
    time.sleep(0.3)
    text = finish(process, signal.SIGTERM)
    assert re.search(r"^labelcap label: warning: rules.csv:1:.*802.11", text, re.M)
    assert len(read_packets(tmp_path / "out.pcapng")) == 3


def test_without_the_right_to_capture(network, program, tmp_path):
    """What is missing, and how to get it."""
    tmp_path.chmod(0o777)
    (tmp_path / "rules.csv").write_text("BPF:udp,x\n")
    done = subprocess.run(network.inside("setpriv", "--reuid", "65534", "--regid", "65534",
                                         "--clear-groups", program, "label", "-d", "lo", "-L",
                                         "rules.csv", "-o", "out.pcapng"), cwd=tmp_path,
                          capture_output=True, text=True, env=clean_environment(), timeout=20)
    assert done.returncode == 1 and not (tmp_path / "out.pcapng").exists()
    assert re.search("^labelcap label: lo: cannot capture: .*; root may, and a program with "
                     r"CAP_NET_RAW: setcap cap_net_raw,cap_net_admin\+ep PROGRAM$", done.stderr, re.M)


def test_a_device_that_is_none(run, rules, tmp_path):
    done = run("label", "-d", "nosuchdevice0", "-L", rules, "-W", tmp_path / "out.pcapng",
               check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("labelcap label: nosuchdevice0: cannot capture: ")
    assert os.listdir(tmp_path) == ["rules.csv"]
