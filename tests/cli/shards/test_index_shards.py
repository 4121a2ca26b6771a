"""index --shard and merge: the catalogue of one process for any number of shards."""

import json
import shutil

import pytest

from captures import Ng, pcap

EPOCH = 1_600_000_000 * 10**9


def same_catalogue(run, tmp_path, data_set, counts, *options):
    """And the report of it."""
    whole = run("index", "--json", "--no-sync", *options, data_set)
    catalogue = tmp_path / (data_set.name + ".sqlite")
    one = tmp_path / "one.sqlite"
    catalogue.rename(one)
    for count in counts:
        for number in [*reversed(range(count)), *range(count)]:  # those proved wrong, again
            run("index", "-q", "--no-sync", *options, "--shard", f"{number}/{count}", data_set)
        parts = [tmp_path / f"{catalogue.name}.{number}-of-{count}.outline"
                 for number in range(count)]
        done = run("merge", "--json", "--no-sync", "-f", "-o", catalogue, *parts)
        assert catalogue.read_bytes() == one.read_bytes(), count
        assert (done.stdout, done.stderr.replace(" merge: ", " index: ")) == (whole.stdout, whole.stderr)


@pytest.fixture
def label(run, tmp_path):
    def labelled(*inputs, rules="EACH:window:1,w\n", name="set.pcapng", options=()):
        (tmp_path / "rules.csv").write_text(rules)
        run("label", "-q", "-L", tmp_path / "rules.csv", "--relabel", *options,
            "-o", tmp_path / name, *inputs, check=False)
        return tmp_path / name
    return labelled


def test_a_real_capture_in_1_2_7_and_24_shards(run, tmp_path, shared, label):
    data_set = label(shared / "captures/bulk/ndpi-quic-33.pcapng", options=["--keep-unmatched"],
                     rules="BPF:ip or ip6,all\nBPF:len > 0,rest\n")
    same_catalogue(run, tmp_path, data_set, [1, 2, 7, 24])


@pytest.mark.parametrize("options, name", [
    (["--sort"], "set.pcapng"),
    (["--keep-source", "--keep-unmatched"], "set.pcapng"),
    (["--keep-source"], "set.pcapng.gz"),
    (["--sort"], "set.pcapng.zst"),
])
def test_a_directory_of_real_captures(run, tmp_path, shared, label, options, name):
    data_set = label(shared / "captures/formats/derived", name=name, options=options)
    same_catalogue(run, tmp_path, data_set, [5], "--hash")


def test_sections_and_interfaces_in_the_middle(run, tmp_path):
    ng = Ng().interface(tsresol=9)
    for number in range(300):
        label = [(1, f"{number // 50},meta".encode())]
        ng.packet(bytes(60), EPOCH + number, options=label)
    ng.section(">").interface(tsresol=6, options=[(2, b"eth1")]).interface(tsresol=6)
    for number in range(300):
        ng.packet(bytes(60), EPOCH // 1000 + number, interface=number % 2,
                  options=[(1, b"7,other")] if number % 3 else [])
    path = tmp_path / "set.pcapng"
    path.write_bytes(bytes(ng))
    run("index", "-q", path)
    one = (tmp_path / "set.pcapng.sqlite").read_bytes()
    for number in range(6):
        run("index", "-q", "--shard", f"{number}/6", path)
    run("merge", "-q", "-f", "-o", tmp_path / "set.pcapng.sqlite",
        *tmp_path.glob("*.outline"))
    assert (tmp_path / "set.pcapng.sqlite").read_bytes() == one


def test_damage_leaves_no_catalogue_and_parts_are_proved(run, tmp_path, shared, label):
    data_set = label(shared / "captures/bulk/iti-ModbusTCP.pcap")
    for number in range(2):
        run("index", "-q", "--shard", f"{number}/2", data_set)
    parts = sorted(tmp_path.glob("*.outline"))
    result = json.loads(run("merge", "--json", "-o", tmp_path / "out.sqlite", *parts).stdout)
    assert result["inputs_read"] == 1 and result["samples"] > 1
    assert "done already" in run("index", "--shard", "1/2", data_set).stderr
    data_set.touch()
    changed = run("merge", "-f", "-o", tmp_path / "out.sqlite", *parts, check=False)
    assert changed.returncode == 1 and "has changed since the shards" in changed.stderr
    shutil.copy(parts[0], tmp_path / "copy")
    parts[1].write_bytes(parts[1].read_bytes()[:-1])
    refused = run("merge", "-o", tmp_path / "other.sqlite", *parts, check=False)
    assert refused.returncode == 1 and "cut or changed" in refused.stderr
    data_set.write_bytes(data_set.read_bytes()[:-7])
    for number in range(2):
        run("index", "-q", "-f", "--shard", f"{number}/2", data_set)
    damaged = run("merge", "-o", tmp_path / "other.sqlite", *parts, check=False)
    assert damaged.returncode == 1 and "set.pcapng" in damaged.stderr
    assert not (tmp_path / "other.sqlite").exists()
