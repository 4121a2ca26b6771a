"""flows: formats, layouts, labels, choices, jobs, accounting; against pandas and others."""

import csv
import io
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import threading

import openpyxl
import pandas
import pytest

from captures import RAW, Ng, pcap
from disks import small_disk
from labels import capinfos

CONFIG = {"label": "web", "activity_timeout": 5, "max_flow_duration": 100, "number_of_threads": 3}


def udp(source, destination, payload=b"x", ports=(1000, 2000)):
    """A raw IPv4 packet with UDP; the checksums are 0, nobody looks at them."""
    length = 8 + len(payload)
    head = bytes([0x45, 0, *(20 + length).to_bytes(2, "big"), 0, 0, 0, 0, 64, 17, 0, 0])
    head += bytes(map(int, source.split("."))) + bytes(map(int, destination.split(".")))
    return head + b"".join(n.to_bytes(2, "big") for n in (*ports, length, 0)) + payload


def table(run, *args, **kwargs):
    """What flows writes to standard output, as a pandas table of texts."""
    return read_csv(run("flows", "-q", *args, **kwargs).stdout)


def read_csv(text):
    return pandas.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def mixed(repo):
    return repo / "datasets/mixed/mixed.pcap"


@pytest.fixture(scope="module")
def apps(repo):
    return repo / "datasets/apps"


@pytest.fixture
def labelled(label, repo, mixed):
    return label(repo / "datasets/mixed/rules.csv", "-q", "--keep-unmatched", mixed).output


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


# ---- labels ----


def test_rows_carry_their_labels(run, label, tmp_path, mixed):
    rules = "BPF:udp port 53,dns,group1\nBPF:tcp,\"other, tcp\"\n"
    capture = label(rules, "-q", "--keep-unmatched", mixed).output
    flows = table(run, capture)
    by_label = {label: set(rows["protocol"]) for label, rows in flows.groupby("metadata")}
    assert by_label["dns"] == {"UDP"} and by_label["other, tcp"] == {"TCP"}
    assert set(flows[flows["metadata"] == "dns"]["sample_id"]) == {"6848942292823701314"}
    assert set(flows[flows["metadata"] == ""]["sample_id"]) == {""}
    info = json.loads(run("info", "--json", capture).stdout)
    packets = flows.assign(n=flows["packets"].astype(int)).groupby("metadata")["n"].sum()
    assert {item["metadata"]: item["packets"] for item in info["labels"]} == {
        name: count for name, count in packets.items() if name
    }


def test_a_flow_never_crosses_samples(run, tmp_path):
    ng = Ng().interface(linktype=RAW)
    for time, comment in enumerate(["1,a", "1,a", "2,b", "2,b", "1,a"]):
        ng.packet(udp("10.0.0.1", "10.0.0.2"), time, [comment])
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    flows = table(run, tmp_path / "in.pcapng")
    assert sorted(zip(flows["sample_id"], flows["metadata"], flows["packets"])) == [
        ("1", "a", "3"),
        ("2", "b", "2"),
    ]


def features(tables):
    """Rows without what the place of a flow decides: its label, and whether the capture ends it."""
    table = pandas.concat(tables).drop(columns=["sample_id", "metadata", "end_reason"])
    return sorted(map(tuple, table.to_numpy()))


@pytest.mark.parametrize("turned", [False, True])
def test_flows_do_not_depend_on_the_samples_before(run, label, shared, tmp_path, turned):
    """Captures of other years, one of which goes back in time: rows are those of each alone."""
    captures = sorted((shared / "captures/apps/ipsec").glob("*.pcap"), reverse=turned)
    (tmp_path / "in").mkdir()
    for number, path in enumerate(captures):
        shutil.copy(path, tmp_path / f"in/{number}.pcap")
    rules = "".join(f"FILE:{number}.pcap,{number}\n" for number in range(len(captures)))
    together = table(run, label(rules, "-q", tmp_path / "in").output)
    alone = features(table(run, path) for path in captures)
    assert len(alone) > 100 and features([together]) == alone
    assert together["sample_id"].nunique() == len(captures)


@pytest.mark.parametrize("turned", [False, True])
def test_the_same_traffic_a_day_before_makes_flows_of_its_own(run, shared, tmp_path, turned):
    captures = [shared / "peers/inputs/ftp.pcap", tmp_path / "before.pcap"]
    subprocess.run(["editcap", "-F", "pcap", "-t", "-86400", *captures], check=True)
    together = table(run, "--join", *captures[::-1 if turned else 1])
    alone = features(table(run, path) for path in captures)
    assert len(alone) == 6 and features([together]) == alone


