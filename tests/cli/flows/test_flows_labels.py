"""flows: samples, labels and classes."""

import json
import re
import shutil
import subprocess

import pandas
import pytest

from captures import RAW, Ng, pcap
from flow_tables import apps, mixed, read_csv, table, udp  # fixtures too


def test_rows_carry_their_labels(run, label, mixed):
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
    done = run("flows", tmp_path / "in", check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "labelcap flows: no capture among the inputs; 1 file skipped\n"


@pytest.mark.parametrize("name", ["x.orc", "x.feather", "x.txt"])
def test_an_ending_that_is_no_format(run, tmp_path, mixed, name):
    done = run("flows", "-o", tmp_path / name, mixed, check=False)
    assert done.returncode == 2 and not (tmp_path / name).exists()
    assert f"{name}: no format has this ending; expected .csv, .tsv, .json, .jsonl, .ndjson, .xlsx, " \
           ".sqlite, .db, .parquet, or --format" in done.stderr
    run("flows", "-q", "--format", "csv", "-o", tmp_path / name, mixed)
    assert (tmp_path / name).read_text().startswith("sample_id,") or name.endswith(".gz")


def test_names_without_an_ending_of_a_format(run, tmp_path, mixed):
    run("flows", "-q", "-o", tmp_path / "flows", mixed)
    assert (tmp_path / "flows").read_text().startswith("sample_id,")
    run("flows", "-q", "-o", "/dev/null", mixed)


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
    assert done.returncode == 1 and "is not in a class directory" in done.stderr
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
        protocols = report[report.index("Protocols"):report.index("Per flow")]
        packets = re.findall(r"[0-9][.][0-9]\s+([\d,]+)\s", protocols)
        assert sum(int(count.replace(",", "")) for count in packets) == stats["in_flows"]


# ---- the order of the samples ----

# Two classes of conversations, so that fragments stay together, and the others.
CLASSES = """BPF:ip and (ip[15] ^ ip[19]) & 1 = 0,even
BPF:ip,odd
BPF:ip6,six
BPF:arp,arp
"""


@pytest.mark.parametrize("part", range(4))
def test_the_same_flows_in_the_order_of_time_and_of_samples(run, label, shared, tmp_path, part):
    captures = sorted(path for folder in ("apps", "protocols")
                      for path in (shared / "captures" / folder).rglob("*.pcap*")
                      if path.stat().st_size < 10**6)
    compared = 0
    for path in captures[part::12]:
        by_time = label(CLASSES, "-q", path, check=False).output
        by_sample, stats = tmp_path / "sorted.pcapng", tmp_path / "stats.json"
        if run("sort", "-q", "-f", "-o", by_sample, by_time, check=False).returncode != 0:
            continue  # damaged
        ours = table(run, "-f", "--stats-json", stats, by_time)
        if json.loads(stats.read_text())["time_backwards"]:
            continue  # not in the order of time
        theirs = table(run, by_sample)
        assert sorted(map(tuple, ours.to_numpy())) == sorted(map(tuple, theirs.to_numpy())), path
        assert not set(ours["end_reason"]) & {"forced end"}, path
        compared += ours["metadata"].nunique() > 1
    assert compared > 5


def test_why_flows_of_samples_end(run, tmp_path):
    """Another packet of the sample cuts; the end of the capture and other samples do not."""
    ng = Ng().interface(linktype=RAW)
    for time in (0, 30, 91, 300):
        ng.packet(udp("10.0.0.1", "10.0.0.2"), time * 10**6, ["1,a"])
        ng.packet(udp("10.0.0.3", "10.0.0.4"), time * 10**6 + 1, ["2,b"] if time == 0 else ["3,c"])
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    run("sort", "-q", "-o", tmp_path / "sorted.pcapng", tmp_path / "in.pcapng")
    run("strip", "-q", "-o", tmp_path / "plain.pcapng", tmp_path / "in.pcapng")
    for name in ("in", "sorted"):
        flows = table(run, tmp_path / f"{name}.pcapng")
        reasons = sorted(zip(flows["metadata"], flows["packets"], flows["end_reason"]))
        assert reasons == [("a", "1", "idle timeout"), ("a", "1", "no more packets"),
                           ("a", "2", "idle timeout"), ("b", "1", "no more packets"),
                           ("c", "1", "idle timeout"), ("c", "1", "idle timeout"),
                           ("c", "1", "no more packets")]
    flows = table(run, tmp_path / "plain.pcapng")
    assert sorted(flows["end_reason"]) == ["forced end"] * 2 + ["idle timeout"] * 4
