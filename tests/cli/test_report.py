"""The report of a data set: its figures beside those of dpkt, and what data cannot do to the page."""

import base64
import csv
import hashlib
import html.parser
import json
import re
import statistics
from collections import Counter, defaultdict

import dpkt
import pytest
from captures import Ng, read_packets

RULES = "BPF:udp port 53|EACH:flow,dns\nBPF:tcp|EACH:flow,other\n"


@pytest.fixture
def labelled(label, repo):
    return label(RULES, "-q", "-s", repo / "datasets/mixed/mixed.pcap").output


class Page(html.parser.HTMLParser):
    """Elements, attributes and text of a page."""

    def __init__(self, path):
        super().__init__()
        self.tags, self.attributes, self.text = Counter(), [], []
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        self.tags[tag] += 1
        self.attributes += [(tag, name, value) for name, value in attributes]

    def handle_data(self, data):
        self.text.append(data)


def quantile(values, share):
    """The smallest value to which at least that share of all is equal or less."""
    ordered = sorted(values)
    return next(v for i, v in enumerate(ordered, 1) if i >= share * len(ordered))


def test_figures_are_those_of_dpkt(run, labelled):
    report = json.loads(run("report", "--json", labelled).stdout)
    lengths, times, samples = defaultdict(list), defaultdict(list), defaultdict(set)
    ports, addresses, protocols = defaultdict(Counter), defaultdict(Counter), defaultdict(Counter)
    for packet in read_packets(labelled):
        number, name = packet.label
        ip = dpkt.ethernet.Ethernet(packet.data).data
        lengths[name].append(packet.length)
        times[number].append(packet.time_ns)
        samples[name].add(number)
        ports[name][min(ip.data.sport, ip.data.dport)] += 1
        protocols[name][{6: "TCP", 17: "UDP"}[ip.p]] += 1
        for end in {ip.src, ip.dst}:
            addresses[name][".".join(map(str, end))] += 1
    assert {row["label"]: (row["samples"], row["packets"], row["bytes"]) for row in report["labels"]} == \
        {name: (len(samples[name]), len(lengths[name]), sum(lengths[name])) for name in lengths}
    for row in report["lengths"]:
        exact = lengths[row["label"]]
        assert (row["count"], row["least"], row["most"]) == (len(exact), min(exact), max(exact))
        for key, share in (("p5", .05), ("p25", .25), ("median", .5), ("p75", .75), ("p95", .95)):
            assert row[key] == pytest.approx(quantile(exact, share), rel=1 / 64), key
    for row in report["sample_packets"]:
        sizes = [len(times[number]) for number in samples[row["label"]]]
        assert row["median"] == pytest.approx(quantile(sizes, .5), rel=1 / 64)
    for row in report["durations"]:
        spans = [max(times[n]) - min(times[n]) for n in samples[row["label"]]]
        assert row["most"] == max(spans)
    for row in report["pauses"]:
        pauses = [b - a for n in samples[row["label"]] for a, b in zip(times[n], times[n][1:])]
        assert (row["count"], row["least"], row["most"]) == (len(pauses), min(pauses), max(pauses))
        assert row["median"] == pytest.approx(statistics.median_low(pauses), rel=1 / 64)

    def shown(key, what):
        found = defaultdict(dict)
        for row in report[key]:
            found[row["label"]][row[what]] = row["packets"]
        return found

    for name in lengths:
        assert shown("protocols", "protocol")[name] == protocols[name]
        assert sorted(shown("ports", "port")[name].values()) == \
            sorted(count for _, count in ports[name].most_common(5))
        assert sorted(shown("addresses", "address")[name].values()) == \
            sorted(count for _, count in addresses[name].most_common(5))
        assert sum(shown("timeline", "from")[name].values()) == len(lengths[name])


@pytest.mark.parametrize("labels", [21, 22, 64, 65])
def test_the_largest_labels_come_first(run, tmp_path, labels):
    """More labels than are held at once are read twice; the figures are the same."""
    capture, order = Ng().interface(), [label for label in range(labels) for _ in range(1 + label % 7)]
    for at, label in enumerate(order):
        capture.packet(b"%d" % at * 8, time=1000 * at, comments=[f"{at + 1},label {label:03}"])
    (tmp_path / "many.pcapng").write_bytes(bytes(capture))
    report = json.loads(run("report", "--json", tmp_path / "many.pcapng").stdout)
    names = [f"label {label:03}" for label in sorted(range(labels), key=lambda label: (-(label % 7), label))]
    sizes = Counter(f"label {label:03}" for label in order)
    largest, rest = names[:20], names[20:]
    shown = [(name, sizes[name]) for name in largest] + [("(all other labels)", sum(map(sizes.get, rest)))]
    for key, count in (("labels", "packets"), ("lengths", "count"), ("durations", "count")):
        assert [(row["label"], row[count]) for row in report[key]] == shown, key
    for key in ("timeline", "protocols"):
        found = Counter()
        for row in report[key]:
            found[row["label"]] += row["packets"]
        assert found == Counter(dict(shown)), key


