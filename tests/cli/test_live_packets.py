"""label -d: live packets get the labels that they get in a file, and the file says all of it."""

import ctypes
import json
import os
import select
import signal
import socket
import subprocess
import threading
import time

import pytest

from captures import SECTION, pcap, read_packets
from surroundings import clean_environment
from labels import capinfos, tcpdump, tshark
from pcapng_walk import INTERFACE, STATISTICS, walk
from test_live import CLONE_NEWNET, PORT, finish, network, rules  # the last two are fixtures

OURS = bytes.fromhex("02a0a0a0a0a0")  # nobody else sends from this address
IFNAME, TSRESOL, RECEIVED, DROPPED_BY_INTERFACE, DROPPED = 2, 9, 4, 5, 7


def udp_frame(port, payload=b"x" * 18, tag=b""):
    udp = port.to_bytes(2, "big") * 2 + (8 + len(payload)).to_bytes(2, "big") + bytes(2) + payload
    head = bytes.fromhex("4500") + (20 + len(udp)).to_bytes(2, "big") + bytes.fromhex(
        "00000000401100000a0000010a000002")
    return b"\xff" * 6 + OURS + tag + b"\x08\x00" + head + udp


@pytest.fixture
def wire(network):
    """The namespace, with a pair of interfaces: what is put in at v0 comes out at v1."""
    network.make_pair()
    for name in ("v0", "v1"):
        network.ip("link", "set", name, "mtu", "65535")
    return network


def inject(network, frames):
    """Puts whole frames on v0."""
    failures = []

    def work():
        try:
            with open(network.path, "rb") as path:
                assert ctypes.CDLL(None).setns(path.fileno(), CLONE_NEWNET) == 0
            with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
                raw.bind(("v0", 0))
                for number, frame in enumerate(frames):
                    raw.send(frame)
                    if number % 50 == 49:  # no faster than the reader may be
                        time.sleep(0.005)
        except Exception as failure:  # an error in a thread is none of the test's by itself
            failures.append(failure)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(timeout=30)
    assert not failures and not thread.is_alive(), failures


def ours(path):
    return [packet for packet in read_packets(path) if packet.data[6:12] == OURS]


def stop(process, status=0):
    time.sleep(0.4)  # what was sent last has come by then
    return finish(process, signal.SIGINT, status)


def test_live_and_file_agree(wire, program, label, repo, tmp_path):
    """The mixed capture goes over the wire; each packet gets the label that it has in a file."""
    frames = [packet.data[:6] + OURS + packet.data[12:]
              for packet in read_packets(repo / "datasets/mixed/mixed.pcap")]
    filters = ["udp port 53", "tcp port 80 and host 192.0.2.20", "tcp port 80", "ip6 and tcp",
               "tcp port 22 and tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", "udp port 123",
               "tcp port 6379", "icmp or (icmp6 and ip6[40] == 128)", "arp"]
    (tmp_path / "live.csv").write_text("".join(
        f"BPF:ether src {OURS.hex(':')} and ({text}),rule {n}\n" for n, text in enumerate(filters)))
    process = wire.label(program, "-d", "v1", "-L", "live.csv", "-W", "live.pcapng",
                         "--keep-unmatched", "--stats-json", "report.json")
    inject(wire, frames)
    stop(process)
    (tmp_path / "same.pcap").write_bytes(pcap([(frame, 0) for frame in frames]))
    expected = read_packets(label(tmp_path / "live.csv", "--keep-unmatched",
                                  tmp_path / "same.pcap").output)
    found = ours(tmp_path / "live.pcapng")
    assert [(p.data, p.label) for p in found] == [(p.data, p.label) for p in expected]
    assert len({p.label for p in found}) == len(filters) + 1
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["labelled"] == sum(p.label is not None for p in found)
    assert report["packets"] == len(read_packets(tmp_path / "live.pcapng"))
    assert report["inputs_read"] == 0


