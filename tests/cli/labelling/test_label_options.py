"""label: what each option does to the output, the report and the exit status."""

import json
import os
import resource
import struct
import subprocess

import pytest

from captures import TSOFFSET, TSRESOL, Ng, pcap, pcapng_packets, read_bytes, read_packets
from labels import capinfos, label_of, sample_id, tshark
from pcapng_walk import INTERFACE, walk

ALL = "BPF:len >= 0,all\n"
THREE = "BPF:len = 60,long,\nBPF:len = 50,short,key\nBPF:len = 40,none,\n"
SECOND = 10**9


@pytest.fixture
def capture(tmp_path):
    """Two packets for the first rule of THREE, one for the second, one for none."""
    path = tmp_path / "in.pcap"
    path.write_bytes(pcap([(b"a" * 60, 4 * SECOND), (b"b" * 50, 3 * SECOND),
                           (b"c" * 60, 2 * SECOND), (b"d" * 44, 1 * SECOND)]))
    return path


LONG, SHORT, NONE = (label_of(line.encode()).split(",")[0] for line in THREE.splitlines())
TABLE = f"""
Rules
metadata  packets  samples  line  filter        {'sampleID':>20}
long            2        1     1  BPF:len = 60  {LONG:>20}
short           1        1     2  BPF:len = 50  {SHORT:>20}
none            0        0     3  BPF:len = 40  {NONE:>20}
"""
SUMMARY = "3 of 4 packets labelled, 2 samples; 1 packet left out\n"


def idle(tmp_path):
    return f"labelcap label: warning: {tmp_path}/rules.csv:3: labelled no packet: BPF:len = 40\n"


# ---- the report ----


def test_report(label, capture, tmp_path):
    done = label(THREE, capture)
    assert (done.stdout, done.stderr) == ("", idle(tmp_path) + SUMMARY + TABLE)
    kept = SUMMARY.replace("1 packet left out", "1 packet kept without a label")
    assert label(THREE, "--keep-unmatched", capture).stderr == idle(tmp_path) + kept + TABLE


def test_quiet_leaves_warnings_and_errors(label, capture, tmp_path):
    assert label(THREE, "-q", capture).stderr == idle(tmp_path)
    assert label(ALL, "-q", capture).stderr == ""
    assert label(THREE, "-q", "-t", capture).stderr == idle(tmp_path) + SUMMARY + TABLE
    labelled = label(ALL, capture, output="labelled.pcapng").output
    assert "packet 1 already has a label" in label(ALL, "-q", labelled, check=False).stderr


def test_long_tables_only_when_asked(label, capture):
    rules = "".join(f"BPF:len = {n},x,{n}\n" for n in range(37, 61))
    assert "BPF:len = 60" in label(rules, "-q", "-t", capture).stderr.split("\n\nRules\n")[1]
    assert "\n\nRules\n" in label(rules, capture).stderr  # 24 rules
    rules += "BPF:len = 61,x,61\n"
    assert "Rules" not in label(rules, capture).stderr
    assert len(label(rules, "-t", capture).stderr.split("\n\nRules\n")[1].splitlines()) == 26


def test_large_counts_are_grouped(label, tmp_path):
    (tmp_path / "in.pcap").write_bytes(pcap([(b"x", 0)] * 12_345))
    done = label(ALL, tmp_path / "in.pcap")
    assert "12,345 of 12,345 packets labelled, 1 sample\n" in done.stderr
    assert "\nall        12,345        1     1  BPF:len >= 0  13346583251345843111\n" in done.stderr


def test_control_characters_are_escaped(label, capture):
    done = label('"BPF:len >= 0\n","\x1b[31mred\x7f",\u00e9\n', capture)
    assert "\x1b" not in done.stderr and "\x7f" not in done.stderr
    assert "\n\\x1b[31mred\\x7f" in done.stderr
    assert read_packets(done.output)[0].label == (sample_id("\u00e9".encode()), "\x1b[31mred\x7f")


