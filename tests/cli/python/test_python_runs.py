"""label(), sort(), check(), …: what the commands print with --json, as dictionaries."""

import json
import os
import re
import subprocess
import sys

import pytest

from captures import Ng, pcap, read_packets
from module_fixtures import growth, labelcap, sorted_set, unsorted  # noqa: F401 (fixtures)
from surroundings import texts_of

RULES = "BPF:greater 20|EACH:packet,long\nBPF:greater 0,short\n"
INTERRUPTED = """
import os, signal, sys, threading
import labelcap

pipe, packets, output, rules = sys.argv[1:]
os.mkfifo(pipe)

def write():
    with open(packets, "rb") as file:
        capture = file.read()
    half = len(capture) * 5 // 8
    with open(pipe, "wb") as file:
        file.write(capture[:half])
        os.kill(os.getpid(), signal.SIGINT)
        try:
            file.write(capture[half:])
        except BrokenPipeError:
            pass

threading.Thread(target=write, daemon=True).start()
try:
    if rules:
        labelcap.label(pipe, rules, output, relabel=True, threads=2)
    else:
        labelcap.sort(pipe, output)
except KeyboardInterrupt:
    print("interrupted", sorted(os.listdir(os.path.dirname(output))))
"""


@pytest.fixture
def plain(tmp_path):
    path = tmp_path / "plain.pcap"
    path.write_bytes(pcap([(b"%d" % i * (i % 40 + 1), i * 1000) for i in range(1, 60)]))
    return path


@pytest.fixture
def rules(tmp_path):
    path = tmp_path / "rules.csv"
    path.write_text(RULES)
    return path


def without(result, *names):
    return {key: value for key, value in result.items() if key not in names}


def test_label_sort_and_strip(labelcap, run, plain, rules, tmp_path):
    here, there = tmp_path / "here.pcapng", tmp_path / "there.pcapng"
    result = labelcap.label(plain, rules, here, sort=True)
    run("label", "-L", rules, "-o", there, "--sort", "--stats-json", tmp_path / "json", plain)
    assert result == json.loads((tmp_path / "json").read_text())
    assert here.read_bytes() == there.read_bytes()
    assert result == labelcap.label([plain], rules=str(rules), dry_run=True)
    again = tmp_path / "again.pcapng"
    result = labelcap.sort([here], output=again, overwrite=True, threads=2, memory=1 << 20)
    assert (result["packets"], result["labelled"]) == (59, 59)
    assert again.read_bytes() == here.read_bytes()
    labelcap.strip(again, tmp_path / "stripped.pcap")
    assert sorted((p.time_ns, p.data) for p in read_packets(tmp_path / "stripped.pcap")) == \
        [(p.time_ns, p.data) for p in read_packets(plain)]


@pytest.mark.parametrize("command, options, arguments", [
    ("split", {"per_label": True}, ["--per-label"]),
    ("select", {"label": "class 0", "first": 2, "time": "2020-09-13T12:26:40Z.."},
     ["--label", "class 0", "--first", "2", "--time", "2020-09-13T12:26:40Z.."]),
    ("partition", {"train": 50, "test": 50, "group": "sample", "exact": True, "seed": 5},
     ["--train", "50", "--test", "50", "--group", "sample", "--exact", "--seed", "5"]),
])
def test_outputs_are_those_of_the_command(labelcap, run, sorted_set, tmp_path, command, options,
                                          arguments):
    here, there = tmp_path / "here.pcapng", tmp_path / "there.pcapng"
    result = getattr(labelcap, command)(sorted_set, here, **options)
    if command == "partition":
        expected = run(command, "--json", "-o", there, *arguments, sorted_set).stdout
    else:
        run(command, "--stats-json", tmp_path / "json", "-o", there, *arguments, sorted_set)
        expected = (tmp_path / "json").read_text()
    assert result == json.loads(expected.replace(str(there), str(here)))
    names = sorted(p.name for p in here.iterdir()) if here.is_dir() else ["."]
    assert names == (sorted(p.name for p in there.iterdir()) if there.is_dir() else ["."])
    assert all((here / name).read_bytes() == (there / name).read_bytes() for name in names)


