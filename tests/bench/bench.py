#!/usr/bin/python3
"""Measures labelcap against cp, tcpdump, editcap, reordercap, argus, nfpcapd and tshark.

    bench.py [--quick] [--runs N] [--size BYTES] [--core N] [--only SECTION] [BUILD]

What is measured: the wall time of whole commands, from start to exit, each
pinned to one core (save those that say "2 cores"), input and output in memory-backed storage (/dev/shm, or
the directory in $BENCH_DIR). The commands of one section take turns, so that
a slow minute of the machine hits all of them; the table shows medians. Peak
memory is the largest resident set that wait4() reports for any of the runs
(at least what Python has when it starts a command, about 12 MiB; pages of
files in memory-backed storage are not counted, by the kernel's definition).
Before each run as much memory is touched and freed as a run may need: virtual
machines give memory back to their host when it is idle, and getting it again
would be charged to whichever command comes next.

On what: captures from generate.c (built here, same bytes every time): pcap,
mean packet 330 bytes, TCP and UDP, 30 % IPv6, a flow for each 25,000 bytes,
about 2,000 open at a time; and labelled captures that labelcap makes of them.

"x of" compares medians: 2.0 x cp means twice the time. Millions of packets a
second count every packet of the input. --quick: a tenth of the data, three
runs: to see that all works, not for figures. Exit status 1 when a command fails.
"""

import argparse
import json
import os
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MIB = 1 << 20


@dataclass
class Aim:
    """A figure that a case should reach; judged by `met` from its measurement and all others."""

    text: str
    met: object


@dataclass
class Case:
    name: str
    command: list
    packets: int = 0
    against: str = None
    aims: list = field(default_factory=list)
    output: Path = None  # removed after each run
    cores: int = 1
    seconds: list = field(default_factory=list)
    peak: int = 0  # bytes
    failure: str = None

    @property
    def median(self):
        return statistics.median(self.seconds)


class Bench:
    """Runs commands and keeps what was measured, by name."""

    def __init__(self, arguments, directory):
        self.runs = arguments.runs
        self.core = arguments.core
        self.size = arguments.size
        self.directory = directory
        self.cases = {}
        self.log = directory / "log"

    def run(self, command, cores=1):
        """Wall seconds, peak bytes, and None or why it failed."""
        allowed = {self.core} if cores == 1 else os.sched_getaffinity(0)
        subprocess.run([sys.executable, "-c", f"b'x' * {3 * self.size}"], check=True)
        with open(self.log, "wb") as log:
            begin = time.perf_counter()
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=lambda: os.sched_setaffinity(0, allowed),
            )
            try:
                _, status, usage = os.wait4(process.pid, 0)
            except BaseException:
                process.kill()
                raise
            elapsed = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        failure = None
        if process.returncode != 0:
            lines = self.log.read_text(errors="replace").strip().splitlines()
            failure = f"exit status {process.returncode}: {lines[-1] if lines else 'no message'}"
        return elapsed, usage.ru_maxrss * 1024, failure

    def section(self, title, cases, runs=None):
        """Runs the cases in turns and prints their lines of the table."""
        for _ in range(runs or self.runs):
            for case in cases:
                if case.failure is None:
                    self.measure(case)
        self.cases.update((case.name, case) for case in cases)
        print(f"\n{title}")
        for case in cases:
            self.print_case(case)

    def measure(self, case):
        if shutil.which(case.command[0]) is None:
            case.failure = f"{case.command[0]} is not installed"
            return
        elapsed, peak, case.failure = self.run(
            [str(part) for part in case.command], case.cores
        )
        if case.failure is None:
            case.seconds.append(elapsed)
            case.peak = max(case.peak, peak)
        if case.output is not None:
            if case.failure is None and not case.output.exists():
                case.failure = f"{case.output.name} was not written"
            remove(case.output)

    def print_case(self, case):
        if case.failure is not None:
            print(f"  {case.name:30} {case.failure}")
            return
        rate = f"{case.packets / case.median / 1e6:7.2f}" if case.packets else " " * 7
        reference = self.cases.get(case.against)
        ratio = ""
        if reference and reference.failure is None:
            ratio = f"{case.median / reference.median:6.2f} x {case.against}"
        line = f"  {case.name:30} {case.median:8.3f} {rate} {case.peak / MIB:8.1f}  {ratio:26}"
        aims = [self.judge(case, aim) for aim in case.aims] or [""]
        print(f"{line} {aims[0]}".rstrip())
        for aim in aims[1:]:
            print(f"{'':{len(line)}} {aim}")
        sys.stdout.flush()

    def judge(self, case, aim):
        try:
            return f"{aim.text}: {'met' if aim.met(case) else 'MISSED'}"
        except (KeyError, statistics.StatisticsError):
            return f"{aim.text}: not known"

    def at_most(self, factor, other):
        return Aim(
            f"at most {factor:g} x {other}",
            lambda case: case.median <= factor * self.cases[other].median,
        )

    def times_as_fast(self, factor, other):
        return Aim(
            f"at least {factor:g} times as fast as {other}",
            lambda case: case.median * factor <= self.cases[other].median,
        )

    def failures(self):
        return sum(case.failure is not None for case in self.cases.values())


