"""publish --verify: what somebody has changed is found, and nothing outside the directory is read."""

import gzip
import json
import os
import shutil
import sqlite3
import subprocess

import pytest

from captures import Ng
from published import (
    ALLOW, IDS, SECOND, START, add_samples, files_of, packet_of, seal, write_about, write_challenge, write_lists)
from surroundings import texts_of


# As partition writes it, but for what is not about samples.
PARTITION = {
    "format": "labelcap partition", "options": {"seed": "0"}, "groups": 6,
    "lists": [{"name": name, "samples": 2} for name in ("train", "test", "challenge")],
    "labels": [{"label": f"label {i}", "samples": {"train": 1, "test": 1}} for i in range(2)]}


@pytest.fixture(scope="module")
def original(run, tmp_path_factory):
    """A published set with lists and a challenge."""
    folder = tmp_path_factory.mktemp("original")
    path = folder / "labelled.pcapng"
    path.write_bytes(bytes(add_samples(Ng().interface())))
    lists = write_lists(folder / "lists", train=IDS[:2], test=IDS[2:4])
    (lists / "partition.json").write_text(json.dumps(PARTITION, indent=2) + "\n")
    write_challenge(lists, [901, 902], [
        (900 + i, packet_of(IDS[3 + i], n), START + (3 * (3 + i) + n) * SECOND) for i in (1, 2) for n in range(3)])
    about = write_about(folder)
    run("publish", "-o", folder / "set", "--flows", "--report", "--metadata", about, "--splits", lists, *ALLOW, path)
    # The same data by somebody who forgot the challenge.
    run("publish", "-o", folder / "open", "--flows", "--report", "--metadata", about, *ALLOW, path)
    return folder / "set"


@pytest.fixture
def published(original, tmp_path):
    shutil.copytree(original.parent / "open", tmp_path / "open")
    return shutil.copytree(original, tmp_path / "set")


@pytest.fixture
def verify(run):
    def verify_directory(directory):
        done = run("publish", "--verify", "--json", directory, check=False)
        report = json.loads(done.stdout)
        assert (done.returncode == 0) == report["sound"] == (report["errors"] == 0)
        return report

    return verify_directory


def test_as_it_was_published(verify, published):
    before = files_of(published)
    report = verify(published)
    assert (report["sound"], report["findings"]) == (True, [])
    assert (report["samples"], report["packets"], report["challenge_samples"]) == (4, 12, 2)
    assert files_of(published) == before


# ---- tampering ----


def test_the_last_line_tells_the_outcome(run, published):
    (published / "samples.csv").write_text("")
    done = run("publish", "--verify", published, check=False)
    assert done.returncode == 1 and done.stderr.endswith(f"{published} is not as it was published\n")


def replace(name, old, new):
    def change(directory):
        path = directory / name
        data = path.read_bytes()
        assert old in data
        path.write_bytes(data.replace(old, new))

    return change


