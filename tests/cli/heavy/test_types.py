"""Types: the stubs say what the module has, and the lines of docs/python.md fit them."""

import os
import re
import subprocess

import pytest


@pytest.fixture
def check(build, tmp_path):
    """check(command): its exit status, and what it prints."""
    def run(*command):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300,
                              env=dict(os.environ, PYTHONPATH=str(build / "python"),
                                       MYPYPATH=str(build / "python")))
        return done.returncode, done.stdout

    return run


def test_stubs_agree_with_the_module(check):
    assert check("/usr/bin/stubtest", "labelcap") == (0, "Success: no issues found in 1 module\n")


def test_lines_of_the_page_have_their_types(check, repo, tmp_path):
    """But for PyTorch, whose data sets are a class of its own."""
    page = (repo / "docs/python.md").read_text()
    lines = "\n".join(re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S))
    wrong = ("labelcap.sort(3, 'out')", "ds.samples('1')", "ds.arrays(packets='5')",
             "labelcap.write_flows(ds)")
    (tmp_path / "page.py").write_text(lines)
    (tmp_path / "wrong.py").write_text("\n".join((lines, *wrong)))
    command = ["/usr/bin/mypy", "--strict", "--allow-untyped-defs", "--allow-untyped-calls",
               "--ignore-missing-imports", "--cache-dir", tmp_path / "cache"]
    assert check(*command, "page.py") == (0, "Success: no issues found in 1 source file\n")
    status, told = check(*command, "wrong.py")
    first = len(lines.splitlines()) + 2
    found = sorted({int(line) for line in re.findall(r"^wrong.py:(\d+): error", told, re.M)})
    assert status == 1 and found == list(range(first, first + len(wrong))), told
