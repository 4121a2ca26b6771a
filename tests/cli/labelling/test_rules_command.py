"""rules: from class folders and from tables in every layout; what the rules then label."""

import csv
import json
from datetime import datetime, timezone

import pytest

from captures import pcap, read_packets
from surroundings import texts_of

SECOND = 10**9


@pytest.fixture
def rules(run, tmp_path):
    """rules(table, *options): (rules as a list of (filter, label), what was said, figures)."""

    def write(table, *options, check=True, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(table if isinstance(table, bytes) else table.encode())
        out, report = tmp_path / "made.csv", tmp_path / "made.json"
        done = run("rules", "--from-table", path, "-f", "-o", out, "--stats-json", report, *options,
                   check=check)
        said = done.stderr.replace(str(path), "table").splitlines()
        if done.returncode:
            return done.returncode, said
        with open(out, encoding="utf-8") as file:
            made = [tuple(row) for row in csv.reader(file)]
        assert made[0] == ("traffic_filter", "metadata")
        return made[1:], said, json.loads(report.read_text())

    return write


def either(protocol, a, a_port, b, b_port):
    def ends(x, x_port, y, y_port):
        return f"(src host {x} and src port {x_port} and dst host {y} and dst port {y_port})"

    return f"BPF:{protocol} and ({ends(a, a_port, b, b_port)} or {ends(b, b_port, a, a_port)})"


A, B = "192.0.2.1", "192.0.2.2"
TCP = either("tcp", A, 1000, B, 80)

ZEEK = """#separator \\x09
#set_separator	,
#fields	ts	uid	id.orig_h	id.orig_p	id.resp_h	id.resp_p	proto	duration	tunnel_parents   label   detailed-label
#types	time	string	addr	port	addr	port	enum	interval	set[string]   string   string
1525879831.015811	C1	192.0.2.1	1000	192.0.2.2	80	tcp	2.5	(empty)   Malicious   Scan
1525879832.025055	C2	192.0.2.1	8	192.0.2.2	0	icmp	-	(empty)   Benign   -
#close	2018-05-09
"""

ARGUS = """StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,Label
2011/08/10 09:46:53.047277,3550.182373,tcp,192.0.2.1,0x03e8,  <?>,192.0.2.2,80,FRPA,0,0,12,flow=Background
2011/08/10 09:46:54.000000,0.000000,rtp,192.0.2.3,5004,->,192.0.2.4,5006,INT,0,,1,flow=From-Botnet
2011/08/10 09:46:55,0.5,arp,192.0.2.3,,who,192.0.2.4,,INT,,,2,flow=Background
"""

CIC = """Flow ID, Source IP, Source Port, Destination IP, Destination Port, Protocol, Timestamp, Flow Duration, Label
x,192.0.2.1,1000,192.0.2.2,80,6,03/07/2017 14:55:58,1500000,BENIGN
x,192.0.2.1,1001,192.0.2.2,80,6,3/7/2017 9:02,-1,Web Attack \xe2\x80\x93 XSS
"""


def unsw_row(start, end, label, sport="1000"):
    row = ["0"] * 49
    row[0:5] = [A, sport, B, "80", "tcp"]
    row[28:30] = [str(start), str(end)]
    row[47:49] = [label, "1" if label else "0"]
    return ",".join(row) + "\n"


UNSW_ATTACKS = """Start time,Last time,Attack category,Attack subcategory,Protocol,Source IP,Source Port,Destination IP,Destination Port,Attack Name,Attack Reference,.
1421927414,1421927416,Reconnaissance,HTTP,tcp,192.0.2.1,1000,192.0.2.2,80,x,-,.
"""

MAWILAB = """anomalyID, srcIP, srcPort, dstIP, dstPort, taxonomy, heuristic, distance, nbDetectors, label
1,192.0.2.1,,,,ptmpHTTP,20,2.1,3,anomalous
2,,,192.0.2.2,80,mptp,20,2.1,3,suspicious
"""


def test_zeek(rules):
    made, said, figures = rules(ZEEK, "--layout", "zeek")
    window = "|SCOPE:flow|TS_START:1525879831.01581|TS_END:1525879833.515812"
    icmp = f"(src host {A} and dst host {B}) or (src host {B} and dst host {A})"
    assert made == [
        (TCP + window, "Malicious"),
        (f"BPF:icmp and ({icmp})|SCOPE:flow|TS_START:1525879832.025054|TS_END:1525879832.025056",
         "Benign")]
    assert said == ["labelcap rules: table: 2 rules from 2 rows, with 2 labels"]
    assert figures == {"rows": 2, "rules": 2, "labels": 2, "repeated": 0, "left_out": 0,
                       "conflicts": 0, "tolerance": 1000, "warnings": []}
    made, _, _ = rules(ZEEK, "--layout", "zeek", "--columns", "label=detailed-label")
    assert [label for _, label in made] == ["Scan"]


def test_argus(rules):
    made, said, _ = rules(ARGUS, "--layout", "argus", "--zone", "+02:00")
    start = int(datetime(2011, 8, 10, 7, 46, 53, tzinfo=timezone.utc).timestamp())
    assert made[0] == (f"{TCP}|SCOPE:flow|TS_START:{start}.047276|TS_END:{start + 3550}.229651",
                       "flow=Background")
    assert made[1][0].startswith(either("udp", "192.0.2.3", 5004, "192.0.2.4", 5006))
    assert made[2][0].startswith("BPF:((arp src host 192.0.2.3 and arp dst host 192.0.2.4) or ")
    status, said = rules(ARGUS, "--layout", "argus", check=False)
    assert status == 1 and "its zone is not known; give --zone" in said[0]


def test_cicflowmeter(rules):
    made, _, figures = rules(CIC.encode("latin-1"), "--layout", "cicflowmeter", "--zone", "-03:00")
    start = int(datetime(2017, 7, 3, 17, 55, 58, tzinfo=timezone.utc).timestamp())
    morning = int(datetime(2017, 7, 3, 12, 2, tzinfo=timezone.utc).timestamp())
    assert made == [
        (f"{TCP}|SCOPE:flow|TS_START:{start - 1}|TS_END:{start + 2}.5", "BENIGN"),
        (f"{either('tcp', A, 1001, B, 80)}|SCOPE:flow|TS_START:{morning - 1}|TS_END:{morning + 1}.0",
         "Web Attack – XSS")]
    made, _, _ = rules(CIC.replace("\xe2\x80\x93", "\x96").encode("latin-1"),
                       *("--layout", "cicflowmeter", "--zone", "-03:00", "--tolerance", "0"))
    assert made[0][0].endswith(f"|TS_START:{start}|TS_END:{start + 1}.5")
    assert made[1][1] == "Web Attack \ufffd XSS"


def test_unsw_nb15(rules):
    table = unsw_row(1421927414, 1421927416, " Exploits ") + unsw_row(1421927500, 1421927501, "",
                                                                     "0x03e9")
    made, _, _ = rules("\ufeff" + table, "--layout", "unsw-nb15")
    assert made == [
        (f"{TCP}|SCOPE:flow|TS_START:1421927413|TS_END:1421927417.0", "Exploits"),
        (f"{either('tcp', A, 1001, B, 80)}|SCOPE:flow|TS_START:1421927499|TS_END:1421927502.0",
         "Normal")]
    made, _, _ = rules(UNSW_ATTACKS, "--layout", "unsw-nb15")
    assert made == [(f"{TCP}|SCOPE:flow|TS_START:1421927413|TS_END:1421927417.0", "Reconnaissance")]


def test_mawilab(rules):
    made, _, _ = rules(MAWILAB, "--layout", "mawilab")
    assert made == [
        (f"BPF:((src host {A}) or (dst host {A}))|SCOPE:flow", "anomalous"),
        (f"BPF:((dst host {B} and dst port 80) or (src host {B} and src port 80))|SCOPE:flow",
         "suspicious")]
    made, _, _ = rules(MAWILAB, "--layout", "mawilab", "--directed")
    assert made[1][0] == f"BPF:dst host {B} and dst port 80|SCOPE:flow"


COLUMNS = "start=From,end=To,source=a,source_port=ap,destination=b,destination_port=bp," \
          "protocol=p,label=class"


@pytest.mark.parametrize("options, start, end, window", [
    ((), "100", "101.5", "TS_START:99.9|TS_END:101.6"),
    (("--time-unit", "ms"), "100000", "101500", "TS_START:99.999|TS_END:101.501"),
    (("--time-unit", "us"), "100000000", "101500000", "TS_START:99.999999|TS_END:101.500001"),
    (("--time-unit", "ns"), "100000000001", "101500000002",
     "TS_START:100|TS_END:101.500000003"),
    ((), "1970-01-01T00:01:40Z", "1970-01-01T02:01:41.5+02:00", "TS_START:99.9|TS_END:101.6"),
    (("--zone", "-0330"), "1969-12-31 20:31:40", "1969-12-31T20:31:41", "TS_START:99|TS_END:102.0"),
    (("--time-format", "%d.%m.%Y %H:%M:%S", "--zone", "Z"), "01.01.1970 00:01:40",
     "01.01.1970 00:01:41.5", "TS_START:99.9|TS_END:101.6"),
    (("--time-format", "%d.%m.%Y %H:%M:%S %z"), "01.01.1970 01:01:40 +0100",
     "01.01.1970 01:01:41 +0100", "TS_START:99|TS_END:102.0"),
    (("--zone", "Z"), "1/1/1970 12:01:40 AM", "1/1/1970 12:01:41 am", "TS_START:99|TS_END:102.0"),
    (("--zone", "Z"), "13/1/1970 12:01:40 PM", "13/1/1970 12:02 pm",
     f"TS_START:{12 * 86400 + 43200 + 99}|TS_END:{12 * 86400 + 43200 + 121}.0"),
    (("--zone", "Z"), "2/13/1970 1:01:40", "2/13/1970 13:01:41",
     f"TS_START:{43 * 86400 + 3600 + 99}|TS_END:{43 * 86400 + 46800 + 102}.0"),
])
def test_columns_and_times(rules, options, start, end, window):
    for separator in ",;\t":
        table = "class;a;ap;b;bp;p;From;to\n" \
                f'web;192.0.2.1;1000;"192.0.2.2";80;TCP;{start};"{end}"\n'
        made, _, _ = rules(table.replace(";", separator), "--columns", COLUMNS, *options)
        assert made == [(f"{TCP}|SCOPE:flow|{window}", "web")]


@pytest.mark.parametrize("protocol, address, filter", [
    ("icmp", "2001:db8::1", "icmp6 and "), ("icmp", A, "icmp and "), ("58", A, "ip proto 58 and "),
    ("ipv6-icmp", "2001:db8::1", "icmp6 and "), ("OSPF", "2001:db8::1", "ip6 proto 89 and "),
    ("gre", A, "ip proto 47 and "), ("sctp", A, "sctp and "), ("0", A, "ip proto 0 and "),
    ("-", A, ""), ("arp", "2001:db8::1", None)])
def test_protocols(rules, label, tmp_path, protocol, address, filter):
    table = f"a,p,class\n{address},{protocol},x\n"
    found = rules(table, "--columns", "source=a,protocol=p,label=class", check=filter is not None)
    if filter is None:
        assert found[0] == 1 and "it is ARP with an IPv6 address" in found[1][0]
        return
    assert found[0][0][0] == f"BPF:{filter}((src host {address}) or (dst host {address}))|SCOPE:flow"
    (tmp_path / "in.pcap").write_bytes(pcap([(bytes(60), 0)]))
    label(tmp_path / "made.csv", "--keep-unmatched", tmp_path / "in.pcap")


def test_labels_are_quoted(rules):
    made, _, _ = rules('a,class\n192.0.2.1,"x, ""y"""\n', "--columns", "source=a,label=class")
    assert made == [(f"BPF:((src host {A}) or (dst host {A}))|SCOPE:flow", 'x, "y"')]


def test_rows_that_cannot_be_rules(rules):
    rows = ["1,192.0.2.1,1,192.0.2.2,2,tcp,1,2", "web,192.0.2.x,1,192.0.2.2,2,tcp,1,2",
            "web,192.0.2.1,70000,192.0.2.2,2,tcp,1,2", "web,192.0.2.1,1,192.0.2.2,2,frob,1,2",
            "web,192.0.2.1,1,2001:db8::1,2,tcp,1,2", ",192.0.2.1,1,192.0.2.2,2,tcp,1,2",
            "web,,1,,2,tcp,1,2", "web,192.0.2.1,1,192.0.2.2,2,tcp,noon,2",
            "web,192.0.2.1,1,192.0.2.2,2,tcp,,2", "web,192.0.2.1,1,192.0.2.2,2,tcp,3,2",
            "BPF:x,192.0.2.1,1,192.0.2.2,2,tcp,1,2",
            "web,192.0.2.1,1,192.0.2.2,2,tcp,1/1/0002 00:00:00,2",
            '"web,d=e",192.0.2.1,1,192.0.2.2,2,tcp,1,2', "a\0b,192.0.2.1,1,192.0.2.2,2,tcp,1,2",
            "x" * 65520 + ",192.0.2.1,1,192.0.2.2,2,tcp,1,2"]
    made, said, figures = rules("class,a,ap,b,bp,p,From,To\n" + "\n".join(rows) + "\n",
                                "--columns", COLUMNS)
    why = ['"192.0.2.x" is not an IP address', '"70000" is not a port', '"frob" is not a protocol',
           "one address is IPv4, the other one IPv6", "its label is empty", "it has no address",
           '"noon" is no time: expected a number, YYYY-MM-DD hh:mm:ss or DD/MM/YYYY hh:mm:ss; '
           "--time-format takes others", "it has no time", "its label begins with a tag of rules",
           '"1/1/0002 00:00:00" is no time: expected a number, YYYY-MM-DD hh:mm:ss or DD/MM/YYYY '
           "hh:mm:ss; --time-format takes others", "its label ends like a fact of pcapml's",
           "its label holds a NUL byte", "its label is longer than a comment",
           "it ends before it starts"]
    lines = [3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16, 11]
    assert len(made) == 1 and figures["left_out"] == 14
    assert texts_of(figures["warnings"]) == [f"{line}: the row cannot be a rule: {text}"
                                   for line, text in zip(lines, why)]
    assert said[0] == f"labelcap rules: warning: table:3: the row cannot be a rule: {why[0]}"


def test_a_row_that_ends_before_its_label(rules):
    _, _, figures = rules("a,ap,b,bp,p,From,To,class\n192.0.2.1,1,192.0.2.2,2,tcp,1,2,web\n192.0.2.1,1\n"
                          "192.0.2.1,1,192.0.2.2,2,tcp,1,2,\n", "--columns", COLUMNS)
    assert texts_of(figures["warnings"]) == [
        "3: the row cannot be a rule: it has 2 fields, and its label would be in field 8",
        "4: the row cannot be a rule: its label is empty"]


def test_a_clock_that_stays_open(rules):
    table = CIC.replace("14:55:58", "4:55:58")
    status, said = rules(table, "--layout", "cicflowmeter", "--zone", "Z", check=False)
    assert status == 1 and "or afternoon: no row without AM or PM has an hour of 0 or" in said[0]
    made, _, _ = rules(table.replace("3/7/2017 9:02", "03/07/2017 9:02:00"), "--layout",
                       "cicflowmeter", "--zone", "Z", "--time-format", "%d/%m/%Y %H:%M:%S")
    assert len(made) == 2


def test_windows_that_overlap(rules):
    rows = [("x", A, B, 1, 5), ("y", B, A, 4, 9), ("x", A, B, 20, 30), ("y", A, B, 40, 50),
            ("x", A, B, 20, 30), ("z", A, B, 22, 23), ("x", A, B, 25, 26)]
    table = "class,a,ap,b,bp,p,From,To\n" + "".join(
        f"{label},{a},{1000 if a == A else 80},{b},{80 if a == A else 1000},tcp,{start},{end}\n"
        for label, a, b, start, end in rows)
    made, _, figures = rules(table, "--columns", COLUMNS, "--tolerance", "0")
    overlap = "the window overlaps that of line {}, which has the same 5-tuple and the label " \
              '"x", not "{}"; line {} labels what is in both'
    assert texts_of(figures["warnings"]) == ["3: " + overlap.format(2, "y", 2), "7: " + overlap.format(4, "z", 4)]
    assert (figures["conflicts"], figures["repeated"], len(made)) == (2, 1, 6)
    _, _, figures = rules(table, "--columns", COLUMNS, "--tolerance", "0", "--directed")
    assert figures["conflicts"] == 1


@pytest.mark.parametrize("table, options, said", [
    ("", ("--layout", "zeek"), "table: the table is empty"),
    ("a,b\n", ("--layout", "zeek"),
     "table: no column with the label; name it by --columns label=COLUMN"),
    ("src,class\n", ("--columns", "label=class"),
     "table: no column with addresses; name them by --columns source=COLUMN,destination=COLUMN, "
     "or choose a --layout"),
    ("source,label\n", ("--columns", "source=soruce"),
     'table: the table has no column "soruce"; did you mean "source"?'),
    ("source,label\n", ("--columns", "src=source"),
     '--columns: "src=source" is not KEY=COLUMN with one of the keys start, end, duration, source, '
     "source_port, destination, destination_port, protocol, label"),
    ("a,label\n", ("--columns", "source=a,label=label"), "table: no row can be a rule"),
    (b"PK\x03\x04", ("--layout", "zeek"),
     "table:1:1: a ZIP archive, as .xlsx and .ods workbooks are, not CSV; save the sheet as CSV UTF-8"),
])
def test_tables_that_are_wrong(rules, table, options, said):
    assert rules(table, *options, check=False) == (1, [f"labelcap rules: {said}"])


@pytest.mark.parametrize("arguments, said", [
    ((), "no --from-folders DIR or --from-table TABLE given"),
    (("--from-table", "t"), "--layout"),
    (("--from-table", "t", "--layout", "zeek", "--zone", "CET"), "expected Z or an offset"),
    (("--from-folders", "d", "--label-from", "path"), "expected folder or name:REGEX"),
    (("--from-folders", "d", "--from-table", "t"), "--from-table"),
    (("--from-folders", "d", "--directed"), "--from-table"),
])
def test_wrong_usage(run, arguments, said):
    done = run("rules", "-o", "out.csv", *arguments, check=False)
    assert done.returncode == 2 and said in done.stderr


# ---- folders ----


@pytest.fixture
def folders(tmp_path):
    for number, name in enumerate(["web/a.pcap", "web/deep/b.pcap", "voip, new/voip-1.pcap",
                                   "loose.pcap"]):
        path = tmp_path / "classes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pcap([(bytes([number]) * 60, SECOND), (bytes([number]) * 60, 2 * SECOND)]))
    (tmp_path / "classes/notes").mkdir()
    (tmp_path / "classes/notes/readme.txt").write_text("no capture")
    return tmp_path / "classes"


def test_class_folders(run, label, folders, tmp_path):
    done = run("rules", "--from-folders", folders, "-o", tmp_path / "rules.csv")
    assert (tmp_path / "rules.csv").read_text().splitlines() == [
        "traffic_filter,metadata", '"FILE:voip, new/|EACH:file","voip, new"',
        "FILE:web/|EACH:file,web"]
    assert done.stderr.splitlines() == [
        f"labelcap rules: warning: {folders}/loose.pcap: it is in no class folder",
        f"labelcap rules: warning: {folders}/notes: is a folder without captures; there is no rule for it",
        f"labelcap rules: {folders}: 2 rules for 3 captures, with 2 labels"]
    done = label(tmp_path / "rules.csv", folders)
    packets = read_packets(done.output)
    labels = [packet.label[1] for packet in packets]
    assert sorted(labels) == ["voip, new"] * 2 + ["web"] * 4
    assert len({packet.label for packet in packets}) == 3


def test_folders_with_names_that_rules_read_otherwise(run, label, tmp_path):
    """Each capture gets the name of its folder, or the capture is left out with a warning."""
    unusable = {"BPF:tcp": "its label begins with a tag of rules",
                "web,dst=1": "its label ends like a fact of pcapml's",
                "a|EACH:packet": "no rule can have its name"}
    names = ["**", "*", "st*r", "star", "wh?t", "what", "b\\ack", " spaces ", "[web]", "#hash", "-dash",
             "a|b", 'q"uote', "new\nline", "filename", *unusable]
    for number, name in enumerate(names):
        (tmp_path / "classes" / name).mkdir(parents=True)
        (tmp_path / "classes" / name / f"{number}.pcap").write_bytes(pcap([(bytes([number]) * 60, SECOND)]))
    done = run("rules", "--from-folders", tmp_path / "classes", "-o", tmp_path / "rules.csv")
    warnings = [line for line in done.stderr.splitlines() if "warning" in line]
    assert sorted(warnings) == sorted(
        f"labelcap rules: warning: {tmp_path}/classes/{name}/{names.index(name)}.pcap: {why}"
        for name, why in unusable.items())
    done = label(tmp_path / "rules.csv", tmp_path / "classes")
    assert {packet.data[0]: packet.label[1] for packet in read_packets(done.output)} == {
        number: name for number, name in enumerate(names) if name not in unusable}


def test_a_directory_above_the_class_folders(run, folders):
    (folders / "loose.pcap").unlink()
    done = run("rules", "--from-folders", folders.parent, "-o", "-")
    assert done.stdout == "traffic_filter,metadata\nFILE:classes/|EACH:file,classes\n"
    assert (f"labelcap rules: warning: {folders.parent}/classes: is the only class; if the folders in it "
            "are the classes, give that directory\n") in done.stderr
    for path in folders.glob("voip*/*"):
        path.unlink()
    (folders / "web/deep/b.pcap").unlink()
    assert "only class" not in run("rules", "--from-folders", folders, "-o", "-").stderr


def test_folders_without_captures(run, folders):
    done = run("rules", "--from-folders", folders / "web/deep", "-o", "-", check=False)
    assert done.returncode == 1 and "give the directory whose folders are the classes" in done.stderr


def test_labels_from_names(run, folders, tmp_path):
    done = run("rules", "--from-folders", folders, "--label-from", "name:^([a-z]+)-", "-o", "-",
               "--stats-json", tmp_path / "stats.json")
    assert done.stdout == 'traffic_filter,metadata\n"FILE:voip, new/voip-1.pcap|EACH:file",voip\n'
    assert json.loads((tmp_path / "stats.json").read_text())["left_out"] == 3
    done = run("rules", "--from-folders", folders, "--label-from", "name:^[ab]", "-o", "-")
    assert [line.split(",")[-1] for line in done.stdout.splitlines()[1:]] == ["a", "b"]
    done = run("rules", "--from-folders", folders, "--label-from", "name:(", "-o", "-", check=False)
    assert done.returncode == 1 and 'the regular expression "("' in done.stderr
    done = run("rules", "--from-folders", folders / "web/a.pcap", "-o", "-", check=False)
    assert done.returncode == 1 and "not a directory" in done.stderr
