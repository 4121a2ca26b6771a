"""The command line of pcapml, and the files that it wrote."""

import subprocess

import dpkt
import pytest

from captures import Ng, Packet, pcap, read_packets
from test_split import contents, listing

MODES = ["labelcap", "pcapml"]


@pytest.fixture(params=MODES)
def pcapml(request, run, program, tmp_path):
    """Runs with pcapml's options: labelcap itself, and a link that is called pcapml."""
    if request.param == "labelcap":
        return run
    link = tmp_path / "pcapml"
    link.symlink_to(program)

    def run_link(*args, check=True, **kwargs):
        done = subprocess.run([link, *map(str, args)], capture_output=True, text=True, timeout=60,
                              **kwargs)
        assert not check or done.returncode == 0, done.stderr
        return done

    return run_link


@pytest.fixture
def dataset(tmp_path):
    """A directory of captures and pcapml's first form of a rules file."""
    folder = tmp_path / "dataset"
    folder.mkdir()
    for number, name in enumerate(("web-1.pcap", "mail-1.pcap", "web-2.pcap")):
        (folder / name).write_bytes(pcap([(name.encode(), (10 - number) * 10**9)]))
    (tmp_path / "labels.txt").write_text(
        "filename,label\nweb-1.pcap,web\nmail-1.pcap,mail\nweb-2.pcap,web\n")
    return folder


def labels(path):
    return [(packet.data, packet.label[1]) for packet in read_packets(path)]


# ---- every line of the walkthrough ----


def test_directory(pcapml, dataset, tmp_path):
    pcapml("-D", "dataset/", "-L", "labels.txt", "-W", "out.pcapng", cwd=tmp_path)
    assert labels(tmp_path / "out.pcapng") == [
        (b"mail-1.pcap", "mail"), (b"web-1.pcap", "web"), (b"web-2.pcap", "web")]


def test_one_capture(pcapml, tmp_path):
    (tmp_path / "traffic.pcap").write_bytes(pcap([(b"old", 5 * 10**9), (b"new", 20 * 10**9),
                                                  (b"older", 4 * 10**9)]))
    (tmp_path / "metadata.csv").write_text(
        "traffic_filter,metadata,hash_key\nTS_START:0|TS_END:10,early,one\nTS_START:11,late,two\n")
    command = ["-P", "traffic.pcap", "-L", "metadata.csv", "-W", "out.pcapng"]
    pcapml(*command, cwd=tmp_path)
    assert labels(tmp_path / "out.pcapng") == [(b"old", "early"), (b"new", "late"),
                                               (b"older", "early")]
    done = pcapml(*command, "-s", "-t", cwd=tmp_path)
    assert [label for label in labels(tmp_path / "out.pcapng") if label[1] == "early"] == [
        (b"older", "early"), (b"old", "early")]
    assert "3 of 3 packets labelled, 2 samples\n" in done.stderr


@pytest.fixture
def labelled(tmp_path):
    ng = Ng().interface().packet(b"a", 3_000_000, ["8,mail"]).packet(b"b", 2_000_000, ["7,web"])
    (tmp_path / "in.pcapng").write_bytes(bytes(ng.packet(b"c", 1_000_000, ["8,mail"])))
    return tmp_path / "in.pcapng"


def test_labelled_captures(pcapml, labelled, tmp_path):
    for _ in range(2):  # what is there is replaced
        pcapml("-M", "in.pcapng", "-O", "output_dir/", cwd=tmp_path)
        assert listing(tmp_path / "output_dir") == [("8_mail.pcap", "mail"), ("7_web.pcap", "web")]
        pcapml("-M", "in.pcapng", "-s", "-W", "out.pcapng", cwd=tmp_path)
        assert [data for data, _ in labels(tmp_path / "out.pcapng")] == [b"b", b"c", b"a"]
        for name in ("out.pcap", "of any name"):
            pcapml("-M", "in.pcapng", "-p", "-W", name, cwd=tmp_path)
            with open(tmp_path / name, "rb") as file:
                assert dpkt.pcap.Reader(file).readpkts() == [(3.0, b"a"), (2.0, b"b"), (1.0, b"c")]


