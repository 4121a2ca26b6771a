"""labelcap flows --profile nexusflowmeter: what the original printed, and two oracles in Python.

The goldens under shared/peers/nexusflowmeter/ were printed by the original. They do not hold all that
scapy can dissect, so original() computes its table a second time, on packets as scapy gives them and
with pandas printing it; described_rows() computes the default mode's rows from the description that
the packets were made from, in fractions.
"""

import csv
import functools
import gzip
import io
import json
import random
import re
import socket
import struct
from datetime import datetime, timedelta, timezone
from fractions import Fraction

import pytest

from captures import Ng

scapy = pytest.importorskip("scapy.all")
pandas = pytest.importorskip("pandas")

CAPTURES = ["6in4tunnel", "KakaoTalk_chat", "VlanPackets", "WebattackSQLinj", "ftp", "http_ipv6",
            "ip4_fragments", "malware", "quicietfooo", "ssh", "synscan", "telnet", "test", "tor",
            "whatsapp_login_call", "wireshark-retrans"]
PCAPNG = ["malware_orig", "ssh_orig"]
# Lines of the report that tell when and where it was run.
OF_THE_RUN = ("Source file: ", "Analysis time: ", "Processing duration: ")


@pytest.fixture(scope="module")
def peers(shared):
    if not (shared / "peers/nexusflowmeter").is_dir():
        pytest.skip(f"no outputs of other tools in {shared}/peers")
    return shared / "peers"


def flows(run, output, *args):
    run("flows", "-q", "--profile", "nexusflowmeter", "-f", "-o", output, *args)
    return output.read_text()


def compat(run, output, *args):
    return flows(run, output, "--compat", *args)


def assert_same_report(ours, golden):
    ours, golden = (path.read_text().splitlines() for path in (ours, golden))
    assert [line for line in ours if not line.startswith(OF_THE_RUN)] == [
        line for line in golden if not line.startswith(OF_THE_RUN)]
    assert [line.split(":")[0] for line in ours] == [line.split(":")[0] for line in golden]


def by_flow(text):
    """flow_id alone leaves ports out where one of them is 0."""
    rows = list(csv.DictReader(io.StringIO(text)))
    found = {(row["flow_id"], row["src_port"], row["dst_port"]): row for row in rows}
    assert len(found) == len(rows)
    return found


# ---- The original's outputs -------------------------------------------------------------------


@pytest.mark.parametrize("name", CAPTURES)
def test_csv_of_the_original(run, peers, tmp_path, name):
    ours = compat(run, tmp_path / "o.csv", peers / f"inputs/{name}.pcap")
    golden = (peers / f"nexusflowmeter/{name}.csv").read_text()
    assert by_flow(ours) == by_flow(golden)
    assert ours == golden, "the same cells in another order"


@pytest.mark.parametrize("name", CAPTURES)
def test_json_of_the_original(run, peers, tmp_path, name):
    ours = compat(run, tmp_path / "o.json", peers / f"inputs/{name}.pcap")
    golden = (peers / f"nexusflowmeter/{name}.json").read_text()
    assert json.loads(ours) == json.loads(golden)
    assert ours == golden, "the same values, written in another way"


@pytest.mark.parametrize("name", CAPTURES)
def test_report_of_the_original(run, peers, tmp_path, name):
    capture = peers / f"inputs/{name}.pcap"
    compat(run, tmp_path / "o.csv", "--report", tmp_path / "r.txt", capture)
    assert (tmp_path / "r.txt").read_text().splitlines()[3] == f"Source file: {capture}"
    assert_same_report(tmp_path / "r.txt", peers / f"nexusflowmeter/{name}_flow_report.txt")


@pytest.mark.parametrize("name", PCAPNG)
def test_pcapng_as_pcap(run, peers, tmp_path, name):
    """The pcap beside it was made from it."""
    ours = compat(run, tmp_path / "o.csv", peers / f"inputs/{name}.pcapng")
    assert ours == (peers / f"nexusflowmeter/{name[:-5]}.csv").read_text()


@pytest.mark.parametrize("offset", [-7200, 0, 5, 10**9])
def test_scapy_ignores_offsets_of_times(run, tmp_path, offset):
    """if_tsoffset: only with --compat, in which times are those that scapy reads."""
    ng = Ng().interface(tsoffset=offset)
    for number in range(3):
        ng.packet(udp4(HOSTS[0], HOSTS[1], (1000, 53), bytes(number)), (10**9 + number) * 10**6)
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    assert_as_the_original(run, tmp_path, tmp_path / "in.pcapng")
    row, = csv.DictReader(io.StringIO(flows(run, tmp_path / "ours.csv", tmp_path / "in.pcapng")))
    start = datetime.fromtimestamp(10**9 + offset, timezone.utc)
    assert row["start_time"].startswith(start.strftime("%Y-%m-%d"))


