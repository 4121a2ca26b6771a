"""label: which files it writes, what it refuses to write over, and what it says of odd inputs."""

import json
import os
import subprocess

import pytest

from captures import GREAT_WINDOW, RAW, Ng, pcap, read_packets
from surroundings import clean_environment
from pcapng_walk import CUSTOM, NAMES, SECRETS, SECTION, walk

ALL = "BPF:len >= 0,all\n"


@pytest.fixture
def rules(tmp_path):
    """rules(text): the path of a rules file, by default of one rule that matches every packet."""

    def write(text=ALL):
        path = tmp_path / "rules.csv"
        path.write_text(text)
        return path

    return write


@pytest.fixture
def capture(tmp_path):
    path = tmp_path / "in.pcap"
    path.write_bytes(pcap([(b"a" * 60, 10**9), (b"b" * 60, 2 * 10**9)]))
    return path


# ---- errors that show late ----


@pytest.mark.parametrize("arguments, count", [([], 2000), (["--strict", "--relabel"], 2001)])
def test_a_stream_has_got_what_came_before_an_error(run, rules, tmp_path, arguments, count):
    """As the manual says of -W -; a file is not left behind."""
    ng = Ng().interface()
    for number in range(2000):
        ng.packet(bytes(1000), number)
    (tmp_path / "in.pcapng").write_bytes(bytes(ng.packet(b"last", 5, ["7,web"])))
    words = ["label", *arguments, "-L", rules(ALL + "BPF:len = 7,never\n"), tmp_path / "in.pcapng"]
    done = run(*words, "-W", tmp_path / "out.pcapng", check=False)
    assert done.returncode == 1 and not (tmp_path / "out.pcapng").exists()
    done = run(*words, "-W", "-", check=False, text=False)
    (tmp_path / "got.pcapng").write_bytes(done.stdout)
    assert done.returncode == 1 and len(read_packets(tmp_path / "got.pcapng")) == count


def test_what_a_stream_has_got_does_not_depend_on_threads(run, rules, tmp_path):
    """Also of packets that one thread writes at once."""
    ng = Ng().interface().packet(bytes(100_000), 1).packet(b"last", 2, ["7,web"])
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    for threads in 1, 2:
        done = run("label", "-L", rules(ALL), "-j", threads, "-W", "-", tmp_path / "in.pcapng", check=False, text=False)
        (tmp_path / "got.pcapng").write_bytes(done.stdout)
        assert done.returncode == 1 and len(read_packets(tmp_path / "got.pcapng")) == 1


# ---- --snaplen ----


@pytest.mark.parametrize("options", [[], ["-s"], ["--split-linktypes"]])
@pytest.mark.parametrize("snaplen", [1, 54, 61, 1000, 262144])
def test_packets_of_files_are_cut_as_editcap_cuts_them(label, repo, tmp_path, snaplen, options):
    """The same bytes, lengths and times."""
    capture = repo / "datasets/mixed/mixed.pcap"
    name = "out.ethernet.pcapng" if options == ["--split-linktypes"] else "out.pcapng"
    label(ALL, *options, "--snaplen", snaplen, capture)
    subprocess.run(["editcap", "-s", str(snaplen), capture, tmp_path / "cut.pcap"], check=True)
    expected = read_packets(tmp_path / "cut.pcap")
    if options == ["-s"]:
        expected.sort(key=lambda packet: packet.time_ns)
    assert [packet.bare() for packet in read_packets(tmp_path / name)] == [
        packet.bare() for packet in expected]
    said = subprocess.run(["tcpdump", "-n", "-c", "1", "-r", tmp_path / name], check=True,
                          capture_output=True, text=True).stderr
    assert f"snapshot length {snaplen}\n" in said


def test_rules_see_packets_whole_that_are_cut(label, repo):
    """A filter needs bytes that are not written."""
    capture = repo / "datasets/mixed/mixed.pcap"
    whole = label("BPF:udp port 53,dns\n", capture, output="whole.pcapng")
    cut = label("BPF:udp port 53,dns\n", "--snaplen", 14, capture, output="cut.pcapng")
    assert len(read_packets(whole.output)) == len(read_packets(cut.output)) > 0
    assert {len(packet.data) for packet in read_packets(cut.output)} == {14}