def test_json(label, capture, tmp_path):
    report = tmp_path / "report.json"
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/notes").write_text("no capture")
    damaged = tmp_path / "folder/x.pcap"
    damaged.write_bytes(capture.read_bytes()[:-1])
    label(THREE, "--keep-unmatched", "--stats-json", report, capture, tmp_path / "folder",
          check=False)
    rule = {"line": 1, "traffic_filter": "BPF:len = 60", "metadata": "long", "sample_id": LONG,
            "packets": 4, "samples": 1}
    assert json.loads(report.read_text()) == {
        "packets": 7, "labelled": 6, "kept_without_label": 1, "dropped": 0, "samples": 2,
        "fragments_without_flow": 0, "flows_open_at_end": 0, "packets_of_uncounted_samples": 0,
        "inputs_read": 2, "inputs_skipped": 1, "inputs_damaged": 1, "links_skipped": 0,
        "kernel_received": None, "kernel_dropped": None, "interface_dropped": None,
        "rules": [rule, rule | {"line": 2, "traffic_filter": "BPF:len = 50", "metadata": "short",
                                "sample_id": str(sample_id(b"key")), "packets": 2},
                  rule | {"line": 3, "traffic_filter": "BPF:len = 40", "metadata": "none",
                          "sample_id": NONE, "packets": 0, "samples": 0}],
        "unlabelled_inputs": [],
        "warnings": [{"severity": "warning", "place": "3", "count": 1,
                      "text": "labelled no packet: BPF:len = 40"}],
    }


def test_json_of_odd_text(label, capture, tmp_path):
    """Quotes, control characters and every script come back as they were."""
    text = '"\\/\b\f\n\r\t\x1f\x7f\u00e9\u6f22\U0001f600, \u2028'
    quoted = text.replace('"', '""')
    done = label(f'BPF:len >= 0,"{quoted}",k\n', "--stats-json", tmp_path / "report.json", capture)
    report = json.loads((tmp_path / "report.json").read_bytes().decode())
    assert report["rules"][0]["metadata"] == text
    assert read_packets(done.output)[0].label == (sample_id(b"k"), text)


def test_dry_run_writes_nothing(label, capture, tmp_path):
    before = sorted(os.listdir(tmp_path))
    for arguments in ((), ("-q",), ("-s",), ("--split-linktypes",)):
        done = label(THREE, "--dry-run", *arguments, capture)
        assert (done.stdout, done.stderr) == (SUMMARY + TABLE, idle(tmp_path))
        assert not done.output.exists()
    assert sorted(os.listdir(tmp_path)) == sorted([*before, "rules.csv"])


def test_dry_run_needs_no_output(run, capture, tmp_path):
    (tmp_path / "rules.csv").write_text(THREE)
    done = run("label", "--dry-run", "-L", tmp_path / "rules.csv", capture)
    assert done.stdout == SUMMARY + TABLE
    rules = run("label", "--dry-run", "-L", "-", capture, input=THREE)
    assert rules.stdout == SUMMARY + TABLE
    assert "warning: standard input:3: labelled no packet" in rules.stderr


def test_dry_run_of_a_whole_command_line(run, capture, tmp_path):
    """The output is not touched, and needs no --force."""
    (tmp_path / "rules.csv").write_text(THREE)
    (tmp_path / "old.pcapng").write_text("kept")
    done = run("label", "-L", tmp_path / "rules.csv", "-o", tmp_path / "old.pcapng", "--snaplen",
               "60", capture, "--dry-run")
    assert done.stdout == SUMMARY + TABLE
    assert (tmp_path / "old.pcapng").read_text() == "kept"


def test_dry_run_of_a_labelled_input(label, capture):
    labelled = label(ALL, capture, output="labelled.pcapng").output
    done = label(ALL, "--dry-run", labelled, check=False)
    assert done.returncode == 1 and "packet 1 already has a label" in done.stderr
    assert label(ALL, "--dry-run", "--relabel", labelled).stdout.startswith("4 of 4 packets")


# ---- sorting ----