def test_split_of_the_original(run, peers, tmp_path):
    run("flows", "-q", "--profile", "nexusflowmeter", "--compat", "--per-protocol", "--name", "sp",
        "-o", tmp_path / "o", peers / "inputs/test.pcap")
    ours = {path.stem: path.read_text() for path in (tmp_path / "o").iterdir()}
    assert ours == {path.stem: path.read_text() for path in
                    (peers / "nexus_cli").glob("sp_*_flows.csv")}
    assert len(ours) == 5


@pytest.mark.parametrize("jobs", [1, 2, 7])
def test_merge_of_the_original(run, peers, tmp_path, jobs):
    """All files make one table, which is sorted as a whole."""
    ours = compat(run, tmp_path / "o.csv", "--merge", "--jobs", str(jobs), peers / "inputs")
    golden, = (peers / "nexus_cli/dirm").glob("*.csv")
    assert ours == golden.read_text()


def test_report_of_the_original_merge(run, peers, tmp_path):
    """Another text than that of a single capture; ours tells all that is not about files."""
    compat(run, tmp_path / "o.csv", "--merge", "--report", tmp_path / "r.txt", peers / "inputs")
    golden, = (peers / "nexus_cli/dirm").glob("*.txt")
    ours, theirs = (tmp_path / "r.txt").read_text(), golden.read_text()
    protocols, _ = theirs[theirs.index("Protocol Distribution:"):].split("\n\n", 1)
    assert f"\n{protocols}\n\n" in ours
    assert "Source files: 18\n" in ours and "Total PCAP files found: 18\n" in theirs
    assert "flows analyzed: 2186\n" in ours and "merged output: 2186\n" in theirs


def test_directory_of_the_original(run, peers, tmp_path):
    """Made with --max-flows 5."""
    run("flows", "-q", "--profile", "nexusflowmeter", "--compat", "--max-flows", "5", "--per-input",
        "-o", tmp_path / "o", peers / "inputs")
    ours, golden = ({path.name: path.read_text() for path in folder.iterdir()}
                    for folder in (tmp_path / "o", peers / "nexus_cli/dirout"))
    assert ours == golden


# Golden, input, options; --flow-timeout 1 made ft1: it does nothing.
SINGLE = [("mf", "test.pcap", ["--max-flows", "3"]), ("o1", "test.pcap", []),
          ("out/x", "test.pcap", []), ("ft1", "tor.pcap", ["--idle-timeout", "1"]),
          ("ng", "ssh_orig.pcapng", []), ("flows", "telnet.pcap", [])]


@pytest.mark.parametrize("name, capture, options", SINGLE)
def test_options_of_the_original(run, peers, tmp_path, name, capture, options):
    ours = compat(run, tmp_path / "o.csv", *options, "--report", tmp_path / "r.txt",
                  peers / "inputs" / capture)
    assert ours == (peers / f"nexus_cli/{name}.csv").read_text()
    assert_same_report(tmp_path / "r.txt", peers / f"nexus_cli/{name}_flow_report.txt")


