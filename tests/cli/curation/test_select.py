"""select: tshark, editcap and Python say what is to be selected; a catalogue changes nothing."""

import gzip
import random
import re
import subprocess

import pytest

from captures import Ng, bgzf, read_packets
from labels import sample_id, tshark


def write(path, packets, **interface):
    """`packets`: (sampleID, metadata, time in µs, data)."""
    ng = Ng().interface(**interface)
    for number, metadata, time, data in packets:
        ng.packet(data, time, [f"{number},{metadata}"] if number is not None else ["foreign"])
    path.write_bytes(bytes(ng))
    return path


@pytest.fixture
def selected(run, tmp_path):
    """selected(data set, *options): what is selected, the same with and without a catalogue."""

    def select(path, *options, check=True):
        outputs = []
        catalogue = path.with_name(path.name + ".sqlite")
        catalogue.unlink(missing_ok=True)
        for index in (False, True):
            if index:
                run("index", path)
            out = tmp_path / f"selected-{index}.pcapng"
            out.unlink(missing_ok=True)
            done = run("select", "-o", out, *options, path, check=check)
            outputs.append((out.read_bytes() if out.exists() else None, done.returncode))
        assert outputs[0] == outputs[1]
        return read_packets(out) if outputs[0][0] is not None else None

    return select


def labels(packets):
    return [packet.label for packet in packets]


@pytest.fixture
def mixed(run, repo, tmp_path):
    """A data set whose samples lie in each other, and the same sorted."""
    path, in_order = tmp_path / "mixed.pcapng", tmp_path / "sorted.pcapng"
    run("label", "-L", repo / "datasets/mixed/rules.csv", "-o", path,
        repo / "datasets/mixed/mixed.pcap")
    run("sort", "-o", in_order, path)
    return path, in_order


# ---- samples ----


def test_by_ids(selected, mixed, tmp_path):
    ids = tmp_path / "ids.csv"
    for path in mixed:
        packets = read_packets(path)
        wanted = random.Random(1).sample(sorted({p.label[0] for p in packets}), 3)
        ids.write_text("SampleID,note\n# three\n" + "".join(f"{i},x\n" for i in wanted))
        assert selected(path, "--ids", ids) == [p for p in packets if p.label[0] in wanted]


def test_by_label_as_tshark_sees_it(selected, mixed):
    for path in mixed:
        found = selected(path, "--label", "*redis*")
        comments = [row[0] for row in tshark(path, "frame.comment")]
        assert [f"{p.label[0]},{p.label[1]}" for p in found] == [
            comment for comment in comments if "redis" in comment]


def test_ids_that_are_not_there(run, tmp_path):
    path = write(tmp_path / "a.pcapng", [(7, "a", 1, b"x"), (8, "b", 2, b"y")])
    (tmp_path / "ids").write_text("7\n9\n10\n")
    for _ in range(2):
        done = run("select", "-f", "-o", tmp_path / "o", "--ids", tmp_path / "ids", path)
        assert "2 sampleIDs not in the data set, the first of them 9" in done.stderr
        run("index", "-f", path)


@pytest.mark.parametrize("header", ["sampleID", "sample_id", "SAMPLE_ID,metadata", "# train"])
def test_headers_of_lists(selected, tmp_path, header):
    path = write(tmp_path / "a.pcapng", [(7, "a", 1, b"x"), (8, "b", 2, b"y")])
    (tmp_path / "ids").write_text(f"{header}\n8\n")
    assert [packet.label[0] for packet in selected(path, "--ids", tmp_path / "ids")] == [8]


@pytest.mark.parametrize("text, place", [("7\nx7\n", "2:1"), ("1\n18446744073709551616\n", "2:1"),
                                         ("id\n", "1:1"), ("7\n\n-1\n", "3:1")])
def test_lists_that_are_none(run, tmp_path, text, place):
    path = write(tmp_path / "a.pcapng", [(7, "a", 1, b"x")])
    (tmp_path / "ids").write_text(text)
    done = run("select", "-o", tmp_path / "o", "--ids", tmp_path / "ids", path, check=False)
    assert done.returncode == 1 and f"ids:{place}: expected a sampleID" in done.stderr
    assert not (tmp_path / "o").exists()


