"""SCOPE and EACH: samples finer than rules, with sampleIDs recomputed here."""

import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pandas
import pytest

from captures import RAW, Ng, pcap, read_packets
from flow_tables import udp
from labels import sample_id
from pcapng_walk import INTERFACE, NAMES, PACKET, SECTION, STATISTICS, Walker

SECOND = 10**9
A, B, C = "192.0.2.1", "192.0.2.9", "198.51.100.7"


def raw(*packets):
    """A pcap of (data, seconds)."""
    return pcap([(data, round(seconds * SECOND)) for data, seconds in packets], linktype=RAW,
                ns=True)


def ids(path):
    """The sampleID of each packet, None without a label."""
    return [packet.label and packet.label[0] for packet in read_packets(path)]


def each(rule, *lines):
    """What a sample of this rule is called."""
    return sample_id("\n".join([rule, *lines]).encode())


@pytest.fixture
def capture(tmp_path):
    """capture(*packets, name="in.pcap") writes such a pcap."""

    def write(*packets, name="in.pcap"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(raw(*packets))
        return path

    return write


def report(label, rules, *arguments):
    return json.loads(label(rules, "-q", "--json", *arguments).stdout)


# ---- texts of samples ----

TALK = [(udp(A, C, ports=(5353, 53)), 1.5), (udp(C, A, ports=(53, 5353)), 1.75),
        (udp(A, B, ports=(9, 9)), 2), (udp(C, A, ports=(53, 5353)), 3)]
FLOW = f"flow 17 {A} 5353 {C} 53 1500000000"
OTHER = f"flow 17 {A} 9 {B} 9 2000000000"


def test_flow(label, capture):
    """The ends in the order of the Community ID, the time of the first packet."""
    done = label("EACH:flow,x\n", capture(*TALK))
    first, other = each("EACH:flow,x", FLOW), each("EACH:flow,x", OTHER)
    assert ids(done.output) == [first, first, other, first]


def test_hash_key_comes_first(label, capture):
    done = label('"EACH:flow",x,"my ""key"""\n', capture(TALK[0]))
    assert ids(done.output) == [sample_id(f'my "key"\n{FLOW}'.encode())]


def test_host(label, capture):
    """The source if both ends are inside; packets without such an end are not matched."""
    rule = f"EACH:host:192.0.2.0/28,x"
    done = label(f"{rule}\nBPF:udp,rest\n", capture(*TALK, (udp(B, A), 4), (udp(C, C), 5)))
    a, b = each(rule, f"host {A}"), each(rule, f"host {B}")
    assert ids(done.output) == [a, a, a, a, b, sample_id(b"BPF:udp,rest")]


def test_window(label, capture):
    """Aligned to the epoch; before it, too."""
    rule = "EACH:window:1.50,x"
    done = label(f"{rule}\n", capture(*TALK))
    assert ids(done.output) == [each(rule, f"window {start} 1.5") for start in
                                (1500000000, 1500000000, 1500000000, 3000000000)]


def test_window_before_the_epoch(label, tmp_path):
    path = tmp_path / "in.pcapng"
    before = Ng().interface(RAW, options=[(14, (-10).to_bytes(8, "little", signed=True))])
    path.write_bytes(bytes(before.packet(udp(A, B), time=1)))
    assert ids(label("EACH:window:60,x\n", path).output) == [
        each("EACH:window:60,x", "window -60000000000 60")]


def test_file_and_packet(label, capture, tmp_path):
    """Names below the directory given, bare names of files; numbers from 1 in each."""
    capture(*TALK[:2], name="day/a.pcap")
    capture(*TALK[:1], name="day/b.pcap")
    lone = capture(*TALK[:1], name="c.pcap")
    done = label("EACH:file,x\n", tmp_path / "day", lone)
    names = ["a.pcap", "a.pcap", "b.pcap", "c.pcap"]
    assert ids(done.output) == [each("EACH:file,x", f"file {name}") for name in names]
    done = label("BPF:udp|EACH:packet,x\n", tmp_path / "day", lone)
    assert ids(done.output) == [each("BPF:udp|EACH:packet,x", f"packet {number} {name}")
                                for number, name in zip((1, 2, 1, 1), names)]
    assert "4 samples" in done.stderr
    # The number counts all packets of a file, whatever their rules.
    done = label("TS_START:2|EACH:packet,x\n", lone, tmp_path / "day/a.pcap",
                 capture(*TALK, name="d.pcap"))
    assert ids(done.output) == [each("TS_START:2|EACH:packet,x", f"packet {number} d.pcap")
                                for number in (3, 4)]


def test_two_inputs_of_one_name(label, capture):
    paths = [capture(*TALK, name=f"{day}/a.pcap") for day in ("one", "two")]
    done = label("BPF:udp|EACH:packet,x\n", *paths, check=False)
    assert done.returncode == 1 and not done.output.exists()
    assert "rules.csv:1:14: EACH:file and EACH:packet need inputs of different names, but " in \
        done.stderr
    assert 'are both called "a.pcap"' in done.stderr
    assert label("EACH:flow,x\n", *paths).returncode == 0


def test_arp_and_icmp(label, tmp_path):
    """ARP has no number; the types of ICMP take the place of ports, as in the Community ID."""
    ends = bytes([192, 0, 2, 9]), bytes([192, 0, 2, 1])
    arp = bytes(12) + b"\x08\x06" + bytes([0, 1, 8, 0, 6, 4, 0, 1]) + bytes(6) + ends[0] + \
        bytes(6) + ends[1]
    echo = bytes(12) + b"\x08\x00" + bytes([0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0, 0]) + \
        ends[1] + ends[0] + bytes([8, 0]) + bytes(6)
    path = tmp_path / "in.pcap"
    path.write_bytes(pcap([(arp, 0), (echo, 1000)]))
    assert ids(label("EACH:flow,x\n", path).output) == [
        each("EACH:flow,x", f"flow arp {A} 0 {B} 0 0"),
        each("EACH:flow,x", f"flow 1 {A} 8 {B} 0 1000")]


def test_ipv6_as_rfc_5952_writes_it(label, capture):
    def end(text):
        return bytes.fromhex(text)

    head = bytes([0x60, 0, 0, 0, 0, 8, 17, 64])
    low, high = end("20010db8000000000001000000000001"), end("20010db8000000000001000000000002")
    packet = head + high + low + bytes([0, 53, 16, 0, 0, 8, 0, 0])
    rule = "EACH:host:2001:db8::/32|EACH:flow,x"
    assert ids(label(f"{rule}\n", capture((packet, 0))).output) == [
        each(rule, "flow 17 2001:db8::1:0:0:1 4096 2001:db8::1:0:0:2 53 0",
             "host 2001:db8::1:0:0:2")]


def test_kinds_multiply(label, capture):
    """In the order flow, host, window, file, packet, whatever the order of the tags."""
    rule = "EACH:packet|EACH:file|EACH:window:1|EACH:host:192.0.2.0/24|EACH:flow,x"
    done = label(f"{rule}\n", capture(*TALK))
    assert ids(done.output)[3] == each(rule, FLOW, f"host {A}", "window 3000000000 1",
                                       "file in.pcap", "packet 4 in.pcap")
    rule = "EACH:window:1|EACH:host:192.0.2.0/24,x"
    found = report(label, f"{rule}\n", capture(*TALK, (udp(B, A), 2.5), (udp(B, A), 2.75)))
    # A in seconds 1, 2 and 3, B in second 2.
    assert (found["samples"], found["rules"][0]["samples"]) == (4, 4)


def test_metadata_may_be_as_long_as_any_id_allows(label, capture):
    longest = 65535 - 21
    assert label(f"EACH:flow,{'x' * longest}\n", capture(*TALK)).returncode == 0
    done = label(f"EACH:flow,{'x' * (longest + 1)}\n", capture(*TALK), check=False)
    assert "has 65536 bytes, but a comment can hold only 65535" in done.stderr


# ---- reports ----


def test_samples_of_each_rule(label, capture):
    rules = f"BPF:src host {A}|EACH:flow,up\nEACH:flow,down\n"
    found = report(label, rules, capture(*TALK))
    assert [(rule["packets"], rule["samples"], rule["sample_id"]) for rule in found["rules"]] == [
        (2, 2, None), (2, 1, None)]
    assert found["samples"] == 3 and found["flows_open_at_end"] == 2


def test_rules_of_one_key_share_samples(label, capture):
    rules = f"BPF:src host {A}|EACH:flow,x,k\nEACH:flow,x,k\n"
    found = report(label, rules, capture(*TALK))
    assert [rule["samples"] for rule in found["rules"]] == [2, 1] and found["samples"] == 2


def test_one_key_with_two_labels_is_told_if_samples_can_be_the_same(label, capture):
    path = capture(*TALK)
    told = label("TS_END:1|EACH:flow,x,k\nEACH:flow:9,y,k\n", path).stderr
    assert "one sample, two labels" in told
    assert "one sample" not in label("TS_END:1|EACH:flow,x,k\nEACH:window:9,y,k\n", path).stderr
    assert "one sample" not in label("TS_END:1|EACH:flow,x,k\nBPF:udp,y,k\n", path).stderr


# ---- flows ----


def test_time_out_of_each_rule(label, capture):
    """60 s unless the rule says otherwise; tables of several time-outs stand side by side."""
    path = capture((udp(A, B), 0), (udp(B, A, ports=(2000, 1000)), 50), (udp(A, B), 120))
    line = f"17 {A} 1000 {B} 2000"
    assert ids(label("EACH:flow,x\n", path).output) == [
        each("EACH:flow,x", f"flow {line} {start}") for start in (0, 0, 120 * SECOND)]
    rules = "BPF:src host 192.0.2.9|EACH:flow:10,a\nEACH:flow:70,b\n"
    first, second = rules.splitlines()
    assert ids(label(rules, path).output) == [each(second, f"flow {line} 0"),
                                              each(first, f"flow {line} {50 * SECOND}"),
                                              each(second, f"flow {line} 0")]


def test_flow_keeps_its_time_whoever_labels_it(label, capture):
    """Its first packet counts, though another rule or none labels that."""
    path = capture(*TALK)
    rule = f"TS_START:1.6|EACH:flow,x"
    assert ids(label(f"{rule}\n", path).output)[0] == each(rule, FLOW)
    # A packet that is earlier, but comes later, does not move it.
    late = capture(TALK[0], (udp(C, A, ports=(53, 5353)), 1), name="late.pcap")
    assert len(set(ids(label("EACH:flow,x\n", late).output))) == 1


def test_join(label, capture):
    paths = [capture(*TALK[:2], name="1.pcap"), capture(*TALK[2:], name="2.pcap")]
    alone = label("EACH:flow,x\n", *paths)
    assert len(set(ids(alone.output))) == 3
    assert "3 flows open at the end of an input (--join lets them go on)" in alone.stderr
    assert "--join" not in label("EACH:flow,x\n", paths[0]).stderr
    joined = label("EACH:flow,x\n", "--join", *paths)
    assert "--join" not in joined.stderr
    assert len(set(ids(joined.output))) == 2
    assert ids(joined.output) == ids(label("EACH:flow,x\n", capture(*TALK)).output)


def test_closed_connections_end(label, capture):
    """A SYN after the end of a connection begins another flow, as in `flows`."""

    def tcp(source, destination, flags, seq, ports):
        head = bytes([0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0])
        head += bytes(map(int, source.split("."))) + bytes(map(int, destination.split(".")))
        return head + b"".join(port.to_bytes(2, "big") for port in ports) + \
            seq.to_bytes(4, "big") + bytes(4) + bytes([0x50, flags]) + bytes(6)

    syn, rst = (tcp(A, B, 2, seq, (5, 80)) for seq in (1, 900)), tcp(B, A, 4, 0, (80, 5))
    path = capture((next(syn), 0), (rst, 1), (next(syn), 2))
    line = f"flow 6 {A} 5 {B} 80"
    assert ids(label("EACH:flow,x\n", path).output) == [
        each("EACH:flow,x", f"{line} {start}") for start in (0, 0, 2 * SECOND)]


def test_packets_without_a_flow_go_to_later_rules(label, tmp_path):
    lldp = bytes(12) + b"\x88\xcc" + bytes(46)
    path = tmp_path / "in.pcap"
    path.write_bytes(pcap([(lldp, 0)]))
    assert ids(label("EACH:flow,x\nBPF:len > 0,y\n", path).output) == [sample_id(b"BPF:len > 0,y")]
    done = label("EACH:flow,x\nSCOPE:flow,y\nEACH:host:0.0.0.0/0,z\n", path, check=False)
    assert done.returncode == 1 and "0 of 1 packet labelled" in done.stderr


# ---- SCOPE ----


def test_windows_do_not_cut_flows(label, capture):
    path = capture(*TALK)
    assert ids(label("TS_END:1|BPF:udp,x\n", path).output) == [sample_id(b"TS_END:1|BPF:udp,x")] * 2
    rule = "TS_END:1|BPF:udp|SCOPE:flow,x"
    assert ids(label(f"{rule}\n", "--keep-unmatched", path).output) == [
        sample_id(rule.encode())] * 2 + [None, sample_id(rule.encode())]


def test_scope_asks_the_first_packet(label, capture):
    """Also where no other packet would match, and not where only another one does."""
    path = capture(*TALK)
    rule = f"BPF:src host {C}|SCOPE:flow,x"
    assert "0 of 4 packets labelled" in label(f"{rule}\n", path, check=False).stderr
    rule = f"BPF:src host {A} and dst host {C}|SCOPE:flow,x"
    assert [label is not None for label in
            ids(label(f"{rule}\n", "--keep-unmatched", path).output)] == [True, True, False, True]


def test_the_lower_rule_counts(label, capture):
    """Of that of the flow and the first one that matches the packet."""
    path = capture(*TALK)
    up, flow, udp_rule = f"BPF:src host {A},up", "BPF:port 53|SCOPE:flow,flow", "BPF:udp,udp"
    names = {sample_id(rule.encode()): rule for rule in (up, flow, udp_rule)}

    def order(*rules):
        return [names[i] for i in ids(label("".join(f"{rule}\n" for rule in rules), path).output)]

    assert order(up, flow, udp_rule) == [up, flow, up, flow]
    assert order(flow, up, udp_rule) == [flow, flow, up, flow]
    assert order(udp_rule, flow, up) == [udp_rule] * 4


def test_scope_and_each(label, capture):
    """The flows that a rule tests may have another time-out than the ones it makes samples of."""
    path = capture((udp(A, B), 0), (udp(B, A, ports=(2000, 1000)), 50), (udp(A, B), 100))
    rule = "TS_END:0|SCOPE:flow|EACH:flow:10,x"
    assert ids(label(f"{rule}\n", path).output) == [
        each(rule, f"flow 17 {A} 1000 {B} 2000 {start * SECOND}") for start in (0, 50, 100)]


# ---- fragments ----


def fragments(identification, *sizes):
    """A UDP datagram of A for B in fragments, the first one first."""
    whole = udp(A, B, bytes(sum(sizes) - 8))[20:]
    out, at = [], 0
    for size in sizes:
        more = 0x2000 if at + size < len(whole) else 0
        head = bytes([0x45, 0, *(20 + size).to_bytes(2, "big"), *identification.to_bytes(2, "big"),
                      *(more | at // 8).to_bytes(2, "big"), 64, 17, 0, 0])
        out.append(head + bytes([192, 0, 2, 1, 192, 0, 2, 9]) + whole[at:at + size])
        at += size
    return out


def test_fragments_follow_their_flow(label, capture):
    first, second, third = fragments(7, 16, 16, 8)
    other = udp(C, A)
    path = capture((second, 0), (other, 0.1), (third, 0.2), (first, 0.3), (udp(B, A, ports=(
        2000, 1000)), 0.4))
    done = label("EACH:flow,x\n", path)
    flow = each("EACH:flow,x", f"flow 17 {A} 1000 {B} 2000 0")
    assert ids(done.output) == [flow, each("EACH:flow,x", f"flow 17 {A} 2000 {C} 1000 100000000"),
                                flow, flow, flow]
    assert [packet.data for packet in read_packets(done.output)] == [
        packet.data for packet in read_packets(path)]
    assert "fragment" not in done.stderr


def test_flow_that_begins_with_a_later_fragment(label, capture):
    """SCOPE asks the fragment with the ports; a plain rule asks each packet."""
    first, second = fragments(7, 16, 16)
    path = capture((second, 0), (first, 0.5))
    assert None not in ids(label("BPF:udp port 2000|SCOPE:flow,x\n", "--keep-unmatched",
                                 path).output)
    assert ids(label("BPF:udp port 2000,x\n", "--keep-unmatched", path).output)[0] is None


@pytest.mark.parametrize("late", [1.5, None])
def test_fragments_that_wait_in_vain(label, capture, late):
    """For a second of capture, or until the input ends."""
    first, second = fragments(7, 16, 16)
    packets = [(second, 0), (udp(C, A), 0.5), (udp(C, A), 1.25)]
    path = capture(*packets, *[(first, late)] * (late is not None))
    done = label("EACH:flow,x\nBPF:udp,rest\n", path)
    found = ids(done.output)
    assert found[0] == sample_id(b"BPF:udp,rest") and found[1] == found[2] != found[0]
    assert len(found) == len(read_packets(path))
    assert "1 fragment in no flow, because the first one did not come in time" in done.stderr


def test_fragments_wait_for_4_mib_at_most(label, capture):
    first, second = fragments(7, 16, 16)
    bulk = (udp(C, A, bytes(60_000)), 0.5)
    lost = sample_id(b"BPF:udp,rest")
    for count, waits in ((69, True), (71, False)):
        path = capture((second, 0), *[bulk] * count, (first, 0.6))
        assert (ids(label("EACH:flow,x\nBPF:udp,rest\n", path).output)[0] != lost) == waits


def test_blocks_between_packets_that_wait(label, tmp_path):
    """Nothing is lost or moved, and comments that were there stay."""
    first, second = fragments(7, 16, 16)
    ng = Ng().interface(RAW).packet(second, 0, comments=["mine"]).names().interface(RAW, 96)
    path = tmp_path / "in.pcapng"
    path.write_bytes(bytes(ng.packet(udp(C, A), 1, interface=1).packet(first, 2).statistics()))
    done = label("EACH:flow,x\n", path)
    packets = read_packets(done.output)
    assert [packet.comments[1:] for packet in packets] == [[b"mine"], [], []]
    assert packets[0].label == packets[2].label != packets[1].label
    kinds = [block.type for block in Walker(done.output.read_bytes(), True).walk()]
    assert [kind for kind in kinds if kind not in (SECTION, INTERFACE)] == [
        PACKET, NAMES, PACKET, PACKET, STATISTICS]


@pytest.mark.parametrize("size, waits", [(4_190_000, True), (4_200_000, False)])
def test_fragments_wait_for_4_mib_of_blocks(label, tmp_path, size, waits):
    first, second = fragments(7, 16, 16)
    ng = Ng().interface(RAW).packet(second, 0)
    for _ in range(8):
        ng.block(0xBAD, bytes(size // 8))
    path = tmp_path / "in.pcapng"
    path.write_bytes(bytes(ng.packet(first, 2)))
    lost = sample_id(b"BPF:udp,rest")
    assert (ids(label("EACH:flow,x\nBPF:udp,rest\n", path).output)[0] != lost) == waits


def test_check_takes_such_rules(run, label, capture, tmp_path):
    """Without the inputs, IDs of EACH:file are not made again."""
    done = label("EACH:file,x\nSCOPE:flow|EACH:flow,y\n", capture(*TALK))
    found = json.loads(run("check", "--json", "--rules", tmp_path / "rules.csv", done.output).stdout)
    assert found["rules_unchecked"] == 1


# ---- flows are those of `flows` ----


def flows_of(run, *arguments):
    """The rows of flows, but for those of fragments whose ports are unknown."""
    text = run("flows", "-q", "--columns", "protocol,source_port,icmp_type,sample_id", *arguments,
               check=False).stdout
    rows = pandas.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    ports = rows.protocol.isin(["TCP", "UDP", "UDP-Lite", "SCTP", "DCCP"]) & (rows.source_port == "")
    types = rows.protocol.isin(["ICMP", "ICMPv6"]) & (rows.icmp_type == "")
    return None if (rows.sample_id != "").any() else len(rows) - int((ports | types).sum())


def samples_of(run, rules, *inputs):
    """How many samples of flows the inputs have; of one that has labels already, its path."""
    done = run("label", "-q", "-L", rules, "--dry-run", "--json", *inputs, check=False)
    if done.stdout.startswith("{"):
        return json.loads(done.stdout)["samples"]
    labelled = re.search(r"label: (.*): packet \d+ already has a label", done.stderr)
    return Path(labelled[1]) if labelled else None


def test_as_many_samples_as_rows(run, shared, tmp_path):
    """EACH:flow on all shared captures without labels, in one run of each command."""
    folder, rules = tmp_path / "captures", tmp_path / "rules.csv"
    rules.write_text("EACH:flow|EACH:file,x\n")  # flows of two captures may look alike
    folder.mkdir()
    manifest = (shared / "captures/MANIFEST.tsv").read_text().splitlines()[1:]
    for number, line in enumerate(manifest):
        path = shared / "captures" / line.split("\t")[0]
        (folder / f"{number}-{path.name}").symlink_to(path)
    while isinstance(samples := samples_of(run, rules, folder), Path):
        samples.unlink()
    if samples != flows_of(run, folder):
        wrong = [path for path in folder.iterdir()
                 if samples_of(run, rules, path) not in (None, flows_of(run, path))]
        pytest.fail(f"{wrong}")
    assert samples > 5000 and len(list(folder.iterdir())) > 900


@pytest.mark.parametrize("join", [(), ("--join",)])
def test_as_many_samples_as_rows_of_several_inputs(run, label, repo, join):
    inputs = sorted((repo / "datasets/apps").rglob("*.pcap*"))
    found = report(label, "EACH:flow,x\n", *join, *inputs)
    assert found["samples"] == flows_of(run, *join, *inputs) > len(inputs)


def test_a_capture_for_each_flow(run, label, repo, tmp_path):
    """As pkt2flow and SplitCap make them."""
    capture = repo / "datasets/mixed/mixed.pcap"
    labelled = label("EACH:flow,x\n", "-s", capture)
    run("split", "-q", "-o", tmp_path / "flows", labelled.output)
    made = sorted((tmp_path / "flows").glob("*.pcap*"))
    assert len(made) == flows_of(run, capture) > 5
    assert {flows_of(run, path) for path in made} == {1}
    assert sum(len(read_packets(path)) for path in made) == len(read_packets(labelled.output))


def test_lines_of_the_guide_run(run, repo, program, tmp_path):
    """docs/samples.md, from its first line to its last; as many captures as rows."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/labelcap").symlink_to(program)
    shutil.copy(repo / "datasets/mixed/mixed.pcap", tmp_path / "traffic.pcap")
    shutil.copytree(repo / "datasets/apps/dns", tmp_path / "captures")
    blocks = re.findall(r"```sh\n(.*?)```", (repo / "docs/samples.md").read_text(), re.S)
    assert len(blocks) == 6
    path = f"{tmp_path}/bin:{os.environ['PATH']}"
    subprocess.run(["bash", "-euc", "".join(blocks)], cwd=tmp_path, check=True, timeout=120,
                   env=os.environ | {"PATH": path})
    assert len(list((tmp_path / "flows").glob("*.pcap*"))) == flows_of(run, tmp_path / "traffic.pcap")
    assert {path.name.split("-")[0] for path in (tmp_path / "apps").glob("*.pcap*")}


# ---- --keep-source ----


def test_keep_source(run, label, capture, tmp_path):
    capture(*TALK[:2], name="day/a.pcap")
    lone = capture(*TALK[2:], name="c.pcap")
    done = label("BPF:udp,x\n", "--keep-source", tmp_path / "day", lone)
    sources = [b"source=a.pcap"] * 2 + [b"source=c.pcap"] * 2
    assert [packet.comments[1:] for packet in read_packets(done.output)] == [[s] for s in sources]
    run("sort", "-q", "-o", tmp_path / "sorted.pcapng", done.output)
    assert [p.comments[1] for p in read_packets(tmp_path / "sorted.pcapng")] == sources
    run("split", "-q", "--format", "pcapng", "-o", tmp_path / "split", done.output)
    piece, = (tmp_path / "split").glob("*.pcapng")
    run("select", "-q", "--min-packets", "1", "-o", tmp_path / "some.pcapng", done.output)
    assert [packet.comments[1] for packet in read_packets(tmp_path / "some.pcapng")] == sources
    run("index", "-q", done.output)
    with sqlite3.connect(f"{done.output}.sqlite") as catalogue:
        assert catalogue.execute("SELECT path, packets FROM sources ORDER BY path").fetchall() == [
            ("a.pcap", 2), ("c.pcap", 2)]
    assert [packet.comments[1] for packet in read_packets(piece)] == sources


def test_strip_removes_sources(run, label, tmp_path):
    """But no comment that only looks like one."""
    path = tmp_path / "in.pcapng"
    ng = Ng().interface(RAW).packet(udp(A, B), 0, comments=["mine", "source=me"])
    path.write_bytes(bytes(ng.packet(udp(A, C), 1)))
    for arguments in ((), ("--keep-source",)):
        done = label("EACH:flow,x\n", *arguments, path)
        run("strip", "-q", "-f", "-o", tmp_path / "plain.pcapng", done.output)
        assert read_packets(tmp_path / "plain.pcapng") == read_packets(path)
    run("strip", "-q", "-o", tmp_path / "plain.pcap", done.output)
    assert [p.data for p in read_packets(tmp_path / "plain.pcap")] == [
        p.data for p in read_packets(path)]


def test_relabelling_keeps_the_first_source(label, capture):
    done = label("BPF:udp,x\n", "--keep-source", capture(*TALK, name="first.pcap"))
    again = label("BPF:udp,y\n", "--keep-source", "--relabel", done.output, output="again.pcapng")
    assert {tuple(p.comments) for p in read_packets(again.output)} == {
        (f"{sample_id(b'BPF:udp,y')},y".encode(), b"source=first.pcap")}
    again = label("TS_END:1,y\n", "--relabel", "--keep-unmatched", done.output,
                  output="again.pcapng")
    assert [len(packet.comments) for packet in read_packets(again.output)] == [2, 2, 0, 0]


# ---- the other ways in ----


def test_pcapml_mode_makes_the_same_samples(run, label, repo, tmp_path):
    capture = repo / "datasets/mixed"
    rules = tmp_path / "rules.csv"
    rules.write_text("EACH:flow|EACH:window:1,x\n")
    run("-D", capture, "-L", rules, "-W", tmp_path / "pcapml.pcapng")
    assert ids(tmp_path / "pcapml.pcapng") == ids(label(rules, capture).output)
    assert len(set(ids(tmp_path / "pcapml.pcapng"))) > 5


def test_live_captures_have_no_files(run, tmp_path):
    rules = tmp_path / "rules.csv"
    rules.write_text("EACH:file,x\n")
    done = run("label", "-L", rules, "-o", tmp_path / "out.pcapng", "-d", "lo", check=False)
    assert done.returncode == 1 and not (tmp_path / "out.pcapng").exists()
    assert re.search(r"rules.csv:1: EACH:file and EACH:packet need input files", done.stderr)