def test_tcpdump_reads_cut_packets_of_several_files(label, tmp_path):
    for name, length in (("a.pcap", 96), ("b.pcap", 0), ("c.pcap", 65535)):
        (tmp_path / name).write_bytes(pcap([(bytes(90), 10**9), (bytes(20), 10**9)], snaplen=length))
    done = label(ALL, "--snaplen", 60, *(tmp_path / name for name in ("a.pcap", "b.pcap", "c.pcap")))
    lines = subprocess.run(["tcpdump", "-n", "-e", "-r", done.output], check=True,
                           capture_output=True, text=True).stdout.splitlines()
    assert len([line for line in lines if "length" in line]) == 6
    assert [len(packet.data) for packet in read_packets(done.output)] == 3 * [60, 20]


# ---- --split-linktypes ----


@pytest.mark.parametrize("sort", [[], ["-s"]])
def test_no_link_type_to_split_by(label, run, rules, tmp_path, sort):
    """Without any interface there is one output still, under its own name."""
    (tmp_path / "in.pcapng").write_bytes(bytes(Ng(options=[(4, b"dumpcap")]).names().custom()))
    done = label(ALL, "--split-linktypes", *sort, tmp_path / "in.pcapng")
    assert [block.type for block in walk(done.output)] == [SECTION, NAMES, CUSTOM]
    assert not list(tmp_path.glob("out.*.pcapng"))
    (tmp_path / "folder").mkdir()
    none = tmp_path / "none.pcapng"
    done = run("label", "-L", rules(), "--split-linktypes", *sort, "-o", none, tmp_path / "folder", check=False)
    assert done.returncode == 1 and "no capture among the inputs" in done.stderr
    assert not list(tmp_path.glob("none*"))


def two_linktypes():
    """Raw IP comes only after blocks that belong to the whole section."""
    ng = Ng(options=[(4, b"dumpcap")]).names().interface().packet(b"a" * 60, 5).secrets().custom()
    return ng.interface(linktype=RAW).packet(b"b" * 40, 6, interface=1).packet(b"c" * 60, 7)


@pytest.mark.parametrize("options", [[], ["-s"]])
def test_each_linktype_gets_names_secrets_and_section(run, rules, tmp_path, options):
    (tmp_path / "in.pcapng").write_bytes(bytes(two_linktypes()))
    out = tmp_path / "out.pcapng"
    run("label", *options, "--split-linktypes", "-L", rules(), "-W", out, tmp_path / "in.pcapng")
    assert sorted(path.name for path in tmp_path.glob("out*")) == ["out.ethernet.pcapng",
                                                                   "out.raw.pcapng"]
    for name, count in (("ethernet", 2), ("raw", 1)):
        path = tmp_path / f"out.{name}.pcapng"
        blocks = walk(path)
        assert blocks[0].type == SECTION and blocks[0].values(4) == [b"dumpcap"]
        assert [block.type for block in blocks].count(NAMES) == 1
        assert [block.type for block in blocks].count(SECRETS) == 1
        assert len(read_packets(path)) == count
    assert CUSTOM in [block.type for block in walk(tmp_path / "out.ethernet.pcapng")]


def test_too_many_names_to_repeat(run, rules, tmp_path):
    ng = Ng()
    for _ in range(17):
        ng.secrets(b"k" * (1 << 20))
    (tmp_path / "in.pcapng").write_bytes(bytes(ng.interface().packet(b"a" * 60)))
    done = run("label", "--split-linktypes", "-L", rules(), "-W", tmp_path / "out.pcapng",
               tmp_path / "in.pcapng", check=False)
    assert done.returncode == 1
    assert "more than 16 MiB of name and secrets blocks" in done.stderr
    assert not list(tmp_path.glob("out*"))


