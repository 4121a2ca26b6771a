"""arrays --shard and merge: the arrays of one process for any number of shards."""

import os
import random
import struct
import subprocess

import pytest

from captures import Ng, bgzf
from sharding import merge

EPOCH = 1_600_000_000 * 10**6


def udp(source, data):
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 28 + len(data), 0, 0, 64, 17, 0)
    return (bytes(12) + b"\x08\0" + ip + bytes([10, 0, 0, source, 10, 0, 0, 99]) +
            struct.pack(">HHHH", 1000 + source, 53, 8 + len(data), 0) + data)


def samples_in_order(sizes, seed=1):
    """Samples of so many packets, with others between them that have no label."""
    chance = random.Random(seed)
    ng = Ng().interface(snaplen=262144)
    for number, size in enumerate(sizes):
        for at in range(size):
            ng.packet(udp(chance.randrange(1, 4), chance.randbytes(chance.randrange(60))),
                      EPOCH + number * 10**7 + at * 1000, [f"{number * 3},class {number % 3}"])
            if chance.random() < 0.1:
                ng.packet(udp(9, b"unlabelled"), EPOCH)
    return bytes(ng)


@pytest.fixture
def data_set(tmp_path):
    """Most samples are short; one is longer than some shards."""
    path = tmp_path / "in.pcapng"
    path.write_bytes(samples_in_order([3] * 30 + [400] + [1, 20] * 20))
    return path


def files_of(path):
    if path.is_dir():
        return {child.name: child.read_bytes() for child in path.iterdir()}
    return path.read_bytes()


def same_as_one_process(run, tmp_path, data_set, counts, name, *options, status=0):
    one = tmp_path / f"one-{name}"
    command = ["arrays", "-q", "--no-sync", "-f", *options, data_set, "-o"]
    whole = run(*command, one, "--json", check=False)
    assert whole.returncode == status
    for count in counts:
        output = tmp_path / f"{count}-{name}"
        for number in reversed(range(count)):
            run(*command, output, "--shard", f"{number}/{count}")
        parts = [tmp_path / f"{output.name}.{number}-of-{count}.arrays" for number in range(count)]
        done = merge(run, output, parts, "--json", check=False)
        assert (done.returncode, done.stdout) == (status, whole.stdout)
        assert files_of(output) == files_of(one), (count, name)
    return one


@pytest.mark.parametrize("name, counts, options", [
    ("npy", [1, 2, 7, 24], ["--packets", "3", "--bytes", "20", "--series", "length,inter_arrival"]),
    ("npz", [7], ["--per", "sample", "--packets", "4", "--bytes", "30", "--min-packets", "2"]),
    ("out.parquet", [7], ["--form", "nprint"]),
    ("out.tsv.gz", [7], ["--form", "yatc", "--mask", "random,ip", "--seed", "7"]),
    ("out.arrow", [7], ["--form", "netfound"]),
    ("out.tsv", [2, 7], ["--form", "etbert", "--min-packets", "1"]),
    ("out.csv", [7], ["--form", "pcapencoder"]),
    ("etbert.parquet", [7], ["--form", "trafficformer"]),
])
def test_one_data_set(run, tmp_path, data_set, name, counts, options):
    """And one report of it."""
    same_as_one_process(run, tmp_path, data_set, counts, name, *options)


def test_an_output_that_is_there_already(run, tmp_path, data_set):
    """What is merged again replaces it; the parts are beside it."""
    (tmp_path / "1-npy").mkdir()
    same_as_one_process(run, tmp_path, data_set, [1], "npy", "--packets", "1", "--bytes", "9")


@pytest.mark.parametrize("sizes", [[500], [0, 300, 300], [1] * 200])
def test_samples_and_shards_of_all_sizes_as_bgzf(run, tmp_path, sizes):
    data_set = tmp_path / "in.pcapng.gz"
    data_set.write_bytes(bgzf(samples_in_order(sizes), 900))
    same_as_one_process(run, tmp_path, data_set, [3, 20], "npy", "--packets", "1", "--bytes", "9")


