"""What models read, beside writing as many bytes, and beside the programs that made it first."""

import sys

from measuring import Case, remove, streaming_memory, times_the_rate

# What the scripts of YaTC and NetMamba do with a flow, those of ET-BERT and TrafficFormer with the first
# packets of one, and that of Pcap-Encoder with every packet: scapy reads it, and its bytes are cut as
# text. Flows are told apart here, too. netFound has a program in C++ take its fields: here scapy does.
SCAPY = """
import sys
import numpy
import scapy.all as scapy

def text(packet, layer):
    return bytes(packet[layer]).hex() if layer in packet else ""

def image(packet):
    header, payload = text(packet, "IP"), text(packet, "Raw")
    if payload:
        header = header.replace(payload, "")
    return header[:160].ljust(160, "0") + payload[:480].ljust(480, "0")

def pairs(packet):
    data = bytes(packet).hex()[76:76 + 258]
    return "".join(data[at:at + 4] + " " for at in range(0, len(data) - 2, 2))

def question(packet):
    ip, above = layers(packet)
    ip.src = ip.dst = "::" if ip.version == 6 else "0.0.0.0"
    above.sport = above.dport = 0
    data = bytes(ip).hex()
    return " ".join(data[at:at + 4] for at in range(0, len(data), 4)) + "\\t"

def fields(packet):
    ip, above = layers(packet)
    if ip.version == 4:
        tokens = [4 * ip.ihl, ip.tos, ip.len, int(ip.flags), ip.ttl]
    else:
        tokens = [40, ip.tc, ip.plen + 40, 0, ip.hlim]
    if above.name == "TCP":
        tokens += [int(above.flags), above.window, above.seq >> 16, above.seq & 65535]
        tokens += [above.ack >> 16, above.ack & 65535, above.urgptr]
    else:
        tokens.append(above.len)
    data = bytes(above.payload)[:12].ljust(12, b"\\0")
    return ip.src, packet.time, tokens + [int.from_bytes(data[at:at + 2], "big") for at in range(0, 12, 2)]

def bursts(flow):
    found, last = [], {}
    for source, time, tokens in flow:
        burst, before = last.get(source, (None, 0))
        if burst is None or time - before > 0.01:
            burst = []
            found.append(burst)
        last[source] = burst, time
        if len(burst) < 6:
            burst.append(" ".join(map(str, tokens)))
    return ";".join(" ".join(burst) for burst in found[:12])

def layers(packet):
    return packet.getlayer("IP") or packet.getlayer("IPv6"), packet.getlayer("TCP") or packet.getlayer("UDP")

form = {"image": image, "pairs": pairs, "question": question, "fields": fields}[sys.argv[1]]
flows, most = {}, 5 if form in (image, pairs) else sys.maxsize
for packet in scapy.PcapReader(sys.argv[2]):
    ip, above = layers(packet)
    flow = flows.setdefault(frozenset(((ip.src, above.sport), (ip.dst, above.dport))), [])
    if len(flow) < most:
        flow.append(form(packet))
if form is image:
    rows = [numpy.frombuffer(bytes.fromhex("".join(flow).ljust(3200, "0")), "uint8") for flow in flows.values()]
    numpy.save(sys.argv[3], numpy.array(rows).reshape(-1, 40, 40))
else:
    with open(sys.argv[3], "w") as output:
        row = bursts if form is fields else "".join
        output.writelines("0\\t" + row(flow) + "\\n" for flow in flows.values())
"""