@pytest.mark.parametrize("quiet", [[], ["-q"]])
def test_packets_that_the_kernel_drops(wire, program, tmp_path, quiet):
    """A program that stands still for a while: its buffer overflows, and the report says by how
    many packets."""
    (tmp_path / "rules.csv").write_text("BPF:udp port 9,nine\n")
    process = wire.label(program, "-d", "v1", "-L", "rules.csv", "-W", "out.pcapng", "--stats-json",
                         "report.json", "--buffer-size", "64k", "--snaplen", "2000", *quiet)
    process.send_signal(signal.SIGSTOP)
    inject(wire, [udp_frame(9, bytes(1000))] * 1000)
    process.send_signal(signal.SIGCONT)
    text = stop(process)
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["kernel_dropped"] > 100
    assert (f"labelcap label: warning: the kernel lost {report['kernel_dropped']:,} of "
            f"{report['kernel_received']:,} packets: its buffer was full") in text
    assert 1000 <= report["kernel_received"] < 1100
    got = report["kernel_received"] - report["kernel_dropped"]
    assert report["packets"] <= got < report["packets"] + 20  # chatter may wait in the buffer


def test_sorted_live(wire, program, tmp_path):
    (tmp_path / "rules.csv").write_text("BPF:udp port 5,five\nBPF:udp port 6,six\n")
    process = wire.label(program, "-s", "-d", "v1", "-L", "rules.csv", "-W", "out.pcapng")
    inject(wire, [udp_frame(port) for port in (5, 6, 7) * 20])
    stop(process)
    packets = read_packets(tmp_path / "out.pcapng")
    keys = [(packet.label[0], packet.time_ns) for packet in packets]
    assert len(keys) == 40 and keys == sorted(keys)
    assert [block.type for block in walk(tmp_path / "out.pcapng")][-1] == STATISTICS


def test_what_the_file_says(wire, program, tmp_path):
    """Interface, resolution, cut packets and counts, as tshark, tcpdump and capinfos see them."""
    (tmp_path / "rules.csv").write_text("BPF:udp port 9,nine\n")
    started = time.time_ns()
    process = wire.label(program, "-d", "v1", "-L", "rules.csv", "-W", "out.pcapng", "--snaplen",
                         "80", "--buffer-size", "1M", "--stats-json", "report.json")
    inject(wire, [udp_frame(9, bytes(size)) for size in (0, 37, 38, 39, 1000)])
    text = stop(process)
    packets = read_packets(tmp_path / "out.pcapng")
    assert [len(packet.data) for packet in packets] == [42, 79, 80, 80, 80]
    assert [packet.length for packet in packets] == [42, 79, 80, 81, 1042]
    assert all(started < packet.time_ns < time.time_ns() for packet in packets)
    blocks = walk(tmp_path / "out.pcapng")
    assert [block.type for block in blocks[:2]] == [SECTION, INTERFACE]
    assert (blocks[1].snaplen, blocks[1].linktype) == (80, 1)
    assert (blocks[1].values(IFNAME), blocks[1].values(TSRESOL)) == ([b"v1"], [b"\x09"])
    statistics = blocks[-1]
    counts = [int.from_bytes(statistics.values(code)[0], "little")
              for code in (RECEIVED, DROPPED_BY_INTERFACE, DROPPED)]
    assert counts[0] >= 5 and counts[1:] == [0, 0]
    assert (f"labelcap label: kernel: {counts[0]} packets received, 0 dropped; "
            "interface: 0 dropped\n") in text
    report = json.loads((tmp_path / "report.json").read_text())
    assert [report[name] for name in
            ("kernel_received", "interface_dropped", "kernel_dropped")] == counts
    assert capinfos(tmp_path / "out.pcapng")["Number of packets"] == "5"
    assert {row[0] for row in tshark(tmp_path / "out.pcapng", "frame.interface_name")} == {"v1"}
    assert len(tcpdump(tmp_path / "out.pcapng")) == 5 * 16 + 42 + 79 + 240


