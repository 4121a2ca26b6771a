"""split: a directory with one file for each sample, and metadata.csv."""

import csv
import gzip
import os
import random
import resource
import shutil
import struct
import subprocess

import dpkt
import pandas
import pytest

from captures import ETHERNET, RAW, Ng, read_packets
from pcapng_walk import CUSTOM, NAMES, SECRETS, SECTION, STATISTICS, walk


def write(path, capture):
    path.write_bytes(bytes(capture))
    return path


def listing(directory):
    """The rows of metadata.csv below its header, by Python's csv module; and the files agree."""
    with open(directory / "metadata.csv", encoding="utf-8", errors="surrogateescape",
              newline="") as file:
        head, *rows = csv.reader(file, strict=True)
    assert head == ["File", "Label"]
    assert sorted([row[0] for row in rows] + ["metadata.csv"]) == sorted(os.listdir(directory))
    return [tuple(row) for row in rows]


def contents(directory, hidden=True):
    return {path.name: path.read_bytes() for path in directory.iterdir()
            if hidden or path.name[0] != "."}


@pytest.fixture
def two_samples(tmp_path):
    ng = Ng().interface().packet(b"a1", 1_000_001, ["7,web"]).packet(b"b1", 2_000_002, ["8,mail"])
    return write(tmp_path / "in.pcapng", ng.packet(b"a2", 3_000_003, ["7,web"]))


TWO_SAMPLES = [("7_web.pcap", "web"), ("8_mail.pcap", "mail")]


# ---- what is written ----


def test_files_and_list(run, two_samples, tmp_path):
    done = run("split", "-O", tmp_path / "out", two_samples)
    assert done.stderr == (
        f"labelcap split: wrote 3 packets of 2 samples in 2 files to {tmp_path}/out\n")
    assert listing(tmp_path / "out") == TWO_SAMPLES
    assert (tmp_path / "out/metadata.csv").read_bytes() == (
        b"File,Label\n7_web.pcap,web\n8_mail.pcap,mail\n")
    with open(tmp_path / "out/7_web.pcap", "rb") as file:
        assert dpkt.pcap.Reader(file).readpkts() == [(1.000001, b"a1"), (3.000003, b"a2")]
    with open(tmp_path / "out/8_mail.pcap", "rb") as file:
        assert dpkt.pcap.Reader(file).readpkts() == [(2.000002, b"b1")]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.pcapng", "out"]


def random_capture(seed, packets, samples, grouped):
    chance = random.Random(seed)
    numbers = [chance.randrange(samples) for _ in range(packets)]
    if grouped:
        numbers.sort()
    ng = Ng().interface(tsresol=9).interface(linktype=RAW)
    for time, number in enumerate(numbers):
        comments = [f"{number},label {number % 5}", "a remark"] if number % 9 else ["a remark"]
        ng.packet(struct.pack(">I", time), time * 1000 + (number == 3), comments,
                  interface=chance.randrange(2) if number % 4 == 0 else 0)
    return ng


@pytest.mark.parametrize("grouped", [False, True])
def test_every_packet_is_in_the_file_of_its_sample(run, tmp_path, grouped):
    capture = write(tmp_path / "in.pcapng", random_capture(grouped, 600, 40, grouped))
    packets = read_packets(capture)
    samples = {}
    for packet in packets:
        if packet.label:
            samples.setdefault(packet.label, []).append(packet)
    for options in ([], ["--memory", "1M"]):
        done = run("split", "-f", *options, "-O", tmp_path / "out", capture)
        unlabelled = sum(packet.label is None for packet in packets)
        assert f"warning: {unlabelled} packets left out: no label" in done.stderr
        expected = {}
        for (number, metadata), group in samples.items():
            linktypes = {packet.linktype for packet in group}
            for linktype in linktypes:
                kind = {ETHERNET: ".ETHERNET", RAW: ".RAW"}[linktype] if len(linktypes) > 1 else ""
                expected[f"{number}_{metadata.replace(' ', '_')}{kind}.pcap"] = [
                    packet.bare() for packet in group if packet.linktype == linktype]
        names = [name for name, _ in listing(tmp_path / "out")]
        found = {name: [packet.bare() for packet in read_packets(tmp_path / "out" / name)]
                 for name in names}
        assert found == expected
        assert len({name for name in names if ".ETHERNET." in name}) > 3
        for name in names:  # digits below the microsecond only where sample 3 has them
            magic, = struct.unpack("<I", (tmp_path / "out" / name).read_bytes()[:4])
            assert magic == (0xA1B23C4D if name.startswith("3_") else 0xA1B2C3D4), name