def test_same_as_the_commands(run, labelled, tmp_path):
    for ours, theirs in ((["sort"], ["-s"]), (["strip", "--format", "pcap"], ["-p"])):
        run(*ours, "-f", "-W", tmp_path / "ours", labelled)
        run("-M", labelled, *theirs, "-W", tmp_path / "theirs")
        assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()
    run("split", "-O", tmp_path / "our samples", labelled)
    run("-M", labelled, "-O", tmp_path / "their samples")
    assert contents(tmp_path / "our samples") == contents(tmp_path / "their samples")


def test_names_that_look_like_options(run, tmp_path):
    (tmp_path / "-in").write_bytes(bytes(Ng().interface().packet(b"a", 1, ["7,web"])))
    run("-M", "-in", "-s", "-W", "-out", cwd=tmp_path)
    run("-M", "-in", "-p", "-W", "-plain", cwd=tmp_path)
    run("-M", "-in", "-O", "-samples", cwd=tmp_path)
    assert read_packets(tmp_path / "-plain") == [Packet(1, 1000, 1, b"a")]
    assert labels(tmp_path / "-out") == [(b"a", "web")]
    assert listing(tmp_path / "-samples") == [("7_web.pcap", "web")]


@pytest.mark.parametrize("arguments, message", [
    ("-W x", "no -D DIR, -P FILE, -d IFACE or -M FILE given"),
    ("-D a -P b -L c -W d", "-D cannot be used with -P: only one input is read"),
    ("-P a -W d", "-P needs -L FILE"),
    ("-D a -L c", "-D needs -W FILE"),
    ("-P a -L c -W d -p", "-p needs -M FILE"),
    ("-P a -L c -W d -O e", "-O needs -M FILE"),
    ("-M a -L c -s -W d", "-L cannot be used with -M"),
    ("-M a -W d", "-M needs -s, -p or -O DIR"),
    ("-M a -s -p -W d", "-s cannot be used with -p"),
    ("-M a -s", "-s needs -W FILE"),
    ("-M a -p", "-p needs -W FILE"),
    ("-M", "option -M needs an argument"),
    ("-Z", "unknown option -Z"),
    ("-M a -s -W d more", "unexpected argument 'more'"),
])
def test_wrong_usage(run, tmp_path, arguments, message):
    done = run(*arguments.split(), check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[0] == f"labelcap: {message}"
    assert "Usage: labelcap -D DIR|-P FILE|-d IFACE -L RULES -W OUTPUT [-s] [-t]\n" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_link_speaks_of_its_options(program, tmp_path):
    (tmp_path / "pcapml").symlink_to(program)
    for arguments, status in (([], 2), (["--help"], 0)):
        done = subprocess.run([tmp_path / "pcapml", *arguments], capture_output=True, text=True)
        assert done.returncode == status
        assert "-D DIR|-P FILE|-d IFACE" in done.stdout + done.stderr


# ---- what pcapml 0.3.1 wrote ----

WRITTEN = {"ftp": 1, "telnet": 1, "test": 3, "tor": 2, "whatsapp_login_call": 5}


def true_times(shared, name):
    """Times and data of the capture that was labelled; dpkt reads them exactly as Decimal."""
    with open(shared / f"peers/inputs/{name}.pcap", "rb") as file:
        reader = dpkt.pcap.Reader(file)
        return [(round(time * 10**6) * 1000, data) for time, data in reader]


@pytest.mark.parametrize("name", WRITTEN)
def test_captures_that_pcapml_wrote(run, shared, tmp_path, name):
    """Its broken times are put right; sort, strip and split give what the input held."""
    capture = shared / f"peers/pcapml/{name}.pcapng"
    sent = true_times(shared, name)
    raw = read_packets(capture, strict=False)
    assert all(packet.time_ns == 2**63 - 1 for packet in raw)  # as it stands: far in the future
    labelled = {packet.data: packet.label for packet in raw}

    done = run("strip", "-W", tmp_path / "plain.pcap", capture)
    assert (f"labelcap strip: {capture}: {len(raw):,} packets with pcapml timestamps, read as "
            "seconds and microseconds\n") in done.stderr
    plain = [(packet.time_ns, packet.data) for packet in read_packets(tmp_path / "plain.pcap")]
    assert plain == [packet for packet in sent if packet[1] in labelled]

    run("sort", "-W", tmp_path / "sorted.pcapng", capture)
    packets = read_packets(tmp_path / "sorted.pcapng")
    assert packets == sorted(packets, key=lambda packet: (packet.label[0], packet.time_ns))
    assert sorted((p.time_ns, p.data) for p in packets) == sorted(plain)
    assert all(packet.label == labelled[packet.data] for packet in packets)

    run("split", "-O", tmp_path / "samples", capture)
    rows = listing(tmp_path / "samples")
    found = {file: [(p.time_ns, p.data) for p in read_packets(tmp_path / "samples" / file)]
             for file, _ in rows}
    numbers = {label[0] for label in labelled.values()}
    assert len(rows) == WRITTEN[name] == len(numbers)
    for file, packets in found.items():
        number = int(file.split("_")[0])
        assert packets == [(time, data) for time, data in plain if labelled[data][0] == number]
    theirs = {path.name: [(p.time_ns, p.data) for p in read_packets(path)]
              for path in (shared / f"peers/pcapml/{name}_split").glob("*.pcap")}
    assert {file.split("_")[0]: sorted(packets) for file, packets in found.items()} == {
        file.split("_")[0]: sorted(packets) for file, packets in theirs.items()}


def test_times_as_they_stand(run, shared, tmp_path):
    """--pcapml-times=no leaves them; =yes reads any time so."""
    capture = shared / "peers/pcapml/telnet.pcapng"
    done = run("sort", "--pcapml-times", "no", "-W", tmp_path / "raw.pcapng", capture)
    assert "timestamps" not in done.stderr
    assert {packet.time_ns for packet in read_packets(tmp_path / "raw.pcapng")} == {2**63 - 1}
    early = Ng().interface().packet(b"x", 100 << 32 | 7)
    (tmp_path / "early.pcapng").write_bytes(bytes(early))
    for when, time in (("auto", (100 << 32 | 7) * 1000), ("yes", 100 * 10**9 + 7000),
                       ("no", (100 << 32 | 7) * 1000)):
        run("strip", "-f", "--pcapml-times", when, "-W", tmp_path / "out.pcapng",
            tmp_path / "early.pcapng")
        assert read_packets(tmp_path / "out.pcapng")[0].time_ns == time


def test_labels_as_pcapml_gave_them(run, shared, tmp_path):
    """Its own rules file on its own inputs, by its own command line: the same label each packet."""
    for name in WRITTEN:
        run("-P", shared / f"peers/inputs/{name}.pcap", "-L", shared / "peers/pcapml/labels.csv",
            "-W", tmp_path / "out.pcapng")
        ours = [(p.data, p.label[1]) for p in read_packets(tmp_path / "out.pcapng")]
        theirs = [(p.data, p.label[1]) for p in
                  read_packets(shared / f"peers/pcapml/{name}.pcapng", strict=False)]
        assert ours == theirs


@pytest.mark.parametrize("name", ["labelcap", "pcapml"])
@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_version_under_both_names(program, tmp_path, name, flag):
    (tmp_path / name).symlink_to(program)
    done = subprocess.run([tmp_path / name, flag], check=True, capture_output=True, text=True)
    assert done.stdout.startswith("labelcap ") and done.stdout.count("\n") == 1
