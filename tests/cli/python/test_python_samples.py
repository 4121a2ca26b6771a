"""sampler() and Dataset: the packets that other readers of the same file see."""

import gzip
import io
import os
import pickle
import subprocess
import sys
from array import array
from pathlib import Path
from tempfile import TemporaryDirectory

import dpkt
import numpy
import pytest
from scapy.utils import RawPcapNgReader

from captures import Ng, read_packets
from module_fixtures import growth, labelcap, sorted_set, unsorted  # noqa: F401 (fixtures)

SCRIPT = """
import argparse
import pcapML

parser = argparse.ArgumentParser()
parser.add_argument("dataset")
arguments = parser.parse_args()
for traffic_sample in pcapML.sampler(arguments.dataset):
    sid = traffic_sample[0][1]
    metadata = traffic_sample[0][2]
    print(sid, len(traffic_sample), metadata)
    for idx, sid, label, ts, pkt_buf in traffic_sample:
        print(idx, sid, label, ts, pkt_buf)
"""


def facts(packet):
    return packet.linktype, packet.ts_ns, packet.wire_length, bytes(packet.data)


def expected_samples(path):
    """{(sampleID, metadata): packets} by a reader that shares nothing with labelcap."""
    samples = {}
    for packet in read_packets(path):
        if packet.label:
            samples.setdefault(packet.label, []).append(packet)
    return samples


def seen_by(samples):
    return {(s.id, s.metadata): [facts(p) for p in s] for s in samples}


@pytest.mark.parametrize("which", ["unsorted", "sorted_set"])
def test_samples_hold_the_packets_of_the_file(labelcap, which, request):
    path = request.getfixturevalue(which)
    expected = {key: [p.bare() for p in packets]
                for key, packets in expected_samples(path).items()}
    assert len(expected) == 4
    assert seen_by(labelcap.sampler(path)) == expected
    assert seen_by(labelcap.Dataset(str(path))) == expected
    assert [s.id for s in labelcap.sampler(path)] == [number for number, _ in expected]


def test_a_part_in_any_order_has_the_samples_of_its_positions(labelcap, unsorted, tmp_path, monkeypatch):
    """They come from a copy after the first one, unless one comes twice or there is no room."""
    ds = labelcap.Dataset(unsorted)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "room"))
    for _ in range(2):
        for part in (ds, ds[1:], ds[::-1], ds.split([3, 7, 3, 7]), ds[:1]):
            samples = list(part)
            assert [s.id for s in samples] == list(part.ids)
            assert seen_by(samples) == seen_by(part[i] for i in range(len(part)))
        (tmp_path / "room").mkdir(exist_ok=True)
    assert not any((tmp_path / "room").iterdir())


def test_memory_is_used_again_but_not_that_of_samples_that_are_kept(labelcap, tmp_path):
    ng = Ng().interface()
    for number in range(1, 60):
        for k in range(number * 7 % 40 + 1):
            ng.packet(b"%d %d " % (number, k) * (number * 13 % 300), k, [f"{number},a"])
    path = tmp_path / "sizes.pcapng"
    path.write_bytes(bytes(ng))
    ds = labelcap.Dataset(path)
    for samples in (iter(labelcap.sampler(path)), (ds[i] for i in range(len(ds)))):
        kept = [sample for sample in samples if sample.id % 3 == 0]
        for sample in kept:
            for k, packet in enumerate(sample):
                assert bytes(packet) == b"%d %d " % (sample.id, k) * (sample.id * 13 % 300)
                assert packet.comment == f"{sample.id},a"
        assert len(kept) == 19


def test_a_sorted_file_is_as_dpkt_reads_it(labelcap, run, sorted_set):
    path = sorted_set.with_name("ethernet.pcapng")
    run("select", "-o", path, "--label", "class 0", sorted_set)
    with open(path, "rb") as file:
        expected = list(dpkt.pcapng.Reader(file))
    seen = [(p.timestamp, p.data) for s in labelcap.sampler(path) for p in s]
    assert len(seen) == 5 and [data for _, data in seen] == [data for _, data in expected]
    assert [t for t, _ in seen] == pytest.approx([float(t) for t, _ in expected], abs=1e-6)


def test_facts_are_as_scapy_reads_them(labelcap, sorted_set):
    expected = [(m.linktype, m.wirelen, data) for data, m in RawPcapNgReader(str(sorted_set))][:20]
    assert expected == [(p.linktype, p.wire_length, p.data)
                        for s in labelcap.sampler(sorted_set) for p in s]