def flip(name):
    def change(directory):
        data = bytearray((directory / name).read_bytes())
        data[len(data) // 2] ^= 1
        (directory / name).write_bytes(data)

    return change


def add(name, data=b"x"):
    return lambda directory: (directory / name).write_bytes(data)


def remove(name):
    return lambda directory: (directory / name).unlink()


def link(name, target="/etc/hostname"):
    def change(directory):
        (directory / name).unlink(missing_ok=True)
        (directory / name).symlink_to(target)

    return change


def append_sum(name):
    def change(directory):
        with open(directory / "SHA256SUMS", "a") as file:
            file.write("0" * 64 + f"  {name}\n")

    return change


def repack(name, edit):
    """Changes the packets within BGZF."""
    def change(directory):
        packed = subprocess.run(["bgzip", "-c"], input=edit(gzip.decompress((directory / name).read_bytes())),
                                capture_output=True, check=True)
        (directory / name).write_bytes(packed.stdout)

    return change


def move_to_train(directory):
    """A sample of the test list becomes one to learn from."""
    test, train = directory / "splits/test.csv", directory / "splits/train.csv"
    lines = test.read_text().splitlines(keepends=True)
    test.write_text("".join(lines[:-1]))
    train.write_text(train.read_text() + lines[-1])


def edit_catalogue(directory):
    with sqlite3.connect(directory / "data/packets.pcapng.gz.sqlite") as db:
        db.execute("UPDATE samples SET metadata = 'other'")
    db.close()


def add_challenge_packet(directory):
    """A packet of the challenge under the sampleID of a labelled sample."""
    def edit(data):
        order = "little" if data[8:12] == b"\x4d\x3c\x2b\x1a" else "big"
        ng = bytes(Ng(">" if order == "big" else "<").interface().packet(
            packet_of(IDS[4], 0), START + 12 * SECOND, [f"{IDS[0]},label 0"]))
        header = int.from_bytes(ng[4:8], order)
        interface = int.from_bytes(ng[header + 4:header + 8], order)
        return data + ng[header + interface:]

    repack("data/packets.pcapng.gz", edit)(directory)


def copy_open(name):
    """A file in which the challenge is among all others."""
    return lambda directory: shutil.copy(directory.parent / "open" / name, directory / name)


def forget(option):
    """Its file is there all the same."""
    return replace("provenance.json", f'"{option}"'.encode(), b'"--level 1"')


def add_to_catalogue(directory):
    """A sample of the challenge, which has no packets in the data."""
    with sqlite3.connect(directory / "data/packets.pcapng.gz.sqlite") as db:
        db.execute("INSERT INTO samples SELECT 99, '901', metadata, packets, bytes, first_ns, last_ns, linktype, source"
                   " FROM samples LIMIT 1")
    db.close()


def tell(**others):
    """Another partition.json."""
    return add("splits/partition.json", json.dumps({**PARTITION, **others}).encode())


def allow_nothing(directory):
    replace("provenance.json", b"--allow mac,addresses,payload", b"--allow mac,addresses")(directory)


def show_rules(directory):
    """With the answers of the challenge."""
    (directory / "rules.csv").write_text("BPF:udp,everything\n")


def show_rules_by_file(directory):
    (directory / "rules.csv").write_text("BPF:udp|EACH:file,everything\n")


UNSEALED = [
    (flip("data/packets.pcapng.gz"), "data/packets.pcapng.gz: expected the SHA-256"),
    (flip("samples.parquet"), "samples.parquet: expected the SHA-256"),
    (flip("flows.parquet"), "flows.parquet: expected the SHA-256"),
    (remove("croissant.json"), "there is no file 'croissant.json'"),
    (remove("SHA256SUMS"), "SHA256SUMS: expected sums of all files"),
    (add("data/more.pcapng"), "data/more.pcapng: is not part of a published data set"),
    (add("splits/more.csv"), "splits/more.csv: is not in SHA256SUMS"),
    (add(".hidden"), ".hidden: is not part"),
    (link("samples.csv"), "samples.csv: expected a file, found a link"),
    (link("splits/more.csv"), "splits/more.csv: expected a file, found a link"),
    (append_sum("../outside"), "expected a file of the data set, found '../outside'"),
    (append_sum("splits/../../outside"), "expected a file of the data set"),
    (append_sum("/etc/hostname"), "expected a file of the data set, found '/etc/hostname'"),
    (append_sum("samples.csv"), "'samples.csv' is there twice"),
    (add("SHA256SUMS", b"no sums\n"), "line 1: expected a SHA-256"),
    (lambda directory: os.mkfifo(directory / "rules.csv"), "rules.csv: is not part"),
    (lambda directory: (directory / "data/data").mkdir(), "data/data: is not part"),
]

SEALED = [
    (replace("samples.csv", b"label 0", b"label 1"), "samples.csv: is not what follows from the data"),
    (replace("samples.csv", b",train,", b",test,"), "samples.csv: is not what follows"),
    (move_to_train, "it tells of 2 samples in train, and 3 are published"),
    (replace("splits/test.csv", b"label", b"lapel"), "splits/test.csv: is not what follows"),
    (replace("splits/train.csv", b"11,label 0\n", b""), "data/packets.pcapng.gz: has samples that are in no list"),
    (replace("splits/challenge.csv", b"902\n", b""), "splits/challenge.csv: is not what follows"),
    (edit_catalogue, "data/packets.pcapng.gz.sqlite: is not what follows"),
    (replace("croissant.json", b'"contentUrl": "samples.csv"', b'"contentUrl": "../../etc/passwd"'),
     "croissant.json: is not what follows"),
    (replace("README.md", b"| Samples | 4 |", b"| Samples | 9 |"), "README.md: is not what follows"),
    (replace("datacite.json", b"A. Person", b"B. Person"), "datacite.json: is not what follows"),
    (replace("metadata.json", b"CC-BY-4.0", b"CC0-1.0"), "is not what follows"),
    (replace("metadata.json", b"CC-BY-4.0", b"no licence"), "metadata.json: license: expected an SPDX"),
    (add("metadata.json", b"[]"), "metadata.json: "),
    (add("provenance.json", b"{"), "provenance.json: "),
    (replace("provenance.json", b'"rules": []', b'"rules": [], "more": 1'), "provenance.json: is not what follows"),
    (allow_nothing, "has payloads behind the transport header, which provenance.json does not allow"),
    (replace("provenance.json", b"--allow mac", b"--allow mice"), "names unknown words for --allow"),
    (repack("data/packets.pcapng.gz", lambda data: data.replace(b"11,label 0", b"11,lapel 0")),
     "samples.csv: is not what follows"),
    (repack("data/packets.pcapng.gz", lambda data: data.replace(b"11,label 0", b"99,label 0")),
     "has samples that are in no list"),
    (repack("data/packets.pcapng.gz", lambda data: data[:-7]), "data/packets.pcapng.gz: "),
    (repack("data/packets.pcapng.gz", lambda data: data.replace(b"11,label 0", b"no label 0")),
     "has packets without a label"),
    (add_challenge_packet, "data/packets.pcapng.gz: has packets of the challenge"),
    (repack("challenge/packets.pcapng.gz", lambda data: data.replace(b"901,\0\0\0\0", b"901,dns\0")),
     "challenge/packets.pcapng.gz: "),
    (show_rules, "rules.csv: labels packets of the challenge"),
    (show_rules_by_file, "rules.csv: labels packets of the challenge"),
    (add("rules.csv", b"BPF:tcp,x\n"), "is not what follows"),
    (add("splits/partition.json", b"{ }\n"), "croissant.json: is not what follows"),
    (copy_open("flows.parquet"), "flows.parquet: is not what follows from the data"),
    (copy_open("report.html"), "report.html: is not what follows from the data"),
    (copy_open("samples.parquet"), "samples.parquet: is not what follows from the data"),
    (copy_open("samples.csv"), "samples.csv: is not what follows from the data"),
    (copy_open("croissant.json"), "croissant.json: is not what follows from the data"),
    (copy_open("README.md"), "README.md: is not what follows from the data"),
    (copy_open("data/packets.pcapng.gz.sqlite"), "packets.pcapng.gz.sqlite: is not what follows from the data"),
    (add_to_catalogue, "packets.pcapng.gz.sqlite: is not what follows from the data"),
    (replace("report.html", b"</main>", b"901 10.0.0.15</main>"), "report.html: is not what follows from the data"),
    (replace("report.html", b">4<", b">6<"), "report.html: is not what follows from the data"),
    (remove("flows.parquet"), "flows.parquet: is missing"),
    (remove("report.html"), "report.html: is missing"),
    (forget("--flows"), "flows.parquet: does not follow from the data"),
    (forget("--report"), "report.html: does not follow from the data"),
    (replace("samples.csv", b",3,180,", b",4,180,"), "samples.csv: is not what follows"),
    (replace("README.md", b"license: cc-by-4.0", b"license: mit"), "README.md: is not what follows"),
    (replace("croissant.json", b'"sha256": "', b'"sha256": "0'), "croissant.json: is not what follows"),
    (replace("datacite.json", b"2026", b"2025"), "datacite.json: is not what follows"),
    (tell(lists=[{"name": "train", "samples": 3}]), "partition.json: it tells of 3 samples in train, and 2 are"),
    (tell(lists=[{"name": "more", "samples": 3}]), "partition.json: there is no list 'more'"),
    (tell(labels=PARTITION["labels"][:1]), "partition.json: its labels do not add up to the samples of 'train'"),
    (tell(labels=[{"label": "dns", "samples": {"challenge": 1}}]), "labels are not to be counted in 'challenge'"),
    (tell(answers={"901": "dns"}), "partition.json: it has an unknown member 'answers'"),
    (remove("samples.parquet"), "samples.parquet: is missing"),
    (remove("data/packets.pcapng.gz"), "data/packets.pcapng.gz"),
    (remove("provenance.json"), "provenance.json"),
    (add("splits/more.csv", b"sample_id,metadata\n11,label 0\n"), "splits/more.csv"),
]


@pytest.mark.parametrize("number", range(len(UNSEALED)))
def test_tampering_is_found(verify, published, number):
    change, words = UNSEALED[number]
    change(published)
    report = verify(published)
    assert any(words in text for text in texts_of(report["findings"])), report["findings"]


@pytest.mark.parametrize("number", range(len(SEALED)))
def test_tampering_with_right_sums_is_found(verify, published, number):
    change, words = SEALED[number]
    change(published)
    seal(published)
    report = verify(published)
    assert any(words in text for text in texts_of(report["findings"])), report["findings"]


def test_nothing_outside_is_read(program, published, tmp_path):
    """By the list of system calls: no file that a link or a name points to is opened."""
    secret = tmp_path / "secret"
    secret.write_text("x")
    link("samples.csv", secret)(published)
    append_sum("../secret")(published)
    append_sum(str(secret))(published)
    replace("croissant.json", b'"contentUrl": "samples.csv"', b'"contentUrl": "../secret"')(published)
    (published / "splits/train.csv").unlink()
    (published / "splits/train.csv").symlink_to(secret)
    trace = tmp_path / "trace"
    done = subprocess.run(["strace", "-f", "-e", "trace=%file", "-o", trace, program, "publish", "--verify", published],
                          capture_output=True, text=True, timeout=60)
    if "ptrace" in done.stderr:
        pytest.skip("strace may not trace here")
    assert done.returncode == 1
    assert not [line for line in trace.read_text().splitlines() if "secret" in line]


def test_another_build_is_told(verify, published):
    """Of files whose bytes depend on libraries, only the sums are checked then."""
    replace("provenance.json", b"SQLite 3", b"SQLite 2")(published)
    seal(published)
    report = verify(published)
    assert report["sound"] and "by another version" in report["findings"][0]["text"]
    copy_open("flows.parquet")(published)
    seal(published)
    assert "cannot tell that nothing of the challenge is there" in verify(published)["findings"][0]["text"]
    replace("samples.csv", b"label 0", b"label 1")(published)
    seal(published)
    assert not verify(published)["sound"]


@pytest.mark.parametrize("spoil", [
    lambda path: path.with_name("none"),
    lambda path: path / "samples.csv",
])
def test_no_directory(run, published, spoil):
    done = run("publish", "--verify", spoil(published), check=False)
    assert done.returncode == 1 and "cannot open directory" in done.stderr


def test_a_folder_of_somebody_else(run, tmp_path):
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "b").mkdir()
    done = run("publish", "--verify", tmp_path, check=False)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1
    assert "expected a published data set, found neither SHA256SUMS nor provenance.json" in done.stderr


def test_only_a_directory_is_needed(run, published):
    done = run("publish", "--verify", "-o", "x", published, check=False)
    assert done.returncode == 2
    done = run("publish", published, check=False)
    assert done.returncode == 2