def test_xlsx_of_the_original(run, peers, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    run("flows", "-q", "--profile", "nexusflowmeter", "--compat", "-o", tmp_path / "o.xlsx",
        peers / "inputs/test.pcap")
    ours, golden = ([[(cell.value, type(cell.value)) for cell in row]
                     for row in openpyxl.load_workbook(path).active.iter_rows()]
                    for path in (tmp_path / "o.xlsx", peers / "nexus_cli/x.xlsx"))
    assert ours == golden


# ---- The original, once more --------------------------------------------------------------------


def layer_of(packet, *kinds):
    return next((packet[kind] for kind in kinds if packet.haslayer(kind)), None)


class Seen:
    """What the original asks of a packet."""

    def __init__(self, packet):
        ip = layer_of(packet, scapy.IP, scapy.IPv6)
        port = layer_of(packet, scapy.TCP, scapy.UDP)
        self.ends, self.sender = (ip.src, ip.dst) if ip else ("", ""), ip and ip.src
        self.ports, self.protocol, self.flags, self.payload = (0, 0), "Unknown", None, 0
        if port is not None:
            self.ports = port.sport, port.dport
            self.protocol = type(port).__name__
            self.payload = len(packet.payload.payload)
            self.flags = str(port.flags) if self.protocol == "TCP" else None
        elif packet.haslayer(scapy.ICMP):
            self.protocol = "ICMP"
        elif packet.haslayer(scapy.ARP):
            arp = packet[scapy.ARP]
            self.ends, self.protocol = (arp.psrc, arp.pdst), "ARP"
        self.size, self.time = len(packet), float(packet.time)

    def key(self):
        ends = sorted(zip(self.ends, self.ports))
        return (*ends[0], *ends[1], self.protocol)


def original_row(key, packets):
    one, one_port, two, two_port, protocol = key
    times = [datetime.utcfromtimestamp(p.time) for p in packets]
    gaps = [(b - a).total_seconds() * 1000 for a, b in zip(times, times[1:])]
    ways = [[p for p in packets if (p.sender in (None, one)) == way] for way in (True, False)]
    counts = [len(way) for way in ways]
    sizes = [sum(p.size for p in way) for way in ways]
    payloads = [sum(p.payload for p in way) for way in ways]
    duration = (times[-1] - times[0]).total_seconds() if times[-1] != times[0] else 0
    flags = [p.flags for p in packets if p.flags is not None]
    syn, fin, rst, ack = (sum("S" in f and "A" not in f for f in flags),
                          *(sum(letter in f for f in flags) for letter in "FRA"))
    state = "Unknown" if protocol != "TCP" else "Closed" if syn and fin else \
        "Established" if syn and not rst else "Reset" if rst else "Ongoing"
    ports = f"{one}:{one_port} <-> {two}:{two_port}" if one_port and two_port else f"{one} <-> {two}"
    lengths = [p.size for p in packets]
    return dict(
        flow_id=f"{ports} ({protocol})", src_ip=one, dst_ip=two, src_port=one_port or "",
        dst_port=two_port or "", protocol=protocol,
        start_time=times[0].strftime("%Y-%m-%d %H:%M:%S.%f"),
        end_time=times[-1].strftime("%Y-%m-%d %H:%M:%S.%f"), duration_seconds=duration,
        total_packets=len(packets), forward_packets=counts[0], backward_packets=counts[1],
        is_bidirectional=all(counts),
        forward_backward_ratio=counts[0] / counts[1] if counts[1] else float("inf"),
        total_bytes=sum(sizes), forward_bytes=sizes[0], backward_bytes=sizes[1],
        total_payload_bytes=sum(payloads), forward_payload_bytes=payloads[0],
        backward_payload_bytes=payloads[1],
        packets_per_second=len(packets) / duration if duration > 0 else 0,
        bytes_per_second=sum(sizes) / duration if duration > 0 else 0,
        min_packet_size=min(lengths), max_packet_size=max(lengths),
        avg_packet_size=sum(sizes) / len(packets),
        avg_inter_arrival_ms=sum(gaps) / len(gaps) if gaps else 0,
        min_inter_arrival_ms=min(gaps, default=0), max_inter_arrival_ms=max(gaps, default=0),
        tcp_flags=",".join(sorted(set(flags))), syn_count=syn, fin_count=fin, rst_count=rst,
        ack_count=ack, connection_state=state)


@functools.lru_cache(maxsize=1)
def flows_seen(capture):
    seen = {}
    with scapy.PcapReader(str(capture)) as reader:
        for packet in reader:
            p = Seen(packet)
            if all(p.ends):
                seen.setdefault(p.key(), []).append(p)
    return seen


def original_frame(capture, protocols=None, max_flows=None):
    """The filter and the choice come before pandas sees the flows."""
    kept = [item for item in flows_seen(capture).items()
            if not protocols or item[0][-1].lower() in protocols]
    if max_flows and len(kept) > max_flows:
        kept = sorted(kept, key=lambda item: len(item[1]), reverse=True)[:max_flows]
    return pandas.DataFrame([original_row(key, packets) for key, packets in kept])


def original_table(frames):
    """Its CSV, rows in the order that pandas sorts them into; None without a flow."""
    frame = pandas.concat(frames, ignore_index=True)
    return None if frame.empty else frame.sort_values("total_bytes", ascending=False).to_csv(index=False)


def assert_as_the_original(run, tmp_path, capture, protocols=None, max_flows=None):
    expected = original_table([original_frame(capture, protocols, max_flows)])
    options = ["--protocols", protocols] if protocols else []
    options += ["--max-flows", str(max_flows)] if max_flows else []
    assert_same_table(compat(run, tmp_path / "o.csv", *options, capture), expected)


def assert_same_table(ours, expected):
    if expected is None:
        assert ours.count("\n") == 1
    elif old_numpy():
        assert ours == expected
    else:
        assert sorted(ours.splitlines()) == sorted(expected.splitlines())


def old_numpy():
    """From 1.25 on numpy sorts with vector instructions, and leaves equals in another order."""
    numpy = pytest.importorskip("numpy")
    return tuple(map(int, numpy.__version__.split(".")[:2])) < (1, 25)


# Tunnels, tags, fragments, options, odd link types.
SHARED = ["ark-mpls-basic", "ark-sctp-www", "libpcap-AH-IPcomp-IPv4", "libpcap-ah-ipip-ping",
          "libpcap-geneve", "libpcap-ipv6_ah_modes", "libpcap-vrrp", "ndpi-teredo",
          "ppp-ArpRequestWithVlan", "ppp-IPv4-encapsulated-IPv6", "ppp-Vxlan2", "ppp-ip6_fragments",
          "ppp-packet_trailer", "sv-bug-4571-01-ipv4_over_ipv4", "sv-bug-4810-pppoe-session-http",
          "sv-bug-5633-gre-01-gre-udp", "sv-decode-too-many-layers", "sv-detect-arp-04-vxlan-vxlan-arp",
          "sv-ipv6-covert-dstopts-covert_send6", "sv-vxlan-decoder-03-vxlan", "tcpdump-erspan-type-ii-2",
          "tcpdump-gso-ipv4-geneve-ipv6", "tcpdump-ipv6-routing-header", "tcpdump-pppoe",
          "tcpdump-ipv6_missing_jumbo_payload_option", "zeek-chksums-ip6-route0-tcp-good-chksum",
          "zeek-mobile-ipv6-mip6_back", "zeek-tunnels-4in4", "zeek-tunnels-4in6", "zeek-tunnels-6in4",
          "zeek-tunnels-gre-pptp", "zeek-tunnels-ping6-in-ipv4", "zeek-tunnels-vxlan"]


@pytest.mark.parametrize("name", SHARED)
def test_compat_on_shared_captures(run, shared, tmp_path, name):
    assert_as_the_original(run, tmp_path, shared / f"captures/protocols/{name}.pcap")


def link(name):
    ether = scapy.Ether(dst="02:02:02:02:02:02", src="02:02:02:02:02:03")
    return {"ether": ether, "sll": scapy.CookedLinux(), "raw": None}[name]


def random_network(rng):
    """Anything from addresses to payload: tunnels, fragments, quotes, ARP."""
    hosts = ["10.0.0.9", "10.0.0.10", "9.255.0.1", "192.0.2.77"]
    hosts6 = ["2001:db8::9", "2001:db8::10", "::ffff:1.2.3.4", "2001:db8:0:1:1:1:1:1"]
    (a, b), (c, d) = rng.choices(hosts, k=2), rng.choices(hosts6, k=2)
    ip, ip6 = scapy.IP(src=a, dst=b), scapy.IPv6(src=c, dst=d)
    data = scapy.Raw(bytes(rng.choice([0, 1, 30, 500])))
    flags = rng.choice([2, 18, 16, 24, 17, 20, 4, 0, 0x1ff, 0x150])
    tcp = scapy.TCP(sport=rng.choice([80, 0, 5000]), dport=rng.choice([80, 9]), flags=flags) / data
    udp = scapy.UDP(sport=rng.choice([5353, 7, 7]), dport=rng.choice([53, 9])) / data
    upper = rng.choice([tcp, udp])
    vxlan = scapy.UDP(sport=1, dport=4789) / scapy.VXLAN() / link("ether")
    return rng.choice([
        ip / upper, ip / upper, ip / upper, ip6 / upper, ip / ip6 / upper, ip6 / ip / upper,
        ip / scapy.GRE() / ip / upper, ip / vxlan / ip / upper, ip / scapy.ICMP() / data,
        ip / scapy.ICMP(type=3) / ip / upper, ip6 / scapy.ICMPv6EchoRequest() / data,
        ip / scapy.SCTP(), ip6 / scapy.IPv6ExtHdrHopByHop() / upper,
        scapy.IP(src=a, dst=b, frag=100, proto=17) / data,
        ip6 / scapy.IPv6ExtHdrFragment(offset=5, nh=6) / data, scapy.ARP(psrc=a, pdst=b),
    ])


def random_capture(rng, path, linktype):
    frames = []
    time = rng.randrange(2**31) * 10**6
    for _ in range(rng.choice([1, 30, 400])):
        time += rng.choice([0, 1, 37, 999_983, -5_000, 61_000_000])
        network = random_network(rng)
        if linktype == "raw" and network.haslayer(scapy.ARP):
            continue
        tags = scapy.Dot1Q(vlan=3) / network if linktype == "ether" and rng.random() < 0.2 else network
        frame = bytes(link(linktype) / tags if link(linktype) else network)
        frames.append((time, frame + bytes(rng.choice([0, 0, 6]))))
    return pcap(path, frames, {"ether": 1, "sll": 113, "raw": 101}[linktype])


def pcap(path, frames, linktype=1, per_second=10**6):
    """frames: (time in units, bytes, or (bytes, length on the wire))."""
    magic = {10**6: 0xA1B2C3D4, 10**9: 0xA1B23C4D}[per_second]
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", magic, 2, 4, 0, 0, 262144, linktype))
        for time, frame in frames:
            frame, wire = frame if isinstance(frame, tuple) else (frame, len(frame))
            file.write(struct.pack("<IIII", *divmod(time, per_second), len(frame), wire) + frame)
    return path


@pytest.mark.parametrize("seed", range(4))
def test_compat_filters_and_chooses_before_it_sorts(run, tmp_path, seed):
    capture = random_capture(random.Random(seed), tmp_path / "in.pcap", "ether")
    for protocols, max_flows in (("tcp", None), ("arp", None), ("udp", 20), (None, 3), (None, 60)):
        assert_as_the_original(run, tmp_path, capture, protocols, max_flows)


def test_compat_merges_before_it_sorts(run, tmp_path):
    """A column of nothing but the 0 of missing numbers in one file has a real number in another."""
    rng = random.Random(5)
    captures = [pcap(tmp_path / "0.pcap", [(1, udp4(*HOSTS[:2]))])] + [
        random_capture(rng, tmp_path / f"{i}.pcap", "ether") for i in range(1, 6)]
    frames = [original_frame(capture, max_flows=50).assign(source_file=capture.name)
              for capture in captures]
    expected = original_table(frames)
    for jobs in ("1", "3"):
        ours = compat(run, tmp_path / "o.csv", "--merge", "--max-flows", "50", "--jobs", jobs,
                      "--memory", "100k", *captures)
        assert_same_table(ours, expected)


@pytest.mark.parametrize("linktype", ["ether", "sll", "raw"])
@pytest.mark.parametrize("seed", range(4))
def test_compat_on_random_traffic(run, tmp_path, seed, linktype):
    capture = random_capture(random.Random(f"{seed}{linktype}"), tmp_path / "in.pcap", linktype)
    assert_as_the_original(run, tmp_path, capture)


def test_compat_of_nanoseconds(run, tmp_path):
    """Times go through a double, and from there to the nearest microsecond."""
    rng, start = random.Random(7), 1_700_000_000 * 10**9
    frames = [(start + 10**6 * i + rng.randrange(10**6), udp4(*rng.sample(HOSTS, 2)))
              for i in range(300)]
    assert_as_the_original(run, tmp_path, pcap(tmp_path / "in.pcap", frames, 1, 10**9))


def test_compat_refuses_what_the_original_cannot(run, tmp_path):
    capture = pcap(tmp_path / "in.pcap", [])
    for option in (["--unidirectional"], ["--tunnels", "inner"], ["--max-flows-in-memory", "9"]):
        refused = run("flows", "--profile", "nexusflowmeter", "--compat", *option, capture, check=False)
        assert refused.returncode != 0
        assert "NexusFlowMeter" in refused.stderr


def test_compat_in_another_number_format(run, tmp_path):
    capture = random_capture(random.Random(3), tmp_path / "in.pcap", "ether")
    own, short = (list(csv.DictReader(io.StringIO(compat(run, tmp_path / "o.csv", *options, capture))))
                  for options in ([], ["--number-format", ".3f"]))
    real = {name for row in own for name, text in row.items() if text == "inf" or text[-2:] == ".0"}
    assert len(real) > 5
    assert short == [{name: f"{float(text):.3f}" if name in real else text
                      for name, text in row.items()} for row in own]
    rows = json.loads(compat(run, tmp_path / "o.json", "--number-format", ".3f", capture))
    assert [row["avg_packet_size"] for row in rows] == [
        float(f"{float(row['avg_packet_size']):.3f}") for row in own]


# ---- Default mode ---------------------------------------------------------------------------------

HOSTS = ["10.0.0.9", "10.0.0.10", "10.0.0.2"]
HOSTS6 = ["2001:db8::9", "2001:db8::10"]
NUMBERS = {"TCP": 6, "UDP": 17, "ICMP": 1, "ICMPv6": 58, "SCTP": 132, "GRE": 47}
HEADERS = {"TCP": 20, "UDP": 8, "ICMP": 8, "ICMPv6": 8, "SCTP": 12, "GRE": 0}
LETTERS = "FSRPAUECN"


def ether(kind, content):
    return b"\2" * 12 + struct.pack(">H", kind) + content


def ip4(a, b, protocol, content):
    return ether(0x0800, struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(content), 1, 0, 64, protocol, 0,
                                     socket.inet_aton(a), socket.inet_aton(b)) + content)


