"""label: which inputs FILE rules name, and the header lines of rules files."""

import subprocess

import pytest

from captures import Ng, pcap, read_packets

SECOND = 10**9


@pytest.fixture
def tree(tmp_path):
    """tree("web/a.pcap", ...): captures of one packet each, below in/."""

    def make(*names):
        for number, name in enumerate(names):
            path = tmp_path / "in" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(pcap([(bytes([number]) * 60, number * SECOND)]))
        return tmp_path / "in"

    return make


@pytest.mark.parametrize("header", ["filename,label", "FileName, Label", "File,Label",
                                    "FILE,LABEL", "TRAFFIC_FILTER,Metadata,hash_key"])
def test_headers_in_any_case(label, tree, header):
    name = "FILE:a.pcap" if header.startswith("T") else "a.pcap"
    done = label(f"{header}\n{name},x\n", tree("a.pcap"))
    assert "1 packet" in done.stderr and "warning" not in done.stderr


def test_what_split_writes_is_a_rules_file(label, run, tree, tmp_path):
    label("FILE:a.pcap,x\nFILE:b.pcap,y\n", tree("a.pcap", "b.pcap"), output="labelled.pcapng")
    run("split", "-o", tmp_path / "samples", tmp_path / "labelled.pcapng")
    samples = tmp_path / "samples"
    run("label", "-L", samples / "metadata.csv", "-o", tmp_path / "again.pcapng", samples)
    run("split", "-o", tmp_path / "again", tmp_path / "again.pcapng")
    labels = [sorted(line.split(",")[1] for line in (tmp_path / d / "metadata.csv").open())
              for d in ("samples", "again")]
    assert labels[0] == labels[1] == ["Label\n", "x\n", "y\n"]


# ---- folders, patterns, and other ways to write a path ----

TREE = ("web/a.pcap", "web/deep/b.pcap", "voip/voip-1.pcap", "voip/voip-2.pcap", "top.pcap")


def labels(run, tmp_path, output):
    """{file: label}: each file holds one packet, whose first byte is the file's number."""
    fields = run_tshark(output)
    return {TREE[int(data[:2], 16)]: comment.split(",", 1)[1] for data, comment in fields}


def run_tshark(path):
    done = subprocess.run(["tshark", "-r", path, "-T", "fields", "-e", "frame.comment", "-e",
                           "eth.dst"], capture_output=True, text=True, check=True)
    return [(line.split("\t")[1].replace(":", ""), line.split("\t")[0])
            for line in done.stdout.splitlines()]


@pytest.mark.parametrize("rule, files", [
    ("FILE:web/", {0, 1}),
    ("FILE:./web//", {0, 1}),
    ("FILE:web/*", {0}),
    ("FILE:web/**", {0, 1}),
    ("FILE:*/voip-*.pcap", {2, 3}),
    ("FILE:**/voip-?.pcap", {2, 3}),
    ("FILE:**/*.pcap", {0, 1, 2, 3, 4}),
    ("FILE:*.pcap", {4}),
    ("FILE:*/", {0, 1, 2, 3}),
    ("FILE:./", {0, 1, 2, 3, 4}),
    ("FILE:**/voip-2.pcap", {3}),
    ("FILE:web\\deep\\b.pcap", {1}),
    ("FILE:web\\", {0, 1}),
    ("FILE:.\\web\\*.pcap", {0}),
    ("FILE:{tmp}/in/web/deep/b.pcap", {1}),
    ("FILE:{tmp}/in/web/../web/./a.pcap", {0}),
    ("FILE:../{name}/in/top.pcap", {4}),
])
def test_what_is_named(label, run, tree, tmp_path, rule, files):
    folder = tree(*TREE)
    rule = rule.format(tmp=tmp_path, name=tmp_path.name)
    done = label(f"{rule},x\n", folder.relative_to(tmp_path), cwd=tmp_path)
    assert labels(run, tmp_path, done.output) == {TREE[file]: "x" for file in sorted(files)}
    assert "rules.csv" not in done.stderr


