"""What shards gain, what their merge costs, and how many of them are worth it."""

import shlex

from measuring import Case, remove

# A month of hourly captures of 2 GB each; what a scheduler takes to start and end a task.
MONTH = 720 * 2e9
TASK_SECONDS = 0.05


def shards_section(bench, material):
    plain, packets = material.plain, material.packets
    rules = material.rules("subnets")
    labelled = material.labelled("labelled.pcapng", rules, plain, packets)
    out, copy, parts = (material.path(name) for name in ("out.pcapng", "copy.pcapng", "parts"))

    def line(command, output, *options):
        words = material.writing(command, output, "-q", "--threads", 1, *options)
        return shlex.join(map(str, words))

    def in_two(name, command, *options):
        shards = [line(command, parts / "x.pcapng", "--shard", f"{number}/2", *options) for number in (0, 1)]
        script = f"mkdir {parts} && {{ {shards[0]} & {shards[1]} && wait $!; }}"
        return Case(f"{name} in two shards", ["bash", "-c", script], packets, name,
                    [bench.times_as_fast(1.8, name)], parts, cores=2)

    def whole(name, command, *options):
        return Case(name, ["bash", "-c", line(command, out, *options)], packets, output=out)

    def merge(command, *options):
        """Of two parts, which stay."""
        folder = material.path(f"{command} parts")
        folder.mkdir()
        for number in (0, 1):
            material.call(material.writing(command, folder / "x.pcapng", "--shard", f"{number}/2", *options))
        paths = [folder / f"x.{number}-of-2.pcapng" for number in (0, 1)]
        case = Case(f"merge of {command}", material.writing("merge", out, *paths), packets, "cp, labelled",
                    output=out)
        return bench.one_and_two_threads(case, 1.5, 1.5)

    label_options, sort_options = ("-L", rules, plain), ("--memory", 3 * labelled.stat().st_size, labelled)
    done = line("label", material.path("label parts") / "x.pcapng", "--shard", "0/2", *label_options)
    bench.section(
        "shards: two on two cores, one thread each",
        [
            Case("cp, labelled", ["cp", labelled, copy], packets, output=copy),
            whole("label", "label", *label_options),
            in_two("label", "label", *label_options),
            *merge("label", *label_options),
            whole("sort", "sort", *sort_options),
            in_two("sort", "sort", *sort_options),
            *merge("sort", *sort_options),
            Case("a shard that is done", ["bash", "-c", done]),
        ],
    )
    print_simulation(bench, plain.stat().st_size)
    for path in (labelled, material.path("label parts"), material.path("sort parts")):
        remove(path)


def print_simulation(bench, size):
    """How long a month takes in some numbers of shards, as docs/scale.md has it, at the rates measured."""
    month = {name: case.median / size * MONTH for name, case in bench.cases.items() if case.seconds}
    again = bench.cases["a shard that is done"].median + TASK_SECONDS
    print(f"  minutes for a month of {MONTH / 1e12:.2f} TB, by the number of shards:")
    for name in ("label", "sort"):
        work, merge = 2 * month[f"{name} in two shards"], month[f"merge of {name}, 1 thread"]
        minutes = ", ".join(f"{count}: {(work / count + merge + count * again) / 60:.0f}"
                            for count in (4, 8, 16, 64, 256, 1024))
        print(f"    {name:6} one process: {month[name] / 60:.0f}, {minutes};"
              f" from {10 * work / merge:.0f} on, nine tenths are the merge")
