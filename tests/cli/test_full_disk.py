"""label where the disk is full: what can be read again leaves nothing, what cannot is kept, sound.

A limit on the size of files stands for the disk: it needs no root, and write(2) fails as well.
"""

import gzip
import os
import re
import resource
import subprocess
import threading

import pytest

from captures import RAW, Ng, pcap, read_packets
from disks import small_disk
from pcapng_walk import walk
from test_live import finish, network, rules as live_rules  # fixtures

LIMIT = 600_000
FAILURE = "labelcap label: {}: cannot write: File too large"
KEPT = " (the part already written is kept)\n"


ABOUT = "".join(f'{key} = "{value}"\n' for key, value in {
    "name": "x", "description": "x", "license": "CC0-1.0", "creator": "x", "url": "https://example.org/x",
    "date": "2020-01-01", "version": "1", "publisher": "x"}.items())


def limit_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT))


@pytest.fixture
def folder(tmp_path):
    """Where the runs take place: in.pcap is larger than an output may be, however compressed."""
    records = [(os.urandom(1000), number * 1000) for number in range(2000)]
    (tmp_path / "in.pcap").write_bytes(pcap(records))
    (tmp_path / "rules.csv").write_text("BPF:len >= 0,all\n")
    return tmp_path


@pytest.fixture
def label(run, folder):
    def run_label(output, *arguments, **kwargs):
        return run("label", "-q", "-L", "rules.csv", "-W", output, *arguments, check=False,
                   cwd=folder, preexec_fn=limit_files, text=False, **kwargs)

    return run_label


def entries(folder):
    return sorted(path.name for path in folder.iterdir() if path.name not in ("in.pcap", "rules.csv"))


def assert_cut(path, whole, failed, name):
    """A sound capture with the first packets of `whole`, nearly as many as there is room for."""
    assert (failed.returncode, failed.stderr.decode()) == (1, FAILURE.format(name) + KEPT)
    walk(path)
    assert LIMIT - 300_000 < path.stat().st_size <= LIMIT
    kept = [packet.bare() for packet in read_packets(path)]
    assert kept == [packet.bare() for packet in read_packets(whole)[:len(kept)]]


def test_standard_input_is_kept(label, folder):
    done = label("out.pcapng", "-", input=(folder / "in.pcap").read_bytes())
    assert_cut(folder / "out.pcapng", folder / "in.pcap", done, "out.pcapng")
    assert entries(folder) == ["out.pcapng"]


def test_a_fifo_is_kept_and_an_old_output_replaced(label, folder):
    os.mkfifo(folder / "fifo")
    (folder / "out.pcapng").write_text("old")

    def feed():
        try:
            (folder / "fifo").write_bytes((folder / "in.pcap").read_bytes())
        except BrokenPipeError:
            pass

    feeder = threading.Thread(target=feed)
    feeder.start()
    done = label("out.pcapng", "-f", "fifo", timeout=20)
    feeder.join(timeout=20)
    assert_cut(folder / "out.pcapng", folder / "in.pcap", done, "out.pcapng")


def test_what_shows_at_the_end_only(label, folder, monkeypatch):
    """All fits into the buffer but the limit: nothing whole was written, so nothing is kept."""
    monkeypatch.setitem(globals(), "LIMIT", 1000)
    data = pcap([(bytes(100), 5)] * 100)
    done = label("out.pcapng", "-", input=data)
    assert (done.returncode, done.stderr.decode()) == (1, FAILURE.format("out.pcapng") + "\n")
    assert entries(folder) == []


@pytest.mark.parametrize("arguments", [["in.pcap"], ["-s", "-"]])
def test_a_file_and_a_sorted_output_are_not(label, folder, arguments):
    (folder / "out.pcapng").write_text("old")
    done = label("out.pcapng", "-f", *arguments, input=(folder / "in.pcap").read_bytes())
    assert done.returncode == 1 and b"cannot write: File too large\n" in done.stderr
    assert entries(folder) == ["out.pcapng"] and (folder / "out.pcapng").read_text() == "old"


def test_a_compressed_output_ends_with_a_whole_block(label, folder):
    done = label("out.pcapng.gz", "-", input=(folder / "in.pcap").read_bytes())
    assert done.stderr.decode() == FAILURE.format("out.pcapng.gz") + KEPT
    subprocess.run(["gzip", "-t", folder / "out.pcapng.gz"], check=True)
    unpacked = gzip.decompress((folder / "out.pcapng.gz").read_bytes())
    assert label("again.pcapng", "--relabel", "out.pcapng.gz").returncode == 0
    packets = read_packets(folder / "again.pcapng")
    assert len(packets) > 300
    assert all(packet.data in unpacked and packet.label for packet in packets)


