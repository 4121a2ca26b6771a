"""What a second thread gains, by the measure of cp; and that one thread loses nothing."""

from measuring import Case, memory_for_each, remove


def label_threads_section(bench, material):
    plain, packets = material.plain, material.packets
    out, copy = material.path("out.pcapng"), material.path("copy.pcap")

    def label(name, rules, alone, together):
        command = material.writing("label", out, "-L", rules, plain)
        case = Case(name, command, packets, "cp", output=out)
        return bench.one_and_two_threads(case, alone, together)

    bench.section(
        "label: threads",
        [
            Case("cp", ["cp", plain, copy], packets, output=copy),
            *label("label, all match", material.rules("ten"), 2.0, 1.15),
            *label("label, mixed rules", material.rules("mixed", 10000), 2.4, 1.5),
        ],
    )


def sort_threads_section(bench, material):
    packets = material.packets
    rules = material.rules("subnets")
    labelled = material.labelled("labelled.pcapng", rules, material.plain, packets)
    out, copy = material.path("out.pcapng"), material.path("copy.pcapng")

    def sort(name, memory, *aims):
        command = material.writing("sort", out, "--memory", memory, labelled)
        case = Case(name, command, packets, "cp, labelled", list(aims), out)
        return bench.one_and_two_threads(case, 6, 3)

    tenth = bench.size // 10
    little_memory = memory_for_each(64, packets, "packet")
    little = sort(f"sort in {tenth / 1e6:.0f} MB", tenth, little_memory)
    some = sort("sort in 56 bytes a packet", 56 * packets, little_memory)
    much = sort("sort in any memory", 3 * labelled.stat().st_size, little_memory)
    for case, with_less_memory in [*zip(some, little), *zip(much, some)]:
        case.aims.append(bench.at_most(1, with_less_memory.name))
    bench.section(
        "sort: threads, 256 samples, in order of time",
        [
            Case("cp, labelled", ["cp", labelled, copy], packets, output=copy),
            Case("reordercap", ["reordercap", labelled, out], packets, "cp, labelled", output=out),
            *little,
            *some,
            *much,
        ],
    )
    remove(labelled)