def ip6(a, b, protocol, content):
    return ether(0x86DD, struct.pack(">IHBB16s16s", 6 << 28, len(content), protocol, 64,
                                     *(socket.inet_pton(socket.AF_INET6, x) for x in (a, b))) + content)


def udp4(a, b, ports=(7, 9), payload=b""):
    return ip4(a, b, 17, struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload)


class Described:
    """A packet that knows what it is."""

    def __init__(self, rng, time, flow, forward, flags=0):
        self.time, self.flow, self.forward, self.flags = time, flow, forward, flags
        (self.a, self.b), self.ports, self.protocol = flow
        if not forward:
            self.a, self.b, self.ports = self.b, self.a, self.ports[::-1]
        # An IPv6 length of 0 says nothing (segmentation offload), and GRE has no header here.
        least = 4 if self.protocol == "GRE" else 0
        self.payload = 0 if self.protocol == "ARP" else rng.choice([least, least + 1, 100, 1400])
        self.padding = rng.choice([0, 0, 10])
        self.cut = rng.random() < 0.2

    def frame(self):
        if self.protocol == "ARP":
            content = struct.pack(">HHBBH6s4s6s4s", 1, 0x0800, 6, 4, 1, b"\2" * 6,
                                  socket.inet_aton(self.a), b"\3" * 6, socket.inet_aton(self.b))
            return ether(0x0806, content)
        head = {"TCP": struct.pack(">HHIIHHHH", *self.ports, 0, 0, 5 << 12 | self.flags, 9, 0, 0),
                "UDP": struct.pack(">HHHH", *self.ports, 8 + self.payload, 0),
                "SCTP": struct.pack(">HHII", *self.ports, 0, 0),
                "ICMP": bytes([8 if self.forward else 0]) + bytes(7),
                "ICMPv6": bytes([128 if self.forward else 129]) + bytes(7), "GRE": b""}[self.protocol]
        build = ip6 if ":" in self.a else ip4
        return build(self.a, self.b, NUMBERS[self.protocol], head + bytes(self.payload))

    def wire(self):
        return len(self.frame()) + self.padding

    def record(self):
        """Cut behind the headers sometimes: lengths are those of the wire all the same."""
        frame = self.frame()
        kept = len(frame) - self.payload if self.cut else len(frame)
        captured = frame[:kept] if self.cut else frame + bytes(self.padding)
        return self.time, (captured, self.wire())


