"""label refuses a rules file that is wrong: place and reason to the letter, and nothing written."""

import os
import shutil
import subprocess

import pytest

from captures import pcap, read_packets
from surroundings import clean_environment

GOOD = b"BPF:len >= 0,all\n"
TAGS = "expected FILE:, BPF:, COMMENT:, TS_START:, TS_END:, SCOPE: or EACH:"
COLUMNS = "expected 2 or 3 columns (traffic_filter,metadata,hash_key), found"
NO_RULE = " no rules; expected lines of traffic_filter,metadata,hash_key"
COMMAS = "columns are separated by commas"
UTF16 = ("text in UTF-16, not UTF-8; save it as CSV UTF-8, or convert it by "
         "iconv -f UTF-16 -t UTF-8")
BARS = "tags are joined by |, not by a comma"
TIMES = "expected seconds since 1970 or YYYY-MM-DDThh:mm:ss with a zone"
SYNTAX = "can't parse filter expression: syntax error"
ALTERNATIVES = "alternatives are joined by or, tags by a single |"
CAPTURE = "a packet capture, not CSV; are two files swapped?"

# What is said behind "rules.csv:".
WRONG = {
    # columns
    b"BPF:tcp\n": f"1:8: {COLUMNS} 1",
    b"BPF:tcp,a,b,c\n": f"1:13: {COLUMNS} 4",
    b"BPF:tcp,a,b,c,d\n": f"1:13: {COLUMNS} 5",
    GOOD + b"# comment\n\nBPF:tcp": f"4:8: {COLUMNS} 1",
    b"": NO_RULE,
    b"\n\r\n  \n# BPF:tcp,x\n": NO_RULE,
    b"traffic_filter,metadata,hash_key\n": NO_RULE,
    b"\xef\xbb\xbffilename,label\r\n": NO_RULE,
    b'BPF:tcp,"web,d=e,dst=1.2.3.4"\n':
        '1:13: ",d=e,dst=1.2.3.4" at the end of the metadata would be read as a fact of the '
        "packet: d=, dir= and dst= are pcapml's",
    # tags
    b",x\n": f"1:1: the traffic_filter is empty; {TAGS}",
    b"BFP:tcp,x\n": f"1:1: BFP: is not a tag; {TAGS}; did you mean BPF:?",
    b"file:a,x\n": f"1:1: file: is not a tag; {TAGS}; did you mean FILE:?",
    b"TS-START:5,x\n": f'1:1: "TS-START:5" has no tag and names no input file; {TAGS}',
    b"FOO:bar,x\n": f"1:1: FOO: is not a tag; {TAGS}",
    b"tcp port 80,x\n": f'1:1: "tcp port 80" has no tag and names no input file; {TAGS}',
    b"# mine\nFilter,Class\n" + GOOD: '2:1: "Filter" has no tag, names no input file, and begins no '
        f"header (traffic_filter,metadata or filename,label); {TAGS}",
    GOOD + b"filter,label\n": f'2:1: "filter" has no tag and names no input file; {TAGS}',
    GOOD + b"other.pcap,x\n": f'2:1: "other.pcap" has no tag and names no input file; {TAGS}',
    b"in.pcap|BPF:tcp,x\n": f'1:1: "in.pcap" has no tag; {TAGS}',
    b"BPF:tcp|TS_START:1|BPF:udp,x\n": "1:20: BPF: occurs twice in one rule; alternatives are joined by "
        "or in one filter",
    b"BPF:tcp||TS_START:5,x\n": f'1:5: filter "tcp|": {SYNTAX}; {ALTERNATIVES}',
    b"BPF:tcp | udp,x\n": f'1:5: filter "tcp | udp": {SYNTAX}; {ALTERNATIVES}',
    b"FILE:,x\n": "1:1: FILE: expected a path after it",
    b"BPF: |TS_START:5,x\n": "1:1: BPF: expected a filter after it",
    b"BPF:tcp|TS_END: ,x\n": "1:9: TS_END: expected a time after it",
    # times
    b"TS_START:noon,x\n": f'1:10: "noon" is not a time: {TIMES}',
    b"TS_START:-1,x\n": f'1:10: "-1" is not a time: {TIMES}',
    b"TS_START:1e9,x\n": f'1:10: "1e9" is not a time: {TIMES}',
    b"TS_START:5.,x\n": '1:10: "5." is not a time: expected a digit after the point',
    b"TS_END:5.0000000001,x\n": '1:8: "5.0000000001" is not a time: more than nine decimal places',
    b"TS_END:2017-02-29T00:00:00Z,x\n":
        '1:8: "2017-02-29T00:00:00Z" is not a time: no such day',
    b"TS_END:2017-02-28T24:00:00Z,x\n":
        '1:8: "2017-02-28T24:00:00Z" is not a time: no such time of day',
    b"TS_END:2017-02-28,x\n":
        '1:8: "2017-02-28" is not a time: the date is not followed by Thh:mm:ss',
    b"TS_END:2017-02-28T10:00:00,x\n":
        '1:8: "2017-02-28T10:00:00" is not a time: the zone is missing (Z, or an offset '
        "such as -03:00)",
    b"TS_END:2017-02-28T10:00:00+25:00,x\n":
        '1:8: "2017-02-28T10:00:00+25:00" is not a time: the zone is not an offset such as -03:00',
    b"TS_END:2017-02-28T10:00:00Z5,x\n":
        '1:8: "2017-02-28T10:00:00Z5" is not a time: unexpected text after the zone',
    b"TS_START:20|TS_END:10,x\n": "1:13: TS_END 10 is before TS_START 20",
    GOOD + b" TS_END:10 | BPF:tcp | TS_START:11,x\n": "2:2: TS_END 10 is before TS_START 11",
    b"TS_START:5.000000001|TS_END:5.0,x\n": "1:22: TS_END 5.0 is before TS_START 5.000000001",
    # filters
    b"BPF:(tcp,x\n": f'1:5: filter "(tcp": {SYNTAX}',
    b"BPF:tcp port 99999,x\n": '1:5: filter "tcp port 99999": illegal port number 99999 > 65535',
    b'TS_START:1|BPF: vlan 5000 ,x\n':
        '1:17: filter "vlan 5000": VLAN tag 5000 greater than maximum 4095',
    b"BPF:net 10.0.0.1/8,x\n":
        '1:5: filter "net 10.0.0.1/8": non-network bits set in "10.0.0.1/8"',
    b"BPF:tcp port nosuchservice,x\n":
        '1:5: filter "tcp port nosuchservice": unknown port \'nosuchservice\'',
    b"BPF:frobnicate,x\n":
        f'1:5: filter "frobnicate": {SYNTAX} at \'frobnicate\': not a keyword, and names '
        "are not looked up",
    b'BPF:tcp|FOO:bar,x\n':
        f'1:5: filter "tcp|FOO:bar": {SYNTAX} at \'FOO\': not a keyword, and names '
        "are not looked up",
    # text
    b'"BPF:tcp,x\n' + GOOD: "1:1: the quote opened here is never closed",
    GOOD + b'BPF:tcp,"x\n\n\n': "2:9: the quote opened here is never closed",
    b'BPF:tcp,a "b"\n': "1:11: a quote inside a field that does not begin with one; quote the "
                        "whole field and double the quotes in it",
    b'"BPF:tcp" ,x\n': "1:10: expected a comma or a line end after the closing quote, found byte "
                       "0x20",
    b"BPF:tcp,x\0\n": "1:10: a NUL byte; this is not text",
    # what spreadsheets make of it
    GOOD.decode().encode("utf-16"): f"1:1: {UTF16}",
    b"\xfe\xff" + GOOD.decode().encode("utf-16-be"): f"1:1: {UTF16}",
    GOOD.decode().encode("utf-16-le"): "1:1: text that looks like UTF-16, not UTF-8; convert it by "
        "iconv -f UTF-16LE -t UTF-8",
    GOOD.decode().encode("utf-16-be"): "1:1: text that looks like UTF-16, not UTF-8; convert it by "
        "iconv -f UTF-16BE -t UTF-8",
    b"\n\r\r\n" + bytes(24): f"1:1: {CAPTURE}",
    b"\x4d\x3c\xb2\xa1" + bytes(20): f"1:1: {CAPTURE}",
    b"PK\x03\x04": "1:1: a ZIP archive, as .xlsx and .ods workbooks are, not CSV; save the sheet "
                   "as CSV UTF-8",
    b"\xd0\xcf\x11\xe0\xa1\xb1": "1:1: an .xls workbook, not CSV; save the sheet as CSV UTF-8",
    b"traffic_filter;metadata\nBPF:tcp;web\n": f"1:24: {COLUMNS} 1; {COMMAS}, not by semicolons",
    b"BPF:tcp\tweb\n": f"1:12: {COLUMNS} 1; {COMMAS}, not by tabs",
    b'"BPF:tcp";"web"\n':
        f"1:10: expected a comma or a line end after the closing quote, found ;; {COMMAS}",
    # a comma where a bar belongs
    b"TS_START:1,TS_END:2,w\n": f"1:12: the metadata begins with the tag TS_END:; {BARS}",
    GOOD + b'BPF:tcp, FILE:a,\n': f"2:9: the metadata begins with the tag FILE:; {BARS}",
    b'BPF:tcp,"a",BPF:udp\n': f"1:13: the hash_key begins with the tag BPF:; {BARS}",
    GOOD + b"BPF:tcp,caf\xe9\n": "2:12: byte 0xe9 is not UTF-8",
    b"BPF:tcp,\xed\xa0\x80\n": "1:9: byte 0xed is not UTF-8",
    b"BPF:tcp,\xc0\xaf\n": "1:9: byte 0xc0 is not UTF-8",
    b"BPF:tcp,a\rBPF:udp,b\r":
        "1:10: a carriage return without a line feed; lines end with LF or CR LF",
    GOOD + b"BPF:tcp," + b"m" * 70_000 + b"\n":
        "2:9: metadata of 70000 bytes: with the sampleID the label has {} bytes, but a "
        "comment can hold only 65535",
    b"BPF:tcp," + b"m" * (1 << 20) + b"\n": "1:1: a record longer than 1 MiB",
}