def test_a_vlan_tag_that_the_kernel_takes_off(wire, program, tmp_path):
    """It is back where filters look for it."""
    tagged = udp_frame(9, tag=bytes.fromhex("81000005"))
    (tmp_path / "rules.csv").write_text("BPF:vlan 5 and udp port 9,tagged\nBPF:udp port 9,plain\n")
    process = wire.label(program, "-d", "v1", "-L", "rules.csv", "-W", "out.pcapng")
    inject(wire, [tagged, udp_frame(9), tagged])
    stop(process)
    assert [(p.data, p.label[1]) for p in ours(tmp_path / "out.pcapng")] == [
        (tagged, "tagged"), (udp_frame(9), "plain"), (tagged, "tagged")]


def test_packets_of_times_and_of_files(wire, program, tmp_path):
    """Windows are of the packet's own time; no live packet comes from a file."""
    (tmp_path / "rules.csv").write_text(
        f"FILE:a.pcap|BPF:udp port 9,file\nBPF:udp port 9|TS_END:{int(time.time()) - 1000},past\n"
        f"BPF:udp port 9|TS_START:{int(time.time()) - 1000},now\n")
    process = wire.label(program, "-d", "v1", "-L", "rules.csv", "-W", "out.pcapng")
    inject(wire, [udp_frame(9)])
    text = stop(process)
    assert [p.label[1] for p in ours(tmp_path / "out.pcapng")] == ["now"]
    assert 'rules.csv:1: no input is named "a.pcap"; the rule cannot label any packet\n' in text
    assert "rules.csv:2: its time is outside the capture (" in text


def test_count_stops_at_once(wire, program, tmp_path):
    (tmp_path / "rules.csv").write_text(f"BPF:ether src {OURS.hex(':')},x\n")
    process = wire.label(program, "-d", "v1", "-L", "rules.csv", "-W", "out.pcapng", "-c", "7",
                         "--keep-unmatched")
    inject(wire, [udp_frame(9)] * 50)
    assert " of 7 packets labelled" in finish(process)
    assert len(read_packets(tmp_path / "out.pcapng")) == 7


def test_standard_output_gets_packets_while_it_goes_on(wire, program, tmp_path):
    """Each second what is there goes out; a reader that leaves ends the capture."""
    (tmp_path / "rules.csv").write_text("BPF:udp port 9,x\n")
    process = wire.label(program, "-d", "v1", "-L", "rules.csv", "-W", "-", stdout=subprocess.PIPE)
    inject(wire, [udp_frame(9)] * 3)
    until = time.monotonic() + 10
    data = b""
    while data.count(udp_frame(9)) < 3 and time.monotonic() < until:
        if select.select([process.stdout], [], [], 0.2)[0]:
            data += os.read(process.stdout.fileno(), 1 << 16)
    assert data.count(udp_frame(9)) == 3 and process.poll() is None
    process.stdout.close()
    inject(wire, [udp_frame(9)] * 3)
    assert process.wait(timeout=10) == 1
    assert "standard output: cannot write: Broken pipe\n" in process.stderr.read()


def test_dry_run_live(wire, program, tmp_path):
    (tmp_path / "rules.csv").write_text("BPF:udp port 9,x\n")
    process = wire.label(program, "--dry-run", "-d", "v1", "-L", "rules.csv",
                         stdout=subprocess.PIPE)
    inject(wire, [udp_frame(9)] * 3)
    time.sleep(0.4)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 0 and out.startswith("3 of ") and "BPF:udp port 9" in out
    assert os.listdir(tmp_path) == ["rules.csv"]


