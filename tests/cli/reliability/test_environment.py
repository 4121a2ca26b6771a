"""Closed descriptors, and time zones with leap seconds."""

import subprocess

import pytest

from captures import Ng
from surroundings import clean_environment


@pytest.fixture
def folder(tmp_path):
    ng = Ng().interface().packet(bytes(20), 1_700_000_000 * 10**6, ["7,x"])
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    return tmp_path


def shell(program, folder, line, zone="UTC"):
    return subprocess.run(["sh", "-c", f'"$0" {line}', program], cwd=folder, text=True,
                          capture_output=True, env=clean_environment({"TZ": zone}), timeout=20)


@pytest.mark.parametrize("line, stderr", [
    ("info in.pcapng >&-", "labelcap info: standard output: cannot write: Bad file descriptor\n"),
    ("info --json in.pcapng >&-",
     "labelcap info: standard output: cannot write: Bad file descriptor\n"),
    ("sort -o - in.pcapng >&-",
     "labelcap sort: standard output: cannot write: Bad file descriptor\n"),
    ("flows in.pcapng -q >&-",
     "labelcap flows: standard output: cannot write: Bad file descriptor\n"),
    ("info - <&-", "labelcap info: standard input: cannot read at byte 0: Bad file descriptor\n"),
    ("label --help >&-", "labelcap label: standard output: cannot write: Bad file descriptor\n"),
    ("--version >&-", "labelcap: standard output: cannot write: Bad file descriptor\n"),
])
def test_what_is_closed_fails_those_who_use_it(program, folder, line, stderr):
    done = shell(program, folder, line)
    assert (done.returncode, done.stderr) == (1, stderr)


def test_who_does_not_use_it_does_not_care(program, folder):
    done = shell(program, folder, "sort -q -o out.pcapng in.pcapng >&- <&- 2>&-")
    assert done.returncode == 0
    assert (folder / "out.pcapng").read_bytes() == (folder / "in.pcapng").read_bytes()


def test_leap_seconds_of_the_zone_do_not_count(program, folder):
    """Zones right/… have 27 of them by 2017; times of packets have none."""
    for line in ("info in.pcapng", "info --json in.pcapng",
                 "flows --profile nexusflowmeter in.pcapng -q"):
        text = shell(program, folder, line).stdout
        assert text and text == shell(program, folder, line, "right/UTC").stdout
    assert "2023-11-14T22:13:20" in shell(program, folder, "info in.pcapng", "right/UTC").stdout