def test_outputs_of_linktypes_are_no_inputs(run, rules, tmp_path):
    """Our own outputs lie in the directory that is labelled again."""
    (tmp_path / "in.pcapng").write_bytes(bytes(two_linktypes()))
    arguments = ["label", "-f", "--split-linktypes", "-L", rules(), "-W", tmp_path / "out.pcapng"]
    run(*arguments, tmp_path)
    run(*arguments, tmp_path)
    assert len(read_packets(tmp_path / "out.raw.pcapng")) == 1
    done = run(*arguments, tmp_path / "out.raw.pcapng", check=False)
    assert (done.returncode, "is the same file as the output" in done.stderr) == (1, True)


@pytest.mark.parametrize("output", ["-", "/dev/stdout", "/dev/null"])
def test_linktypes_need_a_named_file(run, rules, capture, tmp_path, output):
    done = run("label", "--split-linktypes", "-L", rules(), "-W", output, capture, check=False,
               cwd=tmp_path)
    assert done.returncode == 2
    assert "--split-linktypes" in done.stderr and "need -o FILE" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.pcap", "rules.csv"]


# ---- outputs that are inputs ----


def test_standard_output_in_the_directory(program, rules, capture, tmp_path):
    """`labelcap label -W - DIR > DIR/out`: the growing output must not be read."""
    with open(tmp_path / "out.pcapng", "wb") as out:
        done = subprocess.run([program, "label", "-L", rules(), "-W", "-", tmp_path], stdout=out,
                              stderr=subprocess.PIPE, text=True, env=clean_environment())
    assert done.returncode == 0, done.stderr
    assert len(read_packets(tmp_path / "out.pcapng")) == 2
    assert "skipped" in done.stderr and "1 file skipped" in done.stderr  # the rules alone


def test_standard_output_is_the_input(program, rules, capture):
    before = capture.read_bytes()
    with open(capture, "ab") as out:
        done = subprocess.run([program, "label", "-L", rules(), "-W", "-", capture], stdout=out,
                              stderr=subprocess.PIPE, text=True, env=clean_environment())
    assert done.returncode == 1
    assert "is the same file as the output" in done.stderr
    assert capture.read_bytes() == before


@pytest.mark.parametrize("option", ["-W", "--stats-json"])
def test_rules_are_an_input(run, rules, capture, tmp_path, option):
    path = rules()
    os.link(path, tmp_path / "link")
    arguments = ["-W", tmp_path / "out.pcapng"] if option != "-W" else []
    done = run("label", "-f", "-L", path, *arguments, option, tmp_path / "link", capture,
               check=False)
    assert done.returncode == 1
    assert f"{tmp_path}/link: is the same file as the input {path}" in done.stderr
    assert path.read_text() == ALL and not (tmp_path / "out.pcapng").exists()


def test_report_on_an_input(run, rules, capture, tmp_path):
    before = capture.read_bytes()
    done = run("label", "-f", "-L", rules(), "-W", tmp_path / "out.pcapng", "--stats-json", capture,
               capture, check=False)
    assert done.returncode == 1
    assert capture.read_bytes() == before and not (tmp_path / "out.pcapng").exists()


def test_standard_input_for_rules_and_capture(run, capture, tmp_path):
    done = run("label", "-L", "-", "-W", tmp_path / "out.pcapng", "-", check=False, input=ALL)
    assert done.returncode == 2
    assert "standard input" in done.stderr


# ---- the report ----


def test_report_that_exists(run, rules, capture, tmp_path):
    """It is refused before the work, not after it."""
    report = tmp_path / "report.json"
    report.write_text("old")
    arguments = ["label", "-L", rules(), "-W", tmp_path / "out.pcapng", "--stats-json", report]
    done = run(*arguments, capture, check=False)
    assert done.returncode == 1
    assert f"{report}: already exists" in done.stderr
    assert report.read_text() == "old" and not (tmp_path / "out.pcapng").exists()
    run(*arguments, "-f", capture)
    assert json.loads(report.read_text())["packets"] == 2


def test_capture_and_report_on_standard_output(run, rules, capture):
    done = run("label", "-L", rules(), "-W", "-", "--stats-json", "-", capture, check=False)
    assert done.returncode == 2
    assert "standard output" in done.stderr


