"""Compressed captures, by the measure of the programs that only pack and unpack.

A program that unpacks throws away what it unpacked, even where labelcap writes it.
"""

from pathlib import Path

from measuring import Case, remove

NOWHERE = Path("/dev/null")


def small_capture(bench, material):
    """Three tenths of the usual size, since packing takes its time: plain, and with labels."""
    plain, packets = material.capture("small.pcap", "--size", 3 * bench.size // 10)
    return plain, material.labelled("small.pcapng", material.rules("ten"), plain, packets), packets


def unpack_section(bench, material):
    plain, labelled, packets = small_capture(bench, material)
    stream, blocks = material.path("small.pcap.gz"), material.path("blocks.pcap.gz")
    material.call(["gzip", "-6", "-k", plain])
    material.call(material.writing("strip", blocks, labelled))
    out = material.path("out.pcapng")
    label = material.writing("label", out, "-L", material.rules("ten"), stream)
    info = [material.labelcap, "info"]

    def both(name, command, against, alone, together, output=None):
        """One thread is not slower than it was when zlib read streams and there were no others."""
        case = Case(name, command, packets, against, output=output)
        return bench.one_and_two_threads(case, alone, together)

    bench.section(
        f"reading compressed captures: {plain.stat().st_size / 1e6:.0f} MB",
        [
            Case("zcat", ["zcat", stream], packets, "igzip -d", sink=NOWHERE),
            Case("igzip -d", ["igzip", "-d", "-c", stream], packets, sink=NOWHERE),
            *both("info, .gz", [*info, stream], "igzip -d", 1.5, 1.1),
            *both("label, .gz to plain", label, "igzip -d", 1.7, 1.3, out),
            Case("bgzip -d", ["bgzip", "-d", "-c", blocks], packets, sink=NOWHERE),
            Case("bgzip -d -@ 2", ["bgzip", "-d", "-c", "-@", "2", blocks], packets, "bgzip -d",
                 sink=NOWHERE, cores=2),
            *both("info, BGZF", [*info, blocks], "bgzip -d -@ 2", 2.7, 1.15),
        ],
    )
    for path in (plain, stream, blocks, labelled):
        remove(path)


def pack_section(bench, material):
    plain, labelled, packets = small_capture(bench, material)
    packed = material.path("packed")
    bgzip, zstd = ["bgzip", "-l", "1", "-c"], ["zstd", "-3", "-q", "-f", "-o", packed]

    def label(suffix, against, alone, together):
        out = material.path(f"out.pcapng{suffix}")
        command = material.writing("label", out, "-L", material.rules("ten"), plain)
        case = Case(f"label, to {suffix}", command, packets, against, output=out)
        return bench.one_and_two_threads(case, alone, together)

    bench.section(
        f"writing compressed captures: {labelled.stat().st_size / 1e6:.0f} MB",
        [
            Case("bgzip -l 1", [*bgzip, labelled], packets, output=packed, sink=packed),
            Case("bgzip -l 1 -@ 2", [*bgzip, "-@", "2", labelled], packets, "bgzip -l 1",
                 output=packed, sink=packed, cores=2),
            *label(".gz", "bgzip -l 1 -@ 2", 8, 1),
            Case("zstd -3", [*zstd, labelled], packets, output=packed),
            Case("zstd -3 -T2", [*zstd, "-T2", labelled], packets, "zstd -3", output=packed, cores=2),
            *label(".zst", "zstd -3 -T2", 2.2, 1.1),
        ],
    )
    remove(plain)
    remove(labelled)
