#!/usr/bin/python3
"""Measures labelcap against programs that read, write and pack captures.

    bench.py [--quick] [--runs N] [--size BYTES] [--core N] [--only SECTION] [BUILD]

What is measured: the wall time of whole commands, from start to exit, each
pinned to one core, or to as many as it has threads; input and output are in
memory-backed storage (/dev/shm, or the directory in $BENCH_DIR), and labelcap
does not wait for the disk. The commands of one section take turns, so that
a slow minute of the machine hits all of them; the table shows medians. Peak
memory is the largest resident set that wait4() reports for any of the runs
(at least what Python has when it starts a command, about 12 MiB; pages of
files in memory-backed storage are not counted, by the kernel's definition).
Before each run as much memory is touched and freed as a run may need: virtual
machines give memory back to their host when it is idle, and getting it again
would be charged to whichever command comes next.

Against what: cp, tcpdump, editcap, reordercap, argus, nfpcapd and tshark; bgzip,
igzip and zstd where captures are compressed; dpkt and scapy in Python; nPrint,
if it is in $PATH (version 1.2.1 is not in Debian).

On what: captures from generate.c (built here, same bytes every time): pcap,
mean packet 330 bytes, TCP and UDP, 30 % IPv6, a flow for each 25,000 bytes,
about 2,000 open at a time; and labelled captures that labelcap makes of them.

"x of" compares medians: 2.0 x cp means twice the time. Millions of packets a
second count every packet of the input. The user time of threads is read while
the program runs: that of the busiest by that of the idlest. An aim is followed
by the figure that was measured and whether it is met; the last lines list those
that fall short.
A command that is not installed is skipped. --quick: a tenth of the data, three
runs: to see that all works, not for figures. Exit status 1 when a command fails.
"""

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path

import array_sections
import codec_sections
import flow_sections
import label_sections
import publish_sections
import python_sections
import sample_sections
import shard_sections
import thread_sections
from material import ROOT, Material
from measuring import Bench

SECTIONS = {
    "label": label_sections.label_section,
    "label-threads": thread_sections.label_threads_section,
    "flow-rules": label_sections.flow_rules_section,
    "load": label_sections.load_section,
    "ground-truth": label_sections.ground_truth_section,
    "files": label_sections.files_section,
    "sort": sample_sections.sort_section,
    "sort-threads": thread_sections.sort_threads_section,
    "shards": shard_sections.shards_section,
    "split": sample_sections.split_section,
    "unpack": codec_sections.unpack_section,
    "pack": codec_sections.pack_section,
    "check": sample_sections.check_section,
    "leaks": sample_sections.leaks_section,
    "partition": sample_sections.partition_section,
    "samples": sample_sections.many_samples_section,
    "catalogue": sample_sections.catalogue_section,
    "million-samples": sample_sections.million_samples_section,
    "flows": flow_sections.flows_section,
    "flow-threads": flow_sections.flow_threads_section,
    "open-flows": flow_sections.million_flows_section,
    "publish": publish_sections.publish_section,
    "parquet": publish_sections.parquet_section,
    "python": python_sections.python_section,
    "arrays": array_sections.arrays_section,
    "array-threads": array_sections.array_threads_section,
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
        bench.print_shortfalls()
        return 1 if bench.failures else 0


if __name__ == "__main__":
    sys.exit(main())