def million_a_second(rate):
    return Aim(
        f"at least {rate} M packets/s", lambda case: case.packets / case.median >= rate * 1e6
    )


def megabytes_a_second(rate, size):
    return Aim(f"at least {rate} MB/s", lambda case: size / case.median >= rate * 1e6)


def bytes_a_flow(limit, flows):
    """Peak memory above that of a run without flows."""
    return Aim(
        f"below {limit} bytes a flow", lambda case: case.peak - 20 * MIB <= limit * flows
    )


def seconds_at_most(seconds):
    return Aim(f"at most {seconds} s", lambda case: case.median <= seconds)


def memory_at_most(limit):
    return Aim(f"peak at most {limit / MIB:.0f} MiB", lambda case: case.peak <= limit)


def streaming_memory(samples=0, rules=0):
    """The issue's bound for label, split, strip, info: 64 MiB + 300 bytes a sample + 2 KiB a rule."""
    return memory_at_most(64 * MIB + 300 * samples + 2048 * rules)


def seconds_besides(load, factor, other):
    """The time without that of another run, which only loads."""
    return Aim(
        f"besides loading at most {factor:g} x {other.name}",
        lambda case: case.median - load.median <= factor * other.median,
    )


def bytes_a_sample(limit, path, samples):
    return Aim(
        f"{path.suffix} of at most {limit} bytes a sample",
        lambda case: path.stat().st_size <= limit * samples,
    )


def remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


class Material:
    """The captures and rules files that the sections work on."""

    def __init__(self, bench, build, many):
        self.bench = bench
        self.labelcap = build / "labelcap"
        self.directory = bench.directory
        self.generator = self.directory / "generate"
        self.many = many  # samples of the capture with many
        command = os.environ.get("CC", "cc").split()
        command += ["-std=c11", "-O2", "-D_GNU_SOURCE", f"-I{ROOT}/include", f"-I{ROOT}/src"]
        self.call(command + ["-o", self.generator, *sorted(HERE.glob("*.c"))])
        self.plain, self.packets = self.capture("plain.pcap")

    def call(self, command):
        command = [str(part) for part in command]
        result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if result.returncode != 0:
            sys.exit(f"bench: {' '.join(command)}\n{result.stderr}")
        return result.stdout

    def path(self, name):
        return self.directory / name

    def capture(self, name, *options):
        """A new capture, and how many packets it has."""
        path = self.path(name)
        said = self.call([self.generator, "--size", self.bench.size, *options, path])
        return path, int(said.split()[0])

    def rules(self, kind, count=10):
        path = self.path(f"{kind}-{count}.csv")
        if not path.exists():
            self.call([self.generator, "--rules", kind, "--count", count, path])
        return path

    def labelled(self, name, rules, capture, packets):
        """A new labelled capture, of which every packet must have its label."""
        path = self.path(name)
        self.call([self.labelcap, "label", "-f", "-L", rules, "-W", path, capture])
        facts = json.loads(self.call([self.labelcap, "info", "--json", path]))
        if (facts["packets"], facts["labelled"]) != (packets, packets):
            sys.exit(
                f"bench: {rules.name}: {packets} packets in,"
                f" {facts['packets']} out, {facts['labelled']} labelled"
            )
        return path


