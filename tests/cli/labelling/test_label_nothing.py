"""label: where packets get no label, it fails, and says which files and what is likely."""

import json

import pytest

from captures import pcap, read_packets

SECOND = 10**9
NOON = 1_700_000_000


@pytest.fixture
def capture(tmp_path):
    """Two packets of 44 bytes within a minute."""
    path = tmp_path / "in.pcap"
    path.write_bytes(pcap([(bytes(44), NOON * SECOND), (bytes(44), (NOON + 60) * SECOND)]))
    return path


def errors(done):
    return [line for line in done.stderr.splitlines() if "got a label" in line]


@pytest.mark.parametrize("options", [[], ["-s"], ["--split-linktypes"]])
def test_no_packet_got_a_label(label, capture, options):
    done = label("BPF:len = 1,x\n", *options, capture, check=False)
    assert done.returncode == 1
    assert errors(done) == ["labelcap label: no packet got a label (2 packets read)"]
    for path in capture.parent.glob("out*.pcapng"):  # in its place all the same
        assert read_packets(path) == []


def test_in_a_dry_run_and_in_pcapml_mode(label, run, capture, tmp_path):
    done = label("BPF:len = 1,x\n", "--dry-run", capture, check=False)
    assert done.returncode == 1 and errors(done)
    done = run("-P", capture, "-L", tmp_path / "rules.csv", "-W", tmp_path / "out.pcapng",
               check=False)
    assert done.returncode == 1 and errors(done)
    assert read_packets(tmp_path / "out.pcapng") == []


def test_not_where_that_is_no_failure(label, capture, tmp_path):
    assert label("BPF:len = 1,x\n", "--keep-unmatched", capture).returncode == 0
    (tmp_path / "empty.pcap").write_bytes(pcap([]))
    assert label("BPF:len = 1,x\n", tmp_path / "empty.pcap").returncode == 0


def test_files_without_a_label(label, capture, tmp_path):
    """All in JSON, ten in text; not those without packets."""
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(13):
        packets = [(bytes(50), NOON * SECOND)] * number
        (folder / f"{number:02}.pcap").write_bytes(pcap(packets))
    done = label("BPF:len = 44,x\n", "--stats-json", tmp_path / "report.json", capture, folder)
    assert errors(done) == [
        f"labelcap label: warning: {folder}/{number:02}.pcap: no packet got a label "
        f"({number} packet{'s' * (number > 1)} read)" for number in range(1, 11)]
    assert "2 more files without a label not shown (--stats-json FILE lists them all)" in done.stderr
    assert json.loads((tmp_path / "report.json").read_text())["unlabelled_inputs"] == [
        {"path": f"{folder}/{number:02}.pcap", "packets": number} for number in range(1, 13)]


def test_the_nearest_file_name(label, capture, tmp_path):
    (tmp_path / "andriod.pcap").write_bytes(capture.read_bytes())
    done = label("FILE:caps/android.pcap,x\nFILE:in.pcap,y\nFILE:other.pcap,z\n", capture,
                 tmp_path / "andriod.pcap")
    lines = done.stderr.splitlines()
    said = [line.split("rules.csv:")[1] for line in lines if "no input is named" in line]
    assert said == [
        '1: no input is named "caps/android.pcap"; the rule cannot label any packet; did you mean '
        f'"{tmp_path}/andriod.pcap"?',
        '3: no input is named "other.pcap"; the rule cannot label any packet']


@pytest.mark.parametrize("hours, moved", [
    (5, "5 hours earlier"), (-1, "1 hour later"), (-8, "8 hours later")])
def test_windows_of_another_time_zone(label, capture, hours, moved):
    start = NOON + hours * 3600
    rules = f"TS_START:{start}|TS_END:{start + 5},x\nTS_START:{start + 60}|TS_END:{start + 70},y\n"
    done = label(rules + "TS_START:5|TS_END:6,z\n", capture, check=False)
    assert (f"rules.csv: of 3 time windows outside the captures, 2 would meet them {moved}: are the "
            f"times of another time zone? (--shift-rules {-hours * 3600} moves them)\n") in done.stderr
    assert label(rules, "--shift-rules", -hours * 3600, capture).returncode == 0


