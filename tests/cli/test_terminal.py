"""Text for people fits the terminal that it goes to, and 80 columns where it goes to none."""

import os
import subprocess

import pytest

from captures import Ng
from terminals import on_terminal, width

MIXED = "datasets/mixed/mixed.pcap"
RULES = "datasets/mixed/rules.csv"


def assert_fits(text, columns):
    for line in text.splitlines():
        assert width(line) <= columns, line
        assert line == line.rstrip(), line


@pytest.fixture(scope="module")
def labelled(run, repo, tmp_path_factory):
    out = tmp_path_factory.mktemp("labelled") / "out.pcapng"
    run("label", "-q", "-L", repo / RULES, "-W", out, repo / MIXED)
    return out


@pytest.fixture(scope="module")
def strange(tmp_path_factory):
    """Labels and names that are long, wide, or no text."""
    ng = Ng().interface(options=[(2, "schnittstelle \u65e5\u672c".encode() * 9)])
    labels = ["x" * 5000, "\u65e5\u672c\u8a9e" * 40, "e\u0301\u20dd" * 90, "\U0001f600" * 50,
              b"\xff\x1b[31m" * 20, "", "a, b", " " * 100 + "x"]
    for number, label in enumerate(labels):
        label = label if isinstance(label, bytes) else label.encode()
        ng.packet(b"x" * number, 10**15 * number, [b"%d," % (2**63 + number) + label])
        ng.packet(b"x", 10**15 * number + 10**11, [b"%d,%d" % (2**63 + number, number) + label + b"."])
    path = tmp_path_factory.mktemp("strange") / ("long name " * 20 + ".pcapng")
    path.write_bytes(bytes(ng))
    return path


@pytest.mark.parametrize("columns", [30, 40, 80, 81, 132])
def test_info_fits(program, labelled, strange, columns):
    for path in labelled, strange:
        text = on_terminal([program, "info", "--samples", path], columns)
        assert_fits(text, columns)
        assert "\n\nSamples\nmetadata" in text


def test_info_fits_on_all_kinds_of_captures(program, shared):
    paths = sorted(path for path in (shared / "captures").rglob("*.*cap*") if path.is_file())
    for path in paths[::9]:
        assert_fits(on_terminal([program, "info", "--samples", path], stderr=subprocess.DEVNULL,
                                status=None), 80)


@pytest.mark.parametrize("columns", [40, 80, 132])
def test_the_report_of_label_fits(program, repo, tmp_path, columns):
    for options in ["-f", "-W", "out.pcapng"], ["--dry-run"]:
        command = [program, "label", "-L", repo / RULES, *options]
        text = on_terminal([*command, repo / MIXED], columns, cwd=tmp_path)
        assert_fits(text, columns)
        assert "\n\nRules\nmetadata " in text and "\u2026" in text


def test_the_report_of_label_by_odd_rules_fits(program, strange, tmp_path):
    lines = ["BPF:" + " or ".join(f"udp port {port}" for port in range(900)) + ",x",
             '"FILE:\u65e5\u672c\u8a9e,\ue000","\u65e5\u672c\u8a9e\u65e5\u672c\u8a9e",',
             "BPF:len >= 0," + "\u00fc" * 9000]
    (tmp_path / "rules.csv").write_text("\n".join(lines), encoding="utf-8")
    text = on_terminal([program, "label", "-q", "-t", "--relabel", "-L", "rules.csv", "-W", "out.pcapng",
                        strange], 80, cwd=tmp_path)
    assert_fits(text[text.index("16 of 16"):], 80)


@pytest.mark.parametrize("profile", ["labelcap", "nexusflowmeter", "netflowmeter"])
@pytest.mark.parametrize("columns", [40, 80, 132])
def test_previews_fit(program, labelled, strange, profile, columns):
    for path in labelled, strange:
        for options in [], ["--columns", "metadata,sample_id,src_ip,dst_ip,flow_id,protocol"]:
            if options and profile == "labelcap":
                options[1] = options[1].replace("src_ip,dst_ip,flow_id", "community_id,end_ns")
            text = on_terminal([program, "flows", "-q", "--profile", profile, "--preview", 20, *options,
                                path], columns)
            assert_fits(text, columns)
            assert text.startswith("metadata")


@pytest.mark.parametrize("columns", [40, 80])
def test_previews_of_json_are_cut_in_a_terminal_alone(program, run, labelled, columns):
    command = [program, "flows", "-q", "--profile", "pcap2json", "--preview", "3", labelled]
    text = on_terminal(command, columns)
    assert_fits(text, columns)
    lines = text.splitlines()
    assert len(lines) == 3 and all(line.startswith("{") and line.endswith("…") for line in lines)
    whole = run(*command[1:]).stdout.splitlines()
    assert [line[: columns - 1] for line in whole] == [line[:-1] for line in lines]


