"""arrays: the forms held to published vectors and to plain Python on real captures."""

import gzip
import json
import random
import subprocess
import zipfile
from pathlib import Path

import numpy
import pandas
import pytest
import scapy.all as scapy
from array_set import load, padded, places, read_png, udp, write_set

from captures import Ng, read_packets

REPO = Path(__file__).resolve().parents[3]
VECTORS = "forms/vectors.json"
IMAGE, HEADERS, PAYLOAD = 1600, 80, 240


@pytest.fixture
def arrays(run, tmp_path):
    """arrays(dataset, *arguments): what `arrays` writes, as a dictionary."""
    def write_arrays(dataset, *arguments):
        out = tmp_path / "arrays"
        run("arrays", "-qf", "-o", out, dataset, *arguments)
        return load(out)

    return write_arrays


@pytest.fixture(scope="module")
def app_set(run, shared, tmp_path_factory):
    """Captures of 109 applications as one data set in order."""
    folder = tmp_path_factory.mktemp("apps")
    apps = shared / "captures/apps"
    run("label", "-q", "--sort", "-L", apps / "metadata.csv", "-o", folder / "apps.pcapng", apps)
    return folder / "apps.pcapng"


@pytest.fixture(scope="module")
def app_packets(app_set):
    return read_packets(app_set)


# ---- published vectors ----


def packets_of_image(image):
    """The packets of an image that has no payload, behind Ethernet headers."""
    for at in range(0, IMAGE, HEADERS + PAYLOAD):
        length = int.from_bytes(image[at + 2:at + 4], "big")
        yield bytes(12) + b"\x08\x00" + image[at:at + length]


@pytest.mark.parametrize("form, vector", [("yatc", "yatc_40x40"), ("netmamba", "netmamba_1600")])
def test_images_are_those_of_the_vectors(arrays, shared, tmp_path, form, vector):
    vectors = json.loads((shared / VECTORS).read_text())
    flow = packets_of_image(bytes.fromhex(vectors["yatc_40x40"]))
    dataset = write_set(tmp_path / "set.pcapng", [(7, "web", n, data) for n, data in enumerate(flow)])
    made = arrays(dataset, "--form", form)
    assert made["X"].shape == (1, 40, 40) and made["X"].dtype == numpy.uint8
    assert made["X"].tobytes().hex() == vectors[vector]


# ---- real captures ----


def image_part(data):
    at = places(data)
    return padded(data[at.network:at.payload], HEADERS) + padded(data[at.payload:at.end], PAYLOAD)


def readable(packet):
    return packet.linktype == 1 and packet.length == len(packet.data) >= 34 and places(packet.data)


def test_packets_of_images_are_those_of_plain_python(arrays, app_set, app_packets):
    made = arrays(app_set, "--form", "yatc", "--per", "packet")
    rows = made["X"].reshape(len(made["X"]), -1)
    assert made["X"].shape[1:] == (40, 40) and not rows[:, HEADERS + PAYLOAD:].any()
    found = {row.tobytes() for row in rows[:, :HEADERS + PAYLOAD]}
    expected = [image_part(packet.data) for packet in app_packets if readable(packet)]
    assert len(expected) > 50_000
    assert [part for part in expected if part not in found] == []


def test_labels_and_sample_ids_are_those_of_the_packets(arrays, app_set, app_packets):
    made = arrays(app_set, "--form", "yatc", "--per", "sample")
    labels = dict(packet.label for packet in app_packets)
    ids = [int(number) for number in made["sample_id"]]
    assert ids == sorted(ids) and set(ids) <= set(labels)
    assert list(made["labels"]) == sorted(set(made["labels"]))
    assert [made["labels"][y] for y in made["y"]] == [labels[number] for number in ids]
    assert set(made) == {"X", "y", "labels", "sample_id", "mask"}
    assert made["y"].dtype == numpy.int64 and made["sample_id"].dtype == numpy.uint64


@pytest.mark.parametrize("rows", [("--packets", 3), ("--per", "packet", "--mask", "ip,ports,random")])
def test_rows_do_not_depend_on_threads(run, app_set, rows, tmp_path):
    for threads in (1, 3):
        run("arrays", "-q", "-j", threads, *rows, "--bytes", 90, "--series",
            "length,direction,inter_arrival", "-o", tmp_path / f"{threads}", app_set)
    one, three = load(tmp_path / "1"), load(tmp_path / "3")
    assert set(one) == set(three) and len(one) == 9
    for name in one:
        assert one[name].tobytes() == three[name].tobytes()