def test_a_packet_unpacks_to_five_fields(labelcap, sorted_set):
    sample = next(labelcap.sampler(sorted_set))
    index, number, metadata, timestamp, data = packet = sample[1]
    assert (index, number, metadata) == (1, 3, "naïve") == (packet[0], packet[1], packet[2])
    assert isinstance(timestamp, float) and timestamp == packet.ts_ns / 1e9
    assert isinstance(data, bytes) and data == packet.data == packet[4] == bytes(packet)
    assert len(packet) == 5
    assert packet.comment == "3,naïve"
    with pytest.raises(IndexError):
        packet[5]
    with pytest.raises(TypeError):
        type(packet)()
    assert repr(sample) == "<labelcap.Sample 3 'naïve', 5 packets>"


def test_samples_are_sequences(labelcap, sorted_set):
    sample = labelcap.Dataset(sorted_set)[0]
    assert len(sample) == 5
    assert facts(sample[-1]) == facts(sample[4]) == facts(list(sample)[4])
    assert [p.index for p in sample[::-2]] == [4, 2, 0]
    for index in (5, -6, 2**70):
        with pytest.raises(IndexError):
            sample[index]
    with pytest.raises(TypeError):
        sample["1"]


def test_samples_and_packets_can_be_pickled(labelcap, unsorted):
    for samples, kind in ((labelcap.Dataset(unsorted), memoryview), (labelcap.sampler(unsorted), bytes)):
        for sample in samples:
            again, packet = pickle.loads(pickle.dumps((sample, sample[1])))
            assert (again.id, again.metadata, len(again)) == (sample.id, sample.metadata, len(sample))
            assert [facts(p) for p in again] == [facts(p) for p in sample]
            assert [p.comment for p in again] == [p.comment for p in sample]
            assert isinstance(again[0].data, kind) and facts(packet) == facts(sample[1])
    restore, (number, metadata, data, packets, views) = sample.__reduce__()
    for wrong in ((data[:-1], packets), (b"", packets), (data, b"\xff" * 80)):
        with pytest.raises(ValueError, match="no packets of a sample"):
            restore(number, metadata, *wrong, views)
    assert len(restore(1, "a", b"", b"", True)) == 0


def test_bytes_of_a_data_set_are_views(labelcap, sorted_set):
    packet = labelcap.Dataset(sorted_set)[0][3]
    view = packet.data
    assert isinstance(view, memoryview) and view.readonly and view.format == "B"
    array_of = numpy.frombuffer(packet, numpy.uint8)
    assert array_of.tobytes() == bytes(view)
    assert array_of.__array_interface__["data"][0] == \
        numpy.asarray(view).__array_interface__["data"][0]
    with pytest.raises(TypeError):
        view[0] = 1


def test_a_data_set_is_a_sequence_of_samples(labelcap, unsorted):
    ds = labelcap.Dataset(unsorted)
    assert repr(ds) == f"<labelcap.Dataset {str(unsorted)!r}, 4 samples>"
    assert ds.path == str(unsorted)
    assert [s.id for s in ds] == [ds[i].id for i in range(len(ds))] == ds.ids.tolist()
    assert ds.labels == tuple(s.metadata for s in ds)
    assert ds.ids == array("Q", [7, 2**63 + 5, 3, 2**64 - 1])
    assert numpy.asarray(ds.ids).dtype == numpy.uint64
    assert ds[-1].id == 2**64 - 1
    part = ds[1:][::2]
    assert (part.ids.tolist(), len(part), part.labels) == ([2**63 + 5, 2**64 - 1], 2,
                                                          ("class 1", "class 1"))
    assert [s.id for s in part] == part.ids.tolist() == [part[0].id, part[1].id]
    assert len(ds[4:]) == 0 and list(ds[4:]) == []
    for index in (4, -5):
        with pytest.raises(IndexError):
            ds[index]


def test_samples_by_id(labelcap, unsorted):
    ds = labelcap.Dataset(unsorted)
    assert facts(ds.sample(3)[2]) == facts(ds[2][2])
    assert ds.sample(numpy.asarray(ds.ids)[3]).id == 2**64 - 1
    with pytest.raises(KeyError):
        ds.sample(4)
    with pytest.raises(KeyError):
        ds[:2].sample(3)
    with pytest.raises(OverflowError):
        ds.sample(2**64)
    assert ds.sample("3").id == 3
    with pytest.raises(ValueError):
        ds.sample("three")


