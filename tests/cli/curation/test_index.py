"""index: the catalogue, read with plain SQL, says of every packet where it is."""

import hashlib
import sqlite3
import subprocess
from pathlib import Path

import pytest

from captures import Ng, pcapng_packets, read_bytes, read_packets


@pytest.fixture
def catalogue(run):
    """catalogue(path): a connection to the new catalogue of a data set."""
    opened = []

    def index(path, *options):
        run("index", "-f", *options, path)
        db = sqlite3.connect(f"file:{path}.sqlite?mode=ro", uri=True)
        db.row_factory = sqlite3.Row
        opened.append(db)
        return db

    yield index
    for db in opened:
        db.close()


def blocks_of(path):
    """(offset, end, packet or None) of each block, by the Python reader of pcapng."""
    data = read_bytes(path)
    packets = {block.offset: packet for packet, block, _ in pcapng_packets(data)}
    at = 0
    while at < len(data):
        order = "little" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else "big"
        if data[at:at + 4] == b"\n\r\r\n":
            section_order = order
        length = int.from_bytes(data[at + 4:at + 8], section_order)
        yield at, at + length, packets.get(at)
        at += length


def check(db, path):
    """Holds every table to the packets of the file."""
    samples = {row["sample"]: row for row in db.execute("SELECT * FROM samples")}
    packets = read_packets(path)
    labelled = [packet for packet in packets if packet.label]
    by_id = {}
    for packet in labelled:
        by_id.setdefault(packet.label[0], []).append(packet)
    assert [int(row["sampleID"]) for row in samples.values()] == list(by_id)
    for row in samples.values():
        own = by_id[int(row["sampleID"])]
        times = [packet.time_ns for packet in own if packet.time_ns is not None]
        assert (row["metadata"], row["packets"], row["bytes"]) == (
            own[0].label[1], len(own), sum(packet.length for packet in own))
        assert (row["first_ns"], row["last_ns"]) == (min(times, default=None),
                                                     max(times, default=None))
        assert row["linktype"] == own[0].linktype
    dataset = dict(db.execute("SELECT * FROM dataset").fetchone())
    assert (dataset["packets"], dataset["labelled"], dataset["samples"]) == (
        len(packets), len(labelled), len(samples))
    data = path.read_bytes()
    assert dataset["size"] == len(data)
    assert dataset["ends_sha256"] == hashlib.sha256(data[:65536] + data[-65536:]).hexdigest()
    check_ranges(db, path, samples)


def check_ranges(db, path, samples):
    """The ranges cover all but the packets without a label, and none could be longer."""
    ranges = db.execute('SELECT * FROM ranges ORDER BY "offset"').fetchall()
    expected = []
    for at, end, packet in blocks_of(path):
        owner = None if packet is None else packet.label and packet.label[0]
        if packet is not None and owner is None:
            expected.append(None)  # no range, and none goes on behind it
            continue
        if not expected or expected[-1] is None or expected[-1][0] != owner:
            expected.append([owner, at, at, 0])
        expected[-1][2] = end
        expected[-1][3] += packet is not None
    ids = {row["sample"]: int(row["sampleID"]) for row in samples.values()}
    assert [[ids.get(row["sample"]), row["offset"], row["offset"] + row["length"], row["packets"]]
            for row in ranges] == [found for found in expected if found]


def everything():
    ng = Ng().interface().interface(linktype=101, tsresol=9, tsoffset=5, options=[(2, b"eth1")])
    ng.names().secrets()
    ng.packet(b"a", 10**9, ["5,web"]).packet(b"bb", 10, ["3,mail"], interface=1)
    ng.packet(b"none").packet(b"c", 11, ["5,web"]).statistics().packet(b"d", 12, ["5,post"])
    ng.packet(b"none", comments=["no,label"]).packet(b"e", 13, ["0005,web", "more"])
    ng.section(">").interface().packet(b"e", 13, ["5,web"]).simple().custom()
    ng.interface(linktype=228).packet(b"f", 2, [f"{2**64 - 1},last"], interface=1)
    return bytes(ng)


def test_every_kind_of_block(catalogue, tmp_path):
    path = tmp_path / "a.pcapng"
    path.write_bytes(everything())
    db = catalogue(path)
    check(db, path)
    assert [tuple(row) for row in db.execute("SELECT number, linktype, tsoffset, name "
                                             "FROM interfaces ORDER BY section, number")] == [
        (0, 1, 0, None), (1, 101, 5, "eth1"), (0, 1, 0, None), (1, 228, 0, None)]


