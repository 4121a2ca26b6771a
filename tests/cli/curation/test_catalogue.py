"""Catalogues that do not fit, are none, or mean harm: told, never trusted. And what they save."""

import hashlib
import os
import random
import re
import sqlite3
import subprocess

import pytest

from captures import Ng, read_packets

IDS = (5, 2**64 - 1, 77)


@pytest.fixture
def dataset(run, tmp_path):
    """An indexed data set in a folder of its own."""
    folder = tmp_path / "set"
    folder.mkdir()
    ng = Ng().interface()
    for number in range(30):
        ng.packet(b"%d" % number, number, [f"{IDS[number % 3]},label {number % 3}"])
    path = folder / "a.pcapng"
    path.write_bytes(bytes(ng))
    run("index", path)
    return path


def catalogue_of(path):
    return path.with_name(path.name + ".sqlite")


def edit(path, *statements):
    with sqlite3.connect(catalogue_of(path)) as db:
        for statement in statements:
            db.execute(statement)
    db.close()


def select(run, path, *options, label="label 0", **kwargs):
    out = path.parent.parent / "out.pcapng"
    out.unlink(missing_ok=True)
    done = run("select", "-o", out, "--label", label, *options, path, **kwargs)
    return [int(p.data) for p in read_packets(out)] if out.exists() else None, done


WHOLE = list(range(0, 30, 3))
IGNORED = "the catalogue is not used, and the whole data set is read: "


# ---- one that is not used ----


def make_another_file(path):
    path.write_bytes(path.read_bytes() + bytes(Ng().interface().packet(b"30", 1, ["6,x"])))


def make_another_file_of_that_size(path):
    path.write_bytes(path.read_bytes().replace(b"77,label 2", b"77,label 3"))


def add_a_view(path):
    edit(path, "DROP TABLE samples", "CREATE VIEW samples AS WITH RECURSIVE n(i) AS (SELECT 1 UNION "
         "ALL SELECT i + 1 FROM n) SELECT i sample, '1' sampleID, 'label 0' metadata, 1 packets, "
         "1 bytes, 1 first_ns, 1 last_ns, 1 linktype, '' source FROM n")


def add_a_generated_column(path):
    edit(path, "DROP TABLE sources", "CREATE TABLE sources (sampleID TEXT NOT NULL, path TEXT AS "
         "(hex(zeroblob(1000000000))), packets INTEGER NOT NULL)")


def make_it_a_log(path):
    """With a write-ahead log even reading would write files."""
    db = sqlite3.connect(catalogue_of(path))
    db.execute("PRAGMA journal_mode=WAL")
    db.close()


def cut(path):
    os.truncate(catalogue_of(path), 5000)


def empty(path):
    os.truncate(catalogue_of(path), 0)


def make_it_text(path):
    catalogue_of(path).write_text("this is no database at all, but some text" * 99)


def make_it_a_folder(path):
    catalogue_of(path).unlink()
    catalogue_of(path).mkdir()


@pytest.mark.parametrize("spoil, words", [
    (make_another_file, "is out of date (the data set had"),
    (make_another_file_of_that_size, "is out of date (the first or last 64 KiB"),
    (add_a_view, "samples is not as labelcap makes it"),
    (add_a_generated_column, "sources is not as labelcap makes it"),
    (lambda path: edit(path, "DROP INDEX samples_by_id"), "samples_by_id is not as"),
    (lambda path: edit(path, "PRAGMA user_version=1"), "is a catalogue of another version"),
    (lambda path: edit(path, "PRAGMA application_id=0"), "is not a catalogue of labelcap"),
    (lambda path: edit(path, "DELETE FROM dataset"), "is damaged"),
    (lambda path: edit(path, "UPDATE dataset SET samples = -1"), "is damaged"),
    (lambda path: edit(path, "UPDATE dataset SET samples = 1 << 40"), "is damaged"),
    (lambda path: edit(path, "UPDATE dataset SET samples = 4000000000"), "is damaged"),
    (lambda path: edit(path, "UPDATE dataset SET samples = 2"), "is damaged"),
    (lambda path: edit(path, "UPDATE dataset SET size = 'x'"), "is damaged"),
    (make_it_a_log, "is not a catalogue of labelcap"),
    (cut, "SQLite: database disk image is malformed"),
    (empty, "is not a catalogue of labelcap"),
    (make_it_text, "is not a catalogue of labelcap"),
    (make_it_a_folder, "is not a catalogue of labelcap"),
])
def test_the_whole_data_set_is_read_instead(run, dataset, spoil, words):
    spoil(dataset)
    found, done = select(run, dataset)
    assert found == WHOLE
    assert IGNORED in done.stderr and words in done.stderr
    assert len(list(dataset.parent.iterdir())) == 2  # no log, no journal


