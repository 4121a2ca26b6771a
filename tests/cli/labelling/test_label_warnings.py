"""label: what it says of rules that are odd, though not wrong, to the letter."""

import json

import pytest

from captures import Ng, pcap, read_packets
from surroundings import texts_of

SECOND = 10**9


@pytest.fixture
def warnings(label, tmp_path):
    """warnings(rules, *inputs, **as_for_label): the warnings without what stands before each."""

    def warnings_of(rules, *inputs, **kwargs):
        report = tmp_path / "report.json"
        report.unlink(missing_ok=True)
        done = label(rules, "--stats-json", report, *inputs, check=False, **kwargs)
        assert report.exists(), done.stderr
        prefix = f"labelcap label: warning: {tmp_path}/rules.csv:"
        said = [line.removeprefix(prefix) for line in done.stderr.splitlines()
                if line.startswith(prefix)]
        assert texts_of(json.loads(report.read_text())["warnings"]) == said
        return said

    return warnings_of


@pytest.fixture
def capture(tmp_path):
    """Packets of 44, 50 and 60 bytes in the seconds 100, 200 and 300."""
    path = tmp_path / "in.pcap"
    path.write_bytes(pcap([(bytes(44), 100 * SECOND), (bytes(50), 200 * SECOND),
                           (bytes(60), 300 * SECOND + 5000)]))
    return path


@pytest.fixture
def raw(tmp_path):
    path = tmp_path / "raw.pcap"
    path.write_bytes(pcap([(bytes(44), 150 * SECOND)], linktype=101))
    return path


def test_none(warnings, capture):
    assert warnings("BPF:len < 50,a\nTS_START:300|FILE:in.pcap,b\nBPF:len >= 50,c\n", capture) == []


def test_labelled_nothing(warnings, capture):
    assert warnings("# a note\nBPF:len = 1,a\n\nBPF:len > 1,b\nTS_END:250,taken by the second\n",
                    capture) == [
        "2: labelled no packet: BPF:len = 1", "5: labelled no packet: TS_END:250"]


def test_outside_the_time_of_the_captures(warnings, capture):
    span = "(1970-01-01T00:01:40.000000000Z to 1970-01-01T00:05:00.000005000Z)"
    rules = ["TS_END:99", "TS_START:300.000005001", "TS_START:1970-01-01T00:05:01Z|BPF:tcp",
             "TS_START:101|TS_END:199", "TS_END:100", "TS_START:300.000005"]
    said = warnings("".join(f"{rule},x{n}\n" for n, rule in enumerate(rules)), capture)
    assert said == [f"{n}: its time is outside the capture {span}: {rules[n - 1]}"
                    for n in (1, 2)] + [
        "3: shadowed by line 2, which takes every packet it could label",
        "4: labelled no packet: TS_START:101|TS_END:199"]


def test_outside_when_no_packet_has_a_time(warnings, tmp_path):
    (tmp_path / "in.pcapng").write_bytes(bytes(Ng().interface().simple(b"x")))
    assert warnings("TS_START:5,x\n", tmp_path / "in.pcapng") == [
        "1: labelled no packet: TS_START:5"]


def test_names_no_input(warnings, capture):
    assert warnings("FILE:out.pcap,a\nFILE:in.pcap,b\n FILE:./x/ü.pcap | BPF:tcp,c\n", capture) == [
        '1: no input is named "out.pcap"; the rule cannot label any packet',
        '3: no input is named "./x/ü.pcap"; the rule cannot label any packet',
    ]
    assert warnings("filename,label\nout.pcap,a\nin.pcap,b\n", capture) == [
        '2: no input is named "out.pcap"; the rule cannot label any packet']


