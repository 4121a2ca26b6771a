"""flows: the lanes of several threads give the bytes of one, whatever the flows are made of."""

import json

import pytest

# More than what one thread takes before others are started: 8 batches of 2048 packets.
LEAST_PACKETS = 30000


@pytest.fixture(scope="module")
def many(run, shared):
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
                    for threads in (1, 2, 7)]
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
