"""Leaks planted in a clean data set, one of each kind, are each found by the leak report."""

import csv
import itertools
import json
import struct
from dataclasses import dataclass, field

import pytest

from captures import Ng, pcap

dpkt = pytest.importorskip("dpkt", reason="python3-dpkt is not installed")

LABELS = ["chat", "mail", "video", "web"]
SECOND = 1_000_000
START = 1_600_000_000 * SECOND
HOUR = 3600 * SECOND


def client_hello(name):
    """RFC 8446, 4.1.2, with the one extension of RFC 6066, 3."""
    host = struct.pack(">BH", 0, len(name)) + name
    extension = struct.pack(">HHH", 0, len(host) + 2, len(host)) + host
    body = (b"\3\3" + bytes(32) + b"\0" + struct.pack(">HH", 2, 0x1301) + b"\1\0"
            + struct.pack(">H", len(extension)) + extension)
    message = b"\1" + struct.pack(">I", len(body))[1:] + body
    return struct.pack(">BHH", 22, 0x0301, len(message)) + message


@dataclass
class Flow:
    """A sample of three packets: a TLS hello, data, and a DNS query. All that it has is its own."""

    number: int
    label: str
    list: str
    start: int
    values: dict = field(default_factory=dict)

    def __post_init__(self):
        n = self.number
        self.values = {
            "source_mac": bytes(6), "destination_mac": b"\2" * 6,
            "source_address": struct.pack(">I", 0x0A000000 + n), "destination_address": struct.pack(">I", 0x0B000000 + n),
            "source_port": 20000 + n, "destination_port": 30000 + n, "tcp_sequence": n, "tcp_acknowledgement": n,
            "tcp_window": 512, "tcp_timestamp": n, "ip_id": 0, "ttl": 64, "length": 0,
            "payload_start": struct.pack(">Q", n), "tls_server_name": b"%06d.example" % n, "dns_name": "%06d.example" % n,
        }

    def packet(self, part):
        v = self.values
        ip = dpkt.ip.IP(src=v["source_address"], dst=v["destination_address"], ttl=v["ttl"], id=v["ip_id"] << 8, data=part)
        ip.p = dpkt.ip.IP_PROTO_TCP if isinstance(part, dpkt.tcp.TCP) else dpkt.ip.IP_PROTO_UDP
        ip.len = len(ip)
        return bytes(dpkt.ethernet.Ethernet(src=v["source_mac"], dst=v["destination_mac"], data=ip)) + bytes(v["length"])

    def tcp(self, payload):
        v = self.values
        options = b"\1\1\10\12" + struct.pack(">II", v["tcp_timestamp"] << 16, 0)
        segment = dpkt.tcp.TCP(sport=v["source_port"], dport=v["destination_port"], seq=v["tcp_sequence"] << 16,
                               ack=v["tcp_acknowledgement"] << 16, flags=dpkt.tcp.TH_ACK, win=v["tcp_window"],
                               opts=options, data=payload)
        segment.off = 8
        return self.packet(segment)

    def packets(self):
        v = self.values
        query = dpkt.dns.DNS(id=self.number, qd=[dpkt.dns.DNS.Q(name=v["dns_name"])])
        datagram = dpkt.udp.UDP(sport=v["source_port"], dport=53, data=bytes(query))
        datagram.ulen = len(datagram)
        data = v["payload_start"] + b"%08d" % self.number
        return [self.tcp(client_hello(v["tls_server_name"])), self.tcp(data), self.packet(datagram)]


def clean_flows():
    """A flow for each label in each list, five times; the lists are days apart."""
    numbers = itertools.count(1)
    return [Flow(number, label, name, START + (100 * day + number) * HOUR)
            for day, name in enumerate(("train", "test")) for _ in range(5)
            for label, number in zip(LABELS, numbers)]


