"""docs/python.md: its lines run one after the other; README.md: so do its lines of Python."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from module_fixtures import labelcap  # noqa: F401 (fixtures)


def lines_of(page, kind="python"):
    return "\n".join(re.findall(rf"^```{kind}\n(.*?)^```$", page.read_text(), re.M | re.S))


@pytest.fixture
def walk(labelcap, build, repo, tmp_path):
    """walk(code): what it prints, in a directory with the captures."""
    shutil.copytree(repo / "datasets/apps", tmp_path / "captures")

    def run_code(code):
        done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True,
                              text=True, timeout=120,
                              env=dict(os.environ, PYTHONPATH=str(build / "python")))
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run_code


def test_lines_of_the_page_run(repo, walk, tmp_path):
    page = repo / "docs/python.md"
    printed = walk(lines_of(page))
    assert "5681 packets, 60 samples" in printed
    assert "\nTrue [" in printed
    shown = re.search(r"^share of flows that are right: (.*)$", page.read_text(), re.M)
    score = re.search(r"share of flows that are right: (.*)", printed)
    assert abs(float(score[1]) - float(shown[1])) < 0.05
    assert (tmp_path / "apps.pcapng.gz.sqlite").exists()


def test_lines_of_the_readme_run(repo, program, walk, tmp_path):
    """The shortest path: three lines for the shell, five of Python."""
    section = re.search(r"^## Python$(.*?)^## ", (repo / "README.md").read_text(), re.M | re.S)[1]
    shell, code = (re.search(rf"^```{kind}\n(.*?)^```$", section, re.M | re.S)[1]
                   for kind in ("sh", "python"))
    assert (len(shell.splitlines()), len(code.splitlines())) == (3, 5)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/labelcap").symlink_to(program)
    subprocess.run(["bash", "-euc", shell], cwd=tmp_path, check=True, capture_output=True,
                   env=dict(os.environ, PATH=f"{tmp_path}/bin:{os.environ['PATH']}"))
    assert 0.8 < float(walk(code)) <= 1
