"""The manual held to the program: options, examples, JSON members, messages, rendering."""

import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from labels import sample_id

REPO = Path(__file__).resolve().parents[2]
MAN = REPO / "docs/man"
PAGES = sorted(MAN.glob("*.[157]"))
COMMANDS = ["rules", "label", "sort", "plan", "merge", "split", "strip", "select", "index", "info", "flows", "check",
            "partition", "compare", "score", "publish", "report", "wireshark",
            "arrays"]
WITHOUT_PAGE = {"help", "completion"}
# The command line of pcapml has no name of its own; this prints its help.
PCAPML = ("-D", "x", "--help")
MACROS = {"Ar", "Cm", "Fl", "Li", "Nm", "No", "Ns", "Op", "Pa", "Pq", "Ql", "Sq", "Sx", "Ta", "Va"}
TYPES = {"integer": int, "real": float, "text": str, "boolean": bool, "array": list, "object": dict}


def source(name, section=""):
    return next(page for page in PAGES if page.stem == name and section in page.name).read_text()


# ---- mdoc ----


def unescape(text):
    for escape, character in (
        (r"\-", "-"),
        (r"\(aq", "'"),
        (r"\(dq", '"'),
        (r"\(ha", "^"),
        (r"\&", ""),
        (r"\e", "\\"),
    ):
        text = text.replace(escape, character)
    return text


def raw_displays(text):
    return re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", text, re.M | re.S)


def displays(text):
    """The literal displays, as they look on the page."""
    return [unescape(display) for display in raw_displays(text)]


def flags_of(line):
    """["-L", "--rules"] of ".It Fl L Ar FILE , Fl -rules Ar FILE"."""
    flags, after_fl = [], False
    for word in line.lstrip(".").split():
        if word in MACROS:
            after_fl = word == "Fl"
        elif re.fullmatch(r"[-\w]+", word) and after_fl:
            flags.append("-" + word)
        else:
            after_fl = False
    return flags


def options_of_page(text):
    """{("--rules", "-L", "FILE"), …} of the items that describe options."""
    options = set()
    for line in re.findall(r"^\.It (Fl .*)$", text, re.M):
        if " Ta " in line:
            continue
        flags = flags_of(line)
        letter = next((flag for flag in flags if re.fullmatch(r"-\w", flag)), None)
        name = next(flag for flag in flags if flag.startswith("--"))
        arguments = set(re.findall(r"\bAr (\S+)", line))
        assert len(arguments) <= 1, line
        options.add((name, letter, arguments.pop() if arguments else None))
    return options


# ---- the program ----


def options_of_help(run, *arguments):
    lines = run(*arguments).stdout.splitlines()
    found = (re.match(r"  (?:(-\w), |    )(--[\w-]+)(?:[ []=?([A-Z/]+)\]?)?  ", line) for line in lines)
    options = {(match[2], match[1], match[3]) for match in found if match}
    assert len(options) > 2
    return options


@pytest.fixture(scope="module")
def flags_known(run):
    """Every flag that a command line may hold, by command; "" is pcapml's."""

    def flags(*arguments):
        options = options_of_help(run, *arguments)
        return {flag for name, letter, _ in options for flag in (name, letter) if flag}

    known = {command: flags(command, "--help") for command in COMMANDS}
    return known | {"": flags(*PCAPML)}


def test_every_command_is_in_the_manual(run):
    listed = run("help").stdout.split("Commands:\n")[1].split("\n\n")[0]
    commands = re.findall(r"^  (\w+) ", listed, re.M)
    assert {f"labelcap-{command}" for command in commands if command not in WITHOUT_PAGE} == {
        page.stem for page in PAGES if page.suffix == ".1" and page.stem != "labelcap"
    }
    described = re.search(r"^\.Sh COMMANDS$(.*?)^\.El$", source("labelcap"), re.M | re.S)[1]
    assert re.findall(r"^\.It Cm (\w+)", described, re.M) == commands