@pytest.mark.parametrize("rules, shadowed", [
    ("BPF:len > 0,a\nBPF:len > 0,b\n", {2: 1}),
    ("TS_START:0,a\nBPF:tcp|TS_START:5|TS_END:6,b\nFILE:in.pcap|TS_START:5,c\n", {2: 1, 3: 1}),
    ("FILE:in.pcap,a\nFILE:./in.pcap|BPF:tcp,b\nBPF:tcp,c\n", {2: 1}),
    ("BPF:tcp|TS_END:200,a\nBPF:tcp|TS_START:201,b\nBPF:tcp|TS_START:50|TS_END:300,c\n",
     {3: (1, 2)}),
    ("BPF:tcp|TS_END:200,a\nBPF:tcp|TS_START:202,b\nBPF:tcp|TS_START:50|TS_END:300,c\n", {}),
    ("BPF:tcp|TS_START:5|TS_END:5.5,a\nBPF:tcp|TS_START:5|TS_END:5,b\n", {}),
    ("BPF:tcp|TS_START:5|TS_END:5,a\nBPF:tcp|TS_START:5.2|TS_END:5.5,b\n", {2: 1}),
    ("BPF:tcp,a\nBPF: tcp ,b\nBPF:udp,c\n", {2: 1}),
])
def test_shadowed(warnings, label, capture, rules, shadowed):
    found = [text for text in warnings(rules, capture) if "shadowed" in text]
    assert found == [
        f"{line}: shadowed by line {by}, which takes every packet it could label"
        if isinstance(by, int) else
        f"{line}: shadowed by earlier lines, which take every packet it could label: line {by[0]} "
        f"at its start, line {by[1]} at its end" for line, by in shadowed.items()]


def test_two_labels_of_one_sample(warnings, capture):
    text = ('{}: one sample, two labels: hash_key "k" has the metadata "{}" here and "a" in line '
            "{}").format
    assert warnings("BPF:len = 44,a,k\nBPF:len = 50,b,k\nBPF:len = 60,a,k\n", capture) == [
        text(2, "b", 1)]
    # Told once for each sample; without a hash_key the whole line is the key.
    assert warnings("traffic_filter,metadata,hash_key\nBPF:len = 44,a,k\nBPF:len = 50,b,k\n"
                    "BPF:len = 60,c,k\n", capture) == [text(3, "b", 2)]
    assert warnings("BPF:len = 44,a\nBPF:len = 50,a\nBPF:len = 60,b,\n", capture) == []


def test_sample_keeps_its_id_under_two_labels(label, capture):
    packets = read_packets(label("BPF:len = 44,a,k\nBPF:len > 44,b,k\n", capture).output)
    assert len({packet.label[0] for packet in packets}) == 1
    assert [packet.label[1] for packet in packets] == ["a", "b", "b"]


def test_a_hash_key_that_was_metadata(warnings, capture):
    """A comma in metadata needs quotes; but a file with a space behind each comma is meant so."""
    said = "the hash_key begins with a space: metadata with a comma needs quotes"
    assert warnings("BPF:len = 44,web, plain\n", capture) == [f"1: {said}"]
    rules = "".join(f"BPF:len = {n},web, plain {n}\n" for n in (44, 50, 60))
    assert warnings(rules, capture) == [f"1: {said}; and so for 2 more rules"]
    assert warnings("BPF:len = 44, web, plain\n", capture) == []


def test_a_filter_refused_for_one_link_type(warnings, label, capture, raw):
    """It matches no packet of that link type; libpcap says why."""
    rules = "BPF:ether host 1:2:3:4:5:6 or len = 44,a\nBPF:len = 44,b\n"
    said = warnings(rules, capture, raw)
    message = ("ethernet addresses supported only on ethernet/FDDI/token ring/802.11/ATM LANE/"
               "Fibre Channel")
    assert said == [f"1: ether host 1:2:3:4:5:6 or len = 44: RAW: {message}"]
    packets = read_packets(label(rules, capture, raw).output)
    assert [(p.linktype, p.label[1]) for p in packets] == [(1, "a"), (101, "b")]
    # The other way round it is the same, and so it is for several rules with the filter.
    assert warnings(rules, raw, capture) == said
    twice = rules + "BPF:ether host 1:2:3:4:5:6 or len = 44|TS_START:1,c\n"
    assert warnings(twice, raw, capture) == [
        f"1: ether host 1:2:3:4:5:6 or len = 44"
        f": RAW: {message}; and so for 1 more rule",
        "3: shadowed by line 1, which takes every packet it could label"]


