"""Rotated captures: the order in which their files are read."""

import pytest

from captures import pcap, read_packets
from flow_tables import read_csv
from labels import tshark

SECOND = 10**9


def tcp(flags, sequence, back=False):
    """One packet of the connection 10.0.0.1:1024 <-> 10.0.0.2:80."""
    ends = [bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])]
    ports = [(1024).to_bytes(2, "big"), (80).to_bytes(2, "big")]
    if back:
        ends, ports = ends[::-1], ports[::-1]
    segment = b"".join(ports) + sequence.to_bytes(4, "big") + bytes(4) + bytes([0x50, flags]) + bytes(6)
    ip = bytes.fromhex("45000028000000004006") + bytes(2) + b"".join(ends)
    return bytes(12) + b"\x08\x00" + ip + segment


def rotate(folder, names):
    """One packet a second in each of the files, in this order."""
    folder.mkdir()
    for number, name in enumerate(names):
        flags = 2 if number == 0 else 0x11 if number == len(names) - 1 else 0x10
        (folder / name).write_bytes(pcap([(tcp(flags, number), (1000 + number) * SECOND)]))
    return folder


TCPDUMP = ["capture.pcap", *(f"capture.pcap{number}" for number in range(1, 12))]
RING = ["d_00010_20260101.pcap", "d_00011_20260102.pcap", "d_00009_20260103.pcap"]


def times(path):
    return [packet.time_ns // SECOND for packet in read_packets(path)]


def test_a_directory_is_in_natural_order(label, tmp_path):
    done = label("BPF:tcp,x\n", rotate(tmp_path / "in", TCPDUMP))
    assert times(done.output) == list(range(1000, 1012))
    assert "begins before" not in done.stderr


def test_a_ring_that_went_round(label, tmp_path):
    """Names are no help then; a warning tells, and --order time reads them rightly."""
    folder = rotate(tmp_path / "in", RING)
    done = label("BPF:tcp,x\n", folder)
    assert times(done.output) == [1002, 1000, 1001]
    assert (f"labelcap label: warning: {folder}/d_00010_20260101.pcap begins before "
            f"{folder}/d_00009_20260103.pcap, which is read first: --order time reads regular "
            "files in the order of their first packets\n") in done.stderr
    done = label("FILE:d_00009_20260103.pcap,last\nBPF:tcp,x\n", "--order", "time", folder)
    assert times(done.output) == [1000, 1001, 1002]
    assert [packet.label[1] for packet in read_packets(done.output)] == ["x", "x", "last"]
    assert "begins before" not in done.stderr
    assert "begins before" not in label("BPF:tcp,x\n", "-s", folder).stderr


def test_other_names_may_come_in_any_order(label, tmp_path):
    """Classes are seldom captured in the order of their names."""
    names = ["web.pcap", "dns.pcap", "12345678901234567890_a.pcap", "1234567890123456789_a.pcap"]
    assert "begins before" not in label("BPF:tcp,x\n", rotate(tmp_path / "in", names)).stderr


def test_order_needs_files(label, tmp_path):
    folder = rotate(tmp_path / "in", RING)
    done = label("BPF:tcp,x\n", "--order", "time", folder, "-", check=False)
    assert done.returncode == 1
    assert "--order time looks into files first, but - is no regular file" in done.stderr


def test_standard_input_is_read_once(label, run, tmp_path):
    """Where it comes from a file, too: the look at its first packet would take it away."""
    folder = rotate(tmp_path / "in", RING)
    arguments = [folder / RING[0], "-"]
    with open(folder / RING[1], "rb") as capture:
        done = label("BPF:tcp,x\n", "--order", "time", *arguments, check=False, stdin=capture)
    assert done.returncode == 1 and "- is no regular file" in done.stderr
    with open(folder / RING[1], "rb") as capture:
        flows = read_csv(run("flows", "--join", *arguments, stdin=capture).stdout)
    assert flows["packets"].tolist() == ["2"]


@pytest.mark.parametrize("names", [TCPDUMP, RING])
def test_joined_flows_follow_the_time(run, tmp_path, names):
    """One connection, from its SYN to its FIN, as tshark sees it in the merged file."""
    rotate(tmp_path / "in", names)
    flows = read_csv(run("flows", "--join", "in", cwd=tmp_path).stdout)
    assert flows["packets"].tolist() == [str(len(names))]
    assert flows["start_ns"].tolist() == [str(1000 * SECOND)]
    run("sort", "--by", "time", "-o", "merged.pcapng", "in", cwd=tmp_path)
    assert len(set(map(tuple, tshark(tmp_path / "merged.pcapng", "tcp.stream")))) == 1


def test_the_rotated_report(run, shared):
    flows = read_csv(run("flows", "--join", shared / "reports/rotated").stdout)
    assert flows["packets"].tolist() == ["116"]
