"""Dataset.arrays(): the arrays that the command writes."""

import json
import pickle

import numpy
import pytest
from sklearn.ensemble import RandomForestClassifier

from module_fixtures import growth, labelcap  # noqa: F401 (fixtures)


@pytest.fixture
def dataset(labelcap, repo, tmp_path):
    labelled = tmp_path / "labelled.pcapng"
    labelcap.label(repo / "datasets/mixed/mixed.pcap", repo / "datasets/mixed/rules.csv", labelled,
                   sort=True)
    return labelcap.Dataset(labelled)


@pytest.mark.parametrize("options, arguments", [
    ({"packets": 3, "bytes": 40, "mask": "ip,ports", "series": "length,direction"},
     ["--packets", "3", "--bytes", "40", "--mask", "ip,ports", "--series", "length,direction"]),
    ({"form": "yatc", "threads": 2}, ["--form", "yatc"]),
    ({"form": "nprint", "per": "sample", "packets": 4},
     ["--form", "nprint", "--per", "sample", "--packets", "4"]),
])
def test_arrays_are_those_of_the_command(run, dataset, tmp_path, options, arguments):
    run("arrays", "-o", tmp_path / "out.npz", *arguments, dataset.path)
    arrays = dataset.arrays(**options)
    with numpy.load(tmp_path / "out.npz") as expected:
        for name in ("X", "y", "sample_id"):
            have, want = getattr(arrays, name), expected[name]
            assert (have.dtype, have.shape) == (want.dtype, want.shape)
            numpy.testing.assert_array_equal(have, want, name)
        assert (arrays.columns is not None) == (options.get("form") == "nprint")


def test_what_is_shown_of_arrays(dataset):
    arrays = dataset.arrays(packets=2, bytes=30, mask=["ip", "ports"], series=("length",))
    rows = len(arrays.X)
    assert repr(arrays) == (
        f"<labelcap.Arrays, X ({rows}, 2, 30) uint8, y ({rows},) int64, sample_id ({rows},) uint64, "
        f"flow ({rows},) uint64, mask ({rows}, 2) bool, length ({rows}, 2) uint32>")
    again = pickle.loads(pickle.dumps(arrays))
    assert repr(again) == repr(arrays) and again.labels == arrays.labels
    numpy.testing.assert_array_equal(
        arrays.X, dataset.arrays(packets=2, bytes=30, mask={"ip", "ports"}, series="length").X)
    with pytest.raises(TypeError, match="'mask': sequence item 1: expected str"):
        dataset.arrays(packets=2, bytes=30, mask=["ip", 3])


def test_parts_have_the_rows_of_their_samples_and_the_same_labels(dataset):
    whole = dataset.arrays(packets=2, bytes=30)
    names = numpy.array(whole.labels)
    assert list(whole.labels) == sorted(set(dataset.labels))
    for part in (dataset[::2], dataset[7:8], dataset[::-1]):
        arrays = part.arrays(packets=2, bytes=30)
        rows = numpy.isin(whole.sample_id, part.ids)
        numpy.testing.assert_array_equal(arrays.X, whole.X[rows])
        numpy.testing.assert_array_equal(arrays.y, whole.y[rows])
        assert arrays.labels == whole.labels
        of_sample = dict(zip(part.ids, part.labels))
        assert [of_sample[i] for i in arrays.sample_id.tolist()] == names[arrays.y].tolist()


def test_an_unsorted_file_is_read_by_the_catalogue_of_its_data_set(labelcap, repo, dataset, tmp_path):
    unsorted = tmp_path / "unsorted.pcapng"
    labelcap.label(repo / "datasets/mixed/mixed.pcap", repo / "datasets/mixed/rules.csv", unsorted)
    ds = labelcap.Dataset(unsorted, catalogue=tmp_path / "elsewhere.sqlite")
    numpy.testing.assert_array_equal(ds.arrays(packets=2, bytes=30).X,
                                     dataset.arrays(packets=2, bytes=30).X)


@pytest.mark.parametrize("arguments, why", [
    ({"min_packets": 99999}, r"no flow or sample has as many packets as a row needs \(min_packets\)"),
    ({"per": "sample", "min_packets": 99999}, "no flow or sample has as many packets"),
])
def test_nothing_is_left(labelcap, dataset, arguments, why):
    with pytest.raises(labelcap.LabelError, match=f"^{dataset.path}: has no rows: {why}"):
        dataset.arrays(packets=1, bytes=1, **arguments)
    for part in (dataset[:0], dataset.split([])):
        with pytest.raises(labelcap.LabelError, match="has no rows: this Dataset has no samples"):
            part.arrays(packets=1, bytes=1)
        assert len(part) == len(labelcap.flows(part)) == len(part.labels) == len(part.ids) == 0
    with pytest.raises(ValueError, match="expected a sampleID, .*, found 'x'"):
        dataset.split(["x"])


