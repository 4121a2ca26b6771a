"""The wheel: installed without any index, and used where its libraries are not installed."""

import re
import shutil
import subprocess
import sys

import pytest

from surroundings import BUILD

SCRIPT = """
import sys
import labelcap, pcapML

labelcap.label(sys.argv[1], sys.argv[2], "labelled.pcapng.gz")
ds = labelcap.Dataset("labelled.pcapng.gz")
assert sum(len(sample) for sample in pcapML.sampler("labelled.pcapng.gz")) == sum(map(len, ds))
maps = open("/proc/self/maps").read()
print(len(ds), labelcap.__file__, "/usr/lib/x86_64-linux-gnu/libpcap" in maps)
"""

# What is not there for the script: every library of the wheel that Python does not need itself.
HIDDEN = ["libpcap", "libcsv", "libsodium", "libnettle", "libdeflate", "libisal", "libjansson",
          "libsqlite3", "liblz4", "libdbus-1", "libsystemd", "libgcrypt"]


@pytest.fixture
def wheel():
    found, = (BUILD / "wheel/dist").glob("*.whl")
    return found


def call(*command, **kwargs):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=120, **kwargs)
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_the_wheel_is_for_this_interpreter(wheel):
    tag = f"cp{sys.version_info[0]}{sys.version_info[1]}"
    assert re.fullmatch(rf"labelcap-[\d.]+-{tag}-{tag}-linux_x86_64\.whl", wheel.name)


@pytest.mark.skipif(not shutil.which("unshare"), reason="needs unshare")
def test_the_wheel_needs_nothing_else(wheel, repo, tmp_path):
    call(sys.executable, "-m", "venv", tmp_path / "venv")
    python = tmp_path / "venv/bin/python"
    call(python, "-m", "pip", "install", "--quiet", "--no-index", wheel, cwd=tmp_path)
    hide = "; ".join(f'for f in /usr/lib/x86_64-linux-gnu/{name}.so*; do '
                     f'[ -f "$f" ] && mount --bind /dev/null "$f"; done' for name in HIDDEN)
    run = f'{hide}; exec "$@"'
    output = call("unshare", "--mount", "--map-root-user", "sh", "-c", run, "sh", python, "-c",
                  SCRIPT, repo / "datasets/mixed/mixed.pcap", repo / "datasets/mixed/rules.csv",
                  cwd=tmp_path)
    samples, place, system = output.split()
    assert int(samples) == 10 and str(tmp_path) in place and system == "False"
    wrong = f"{hide}; exec ldd {BUILD}/liblabelcap.so.1"
    hidden = subprocess.run(["unshare", "--mount", "--map-root-user", "sh", "-c", wrong],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert hidden.returncode != 0 or "not found" in hidden.stdout or "file too short" in \
        hidden.stdout, hidden.stdout
