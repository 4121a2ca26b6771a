"""The Arrow stream of labelcap.flows(), read by the library of DuckDB."""

import ctypes
import sys

import numpy
import pytest

from surroundings import BUILD

LIBRARY = BUILD / "readers/node_modules/@duckdb/node-bindings-linux-x64/libduckdb.so"


class DuckDB:
    """A connection, by the C interface of DuckDB."""

    def __init__(self):
        self.library = ctypes.CDLL(str(LIBRARY))
        self.database, self.connection = ctypes.c_void_p(), ctypes.c_void_p()
        for name, type in (("duckdb_value_varchar", ctypes.c_char_p),
                           ("duckdb_value_double", ctypes.c_double),
                           ("duckdb_value_uint64", ctypes.c_uint64),
                           ("duckdb_result_error", ctypes.c_char_p),
                           ("duckdb_row_count", ctypes.c_uint64)):
            getattr(self.library, name).restype = type
        assert self.library.duckdb_open(None, ctypes.byref(self.database)) == 0
        assert self.library.duckdb_connect(self.database, ctypes.byref(self.connection)) == 0

    def scan(self, name, stream):
        assert self.library.duckdb_arrow_scan(self.connection, name.encode(),
                                              ctypes.c_void_p(stream)) == 0

    def query(self, sql, kind):
        result = (ctypes.c_byte * 256)()
        status = self.library.duckdb_query(self.connection, sql.encode(), ctypes.byref(result))
        assert status == 0, self.library.duckdb_result_error(ctypes.byref(result))
        value = getattr(self.library, f"duckdb_value_{kind}")
        rows = self.library.duckdb_row_count(ctypes.byref(result))
        values = [value(ctypes.byref(result), ctypes.c_uint64(0), ctypes.c_uint64(i))
                  for i in range(rows)]
        self.library.duckdb_destroy_result(ctypes.byref(result))
        return values


@pytest.fixture
def labelcap(build):
    sys.path.insert(0, str(build / "python"))
    import labelcap

    return labelcap


def test_duckdb_reads_the_stream(labelcap, repo, tmp_path):
    labelled = tmp_path / "labelled.pcapng"
    labelcap.label(repo / "datasets/mixed/mixed.pcap", repo / "datasets/mixed/rules.csv", labelled)
    table = labelcap.flows(labelled, packets=3)
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    duckdb, capsule = DuckDB(), table.__arrow_c_stream__()
    duckdb.scan("stream", pointer(capsule, b"arrow_array_stream"))
    # At once: a scan of some columns takes the first ones.
    duckdb.query("CREATE TABLE flows AS SELECT * FROM stream", "double")
    read = duckdb.query
    assert read("SELECT sample_id FROM flows", "uint64") == table["sample_id"].tolist()
    assert [v.decode() for v in read("SELECT metadata FROM flows", "varchar")] == table["metadata"]
    assert read("SELECT CAST(packet_lengths AS VARCHAR) FROM flows", "varchar") == \
        [str(lengths).encode() for lengths in table["packet_lengths"]]
    for name in table.columns:
        values = table[name]
        if isinstance(values, list):
            continue
        numpy.testing.assert_array_equal(
            read(f'SELECT COALESCE(CAST("{name}" AS DOUBLE), \'NaN\') FROM flows', "double"),
            values.astype(float), name)