def test_sorted_and_unsorted_give_the_same_files(run, tmp_path):
    capture = write(tmp_path / "in.pcapng", random_capture(5, 500, 30, False))
    run("sort", "-W", tmp_path / "sorted.pcapng", capture)
    for form in ("pcap", "pcapng"):
        outputs = []
        for source in (capture, tmp_path / "sorted.pcapng"):
            run("split", "-f", "--format", form, "-O", tmp_path / "out", source)
            outputs.append(contents(tmp_path / "out"))
            rows = sorted(outputs[-1].pop("metadata.csv").splitlines())
            outputs[-1]["metadata.csv"] = rows  # they are in order of appearance
        assert outputs[0] == outputs[1]


def test_standard_input(run, two_samples, tmp_path):
    run("split", "-O", tmp_path / "file", two_samples)
    data = two_samples.read_bytes()
    for name, given in (("plain", data), ("gz", gzip.compress(data))):
        run("split", "-O", tmp_path / name, "-", input=given, text=False)
        assert contents(tmp_path / name) == contents(tmp_path / "file")
    # Standard input that is a file has nothing to do with the place of the output.
    with open(two_samples, "rb") as file:
        run("split", "-O", tmp_path / "redirected", "-", stdin=file)
    assert contents(tmp_path / "redirected") == contents(tmp_path / "file")


def test_no_limit_from_open_files(run, tmp_path):
    """5,000 samples that take turns, with 64 descriptors."""
    ng = Ng().interface()
    for number in range(10_000):
        ng.packet(b"x", number, [f"{number * 7919 % 5000},x"])
    capture = write(tmp_path / "in.pcapng", ng)
    limit = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)))
    run("split", "-O", tmp_path / "out", capture, preexec_fn=limit)
    rows = listing(tmp_path / "out")
    assert len(rows) == 5000
    assert {(tmp_path / "out" / name).stat().st_size for name, _ in rows} == {24 + 2 * 17}


def test_nothing_labelled(run, tmp_path):
    capture = write(tmp_path / "in.pcapng", Ng().interface().packet(b"x", 1))
    done = run("split", "-O", tmp_path / "out", capture)
    assert done.stderr.splitlines()[0] == (
        "labelcap split: warning: 1 packet left out: no label")
    assert listing(tmp_path / "out") == []


def test_two_labels_for_a_sample_are_told(run, tmp_path):
    ng = Ng().interface().packet(b"a", 1, ["7,web"]).packet(b"b", 2, ["7,mail"])
    done = run("split", "-O", tmp_path / "out", write(tmp_path / "in.pcapng", ng))
    assert "labelcap split: warning: 1 packet labelled differently from the first packet of the " \
           "sample\n" in done.stderr
    assert listing(tmp_path / "out") == [("7_web.pcap", "web")]
    assert len(read_packets(tmp_path / "out/7_web.pcap")) == 2


