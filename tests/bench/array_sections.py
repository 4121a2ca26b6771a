"""What models read, beside writing as many bytes."""

from measuring import Case, remove, streaming_memory


def arrays_section(bench, material):
    capture = material.path("arrays.pcap")
    packets = int(material.call([material.generator, "--size", bench.size // 4, capture]).split()[0])
    labelled = material.labelled("unsorted.pcapng", material.rules("subnets"), capture, packets)
    dataset, copy = material.path("arrays.pcapng"), material.path("zeros")
    material.call(material.writing("sort", dataset, labelled))
    remove(labelled)
    remove(capture)
    size = packets * 1088

    def arrays(name, form, out, *options, aims=()):
        command = material.writing("arrays", out, "-q", "--form", form, *options, dataset)
        return Case(name, command, packets, "dd", list(aims), out)

    def nowhere(threads, aims=()):
        command = [material.labelcap, "arrays", "-q", "--form", "trafficformer", "--format", "tsv", "-o", "/dev/null",
                   "--threads", threads, dataset]
        return Case(f"to nowhere, {threads} thread{'s' if threads > 1 else ''}", command, packets, "dd", list(aims), cores=threads)

    folder = material.path("arrays")
    bench.section(
        f"arrays: {packets} packets, bits of nprint of {size / 1e6:.0f} MB",
        [
            Case("dd", ["dd", "if=/dev/zero", f"of={copy}", "bs=1M", f"count={-(-size // 2**20)}", "status=none"],
                 packets, output=copy),
            arrays("nprint", "nprint", folder, "--threads", 1,
                   aims=[bench.at_most(1.5, "dd"), streaming_memory(samples=256)]),
            arrays("yatc", "yatc", folder, "--threads", 1),
            arrays("netmamba", "netmamba", folder, "--threads", 1),
            arrays("netfound", "netfound", material.path("x.arrow"), "--threads", 1),
            arrays("trafficformer", "trafficformer", material.path("x.tsv"), "--threads", 1),
            nowhere(1),
            nowhere(2, [bench.times_as_fast(1.7, "to nowhere, 1 thread")]),
        ],
    )
    remove(dataset)