def test_the_lists_of_partition_are_splits(labelcap, sorted_set, tmp_path):
    labelcap.partition(sorted_set, tmp_path / "splits", train=50, test=50, group="sample",
                       exact=True)
    ds = labelcap.Dataset(sorted_set)
    train, test = (ds.split(tmp_path / f"splits/{name}.csv") for name in ("train", "test"))
    assert len(train) == len(test) == 2
    assert sorted([*train.ids, *test.ids]) == sorted(ds.ids)
    result = labelcap.check(sorted_set, splits=tmp_path / "splits")
    assert result["sound"] is True


def test_publish_and_verify(labelcap, run, sorted_set, tmp_path):
    about = {"name": "n", "description": "d", "license": "MIT", "creator": "c", "url": "https://example.org",
             "date": "2026-11-30"}
    here, there = tmp_path / "here", tmp_path / "there"
    refused = labelcap.publish(sorted_set, here, **about)
    assert refused["published"] is False and refused["findings"]
    assert {path.name for path in tmp_path.iterdir()} & {"here", ".labelcap"} == set()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    allow = "mac,addresses,payload,names"
    result = labelcap.publish(sorted_set, here, allow=allow, flows=True, report=True, **about)
    expected = run("publish", "--json", "--flows", "--report", "-o", there, "--allow", allow, sorted_set,
                   *(word for name, text in about.items() for word in (f"--{name}", text))).stdout
    assert result == json.loads(expected)
    files = [path.relative_to(here) for path in here.rglob("*") if path.is_file()]
    assert {"flows.parquet", "report.html"} < {str(name) for name in files}
    assert all((here / name).read_bytes() == (there / name).read_bytes() for name in files)
    assert labelcap.verify(here) == json.loads(run("publish", "--verify", "--json", there).stdout)
    (here / "samples.csv").write_text("x")
    assert labelcap.verify(here)["sound"] is False
    with pytest.raises(labelcap.Error, match="no license"):
        labelcap.publish(sorted_set, tmp_path / "none", **(about | {"license": None}))


def test_rules_of_folders_and_of_tables(labelcap, run, plain, tmp_path):
    here, there = tmp_path / "here.csv", tmp_path / "there.csv"
    for name in ("web", "dns"):
        (tmp_path / "set" / name).mkdir(parents=True)
        (tmp_path / "set" / name / "a.pcap").write_bytes(plain.read_bytes())
    result = labelcap.rules(tmp_path / "set", here)
    run("rules", "--from-folders", tmp_path / "set", "-o", there, "--stats-json", tmp_path / "json")
    assert result == json.loads((tmp_path / "json").read_text())
    assert here.read_bytes() == there.read_bytes() and result["rules"] == 2
    table = tmp_path / "flows.csv"
    table.write_text("begin,end,src,dst,class\n5.5,7.25,10.0.0.1,10.0.0.2,web\n9,10,10.0.0.1,10.0.0.3,dns\n")
    columns = "start=begin,end=end,source=src,destination=dst,label=class"
    result = labelcap.rules(table, here, columns=columns, tolerance=0.5, overwrite=True)
    run("rules", "--from-table", table, "--columns", columns, "--tolerance", "0.5", "-f", "-o", there,
        "--stats-json", tmp_path / "table.json")
    assert result == json.loads((tmp_path / "table.json").read_text())
    assert here.read_bytes() == there.read_bytes()
    labelcap.rules(table, here, columns=columns, tolerance=-1, overwrite=True)
    assert here.read_bytes() != there.read_bytes()
    with pytest.raises(labelcap.ArgumentError, match="needs a layout"):
        labelcap.rules(table, tmp_path / "none.csv")


