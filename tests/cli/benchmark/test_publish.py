"""publish: what is in the directory, held to what others make of it."""

import csv
import gzip
import hashlib
import json
import sqlite3
import subprocess
import tomllib

import pytest
import yaml
from pyld import jsonld

from captures import Ng, read_packets
from published import (
    ABOUT, ALLOW, IDS, START, SECOND, add_samples, files_of, packet_of, write_about, write_challenge, write_lists)

CROISSANT = "http://mlcommons.org/croissant/"
SCHEMA = "https://schema.org/"


@pytest.fixture
def dataset(tmp_path):
    path = tmp_path / "labelled.pcapng"
    path.write_bytes(bytes(add_samples(Ng().interface())))
    return path


@pytest.fixture
def publish(run, tmp_path):
    """publish(*arguments, **about): the directory and what was said."""
    def run_publish(*arguments, about=None, check=True, directory=tmp_path / "set"):
        done = run("publish", "-o", directory, "--metadata", write_about(tmp_path, **(about or {})),
                   *arguments, check=check)
        return directory, done

    return run_publish


def rows_of(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


# ---- data ----


def test_packets_and_tables(publish, dataset):
    directory, done = publish(*ALLOW, dataset)
    packets = read_packets(directory / "data/packets.pcapng.gz")
    assert [(p.data, p.time_ns, p.label) for p in packets] == [
        (p.data, p.time_ns, p.label) for p in read_packets(dataset)]
    assert rows_of(directory / "samples.csv") == [
        {"sample_id": str(sample), "metadata": f"label {i % 2}", "split": "", "packets": "3",
         "bytes": str(3 * len(packet_of(sample, 0))), "first_ns": str((START + 3 * i * SECOND) * 1000),
         "last_ns": str((START + (3 * i + 2) * SECOND) * 1000)}
        for i, sample in enumerate(IDS)]
    assert "published 18 packets of 6 samples" in done.stderr
    assert (directory / "samples.parquet").read_bytes()[:4] == b"PAR1"


def test_sums_are_those_of_sha256sum(publish, dataset):
    directory, _ = publish(*ALLOW, dataset)
    subprocess.run(["sha256sum", "--strict", "--quiet", "-c", "SHA256SUMS"], cwd=directory, check=True)
    listed = {line.split("  ")[1] for line in (directory / "SHA256SUMS").read_text().splitlines()}
    assert listed == set(files_of(directory)) - {"SHA256SUMS"}


def test_the_same_bytes_again(publish, dataset, tmp_path):
    first, _ = publish("-j", "1", "--flows", *ALLOW, dataset)
    second, _ = publish("-j", "4", "--flows", *ALLOW, dataset, directory=tmp_path / "again")
    assert files_of(first) == files_of(second)
    third, _ = publish("-f", "--flows", *ALLOW, first / "data/packets.pcapng.gz", directory=tmp_path / "third")
    of_input = {"provenance.json", "croissant.json", "SHA256SUMS"}
    assert {name for name, data in files_of(first).items() if files_of(third)[name] != data} <= of_input


def test_report_is_a_page_of_the_same_bytes_that_names_no_folder(run, publish, dataset, tmp_path):
    lists = write_lists(tmp_path / "lists", train=IDS[:3], test=IDS[3:])
    options = ["--report", "--splits", lists, *ALLOW, dataset]
    first, _ = publish(*options)
    second, _ = publish(*options, directory=tmp_path / "elsewhere")
    page = (first / "report.html").read_text()
    assert page == (second / "report.html").read_text()
    assert ".labelcap-" not in page and str(tmp_path) not in page and "packets.pcapng.gz" in page
    assert "label 1" in page and "Leaks" in page
    run("publish", "--verify", first)


def test_times_of_flows_are_those_of_the_published_packets(run, publish, dataset, tmp_path):
    directory, _ = publish("--flows", "--pcapml-times", "yes", *ALLOW, dataset)
    again = tmp_path / "again.parquet"
    run("flows", "-o", again, directory / "data/packets.pcapng.gz")
    assert (directory / "flows.parquet").read_bytes() == again.read_bytes()


def test_a_set_does_not_replace_its_own_data(publish, dataset):
    directory, _ = publish(*ALLOW, dataset)
    before = files_of(directory)
    _, done = publish("-f", "--payload", "none", *ALLOW, directory / "data/packets.pcapng.gz", check=False)
    assert done.returncode == 1 and "which would be replaced" in done.stderr and files_of(directory) == before


def test_catalogue_goes_with_a_copy(run, publish, dataset, tmp_path):
    directory, _ = publish(*ALLOW, dataset)
    moved = tmp_path / "moved"
    subprocess.run(["cp", "-r", directory, moved], check=True)
    done = run("select", "--json", "-o", tmp_path / "one.pcapng", "--label", "label 0",
               moved / "data/packets.pcapng.gz")
    assert json.loads(done.stdout)["by_catalogue"]
    with sqlite3.connect(moved / "data/packets.pcapng.gz.sqlite") as db:
        assert len(db.execute("SELECT * FROM samples").fetchall()) == len(IDS)


def test_no_path_is_told(publish, dataset, tmp_path):
    directory, _ = publish(*ALLOW, "--splits", write_lists(tmp_path / "lists", train=IDS), dataset)
    for name, data in files_of(directory).items():
        if name.endswith(".gz"):
            data = gzip.decompress(data)
        assert str(tmp_path).encode() not in data, name


# ---- lists ----


def test_only_samples_of_lists(publish, dataset, tmp_path):
    lists = write_lists(tmp_path / "lists", train=IDS[:2], validation=IDS[2:3], test=[IDS[3], 99])
    directory, done = publish(*ALLOW, "--splits", lists, dataset)
    assert "6 packets left out: of samples in no list" in done.stderr
    assert "1 sample of the lists not in the data set" in done.stderr
    assert [(row["sample_id"], row["split"]) for row in rows_of(directory / "samples.csv")] == [
        (str(IDS[0]), "train"), (str(IDS[1]), "train"), (str(IDS[2]), "validation"), (str(IDS[3]), "test")]
    assert (directory / "splits/test.csv").read_text() == f"sample_id,metadata\n{IDS[3]},label 1\n"
    assert {p.label[0] for p in read_packets(directory / "data/packets.pcapng.gz")} == set(IDS[:4])


def test_odd_names_of_lists(publish, dataset, tmp_path):
    lists = write_lists(tmp_path / "lists", **{"a b": IDS})
    _, done = publish(*ALLOW, "--splits", lists, dataset, check=False)
    assert done.returncode == 1 and "found 'a b.csv'" in done.stderr


# ---- a challenge ----


def with_challenge(tmp_path):
    """The last two samples are to be predicted, under other sampleIDs."""
    lists = write_lists(tmp_path / "lists", train=IDS[:2], test=IDS[2:4])
    write_challenge(lists, [901, 902], [
        (900 + i, packet_of(IDS[3 + i], n), START + (3 * (3 + i) + n) * SECOND) for i in (1, 2) for n in range(3)])
    return lists


@pytest.fixture
def telling(tmp_path):
    """A data set with whatever could tell an answer."""
    path = tmp_path / "telling.pcapng"
    ng = Ng().interface(options=[(2, b"eth-of-web"), (1, b"a comment")]).names()
    for i, sample in enumerate(IDS):
        for n in range(3):
            ng.packet(packet_of(sample, n), START + (3 * i + n) * SECOND,
                      [f"{sample},label {i % 2}", "source=web/file-of-web.pcap", "from web"])
    path.write_bytes(bytes(ng))
    return path


def test_nothing_tells_the_answers(run, publish, telling, tmp_path):
    directory, _ = publish(*ALLOW, "--splits", with_challenge(tmp_path), telling)
    challenge = read_packets(directory / "challenge/packets.pcapng.gz")
    assert {p.label for p in challenge} == {(901, ""), (902, "")}
    hidden = [p.data for p in challenge]
    labelled = read_packets(directory / "data/packets.pcapng.gz")
    assert len(labelled) == 12 and not {p.data for p in labelled} & set(hidden)
    assert all(p.comments == [b"%d,%s" % (p.label[0], p.label[1].encode())] for p in labelled)
    for name, data in files_of(directory).items():
        data = gzip.decompress(data) if name.endswith(".gz") else data
        assert b"of-web" not in data and b"telling.pcapng" not in data, name
        if not name.startswith("challenge/") and name != "SHA256SUMS":
            assert not any(str(i).encode() in data for i in IDS[4:] if i > 99), name
    assert (directory / "splits/challenge.csv").read_text() == "sample_id\n901\n902\n"
    assert [(row["sample_id"], row["metadata"], row["split"])
            for row in rows_of(directory / "challenge/samples.csv")] == [
                ("901", "", "challenge"), ("902", "", "challenge")]
    run("publish", "--verify", directory)


@pytest.mark.parametrize("spoil, words", [
    (lambda lists: (lists / "train.csv").write_text(f"{IDS[4]}\n{IDS[0]}\n"), "packets of the challenge"),
    (lambda lists: (lists / "challenge.csv").write_text(f"{IDS[4]}\n"), "packets of the challenge"),
    (lambda lists: (lists / "challenge.pcapng").write_bytes(bytes(add_samples(Ng().interface()))),
     "without metadata"),
    (lambda lists: (lists / "challenge.pcapng").unlink(), "challenge.pcapng"),
])
def test_a_challenge_that_is_none(publish, dataset, tmp_path, spoil, words):
    lists = with_challenge(tmp_path)
    spoil(lists)
    directory, done = publish(*ALLOW, "--splits", lists, dataset, check=False)
    assert done.returncode == 1 and words in done.stderr
    assert not directory.exists()


def test_rules_would_tell(publish, dataset, tmp_path):
    (tmp_path / "rules.csv").write_text("BPF:udp,x\n")
    _, done = publish(*ALLOW, "--rules", tmp_path / "rules.csv", "--splits", with_challenge(tmp_path), dataset,
                      check=False)
    assert done.returncode == 1 and "would tell the answers" in done.stderr


# ---- what should not go public unseen ----


def private_set(tmp_path):
    ng = Ng().interface(options=[(2, b"eth0"), (12, b"Linux 6.1")]).names().secrets().custom()
    add_samples(ng).packet(packet_of(1, 1), START, [f"{IDS[0]},label 0", "my comment"])
    path = tmp_path / "private.pcapng"
    path.write_bytes(bytes(ng))
    return path


MATTERS = ["secrets", "names", "mac", "addresses", "payload", "comments"]


def test_each_matter_is_named_first(publish, tmp_path):
    path = private_set(tmp_path)
    directory, done = publish(path, check=False)
    assert done.returncode == 1 and not directory.exists()
    for matter in MATTERS:
        assert f"({matter})" in done.stderr
    for missing in MATTERS:
        allowed = ",".join(matter for matter in MATTERS if matter != missing)
        directory, done = publish("--allow", allowed, path, check=False)
        assert done.returncode == 1 and not directory.exists()
        assert done.stderr.count(" would go public") == 1
    directory, _ = publish("--allow", ",".join(MATTERS), path)
    data = gzip.decompress((directory / "data/packets.pcapng.gz").read_bytes())
    assert b"eth0" in data and b"my comment" in data


def test_what_is_removed_is_gone(run, publish, tmp_path):
    directory, _ = publish(*ALLOW, "--remove", "secrets,names,comments", private_set(tmp_path))
    data = gzip.decompress((directory / "data/packets.pcapng.gz").read_bytes())
    assert b"eth0" not in data and b"Linux" not in data and b"my comment" not in data
    kinds = subprocess.run(["tshark", "-r", directory / "data/packets.pcapng.gz", "-T", "fields", "-e", "udp.port"],
                           capture_output=True, text=True, check=True)
    assert len(kinds.stdout.splitlines()) == 19
    run("publish", "--verify", directory)


def test_payload_is_cut(run, publish, dataset):
    directory, _ = publish("--allow", "mac,addresses", "--payload", "none", dataset)
    packets = read_packets(directory / "data/packets.pcapng.gz")
    assert {len(p.data) for p in packets} == {14 + 20 + 8}
    assert [p.length for p in packets] == [p.length for p in read_packets(dataset)]
    directory, _ = publish("-f", "--snaplen", "14", "--allow", "mac", dataset)
    assert {len(p.data) for p in read_packets(directory / "data/packets.pcapng.gz")} == {14}
    run("publish", "--verify", directory)


def test_rules_are_private(publish, dataset, tmp_path):
    rules = tmp_path / "rules.csv"
    rules.write_text("BPF:udp,x\n")
    _, done = publish(*ALLOW, "--rules", rules, dataset, check=False)
    assert done.returncode == 1 and "(rules)" in done.stderr
    directory, _ = publish("--allow", "mac,addresses,payload,rules", "--rules", rules, dataset)
    assert (directory / "rules.csv").read_text() == rules.read_text()
    digest = hashlib.sha256(rules.read_bytes()).hexdigest()
    assert json.loads((directory / "provenance.json").read_text())["rules"] == [f"{digest}  rules.csv"]


# ---- descriptions ----


def expanded(directory):
    document = json.loads((directory / "croissant.json").read_text())
    return document, jsonld.expand(document)[0]


def one(node, name):
    (value,) = node[name]
    return value.get("@value", value.get("@id"))


def test_croissant(publish, dataset, tmp_path):
    """Expanded by somebody else's JSON-LD: every property is a known one, every reference leads somewhere."""
    lists = write_lists(tmp_path / "lists", train=IDS[:3], test=IDS[3:])
    directory, _ = publish(*ALLOW, "--splits", lists, "--version", "1.2.3", dataset)
    document, data = expanded(directory)
    assert data["@type"] == [SCHEMA + "Dataset"]
    assert one(data, "http://purl.org/dc/terms/conformsTo") == CROISSANT + "1.1"
    for name, value in (("name", "demo"), ("description", "Web and DNS."), ("datePublished", "2026-11-30"),
                        ("license", "https://spdx.org/licenses/CC-BY-4.0.html"), ("version", "1.2.3"),
                        ("url", ABOUT["url"])):
        assert one(data, SCHEMA + name) == value
    assert [one(c, SCHEMA + "name") for c in data[SCHEMA + "creator"]] == ["A. Person", "B. Other"]
    assert one(data, CROISSANT + "citeAs")
    files = {node["@id"]: node for node in data[SCHEMA + "distribution"]}
    present = files_of(directory)
    assert set(files) == set(present) - {"croissant.json", "datacite.json", "README.md", "SHA256SUMS"}
    for name, node in files.items():
        assert node["@type"] == [CROISSANT + "FileObject"]
        assert one(node, SCHEMA + "contentUrl") == name
        assert one(node, SCHEMA + "sha256") == hashlib.sha256(present[name]).hexdigest()
        assert one(node, SCHEMA + "contentSize") == f"{len(present[name])} B"
        assert one(node, SCHEMA + "encodingFormat")
    check_records(data, files, present)
    assert document["@context"] == json.loads((directory / "croissant.json").read_text())["@context"]


def check_records(data, files, present, splits=True):
    ids = [field["@id"] for records in data[CROISSANT + "recordSet"] for field in records[CROISSANT + "field"]]
    assert len(ids) == len(set(ids))
    for records in data[CROISSANT + "recordSet"]:
        assert records["@type"] == [CROISSANT + "RecordSet"] and one(records, CROISSANT + "key") in ids
        for field in records[CROISSANT + "field"]:
            assert field["@type"] == [CROISSANT + "Field"]
            assert one(field, CROISSANT + "dataType").startswith(SCHEMA)  # cr:Split is none of a field
            for reference in field.get(CROISSANT + "references", []):
                assert one(reference, CROISSANT + "field") in ids
            for place in field.get(CROISSANT + "source", []):
                file = one(place, CROISSANT + "fileObject")
                column = one(place[CROISSANT + "extract"][0], CROISSANT + "column")
                assert file in files and column in present[file].decode().splitlines()[0].split(",")
    if splits:
        names = next(r for r in data[CROISSANT + "recordSet"] if r["@id"] == "split_names")
        assert one(names, CROISSANT + "dataType") == CROISSANT + "Split"


def test_croissant_like_the_example(publish, dataset, shared, tmp_path):
    """The same terms as in a file that the reference implementation loads without a warning."""
    lists = write_lists(tmp_path / "lists", train=IDS[:3], test=IDS[3:])
    directory, _ = publish(*ALLOW, "--splits", lists, dataset)
    document, _ = expanded(directory)
    example = json.loads((shared / "croissant/example.json").read_text())
    assert document["@context"] == example["@context"]
    assert set(example) <= set(document)
    for mine, theirs in zip(document["recordSet"], example["recordSet"]):
        assert set(theirs) <= set(mine)
        assert set(theirs["field"][0]) <= set(mine["field"][0])


def card_of(directory):
    text = (directory / "README.md").read_text()
    _, front, body = text.split("---\n", 2)
    return yaml.safe_load(front), body


def test_card(publish, dataset, tmp_path):
    lists = with_challenge(tmp_path)
    directory, _ = publish(*ALLOW, "--splits", lists, dataset)
    front, body = card_of(directory)
    assert front["license"] == "cc-by-4.0" and front["size_categories"] == ["n<1K"]
    configs = {config["config_name"]: config["data_files"] for config in front["configs"]}
    assert configs["default"] == [{"split": "train", "path": "splits/train.csv"},
                                  {"split": "test", "path": "splits/test.csv"}]
    assert configs["challenge"] == [{"split": "test", "path": "challenge/samples.csv"}]
    features = {info["config_name"]: {f["name"]: f["dtype"] for f in info["features"]}
                for info in front["dataset_info"]}
    assert features["default"] == {"sample_id": "string", "metadata": "string"}
    assert features["samples"]["sample_id"] == "uint64" and features["challenge"]["sample_id"] == "string"
    for files in configs.values():
        for file in files:
            assert (directory / file["path"]).exists()
    for config, columns in features.items():
        path = directory / configs[config][0]["path"]
        if path.suffix == ".csv":
            assert path.read_text().splitlines()[0].split(",") == list(columns)
    assert "| Samples | 4 |" in body and "| challenge | 2 |" in body


def test_lists_of_other_names(run, publish, dataset, tmp_path):
    """Croissant has no word for folds, and Hugging Face wants words for splits."""
    lists = write_lists(tmp_path / "lists", **{"fold-1": IDS[:3], "fold-2": IDS[3:]})
    directory, _ = publish(*ALLOW, "--splits", lists, "--level", "6", dataset)
    _, data = expanded(directory)
    assert [records["@id"] for records in data[CROISSANT + "recordSet"]] == ["samples"]
    check_records(data, {"samples.csv"}, files_of(directory), splits=False)
    front, _ = card_of(directory)
    assert [file["split"] for file in front["configs"][0]["data_files"]] == ["fold_1", "fold_2"]
    assert json.loads((directory / "provenance.json").read_text())["options"] == [
        "--allow mac,addresses,payload", "--level 6", "--splits"]
    run("publish", "--verify", directory)


HOSTILE = "a: \"b\"\n---\n# <script>alert(1)</script> | [x](javascript:y) \x1b[31m ‮ {{ %} \\ é"


def test_hostile_texts_stay_text(publish, tmp_path):
    """In names, descriptions and labels: YAML, Markdown and JSON stay what they are."""
    path = tmp_path / "hostile.pcapng"
    path.write_bytes(bytes(add_samples(Ng().interface(), label=lambda i: HOSTILE)))
    directory, _ = publish(*ALLOW, path, about={"name": HOSTILE, "description": HOSTILE, "creator": HOSTILE,
                                                "citation": HOSTILE, "version": HOSTILE, "publisher": HOSTILE})
    front, body = card_of(directory)
    assert front["pretty_name"] == HOSTILE
    assert "\x1b" not in body and "‮" not in body and "<script" not in body.replace("\\<script", "")
    assert sum(line.startswith("# ") for line in body.splitlines()) == 1
    assert not [line for line in body.splitlines() if line.startswith("---")]
    assert body.count("\n| a:") == 1
    assert json.loads((directory / "croissant.json").read_text())["description"] == HOSTILE
    assert json.loads((directory / "metadata.json").read_text())["name"] == HOSTILE
    assert json.loads((directory / "datacite.json").read_text())["titles"] == [{"title": HOSTILE}]
    assert {row["metadata"] for row in rows_of(directory / "samples.csv")} == {HOSTILE}


def test_long_labels_are_cut_in_the_card(publish, tmp_path):
    path = tmp_path / "long.pcapng"
    path.write_bytes(bytes(add_samples(Ng().interface(), label=lambda i: f"{i}" + "x" * 60_000)))
    directory, _ = publish(*ALLOW, path)
    assert "| 1xxx" in card_of(directory)[1] and (directory / "README.md").stat().st_size < 8000
    assert "x" * 60_000 in (directory / "samples.csv").read_text()


def test_datacite(publish, dataset):
    """Every mandatory property of schema 4.5, and the form of each."""
    directory, _ = publish(*ALLOW, "--doi", "10.1234/demo", dataset)
    record = json.loads((directory / "datacite.json").read_text())
    assert record["doi"] == "10.1234/demo"
    assert record["schemaVersion"] == "http://datacite.org/schema/kernel-4"
    assert record["creators"] == [{"name": "A. Person"}, {"name": "B. Other"}]
    assert record["titles"] == [{"title": "demo"}]
    assert record["publisher"] == {"name": "A. Person"} and record["publicationYear"] == "2026"
    assert record["types"]["resourceTypeGeneral"] == "Dataset"
    assert record["rightsList"][0]["rightsIdentifier"] == "CC-BY-4.0"


# ---- errors ----


@pytest.mark.parametrize("about, words", [
    ({"license": "no licence at all"}, "license: expected an SPDX identifier"),
    ({"url": "ftp://x"}, "url: expected a URL"),
    ({"url": "https://x y"}, "url: expected a URL"),
    ({"date": "2026-02-30"}, "date: expected a date"),
    ({"date": "30.11.2026"}, "date: expected a date"),
    ({"doi": "doi:10"}, "doi: expected a DOI"),
    ({"creator": " ; "}, "creator: expected names"),
    ({"name": ""}, "name: expected some text"),
    ({"name": 7}, "expected a string, found 7"),
    ({"nmae": "x"}, "found 'nmae'"),
])
def test_bad_metadata(publish, dataset, about, words):
    directory, done = publish(*ALLOW, dataset, about=about, check=False)
    assert done.returncode == 1 and words in done.stderr and not directory.exists()


def test_missing_metadata_says_how(run, dataset, tmp_path):
    done = run("publish", "-o", tmp_path / "set", dataset, check=False)
    assert done.returncode == 1 and "--name, or in the file of --metadata" in done.stderr


def test_places_that_are_taken(publish, dataset, tmp_path):
    mine = tmp_path / "set"
    mine.mkdir()
    publish(*ALLOW, dataset)  # an empty directory is fine
    before = files_of(mine)
    _, done = publish(*ALLOW, dataset, check=False)
    assert done.returncode == 1 and "use -f" in done.stderr
    publish("-f", *ALLOW, "--name", "other", dataset)
    assert files_of(mine) != before
    (tmp_path / "other").mkdir()
    (tmp_path / "other/file").write_text("mine")
    _, done = publish("-f", *ALLOW, dataset, directory=tmp_path / "other", check=False)
    assert done.returncode == 1 and "neither empty nor a published data set" in done.stderr
    assert (tmp_path / "other/file").read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {"set", "other", "labelled.pcapng", "about.json"}


def test_a_partition_of_other_data_does_not_go(publish, dataset, tmp_path):
    lists = write_lists(tmp_path / "lists", train=IDS[:2], test=IDS[2:4])
    (lists / "partition.json").write_text('{"lists": [{"name": "train", "samples": 7}]}')
    directory, done = publish(*ALLOW, "--splits", lists, dataset)
    assert not (directory / "splits/partition.json").exists()
    assert "partition.json is left out: it tells of 7 samples in train, and 2 are published" in done.stderr


@pytest.mark.parametrize("option, name", [
    ("--splits", "splits"), ("--rules", "rules.csv"), ("--metadata", "metadata.json"), (None, "data/packets.pcapng.gz")])
def test_what_is_replaced_is_no_input(publish, dataset, tmp_path, option, name):
    rules = tmp_path / "rules.csv"
    rules.write_text("BPF:udp,x\n")
    options = (*ALLOW[:1], "mac,addresses,payload,rules", "--rules", rules)
    directory, _ = publish(*options, "--splits", write_lists(tmp_path / "lists", train=IDS, test=[]), dataset)
    before = files_of(directory)
    own = (option, directory / name, dataset) if option else (directory / name,)
    _, done = publish("-f", *ALLOW, *own, check=False)
    assert done.returncode == 1 and f"{directory / name}: is in {directory}, which would be replaced" in done.stderr
    assert files_of(directory) == before


@pytest.mark.parametrize("license, meant", [
    ("CC-BY", "did you mean CC-BY-4.0?"), ("cc-by-4.0", "did you mean CC-BY-4.0?"), ("GPL-3", "did you mean GPL-3.0"),
    ("CC-YB-4.0", "did you mean CC-BY-4.0?"), ("Private", "see https://spdx.org/licenses"), ("CC-BY-4.0", None),
    ("LicenseRef-mine", None), ("https://example.org/terms", None)])
def test_licenses(publish, dataset, license, meant):
    _, done = publish(*ALLOW, dataset, about={"license": license})
    assert (meant in done.stderr) if meant else "SPDX" not in done.stderr


LINES = r"""
# What people write by hand: a part of TOML.
name = "A \"quoted\" name"   # and a comment
description = 'C:\no # escapes'
  license="CC-BY-4.0"
creator	=	"Ä. Person; B. Other"
url = "https://example.org/demo"
date = 2026-11-30
citation = "two\nlines\tand a \\"
"""


def test_metadata_in_lines(run, dataset, tmp_path):
    """The same as Python's reader of TOML finds."""
    about = tmp_path / "about.toml"
    for end in "\n", "\r\n":
        about.write_bytes(LINES.replace("\n", end).encode())
        run("publish", "-f", "-o", tmp_path / "set", "--metadata", about, *ALLOW, dataset)
        expected = {name: str(value) for name, value in tomllib.loads(LINES).items()}
        assert json.loads((tmp_path / "set/metadata.json").read_text()) == {"version": "1.0.0", **expected}


@pytest.mark.parametrize("line, words", [
    ("name = demo", ":1: expected a text in quotes or a date, found 'demo'"),
    ('name = "demo', ":1: expected a text that ends on its line"),
    ('name: "demo"', ":1: expected NAME = "),
    ("[set]", "expected NAME = "),
    ('name = "a" b', ":1: expected the end of the line"),
    (r'name = "\x"', ":1: expected \\n"),
    ('name = "a"\nname = "b"', ":2: expected each name once, found 'name'"),
    ('nmae = "a"', "found 'nmae'"),
    ("name = \"\udcff\"", "of UTF-8 text"),
])
def test_wrong_lines(run, dataset, tmp_path, line, words):
    about = tmp_path / "about.toml"
    about.write_bytes(line.encode(errors="surrogateescape") + b"\n")
    done = run("publish", "-o", tmp_path / "set", "--metadata", about, *ALLOW, dataset, check=False)
    assert done.returncode == 1 and words in done.stderr and not (tmp_path / "set").exists()


@pytest.mark.parametrize("option, value, words", [
    ("--allow", "mac,secret", "--allow: expected one of secrets, names, mac"),
    ("--remove", "mac", "--remove: expected one of secrets, names, comments, found 'mac'"),
    ("--payload", "some", "payload"),
])
def test_wrong_words(publish, dataset, option, value, words):
    _, done = publish(option, value, dataset, check=False)
    assert done.returncode == 2 and words in done.stderr


def test_damaged_and_conflicting_data(publish, dataset):
    whole = dataset.read_bytes()
    dataset.write_bytes(whole[:-9])
    directory, done = publish(*ALLOW, dataset, check=False)
    assert done.returncode == 1 and not directory.exists()
    dataset.write_bytes(bytes(Ng().interface().packet(b"a", 1, ["5,x"]).packet(b"b", 2, ["5,y"])))
    _, done = publish("--allow", "mac,payload", dataset, check=False)
    assert done.returncode == 1 and "two labels" in done.stderr
    dataset.write_bytes(bytes(Ng().interface().packet(b"a", 1)))
    _, done = publish("--allow", "mac,payload", dataset, check=False)
    assert done.returncode == 1 and "has no labelled packet" in done.stderr