def test_another_time_is_no_finding(run, dataset):
    os.utime(dataset, (1, 1))
    assert select(run, dataset)[1].stderr.count("\n") == 1


def test_times_are_read_in_one_way(run, dataset):
    """Times of a catalogue are as the data set was read for it."""
    run("index", "-f", "--pcapml-times", "no", dataset)
    found, done = select(run, dataset)
    assert found == WHOLE
    assert IGNORED in done.stderr and "was made with --pcapml-times no, not auto" in done.stderr
    assert IGNORED not in select(run, dataset, "--pcapml-times", "no")[1].stderr


def test_times_that_depend_on_the_order(run, dataset):
    """The first timestamp says that all are plain; a catalogue would begin with the other."""
    ng = Ng().interface()
    ng.packet(b"0", 1_600_000_000_999_999, ["5,a"]).packet(b"1", 1_600_000_000 << 32 | 7, ["6,b"])
    dataset.write_bytes(bytes(ng))
    catalogue_of(dataset).unlink()
    outputs = []
    for _ in range(2):
        found, done = select(run, dataset, label="b")
        assert found == [1]
        outputs.append((dataset.parent.parent / "out.pcapng").read_bytes())
        run("index", "-f", dataset)
    assert outputs[0] == outputs[1]
    assert "has timestamps of two kinds: use --pcapml-times yes or no" in done.stderr
    run("index", "-f", "--pcapml-times", "no", dataset)
    found, done = select(run, dataset, "--pcapml-times", "no", label="b")
    assert found == [1] and IGNORED not in done.stderr


def test_foreign_tables_do_no_harm(run, dataset):
    edit(dataset, "CREATE TABLE dragons (name TEXT)", "INSERT INTO dragons VALUES ('x')",
         "CREATE TRIGGER t AFTER INSERT ON samples BEGIN DELETE FROM samples; END")
    found, done = select(run, dataset)
    assert found == WHOLE and IGNORED not in done.stderr


# ---- one that lies ----


@pytest.mark.parametrize("lie, words", [
    ('UPDATE ranges SET sample = (sample + 1) % 3', "expected a packet of sample"),
    ('UPDATE ranges SET length = length + 4 WHERE sample = 0', "expected a packet of sample 5"),
    ('UPDATE ranges SET length = 1 << 50 WHERE sample = 0', "expected a packet of sample 5"),
    ('UPDATE ranges SET length = 0 WHERE sample = 0', "overlaps another"),
    ('UPDATE ranges SET length = -4 WHERE sample = 0', "is damaged"),
    ('UPDATE ranges SET length = NULL', "NOT NULL"),
    ('UPDATE ranges SET "offset" = "offset" + 4 WHERE sample = 0', "block length: expected"),
    ('UPDATE ranges SET "offset" = (1 << 50) + "offset" WHERE sample = 0', "out of date"),
    ('UPDATE ranges SET section = 1 << 40', "out of date"),
    ('UPDATE ranges SET section = 52 WHERE sample = 0', "out of date"),
    ('UPDATE ranges SET interfaces = 1 << 40', "out of date"),
    ('UPDATE ranges SET sample = NULL', "expected a block that is not a packet"),
    ("UPDATE samples SET metadata = zeroblob(20000000)", "string or blob too big"),
    ("UPDATE samples SET packets = 'many'", "is damaged"),
    ("UPDATE samples SET last_ns = NULL", "is damaged"),
    ("UPDATE samples SET last_ns = first_ns - 1", "is damaged"),
    ("DELETE FROM samples WHERE sample = 1", "is damaged"),
    ("UPDATE samples SET sampleID = 'x' || sample", "is damaged"),
])
def test_lies_are_noticed(run, dataset, lie, words):
    try:
        edit(dataset, lie)
    except sqlite3.IntegrityError as error:
        assert words in str(error)
        return
    found, done = select(run, dataset, check=False)
    assert (found, done.returncode) == (None, 1)
    assert words in done.stderr