def test_info_index_and_report(labelcap, run, sorted_set, unsorted, tmp_path):
    for options, words in (({}, []), ({"samples": True}, ["--samples"])):
        expected = json.loads(run("info", "--json", *words, sorted_set, unsorted).stdout)
        assert labelcap.info([sorted_set, unsorted], **options) == expected
    run("index", "-f", sorted_set, "--stats-json", tmp_path / "json")
    catalogue = tmp_path / "elsewhere.sqlite"
    result = labelcap.index(sorted_set, catalogue=catalogue)
    assert result == json.loads((tmp_path / "json").read_text()) and catalogue.exists()
    assert len(labelcap.Dataset(sorted_set, catalogue=catalogue)) == result["samples"]
    here, there = tmp_path / "here.html", tmp_path / "there.html"
    result = labelcap.report(sorted_set, here)
    run("report", "-o", there, sorted_set)
    assert result == json.loads(run("report", "--json", sorted_set).stdout)
    assert here.read_bytes() == there.read_bytes()


def test_check_and_compare_and_score(labelcap, run, sorted_set, unsorted, tmp_path):
    assert labelcap.check([sorted_set]) == json.loads(run("check", "--json", sorted_set).stdout)
    assert labelcap.check(unsorted)["findings"][0]["severity"]
    expected = json.loads(run("compare", "--json", sorted_set, unsorted).stdout)
    assert labelcap.compare(sorted_set, test=unsorted) == expected
    truth, predictions = tmp_path / "truth.csv", tmp_path / "predictions.csv"
    truth.write_text("1,a\n2,b\n3,b\n")
    predictions.write_text("1,a\n2,a\n")
    result = labelcap.score(truth, predictions, allow_missing=True)
    assert result == json.loads(run("score", "--json", "--allow-missing", "--truth", truth,
                                    predictions).stdout)
    with pytest.raises(labelcap.LabelError):
        labelcap.score(truth, predictions)
    predictions.write_text("1;a\n")
    with pytest.raises(labelcap.FormatError):
        labelcap.score(truth, predictions)


def test_options_that_commands_have(labelcap, run, plain, rules, sorted_set, unsorted, tmp_path):
    """strict, format, linktype, the tables of compare, leaks, and shards of index."""
    here, there = tmp_path / "here", tmp_path / "there"
    rules.write_text("BPF:greater 0,all\nBPF:greater 20,never\n")
    with pytest.raises(labelcap.RulesError, match=r"rules.csv:2: .*, strict\)$"):
        labelcap.label(plain, rules, here, strict=True)
    assert not here.exists()
    for shard in range(2):
        labelcap.label(plain, rules, here, strict=True, shard=shard, shards=2)
    parts = [tmp_path / f"here.{shard}-of-2.pcapng" for shard in range(2)]
    with pytest.raises(labelcap.RulesError, match="strict"):
        labelcap.merge(parts, here, strict=True)
    assert not here.exists()
    labelcap.strip(sorted_set, here, format="pcapng", linktype="RAW")
    run("strip", "--format", "pcapng", "--linktype", "RAW", "-o", there, sorted_set)
    assert here.read_bytes() == there.read_bytes()
    assert labelcap.info(here)["interfaces"][0]["linktype"] == \
        json.loads(run("info", "--json", there).stdout)["interfaces"][0]["linktype"]
    with pytest.raises(labelcap.ArgumentError, match="^format: expected pcap or pcapng, found 'x'"):
        labelcap.strip(sorted_set, here, format="x")
    with pytest.raises(labelcap.ArgumentError, match="^linktype: .*'ethernot'"):
        labelcap.sort(sorted_set, here, linktype="ethernot", overwrite=True)
    tables = tmp_path / "here.csv", tmp_path / "there.csv"
    labelcap.compare(sorted_set, unsorted, tables[0])
    run("compare", "-o", tables[1], sorted_set, unsorted)
    assert tables[0].read_bytes() == tables[1].read_bytes()
    with pytest.raises(labelcap.FileError, match="already exists"):
        labelcap.compare(sorted_set, unsorted, tables[0])
    labelcap.index(sorted_set, catalogue=tmp_path / "one.sqlite")
    for shard in range(2):
        labelcap.index(sorted_set, catalogue=tmp_path / "out.sqlite", shard=shard, shards=2)
    labelcap.merge(sorted(tmp_path.glob("out*-of-2*[!t]")), tmp_path / "out.sqlite")
    assert (tmp_path / "out.sqlite").read_bytes() == (tmp_path / "one.sqlite").read_bytes()