def label_section(bench, material):
    out = material.path("out.pcapng")
    copy = material.path("out.pcap")
    plain = material.plain
    for kind, count in ("ten", 10), ("mixed", 10000):
        remove(material.labelled("out.pcapng", material.rules(kind, count), plain, material.packets))

    def label(name, kind, count, aims=(), against="label, 10 rules"):
        command = [material.labelcap, "label", "-f", "-L", material.rules(kind, count)]
        return Case(
            name,
            command + ["-W", out, plain],
            material.packets,
            against,
            [*aims, streaming_memory(rules=count)],
            out,
        )

    bench.section(
        f"label: {plain.stat().st_size / 1e6:.0f} MB, {material.packets} packets,"
        " every packet matched",
        [
            Case("cp", ["cp", plain, copy], material.packets, output=copy),
            Case(
                "tcpdump -r -w",
                ["tcpdump", "-r", plain, "-w", copy],
                material.packets,
                "cp",
                output=copy,
            ),
            Case(
                "editcap -F pcapng",
                ["editcap", "-F", "pcapng", plain, out],
                material.packets,
                "cp",
                output=out,
            ),
            label(
                "label, 10 rules",
                "ten",
                10,
                [bench.at_most(2, "cp"), million_a_second(6)],
                "cp",
            ),
            label("label, 1,000 rules", "mixed", 1000),
            label("label, 10,000 rules", "mixed", 10000, [bench.at_most(2, "label, 10 rules")]),
            label("label, 100,000 rules", "mixed", 100000),
            label("label, 10,000 port ranges", "portranges", 10000),
            label("label, 10,000 prefixes", "prefixes", 10000),
        ],
    )


def flow_rules_section(bench, material):
    """Rules that need the flow of every packet, against one that does not."""
    out = material.path("out.pcapng")

    def label(name, rule, *comparison):
        rules = material.path(f"{name.replace(' ', '-')}.csv")
        rules.write_text(f"{rule},x\n")
        command = [material.labelcap, "label", "-f", "-L", rules, "-W", out, material.plain]
        return Case(name, command, material.packets, *comparison, output=out)

    bench.section(
        "label: rules that speak of flows",
        [
            label("one plain rule", "BPF:ip or ip6"),
            label("EACH:flow", "EACH:flow", "one plain rule", [bench.at_most(1.6, "one plain rule")]),
            label("SCOPE:flow", "BPF:ip or ip6|SCOPE:flow", "one plain rule"),
        ],
    )


def load_section(bench, material):
    """A capture of one small file: what is left is reading, checking and compiling rules."""
    tiny = material.path("tiny.pcap")
    material.call([material.generator, "--size", 2000, tiny])
    out = material.path("out.pcapng")

    def load(count, aims):
        command = [material.labelcap, "label", "-f", "-L", material.rules("mixed", count)]
        return Case(f"load {count:,} rules", command + ["-W", out, tiny], aims=aims, output=out)

    bench.section(
        "loading rules, with a capture of a few packets",
        [load(10, []), load(10000, [seconds_at_most(0.3)]), load(100000, [])],
    )


def ground_truth_section(bench, material):
    """Rules as those of published ground truth; once, since loading them takes seconds."""
    count = bench.size // 1000
    rules = material.rules("ground-truth", count)
    tiny, _ = material.capture("tiny.pcap", "--size", 2000)
    out = material.path("out.pcapng")

    def label(name, rules, capture, packets, *comparison):
        command = [material.labelcap, "label", "-f", "-L", rules, "-W", out, capture]
        return Case(name, command, packets, *comparison, output=out)

    ten = label("10 rules", material.rules("ten"), material.plain, material.packets)
    load = label(f"load {count:,} rules", rules, tiny, 0, None, [seconds_at_most(20)])
    aims = [seconds_besides(load, 3, ten), memory_at_most(1024 * MIB)]
    many = label(f"{count:,} rules", rules, material.plain, material.packets, ten.name, aims)
    bench.section("label: 5-tuples with time windows", [ten, load, many], runs=1)
    remove(rules)


def files_section(bench, material):
    count = 10000
    material.path("captures").mkdir()
    captures, packets = material.capture("captures", "--files", count)
    out, copy = material.path("out.pcapng"), material.path("copy")
    command = [material.labelcap, "label", "-f", "-L", material.rules("files", count)]
    bench.section(
        f"label: {count:,} files with a FILE rule each",
        [
            Case("cp -r", ["cp", "-r", captures, copy], packets, output=copy),
            Case(
                "label, 10,000 files",
                command + ["-W", out, captures],
                packets,
                "cp -r",
                [million_a_second(1), streaming_memory(rules=count)],
                out,
            ),
        ],
    )
    remove(captures)


