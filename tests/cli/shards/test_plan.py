"""plan: the text of its scripts, and that bash reads in them the words that plan was given."""

import os
import random
import shutil
import subprocess

import pytest

from captures import pcap

# A program that writes the words it is called with; a word of byte 1 ends a call.
RECORDER = """#!/bin/sh
printf '%s\\0' "${0##*/}" "$@" "$(printf '\\1')" >>"$RECORD"
echo 42
"""

SLURM = """#!/bin/bash
#SBATCH --time=2:00:00
#SBATCH --mem=2G
#SBATCH --partition=long
#
# Runs labelcap label in 8 shards on Slurm, and merges their parts.
# Save this as a file, change what you like, and start it in the directory from
# which its names of files hold:
#
#   bash FILE                     submits all jobs
#   sbatch --array=I FILE shard   runs task I alone
#   sbatch FILE merge             merges, when all tasks are done
#
# A task that is done is not done again: after a failure, all may be run again.
set -eu

parts=month.parts
mkdir -p "$parts"

shard() { # NUMBER of the task, from 0
    labelcap label --shard "$1/8" -s -L rules.csv -o "$parts"/month.pcapng.gz captures/
}

merge() {
    # A shard that has guessed its beginning wrong is run again; the others are done.
    for number in {0..7}; do shard "$number"; done
    labelcap merge -o month.pcapng.gz --level 6 --json "$parts"/month.{0..7}-of-8.pcapng
}

start() {
    local job logs=${parts//%/%%} # Slurm reads %a as the number, %% as a %
    job=$(sbatch --parsable --job-name=label-shard --array=0-7 \\
        --output="$logs"/shard-%a.log "$0" shard)
    job=${job%%;*}
    echo "shard: job $job"
    job=$(sbatch --parsable --job-name=label-merge \\
        --dependency=afterok:"$job" --kill-on-invalid-dep=yes \\
        --output="$logs"/merge.log "$0" merge)
    job=${job%%;*}
    echo "merge: job $job"
}

case ${1-start} in
start) start ;;
merge) merge ;;
shard) shard "$SLURM_ARRAY_TASK_ID" ;;
esac
"""

PARALLEL = """#!/bin/bash
#
# Runs labelcap sort in 3 shards by GNU parallel, as many at a time as there are
# processors, and merges their parts. Save this as a file, change what you like,
# and start it in the directory from which its names of files hold:
#
#   bash FILE             does everything
#   bash FILE shard I     runs task I alone
#   bash FILE merge       merges, when all tasks are done
#
# A task that is done is not done again: after a failure, all may be run again.
set -eu

parts='all days.parts'
mkdir -p "$parts"

shard() { # NUMBER of the task, from 0
    labelcap sort --shard "$1/3" --by time -o "$parts"/'all days.pcapng' 1.pcap 2.pcap
}

merge() {
    # A shard that has guessed its beginning wrong is run again; the others are done.
    for number in {0..2}; do shard "$number"; done
    labelcap merge -o 'all days.pcapng' "$parts"/'all days.'{0..2}-of-3.pcapng
}

start() {
    export parts
    export -f shard
    parallel shard ::: {0..2}
    merge
}

case ${1-start} in
start) start ;;
merge) merge ;;
shard) shard "$2" ;;
esac
"""

LABEL = ["label", "-L", "rules.csv", "-o"]


@pytest.fixture
def plan(run, tmp_path):
    """plan(*words): the path of the script, which is sound bash."""
    def write(*words, cwd=tmp_path):
        path = tmp_path / "a plan.sh"
        path.write_text(run("plan", *words, cwd=cwd).stdout)
        subprocess.run(["bash", "-n", path], check=True)
        subprocess.run(["sh", "-n", path], check=True)
        return path
    return write


def start(script, tools, *words, check=True, **variables):
    environment = dict(os.environ, PATH=f"{tools}:{os.environ['PATH']}", **variables)
    return subprocess.run(["bash", script, *words], cwd=script.parent, env=environment, text=True,
                          capture_output=True, check=check, timeout=60)