def test_leaks_that_are_too_large(labelcap, run, repo, tmp_path):
    path, splits = tmp_path / "set.pcapng", tmp_path / "splits"
    labelcap.label(repo / "datasets/mixed/mixed.pcap", repo / "datasets/mixed/rules.csv", path,
                   sort=True)
    how = {"train": 50, "test": 50, "group": "sample"}
    words = ["--train", "50", "--test", "50", "--group", "sample"]
    results = [labelcap.partition(path, splits, max_leak=limit, compare_splits=True, overwrite=True,
                                  **how) for limit in (None, 100, 0)]
    told = run("partition", "-f", "--json", "-o", splits, "--compare-splits", "--max-leak", "0", *words,
               path, check=False)
    assert results[2] == json.loads(told.stdout)
    leaks = [[f["severity"] for f in r["findings"] if "the lists leak" in f["text"]] for r in results]
    assert leaks == [[], [], ["error"]]
    assert results[0]["leaks"]["splits"][1:] and told.returncode == 1
    tables = tmp_path / "here.csv", tmp_path / "there.csv"
    checked = [labelcap.check(path, splits=splits, max_leak=limit, output=output)
               for limit, output in ((None, None), (0, tables[0]))]
    told = run("check", "--json", "--splits", splits, "--max-leak", "0", "-o", tables[1], path,
               check=False)
    assert tables[0].read_bytes() == tables[1].read_bytes()
    assert checked[1] == json.loads(told.stdout)
    assert [result["sound"] for result in checked] == [True, False]


def test_sample_ids_are_text(labelcap, sorted_set, tmp_path):
    twice = tmp_path / "twice.pcapng"
    twice.write_bytes(bytes(Ng().interface().packet(b"a", 1, ["18446744073709551615,a"])
                            .packet(b"b", 2, ["18446744073709551615,b"])))
    finding = labelcap.check(twice)["findings"][0]
    assert "18446744073709551615" in json.dumps(finding)
    assert not any(isinstance(value, int) and value > 2**53 for value in finding.values())


