"""flows: formats, choices, accounting, jobs, configuration, messages; against pandas and others."""

import csv
import io
import json
import os
import re
import sqlite3
import subprocess
import threading

import openpyxl
import pandas
import pytest

from captures import Ng, pcap
from flow_tables import apps, labelled, mixed, read_csv, table  # fixtures too
from kinds import of_each_kind
from surroundings import texts_of

CONFIG = {"label": "web", "activity_timeout": 5, "max_flow_duration": 100, "number_of_threads": 3}


# ---- formats ----


def test_formats_hold_the_same_table(run, tmp_path, labelled):
    for suffix in ("csv", "json", "jsonl", "xlsx", "sqlite", "csv.gz", "jsonl.zst"):
        run("flows", "-q", "-o", tmp_path / f"flows.{suffix}", labelled)
    text = {"sample_id": str, "metadata": str}
    frame = pandas.read_csv(tmp_path / "flows.csv", dtype=text, float_precision="round_trip")
    assert len(frame) > 20 and frame["packets"].sum() > 100
    assert (tmp_path / "flows.csv").read_bytes() == subprocess.run(
        ["gzip", "-dc", tmp_path / "flows.csv.gz"], check=True, capture_output=True
    ).stdout
    objects = json.loads((tmp_path / "flows.json").read_text())
    lines = [json.loads(line) for line in (tmp_path / "flows.jsonl").read_text().splitlines()]
    assert objects == lines and len(objects) == len(frame)
    sheet = openpyxl.load_workbook(tmp_path / "flows.xlsx").active
    cells = list(sheet.iter_rows(values_only=True))
    with sqlite3.connect(tmp_path / "flows.sqlite") as database:
        stored = list(database.execute("select * from flows"))
        names = [row[1] for row in database.execute("pragma table_info(flows)")]
    assert list(cells[0]) == names == list(frame.columns) == list(objects[0])
    for number, row in enumerate(objects):
        for column in ("packets", "bytes", "duration", "packet_length_mean", "metadata"):
            at = names.index(column)
            expected = frame[column][number]
            if expected != expected:  # NaN
                assert row[column] is cells[number + 1][at] is stored[number][at] is None
            else:
                assert row[column] == expected == stored[number][at]
                assert cells[number + 1][at] == pytest.approx(expected, rel=1e-14)


def test_sample_ids_are_text_in_every_json(run, label, repo, mixed, tmp_path):
    """JavaScript and jq read integers as doubles: 15974049630462094957 would become …095000."""
    capture = label(repo / "datasets/mixed/rules.csv", "-q", mixed).output
    known = {sample["sample_id"] for sample in
             json.loads(run("info", "--json", "--samples", capture).stdout)["sample_list"]}
    for profile in "labelcap", "nexusflowmeter", "netflowmeter":
        for suffix in "json", "jsonl":
            out = tmp_path / f"{profile}.{suffix}"
            run("flows", "-q", "--profile", profile, "-o", out, capture)
            text = out.read_text()
            rows = json.loads(text) if suffix == "json" else map(json.loads, text.splitlines())
            found = {row["sample_id"] for row in rows}
            assert found and found <= known and all(isinstance(one, str) for one in found)


def test_standard_output_is_csv(run, mixed):
    rows = list(csv.reader(io.StringIO(run("flows", "-q", mixed).stdout)))
    assert {len(row) for row in rows} == {len(rows[0])} and len(rows) > 20


def test_empty_capture_gives_a_header(run, tmp_path):
    (tmp_path / "empty.pcap").write_bytes(pcap([]))
    done = run("flows", tmp_path / "empty.pcap")
    assert done.stdout.startswith("sample_id,metadata,") and done.stdout.count("\n") == 1
    assert "0 flows of 0 packets" in done.stderr
    for profile in ("nexusflowmeter", "netflowmeter"):
        assert run("flows", "-q", "--profile", profile, tmp_path / "empty.pcap").stdout
    assert run("flows", "-q", "--profile", "pcap2json", tmp_path / "empty.pcap").stdout == ""
    compat = run("flows", "-q", "--profile", "netflowmeter", "--compat", tmp_path / "empty.pcap")
    assert compat.stdout == ""  # as the original


