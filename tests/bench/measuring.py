"""Runs commands in turns, and prints what was measured beside what was aimed at."""

import contextlib
import math
import os
import shutil
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

MIB = 1 << 20
# What Python and the start of a program take; the rest is what the work needs.
BASE_MEMORY = 20 * MIB


@dataclass
class Aim:
    """A figure that a case should reach, which `measure` takes from its measurements and others."""

    text: str
    measure: object
    limit: float
    at_least: bool = False

    def reached(self, figure):
        return figure >= self.limit if self.at_least else figure <= self.limit


@dataclass
class Case:
    name: str
    command: list
    packets: int = 0
    against: str = None
    aims: list = field(default_factory=list)
    output: Path = None  # removed after each run
    cores: int = 1
    sink: Path = None  # where standard output goes, if it is not a message
    watched: bool = False  # whether `imbalances` are measured
    seconds: list = field(default_factory=list)
    processor_seconds: list = field(default_factory=list)
    imbalances: list = field(default_factory=list)  # user time of the busiest thread by that of the idlest
    peak: int = 0  # bytes
    failure: str = None
    skipped: str = None  # why there was nothing to run

    @property
    def median(self):
        return statistics.median(self.seconds)

    @property
    def processor_median(self):
        return statistics.median(self.processor_seconds)

    @property
    def reason(self):
        return self.failure or self.skipped


class ThreadTimes(threading.Thread):
    """
    Reads the user time of each thread of a process until it is gone: no one knows it afterwards.
    The first thread, which reads and puts packets into flows, is none of the workers.
    """

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.tasks = Path(f"/proc/{pid}/task")
        self.ticks = {}  # of 10 ms, by the number of the thread
        self.start()

    def run(self):
        while self.tasks.is_dir():
            with contextlib.suppress(OSError):  # where a thread ends meanwhile
                for task in set(os.listdir(self.tasks)) - {self.tasks.parent.name}:
                    stat = (self.tasks / task / "stat").read_text()
                    self.ticks[task] = int(stat.rpartition(")")[2].split()[11])
            time.sleep(0.002)

    def imbalance(self, threads):
        """Infinite if fewer threads have worked than were asked for."""
        self.join()
        ticks = sorted(self.ticks.values())
        return ticks[-1] / ticks[0] if len(ticks) >= threads - 1 and ticks[0] > 0 else math.inf


