"""What the library writes, judged by programs that nobody here wrote, and by the draft."""

import shutil
import subprocess
from pathlib import Path

import pytest

from kinds import of_each_kind
from pcapng_walk import packets, walk

FIELDS = ["frame.time_epoch", "frame.len", "frame.cap_len", "frame.encap_type", "frame.md5_hash"]


@pytest.fixture(scope="module")
def copy(build, build_flags, repo, tmp_path_factory):
    """copy(form, output, *inputs): runs the small C program beside this file."""
    program = tmp_path_factory.mktemp("copy") / "copy_capture"
    if not (build / "liblabelcap.so").exists():
        pytest.fail(f"{build}/liblabelcap.so is not there: run make first")
    subprocess.run(
        ["cc", "-o", program, Path(__file__).with_name("copy_capture.c"), f"-I{repo}/include",
         f"-L{build}", f"-Wl,-rpath,{build}", "-llabelcap", *build_flags], check=True)

    def run_copy(form, output, *inputs, check=True):
        done = subprocess.run([program, form, output, *inputs], capture_output=True, text=True)
        assert not check or done.returncode == 0, done.stderr
        return done

    return run_copy


def need(tool):
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not installed")


def tshark(path):
    """The fields of every packet, and the exit status."""
    need("tshark")
    command = ["tshark", "-n", "-o", "frame.generate_md5_hash:TRUE", "-r", path, "-T", "fields"]
    for field in FIELDS:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stdout.splitlines()


def test_pcapng_is_sound(shared, copy, tmp_path):
    """Every copy keeps to the draft."""
    output = tmp_path / "copy.pcapng"
    checked = 0
    for path in of_each_kind((shared / "captures/formats").rglob("*.pcap*")):
        if copy("pcapng", output, path, check=False).returncode != 0:
            continue  # damaged: no output
        walk(output)
        checked += 1
    assert checked > 100


@pytest.mark.parametrize("name", [
    "derived/pcap-be-ns.pcap", "derived/pcap-le-ns.pcap", "derived/pcap-snapped-54.pcap",
    "derived/lt0-null-be.pcap", "derived/lt276-sll2.pcap", "derived/multi-if-linktypes-tsresol.pcapng",
    "derived/tsoffset-plus.pcapng", "derived/comments-0to3-per-packet.pcapng",
    "derived/two-sections-mixed-endian.pcapng", "derived/old-packet-block.pcapng",
    "derived/all-block-types.pcapng", "ws-dhcp-nanosecond.pcapng", "ark-nflog.pcap",
])
def test_tshark_sees_the_same(shared, copy, tmp_path, name):
    source, output = shared / "captures/formats" / name, tmp_path / "copy.pcapng"
    copy("pcapng", output, source)
    status, expected = tshark(source)
    assert status == 0 and expected
    assert tshark(output) == (0, expected)


@pytest.mark.parametrize("name", [
    "derived/pcap-be-ns.pcap", "derived/pcap-be-us.pcap", "derived/pcap-le-ns.pcap",
    "derived/lt0-null-be.pcap", "derived/pcap-snaplen0.pcap", "derived/tsresol-10e-9.pcapng",
    "derived/tsresol-2e-20.pcapng", "derived/comments-0to3-per-packet.pcapng",
])
def test_pcap_in_tshark_and_tcpdump(shared, copy, tmp_path, name):
    source, output = shared / "captures/formats" / name, tmp_path / "copy.pcap"
    copy("pcap", output, source)
    if "2e-20" not in name:  # floor to ns cuts digits that tshark would show rounded
        assert tshark(output) == (0, tshark(source)[1])
    need("tcpdump")
    for path in (source, output):
        done = subprocess.run(["tcpdump", "-n", "-tt", "-xx", "--nano", "-r", path],
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        if path == source:
            expected = done.stdout
    assert done.stdout == expected


@pytest.mark.parametrize("name", ["pcap-be-us", "pcap-be-ns", "pcap-le-ns", "lt0-null-be", "pcap-snapped-54"])
def test_pcap_is_copied_bit_by_bit(shared, copy, tmp_path, name):
    source, output = shared / f"captures/formats/derived/{name}.pcap", tmp_path / "copy.pcap"
    copy("pcap", output, source)
    assert output.read_bytes() == source.read_bytes()


def test_several_snap_lengths_open_in_tcpdump(shared, copy, tmp_path):
    """tcpdump refuses interfaces that differ in snap length: then all are written as 0."""
    need("tcpdump")
    derived = shared / "captures/formats/derived"
    inputs = [derived / "pcap-snapped-54.pcap", derived / "pcap-be-us.pcap"]
    output = tmp_path / "all.pcapng"
    copy("merge", output, *inputs)
    blocks = walk(output)
    assert [b.snaplen for b in blocks if b.type == 1] == [0]  # and so they are one
    done = subprocess.run(["tcpdump", "-n", "-r", output], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) >= len(packets(blocks))
    need("capinfos")
    done = subprocess.run(["capinfos", "-M", "-c", output], capture_output=True, text=True)
    assert done.returncode == 0 and str(len(packets(blocks))) in done.stdout


def test_several_link_types_into_pcap(shared, copy, tmp_path):
    source = shared / "captures/formats/derived/multi-if-linktypes-tsresol.pcapng"
    output = tmp_path / "copy.pcap"
    done = copy("pcap", output, source, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{output}: pcap can hold only one link type: ")
    assert done.stderr.endswith(" (write pcapng instead, or split by link type)\n")
    assert list(tmp_path.iterdir()) == []