def test_failures_are_exceptions(labelcap, plain, rules, sorted_set, tmp_path):
    output = tmp_path / "out.pcapng"
    rules.write_text("BPF:tcp prot 80,web\n")
    with pytest.raises(labelcap.RulesError, match="rules.csv:1:5: "):
        labelcap.label(plain, rules, output)
    rules.write_text("BPF:less 0,web\n")
    with pytest.raises(labelcap.LabelError, match="no packet got a label"):
        labelcap.label(plain, rules, output)
    with pytest.raises(labelcap.LabelError, match=r"already has a label \(use relabel=True to rep"):
        labelcap.label(sorted_set, rules, tmp_path / "other.pcapng")
    sorted_set.with_name("out.pcapng").touch()
    with pytest.raises(labelcap.FileError, match="already exists"):
        labelcap.sort(sorted_set, sorted_set.with_name("out.pcapng"))
    with pytest.raises(labelcap.LabelError, match="no packet is selected"):
        labelcap.select(sorted_set, tmp_path / "none.pcapng", label="nobody")
    with pytest.raises(labelcap.ArgumentError, match="splits and list need each other"):
        labelcap.select(sorted_set, tmp_path / "none.pcapng", list="train")
    with pytest.raises(labelcap.ArgumentError, match="^no ids, list, label, .* or first given$"):
        labelcap.select(sorted_set, tmp_path / "none.pcapng")
    with pytest.raises(labelcap.ArgumentError, match="below the number of shards"):
        labelcap.sort(sorted_set, tmp_path / "none.pcapng", shard=1)
    for name, value in (("stratify", "x"), ("max_leak", 1), ("output", tmp_path / "none.csv")):
        with pytest.raises(labelcap.ArgumentError, match=f"^{name} needs splits$"):
            labelcap.check(sorted_set, **{name: value})
    with pytest.raises(labelcap.ArgumentError, match=r"^max_leak: expected percent .* found 101"):
        labelcap.partition(sorted_set, tmp_path / "splits", train=50, test=50, max_leak=101)
    with pytest.raises(labelcap.ArgumentError, match="^exact cannot be used with by_time"):
        labelcap.partition(sorted_set, tmp_path / "splits", train=100, exact=True, by_time=True)
    with pytest.raises(ValueError, match="'dedup': expected seconds, 0 or more"):
        labelcap.select(sorted_set, tmp_path / "none.pcapng", dedup=-1)
    for source, name, value in ((tmp_path, "layout", "zeek"), (sorted_set, "name_pattern", "x")):
        with pytest.raises(labelcap.ArgumentError, match=f"{source}: is a .*, but .*{name}"):
            labelcap.rules(source, tmp_path / "none.csv", **{name: value})
    with pytest.raises(labelcap.ArgumentError, match="add up to 50 %, not to 100 %"):
        labelcap.partition(sorted_set, tmp_path / "splits", train=50)
    with pytest.raises(labelcap.ArgumentError, match="at least 1 input"):
        labelcap.sort([], output)
    for function in (labelcap.partition, labelcap.split, labelcap.select):
        with pytest.raises(labelcap.ArgumentError, match="expected 1 input, found 2"):
            function([sorted_set, sorted_set], output)
    with pytest.raises(labelcap.ArgumentError, match="the output is missing"):
        labelcap.label(plain, rules)
    assert not (tmp_path / "none.pcapng").exists() and not (tmp_path / "splits").exists()


def test_errors_name_arguments_instead_of_options(labelcap, plain, sorted_set, tmp_path):
    ds = labelcap.Dataset(sorted_set)
    table = tmp_path / "flows.csv"
    table.write_text("start,source,destination,label\nsoon,10.0.0.1,10.0.0.2,web\n")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/file").touch()
    wrong = [
        (lambda: labelcap.sort(sorted_set, plain), r"\(use overwrite=True to replace it\)"),
        (lambda: labelcap.split(sorted_set, tmp_path / "full"), r"\(use overwrite=True to"),
        (lambda: ds.arrays(), "give packets and bytes, or a form$"),
        (lambda: ds.arrays("yatc", packets=4), "form yatc .*: leave out packets and bytes"),
        (lambda: ds.arrays("yatc", part="l2"), "part cannot be used with form yatc"),
        (lambda: ds.arrays(packets=1, bytes=1, part="l2", inner_tunnels=True),
         "^inner_tunnels=True cannot be used with part l2"),
        (lambda: ds.arrays(packets=1, bytes=1, mask="sand"), "^mask: "),
        (lambda: labelcap.rules(table, tmp_path / "rules.csv", layout="zeek"), "by columns source="),
    ]
    for call, text in wrong:
        with pytest.raises(labelcap.Error, match=text) as caught:
            call()
        assert "--" not in str(caught.value)


def test_findings_name_arguments_instead_of_options(labelcap, run, plain, rules, tmp_path):
    rules.write_text("TS_START:3600|TS_END:3601|BPF:greater 0,late\nBPF:greater 0|EACH:file,all\n")
    path = tmp_path / "labelled.pcapng"
    texts = texts_of(labelcap.label(plain, rules, path)["warnings"])
    assert any("(shift_rules=-3600 moves them)" in text for text in texts), texts
    advice = [f["advice"] for f in labelcap.check(path, rules=rules)["findings"]]
    assert "sort it, and label with keep_source=True" in advice
    assert "--keep-source" in run("check", "--json", "--rules", rules, path, check=False).stdout