@pytest.mark.parametrize("options, promiscuity", [([], "1"), (["--no-promiscuous"], "0")])
def test_promiscuous_or_not(wire, program, tmp_path, options, promiscuity):
    (tmp_path / "rules.csv").write_text("BPF:udp port 9,x\n")
    process = wire.label(program, "-d", "v1", "-L", "rules.csv", "-W", "out.pcapng", *options)
    shown = subprocess.run(wire.inside("ip", "-d", "link", "show", "v1"), capture_output=True,
                           text=True, check=True, timeout=10).stdout.split()
    assert shown[shown.index("promiscuity") + 1] == promiscuity
    stop(process)


def test_any_interface(wire, program, tmp_path):
    """Linux cooked capture: another link type, the same filters."""
    (tmp_path / "rules.csv").write_text(f"BPF:udp dst port {PORT},wanted\n")
    process = wire.label(program, "-d", "any", "-L", "rules.csv", "-W", "out.pcapng")
    wire.send(4)
    stop(process)
    packets = read_packets(tmp_path / "out.pcapng")
    assert {p.linktype for p in packets} <= {113, 276} and len(packets) in (4, 8)  # in and out
    assert len(tcpdump(tmp_path / "out.pcapng")) > 0


def live_fails(network, program, *arguments, status=1):
    done = subprocess.run(network.inside(program, "label", *arguments), cwd=network.directory,
                          capture_output=True, text=True, env=clean_environment(), timeout=20)
    assert done.returncode == status, done.stderr
    return done.stderr


def test_what_cannot_be_begun(network, program, rules, tmp_path):
    """Nothing is written then, and nothing that is there is touched."""
    (tmp_path / "old.pcapng").write_text("precious")
    shadowed = tmp_path / "shadowed.csv"
    shadowed.write_text("BPF:udp,a\nBPF:udp,b\n")
    before = sorted(os.listdir(tmp_path))
    common = ["-L", rules, "-W", "out.pcapng"]
    cases = {
        "--user: unknown user 'no-such-user'": ["-d", "lo", "--user", "no-such-user", *common],
        "old.pcapng: already exists (use -f to replace it)":
            ["-d", "lo", "-L", rules, "-W", "old.pcapng"],
        "missing: cannot create a file in it: No such file or directory":
            ["-d", "lo", "-L", rules, "-W", "missing/out.pcapng"],
        f"{shadowed}:2: shadowed by line 1, which takes every packet it could label (--strict)":
            ["-d", "lo", "--strict", "-L", shadowed, "-W", "out.pcapng"],
        "v9: cannot capture: ": ["-d", "v9", *common],
        ": cannot capture: ": ["-d", "", *common],
    }
    for message, arguments in cases.items():
        text = live_fails(network, program, *arguments)
        last = text.splitlines()[-1]
        assert last.startswith("labelcap label: ") and message in last, text
        assert sorted(os.listdir(tmp_path)) == before


def test_without_the_right_to_capture(program, rules):
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    command = ["setpriv", "--reuid", "65534", "--clear-groups", program]
    if subprocess.run([*command, "--version"], capture_output=True).returncode != 0:
        pytest.skip("other users cannot run the program where it lies")
    text = rules.read_text()
    done = subprocess.run([*command, "label", "-d", "lo", "-L", "-", "-W", "/tmp/never.pcapng"],
                          input=text, capture_output=True, text=True, env=clean_environment(),
                          timeout=20)
    assert done.returncode == 1
    assert done.stderr.startswith("labelcap label: lo: cannot capture: ")
    assert not os.path.exists("/tmp/never.pcapng")


def test_a_folder_that_the_user_may_not_write(network, program, tmp_path):
    """--user takes effect before the output is opened."""
    (tmp_path / "rules.csv").write_text("BPF:udp,x\n")
    text = live_fails(network, program, "-d", "lo", "--user", "nobody", "-L", "rules.csv", "-W",
                      tmp_path / "out.pcapng")
    assert "cannot" in text and "Permission denied" in text
    assert os.listdir(tmp_path) == ["rules.csv"]
