"""Ctrl-C while a pipe gives nothing: every function that reads captures ends at once."""

import os
import subprocess
import sys

from captures import Ng
from module_fixtures import labelcap  # noqa: F401 (fixtures)

SCRIPT = """
import os, shutil, signal, sys, threading, time
import labelcap

pipe, capture = sys.argv[1:]
with open(capture, "rb") as file:
    half = file.read()[:-20]
with open("rules.csv", "w") as file:
    file.write("BPF:greater 0,a\\n")
FUNCTIONS = {
    "sampler": lambda: list(labelcap.sampler(pipe)),
    "info": lambda: labelcap.info(pipe),
    "check": lambda: labelcap.check(pipe),
    "compare": lambda: labelcap.compare(pipe, capture),
    "label": lambda: labelcap.label(pipe, "rules.csv", "output", relabel=True),
    "sort": lambda: labelcap.sort([capture, pipe], "output"),
    "strip": lambda: labelcap.strip(pipe, "output"),
    "split": lambda: labelcap.split(pipe, "output"),
    "select": lambda: labelcap.select(pipe, "output", first=1),
    "flows": lambda: labelcap.flows(pipe),
    "flows by threads": lambda: labelcap.flows([capture, pipe, capture], threads=3),
    "write_flows": lambda: labelcap.write_flows([pipe, capture], "output.csv", threads=2),
}

def interrupt(ended):
    time.sleep(0.05)
    os.kill(os.getpid(), signal.SIGINT)
    if not ended.wait(3):
        os.write(1, b"nothing has happened\\n")
        os._exit(1)

def interrupted(function):
    ended = threading.Event()
    thread = threading.Thread(target=interrupt, args=[ended])
    thread.start()
    try:
        function()
    except KeyboardInterrupt:
        ended.set()
    thread.join()
    assert not [name for name in os.listdir() if "output" in name or "labelcap" in name]

for name, function in FUNCTIONS.items():
    interrupted(function)
    print(name, "without a writer")
    writer = os.open(pipe, os.O_RDWR)
    os.write(writer, half)
    interrupted(function)
    print(name, "in the middle")
    os.close(writer)
"""


def test_ctrl_c_ends_the_wait(labelcap, build, tmp_path):
    capture = tmp_path / "capture.pcapng"
    ng = Ng().interface()
    for number in range(5):
        ng.packet(b"packet %d" % number, number, [f"{number},a"])
    capture.write_bytes(bytes(ng))
    folder = tmp_path / "folder"
    folder.mkdir()
    os.mkfifo(tmp_path / "pipe")
    done = subprocess.run([sys.executable, "-c", SCRIPT, tmp_path / "pipe", capture], cwd=folder,
                          env=dict(os.environ, PYTHONPATH=str(build / "python")),
                          capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    seen = done.stdout.splitlines()
    assert len(seen) == len(set(seen)) == 24
