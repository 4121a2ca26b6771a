"""Bytes at random: in what is published, and in what was."""

import gzip
import random
import shutil
import subprocess

import pytest

from captures import Ng
from published import ABOUT, add_samples, files_of, seal

EVERYTHING = ["--allow", "mac,addresses,payload,names,secrets,comments"]
OPTIONS = [[], ["--remove", "names,comments,secrets"], ["--payload", "none"], ["--snaplen", "30", "--flows"]]


def captures():
    little = Ng().interface(options=[(2, b"eth0"), (12, b"Linux"), (9, b"\6")]).names().secrets()
    big = Ng(">").interface(options=[(2, b"e"), (14, bytes(8))]).names()
    return [bytes(add_samples(little).custom().statistics()), bytes(add_samples(big))]


def mutated(data, chance):
    data = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        data[chance.randrange(len(data))] = chance.choice([*range(20), 255, chance.randrange(256)])
    return bytes(data)


def spoil(path, chance):
    """Another byte in the file, or in what is packed in it; returns whether that changed anything."""
    before = path.read_bytes()
    if path.suffix == ".gz":
        data = subprocess.run(["bgzip", "-c"], input=mutated(gzip.decompress(before), chance), capture_output=True,
                              check=True).stdout
    else:
        data = mutated(before, chance)
    path.write_bytes(data)
    return data != before


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: options[0] if options else "whole")
def test_bytes_at_random(run, tmp_path, options):
    """What is published stands up to verification, and does so no more once it is changed."""
    chance = random.Random(f"published {options}")
    about = [word for name, text in ABOUT.items() for word in (f"--{name}", text)]
    path, directory = tmp_path / "in.pcapng", tmp_path / "set"
    published = 0
    for _ in range(12):
        path.write_bytes(mutated(chance.choice(captures()), chance))
        shutil.rmtree(directory, ignore_errors=True)
        done = run("publish", "-q", "--no-sync", "-o", directory, *about, *EVERYTHING, *options, path, check=False)
        assert done.returncode in (0, 1) and directory.exists() == (done.returncode == 0)
        if done.returncode == 1:
            continue
        published += 1
        run("publish", "-q", "--verify", directory)
        changed = spoil(directory / chance.choice(sorted(set(files_of(directory)) - {"SHA256SUMS"})), chance)
        seal(directory)
        assert run("publish", "-q", "--verify", directory, check=False).returncode == changed
    assert published > 2


def test_malformed_captures(run, tmp_path, shared):
    """None of them has labelled packets, so none is published; each is read."""
    about = [word for name, text in ABOUT.items() for word in (f"--{name}", text)]
    paths = sorted(path for path in (shared / "captures/malformed").rglob("*") if path.is_file())[::4]
    assert len(paths) > 20
    for path in paths:
        done = run("publish", "-q", "-o", tmp_path / "set", *about, *EVERYTHING, path, check=False)
        assert done.returncode == 1 and done.stderr and not (tmp_path / "set").exists()
