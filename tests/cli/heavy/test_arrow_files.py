"""Streams of Arrow of `arrays`, read by apache-arrow of npm: every cell is that of the CSV."""

import csv
import json
import subprocess

import pytest

from surroundings import BUILD

SCRIPT = BUILD / "readers" / "read_arrow.mjs"
RULES = "traffic_filter,metadata\nBPF:tcp,tcp\nBPF:udp or icmp,other\n"
NETFOUND = {"flow_duration": "Uint64", "burst_tokens": "List<List<Uint16>>", "directions": "List<Bool>",
            "bytes": "List<Uint32>", "iats": "List<Uint64>", "counts": "List<Uint32>", "protocol": "Uint16",
            "labels": "Utf8"}


def read(path):
    done = subprocess.run(["node", SCRIPT, path], stdout=subprocess.PIPE, check=True, encoding="utf-8",
                          timeout=120)
    return json.loads(done.stdout)


def text_of(cell):
    if not isinstance(cell, list):
        return cell
    if cell and isinstance(cell[0], list):
        return ";".join(map(text_of, cell))
    return " ".join({"true": "1", "false": "0"}.get(item, item) for item in cell)


@pytest.fixture
def both(run, repo, tmp_path):
    """both(*arguments): the stream, and the rows of the CSV."""
    (tmp_path / "rules.csv").write_text(RULES)
    run("label", "-q", "--sort", "-L", tmp_path / "rules.csv", "-o", tmp_path / "set.pcapng",
        repo / "datasets/mixed/mixed.pcap")

    def write_both(*arguments):
        for name in ("x.arrow", "x.csv"):
            run("arrays", "-q", *arguments, "-o", tmp_path / name, tmp_path / "set.pcapng")
        with open(tmp_path / "x.csv", newline="", encoding="utf-8") as file:
            return read(tmp_path / "x.arrow"), list(csv.reader(file))

    return write_both


@pytest.mark.parametrize("arguments", [
    ["--form", "netfound"], ["--form", "etbert"], ["--form", "nprint"],
    ["--form", "yatc", "--series", "length,direction,inter_arrival"]], ids=lambda a: a[1])
def test_cells_are_those_of_the_csv(both, arguments):
    made, (names, *rows) = both(*arguments)
    assert list(made["types"]) == names and len(rows) > 20
    assert [list(map(text_of, row)) for row in made["rows"]] == rows


def test_batches_follow_each_other(both):
    assert both("--form", "nprint")[0]["batches"] > 1


def test_compat_has_the_schema_of_netfound(run, both, tmp_path):
    plain, _ = both("--form", "netfound")
    run("arrays", "-q", "--form", "netfound", "--compat", "-o", tmp_path / "c.arrow", tmp_path / "set.pcapng")
    made = read(tmp_path / "c.arrow")
    assert made["types"] == NETFOUND
    assert len(made["rows"]) == len(plain["rows"])
