"""Other threads go on while the library works, and Ctrl-C ends it, whatever it does."""

import json
import os
import subprocess
import sys

import pytest

from captures import Ng
from module_fixtures import labelcap  # noqa: F401 (fixtures)

# Only a function that lets go of the interpreter lock is interrupted: the thread gets it otherwise
# when the function has returned.
SCRIPT = """
import json, os, shutil, signal, sys, threading
import labelcap

path, rules, folder = sys.argv[1:]
ds = labelcap.Dataset(path)
out = os.path.join(folder, "out")
lists = [ds.ids[0]]

USES = {
    "label": lambda: labelcap.label(path, rules, out + ".pcapng", relabel=True),
    "sort": lambda: labelcap.sort(path, out + ".pcapng", by_time=True),
    "split": lambda: labelcap.split(path, out),
    "strip": lambda: labelcap.strip(path, out + ".pcap"),
    "info": lambda: labelcap.info(path),
    "index": lambda: labelcap.index(path, catalogue=out + ".sqlite"),
    "select": lambda: labelcap.select(path, out + ".pcapng", min_packets=1),
    "check": lambda: labelcap.check(path),
    "compare": lambda: labelcap.compare(path, path),
    "partition": lambda: labelcap.partition(path, out, train=50, test=50),
    "report": lambda: labelcap.report(path, out + ".html"),
    "publish": lambda: labelcap.publish(path, out, name="n", description="d", license="MIT",
                                        creator="c", url="https://example.org", date="2026-01-01",
                                        allow="mac,addresses,payload,names"),
    "flows": lambda: labelcap.flows(path),
    "arrays": lambda: ds.arrays(packets=1, bytes=20, per="packet"),
    "Dataset": lambda: labelcap.Dataset(path, out + ".sqlite"),
    "sampler": lambda: [0 for sample in labelcap.sampler(path)],
    "iteration": lambda: [0 for sample in ds],
}

def interrupt(begun):
    begun.wait()
    os.kill(os.getpid(), signal.SIGINT)

def interrupted(use):
    thread = threading.Thread(target=interrupt, args=(begun := threading.Event(),))
    thread.start()
    try:
        begun.set()
        use()
    except KeyboardInterrupt:
        return True
    while thread.is_alive():
        thread.join()
    return False

def outcome(use):
    try:
        return "interrupted" if interrupted(use) and not os.listdir(folder) else os.listdir(folder)
    except BaseException as error:
        return repr(error)
    finally:
        shutil.rmtree(folder)
        os.mkdir(folder)

def best_outcome(use):
    for attempt in range(5):  # one may finish before the thread has run
        found = outcome(use)
        if found == "interrupted":
            break
    return found

sys.setswitchinterval(100)
print(json.dumps({name: best_outcome(use) for name, use in USES.items()}))
"""


@pytest.fixture
def large(tmp_path):
    """30 samples of 6,000 packets each."""
    path = tmp_path / "large.pcapng"
    data = bytes(Ng().interface())
    head = len(data)
    for number in range(1, 31):
        packet = Ng().interface().packet(b"data" * 10, number, [f"{number},class {number % 3}"])
        data += bytes(packet)[head:] * 6000
    path.write_bytes(data)
    return path


def test_ctrl_c_ends_everything(labelcap, build, large, tmp_path):
    rules, folder = tmp_path / "rules.csv", tmp_path / "outputs"
    rules.write_text("BPF:greater 0|EACH:packet,all\n")
    folder.mkdir()
    done = subprocess.run([sys.executable, "-c", SCRIPT, large, rules, folder], text=True,
                          env=dict(os.environ, PYTHONPATH=str(build / "python")), timeout=100,
                          capture_output=True)
    assert (done.returncode, done.stderr) == (0, "")
    outcomes = json.loads(done.stdout)
    assert outcomes == dict.fromkeys(outcomes, "interrupted") and len(outcomes) == 17
