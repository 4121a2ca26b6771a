"""docs/benchmark.md: its lines run one after the other, and print what it shows."""

import os
import re
import shutil
import subprocess

import pytest


@pytest.fixture(scope="module")
def page(repo):
    return (repo / "docs/benchmark.md").read_text()


def blocks_of(page):
    """(language, code) of each block; "" shows what is printed."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", page, re.M | re.S)


@pytest.fixture(scope="module")
def walk(repo, program, page, tmp_path_factory):
    """The folder in which all lines have run, and what they printed. The blocks of Python are one program."""
    folder = tmp_path_factory.mktemp("walk")
    (folder / "bin").mkdir()
    (folder / "bin/labelcap").symlink_to(program)
    for source in (repo / "datasets/apps").glob("*/"):
        shutil.copytree(source, folder / "captures" / source.name)
    environment = os.environ | {"PATH": f"{folder}/bin:{os.environ['PATH']}"}
    blocks = blocks_of(page)
    lines = "".join(code for language, code in blocks if language == "python")
    python = iter([["/usr/bin/python3", "-c", lines]])
    printed = ""
    for language, code in blocks:
        command = ["bash", "-euc", code] if language == "sh" else next(python, None) if language else None
        if command:
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, env=environment)
            assert done.returncode == 0, done.stderr
            printed += done.stdout + done.stderr
    return folder, printed


def test_lines_print_what_the_page_shows(walk, page):
    _, printed = walk
    for shown in (code for language, code in blocks_of(page) if not language):
        for line in shown.splitlines():
            assert line in printed
    assert "not yet" in printed and "set is as it was published" in printed


def test_what_is_learned_is_more_than_chance(walk):
    """15 classes: chance is 7 %. The challenge has 8 samples, too few to tell more."""
    _, printed = walk
    accuracy = [float(share) for share in re.findall(r"^Accuracy[^\d]*([\d.]+) %", printed, re.M)]
    assert len(accuracy) == 2 and min(accuracy) > 25


def test_cross_validation_by_flow_is_too_good(walk):
    _, printed = walk
    by_flow, by_sample = map(float, re.search(r"by flow ([\d.]+), by sample ([\d.]+)", printed).groups())
    assert by_flow > by_sample + 0.1