def test_first_match_over_kinds_of_names(label, run, tree, tmp_path):
    """A file that several rules name: file order decides, not how it is named."""
    folder = tree(*TREE)
    rules = "FILE:voip/voip-2.pcap,literal\nFILE:voip/,folder\nFILE:voip-1.pcap,late\n" \
            "FILE:**/b.pcap,pattern\nFILE:web/,web\nBPF:len > 0,rest\n"
    done = label(rules, folder)
    assert labels(run, tmp_path, done.output) == {
        "web/a.pcap": "web", "web/deep/b.pcap": "pattern", "voip/voip-1.pcap": "folder",
        "voip/voip-2.pcap": "literal", "top.pcap": "rest"}
    assert "rules.csv:3: labelled no packet" in done.stderr


def test_a_literal_name_comes_first(label, tree):
    folder = tree("[x]*.pcap", "[x]1.pcap")
    done = label("FILE:[x]*.pcap,x\n", folder)
    assert [data[:2] for data, _ in run_tshark(done.output)] == ["00"]


def test_only_a_literal_name_must_be_a_capture(label, tree):
    folder = tree("web/a.pcap")
    (folder / "web/notes.txt").write_text("no capture")
    assert label("FILE:web/,x\n", folder).returncode == 0
    assert label("FILE:web/*.txt,y\nFILE:web/,x\n", folder).returncode == 0
    done = label("FILE:web/notes.txt,y\nFILE:web/,x\n", folder, check=False)
    assert done.returncode == 1 and "notes.txt" in done.stderr


@pytest.mark.parametrize("name, said", [
    ("mail/", 'no input matches "mail/" below the directory given; the rule cannot label any packet'),
    ("C:\\data\\top.pcap", 'top.pcap"; the rule cannot label any packet; did you mean "in/top.pcap"?'),
    ("/no/such/top.pcap", 'no input is named "/no/such/top.pcap"; the rule cannot label any packet; '
                          'did you mean "in/top.pcap"?'),
])
def test_what_is_not_named(label, tree, tmp_path, name, said):
    tree(*TREE)
    done = label(f"FILE:{name},x\nFILE:web/,y\n", "in", cwd=tmp_path)
    assert "rules.csv:1: no input " in done.stderr and f"{said}\n" in done.stderr


# ---- comments ----

COMMENTS = [["pid=7,name=curl"], [], ["first", "pid=8,name=sshd"], ["PID=7,name=curl"],
            ["naïve"], ["pid=7,name=curl", "pid=8,name=sshd"]]


@pytest.mark.parametrize("rules, expected", [
    ("COMMENT:pid=7*,curl\n", "curl - - - - curl"),
    ("COMMENT:*name=sshd,ssh\nCOMMENT:*,other\n", "other - ssh other other ssh"),
    ("COMMENT:na?ve,x\nCOMMENT:first,y\n", "- - y - x -"),
    ("BPF:len = 62|COMMENT:*,x\nBPF:len = 60|COMMENT:*sshd,no\nBPF:len = 60|COMMENT:pid*,a\n"
     "BPF:len >= 60,rest\n", "a rest x rest rest rest"),
    ("TS_START:5|COMMENT:*,late\nTS_END:0|COMMENT:pid=?,no\nCOMMENT:*curl,x\n", "x - - x - late"),
])
@pytest.mark.parametrize("order", "<>")
def test_comments(label, tmp_path, order, rules, expected):
    capture = Ng(order).interface()
    for number, comments in enumerate(COMMENTS):
        capture.packet(bytes(60 + number), number * 10**6, comments=[c.encode() for c in comments])
    (tmp_path / "in.pcapng").write_bytes(bytes(capture))
    done = label(rules, "--keep-unmatched", tmp_path / "in.pcapng")
    found = [packet.label[1] if packet.label else "-"
             for packet in read_packets(done.output)]
    assert found == expected.split()


def test_relabelling_by_label(label, tmp_path):
    """A label is a comment, too."""
    (tmp_path / "in.pcapng").write_bytes(bytes(
        Ng().interface().packet(bytes(60), 0, comments=[b"7,web"]).packet(
            bytes(60), 1, comments=[b"8,dns"])))
    done = label('"COMMENT:*,web",http\nCOMMENT:*,rest\n', "--relabel", tmp_path / "in.pcapng")
    assert [p.label[1] for p in read_packets(done.output)] == ["http", "rest"]