def sort_section(bench, material):
    shuffled, packets = material.capture("shuffled.pcap", "--shuffled")
    rules = material.rules("mixed", 10000)
    labelled = material.labelled("shuffled.pcapng", rules, shuffled, packets)
    remove(shuffled)
    out = material.path("out.pcapng")
    tenth = labelled.stat().st_size // 10
    all_of_it = 3 * labelled.stat().st_size

    def sort(name, memory, aims, against, *options):
        command = [material.labelcap, "sort", "-f", "--memory", memory, *options, "-W", out]
        aims = [*aims, memory_at_most(memory + 32 * MIB)]
        return Case(name, [*command, labelled], packets, against, aims, out)

    bench.section(
        "sort: labelled, shuffled",
        [
            Case(
                "reordercap",
                ["reordercap", labelled, out],
                packets,
                output=out,
            ),
            sort(
                "sort in memory",
                all_of_it,
                [bench.times_as_fast(8, "reordercap")],
                "reordercap",
            ),
            sort("sort in memory, by time", all_of_it, [], "reordercap", "--by", "time"),
            sort(
                f"sort, {tenth / MIB:.0f} MiB of memory",
                tenth,
                [bench.at_most(2.5, "sort in memory")],
                "sort in memory",
            ),
        ],
    )
    remove(labelled)


def split_section(bench, material):
    rules, plain = material.rules("subnets"), material.plain
    labelled = material.labelled("labelled.pcapng", rules, plain, material.packets)
    by_sample = material.path("sorted.pcapng")
    material.call([material.labelcap, "sort", "-f", "-W", by_sample, labelled])
    directory, out = material.path("samples"), material.path("out")
    strip = [material.labelcap, "strip", "-f", "-W"]
    stripped = material.path("out.pcap")
    bench.section(
        "split, strip, info: 256 samples, sorted",
        [
            Case("cp, labelled", ["cp", by_sample, out], material.packets, output=out),
            Case(
                "split, 256 samples",
                [material.labelcap, "split", "-O", directory, by_sample],
                material.packets,
                "cp, labelled",
                [bench.at_most(3, "cp, labelled"), streaming_memory(samples=256)],
                directory,
            ),
            Case(
                "strip",
                [*strip, stripped, by_sample],
                material.packets,
                "cp, labelled",
                [streaming_memory()],
                stripped,
            ),
            Case(
                "info",
                [material.labelcap, "info", by_sample],
                material.packets,
                "cp, labelled",
                [streaming_memory(samples=256)],
            ),
        ],
    )
    remove(labelled)
    remove(by_sample)


def check_section(bench, material):
    rules, plain = material.rules("subnets"), material.plain
    labelled = material.labelled("labelled.pcapng", rules, plain, material.packets)
    out = material.path("out.pcapng")
    label = [material.labelcap, "label", "-f", "-L", rules, "-W", out, plain]
    check = [material.labelcap, "check", labelled]

    def judged(name, command, factor):
        aims = [bench.at_most(factor, "label, 256 samples")] if factor else []
        return Case(name, command, material.packets, "label, 256 samples", aims)

    bench.section(
        "check, compare: 256 samples, not sorted",
        [
            Case("label, 256 samples", label, material.packets, output=out),
            judged("check without duplicates", [*check, "--no-duplicates"], 1),
            judged("check", check, 3),
            judged("check --memory 64M", [*check, "--memory", "64M"], 3),
            judged("compare", [material.labelcap, "compare", labelled, labelled], None),
        ],
    )
    remove(labelled)


def many_samples_section(bench, material):
    many = material.many
    capture, packets = material.capture("flows.pcap", "--flows", many)
    labelled = material.labelled("flows.pcapng", material.rules("flows", many), capture, packets)
    remove(capture)
    directory = material.path("samples")
    bench.section(
        f"split, info: {many:,} samples, not sorted",
        [
            Case(
                f"split, {many:,} samples",
                [material.labelcap, "split", "-O", directory, labelled],
                packets,
                aims=[streaming_memory(samples=many)],
                output=directory,
            ),
            Case(
                f"info, {many:,} samples",
                [material.labelcap, "info", labelled],
                packets,
                aims=[streaming_memory(samples=many)],
            ),
        ],
    )
    remove(labelled)


def sample_ids(catalogue, share, path):
    """Writes the sampleIDs of a share of the samples to a file."""
    with sqlite3.connect(catalogue) as database:
        ids = [row[0] for row in database.execute("SELECT sampleID FROM samples ORDER BY sampleID")]
    path.write_text("\n".join(ids[: max(1, int(share * len(ids)))]) + "\n")
    return path