def test_lists_of_a_split(labelcap, unsorted, tmp_path):
    ds = labelcap.Dataset(unsorted)
    train = tmp_path / "train.csv"
    train.write_text("sample_id,label\n18446744073709551615,class 1\n7,class 0\n")
    assert ds.split(train).ids.tolist() == [2**64 - 1, 7]
    train.write_text("8\n")
    with pytest.raises(labelcap.LabelError, match="train.csv: sample 8 is not in the data set"):
        ds.split(train)
    train.write_text("7\nseven\n")
    with pytest.raises(labelcap.ArgumentError, match="train.csv:2:1: expected a sampleID"):
        ds.split(train)


def test_a_bgzf_file_is_not_unpacked(labelcap, run, unsorted, tmp_path):
    packed = tmp_path / "sorted.pcapng.gz"
    run("sort", "-o", packed, unsorted)
    ds = labelcap.Dataset(packed)
    assert seen_by(ds) == seen_by(labelcap.Dataset(unsorted)) == seen_by(labelcap.sampler(packed))
    assert facts(ds[3][4]) == facts(ds.sample(2**64 - 1)[4])
    assert gzip.decompress(packed.read_bytes())[:4] == b"\x0a\x0d\x0d\x0a"


def test_a_packet_without_bytes_and_a_label_that_is_not_utf8(labelcap, tmp_path):
    path = tmp_path / "odd.pcapng"
    path.write_bytes(bytes(Ng().interface().packet(b"", 5, [b"1,\xff\xfe"])))
    sample, = labelcap.sampler(path)
    assert (sample.metadata, sample[0].data, len(memoryview(sample[0]))) == ("\\xff\\xfe", b"", 0)


# ---- catalogues ----


def test_the_catalogue_is_made_and_used(labelcap, unsorted, tmp_path):
    beside = tmp_path / "unsorted.pcapng.sqlite"
    labelcap.Dataset(unsorted)
    made = beside.stat().st_mtime_ns
    labelcap.sampler(unsorted)
    assert beside.stat().st_mtime_ns == made
    beside.unlink()
    elsewhere = tmp_path / "elsewhere.sqlite"
    ds = labelcap.Dataset(unsorted, catalogue=elsewhere)
    assert elsewhere.exists() and not beside.exists()
    assert pickle.loads(pickle.dumps(ds)).ids == ds.ids
    assert not beside.exists()


def test_an_outdated_catalogue_is_refused(labelcap, unsorted):
    labelcap.Dataset(unsorted)
    with open(unsorted, "ab") as file:
        file.write(bytes(Ng()))
    with pytest.raises(labelcap.LabelError, match="is out of date"):
        labelcap.Dataset(unsorted)


def in_child(function):
    """Runs a function in a forked process; its result must be true."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if function() else 1)
        except BaseException as exception:
            print(exception, file=sys.stderr)
        os._exit(2)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody who may not write")
def test_a_folder_in_which_nothing_can_be_written(labelcap, unsorted):
    with TemporaryDirectory(prefix="labelcap-test-") as name:
        folder, temporary = Path(name), Path(name, "temporary")
        folder.chmod(0o755)
        temporary.mkdir()
        temporary.chmod(0o777)
        path = folder / "set.pcapng"
        path.write_bytes(unsorted.read_bytes())

        def read():
            os.environ["TMPDIR"] = str(temporary)
            os.setuid(65534)
            ds = labelcap.Dataset(path)
            made = len(list(temporary.iterdir())) == 1
            same = len(pickle.loads(pickle.dumps(ds[1:]))) == 3 and ds[0].id == 7
            in_child(lambda: ds[1].id == 2**63 + 5)
            same = same and ds[2].id == 3
            del ds
            return made and same and not list(temporary.iterdir())

        in_child(read)
        assert sorted(folder.iterdir()) == [path, temporary]


# ---- processes and threads ----


def test_a_fork_in_the_middle(labelcap, unsorted):
    ds = labelcap.Dataset(unsorted)
    before = [facts(p) for p in ds[1]]
    for _ in range(3):
        in_child(lambda: [facts(p) for p in ds[1]] == before and len(list(ds)) == 4)
        assert [facts(p) for p in ds[1]] == before
    walk = iter(labelcap.sampler(unsorted))
    next(walk)
    in_child(lambda: next(walk).id == 2**63 + 5)
    assert next(walk).id == 2**63 + 5


def test_a_fork_after_which_the_file_is_gone(labelcap, sorted_set):
    ds = labelcap.Dataset(sorted_set)
    sorted_set.unlink()

    def fails():
        for use in (lambda: ds[0], lambda: list(ds), lambda: list(ds[1:]), lambda: ds.labels,
                    lambda: ds.arrays(packets=1, bytes=1), lambda: ds.sample(3)):
            with pytest.raises(labelcap.Error):
                use()
        return len(ds) == 4 and repr(ds)

    in_child(fails)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_several_workers(build, unsorted, method, tmp_path):
    script = tmp_path / "workers.py"
    script.write_text(f"""