@pytest.fixture
def report(run, tmp_path):
    """report(flows, *options): what check says of them, all in one file, and its exit status."""

    def check(flows, *options):
        ng = Ng().interface()
        for flow in flows:
            for k, data in enumerate(flow.packets()):
                ng.packet(data, flow.start + k * SECOND, [f"{flow.number},{flow.label}"])
        (tmp_path / "set.pcapng").write_bytes(bytes(ng))
        (tmp_path / "splits").mkdir(exist_ok=True)
        for path in (tmp_path / "splits").iterdir():
            path.unlink()
        for name in {flow.list for flow in flows}:
            (tmp_path / f"splits/{name}.csv").write_text(
                "sample_id,metadata\n" + "".join(f"{f.number},{f.label}\n" for f in flows if f.list == name))
        done = run("check", "--json", "--splits", "splits", *options, "set.pcapng", cwd=tmp_path, check=False)
        assert done.stderr == ""
        return json.loads(done.stdout), done.returncode

    return check


def field_row(leaks, name):
    return next(row for row in leaks["fields"] if row["field"] == name)


def shared_row(leaks, kind):
    return next(row for row in leaks["shared"] if row["kind"] == kind)


def test_a_clean_set_passes(report):
    found, status = report(clean_flows(), "--max-leak", "0")
    assert (status, found["leaks"]["worst"], found["leaks"]["worst_kind"]) == (0, 0, None)
    assert [row["leak"] for row in found["leaks"]["fields"]] == [0] * 16
    # What every packet has in common is in both lists, but tells nothing.
    assert all(row["packets"] for row in found["leaks"]["fields"])
    assert {row["kind"]: row["shared"] for row in found["leaks"]["shared"]} == dict.fromkeys(
        ("flow", "address", "payload", "tls_server_name", "dns_name", "packet", "time"), 0)
    assert found["leaks"]["flows_of_two_labels"] == 0


# A value for each label, and which share of the packets has it.
PLANTED = {
    "source_mac": ([bytes([2, 0, 0, 0, 0, n]) for n in range(4)], 1),
    "destination_mac": ([bytes([2, 0, 0, 0, 1, n]) for n in range(4)], 1),
    "source_address": ([bytes([192, 0, 2, n]) for n in range(4)], 1),
    "destination_address": ([bytes([198, 51, 100, n]) for n in range(4)], 1),
    "source_port": (range(1000, 1004), 1),
    "destination_port": (range(2000, 2004), 2 / 3),  # the third packet goes to port 53
    "tcp_sequence": (range(40000, 40004), 2 / 3),
    "tcp_acknowledgement": (range(50000, 50004), 2 / 3),
    "tcp_window": (range(100, 104), 2 / 3),
    "tcp_timestamp": (range(7000, 7004), 2 / 3),
    "ip_id": (range(4), 1),
    "ttl": (range(60, 64), 1),
    "length": (range(100, 500, 100), 1),
    # Of the other payloads, hellos begin alike, and queries with numbers of their own.
    "payload_start": ([b"planted%d" % n for n in range(4)], 2 / 9),
    "tls_server_name": ([b"%s.test" % name.encode() for name in LABELS], 1 / 3),
    "dns_name": ([f"{name}.test" for name in LABELS], 1 / 3),
}


@pytest.mark.parametrize("name", PLANTED)
def test_planted_fields(report, name):
    values, share = PLANTED[name]
    flows = clean_flows()
    for flow in flows:
        flow.values[name] = values[LABELS.index(flow.label)]
    found, status = report(flows, "--max-leak", "5")
    row = field_row(found["leaks"], name)
    # Of four labels of one size, the guess gets one in four right. All packets of a length
    # have it; a port is learned where it differs.
    assert row["leak"] == pytest.approx(0.75 * share)
    assert found["leaks"]["worst"] == row["leak"] and status == 1
    assert [f["kind"] for f in found["findings"] if f["severity"] == "error"] == ["split-leak"]
    others = [other["field"] for other in found["leaks"]["fields"] if other["leak"] > 0]
    # A name has a length of its own, and stands in the packet; a server's hello begins with its length.
    assert set(others) - {name} <= {"length", "payload_start"}


def share_flow(flows):
    flows[20].start = flows[0].start + 60 * SECOND
    for key in ("source_address", "destination_address", "source_port", "destination_port"):
        flows[20].values[key] = flows[0].values[key]