def catalogue_section(bench, material):
    """A sample for each flow, sorted: what a catalogue costs, and what it saves."""
    samples = bench.size // 25_000
    labelled = material.labelled(
        "labelled.pcapng", material.rules("flows", samples), material.plain, material.packets
    )
    by_sample, out = material.path("sorted.pcapng"), material.path("out.pcapng")
    material.call([material.labelcap, "sort", "-f", "-o", by_sample, labelled])
    remove(labelled)
    catalogue = by_sample.with_name(by_sample.name + ".sqlite")
    index = [material.labelcap, "index", "-f", by_sample]
    material.call(index)

    def select(name, share, aims=()):
        ids = sample_ids(catalogue, share, material.path(f"ids-{share}"))
        command = [material.labelcap, "select", "-f", "-o", out, "--ids", ids, by_sample]
        return Case(name, command, 0, "info", list(aims), out)

    bench.section(
        f"index, select: {samples:,} samples, sorted",
        [
            Case("info", [material.labelcap, "info", by_sample], material.packets),
            Case("index", index, material.packets, "info", [bench.at_most(2, "info")]),
            select("select, one sample", 0),
            select("select, 1 % of the samples", 0.01),
            select(
                "select, 10 % of the samples",
                0.1,
                [bench.at_most(10, "select, 1 % of the samples")],
            ),
        ],
    )
    remove(by_sample)
    remove(catalogue)


