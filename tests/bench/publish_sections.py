"""Published sets, and tables in Parquet."""

from measuring import Aim, Case, remove, streaming_memory


def publish_section(bench, material):
    """Beside the packing of the same packets, which is most of the work."""
    rules = material.rules("subnets")
    shuffled = material.labelled("shuffled.pcapng", rules, material.plain, material.packets)
    labelled = material.path("publish.pcapng")
    material.call(material.writing("sort", labelled, shuffled))
    remove(shuffled)
    out, directory = material.path("strip.pcapng.gz"), material.path("set")
    about = ["--name", "n", "--description", "d", "--license", "MIT", "--creator", "c", "--url", "https://example.org",
             "--date", "2026-11-30", "--allow", "mac,addresses,payload"]
    publish = material.writing("publish", directory, *about, labelled)
    material.call(material.writing("publish", material.path("published"), *about, labelled))
    published = material.path("published")
    packed = (published / "data/packets.pcapng.gz").stat().st_size
    every = sum(path.stat().st_size for path in published.rglob("*") if path.is_file())
    bench.section(
        f"publish: {labelled.stat().st_size / 1e6:.0f} MB; what describes the packets takes {every - packed} bytes",
        [
            Case("strip to .gz", material.writing("strip", out, labelled), material.packets, output=out),
            Case("publish", publish, material.packets, "strip to .gz",
                 [bench.at_most(2.5, "strip to .gz"), streaming_memory(samples=256)], directory),
            Case("publish --verify", [material.labelcap, "publish", "--verify", published], material.packets,
                 "strip to .gz", [bench.at_most(2, "strip to .gz"), streaming_memory(samples=256)]),
        ],
    )
    remove(labelled)
    remove(published)


def parquet_section(bench, material):
    """Of many flows, so that tables are most of the work."""
    capture = material.path("tables.pcap")
    said = material.call([material.generator, "--size", bench.size // 4, "--flows", bench.size // 4000, capture])
    packets = int(said.split()[0])

    def flows(suffix, *aims):
        out = material.path(f"flows.{suffix}")
        return Case(f"flows.{suffix}", material.writing("flows", out, "-q", "--threads", 1, capture), packets,
                    "flows.csv", aims, out)

    sizes = {}
    for suffix in ("csv", "parquet"):
        out = material.path(f"size.{suffix}")
        material.call(material.writing("flows", out, "-q", capture))
        sizes[suffix] = out.stat().st_size
        remove(out)
    smaller = Aim("at most a third of the size of the CSV", lambda case: sizes["parquet"] / sizes["csv"], 1 / 3)
    bench.section(
        f"tables: CSV of {sizes['csv'] / 1e6:.0f} MB, Parquet of {sizes['parquet'] / 1e6:.0f} MB",
        [flows("csv"), flows("parquet", bench.at_most(1, "flows.csv"), smaller)],
    )
    remove(capture)
