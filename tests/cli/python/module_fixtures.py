"""The module under test, which `make python` has built for this interpreter, and data sets for it."""

import os
import sys

import pytest

from captures import Ng


@pytest.fixture(scope="session")
def labelcap(build, sanitized):
    if sanitized:
        pytest.skip("the interpreter has no sanitizer: see test_python_malformed.py")
    if not (build / "python/labelcap").is_dir():
        pytest.fail(f"{build}/python is not there: run make python first")
    sys.path.insert(0, str(build / "python"))
    import labelcap

    return labelcap


IDS = [7, 2**63 + 5, 3, 2**64 - 1]


def interleaved():
    """Packets of four samples, which take turns, each at another time and of another length."""
    ng = Ng().interface().interface(linktype=101, tsresol=9)
    for k in range(5):
        for i, number in enumerate(IDS):
            data = b"%d packet %d" % (number, k) * (k + 1)
            metadata = "naïve" if number == 3 else f"class {i % 2}"
            ng.packet(data, 1_600_000_000_000_000 + 1000 * k + i, [f"{number},{metadata}"], i % 2,
                      len(data) + 10 * k)
        ng.packet(b"no label", 1_600_000_000_000_000, ["a foreign comment"])
    return bytes(ng)


@pytest.fixture
def unsorted(tmp_path):
    path = tmp_path / "unsorted.pcapng"
    path.write_bytes(interleaved())
    return path


@pytest.fixture
def sorted_set(run, unsorted, tmp_path):
    path = tmp_path / "sorted.pcapng"
    run("sort", "-o", path, unsorted)
    return path


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture
def growth():
    """growth(function, times): by how many bytes the process grows while it is called so often."""

    def measure(function, times):
        for _ in range(times // 4):
            function()
        before = resident()
        for _ in range(times):
            function()
        return resident() - before

    return measure