def test_filters_refused_alike_are_one_warning(warnings, raw):
    rules = "BPF:len > 0,a\n" + "".join(f"BPF:ether host 1:2:3:4:5:{n:x},b{n}\n" for n in range(30))
    said = [text for text in warnings(rules, raw) if "RAW" in text]
    assert len(said) == 1 and said[0].startswith("2: ether host 1:2:3:4:5:0: RAW: ethernet addresses")
    assert said[0].endswith("; and so for 29 more rules")


def test_a_filter_refused_for_all_link_types(warnings, label, capture, raw):
    """A warning as well: the same rules work whatever else is in the directory."""
    rules = "BPF:len > 0,a\nBPF:ether host 1:2:3:4:5:6,b\n"
    message = ("ethernet addresses supported only on ethernet/FDDI/token ring/802.11/ATM LANE/"
               "Fibre Channel")
    for options in ([], ["-s"], ["--dry-run"], ["--split-linktypes"]):
        assert warnings(rules, *options, raw) == [f"2: ether host 1:2:3:4:5:6: RAW: {message}"]
    strict = label(rules, "--strict", raw, check=False)
    assert strict.returncode == 1 and "1 warning (--strict)" in strict.stderr
    assert warnings(rules, capture) == ["2: labelled no packet: BPF:ether host 1:2:3:4:5:6"]


def test_a_filter_for_packets_that_never_come(label, raw):
    """A rule of another file is not held against this link type."""
    rules = "BPF:len > 0,a\nFILE:other.pcap|BPF:ether host 1:2:3:4:5:6,b\n"
    assert label(rules, raw).returncode == 0


def test_warnings_come_in_the_order_of_the_rules(warnings, capture):
    """And what is shadowed is not told twice."""
    said = warnings("BPF:len = 1,a\nFILE:none,b\nBPF:len = 1,c,\nBPF:len = 44,d,k\n"
                    "BPF:len = 50,e,k\n", capture)
    assert said == [
        "1: labelled no packet: BPF:len = 1",
        '2: no input is named "none"; the rule cannot label any packet',
        "3: shadowed by line 1, which takes every packet it could label",
        '5: one sample, two labels: hash_key "k" has the metadata "e" here and "d" in line 4']


def test_no_more_than_twenty_are_said(label, capture, tmp_path):
    rules = "".join(f"BPF:len = {n},x,{n}\n" for n in range(61, 82))
    for count in (20, 21):
        done = label("BPF:len = 44,y\n" + "".join(rules.splitlines(True)[:count]), "-q",
                     "--stats-json", tmp_path / "report.json", "-f", capture)
        lines = done.stderr.splitlines()
        assert len(lines) == count
        assert lines[:20] == [f"labelcap label: warning: {tmp_path}/rules.csv:{n}: labelled no "
                              f"packet: BPF:len = {n + 59}" for n in range(2, 22)]
        assert len(json.loads((tmp_path / "report.json").read_text())["warnings"]) == count
    assert lines[20] == (f"labelcap label: warning: {tmp_path}/rules.csv: 1 more warning not shown "
                         "(--stats-json FILE lists them all)")


def test_control_characters_in_warnings(label, capture):
    done = label('"BPF:len = 1\n|| len = 2",\x1b[2J\n"FILE:\x1b[2J",x\n', capture, check=False)
    assert "\x1b" not in done.stderr
    assert "labelled no packet: BPF:len = 1\\n|| len = 2\n" in done.stderr
    assert 'no input is named "\\x1b[2J";' in done.stderr


def test_labels_that_differ_in_case_or_spaces(warnings, capture):
    rules = ["BPF:len = 44,dns", "BPF:len = 50, dns", "BPF:len = 60,DNS", "BPF:len > 60, dns",
             "BPF:len > 70,dns 2", "BPF:len > 80,other"]
    said = warnings("".join(f"{rule}\n" for rule in rules), capture)
    end = "in line 1 only in case or spaces; they are two classes"
    assert said[:2] == [f'2: the label " dns" differs from "dns" {end}',
                        f'3: the label "DNS" differs from "dns" {end}']
    assert all("labelled no packet" in warning for warning in said[2:])
