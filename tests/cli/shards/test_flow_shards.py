"""flows --shard and merge: the tables of one process for any number of shards."""

import json
import random
import struct

import pytest

from captures import pcap
from sharding import limit_open_files, merge, run_shards

SECOND = 10**9
EPOCH = 1_600_000_000 * SECOND


def run_flows(run, count, output, *command, buckets=True, **kwargs):
    """One array job, in which every shard reads all, or two with buckets in between."""
    if not buckets:
        return run_shards(run, count, output, "flows", *command, kind="rows", **kwargs)
    run_shards(run, count, output, "flows", *command, "--buckets", "write", **kwargs)
    return run_shards(run, count, output, "flows", *command, "--buckets", "read", kind="rows",
                      **kwargs)


def same_tables(run, tmp_path, counts, *command, name="out.csv", status=0, buckets=True):
    """
    Runs `flows` as one process and in shards, and compares all files that they leave. More than
    eight parts are more than the merge may open.
    """
    one = tmp_path / "one"
    one.mkdir()
    done = run("flows", "-q", "--no-sync", "-o", one / name, *command, check=False)
    assert done.returncode == status, done.stderr
    for count in counts:
        many = tmp_path / f"{count}-shards"
        many.mkdir()
        parts = run_flows(run, count, many / name, *command, buckets=buckets)
        done = merge(run, many / name, parts, check=False, preexec_fn=limit_open_files(40))
        assert done.returncode == status, done.stderr
        for path in [*many.glob("*.joint"), *many.glob("*.buckets"), *parts]:
            path.unlink()
        files = sorted(path.relative_to(one) for path in one.rglob("*"))
        assert files == sorted(path.relative_to(many) for path in many.rglob("*"))
        for path in files:
            assert (one / path).is_dir() or \
                (one / path).read_bytes() == (many / path).read_bytes(), (count, path)


def raw_ip(source, destination, protocol, data, identification=0, fragment=0):
    ends = bytes([10, 0, 0, source, 10, 0, 0, destination])
    return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(data), identification, fragment, 64,
                       protocol, 0) + ends + data


