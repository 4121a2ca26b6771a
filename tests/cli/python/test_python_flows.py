"""flows(): the table that the command writes as CSV, in NumPy, pandas and Arrow."""

import ctypes
import io
import json

import numpy
import pandas
import pytest

from module_fixtures import growth, labelcap, unsorted  # noqa: F401 (fixtures)


@pytest.fixture
def capture(repo):
    return repo / "datasets/mixed/mixed.pcap"


def csv_of(run, *arguments):
    return pandas.read_csv(io.StringIO(run("flows", "-o", "-", *arguments).stdout),
                           keep_default_na=False, na_values=[""],
                           float_precision="round_trip")


@pytest.mark.parametrize("profile", ["labelcap", "nexusflowmeter", "netflowmeter"])
def test_a_data_frame_is_the_csv_of_the_command(labelcap, run, capture, profile):
    expected = csv_of(run, "--profile", profile, capture)
    frame = labelcap.flows(capture, profile).to_pandas()
    assert list(frame.columns) == list(expected.columns) and len(frame) == len(expected) > 5
    for name in frame.columns:
        if expected[name].dtype == object or frame[name].dtype == object:
            have = frame[name].astype(object).where(frame[name].notna(), None).tolist()
            want = expected[name].astype(object).where(expected[name].notna(), None).tolist()
            assert [str(v) for v in have if v not in (None, "")] == \
                [str(v) for v in want if v is not None], name
        else:
            numpy.testing.assert_array_equal(frame[name].to_numpy("float64"),
                                             expected[name].to_numpy("float64"), name)


def test_values_that_are_missing(labelcap, unsorted, capture):
    assert numpy.isnan(labelcap.flows(capture)["sample_id"]).all()
    empty = labelcap.flows(labelcap.Dataset(unsorted), packets=3)  # its packets are no IP
    assert len(empty) == len(empty.to_pandas()) == 0 and len(empty.columns) > 100
    assert empty["sample_id"].dtype == numpy.uint64 and empty["packet_lengths"] == []


def test_flows_of_a_data_set_are_those_of_its_samples(labelcap, run, capture, repo, tmp_path):
    labelled = tmp_path / "labelled.pcapng"
    labelcap.label(capture, repo / "datasets/mixed/rules.csv", labelled)
    ds = labelcap.Dataset(labelled)
    table = labelcap.flows(ds)
    assert table["sample_id"].dtype == numpy.uint64
    assert set(table["sample_id"].tolist()) == set(ds.ids)
    expected = csv_of(run, "--columns", "sample_id,packets", labelled)
    numpy.testing.assert_array_equal(table["packets"], expected["packets"])
    assert table["sample_id"].tolist() == expected["sample_id"].tolist()
    for same in (labelcap.flows(inputs=ds), labelcap.flows(iter([labelled])),
                 labelcap.flows(inputs=iter([labelled]))):
        assert same["sample_id"].tolist() == table["sample_id"].tolist()
    part = labelcap.flows(ds[2:4])
    assert set(part["sample_id"].tolist()) == set(ds[2:4].ids)
    assert len(part) == expected["sample_id"].isin(list(ds[2:4].ids)).sum()


def test_times_of_flows_are_those_of_the_data_set(labelcap, capture, repo, tmp_path):
    labelled, table = tmp_path / "labelled.pcapng", tmp_path / "flows.csv"
    labelcap.label(capture, repo / "datasets/mixed/rules.csv", labelled)
    ds = labelcap.Dataset(labelled, tmp_path / "as-pcapml.sqlite", pcapml_times=True)
    first = min(packet.ts_ns for sample in ds for packet in sample)
    assert first != min(labelcap.flows(labelled)["start_ns"])
    assert first == min(labelcap.flows(ds)["start_ns"])
    labelcap.write_flows(ds, table, columns="start_ns")
    assert first == pandas.read_csv(table)["start_ns"].min()
    assert first != min(labelcap.flows(ds, pcapml_times=False)["start_ns"])


