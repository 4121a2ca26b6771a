"""The scripts of plan on Slurm and by GNU parallel: what one process writes, for any number of shards,
whatever happens to a task."""

import os
import random
import re
import shutil
import struct
import subprocess
import time

import pytest

from captures import bgzf, pcap
from slurm import Cluster, wait_until, what_is_missing

EPOCH = 1_600_000_000 * 10**9

# A labelcap that stands still soon after its start, as long as there is a file "slow".
SLOW = """#!/bin/bash
if [ "$1" = merge ] || [ ! -e slow ]; then exec "{program}" "$@"; fi
"{program}" "$@" &
sleep "0.0$((RANDOM % 5))"
kill -STOP $! 2>/dev/null && wait $!
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    missing = what_is_missing()
    if missing:
        pytest.skip(missing)
    with Cluster(tmp_path_factory.mktemp("slurm")) as cluster:
        yield cluster


def datagram(chance):
    """UDP between a few hosts, over Ethernet; the first byte decides the class."""
    payload = chance.randbytes(chance.randrange(60))
    source, destination = chance.sample(range(20), 2)
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 28 + len(payload), 0, 0, 64, 17, 0,
                     bytes([192, 0, 2, source]), bytes([192, 0, 2, destination]))
    udp = struct.pack(">HHHH", 1000 + source % 3, 2000, 8 + len(payload), 0)
    return bytes([chance.randrange(256)]) + bytes(11) + b"\x08\0" + ip + udp + payload


def traffic(seed, count):
    chance = random.Random(seed)
    return pcap([(datagram(chance), EPOCH + number * 10**6 + chance.randrange(2 * 10**6))
                 for number in range(count)])


def captures_in_packets():
    chance = random.Random(1)
    return pcap([(b"head" + pcap([(chance.randbytes(40), EPOCH + k * 1000) for k in range(30)])[24:],
                  EPOCH + number * 10**6) for number in range(200)])


@pytest.fixture
def desk(tmp_path, program):
    """A folder with captures, rules, and labelcap in bin/."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/labelcap").write_text(SLOW.format(program=program))
    (tmp_path / "bin/labelcap").chmod(0o755)
    (tmp_path / "rules.csv").write_text("".join(
        f"BPF:ether[0] & 7 == {number},class {number},group {number}\n" for number in range(7)))
    (tmp_path / "one.pcap").write_bytes(traffic(1, 20_000))
    (tmp_path / "nested.pcap").write_bytes(captures_in_packets())
    (tmp_path / "days").mkdir()
    for day in range(12):
        (tmp_path / f"days/{day}.pcap").write_bytes(traffic(day, 500 + 100 * day))
    return tmp_path


@pytest.fixture
def plan(run, desk):
    """plan(name, *words): writes the script of that name."""
    def write(name, *words):
        (desk / name).write_text(run("plan", *words, cwd=desk).stdout)
    return write


def start(desk, script, *words, check=True, **environment):
    path = f"{desk}/bin:{os.environ['PATH']}"
    return subprocess.run(["bash", script, *words], cwd=desk, text=True, capture_output=True, timeout=60,
                          check=check, env=dict(os.environ, PATH=path, LC_ALL="C", **environment))


def logs(desk):
    return "".join(f"{path}:\n{path.read_text()}" for path in desk.glob("*.parts/*.log"))


INPUTS = {"one": "one.pcap", "nested": "nested.pcap", "days": "days"}
LABEL = ("label", "-L", "rules.csv", "-j", 1, "-o")

# The steps from a capture to a table: the end of the output, and the command before it.
STEPS = [(".pcapng", LABEL), (".sorted.pcapng.gz", ("sort", "-j", 1, "-o")), (".csv", ("flows", "-j", 1, "-o"))]


def steps_of(title, capture):
    """(output, command line) of each step, which reads what the one before has written."""
    for ending, command in STEPS:
        output = title + ending
        yield output, (*command, output, capture)
        capture = output


@pytest.fixture
def expected(run, desk):
    """{input: what one process writes in each step}"""
    made = {}
    for name, path in INPUTS.items():
        made[name] = []
        for output, command in steps_of(name, path):
            run(*command, cwd=desk)
            made[name].append((desk / output).read_bytes())
    return made