import multiprocessing, sys
import labelcap

ds = None

def begin(given):
    global ds
    ds = given

def lengths(index):
    return [len(p.data) for p in ds[index]]

def sample(index):
    return ds[index]

if __name__ == "__main__":
    ds = labelcap.Dataset(sys.argv[1])[::-1]
    context = multiprocessing.get_context({method!r})
    with context.Pool(2, begin, (ds,)) as pool:
        same = [s.id for s in pool.map(sample, range(4))] == [s.id for s in ds]
        print(same and pool.map(lengths, range(4)) == [lengths(i) for i in range(4)])
""")
    if b"__asan_init" in (build / "labelcap").read_bytes():
        pytest.skip("the interpreter has no sanitizer")
    done = subprocess.run([sys.executable, script, unsorted], capture_output=True, text=True,
                          env=dict(os.environ, PYTHONPATH=str(build / "python")), timeout=60)
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_several_threads(labelcap, unsorted):
    from concurrent.futures import ThreadPoolExecutor

    ds = labelcap.Dataset(unsorted)
    expected = seen_by(ds)
    with ThreadPoolExecutor(4) as pool:
        for sample in pool.map(lambda i: ds[i % 4], range(400)):
            assert [facts(p) for p in sample] == expected[sample.id, sample.metadata]


def test_sub_interpreters(build, labelcap, unsorted):
    script = (f"import sys; sys.path.insert(0, {str(build / 'python')!r}); import labelcap; "
              f"assert len(list(labelcap.sampler({str(unsorted)!r}))) == 4; "
              f"stream = labelcap.flows({str(unsorted)!r}).__arrow_c_stream__(); del stream")
    code = ("import _xxsubinterpreters as interpreters\n"
            "for _ in range(2):\n"
            "    one = interpreters.create()\n"
            f"    interpreters.run_string(one, {script!r})\n"
            "    interpreters.destroy(one)\n")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_handles_a_signal_may_use_the_data_set(build, labelcap, tmp_path):
    path, ng = tmp_path / "many.pcapng", Ng().interface()
    for number in range(1, 5001):
        ng.packet(b"x", number, [f"{number},a"])
    path.write_bytes(bytes(ng))
    script = """
import os, signal, sys
import labelcap

ds = labelcap.Dataset(sys.argv[1])
used = []
signal.signal(signal.SIGALRM, lambda *_: used.append(ds[len(used)].id))
signal.setitimer(signal.ITIMER_REAL, 1e-4, 1e-3)
while len(used) < 20:
    assert len(ds[:-1].labels) == 4999