def test_windows_beside_a_rule_for_all_the_rest(label, capture):
    """The last rule of a table of flows: what it labels does not hide that no window does."""
    start = NOON + 3 * 3600
    rules = f"TS_START:{start}|TS_END:{start + 5},attack\nBPF:len > 0,benign\n"
    hint = "of 1 time window outside the captures, 1 would meet them 3 hours earlier"
    assert hint in label(rules, capture).stderr
    assert "hours earlier" not in label(f"TS_START:{NOON},day\n{rules}", capture).stderr


@pytest.mark.parametrize("hours, said", [(3, "3 hours later"), (-1, "1 hour earlier")])
def test_windows_at_another_hour_of_the_captures(label, tmp_path, hours, said):
    """As a day of traffic has them: other packets are in the windows; the right ones at another hour."""
    capture = tmp_path / "in.pcap"
    background = [(bytes(50), (NOON + minute * 60) * SECOND) for minute in range(-300, 300)]
    attack = [(bytes(44), (NOON + hours * 3600 + second) * SECOND) for second in (1, 2, 601)]
    capture.write_bytes(pcap(sorted(background + attack, key=lambda packet: packet[1])))
    windows = [f"BPF:len = 44|TS_START:{NOON + start}|TS_END:{NOON + start + 5},attack {start}\n"
               for start in (0, 600)]
    rules = "".join(windows) + "BPF:len > 0,benign\n"
    hint = (f"rules.csv: no time window holds a packet that its rule asks for; {said}, they would "
            f"hold 3 packets: are the times of another time zone? (--shift-rules {hours * 3600} moves them)\n")
    assert hint in label(rules, capture).stderr
    assert "time zone" not in label(rules, "--shift-rules", hours * 3600, capture).stderr
    assert "time zone" not in label(rules, "-", input=capture.read_bytes(), text=False).stderr.decode()


def test_windows_that_no_hour_mends(label, capture):
    start = NOON + 5 * 3600 + 1800
    done = label(f"TS_START:{start}|TS_END:{start + 5},x\n", capture, check=False)
    assert "its time is outside the capture" in done.stderr and "time zone" not in done.stderr


@pytest.mark.parametrize("factor, unit", [
    (10**3, "milliseconds"), (10**6, "microseconds"), (10**9, "nanoseconds")])
def test_times_that_are_no_seconds(label, capture, factor, unit):
    done = label(f"TS_START:{NOON * factor},x\nBPF:len = 44,y\n", capture)
    assert (f"rules.csv:1: TS_START {NOON * factor} is beyond 2262: expected seconds; as {unit} it "
            "is 2023-11-14T22:13:20.000000000Z\n") in done.stderr


def test_an_end_that_means_for_ever(label, capture):
    assert "2262" not in label("TS_END:9999999999,x\n", capture).stderr


def test_vlan_tags(label, tmp_path):
    """libpcap looks behind a tag only after `vlan`."""
    udp = bytes.fromhex("08004500001c000000004011000001020304050607080035003500080000")
    capture = tmp_path / "in.pcap"
    capture.write_bytes(pcap([(bytes(12) + tag + udp, NOON * SECOND) for tag in (
        b"", b"\x81\x00\x00\x05", b"\x88\xa8\x00\x05\x81\x00\x00\x05")]))
    hint = ("2 packets with a VLAN tag left out: a filter looks behind tags only if it begins with "
            'vlan, such as "vlan and (udp port 54)"')
    done = label("BPF:udp port 53,x\nBPF:udp port 54,y\n", capture)
    assert hint in done.stderr and len(read_packets(done.output)) == 1
    assert "VLAN" not in label("BPF:udp port 53,x\n", capture).stderr
    assert "VLAN" not in label("BPF:vlan and udp port 54,x\n", capture, check=False).stderr
    both = label("BPF:udp port 53,x,k\nBPF:vlan and udp port 53,x,k\n", capture)
    assert len(read_packets(both.output)) == 2