def random_packets(count, seed=1):
    """Connections that begin again, pauses, late packets, clocks that jump, and fragments."""
    chance = random.Random(seed)
    now, packets = EPOCH, []
    for number in range(count):
        step = chance.choice([0, 10**6, 10**6, SECOND // 50, SECOND // 5, 70 * SECOND]
                             if chance.random() < 0.05 else [0, 10**5, 10**6])
        now += step - (90 * SECOND if chance.random() < 0.001 else 0)
        ends = chance.sample(range(1, 9), 2)
        time = now - (chance.randrange(10**8) if chance.random() < 0.1 else 0)
        ports = struct.pack(">HH", chance.choice([1000, 1001]), 53)
        if chance.random() < 0.5:
            flags = chance.choice([0x02, 0x12, 0x10, 0x10, 0x18, 0x11, 0x14])
            data = ports + struct.pack(">IIBBHHH", chance.randrange(3), 0, 0x50, flags, 0, 0, 0)
            packets.append((raw_ip(*ends, 6, data), time))
        elif chance.random() < 0.8:
            packets.append((raw_ip(*ends, 17, ports + b"\0\x0c\0\0data"), time))
        else:
            data = ports + struct.pack(">HH", 48, 0) + bytes(40)
            pieces = [raw_ip(*ends, 17, data[:24], number, 0x2000),
                      raw_ip(*ends, 17, data[24:], number, 3)]
            packets += [(piece, time) for piece in pieces[::chance.choice([1, -1])]]
    return pcap(packets, linktype=101)


@pytest.fixture
def traffic(tmp_path):
    path = tmp_path / "traffic.pcap"
    path.write_bytes(random_packets(1500))
    return path


@pytest.fixture
def samples(run, tmp_path, traffic):
    """The same with samples, in the order of time."""
    rules, path = tmp_path / "rules.csv", tmp_path / "samples.pcapng"
    rules.write_text("EACH:host:10.0.0.0/30,host\nBPF:tcp,tcp\n")
    run("label", "-q", "-L", rules, "--keep-unmatched", "-o", path, traffic)
    return path


@pytest.mark.parametrize("counts, name, options", [
    ([1, 2, 7, 24], "out.csv", []),
    ([5], "out.parquet", ["--idle-timeout", "1", "--active-timeout", "3", "-j", "1"]),
    ([3], "out.jsonl", ["--profile", "pcap2json"]),
    ([3], "out.sqlite", ["--profile", "nexusflowmeter", "--unidirectional"]),
    ([3], "out.tsv", ["--profile", "netflowmeter", "--columns", "flow_id,timestamp"]),
    ([3], "out.xlsx", ["--packets", "4", "--payload", "8", "--protocols", "dns,tcp"]),
    ([4], "out.csv.gz", ["--max-flows", "20", "--number-format", ".3f"]),
    ([4], "out.csv", ["--rows-per-file", "100"]),
])
def test_any_number_of_shards_writes_the_same_table(run, tmp_path, traffic, counts, name, options):
    same_tables(run, tmp_path, counts, *options, traffic, name=name)


@pytest.mark.parametrize("options, name", [
    ([], "out.csv"),
    (["--profile", "pcap2json", "--tunnels", "inner"], "out.json"),
])
def test_shards_that_read_everything(run, tmp_path, traffic, samples, options, name):
    same_tables(run, tmp_path, [7], *options, traffic, samples, name=name, buckets=False)


def test_buckets_that_are_missing_cut_or_of_another_run(run, tmp_path, traffic):
    output = tmp_path / "out.csv"
    command = ["flows", "-q", "--shard", "0/2", "-o", output, traffic]
    run(*command, "--buckets", "write")
    missing = run(*command, "--buckets", "read", check=False)
    assert missing.returncode == 1 and "out.csv.1-of-2.buckets: there is no such file" in missing.stderr
    run_shards(run, 2, output, "flows", "--buckets", "write", traffic)
    other = run(*command, "--buckets", "read", "--tunnels", "inner", check=False)
    assert other.returncode == 1 and "other inputs or options" in other.stderr
    buckets = tmp_path / "out.csv.1-of-2.buckets"
    for data in (b"", buckets.read_bytes()[:-1], buckets.read_bytes() + b"x"):
        buckets.write_bytes(data)
        cut = run(*command, "--buckets", "read", check=False)
        assert cut.returncode == 1 and buckets.name in cut.stderr
        assert not (tmp_path / "out.csv.0-of-2.rows").exists()


def test_a_capture_of_captures_is_divided_where_its_packets_are(run, tmp_path):
    """A shard that guesses its place wrong is found, and right when it is run again."""
    inner = random_packets(30)[24:]
    path, one, output = tmp_path / "in.pcap", tmp_path / "one.csv", tmp_path / "out.csv"
    path.write_bytes(pcap([(raw_ip(1 + number % 9, 11, 17, b"\x03\xe8\0\x09\x08\0\0\0" + inner),
                            EPOCH + number * SECOND) for number in range(60)], linktype=101))
    run("flows", "-q", "-o", one, path)
    write = ["flows", "--buckets", "write", path]
    run_shards(run, 5, output, *write, order=reversed(range(5)), check=False)
    run_shards(run, 5, output, *write)
    parts = run_shards(run, 5, output, "flows", "--buckets", "read", path, kind="rows")
    merge(run, output, parts)
    assert output.read_bytes() == one.read_bytes()


@pytest.mark.parametrize("options, name", [
    (["--idle-timeout", "2"], "out.csv"),
    (["--per-sample"], "tables"),
    (["--per-label", "--name", "x", "--format", "json"], "tables/"),
])
def test_samples_wait_for_their_packets_in_every_shard(run, tmp_path, samples, options, name):
    same_tables(run, tmp_path, [6], *options, samples, name=name)


@pytest.mark.parametrize("options, name, status", [
    (["--merge"], "out.csv", 0),
    (["--join", "--tunnels", "inner"], "out.csv", 0),
    (["--per-input"], "tables", 0),
    (["--label", "all", "--per-protocol"], "tables", 0),
])
def test_a_directory_of_real_captures(run, tmp_path, shared, options, name, status):
    same_tables(run, tmp_path, [7], *options, shared / "captures/protocols", name=name,
                status=status)


def test_damage_and_formats(run, tmp_path, shared):
    same_tables(run, tmp_path, [2], shared / "captures/formats/derived", status=0)
    broken = tmp_path / "broken.pcap"
    broken.write_bytes(random_packets(500)[:-5])
    (tmp_path / "b").mkdir()
    same_tables(run, tmp_path / "b", [3], broken, status=1)


def test_what_merge_says(run, tmp_path, traffic):
    parts = run_shards(run, 3, tmp_path / "out.csv", "flows", traffic, kind="rows")
    done = json.loads(run("merge", "--json", "-o", tmp_path / "out.csv", *parts).stdout)
    whole = json.loads(run("flows", "--json", "-o", tmp_path / "one.csv", traffic).stdout)
    assert done["parts"] == 3
    for name in ("packets", "labelled", "flows", "rows"):
        assert done[name] == whole[name]
    assert "is done already" in run("flows", "-o", tmp_path / "out.csv", "--shard", "1/3",
                                    traffic).stderr


def test_parts_of_other_options_and_changed_ones_are_refused(run, tmp_path, traffic):
    a = run_shards(run, 2, tmp_path / "a.csv", "flows", traffic, kind="rows")
    b = run_shards(run, 2, tmp_path / "b.csv", "flows", "--active-timeout", "9", traffic,
                   kind="rows")
    assert "two runs" in merge(run, tmp_path / "out.csv", [a[0], b[1]], check=False).stderr
    data = bytearray(a[1].read_bytes())
    data[-20] ^= 1
    a[1].write_bytes(data)
    refused = merge(run, tmp_path / "out.csv", a, check=False)
    assert refused.returncode == 1 and "cut or changed" in refused.stderr
    assert not (tmp_path / "out.csv").exists()


def test_more_flows_than_fit_are_refused(run, tmp_path, traffic):
    command = ["flows", "-j", "1", "--idle-timeout", "0", traffic, "--max-flows-in-memory"]
    whole = run(*command, "9999", "--json", "-o", tmp_path / "one.csv").stdout
    most = json.loads(whole)["peak_flows_in_memory"]
    parts = run_shards(run, 2, tmp_path / "out.csv", *command, 9, check=False, kind="rows")
    assert not any(part.exists() for part in parts)
    parts = run_shards(run, 2, tmp_path / "out.csv", *command, most - 1, kind="rows")
    refused = merge(run, tmp_path / "out.csv", parts, check=False)
    assert refused.returncode == 1 and "--max-flows-in-memory" in refused.stderr


@pytest.mark.parametrize("options, word", [
    (["--compat", "--profile", "netflowmeter"], "--compat"),
    (["--preview", "3"], "--preview"),
    (["--report", "x.txt"], "--report"),
    (["--json"], "--json"),
])
def test_what_shards_cannot_do_is_refused(run, tmp_path, traffic, options, word):
    refused = run("flows", "--shard", "0/2", "-o", tmp_path / "out.csv", *options, traffic,
                  check=False)
    assert refused.returncode == 2 and word in refused.stderr
    assert run("flows", "--shard", "0/2", traffic, check=False).returncode == 2
