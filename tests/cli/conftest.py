"""What the tests from outside share: the built program, the shared captures, a way to run things."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from surroundings import BUILD, REPO, SANITIZER_STATUS, SHARED, clean_environment

# A shell that runs the tests in the background ignores SIGINT, and so would all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)


def is_sanitized(path):
    return path.exists() and b"__asan_init" in path.read_bytes()


collect_ignore = []
if "LABELCAP_HEAVY" not in os.environ:  # these need readers from npm: make check-heavy
    collect_ignore += ["heavy"]
if is_sanitized(BUILD / "labelcap"):
    # Texts and builds, in which a sanitizer has nothing to find; and comparisons with tshark, tcpdump
    # and what is known of captures, or of many shards with one, while other tests do the same with them.
    collect_ignore += ["test_manual.py", "test_completion.py", "test_build.py", "test_wireshark.py",
                       "test_terminal.py", "test_packet_headers.py", "test_truth.py",
                       "flows/test_flows_tshark.py", "flows/test_flows_formulas.py",
                       "flows/test_flows_labels.py", "flows/test_flows_nexusflowmeter.py",
                       "labelling/test_tcpdump.py", "labelling/test_label_truth.py",
                       "labelling/test_rules_truth.py", "shards/test_label_shards.py"]


@pytest.fixture(scope="session")
def repo():
    return REPO


@pytest.fixture(scope="session")
def build():
    """The folder that `make BUILD=...` filled."""
    return BUILD


@pytest.fixture(scope="session")
def program():
    path = BUILD / "labelcap"
    if not path.exists():
        pytest.fail(f"{path} is not there: run make first")
    return path


@pytest.fixture(scope="session")
def sanitized(program):
    """Whether the build is under AddressSanitizer: limits on memory and time do not hold then."""
    return is_sanitized(program)


@pytest.fixture(scope="session")
def build_flags(program, sanitized):
    """What a program needs besides to be linked with the libraries of this build."""
    if sanitized:
        return ["-fsanitize=address,undefined"]
    return ["--coverage"] if b"__gcov_" in program.read_bytes() else []


@pytest.fixture(scope="session")
def shared():
    if not (SHARED / "captures").is_dir():
        pytest.skip(f"no shared captures in {SHARED} (LABELCAP_SHARED)")
    return SHARED


@pytest.fixture(scope="session")
def run(program):
    """run(*args, check=True, input=None, env=None, cwd=None, timeout=120, text=True).

    Runs labelcap and returns a subprocess.CompletedProcess. With check a status other than 0
    fails the test; a sanitizer's finding fails it in any case. Standard input is empty unless
    `input` gives it. Text that is no UTF-8 is kept by surrogateescape.
    """

    def run_labelcap(*args, check=True, env=None, text=True, input=None, **kwargs):
        if "stdin" not in kwargs:
            kwargs["input"] = input if input is not None else ("" if text else b"")
        if text:
            kwargs.update(encoding="utf-8", errors="surrogateescape")
        kwargs.setdefault("timeout", 120)
        done = subprocess.run(
            [str(program), *map(str, args)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=clean_environment(env),
            **kwargs,
        )
        if done.returncode == SANITIZER_STATUS or (check and done.returncode != 0):
            pytest.fail(f"labelcap {args}: status {done.returncode}\n{done.stderr}")
        return done

    return run_labelcap


@pytest.fixture
def label(run, tmp_path):
    """label(rules, *arguments, output="out.pcapng", **as_for_run).

    Labels by `rules` (text, bytes, or the path of a rules file) into `output` below tmp_path,
    whatever was there before; a dry run has no output. Returns what run() returns, with the path of
    the output as .output.
    """

    def label_by(rules, *arguments, output="out.pcapng", **kwargs):
        path = rules
        if not isinstance(rules, Path):
            path = tmp_path / "rules.csv"
            path.write_bytes(rules if isinstance(rules, bytes) else rules.encode())
        out = tmp_path / output
        out.unlink(missing_ok=True)
        writing = [] if "--dry-run" in arguments else ["-W", out]
        done = run("label", "-L", path, *writing, *arguments, **kwargs)
        done.output = out
        return done

    return label_by