def test_pcapng_samples_carry_what_they_need(run, tmp_path):
    """Names and secrets all, interfaces those of its packets; comments and options untouched."""
    ng = Ng("<", [(4, b"dumpcap")]).interface(options=[(2, b"eth0")], tsresol=9)
    ng.interface(linktype=RAW, options=[(2, b"tun0")]).names()
    ng.packet(b"a", 1, ["7,web", "remark"], options=[(2, b"\1\0\0\0")])
    ng.packet(b"b", 2, ["8,mail"], interface=1).secrets().statistics().custom()
    ng.packet(b"c", 3, ["8,mail"])
    run("split", "--format", "pcapng", "-O", tmp_path / "out", write(tmp_path / "in.pcapng", ng))
    assert listing(tmp_path / "out") == [("7_web.pcapng", "web"), ("8_mail.pcapng", "mail")]
    given = {block.offset: block for block in walk(tmp_path / "in.pcapng")}
    kept = [block.body for block in given.values() if block.type in (NAMES, SECRETS)]
    for name, interfaces, data in (("7_web", [ETHERNET], [b"a"]),
                                   ("8_mail", [RAW, ETHERNET], [b"b", b"c"])):
        blocks = walk(tmp_path / "out" / f"{name}.pcapng")
        assert [block.body for block in blocks if block.type in (NAMES, SECRETS)] == kept
        assert [block.linktype for block in blocks if block.linktype is not None] == interfaces
        assert [block.data for block in blocks if block.caplen is not None] == data
        assert not [block for block in blocks if block.type in (STATISTICS, CUSTOM)]
        assert blocks[0].type == SECTION
    packets = read_packets(tmp_path / "out/7_web.pcapng")
    assert packets == read_packets(tmp_path / "in.pcapng")[:1]
    assert packets[0].comments == [b"7,web", b"remark"]


# ---- names ----

MANY_NAMES = {
    "plain": "plain", "": "", ".": ".", "..": "..", "../../x": ".._.._x", "/etc/passwd": None,
    "a/b": "a_b", "a\nb": "a_b", "a\tb\x7f": "a_b_", 'say "hi", he said': None, "-rf": "-rf",
    "caf\u00e9 \U0001f600": None, "\u202egnp.exe": None, "a\\b": None, "CON": None,
    "x" * 10_000: None,
    "\u00e9" * 10_000: None, "\U0001f600" * 300: None, "a,b,c": None, "=1+1": None, " ": None,
    "a\r\nb": None, "*?<>|:": None, "\x01\x02": None, "metadata.csv": None,
}


def test_hostile_metadata(run, tmp_path):
    """Names stay in the directory, below 256 bytes, one for each sample; the list has the truth."""
    ng = Ng().interface()
    for number, metadata in enumerate(MANY_NAMES):
        ng.packet(b"x", number, [f"{number},{metadata}"])
    ng.packet(b"x", 1000, [b"1000,not \xff\xfe UTF-8, a NUL \0"])
    ng.packet(b"x", 1001, [b"18446744073709551615," + b"y" * 1000])
    capture = write(tmp_path / "deep.pcapng", ng)
    (tmp_path / "a").mkdir()
    for _ in range(2):  # the second time the list of the first is read
        run("split", "-f", "-O", tmp_path / "a/out", capture)
        rows = listing(tmp_path / "a/out")
    assert [label for _, label in rows] == [
        *MANY_NAMES, "not \ufffd\ufffd UTF-8, a NUL \ufffd", "y" * 1000]
    frame = pandas.read_csv(tmp_path / "a/out/metadata.csv", keep_default_na=False)
    assert list(frame.itertuples(index=False, name=None)) == rows
    for (name, label), (metadata, expected) in zip(rows, MANY_NAMES.items()):
        assert len(os.fsencode(name)) <= 255
        name.encode("utf-8")  # strictly
        assert name.endswith(".pcap") and not any(ord(c) < 32 or c in "/\\\x7f" for c in name), name
        number = list(MANY_NAMES).index(metadata)
        assert name.startswith(f"{number}_")
        assert expected is None or name == f"{number}_{expected}.pcap"
    lengths = {len(os.fsencode(name)) for name, label in rows if len(label) > 500}
    assert lengths <= {252, 253, 254, 255}
    assert sorted(os.listdir(tmp_path / "a")) == ["out"]
    assert sorted(os.listdir(tmp_path)) == ["a", "deep.pcapng"]


