"""partition --challenge: what is withheld is in no other file, and cannot be found by rules."""

import functools
import json
import resource
import stat
from collections import Counter

import pandas
import pytest

from captures import read_packets
from labels import sample_id, tshark
from splits import list_of, lists, singles, write, written

SHARES = ("--train", 80, "--test", 20)
KEY = "000102030405060708090a0b0c0d0e0f"


@pytest.fixture
def secret(tmp_path):
    (tmp_path / "key").write_text(KEY + "\n")
    return ("--challenge-key", tmp_path / "key", "--answers", tmp_path / "answers.csv")


def answers(tmp_path):
    table = pandas.read_csv(tmp_path / "answers.csv", dtype={"sample_id": "uint64"})
    assert list(table.columns) == ["sample_id", "label"]
    return dict(zip(map(int, table.sample_id), table.label))


@functools.cache
def hidden_id(number):
    return sample_id(b"%d" % number, bytes.fromhex(KEY))


def test_the_other_samples_are_listed_as_ever(partition, tmp_path, secret):
    path = write(tmp_path / "set.pcapng", singles(900))
    directory = partition(path, *SHARES, "--challenge", 60, *secret)
    labels = {number: metadata for number, metadata, *_ in singles(900)}
    shown = {number: name for number, name in list_of(directory).items() if name != "challenge"}
    hidden = set(labels) - set(shown)
    assert len(hidden) == 60
    assert answers(tmp_path) == {hidden_id(number): labels[number] for number in hidden}
    challenge = lists(directory)["challenge"]
    assert list(challenge.columns) == ["sample_id"]
    assert list(challenge.sample_id) == sorted(answers(tmp_path))
    assert Counter(answers(tmp_path).values()) == dict(a=20, b=20, c=20)
    plain = list_of(partition(path, *SHARES, into="plain"))
    assert all(plain[number] == name for number, name in shown.items())


def test_packets_have_nothing_but_bytes_and_times(run, label, partition, tmp_path, repo, secret):
    path = label("EACH:flow,x\n", "--keep-source", repo / "datasets/apps", repo / "datasets/mixed").output
    directory = partition(path, *SHARES, "--challenge", 30, *secret)
    hidden = {hidden_id(packet.label[0]): packet.label[0] for packet in read_packets(path)}
    expected = {}
    for packet in read_packets(path):
        expected.setdefault(hidden_id(packet.label[0]), []).append((packet.time_ns, packet.data))
    found = {}
    for packet in read_packets(directory / "challenge.pcapng"):
        number, metadata = packet.label
        assert metadata == "" and len(packet.comments) == 1
        found.setdefault(number, []).append((packet.time_ns, packet.data))
    assert set(found) == set(answers(tmp_path)) <= set(hidden)
    assert found == {number: sorted(expected[number], key=lambda item: item[0]) for number in found}
    assert list(found) == sorted(found)
    data = (directory / "challenge.pcapng").read_bytes()
    for text in (b"source=", b".pcap", b"if_name", b"/"):
        assert text not in data.split(b"\x06\0\0\0")[0]
    report = json.loads(run("info", "--json", directory / "challenge.pcapng").stdout)
    assert all(interface["name"] in (None, "") and interface["packets"] > 0 for interface in report["interfaces"])


def test_nothing_else_names_what_is_withheld(run, label, partition, tmp_path, repo, secret):
    """Neither an ID nor the bytes of a packet of the challenge are in another file."""
    path = label("FILE:**|EACH:file,x\n", "--keep-source", repo / "datasets/apps").output
    directory = partition(path, *SHARES, "--challenge", 5, *secret)
    known = answers(tmp_path)
    hidden = [packet for packet in read_packets(path) if hidden_id(packet.label[0]) in known]
    assert len({packet.label for packet in hidden}) == 5
    shown = tmp_path / "shown"
    shown.mkdir()
    for name in "train", "test":
        run("select", "-o", shown / f"{name}.pcapng", "--splits", directory, "--list", name, path)
    withheld = {number.encode() for packet in hidden
                for number in (str(packet.label[0]), str(hidden_id(packet.label[0])))}
    long = [packet.data for packet in hidden if len(packet.data) > 90][::20]
    assert len(long) > 5
    keys = {b"%d" % packet.label[0] for packet in hidden}
    for file in [*directory.iterdir(), *shown.iterdir()]:
        data = file.read_bytes()
        assert not any(number in data for number in keys), file
        if file.stem != "challenge":
            assert not any(number in data for number in withheld), file
            assert not any(data_of_one in data for data_of_one in long), file
        assert KEY.encode() not in data and bytes.fromhex(KEY) not in data


