"""The debug build of Python: it counts references to objects, and no use of the module adds any."""

import os
import subprocess

SCRIPT = """
import gc, pickle, sys
import labelcap

capture, rules, path = sys.argv[1:]
labelcap.label(capture, rules, path, sort=True)
ds = labelcap.Dataset(path)
over = {"overwrite": True, "no_sync": True}
lists = path + ".lists"
labelcap.partition(path, lists, train=50, test=50, exact=True, group="sample")
sample = ds[0]
packet = sample[0]

def fails(function):
    try:
        function()
    except (labelcap.Error, LookupError, TypeError, ValueError, OverflowError):
        return
    raise SystemExit("no error")

USES = {
    "open": lambda: labelcap.Dataset(path),
    "iterate": lambda: [tuple(p) for s in ds for p in s],
    "packets": lambda: [(p.comment, p.ts_ns, p.linktype, memoryview(p), repr(p)) for p in sample],
    "sequences": lambda: (sample[1:3], sample[-1], repr(sample), ds[-1], ds[::2][1:], repr(ds)),
    "sampler": lambda: [len(s) for s in labelcap.sampler(path)],
    "begin": lambda: next(labelcap.sampler(path)),
    "facts": lambda: (ds[::2].labels, ds[0:2].ids, ds.sample(ds.ids[0]), ds.path),
    "pickle": lambda: pickle.loads(pickle.dumps((ds[1:], sample, packet))),
    "profiles": lambda: labelcap.profiles(),
    "arrays to files": lambda: ds[1:].write_arrays(path + ".npz", "etbert", format="tsv", **over),
    "split": lambda: (ds.split(lists + "/train.csv"), ds.split(ds.ids), ds.split([sample.id])),
    "runs": lambda: (labelcap.check([path]), labelcap.label(capture, rules, dry_run=True),
                     labelcap.info(path, samples=True), labelcap.compare(path, path),
                     labelcap.report(path)),
    "outputs": lambda: (labelcap.sort(path, path + ".sorted", **over),
                        labelcap.strip(path, path + ".pcap", **over),
                        labelcap.select(path, path + ".selected", first=1, **over),
                        labelcap.split(path, path + ".d", **over), labelcap.index(path, **over)),
    "flows": lambda: labelcap.flows(ds[::2], packets=2)["packet_lengths"],
    "tables": lambda: labelcap.write_flows(ds[::2], path + ".csv", per=None, **over),
    "parts": lambda: (labelcap.label(capture, rules, path, shard=0, shards=1, **over),
                      labelcap.merge(path.replace(".pcapng", ".0-of-1.pcapng"), path + ".whole", **over)),
    "arrow": lambda: labelcap.flows(path).__arrow_c_stream__(),
    "failures": lambda: [fails(f) for f in (
        lambda: ds.sample(5), lambda: ds[99], lambda: sample[500], lambda: packet[5],
        lambda: labelcap.Dataset("missing"), lambda: ds.split("missing"), lambda: ds.split(3),
        lambda: labelcap.sort(1), lambda: labelcap.sort("a", b="c"),
        lambda: labelcap.strip(path, path), lambda: ds.split([3.5]), lambda: ds.split([2**64]),
        lambda: labelcap.sort([b"a", 2], "x"), lambda: labelcap.flows(path, columns="colour"),
        lambda: labelcap.flows(path, "nobody"), lambda: ds[:0].arrays("yatc"), lambda: ds.split(["x"]),
        lambda: labelcap.write_flows(path, path + ".ods"), lambda: labelcap.merge(path, path + ".m"),
        lambda: ds.__setstate__(b""), lambda: ds.write_arrays(path, "yatc"),
        lambda: labelcap.check(path, max_leak=1), lambda: labelcap.sort(path, path, linktype=1),
        lambda: labelcap.sampler(path, colour=1),
        lambda: labelcap.flows(path).to_numpy(3),
        lambda: labelcap.partition([], "x", train=1))],
}

for name, use in USES.items():
    counts = []
    for _ in range(4):
        for _ in range(10):
            use()
        gc.collect()
        counts.append(sys.gettotalrefcount())
    if counts[3] - counts[1] > 10:
        print(name, counts)
"""


def test_no_reference_is_left(build, repo, tmp_path):
    done = subprocess.run(
        ["/usr/bin/python3-dbg", "-X", "dev", "-c", SCRIPT, repo / "datasets/mixed/mixed.pcap",
         repo / "datasets/mixed/rules.csv", tmp_path / "labelled.pcapng"],
        env=dict(os.environ, PYTHONPATH=str(build / "python")), cwd=tmp_path, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_tests_of_the_module_under_the_debug_build(build, repo):
    """It asserts what the other build takes for granted, and fills memory that is free. The long
    tests are of the library and of scikit-learn."""
    done = subprocess.run(
        ["/usr/bin/python3-dbg", "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider",
         "-k", "not malformed and not page and not readme and not leaks", repo / "tests/cli/python"],
        env=dict(os.environ, LABELCAP_BUILD=str(build)), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
    assert done.returncode == 0, done.stdout