def test_numpy_takes_the_columns_that_are_named(labelcap, capture):
    table = labelcap.flows([capture], columns="packets,bytes,duration,protocol", threads=2)
    assert table.columns == ("packets", "bytes", "duration", "protocol")
    array = table.to_numpy(["duration", "packets"])
    assert array.shape == (len(table), 2) and array.dtype == numpy.float64
    numpy.testing.assert_array_equal(array[:, 1], table["packets"])
    numpy.testing.assert_array_equal(table.to_numpy(), table.to_pandas().iloc[:, :3].to_numpy())
    with pytest.raises(KeyError):
        table.to_numpy(["packets", "colour"])
    with pytest.raises(KeyError):
        table[0]
    numpy.testing.assert_array_equal(table.to_numpy("duration,packets"), array)
    with pytest.raises(KeyError):
        table.to_numpy("packet")
    with pytest.raises(TypeError, match="'protocol' does not hold numbers"):
        table.to_numpy(["protocol"])
    with pytest.raises(KeyError):
        table["colour"]


def test_series_and_json(labelcap, run, capture):
    table = labelcap.flows(capture, packets=4, columns="packet_lengths")
    expected = csv_of(run, "--packets", "4", "--columns", "packet_lengths", capture)
    assert table["packet_lengths"] == [[int(n) for n in str(text).split()]
                                       for text in expected["packet_lengths"]]
    flow = labelcap.flows(capture, "pcap2json")
    assert all(json.loads(text)["pkt_num"] >= 0 for text in flow[flow.columns[0]])


@pytest.mark.parametrize("name, arguments, options", [
    ("table.csv", {"columns": "start_ns,packets,protocol", "protocols": "tcp,udp"},
     ["--columns", "start_ns,packets,protocol", "--protocols", "tcp,udp"]),
    ("table.parquet", {"packets": 3, "label": "web", "source_file": True, "threads": 2},
     ["--packets", "3", "--label", "web", "--merge", "-j2"]),
    ("table.tsv", {"profile": "nexusflowmeter", "compat": True, "max_flows": 5},
     ["--profile", "nexusflowmeter", "--compat", "--max-flows", "5"]),
    ("table", {"profile": "pcap2json", "format": "jsonl", "detail": True, "idle_timeout": 1,
               "unidirectional": False},
     ["--profile", "pcap2json", "--format", "jsonl", "--detail", "--idle-timeout", "1", "-s"]),
    ("tables", {"per": "protocol", "name": "x"}, ["--per-protocol", "--name", "x"]),
])
def test_tables_are_those_of_the_command(labelcap, run, capture, tmp_path, name, arguments, options):
    here, there = tmp_path / "here" / name, tmp_path / "there" / name
    here.parent.mkdir()
    there.parent.mkdir()
    result = labelcap.write_flows(capture, here, **arguments)
    told = run("flows", "-o", there, "--json", *options, capture)
    assert result == json.loads(told.stdout) and result["rows"] > 0
    files = [path.relative_to(there.parent) for path in there.parent.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert (here.parent / path).read_bytes() == (there.parent / path).read_bytes(), path


def test_tables_of_classes_and_of_a_part_of_a_data_set(labelcap, repo, capture, tmp_path):
    labelcap.write_flows(repo / "datasets/apps", tmp_path / "apps.csv", columns="metadata",
                         classes=True, report=tmp_path / "report.json")
    assert "tftp" in (tmp_path / "apps.csv").read_text().split()
    assert json.loads((tmp_path / "report.json").read_text())["sources"] == 60
    labelcap.label(capture, repo / "datasets/mixed/rules.csv", tmp_path / "labelled.pcapng")
    part = labelcap.Dataset(tmp_path / "labelled.pcapng")[2:4]
    labelcap.write_flows(part, tmp_path / "part.csv", columns="sample_id,packets")
    ids = pandas.read_csv(tmp_path / "part.csv")["sample_id"].tolist()
    assert ids == labelcap.flows(part)["sample_id"].tolist() and set(ids) == set(part.ids)


def test_parts_of_shards_are_merged(labelcap, capture, tmp_path):
    labelcap.write_flows(capture, tmp_path / "one.csv")
    for shard in range(2):
        labelcap.write_flows(capture, tmp_path / "out.csv", shard=shard, shards=2)
    parts = sorted(tmp_path.glob("*-of-2.rows"))
    assert len(parts) == 2
    labelcap.merge(parts, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "one.csv").read_bytes()
    with pytest.raises(labelcap.ArgumentError):
        labelcap.write_flows(capture, tmp_path / "out.csv", shard=2, shards=2, overwrite=True)


def test_shards_that_read_buckets(labelcap, capture, tmp_path):
    labelcap.write_flows(capture, tmp_path / "one.csv")
    for buckets in ("write", "read"):
        for shard in range(2):
            labelcap.write_flows(capture, tmp_path / "out.csv", shard=shard, shards=2, buckets=buckets)
    labelcap.merge(sorted(tmp_path.glob("*-of-2.rows")), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "one.csv").read_bytes()


def test_settings_of_netflowmeter(labelcap, run, capture, tmp_path):
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"activity_timeout": 2, "label": "web", "floating_point_unit": ".3f"}))
    for arguments, options in (({}, []), ({"idle_timeout": 5}, ["--idle-timeout", "5"])):
        here, there = tmp_path / "here.csv", tmp_path / "there.csv"
        labelcap.write_flows(capture, here, "netflowmeter", config=config, overwrite=True, **arguments)
        run("flows", "--profile", "netflowmeter", "--config", config, "-f", "-o", there, *options, capture)
        assert here.read_bytes() == there.read_bytes()


