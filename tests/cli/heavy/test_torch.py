"""The PyTorch loop of docs/python.md."""

import os
import re
import shutil
import subprocess
import sys

import pytest


def test_the_loop_of_the_page_runs(build, repo, tmp_path):
    pytest.importorskip("torch")
    page = (repo / "docs/python.md").read_text()
    shutil.copytree(repo / "datasets/apps", tmp_path / "captures")
    code = "\n".join(re.findall(r"^```python(?: torch)?\n(.*?)^```$", page, re.M | re.S))
    (tmp_path / "page.py").write_text(code)
    done = subprocess.run([sys.executable, "page.py"], cwd=tmp_path, capture_output=True, text=True,
                          timeout=300, env=dict(os.environ, PYTHONPATH=str(build / "python")))
    assert done.returncode == 0, done.stderr
    assert float(re.search(r"^loss: (.*)$", done.stdout, re.M)[1]) < 3