signal.setitimer(signal.ITIMER_REAL, 0)
print(used[:20] == list(range(1, 21)))
"""
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True,
                          env=dict(os.environ, PYTHONPATH=str(build / "python")), timeout=20)
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_ids_that_somebody_changes(labelcap, unsorted):
    ds = labelcap.Dataset(unsorted)[1:]
    before = list(ds.ids)
    del ds.ids[:]
    assert (len(ds.ids), [s.id for s in ds]) == (0, before)
    with pytest.raises(labelcap.LabelError, match="no labelled packet has IP"):
        ds.arrays(packets=1, bytes=1)


def test_only_a_new_data_set_takes_a_state(labelcap, unsorted):
    ds = labelcap.Dataset(unsorted)
    part, _ = ds[1:], ds.ids
    walk = iter(part)
    for used in (ds, part):
        with pytest.raises(ValueError, match="only a new data set"):
            used.__setstate__(b"")
    assert len(list(walk)) == 3
    with pytest.raises(labelcap.LabelError, match="sample 0 is not in the data set"):
        labelcap.Dataset(unsorted).__setstate__(array("Q", [0, 0]))
    with pytest.raises(ValueError, match="pickled by labelcap 0.7.0 or before"):
        labelcap.Dataset(unsorted).__setstate__(bytes(16))
    with pytest.raises(TypeError):
        labelcap.Dataset(unsorted).__setstate__(3)


def test_a_pickled_part_has_the_same_samples_later(labelcap, unsorted, sorted_set):
    part = pickle.dumps(labelcap.Dataset(unsorted)[:3:2])
    os.unlink(f"{unsorted}.sqlite")
    os.replace(sorted_set, unsorted)
    assert labelcap.Dataset(unsorted)[:3:2].ids.tolist() == [3, 2**63 + 5]
    assert [s.id for s in pickle.loads(part)] == [7, 3]
    os.unlink(f"{unsorted}.sqlite")
    unsorted.write_bytes(bytes(Ng().interface().packet(comments=["7,a"]).packet(comments=["8,b"])))
    with pytest.raises(labelcap.LabelError, match="unsorted.pcapng: sample 3 is not in the data set"):
        pickle.loads(part)


def test_times_of_pcapml(labelcap, tmp_path):
    """Read as such or not, as the caller says, also by a copy and in other processes."""
    ng = Ng().interface()
    for number in (1, 2):
        ng.packet(b"data", 1_600_000_000_000_000 + number, [f"{number},a"])
    path = tmp_path / "set.pcapng"
    path.write_bytes(bytes(ng))
    for times in (None, False, True):
        ds = labelcap.Dataset(path, tmp_path / f"{times}.sqlite", times)
        again = pickle.loads(pickle.dumps(ds[1:]))
        assert again[0][0].ts_ns == ds[1][0].ts_ns
        seen = next(labelcap.sampler(path, catalogue=tmp_path / f"{times}.sqlite",
                                     pcapml_times=times))[0].ts_ns
        assert seen == ds[0][0].ts_ns
        assert (seen == 1_600_000_000_000_001_000) == (times is not True)
    with pytest.raises(labelcap.LabelError, match="was made with pcapml_times yes, not auto"):
        labelcap.Dataset(path, tmp_path / "True.sqlite")


# ---- streams, errors ----


def test_standard_input_must_be_sorted(build, labelcap, sorted_set, unsorted):
    code = ("import labelcap\n"
            "try:\n"
            "    for sample in labelcap.sampler('-'): print(sample.id)\n"
            "except labelcap.LabelError as error: print(error)\n")
    environment = dict(os.environ, PYTHONPATH=str(build / "python"))

    def lines(path):
        with open(path, "rb") as file:
            return subprocess.run([sys.executable, "-c", code], stdin=file, capture_output=True,
                                  text=True, env=environment, timeout=60).stdout.splitlines()

    assert lines(sorted_set) == [str(s.id) for s in labelcap.sampler(sorted_set)]
    assert lines(unsorted)[-1].endswith("is not sorted: sample 3 comes after 9223372036854775813; "
                                        "'labelcap sort' sorts it")


def test_errors_are_exceptions(labelcap, tmp_path):
    missing = tmp_path / "missing.pcapng"
    for function in (labelcap.sampler, labelcap.Dataset):
        with pytest.raises(labelcap.FileError) as caught:
            function(missing)
        assert isinstance(caught.value, OSError) and isinstance(caught.value, labelcap.Error)
        assert caught.value.errno == 2
        assert str(caught.value) == f"{missing}: cannot open: No such file or directory"
        again = pickle.loads(pickle.dumps(caught.value))
        assert type(again) is labelcap.FileError
        assert (again.errno, str(again), again.strerror) == (2, str(caught.value), str(caught.value))
    with pytest.raises(labelcap.FileError, match="^/: is a directory, not a file$") as caught:
        labelcap.sampler("/")
    assert caught.value.errno is None
    assert str(labelcap.FileError("text")) == "text" and str(labelcap.FileError()) == ""
    text = tmp_path / "text.pcapng"
    text.write_text("not a capture")
    with pytest.raises(labelcap.FormatError, match="text.pcapng: "):
        labelcap.sampler(text)
    plain = tmp_path / "plain.pcapng"
    plain.write_bytes(bytes(Ng().interface().packet()))
    with pytest.raises(labelcap.LabelError, match="has no labelled packet"):
        labelcap.Dataset(plain)
    plain.write_bytes(bytes(Ng().interface().packet(comments=["1,a"]))[:-3])
    with pytest.raises(labelcap.DamageError, match="plain.pcapng"):
        labelcap.Dataset(plain)
    assert issubclass(labelcap.ArgumentError, ValueError)
    for wrong in (3, None, b"a\0b"):
        with pytest.raises((TypeError, ValueError)):
            labelcap.Dataset(wrong)


def test_what_comes_before_damage_is_yielded(labelcap, sorted_set, tmp_path):
    whole = [(s.id, len(s)) for s in labelcap.sampler(sorted_set)]
    damaged = tmp_path / "damaged.pcapng"
    intact = sorted_set.read_bytes()[:sorted_set.stat().st_size * 2 // 3]
    damaged.write_bytes(intact)
    packets, at = 0, 0  # of whole Enhanced Packet Blocks
    while at + 8 <= len(intact) and at + (size := int.from_bytes(intact[at + 4:at + 8], "little")) <= len(intact):
        packets += intact[at:at + 4] == b"\6\0\0\0"
        at += size
    samples, found = labelcap.sampler(damaged), []
    with pytest.raises(labelcap.DamageError, match="damaged.pcapng: offset"):
        for sample in samples:
            found.append((sample.id, len(sample)))
    assert found[:-1] == whole[:len(found) - 1]
    assert 0 < sum(count for _, count in found) == packets < sum(count for _, count in whole)
    with pytest.raises(labelcap.DamageError):
        labelcap.Dataset(damaged)
    damaged.write_bytes(intact[:14])
    for call in (labelcap.Dataset, labelcap.sampler, labelcap.index,
                 lambda path: labelcap.partition(path, tmp_path / "lists", train=70, test=30)):
        with pytest.raises(labelcap.DamageError, match="damaged.pcapng: offset 0: truncated block"):
            call(damaged)


def test_a_split_of_ids(labelcap, sorted_set):
    import numpy

    ds = labelcap.Dataset(sorted_set)
    ids = list(ds.ids)[::-1]
    for given in (ids, map(str, ids), numpy.array(ids, numpy.uint64), ds[::-1].ids):
        assert list(ds.split(given).ids) == ids
    assert len(ds.split([])) == 0
    with pytest.raises(labelcap.LabelError, match="the list: sample 12345 is not in the data set"):
        ds.split([ids[0], 12345])
    for wrong in ([1.5], ["x"], [-1], 7, [None]):
        with pytest.raises((TypeError, ValueError, OverflowError)):
            ds.split(wrong)


def test_a_script_of_pcapml(build, labelcap, sorted_set, tmp_path):
    script = tmp_path / "walk.py"
    script.write_text(SCRIPT)
    done = subprocess.run([sys.executable, script, sorted_set], capture_output=True, text=True,
                          env=dict(os.environ, PYTHONPATH=str(build / "python")), timeout=60)
    expected = io.StringIO()
    for (number, metadata), packets in expected_samples(sorted_set).items():
        print(number, len(packets), metadata, file=expected)
        for i, packet in enumerate(packets):
            print(i, number, metadata, packet.time_ns / 1e9, packet.data, file=expected)
    assert (done.stdout, done.stderr) == (expected.getvalue(), "")


# ---- memory ----


def test_nothing_leaks(labelcap, growth, unsorted, sorted_set, tmp_path):
    train = tmp_path / "train.csv"
    train.write_text("7\n3\n")
    bad = tmp_path / "bad.pcapng"
    bad.write_bytes(unsorted.read_bytes()[:-5])

    def use():
        for path in (unsorted, sorted_set):
            ds = labelcap.Dataset(path)
            kept = [memoryview(p) for s in ds for p in s] + [tuple(p) for p in ds[1]]
            pickle.loads(pickle.dumps(ds[::2])).split(train).labels
            assert len(kept) == 25 and len(ds.ids) == 4
            next(labelcap.sampler(path))
        for wrong in (bad, tmp_path / "missing"):
            with pytest.raises(labelcap.Error):
                labelcap.Dataset(wrong)
        with pytest.raises(KeyError):
            ds.sample(1)

    assert growth(use, 150) < 2 << 20