@pytest.mark.parametrize("arguments, what", [
    ({"per": "host"}, "per: expected input, sample, label or protocol, found 'host'"),
    ({"format": "ods"}, "format: expected csv, .*, text, found 'ods'"),
    ({"columns": "packets", "drop": "bytes"}, "columns cannot be used with drop"),
    ({"join": True, "source_file": True}, "join cannot be used with source_file"),
    ({"name": "x"}, "name needs per='sample', per='label', per='protocol' or classes"),
    ({"append": True}, "append needs format sqlite"),
])
def test_what_does_not_go_together(labelcap, capture, tmp_path, arguments, what):
    with pytest.raises(labelcap.ArgumentError, match=f"^{what}$"):
        labelcap.write_flows(capture, tmp_path / "table.csv", **arguments)
    assert not list(tmp_path.iterdir())


def test_profiles(labelcap, run, capture):
    profiles = labelcap.profiles()
    listed = run("flows", "--list-profiles").stdout.splitlines()
    assert [(name, about["summary"]) for name, about in profiles.items()] == \
        [(line.split()[0], line[17:].removesuffix(" (--compat)")) for line in listed]
    assert [bool(about["compat_columns"]) for about in profiles.values()] == \
        [line.endswith("(--compat)") for line in listed]
    names = {column["name"] for column in profiles["labelcap"]["columns"]}
    assert set(labelcap.flows(capture, packets=1, payload=1).columns) == names


def test_errors(labelcap, capture, tmp_path):
    with pytest.raises(labelcap.ArgumentError, match="no profile 'nobody'"):
        labelcap.flows(capture, "nobody")
    with pytest.raises(labelcap.ArgumentError):
        labelcap.flows(capture, columns="colour")
    with pytest.raises(labelcap.FileError):
        labelcap.flows([capture, tmp_path / "missing"])
    with pytest.raises(TypeError):
        labelcap.flows()
    for argument in ("idle_timeout", "active_timeout"):
        with pytest.raises(ValueError, match=f"'{argument}': expected seconds, 0 or more"):
            labelcap.flows(capture, **{argument: -1})


# ---- the Arrow C stream interface ----


class Schema(ctypes.Structure):
    pass


Schema._fields_ = [
    ("format", ctypes.c_char_p), ("name", ctypes.c_char_p), ("metadata", ctypes.c_char_p),
    ("flags", ctypes.c_int64), ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(Schema))), ("dictionary", ctypes.c_void_p),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(Schema))), ("private", ctypes.c_void_p)]