def carry_out(plan, desk, expected, runs, options, start_all):
    """Every run is an input and a number of shards."""
    for step in range(len(STEPS)):
        outputs = {}
        for name, count in runs:
            output, command = list(steps_of(f"{name} in {count}", INPUTS[name]))[step]
            plan(f"{output}.sh", *options, "-n", count, *command)
            outputs[output] = name
        start_all([f"{output}.sh" for output in outputs])
        for output, name in outputs.items():
            path = desk / output
            assert path.exists() and path.read_bytes() == expected[name][step], (output, logs(desk))


def test_slurm_writes_what_one_process_writes(cluster, plan, desk, expected):
    """One file in 1, 2, 7 and 64 shards, captures in packets, which mislead guesses, and a directory."""
    def start_all(scripts):
        for script in scripts:
            start(desk, script, **cluster.environment)
        cluster.wait_for_jobs()

    options = ("--time", 5, "--mem", "100M", "--partition", "test")
    runs = [("one", 1), ("one", 2), ("one", 7), ("one", 64), ("nested", 32), ("days", 7)]
    carry_out(plan, desk, expected, runs, options, start_all)


def job_of(desk, cluster, script):
    """Submits all, and returns the number of the array."""
    return start(desk, script, **cluster.environment).stdout.split()[2]


def test_tasks_that_are_killed_are_run_again(cluster, plan, desk, expected):
    (desk / "slow").touch()
    plan("killed.sh", "-n", 7, *LABEL, "killed.pcapng", "one.pcap")
    job = job_of(desk, cluster, "killed.sh")
    wait_until(lambda: len(cluster.ask("squeue", "-h", "-r", "-t", "RUNNING").splitlines()) > 0 or
               not cluster.ask("squeue", "-h"), "the start of the tasks")
    time.sleep(random.random() / 2)
    cluster.ask("scancel", f"{job}_[0-3]")
    cluster.ask("scancel", "--signal=KILL", "--full", f"{job}_[4-6]")
    cluster.wait_for_jobs()  # the merge, too: what it waits for cannot come
    assert not (desk / "killed.pcapng").exists()
    (desk / "slow").unlink()
    before = {path: path.stat().st_mtime_ns for path in desk.glob("killed.parts/*.joint")
              if "finished 1\n" in path.read_text()}
    start(desk, "killed.sh", **cluster.environment)
    cluster.wait_for_jobs()
    assert (desk / "killed.pcapng").read_bytes() == expected["one"][0], logs(desk)
    assert {path: path.stat().st_mtime_ns for path in before} == before


def files_of(path):
    return {child.name: child.read_bytes() for child in path.iterdir()} if path.is_dir() else path.read_bytes()


def test_slurm_runs_every_command(cluster, plan, run, desk):
    """Besides label, sort and flows; rules that need the packets before; and label of a BGZF file into .zst."""
    (desk / "single.csv").write_text("EACH:packet|BPF:len >= 0,one\n")
    (desk / "each.csv").write_text("FILE:one.pcap|EACH:file|EACH:flow,one\nSCOPE:flow|EACH:flow:2,days\n")
    (desk / "one.pcap.gz").write_bytes(bgzf((desk / "one.pcap").read_bytes(), 20_000))
    run("label", "-s", "--keep-source", "-L", "each.csv", "-o", "set.pcapng", "one.pcap", "days", cwd=desk)
    whole = {}
    for output, command in {
            "single.pcapng": ("label", "-L", "single.csv", "-o", "single.pcapng", "nested.pcap"),
            "flows.pcapng": ("label", "-L", "each.csv", "-o", "flows.pcapng", "one.pcap", "days"),
            "packed.pcapng.zst": ("label", "-L", "rules.csv", "-o", "packed.pcapng.zst", "one.pcap.gz"),
            "set.pcapng.sqlite": ("index", "set.pcapng"),
            "arrays": ("arrays", "--packets", 2, "--bytes", 40, "-o", "arrays", "set.pcapng")}.items():
        run(*command, cwd=desk)
        whole[output] = files_of(desk / output)
        (desk / output).rename(desk / "of one process" if output == "arrays" else desk / f"{output}.whole")
        plan(f"{output}.sh", "-n", 8, *command)
    plan("check.sh", "-n", 8, "check", "--rules", "each.csv", "-o", "checked", "set.pcapng")
    for script in desk.glob("*.sh"):
        start(desk, script, **cluster.environment)
    cluster.wait_for_jobs()
    for output, expected in whole.items():
        assert (desk / output).exists() and files_of(desk / output) == expected, (output, logs(desk))
    report = run("check", "--rules", "each.csv", "set.pcapng", cwd=desk, check=False).stdout
    assert (desk / "checked.parts/merge.log").read_text().endswith(report), logs(desk)
    assert "--count-packets" in (desk / "check.sh").read_text()