class Originals:
    """Programs that are slow: each has a part of the packets, which takes it longer than its start."""

    def __init__(self, bench, material):
        self.bench, self.material = bench, material
        self.captures = []

    def part(self, share):
        path = self.material.path(f"part-{share}.pcap")
        said = self.material.call([self.material.generator, "--size", self.bench.size // share, path])
        self.captures.append(path)
        return path, int(said.split()[0])

    def nprint(self):
        path, packets = self.part(50)
        out = self.material.path("nprint.csv")
        return Case("nPrint", ["nprint", "-4", "-t", "-u", "-i", "-P", path, "-W", out], packets, output=out)

    def scapy(self, form):
        path, packets = self.part(400)
        out = self.material.path(f"{form}.npy")
        return Case(f"scapy, {form}", [sys.executable, "-c", SCAPY, form, path, out], packets, output=out)


def arrays_section(bench, material):
    capture = material.path("arrays.pcap")
    packets = int(material.call([material.generator, "--size", bench.size // 4, capture]).split()[0])
    labelled = material.labelled("unsorted.pcapng", material.rules("subnets"), capture, packets)
    dataset, copy = material.path("arrays.pcapng"), material.path("zeros")
    material.call(material.writing("sort", dataset, labelled))
    remove(labelled)
    remove(capture)
    size = packets * 1088
    originals = Originals(bench, material)
    nprint, images, pairs = originals.nprint(), originals.scapy("image"), originals.scapy("pairs")
    questions, fields = originals.scapy("question"), originals.scapy("fields")

    def arrays(form, out, *aims):
        command = material.writing("arrays", out, "-q", "--form", form, "--threads", 1, dataset)
        return Case(form, command, packets, "dd", [*aims, streaming_memory(samples=256)], out)

    folder, text = material.path("arrays"), material.path("x.tsv")
    bench.section(
        f"arrays: {packets} packets, bits of nprint of {size / 1e6:.0f} MB",
        [
            Case("dd", ["dd", "if=/dev/zero", f"of={copy}", "bs=1M", f"count={-(-size // 2**20)}", "status=none"],
                 packets, output=copy),
            nprint,
            images,
            pairs,
            questions,
            fields,
            arrays("nprint", folder, bench.at_most(1.5, "dd"), times_the_rate(30, nprint)),
            arrays("yatc", folder, times_the_rate(200, images)),
            arrays("netmamba", folder, times_the_rate(200, images)),
            arrays("etbert", text, times_the_rate(200, pairs)),
            arrays("pcapencoder", material.path("x.parquet"), times_the_rate(200, questions)),
            arrays("trafficformer", text, times_the_rate(200, pairs)),
            arrays("netfound", material.path("x.arrow"), times_the_rate(200, fields)),
        ],
    )
    for path in (dataset, *originals.captures):
        remove(path)


# A row of each kind: of flows, samples and packets, as numbers and as text.
ROWS = {
    "trafficformer": ["--form", "trafficformer"],
    "yatc": ["--form", "yatc"],
    "etbert": ["--form", "etbert"],
    "pcapencoder": ["--form", "pcapencoder"],
    "netfound": ["--form", "netfound"],
    "series": ["--packets", 20, "--bytes", 40, "--part", "l3", "--series", "length,direction,inter_arrival"],
    "samples": ["--packets", 20, "--bytes", 40, "--part", "l3", "--per", "sample"],
    "packets": ["--form", "trafficformer", "--per", "packet"],
}

# The reading of a shorter capture takes not much longer than the start of a thread.
LEAST_SIZE = 400_000_000


def array_threads_section(bench, material):
    capture = material.path("arrays.pcap")
    size = max(bench.size // 2, LEAST_SIZE)
    packets = int(material.call([material.generator, "--size", size, capture]).split()[0])
    labelled = material.labelled("unsorted.pcapng", material.rules("subnets"), capture, packets)
    dataset = material.path("arrays.pcapng")
    material.call(material.writing("sort", dataset, labelled))
    remove(labelled)
    remove(capture)

    def nowhere(name, threads, aims=()):
        command = [material.labelcap, "arrays", "-q", *ROWS[name], "--format", "tsv", "-o", "/dev/null",
                   "--threads", threads, dataset]
        return Case(f"{name}, {threads} thread{'s' * (threads > 1)}", command, packets, aims=list(aims), cores=threads)

    cases = []
    for name in ROWS:
        alone = nowhere(name, 1)
        cases += [alone, nowhere(name, 2, [bench.times_as_fast(1.7, alone.name)])]
    bench.section(f"arrays: threads, {packets} packets, to nowhere", cases)
    remove(dataset)
