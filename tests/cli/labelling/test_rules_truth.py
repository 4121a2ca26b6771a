"""rules: what tables of the conversations that tshark sees label, packet by packet."""

import copy
import functools
import subprocess
from datetime import datetime, timedelta, timezone

import pytest

from captures import pcap, read_packets
from surroundings import REPO

SECOND = 10**9


@functools.cache
def conversations(path):
    """[key of each packet], {key: [first time, last time, first packet's ends, protocol]}."""
    fields = ["frame.time_epoch", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "ip.proto",
              "ipv6.nxt", "vlan.id", "tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport"]
    command = ["tshark", "-n", "-r", path, "-o", "ip.defragment:FALSE", "-T", "fields", "-E",
               "occurrence=f"]
    for field in fields:
        command += ["-e", field]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    keys, flows = [], {}
    for line in lines.splitlines():
        time, *values = line.split("\t")
        source, destination = values[0] or values[2], values[1] or values[3]
        protocol = values[4] or values[5]
        if protocol not in ("6", "17") or values[6]:  # filters do not look behind VLAN tags
            keys.append(None)
            continue
        ports = values[7:9] if protocol == "6" else values[9:11]
        ends = (source, ports[0]), (destination, ports[1])
        seconds, fraction = time.split(".")
        ns = int(seconds) * SECOND + int(fraction.ljust(9, "0")[:9])
        key = (protocol, *sorted(ends))
        keys.append(key)
        flow = flows.setdefault(key, [ns, ns, ends, protocol])
        flow[0], flow[1] = min(flow[0], ns), max(flow[1], ns)
    return keys, flows


def seconds_text(ns, digits):
    return f"{ns // SECOND}.{ns % SECOND:09d}"[:len(str(ns // SECOND)) + (1 + digits if digits else 0)]


def local(ns, hours, form):
    moment = datetime.fromtimestamp(ns // SECOND, timezone.utc) + timedelta(hours=hours)
    return moment.strftime(form)


def zeek_table(flows):
    yield "#separator \\x09\n#fields\t" + "\t".join(
        ["ts", "uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto", "duration",
         "label"]) + "\n"
    for first, last, (a, b), protocol, label in flows.values():
        name = "tcp" if protocol == "6" else "udp"
        yield "\t".join([seconds_text(first, 6), "C", *a, *b, name,
                         seconds_text(last - first, 6), label]) + "\n"


def argus_table(flows):
    yield "StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,Label\n"
    for first, last, (a, b), protocol, label in flows.values():
        start = local(first, 2, "%Y/%m/%d %H:%M:%S") + f".{first % SECOND // 1000:06d}"
        yield ",".join([start, seconds_text(last - first, 6), protocol, *a, "->", *b, label]) + "\n"


def cic_table(flows):
    yield "Flow ID,Src IP,Src Port,Dst IP,Dst Port,Protocol,Timestamp,Flow Duration,Label\n"
    for first, last, (a, b), protocol, label in flows.values():
        yield ",".join(["x", *a, *b, protocol, local(first, -3, "%d/%m/%Y %I:%M:%S %p"),
                        str((last - first) // 1000), label]) + "\n"


def unsw_table(flows):
    for first, last, (a, b), protocol, label in flows.values():
        row = ["0"] * 49
        row[0:5] = [*a, *b, protocol]
        row[28:30] = [str(first // SECOND), str(last // SECOND)]
        row[47] = label
        yield ",".join(row) + "\n"


def own_table(flows):
    yield "class;begin;finish;a;ap;b;bp;proto\n"
    for first, last, (a, b), protocol, label in flows.values():
        yield ";".join([label, str(first // 10**6), str(last // 10**6), *a, *b, protocol]) + "\n"


OWN = "start=begin,end=finish,source=a,source_port=ap,destination=b,destination_port=bp," \
      "protocol=proto,label=class"
TABLES = {
    "zeek": (zeek_table, ("--layout", "zeek")),
    "argus": (argus_table, ("--layout", "argus", "--zone", "+02:00")),
    "cicflowmeter": (cic_table, ("--layout", "cicflowmeter", "--zone", "-03:00")),
    "unsw-nb15": (unsw_table, ("--layout", "unsw-nb15")),
    "own": (own_table, ("--columns", OWN, "--time-unit", "ms")),
}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("capture", ["datasets/mixed/mixed.pcap", "datasets/apps/dns",
                                     "../shared/captures/apps"])
def test_every_packet_gets_the_label_of_its_flow(run, label, tmp_path, table, capture):
    source = REPO / capture
    if not source.exists():
        pytest.skip(f"{capture} is not there")
    paths = sorted(path for path in source.rglob("*.pcap*")) if source.is_dir() else [source]
    form, options = TABLES[table]
    for path in paths[:6]:
        keys, flows = copy.deepcopy(conversations(path))
        if not flows:
            continue
        for number, flow in enumerate(flows.values()):
            flow.append(f"class {number}")
        (tmp_path / "table").write_text("".join(form(flows)))
        made = run("rules", "--from-table", tmp_path / "table", "-f", "-o", tmp_path / "made.csv",
                   *options)
        assert made.stderr.count("\n") == 1, made.stderr
        done = label(tmp_path / "made.csv", "--keep-unmatched", path)
        found = [packet.label and packet.label[1] for packet in read_packets(done.output)]
        assert found == [flows[key][4] if key else None for key in keys], path


def udp(source, destination, time):
    header = bytes.fromhex("4500001c000000004011 0000") + bytes([192, 0, 2, source, 192, 0, 2,
                                                                  destination])
    return bytes(12) + b"\x08\x00" + header + bytes.fromhex("1000 1000 0008 0000"), time * SECOND


def test_a_window_labels_flows_that_begin_in_it(run, label, tmp_path):
    """To their ends, and what an idle time-out cuts off as well; not what begins outside."""
    times = [(1, 2, 1000), (2, 1, 1010), (1, 2, 90_000), (1, 3, 1000), (2, 1, 99_990),
             (1, 2, 100_050), (1, 2, 200_000), (2, 1, 500)]
    (tmp_path / "in.pcap").write_bytes(pcap(sorted((udp(*packet) for packet in times),
                                                   key=lambda record: record[1])))
    (tmp_path / "table").write_text(
        "start,end,a,ap,b,bp,p,class\n900,100000,192.0.2.1,4096,192.0.2.2,4096,udp,web\n")
    columns = "start=start,end=end,source=a,source_port=ap,destination=b,destination_port=bp," \
              "protocol=p,label=class"
    run("rules", "--from-table", tmp_path / "table", "--columns", columns, "-o",
        tmp_path / "made.csv")
    done = label(tmp_path / "made.csv", tmp_path / "in.pcap")
    assert [packet.time_ns // SECOND for packet in read_packets(done.output)] == [
        1000, 1010, 90_000, 99_990, 100_050]
