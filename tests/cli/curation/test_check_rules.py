"""check --rules and --splits: samples against a rules file, and against lists of sampleIDs."""

import shutil

import pytest

from captures import read_packets
from good_set import IDS, RULES, checker, good_records, kinds, sample_of, write
from labels import sample_id


@pytest.fixture
def check(run):
    return checker(run)


@pytest.fixture
def fails(run):
    """fails(*arguments): what check says on standard error when it cannot check."""
    def check_fails(*arguments):
        done = run("check", "--json", *arguments, check=False)
        assert (done.returncode, done.stdout) == (1, "")
        return done.stderr

    return check_fails


# ---- rules ----


def test_rules(check, fails, tmp_path):
    rules = tmp_path / "rules.csv"
    path = write(tmp_path / "set.pcapng", good_records())
    rules.write_bytes(b"\n".join(RULES) + b"\n")
    assert check("--rules", rules, path)["findings"] == []
    rules.write_bytes(b"\n".join(RULES[:3]) + b"\n")
    report = check("--rules", rules, path)
    assert kinds(report) == ["rules-id"]
    assert int(report["findings"][0]["sample_id"]) == sample_of(RULES[3])[0]
    rules.write_bytes(b"\n".join(RULES[:3]) + b"\nFILE:gone.pcap,post,key110\n")
    report = check("--rules", rules, path)
    assert kinds(report) == ["rules-metadata"]
    assert int(report["findings"][0]["sample_id"]) == sample_id(b"key110")
    rules.write_text("BPF:port\n")
    assert "rules.csv:1:" in fails("--rules", rules, path)


EACH = {
    "flow": "EACH:flow,all\n",
    "flow of a rule": "SCOPE:flow|BPF:tcp|EACH:flow,tcp\nEACH:flow,other\n",
    "host": "EACH:host:10.0.0.0/8,ten\nEACH:host:0.0.0.0/0,all\n",
    "window": "BPF:udp|EACH:window:10,udp\nEACH:window:60,all\n",
    "host and window": "EACH:host:0.0.0.0/0|EACH:window:5,all\n",
}


@pytest.fixture
def each(run, repo, tmp_path):
    """each(rules): labels a capture by them, and sorts it; returns the rules file and the set."""
    def label_and_sort(text):
        rules = tmp_path / "rules.csv"
        rules.write_text(text)
        run("label", "-fqL", rules, "-o", tmp_path / "raw.pcapng", repo / "datasets/mixed/mixed.pcap")
        run("sort", "-fqo", tmp_path / "set.pcapng", tmp_path / "raw.pcapng")
        return rules, tmp_path / "set.pcapng"

    return label_and_sort


def of_rules(report):
    return [(f["kind"], f["sample_id"], f["count"]) for f in report["findings"] if "rules" in f["kind"]]


@pytest.mark.parametrize("name", EACH)
def test_rules_that_make_several_samples(check, each, tmp_path, name):
    rules, path = each(EACH[name])
    report = check("--rules", rules, path)
    assert report["samples"] > 1 and report["rules_unchecked"] == 0 and of_rules(report) == []
    report = check("--rules", rules, tmp_path / "raw.pcapng")
    assert of_rules(report) == [] and report["rules_unchecked"] <= ("flow" in name) * report["samples"]
    # Labels are changed in place, to others as long.
    data = path.read_bytes()
    number, metadata = next(packet.label for packet in read_packets(path) if packet.label[0] >= 10**19)
    old, other = f"{number},{metadata}".encode(), number - 1
    path.write_bytes(data.replace(old, f"{other},{metadata}".encode()))
    assert of_rules(check("--rules", rules, path)) == [("rules-id", str(other), 1)]
    path.write_bytes(data.replace(old, old[:-1] + b"?"))
    assert of_rules(check("--rules", rules, path)) == [("rules-metadata", str(number), 1)]


@pytest.mark.parametrize("text", [
    "FILE:mixed.pcap|EACH:flow,all\n", "EACH:file,all\n", "EACH:packet,all\n",
    "BPF:greater 100|EACH:flow,all\n", "EACH:flow|EACH:window:1,all\n"])
def test_ids_that_cannot_be_checked_are_counted(check, each, text):
    rules, path = each(text)
    report = check("--rules", rules, path)
    [(kind, _, count)] = of_rules(report)
    assert (kind, count) == ("rules-unchecked", report["rules_unchecked"])
    assert 0 < count <= report["samples"]


# With the kind of finding if packets of mail/m.pcap were of another file: some rules tell that they
# would make other samples, some name no file then, or may have cut a flow.
FOLDERS = {
    "file": ("EACH:file,all\n", "rules-id"),
    "folder": ("FILE:web/|EACH:file,web\nFILE:**/m*.pcap|EACH:file,mail\n", "rules-unchecked"),
    "host": ("FILE:web/|EACH:file|EACH:host:0.0.0.0/0,web\nEACH:file,rest\n", "rules-id"),
    "flow": ("FILE:web/a.pcap,plain\nSCOPE:flow|FILE:web/|EACH:flow,web\nEACH:flow|EACH:file,rest\n",
             "rules-unchecked"),
}