def test_damage_ends_the_arrays(run, tmp_path, data_set):
    data = data_set.read_bytes()
    data_set.write_bytes(data[:len(data) // 2] + b"\xff" * 40 + data[len(data) // 2:])
    same_as_one_process(run, tmp_path, data_set, [5], "npy", "--packets", "1", "--bytes", "9",
                        status=1)


def test_a_data_set_in_packets_of_a_data_set(run, tmp_path):
    """Guesses lead into it, where samples are in another order; each shard ends, and is right when
    it is run again."""
    ng, inner = Ng().interface(), Ng().interface()
    start = len(bytes(inner))
    for number in range(20):
        inner.packet(udp(1, bytes(2)), EPOCH, [f"{number % 3},inside"])
    for number in range(400):
        ng.packet(udp(1, b"xx" + bytes(inner)[start:]), EPOCH + number, [f"{number},class"])
    data_set, options = tmp_path / "in.pcapng", ["--packets", "1", "--bytes", "9"]
    data_set.write_bytes(bytes(ng))
    for number in range(7):
        run("arrays", "-q", *options, data_set, "-o", tmp_path / "7-npy", "--shard", f"{6 - number}/7")
    for number in range(7):
        run("arrays", "-q", *options, data_set, "-o", tmp_path / "7-npy", "--shard", f"{number}/7")
    same_as_one_process(run, tmp_path, data_set, [7], "npy", *options)


def refused(run, *command):
    done = run("arrays", "--packets", "1", "--bytes", "9", "--shard", "0/2", *command, check=False)
    assert done.returncode != 0
    return done.stderr


def test_what_cannot_be_divided_is_refused_with_a_way_out(run, tmp_path, data_set):
    output = tmp_path / "out"
    assert "without --shard" in refused(run, "--format", "png", "-o", output, data_set)
    assert "has this ending" in refused(run, "-o", tmp_path / "out.npy", data_set)
    assert "--splits" in refused(run, "--splits", tmp_path, "-o", output, data_set)
    ng = Ng().interface()
    for number in range(20):
        ng.packet(udp(1, b""), EPOCH, [f"{number % 2},a"])
    unsorted = tmp_path / "unsorted.pcapng"
    unsorted.write_bytes(bytes(ng))
    assert "'labelcap sort' makes" in refused(run, "-o", output, unsorted)


def test_merge_tells_what_it_has_written(run, tmp_path, data_set):
    command = ["arrays", "-q", "--packets", "1", "--bytes", "9", data_set, "-o", tmp_path / "a"]
    for number in (1, 0):
        run(*command, "--shard", f"{number}/2")
    assert "done already" in run(*(word for word in command if word != "-q"), "--shard", "1/2").stderr
    parts = sorted(tmp_path.glob("a.*.arrays"))
    wrong = run("merge", "-o", tmp_path / "a.parquet", *parts, check=False)
    assert wrong.returncode == 1 and "rows of npy" in wrong.stderr
    many = run("merge", "-o", tmp_path / "a", *parts)
    one = run(*(word for word in command if word != "-q"), "-f")
    assert many.stderr.replace("labelcap merge: ", "labelcap arrays: ") == one.stderr
    assert "left out: without a label" in one.stderr and "in several samples" in one.stderr
    unlabelled = tmp_path / "unlabelled.pcapng"
    unlabelled.write_bytes(bytes(Ng().interface().packet(udp(1, b""), EPOCH)))
    run(*command[:-3], unlabelled, "-o", tmp_path / "none", "--shard", "0/1")
    none = merge(run, tmp_path / "none", [tmp_path / "none.0-of-1.arrays"], check=False)
    assert none.returncode == 1 and "no packet is labelled" in none.stderr
    assert not (tmp_path / "none").exists()


def test_a_plan_makes_a_directory(run, tmp_path, data_set, program):
    command = ["arrays", "-q", "--packets", "1", "--bytes", "9", data_set, "-o"]
    run(*command, tmp_path / "one")
    script = run("plan", "--parallel", "-n", "3", *command, "many/", cwd=tmp_path).stdout
    subprocess.run(["bash", "-s", "merge"], input=script, cwd=tmp_path, check=True, text=True,
                   env=dict(os.environ, PATH=f"{program.parent}:{os.environ['PATH']}"))
    assert files_of(tmp_path / "many") == files_of(tmp_path / "one")