def test_a_directory_without_captures(run, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/README").write_text("nothing to see")
    done = run("flows", tmp_path / "in")
    assert len(done.stdout.splitlines()) == 1
    assert "warning: there was no capture in what was given" in done.stderr


def test_an_ending_that_is_no_format(run, tmp_path, mixed):
    done = run("flows", "-o", tmp_path / "x.parquet", mixed)
    assert "x.parquet: is written as CSV; --format or another ending chooses" in done.stderr
    assert "is written as" not in run("flows", "-o", tmp_path / "x.csv.gz", mixed).stderr
    assert "is written as" not in run("flows", "-o", "/dev/null", mixed).stderr


def test_labels_that_are_no_utf8(run, tmp_path):
    ng = Ng().interface(linktype=RAW)
    for time, comment in enumerate([b"2,\xff\xfe x", b"2,\xff\xfe x", "3,h\xe9".encode()]):
        ng.packet(udp("10.0.0.1", "10.0.0.2"), time, [comment])
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    expected = {("2", "\ufffd\ufffd x", "2"), ("3", "h\xe9", "1")}
    for profile in ("labelcap", "nexusflowmeter"):
        out = tmp_path / f"{profile}.csv"
        run("flows", "-q", "--profile", profile, "-o", out, tmp_path / "in.pcapng")
        flows = pandas.read_csv(out, dtype=str)  # as UTF-8, or not at all
        count = "packets" if profile == "labelcap" else "total_packets"
        assert set(zip(flows["sample_id"], flows["metadata"], flows[count])) == expected
    run("flows", "-q", "-o", tmp_path / "flows.jsonl", tmp_path / "in.pcapng")
    lines = map(json.loads, (tmp_path / "flows.jsonl").read_text("utf-8").splitlines())
    assert {line["metadata"] for line in lines} == {"\ufffd\ufffd x", "h\xe9"}


@pytest.mark.parametrize("profile", ["labelcap", "netflowmeter", "nexusflowmeter"])
def test_label_option_is_for_packets_without_one(run, label, mixed, profile):
    capture = label("BPF:udp port 53,dns\n", "-q", "--keep-unmatched", mixed).output
    flows = table(run, "--profile", profile, "--label", "rest", capture)
    assert set(flows["metadata"]) == {"dns", "rest"}
    assert set(flows[flows["metadata"] == "rest"]["sample_id"]) == {""}


def test_directories_are_classes(run, tmp_path, apps):
    flows = table(run, "--classes", apps)
    names = sorted(path.name for path in apps.iterdir() if path.is_dir())
    assert sorted(set(flows["metadata"])) == names
    run("flows", "-q", "-i", apps, "-n", "app", "-o", tmp_path / "out")
    files = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert files == [f"app_{name}.csv" for name in names]
    rows = [read_csv((tmp_path / "out" / file).read_text()) for file in files]
    assert sum(map(len, rows)) == len(flows)
    assert [set(part["metadata"]) for part in rows] == [{name} for name in names]


def test_classes_are_numbered_as_pcap2json_does(run, tmp_path, mixed):
    """Each has its file: one without captures, and one whose captures have no row, an empty one."""
    for folder in ("a", "b", "c", "d"):
        (tmp_path / "in" / folder).mkdir(parents=True)
    for folder in ("a", "c"):
        shutil.copy(mixed, tmp_path / "in" / folder)
    arp = pcap([(b"\2" * 12 + b"\x08\x06" + bytes(28), 0)])
    (tmp_path / "in/d/arp.pcap").write_bytes(arp)
    (tmp_path / "in/d/notes.txt").write_text("no capture")
    command = ("flows", "-q", "--profile", "pcap2json", "--compat", "-i", tmp_path / "in", "-n", "N")
    run(*command, "-o", tmp_path / "out")
    sizes = {path.name: path.stat().st_size for path in (tmp_path / "out").iterdir()}
    assert sorted(sizes) == ["N0.json", "N1.json", "N2.json", "N3.json"]
    assert sizes["N0.json"] == sizes["N2.json"] > sizes["N1.json"] == sizes["N3.json"] == 0
    shutil.copy(mixed, tmp_path / "in")
    done = run(*command, "-f", "-o", tmp_path / "out", check=False)
    assert done.returncode == 1 and "lies in no directory" in done.stderr
    (tmp_path / "in/mixed.pcap").write_text("no capture")
    run(*command, "-o", tmp_path / "beside")
    assert {path.name: path.stat().st_size for path in (tmp_path / "beside").iterdir()} == sizes


@pytest.mark.parametrize("mode", [[], ["--compat"]])
def test_report_of_pcap2json_counts_packets_without_payload_too(run, tmp_path, mixed, mode):
    run("flows", "-q", "--profile", "pcap2json", *mode, "-o", tmp_path / "o.json", "--report",
        tmp_path / "r.txt", "--stats-json", tmp_path / "s.json", mixed)
    stats = json.loads((tmp_path / "s.json").read_text())
    report = (tmp_path / "r.txt").read_text()
    if mode:
        mean = float(re.search(r"Avg packets/flow: +([\d.]+)", report)[1])
        assert mean == pytest.approx(stats["in_flows"] / stats["flows"], abs=0.051)
    else:
        protocols = report[report.index("Protocols"):report.index("Of a flow")]
        packets = re.findall(r"%\s+([\d,]+)\s", protocols)
        assert sum(int(count.replace(",", "")) for count in packets) == stats["in_flows"]


# ---- layouts ----


def test_a_file_for_each_part(run, tmp_path, labelled):
    whole = table(run, labelled)
    for option, column in (("--per-label", "metadata"), ("--per-protocol", "protocol"),
                           ("--per-sample", "sample_id")):
        out = tmp_path / option
        run("flows", "-q", option, "-o", out, labelled)
        parts = [read_csv(path.read_text()) for path in sorted(out.iterdir())]
        assert all(len(set(part[column])) == 1 for part in parts)
        assert len(parts) == len(set(whole[column])) > 2
        assert sorted(map(tuple, pandas.concat(parts).values)) == sorted(map(tuple, whole.values))


def test_a_file_for_each_input(run, tmp_path, apps):
    run("flows", "-q", "--per-input", "-o", tmp_path / "out", apps)
    captures = [path for path in apps.rglob("*.pcap*")]
    assert len(list((tmp_path / "out").iterdir())) == len(captures) > 10
    total = sum(len(read_csv(path.read_text())) for path in (tmp_path / "out").iterdir())
    assert total == len(table(run, apps))


def test_standard_input_has_a_name(run, tmp_path, mixed):
    run("flows", "-q", "--per-input", "-o", tmp_path / "o", "-", stdin=open(mixed, "rb"))
    assert [path.name for path in (tmp_path / "o").iterdir()] == ["stdin_flows.csv"]


def test_equal_names_do_not_overwrite_each_other(run, tmp_path, mixed):
    for name in ("a.pcap", "a.cap"):
        shutil.copy(mixed, tmp_path / name)
    run("flows", "-q", "--per-input", "-o", tmp_path / "out", tmp_path / "a.pcap", tmp_path / "a.cap")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["a_flows-2.csv", "a_flows.csv"]


def test_inputs_of_one_name_stay_apart(run, tmp_path, mixed):
    for folder in ("d1", "d2"):
        (tmp_path / folder).mkdir()
        shutil.copy(mixed, tmp_path / folder / "a.pcap")
    inputs = ["d1/a.pcap", "d2/a.pcap"]
    run("flows", "-q", "--per-input", "-o", "out", *inputs, cwd=tmp_path)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "d1_a_flows.csv", "d2_a_flows.csv"]
    assert set(table(run, "--merge", *inputs, cwd=tmp_path)["source_file"]) == set(inputs)