@pytest.mark.parametrize("kind", ["file", "gzip", "zstd", "device", "fifo", "standard input"])
def test_no_bytes_are_a_capture_without_packets(run, tmp_path, kind):
    path, closed = tmp_path / "nothing.pcap", None
    if kind == "fifo":
        os.mkfifo(path)
        closed = threading.Thread(target=lambda: open(path, "wb").close())
        closed.start()
    elif kind in ("gzip", "zstd"):
        pack = subprocess.run([kind, "-c"], input=b"", check=True, stdout=subprocess.PIPE)
        path.write_bytes(pack.stdout)
        assert path.stat().st_size > 0
    else:
        path.touch()
    operand = {"device": "/dev/null", "standard input": "-"}.get(kind, path)
    done = run("flows", operand, timeout=20)
    if closed:
        closed.join()
    assert done.stdout.startswith("sample_id,metadata,") and done.stdout.count("\n") == 1
    name = "standard input" if kind == "standard input" else str(operand)
    assert f"labelcap flows: warning: {name}: is empty\n" in done.stderr
    assert "0 flows of 0 packets in 1 input" in done.stderr


def test_a_few_bytes_are_no_capture(run):
    done = run("flows", "-", input="\xa1\xb2", check=False)
    assert done.returncode == 1 and "standard input: not a capture" in done.stderr


def test_sqlite_is_added_to(run, tmp_path, mixed):
    out = tmp_path / "flows.sqlite"
    run("flows", "-q", "-o", out, mixed)
    assert run("flows", "-o", out, mixed, check=False).returncode == 1
    run("flows", "-q", "--append", "-o", out, mixed)
    with sqlite3.connect(out) as database:
        count, distinct = database.execute(
            "select count(*), count(distinct start_ns || source_port) from flows"
        ).fetchone()
    assert count == 2 * len(table(run, mixed)) and distinct < count
    done = run("flows", "--append", "--columns", "packets", "-o", out, mixed, check=False)
    assert done.returncode == 1 and "column" in done.stderr


# ---- choices ----


def test_columns_are_chosen(run, mixed):
    whole = table(run, mixed)
    some = table(run, "--columns", "packets, protocol", mixed)
    assert some.equals(whole[["packets", "protocol"]])
    dropped = table(run, "--drop", "packets,protocol", mixed)
    assert dropped.equals(whole.drop(columns=["packets", "protocol"]))
    done = run("flows", "--columns", "packets,nonsense", mixed, check=False)
    assert done.returncode == 2 and "has no column 'nonsense' (labelcap flows" in done.stderr
    for option in ("--columns", "--drop"):
        done = run("flows", option, "packets,bites", mixed, check=False)
        assert done.returncode == 2 and "no column 'bites'; did you mean bytes?" in done.stderr
    for twice in ("packets", "source_file"):
        done = run("flows", "--merge", "--columns", f"{twice},{twice}", mixed, check=False)
        assert done.returncode == 2 and f"'{twice}' twice" in done.stderr
    named = table(run, "--merge", "--columns", "source_file,packets", mixed)
    assert list(named.columns) == ["source_file", "packets"]


def test_sequences_are_added(run, tmp_path, mixed):
    flows = table(run, "--packets", "3", "--payload", "4", mixed)
    assert len(set(flows.columns) - set(table(run, mixed).columns)) == 4
    assert all(len(row.split()) <= 3 for row in flows["packet_lengths"])
    assert max(len(row) for row in flows["payload"]) == 8
    run("flows", "-q", "--packets", "3", "-o", tmp_path / "flows.json", mixed)
    row = json.loads((tmp_path / "flows.json").read_text())[0]
    assert row["packet_lengths"] == list(map(int, flows["packet_lengths"][0].split()))


def test_number_format(run, mixed):
    exact = table(run, "--columns", "packet_length_mean", mixed)["packet_length_mean"]
    fixed = table(run, "--columns", "packet_length_mean", "--number-format", ".2f", mixed)
    assert [f"{float(value):.2f}" for value in exact] == list(fixed["packet_length_mean"])


def test_protocols_are_filtered(run, mixed):
    whole = table(run, mixed)
    assert table(run, "--protocols", "tcp", mixed).equals(
        whole[whole["protocol"] == "TCP"].reset_index(drop=True))
    both = table(run, "--protocols", "UDP,arp", mixed)
    assert set(both["protocol"]) == {"UDP", "ARP"} & set(whole["protocol"])
    dns = table(run, "--protocols", "dns", mixed)
    assert len(dns) and all("53" in ports for ports in
                            zip(dns["source_port"], dns["destination_port"]))
    assert run("flows", "--protocols", "tpc", mixed, check=False).returncode == 2


