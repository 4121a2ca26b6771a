"""Parquet files of `flows` and `arrays`, read by hyparquet and DuckDB: every cell is that of the CSV.

`make check-heavy` installs both readers, as package-lock.json says, into the folder of the build.
"""

import csv
import json
import re
import struct
import subprocess

import pytest

from captures import Ng, pcap
from surroundings import BUILD

READERS = ["hyparquet", "duckdb"]
SCRIPT = BUILD / "readers" / "read_parquet.mjs"
LINES = BUILD / "readers" / "run_line.mjs"
FLOWS = [
    ["--packets", "20", "--payload", "32"],
    ["--profile", "nexusflowmeter"],
    ["--profile", "netflowmeter"],
    ["--profile", "netflowmeter", "--compat", "--number-format", ".17g"],
    ["--rows-per-file", "100000", "--merge", "--unidirectional"],
]


def read(reader, path):
    done = subprocess.run(["node", SCRIPT, reader, path], stdout=subprocess.PIPE, check=True,
                          encoding="utf-8", timeout=120)
    return json.loads(done.stdout)


def read_csv(path):
    with open(path, newline="", encoding="utf-8") as file:
        names, *rows = csv.reader(file)
    return names, rows


def bits(text):
    return struct.pack("<d", float(text))


def same(kind, cell, text):
    """Whether a cell of a column of that type is what the CSV has for it."""
    if cell is None:
        return text == ""
    if kind == "BOOLEAN":
        return text == str(cell).lower()
    if kind == "DOUBLE":
        return bits(cell) == bits(text) or float(cell) == float(text) == 0
    if isinstance(cell, list) and any(isinstance(inner, list) for inner in cell):
        return ";".join(" ".join(inner) for inner in cell) == text
    if isinstance(cell, list):
        return " ".join(cell) == text
    return cell == text


def assert_equal(found, names, rows):
    assert list(found["types"]) == names
    assert len(found["rows"]) == len(rows)
    kinds = list(found["types"].values())
    for number, (cells, texts) in enumerate(zip(found["rows"], rows)):
        for name, kind, cell, text in zip(names, kinds, cells, texts):
            assert same(kind, cell, text), (number, name, kind, cell, text)


@pytest.fixture
def both(run, tmp_path):
    """Writes the flows of a capture as CSV and as Parquet; returns the path of the Parquet file."""

    def write(source, *options):
        for suffix in ("csv", "parquet"):
            run("flows", "-q", "-f", *options, "-o", tmp_path / f"flows.{suffix}", source)
        return tmp_path / "flows.parquet"

    return write


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("options", FLOWS, ids=" ".join)
@pytest.mark.parametrize("folder", ["apps", "protocols"])
def test_all_cells_are_those_of_the_csv(both, shared, reader, options, folder):
    path = both(shared / "captures" / folder, *options)
    names, rows = read_csv(path.with_suffix(".csv"))
    assert len(rows) > 400
    assert_equal(read(reader, path), names, rows)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("form", ["etbert", "pcapencoder", "trafficformer", "netfound"])
def test_forms_of_text_are_those_of_the_csv(run, repo, tmp_path, reader, form):
    run("label", "-q", "--sort", "-L", repo / "datasets/mixed/rules.csv", "-o", tmp_path / "set.pcapng",
        repo / "datasets/mixed/mixed.pcap")
    for suffix in ("csv", "parquet"):
        run("arrays", "-q", "--form", form, "-o", tmp_path / f"x.{suffix}", tmp_path / "set.pcapng")
    names, rows = read_csv(tmp_path / "x.csv")
    assert len(rows) > 50
    assert_equal(read(reader, tmp_path / "x.parquet"), names, rows)


# Labels that try to break the file, or the words of a reader.
HOSTILE = [b"", b"a,b\n\r\"c", b"PAR1", b"\0\x01", b"bad \xff\xfe", "\u202e\U0001f600".encode(),
           b"x" * 60000, b"NULL", b"null", b"1e5", b"=1+1"]


def udp(number):
    """A packet of a flow of its own: 10.a.b.c to 10.2.3.4."""
    head = bytes([0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10]) + number.to_bytes(3, "big")
    return bytes(12) + b"\x08\x00" + head + bytes([10, 2, 3, 4, 0, 53, 0, 53, 0, 8, 0, 0])


@pytest.mark.parametrize("reader", READERS)
def test_hostile_labels_and_great_sample_ids(both, tmp_path, reader):
    ids = [2**64 - 1 - number for number in range(len(HOSTILE))]
    capture = Ng().interface()
    for number, (sample, text) in enumerate(zip(ids, HOSTILE)):
        capture.packet(udp(number), 10**6 * number, comments=[b"%d,%s" % (sample, text)])
    (tmp_path / "in.pcapng").write_bytes(bytes(capture))
    path = both(tmp_path / "in.pcapng")
    found = read(reader, path)
    assert sorted(int(row[0]) for row in found["rows"]) == sorted(ids)
    names, rows = read_csv(path.with_suffix(".csv"))
    assert_equal(found, names, rows)


def test_several_row_groups(both, tmp_path):
    count = 40000
    packets = [(udp(number), 10**18 + 10**6 * number) for number in range(count)]
    (tmp_path / "in.pcap").write_bytes(pcap(packets))
    path = both(tmp_path / "in.pcap")
    found = read("hyparquet", path)
    assert found["groups"] > 1
    names, rows = read_csv(path.with_suffix(".csv"))
    assert len(rows) == count
    assert_equal(found, names, rows)