def test_by_list_of_a_split(selected, tmp_path):
    path = write(tmp_path / "a.pcapng", [(i % 3, "a", i, b"x") for i in range(9)])
    (tmp_path / "train.csv").write_text("0\n2\n")
    found = selected(path, "--splits", tmp_path, "--list", "train")
    assert [p.label[0] for p in found] == [0, 2, 0, 2, 0, 2]
    (tmp_path / "ids").write_text("2\n1\n")
    found = selected(path, "--splits", tmp_path, "--list", "train", "--ids", tmp_path / "ids")
    assert [p.label[0] for p in found] == [2, 2, 2]


def test_by_number_of_packets(selected, tmp_path):
    path = write(tmp_path / "a.pcapng", [(i, "a", t, b"x") for t in range(5) for i in range(t)])
    found = selected(path, "--min-packets", "3")
    assert {p.label[0] for p in found} == {0, 1} and len(found) == 4 + 3
    assert len(selected(path, "--min-packets", "1")) == 10


def test_at_most_so_many_of_each_label(selected, tmp_path):
    rows = [(i, f"label {i % 3}", i, b"x") for i in range(100)]
    kept = set()
    for label in range(3):
        of_label = [i for i in range(100) if i % 3 == label]
        kept.update(sorted(of_label, key=lambda i: sample_id(str(i).encode()))[:5])
    for order in (rows, rows[::-1]):
        path = write(tmp_path / "a.pcapng", order)
        assert {p.label[0] for p in selected(path, "--max-per-label", "5")} == kept


def test_a_pipe_can_be_read_only_once(run, tmp_path):
    path = write(tmp_path / "a.pcapng", [(7, "a", 1, b"x"), (8, "b", 2, b"y")])
    done = run("select", "-o", "-", "--label", "b", "-", input=path.read_bytes(), text=False)
    (tmp_path / "b.pcapng").write_bytes(done.stdout)
    assert labels(read_packets(tmp_path / "b.pcapng")) == [(8, "b")]
    done = run("select", "-o", "-", "--min-packets", "2", "-", input=path.read_bytes(), text=False,
               check=False)
    assert done.returncode == 1 and b"cannot be read twice" in done.stderr


# ---- packets ----


def test_by_filter_as_tshark_sees_it(selected, mixed):
    for path in mixed:
        found = selected(path, "--filter", "udp port 53 or icmp")
        expected = subprocess.run(
            ["tshark", "-n", "-r", path, "-Y", "udp.port == 53 || icmp",
             "-T", "fields", "-e", "frame.comment"], capture_output=True, text=True, check=True)
        assert [f"{p.label[0]},{p.label[1]}" for p in found] == expected.stdout.splitlines()


