"""The wheel: installed without any index, and used in a root that has Python and nothing else."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from surroundings import BUILD

SCRIPT = """
import labelcap, pcapML

labelcap.label("/data/mixed.pcap", "/data/rules.csv", "labelled.pcapng.gz")
ds = labelcap.Dataset("labelled.pcapng.gz")
assert sum(len(sample) for sample in pcapML.sampler("labelled.pcapng.gz")) == sum(map(len, ds))
assert labelcap.check("labelled.pcapng.gz")["sound"]
print(len(ds), len(labelcap.flows(ds)), labelcap.__file__)
"""

VERSION = f"python{sys.version_info[0]}.{sys.version_info[1]}"
# Python, pip, and what they themselves need.
PACKAGES = ["libc6", "zlib1g", "libexpat1", "libssl3", "python3-minimal", "python3-pip-whl",
            "python3-setuptools-whl", f"lib{VERSION}-minimal", f"lib{VERSION}-stdlib",
            f"{VERSION}-minimal", VERSION, f"{VERSION}-venv"]


@pytest.fixture
def wheel():
    found, = (BUILD / "wheel/dist").glob("*.whl")
    return found


def call(*command):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, env={},
                          stderr=subprocess.STDOUT, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
    return done.stdout


def files_of_packages():
    done = subprocess.run(["dpkg-query", "-L", *PACKAGES], capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"needs these packages of Debian: {done.stderr}")
    return {re.sub("^/(lib|lib64|bin|sbin)/", r"/usr/\1/", line)
            for line in done.stdout.splitlines() if line.startswith("/")}


@pytest.fixture
def root(tmp_path):
    """A root with Python, of files that are installed here."""
    root = tmp_path / "root"
    for name in ("lib", "lib64", "bin", "sbin"):
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    for name in ("dev", "tmp", "data"):
        (root / name).mkdir()
    (root / "dev/null").touch()
    for name in files_of_packages():
        if re.match("/usr/(lib|lib64|bin|share/python-wheels)/", name):
            copy_file(name, root / name[1:])
    return root


def copy_file(source, target):
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not os.path.isdir(source):
            shutil.copy2(source, target, follow_symlinks=False)
    except FileNotFoundError:
        pass  # of a package that is installed in part


def test_the_wheel_is_for_this_interpreter(wheel):
    tag = f"cp{sys.version_info[0]}{sys.version_info[1]}"
    assert re.fullmatch(rf"labelcap-[\d.]+-{tag}-{tag}-linux_x86_64\.whl", wheel.name)


def test_the_wheel_needs_nothing_else(wheel, repo, root):
    enter = ["unshare", "--map-root-user", f"--root={root}", "--wd=/tmp"]
    if not shutil.which("unshare") or subprocess.run([*enter, "/usr/bin/python3", "-c", ""]).returncode:
        pytest.skip("cannot enter another root: unshare is missing or not allowed")
    brought = {Path(name).name for name in zipfile.ZipFile(wheel).namelist() if "/libs/" in name}
    missing = {name for name in brought if not list(root.rglob(name))}
    assert {"libpcap.so.0.8", "libsqlite3.so.0", "libsodium.so.23"} <= missing
    shutil.copy(wheel, root / "data")
    for name in ("mixed.pcap", "rules.csv"):
        shutil.copy(repo / "datasets/mixed" / name, root / "data")
    call(*enter, "/usr/bin/python3", "-m", "venv", "/venv")
    python = "/venv/bin/python"
    call(*enter, python, "-m", "pip", "install", "--quiet", "--no-index", f"/data/{wheel.name}")
    samples, flows, place = call(*enter, python, "-c", SCRIPT).split()
    assert int(samples) == 10 and int(flows) >= 10 and place.startswith("/venv/lib/")