def test_many_labels_that_look_alike(run, tmp_path):
    ng = Ng().interface(linktype=RAW)
    for number in range(3000):
        ng.packet(udp("10.0.0.1", "10.0.0.2"), number, [f"{number},{'?' * (number % 50)}"])
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    run("flows", "-q", "--per-label", "-o", tmp_path / "out", tmp_path / "in.pcapng", timeout=20)
    assert len(list((tmp_path / "out").iterdir())) == 50


def test_outputs_do_not_replace_each_other_or_inputs(run, tmp_path, mixed):
    capture = tmp_path / "in.pcap"
    shutil.copy(mixed, capture)
    for option in ("--report", "--stats-json", "--log-file"):
        done = run("flows", "-f", option, capture, "-o", tmp_path / "x.csv", capture, check=False)
        assert done.returncode == 1 and "is an input" in done.stderr
        assert capture.read_bytes() == mixed.read_bytes()
        done = run("flows", "-f", option, tmp_path / "x.csv", "-o", tmp_path / "x.csv", capture,
                   check=False)
        both = f"{tmp_path / 'x.csv'}: the table and {option} would both be written to it"
        assert done.returncode == 2 and both in done.stderr


@pytest.mark.parametrize("place, options", [
    ("standard output", ["--stats-json", "-"]),
    ("standard output", ["--report", "-", "-o", "-"]),
    ("standard output", ["--report", "-", "-o", "x.csv", "--stats-json", "-"]),
    ("/dev/stdout", ["--preview", "2", "-o", "x.csv", "--stats-json", "/dev/stdout"]),
    ("standard output", ["--preview", "2", "--report", "-"]),
    ("/dev/stdout", ["-o", "/dev/stdout", "--stats-json", "-"]),
    ("x.csv", ["-o", "x.csv", "--report", "./x.csv"]),
    ("x.csv", ["-o", "x.csv", "--stats-json", "out/../x.csv"]),
    ("out/in_flow_report.txt", ["-o", "out/in_flow_report.txt", "--report", "out"]),
    ("out/in_flow_report.txt", ["--stats-json", "out/in_flow_report.txt", "--report", "out"]),
    ("out/flows_udp.csv", ["--per-protocol", "-o", "out", "--report", "out/flows_udp.csv"]),
    ("f-2.csv", ["--rows-per-file", "10", "-o", "f.csv", "--stats-json", "f-2.csv"]),
    ("f-3.csv", ["--rows-per-file", "10", "-o", "f.csv", "--stats-json", "f-3.csv"]),
])
def test_no_two_outputs_share_a_place(run, tmp_path, mixed, place, options):
    """Under whatever name, also with -f, and also where the name comes from the data."""
    shutil.copy(mixed, tmp_path / "in.pcap")
    (tmp_path / "out").mkdir()
    done = run("flows", "-f", *options, "in.pcap", cwd=tmp_path, check=False)
    assert done.returncode in (1, 2) and "would both be written to it" in done.stderr
    assert done.stderr.startswith(f"labelcap flows: {place}: ") and list(
        (tmp_path / "out").iterdir()) == []


def test_a_report_may_lie_among_the_parts(run, tmp_path, mixed):
    run("flows", "-q", "--per-protocol", "-o", tmp_path / "out", "--report",
        f"{tmp_path}/out/", mixed)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"mixed_flow_report.txt", "flows_udp.csv"} < names