def test_labelled_and_sorted_traffic(run, catalogue, repo, tmp_path):
    path, in_order = tmp_path / "a.pcapng", tmp_path / "sorted.pcapng"
    run("label", "-L", repo / "datasets/mixed/rules.csv", "-o", path, "--keep-unmatched",
        repo / "datasets/mixed/mixed.pcap")
    run("sort", "-o", in_order, path)
    for capture, is_sorted in ((path, 0), (in_order, 1)):
        db = catalogue(capture)
        check(db, capture)
        assert db.execute("SELECT sorted, compression FROM dataset").fetchone()[:] == (
            is_sorted, "none")
    assert db.execute("SELECT COUNT(*) FROM ranges WHERE sample IS NOT NULL").fetchone()[0] == \
        db.execute("SELECT COUNT(*) FROM samples").fetchone()[0]


def test_sources_of_packets(catalogue, tmp_path):
    path = tmp_path / "a.pcapng"
    ng = Ng().interface()
    for label, source in (("1,a", "x/1.pcap"), ("2,b", "x/1.pcap"), ("1,a", "y.pcap"),
                          ("1,a", "y.pcap"), ("2,b", "x/1.pcap")):
        ng.packet(b"p", 1, [label] + [f"source={source}"] * bool(source) + ["source=another"])
    path.write_bytes(bytes(ng.packet(b"p", 1, ["source=no", "3,c"])))
    db = catalogue(path)
    assert [tuple(row) for row in db.execute("SELECT * FROM sources ORDER BY 1, 2")] == [
        ("1", "x/1.pcap", 1), ("1", "y.pcap", 2), ("2", "x/1.pcap", 2)]
    assert [row[0] for row in db.execute("SELECT source FROM samples")] == ["x/1.pcap", "x/1.pcap"]


def test_sources_that_label_keeps(run, catalogue, repo, tmp_path):
    """The inputs of each packet, found again after sorting; read back one by one they are there."""
    folder = repo / "datasets/apps/dns"
    (tmp_path / "rules.csv").write_text("BPF:udp,udp\nBPF:tcp,tcp\n")
    run("label", "--keep-source", "--sort", "-L", tmp_path / "rules.csv", "-o", tmp_path / "a.pcapng",
        folder)
    db = catalogue(tmp_path / "a.pcapng")
    check(db, tmp_path / "a.pcapng")
    found = dict(db.execute("SELECT path, SUM(packets) FROM sources GROUP BY path").fetchall())
    expected = {str(path.relative_to(folder)): len(read_packets(path))
                for path in folder.rglob("*.pcap*")}
    assert {Path(name).name: count for name, count in found.items()} == {
        Path(name).name: count for name, count in expected.items() if count}


def test_hash_is_of_the_file(catalogue, tmp_path):
    path = tmp_path / "a.pcapng"
    path.write_bytes(everything())
    assert catalogue(path).execute("SELECT sha256 FROM dataset").fetchone()[0] is None
    assert catalogue(path, "--hash").execute("SELECT sha256 FROM dataset").fetchone()[0] == \
        hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_cannot_be_indexed(run, tmp_path):
    path = tmp_path / "a.pcapng"
    path.write_bytes(bytes(Ng().interface().packet(b"no label")))
    for name, words in ((path, "has no labelled packet"), ("-", "not a regular file"),
                        (tmp_path, "expected one labelled capture"),
                        (tmp_path / "none", "none: cannot open: No such file")):
        done = run("index", name, check=False)
        assert done.returncode == 1 and words in done.stderr
    path.write_bytes(everything()[:-8])
    done = run("index", path, check=False)
    assert done.returncode == 1 and "truncated block" in done.stderr
    assert list(tmp_path.iterdir()) == [path]


def test_an_existing_catalogue_is_kept(run, tmp_path):
    path = tmp_path / "a.pcapng"
    path.write_bytes(everything())
    run("index", path)
    done = run("index", path, check=False)
    assert done.returncode == 1 and "exists" in done.stderr


def test_streams_are_named(run, tmp_path):
    """Plain gzip and zstd have no random access, and the note says how to get it."""
    for ending in ("gz", "zst"):
        path = tmp_path / f"a.pcapng.{ending}"
        (tmp_path / "a.pcapng").write_bytes(everything())
        tool = {"gz": ["gzip", "-k"], "zst": ["zstd", "-q"]}[ending]
        subprocess.run([*tool, tmp_path / "a.pcapng"], check=True)
        done = run("index", path)
        assert "labelcap sort -o x.pcapng.gz" in done.stderr
