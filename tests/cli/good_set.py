"""A data set in which check finds nothing, for tests to spoil, and how check is run on it."""

import json

from captures import Ng
from labels import label_of

SECOND = 1_000_000  # in units of the interfaces
START = 1_600_000_000 * SECOND
RULES = [b"BPF:port %d,%s,key%d" % (port, label, port)
         for port, label in ((80, b"web"), (443, b"web"), (25, b"mail"), (110, b"mail"))]


def sample_of(rule):
    number, _, metadata = label_of(rule).partition(",")
    return int(number), metadata


SAMPLES = sorted(map(sample_of, RULES))
IDS = [number for number, _ in SAMPLES]
LABELS = dict(SAMPLES)


class Record:
    """A packet of a data set, which a test may spoil."""

    def __init__(self, number, time, data):
        self.time, self.data, self.interface, self.length = time, data, 0, None
        self.comments = [f"{number},{LABELS[number]}"]
        self.options = ()


def good_records():
    """Four samples of five packets each, in order, every packet different."""
    return [Record(number, START + (5 * i + k) * SECOND, b"%d packet %d" % (number, k) * 9)
            for i, number in enumerate(IDS) for k in range(5)]


def write(path, records):
    ng = Ng().interface().interface(snaplen=60)
    for r in records:
        ng.packet(r.data, r.time, r.comments, r.interface, r.length, r.options)
    path.write_bytes(bytes(ng))
    return path


def checker(run):
    """What a fixture `check` returns: runs check --json, and returns the report."""
    def check_files(*arguments, **kwargs):
        done = run("check", "--json", *arguments, check=False, **kwargs)
        report = json.loads(done.stdout)
        assert not done.stderr
        severities = [finding["severity"] for finding in report["findings"]]
        assert report["errors"] == severities.count("error")
        assert report["warnings"] == severities.count("warning")
        assert report["notes"] == severities.count("note")
        assert report["sound"] == (report["errors"] == 0)
        assert done.returncode == (0 if report["sound"] else 1)
        return report

    return check_files


def kinds(report):
    return [finding["kind"] for finding in report["findings"]]
