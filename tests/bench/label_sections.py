"""Labelling: how the time depends on the rules."""

from measuring import Case, MIB, memory_at_most, million_a_second, remove, seconds_at_most, seconds_besides, streaming_memory


def label_section(bench, material):
    out = material.path("out.pcapng")
    copy = material.path("out.pcap")
    plain = material.plain
    for kind, count in ("ten", 10), ("mixed", 10000):
        remove(material.labelled("out.pcapng", material.rules(kind, count), plain, material.packets))

    def label(name, kind, count, aims=(), against="label, 10 rules"):
        command = material.writing("label", out, "-L", material.rules(kind, count))
        return Case(
            name,
            command + [plain],
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
        command = material.writing("label", out, "-L", rules, material.plain)
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
        command = material.writing("label", out, "-L", material.rules("mixed", count), tiny)
        return Case(f"load {count:,} rules", command, aims=aims, output=out)

    bench.section(
        "loading rules, with a capture of a few packets",
        [load(10, []), load(10000, [seconds_at_most(0.3)]), load(100000, [])],
    )


COLUMNS = "start end source source_port destination destination_port protocol label".split()


def ground_truth_section(bench, material):
    """A table of flows becomes rules, and these label; once, since loading them takes seconds."""
    count = bench.size // 1000
    table, rules = material.rules("table", count), material.path("made.csv")
    out = material.path("out.pcapng")
    make = ["--from-table", table, "--columns", ",".join(f"{name}={name}" for name in COLUMNS)]
    material.call(material.writing("rules", rules, *make))
    with open(rules, "a") as file:
        file.write("BPF:ip or ip6,rest\n")
    tiny, _ = material.capture("tiny.pcap", "--size", 2000)

    def label(name, rules, capture, packets, *comparison):
        command = material.writing("label", out, "-L", rules, capture)
        return Case(name, command, packets, *comparison, output=out)

    made = Case(f"rules, {count:,} rows", material.writing("rules", out, *make), output=out)
    ten = label("label, ten rules", material.rules("ten"), material.plain, material.packets)
    load = label(f"load {count:,} of them", rules, tiny, 0, None, [seconds_at_most(20)])
    aims = [seconds_besides(load, 3, ten), memory_at_most(1024 * MIB)]
    many = label(f"label, {count:,} of them", rules, material.plain, material.packets, ten.name, aims)
    bench.section("rules of a table of flows: 5-tuples with windows", [made, ten, load, many], runs=1)
    remove(table)
    remove(rules)


def files_section(bench, material):
    count = 10000
    material.path("captures").mkdir()
    captures, packets = material.capture("captures", "--files", count)
    out, copy = material.path("out.pcapng"), material.path("copy")
    rules = material.rules("files", count)
    bench.section(
        f"label: {count:,} files with a FILE rule each",
        [
            Case("cp -r", ["cp", "-r", captures, copy], packets, output=copy),
            Case(
                "label, 10,000 files",
                material.writing("label", out, "-L", rules, captures),
                packets,
                "cp -r",
                [million_a_second(1), streaming_memory(rules=count)],
                out,
            ),
        ],
    )
    remove(captures)