def million_samples_section(bench, material):
    """A sample for each packet, the smallest there are: how large is the catalogue?"""
    capture, packets = material.capture("million.pcap", "--size", bench.size // 3)
    rules, by_sample = material.path("packets.csv"), material.path("million.pcapng")
    rules.write_text("EACH:packet,x\n")
    material.call([material.labelcap, "label", "-s", "-L", rules, "-o", by_sample, capture])
    remove(capture)
    catalogue = by_sample.with_name(by_sample.name + ".sqlite")
    index = [material.labelcap, "index", "-f", by_sample]
    aims = [bytes_a_sample(200, catalogue, packets)]
    bench.section(f"index: {packets:,} samples", [Case("index", index, packets, None, aims)], runs=1)
    remove(by_sample)
    remove(catalogue)


def flows_section(bench, material):
    plain, packets = material.plain, material.packets
    size = plain.stat().st_size
    table, directory = material.path("flows.csv"), material.path("flows")

    def flows(name, profile, aims, *options, output=table):
        command = [material.labelcap, "flows", "-q", "-f", "--profile", profile, "-o", output]
        return Case(name, [*command, *options, plain], packets, "nfpcapd", aims, output)

    directory.mkdir()
    tshark = ["tshark", "-n", "-q", "-z", "conv,tcp", "-r", plain]
    argus = material.path("flows.argus")
    both = [million_a_second(2), bench.at_most(1, "nfpcapd"), bench.at_most(1, "argus")]
    bench.section(
        f"flows: {size / 1e6:.0f} MB, {packets} packets",
        [
            Case("nfpcapd", ["nfpcapd", "-r", plain, "-w", directory], packets),
            Case("nfpcapd, 2 cores", ["nfpcapd", "-r", plain, "-w", directory], packets, cores=2),
            Case("argus", ["argus", "-F", "/dev/null", "-r", plain, "-w", argus], packets,
                 "nfpcapd", output=argus),
            flows("netflowmeter", "netflowmeter", both),
            flows("netflowmeter --compat", "netflowmeter", [], "--compat"),
            flows("nexusflowmeter", "nexusflowmeter", both),
            flows("nexusflowmeter --compat", "nexusflowmeter", [], "--compat"),
            flows("labelcap", "labelcap", [million_a_second(1)]),
            flows("pcap2json", "pcap2json", [megabytes_a_second(300, size)],
                  output=material.path("flows.jsonl")),
            flows("pcap2json --compat", "pcap2json", [], "--compat",
                  output=material.path("flows.jsonl")),
        ],
    )
    remove(directory)
    bench.section(
        "flows: tshark, which is slow, a single run",
        [Case("tshark -z conv,tcp", tshark, packets)],
        runs=1,
    )


def jobs_section(bench, material):
    half = bench.size // 2
    files = [material.path(f"half{number}.pcap") for number in (1, 2)]
    packets = 0
    for number, path in enumerate(files):
        said = material.call([material.generator, "--size", half, "--seed", number + 1, path])
        packets += int(said.split()[0])
    short = material.path("short.pcap")
    said = material.call([material.generator, "--size", half, "--flows", half // 3300, short])
    short_packets = int(said.split()[0])
    out = material.path("flows.csv")
    command = [material.labelcap, "flows", "-q", "-f", "-o", out]
    name = "flows, 1 job"

    def one_file(title, path, packets):
        alone = f"{title}, 1 job"
        return [
            Case(alone, [*command, "--threads", "1", path], packets, output=out),
            Case(f"{title}, 2 threads, 2 cores", [*command, "--threads", "2", path], packets, alone, [],
                 out, 2),
        ]

    faster = Aim(
        "at least 1.7 times as fast as 1 job",
        lambda case: case.median * 1.7 <= bench.cases[name].median,
    )
    bench.section(
        "flows: two files",
        [
            Case(name, [*command, "--threads", "1", *files], packets, output=out),
            Case("flows, 2 threads, 2 cores", [*command, "--threads", "2", *files], packets, name,
                 [faster], out, 2),
            *one_file("one file", files[0], packets // 2),
            *one_file("one file of flows of 10 packets", short, short_packets),
        ],
    )
    for path in (*files, short):
        remove(path)


def million_flows_section(bench, material):
    """Of 1.6 million flows in a usual size, since TCP connections close meanwhile; all are counted."""
    capture, out = material.path("open.pcap"), material.path("flows.csv")
    said = material.call([material.generator, "--size", bench.size * 8 // 5, "--shuffled",
                          "--flows", bench.size // 625, capture])
    packets = int(said.split()[0])
    command = [material.labelcap, "flows", "-q", "-f", "--idle-timeout", "0", "-o", out]
    material.call([*command, "--stats-json", material.path("open.json"), capture])
    count = json.loads(material.path("open.json").read_text())["peak_flows_in_memory"]

    def flows(profile, aims):
        return Case(f"{profile}, open flows", [*command, "--profile", profile, capture], packets,
                    aims=aims, output=out)

    bench.section(
        f"flows: {count:,} open at once",
        [
            flows("netflowmeter", [bytes_a_flow(1024, count)]),
            flows("nexusflowmeter", []),
            flows("labelcap", []),
        ],
    )
    remove(capture)


SECTIONS = {
    "label": label_section,
    "flow-rules": flow_rules_section,
    "load": load_section,
    "ground-truth": ground_truth_section,
    "files": files_section,
    "sort": sort_section,
    "split": split_section,
    "check": check_section,
    "samples": many_samples_section,
    "catalogue": catalogue_section,
    "million-samples": million_samples_section,
    "flows": flows_section,
    "jobs": jobs_section,
    "open-flows": million_flows_section,
}


def parse_arguments():
    parser = argparse.ArgumentParser(description="labelcap's benchmark; see the file's first lines")
    parser.add_argument("build", nargs="?", type=Path, default=ROOT / "build")
    parser.add_argument("--quick", action="store_true", help="a tenth of the data, three runs")
    parser.add_argument("--runs", type=int, help="runs of each command (5)")
    parser.add_argument("--size", type=int, help="bytes of the capture (1000000000)")
    parser.add_argument("--core", type=int, help="the core to pin to (the last one)")
    parser.add_argument("--only", choices=SECTIONS, action="append", help="these sections (all)")
    arguments = parser.parse_args()
    arguments.runs = arguments.runs or (3 if arguments.quick else 5)
    arguments.size = arguments.size or (100_000_000 if arguments.quick else 1_000_000_000)
    if arguments.core is None:
        arguments.core = max(os.sched_getaffinity(0))
    return arguments


def stop(signum, _frame):
    sys.exit(128 + signum)


def main():
    arguments = parse_arguments()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, stop)
    parent = os.environ.get("BENCH_DIR", "/dev/shm")
    with tempfile.TemporaryDirectory(prefix="labelcap-bench-", dir=parent) as directory:
        bench = Bench(arguments, Path(directory))
        print(f"medians of {arguments.runs} runs on core {arguments.core}, files in {parent}")
        material = Material(bench, arguments.build.resolve(), min(100_000, arguments.size // 10_000))
        print(f"  {'':30} {'seconds':>8} {'Mpkt/s':>7} {'peak MiB':>8}  {'':26} aims")
        for name in arguments.only or SECTIONS:
            SECTIONS[name](bench, material)
        return 1 if bench.failures() else 0


if __name__ == "__main__":
    sys.exit(main())
