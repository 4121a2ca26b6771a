"""label puts the right rule on every packet: libpcap, tcpdump and tshark say which that is."""

import csv
import json
import sys
from collections import Counter

import pytest

from captures import Ng, pcap, pcap_packets, read_packets
from labels import label_of, rule_lines, sample_id, tcpdump, tshark

RULES = ["r1-erspan", "r2-qinq-pppoe", "r3-mixed-test", "r4-quic-session", "r5-skype",
         "r6-kakaotalk-sll", "r7-ns-window", "r8-stun-multiif", "r9-multi-linktype"]


def labels(packets):
    """The first comment of each packet as text, None where there is none."""
    return [packet.comments[0].decode() if packet.comments else None for packet in packets]


def read_tsv(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


# ---- the rules of the shared captures, packet by packet ----


@pytest.mark.parametrize("name", RULES)
def test_first_match(label, shared, name):
    """An oracle of its own reader and libpcap's filters says which rule comes first."""
    rules = shared / f"captures/rules/{name}.csv"
    expected = read_tsv(shared / f"captures/rules/{name}.expected.tsv")
    capture = rules.read_text().split("\n")[0].removeprefix("# input: ")
    texts = [label_of(line) for line in rule_lines(rules)]
    wanted = [None if row["rule"] == "-" else texts[int(row["rule"]) - 1] for row in expected]
    assert len(set(wanted)) > 3
    done = label(rules, "--keep-unmatched", shared / "captures" / capture)
    packets = read_packets(done.output)
    assert labels(packets) == wanted
    assert [packet.time_ns for packet in packets] == [int(row["ts_ns"]) for row in expected]
    assert [packet.linktype for packet in packets] == [int(row["linktype"]) for row in expected]
    assert [row[0].split(",", 1)[0] for row in tshark(done.output, "frame.comment")] == [
        text.split(",")[0] if text else "" for text in wanted]


@pytest.mark.parametrize("name", RULES)
def test_each_rule_alone(label, shared, name):
    """By itself a rule labels what the oracle says that it matches, first or not."""
    rules = shared / f"captures/rules/{name}.csv"
    expected = read_tsv(shared / f"captures/rules/{name}.expected.tsv")
    capture = rules.read_text().split("\n")[0].removeprefix("# input: ")
    for number, line in enumerate(rule_lines(rules), 1):
        done = label(line, "--keep-unmatched", shared / "captures" / capture)
        assert [text is not None for text in labels(read_packets(done.output))] == [
            str(number) in row["all"].split(",") for row in expected], line


def test_filters_that_are_wrong(label, shared, tmp_path):
    """libpcap's verdict on each line, and its message."""
    path = shared / "captures/rules/bad-filters.csv"
    lines = path.read_bytes().split(b"\n")
    capture = tmp_path / "in.pcap"
    capture.write_bytes(pcap([(bytes(60), 0)]))
    bpf = [row for row in read_tsv(path.with_name("bad-filters.expected.tsv"))
           if row["bpf_compiles"] != "-"]
    wrong_otherwise = {"empty filter": "BPF: expected a filter after it",
                       "too": "columns (traffic_filter,metadata,hash_key), found 5",
                       "BPF:tcp": "columns (traffic_filter,metadata,hash_key), found 1"}
    for row in bpf:
        done = label(lines[int(row["#line"]) - 1], capture, check=False)
        columns = row["text"].split(",") + [""]
        reason = wrong_otherwise.get(columns[1] or columns[0])
        if row["bpf_compiles"] == "yes" and not reason:
            assert done.output.exists(), row  # though no packet may have got a label
            continue
        message = reason or row["libpcap_message_or_note"]
        if message.startswith("bogus ethernet"):  # its tail is whatever lay there in memory
            message = "bogus ethernet address"
        assert done.returncode == 1 and message in done.stderr, row
        assert f"{tmp_path}/rules.csv:1:" in done.stderr and not done.output.exists()


# ---- directory mode ----


def test_every_class_of_captures(label, shared, tmp_path):
    folder = shared / "captures/apps"
    report = tmp_path / "report.json"
    done = label(folder / "metadata.csv", folder, "--stats-json", report)
    truth = {row["#file"]: int(row["struct_packets"])
             for row in read_tsv(shared / "captures/truth.tsv") if row["#file"].startswith("apps/")}
    rules = rule_lines(folder / "metadata.csv")
    expected = Counter()
    for line in rules:
        expected[label_of(line)] += truth["apps/" + line.decode().split(",")[0][len("FILE:"):]]
    assert Counter(labels(read_packets(done.output))) == expected
    assert len(expected) == len(rules) == len(truth)
    figures = json.loads(report.read_text())
    assert figures["packets"] == figures["labelled"] == sum(truth.values())
    assert (figures["samples"], figures["inputs_read"], figures["inputs_skipped"]) == (
        len(rules), len(truth), 1)
    assert figures["warnings"] == []


def test_bundled_directory(label, repo, tmp_path):
    folder = repo / "datasets/apps"
    done = label(folder / "labels.csv", folder, "--stats-json", tmp_path / "r.json")
    rules = rule_lines(folder / "labels.csv")
    found = Counter(labels(read_packets(done.output)))
    assert set(found) == {label_of(line) for line in rules} and len(found) == 60
    assert len({text.split(",")[1] for text in found}) == 15
    for line in rules:
        capture = folder / line.decode().split(",")[0][len("FILE:"):]
        assert found[label_of(line)] == len(read_packets(capture)), line
    assert json.loads((tmp_path / "r.json").read_text())["warnings"] == []


def test_bundled_mixed_capture(label, repo):
    """The counts that the folder's README promises."""
    folder = repo / "datasets/mixed"
    done = label(folder / "rules.csv", folder / "mixed.pcap", "--keep-unmatched")
    packets = read_packets(done.output)
    counts = Counter(packet.label[1] if packet.label else None for packet in packets)
    assert counts == {"dns": 48, "http": 141, "ssh-commands": 101, "ssh-copy": 167, "ntp-sync": 6,
                      "ntp-query": 10, "redis, opening and closing": 76, "redis": 282, "ping": 20,
                      "background": 61, None: 4}
    labelled = [packet.label for packet in packets if packet.label]
    assert {number for number, name in labelled if name == "http"} == {sample_id(b"web-server")}
    assert ("912 of 916 packets labelled, 10 samples; 4 packets kept without a label\n"
            in done.stderr)


# ---- tcpdump's selection ----

FILTERS = """\
ip
ip6
arp or rarp
not ip and not ip6
tcp
udp port 53
icmp or icmp6 or igmp
sctp or ip proto 47
vlan
vlan and ip
mpls
pppoes and ip
host 192.168.1.1 or host 10.10.0.1
src net 10.0.0.0/8 or dst net 192.168.0.0/16
ip6 net fe80::/10
tcp src portrange 1-1024
udp and not portrange 1-1024
tcp[tcpflags] & (tcp-syn|tcp-fin) != 0
tcp[((tcp[12] & 0xf0) >> 2):4] = 0x47455420
ip[6:2] & 0x1fff != 0 or ip6[6] = 44
ip[0] & 0xf > 5
ip6 protochain 17
ip protochain 6
len > 200
greater 100 and less 500
ether[0] & 1 = 1
ether broadcast or ether multicast
ip multicast or ip6 multicast
ether host 00:21:1c:2e:41:46
ether proto 0x88a8 or ether proto 0x8847
llc
inbound
link[0] = 2
wlan type data
geneve
tcp[13] = 2 || udp[4:2] % 2 = 1
ip[2:2] - ((ip[0] & 0xf) << 2) - ((tcp[12] & 0xf0) >> 2) != 0
""".splitlines()

CAPTURES = """\
protocols/zeek-erspan.pcap
protocols/merc-pppoe_double_vlan_tagging.pcap
protocols/replay-test-test.pcap
protocols/libpcap-geneve.pcap
protocols/ndpi-dns_fragmented.pcap
protocols/zeek-mpls-in-vlan.pcap
apps/kakaotalk/ndpi-KakaoTalk_chat.pcap
formats/ndpi-stun.pcapng
formats/derived/lt0-null-be.pcap
formats/derived/lt0-null-le.pcap
formats/derived/lt101-raw.pcap
formats/derived/lt12-rawdlt.pcap
formats/derived/lt105-80211.pcap
formats/derived/lt108-loop.pcap
formats/derived/lt127-radiotap.pcap
formats/derived/lt228-ipv4.pcap
formats/derived/lt276-sll2.pcap
formats/derived/lt50-ppp-hdlc.pcap
formats/derived/pcap-be-ns.pcap
formats/derived/pcap-snapped-54.pcap
formats/derived/spb-epb-mixed.pcapng
formats/derived/old-packet-block.pcapng
""".split()

# libpcap leaves the address family of DLT_NULL in the file's byte order and swaps the constants of
# `ip` and the like instead. Here it is in the host's, so that one rule labels files of both orders.
OTHERWISE = {("formats/derived/lt0-null-be.pcap", "link[0] = 2")}


def selected_by_tcpdump(capture, expression):
    """Time, length and bytes of each packet."""
    records = tcpdump(capture, expression)
    return [packet.bare()[1:] for packet in pcap_packets(pcap([], ns=True) + records)]


def labelled(done):
    return [packet.bare()[1:] for packet in read_packets(done.output)]


@pytest.mark.parametrize("number", range(len(CAPTURES)))
def test_tcpdump_selects_the_same(label, shared, number):
    """One rule labels what tcpdump selects; what it refuses is told in the same words."""
    name = CAPTURES[number]
    capture = shared / "captures" / name
    # The derived ones hold the same packets: each filter has its turn with some of their link types.
    filters = FILTERS[number % 3::3] if "derived" in name else FILTERS
    selected = 0
    for expression in filters:
        if (name, expression) in OTHERWISE:
            continue
        rule = f'"BPF:{expression}",chosen\n'
        try:
            expected = selected_by_tcpdump(capture, expression)
        except ValueError as error:
            done = label(rule, capture, check=False)
            assert done.returncode == 1 and read_packets(done.output) == [], expression
            assert f": {str(error).removeprefix('tcpdump: ')}\n" in done.stderr, expression
            continue
        done = label(rule, capture, check=bool(expected))
        assert labelled(done) == expected, expression
        selected += bool(expected)
    assert selected >= len(filters) // 8, f"the filters select nothing of {name}"


def test_bundled_capture_by_tcpdump(label, repo):
    capture = repo / "datasets/mixed/mixed.pcap"
    selected = 0
    for expression in FILTERS[:30]:
        expected = tcpdump(capture, expression)
        done = label(f'"BPF:{expression}",chosen\n', capture, check=bool(expected))
        assert tcpdump(done.output) == expected, expression
        selected += bool(expected)
    assert selected >= 15


@pytest.mark.skipif(sys.byteorder != "little", reason="the filter names the host's byte order")
@pytest.mark.parametrize("order", ["le", "be"])
def test_address_family_in_host_order(label, shared, order):
    capture = shared / f"captures/formats/derived/lt0-null-{order}.pcap"
    packets = read_packets(label("BPF:link[0] = 2 and ip,chosen\n", capture).output)
    assert [p.bare() for p in packets] == [p.bare() for p in read_packets(capture)] != []


# ---- rules whose outcome a few packets made by hand show ----


def test_all_parts_must_match(label, tmp_path):
    udp = bytes.fromhex("ffffffffffff00000000000108004500001c000000004011000001020304050607080035"
                        "003500080000")
    for name, seconds in (("a.pcap", (10, 20, 30)), ("b.pcap", (10, 20, 30))):
        (tmp_path / name).write_bytes(pcap([(udp, s * 10**9) for s in seconds] +
                                           [(bytes(60), 20 * 10**9)]))
    rules = ("FILE:a.pcap|BPF:udp|TS_START:20|TS_END:20,all four\n"
             "TS_END:20 | FILE:a.pcap,two\n"
             " BPF:udp|FILE:b.pcap ,another two\n"
             "TS_START:20,time alone\n")
    done = label(rules, "--keep-unmatched", tmp_path / "a.pcap", tmp_path / "b.pcap")
    metadata = [p.label[1] if p.label else None for p in read_packets(done.output)]
    assert metadata == ["two", "all four", "time alone", "two",
                        "another two", "another two", "another two", "time alone"]


@pytest.mark.parametrize("bounds, first, last", [
    ("TS_START:20|TS_END:20", 20 * 10**9, 21 * 10**9 - 1),
    ("TS_START:20.5|TS_END:20.5", 20_500_000_000, 20_500_000_000),
    ("TS_START:20.000000001|TS_END:20.999999998", 20_000_000_001, 20_999_999_998),
    ("TS_START:1970-01-01T00:00:20Z|TS_END:1970-01-01T00:00:20Z", 20 * 10**9, 21 * 10**9 - 1),
    ("TS_START:1970-01-01T02:00:20.25+02:00|TS_END:1969-12-31T23:00:20.75-01:00",
     20_250_000_000, 20_750_000_000),
])
def test_bounds_to_the_nanosecond(label, tmp_path, bounds, first, last):
    times = sorted({first - 1, first, first + 1, last - 1, last, last + 1})
    (tmp_path / "in.pcap").write_bytes(pcap([(bytes(60), time) for time in times], ns=True))
    packets = read_packets(label(f"{bounds},in\n", tmp_path / "in.pcap").output)
    assert [p.time_ns for p in packets] == [time for time in times if first <= time <= last]


def test_a_simple_packet_has_no_time(label, tmp_path):
    """It matches no window, not even one that is open to the past."""
    ng = Ng().interface().simple(b"one").packet(b"two", 0).simple(b"three")
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    done = label("TS_START:0,from\nTS_END:9999999999,until\nBPF:len = 5,length\n",
                 "--keep-unmatched", tmp_path / "in.pcapng")
    assert [(p.data, p.label and p.label[1]) for p in read_packets(done.output)] == [
        (b"one", None), (b"two", "from"), (b"three", "length")]
