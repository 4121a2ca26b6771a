"""label: which inputs FILE rules name, and the header lines of rules files."""

import shutil

import pytest

from captures import pcap

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