class Bench:
    """Runs commands and keeps what was measured, by name."""

    def __init__(self, arguments, directory):
        self.runs = arguments.runs
        self.core = arguments.core
        self.size = arguments.size
        self.directory = directory
        self.cases = {}
        self.short = []  # a line for each aim that was not reached
        self.failures = 0
        self.log = directory / "log"

    def allowed(self, cores):
        """The chosen core, and as many others as are needed."""
        others = sorted(os.sched_getaffinity(0) - {self.core}, reverse=True)
        return {self.core, *others[: cores - 1]}

    def run(self, case):
        """Measures one run, or says why it failed."""
        allowed = self.allowed(case.cores)
        subprocess.run([sys.executable, "-c", f"b'x' * {3 * self.size}"], check=True)
        with open(self.log, "wb") as log, open(case.sink or self.log, "wb") as output:
            begin = time.perf_counter()
            process = subprocess.Popen(
                [str(part) for part in case.command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=log,
                preexec_fn=lambda: os.sched_setaffinity(0, allowed),
            )
            times = ThreadTimes(process.pid) if case.watched else None
            try:
                _, status, usage = os.wait4(process.pid, 0)
            except BaseException:
                process.kill()
                raise
            elapsed = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            lines = self.log.read_text(errors="replace").strip().splitlines()
            case.failure = f"exit status {process.returncode}: {lines[-1] if lines else 'no message'}"
            return
        case.seconds.append(elapsed)
        case.processor_seconds.append(usage.ru_utime + usage.ru_stime)
        case.peak = max(case.peak, usage.ru_maxrss * 1024)
        if times:
            case.imbalances.append(times.imbalance(case.cores))

    def section(self, title, cases, runs=None):
        """Runs the cases in turns and prints their lines of the table."""
        for _ in range(runs or self.runs):
            for case in cases:
                if case.reason is None:
                    self.measure(case)
        self.cases.update((case.name, case) for case in cases)
        self.failures += sum(case.failure is not None for case in cases)
        print(f"\n{title}")
        for case in cases:
            self.print_case(case)

    def measure(self, case):
        if shutil.which(case.command[0]) is None:
            case.skipped = f"skipped: {case.command[0]} is not installed"
            return
        self.run(case)
        if case.output is not None:
            if case.failure is None and not case.output.exists():
                case.failure = f"{case.output.name} was not written"
            remove(case.output)

    def print_case(self, case):
        if case.reason is not None:
            print(f"  {case.name:30} {case.reason}")
            return
        rate = f"{case.packets / case.median / 1e6:7.2f}" if case.packets else " " * 7
        reference = self.cases.get(case.against)
        ratio = ""
        if reference and reference.reason is None:
            ratio = f"{case.median / reference.median:6.2f} x {case.against}"
        line = f"  {case.name:30} {case.median:8.3f} {rate} {case.peak / MIB:8.1f}  {ratio:26}"
        aims = [self.judge(case, aim) for aim in case.aims] or [""]
        print(f"{line} {aims[0]}".rstrip())
        for aim in aims[1:]:
            print(f"{'':{len(line)}} {aim}")
        sys.stdout.flush()

    def judge(self, case, aim):
        try:
            figure = aim.measure(case)
        except (KeyError, statistics.StatisticsError):
            return f"{aim.text}: not known"
        if aim.reached(figure):
            return f"{aim.text}: {figure:.3g}, met"
        self.short.append(f"{case.name}: {aim.text}: {figure:.3g}")
        return f"{aim.text}: {figure:.3g}, FALLS SHORT"

    def print_shortfalls(self):
        print(f"\naims that fall short: {len(self.short)}")
        for line in self.short:
            print(f"  {line}")

    def at_most(self, factor, other):
        return Aim(
            f"at most {factor:g} x {other}",
            lambda case: case.median / self.cases[other].median,
            factor,
        )

    def times_as_fast(self, factor, other):
        return Aim(
            f"at least {factor:g} times as fast as {other}",
            lambda case: self.cases[other].median / case.median,
            factor,
            at_least=True,
        )

    def with_threads(self, case, threads, factor):
        """The case with threads on as many cores, and how slow it may be beside its peer."""
        return replace(
            case,
            name=f"{case.name}, {threads} thread{'s' if threads > 1 else ''}",
            command=[*case.command, "--threads", threads],
            aims=[*([self.at_most(factor, case.against)] if factor else []), *case.aims],
            cores=threads,
            seconds=[],
            processor_seconds=[],
            imbalances=[],
        )

    def one_and_two_threads(self, case, alone, together):
        return [self.with_threads(case, 1, alone), self.with_threads(case, 2, together)]

    def processor_time_at_most(self, factor, other):
        return Aim(
            f"processor time at most {factor:g} x {other}",
            lambda case: case.processor_median / self.cases[other].processor_median,
            factor,
        )


def threads_are_even(factor):
    """For a case that is watched."""
    return Aim(
        f"user time of each worker within {100 * (factor - 1):.0f} %",
        lambda case: statistics.median(case.imbalances),
        factor,
    )


def million_a_second(rate):
    return Aim(
        f"at least {rate} M packets/s",
        lambda case: case.packets / case.median / 1e6,
        rate,
        at_least=True,
    )


def megabytes_a_second(rate, size):
    return Aim(
        f"at least {rate} MB/s", lambda case: size / case.median / 1e6, rate, at_least=True
    )


def memory_for_each(limit, count, what):
    """Peak memory above that of a run that has nothing to do."""
    return Aim(
        f"peak at most {limit} bytes a {what}",
        lambda case: max(0, case.peak - BASE_MEMORY) / count,
        limit,
    )


def times_the_rate(factor, other):
    """For cases that read different parts of the packets."""

    def measure(case):
        return (case.packets / case.median) / (other.packets / other.median)

    return Aim(f"at least {factor} times the rate of {other.name}", measure, factor, at_least=True)


def seconds_at_most(seconds):
    return Aim(f"at most {seconds} s", lambda case: case.median, seconds)


def memory_at_most(limit):
    return Aim(f"peak at most {limit / MIB:.0f} MiB", lambda case: case.peak / MIB, limit / MIB)


def streaming_memory(samples=0, rules=0):
    """What label, split, strip and info may take: 64 MiB, 300 bytes a sample, 2 KiB a rule."""
    return memory_at_most(64 * MIB + 300 * samples + 2048 * rules)


def seconds_besides(load, factor, other):
    """The time without that of another run, which only loads."""
    return Aim(
        f"besides loading at most {factor:g} x {other.name}",
        lambda case: (case.median - load.median) / other.median,
        factor,
    )


def bytes_a_sample(limit, path, samples):
    return Aim(
        f"{path.suffix} of at most {limit} bytes a sample",
        lambda case: path.stat().st_size / samples,
        limit,
    )


def remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