def test_largest_flows(run, mixed):
    whole = table(run, mixed)
    order = pandas.DataFrame({"packets": -whole["packets"].astype(int),
                              "start": whole["start_ns"].astype(int)})
    largest = table(run, "--max-flows", "5", mixed)
    wanted = sorted(order.sort_values(["packets", "start"], kind="stable").index[:5])
    assert largest.equals(whole.loc[wanted].reset_index(drop=True))


def test_preview(run, tmp_path, mixed):
    done = run("flows", "-q", "--preview", "3", mixed)
    lines = done.stdout.splitlines()
    assert len(lines) in (4, 5) and lines[0].split()[0] == "metadata"
    done = run("flows", "-q", "--preview", "2", "--columns", "protocol,packets", "-o",
               tmp_path / "flows.csv", mixed)
    assert [line.split() for line in done.stdout.splitlines()][0] == ["protocol", "packets"]
    assert len(read_csv((tmp_path / "flows.csv").read_text())) > 20


def test_a_preview_alone_writes_no_rows(run, tmp_path, mixed):
    few = ("flows", "--preview", "3", "--max-flows", "2", mixed)
    assert "written" not in run(*few).stderr
    assert "2 rows written" in run(*few, "-o", tmp_path / "flows.csv").stderr


def test_merge_names_the_source(run, apps):
    flows = table(run, "--merge", apps)
    assert set(flows["source_file"]) == {str(p.relative_to(apps)) for p in apps.rglob("*.pcap*")}


# ---- accounting ----


def test_every_packet_is_accounted_for(run, tmp_path, shared):
    """As many as capinfos counts: of some captures one by one, of all of them together."""
    captures = sorted((shared / "captures/protocols").glob("*.pcap*"))
    counted = subprocess.run(["capinfos", "-TrcM", *captures], capture_output=True, text=True, check=True)
    packets = [int(line.split("\t")[-1]) for line in counted.stdout.splitlines()]
    stats = tmp_path / "stats.json"
    for profile in (["labelcap"], ["netflowmeter"], ["netflowmeter", "--compat"]):
        for inputs, expected in [*zip(captures[::3], packets[::3]), (captures[0].parent, sum(packets))]:
            run("flows", "-q", "-f", "--profile", *profile, "--stats-json", stats, "-o",
                tmp_path / "out.csv", inputs, check=False)
            report = json.loads(stats.read_text())
            assert report["packets"] == report["in_flows"] + sum(report["skipped"].values())
            assert report["packets"] == expected, inputs
    assert expected > 1000


# ---- jobs ----


@pytest.mark.parametrize("options", [
    (), ("--per-label",), ("--per-input",), ("--profile", "pcap2json"), ("--max-flows", "3"),
    ("--format", "json"), ("--memory", "64k"), ("--rows-per-file", "7"),
    ("--max-flows", "6", "--per-label"), ("--profile", "pcap2json", "--rows-per-file", "1"),
    ("--join",), ("--join", "--per-sample"), ("--join", "--profile", "nexusflowmeter"),
    ("--join", "--profile", "netflowmeter", "--idle-timeout", "0.1"),
])
def test_any_number_of_jobs_gives_the_same_bytes(run, tmp_path, apps, options):
    def outputs(jobs):
        out = tmp_path / f"out{jobs}"
        report, stats = tmp_path / f"report{jobs}", tmp_path / f"stats{jobs}"
        done = run("flows", "--jobs", jobs, *options, "--report", report, "--stats-json", stats,
                   "--preview", "5", "-o", out, apps)
        files = sorted(tmp_path.glob(f"out{jobs}*")) if not out.is_dir() else sorted(out.iterdir())
        return [(path.name.removeprefix(out.name), path.read_bytes()) for path in files] + [
            report.read_bytes(), stats.read_bytes(), done.stdout, done.stderr]

    one = outputs(1)
    assert outputs(2) == one and outputs(7) == one


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_full_disk_is_told_whoever_writes(run, mixed, jobs):
    done = run("flows", "-q", "--jobs", jobs, "-o", "/dev/full", mixed, check=False)
    assert done.returncode == 1
    assert done.stderr == "labelcap flows: /dev/full: cannot write: No space left on device\n"