def random_flows(rng):
    flows = []
    for _ in range(rng.choice([1, 5, 40])):
        hosts = rng.choice([HOSTS, HOSTS6])
        protocol = rng.choice(["TCP", "TCP", "UDP", "SCTP", "GRE"] +
                              (["ICMP", "ARP"] if hosts is HOSTS else ["ICMPv6"]))
        ports = (rng.randrange(65536), rng.choice([0, 80, 443]))
        if protocol not in ("TCP", "UDP", "SCTP"):
            ports = (0, 0)
        flow = (tuple(rng.sample(hosts, 2)), ports, protocol)
        if not any(same_flow(flow, other) for other in flows):
            flows.append(flow)
    return flows


def same_flow(a, b):
    return a[2] == b[2] and sorted(zip(a[0], a[1])) == sorted(zip(b[0], b[1]))


def random_conversations(rng):
    """Packets of all flows in one order; nothing in them begins a flow anew."""
    flows, packets = random_flows(rng), []
    time, seen = 1_600_000_000 * 10**9 + rng.randrange(10**9), set()
    for _ in range(rng.choice([3, 50, 300])):
        time += rng.choice([0, 1, 999, 10**6 + 1, 10**9 + 7, -1000])
        flow = rng.choice(flows)
        forward = flow not in seen or rng.random() < 0.6
        first = [2, 16, 0] if flow not in seen else [16, 24, 0, 0x1F0, 18 if not forward else 16, 16]
        seen.add(flow)
        packets.append(Described(rng, time, flow, forward, rng.choice(first)))
    # At its end, so that no packet comes after the time that a closed flow still waits.
    for flow in sorted(seen):
        if flow[2] == "TCP":
            for forward, flags in rng.choice([[(True, 17), (False, 17)], [(False, 20)], [(True, 17)], []]):
                packets.append(Described(rng, time, flow, forward, flags))
    return packets