def test_every_packet_has_a_protocol(run, tmp_path):
    capture = Ng().interface()
    for time, data in enumerate([b"short", bytes(12) + b"\x88\xcc" + bytes(46)]):
        capture.packet(data, time=time, comments=["1,link"])
    (tmp_path / "link.pcapng").write_bytes(bytes(capture))
    report = json.loads(run("report", "--json", tmp_path / "link.pcapng").stdout)
    assert [(row["protocol"], row["packets"], row["share"]) for row in report["protocols"]] == \
        [("neither IP nor ARP", 2, 1)]


def test_no_folder_is_named(run, labelled, tmp_path):
    """Not even by what is said of a damaged capture."""
    (tmp_path / "private").mkdir()
    cut = tmp_path / "private" / "cut.pcapng"
    cut.write_bytes(labelled.read_bytes()[:-20])
    run("report", "-q", "-o", tmp_path / "a.html", cut)
    page = (tmp_path / "a.html").read_text()
    assert "cut.pcapng: offset" in page and "private" not in page


def test_page_needs_nothing_but_itself(run, labelled, tmp_path):
    run("report", "-q", "-o", tmp_path / "a.html", labelled)
    run("report", "-q", "-o", tmp_path / "b.html", labelled, "-j", "1")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    page = Page(tmp_path / "a.html")
    assert page.tags["style"] == page.tags["script"] == 1
    assert page.tags["svg"] > page.tags["details"] == 9
    assert not page.tags.keys() & {"link", "img", "iframe", "object", "a", "form"}
    assert not [a for a in page.attributes if a[1] in ("src", "href", "style") or a[1].startswith("on")]
    policy = next(value for tag, name, value in page.attributes
                  if tag == "meta" and name == "content" and "default-src" in value)
    assert policy.startswith("default-src 'none'; style-src 'sha256-")


def test_policy_names_the_hashes(run, labelled, tmp_path):
    run("report", "-q", "-o", tmp_path / "a.html", labelled)
    text = (tmp_path / "a.html").read_text()
    for element in ("style", "script"):
        content = re.search(f"<{element}>(.*?)</{element}>", text, re.S)[1]
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{element}-src 'sha256-{digest}'" in text


HOSTILE = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "' onload='x", "&lt;b&gt;",
           "</title></style></script><h1>", "\u202etxt.exe", "{{7*7}}", "a\x1b[2Jb"]


def test_last_times_that_there_are(run, tmp_path):
    ng = Ng().interface(tsresol=9)
    for sample in (1, 2):
        ng.packet(b"x" * 60, 2**63 - 1, [f"{sample},label"])
    (tmp_path / "last.pcapng").write_bytes(bytes(ng))
    run("report", "-o", tmp_path / "page.html", tmp_path / "last.pcapng")
    assert not any("1677" in text for text in Page(tmp_path / "page.html").text)


def test_hostile_labels_stay_text(run, tmp_path):
    capture = Ng().interface()
    for number, text in enumerate(HOSTILE):
        for time in range(3):
            capture.packet(time=number * 1000 + time, comments=[f"{number},{text}"])
    path = tmp_path / "<b>x&.pcapng"
    path.write_bytes(bytes(capture))
    run("report", "-q", "-o", tmp_path / "page.html", path)
    page = Page(tmp_path / "page.html")
    assert page.tags["script"] == page.tags["style"] == page.tags["h1"] == 1
    assert not page.tags.keys() & {"img", "b", "iframe"}
    assert not [a for a in page.attributes if a[1].startswith("on") or a[1] == "src"]
    names = {value for tag, name, value in page.attributes if (tag, name) == ("g", "data-name")}
    assert set(HOSTILE[:5]) <= names and len(names) == len(HOSTILE)
    text = (tmp_path / "page.html").read_text()
    assert "\u202e" not in text and "\x1b" not in text