def test_labels_that_only_the_challenge_has_are_not_told(partition, tmp_path, secret):
    path = write(tmp_path / "set.pcapng", singles(40, [f"label-{i}" for i in range(40)]))
    directory = partition(path, *SHARES, "--challenge", 20, *secret)
    withheld = set(answers(tmp_path).values())
    assert len(withheld) == 20
    text = (directory / "partition.json").read_text()
    assert not any(f'"{name}"' in text for name in withheld)
    assert len(written(directory)["labels"]) == 20


def test_relabelled_packets_do_not_have_the_new_ids(label, partition, tmp_path, secret):
    """Rules give the labels of packets away, so no ID may follow from them."""
    path = write(tmp_path / "plain.pcapng", singles(60))
    rules = "".join(f"BPF:src net 10.0.0.{4 * i}/30,label {i}\n" for i in range(15))
    whole = label(rules, "--relabel", path, output="labelled.pcapng").output
    directory = partition(whole, *SHARES, "--group", "sample", "--challenge", 5, *secret)
    again = label(rules, "--relabel", directory / "challenge.pcapng", output="again.pcapng").output
    found = {packet.label[0] for packet in read_packets(again)}
    assert len(found) == 5 and not found & set(answers(tmp_path))
    assert {hidden_id(number) for number in found} == set(answers(tmp_path))


def test_keys(run, partition, tmp_path):
    path = write(tmp_path / "set.pcapng", singles(100))
    key = ("--challenge-key", tmp_path / "new", "--answers", tmp_path / "answers.csv", "--challenge", 9)
    first = partition(path, *SHARES, *key, into="first")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600
    assert len((tmp_path / "new").read_text()) == 33
    made = (tmp_path / "answers.csv").read_bytes()
    again = partition(path, *SHARES, *key, "-f", into="again")
    assert {p.name: p.read_bytes() for p in first.iterdir()} == {p.name: p.read_bytes() for p in again.iterdir()}
    assert (tmp_path / "answers.csv").read_bytes() == made
    (tmp_path / "new").unlink()
    other = partition(path, *SHARES, *key, "-f", into="other")
    assert (other / "challenge.csv").read_bytes() != (first / "challenge.csv").read_bytes()
    (tmp_path / "new").chmod(0o644)
    done = run("partition", "-f", "-o", other, *SHARES, *key, path)
    assert "others may read the secret key" in done.stdout
    for text in ("", "00", KEY[:-1] + "g", KEY + "0", KEY + "\n\n", KEY[:-1]):
        (tmp_path / "new").write_text(text)
        done = run("partition", "-f", "-o", other, *SHARES, *key, path, check=False)
        assert done.returncode == 1 and "expected a key of 32 hexadecimal digits" in done.stderr
        assert KEY[:9] not in done.stderr


def test_secrets_stay_outside(run, tmp_path):
    write(tmp_path / "set.pcapng", singles(50))
    (tmp_path / "x").mkdir()
    (tmp_path / "link").symlink_to("x")
    (tmp_path / "sub").mkdir()
    (tmp_path / "dangling").symlink_to("x/a")
    for key, answer in (("x/key", "a"), ("k", "x/a"), ("link/key", "a"), ("k", "sub/../x/a"), ("k", "dangling")):
        done = run("partition", "-o", "x", *SHARES, "--challenge", 5, "--challenge-key", key, "--answers", answer,
                   "set.pcapng", cwd=tmp_path, check=False)
        assert done.returncode == 1 and "which is to be published" in done.stderr
    assert not any((tmp_path / "x").iterdir()) and not (tmp_path / "k").exists()