def letters_of(flags):
    return "".join(letter for bit, letter in enumerate(LETTERS) if flags >> bit & 1) or "-"


def state_of(protocol, packets):
    if protocol != "TCP":
        return "Unknown"
    ways = [[p.flags for p in packets if p.forward == way] for way in (True, False)]
    if all(any(flags & 1 for flags in way) for way in ways):
        return "Closed"
    if any(flags & 4 for flags in ways[0] + ways[1]):
        return "Reset"
    if not any(flags & 18 == 2 for flags in ways[0] + ways[1]):
        return "Ongoing"
    return "Established" if any(flags & 18 == 18 for flags in ways[1]) else "Attempted"


def text_time(ns):
    moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=ns // 10**9)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{ns % 10**9:09}"


def described_row(flow, packets):
    (a, b), ports, protocol = flow
    with_ports = protocol in ("TCP", "UDP", "SCTP")
    names = [f"[{x}]" if ":" in x and with_ports else x for x in (a, b)]
    names = [f"{x}:{port}" if with_ports else x for x, port in zip(names, ports)]
    times, clock, gaps = [p.time for p in packets], packets[0].time, []
    for time in times[1:]:
        gaps.append(Fraction(max(0, time - clock), 10**6))
        clock = max(clock, time)
    duration = Fraction(max(times) - min(times), 10**9)
    ways = [[p for p in packets if p.forward == way] for way in (True, False)]
    count, sizes = len(packets), [p.wire() for p in packets]
    flags = [p.flags for p in packets] if protocol == "TCP" else []
    return dict(
        flow_id=f"{names[0]} <-> {names[1]} ({protocol})", src_ip=a, dst_ip=b,
        src_port=ports[0] if with_ports else None, dst_port=ports[1] if with_ports else None,
        protocol=protocol, start_time=text_time(min(times)), end_time=text_time(max(times)),
        duration_seconds=duration, total_packets=count, forward_packets=len(ways[0]),
        backward_packets=len(ways[1]), is_bidirectional=all(ways),
        forward_backward_ratio=Fraction(len(ways[0]), len(ways[1])) if ways[1] else None,
        total_bytes=sum(sizes), forward_bytes=sum(p.wire() for p in ways[0]),
        backward_bytes=sum(p.wire() for p in ways[1]),
        total_payload_bytes=sum(p.payload for p in packets),
        forward_payload_bytes=sum(p.payload for p in ways[0]),
        backward_payload_bytes=sum(p.payload for p in ways[1]),
        packets_per_second=count / duration if duration else None,
        bytes_per_second=sum(sizes) / duration if duration else None,
        min_packet_size=min(sizes), max_packet_size=max(sizes),
        avg_packet_size=Fraction(sum(sizes), count),
        avg_inter_arrival_ms=sum(gaps) / len(gaps) if gaps else None,
        min_inter_arrival_ms=min(gaps, default=None), max_inter_arrival_ms=max(gaps, default=None),
        tcp_flags=",".join(sorted(set(map(letters_of, flags)))),
        syn_count=sum(f & 18 == 2 for f in flags), fin_count=sum(f & 1 for f in flags),
        rst_count=sum(f >> 2 & 1 for f in flags), ack_count=sum(f >> 4 & 1 for f in flags),
        connection_state=state_of(protocol, packets))