def test_parts_do_not_replace_inputs(run, tmp_path, mixed):
    shutil.copy(mixed, tmp_path / "flows_udp.csv")
    done = run("flows", "-f", "--per-protocol", "-o", tmp_path, tmp_path / "flows_udp.csv",
               check=False)
    assert done.returncode == 1 and "flows_udp.csv is an input" in done.stderr
    assert (tmp_path / "flows_udp.csv").read_bytes() == mixed.read_bytes()


def test_names_are_escaped_for_people(run, tmp_path, mixed):
    name = "a\n\x1b[31mb.pcap"
    shutil.copy(mixed, tmp_path / name)
    done = run("flows", "-v", "-o", "x.csv", "--report", "-", name, cwd=tmp_path)
    assert "source   a\\n\\x1b[31mb.pcap\n" in done.stdout
    assert "flows: a\\n\\x1b[31mb.pcap: 916 packets\n" in done.stderr
    preview = run("flows", "--merge", "--preview", "1", "--columns", "source_file", name, cwd=tmp_path)
    assert not {"\x1b"} & set(done.stdout + done.stderr + preview.stdout)


def test_places_that_cannot_be_written_are_named(run, tmp_path, mixed):
    (tmp_path / "file").touch()
    for options, message in (
            (["--tmpdir", "nodir"], "--tmpdir: nodir: cannot create a temporary file in it"),
            (["--tmpdir", "file"], "--tmpdir: file: cannot create a temporary file in it"),
            (["--tmpdir", ""], "--tmpdir: : cannot create a temporary file in it"),
            (["--log-file", ""], "--log-file '' is not the name of a file"),
            (["--log-file", "nodir/x"], "nodir/x: cannot write messages"),
            (["-o", ""], "'' is not the name of a file"),
            (["-o", "nodir/x.csv"], "nodir: cannot create a file in it"),
            (["-o", "."], ".: is a directory, not a file"),
            (["--per-input", "-o", "file"], "file: exists, and is no directory")):
        done = run("flows", *options, mixed, cwd=tmp_path, check=False)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(f"labelcap flows: {message}") and "\n" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    noted = run("flows", "-q", "-v", "--log-file", "-", "-o", "x.csv", mixed, cwd=tmp_path)
    assert "68 flows" in noted.stdout


def test_outputs_are_tried_before_the_run(run, tmp_path, mixed):
    for option in ("--report", "--stats-json"):
        for path in (tmp_path / "nowhere/r", tmp_path / "there"):
            (tmp_path / "there").write_text("mine")
            done = run("flows", option, path, "-o", tmp_path / "x.csv", mixed, check=False)
            where = path.parent if path.name == "r" else path
            assert done.returncode == 1 and str(where) in done.stderr
            assert not (tmp_path / "x.csv").exists()
    assert (tmp_path / "there").read_text() == "mine"


def test_names_from_data_stay_in_the_directory(run, tmp_path):
    ng = Ng().interface(linktype=RAW)
    for time, comment in enumerate(["1,../../evil", "2,/etc/passwd", "3,..", "4,", "5,a/b"]):
        ng.packet(udp("10.0.0.1", "10.0.0.2"), time, [comment])
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    run("flows", "-q", "--per-label", "-o", tmp_path / "out", tmp_path / "in.pcapng")
    assert {path.name for path in tmp_path.iterdir()} == {"in.pcapng", "out"}
    assert len(list((tmp_path / "out").iterdir())) == 5