@pytest.fixture
def recorded(tmp_path):
    """recorded(script, *words): the command lines that the script runs."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("labelcap", "sbatch", "parallel"):
        (tools / name).write_text(RECORDER)
        (tools / name).chmod(0o755)

    def record(script, *words, **variables):
        file = tmp_path / "record"
        file.write_text("")
        start(script, tools, *words, RECORD=str(file), **variables)
        calls = file.read_text(errors="surrogateescape").split("\1\0")[:-1]
        return [call.split("\0")[:-1] for call in calls]
    return record


def test_the_scripts_as_they_are(plan):
    script = plan("-n", 8, "--time", "2:00:00", "--mem", "2G", "--partition", "long", "label",
                  "--sort", "-L", "rules.csv", "-o", "month.pcapng.gz", "--level", 6, "--json", "captures/")
    assert script.read_text() == SLURM
    script = plan("--parallel", "-n", 3, "sort", "--by", "time", "-W", "all days.pcapng", "1.pcap", "2.pcap")
    assert script.read_text() == PARALLEL


def test_flows_divide_packets_first(plan):
    """Guesses are proved before buckets are read; parts are called after the whole name."""
    text = plan("-n", 2, "flows", "-o", "tables/", "--per-label", "in.pcap").read_text()
    steps = [text.index(f'"$0" {name}') for name in ("buckets", "prove", "shard", "merge")]
    assert steps == sorted(steps) and text.count("for number in {0..1}; do buckets") == 1
    assert '-o "$parts"/tables/ --per-label in.pcap' in text
    assert 'labelcap merge -o tables/ "$parts"/tables.{0..1}-of-2.rows' in text


def test_packets_are_counted_first_where_the_rules_need_it(plan, tmp_path):
    (tmp_path / "rules.csv").write_text("BPF:tcp,web\nEACH:host:0.0.0.0/0|EACH:packet,one\n")
    text = plan("-n", 2, *LABEL, "out.pcapng", "in.pcap").read_text()
    steps = [text.index(f'"$0" {name}') for name in ("count", "prove", "shard", "merge")]
    assert steps == sorted(steps) and text.count("for number in {0..1}; do count") == 1
    assert text.count("label --count-packets --shard") == 1 and text.count("label --shard") == 1
    check = ["-n", 2, "check", "--rules", "rules.csv", "-o", "out", "in.pcap"]
    text = plan(*check).read_text()
    assert text.count("check --count-packets --shard") == 1 and text.count("for number in {0..1}; do count") == 1
    (tmp_path / "rules.csv").write_text("EACH:flow|BPF:tcp,web\n")
    assert "count" not in plan(*check).read_text()


@pytest.mark.parametrize("tags", ["SCOPE:flow", "EACH:flow|EACH:packet"])
def test_packets_of_flows_are_decided_about_in_one_place(plan, tmp_path, tags):
    (tmp_path / "rules.csv").write_text(f"BPF:tcp,web\n{tags},one\n")
    text = plan("-n", 2, *LABEL, "out.pcapng", "in.pcap").read_text()
    steps = [text.index(f'"$0" {name}') for name in ("buckets", "prove", "decide", "shard", "merge")]
    assert steps == sorted(steps) and text.count("for number in {0..1}; do buckets") == 1
    words = [line.split()[2:4] for line in text.splitlines() if line.startswith("    labelcap label")]
    assert words == [["--buckets=write", "--shard"], ["--buckets=read", "--shard"], ["--shard", '"$1/2"']]


def test_the_result_of_flows_is_that_of_the_merge(plan):
    text = plan("-n", 2, "flows", "--json", "-o", "x.csv", "in.pcap").read_text()
    assert "merge --json -o x.csv" in text and text.count("--json") == 1


def test_a_check_prints_its_report_in_the_merge(plan, run, tmp_path, program):
    """Its output is that of the merge only with lists; else it names the parts."""
    (tmp_path / "in.pcap").write_bytes(pcap([(bytes(60), 10**18 + n * 10**8) for n in range(99)]))
    script = plan("-n", 2, "--parallel", "check", "-o", "a b", "--memory", "1M", "--json", "in.pcap")
    start(script, program.parent, "shard", "1")
    done = start(script, program.parent, "merge", check=False)
    whole = run("check", "--json", "in.pcap", cwd=tmp_path, check=False)
    assert (done.stdout, done.returncode) == (whole.stdout, 1)
    assert "merge --memory 1M --json \"$parts\"/'a b.'{0..1}-of-2.check" in script.read_text()
    text = plan("-n", 2, "check", "--splits", "lists", "-o", "leaks.csv", "in.pcap").read_text()
    assert '--splits lists -o "$parts"/leaks.csv in.pcap' in text and "merge -o leaks.csv" in text


def test_index_has_its_parts_beside_the_catalogue(plan, run, tmp_path, program):
    (tmp_path / "rules.csv").write_text("EACH:window:1,w\n")
    (tmp_path / "a b").mkdir()
    for data_set in ("a b/-set.pcapng", "-set.pcapng"):
        (tmp_path / "in.pcap").write_bytes(pcap([(bytes(60), 10**18 + n * 10**8) for n in range(99)]))
        run("label", "-q", "-L", "rules.csv", "-o", "./" + data_set, "in.pcap", cwd=tmp_path)
        catalogue = tmp_path / (data_set + ".sqlite")
        run("index", "-q", "--hash", "--", data_set, cwd=tmp_path)
        whole = catalogue.read_bytes()
        catalogue.unlink()
        script = plan("-n", 3, "--parallel", "index", "--hash", "--json", "--", data_set)
        for number in (2, 0, 1):
            start(script, program.parent, "shard", str(number))
        assert '"samples":' in start(script, program.parent, "merge").stdout
        assert catalogue.read_bytes() == whole


@pytest.mark.parametrize("engine", ["--slurm", "--parallel"])
def test_shellcheck_finds_nothing(plan, engine):
    if not shutil.which("shellcheck"):
        pytest.skip("shellcheck is not installed")
    script = plan(engine, "-n", 64, *LABEL, "two words.pcapng", "-f", "--shift-rules=-5", "--",
                  "-x.pcap", "a b.pcap")
    subprocess.run(["shellcheck", script], check=True)


NAMES = ["plain", "it's two words", "-dash", "$HOME `id` $(id) \\", "new\nline\n#", "*?[a]{0..3}~!&|;<>()", "\"'\\'",
         "\x1b[31mred\x7f\u009b\u202eright", "caf\xe9", "not\udcff\udc80utf8", "%a%%", "="]


@pytest.mark.parametrize("name", NAMES)
def test_words_stay_as_they_are(plan, recorded, name):
    """Names of all kinds, in every place; the script keeps its lines, and no terminal acts on it."""
    output, rules, capture = name + ".pcapng", name + ".csv", name + ".pcap"
    parts = ("./" if name[0] == "-" else "") + name + ".parts/"
    command = ["label", "-L", rules, "-o", output, "--tmpdir", name, "--sort", "-f", "--stats-json=" + name, "--", capture]
    script = plan("-n", 2, *command)
    text = script.read_text(errors="surrogateescape")
    assert text.count("\n") == SLURM.count("\n") - 3
    assert all(character.isprintable() or character == "\n" for character in text)
    dashed = ["--"] if name[0] == "-" else []
    shard = ["labelcap", "label", "--shard", "1/2", "-L", rules, "-o", parts + output, "--tmpdir", name, "-s",
             "-f", *dashed, capture]
    assert recorded(script, "shard", SLURM_ARRAY_TASK_ID="1") == [shard]
    first = [word if word != "1/2" else "0/2" for word in shard]
    merge = ["labelcap", "merge", "-o", output, "--tmpdir", name, "-f", "--stats-json", name,
             *(f"{parts}{name}.{number}-of-2.pcapng" for number in range(2))]
    assert recorded(script, "merge") == [first, shard, merge]
    logs = parts.replace("%", "%%")
    assert recorded(script) == [
        ["sbatch", "--parsable", "--job-name=label-shard", "--array=0-1", f"--output={logs}shard-%a.log",
         str(script), "shard"],
        ["sbatch", "--parsable", "--job-name=label-merge", "--dependency=afterok:42", "--kill-on-invalid-dep=yes",
         f"--output={logs}merge.log", str(script), "merge"]]


def test_parallel_gets_the_numbers(plan, recorded):
    script = plan("-n", 3, "--parallel", *LABEL, "out.pcapng", "in.pcap")
    calls = recorded(script)
    assert calls[0] == ["parallel", "shard", ":::", "0", "1", "2"]
    assert [call[:2] for call in calls[1:]] == [["labelcap", "label"]] * 3 + [["labelcap", "merge"]]


def test_a_plan_that_is_carried_out_by_hand(plan, run, tmp_path, program):
    """The tasks in any order, one twice; then what one process writes."""
    chance = random.Random(1)
    records = [(chance.randbytes(60), 10**18 + number) for number in range(300)]
    (tmp_path / "in.pcap").write_bytes(pcap(records))
    (tmp_path / "rules.csv").write_text("BPF:ether[0] & 1 == 0,even\n")
    script = plan("-n", 5, "--parallel", *LABEL, "out.pcapng.gz", "in.pcap")
    run(*LABEL, "one.pcapng.gz", "in.pcap", cwd=tmp_path)
    for number in (4, 1, 3, 1, 0):
        start(script, program.parent, "shard", str(number))
    done = start(script, program.parent, "merge")  # runs the one that is missing
    assert done.stderr.count("is done already") == 4
    assert (tmp_path / "out.pcapng.gz").read_bytes() == (tmp_path / "one.pcapng.gz").read_bytes()
    assert "exists" in start(script, program.parent, "merge", check=False).stderr


def test_damage_is_told_by_merge(plan, tmp_path, program):
    """A shard has done what it could; a failed task would keep the merge from being started."""
    data = pcap([(bytes(60), 10**18 + number) for number in range(300)])
    (tmp_path / "in.pcap").write_bytes(data[:-7])
    (tmp_path / "rules.csv").write_text("BPF:len >= 0,all\n")
    script = plan("-n", 2, "--parallel", *LABEL, "out.pcapng", "in.pcap")
    done = start(script, program.parent, "shard", "1")
    assert "in.pcap" in done.stderr
    done = start(script, program.parent, "merge", check=False)
    assert done.returncode == 1 and (tmp_path / "out.pcapng").exists()


@pytest.mark.parametrize("words, text", [
    (["label", "in.pcap"], "no -n N given"),
    (["-n", 2, "lable"], "did you mean label?"),
    (["-n", 2, "info", "in.pcap"], "info cannot be divided into shards"),
    (["-n", 2, "label", "in.pcap"], "label: "),
    (["-n", 2, *LABEL, "out.pcapng", "--shard", "0/2", "in.pcap"], "--shard is what plan adds"),
    (["-n", 2, "label", "-L", "-", "-o", "out.pcapng", "in.pcap"], "every shard reads the rules"),
    (["-n", 2, "flows", "-o", "x.csv", "--buckets", "read", "in.pcap"], "--buckets is what plan adds"),
    (["-n", 2, *LABEL, "out.pcapng", "-d", "eth0"], "label: --shard"),
    (["-n", 2, "flows", "-o", "x.csv", "--report", "r.html", "in.pcap"], "flows: --shard"),
    (["-n", 2, "label", "-L", "rules.csv", "--dry-run", "in.pcap"], "label: --shard"),
    (["-n", 2, *LABEL, "-", "in.pcap"], "must be a file"),
    (["-n", 2, "check", "in.pcap"], "check: --shard needs -o FILE"),
    (["-n", 2, "arrays", "--form", "yatc", "-o", "out", "--format", "png", "in.pcap"], "arrays: shards cannot write png"),
    (["-n", 2, *LABEL, "out.pcapng", "-"], "standard input"),
    (["-n", 2, *LABEL, "out.pcapng", "--tmpdri", "x", "in.pcap"], "label: unknown option --tmpdri"),
    (["-n", 2, *LABEL, "out.pcapng", "--help"], "--help"),
    (["-n", 0, *LABEL, "out.pcapng", "in.pcap"], "from 1 to 100000"),
    (["-n", 2, "--parallel", "--mem", "2G", *LABEL, "out.pcapng", "in.pcap"], "--parallel"),
    (["-n", 2, "--mem", "2G\n#SBATCH --uid=0", *LABEL, "out.pcapng", "in.pcap"], "--mem: expected"),
])
def test_what_cannot_be_planned_is_refused(run, words, text):
    done = run("plan", *words, check=False)
    assert done.returncode == 2 and text in done.stderr and not done.stdout