@pytest.fixture
def kept(run, repo, tmp_path):
    """kept(rules): labels captures in folders with --keep-source, and sorts them."""
    for name in ("web/a.pcap", "web/b.pcap", "mail/m.pcap"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(repo / "datasets/mixed/mixed.pcap", path)

    def label_and_sort(text):
        (tmp_path / "rules.csv").write_text(text)
        run("label", "-fqL", "rules.csv", "--keep-source", "-o", "raw.pcapng", "in", cwd=tmp_path)
        run("sort", "-fqo", "set.pcapng", "raw.pcapng", cwd=tmp_path)
        return tmp_path / "rules.csv", tmp_path / "set.pcapng"

    return label_and_sort


@pytest.mark.parametrize("name", FOLDERS)
def test_samples_of_inputs_are_checked_by_their_sources(check, kept, name):
    text, kind = FOLDERS[name]
    rules, path = kept(text)
    report = check("--rules", rules, path)
    assert (report["samples"] > 1, of_rules(report)) == (True, [])
    # A source is changed in all its packets, in place.
    path.write_bytes(path.read_bytes().replace(b"source=mail/m.pcap", b"source=mail/M.pcap"))
    assert [found for found, _, _ in of_rules(check("--rules", rules, path))] == [kind]


def test_a_stream_has_no_sources(check, kept):
    """Standard input cannot be read twice."""
    rules, path = kept(FOLDERS["file"][0])
    report = check("--rules", rules, "-", stdin=path.open("rb"))
    assert [kind for kind, _, _ in of_rules(report)] == ["rules-unchecked"]


# ---- splits ----


@pytest.fixture
def splits(tmp_path):
    folder = tmp_path / "splits"
    folder.mkdir()

    def write_lists(**lists):
        for name, ids in lists.items():
            (folder / f"{name}.csv").write_text("".join(f"{line}\n" for line in ids))
        return folder

    return write_lists


def test_lists(check, tmp_path, splits):
    path = write(tmp_path / "set.pcapng", good_records())
    folder = splits(train=["# the rest", "sampleID", *IDS[:2]], validation=[IDS[2]], test=[IDS[3], ""])
    (folder / "report.json").write_text("{}")
    assert check("--splits", folder, path)["findings"] == []


@pytest.mark.parametrize("kind, place, lists", [
    ("list-unknown", "test.csv:2", dict(test=[IDS[3], 77, 78])),
    ("list-overlap", "test.csv:2", dict(test=[IDS[3], IDS[1]])),
    ("list-repeated", "test.csv:3", dict(test=[IDS[3], "", IDS[3]])),
    ("list-missing", None, dict(validation=[])),
])
def test_each_fault_of_lists(check, tmp_path, splits, kind, place, lists):
    path = write(tmp_path / "set.pcapng", good_records())
    good = dict(train=IDS[:2], validation=[IDS[2]], test=[IDS[3]])
    report = check("--splits", splits(**(good | lists)), path)
    assert kinds(report) == [kind]
    finding = report["findings"][0]
    assert finding["count"] == (2 if kind == "list-unknown" else 1)
    assert place is None or finding["text"].endswith(f", first in {place}")
    expected = {"list-unknown": None, "list-overlap": IDS[1], "list-repeated": IDS[3],
                "list-missing": IDS[2]}[kind]
    assert finding["sample_id"] == (None if expected is None else str(expected))


def test_samples_of_a_challenge_are_elsewhere(check, tmp_path, splits):
    path = write(tmp_path / "set.pcapng", good_records())
    folder = splits(train=IDS[:2], test=IDS[2:], challenge=[77, 78])
    assert kinds(check("--splits", folder, path)) == []
    hidden = splits(train=IDS[:2], test=[IDS[2]], challenge=[77])  # the last sample, under another ID
    assert kinds(check("--splits", hidden, path)) == []
    assert kinds(check("--splits", splits(train=IDS[:1]), path)) == ["list-missing"]
    report = check("--splits", splits(train=IDS[:2], test=IDS[2:], challenge=[77, IDS[3], 77]), path)
    assert kinds(report) == ["list-overlap"]
    assert report["findings"][0]["text"].endswith(", first in challenge.csv:2")


def test_lists_that_are_none(fails, tmp_path, splits):
    path = write(tmp_path / "set.pcapng", good_records())
    for line in ("abc", "-1", "18446744073709551616", "sampleID"):
        assert "train.csv:2:1: expected a sampleID" in fails(
            "--splits", splits(train=[1, line]), path)
    (tmp_path / "empty").mkdir()
    assert "no lists" in fails("--splits", tmp_path / "empty", path)
    assert "gone" in fails("--splits", tmp_path / "gone", path)