def described_rows(packets):
    """By flow: the first packet's sender is the initiator, as every SYN without ACK here is its."""
    seen = {}
    for p in packets:
        seen.setdefault(p.flow, []).append(p)
    rows = [described_row(*item) for item in seen.items()]
    return {(row["flow_id"], *(as_cell(name, row[name]) for name in ("src_port", "dst_port"))): row
            for row in rows}


def as_cell(name, value):
    if value is None:
        return ""
    if name == "duration_seconds":
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(float(value)) if isinstance(value, Fraction) else str(value)


@pytest.mark.parametrize("seed", range(12))
def test_default_mode_on_random_traffic(run, tmp_path, seed):
    packets = random_conversations(random.Random(seed))
    capture = pcap(tmp_path / "in.pcap", [p.record() for p in packets], 1, 10**9)
    text = flows(run, tmp_path / "o.csv", "--idle-timeout", "0", capture)
    expected, ours = described_rows(packets), by_flow(text)
    assert sorted(ours) == sorted(expected)
    for name, row in expected.items():
        found = {**ours[name], "duration_seconds": Fraction(ours[name]["duration_seconds"])}
        assert (found.pop("sample_id"), found.pop("metadata")) == ("", "")
        assert found == {column: as_cell(column, value) for column, value in row.items()}


def test_default_mode_ends_flows(run, tmp_path):
    """After 60 s without a packet, unless told otherwise."""
    times = [0, 60 * 10**6, 121 * 10**6]
    capture = pcap(tmp_path / "in.pcap", [(time, udp4(*HOSTS[:2])) for time in times])
    rows = list(csv.DictReader(io.StringIO(flows(run, tmp_path / "o.csv", capture))))
    assert [row["total_packets"] for row in rows] == ["2", "1"]


def test_default_mode_turns_to_the_one_who_asked(run, tmp_path):
    """Data was captured before the SYN: who sent the SYN is src_ip all the same."""
    def tcp(a, b, ports, flags, payload=b""):
        return ip4(a, b, 6, struct.pack(">HHIIHHHH", *ports, 1, 1, 5 << 12 | flags, 9, 0, 0) + payload)

    a, b = HOSTS[:2]
    capture = pcap(tmp_path / "in.pcap", [(1, tcp(b, a, (80, 5000), 16, b"x")),
                                          (2, tcp(a, b, (5000, 80), 2)),
                                          (3, tcp(b, a, (80, 5000), 18)),
                                          (4, tcp(a, b, (5000, 80), 16, b"abc"))])
    row, = csv.DictReader(io.StringIO(flows(run, tmp_path / "o.csv", capture)))
    assert (row["src_ip"], row["src_port"]) == (a, "5000")
    assert (row["forward_packets"], row["backward_packets"]) == ("2", "2")
    assert (row["forward_payload_bytes"], row["backward_payload_bytes"]) == ("3", "1")
    assert row["connection_state"] == "Established"


# ---- Report ---------------------------------------------------------------------------------------


