"""The module over malformed captures: exceptions or packets, and nothing for a sanitizer to find."""

import os
import shutil
import subprocess
import sys

SCRIPT = """
import sys
import labelcap

for path in sys.argv[1:]:
    for read in (lambda: labelcap.flows(path).to_numpy(), lambda: labelcap.check(path)):
        try:
            read()
        except labelcap.Error as error:
            assert str(error), path
    try:
        for sample in labelcap.sampler(path):
            for packet in sample:
                tuple(packet), packet.comment, packet.ts_ns
        ds = labelcap.Dataset(path)
        [bytes(packet) for i in range(len(ds)) for packet in ds[i]], ds.labels, ds.ids
        ds.arrays(packets=2, bytes=40), ds.arrays(form="yatc", compat=True)
    except labelcap.Error as error:
        assert str(error), path

restore, (number, metadata, data, packets, views) = ds[0].__reduce__()
for at in range(80):
    spoiled = bytearray(packets)
    spoiled[at % len(spoiled)] ^= 0x81
    try:
        [(tuple(packet), packet.comment) for packet in restore(number, metadata, data, spoiled, views)]
    except ValueError:
        pass
"""


def preload(name):
    return subprocess.check_output(["cc", f"-print-file-name={name}"], text=True).strip()


def test_malformed_captures(run, build, sanitized, shared, tmp_path):
    """As they are, where most have no label, and after labelling all that can be read of them."""
    rules = tmp_path / "rules.csv"
    rules.write_text("BPF:greater 0|EACH:flow,all\n")
    files = []
    malformed = sorted(p for p in (shared / "captures/malformed").rglob("*") if p.is_file())
    for i, path in enumerate(malformed):
        copy = tmp_path / f"{i}.pcap"
        shutil.copyfile(path, copy)
        files.append(copy)
    together = tmp_path / "labelled.pcapng"
    run("label", "-L", rules, "-o", together, shared / "captures/malformed", check=False)
    files.append(together)
    data = together.read_bytes()
    for i in range(40):
        spoiled = bytearray(data)
        for k in range(8):
            at = (i * 7919 + k * k * 104729) % len(data)
            spoiled[at] ^= 1 << (i + k) % 8
        files.append(tmp_path / f"spoiled-{i}.pcapng")
        files[-1].write_bytes(spoiled)
    environment = dict(os.environ, PYTHONPATH=str(build / "python"), PYTHONMALLOC="malloc")
    if sanitized:
        environment |= {"LD_PRELOAD": f"{preload('libasan.so')} {preload('libubsan.so')}",
                        "ASAN_OPTIONS": "detect_leaks=0:exitcode=99"}
    done = subprocess.run([sys.executable, "-c", SCRIPT, *files], env=environment, timeout=120,
                          capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