@pytest.fixture
def parallel():
    if not shutil.which("parallel"):
        pytest.skip("GNU parallel is not installed")


def test_gnu_parallel_writes_what_one_process_writes(parallel, plan, desk, expected):
    def start_all(scripts):
        for script in scripts:
            start(desk, script)

    runs = [("one", 7), ("nested", 5), ("days", 2)]
    carry_out(plan, desk, expected, runs, ["--parallel"], start_all)


def test_gnu_parallel_labels_flows_in_64_shards(parallel, plan, run, desk):
    (desk / "flows.csv").write_text("SCOPE:flow:0.5|BPF:greater 70,long\nEACH:flow:1,flows\n")
    command = ("label", "-L", "flows.csv", "-j", 1, "-o")
    run(*command, "whole.pcapng", "one.pcap", cwd=desk)
    plan("flows.sh", "--parallel", "-n", 64, *command, "flows.pcapng", "one.pcap")
    start(desk, "flows.sh")
    assert (desk / "flows.pcapng").read_bytes() == (desk / "whole.pcapng").read_bytes()


def test_parts_that_are_not_of_the_run(parallel, run, plan, desk, expected):
    """The script makes again what is not there or cut; what was changed, or is of another run, is named."""
    output = desk / "out.pcapng"
    plan("label.sh", "--parallel", "-n", 4, *LABEL, output.name, "one.pcap")
    start(desk, "label.sh")
    parts = [desk / f"out.parts/out.{number}-of-4.pcapng" for number in range(4)]

    def again(check=True):
        output.unlink(missing_ok=True)
        return start(desk, "label.sh", check=check)

    parts[1].unlink()
    parts[2].write_bytes(parts[2].read_bytes()[:-4])
    again()
    assert output.read_bytes() == expected["one"][0]
    data = bytearray(parts[3].read_bytes())
    data[-5] ^= 1
    parts[3].write_bytes(data)
    refused = again(check=False)
    assert refused.returncode != 0 and "out.3-of-4.pcapng" in refused.stderr and not output.exists()
    parts[3].unlink()
    run("label", "-L", "rules.csv", "--snaplen", 20, "-f", "-o", "out.parts/out.pcapng", "--shard", "3/4",
        "one.pcap", cwd=desk)
    refused = again(check=False)
    assert refused.returncode != 0 and "out.3-of-4.pcapng" in refused.stderr and not output.exists()


def test_lines_of_the_guide_run(cluster, parallel, run, repo, desk):
    """docs/scale.md, from its first line to its last."""
    (desk / "days").rename(desk / "captures")
    blocks = re.findall(r"```sh\n(.*?)```", (repo / "docs/scale.md").read_text(), re.S)
    assert len(blocks) == 5
    for block in blocks:
        (desk / "block").write_text("set -eu\n" + block)
        start(desk, "block", **cluster.environment)
        cluster.wait_for_jobs()
    run("flows", "-o", "one.csv", "labelled", cwd=desk)
    run("sort", "-o", "one.pcapng", "labelled", cwd=desk)
    run("label", "-L", "rules.csv", "-o", "labelled.pcapng", "captures", cwd=desk)
    for made, expected in (("month.csv", "one.csv"), ("month.pcapng", "one.pcapng"), ("all.pcapng", "labelled.pcapng")):
        assert (desk / made).read_bytes() == (desk / expected).read_bytes(), (made, logs(desk))
    report = run("check", "month.pcapng", cwd=desk, check=False).stdout
    assert (desk / "checked.parts/merge.log").read_text().endswith(report), logs(desk)