class Array(ctypes.Structure):
    pass


Array._fields_ = [
    *((name, ctypes.c_int64) for name in ("length", "null_count", "offset", "n_buffers",
                                          "n_children")),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(Array))), ("dictionary", ctypes.c_void_p),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(Array))), ("private", ctypes.c_void_p)]


class Stream(ctypes.Structure):
    pass


Stream._fields_ = [
    ("get_schema", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Stream), ctypes.POINTER(Schema))),
    ("get_next", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Stream), ctypes.POINTER(Array))),
    ("get_last_error", ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.POINTER(Stream))),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(Stream))), ("private", ctypes.c_void_p)]


def stream_of(table):
    """The stream and the capsule that owns it."""
    capsule = table.__arrow_c_stream__()
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    return ctypes.cast(pointer(capsule, b"arrow_array_stream"), ctypes.POINTER(Stream)), capsule


def read(address, ctype, count):
    return [] if count == 0 else list((ctype * count).from_address(address))


def column_of(schema, array):
    rows = array.length
    valid = [True] * rows
    if array.buffers[0]:
        bits = read(array.buffers[0], ctypes.c_uint8, (rows + 7) // 8)
        valid = [bool(bits[i // 8] >> i % 8 & 1) for i in range(rows)]
    assert array.null_count == valid.count(False)
    if schema.format == b"b":
        bits = read(array.buffers[1], ctypes.c_uint8, (rows + 7) // 8)
        values = [bool(bits[i // 8] >> i % 8 & 1) for i in range(rows)]
    elif schema.format in (b"U", b"+L"):
        offsets = read(array.buffers[1], ctypes.c_int64, rows + 1)
        whole = (read(array.children[0][0].buffers[1], ctypes.c_int64, offsets[-1])
                 if schema.format == b"+L" else ctypes.string_at(array.buffers[2], offsets[-1]))
        values = [whole[a:b] for a, b in zip(offsets, offsets[1:])]
        values = [v.decode() if isinstance(v, bytes) else v for v in values]
    else:
        ctype = {b"L": ctypes.c_uint64, b"l": ctypes.c_int64, b"g": ctypes.c_double}[schema.format]
        values = read(array.buffers[1], ctype, rows)
    return [value if there else None for value, there in zip(values, valid)]


def test_the_stream_of_arrow_holds_the_table(labelcap, capture):
    """By ctypes, after the specification; `make check-heavy` reads it by DuckDB."""
    table = labelcap.flows(capture, packets=2)
    expected = {name: table[name] for name in table.columns}
    stream, capsule = stream_of(table)
    del table  # the stream keeps it
    schema, array, end = Schema(), Array(), Array()
    assert stream[0].get_schema(stream, schema) == 0
    assert (schema.format, schema.n_children) == (b"+s", len(expected))
    assert stream[0].get_next(stream, array) == 0
    assert stream[0].get_next(stream, end) == 0 and not end.release
    del capsule  # and an array is valid without its stream
    assert array.n_children == len(expected)
    for i, (name, values) in enumerate(expected.items()):
        child = schema.children[i][0]
        assert child.name.decode() == name
        found = column_of(child, array.children[i][0])
        if isinstance(values, list):
            assert found == values, name
        else:
            numpy.testing.assert_array_equal(
                numpy.array([numpy.nan if v is None else v for v in found], values.dtype), values,
                name)
    array.release(array)
    schema.release(schema)
    assert not array.release and not schema.release


def test_nothing_leaks(labelcap, growth, capture):
    def use():
        table = labelcap.flows(capture, columns="packets,protocol,sample_id,packet_lengths",
                               packets=2)
        table.to_pandas(), table.to_numpy(["packets"])
        stream, capsule = stream_of(table)
        schema, array = Schema(), Array()
        stream[0].get_schema(stream, schema), stream[0].get_next(stream, array)
        schema.release(schema), array.release(array)
        with pytest.raises(labelcap.Error):
            labelcap.flows(capture, columns="colour")

    assert growth(use, 60) < 2 << 20
