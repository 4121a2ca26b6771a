"""What tables do elsewhere: in spreadsheets, on terminals, on other file systems."""

import csv
import os
import zipfile

import pytest

from captures import Ng
from small_inputs import udp
from terminals import on_terminal

FORMULAS = ["=1+1", "+x", "-x", "@x"]
PLAIN = ["plain", "a=b", "1", "'x"]


def labelled(path, labels):
    ng = Ng().interface()
    for number, label in enumerate(labels):
        ng.packet(udp(number), 10**15 + number, [f"{number},{label}"])
    path.write_bytes(bytes(ng))
    return path


def metadata(text):
    return [row["metadata"] for row in csv.DictReader(text.splitlines())]


def test_formulas(run, tmp_path):
    path = labelled(tmp_path / "in.pcapng", FORMULAS + PLAIN)
    assert metadata(run("flows", path).stdout) == FORMULAS + PLAIN
    safe = run("flows", "--csv-safe", path).stdout
    assert metadata(safe) == ["'" + text for text in FORMULAS] + PLAIN
    run("flows", path, "-o", tmp_path / "out.xlsx")
    sheet = zipfile.ZipFile(tmp_path / "out.xlsx").read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and "=1+1" in sheet
    for words, message in (
            (("--format", "json"), "--csv-safe needs --format csv"),
            (("--compat", "--profile", "nexusflowmeter"), "--csv-safe")):
        done = run("flows", "--csv-safe", *words, path, check=False)
        assert done.returncode == 2 and message in done.stderr


def test_names_of_sample_files_are_no_formulas(run, tmp_path):
    labels = [*FORMULAS, "CON", "con.x", "lpt1", "a", "A"]
    path = labelled(tmp_path / "in.pcapng", labels)
    run("split", "--per-label", "-o", tmp_path / "out", path)
    names = [name for name in os.listdir(tmp_path / "out") if name != "metadata.csv"]
    assert len({name.lower() for name in names}) == len(labels)
    assert not [name for name in names if name[0] in "=+-@"]
    assert not {name.split(".")[0].lower() for name in names} & {"con", "lpt1"}


def test_names_of_tables_differ_in_more_than_case(run, tmp_path):
    path = labelled(tmp_path / "in.pcapng", ["web", "Web", "WEB"])
    run("flows", "--per-label", "-o", tmp_path / "out", path)
    assert len({name.lower() for name in os.listdir(tmp_path / "out")}) == 3


@pytest.mark.parametrize("options", [[], ["--format", "text"]])
def test_nothing_acts_on_a_terminal(program, run, tmp_path, options):
    path = labelled(tmp_path / "in.pcapng", ["\x1b[31mred\x07"])
    shown = on_terminal([program, "flows", "-q", *options, path], columns=2000)
    assert "red" in shown and "\x1b" not in shown and "\x07" not in shown
    assert "\x1b[31mred\x07" in run("flows", path).stdout


def test_names_of_inputs_become_utf8(run, tmp_path):
    path = os.path.join(os.fsencode(tmp_path), b"caf\xe9.pcapng")
    os.rename(labelled(tmp_path / "in.pcapng", ["x"]), path)
    for words in ([], ["--format", "jsonl"], ["--format", "text"]):
        text = run("flows", "--merge", *words, os.fsdecode(path), text=False).stdout.decode()
        assert "caf\ufffd.pcapng" in text