# ---- tables ----


def test_tables_hold_the_same_rows(run, arrays, app_set, tmp_path):
    options = ("--form", "yatc", "--series", "length,inter_arrival")
    made = arrays(app_set, *options)
    for suffix in ("tsv", "csv"):
        run("arrays", "-q", *options, "-o", tmp_path / f"table.{suffix}", app_set)
        table = pandas.read_csv(tmp_path / f"table.{suffix}", sep="\t" if suffix == "tsv" else ",")
        assert list(table) == ["sample_id", "flow", "label", "x", "length", "inter_arrival"]
        assert (table.sample_id == made["sample_id"]).all() and (table.flow == made["flow"]).all()
        assert (table.label == made["labels"][made["y"]]).all()
        for column, array in (("x", "X"), ("length", "length"), ("inter_arrival", "inter_arrival")):
            numbers = numpy.array([list(map(int, text.split())) for text in table[column]])
            assert (numbers == made[array].reshape(len(table), -1)).all()


def test_bits_of_packets_have_columns(run, arrays, repo, tmp_path):
    run("label", "-q", "--sort", "-L", repo / "datasets/mixed/rules.csv", "-o", tmp_path / "set.pcapng",
        repo / "datasets/mixed/mixed.pcap")
    made = arrays(tmp_path / "set.pcapng", "--form", "nprint")
    run("arrays", "-q", "--form", "nprint", "-o", tmp_path / "bits.tsv", tmp_path / "set.pcapng")
    table = pandas.read_csv(tmp_path / "bits.tsv", sep="\t")
    assert list(table)[3:] == list(made["columns"])
    assert (table.iloc[:, 3:].to_numpy() == made["X"]).all()


# ---- archives and images ----


def test_archives_hold_the_same_arrays(run, arrays, app_set, tmp_path):
    options = ("--form", "nprint", "--per", "flow", "--packets", 2)
    made = arrays(app_set, *options)
    run("arrays", "-q", *options, "-o", tmp_path / "a.npz", app_set)
    archive = numpy.load(tmp_path / "a.npz", allow_pickle=False)
    assert set(archive.files) == set(made)
    for name in made:
        assert archive[name].dtype == made[name].dtype and (archive[name] == made[name]).all()
    with zipfile.ZipFile(tmp_path / "a.npz") as archive:
        assert archive.testzip() is None


def test_images_hold_the_same_bytes(run, arrays, tmp_path):
    dataset = write_set(tmp_path / "set.pcapng", [(number, label, 0, udp(b"%d" % number))
                        for number, label in enumerate(["web", "Web", "../etc", "", "a/b", ".x"])])
    made = arrays(dataset, "--form", "yatc")
    run("arrays", "-q", "--form", "yatc", "--format", "png", "-o", tmp_path / "png", dataset)
    names = ["web", "Web-2", "_.._etc", "_", "a_b", "_.x"]
    assert sorted(path.name for path in (tmp_path / "png").iterdir()) == sorted(names)
    for number, name in enumerate(names):
        pixels = read_png(tmp_path / f"png/{name}/{number}-0.png")
        assert (pixels == made["X"][number]).all()
    run("arrays", "-q", "--form", "nprint", "--format", "png", "-o", tmp_path / "bits", dataset)
    pixels = read_png(tmp_path / "bits/web/0-0-0.png", most=1)
    bits = arrays(dataset, "--form", "nprint")["X"][0]
    for value, colour in ((-1, (0, 0, 255, 255)), (0, (0, 255, 0, 255)), (1, (255, 0, 0, 255))):
        assert ((pixels[0] == colour).all(axis=1) == (bits == value)).all()


# ---- the library ----


