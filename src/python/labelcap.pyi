"""Labelled packet captures for machine learning."""

import sys
from array import array
from collections.abc import Iterable, Iterator
from os import PathLike
from types import SimpleNamespace
from typing import Any, Union, final, overload

_Path = Union[str, bytes, PathLike[str], PathLike[bytes]]
_Paths = Union[_Path, Iterable[_Path]]
_List = Union[str, Iterable[str]]
_Result = dict[str, Any]

__version__: str

class Error(Exception): ...
class FileError(Error, OSError): ...
class FormatError(Error): ...
class DamageError(Error): ...
class RulesError(Error): ...
class LabelError(Error): ...
class ArgumentError(Error, ValueError): ...

@final
class Packet:
    @property
    def index(self) -> int: ...
    @property
    def sample_id(self) -> int: ...
    @property
    def metadata(self) -> str: ...
    @property
    def timestamp(self) -> float: ...
    @property
    def data(self) -> bytes | memoryview: ...
    @property
    def ts_ns(self) -> int | None: ...
    @property
    def linktype(self) -> int: ...
    @property
    def wire_length(self) -> int: ...
    @property
    def comment(self) -> str | None: ...
    def __iter__(self) -> Iterator[int | str | float | bytes | memoryview]: ...
    def __len__(self) -> int: ...
    def __getitem__(self, field: int, /) -> int | str | float | bytes | memoryview: ...
    if sys.version_info >= (3, 12):
        def __buffer__(self, flags: int, /) -> memoryview: ...

@final
class Sample:
    @property
    def id(self) -> int: ...
    @property
    def metadata(self) -> str: ...
    def __iter__(self) -> Iterator[Packet]: ...
    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, index: int, /) -> Packet: ...
    @overload
    def __getitem__(self, part: slice, /) -> list[Packet]: ...

@final
class Sampler(Iterator[Sample]):
    def __next__(self) -> Sample: ...

@final
class Arrays(SimpleNamespace): ...

@final
class Dataset:
    def __init__(
        self, path: _Path, catalogue: _Path | None = None, pcapml_times: bool | None = None,
    ) -> None: ...
    @property
    def labels(self) -> tuple[str, ...]: ...
    @property
    def ids(self) -> array[int]: ...
    @property
    def path(self) -> str: ...
    def sample(self, id: int | str, /) -> Sample: ...
    def split(self, samples: _Path | Iterable[int | str], /) -> Dataset: ...
    def arrays(
        self, form: str = "bytes", *, packets: int = 0, bytes: int = 0, mask: _List | None = None,
        per: str | None = None, part: str | None = None, headers: _List | None = None,
        series: _List | None = None, min_packets: int = 0, seed: int = 0,
        inner_tunnels: bool = False, compat: bool = False, pcapml_times: bool | None = None,
        threads: int = 0,
    ) -> Arrays: ...
    def write_arrays(
        self, output: _Path, form: str = "bytes", *, packets: int = 0, bytes: int = 0,
        mask: _List | None = None, per: str | None = None, part: str | None = None,
        headers: _List | None = None, series: _List | None = None, min_packets: int = 0,
        seed: int = 0, inner_tunnels: bool = False, compat: bool = False,
        splits: _Path | None = None, format: str | None = None, shard: int = 0, shards: int = 0,
        pcapml_times: bool | None = None, nanoseconds: bool = False,
        linktype: str | None = None, threads: int = 0, overwrite: bool = False,
        no_sync: bool = False,
    ) -> _Result: ...
    def __iter__(self) -> Sampler: ...
    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, index: int, /) -> Sample: ...
    @overload
    def __getitem__(self, part: slice, /) -> Dataset: ...

