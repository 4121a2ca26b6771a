"""Tables of flows."""

import json

from measuring import (
    Case,
    megabytes_a_second,
    memory_for_each,
    million_a_second,
    remove,
    threads_are_even,
)


def flows_section(bench, material):
    plain, packets = material.plain, material.packets
    size = plain.stat().st_size
    table, directory = material.path("flows.csv"), material.path("flows")

    def flows(name, profile, aims, *options, output=table):
        command = material.writing("flows", output, "-q", "--profile", profile)
        return Case(name, [*command, *options, plain], packets, "nfpcapd", aims, output)

    directory.mkdir()
    tshark = ["tshark", "-n", "-q", "-z", "conv,tcp", "-r", plain]
    argus = material.path("flows.argus")

    def meter(before):
        """Faster than programs in C; and one thread is not slower than before there were several."""
        return [million_a_second(2), bench.at_most(before, "nfpcapd"), bench.at_most(1, "argus")]

    bench.section(
        f"flows: {size / 1e6:.0f} MB, {packets} packets",
        [
            Case("nfpcapd", ["nfpcapd", "-r", plain, "-w", directory], packets),
            Case("nfpcapd, 2 cores", ["nfpcapd", "-r", plain, "-w", directory], packets, cores=2),
            Case("argus", ["argus", "-F", "/dev/null", "-r", plain, "-w", argus], packets,
                 "nfpcapd", output=argus),
            flows("netflowmeter", "netflowmeter", meter(0.6)),
            flows("netflowmeter --compat", "netflowmeter", [], "--compat"),
            flows("nexusflowmeter", "nexusflowmeter", meter(0.4)),
            flows("nexusflowmeter --compat", "nexusflowmeter", [], "--compat"),
            flows("labelcap", "labelcap", [million_a_second(1), bench.at_most(0.95, "nfpcapd")]),
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


def flow_threads_section(bench, material):
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
    command = material.writing("flows", out, "-q", "--threads")

    def flows(title, inputs, packets, factor=None):
        """With one thread, with two, and how fast the two should be."""
        alone = f"{title}, 1 thread"
        aims = [bench.times_as_fast(factor, alone)] if factor else []
        return [
            Case(alone, [*command, 1, *inputs], packets, output=out),
            Case(f"{title}, 2 threads", [*command, 2, *inputs], packets, alone, aims, out, 2),
        ]

    bench.section(
        "flows: threads",
        [
            *flows("two files", files, packets, 1.7),
            *flows("one file", files[:1], packets // 2, 1.8),
            Case("one file, 4 threads", [*command, 4, files[0]], packets // 2, "one file, 1 thread",
                 [bench.processor_time_at_most(1.2, "one file, 1 thread"), threads_are_even(1.2)], out, 4,
                 watched=True),
            *flows("short flows", [short], short_packets),
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
    command = material.writing("flows", out, "-q", "--idle-timeout", "0")
    material.call([*command, "--stats-json", material.path("open.json"), capture])
    count = json.loads(material.path("open.json").read_text())["peak_flows_in_memory"]

    def flows(profile, aims):
        return Case(f"{profile}, open flows", [*command, "--profile", profile, capture], packets,
                    aims=aims, output=out)

    bench.section(
        f"flows: {count:,} open at once",
        [
            flows("netflowmeter", [memory_for_each(1024, count, "flow")]),
            flows("nexusflowmeter", []),
            flows("labelcap", []),
        ],
    )
    remove(capture)