def share_answers(flows):
    """A flow goes on in the other list in the other direction."""
    flows[20].start = flows[0].start - 61 * SECOND  # 60 s before the first packet of TCP
    for ours, theirs in ("source", "destination"), ("destination", "source"):
        for key in ("address", "port"):
            flows[20].values[f"{ours}_{key}"] = flows[0].values[f"{theirs}_{key}"]


def share_address(flows):
    flows[20].values["source_address"] = flows[3].values["destination_address"]


def share_payload(flows):
    flows[23].packets = lambda: [*Flow.packets(flows[23])[:1], flows[23].tcp(b"the same payload"),
                                 *Flow.packets(flows[23])[2:]]
    flows[1].packets = lambda: [*Flow.packets(flows[1])[:1], flows[1].tcp(b"the same payload"),
                                *Flow.packets(flows[1])[2:]]


def share_server_name(flows):
    flows[22].values["tls_server_name"] = flows[2].values["tls_server_name"].upper()


def share_dns_name(flows):
    flows[22].values["dns_name"] = flows[2].values["dns_name"].upper()


def share_packet(flows):
    flows[24].packets = lambda: [Flow.packets(flows[4])[1], *Flow.packets(flows[24])[1:]]


def share_time(flows):
    flows[30].start = flows[7].start


@pytest.mark.parametrize("kind, plant, number, first, packets, worst", [
    ("flow", share_flow, 2, (61, 1), 3, "flows"),
    ("flow", share_answers, 1, (61, 1), 2, "flows"),
    ("address", share_address, 1, (61, 10), None, None),
    ("payload", share_payload, 1, (71, 5), 1, None),
    ("tls_server_name", share_server_name, 1, (67, 7), 1, None),
    ("dns_name", share_dns_name, 1, (69, 9), 1, None),
    ("packet", share_packet, 1, (73, 14), 1, "packets"),
    ("time", share_time, 1, (91, None), 3, None),
])
def test_planted_in_both_lists(report, kind, plant, number, first, packets, worst):
    flows = clean_flows()
    plant(flows)
    found, _ = report(flows)
    leaks = found["leaks"]
    row = shared_row(leaks, kind)
    assert (row["shared"], row["packets"]) == (number, packets)
    assert (row["packet"], row["other_packet"]) == first
    assert row["file"] == "set.pcapng" and (row["first_list"], row["second_list"]) == ("train", "test")
    assert row["share"] == (None if packets is None else pytest.approx(packets / 60))
    assert leaks["flows_of_two_labels"] == 0
    assert worst in (None, leaks["worst_kind"])


def test_flows_that_begin_anew(report):
    """The same ends, but too late to be the same flow, for which an address or a port may be a leak."""
    flows = clean_flows()
    share_flow(flows)
    flows[20].start += 2 * SECOND  # 61 s after the last packet of TCP
    flows[20].label = "other"
    leaks = report(flows)[0]["leaks"]
    assert (shared_row(leaks, "flow")["shared"], leaks["flows_of_two_labels"]) == (0, 0)
    assert shared_row(leaks, "address")["shared"] == 2


def test_flows_of_two_labels(report):
    flows = clean_flows()
    share_flow(flows)
    flows[20].label = "other"
    leaks = report(flows)[0]["leaks"]
    assert leaks["flows_of_two_labels"] == 2  # the packets of TCP, and that to port 53
    assert leaks["first_flow_of_two_labels"] == [
        {"file": "set.pcapng", "packet": 61, "other_file": "set.pcapng", "other_packet": 1}]


# ---- options ----


def test_the_largest_leak_allowed(report, run, tmp_path):
    flows = clean_flows()
    for flow in flows:
        flow.values["ttl"] = LABELS.index(flow.label)
    for most, status in ("75", 0), ("74.9", 1), ("0", 1), ("100", 0):
        found, exit_status = report(flows, "--max-leak", most)
        assert (exit_status, found["sound"]) == (status, status == 0)
    assert report(flows)[1] == 0
    text = run("check", "--splits", "splits", "--max-leak", "5", "set.pcapng", cwd=tmp_path, check=False)
    assert "the lists leak 75.0 % of the test by their time to live, more than 5 %" in " ".join(text.stdout.split())
    for wrong in "101", "-1", "five", "5%", "nan", "":
        done = run("check", "--splits", "splits", "--max-leak", wrong, "set.pcapng", cwd=tmp_path, check=False)
        assert done.returncode == 2 and "expected percent (0 to 100, such as 5 or 0.5)" in done.stderr