def test_rows_per_file(run, tmp_path, mixed):
    whole = table(run, mixed)
    run("flows", "-q", "--rows-per-file", "10", "-o", tmp_path / "flows.csv", mixed)
    parts = [read_csv((tmp_path / name).read_text())
             for name in ("flows.csv", *(f"flows-{n}.csv" for n in range(2, 2 + len(whole) // 10)))]
    assert [len(part) for part in parts[:-1]] == [10] * (len(parts) - 1)
    assert pandas.concat(parts, ignore_index=True).equals(whole)


def test_a_later_file_that_is_there_ends_the_run_early(run, tmp_path, mixed):
    """The next one before the run; one after that leaves what is complete by then."""
    command = ("flows", "--rows-per-file", "10", "-o", tmp_path / "f.csv", mixed)
    (tmp_path / "f-2.csv").write_text("mine")
    done = run(*command, check=False)
    assert done.returncode == 1 and f"{tmp_path / 'f-2.csv'}: exists already" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["f-2.csv"]
    (tmp_path / "f-2.csv").rename(tmp_path / "f-4.csv")
    done = run(*command, check=False)
    assert done.returncode == 1 and f"{tmp_path / 'f-4.csv'}: exists already" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f-2.csv", "f-4.csv", "f.csv"]
    rows = [len(read_csv((tmp_path / name).read_text())) for name in ("f.csv", "f-2.csv")]
    assert rows == [10, 10] and (tmp_path / "f-4.csv").read_text() == "mine"
    run(*command, "-f")
    assert len(read_csv((tmp_path / "f-4.csv").read_text())) == 10
    (tmp_path / "g-2.csv").write_text("mine")
    run("flows", "-q", "-o", tmp_path / "g.csv", mixed)


def test_a_part_that_is_there_ends_the_run_before_any_is_written(run, tmp_path, mixed):
    out = tmp_path / "out"
    out.mkdir()
    (out / "flows_udp.csv").write_text("mine")
    command = ("flows", "--per-protocol", "-o", out, mixed)
    done = run(*command, check=False)
    assert done.returncode == 1 and f"{out / 'flows_udp.csv'}: exists already" in done.stderr
    assert [path.name for path in out.iterdir()] == ["flows_udp.csv"]
    assert (out / "flows_udp.csv").read_text() == "mine"
    run(*command, "-f")
    assert len(list(out.iterdir())) > 2 and (out / "flows_udp.csv").read_text() != "mine"
    for _ in range(2):
        run("flows", "-q", "--append", "--format", "sqlite", "--per-protocol", "-o", out, mixed)


def test_a_full_disk_keeps_what_is_complete(run, tmp_path, mixed):
    whole = table(run, mixed)
    with small_disk(tmp_path, "size=44k") as disk:
        done = run("flows", "--rows-per-file", "10", "-o", disk / "f.csv", mixed, check=False)
        written = sorted(disk.iterdir(), key=lambda path: (len(path.name), path.name))
        last = disk / f"f-{len(written) + 1}.csv"
        assert written and done.returncode == 1
        assert done.stderr == f"labelcap flows: {last}: cannot write: No space left on device\n"
        parts = pandas.concat([read_csv(path.read_text()) for path in written], ignore_index=True)
    assert parts.equals(whole[: 10 * len(written)])


@pytest.mark.parametrize("small", ["output", "tmpdir"])
def test_a_workbook_without_room(run, tmp_path, mixed, small):
    """One message, which is ours, and nothing is left; what is temporary lies in --tmpdir."""
    (tmp_path / "large").mkdir()
    outcomes = set()
    for size in ("8k", "48k", "400k", "1M"):
        with small_disk(tmp_path, f"size={size}") as disk:
            folders = disk, tmp_path / "large"
            out, tmpdir = folders if small == "output" else reversed(folders)
            done = run("flows", "-q", "--tmpdir", tmpdir, "-o", out / "f.xlsx", mixed, check=False)
            place = "disk/f.xlsx: cannot write" if small == "output" else (
                "disk: cannot write a temporary file")
            left = [path.name for folder in folders for path in folder.iterdir()]
            outcomes.add(done.returncode)
            if done.returncode:
                assert done.stderr == (
                    f"labelcap flows: {tmp_path}/{place}: No space left on device\n")
                assert left == []
            else:
                assert (left, done.stderr) == (["f.xlsx"], "")
                (out / "f.xlsx").unlink()
        disk.rmdir()
    assert outcomes == {0, 1}


# ---- choices ----


def test_columns_are_chosen(run, mixed):
    whole = table(run, mixed)
    some = table(run, "--columns", "packets, protocol", mixed)
    assert some.equals(whole[["packets", "protocol"]])
    dropped = table(run, "--drop", "packets,protocol", mixed)
    assert dropped.equals(whole.drop(columns=["packets", "protocol"]))
    done = run("flows", "--columns", "packets,nonsense", mixed, check=False)
    assert done.returncode == 2 and "has no column 'nonsense'" in done.stderr
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
    assert len(lines) in (4, 5) and lines[0].split()[0] == "sample_id"
    done = run("flows", "-q", "--preview", "2", "--columns", "protocol,packets", "-o",
               tmp_path / "flows.csv", mixed)
    assert [line.split() for line in done.stdout.splitlines()][0] == ["protocol", "packets"]
    assert len(read_csv((tmp_path / "flows.csv").read_text())) > 20


def test_merge_names_the_source(run, tmp_path, apps):
    flows = table(run, "--merge", apps)
    assert set(flows["source_file"]) == {str(p.relative_to(apps)) for p in apps.rglob("*.pcap*")}


# ---- flows and time ----


def streams(tmp_path, *times, linktype=RAW):
    records = [(int(time * 1e6), udp("10.0.0.1", "10.0.0.2")) for time in times]
    ng = Ng().interface(linktype=linktype)
    for time, data in records:
        ng.packet(data, time)
    path = tmp_path / "times.pcapng"
    path.write_bytes(bytes(ng))
    return path


def test_idle_and_active_time_outs(run, tmp_path):
    capture = streams(tmp_path, 0, 30, 90, 151, 200)

    def counts(*options):
        return list(table(run, *options, capture)["packets"])

    assert counts() == ["3", "2"]  # 90 s + 60 s is still in time, 61 s is not
    assert counts("--idle-timeout", "0") == ["5"]
    assert counts("--idle-timeout", "29.5") == ["1"] * 5
    assert counts("--idle-timeout", "0", "--active-timeout", "100") == ["3", "2"]
    assert run("flows", "--idle-timeout", "x", capture, check=False).returncode == 2


def test_inputs_are_joined_or_not(run, tmp_path):
    for number in (1, 2):
        ng = Ng().interface(linktype=RAW).packet(udp("10.0.0.1", "10.0.0.2"), number)
        (tmp_path / f"{number}.pcapng").write_bytes(bytes(ng))
    captures = [tmp_path / "1.pcapng", tmp_path / "2.pcapng"]
    assert list(table(run, *captures)["packets"]) == ["1", "1"]
    assert list(table(run, "--join", *captures)["packets"]) == ["2"]


# ---- fragments ----


def fragments_of(family, host, number, ports=(1234, 53)):
    """Three raw IP packets, in order: a datagram of UDP with 3,000 bytes as scapy cuts it."""
    scapy = pytest.importorskip("scapy.all")
    datagram = scapy.UDP(sport=ports[0], dport=ports[1]) / bytes(3000)
    if family == 4:
        whole = scapy.IP(src=f"10.0.0.{host}", dst="10.0.1.1", id=number) / datagram
        parts = scapy.fragment(whole, 1480)
    else:
        head = scapy.IPv6(src=f"2001:db8::{host}", dst="2001:db8::1:1")
        parts = scapy.fragment6(head / scapy.IPv6ExtHdrFragment(id=number) / datagram, 1300)
    assert len(parts) == 3
    return [bytes(part) for part in parts]


def fragment_table(run, tmp_path, packets, *options):
    """`packets`: (data, time in ns). The rows by address and ports, and the statistics."""
    (tmp_path / "in.pcap").write_bytes(pcap(packets, ns=True, linktype=RAW))
    rows = table(run, "--stats-json", tmp_path / "stats.json", "-f", *options, tmp_path / "in.pcap")
    keys = ["source_address", "source_port", "destination_port", "start_ns"]
    stats = json.loads((tmp_path / "stats.json").read_text())
    assert stats["packets"] == stats["in_flows"] + sum(stats["skipped"].values()) == len(packets)
    return rows.sort_values(keys).reset_index(drop=True), stats["unknown_fragments"]


@pytest.mark.parametrize("seed", range(5))
def test_fragments_in_any_order_make_the_same_flows(run, tmp_path, seed):
    rng = random.Random(seed)
    datagrams = [fragments_of(rng.choice([4, 6]), rng.randrange(1, 9), number, (number % 7 + 1, 53))
                 for number in range(60)]
    in_order = [(data, 10**9) for datagram in datagrams for data in datagram]
    shuffled = [part for start in range(0, len(in_order), 45)
                for part in rng.sample(in_order[start:start + 45], 45)]
    expected, unknown = fragment_table(run, tmp_path, in_order)
    assert unknown == 0 and set(expected["destination_port"]) == {"53"}
    rows, unknown = fragment_table(run, tmp_path, shuffled)
    assert unknown == 0
    pandas.testing.assert_frame_equal(rows, expected)


def test_fragments_go_in_before_their_first_one(run, tmp_path):
    first, second, third = fragments_of(4, 1, 7)
    packets = [(third, 0), (second, 1000), (udp("10.0.0.1", "10.0.1.1", b"?", (1234, 53)), 2000),
               (first, 3000), (second, 4000)]
    rows, _ = fragment_table(run, tmp_path, packets, "--packets", "5")
    lengths = [len(data) for data in (packets[2][0], third, second, first, second)]
    assert rows["packet_lengths"].tolist() == [" ".join(map(str, lengths))]
    assert rows["time_backwards"].tolist() == ["2"]


@pytest.mark.parametrize("wait,waits", [(10**9, True), (10**9 + 1, False), (-10**9, True),
                                        (-10**9 - 1, False)])
def test_fragments_wait_for_a_second(run, tmp_path, wait, waits):
    first, second, third = fragments_of(6, 1, 7)
    start = 10**10
    rows, unknown = fragment_table(run, tmp_path, [(third, start), (second, start),
                                                   (first, start + wait)])
    assert rows["source_port"].tolist() == (["1234"] if waits else ["0", "1234"])
    assert unknown == (0 if waits else 2)


@pytest.mark.parametrize("others,waits", [(255, True), (256, False)])
def test_only_so_many_fragments_wait(run, tmp_path, others, waits):
    first, second, _ = fragments_of(4, 1, 7)
    crowd = [(fragments_of(4, 2, 1000 + i)[1], 0) for i in range(others)]
    rows, unknown = fragment_table(run, tmp_path, [(second, 0), *crowd, (first, 0)])
    assert rows["packets"][rows["source_address"] == "10.0.0.1"].tolist() == (
        ["2"] if waits else ["1", "1"])
    assert unknown == others + (not waits)


def test_only_so_many_bytes_wait(run, tmp_path):
    """1 MiB, in packets which lie about their length."""
    first, second, _ = fragments_of(4, 1, 7)
    for size, waits in ((2**20 - len(second), True), (2**20 - len(second) + 1, False)):
        large = fragments_of(4, 2, 8)[1].ljust(size, b"-")
        _, unknown = fragment_table(run, tmp_path, [(second, 0), (large, 0), (first, 0)])
        assert unknown == 1 + (not waits)


def test_fragments_of_samples_and_without_ports(run, tmp_path):
    """Each stays in its own sample; ICMP has no ports that could be waited for."""
    first, second, _ = fragments_of(4, 1, 7)
    ng = Ng().interface(linktype=RAW)
    ng.packet(second, 1, ["1,a"]).packet(first, 2, ["2,b"])
    icmp = bytearray(second)
    icmp[9] = 1
    ng.packet(bytes(icmp), 3, ["2,b"])
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    done = run("flows", "--columns", "sample_id,protocol,source_port,packets", tmp_path / "in.pcapng")
    assert done.stdout.splitlines()[1:] == ["1,UDP,1234,1", "2,UDP,1234,1", "2,ICMP,0,1"]
    assert "not seen" not in done.stderr


def test_fragments_wait_over_joined_files(run, tmp_path):
    first, second, third = fragments_of(4, 1, 7)
    for number, parts in enumerate([[third, second], [first]]):
        (tmp_path / f"{number}.pcap").write_bytes(pcap([(p, number) for p in parts], linktype=RAW))
    rows = table(run, "--join", tmp_path / "0.pcap", tmp_path / "1.pcap")
    assert rows["packets"].tolist() == ["3"]


def test_directions(run, tmp_path):
    ng = Ng().interface(linktype=RAW)
    ng.packet(udp("10.0.0.2", "10.0.0.1", ports=(53, 1234)), 1)
    ng.packet(udp("10.0.0.1", "10.0.0.2", ports=(1234, 53)), 2)
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    flow = table(run, tmp_path / "in.pcapng").iloc[0]
    assert (flow["source_address"], flow["packets"], flow["forward_packets"]) == ("10.0.0.2", "2", "1")
    assert len(table(run, "--unidirectional", tmp_path / "in.pcapng")) == 2


def test_times_going_back_are_counted(run, tmp_path):
    ng = Ng().interface(linktype=RAW)
    for time in (10, 5, 7, 6):
        ng.packet(udp("10.0.0.1", "10.0.0.2"), time)
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    for profile in ("labelcap", "nexusflowmeter", "netflowmeter", "pcap2json"):
        for compat in ((), ("--compat",)) if profile != "labelcap" else ((),):
            run("flows", "-q", "-f", "--profile", profile, *compat, "--stats-json",
                tmp_path / "stats.json", tmp_path / "in.pcapng")
            assert json.loads((tmp_path / "stats.json").read_text())["time_backwards"] == 2


def test_bounded_memory_is_reported(run, tmp_path):
    ng = Ng().interface(linktype=RAW)
    for number in range(1000):
        ng.packet(udp(f"10.0.{number // 256}.{number % 256}", "10.1.0.1"), number)
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    stats = tmp_path / "stats.json"
    done = run("flows", "--max-flows-in-memory", "10", "--stats-json", stats, tmp_path / "in.pcapng")
    report = json.loads(stats.read_text())
    assert report["flows"] == 1000 and report["peak_flows_in_memory"] == 10
    assert report["flows_evicted"] == 990 and "990 flows cut short" in done.stderr


# ---- accounting ----


def test_every_packet_is_accounted_for(run, tmp_path, shared):
    captures = [path for path in (shared / "captures/protocols").iterdir() if path.is_file()]
    stats = tmp_path / "stats.json"
    seen = 0
    for capture in sorted(captures):
        packets = capinfos(capture).get("Number of packets")
        if packets is None:
            continue
        for profile in ("labelcap", "netflowmeter"):
            for compat in ((), ("--compat",)) if profile != "labelcap" else ((),):
                run("flows", "-q", "-f", "--profile", profile, *compat, "--stats-json", stats, "-o",
                    tmp_path / "out.csv", capture, check=False)
                report = json.loads(stats.read_text())
                assert report["packets"] == report["in_flows"] + sum(report["skipped"].values())
                assert report["packets"] == int(packets), capture
                seen += report["packets"]
    assert seen > 1000


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
                       "features_ignore_list": ["payload_bytes_median", "duration"],
                       "writer_min_rows": 3}
    (tmp_path / "config.json").write_text(json.dumps(config))
    base = ("flows", "-q", "--profile", "netflowmeter", "--compat")
    run(*base, "--config", tmp_path / "config.json")
    implied = tmp_path / "implied.csv"
    run("flows", "-q", "--compat", "--config", tmp_path / "config.json", "-o", implied)
    assert implied.read_bytes() == out.read_bytes()
    expected = run(*base, "--label", "web", "--idle-timeout", "5", "--active-timeout", "100",
                   "--number-format", ".3f", "--drop", "duration", mixed).stdout
    assert out.read_bytes().decode() == expected.replace("\r\n", "\n").replace("\n", "\r\n")
    (tmp_path / "config.json").write_text('{"label": "x", "lable": "y"}')
    done = run(*base, "--config", tmp_path / "config.json", mixed, check=False)
    assert done.returncode == 1 and 'no setting is called "lable"' in done.stderr
    (tmp_path / "config.json").write_text('{"label": ')
    done = run(*base, "--config", tmp_path / "config.json", mixed, check=False)
    assert done.returncode == 1 and f"{tmp_path / 'config.json'}:1:" in done.stderr


@pytest.mark.parametrize("key, value, expected, found", [
    ("label", 5, "a text", "5"),
    ("label", None, "a text", "null"),
    ("pcap_file_address", ["a"], "a text", '["a"]'),
    ("activity_timeout", "240", "a number", '"240"'),
    ("activity_timeout", -1, "seconds from 0 to 9000000000", "-1"),
    ("max_flow_duration", 1e300, "seconds from 0 to 9000000000", "1e300"),
    ("number_of_threads", 0, "a whole number from 1 to 256", "0"),
    ("number_of_threads", 257, "a whole number from 1 to 256", "257"),
    ("number_of_threads", 2.5, "a whole number from 1 to 256", "2.5"),
    ("max_rows_number", True, "a number", "true"),
    ("floating_point_unit", "4f", "a number format such as .4f", '"4f"'),
    ("features_ignore_list", "duration", "a list of texts", '"duration"'),
    ("features_ignore_list", ["duration", {"a": 1}], "a list of texts", '{"a":1}'),
    ("label", {"a": "x" * 500}, "a text", '{"a":"xxx'),
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
    (("--profile", "x", "IN"), "no profile is called 'x'"),
    (("--compat", "IN"), "--compat needs a --profile"),
    (("--per-label", "--per-input", "IN"), "only one --per-"),
    (("--per-label", "IN"), "need a directory"),
    (("--format", "xlsx", "IN"), "need a file"),
    (("--profile", "pcap2json", "--format", "csv", "IN"), "are JSON"),
    (("--profile", "netflowmeter", "--packets", "2", "IN"), "--packets"),
    (("--profile", "netflowmeter", "--detail", "IN"), "--detail"),
    (("--profile", "pcap2json", "--merge", "IN"), "no columns"),
    (("--rows-per-file", "5", "IN"), "--rows-per-file needs one file"),
    (("--preview", "5", "-o", "-", "IN"), "the table needs a file"),
    (("-o", "x.xlsx.gz", "IN"), "not compressed"),
    (("--xlsx-split", "IN"), "--xlsx-split"),
    (("--xlsx-split", "--rows-per-file", "5", "-o", "x.xlsx", "IN"), "one of them is enough"),
    (("--name", "x", "IN"), "--name is for"),
    (("--profile", "pcap2json", "--compat", "--idle-timeout", "5", "IN"), "time-outs"),
    (("--number-format", "4f", "IN"), "4f"),
    (("--profile", "pcap2json", "--number-format", ".4f", "IN"), "no real numbers"),
    (("--profile", "pcap2json", "--compat", "--label", "x", "IN"), "--label"),
    (("--profile", "nexusflowmeter", "--compat", "--label", "x", "IN"), "--label"),
    (("--jobs", "2", "--max-flows-in-memory", "5", "IN"), "--max-flows-in-memory"),
    (("--columns", "a", "--drop", "b", "IN"), "--columns and --drop"),
    (("--profile", "labelcap", "--config", "x", "IN"), "it goes with --profile netflowmeter"),
    (("--columns", "packets,packet_lengths", "IN"), "'packet_lengths', which needs --packets"),
    (("--columns", "payload", "--packets", "3", "IN"), "'payload', which needs --payload"),
    (("--jobs", "257", "IN"), "--jobs: expected 1 to 256"),
    (("--packets", "65536", "IN"), "expected 1 to 65535"),
    (("--list-profiles", "IN"), "--list-profiles takes no INPUT: '"),
    (("--describe", "labelcap", "IN"), "--describe takes no INPUT: '"),
    (("--describe", "labelcap", "-o", "x.md"), "--describe prints to standard output: no -o"),
    (("--describe", "labelcap", "--list-profiles"), "--list-profiles and --describe"),
])
def test_what_makes_no_sense_is_refused(run, mixed, options, message):
    words = [str(mixed) if word == "IN" else word for word in options]
    done = run("flows", *words, check=False)
    assert done.returncode == 2 and message in done.stderr


def test_counts_are_from_1_on(run, mixed):
    page = run("flows", "--help").stdout
    counts = re.findall(r"--([a-z-]+) N ", page)
    assert {"jobs", "packets", "payload", "max-flows", "max-flows-in-memory", "preview",
            "rows-per-file"} == set(counts)
    for name in counts:
        done = run("flows", f"--{name}", "0", mixed, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"--{name}: expected a whole number from 1 on, found '0'" in done.stderr


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
    stats = tmp_path / "stats.json"
    for capture in sorted((shared / "captures/malformed").iterdir()):
        for profile in ("labelcap", "nexusflowmeter", "netflowmeter", "pcap2json"):
            for compat in ((), ("--compat",)) if profile != "labelcap" else ((),):
                stats.unlink(missing_ok=True)
                done = run("flows", "-q", "-f", "--profile", profile, *compat, "--stats-json",
                           stats, "-o", tmp_path / "out.json", "--format",
                           "jsonl", capture, check=False)
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
    """The table goes into scikit-learn as it is, and says enough to tell applications apart."""
    pytest.importorskip("sklearn")
    example = re.search(r"```python\n(.*?)```", (repo / "README.md").read_text(), re.S)[1]
    run("label", "-q", "-L", apps / "labels.csv", "-W", tmp_path / "labelled.pcapng", apps)
    run("flows", "-q", tmp_path / "labelled.pcapng", "-o", tmp_path / "flows.csv")
    done = subprocess.run(["/usr/bin/python3", "-c", example], cwd=tmp_path, check=True,
                          capture_output=True, text=True, timeout=300)
    assert float(done.stdout) > 0.8