def sampler(
    path: _Path, *, catalogue: _Path | None = None, pcapml_times: bool | None = None,
) -> Sampler: ...
def rules(
    source: _Path, output: _Path, *, name_pattern: str | None = None, layout: str | None = None,
    columns: _List | None = None, zone: str | None = None, time_format: str | None = None,
    time_unit: float = 0.0, tolerance: float = 0.0, directed: bool = False,
    overwrite: bool = False, no_sync: bool = False,
) -> _Result: ...
def label(
    inputs: _Paths, rules: _Path, output: _Path | None = None, *, dry_run: bool = False,
    sort: bool = False, keep_unmatched: bool = False, relabel: bool = False, join: bool = False,
    keep_source: bool = False, split_linktypes: bool = False, order_by_time: bool = False,
    write_pcapml_times: bool = False, snaplen: int = 0, shift_rules: float = 0.0,
    strict: bool = False, shard: int = 0, shards: int = 0, count_packets: bool = False,
    buckets: str | None = None, pcapml_times: bool | None = None, nanoseconds: bool = False,
    linktype: str | None = None, threads: int = 0, overwrite: bool = False, no_sync: bool = False,
    memory: int = 0, tmpdir: _Path | None = None, level: int = 0,
) -> _Result: ...
def merge(
    inputs: _Paths, output: _Path | None = None, *, strict: bool = False, threads: int = 0,
    overwrite: bool = False, no_sync: bool = False, memory: int = 0, tmpdir: _Path | None = None,
    level: int = 0,
) -> _Result: ...
def sort(
    inputs: _Paths, output: _Path, *, by_time: bool = False, shard: int = 0, shards: int = 0,
    pcapml_times: bool | None = None, nanoseconds: bool = False, linktype: str | None = None,
    threads: int = 0, overwrite: bool = False, no_sync: bool = False, memory: int = 0,
    tmpdir: _Path | None = None, level: int = 0,
) -> _Result: ...
def split(
    input: _Path, output: _Path, *, pcapng: bool = False, per_label: bool = False,
    pcapml_times: bool | None = None, nanoseconds: bool = False, linktype: str | None = None,
    threads: int = 0, overwrite: bool = False, no_sync: bool = False, memory: int = 0,
    tmpdir: _Path | None = None,
) -> _Result: ...
def strip(
    input: _Path, output: _Path, *, snaplen: int = 0, format: str | None = None,
    pcapml_times: bool | None = None, nanoseconds: bool = False, linktype: str | None = None,
    threads: int = 0, overwrite: bool = False, no_sync: bool = False, level: int = 0,
) -> _Result: ...
def info(
    inputs: _Paths, *, samples: bool = False, pcapml_times: bool | None = None,
    nanoseconds: bool = False, linktype: str | None = None, threads: int = 0,
) -> _Result: ...
def index(
    dataset: _Path, *, catalogue: _Path | None = None, hash: bool = False, shard: int = 0,
    shards: int = 0, pcapml_times: bool | None = None, nanoseconds: bool = False,
    linktype: str | None = None, threads: int = 0, overwrite: bool = False,
    no_sync: bool = False,
) -> _Result: ...
def select(
    dataset: _Path, output: _Path, *, ids: _Path | None = None, label: str | None = None,
    splits: _Path | None = None, list: str | None = None, min_packets: int = 0,
    max_per_label: int = 0, time: str | None = None, filter: str | None = None,
    dedup: float = 0.0, first: int = 0, snaplen: int = 0, pcapml_times: bool | None = None,
    nanoseconds: bool = False, linktype: str | None = None, threads: int = 0,
    overwrite: bool = False, no_sync: bool = False, level: int = 0,
) -> _Result: ...
def check(
    inputs: _Paths, *, rules: _Path | None = None, splits: _Path | None = None,
    stratify: str | None = None, hold_out: str | None = None, compare_splits: bool = False,
    max_leak: float | None = None, no_duplicates: bool = False, output: _Path | None = None,
    shard: int = 0, shards: int = 0, count_packets: bool = False,
    pcapml_times: bool | None = None, nanoseconds: bool = False, linktype: str | None = None,
    threads: int = 0, overwrite: bool = False, no_sync: bool = False, memory: int = 0,
    tmpdir: _Path | None = None,
) -> _Result: ...
def compare(
    truth: _Path, test: _Path, output: _Path | None = None, *, pcapml_times: bool | None = None,
    nanoseconds: bool = False, linktype: str | None = None, threads: int = 0,
    overwrite: bool = False, no_sync: bool = False, memory: int = 0,
    tmpdir: _Path | None = None,
) -> _Result: ...
def score(
    truth: _Path, predictions: _Path, *, allow_missing: bool = False, list: str | None = None,
) -> _Result: ...
def partition(
    dataset: _Path, output: _Path, *, train: float = 0.0, validation: float = 0.0,
    test: float = 0.0, folds: int = 0, group: str = "flow", local: _List | None = None,
    stratify: str | None = None, seed: int = 0, exact: bool = False, by_time: bool = False,
    balance_train: bool = False, drop_conflicts: bool = False, compare_splits: bool = False,
    max_leak: float | None = None, gap: float = 0.0, extend: _Path | None = None,
    challenge: int = 0, challenge_key: _Path | None = None, answers: _Path | None = None,
    pcapml_times: bool | None = None, nanoseconds: bool = False, threads: int = 0,
    overwrite: bool = False, no_sync: bool = False, memory: int = 0,
    tmpdir: _Path | None = None,
) -> _Result: ...
def report(
    inputs: _Paths, output: _Path | None = None, *, title: str | None = None,
    rules: _Path | None = None, splits: _Path | None = None, no_duplicates: bool = False,
    pcapml_times: bool | None = None, nanoseconds: bool = False, linktype: str | None = None,
    threads: int = 0, overwrite: bool = False, no_sync: bool = False, memory: int = 0,
    tmpdir: _Path | None = None,
) -> _Result: ...
def publish(
    dataset: _Path, output: _Path, *, name: str | None = None, description: str | None = None,
    license: str | None = None, creator: str | None = None, url: str | None = None,
    date: str | None = None, version: str | None = None, publisher: str | None = None,
    doi: str | None = None, citation: str | None = None, metadata: _Path | None = None,
    splits: _Path | None = None, rules: _Path | None = None, allow: _List | None = None,
    remove: _List | None = None, no_payload: bool = False, snaplen: int = 0, flows: bool = False,
    report: bool = False, pcapml_times: bool | None = None, threads: int = 0,
    overwrite: bool = False, no_sync: bool = False, level: int = 0,
) -> _Result: ...
def verify(directory: _Path, *, threads: int = 0) -> _Result: ...