# ---- configuration, messages ----


def test_configuration_of_netflowmeter(run, tmp_path, mixed):
    out = tmp_path / "from-config.csv"
    config = CONFIG | {"pcap_file_address": str(mixed), "output_file_address": str(out),
                       "floating_point_unit": ".3f",
                       "features_ignore_list": ["Duration", "fwd_packets_count"],
                       "writer_min_rows": 3}
    (tmp_path / "config.json").write_text(json.dumps(config))
    base = ("flows", "-q", "--profile", "netflowmeter", "--compat")
    run(*base, "--config", tmp_path / "config.json")
    implied = tmp_path / "implied.csv"
    run("flows", "-q", "--compat", "--config", tmp_path / "config.json", "-o", implied)
    assert implied.read_bytes() == out.read_bytes()
    expected = run(*base, "--label", "web", "--idle-timeout", "5", "--active-timeout", "100",
                   "--number-format", ".3f", "--drop", "duration,FwdPacketsCount", mixed).stdout
    assert out.read_bytes().decode() == expected.replace("\r\n", "\n").replace("\n", "\r\n")
    (tmp_path / "config.json").write_text('{"features_ignore_list": ["duration", "PacketCount"]}')
    done = run(*base, "--config", tmp_path / "config.json", mixed, check=False)
    assert done.returncode == 1 and ("config.json: \"features_ignore_list\": profile netflowmeter has "
                                     "no column 'PacketCount'; did you mean PacketsCount?") in done.stderr
    (tmp_path / "config.json").write_text('{"label": "x", "lable": "y"}')
    done = run(*base, "--config", tmp_path / "config.json", mixed, check=False)
    assert done.returncode == 1 and 'unknown setting "lable"' in done.stderr
    (tmp_path / "config.json").write_text('{"label": ')
    done = run(*base, "--config", tmp_path / "config.json", mixed, check=False)
    assert done.returncode == 1 and f"{tmp_path / 'config.json'}:1:" in done.stderr