def test_names_of_the_data_stay_as_they_are(labelcap, plain, tmp_path):
    for name in ("x --word", "use -f", "--per-input", "a --payload none %s%n", "(labelcap --x)"):
        missing = tmp_path / name
        with pytest.raises(labelcap.FileError, match=f"^{re.escape(str(missing))}: cannot open: "):
            labelcap.sort(missing, tmp_path / "out.pcapng")
        with pytest.raises(labelcap.FileError, match=f"^{re.escape(str(missing))}: cannot open: "):
            labelcap.rules(missing, tmp_path / "out.csv")
        with pytest.raises(labelcap.ArgumentError,
                           match=f"^mask: expected one of .*, found '{re.escape(name)}'$"):
            labelcap.Dataset(labelled_one(tmp_path)).arrays(packets=1, bytes=1, mask=name)
        missing.write_bytes(plain.read_bytes())
        with pytest.raises(labelcap.FileError, match=f"^{re.escape(str(missing))}: already exists "
                                                     r"\(use overwrite=True to replace it\)$"):
            labelcap.strip(plain, missing)


@pytest.mark.parametrize("replace", [
    lambda labelcap, path: labelcap.sort(path, path, overwrite=True),
    lambda labelcap, path: labelcap.strip(path, path, overwrite=True),
    lambda labelcap, path: labelcap.select(path, path, first=1, overwrite=True),
    lambda labelcap, path: labelcap.merge(path, path, overwrite=True),
    lambda labelcap, path: labelcap.report(path, path, overwrite=True),
    lambda labelcap, path: labelcap.index(path, catalogue=path, overwrite=True),
    lambda labelcap, path: labelcap.write_flows(path, path, format="csv", overwrite=True),
    lambda labelcap, path: labelcap.write_flows(path, f"{path}.csv", report=path, overwrite=True),
])
def test_no_input_is_replaced(labelcap, sorted_set, replace):
    before = sorted_set.read_bytes()
    with pytest.raises(labelcap.ArgumentError, match="is the same file as|would be overwritten"):
        replace(labelcap, sorted_set)
    assert sorted_set.read_bytes() == before


def labelled_one(folder):
    path = folder / "one.pcapng"
    path.write_bytes(bytes(Ng().interface().packet(b"data", 1, ["1,a"])))
    return path


@pytest.mark.parametrize("tag, jobs", [
    ("EACH:packet", [{"count_packets": True}]),
    ("EACH:flow", [{"buckets": "write"}, {"buckets": "read"}]),
])
def test_parts_of_shards_are_merged(labelcap, plain, tmp_path, tag, jobs):
    rules = tmp_path / "rules.csv"
    rules.write_text(f"{tag}|BPF:greater 20,long\nBPF:greater 0,short\n")
    told = labelcap.label(plain, rules, tmp_path / "one.pcapng")
    for job in [*jobs, {}]:
        for shard in range(3):
            labelcap.label(plain, rules, tmp_path / "out.pcapng", shard=shard, shards=3, **job)
    with pytest.raises(labelcap.ArgumentError, match="expected write or read, found 'none'"):
        labelcap.label(plain, rules, tmp_path / "out.pcapng", shards=3, buckets="none")
    parts = sorted(tmp_path.glob("out.*-of-3.pcapng"))
    assert len(parts) == 3
    result = labelcap.merge(parts[::-1], tmp_path / "out.pcapng")
    assert result == told and result["labelled"] == 59
    assert (tmp_path / "out.pcapng").read_bytes() == (tmp_path / "one.pcapng").read_bytes()
    with pytest.raises(labelcap.FormatError, match="missing"):
        labelcap.merge(parts[:2], tmp_path / "two.pcapng")