def test_report_over_the_output(run, rules, capture, tmp_path):
    out = tmp_path / "out.pcapng"
    done = run("label", "-f", "-L", rules(), "-W", out, "--stats-json", out, capture, check=False)
    assert done.returncode == 2
    assert "--stats-json" in done.stderr


def test_dry_run_with_json_on_standard_output(run, rules, capture):
    done = run("label", "--dry-run", "-L", rules(), "--stats-json", "-", capture)
    assert json.loads(done.stdout)["labelled"] == 2
    assert "2 of 2 packets labelled" in done.stderr


def test_no_report_after_failure(run, rules, capture, tmp_path):
    report = tmp_path / "report.json"
    done = run("label", "--strict", "-L", rules(ALL + "BPF:len < 0,none\n"), "-W",
               tmp_path / "out.pcapng", "--stats-json", report, capture, check=False)
    assert done.returncode == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.pcap", "rules.csv"]


# ---- labels that are there ----


def test_relabel_takes_old_labels_off_what_is_kept(run, rules, tmp_path):
    ng = Ng().interface().packet(b"a" * 60, 1, comments=["7,old", "note"])
    ng.packet(b"b" * 80, 2, comments=["8,old", "note"]).packet(b"c" * 90, 3, comments=["note"])
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    out = tmp_path / "out.pcapng"
    arguments = ["label", "-L", rules("BPF:len < 70,new,key\n"), "-W", out, "--keep-unmatched"]
    done = run(*arguments, tmp_path / "in.pcapng", check=False)
    assert done.returncode == 1
    assert f"{tmp_path}/in.pcapng: packet 1 already has a label" in done.stderr
    run(*arguments, "--relabel", "--stats-json", tmp_path / "r.json", tmp_path / "in.pcapng")
    packets = read_packets(out)
    assert packets[0].label[1] == "new" and packets[0].comments[1:] == [b"note"]
    assert [packet.comments for packet in packets[1:]] == [[b"note"], [b"note"]]
    report = json.loads((tmp_path / "r.json").read_text())
    assert {name: report[name] for name in ("packets", "labelled", "kept_without_label",
                                            "dropped")} == {
        "packets": 3, "labelled": 1, "kept_without_label": 2, "dropped": 0}


# ---- damaged inputs ----


def zstd_frame(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, stdout=subprocess.PIPE,
                          check=True).stdout


def test_what_fails_half_way_was_a_capture(run, rules, tmp_path):
    """In a directory what is no capture is passed over; this file's first packets were taken."""
    folder = tmp_path / "folder"
    folder.mkdir()
    data = pcap([(b"a" * 60, 10**9)])
    (folder / "in.zst").write_bytes(zstd_frame(data) + GREAT_WINDOW)
    done = run("label", "-L", rules(), "-W", tmp_path / "out.pcapng", folder, check=False)
    assert done.returncode == 1
    assert "window of more than 128 MiB" in done.stderr


def test_damage_in_two_files_is_told_of_both(run, rules, capture, tmp_path):
    whole = capture.read_bytes()
    for name in ("cut1.pcap", "cut2.pcap"):
        (tmp_path / name).write_bytes(whole[:-1])
    out = tmp_path / "out.pcapng"
    done = run("label", "-L", rules(), "-W", out, tmp_path / "cut1.pcap", tmp_path / "cut2.pcap",
               check=False)
    assert done.returncode == 1
    assert [line for line in done.stderr.splitlines() if "truncated" in line] == [
        f"labelcap label: {tmp_path}/{name}: offset 100: truncated packet record: expected 60 "
        "bytes of data, found 59" for name in ("cut1.pcap", "cut2.pcap")]
    assert len(read_packets(out)) == 2


def test_scapy_shows_no_label(label, repo):
    """The fault of Debian's scapy that labelcap-comment(5) tells; see that page when this fails."""
    scapy = pytest.importorskip("scapy.all")
    if scapy.conf.version != "2.5.0":
        pytest.skip(f"scapy {scapy.conf.version}, not 2.5.0")
    capture = label(ALL, "-q", repo / "datasets/mixed/mixed.pcap").output
    packets = scapy.rdpcap(str(capture))
    assert len(packets) == 916 and not any(packet.comment for packet in packets)
