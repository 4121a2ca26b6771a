"""compare: held to pandas, and where packets have the same content to plain Python."""

import json
import random
import sqlite3
from collections import Counter

import pandas
import pytest

from captures import Ng

MISSING = "(missing)"


def write(path, packets):
    """`packets`: (content number, label or None); packets of one number have the same content."""
    ng = Ng().interface()
    for i, (number, label) in enumerate(packets):
        ng.packet(b"packet %d" % number, 10**15 + number // 2,
                  [] if label is None else [f"{i + 1},{label}"])
    path.write_bytes(bytes(ng))
    return path


@pytest.fixture
def compare(run, tmp_path):
    def compare_packets(truth, test, *options):
        done = run("compare", "--json", *options, write(tmp_path / "truth.pcapng", truth),
                   write(tmp_path / "test.pcapng", test))
        assert done.stderr == ""
        return json.loads(done.stdout)

    return compare_packets


def labellings(seed, labels=("web", "mail", "a,b", "größe")):
    """Two labellings of packets that all differ, in different orders, each with some of its own."""
    chance = random.Random(seed)
    truth = [(n, chance.choice([*labels, None])) for n in range(300)]
    test = [(n, label if chance.random() < 0.7 else chance.choice([*labels, "other", None]))
            for n, label in truth if chance.random() < 0.8]
    test += [(n, chance.choice([*labels, None])) for n in range(300, 340)]
    chance.shuffle(test)
    return truth, test


def frame_of(truth, test):
    """A row for each packet, with both labels; "" is no label."""
    columns = [pandas.DataFrame([(n, label or "") for n, label in packets], columns=["n", name])
               for name, packets in (("truth", truth), ("test", test))]
    return columns[0].merge(columns[1], on="n", how="outer").fillna(MISSING)


def none(number):
    return None if pandas.isna(number) else number


@pytest.mark.parametrize("seed", range(5))
def test_figures_are_those_of_pandas(compare, seed):
    truth, test = labellings(seed)
    report = compare(truth, test)
    frame = frame_of(truth, test)
    both = frame[(frame.truth != MISSING) & (frame.test != MISSING)]
    assert (report["truth_packets"], report["test_packets"]) == (len(truth), len(test))
    assert report["matched"] == len(both)
    assert report["agreed"] == (both.truth == both.test).sum()
    assert report["missing"] == (frame.test == MISSING).sum()
    assert report["additional"] == (frame.truth == MISSING).sum()
    cells = {(cell["truth"] or "", cell["test"] or ""): cell["packets"] for cell in report["confusion"]}
    assert cells == both.groupby(["truth", "test"]).size().to_dict()
    labels = sorted({*frame.truth, *frame.test} - {"", MISSING}, key=str.encode)
    assert [row["label"] for row in report["labels"]] == labels
    for row in report["labels"]:
        in_truth, in_test = frame.truth == row["label"], frame.test == row["label"]
        agreed = (in_truth & in_test).sum()
        precision = none(agreed / in_test.sum()) if in_test.any() else None
        recall = none(agreed / in_truth.sum()) if in_truth.any() else None
        assert row["truth"] == in_truth.sum() and row["test"] == in_test.sum()
        assert (row["agreed"], row["precision"], row["recall"]) == (agreed, precision, recall)
        if precision and recall:
            assert row["f1"] == pytest.approx(2 * precision * recall / (precision + recall))
        assert row["missing"] == (in_truth & (frame.test == MISSING)).sum()
        assert row["unlabelled"] == (in_truth & (frame.test == "")).sum()
        assert row["additional"] == (in_test & (frame.truth == MISSING)).sum()


def test_figures_are_those_of_scikit_learn(compare):
    metrics = pytest.importorskip("sklearn.metrics")
    truth, test = labellings(7)
    report, frame = compare(truth, test), frame_of(truth, test)
    labels = [row["label"] for row in report["labels"]]
    figures = metrics.precision_recall_fscore_support(frame.truth, frame.test, labels=labels,
                                                      zero_division=0)
    for name, values in zip(("precision", "recall", "f1", "truth"), figures):
        assert [row[name] or 0 for row in report["labels"]] == pytest.approx(list(values))


@pytest.mark.parametrize("seed", range(3))
def test_packets_of_the_same_content(compare, seed):
    """Of several, those of the same label match first; then as many as both files have."""
    chance = random.Random(seed)
    truth, test = ([(chance.randrange(0, 40, 2), chance.choice(["a", "b", "c", None]))
                    for _ in range(200)] for _ in range(2))
    report = compare(truth, test)
    agreed = (Counter(truth) & Counter(test)).total()
    counts = [Counter(n for n, _ in packets) for packets in (truth, test)]
    matched = (counts[0] & counts[1]).total()
    assert (report["agreed"], report["matched"]) == (agreed, matched)
    assert sum(cell["packets"] for cell in report["confusion"]) == matched
    for side, packets in (("truth", truth), ("test", test)):
        assert {row["label"]: row[side] for row in report["labels"]} == {
            label: sum(label == other for _, other in packets) for label in "abc"}