def test_shards_of_a_check_are_merged(labelcap, sorted_set, tmp_path):
    rules = tmp_path / "rules.csv"
    rules.write_text("EACH:file|EACH:flow,f\n")
    for counts in (True, False):
        for shard in range(2):
            assert labelcap.check(sorted_set, rules=rules, output=tmp_path / "x", shard=shard, shards=2,
                                  count_packets=counts) == {}
    assert labelcap.merge(tmp_path.glob("x.*.check")) == labelcap.check(sorted_set, rules=rules)
    with pytest.raises(labelcap.ArgumentError, match="only a shard with rules counts"):
        labelcap.check(sorted_set, rules=rules, count_packets=True)
    with pytest.raises(labelcap.ArgumentError, match="the output is missing"):
        labelcap.check(sorted_set, shards=2)


@pytest.mark.parametrize("arguments, keywords, what", [
    ((), {}, "misses the argument 'inputs'"),
    (("in",), {}, "misses the argument 'output'"),
    (("in", None), {}, "misses the argument 'output'"),
    (("in", "out", 1), {}, "takes 2 positional arguments, not 3"),
    (("in", "out"), {"by_time": "no"}, "argument 'by_time': expected True or False, not str"),
    (("in", "out"), {"pcapml_times": "no"}, "argument 'pcapml_times': expected True or False, not str"),
    (("in", "out"), {"colour": 1}, "has no argument 'colour'"),
    (("in", "out"), {"inputs": 1}, "got twice the argument 'inputs'"),
    (([1], "out"), {}, "argument 'inputs'"),
    (("in", "out"), {"memory": 1.5}, "argument 'memory'"),
    (("in", "out"), {"memory": -1}, "argument 'memory'"),
    (("in", "out"), {"level": 2**40}, "argument 'level'"),
    (("in", b"o\0t"), {}, "argument 'output'"),
    (("in", "out"), {"linktype": "\udcff"}, "argument 'linktype'"),
    (("in", "out"), {"linktype": b"RAW"}, "argument 'linktype': expected str, not bytes"),
])
def test_wrong_arguments(labelcap, arguments, keywords, what):
    with pytest.raises((TypeError, ValueError, OverflowError), match=r"sort\(\).*" + what):
        labelcap.sort(*arguments, **keywords)


def test_a_list_of_paths_that_changes(labelcap, plain, tmp_path):
    class Path(type(tmp_path)):
        def __fspath__(self):
            paths.clear()
            return str(plain)

    paths = [Path(), *[tmp_path / "missing"] * 1000]
    with pytest.raises(labelcap.FileError, match="missing"):
        labelcap.info(paths)


@pytest.mark.parametrize("command", ["label", "sort"])
def test_ctrl_c_ends_a_run(labelcap, build, rules, tmp_path, command):
    rules.write_text("BPF:greater 0,all\n")
    packets = tmp_path / "many.pcapng"
    one = Ng().interface()
    start = len(bytes(one))
    record = bytes(one.packet(b"data", 1, ["1,a"]))[start:]
    packets.write_bytes(bytes(one)[:start] + record * (4 << 14))
    folder = tmp_path / "folder"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, tmp_path / "pipe", packets, folder / "out.pcapng",
         rules if command == "label" else ""],
        env=dict(os.environ, PYTHONPATH=str(build / "python")), capture_output=True, text=True,
        timeout=60)
    assert (done.stdout, done.stderr) == ("interrupted []\n", "")


def test_every_function_has_its_arguments_in_its_text(labelcap):
    for name in ("label", "sort", "split", "strip", "select", "check", "compare", "score",
                 "partition", "publish", "verify", "sampler"):
        assert getattr(labelcap, name).__doc__, name


def test_nothing_leaks(labelcap, growth, plain, rules, sorted_set, tmp_path):
    def use():
        labelcap.label(plain, rules, dry_run=True)
        labelcap.check(sorted_set, memory=1 << 20)
        for wrong in (lambda: labelcap.sort([plain, "missing"], tmp_path / "x"),
                      lambda: labelcap.sort(plain, plain), lambda: labelcap.sort([b"a", 3], "x")):
            with pytest.raises((labelcap.Error, TypeError)):
                wrong()

    assert growth(use, 100) < 2 << 20