def test_other_link_types_are_kept_whole(label, folder):
    """The file of one fails; that of the other is finished."""
    ng = Ng().interface().interface(RAW)
    for number in range(2000):
        ng.packet(bytes(1000), number, interface=int(number % 100 == 0))
    done = label("out.pcapng", "--split-linktypes", "-", input=bytes(ng))
    name = "out.ethernet.pcapng"
    assert (done.returncode, done.stderr.decode()) == (1, FAILURE.format(name) + KEPT)
    assert entries(folder) == [name, "out.raw.pcapng"]
    counts = [len(read_packets(folder / name)) for name in entries(folder)]
    assert 250 < counts[0] < 600 and 3 <= counts[1] <= 20


def test_a_link_type_whose_output_exists(label, folder):
    """Known late; what has been written of others is not lost for it."""
    (folder / "out.raw.pcapng").write_text("old")
    ng = Ng().interface().packet(b"first").interface(RAW).packet(b"second", interface=1)
    done = label("out.pcapng", "--split-linktypes", "-", input=bytes(ng))
    assert (done.returncode, done.stderr.decode()) == (
        1, "labelcap label: out.raw.pcapng: already exists (use -f to replace it)\n")
    assert [packet.data for packet in read_packets(folder / "out.ethernet.pcapng")] == [b"first"]
    assert (folder / "out.raw.pcapng").read_text() == "old"
    (folder / "out.ethernet.pcapng").rename(folder / "out.raw.pcapng")
    done = label("out.pcapng", "--split-linktypes", "-", input=bytes(Ng().interface(RAW)))
    assert done.returncode == 1 and entries(folder) == ["out.raw.pcapng"]


@pytest.mark.parametrize("command, name", [
    (["arrays", "--packets", "1000", "--bytes", "1000"], "out/X.npy"),
    (["split"], r"out/\d+_all.pcap"),
    (["publish", "--allow", "mac,addresses,payload", "--metadata", "about.toml"], "out/data/packets.pcapng.gz"),
])
def test_files_in_directories_have_their_final_names(run, folder, command, name):
    headers = bytes(12) + b"\x08\0" + bytes.fromhex("450003e8 00000000 40110000 7f000001 7f000001")
    (folder / "in.pcap").write_bytes(pcap([(headers + os.urandom(980), n) for n in range(1000)]))
    (folder / "about.toml").write_text(ABOUT)
    run("label", "-q", "-s", "-L", "rules.csv", "-o", "in.pcapng", "in.pcap", cwd=folder)
    done = run(*command, "-q", "-o", "out", "in.pcapng", check=False, cwd=folder,
               preexec_fn=limit_files)
    assert re.fullmatch(f"labelcap {command[0]}: {name}: cannot write: File too large\n", done.stderr)
    assert ".labelcap" not in done.stderr and entries(folder) == ["about.toml", "in.pcapng"]


# ---- live ----


def test_live_capture_is_kept(network, program, live_rules, tmp_path):
    process = network.label(program, "-d", "lo", "-L", live_rules, "-W", "out.pcapng",
                            preexec_fn=limit_files)
    network.send(1200, size=1000, pause=0.001)
    text = finish(process, status=1)
    assert FAILURE.format("out.pcapng") + KEPT in text
    walk(tmp_path / "out.pcapng")
    assert 200 < len(read_packets(tmp_path / "out.pcapng")) < 600
    assert sorted(os.listdir(tmp_path)) == ["out.pcapng", "rules.csv"]


def test_live_capture_on_a_small_disk(network, program, live_rules, tmp_path):
    """What rotated before stays; of the last file what was handed on when a second was over."""
    with small_disk(tmp_path, "size=120k") as disk:
        process = network.label(program, "-d", "lo", "-L", live_rules, "-W", "disk/out.pcapng",
                                "--rotate-size", "60000")
        network.send(160, size=1000, pause=0.03)
        text = finish(process, status=1)
        assert ("labelcap label: disk/out-00002.pcapng: cannot write: No space left on device"
                + KEPT) in text
        assert sorted(os.listdir(disk)) == ["out-00001.pcapng", "out-00002.pcapng"]
        for path in disk.iterdir():
            walk(path)
        counts = [len(read_packets(path)) for path in sorted(disk.iterdir())]
        assert counts[0] == 58 and 10 < counts[1] < 58