def test_order_and_memory_do_not_matter(compare, run, tmp_path):
    truth, test = labellings(11)
    truth, test = ([(n + 1000 * k, label) for k in range(120) for n, label in packets]
                   for packets in (truth, test))
    expected = compare(truth, test)
    random.Random(1).shuffle(truth)
    assert compare(truth, test, "--memory", "1M") == expected
    run("sort", "-q", "-o", tmp_path / "sorted.pcapng", tmp_path / "test.pcapng")
    done = run("compare", "--json", tmp_path / "truth.pcapng", tmp_path / "sorted.pcapng")
    assert json.loads(done.stdout)["labels"] == expected["labels"]


def test_what_makes_packets_match(run, tmp_path):
    """Bytes, lengths, link type and time; not comments, other options or the interface."""
    def one(**given):
        packet = dict(data=b"data", time=10**15, comments=["7,web"]) | given
        return bytes(Ng().interface().interface(linktype=101).interface(snaplen=9).packet(**packet))

    (tmp_path / "truth.pcapng").write_bytes(one())
    for matched, given in ((1, dict(comments=["8,web", "more"])), (1, dict(interface=2)),
                           (1, dict(options=[(2, bytes(4))])), (0, dict(data=b"dat")),
                           (0, dict(time=10**15 + 1)), (0, dict(length=5)), (0, dict(interface=1))):
        (tmp_path / "test.pcapng").write_bytes(one(**given))
        report = json.loads(run("compare", "--json", tmp_path / "truth.pcapng",
                                tmp_path / "test.pcapng").stdout)
        assert report["matched"] == matched, given
        assert ["no packet is in both" in f["text"] for f in report["findings"]] == [True] * (1 - matched)


def test_labelling_again_is_the_same(run, label, shared, tmp_path):
    """A labelled capture against itself, sorted, and against what a stricter rule labels."""
    capture = shared / "captures/bulk/zeek-ssh-ssh.pcap"
    all_of_it = label("BPF:tcp,tcp\nBPF:udp,udp\n", capture, output="truth.pcapng").output
    part = label("BPF:tcp and greater 100,tcp\n", "--keep-unmatched", capture,
                 output="test.pcapng").output
    run("sort", "-q", "-o", tmp_path / "sorted.pcapng", all_of_it)
    report = json.loads(run("compare", "--json", all_of_it, tmp_path / "sorted.pcapng").stdout)
    assert report["agreed"] == report["matched"] == report["truth_packets"] == report["test_packets"]
    assert all(row["f1"] == 1 for row in report["labels"])
    tcp, udp = json.loads(run("compare", "--json", all_of_it, part).stdout)["labels"]
    assert tcp["precision"] == 1 and tcp["agreed"] + tcp["unlabelled"] == tcp["truth"]
    assert udp["recall"] == 0 and udp["precision"] is None and udp["unlabelled"] == udp["truth"]


@pytest.mark.parametrize("name", ["table.csv", "table.json", "table.sqlite"])
def test_table(compare, run, tmp_path, name):
    truth, test = labellings(3)
    path = tmp_path / name
    report = compare(truth, test, "-o", path)
    if name.endswith("csv"):
        table = pandas.read_csv(path)
    elif name.endswith("json"):
        table = pandas.DataFrame(json.loads(path.read_text()))
    else:
        with sqlite3.connect(path) as database:
            table = pandas.read_sql("SELECT * FROM labels", database)
    expected = pandas.DataFrame(report["labels"])
    assert table[list(expected)].astype(object).where(table.notna(), None).equals(
        expected.astype(object).where(expected.notna(), None))
    done = run("compare", "-o", path, tmp_path / "truth.pcapng", tmp_path / "test.pcapng", check=False)
    assert done.returncode == 1 and "already exists" in done.stderr


def test_text(run, tmp_path):
    write(tmp_path / "a", [(0, "web"), (2, "web"), (4, None)])
    write(tmp_path / "b", [(0, "web"), (2, "mail"), (4, None)])
    text = run("compare", "a", "b", cwd=tmp_path).stdout
    assert "\nWith the same label  2\n" in text
    assert "\nweb            100.0        50.0    66.7      2     1       1" in text
    assert "\nnone            none                 1\n" in text


def test_what_is_refused(run, tmp_path):
    write(tmp_path / "a", [(0, "web")])
    for arguments, status, message in (
            (["-", "-"], 2, "-: standard input is given twice"),
            (["-o", "x.pcapng", "a", "a"], 2, "x.pcapng: the name of the table has to end in one of .csv"),
            (["-o", "x.xlsx.gz", "a", "a"], 2, "x.xlsx.gz: the name of the table"),
            (["-o", "a", "a", "a"], 2, "a: the name"),
            (["a"], 2, "TRUTH"), (["a", "gone"], 1, "gone")):
        done = run("compare", *arguments, cwd=tmp_path, check=False)
        assert (done.returncode, done.stdout) == (status, ""), arguments
        assert message in done.stderr


def test_damage(run, tmp_path):
    path = write(tmp_path / "a", [(0, "web"), (2, "web")])
    (tmp_path / "b").write_bytes(path.read_bytes()[:-3])
    done = run("compare", "--json", "a", "b", cwd=tmp_path, check=False)
    report = json.loads(done.stdout)
    assert done.returncode == 1 and "b: offset " in done.stderr
    assert (report["inputs_damaged"], report["matched"], report["missing"]) == (1, 1, 1)
    assert len(report["findings"]) == 1