@pytest.fixture
def capture(tmp_path):
    path = tmp_path / "in.pcap"
    path.write_bytes(pcap([(bytes(60), 10**9)]))
    return path


@pytest.mark.parametrize("rules", WRONG, ids=range(len(WRONG)))
def test_wrong_rules(label, run, capture, tmp_path, rules):
    done = label(rules, capture, check=False)
    said = done.stderr.removeprefix(f"labelcap label: {tmp_path}/rules.csv:")
    if "{}" in WRONG[rules]:
        length = int(said.split("the label has ")[1].split()[0])
        assert 70_002 <= length <= 70_021
        said = said.replace(f"label has {length}", "label has {}")
    assert (done.returncode, done.stdout, said) == (1, "", WRONG[rules] + "\n")
    assert sorted(os.listdir(tmp_path)) == ["in.pcap", "rules.csv"]
    # From standard input as well, and without a run.
    done = run("label", "--dry-run", "-L", "-", capture, input=rules, text=False, check=False)
    assert done.returncode == 1
    assert done.stderr.decode().startswith("labelcap label: standard input:" + WRONG[rules][:20])


def test_an_output_that_is_there_stays(label, capture, tmp_path):
    (tmp_path / "out.pcapng").write_text("precious")
    (tmp_path / "bad.csv").write_text("BPF:tcp\n")
    done = label(tmp_path / "bad.csv", "-f", "-W", tmp_path / "out.pcapng", capture, check=False,
                 output="other")
    assert done.returncode == 1 and (tmp_path / "out.pcapng").read_text() == "precious"