def test_sorted_as_sort_does(label, run, shared, tmp_path):
    """label -s gives the very bytes of label and sort."""
    folder = shared / "captures/apps"
    for inputs, rules in (([folder / "dns", folder / "http"], "BPF:udp,u,\nBPF:tcp dst port 80,w,\n"
                           "BPF:tcp,t,\n"), ([folder / "skype"], "BPF:udp port 53,d\nBPF:tcp,t\n")):
        label(rules, "--keep-unmatched", *inputs, output="plain.pcapng", check=False)
        run("sort", "-W", tmp_path / "sorted.pcapng", "-f", tmp_path / "plain.pcapng")
        expected = (tmp_path / "sorted.pcapng").read_bytes()
        for options in ([], ["--memory", "1M"], ["--memory", "2M", "--tmpdir", "/dev/shm"]):
            done = label(rules, "--keep-unmatched", "-s", *options, *inputs, check=False)
            assert done.output.read_bytes() == expected, options
        packets = read_packets(done.output)
        keys = [(p.label is None, p.label and p.label[0], p.time_ns) for p in packets]
        assert keys == sorted(keys) and len(packets) > 500 and keys[-1][0] != keys[0][0]


def test_sorted_by_sample_then_time(label, capture):
    done = label(THREE, "-s", "--keep-unmatched", capture)
    found = [(p.label and str(p.label[0]), p.time_ns // SECOND) for p in read_packets(done.output)]
    groups = [(LONG, 2), (LONG, 4), (str(sample_id(b"key")), 3)]
    assert found == sorted(groups, key=lambda row: int(row[0])) + [(None, 1)]


# ---- labels that are there ----


def test_labelled_inputs(label, tmp_path):
    """An error that names file and packet; nothing is written. With --relabel they are replaced."""
    ng = Ng().interface().packet(b"x", 1, comments=["a note"]).packet(b"y", 2, comments=["17,old"])
    capture = tmp_path / "in.pcapng"
    capture.write_bytes(bytes(ng))
    for options in ([], ["-s"], ["--keep-unmatched"]):
        done = label("BPF:len = 2,never\n", *options, capture, check=False)
        assert (done.returncode, done.stderr) == (
            1, f"labelcap label: {capture}: packet 2 already has a label (use --relabel to replace "
            "its labels)\n")
        assert not done.output.exists()
    packets = read_packets(label(ALL, "--relabel", capture).output)
    all_label = label_of(b"BPF:len >= 0,all").encode()
    assert [packet.comments for packet in packets] == [[all_label, b"a note"], [all_label]]


@pytest.mark.parametrize("comment, is_label", [
    ("0,x", True), ("18446744073709551615,x", True), ("18446744073709551616,x", False),
    ("1,", True), ("1", False), (",x", False), ("1 ,x", False), ("+1,x", False),
    ("000000000000000000001,x", False), ("s=5,app=web", True), ("s=,x", False), ("", False),
])
def test_what_is_a_label(label, tmp_path, comment, is_label):
    capture = tmp_path / "in.pcapng"
    capture.write_bytes(bytes(Ng().interface().packet(b"x", 1, comments=[comment])))
    done = label(ALL, capture, check=False)
    assert ("already has a label" in done.stderr) == is_label
    kept = read_packets(label(ALL, "--relabel", capture).output)[0].comments[1:]
    assert kept == ([] if is_label else [comment.encode()])


# ---- --strict ----

STRICT = {
    "labelled no packet": "BPF:len = 60,x\nBPF:len = 1,x\n",
    "is outside the capture": "TS_START:9,x\n",
    "no input is named": "FILE:other.pcap,x\n",
    "shadowed by line": "BPF:len = 60,x\nBPF:len = 60|TS_START:0,y\n",
    "one sample, two labels": "BPF:len = 60,x,k\nBPF:len = 50,y,k\n",
    "RAW: ": "BPF:ether host 1:2:3:4:5:6 or len = 60,x\n",
}


@pytest.mark.parametrize("warning", STRICT)
def test_strict(label, capture, tmp_path, warning):
    raw = tmp_path / "raw.pcap"
    raw.write_bytes(pcap([(bytes(20), 3 * SECOND)], linktype=101))
    rules = STRICT[warning]
    done = label(rules, "--keep-unmatched", capture, raw)
    assert f"labelcap label: warning: {tmp_path}/rules.csv:" in done.stderr
    assert done.stderr.count(warning) == 1
    before = sorted(os.listdir(tmp_path))
    for options in ([], ["-s"], ["--split-linktypes"]):
        strict = label(rules, "--strict", "--stats-json", tmp_path / "report.json", *options,
                       capture, raw, check=False)
        assert strict.returncode == 1 and warning in strict.stderr
        assert "--strict" in strict.stderr.splitlines()[-1]
        assert sorted(os.listdir(tmp_path)) == [name for name in before if name != "out.pcapng"]
    assert label(rules, "--strict", "--dry-run", capture, raw, check=False).returncode == 1


def test_strict_without_a_warning(label, capture):
    assert len(read_packets(label(ALL, "--strict", capture).output)) == 4


# ---- pcapml's times ----


def test_pcapml_times_are_laid_out_as_pcapml_has_them(label, capture, tmp_path):
    """Seconds in the high half, microseconds in the low one, and no if_tsresol."""
    moments = [1_600_000_000_123_456_789, 0, 999_999_999, (2**32 - 1) * SECOND + 999_999_000]
    ns = tmp_path / "ns.pcap"
    ns.write_bytes(pcap([(b"%d" % n, moment) for n, moment in enumerate(moments)], ns=True))
    offset = tmp_path / "offset.pcapng"
    offset.write_bytes(bytes(Ng(">").interface(tsresol=3, tsoffset=1000).packet(b"x", 5)))
    done = label(ALL, "--write-pcapml-times", ns, offset, capture)
    blocks = walk(done.output)
    assert not any(block.values(TSRESOL) or block.values(TSOFFSET)
                   for block in blocks if block.type == INTERFACE)
    wanted = [*moments, 1000 * SECOND + 5_000_000, *(n * SECOND for n in (4, 3, 2, 1))]
    assert [struct.unpack(">II", struct.pack(">Q", block.timestamp)) for block in blocks
            if block.data is not None] == [(t // SECOND, t % SECOND // 1000) for t in wanted]
    assert "labelcap label: 2 times rounded down: finer than the output can hold\n" in done.stderr
    # Read back: the first packet tells for all, also for those within the first years.
    for when in ("auto", "yes"):
        again = label(ALL, "--relabel", "--pcapml-times", when, done.output, output="again.pcapng")
        times = [packet.time_ns for packet in read_packets(again.output)]
        assert times == [t // 1000 * 1000 for t in wanted]
        assert "with pcapml timestamps, read as seconds and microseconds\n" in again.stderr


def test_pcapml_times_of_pcapml(label, shared):
    """A file that pcapml itself wrote: its packets, labelled anew in its own way, are the same."""
    theirs = shared / "peers/pcapml/test.pcapng"
    if not theirs.exists():
        pytest.skip("no output of pcapml's in this set of captures")
    done = label(ALL, "--relabel", "--write-pcapml-times", theirs)
    was = list(pcapng_packets(read_bytes(theirs), strict=False))
    now = list(pcapng_packets(read_bytes(done.output)))
    assert [(block.timestamp, block.data) for _, block, _ in now] == [
        (block.timestamp, block.data) for _, block, _ in was] and len(was) > 100


# ---- where it writes ----


@pytest.mark.parametrize("suffix, tool", [("gz", "gzip"), ("zst", "zstd")])
def test_compressed_output(label, capture, suffix, tool):
    plain = label(ALL, capture).output.read_bytes()
    for options in ([], ["-s"]):
        done = label(ALL, *options, capture, output=f"out.pcapng.{suffix}")
        unpacked = subprocess.run([tool, "-dc", done.output], stdout=subprocess.PIPE,
                                  check=True).stdout
        assert unpacked == plain if not options else len(unpacked) == len(plain)
        assert capinfos(done.output)["Number of packets"] == "4"


def test_standard_output(run, capture, tmp_path):
    """Data on standard output, talk on standard error."""
    (tmp_path / "rules.csv").write_text(THREE)
    arguments = ["label", "-L", tmp_path / "rules.csv", capture]
    run(*arguments, "-W", tmp_path / "out.pcapng")
    done = run(*arguments, "-W", "-", text=False)
    assert done.stdout == (tmp_path / "out.pcapng").read_bytes()
    assert done.stderr.decode() == idle(tmp_path) + SUMMARY + TABLE
    piped = run("label", "-L", tmp_path / "rules.csv", "-W", "-", "-", text=False,
                input=capture.read_bytes())
    # Nobody knows whether a packet longer than the snap length follows in the pipe.
    assert piped.stdout == done.stdout[:40] + bytes(4) + done.stdout[44:]


def test_outputs_that_exist(run, capture, tmp_path):
    (tmp_path / "rules.csv").write_text(ALL)
    out = tmp_path / "out.pcapng"
    out.write_text("precious")
    arguments = ["label", "-L", tmp_path / "rules.csv", "-W", out, capture]
    done = run(*arguments, check=False)
    assert (done.returncode, done.stderr) == (
        1, f"labelcap label: {out}: already exists (use -f to replace it)\n")
    assert out.read_text() == "precious"
    done = run(*arguments[:-1], tmp_path / "missing", "-f", check=False)
    assert done.returncode == 1 and out.read_text() == "precious"
    os.chmod(out, 0o640)
    run(*arguments, "-f")
    assert len(read_packets(out)) == 4
    assert sorted(os.listdir(tmp_path)) == ["in.pcap", "out.pcapng", "rules.csv"]


@pytest.mark.parametrize("output, message", [
    ("missing/out.pcapng", "missing: cannot create a file in it: No such file or directory"),
    (".", ".: is a directory, not a file"),
    ("in.pcap/out", "in.pcap/out: cannot open: Not a directory"),
    ("/dev/full", "/dev/full: cannot write: No space left on device"),
])
def test_outputs_that_cannot_be_written(run, capture, tmp_path, output, message):
    (tmp_path / "rules.csv").write_text(ALL)
    done = run("label", "-L", "rules.csv", "-W", output, "in.pcap", cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (1, f"labelcap label: {message}\n")
    assert sorted(os.listdir(tmp_path)) == ["in.pcap", "rules.csv"]


def test_a_pipe_as_output(run, capture, tmp_path):
    """Written, never renamed over."""
    (tmp_path / "rules.csv").write_text(ALL)
    os.mkfifo(tmp_path / "pipe")
    reader = subprocess.Popen(["cat", tmp_path / "pipe"], stdout=subprocess.PIPE)
    run("label", "-L", tmp_path / "rules.csv", "-W", tmp_path / "pipe", capture, timeout=20)
    piped = reader.communicate(timeout=20)[0]
    assert (tmp_path / "pipe").is_fifo()
    run("label", "-L", tmp_path / "rules.csv", "-W", tmp_path / "out.pcapng", capture)
    assert piped == (tmp_path / "out.pcapng").read_bytes()


def test_a_reader_that_leaves(program, capture, tmp_path):
    (tmp_path / "rules.csv").write_text(ALL)
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "wb") as pipe:
        done = subprocess.run([program, "label", "-L", tmp_path / "rules.csv", "-W", "-", capture],
                              stdout=pipe, stderr=subprocess.PIPE, text=True, timeout=20)
    assert (done.returncode, done.stderr) == (
        1, "labelcap label: standard output: cannot write: Broken pipe\n")


def test_full_disk(label, capture, tmp_path):
    """A limit on the size of files stands in for a full disk; no part of the output stays."""
    big = tmp_path / "big.pcap"
    big.write_bytes(pcap([(bytes(1500), n) for n in range(2000)]))

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

    for options in ([], ["-s"], ["-s", "--memory", "1M"]):
        done = label(ALL, *options, big, check=False, preexec_fn=limit)
        assert done.returncode == 1, options
        assert "File too large" in done.stderr and "cannot write" in done.stderr
        assert sorted(os.listdir(tmp_path)) == ["big.pcap", "in.pcap", "rules.csv"]


# ---- wrong usage ----


@pytest.mark.parametrize("arguments, message", [
    (["-W", "out", "in.pcap"], "no -L FILE given"),
    (["-L", "rules.csv", "in.pcap"], "no -o FILE or --dry-run given"),
    (["-L", "rules.csv", "--dry-run", "-f", "in.pcap"],
     "-f needs -o FILE or --stats-json FILE"),
    (["-L", "rules.csv", "-o", "out.pcapng", "--memory", "1M", "in.pcap"],
     "--memory needs -s"),
    (["-L", "rules.csv", "-o", "out.pcapng", "--tmpdir", ".", "in.pcap"],
     "--tmpdir needs -s"),
    (["-L", "rules.csv", "-W", "out"], "no INPUT or -d IFACE given"),
    (["-L", "rules.csv", "-W", "out", "-d", "lo", "in.pcap"],
     "-d cannot be used with INPUT: files and live traffic are labelled in separate runs"),
    (["-L", "rules.csv", "-W", "out", "-d", "lo", "--snaplen", "262145"],
     "--snaplen: expected a whole number from 1 to 262144, found '262145'"),
    (["-L", "rules.csv", "-W", "out", "in.pcap", "--pcapml-times", "maybe"],
     "--pcapml-times: expected one of auto, yes, no, found 'maybe'"),
    *[(["-L", "rules.csv", "-W", "out", "in.pcap", *live],
       f"{live[0]} needs -d IFACE")
      for live in (["-c", "1"], ["--duration", "1"], ["--user", "nobody"], 
                   ["--rotate-size", "1k"], ["--rotate-seconds", "1"], ["--no-promiscuous"],
                   ["--buffer-size", "1M"])],
])
def test_wrong_usage(run, capture, tmp_path, arguments, message):
    (tmp_path / "rules.csv").write_text(ALL)
    done = run("label", *arguments, cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (
        2, f"labelcap label: {message}\nTry 'labelcap label --help'.\n")
    assert sorted(os.listdir(tmp_path)) == ["in.pcap", "rules.csv"]


def test_tshark_shows_labels(label, capture):
    done = label(THREE, "--keep-unmatched", capture)
    assert [row[0] for row in tshark(done.output, "frame.comment")] == [
        f"{LONG},long", f"{sample_id(b'key')},short", f"{LONG},long", ""]


@pytest.mark.parametrize("shift, name", [("0", "now"), ("3600", "early"), ("+3599.5", "early"),
                                         ("-3600", "late"), ("-3599.5", "late"), ("7200", None)])
def test_shift_rules(label, tmp_path, shift, name):
    """The windows move, and the sampleIDs do not."""
    (tmp_path / "in.pcap").write_bytes(pcap([(bytes(60), 3600 * 10**9)]))
    lines = ["TS_START:0|TS_END:0,early", "TS_START:7199|TS_END:7200,late",
             "TS_START:3600|TS_END:3600,now"]
    done = label("\n".join(lines), "--keep-unmatched", "--shift-rules", shift, tmp_path / "in.pcap")
    [packet] = read_packets(done.output)
    assert packet.label == (name and next((sample_id(line.encode()), name) for line in lines
                                          if line.endswith(name)))


@pytest.mark.parametrize("shift", ["1e3", "--1", "", "3600s"])
def test_shift_rules_by_no_number(label, tmp_path, shift):
    done = label("TS_END:1,x\n", f"--shift-rules={shift}", tmp_path / "in.pcap", check=False)
    assert done.returncode == 2
    assert f"--shift-rules: expected seconds (such as 3600 or -3600), found '{shift}'" in done.stderr