def test_one_list_has_no_leaks(report):
    flows = clean_flows()
    for flow in flows:
        flow.list = "train"
    found, status = report(flows)
    assert status == 0
    assert [finding["kind"] for finding in found["findings"]] == ["no-leak-report"]
    assert found["findings"][0]["text"].startswith("no leaks are reported: ")


def test_lists_with_other_names(report):
    """One is held out, and the others are learned from: the same figures as those of train and test."""
    flows = clean_flows()
    share_flow(flows)
    for flow in flows:
        flow.values["ttl"] = LABELS.index(flow.label)
    expected = report(flows)[0]["leaks"]
    assert expected["held_out"] is None
    for flow in flows[:7]:
        flow.list = "fold-2"
    for flow in flows[7:20]:
        flow.list = "fold-3"
    for flow in flows[20:]:
        flow.list = "fold-1"
    found, status = report(flows, "--hold-out", "fold-1", "--max-leak", "5")
    assert status == 1 and found["leaks"]["held_out"] == "fold-1"
    assert "the lists leak 75.0 % of fold-1 by their time to live" in found["findings"][-1]["text"]
    assert found["leaks"]["fields"] == expected["fields"]
    shared = [{**row, "first_list": "train", "second_list": "test"} for row in found["leaks"]["shared"]]
    assert shared == expected["shared"]
    assert {(row["first_list"], row["second_list"]) for row in found["leaks"]["shared"]} == {("others", "fold-1")}


def test_pairs_with_a_validation_list(report):
    flows = clean_flows()
    for flow in flows[30:]:
        flow.list = "validation"
    flows[30].values["dns_name"] = flows[1].values["dns_name"]
    leaks = report(flows)[0]["leaks"]
    pairs = [("train", "validation"), ("train", "test"), ("validation", "test")]
    shared = [row["shared"] for row in leaks["shared"] if row["kind"] == "dns_name"]
    assert [(row["first_list"], row["second_list"]) for row in leaks["shared"][::7]] == pairs
    assert shared == [1, 0, 0]