@pytest.mark.parametrize("key, value, expected, found", [
    ("label", 5, "a string", "5"),
    ("label", None, "a string", "null"),
    ("pcap_file_address", ["a"], "a string", '["a"]'),
    ("activity_timeout", "240", "a number", '"240"'),
    ("activity_timeout", -1, "seconds from 0 to 9000000000", "-1"),
    ("max_flow_duration", 1e300, "seconds from 0 to 9000000000", "1e300"),
    ("number_of_threads", 0, "a whole number from 1 to 256", "0"),
    ("number_of_threads", 257, "a whole number from 1 to 256", "257"),
    ("number_of_threads", 2.5, "a whole number from 1 to 256", "2.5"),
    ("max_rows_number", True, "a number", "true"),
    ("floating_point_unit", "4f", "a number format such as .4f", '"4f"'),
    ("features_ignore_list", "duration", "a list of strings", '"duration"'),
    ("features_ignore_list", ["duration", {"a": 1}], "a list of strings", '{"a":1}'),
    ("label", {"a": "x" * 500}, "a string", '{"a":"xxx'),
])
def test_faults_of_a_configuration_name_key_and_value(run, tmp_path, mixed, key, value, expected,
                                                      found):
    (tmp_path / "config.json").write_text(json.dumps({"writer_min_rows": 1, key: value}))
    done = run("flows", "--config", "config.json", mixed, cwd=tmp_path, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    line = f'labelcap flows: config.json: "{key}": expected {expected}, found {found}'
    assert done.stderr.startswith(line) and done.stderr.count("\n") == 1
    assert len(done.stderr) < len(line) + 128


def test_messages_go_to_a_log_file_too(run, tmp_path, mixed):
    log = tmp_path / "log"
    done = run("flows", "-v", "--log-file", log, mixed)
    assert log.read_text() == done.stderr and str(mixed) in done.stderr
    assert run("flows", "-v", "-q", "--log-file", log, mixed).stderr == ""
    assert log.read_text() == 2 * done.stderr


@pytest.mark.parametrize("options, message", [
    ((), "no INPUT given"),
    (("--profile", "x", "IN"), "unknown profile 'x' (labelcap flows --list-profiles lists them)"),
    (("--profile", "netflowmetre", "IN"),
     "unknown profile 'netflowmetre'; did you mean netflowmeter?"),
    (("--compat", "IN"), "--compat needs a --profile"),
    (("--per-label", "--per-input", "IN"), "--per-input cannot be used with --per-label"),
    (("--per-label", "IN"), "need -o DIR"),
    (("--format", "xlsx", "IN"), "need -o FILE"),
    (("--profile", "pcap2json", "--format", "csv", "IN"), "are JSON"),
    (("--profile", "netflowmeter", "--packets", "2", "IN"), "--packets needs --profile labelcap"),
    (("--profile", "netflowmeter", "--detail", "IN"), "--detail needs --profile pcap2json"),
    (("--profile", "pcap2json", "--merge", "IN"), "no columns"),
    (("--rows-per-file", "5", "IN"), "--rows-per-file needs -o FILE"),
    (("--preview", "5", "-o", "-", "IN"), "standard output: the table and --preview would both be written to it"),
    (("-o", "x.xlsx.gz", "IN"), "cannot be compressed"),
    (("--xlsx-split", "IN"), "--xlsx-split needs --format xlsx"),
    (("--xlsx-split", "--rows-per-file", "5", "-o", "x.xlsx", "IN"), "--rows-per-file cannot be used with --xlsx-split"),
    (("--name", "x", "IN"), "--name needs --per-sample, --per-label, --per-protocol or -i DIR"),
    (("-n", "x", "--per-input", "-i", "d", "-o", "d"), "-n cannot be used with --per-input"),
    (("--join", "--merge", "IN"),
     "--join cannot be used with --merge: --join makes the inputs one capture"),
    (("--unidirectional", "-s", "IN"), "--unidirectional cannot be used with -s"),
    (("--classes", "d", "IN"), "--classes cannot be used with INPUT: DIR is the input"),
    (("--append", "-o", "x.csv", "IN"), "--append needs --format sqlite"),
    (("--json", "IN"), "--json needs -o FILE: otherwise the rows go to standard output"),
    (("--json", "--preview", "5", "IN"), "--json needs -o FILE"),
    (("--json", "-o", "-", "IN"), "standard output: the table and --json would both be written"),
    (("--json", "--stats-json", "x", "-o", "y", "IN"), "--json cannot be used with --stats-json"),
    (("--profile", "pcap2json", "--compat", "--idle-timeout", "5", "IN"), "time-outs"),
    (("--number-format", "4f", "IN"), "4f"),
    (("--profile", "pcap2json", "--number-format", ".4f", "IN"), "no real numbers"),
    (("--profile", "pcap2json", "--compat", "--label", "x", "IN"), "--label"),
    (("--profile", "nexusflowmeter", "--compat", "--label", "x", "IN"), "--label"),
    (("--jobs", "2", "--max-flows-in-memory", "5", "IN"),
     "--max-flows-in-memory cannot be used with several --threads"),
    (("--columns", "a", "--drop", "b", "IN"), "--columns cannot be used with --drop"),
    (("--profile", "labelcap", "--config", "x", "IN"), "--config needs --profile netflowmeter"),
    (("--columns", "packets,packet_lengths", "IN"), "'packet_lengths', which needs --packets"),
    (("--columns", "payload", "--packets", "3", "IN"), "'payload', which needs --payload"),
    (("-j", "257", "IN"), "--threads: expected a whole number from 1 to 256, found '257'"),
    (("--packets", "65536", "IN"), "--packets: expected a whole number from 1 to 65535, found '65536'"),
    (("--list-profiles", "IN"), "--list-profiles cannot be used with INPUT"),
    (("--describe", "labelcap", "IN"), "--describe cannot be used with INPUT"),
    (("--describe", "labelcap", "-o", "x.md"), "--describe cannot be used with -o"),
    (("--describe", "labelcap", "--list-profiles"), "--list-profiles cannot be used with --describe"),
])
def test_what_makes_no_sense_is_refused(run, mixed, options, message):
    words = [str(mixed) if word == "IN" else word for word in options]
    done = run("flows", *words, check=False)
    assert done.returncode == 2 and message in done.stderr


def test_counts_are_from_1_on(run, mixed):
    page = run("flows", "--help").stdout
    counts = re.findall(r"--([a-z-]+) N ", page)
    assert {"threads", "packets", "payload", "max-flows", "max-flows-in-memory", "preview",
            "rows-per-file"} == set(counts)
    for name in counts:
        done = run("flows", f"--{name}", "0", mixed, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert re.search(rf"--{name}: expected a whole number (of at least 1|from 1 to \d+), found '0'", done.stderr)


def test_failures_leave_no_output(run, tmp_path, mixed):
    out = tmp_path / "flows.csv"
    done = run("flows", "-o", out, tmp_path / "missing.pcap", check=False)
    assert done.returncode == 1 and "missing.pcap" in done.stderr and not out.exists()
    (tmp_path / "text.txt").write_text("no capture")
    done = run("flows", "-o", out, tmp_path / "text.txt", check=False)
    assert done.returncode == 1 and not out.exists()
    out.write_text("mine")
    done = run("flows", "-o", out, mixed, check=False)
    assert done.returncode == 1 and out.read_text() == "mine"
    assert run("flows", "-o", "/dev/full", mixed, check=False).returncode == 1
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_damage_keeps_what_came_before(run, tmp_path, mixed):
    data = mixed.read_bytes()
    (tmp_path / "cut.pcap").write_bytes(data[: len(data) * 2 // 3])
    out = tmp_path / "flows.csv"
    done = run("flows", "-o", out, tmp_path / "cut.pcap", mixed, check=False)
    assert done.returncode == 1 and "cut.pcap" in done.stderr
    whole = len(table(run, mixed))
    assert whole < len(read_csv(out.read_text())) < 2 * whole


def test_malformed_captures(run, tmp_path, shared):
    """Some of each kind by themselves with profiles in turn, and all together with each profile."""
    stats = tmp_path / "stats.json"
    profiles = [["labelcap"], *([profile, *compat] for profile in ("nexusflowmeter", "netflowmeter", "pcap2json")
                                for compat in ((), ("--compat",)))]
    folder = shared / "captures/malformed"
    captures = of_each_kind(folder.rglob("*"))
    assert len(captures) > 60
    for number, capture in enumerate([*captures, *[folder] * len(profiles)]):
        stats.unlink(missing_ok=True)
        done = run("flows", "-q", "-f", "--profile", *profiles[number % len(profiles)], "--stats-json", stats,
                   "-o", tmp_path / "out.json", "--format", "jsonl", capture, check=False)
        assert done.returncode in (0, 1), (capture, done.stderr)
        if stats.exists():
            report = json.loads(stats.read_text())
            assert report["packets"] == report["in_flows"] + sum(report["skipped"].values())


def test_profiles_are_listed_and_described(run):
    names = [line.split()[0] for line in run("flows", "--list-profiles").stdout.splitlines()]
    assert names == ["labelcap", "nexusflowmeter", "netflowmeter", "pcap2json"]
    for name in names:
        page = run("flows", "--describe", name).stdout
        assert page.startswith(f"# Profile `{name}`\n")
    assert run("flows", "--describe", "x", check=False).returncode == 2


def test_pages_of_the_profiles_are_current(run, repo):
    """`make docs` writes them anew."""
    for name in ("labelcap", "nexusflowmeter", "netflowmeter", "pcap2json"):
        assert (repo / f"docs/profiles/{name}.md").read_text() == run(
            "flows", "--describe", name).stdout, name


def test_columns_of_the_table_are_those_described(run, mixed):
    for name in ("labelcap", "nexusflowmeter", "netflowmeter"):
        page = run("flows", "--describe", name).stdout
        described = [line[5:-1] for line in page.splitlines() if line.startswith("### `")]
        all_of_them = ("--packets", "1", "--payload", "1") if name == "labelcap" else ()
        header = run("flows", "-q", *all_of_them, "--profile", name, mixed).stdout.splitlines()[0]
        assert header.split(",") == described


def test_python_example_of_the_readme(run, repo, apps, tmp_path):
    """The table goes into scikit-learn as it is, and no fold tests a sample that it was trained on."""
    pytest.importorskip("sklearn")
    example = re.search(r"```python\n(.*?)```", (repo / "README.md").read_text(), re.S)[1]
    run("label", "-q", "-L", apps / "labels.csv", "-W", tmp_path / "labelled.pcapng", apps)
    run("flows", "-q", tmp_path / "labelled.pcapng", "-o", tmp_path / "flows.csv")
    example += """
samples = flows["sample_id"]
for trained, tested in folds.split(features, flows["metadata"], groups=samples):
    assert not set(samples[trained]) & set(samples[tested])
"""
    done = subprocess.run(["/usr/bin/python3", "-c", example], cwd=tmp_path, check=True,
                          capture_output=True, text=True, timeout=300)
    assert 0.5 < float(done.stdout) < 0.9


def test_unknown_types_are_named(run, tmp_path):
    """By number and name, as the registries have them."""
    lldp, odd = bytes(12) + b"\x88\xcc" + bytes(46), bytes(12) + b"\x47\x11" + bytes(46)
    ng = Ng().interface().interface(linktype=147).interface(linktype=999)
    for number, (data, interface) in enumerate([(lldp, 0), (b"x" * 60, 1), (odd, 0), (lldp, 0),
                                                (b"x" * 60, 2), (b"x" * 60, 1)]):
        ng.packet(data, number * 10**6, interface=interface)
    capture = tmp_path / "in.pcapng"
    capture.write_bytes(bytes(ng))
    both = tmp_path / "both"
    both.mkdir()
    for name in "ab":
        (both / name).write_bytes(bytes(ng))
    for factor, source in (1, capture), (2, both):
        done = run("flows", "-f", "-o", tmp_path / "flows.csv", "--stats-json", tmp_path / "stats.json", "-f",
                   source)
        assert (f"{3 * factor} packets left out: unknown link type: {2 * factor} of link type 147 "
                f"(USER0), {factor} of link type 999 (LINKTYPE_999)\n") in done.stderr
        assert (f"{3 * factor} packets left out: neither IP nor ARP: {2 * factor} of Ethernet type "
                f"0x88cc (LLDP), {factor} of Ethernet type 0x4711\n") in done.stderr
        stats = json.loads((tmp_path / "stats.json").read_text())
        assert stats["unknown_types"] == [
            {"kind": "ether_type", "number": 0x88cc, "name": "LLDP", "packets": 2 * factor},
            {"kind": "link_type", "number": 147, "name": "USER0", "packets": 2 * factor},
            {"kind": "ether_type", "number": 0x4711, "name": None, "packets": factor},
            {"kind": "link_type", "number": 999, "name": "LINKTYPE_999", "packets": factor}]
        assert any("LLDP" in finding["text"] for finding in stats["findings"])


def test_the_run_goes_on_after_damage(run, tmp_path):
    whole = bytes(Ng().interface().packet(b"x" * 60, 1).packet(b"x" * 60, 2))
    (tmp_path / "in.pcapng").write_bytes(whole[:-7])
    said = "1 input damaged: the run went on with what comes before the damage"
    for words in (["flows", "-o", "flows.csv"], ["sort", "-o", "sorted.pcapng"],
                  ["strip", "-o", "plain.pcap"], ["split", "-o", "samples"]):
        done = run(*words, "--json", "in.pcapng", cwd=tmp_path, check=False)
        assert done.returncode == 1 and f"labelcap {words[0]}: warning: {said}\n" in done.stderr
        assert said in texts_of(json.loads(done.stdout)["findings"])
    done = run("info", "--json", "in.pcapng", cwd=tmp_path, check=False)
    assert any("damaged" in finding["text"] for finding in json.loads(done.stdout)["findings"])


@pytest.mark.parametrize("profile, name, meant", [
    ("netflowmeter", "Fwd Pkt Len Max", "fwd_payload_bytes_max"),
    ("netflowmeter", "Flow IAT Mean", "packets_IAT_mean"),
    ("netflowmeter", "SYN Flag Cnt", "syn_flag_counts"),
    ("nexusflowmeter", "Average Packet Size", "avg_packet_size"),
    ("labelcap", "Dst Port", "destination_port"),
    ("labelcap", "xyz", None)])
def test_columns_of_other_flow_meters(run, mixed, profile, name, meant):
    """The names of CICFlowMeter are those that most know."""
    said = run("flows", "--profile", profile, "--columns", name, mixed, check=False).stderr
    assert (f"; did you mean {meant}?" if meant else "lists them") in said
