"""The Python module beside what Python programs read captures with: dpkt and scapy."""

import sys

from measuring import Case, remove, times_the_rate

SAMPLER = """
import sys
sys.path.insert(0, sys.argv[2])
import labelcap
def read():
    for sample in labelcap.sampler(sys.argv[1]):
        for index, sample_id, metadata, timestamp, data in sample:
            pass
read()
"""
DPKT = """
import sys
import dpkt
def read():
    for timestamp, data in dpkt.pcapng.Reader(open(sys.argv[1], "rb")):
        pass
read()
"""
SCAPY = """
import sys
from scapy.utils import PcapNgReader
def read():
    for packet in PcapNgReader(sys.argv[1]):
        pass
read()
"""


def python_section(bench, material):
    """Slow readers get part of the packets, which still takes them longer than their start."""

    def labelled(name, size):
        capture = material.path(f"{name}.pcap")
        said = material.call([material.generator, "--size", size, capture])
        packets = int(said.split()[0])
        shuffled = material.labelled(f"{name}-shuffled.pcapng", material.rules("subnets"), capture, packets)
        path = material.path(f"{name}.pcapng")
        material.call(material.writing("sort", path, shuffled))
        material.call([material.labelcap, "index", "-f", path])
        remove(capture)
        remove(shuffled)
        return path, packets

    def case(name, script, part, *arguments):
        path, packets = labelled(name, bench.size // part)
        return Case(name, [sys.executable, "-c", script, path, *arguments], packets)

    sampler = case("sampler()", SAMPLER, 1, material.labelcap.parent / "python")
    dpkt = case("dpkt", DPKT, 10)
    scapy = case("scapy", SCAPY, 50)
    sampler.aims = [times_the_rate(8, dpkt), times_the_rate(200, scapy)]
    bench.section("Python: all packets, and their five fields", [dpkt, scapy, sampler])
    for each in (sampler, dpkt, scapy):
        remove(each.command[3])