@pytest.mark.parametrize("command", COMMANDS)
def test_options_are_those_of_help(run, command):
    assert options_of_page(source(f"labelcap-{command}")) == options_of_help(
        run, command, "--help"
    )


def test_pcapml_options_are_those_of_help(run):
    assert options_of_page(source("labelcap")) == options_of_help(run, *PCAPML)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_option_named_in_text_exists(flags_known, page):
    command = page.stem.removeprefix("labelcap-")
    known = flags_known.get(command if page.suffix == ".1" else None) or {"-V", "--version"}.union(*flags_known.values())
    # In "Cm label Fl f L" all letters are options.
    named = {flag for line in page.read_text().splitlines() for flag in flags_of(line)}
    assert named <= known


# ---- rendering ----


def render(page):
    # The last option is grotty's: no colours, no bold, no underline, no overstriking.
    command = ["groff", "-mandoc", "-ww", "-Tutf8", "-rLL=200n", "-P-cbou", page]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_renders_without_warnings(page):
    done = render(page)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\u2019\u2019" not in done.stdout, "quotes in quotes"
    if shutil.which("mandoc"):
        lint = subprocess.run(
            ["mandoc", "-Tlint", "-W", "warning", page], capture_output=True, text=True, timeout=60
        )
        assert lint.stdout + lint.stderr == ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_displays_can_be_copied(page):
    """Signs that troff makes typographic must be escaped, whatever the local macros undo."""
    text = page.read_text()
    for display in raw_displays(text):
        assert re.search(r"(?<!\\)-|['`^~]", display) is None, display
    shown = {line.strip() for line in render(page).stdout.splitlines()}
    lines = [line.strip() for display in displays(text) for line in display.splitlines()]
    assert [line for line in lines if line not in shown] == []


def test_pages_refer_to_pages_that_exist():
    here = {(page.stem, page.suffix[1:]) for page in PAGES}
    named = set()
    for page in PAGES:
        named |= set(re.findall(r"^\.Xr (labelcap\S*) (\d)", page.read_text(), re.M))
    assert named and named <= here
    index = (REPO / "docs/README.md").read_text()
    assert {f"man/{page.name}" for page in PAGES} <= set(re.findall(r"\]\((man/[^)]+)\)", index))


# ---- examples ----


def commands_in(script):
    """The labelcap commands of a shell script, each a list of words."""
    joined = script.replace("\\\n", " ").replace("|\n", "| ")
    lexer = shlex.shlex(joined, posix=True, punctuation_chars="|>\n")
    lexer.whitespace = " \t"
    lexer.whitespace_split = True
    lexer.commenters = ""
    command, commands = [], []
    for token in [*lexer, "\n"]:
        if set(token) <= set("|>\n"):
            commands.append(command)
            command = []
        else:
            command.append(token)
    return [words for words in commands if words[:1] == ["labelcap"]]


def scripts_of(page):
    first = re.compile(r"^(labelcap|tshark|tcpdump|head|gzip|zstd) ")
    return [display for display in displays(page.read_text()) if first.match(display)]


def is_live(script):
    return any("-d" in command for command in commands_in(script))


def test_every_page_has_an_example():
    without = [page.name for page in PAGES if not any(map(commands_in, scripts_of(page)))]
    assert without == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_options_of_examples_exist(flags_known, page):
    for words in (words for script in scripts_of(page) for words in commands_in(script)):
        command = "" if words[1].startswith("-") else words[1]
        if command == "plan":  # then the command line that it divides
            words = words[:min(map(words.index, {"label", "sort", "flows"} & set(words)))]
        given = {word for word in words[1:] if re.fullmatch(r"-\w|--[\w-]+", word)}
        assert given <= flags_known[command], words