@pytest.mark.parametrize("reader", READERS)
def test_several_pages_of_a_column(run, tmp_path, reader):
    capture = Ng().interface()
    for number in range(16000):
        packet = bytearray(udp(number) + number.to_bytes(4, "big") * 30)
        packet[16:18] = (28 + 120).to_bytes(2, "big")
        packet[38:40] = (8 + 120).to_bytes(2, "big")
        capture.packet(bytes(packet), 10**6 * number, comments=[b"1,a"])
    (tmp_path / "set.pcapng").write_bytes(bytes(capture))
    for threads, name in ((1, "x.csv"), (1, "x.parquet"), (2, "y.parquet")):
        run("arrays", "-q", "--form", "pcapencoder", "-j", threads, "-o", tmp_path / name, tmp_path / "set.pcapng")
    written = {(tmp_path / name).read_bytes() for name in ("x.parquet", "y.parquet")}
    assert len(written) == 1
    names, rows = read_csv(tmp_path / "x.csv")
    assert sum(len(row[names.index("context")]) for row in rows) > 5 * 2**20
    assert_equal(read(reader, tmp_path / "x.parquet"), names, rows)


@pytest.mark.parametrize("reader", READERS)
def test_a_table_without_rows(both, tmp_path, reader):
    (tmp_path / "in.pcap").write_bytes(pcap([]))
    path = both(tmp_path / "in.pcap")
    assert_equal(read(reader, path), *read_csv(path.with_suffix(".csv")))


def test_types_and_metadata(both, run, tmp_path):
    (tmp_path / "in.pcap").write_bytes(pcap([(udp(1), 10**18)]))
    path = both(tmp_path / "in.pcap", "--packets", "3")
    found = read("duckdb", path)
    wanted = {"sample_id": "UBIGINT", "metadata": "VARCHAR", "start_ns": "BIGINT", "dns": "BOOLEAN",
              "duration": "DOUBLE", "packet_inter_arrival_times_ns": "BIGINT[]"}
    assert {name: found["types"][name] for name in wanted} == wanted
    version = run("--version").stdout.split()[1]
    assert found["metadata"] == {"labelcap.version": version, "labelcap.profile": "labelcap"}


def test_statistics_are_those_of_the_cells(both, shared):
    """The least zero of doubles is -0.0 in statistics, whatever its sign."""
    path = both(shared / "captures" / "apps", "--packets", "20")
    found = read("statistics", path)
    assert len(found["rows"]) > 100
    for name, least, *rest in found["rows"]:
        least = "0.0" if least == "-0.0" else least
        assert [least, rest[0]] == rest[1:], name


# ---- sampleIDs, which are more than a double holds ----


# Three that a double cannot tell apart, and the ends.
IDS = [2**63, 2**63 + 1, 2**63 + 2, 2**64 - 1, 0]


@pytest.fixture
def tables(run, tmp_path):
    """A folder with flows of these samples in CSV, JSON and Parquet."""
    capture = Ng().interface()
    for number, sample in enumerate(IDS):
        capture.packet(udp(number), 10**6 * number, comments=[f"{sample},label"])
    (tmp_path / "in.pcapng").write_bytes(bytes(capture))
    for suffix in ("csv", "json", "parquet"):
        run("flows", "-q", "-o", tmp_path / f"flows.{suffix}", tmp_path / "in.pcapng")
    return tmp_path


def lines_of_the_page(repo):
    """(reader, line) of each row of the table in docs/flows.md."""
    return re.findall(r"^\| (pandas|DuckDB|node) \| `(.*)` \|$", (repo / "docs/flows.md").read_text(), re.M)


def ids_by_pandas(line, folder):
    code = f"import json, pandas; print(json.dumps([str(id) for id in {line}.sample_id]))"
    return subprocess.run(["/usr/bin/python3", "-c", code], cwd=folder, capture_output=True, check=True, timeout=60)


def ids_by_node(reader, line, folder):
    return subprocess.run(["node", LINES, reader, line], cwd=folder, capture_output=True, check=True, timeout=60)


def test_lines_of_the_page_read_all_sample_ids(repo, tables):
    lines = lines_of_the_page(repo)
    assert {reader for reader, _ in lines} == {"pandas", "DuckDB", "node"}
    assert {suffix for _, line in lines for suffix in re.findall(r"flows\.(\w+)", line)} == {"csv", "json", "parquet"}
    for reader, line in lines:
        done = ids_by_pandas(line, tables) if reader == "pandas" else ids_by_node(reader, line, tables)
        assert sorted(map(int, json.loads(done.stdout))) == sorted(IDS), (reader, line)


def test_why_a_type_has_to_be_told(tables):
    """The day DuckDB guesses better, the page may say so."""
    done = ids_by_node("DuckDB", "FROM read_csv('flows.csv')", tables)
    assert len(set(json.loads(done.stdout))) < len(IDS)


# ---- size ----


def test_as_small_as_by_duckdb(both, shared):
    """DuckDB writes the table that it reads from the CSV."""
    path = both(shared / "captures/protocols")
    table = path.with_suffix(".csv")
    read("rewrite", table)
    assert path.stat().st_size <= 1.1 * table.with_name("flows.csv.parquet").stat().st_size