def test_table_of_fields(report, tmp_path):
    leaks = report(clean_flows(), "--compare-splits", "-o", "leaks.csv")[0]["leaks"]
    with (tmp_path / "leaks.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [list(row) for row in rows] == [list(row) for row in leaks["fields"]]
    for row, expected in zip(rows, leaks["fields"]):
        assert {key: value or None for key, value in row.items()} == {
            key: None if value is None else str(value) for key, value in expected.items()}
    assert rows[0]["by_file"] == "" and rows[0]["by_packet"] != ""  # there is one file


def test_little_memory_counts_a_part_of_the_values(report):
    """Of 3,000 flows, the same values of both lists are left out."""
    flows = [Flow(n, LABELS[n % 4], "test" if n % 3 == 0 else "train", START + n * HOUR) for n in range(1, 3001)]
    for flow in flows:
        flow.values["source_port"] = 1000 + flow.number % 4
        flow.values["destination_address"] = struct.pack(">I", 0x0C000000 + flow.number % 1000)
    whole, part = (report(flows, "--memory", size)[0]["leaks"] for size in ("1G", "1M"))
    for name, exact in ("source_port", True), ("destination_address", False), ("source_address", False):
        ours, all_values = field_row(part, name), field_row(whole, name)
        assert all_values["sampled"] == 1 and (ours["sampled"] == 1) is exact
        assert ours["packets"] == all_values["packets"]
        assert ours["accuracy"] == pytest.approx(all_values["accuracy"], abs=0.1)
    ours, all_values = shared_row(part, "address"), shared_row(whole, "address")
    assert ours["sampled"] < 1
    assert ours["shared"] / ours["sampled"] == pytest.approx(all_values["shared"], rel=0.3)


@pytest.mark.parametrize("options, message", [
    (("--compare-splits",), "--compare-splits needs --splits"),
    (("--max-leak", "5"), "--max-leak needs --splits"),
    (("-o", "x.csv"), "-o needs --splits"),
    (("-f",), "-f needs -o"),
])
def test_options_that_need_others(run, tmp_path, options, message):
    done = run("check", *options, "set.pcapng", cwd=tmp_path, check=False)
    assert done.returncode == 2 and message in done.stderr


def test_labels_are_parts_of_the_metadata(report, run, tmp_path):
    flows = clean_flows()
    for flow in flows:
        flow.values["ttl"] = LABELS.index(flow.label)
        flow.label += f";host={flow.number}"  # in no other sample
    expected = pytest.approx(0.75)
    assert report(flows)[0]["leaks"]["worst"] == 0
    for pattern in "^[a-z]+", "^([a-z]+);host=(.*)":
        leaks = report(flows, "--stratify", pattern)[0]["leaks"]
        assert (field_row(leaks, "ttl")["leak"], leaks["splits"][0]["majority_label"]) == (expected, "chat")
    done = run("partition", "--json", "--exact", "--train", "50", "--test", "50", "--stratify", "^[a-z]+", "-o", "lists",
               "set.pcapng", cwd=tmp_path)
    assert field_row(json.loads(done.stdout)["leaks"], "ttl")["leak"] == expected
    wrong = run("check", "--splits", "splits", "--stratify", "(", "set.pcapng", cwd=tmp_path, check=False)
    assert wrong.returncode == 1 and 'the regular expression "("' in wrong.stderr


@pytest.mark.parametrize("hold_out, words", [
    ("fold-9", "fold-9"), ("", "no list ''")])
def test_no_such_list(report, run, tmp_path, hold_out, words):
    report(clean_flows())
    done = run("check", "--splits", "splits", "--hold-out", hold_out, "set.pcapng", cwd=tmp_path, check=False)
    assert done.returncode == 1 and words in done.stderr


# ---- partition ----


def test_the_worst_fold(report, run, tmp_path):
    """partition reports on the fold to which most leaks; check says the same of it, and less of all others."""
    flows = clean_flows()
    for flow in flows:
        flow.values["ttl"] = LABELS.index(flow.label) if flow.number % 3 else 64
    report(flows)
    done = run("partition", "--json", "--folds", 4, "--group", "sample", "-o", "folds", "set.pcapng", cwd=tmp_path)
    leaks = json.loads(done.stdout)["leaks"]
    checked = {f"fold-{i}": json.loads(run("check", "--json", "--splits", "folds", "--hold-out", f"fold-{i}",
                                           "set.pcapng", cwd=tmp_path).stdout)["leaks"] for i in range(1, 5)}
    assert checked[leaks["held_out"]] == leaks
    assert max(each["worst"] for each in checked.values()) == leaks["worst"] > 0
    failed = run("partition", "--folds", 4, "--group", "sample", "--max-leak", 0, "-o", "again", "set.pcapng",
                 cwd=tmp_path, check=False)
    assert failed.returncode == 1 and f"of {leaks['held_out']} by their" in " ".join(failed.stdout.split())


def test_a_split_by_file_of_a_clean_set_passes(run, tmp_path):
    flows, rules = clean_flows(), []
    (tmp_path / "captures").mkdir()
    for flow in flows:
        packets = [(data, (flow.start + k) * 1000) for k, data in enumerate(flow.packets())]
        (tmp_path / f"captures/{flow.number}.pcap").write_bytes(pcap(packets))
        rules.append(f"FILE:{flow.number}.pcap,{flow.label}\n")
    (tmp_path / "rules.csv").write_text("".join(rules))
    run("label", "-q", "--keep-source", "-L", "rules.csv", "-o", "set.pcapng", "captures", cwd=tmp_path)
    for folder, group in ("files", "file"), ("samples", "sample"), ("flows", "flow"):
        done = run("partition", "--json", "--exact", "--group", group, "--train", "50", "--test", "50",
                   "--max-leak", "0", "-o", folder, "set.pcapng", cwd=tmp_path)
        leaks = json.loads(done.stdout)["leaks"]
        assert (done.returncode, leaks["worst"], leaks["train"], leaks["test"]) == (0, 0, 60, 60)
        checked = json.loads(run("check", "--json", "--splits", folder, "set.pcapng", cwd=tmp_path).stdout)
        assert checked["leaks"] == leaks
