"""Ctrl-C while a pipe gives or takes nothing: every function ends at once."""

import os
import subprocess
import sys

from captures import Ng
from module_fixtures import labelcap  # noqa: F401 (fixtures)

SCRIPT = """
import os, shutil, signal, sys, threading, time
import labelcap

pipe, capture = sys.argv[1:]
ds = labelcap.Dataset(capture)
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
# Other inputs than captures.
LISTS = {
    "rules": lambda: labelcap.label(capture, pipe, "output", relabel=True),
    "ids": lambda: labelcap.select(capture, "output", ids=pipe),
    "predictions": lambda: labelcap.score(pipe, pipe),
    "list": lambda: ds.split(pipe),
}
# Outputs, which are read by nobody, or not to their end.
WRITING = {
    "sorted": lambda: labelcap.sort(capture, pipe),
    "sorted by threads": lambda: labelcap.sort(capture, pipe, threads=4),
    "table": lambda: labelcap.write_flows(capture, pipe, format="csv", threads=2),
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

for name, function in (FUNCTIONS | LISTS).items():
    interrupted(function)
    print(name, "without a writer")
    writer = os.open(pipe, os.O_RDWR)
    os.write(writer, b"1,a" if name in LISTS else half)
    interrupted(function)
    print(name, "in the middle")
    os.close(writer)
for name, function in WRITING.items():
    interrupted(function)
    print(name, "without a reader")
    reader = os.open(pipe, os.O_RDWR)
    os.set_blocking(reader, False)
    try:
        while os.write(reader, bytes(4096)):
            pass
    except BlockingIOError:
        pass
    interrupted(function)
    print(name, "before a reader who does not read")
    os.close(reader)
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
    assert len(seen) == len(set(seen)) == 2 * (12 + 4 + 3)
