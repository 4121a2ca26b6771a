"""The scripts around the tests: they show that they live, and sum up what was skipped."""

import os
import re
import subprocess
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]


def heartbeat(tmp_path, command):
    return subprocess.run([REPO / ".ci/heartbeat.sh", tmp_path / "log", "sh", "-c", command],
                          env=dict(os.environ, HEARTBEAT_SECONDS="3"), capture_output=True, text=True, timeout=60)


def test_a_long_command_shows_that_it_lives(tmp_path):
    done = heartbeat(tmp_path, "echo one; echo 'Unpacking two'; echo; sleep 3.5; echo three; exit 3")
    assert done.returncode == 3
    assert re.fullmatch(r" +3 s  Unpacking two\n", done.stdout)
    assert (tmp_path / "log").read_text() == "one\nUnpacking two\n\nthree\n"


def test_a_short_command_says_nothing(tmp_path):
    assert heartbeat(tmp_path, "echo one").stdout == ""


def test_skips_are_summed_up_by_reason(tmp_path):
    (tmp_path / "log").write_text(
        "SKIPPED [3] tests/cli/test_a.py:3: no shared captures in x: y\n"
        "SKIPPED [1] tests/cli/conftest.py:60: no shared captures in x: y\n"
        "SKIPPED [2] tests/cli/test_b.py: zsh is not installed\n12 passed, 6 skipped in 1s\n")
    function = re.search(r"^sum_up_skips\(\).*?^}$", (REPO / "tests/check.sh").read_text(), re.M | re.S)[0]
    done = subprocess.run(["bash", "-c", f"{function}\noutput={tmp_path}/log\nsum_up_skips"],
                          capture_output=True, text=True, check=True)
    assert done.stdout == ("skipped 2: zsh is not installed\n"
                           "skipped 4: no shared captures in x: y\n")
