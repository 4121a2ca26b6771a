"""docs/curation.md: its lines run one after the other, and print what it shows."""

import json
import os
import re
import shutil
import sqlite3
import subprocess

import pytest


@pytest.fixture
def walk(repo, program, tmp_path):
    """The page, and what its lines print, run in tmp_path."""
    page = (repo / "docs/curation.md").read_text()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/labelcap").symlink_to(program)
    for folder in (repo / "datasets/apps").glob("*/"):
        shutil.copytree(folder, tmp_path / "captures" / folder.name)
    shutil.copy(repo / "datasets/mixed/mixed.pcap", tmp_path / "day.pcap")
    script = "".join(re.findall(r"```sh\n(.*?)```", page, re.S))
    path = f"{tmp_path}/bin:{os.environ['PATH']}"
    done = subprocess.run(["bash", "-euc", script], cwd=tmp_path, capture_output=True, text=True,
                          timeout=120, env=os.environ | {"PATH": path})
    assert done.returncode == 0, done.stderr
    return page, done.stdout + done.stderr


def test_lines_of_the_walk_run(run, walk, tmp_path):
    page, printed = walk
    rule, report = [text for language, text in re.findall(r"^```(\w*)\n(.*?)^```$", page, re.M | re.S)
                    if not language]
    assert rule in (tmp_path / "folders.csv").read_text()
    assert report in printed
    assert "warning" not in printed
    classes = {path.name for path in (tmp_path / "captures").iterdir()}
    assert {path.stem for path in (tmp_path / "classes").glob("*.pcap")} == classes
    for catalogue in ("apps.pcapng.gz.sqlite", "day.pcapng.sqlite"):
        with sqlite3.connect(tmp_path / catalogue) as database:
            assert database.execute("SELECT sorted FROM dataset").fetchone() == (1,)
    chosen = json.loads(run("info", "--json", tmp_path / "http.pcapng").stdout)
    assert [label["metadata"] for label in chosen["labels"]] == ["http"]
