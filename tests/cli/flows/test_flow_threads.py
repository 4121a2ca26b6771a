"""flows: the lanes of several threads give the bytes of one, whatever the flows are made of."""

import json
import resource
import signal
import subprocess
import time

import pytest

from captures import pcap
from surroundings import clean_environment
from flow_tables import udp

THREADS = (1, 2, 7)
RAW_IP = 101

# More than what one thread takes before others are started: 8 batches of 2048 packets.
LEAST_PACKETS = 30000


@pytest.fixture(scope="module")
def many(shared):
    """Captures of every kind: link types, tunnels, fragments, packets without a time, damage."""
    return [shared / "captures" / name for name in ("protocols", "formats")]


@pytest.fixture(scope="module")
def labelled(run, many, tmp_path_factory):
    """One sample for each host, whose packets come mixed and from captures of other times."""
    folder = tmp_path_factory.mktemp("labelled")
    (folder / "rules.csv").write_text(
        "EACH:host:0.0.0.0/0,four\nEACH:window:5,other\n")
    run("label", "-q", "--relabel", "-L", folder / "rules.csv", "-o", folder / "out.pcapng", *many, check=False)
    return folder / "out.pcapng"


def outcome(run, folder, threads, *options):
    folder.mkdir()
    done = run("flows", "-j", threads, "--stats-json", folder / "stats.json", "--report",
               folder / "report.json", *options, cwd=folder, check=False)
    files = {path.relative_to(folder): path.read_bytes()
             for path in sorted(folder.rglob("*")) if path.is_file()}
    return done.returncode, done.stdout, done.stderr, files


def expect_the_same(run, tmp_path, *options):
    one, *others = [outcome(run, tmp_path / str(threads), threads, *options)
                    for threads in THREADS]
    assert all(other == one for other in others)


OPTIONS = [
    ("-o", "x.csv"),
    ("-o", "x.csv", "--unidirectional", "--profile", "nexusflowmeter"),
    ("-o", "x.csv", "--profile", "netflowmeter", "--tunnels", "inner"),
    ("-o", "x.jsonl", "--packets", "5", "--payload", "40"),
    ("-o", "x.parquet", "--idle-timeout", "0.5", "--active-timeout", "2"),
    ("-o", "x.sqlite", "--protocols", "dns,icmp", "--merge"),
    ("-o", "x", "--per-protocol", "--idle-timeout", "0"),
    ("-o", "x.csv", "--rows-per-file", "1000", "--tunnels", "inner"),
    ("-o", "x.csv", "--max-flows", "50", "--preview", "7"),
    ("--preview", "20"),
]


@pytest.mark.parametrize("options", OPTIONS)
def test_one_stream_of_all_captures(run, tmp_path, many, options):
    if "--merge" not in options:
        options += ("--join",)
    expect_the_same(run, tmp_path, *options, *many)


@pytest.mark.parametrize("options", [
    ("-o", "x.csv"), ("-o", "x", "--per-label", "--idle-timeout", "1"),
    ("-o", "x.csv", "--max-flows", "100", "--profile", "nexusflowmeter"),
])
def test_a_labelled_stream(run, tmp_path, labelled, options):
    expect_the_same(run, tmp_path, *options, labelled)


def test_the_streams_are_long_enough(run, many, labelled):
    """Otherwise one thread would do it all."""
    for inputs in (many, [labelled]):
        facts = json.loads(run("info", "--json", *inputs, check=False).stdout)
        assert facts["packets"] > LEAST_PACKETS


# ---- faults ----


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """Many flows of three packets each: several seconds of one thread under a sanitizer."""
    packets = [(udp("10.1.0.1", "10.2.0.1", b"x" * (number % 40), (1 + number // 3, 5000)),
                number * 1000) for number in range(30000)]
    header = len(pcap([]))
    path = tmp_path_factory.mktemp("crowd") / "in.pcap"
    path.write_bytes(pcap([], linktype=RAW_IP) +
                     b"".join(pcap([packet])[header:] for packet in packets))
    return path


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("name", ["out.csv", "out.parquet", "out.csv.gz"])
def test_a_full_disk(program, crowd, tmp_path, name, threads):
    limit = 200_000
    done = subprocess.run(
        [program, "flows", "-j", str(threads), "-o", tmp_path / name, crowd], capture_output=True,
        text=True, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    assert done.returncode == 1
    assert f"{tmp_path / name}: cannot write: File too large\n" in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("threads", THREADS)
def test_a_closed_pipe(program, crowd, threads):
    with subprocess.Popen([program, "flows", "-j", str(threads), crowd], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        errors = process.stderr.read()
    assert (process.returncode, errors) == (0, "")  # as for a table of head


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal(program, crowd, tmp_path, threads, number):
    out = tmp_path / "out.csv"
    with subprocess.Popen([program, "flows", "-j", str(threads), "--join", "-o", out,
                           *[crowd] * 40], stderr=subprocess.PIPE) as process:
        while not list(tmp_path.iterdir()) and process.poll() is None:
            time.sleep(0.01)
        time.sleep(0.1)
        process.send_signal(number)
        process.wait(timeout=20)
    assert process.returncode == -number
    assert not out.exists()
    assert number == signal.SIGKILL or not list(tmp_path.iterdir())


def test_damage_in_the_middle_of_a_batch(run, crowd, tmp_path):
    data = bytearray(crowd.read_bytes())
    at = len(pcap([])) + len(data) // 2
    data[at:at + 400] = b"\xff" * 400
    (tmp_path / "bad.pcap").write_bytes(data)
    expect_the_same(run, tmp_path, "-o", "x.csv", tmp_path / "bad.pcap")


@pytest.mark.parametrize("threads", THREADS)
def test_memory_that_runs_out(program, repo, crowd, tmp_path, sanitized, threads):
    if sanitized or b"__tsan_init" in program.read_bytes():
        pytest.skip("sanitizers have an allocator of their own")
    library = tmp_path / "fail_nth.so"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", library,
                    repo / "tests/faults/fail_nth.c"], check=True)
    out = tmp_path / "out.csv"

    def start(nth):
        environment = clean_environment({
            "LD_PRELOAD": str(library), "FAIL_CALL": "malloc", "FAIL_NTH": str(nth),
            "FAIL_COUNT": str(tmp_path / "count")})
        return subprocess.run([program, "flows", "-f", "-j", str(threads), "-o", out, crowd],
                              env=environment, capture_output=True, text=True, timeout=60)

    assert start(0).returncode == 0
    whole, calls = out.read_bytes(), int((tmp_path / "count").read_text())
    for nth in (calls // 2, calls // 3, calls // 5, calls * 9 // 10):
        out.unlink(missing_ok=True)
        done = start(nth)
        if done.returncode == 0:
            assert out.read_bytes() == whole
        else:
            assert done.returncode == 1 and "out of memory" in done.stderr
            assert sorted(path.name for path in tmp_path.iterdir()) == ["count", "fail_nth.so"]