def test_a_wide_table_in_a_terminal_is_explained(program, labelled):
    hint = "columns: -o FILE writes them to a file, --preview 10 shows the main ones"
    assert hint in on_terminal([program, "flows", labelled], columns=1000)
    assert hint not in on_terminal([program, "flows", "--columns", "packets,bytes", labelled])
    assert hint not in on_terminal([program, "flows", "--preview", "3", labelled])


def test_a_table_in_a_file_is_not_cut(run, labelled, tmp_path):
    run("flows", "-q", "--format", "text", "-o", tmp_path / "flows.txt", labelled)
    text = (tmp_path / "flows.txt").read_text()
    assert "\u2026" not in text and "redis, opening and closing" in text
    assert len(text.splitlines()[0].split()) > 100


def test_a_wide_terminal_shows_all(program, labelled):
    text = on_terminal([program, "info", "--samples", labelled], 200)
    assert "\u2026" not in text
    assert "redis, opening and closing  12124860933775157627       76" in text
    assert "first packet\n" in text


def test_text_elsewhere_is_as_in_a_terminal_of_80_columns(program, run, labelled):
    assert run("info", "--samples", labelled).stdout == on_terminal(
        [program, "info", "--samples", labelled], 80)


def test_the_list_of_profiles_fits(run):
    assert_fits(run("flows", "--list-profiles").stdout, 80)


@pytest.mark.parametrize("words", [
    ["label", "--relabel", "-L", "rules.csv"], ["sort"], ["strip"], ["select", "--first", "1"]])
def test_a_terminal_gets_no_capture(program, run, labelled, tmp_path, words):
    """Bytes of pcapng would garble it; a pipe gets them."""
    (tmp_path / "rules.csv").write_text("BPF:len >= 0,x\n")
    said = on_terminal([program, *words, "-o", "-", labelled], status=2, cwd=tmp_path)
    assert "standard output is a terminal" in said and len(said) < 300
    done = run(*words, "-o", "-", labelled, cwd=tmp_path, text=False)
    assert done.stdout[:4] == b"\n\r\r\n"


@pytest.mark.parametrize("words", [["info"], ["info", "--samples"], ["check"]])
def test_who_stops_reading_makes_no_error(program, tmp_path, words):
    """`info | head`."""
    ng = Ng().interface()
    for number in range(30_000):
        ng.packet(bytes(60), number * 10**6, [f"{number},label {number}"])
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([program, *words, tmp_path / "in.pcapng"], stdout=writer,
                          stderr=subprocess.PIPE, text=True, timeout=60)
    os.close(writer)
    assert "cannot write" not in done.stderr
    assert done.returncode == 0 or words == ["check"]


@pytest.mark.parametrize("words", [[], ["--format", "json"], ["--format", "jsonl"], ["--preview", "9999"]])
def test_who_stops_reading_a_table_makes_no_error(program, tmp_path, words):
    """`flows | head`, which closes the pipe while rows come."""
    ng = Ng().interface(linktype=101)
    for number in range(10_000):
        ng.packet(bytes.fromhex("4500001c000000004011000000000000c0000201") +
                  (1000 + number).to_bytes(2, "big") + bytes.fromhex("003500080000"), number)
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    flows = subprocess.Popen([program, "flows", *words, tmp_path / "in.pcapng"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert len(flows.stdout.read(100)) == 100
    flows.stdout.close()
    assert (flows.stderr.read(), flows.wait(timeout=60)) == (b"", 0)
    flows.stderr.close()


@pytest.mark.parametrize("words", [["--preview", "1", "-o", "out.csv"], ["--report", "report.json"]])
def test_a_file_beside_a_table_needs_all_of_it(program, tmp_path, words):
    (tmp_path / "in.pcapng").write_bytes(bytes(Ng().interface()))
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([program, "flows", *words, "in.pcapng"], stdout=writer, text=True,
                          stderr=subprocess.PIPE, timeout=60, cwd=tmp_path)
    os.close(writer)
    assert (done.returncode, "cannot write" in done.stderr) == (1, True)


def test_pcapng_under_the_name_of_pcap(run, labelled, tmp_path):
    note = ("out.pcap: is written as pcapng in spite of its name, because pcap has no room for "
            "labels\n")
    done = run("sort", "-f", "-o", "out.pcap", labelled, cwd=tmp_path)
    assert note in done.stderr
    for words in (["sort", "-f", "-o", "out.pcapng"], ["strip", "-f", "-o", "out.pcap"],
                  ["sort", "-q", "-f", "-o", "out.pcap"]):
        assert note not in run(*words, labelled, cwd=tmp_path).stderr