@pytest.fixture(scope="module")
def desk(program, run, tmp_path_factory):
    """A folder with the files that examples take as given, and labelcap itself in bin/."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "bin").mkdir()
    (folder / "bin/labelcap").symlink_to(program)
    data = REPO / "datasets"
    shutil.copytree(data / "apps/dns", folder / "captures/dns")
    shutil.copy(data / "mixed/mixed.pcap", folder / "traffic.pcap")
    (folder / "rules.csv").write_text("BPF:udp port 53,dns,group1\nBPF:tcp,other\n")
    (folder / "truth.csv").write_text("Time,From,To,Class\n2026-11-21 05:50:38,192.0.2.1,192.0.2.2,web\n")
    (folder / "answers.csv").write_text("sample_id,label\n1,web\n2,mail\n3,mail\n")
    (folder / "predictions.csv").write_text("1,web,0.9\n2,web,0.55\n3,mail,0.85\n")
    (folder / "other.csv").write_text("BPF:tcp port 80,web\n")
    label = ("label", "-q", "-L", folder / "rules.csv")
    run(*label, "-W", folder / "labelled.pcapng", "--keep-unmatched", folder / "traffic.pcap")
    run(*label, "-W", folder / "more.pcapng", folder / "captures")
    run(*label, "-W", folder / "old.pcapng", "--write-pcapml-times", folder / "traffic.pcap")
    run("sort", "-q", "-W", folder / "sorted.pcapng", folder / "labelled.pcapng")
    (folder / "splits").mkdir()
    (folder / "splits/train.csv").write_text(f"{sample_id(b'group1')}\n")
    (folder / "splits/test.csv").write_text(f"{sample_id(b'BPF:tcp,other')}\n")
    return folder


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_run(desk, tmp_path, page):
    scripts = [script for script in scripts_of(page) if not is_live(script)]
    folder = tmp_path / "desk"
    shutil.copytree(desk, folder, symlinks=True)
    for words in (words for script in scripts for words in commands_in(script)):
        for option in {"-o", "-W"} & set(words):  # what the page itself makes is not there before
            made = folder / words[words.index(option) + 1]
            if made.is_dir():
                shutil.rmtree(made)
            else:
                made.unlink(missing_ok=True)
    path = f"{folder / 'bin'}:/usr/bin:/bin:/usr/sbin"
    environment = dict(os.environ, PATH=path, LC_ALL="C.UTF-8", HOME=str(folder))
    for script in scripts:
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr


def test_tshark_example_finds_the_labels(desk, run, tmp_path):
    """What the page says of frame.comment, on a file whose packets are known."""
    script = next(s for s in scripts_of(MAN / "labelcap-comment.5") if "frame.number" in s)
    shutil.copy(desk / "labelled.pcapng", tmp_path)
    done = subprocess.run(
        ["bash", "-e", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    report = json.loads(run("info", "--json", desk / "labelled.pcapng").stdout)
    assert 0 < report["labelled"] < report["packets"]
    assert done.stdout == f"{report['labelled']} labelled packets\n", done.stderr
    rows = [line.split("\t") for line in (tmp_path / "labels.tsv").read_text().splitlines()]
    assert len(rows) == report["packets"]
    assert {comment.split(",", 1)[1] for _, comment in rows if comment} == {"dns", "other"}


# ---- JSON ----


def section_of(text, heading):
    return re.search(rf"^\.Ss {heading}$(.*?)(?=^\.S[sh] )", text, re.M | re.S)[1]


def members_of(text, heading):
    """{name: type or None} of the items below a heading or in a list of members."""
    members = {}
    for line in re.findall(r"^\.It Va (.*)$", section_of(text, heading), re.M):
        names, _, kind = line.partition(" Pq ")
        for name in names.replace(",", " ").split():
            members[name] = kind or None
    return members


def check_members(found, documented):
    assert list(found) == [name for name in documented if name in found]
    assert set(found) == set(documented)
    for name, value in found.items():
        if documented[name] and not (value is None and "null" in documented[name]):
            assert type(value) is TYPES[documented[name].split()[0]], name


@pytest.mark.parametrize("packets", ["some", "none"])
def test_json_of_info_is_documented(desk, run, tmp_path, packets):
    text = source("labelcap-info")
    capture = desk / "labelled.pcapng"
    if packets == "none":
        capture = tmp_path / "empty.pcap"
        capture.write_bytes((desk / "traffic.pcap").read_bytes()[:24])
    report = json.loads(run("info", "--json", "--samples", capture).stdout)
    top = members_of(text, "JSON")
    check_members(report, top)
    for container in ("inputs", "interfaces", "labels", "sample_list"):
        described = members_of(text, f"JSON: {container}")
        for name, kind in described.items():  # "as above"
            described[name] = kind or top[name]
        assert packets == "none" or report[container]
        for item in report[container]:
            check_members(item, described)
    assert "sample_list" not in json.loads(run("info", "--json", capture).stdout)


def test_report_of_flows_is_documented(desk, run, tmp_path):
    text = source("labelcap-flows")
    for captures, options in (["labelled"], []), (["labelled", "sorted"], ["--protocols", "udp,tcp"]):
        run("flows", "-q", "-f", "-o", tmp_path / "o.csv", "--report", tmp_path / "r.json", *options,
            *(desk / f"{name}.pcapng" for name in captures))
        report = json.loads((tmp_path / "r.json").read_text())
        top = members_of(text, "JSON: report")
        for name in ("source", "sources", "protocols_wanted"):
            if (name == "source") != (len(captures) == 1):
                del top[name]
        check_members(report, top)
        check_members(report["flow"], members_of(text, "JSON: flow"))
        for name in "protocols", "directions", "by_packets", "by_bytes":
            described = members_of(text, f"JSON: {'by_packets and by_bytes' if 'by' in name else name}")
            for item in report[name]:
                check_members(item, described)


def test_json_of_check_is_documented(desk, run):
    text = source("labelcap-check")
    report = json.loads(run("check", "--json", desk / "labelled.pcapng").stdout)
    check_members(report, members_of(text, "JSON"))
    assert report["findings"]
    for finding in report["findings"]:
        check_members(finding, members_of(text, "JSON: findings"))


@pytest.mark.parametrize("lists", [("--train", 70, "--test", 30), ("--folds", 3)])
def test_json_of_partition_is_documented(desk, run, tmp_path, lists):
    text = source("labelcap-partition")
    done = run("partition", "--json", "-o", tmp_path / "splits", *lists, desk / "sorted.pcapng")
    report = json.loads(done.stdout)
    members = members_of(text, "JSON")
    check_members(report, {key: members[key] for key in members if key != "leaks" or key in report})
    for name in ("lists", "labels"):
        assert report[name]
        for item in report[name]:
            check_members(item, {key: value for key, value in members_of(text, f"JSON: {name}").items()
                                 if name == "lists" or key in item})
    written = json.loads((tmp_path / "splits/partition.json").read_text())
    check_members(written, members_of(text, "partition.json"))


def test_json_of_leaks_is_documented(desk, run):
    text = source("labelcap-check")
    report = json.loads(run("check", "--json", "--splits", desk / "splits", "--compare-splits",
                            desk / "labelled.pcapng", desk / "more.pcapng").stdout)
    assert list(report)[-1] == "leaks"
    check_members(report["leaks"], members_of(text, "JSON: leaks"))
    for name in ("splits", "fields", "shared"):
        assert report["leaks"][name]
        for item in report["leaks"][name]:
            check_members(item, members_of(text, f"JSON: {name}"))


def test_json_of_compare_is_documented(desk, run):
    text = source("labelcap-compare")
    report = json.loads(run("compare", "--json", desk / "labelled.pcapng", desk / "old.pcapng").stdout)
    check_members(report, members_of(text, "JSON"))
    for name in ("labels", "confusion"):
        assert report[name]
        for item in report[name]:
            check_members(item, members_of(text, f"JSON: {name}"))


def test_json_of_score_is_documented(desk, run):
    text = source("labelcap-score")
    report = json.loads(run("score", "--json", "--truth", desk / "answers.csv", desk / "predictions.csv").stdout)
    check_members(report, members_of(text, "JSON"))
    assert list(report["macro"]) == list(report["weighted"]) == ["precision", "recall", "f1"]
    for name in ("labels", "confusion", "calibration"):
        assert report[name]
        for item in report[name]:
            check_members(item, members_of(text, f"JSON: {name}"))


def test_json_of_arrays_is_documented(desk, run, tmp_path):
    text = source("labelcap-arrays")
    (tmp_path / "splits").mkdir()
    (tmp_path / "splits/train.csv").write_text(f"{sample_id(b'group1')}\n")
    report = json.loads(run("arrays", "--json", "--form", "nprint", "--splits", tmp_path / "splits",
                            "-o", tmp_path / "out", desk / "sorted.pcapng").stdout)
    check_members(report, members_of(text, "JSON"))
    for item in report["lists"]:
        check_members(item, members_of(text, "JSON: lists"))


def test_json_of_publish_is_documented(desk, run, tmp_path):
    text, directory = source("labelcap-publish"), tmp_path / "set"
    report = json.loads(run(
        "publish", "--json", "-o", directory, "--allow", "mac,addresses,payload,names", "--name", "n",
        "--description", "d", "--license", "MIT", "--creator", "c", "--url", "https://example.org",
        "--date", "2026-11-30", desk / "labelled.pcapng").stdout)
    check_members(report, members_of(text, "JSON"))
    report = json.loads(run("publish", "--verify", "--json", directory).stdout)
    check_members(report, members_of(text, "JSON: verify"))


@pytest.mark.parametrize("command", ["sort", "split", "strip", "select"])
def test_json_of_copies_is_documented(desk, run, tmp_path, command):
    options = ["--label", "*"] * (command == "select")
    report = json.loads(run(command, "--json", "-o", tmp_path / "out", *options,
                            desk / "labelled.pcapng").stdout)
    check_members(report, members_of(source(f"labelcap-{command}"), "JSON"))


def test_json_of_index_is_documented(desk, run, tmp_path):
    shutil.copy(desk / "sorted.pcapng", tmp_path)
    report = json.loads(run("index", "--json", tmp_path / "sorted.pcapng").stdout)
    check_members(report, members_of(source("labelcap-index"), "JSON"))


def test_queries_of_the_page_run(desk, run, tmp_path):
    shutil.copy(desk / "sorted.pcapng", tmp_path)
    run("index", tmp_path / "sorted.pcapng")
    queries = [d for d in displays(source("labelcap-index")) if d.startswith("SELECT")]
    with sqlite3.connect(tmp_path / "sorted.pcapng.sqlite") as db:
        assert [len(db.execute(query).fetchall()) > 0 for query in queries] == [True, True]


def test_json_of_label_is_documented(desk, run, tmp_path):
    section = section_of(source("labelcap-label"), "JSON")
    report_list, rule_list = section.split(".Bl ")[1:]
    rules = tmp_path / "rules.csv"
    rules.write_text("BPF:udp port 53,dns,group1\nBPF:tcp port 1,never\n")
    stats = tmp_path / "stats.json"
    run("label", "--dry-run", "--stats-json", stats, "-L", rules, desk / "traffic.pcap")
    report = json.loads(stats.read_text())
    assert len(report["rules"]) == 2
    for found, described in [(report, report_list), (report["rules"][0], rule_list)]:
        check_members(found, dict(re.findall(r"^\.It Va (\w+) Pq (.*)$", described, re.M)))
    assert [warning["place"] for warning in report["warnings"]] == ["2"]


# ---- rules ----


def load(run, folder, rules, *inputs, check=True):
    (folder / "rules.csv").write_text(rules)
    done = run(
        *("label", "--dry-run", "-f", "--stats-json", "stats.json", "-L", "rules.csv"),
        *inputs,
        cwd=folder,
        check=check,
    )
    return done, json.loads((folder / "stats.json").read_text()) if check else None


@pytest.fixture
def inputs(desk, tmp_path):
    """The inputs that the rules page names."""
    names = ["captures/voip.pcap", "data/web/nginx.pcap"]
    names += ["facebook-handshake-1.pcap", "traffic.pcap"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(desk / "traffic.pcap", tmp_path / name)
    return ["captures", "data", "facebook-handshake-1.pcap", "traffic.pcap"]


def is_rules(display):
    return re.match(r"(traffic_filter|filename,label|FILE:|BPF:|TS_START:|#)", display) is not None


def test_rules_of_the_page_load(run, tmp_path, inputs):
    examples = list(filter(is_rules, displays(source("labelcap-rules", ".5"))))
    assert len(examples) == 7
    for rules in examples:
        done, report = load(run, tmp_path, rules, *inputs)
        lines = [line for line in rules.splitlines() if not re.match("#|traffic_f|filename,", line)]
        assert [rule["traffic_filter"] for rule in report["rules"]] == [
            line.split(",")[0] for line in lines
        ]
        assert not re.search("no input|shadowed|two labels", done.stderr), done.stderr


def test_sample_ids_of_the_page(run, tmp_path, inputs):
    table = next(d for d in displays(source("labelcap-rules", ".5")) if d.startswith("hashed"))
    rows = [line.split() for line in table.splitlines()[1:]]
    assert len(rows) >= 4
    for hashed, sample_id in rows:
        rule = hashed if "," in hashed else f"TS_START:1,x,{hashed}"
        _, report = load(run, tmp_path, rule + "\n", *inputs)
        assert report["rules"][0]["sample_id"] == sample_id


def test_sample_ids_of_each():
    """The last line of each example is the SipHash of the lines before it."""
    table = next(d for d in displays(source("labelcap-rules", ".5")) if d.startswith("EACH:flow,"))
    examples = [example.rsplit("\n", 1) for example in table.strip().split("\n\n")]
    assert len(examples) == 3
    for text, number in examples:
        assert str(sample_id(text.encode())) == number


def test_times_of_the_page_are_times(run, tmp_path, inputs):
    times = next(d for d in displays(source("labelcap-rules", ".5")) if re.match(r"\d+\n", d)).split("\n")
    assert len(times[:-1]) == 4
    for time in times[:-1]:
        load(run, tmp_path, f"TS_START:{time},x\n", *inputs)


PROVOKED = {
    "no input is named": "FILE:nowhere.pcap,x\n",
    "no input matches": "FILE:nowhere/,x\n",
    "shadowed by line": "BPF:tcp,x\nBPF:tcp|TS_START:5,y\n",
    "one sample, two labels": "BPF:tcp,x,k\nBPF:udp,y,k\n",
    "labelled no packet": "BPF:tcp port 1,x\n",
    "its time is outside": "TS_END:5,x\n",
    "BFP: is not a tag": "BFP:tcp,x\n",
    "has no tag": "nowhere.pcap,x\n",
    "names N inputs": "FILE:same.pcap,x\n",
    "filter": "BPF:host example.com,x\n",
    "only in case or spaces": "BPF:tcp,x\nBPF:udp, x\n",
    "the metadata begins with the tag": "BPF:tcp,TS_END:5\n",
    "EACH:...": "EACH:connection,x\n",
    "are both called": None,  # test_label_samples.py has such inputs
    "is before": "TS_START:9|TS_END:5,x\n",
    "expected 2 or 3 columns": "BPF:tcp,x,y,z\n",
    "metadata of N bytes": f"BPF:tcp,{'m' * 65535}\n",
    "already belongs to line": None,  # two inputs with one SipHash: nobody knows any
}


def test_diagnostics_of_the_page_are_what_is_said(run, tmp_path, inputs):
    section = source("labelcap-rules", ".5").split(".Sh DIAGNOSTICS")[1].split("\n.Sh ")[0]
    items = [unescape(item) for item in re.findall(r"^\.It (.*)$", section, re.M)]
    for name in ("a", "b"):
        (tmp_path / "captures" / name).mkdir()
        shutil.copy(tmp_path / "traffic.pcap", tmp_path / "captures" / name / "same.pcap")
    assert len(items) == len(PROVOKED)
    for fragment, rules in PROVOKED.items():
        item = next(item for item in items if fragment in item)
        if rules is None:
            continue
        done, _ = load(run, tmp_path, rules, *inputs, check=False)
        said = re.escape(item).replace(r"\.\.\.", ".*")
        said = re.sub(r"\bN\b", r"\\d+", said)
        assert re.search(rf"rules\.csv:\d+(:\d+)?: {said}", done.stderr), (item, done.stderr)


# ---- library ----


def test_example_of_the_library_guide_works(build, build_flags, run, tmp_path):
    guide = (REPO / "docs/library.md").read_text()
    (tmp_path / "keep.c").write_text(re.search(r"```c\n(.*?)```", guide, re.S)[1])
    compiler = ["cc", "-std=c11", "-pedantic", "-Wall", "-Wextra", "-Werror", *build_flags]
    library = [f"-I{REPO / 'include'}", f"-L{build}", "-llabelcap"]
    subprocess.run(
        [*compiler, "-o", "keep", "keep.c", *library], cwd=tmp_path, check=True, timeout=120
    )
    # The loader looks for the soname.
    (tmp_path / "liblabelcap.so.1").symlink_to(build / "liblabelcap.so")
    environment = dict(os.environ, LD_LIBRARY_PATH=str(tmp_path))
    # The commands of the guide, with the bundled captures that they name.
    shell = re.findall(r"```sh\n(.*?)```", guide, re.S)[0].splitlines()[1:]
    environment["PATH"] = f"{build}:{environment['PATH']}"
    (tmp_path / "datasets").symlink_to(REPO / "datasets")
    for line in shell:
        subprocess.run(line, shell=True, cwd=tmp_path, env=environment, check=True)
    report = json.loads(run("info", "--json", tmp_path / "one-sample.pcapng").stdout)
    assert report["labels"][0]["metadata"] == "dns"
    assert report["samples"] == 1
    assert report["packets"] == report["labelled"] > 0


# ---- README ----


def outputs_shown(readme):
    """The blocks that show output, without the lines that stand for the rest."""
    return [[line for line in block.splitlines() if line and line != "\u2026"]
            for language, block in re.findall(r"^```(\w*)\n(.*?)^```$", readme, re.M | re.S)
            if not language]


def test_the_tour_of_the_readme(program, tmp_path):
    """Its commands run, write into build/tour alone, and print what the page shows."""
    readme = (REPO / "README.md").read_text()
    tour, pcapml, features, table = [
        block for block in re.findall(r"```sh\n(.*?)```", readme, re.S) if "$data" in block or
        "labelled.pcapng -o" in block]
    (tmp_path / "datasets").symlink_to(REPO / "datasets")
    (tmp_path / "build").mkdir()
    (tmp_path / "build/labelcap").symlink_to(program)
    script = "set -eu\n" + tour.replace("cd build/tour", "cd build/tour && pwd") + pcapml + features + table
    script = re.sub(r"^(tcpdump|tshark) (.*) \| head$", r"\1 \2 >>../shown", script, flags=re.M)
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True,
                          timeout=120, env=dict(os.environ, LC_ALL="C.UTF-8"))
    assert done.returncode == 0, done.stderr
    assert sorted(os.listdir(tmp_path)) == ["build", "datasets"]
    comment, *shown = outputs_shown(readme)[:3]
    printed = (done.stdout + done.stderr).splitlines()
    assert any(comment[0] in line for line in (tmp_path / "build/shown").read_text().splitlines())
    for block in shown:
        assert len(block) > 4 and set(block) <= set(printed), set(block) - set(printed)
