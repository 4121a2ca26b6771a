"""What works on labelled captures: sort, split, strip, info, check, compare, index, select."""

import sqlite3

from measuring import (
    MIB,
    Case,
    bytes_a_sample,
    memory_at_most,
    million_a_second,
    remove,
    streaming_memory,
)


def sort_section(bench, material):
    shuffled, packets = material.capture("shuffled.pcap", "--shuffled")
    rules = material.rules("mixed", 10000)
    labelled = material.labelled("shuffled.pcapng", rules, shuffled, packets)
    remove(shuffled)
    out = material.path("out.pcapng")
    tenth = labelled.stat().st_size // 10
    all_of_it = 3 * labelled.stat().st_size

    def sort(name, memory, aims, against, *options):
        command = material.writing("sort", out, "--memory", memory, *options, labelled)
        aims = [*aims, memory_at_most(memory + 32 * MIB)]
        return Case(name, command, packets, against, aims, out)

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
                "sort in any memory",
                all_of_it,
                [bench.times_as_fast(8, "reordercap")],
                "reordercap",
            ),
            sort("sort in any memory, by time", all_of_it, [], "reordercap", "--by", "time"),
            sort(
                f"sort, {tenth / MIB:.0f} MiB of memory",
                tenth,
                [bench.at_most(2.5, "sort in any memory")],
                "sort in any memory",
            ),
        ],
    )
    remove(labelled)


def split_section(bench, material):
    rules, plain = material.rules("subnets"), material.plain
    labelled = material.labelled("labelled.pcapng", rules, plain, material.packets)
    by_sample = material.path("sorted.pcapng")
    material.call(material.writing("sort", by_sample, labelled))
    directory, out = material.path("samples"), material.path("out")
    stripped = material.path("out.pcap")
    split = Case(
        "split",
        material.writing("split", directory, by_sample),
        material.packets,
        "cp, labelled",
        [streaming_memory(samples=256)],
        directory,
    )
    strip = Case(
        "strip",
        material.writing("strip", stripped, by_sample),
        material.packets,
        "cp, labelled",
        [streaming_memory()],
        stripped,
    )
    bench.section(
        "split, strip, info: 256 samples, sorted",
        [
            Case("cp, labelled", ["cp", by_sample, out], material.packets, output=out),
            *bench.one_and_two_threads(split, 2.8, 1.6),
            *bench.one_and_two_threads(strip, 2.6, 1.4),
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
    label = material.writing("label", out, "-L", rules, plain)
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


def leaks_section(bench, material):
    """What a split gives away: at most 2 s for a million packets."""
    rules, plain = material.rules("subnets"), material.plain
    labelled = material.labelled("labelled.pcapng", rules, plain, material.packets)
    splits = material.path("splits")
    lists = ["--group", "sample", "--train", 70, "--test", 30]
    material.call([material.labelcap, "partition", "-q", "-f", *lists, "-o", splits, labelled])
    check = [material.labelcap, "check", "--no-duplicates"]
    against = "check without leaks"

    def leaks(name, aims, *options):
        command = [*check, "--splits", splits, *options, labelled]
        return Case(name, command, material.packets, against, aims)

    bench.section(
        "leaks: 256 samples, not sorted",
        [
            Case(against, [*check, labelled], material.packets),
            leaks("check --splits", [million_a_second(0.5)]),
            leaks("check --splits --memory 64M", [memory_at_most(96 * MIB)], "--memory", "64M"),
            leaks("check --splits --compare-splits", [], "--compare-splits"),
        ],
    )
    remove(labelled)
    remove(splits)


def partition_section(bench, material):
    """A sample for each flow: groups by flow read all packets, others only the catalogue."""
    many = material.many
    capture, packets = material.capture("flows.pcap", "--flows", many)
    rules, by_flow = material.path("each.csv"), material.path("each.pcapng")
    rules.write_text("EACH:flow,x\n")
    material.call(material.writing("label", by_flow, "-L", rules, capture))
    remove(capture)
    material.call([material.labelcap, "index", "-q", "-f", "--no-sync", by_flow])
    folds, lists = material.path("folds"), material.path("lists")
    split = [material.labelcap, "partition", "-q", "-f", "--no-sync"]
    info = f"info, {many:,} samples"

    def partition(name, *options):
        return Case(f"partition {name}", [*split, *options, by_flow], packets, info)

    bench.section(
        f"partition: {many:,} samples, one for each flow",
        [
            Case(info, [material.labelcap, "info", by_flow], packets),
            partition("--group sample", "-o", folds, "--folds", 10, "--group", "sample"),
            partition("--group flow", "-o", folds, "--folds", 10),
            partition("--group flow, with leaks", "-o", lists, "--train", 70, "--test", 30),
        ],
    )
    remove(by_flow)
    remove(by_flow.with_name(by_flow.name + ".sqlite"))
    remove(folds)
    remove(lists)


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
                material.writing("split", directory, labelled),
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
    material.call(material.writing("sort", by_sample, labelled))
    remove(labelled)
    catalogue = by_sample.with_name(by_sample.name + ".sqlite")
    index = [material.labelcap, "index", "-f", "--no-sync", by_sample]
    material.call(index)

    def select(name, share, aims=()):
        ids = sample_ids(catalogue, share, material.path(f"ids-{share}"))
        command = material.writing("select", out, "--ids", ids, by_sample)
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
    material.call(material.writing("label", by_sample, "-s", "-L", rules, capture))
    remove(capture)
    catalogue = by_sample.with_name(by_sample.name + ".sqlite")
    index = [material.labelcap, "index", "-f", "--no-sync", by_sample]
    aims = [bytes_a_sample(200, catalogue, packets)]
    bench.section(f"index: {packets:,} samples", [Case("index", index, packets, None, aims)], runs=1)
    remove(by_sample)
    remove(catalogue)