def test_whole_groups(run, partition, tmp_path, secret):
    """A group that is too large for the challenge is not in it; a warning tells if it is too small."""
    frames = [frame for *_, frame in singles(20)]
    path = write(tmp_path / "set.pcapng", [(number, "a", number, frames[(number - 1) // 8]) for number in range(1, 25)])
    directory = tmp_path / "splits"
    done = run("partition", "-o", directory, *SHARES, "--challenge", 12, *secret, path)
    assert len(answers(tmp_path)) == 8
    assert "the challenge has only 8 samples" in done.stdout


def test_packets_that_find_no_room_leave_no_lists(run, tmp_path, secret):
    path = write(tmp_path / "set.pcapng", singles(200))
    limits = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))}
    done = run("partition", "-o", tmp_path / "splits", *SHARES, "--challenge", 100, *secret, path,
               check=False, **limits)
    assert (done.returncode, done.stdout) == (1, "") and "challenge.pcapng: cannot write" in done.stderr
    assert {file.name for file in tmp_path.iterdir()} == {"key", "set.pcapng"}


def test_challenge_of_the_last_samples(partition, tmp_path, secret):
    path = write(tmp_path / "set.pcapng", singles(100))
    directory = partition(path, *SHARES, "--by", "time", "--challenge", 10, *secret)
    order = [number for number, *_ in singles(100)]
    found = list_of(directory)
    assert set(answers(tmp_path)) == {hidden_id(number) for number in order[90:]}
    assert [found[number] for number in order[:90]] == ["train"] * 72 + ["test"] * 18


def test_extended_challenge(run, partition, tmp_path, secret):
    path = write(tmp_path / "set.pcapng", singles(300))
    options = (*SHARES, "--challenge", 30, *secret, "-f")
    old = partition(path, *options, into="old")
    more = write(tmp_path / "more.pcapng", singles(500))
    new = partition(more, *options, "--extend", old, into="new")
    before, after = list_of(old), list_of(new)
    assert len(after) == 500 and before.items() <= after.items()
    assert (new / "challenge.pcapng").read_bytes() == (old / "challenge.pcapng").read_bytes()
    larger = partition(more, *SHARES, "--challenge", 40, *secret, "-f", "--extend", old, into="larger")
    assert before.items() <= list_of(larger).items()
    assert len(answers(tmp_path)) == 40
    done = run("partition", "-o", tmp_path / "x", *SHARES, "--extend", old, more, check=False)
    assert done.returncode == 1 and "challenge.csv: the new lists have none of this name" in done.stderr
    (tmp_path / "key").write_text(KEY[::-1])
    done = run("partition", "-o", tmp_path / "x", *options, "--extend", old, more, check=False)
    assert done.returncode == 1 and "it was made with another key" in done.stderr


def test_answers_are_for_their_owner_only(partition, tmp_path, secret):
    path = write(tmp_path / "set.pcapng", singles(100))
    for more in (), ("-f",):
        directory = partition(path, *SHARES, "--challenge", 10, *secret, *more)
        assert stat.S_IMODE((tmp_path / "answers.csv").stat().st_mode) == 0o600
        assert stat.S_IMODE((directory / "challenge.csv").stat().st_mode) == 0o644
        (tmp_path / "answers.csv").chmod(0o644)


def test_answers_are_scored(run, partition, tmp_path, secret):
    path = write(tmp_path / "set.pcapng", singles(100))
    directory = partition(path, *SHARES, "--challenge", 10, *secret)
    guesses = tmp_path / "guesses.csv"
    numbers = lists(directory)["challenge"].sample_id
    guesses.write_text("sample_id,label\n" + "".join(f"{number},a\n" for number in numbers))
    report = json.loads(run("score", "--json", "--truth", tmp_path / "answers.csv", guesses).stdout)
    assert report["samples"] == 10 and report["correct"] == list(answers(tmp_path).values()).count("a")
    assert [fields[0] for fields in tshark(directory / "challenge.pcapng", "frame.comment")] == [
        f"{number}," for number in numbers]
