"""arrays of a long file by several threads, each with whole samples of it: the same as by one."""

import random
import re
import struct
import zipfile
from unittest.mock import ANY

import pytest

from captures import Ng

EPOCH = 1_600_000_000 * 10**6
LONG = 16 << 20  # a file that is worth dividing
FORMS = {
    "npy": ["--form", "yatc", "--mask", "random,ip,ports", "--seed", "5"],
    "series.npz": ["--packets", "4", "--bytes", "30", "--series", "length,direction,inter_arrival",
                   "--min-packets", "2"],
    "sample.parquet": ["--per", "sample", "--packets", "4", "--bytes", "30", "--tunnels", "inner"],
    "tokens.tsv": ["--form", "trafficformer"],
    "bursts.csv": ["--form", "netfound"],
    "too-much.csv": ["--packets", "40", "--bytes", "100", "--part", "l3"],
}


def inside(chance):
    """What looks like labelled blocks of a capture, which a guess may take for such."""
    ng = Ng()
    begin = len(bytes(ng))
    for _ in range(9):
        ng.packet(chance.randbytes(60), EPOCH, ["1,not a sample"])
    return bytes(ng)[begin:]


def packet(chance, payload):
    kind = chance.random()
    if kind < 0.02:
        return bytes(12) + b"\x08\x06" + bytes(28)
    fragment = 0x2000 if kind < 0.04 else 3 if kind < 0.06 else 0
    ends = [bytes([10, 0, 0, chance.randrange(1, 4)]), bytes([10, 0, 1, 1])]
    ports = [1000 + chance.randrange(4), 443]
    if chance.random() < 0.5:
        ends.reverse()
        ports.reverse()
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 28 + len(payload), chance.randrange(4), fragment, 64, 17, 0)
    return bytes(12) + b"\x08\0" + ip + b"".join(ends) + struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload


def samples(size, seed=1):
    """Samples in order, most of them short, with packets between them that have no label."""
    chance = random.Random(seed)
    blocks, fake = chance.randbytes(1400), inside(chance)
    ng = Ng().interface()
    written = number = 0
    while written < size:
        number += 1
        label = [f"{number * 3},class {number // 40 % 30 if number % 5 else 'often'}"]
        for at in range(3000 if number == 200 else chance.choice([1, 3, 50])):
            data = packet(chance, fake if chance.random() < 0.3 else blocks[:chance.choice([20, 1400])])
            written += len(data) + 70
            ng.packet(data, EPOCH + number * 10**5 + at * 1000, label if chance.random() < 0.98 else [])
    return bytes(ng)


@pytest.fixture(scope="module")
def long_set(tmp_path_factory):
    path = tmp_path_factory.mktemp("long") / "in.pcapng"
    path.write_bytes(samples(LONG))
    return path


def written(path):
    if path.is_dir():
        return {str(child.relative_to(path)): child.read_bytes() for child in path.rglob("*") if child.is_file()}
    if path.suffix == ".npz":
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    return path.read_bytes() if path.exists() else None


def outcome(run, folder, threads, name, *arguments):
    output = folder / str(threads) / name
    output.parent.mkdir()
    done = run("arrays", "--json", "--no-sync", "-j", threads, "-o", output, *arguments, check=False)
    said = [text.replace(str(output), "OUT") for text in (done.stdout, done.stderr)]
    return done.returncode, said, {path.name: written(path) for path in output.parent.iterdir()}


def same_for_any_threads(run, folder, name, *arguments):
    one = outcome(run, folder, 1, name, *arguments)
    for threads in (2, 7):
        assert outcome(run, folder, threads, name, *arguments) == one, threads
    return one


@pytest.mark.parametrize("name", FORMS)
def test_rows_are_the_same(run, long_set, tmp_path, name):
    status, (said, _), _ = same_for_any_threads(run, tmp_path, name, *FORMS[name], long_set)
    assert status == 0 and '"by_catalogue": false' in said


def test_rows_are_the_same_from_standard_input(run, long_set, tmp_path):
    """A file that several threads read by one descriptor, from where it stands."""
    (tmp_path / "in.bin").write_bytes(b"before" + long_set.read_bytes())
    found = []
    for threads in (1, 2, 7):
        with open(tmp_path / "in.bin", "rb", buffering=0) as stdin:
            stdin.seek(len("before"))
            run("arrays", "-q", "-j", threads, "-o", tmp_path / f"{threads}.tsv", *FORMS["tokens.tsv"], "-", stdin=stdin)
        found.append((tmp_path / f"{threads}.tsv").read_bytes())
    assert found[1] == found[0] and found[2] == found[0] and len(found[0]) > 1 << 20


def shuffled(path):
    """The same packets, those of all samples mixed, but each sample's in their order."""
    data, at, of_sample = path.read_bytes(), 0, {}
    while at < len(data):
        length = struct.unpack_from("<I", data, at + 4)[0]
        label = re.search(rb"\d+,class \w+", data[at + length - 40:at + length])
        of_sample.setdefault(label and label[0], []).append(data[at:at + length])
        at += length
    head, *bare = of_sample.pop(None)
    head += bare.pop(0)
    order = [key for key, blocks in of_sample.items() for _ in blocks]
    random.Random(2).shuffle(order)
    taken = {key: iter(blocks) for key, blocks in of_sample.items()}
    return head + b"".join(bare + [next(taken[key]) for key in order])


def test_samples_in_no_order_give_the_same(run, long_set, tmp_path):
    mixed = tmp_path / "mixed.pcapng"
    mixed.write_bytes(shuffled(long_set))
    run("index", "-q", "--no-sync", mixed)
    options = ["--per", "sample", "--packets", "4", "--bytes", "30"]
    _, (_, said), made = outcome(run, tmp_path, 1, "x.npz", *options, long_set)
    for threads in (2, 3):
        assert outcome(run, tmp_path, threads, "x.npz", *options, mixed)[1:] == ([ANY, said], made)


def test_lists_are_the_same(run, long_set, tmp_path):
    lists = tmp_path / "lists"
    lists.mkdir()
    for rest, name in enumerate(("test", "train")):
        ids = [number * 3 for number in range(1, 2000) if number % 3 == rest]
        (lists / f"{name}.csv").write_text("sample_id\n" + "\n".join(map(str, ids)) + "\n")
    status, _, made = same_for_any_threads(run, tmp_path, "x.tsv", "--form", "etbert", "--splits", lists, long_set)
    assert status == 0 and len(made) == 2


def late_block(data):
    """Where a labelled packet begins in the last third, and its sampleID."""
    at = 0
    while True:
        length = struct.unpack_from("<I", data, at + 4)[0]
        label = re.search(rb"\d+(?=,class|,often)", data[at:at + length])
        if at > len(data) * 2 // 3 and label:
            return at, at + label.start()
        at += length


@pytest.mark.parametrize("kind", ["a block without an end", "zeros", "a sample too late", "cut off"])
def test_what_is_wrong_is_told_alike(run, long_set, tmp_path, kind):
    data = bytearray(long_set.read_bytes())
    block, label = late_block(data)
    at, new = {
        "a block without an end": (block + 4, b"\xff" * 40),
        "zeros": (block, bytes(300_000)),
        "a sample too late": (label, b"1,c"),
        "cut off": (len(data) - 10, b""),
    }[kind]
    data[at:at + (len(new) or 10)] = new
    broken = tmp_path / "broken.pcapng"
    broken.write_bytes(data)
    status, (_, told), _ = same_for_any_threads(run, tmp_path, "npy", "--form", "yatc", broken)
    assert status == 1 and told