@pytest.mark.parametrize("rules, message", [
    ("missing.csv", "missing.csv: cannot open: No such file or directory"),
    (".", ".: is a directory, not a file"),
    ("in.pcap", f"in.pcap:1:1: {CAPTURE}"),
])
def test_no_rules_file(run, capture, tmp_path, rules, message):
    done = run("label", "-L", rules, "-W", "out.pcapng", "in.pcap", cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (1, f"labelcap label: {message}\n")
    assert os.listdir(tmp_path) == ["in.pcap"]


def test_the_first_error_is_told(label, capture):
    """One, in file order; the capture is not even opened."""
    done = label(GOOD + b"BPF:tcp,ok\nBFP:tcp,x\nTS_START:x,y\n", capture, check=False)
    assert done.stderr.count("\n") == 1 and "rules.csv:3:1: BFP: is not a tag" in done.stderr


def test_what_is_not_wrong(label, capture):
    """CRLF, byte order mark, no last newline, comments, spaces, newlines in quotes, no metadata."""
    rules = (b"\xef\xbb\xbf# comment\r\ntraffic_filter , metadata,hash_key\r\n\r\n"
             b'"BPF:len = 1\r\nor len = 2",x,\r\n \r\n#"\r\nBPF:(tcp[0] & (1|2) != 0) || tcp,,k\r\n'
             b' TS_START:1.5 |  BPF:not tcp ,y\r\n"TS_START:1970-01-01T00:00:01+00:00","z, ""q"""')
    done = label(rules, capture, check=True)
    packet, = read_packets(done.output)
    assert packet.label[1] == 'z, "q"'


NAMES = {
    "host example.com": "host name 'example.com' is not looked up: write its address",
    "tcp and not src host localhost": "host name 'localhost' is not looked up: write its address",
    "dst www.example.org": "host name 'www.example.org' is not looked up: write its address",
    "net loopback": "network name 'loopback' is not looked up: write its address",
    "ether host router": "host name 'router' is not looked up: write its address",
    "host 1.2.3.4 or gateway.example": "host name 'gateway.example' is not looked up: write its "
                                       "address",
    "ip6 host ip6-localhost": "host name 'ip6-localhost' is not looked up: write its address",
}


def test_names_are_never_looked_up(program, capture, tmp_path):
    """No socket is opened and no list of hosts is read, whatever the filter says."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    trace = tmp_path / "trace"
    environment = clean_environment({"ASAN_OPTIONS": "detect_leaks=0"})  # no ptrace in ptrace
    for number, (expression, message) in enumerate(NAMES.items()):
        (tmp_path / "rules.csv").write_text(f"BPF:{expression},x\n")
        done = subprocess.run(
            ["strace", "-f", "-o", trace, "-e", "trace=network,openat,open", program, "label", "-L",
             tmp_path / "rules.csv", "-W", tmp_path / "out.pcapng", capture],
            capture_output=True, text=True, env=environment, timeout=60)
        if "Operation not permitted" in done.stderr and number == 0:
            pytest.skip("no right to trace")
        assert (done.returncode, done.stderr) == (
            1, f'labelcap label: {tmp_path}/rules.csv:1:5: filter "{expression}": {message}\n')
        calls = trace.read_text()
        assert "rules.csv" in calls  # the trace does see what is done
        assert "socket(" not in calls and "connect(" not in calls and "/etc/hosts" not in calls
        assert "/etc/resolv" not in calls and "/etc/networks" not in calls


def test_names_that_need_no_network(label, capture):
    """Keywords, addresses, and ports and protocols of /etc/services and /etc/protocols."""
    for expression in ("tcp port http or udp port domain", "ip proto ospf", "ether proto \\arp",
                       "host 2001:db8::1 or net 10 or net 192.168", "ether host 0:1:2:3:4:5",
                       "src or dst host 1.2.3.4", "udp src or dst port 53", "ip proto \\udp",
                       "tcp[tcpflags] = tcp-syn", "icmp[icmptype] = icmp-echo",
                       "not (broadcast or multicast)"):
        assert label(f"BPF:{expression},x\n", capture, check=False).output.exists(), expression


@pytest.mark.parametrize("display, capture", [
    ("tcp.port == 80", "tcp port 80"), ("udp.dstport eq 53", "udp dst port 53"),
    ("ip.addr==10.77.3.10", "host 10.77.3.10"), ("ip.src == 10.77.3.10", "src host 10.77.3.10"),
    ("ip.addr == 10.77.0.0/16 && !icmp", "net 10.77.0.0/16 and not icmp"),
    ("not (tcp.srcport == 80 or icmpv6)", "not (tcp src port 80 or icmp6)"),
    ("dns", "port 53"), ("eth.dst == ff:ff:ff:ff:ff:ff", "ether dst host ff:ff:ff:ff:ff:ff"),
    ("ipv6 and udp.port == 53", "ip6 and udp port 53"),
])
def test_display_filters_get_the_capture_filter_that_was_meant(label, repo, display, capture):
    """tshark and tcpdump agree that they mean the same."""
    mixed = repo / "datasets/mixed/mixed.pcap"
    done = label(f"BPF:{display},x\n", mixed, check=False)
    assert done.returncode == 1 and not done.output.exists()
    assert done.stderr.endswith("; display filters of Wireshark are not capture filters: did you "
                                f'mean "{capture}"?\n')
    shown = subprocess.run(["tshark", "-n", "-r", mixed, "-Y", display, "-T", "fields", "-e",
                            "frame.number"], capture_output=True, text=True, check=True).stdout
    chosen = label(f"BPF:{capture},x\n", mixed, check=False)
    assert len(read_packets(chosen.output)) == len(shown.split())


@pytest.mark.parametrize("display", [
    "http.request", 'frame contains "x"', "tcp.flags.syn == 1", "tcp.port in {80, 443}", "sip",
    "ip.ttl < 5", "tcp and udp.port == 53 or dns",
    "ip.src != 1.2.3.4"])
def test_display_filters_that_are_not_simple(label, capture, display):
    quoted = display.replace('"', '""')
    done = label(f'"BPF:{quoted}",x\n', capture, check=False)
    assert done.returncode == 1
    assert done.stderr.endswith(
        "; display filters of Wireshark are not capture filters (pcap-filter(7))\n")


@pytest.mark.parametrize("wrong", ["tcp port http and nonsense", "vlan and nonsense",
                                   "ip host dns.example.org", "tcp port 80 and"])
def test_capture_filters_that_are_wrong_otherwise(label, capture, wrong):
    assert "display filter" not in label(f"BPF:{wrong},x\n", capture, check=False).stderr