@final
class Table:
    @property
    def columns(self) -> tuple[str, ...]: ...
    def __len__(self) -> int: ...
    def __getitem__(self, name: str, /) -> Any: ...
    def to_numpy(self, columns: _List | None = None) -> Any: ...
    def to_pandas(self) -> Any: ...
    def __arrow_c_stream__(self, requested_schema: object = None) -> Any: ...

def profiles() -> dict[str, dict[str, Any]]: ...
def flows(
    inputs: _Paths | Dataset, profile: str = "labelcap", *, compat: bool = False,
    columns: _List | None = None, drop: _List | None = None, join: bool = False, packets: int = 0,
    payload: int = 0, idle_timeout: float = 60.0, active_timeout: float = 0.0,
    unidirectional: bool = False, inner_tunnels: bool = False, label: str | None = None,
    pcapml_times: bool | None = None, nanoseconds: bool = False, linktype: str | None = None,
    threads: int = 0, tmpdir: _Path | None = None,
) -> Table: ...
def write_flows(
    inputs: _Paths | Dataset, output: _Path, profile: str = "labelcap", *, compat: bool = False,
    columns: _List | None = None, drop: _List | None = None, join: bool = False, packets: int = 0,
    payload: int = 0, idle_timeout: float = 60.0, active_timeout: float = 0.0,
    unidirectional: bool = False, inner_tunnels: bool = False, label: str | None = None,
    detail: bool = False, max_flows_in_memory: int = 0, config: _Path | None = None,
    protocols: _List | None = None, max_flows: int = 0, classes: bool = False,
    source_file: bool = False, format: str | None = None, number_format: str | None = None,
    per: str | None = None, name: str | None = None, rows_per_file: int = 0,
    report: _Path | None = None, append: bool = False, csv_safe: bool = False,
    xlsx_split: bool = False, shard: int = 0, shards: int = 0, buckets: str | None = None,
    pcapml_times: bool | None = None, nanoseconds: bool = False, linktype: str | None = None,
    threads: int = 0, memory: int = 0, tmpdir: _Path | None = None, overwrite: bool = False,
    no_sync: bool = False,
) -> _Result: ...