def test_long_names_keep_their_link_type(run, tmp_path):
    ng = Ng().interface().interface(linktype=RAW)
    for interface in (0, 1, 0):
        ng.packet(b"x", 1, [f"7,{'long' * 1000}"], interface)
    run("split", "-O", tmp_path / "out", write(tmp_path / "in.pcapng", ng))
    names = [name for name, _ in listing(tmp_path / "out")]
    assert [len(name) for name in names] == [255, 255]
    assert [name.split(".", 1)[1] for name in names] == ["ETHERNET.pcap", "RAW.pcap"]


# ---- directories that are there already ----


def test_a_directory_that_is_not_empty_is_refused(run, two_samples, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes.txt").write_text("keep me")
    done = run("split", "-O", out, two_samples, check=False)
    assert (done.returncode, done.stderr) == (
        1, f"labelcap split: {out}: is not empty (use -f to replace the files listed in its "
        "metadata.csv)\n")
    assert contents(out) == {"notes.txt": b"keep me"}
    run("split", "-f", "-O", out, two_samples)
    assert sorted(contents(out)) == ["7_web.pcap", "8_mail.pcap", "metadata.csv", "notes.txt"]


@pytest.mark.parametrize("slash", ["", "/", "//"])
def test_an_empty_directory_is_taken(run, two_samples, tmp_path, slash):
    """It stays the same directory: its permissions, and the shells that stand in it."""
    out = tmp_path / "out"
    out.mkdir(mode=0o750)
    before = out.stat()
    run("split", "-O", f"{out}{slash}", two_samples)
    assert listing(out) == TWO_SAMPLES
    assert (out.stat().st_ino, out.stat().st_mode) == (before.st_ino, before.st_mode)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.pcapng", "out"]


def test_the_directory_in_which_one_stands(run, two_samples, tmp_path):
    (tmp_path / "here").mkdir()
    run("split", "-O", ".", two_samples, cwd=tmp_path / "here")
    assert listing(tmp_path / "here") == TWO_SAMPLES


def test_a_new_directory_with_slashes(run, two_samples, tmp_path):
    run("split", "-O", f"{tmp_path}/new//", two_samples)
    assert listing(tmp_path / "new") == TWO_SAMPLES


def test_a_link_to_a_directory(run, two_samples, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    run("split", "-O", tmp_path / "link", two_samples)
    assert (tmp_path / "link").is_symlink() and listing(tmp_path / "real") == TWO_SAMPLES


def test_places_that_are_no_directory(run, two_samples, tmp_path):
    (tmp_path / "file").write_text("keep me")
    (tmp_path / "dangling").symlink_to("nowhere")
    for name, message in (
            ("file", "file: is a file, not a directory"),
            ("file/below", "file/below: cannot open directory: Not a directory"),
            ("dangling", "dangling: is a broken symbolic link"),
            ("none/below", "none: cannot create a directory in it: No such file or directory")):
        done = run("split", "-f", "-O", tmp_path / name, two_samples, check=False)
        assert (done.returncode, done.stderr) == (1, f"labelcap split: {tmp_path}/{message}\n")
    assert (tmp_path / "file").read_text() == "keep me"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dangling", "file", "in.pcapng"]


def test_force_replaces_what_the_list_names_and_nothing_else(run, two_samples, tmp_path):
    out = tmp_path / "out"
    old = Ng().interface().packet(b"old", 1, ['1,"quoted", it is']).packet(b"old", 1, ["7,web"])
    run("split", "-O", out, write(tmp_path / "old.pcapng", old))
    (out / "notes.txt").write_text("keep me")
    (out / "sub").mkdir()
    (out / "sub/1_x.pcap").write_text("keep me too")
    (out / "9_foreign.pcap").write_text("not listed")
    run("split", "-f", "-O", out, two_samples)
    assert sorted(contents_below(out)) == ["7_web.pcap", "8_mail.pcap", "9_foreign.pcap",
                                           "metadata.csv", "notes.txt", "sub/1_x.pcap"]
    assert (out / "9_foreign.pcap").read_text() == "not listed"
    assert [packet.data for packet in read_packets(out / "7_web.pcap")] == [b"a1", b"a2"]


def contents_below(directory):
    return {str(path.relative_to(directory)): path.read_bytes()
            for path in directory.rglob("*") if path.is_file()}


@pytest.mark.parametrize("call", ["rename,renameat,renameat2", "unlink,unlinkat", "openat"])
@pytest.mark.parametrize("there", [False, True])
def test_killed_at_any_moment_it_can_be_done_again(program, run, two_samples, tmp_path, call, there,
                                                   sanitized):
    """Every file with a sample's name is whole, the old one or the new one; then -f completes."""
    if not shutil.which("strace") or sanitized:
        pytest.skip("needs strace, and a build that it can follow")
    out = tmp_path / "out"
    old = write(tmp_path / "old.pcapng", Ng().interface().packet(b"old", 1, ["7,web"]).packet(
        b"old", 2, ["1,old"]))
    run("split", "-O", tmp_path / "is", two_samples)
    run("split", "-O", tmp_path / "was", old)
    whole = [contents(tmp_path / "is"), contents(tmp_path / "was")]
    killed = 0
    for number in range(1, 40):
        shutil.rmtree(out, ignore_errors=True)
        if there:
            run("split", "-O", out, old)
        done = subprocess.run(
            ["strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e",
             f"inject={call}:signal=SIGKILL:when={number}", program, "split", "-q", "-f", "-O", out,
             two_samples], timeout=20)
        if out.exists():
            for name, data in contents(out, hidden=False).items():
                assert name == "metadata.csv" or data in [files.get(name) for files in whole]
        run("split", "-f", "-O", out, two_samples)
        assert contents(out, hidden=False) == whole[0]
        killed += done.returncode != 0
        if done.returncode == 0:
            break
    assert killed >= (1 if there or "unlink" not in call else 0)


@pytest.mark.parametrize("kind", ["file", "directory", "link", "dangling link"])
def test_a_foreign_file_with_the_name_of_a_sample(run, two_samples, tmp_path, kind):
    """An error, and nothing is lost, neither the foreign file nor the old samples."""
    out = tmp_path / "out"
    run("split", "-O", out, write(tmp_path / "old.pcapng", Ng().interface().packet(
        b"old", 1, ["1,old"])))
    foreign = out / "8_mail.pcap"
    if kind == "file":
        foreign.write_text("foreign")
    elif kind == "directory":
        foreign.mkdir()
    else:
        foreign.symlink_to("metadata.csv" if kind == "link" else "nowhere")
    before = contents_below(out)
    done = run("split", "-f", "-O", out, two_samples, check=False)
    assert (done.returncode, done.stderr) == (
        1, f"labelcap split: {foreign}: already exists and is not listed in metadata.csv\n")
    assert contents_below(out) == before and foreign.is_symlink() == ("link" in kind)
    assert sorted(os.listdir(out)) == ["1_old.pcap", "8_mail.pcap", "metadata.csv"]


@pytest.mark.parametrize("text", [
    "filename,label\ncapture.pcap,web\n",
    "FILE:capture.pcap,web\n",
    "File,Label,More\ncapture.pcap,web,x\n",
    "",
    "\n",
])
def test_a_metadata_csv_of_another_kind_is_not_taken_for_a_list(run, two_samples, tmp_path, text):
    """A rules file of that name, as pcapml's users have it, beside the captures it names."""
    (tmp_path / "capture.pcap").write_text("precious")
    (tmp_path / "metadata.csv").write_text(text)
    before = contents(tmp_path)
    done = run("split", "-f", "-O", tmp_path, two_samples, check=False)
    assert (done.returncode, done.stderr) == (
        1, f"labelcap split: {tmp_path}/metadata.csv: is not a list of sample files (expected the "
        "header File,Label)\n")
    assert contents(tmp_path) == before


def test_a_list_that_names_files_elsewhere(run, two_samples, tmp_path):
    """Only what lies in the directory itself is replaced."""
    out = tmp_path / "out"
    (out / "sub").mkdir(parents=True)
    for path in (tmp_path / "precious", out / "sub/precious", out / "listed"):
        path.write_text("precious")
    (out / "metadata.csv").write_text(
        f"File,Label\n../precious,x\nsub/precious,x\n{tmp_path}/precious,x\n..,x\n.,x\n,x\n"
        "listed,x\nnot there,x\nsub,x\n")
    done = run("split", "-f", "-O", out, two_samples, check=False)
    assert (done.returncode, done.stderr) == (
        1, f"labelcap split: {out}/sub: is a directory, although metadata.csv lists it\n")
    assert (out / "listed").exists()
    text = (out / "metadata.csv").read_text()
    (out / "metadata.csv").write_text(text.replace("sub,x\n", ""))
    run("split", "-f", "-O", out, two_samples)
    assert (tmp_path / "precious").exists() and (out / "sub/precious").exists()
    assert sorted(os.listdir(out)) == ["7_web.pcap", "8_mail.pcap", "metadata.csv", "sub"]


def test_the_input_is_not_replaced(run, two_samples, tmp_path):
    """A sample split once more into its own directory, also by another name."""
    out = tmp_path / "out"
    run("split", "--format", "pcapng", "-O", out, two_samples)
    before = contents(out)
    os.link(out / "7_web.pcapng", tmp_path / "other name.pcapng")
    for name in (out / "7_web.pcapng", tmp_path / "other name.pcapng"):
        done = run("split", "-f", "-O", out, name, check=False)
        assert (done.returncode, done.stderr) == (
            1, f"labelcap split: {out}/7_web.pcapng: is the same file as the input {name}\n")
        assert contents(out) == before
    with open(out / "7_web.pcapng", "rb") as file:
        done = run("split", "-f", "-O", out, "-", check=False, stdin=file)
    assert done.returncode == 1 and contents(out) == before


def test_force_on_nothing(run, two_samples, tmp_path):
    run("split", "-f", "-O", tmp_path / "out", two_samples)
    assert listing(tmp_path / "out") == TWO_SAMPLES


def test_tshark_and_capinfos_read_the_samples(run, shared, tmp_path):
    run("split", "-O", tmp_path / "out", shared / "peers/pcapml/whatsapp_login_call.pcapng")
    rows = listing(tmp_path / "out")
    done = subprocess.run(["capinfos", "-TrcmE", *[tmp_path / "out" / name for name, _ in rows]],
                          capture_output=True, text=True)
    counts = {line.split(",")[0].rsplit("/", 1)[1]: line.split(",")[1:]
              for line in done.stdout.splitlines()}
    assert counts == {"1_web.pcap": ["ether", "11"], "2_ping.pcap": ["ether", "14"],
                      "3_tls.pcap": ["ether", "359"], "5_other_tcp.pcap": ["ether", "39"],
                      "7_new_udp.pcap": ["ether", "828"]} or done.stdout


@pytest.mark.parametrize("form, left", [("pcap", 5), ("pcapng", 3)])
def test_blocks_left_out_are_counted(run, tmp_path, form, left):
    ng = Ng().names().secrets().interface().packet(comments=["7,web"]).statistics().custom()
    capture = write(tmp_path / "in.pcapng", ng.block(0x0BADF00D, b"unknown"))
    done = run("split", "--format", form, "-O", tmp_path / "out", capture)
    assert f"labelcap split: {left} blocks left out: not part of a sample\n" in done.stderr
    done = run("split", "--format", form, "-O", tmp_path / "piped", "-",
               input=capture.read_bytes(), text=False)
    assert f"{left} blocks left out: not part of a sample\n".encode() in done.stderr


# ---- --per-label ----


@pytest.mark.parametrize("form", ["pcap", "pcapng"])
@pytest.mark.parametrize("standard_input", [False, True])
def test_a_file_for_each_class(run, label, repo, tmp_path, form, standard_input):
    """Each holds the packets that have its label, in their order; tcpdump reads it."""
    capture = label(repo / "datasets/mixed/rules.csv", "-q", "--keep-unmatched",
                    repo / "datasets/mixed/mixed.pcap").output
    data = capture.read_bytes()
    run("split", "--per-label", "--format", form, "-o", tmp_path / "out",
        *(["-"] if standard_input else [capture]), text=False, input=data if standard_input else None)
    packets = read_packets(capture)
    metadata = list(dict.fromkeys(packet.label[1] for packet in packets if packet.label))
    assert listing(tmp_path / "out") == [(f"{one.replace(' ', '_').replace(',', ',')}.{form}", one)
                                         for one in metadata]
    for name, one in listing(tmp_path / "out"):
        expected = [packet for packet in packets if packet.label and packet.label[1] == one]
        found = read_packets(tmp_path / "out" / name)
        assert [packet.bare() for packet in found] == [packet.bare() for packet in expected]
        if form == "pcapng":
            assert [packet.comments for packet in found] == [packet.comments for packet in expected]
        said = subprocess.run(["tcpdump", "-n", "-t", "-q", "-r", tmp_path / "out" / name],
                              check=True, capture_output=True).stdout
        assert said.count(b"\n") >= len(expected)
    back = label((tmp_path / "out/metadata.csv"), tmp_path / "out", *(["--relabel"] * (form == "pcapng")),
                 output="back.pcapng").output
    assert sorted((packet.time_ns, packet.label[1]) for packet in read_packets(back)) == sorted(
        (packet.time_ns, packet.label[1]) for packet in packets if packet.label)


def test_classes_whose_names_are_alike_or_odd(run, tmp_path):
    names = ["a/b", "a:b", "a_b", "a_b-2", "", ".x", "-rf", "x" * 300, "x" * 299 + "y"]
    ng = Ng().interface()
    for number, name in enumerate(names):
        ng.packet(b"%d" % number, number, [f"{number},{name}"]).packet(b"z", 99, [f"9{number},{name}"])
    capture = write(tmp_path / "in.pcapng", ng)
    run("split", "--per-label", "-o", tmp_path / "out", capture)
    rows = listing(tmp_path / "out")
    assert [row[1] for row in rows] == names
    assert [row[0] for row in rows[:7]] == ["a_b.pcap", "a_b-2.pcap", "a_b-3.pcap", "a_b-2-4.pcap",
                                            "_.pcap", "_.x.pcap", "_-rf.pcap"]
    assert all(len(name) <= 255 and name[0] not in ".-" for name, _ in rows)
    for number, (name, _) in enumerate(rows):
        assert [packet.data for packet in read_packets(tmp_path / "out" / name)] == [
            b"%d" % number, b"z"]


def test_link_types_and_times_of_a_class(run, tmp_path):
    """Two samples of a class: one Ethernet in microseconds, one raw IP in nanoseconds."""
    ng = Ng().interface().interface(linktype=RAW, tsresol=9)
    ng.packet(b"e", 1_000_001, ["1,web"]).packet(b"r", 1_000_000_001, ["2,web"], interface=1)
    ng.packet(b"f", 1_000_002, ["1,web"])
    run("split", "--per-label", "-o", tmp_path / "out", write(tmp_path / "in.pcapng", ng))
    assert listing(tmp_path / "out") == [("web.ETHERNET.pcap", "web"), ("web.RAW.pcap", "web")]
    ethernet, raw = (read_packets(tmp_path / "out" / f"web.{name}.pcap") for name in ("ETHERNET", "RAW"))
    assert [(packet.data, packet.time_ns) for packet in ethernet] == [
        (b"e", 1_000_001_000), (b"f", 1_000_002_000)]
    assert [(packet.data, packet.time_ns) for packet in raw] == [(b"r", 1_000_000_001)]