def test_samples_that_are_not_there(run, dataset):
    """A catalogue may leave out what it will; the IDs that it does not have are told."""
    edit(dataset, "DELETE FROM samples WHERE sampleID = '5'")
    ids = dataset.parent.parent / "ids"
    ids.write_text("5\n77\n")
    found, done = select(run, dataset, "--ids", ids, label="*")
    assert found == list(range(2, 30, 3)) and "1 sampleID not in the data set" in done.stderr


@pytest.mark.parametrize("spoil", [
    "DELETE FROM ranges WHERE sample = (SELECT sample FROM samples WHERE sampleID = '5')",
    "UPDATE samples SET packets = packets + 1 WHERE sampleID = '5'"])
def test_ranges_that_are_not_there(run, dataset, spoil):
    edit(dataset, spoil)
    found, done = select(run, dataset, check=False)
    assert (found, done.returncode) == (None, 1)
    assert "expected ranges of " in done.stderr and " packets, found " in done.stderr


def believe_the_ends(path):
    """As if the change were in the middle of a large file."""
    ends = hashlib.sha256(path.read_bytes() * 2).hexdigest()
    edit(path, f"UPDATE dataset SET ends_sha256 = '{ends}'")


def test_the_same_size_but_other_samples(run, dataset):
    data = dataset.read_bytes()
    dataset.write_bytes(data.replace(b"5,label 0", b"6,label 0"))
    believe_the_ends(dataset)
    found, done = select(run, dataset, check=False)
    assert (found, done.returncode) == (None, 1)
    assert "expected a packet of sample 5" in done.stderr
    assert "'labelcap index -f' makes it anew" in done.stderr
    run("index", "-f", dataset)
    assert select(run, dataset)[0] == WHOLE


# ---- a data set that changes while it is read ----


def cut_short(path):
    os.truncate(path, path.stat().st_size // 2)


def write_over(path):
    with open(path, "r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(bytes(path.stat().st_size // 2))


@pytest.mark.parametrize("change", [cut_short, write_over])
@pytest.mark.parametrize("indexed", [False, True])
def test_changes_while_it_is_read(program, run, tmp_path, change, indexed):
    """The reader is held up by a pipe until the file has changed; what came before is sound."""
    path = tmp_path / "a.pcapng"
    ng = Ng().interface()
    for number in range(2000):
        ng.packet(bytes(10_000), number, [f"{number % 7},x"])
    path.write_bytes(bytes(ng))
    if indexed:
        run("index", path)
    with subprocess.Popen([program, "select", "-o", "-", "--label", "x", path],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0) as reading:
        first = reading.stdout.read(1)
        change(path)
        rest, errors = reading.communicate(timeout=60)
    assert reading.returncode == 1 and b"a.pcapng" in errors
    (tmp_path / "out").write_bytes(first + rest)
    found = read_packets(tmp_path / "out", strict=False)
    assert 100 < len(found) < 2000 and {p.data for p in found} == {bytes(10_000)}


# ---- what a catalogue is for ----


def bytes_read(program, *arguments):
    """All that a command reads, by the kernel's count."""
    done = subprocess.run(["bash", "-c", '"$@" && cat /proc/$$/io', "bash", program, *arguments],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return int(re.search(r"rchar: (\d+)", done.stdout)[1])


@pytest.mark.skipif(not os.path.exists("/proc/self/io"), reason="the kernel does not count bytes")
def test_one_sample_costs_little(program, run, tmp_path):
    """Of 100 MB, less than a hundredth is read, plain or BGZF."""
    rng = random.Random(1)
    plain, packed, ids = tmp_path / "a.pcapng", tmp_path / "a.pcapng.gz", tmp_path / "ids"
    data = rng.randbytes(1 << 20)
    ng = Ng().interface()
    for number in range(6600):
        at = rng.randrange(len(data) - 15000)
        ng.packet(data[at:at + 15000], number, [f"{number // 3},x"])
    plain.write_bytes(bytes(ng))
    run("select", "--no-sync", "-o", packed, "--label", "*", plain)
    ids.write_text("321\n")
    base = bytes_read(program, "--version")
    for path in (plain, packed):
        run("index", "--no-sync", path)
        used = bytes_read(program, "select", "-q", "-f", "-o", tmp_path / "o", "--ids", ids, path)
        assert [p.label[0] for p in read_packets(tmp_path / "o")] == [321] * 3
        assert used - base < 0.01 * path.stat().st_size