@pytest.mark.parametrize("form", ["yatc", "nprint"])
def test_the_library_fills_the_same_arrays(arrays, build, build_flags, app_set, tmp_path, form):
    made = arrays(app_set, "--form", form, "--series", "length,direction")
    program = tmp_path / "fill_arrays"
    subprocess.run(["cc", "-std=c11", "-Wall", "-Werror", *build_flags, f"-I{REPO}/include",
                    f"{REPO}/tests/cli/arrays/fill_arrays.c", f"-L{build}", "-llabelcap",
                    f"-Wl,-rpath,{build}", "-o", program], check=True)
    filled = tmp_path / "filled"
    filled.mkdir()
    done = subprocess.run([program, app_set, form, filled], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == list(made["labels"])
    names = {path.stem for path in filled.iterdir()}
    assert names == set(made) - {"labels", "columns"}
    for name in names:
        assert (filled / f"{name}.bin").read_bytes() == made[name].tobytes()


# ---- nprint ----


def bits(data, width):
    """The bits of `data`, -1 for those of the bytes that it lacks up to `width`."""
    found = numpy.unpackbits(numpy.frombuffer(data[:width], numpy.uint8)).astype(numpy.int8)
    return numpy.concatenate([found, numpy.full(8 * width - len(found), -1, numpy.int8)])


def nprint_row(data, payload):
    at = places(data)
    header = data[at.network:at.transport]
    transport = data[at.transport:at.payload]
    of = {4: header if at.version == 4 else b"", 6: header if at.version == 6 else b""}
    return numpy.concatenate([
        bits(data[:14], 14), bits(of[4], 60), bits(of[6], 40),
        bits(transport if at.protocol == 6 else b"", 60), bits(transport if at.protocol == 17 else b"", 8),
        bits(transport if at.protocol in (1, 58) else b"", 8), bits(data[at.payload:at.end], payload)])


def test_bits_are_those_of_numpy(arrays, app_set, app_packets):
    made = arrays(app_set, "--form", "nprint", "--headers", "icmp,udp,tcp,ipv6,ipv4,eth", "--bytes", 16)
    assert made["X"].shape[1] == len(made["columns"]) == 112 + 480 + 320 + 480 + 64 + 64 + 128
    assert made["columns"][0] == "eth_dhost_0" and made["columns"][-1] == "payload_bit_127"
    found = {row.tobytes() for row in made["X"]}
    expected = [packet.data for packet in app_packets[::5] if readable(packet)]
    assert len(expected) > 10_000
    assert [data for data in expected if nprint_row(data, 16).tobytes() not in found] == []


def test_compat_takes_later_fragments_for_first_ones(arrays, tmp_path):
    whole = udp(b"x" * 40)
    fragments = [bytes(part) for part in scapy.fragment(scapy.Ether(whole), fragsize=24)]
    vlan = whole[:12] + b"\x81\x00\x00\x07" + whole[12:]
    sctp = whole[:23] + b"\x84" + whole[24:]
    dataset = write_set(tmp_path / "set.pcapng",
                        [(1, "web", n, data) for n, data in enumerate([*fragments, vlan, sctp])])
    plain = arrays(dataset, "--form", "nprint", "--headers", "ipv4,udp")
    assert len(plain["X"]) == len(fragments) + 2
    assert (plain["X"][1, 480:] == -1).all() and (plain["X"][-1, 480:] == -1).all()
    compat = arrays(dataset, "--form", "nprint", "--headers", "ipv4,udp", "--compat")
    assert len(compat["X"]) == len(fragments)
    for row, data in zip(compat["X"], fragments):
        assert (row == numpy.concatenate([bits(data[14:34], 60), bits(data[34:42], 8)])).all()


# ---- rows ----


def tcp(payload=b"", flags="A", back=False, **fields):
    ends = [("10.0.0.1", 1000), ("10.0.0.2", 443)]
    (source, sport), (target, dport) = reversed(ends) if back else ends
    return bytes(scapy.Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") /
                 scapy.IP(src=source, dst=target, id=7) /
                 scapy.TCP(sport=sport, dport=dport, flags=flags, **fields) / payload)


def test_rows_of_flows_samples_and_packets(arrays, tmp_path):
    mine, other = tcp(b"one"), udp(b"two")
    answer = tcp(b"three", back=True)
    dataset = write_set(tmp_path / "set.pcapng", [
        (3, "b", 10, mine), (3, "b", 25, other), (3, "b", 31, answer), (5, "a", 40, mine)])
    options = ("--packets", 2, "--bytes", 50, "--series", "length,direction,inter_arrival")
    flows = arrays(dataset, *options)
    assert flows["X"].shape == (3, 2, 50)
    assert flows["sample_id"].tolist() == [3, 3, 5] and flows["flow"].tolist() == [0, 1, 0]
    assert flows["labels"].tolist() == ["a", "b"] and flows["y"].tolist() == [1, 1, 0]
    assert flows["mask"].tolist() == [[True, True], [True, False], [True, False]]
    assert flows["X"][0].tobytes() == padded(mine[14:], 50) + padded(answer[14:], 50)
    assert flows["direction"].tolist() == [[1, -1], [1, 0], [1, 0]]
    assert flows["length"].tolist() == [[len(mine), len(answer)], [len(other), 0], [len(mine), 0]]
    assert flows["inter_arrival"].tolist() == [[0, 21], [0, 0], [0, 0]]
    samples = arrays(dataset, *options, "--per", "sample")
    assert samples["sample_id"].tolist() == [3, 5] and "flow" not in samples
    assert samples["direction"].tolist() == [[1, 1], [1, 0]]
    packets = arrays(dataset, "--bytes", 50, "--per", "packet")
    assert packets["X"].shape == (4, 50) and packets["flow"].tolist() == [0, 1, 0, 0]
    few = arrays(dataset, *options, "--min-packets", 2)
    assert few["sample_id"].tolist() == [3]


@pytest.mark.parametrize("part, begin, end", [
    ("l2", 0, None), ("l3", 14, 62), ("l4", 34, 62), ("payload", 54, 62)])
def test_parts_begin_at_their_layer(arrays, tmp_path, part, begin, end):
    data = tcp(b"payload!") + b"pad"
    dataset = write_set(tmp_path / "set.pcapng", [(1, "web", 0, data)])
    made = arrays(dataset, "--packets", 1, "--bytes", 100, "--part", part)
    assert made["X"].tobytes() == padded(data[begin:end], 100)


def test_splits_give_an_output_each(run, tmp_path):
    dataset = write_set(tmp_path / "set.pcapng",
                        [(number, "ab"[number % 2], 0, udp(b"%d" % number)) for number in range(1, 6)])
    splits = tmp_path / "splits"
    splits.mkdir()
    (splits / "train.csv").write_text("sample_id\n1\n3\n")
    (splits / "test.csv").write_text("sample_id\n4\n3\n")
    done = run("arrays", "--json", "--form", "yatc", "--splits", splits, "-o", tmp_path / "out", dataset)
    report = json.loads(done.stdout)
    assert report["lists"] == [{"list": "train", "rows": 2}, {"list": "test", "rows": 1}]
    assert (report["rows"], report["unlisted_samples"]) == (3, 2)
    train, test = load(tmp_path / "out/train"), load(tmp_path / "out/test")
    assert train["sample_id"].tolist() == [1, 3] and test["sample_id"].tolist() == [4]
    assert train["labels"].tolist() == test["labels"].tolist() == ["a", "b"]
    assert train["y"].tolist() == [1, 1] and test["y"].tolist() == [0]
    done = run("arrays", "--form", "yatc", "--splits", splits, "-o", tmp_path / "x.npz", dataset)
    assert "train: 2 rows\n" in done.stderr and "test: 1 row\n" in done.stderr
    assert numpy.load(tmp_path / "x-test.npz")["sample_id"].tolist() == [4]


def test_a_set_out_of_order_needs_a_catalogue(run, tmp_path):
    dataset = write_set(tmp_path / "set.pcapng", [
        (9, "b", 0, udp(b"1")), (2, "a", 1, udp(b"2")), (9, "b", 2, udp(b"3"))])
    done = run("arrays", "--form", "yatc", "-o", tmp_path / "out", dataset, check=False)
    assert done.returncode == 1 and f"{dataset}: sample 2 comes after sample 9" in done.stderr
    with open(dataset, "rb") as stdin:
        done = run("arrays", "--form", "yatc", "-o", tmp_path / "out", "-", stdin=stdin, check=False)
    assert "labelcap arrays: standard input: sample 2 comes after sample 9" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["set.pcapng"]
    run("index", dataset)
    write_set(dataset, [(9, "b", 0, udp(b"1")), (2, "a", 1, udp(b"2"))])
    done = run("arrays", "--form", "yatc", "-o", tmp_path / "out", dataset, check=False)
    assert done.returncode == 1 and not (tmp_path / "out").exists()
    assert ", and the catalogue cannot be used: " in done.stderr
    assert done.stderr.endswith("; 'labelcap index -f' makes it anew\n")


def in_no_order(chance, together):
    """Packets of samples, so many of which stand together; in a sample, times are in no order."""
    packets = [("no label", "", 0, udp(b""))]
    for run in range(200 // together):
        number = chance.choice([9, 2, 2**64 - 1, 5, 7])
        packets += [(number, "ab"[number % 2], chance.randrange(10**12), udp(chance.randbytes(chance.randrange(900))))
                    for _ in range(together)]
    return packets


@pytest.mark.parametrize("together, suffix", [(1, ""), (40, ""), (1, ".gz"), (40, ".gz"), (1, ".bgzf")])
def test_samples_in_no_order_are_read_as_if_they_stood_together(run, tmp_path, together, suffix):
    """Whether packets are sorted or looked up; those of a sample are in the order of the file."""
    packets = in_no_order(random.Random(together), together)
    grouped = write_set(tmp_path / "grouped.pcapng", packets[:1] + sorted(packets[1:], key=lambda packet: packet[0]))
    plain = write_set(tmp_path / "plain.pcapng", packets)
    dataset = tmp_path / f"set.pcapng{suffix}"
    pack = {"": bytes, ".gz": gzip.compress, ".bgzf": lambda plain: subprocess.run(
        ["bgzip", "-c"], input=plain, stdout=subprocess.PIPE, check=True).stdout}
    dataset.write_bytes(pack[suffix](plain.read_bytes()))
    run("index", "-q", dataset)
    splits = tmp_path / "splits"
    splits.mkdir()
    (splits / "train.csv").write_text(f"sample_id\n9\n{2**64 - 1}\n")
    (splits / "test.csv").write_text("sample_id\n2\n7\n")
    for options in (["--packets", 3, "--bytes", 60, "--per", "sample", "--series", "inter_arrival"],
                    ["--form", "nprint", "--splits", splits], ["--form", "yatc", "--min-packets", 3]):
        made = []
        for path in (grouped, dataset):
            out = tmp_path / "out"
            report = json.loads(run("arrays", "--json", "-f", "-o", out, path, *options).stdout)
            assert report.pop("by_catalogue") == (path == dataset)
            made.append((report, {path.relative_to(out): path.read_bytes() for path in out.rglob("*.npy")}))
        assert made[0] == made[1] and len(made[0][1]) >= 5


def test_an_unknown_form_is_an_error(run, tmp_path):
    dataset = write_set(tmp_path / "set.pcapng", [(1, "web", 0, udp(b"1"))])
    done = run("arrays", "--form", "YaTC", "-o", tmp_path / "out", dataset, check=False)
    assert done.returncode == 2 and "expected one of bytes, yatc, " in done.stderr


def test_a_directory_of_others_is_not_replaced(run, tmp_path):
    dataset = write_set(tmp_path / "set.pcapng", [(1, "web", 0, udp(b"1"))])
    out = tmp_path / "out"
    out.mkdir()
    run("arrays", "-q", "--form", "yatc", "-o", out, dataset)
    assert "is not empty" in run("arrays", "--form", "yatc", "-o", out, dataset, check=False).stderr
    run("arrays", "-qf", "--form", "nprint", "-o", out, dataset)
    assert load(out)["X"].shape == (1, 1088)
    (out / "thesis.tex").write_text("")
    done = run("arrays", "-f", "--form", "yatc", "-o", out, dataset, check=False)
    assert done.returncode == 1 and "holds other files" in done.stderr
    assert (out / "thesis.tex").exists() and load(out)["X"].shape == (1, 1088)


def test_a_flow_under_two_labels_is_a_warning(run, tmp_path):
    minute = 60 * 10**9
    dataset = write_set(tmp_path / "set.pcapng", [
        (1, "a", 0, tcp()), (1, "a", 0, udp(b"1")), (2, "b", minute, tcp(back=True)),
        (2, "b", minute + 1, udp(b"2"))])
    done = run("arrays", "--json", "--form", "yatc", "-o", tmp_path / "out", dataset)
    report = json.loads(done.stdout)
    assert (report["rows"], report["flows_in_several_samples"]) == (4, 1)
    assert "warning: 1 flow with packets in several samples: a row in each" in done.stderr


def test_names_of_outputs(run, tmp_path):
    dataset = write_set(tmp_path / "set.pcapng", [(1, "a\tb", 0, udp(b"1")), (2, "b", 0, udp(b"2"))])
    splits = tmp_path / "splits"
    splits.mkdir()
    for number, name in ((1, "train"), (2, "a.tsv")):
        (splits / f"{name}.csv").write_text(f"{number}\n")
    bits = ("arrays", "-q", "--packets", 1, "--bytes", 30)
    run(*bits, "--splits", splits, "-o", tmp_path / "x.tsv.gz", dataset)
    with gzip.open(tmp_path / "x-train.tsv.gz", "rt") as table:
        assert table.read().startswith("sample_id\tflow\tlabel\tx\n1\t0\t\"a\tb\"\t69 0 0 ")
    assert (tmp_path / "x-a.tsv.tsv.gz").exists()
    done = run(*bits, "--format", "tsv", "-o", "-", dataset)
    assert done.stdout.count("\n") == 3
    for words, message in ((("--format", "tsv", "--splits", splits, "-o", "-"), "a file for each list"),
                           (("-o", "x.json"), "x.json: no output of arrays has this ending"),
                           (("-o", "x", "--per", "packet", "--packets", 2), "a row of --per packet has one packet"),
                           (("-o", "x", "--mask", "ip", "--seed", 2), "--seed needs --mask random"),
                           (("-o", "-"), "-: the output is a directory of files, not a stream: name one"),
                           (("-o", "x.npy"), "or a directory without one")):
        done = run(*bits, *words, dataset, check=False, cwd=tmp_path)
        assert done.returncode == 2 and message in done.stderr and done.stdout == ""
    (splits / "...csv").write_text("2\n")
    run(*bits, "--splits", splits, "-o", tmp_path / "out", dataset, check=False)
    assert sorted(path.name for path in tmp_path.glob("*.npy")) == []


def test_tunnels(arrays, tmp_path):
    inner = scapy.IP(src="10.9.9.1", dst="10.9.9.2") / scapy.UDP(sport=5, dport=6) / b"inside"
    data = bytes(scapy.Ether() / scapy.IP(src="10.0.0.1", dst="10.0.0.2") / scapy.GRE() / inner)
    dataset = write_set(tmp_path / "set.pcapng", [(1, "web", 0, data)])
    for which, packet in (("outer", data[14:]), ("inner", bytes(inner))):
        made = arrays(dataset, "--packets", 1, "--bytes", 80, "--tunnels", which)
        assert made["X"].tobytes() == padded(packet, 80)


def test_flows_are_those_of_the_table_of_flows(run, arrays, app_set, tmp_path):
    made = arrays(app_set, "--form", "yatc")
    run("flows", "-q", "-o", tmp_path / "flows.csv", app_set)
    table = pandas.read_csv(tmp_path / "flows.csv", usecols=["sample_id", "protocol"])
    expected = table[table.protocol != "ARP"].sample_id.value_counts()
    assert pandas.Series(made["sample_id"]).value_counts().to_dict() == expected.to_dict()


def test_unlabelled_and_other_packets_are_counted(run, tmp_path):
    arp = bytes(scapy.Ether() / scapy.ARP())
    ng = Ng().interface()
    for data, comments in ((udp(b"1"), ["1,web"]), (udp(b"2"), []), (arp, ["1,web"]), (b"x" * 20, ["1,web"])):
        ng.packet(data, 0, comments)
    (tmp_path / "set.pcapng").write_bytes(bytes(ng))
    out = ("-o", tmp_path / "out", tmp_path / "set.pcapng")
    report = json.loads(run("arrays", "--json", "--form", "yatc", *out).stdout)
    assert (report["rows"], report["packets"], report["skipped"], report["unlabelled"]) == (1, 3, 2, 1)
    assert sum(skip["packets"] for skip in report["skips"]) == 2 and len(report["skips"]) == 2
    ng = Ng().interface().packet(udp(b"1"))
    (tmp_path / "set.pcapng").write_bytes(bytes(ng))
    done = run("arrays", "-f", "--form", "yatc", *out, check=False)
    assert done.returncode == 1 and "has no rows: no packet is labelled" in done.stderr


def test_labels_may_be_any_bytes(arrays, tmp_path):
    labels = ["größe", "日本", "😀", "", "a" * 300]
    packets = [(number, label, 0, udp(b"1")) for number, label in enumerate(labels)]
    ng = Ng().interface(tsresol=9)
    for number, label, time_ns, data in packets:
        ng.packet(data, time_ns, [f"{number},{label}".encode()])
    ng.packet(udp(b"1"), 0, [b"9,bad\xff"])
    (tmp_path / "set.pcapng").write_bytes(bytes(ng))
    made = arrays(tmp_path / "set.pcapng", "--form", "yatc")
    expected = sorted([label.encode() for label in labels] + [b"bad\xff"])
    assert made["labels"].tolist() == [label.decode("utf-8", "replace") for label in expected]
    assert [made["labels"][y] for y in made["y"]] == [*labels, "bad\ufffd"]
