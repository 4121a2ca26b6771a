"""Compressed captures: all kinds that are read, and who reads what labelcap writes."""

import gzip
import io
import subprocess

import dpkt
import pytest

from captures import pcap, read_packets

PACKETS = [(bytes([number % 251]) * (60 + number % 900), number * 1000) for number in range(4000)]
TOOLS = {
    "gzip": ["gzip", "-c"], "bgzip": ["bgzip", "-c"], "zstd": ["zstd", "-qc"],
    "xz": ["xz", "-0c"], "lz4": ["lz4", "-qc"], "bzip2": ["bzip2", "-1c"],
}


def output_of(*command, **more):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, **more).stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("codecs")
    (folder / "in.pcap").write_bytes(pcap(PACKETS))
    (folder / "rules.csv").write_text("BPF:len >= 0,all\n")
    return folder


@pytest.mark.parametrize("tool", TOOLS)
def test_every_kind_is_read(run, program, folder, tool):
    packed = output_of(*TOOLS[tool], folder / "in.pcap")
    (folder / f"packed-{tool}").write_bytes(packed)
    plain = folder / "plain.pcapng"
    run("label", "-f", "-L", folder / "rules.csv", "-o", plain, folder / "in.pcap")
    out = folder / f"{tool}.pcapng"
    run("label", "-L", folder / "rules.csv", "-o", out, folder / f"packed-{tool}")
    assert out.read_bytes() == plain.read_bytes()
    piped = output_of(program, "strip", "-q", "-o", "-", "-", input=output_of(*TOOLS[tool], out))
    assert piped == output_of(program, "strip", "-q", "-o", "-", "-", input=out.read_bytes())


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_other_readers_read_every_output_whole(run, folder, ending):
    """tshark 4.0 would stop at the end of the first of several zstd frames."""
    plain, out = folder / "whole.pcapng", folder / f"whole.pcapng.{ending}"
    for output in (plain, out):
        run("label", "-f", "-L", folder / "rules.csv", "-o", output, folder / "in.pcap")
    numbers = output_of("tshark", "-r", out, "-T", "fields", "-e", "frame.number",
                        stderr=subprocess.DEVNULL).split()
    assert len(numbers) == len(PACKETS)
    assert output_of("capinfos", "-TrcM", out).split(b"\t")[-1].strip() == b"4000"
    unpack = {"gz": "zcat", "zst": "zstdcat"}[ending]
    assert output_of(unpack, out) == plain.read_bytes()
    if ending == "gz":
        assert gzip.decompress(out.read_bytes()) == plain.read_bytes()
        with gzip.open(out) as file:
            assert len(list(dpkt.pcapng.Reader(io.BytesIO(file.read())))) == len(PACKETS)
        subprocess.run(["bgzip", "-t", out], check=True)


def test_bgzip_reads_from_any_place(run, folder):
    plain, out = folder / "any.pcapng", folder / "any.pcapng.gz"
    for output in (plain, out):
        run("label", "-f", "-L", folder / "rules.csv", "-o", output, folder / "in.pcap")
    subprocess.run(["bgzip", "-r", out], check=True)
    data = plain.read_bytes()
    for offset in range(0, len(data), 300_007):
        assert output_of("bgzip", "-b", str(offset), "-s", "999", out) == data[offset:offset + 999]


def test_a_cut_block_loses_no_whole_packet(run, folder):
    packed = output_of("bgzip", "-c", folder / "in.pcap")
    for cut in range(200, len(packed) - 28, len(packed) // 7):
        (folder / "cut.gz").write_bytes(packed[:cut])
        done = run("label", "-f", "-L", folder / "rules.csv", "-o", folder / "cut.pcapng",
                   folder / "cut.gz", check=False)
        assert done.returncode == 1 and "the file ends in the middle of the gzip data" in done.stderr
        found = [packet.data for packet in read_packets(folder / "cut.pcapng")]
        assert found == [data for data, _ in PACKETS[:len(found)]]
        whole = subprocess.run(["gzip", "-dc"], input=packed[:cut], capture_output=True).stdout
        at, count = 24, 0
        while at + 16 <= len(whole) and at + 16 + len(PACKETS[count][0]) <= len(whole):
            at += 16 + len(PACKETS[count][0])
            count += 1
        assert len(found) >= count


@pytest.mark.parametrize("ending", [".xz", ".lz4", ".bz2"])
def test_what_is_only_read_is_no_output(run, folder, ending):
    output = folder / f"out.pcapng{ending}"
    done = run("strip", "-o", output, folder / "in.pcap", check=False)
    assert done.returncode == 2
    assert f"files that end in {ending} are read, but not written; expected a name" in done.stderr
    assert not output.exists()