def test_errors(labelcap, dataset):
    for options in ({"form": "cube"}, {"packets": 2, "bytes": 3, "part": "l9"}, {}):
        with pytest.raises(labelcap.ArgumentError):
            dataset.arrays(**options)
    with pytest.raises(labelcap.ArgumentError, match="form netfound makes a table, not arrays"):
        dataset.arrays("netfound")
    with pytest.raises(labelcap.LabelError):
        dataset[:0].arrays(packets=1, bytes=1)
    with pytest.raises(TypeError):
        dataset.arrays(colour=1)


@pytest.mark.parametrize("name, options, arguments", [
    ("out.npz", {"packets": 3, "bytes": 40, "mask": "ip,random", "seed": 3, "threads": 2},
     ["--packets", "3", "--bytes", "40", "--mask", "ip,random", "--seed", "3"]),
    ("out", {"form": "etbert", "format": "tsv"}, ["--form", "etbert", "--format", "tsv"]),
    ("out", {"form": "yatc"}, ["--form", "yatc"]),
    ("out", {"form": "yatc", "format": "png"}, ["--form", "yatc", "--format", "png"]),
])
def test_files_are_those_of_the_command(run, dataset, tmp_path, name, options, arguments):
    here, there = tmp_path / "here" / name, tmp_path / "there" / name
    here.parent.mkdir(), there.parent.mkdir()
    result = dataset.write_arrays(here, **options)
    told = run("arrays", "--json", "-o", there, *arguments, dataset.path).stdout
    assert result == json.loads(told) if told else result["rows"] > 0
    files = [p.relative_to(there.parent) for p in there.parent.rglob("*") if p.is_file()]
    assert files
    for file in files:
        assert (here.parent / file).read_bytes() == (there.parent / file).read_bytes(), file


def test_files_of_parts_and_of_lists(labelcap, dataset, tmp_path):
    part = dataset[2:9:2]
    assert part.write_arrays(tmp_path / "part", packets=2, bytes=30)["rows"] > 0
    expected = part.arrays(packets=2, bytes=30)
    numpy.testing.assert_array_equal(numpy.load(tmp_path / "part/X.npy"), expected.X)
    numpy.testing.assert_array_equal(numpy.load(tmp_path / "part/sample_id.npy"), expected.sample_id)
    labelcap.partition(dataset.path, tmp_path / "splits", train=50, test=50, group="sample")
    result = part.write_arrays(tmp_path / "lists", packets=2, bytes=30, splits=tmp_path / "splits")
    assert {row["list"] for row in result["lists"]} == {"train", "test"}
    test = dataset.split(tmp_path / "splits/test.csv").arrays(packets=2, bytes=30)
    numpy.testing.assert_array_equal(numpy.load(tmp_path / "lists/test/X.npy"), test.X)
    wrong = [({"form": "etbert"}, "form etbert is text: name an output"), ({"format": "x"}, "^format: "),
             ({"form": "yatc", "splits": tmp_path / "no"}, "no")]
    for options, text in wrong:
        with pytest.raises(labelcap.Error, match=text):
            dataset.write_arrays(tmp_path / "wrong", **options)
    with pytest.raises(labelcap.FileError, match="overwrite=True"):
        dataset.write_arrays(tmp_path / "part", "yatc")
    assert not (tmp_path / "wrong").exists()


def test_parts_of_shards_are_merged(labelcap, dataset, tmp_path):
    dataset.write_arrays(tmp_path / "one.npz", packets=2, bytes=30)
    for shard in range(2):
        dataset.write_arrays(tmp_path / "out.npz", packets=2, bytes=30, shard=shard, shards=2)
    parts = sorted(path for path in tmp_path.glob("*-of-2*") if path.suffix != ".joint")
    labelcap.merge(parts, tmp_path / "out.npz")
    assert (tmp_path / "out.npz").read_bytes() == (tmp_path / "one.npz").read_bytes()
    with pytest.raises(labelcap.ArgumentError, match="shard"):
        dataset[1:].write_arrays(tmp_path / "part.npz", packets=2, bytes=30, shard=0, shards=2)


def test_a_classifier_learns(dataset):
    arrays = dataset.arrays(packets=5, bytes=60, mask="ip,ports")
    rows = arrays.X.reshape(len(arrays.X), -1)
    learned = RandomForestClassifier(random_state=0, n_estimators=10).fit(rows, arrays.y)
    assert learned.score(rows, arrays.y) > 0.9


def test_nothing_leaks(labelcap, growth, dataset):
    def use():
        dataset[::2].arrays(packets=2, bytes=30), dataset.arrays("nprint")
        with pytest.raises(labelcap.Error):
            dataset[:0].arrays(packets=1, bytes=1)

    assert growth(use, 40) < 2 << 20
