"""The leak report computed with dpkt and pandas; shares nothing with labelcap but the siphash of its tests."""

import struct
from collections import defaultdict

import dpkt
import pandas

from captures import read_packets
from labels import sample_id as siphash

KEY = b"labelcap.leaks.1"
FIELDS = ["source_mac", "destination_mac", "source_address", "destination_address", "source_port",
          "destination_port", "tcp_sequence", "tcp_acknowledgement", "tcp_window", "tcp_timestamp", "ip_id", "ttl",
          "length", "payload_start", "tls_server_name", "dns_name"]


def server_name(payload):
    """Of a ClientHello that is whole."""
    try:
        record, _ = dpkt.ssl.tls_multi_factory(payload)
        hello = dpkt.ssl.TLSHandshake(record[0].data).data
        if record[0].type != 22 or not isinstance(hello, dpkt.ssl.TLSClientHello):
            return None
        return dict(hello.extensions)[0][5:].lower()
    except (dpkt.Error, dpkt.ssl.SSL3Exception, IndexError, KeyError, AttributeError):
        return None


def dns_name(message):
    try:
        return dpkt.dns.DNS(message).qd[0].name.lower()
    except (dpkt.Error, IndexError):
        return None


def transport_fields(ip):
    part = ip.data
    fields = {}
    if not isinstance(part, (dpkt.tcp.TCP, dpkt.udp.UDP)):
        return fields
    fields |= {"source_port": part.sport, "destination_port": part.dport}
    payload = bytes(part.data)
    if payload:
        fields["payload_start"] = payload[:8]
        fields["payload"] = payload
    if isinstance(part, dpkt.tcp.TCP):
        fields |= {"tcp_sequence": part.seq >> 16, "tcp_window": part.win,
                   "tls_server_name": server_name(payload)}
        if part.flags & dpkt.tcp.TH_ACK:
            fields["tcp_acknowledgement"] = part.ack >> 16
        for kind, value in dpkt.tcp.parse_opts(part.opts):
            if kind == dpkt.tcp.TCP_OPT_TIMESTAMP:
                fields["tcp_timestamp"] = struct.unpack(">II", value)[0] >> 16
        payload = payload[2:]  # the length of a DNS message
    if 53 in (part.sport, part.dport):
        fields["dns_name"] = dns_name(payload)
    return fields


def flow_of(ip, fields):
    """The bytes of a flow's key: both ends in order, and the protocol."""
    def end(address, port):
        return address.ljust(16, b"\0"), fields.get(port, 0)

    low, high = sorted([end(ip.src, "source_port"), end(ip.dst, "destination_port")])
    version = 4 if isinstance(ip, dpkt.ip.IP) else 6
    protocol = ip.p
    return low[0] + high[0] + struct.pack("<HHBBHI", low[1], high[1], version, protocol, 0, 2**32 - 1)


def fields_of(data, length):
    """Of Ethernet with IPv4 or IPv6."""
    frame = dpkt.ethernet.Ethernet(data)
    ip = frame.data
    fields = {"source_mac": frame.src, "destination_mac": frame.dst, "length": length}
    if isinstance(ip, dpkt.ip.IP):
        fields |= {"source_address": ip.src, "destination_address": ip.dst, "ttl": ip.ttl, "ip_id": ip.id >> 8}
    elif isinstance(ip, dpkt.ip6.IP6):
        fields |= {"source_address": ip.src, "destination_address": ip.dst, "ttl": ip.hlim}
    else:
        return fields
    fields |= transport_fields(ip)
    fields["flow"] = flow_of(ip, fields)
    return fields


def table_of(capture, lists):
    """A row for each labelled packet: its fields, label and list."""
    rows = []
    for number, packet in enumerate(read_packets(capture), 1):
        sample, label = packet.label
        source = next(comment for comment in packet.comments if comment.startswith(b"source="))[7:]
        rows.append(fields_of(packet.data, packet.length) | {
            "number": number, "label": label, "list": lists[sample], "file": source, "data": packet.data})
    return pandas.DataFrame(rows, columns=[*FIELDS, "payload", "flow", "number", "label", "list", "file", "data"])


def seven_of_ten(data):
    return siphash(data, KEY) % 10 < 7


def splits_of(table):
    """{name: (rows to learn from, rows to test with)} of four splits."""
    def by(hashes):
        learn = hashes.map(seven_of_ten)
        return table[learn], table[~learn]

    return {
        "lists": (table[table["list"] == "train"], table[table["list"] == "test"]),
        "by_packet": by(table["number"].map(lambda number: struct.pack("<Q", number))),
        "by_flow": by(table["flow"]),
        "by_file": by(table["file"].map(lambda path: struct.pack("<Q", siphash(path, KEY)))),
    }


def accuracy(train, test, field):
    """Of a table of the most frequent labels of the values of a field; None without any."""
    known = test[test[field].notna()]
    counts = train[train[field].notna()].groupby([field, "label"]).size().reset_index(name="packets")
    counts = counts.sort_values(["packets", "label"], ascending=[False, True])
    best = counts.drop_duplicates(field).set_index(field)["label"]
    return None if known.empty else float((known[field].map(best) == known["label"]).mean())


def guess(test, field):
    """The share of the most frequent label among the packets that have the field."""
    known = test[test[field].notna()]
    return None if known.empty else float(known["label"].value_counts(normalize=True).max())


def shared(table, kind):
    """Values of both lists, how many are in both, and packets of the test that have one of these."""
    values = {name: set(table.loc[(table["list"] == name) & table[kind].notna(), kind]) for name in ("train", "test")}
    both = values["train"] & values["test"]
    again = table.loc[table["list"] == "test", kind].map(lambda value: value in both)
    return len(values["train"]), len(values["test"]), len(both), int(again.sum())


def flows_of_two_labels(table):
    labels = defaultdict(set)
    for flow, label in zip(table["flow"], table["label"]):
        labels[flow].add(label)
    return sum(len(found) > 1 for found in labels.values())
