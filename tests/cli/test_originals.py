"""--compat: byte for byte what the originals printed of the bundled captures (tests/data/originals)."""

import shutil
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
ORIGINALS = REPO / "tests/data/originals"
# Lines of a report that tell when and where it was made.
OF_THE_RUN = ("Source file: ", "Analysis time: ", "Processing duration: ")


def capture(name):
    found, = (REPO / "datasets").rglob(f"{name}.pcap")
    return found


def stems(folder, suffix):
    return sorted(path.name.removesuffix(suffix) for path in (ORIGINALS / folder).glob(f"*{suffix}"))


def compat(run, profile, output, *options):
    run("flows", "-q", "--profile", profile, "--compat", "-o", output, *options)


@pytest.mark.parametrize("name", stems("nexusflowmeter", ".csv"))
def test_nexusflowmeter(run, tmp_path, name):
    compat(run, "nexusflowmeter", tmp_path / "o.csv", "--report", tmp_path / "r.txt", capture(name))
    original = ORIGINALS / "nexusflowmeter" / name
    assert (tmp_path / "o.csv").read_bytes() == original.with_suffix(".csv").read_bytes()
    ours, theirs = (
        [line for line in path.read_text().splitlines() if not line.startswith(OF_THE_RUN)]
        for path in (tmp_path / "r.txt", original.parent / f"{name}_flow_report.txt"))
    assert ours == theirs


@pytest.mark.parametrize("form", [".4f", ".17g"])
@pytest.mark.parametrize("name", stems("netflowmeter", ".4f.csv"))
def test_netflowmeter(run, tmp_path, name, form):
    compat(run, "netflowmeter", tmp_path / "o.csv", "--label", "L", "--number-format", form,
           capture(name))
    golden = ORIGINALS / "netflowmeter" / f"{name}{form}.csv"
    assert (tmp_path / "o.csv").read_bytes() == golden.read_bytes()


@pytest.mark.parametrize("folder", ["plain", "s", "m", "sm"])
def test_pcap2json(run, tmp_path, folder):
    for name in (ORIGINALS / "pcap2json/classes.txt").read_text().split():
        (tmp_path / "classes" / name).parent.mkdir(parents=True)
        shutil.copy(REPO / "datasets/apps" / name, tmp_path / "classes" / name)
    options = [f"-{letter}" for letter in folder.removeprefix("plain")]
    compat(run, "pcap2json", tmp_path / "out", "-i", tmp_path / "classes", "-n", "flows", *options)
    goldens = {path.name: path.read_bytes() for path in (ORIGINALS / "pcap2json" / folder).iterdir()}
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == goldens
    assert len(goldens) == 14


def test_the_goldens_are_not_empty():
    sizes = {path: path.stat().st_size for path in ORIGINALS.rglob("*") if path.is_file()}
    assert sum(size > 0 for size in sizes.values()) > 100
    assert sum(sizes.values()) < 8 << 20