def test_report_of_default_mode(run, tmp_path):
    frames = [(i * 10**6, udp4(HOSTS[0], HOSTS[1], (1000 + i % 3, 53), bytes(i))) for i in range(7)]
    frames += [(8 * 10**6, udp4(HOSTS[1], HOSTS[0], (53, 1001)))]
    frames += [(9 * 10**6, ip6(*HOSTS6, 6, struct.pack(">HHIIHHHH", 1, 2, 0, 0, 5 << 12 | 2, 9, 0, 0)))]
    frames += [(10 * 10**6, ether(0x88CC, b"neither"))] * 2
    capture = pcap(tmp_path / "in.pcap", frames)
    folder = tmp_path / "reports"
    folder.mkdir()
    flows(run, tmp_path / "o.csv", "--report", folder, capture)
    report = folder / "in_flow_report.txt"
    lines = [line.split() for line in report.read_text().splitlines()]
    assert ["Packets", "11"] in lines
    assert ["Packets", "in", "flows", "9"] in lines
    assert ["Flows", "4"] in lines
    assert ["UDP", "3", "75.0", "8", "357"] in lines
    assert ["TCP", "1", "25.0", "1", "74"] in lines
    # Durations 6, 7 (of ports 1000, 1001), 3 and 0 seconds.
    assert ["Mean", "duration", "4.000000", "s"] in lines
    assert ["Median", "duration", "4.500000", "s"] in lines
    assert ["Longest", "duration", "7.000000", "s"] in lines
    assert ["Mean", "packets", "2.2"] in lines and ["Most", "packets", "3"] in lines
    assert ["both", "ways", "1", "25.0"] in lines
    assert ["neither", "IP", "nor", "ARP", "2"] in lines
    text = report.read_text()
    assert re.search("\n10.0.0.9:1000 +10.0.0.10:53 +UDP +3 ", text)
    assert text.index("10.0.0.9:1000 ") < text.index("[2001:db8::9]:1")
    again = tmp_path / "again.txt"
    flows(run, tmp_path / "o.csv", "--report", again, capture)
    assert again.read_text() == text


def test_report_as_json(run, tmp_path):
    """A name that ends in .json asks for the same figures as numbers."""
    frames = [(i * 10**6, udp4(HOSTS[0], HOSTS[1], (1000 + i % 3, 53), bytes(i))) for i in range(7)]
    frames += [(8 * 10**6, udp4(HOSTS[1], HOSTS[0], (53, 1001)))]
    frames += [(9 * 10**6, ip6(*HOSTS6, 6, struct.pack(">HHIIHHHH", 1, 2, 0, 0, 5 << 12 | 2, 9, 0, 0)))]
    frames += [(10 * 10**6, ether(0x88CC, b"neither"))] * 2
    capture = pcap(tmp_path / "in.pcap", frames)
    flows(run, tmp_path / "o.csv", "--report", tmp_path / "r.json", capture)
    report = json.loads((tmp_path / "r.json").read_text())
    flows(run, tmp_path / "o.csv", "--report", tmp_path / "r.json.gz", capture)
    assert json.loads(gzip.decompress((tmp_path / "r.json.gz").read_bytes())) == report
    assert (report["source"], report["packets"], report["in_flows"], report["flows"]) == (
        str(capture), 11, 9, 4)
    assert report["protocols"] == [
        {"protocol": "UDP", "flows": 3, "share": 0.75, "packets": 8, "bytes": 357},
        {"protocol": "TCP", "flows": 1, "share": 0.25, "packets": 1, "bytes": 74}]
    assert report["flow"] == {
        "mean_duration_ns": 4 * 10**9, "median_duration_ns": 4_500_000_000,
        "longest_duration_ns": 7 * 10**9, "mean_packets": 2.25, "most_packets": 3,
        "mean_bytes": 107.75, "most_bytes": max(flow["bytes"] for flow in report["by_bytes"])}
    assert report["directions"] == [{"direction": "both ways", "flows": 1, "share": 0.25},
                                    {"direction": "one way", "flows": 3, "share": 0.75}]
    assert [flow["packets"] for flow in report["by_packets"]] == [3, 3, 2, 1]
    assert report["by_packets"][0].items() >= {
        "from": "10.0.0.9:1000", "to": "10.0.0.10:53", "protocol": "UDP"}.items()
    assert sum(report["skipped"].values()) == report["skipped"]["no_ip"] == 2


def test_report_counts_captures_alone(run, tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a.pcap", "b.pcap"):
        pcap(tmp_path / "in" / name, [(1, udp4(*HOSTS[:2]))])
    (tmp_path / "in/README").write_text("no capture")
    flows(run, tmp_path / "o.csv", "--report", tmp_path / "r.json", tmp_path / "in")
    assert json.loads((tmp_path / "r.json").read_text())["sources"] == 2


def test_report_is_not_overwritten(run, tmp_path):
    capture = pcap(tmp_path / "in.pcap", [(1, udp4(*HOSTS[:2]))])
    report = tmp_path / "r.txt"
    report.write_text("mine")
    failed = run("flows", "--profile", "nexusflowmeter", "-o", tmp_path / "o.csv", "--report", report,
                 capture, check=False)
    assert failed.returncode == 1 and str(report) in failed.stderr
    assert report.read_text() == "mine"


def test_report_of_nothing(run, tmp_path):
    capture = pcap(tmp_path / "in.pcap", [])
    for mode in ([], ["--compat"]):
        flows(run, tmp_path / "o.csv", *mode, "--report", tmp_path / "r.txt", capture)
        assert "0" in (tmp_path / "r.txt").read_text()
