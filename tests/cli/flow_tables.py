"""Packets for flows, and the tables that come out."""

import io

import pandas
import pytest


def udp(source, destination, payload=b"x", ports=(1000, 2000)):
    """A raw IPv4 packet with UDP; the checksums are 0, nobody looks at them."""
    length = 8 + len(payload)
    head = bytes([0x45, 0, *(20 + length).to_bytes(2, "big"), 0, 0, 0, 0, 64, 17, 0, 0])
    head += bytes(map(int, source.split("."))) + bytes(map(int, destination.split(".")))
    return head + b"".join(n.to_bytes(2, "big") for n in (*ports, length, 0)) + payload


def table(run, *args, **kwargs):
    """What flows writes to standard output, as a pandas table of texts."""
    return read_csv(run("flows", "-q", *args, **kwargs).stdout)


def read_csv(text):
    return pandas.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def mixed(repo):
    return repo / "datasets/mixed/mixed.pcap"


@pytest.fixture(scope="module")
def apps(repo):
    return repo / "datasets/apps"


@pytest.fixture
def labelled(label, repo, mixed):
    return label(repo / "datasets/mixed/rules.csv", "-q", "--keep-unmatched", mixed).output