def test_by_time_as_tshark_sees_it(selected, mixed):
    for path in mixed:
        times = sorted(p.time_ns for p in read_packets(path))
        first, last = times[len(times) // 4], times[len(times) // 2]
        stamp = [f"{ns // 10**9}.{ns % 10**9:09}" for ns in (first, last)]
        found = selected(path, "--time", "..".join(stamp))
        expected = subprocess.run(
            ["tshark", "-n", "-r", path, "-Y",
             f"frame.time_epoch >= {stamp[0]} && frame.time_epoch <= {stamp[1]}",
             "-T", "fields", "-e", "frame.comment"], capture_output=True, text=True, check=True)
        assert [f"{p.label[0]},{p.label[1]}" for p in found] == expected.stdout.splitlines()
        assert len(found) > 10


def test_ends_of_times(selected, tmp_path):
    path = write(tmp_path / "a.pcapng", [(1, "a", t, b"x") for t in
                                         (999_999, 1_000_000, 2_000_000, 2_999_999, 3_000_000)])
    for times, count in (("1..2", 3), ("1..2.0", 2), ("1970-01-01T00:00:01Z..", 4), ("..0", 1)):
        assert len(selected(path, "--time", times)) == count


@pytest.mark.parametrize("times", ["1", "..", "a..b", "2..1", ""])
def test_times_that_are_none(run, tmp_path, times):
    done = run("select", "-o", tmp_path / "o", "--time", times, tmp_path / "x", check=False)
    assert done.returncode == 2 and "--time: " in done.stderr


def test_first_packets(selected, mixed):
    for path in mixed:
        count, expected = {}, []
        for packet in read_packets(path):
            count[packet.label] = count.get(packet.label, 0) + 1
            if count[packet.label] <= 4:
                expected.append(packet)
        assert selected(path, "--first", "4") == expected


@pytest.mark.parametrize("seconds", ["0.0005", "0.01", "1"])
def test_without_duplicates_as_editcap(selected, tmp_path, seconds):
    """One sample: editcap knows no others."""
    rng = random.Random(seconds)
    time, rows = 10**15, []
    for _ in range(400):
        time += rng.choice([0, 100, 400, 5_000, 200_000])
        rows.append((1, "a", time, bytes([rng.randrange(4)]) * rng.choice([60, 61])))
    path = write(tmp_path / "a.pcapng", rows)
    found = selected(path, "--dedup=" + seconds)
    subprocess.run(["editcap", "-w", seconds, path, tmp_path / "e.pcapng"], check=True,
                   capture_output=True)
    assert found == read_packets(tmp_path / "e.pcapng")
    assert 10 < len(found) < 390


def test_duplicates_are_of_one_sample(selected, tmp_path):
    path = write(tmp_path / "a.pcapng", [(1, "a", 0, b"x"), (2, "a", 10, b"x"), (1, "a", 900, b"x"),
                                         (2, "a", 1011, b"x"), (1, "a", 901, b"y")])
    assert [p.label[0] for p in selected(path, "--dedup")] == [1, 2, 2, 1]


# ---- all of them ----


def blocks(ng, rng, numbers):
    for _ in range(rng.randrange(60)):
        kind = rng.random()
        comments = [f"{rng.choice(numbers)},{rng.choice('ab')}"] if kind < 0.8 else []
        if kind < 0.9:
            ng.packet(bytes(rng.randrange(70)), rng.randrange(10**7), comments, rng.randrange(2))
        else:
            rng.choice([ng.names, ng.secrets, ng.custom, ng.statistics])()


def test_a_catalogue_changes_nothing(selected, tmp_path):
    """Random data sets of several sections, and random selections."""
    for seed in range(25):
        rng = random.Random(seed)
        ng = Ng(rng.choice("<>"))
        numbers = [rng.randrange(2**64) for _ in range(5)]
        for section in range(rng.randrange(1, 4)):
            if section:
                ng.section("<>"[seed % 2])
            ng.interface(tsresol=rng.choice([None, 9])).interface(linktype=101)
            blocks(ng, rng, numbers)
        ng.packet(b"end", 1, [f"{numbers[0]},a"])
        path = tmp_path / "a.pcapng"
        path.write_bytes(bytes(ng))
        (tmp_path / "ids").write_text("\n".join(map(str, numbers[:3])))
        options = [["--ids", tmp_path / "ids"], ["--label", "a"], ["--time", "2..7"],
                   ["--min-packets", "4"], ["--max-per-label", "1"], ["--first", "2"],
                   ["--filter", "len > 30"], ["--dedup=100"]]
        chosen = [word for option in rng.sample(options, rng.randrange(1, 4)) for word in option]
        found = selected(path, *chosen, check=False)
        packed = tmp_path / "a.pcapng.gz"
        for pack in (bgzf, gzip.compress) if seed < 6 else ():
            packed.write_bytes(pack(path.read_bytes()))
            assert selected(packed, *chosen, check=False) == found


def test_a_catalogue_changes_nothing_in_shared_captures(selected, run, shared, tmp_path):
    captures = sorted((shared / "captures/protocols").glob("*.pcap*"))[:12]
    (tmp_path / "rules.csv").write_text("BPF:tcp,tcp\nBPF:udp,udp\nBPF:ip6 or arp,other\n")
    run("label", "-q", "-L", tmp_path / "rules.csv", "-o", tmp_path / "a.pcapng", *captures)
    for label in ("tcp", "u*", "nothing", "*"):
        found = selected(tmp_path / "a.pcapng", "--label", label, check=False)
        assert (found is None) == (label == "nothing")


def test_every_prefix(run, tmp_path):
    """Cut at every third byte: all whole packets come out, and what is left over is an error."""
    path, out = tmp_path / "a.pcapng", tmp_path / "o"
    write(path, [(i, "a", i, b"packet") for i in range(4)])
    data = path.read_bytes()
    ends = [data.index(b"%d,a" % i) + 12 for i in range(4)]
    for length in range(len(data) - 1, 0, -3):
        path.write_bytes(data[:length])
        out.unlink(missing_ok=True)
        done = run("select", "-o", out, "--label", "a", path, check=False)
        whole = sum(end <= length for end in ends)
        assert (len(read_packets(out)) if out.exists() else 0) == whole, length
        assert done.returncode == (0 if length in ends else 1)
        assert whole == 4 or length in ends or "a.pcapng: " in done.stderr


@pytest.mark.parametrize("snaplen", [1, 54, 262144])
def test_packets_are_cut_as_editcap_cuts_them(selected, mixed, tmp_path, snaplen):
    """After the filter has seen them whole."""
    for path in mixed:
        whole = selected(path, "--filter", "udp port 53")
        cut = selected(path, "--filter", "udp port 53", "--snaplen", snaplen)
        subprocess.run(["tcpdump", "-r", path, "-w", tmp_path / "dns.pcap", "udp port 53"],
                       check=True, capture_output=True)
        subprocess.run(["editcap", "-s", str(snaplen), tmp_path / "dns.pcap", tmp_path / "cut.pcap"],
                       check=True)
        assert [p.bare() for p in cut] == [p.bare() for p in read_packets(tmp_path / "cut.pcap")]
        assert labels(cut) == labels(whole)


def test_a_list_without_its_name(run, tmp_path):
    done = run("select", "-o", tmp_path / "o", "--splits", tmp_path, "a.pcapng", check=False)
    assert done.returncode == 2 and "--splits needs --list NAME" in done.stderr


def test_nothing_to_select_by(run):
    done = run("select", "-o", "o", "a.pcapng", check=False)
    assert done.returncode == 2 and "--dedup[=SECONDS] or --first N given" in done.stderr


def test_nothing_selected(run, tmp_path):
    path = write(tmp_path / "a.pcapng", [(7, "a", 1, b"x"), (None, "", 2, b"y")])
    done = run("select", "-q", "-o", tmp_path / "o", "--label", "b", path, check=False)
    assert done.returncode == 1
    nothing = f"labelcap select: {path}: no packet is selected, so nothing is written"
    assert done.stderr == f"{nothing}; 'labelcap info' lists the labels\n"
    assert not (tmp_path / "o").exists()
    done = run("select", "-q", "-o", tmp_path / "o", "--min-packets", 2, path, check=False)
    assert done.stderr == f"{nothing}\n"


@pytest.mark.parametrize("expression", ["port http and", "host example.com", "udp[", "(" * 3000])
def test_filters_that_do_not_compile(run, tmp_path, expression):
    path = write(tmp_path / "a.pcapng", [(7, "a", 1, b"x")])
    done = run("select", "-o", tmp_path / "o", "--filter", expression, path, check=False)
    assert done.returncode == 2 and not (tmp_path / "o").exists()
    assert re.search("^labelcap select: --filter: .*filter", done.stderr)


def test_filter_for_some_link_types(run, tmp_path):
    ng = Ng().interface().interface(linktype=101)
    ng.packet(bytes(60), 1, ["1,a"]).packet(bytes(60), 1, ["1,a"], interface=1)
    (tmp_path / "a.pcapng").write_bytes(bytes(ng))
    done = run("select", "-o", tmp_path / "o", "--filter", "ether host 00:00:00:00:00:00", tmp_path / "a.pcapng",
               check=False)
    found = read_packets(tmp_path / "o")
    assert [p.linktype for p in found] == [1] and "link type RAW" in done.stderr


def test_several_link_types_are_told(run, tmp_path):
    ng = Ng().interface().interface(linktype=101)
    ng.packet(bytes(60), 1, ["1,a"]).packet(bytes(60), 1, ["2,b"], interface=1)
    (tmp_path / "a.pcapng").write_bytes(bytes(ng))
    for labels, several in (("?", True), ("b", False)):
        out = tmp_path / f"{several}.pcapng"
        done = run("select", "-o", out, "--label", labels, tmp_path / "a.pcapng")
        assert (f"{out}: has 2 link types" in done.stderr) == several


def test_interfaces_of_other_samples_are_left_out(selected, tmp_path):
    """tcpdump refuses a file with interfaces of several link types, packets or not."""
    ng = Ng().interface().interface(linktype=101).interface()
    ng.packet(bytes(60), 1, ["1,a"]).statistics(1, 1).packet(bytes(60), 2, ["2,b"], interface=2)
    ng.packet(bytes(60), 3, ["3,c"], interface=1).statistics(1, 4)
    path = tmp_path / "a.pcapng"
    path.write_bytes(bytes(ng))
    assert len(selected(path, "--label", "b")) == 1
    read = subprocess.run(["tcpdump", "-nr", tmp_path / "selected-True.pcapng"], capture_output=True, text=True, timeout=60)
    assert read.returncode == 0 and len(read.stdout.splitlines()) == 1