def test_hostile_names_of_lists_stay_text(run, tmp_path):
    (tmp_path / "a.pcapng").write_bytes(bytes(Ng().interface().packet(comments=["1,x"]).packet(comments=["2,y"])))
    (tmp_path / "lists").mkdir()
    for number, name in enumerate(["<b>\u202ex", "\x1b[31m\x9b"]):
        (tmp_path / f"lists/{name}.csv").write_text(f"{number + 1}\n")
    run("report", "-q", "-o", tmp_path / "page.html", "--splits", tmp_path / "lists", tmp_path / "a.pcapng")
    text = (tmp_path / "page.html").read_text()
    assert "&lt;b&gt;" in text and not set("\u202e\x1b\x9b") & set(text)


def test_many_labels_make_a_small_page(run, tmp_path):
    capture = Ng().interface()
    labels = [f"label {number} " + "x" * 500 for number in range(10_000)]
    for number, text in enumerate(labels):
        for time in range(1 + (number < 30)):
            capture.packet(time=number + time, comments=[f"{number},{text}"])
    path = tmp_path / "many.pcapng"
    path.write_bytes(bytes(capture))
    run("report", "-q", "--no-duplicates", "-o", tmp_path / "page.html", path)
    assert (tmp_path / "page.html").stat().st_size < 3_000_000
    report = json.loads(run("report", "--json", "--no-duplicates", path).stdout)
    assert len(report["labels"]) == 21
    # With as many samples as all others, the first ones in bytewise order are shown.
    packets = sum(1 + (labels.index(text) < 30) for text in sorted(labels)[20:])
    assert report["labels"][-1] == {"label": "(all other labels)", "samples": 9_980,
                                    "packets": packets, "bytes": packets * 6}


def test_splits_and_findings_are_shown(run, labelled, tmp_path):
    run("partition", "-q", labelled, "-o", tmp_path / "lists", "--train", "60", "--test", "40")
    run("report", "-q", "-o", tmp_path / "page.html", "--splits", tmp_path / "lists", labelled)
    page = Page(tmp_path / "page.html")
    text = " ".join(page.text)
    assert "Leaks" in text and "TCP sequence number" in text and "Findings" in text
    lists = json.loads(run("report", "--json", "--splits", tmp_path / "lists", labelled).stdout)["lists"]
    samples = {(row["label"], row["list"]): row["samples"] for row in lists}
    for name in ("train", "test"):
        with open(tmp_path / f"lists/{name}.csv", newline="") as file:
            found = Counter(row["metadata"] for row in csv.DictReader(file))
        assert {label: count for (label, of), count in samples.items() if of == name} == found


def test_rules_are_named_with_their_hash(run, labelled, tmp_path):
    made_by = json.loads(run("report", "--json", "--rules", tmp_path / "rules.csv", labelled).stdout)["made_by"]
    assert made_by["rules"] == "rules.csv"
    assert made_by["rules_sha256"] == hashlib.sha256((tmp_path / "rules.csv").read_bytes()).hexdigest()


def test_streams_cannot_be_read_twice(run, labelled):
    done = run("report", "-", check=False, stdin=open(labelled, "rb"), text=False)
    assert done.returncode == 1 and b"standard input: cannot be read twice" in done.stderr


def test_title_is_the_name_of_what_is_given(run, labelled, tmp_path):
    (tmp_path / "folder").mkdir()
    labelled.rename(tmp_path / "folder/a.pcapng")
    run("report", "-q", "-o", tmp_path / "page.html", f"{tmp_path}/folder/")
    assert "<title>folder</title>" in (tmp_path / "page.html").read_text()


def test_unlabelled_and_empty_captures(run, repo, tmp_path):
    done = run("report", "-o", tmp_path / "page.html", repo / "datasets/mixed/mixed.pcap")
    assert Page(tmp_path / "page.html").tags["svg"] == 0
    assert done.stderr == f"labelcap report: wrote a page to {tmp_path / 'page.html'}, with 3 findings\n"
    (tmp_path / "empty.pcapng").write_bytes(b"")
    assert json.loads(run("report", "--json", tmp_path / "empty.pcapng").stdout)["labels"] == []


def test_page_is_not_overwritten(run, labelled, tmp_path):
    (tmp_path / "page.html").write_text("mine")
    done = run("report", "-o", tmp_path / "page.html", labelled, check=False)
    assert done.returncode == 1 and (tmp_path / "page.html").read_text() == "mine"
