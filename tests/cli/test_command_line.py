"""What all commands share: options and their faults, messages, progress, a standard output that fails."""

import os
import re
import subprocess
import threading
import time

import pytest

from captures import Ng, pcap
from surroundings import clean_environment
from terminals import on_terminal, width


@pytest.fixture
def capture(tmp_path):
    path = tmp_path / "in.pcap"
    path.write_bytes(pcap([(b"a" * 60, 10**9)]))
    return path


# ---- options ----


@pytest.mark.parametrize("arguments, fault", [
    (["strip", "--nosuch"], "unknown option --nosuch"),
    (["strip", "--forse"], "unknown option --forse; did you mean --force?"),
    (["label", "--keep-unmached=1"], "unknown option --keep-unmached=1; did you mean --keep-unmatched?"),
    (["sort", "--writ"], "option --writ needs an argument"),
    (["flows", "--jops", "2"], "unknown option --jops"),
    (["strip", "--nosuch=1"], "unknown option --nosuch=1"),
    (["strip", "-x"], "unknown option -x"),
    (["strip", "-qx"], "unknown option -x"),
    (["strip", "-qé"], r"unknown option -\xc3"),
    (["strip", "-é"], r"unknown option -\xc3"),
    (["strip", "-W"], "option -W needs an argument"),
    (["strip", "-qW"], "option -W needs an argument"),
    (["strip", "--write"], "option --write needs an argument"),
    (["strip", "--quiet=yes"], "option --quiet takes no argument"),
    (["strip", "--help=yes"], "option --help takes no argument"),
    (["label", "--rotate-s", "3"], "option --rotate-s is ambiguous"),
    (["label", "-c", "-5"], "--count: expected a whole number of at least 1, found '-5'"),
    (["label", "-c5x"], "--count: expected a whole number of at least 1, found '5x'"),
    (["label", "--count=18446744073709551616"],
     "--count: expected a whole number of at least 1, found '18446744073709551616'"),
    (["label", "--count", "0"], "--count: expected a whole number of at least 1, found '0'"),
    (["label", "--snaplen", "0"], "--snaplen: expected a whole number from 1 to 262144, found '0'"),
    (["sort", "--memory", "0"], "--memory: expected a size of at least 1, found '0'"),
    (["sort", "--memory", "16777216T"], '--memory: size "16777216T" is over 2^64 bytes'),
    (["sort", "--memory", "-1"],
     '--memory: "-1" is not a size; expected a number of bytes, such as 4096, 512M or 1GiB'),
    (["label", "--duration", "0x10"],
     "--duration: expected seconds (such as 10 or 0.5), found '0x10'"),
    (["label", "--duration", "nan"],
     "--duration: expected seconds (such as 10 or 0.5), found 'nan'"),
    (["strip", "--format", "png"],
     "--format: expected one of by-name, pcap, pcapng, found 'png'"),
    (["strip", "--", "--json", "b"], "unexpected argument 'b'"),
    (["compare", "a"], "expected TRUTH TEST, found only 'a'"),
    (["strip", "-ox", "a", "-"], "unexpected argument '-'"),
    (["info", "-", "-"], "-: standard input is given twice, but can be read only once"),
    (["select", "--filter", "foo bar"],
     "--filter: the filter 'foo bar' does not compile: can't parse filter expression: "
     "syntax error at 'foo': not a keyword, and names are not looked up"),
])
def test_faults_of_options(run, arguments, fault):
    done = run(*arguments, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == f"labelcap {arguments[0]}: {fault}\nTry 'labelcap {arguments[0]} --help'.\n"


def test_an_option_given_again_is_a_warning(run, capture, tmp_path):
    """Who writes --label dns --label ftp expects both; the last one counts, as everywhere."""
    rules = tmp_path / "rules.csv"
    rules.write_text("FILE:in.pcap,x\n")
    labelled = tmp_path / "a.pcapng"
    done = run("label", "-L", "nosuch.csv", "-qL", rules, "-o", labelled, capture)
    assert done.stderr == f"labelcap label: warning: --rules is given again; only '{rules}' counts\n"
    done = run("select", "-q", "--label", "y", "--label", "x", labelled, "-o", tmp_path / "b.pcapng")
    assert done.stderr == "labelcap select: warning: --label is given again; only 'x' counts\n"
    done = run("select", "-q", "--label", "x", "--label", "x", labelled, "-o", tmp_path / "c.pcapng")
    assert done.stderr == ""


def test_ways_to_give_options(run, capture, tmp_path):
    """Joined, abbreviated, behind operands, and operands that look like options."""
    run("strip", capture, "-qfWout.pcap", cwd=tmp_path)
    run("strip", "--wri=out.pcap", "--forc", "-q", capture, cwd=tmp_path)
    (tmp_path / "--json").write_bytes(capture.read_bytes())
    assert "\nPackets            1\n" in run("info", "--", "--json", cwd=tmp_path).stdout
    assert "\nPackets            1\n" in run("info", "./--json", cwd=tmp_path).stdout


@pytest.mark.parametrize("word, message", [
    ("lable", "'lable' is not a command; did you mean label?"),
    ("Flow", "'Flow' is not a command; did you mean flows?"),
    ("convert", "'convert' is not a command; 'labelcap help' lists them"),
])
def test_unknown_commands(run, word, message):
    for arguments, prefix in (([word], "labelcap: "), (["help", word], "labelcap help: ")):
        done = run(*arguments, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.splitlines()[0] == prefix + message


# What options were called before, by command: option today, spellings.
SYNONYMS = {
    "label": ("-o", ["-W", "--write", "--output"]),
    "sort": ("-o", ["-W", "--write", "--output"]),
    "strip": ("-o", ["-W", "--write", "--output"]),
    "split": ("-o", ["-O", "--output-dir", "--output"]),
    "flows": ("-j", ["--jobs", "--threads"]),
}


@pytest.mark.parametrize("command", SYNONYMS)
def test_old_spellings_stay_silently(run, repo, tmp_path, command):
    option, spellings = SYNONYMS[command]
    data = repo / "datasets/mixed"
    run("label", "-q", "-L", data / "rules.csv", "-o", "in.pcapng", data / "mixed.pcap", cwd=tmp_path)
    rules = ["-L", data / "rules.csv", "--relabel"] if command == "label" else []

    def result(spelling):
        value = ["2", "-o", "out"] if command == "flows" else ["out"]
        folder = tmp_path / spelling
        folder.mkdir()
        done = run(command, *rules, spelling, *value, "../in.pcapng", cwd=folder)
        files = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*")
                 if path.is_file()}
        assert files
        return done.stderr, files

    expected = result(option)
    page = run(command, "--help").stdout
    bash, zsh = (run("completion", shell).stdout for shell in ("bash", "zsh"))
    completed = re.search(rf'^    {command}\) words="(.*)"', bash, re.M)[1].split()
    assert option in completed
    for spelling in spellings:
        assert result(spelling) == expected
        if spelling not in ("--output", "--threads"):
            assert f"{spelling} " not in page and spelling not in completed
            assert not re.search(rf"{command}\)(?s:(?!;;).)*{spelling}[\[,]", zsh)


@pytest.mark.parametrize("arguments", [["nosuch\x1b[31m"], ["-\x1b"], ["-L", "x", "\x1b[2J"],
                                       ["help", "\x1b"], ["strip", "-W", "x", "\x1b[2J"]])
def test_arguments_are_escaped_in_messages(run, arguments):
    done = run(*arguments, check=False)
    assert done.returncode != 0
    assert "\x1b" not in done.stderr and r"\x1b" in done.stderr


# ---- standard output ----


@pytest.mark.parametrize("arguments", [["info"], ["info", "--json"]])
def test_full_standard_output(program, capture, arguments):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([program, *arguments, capture], stdout=full, stderr=subprocess.PIPE,
                              text=True, env=clean_environment())
    assert done.returncode == 1
    assert done.stderr == (f"labelcap {arguments[0]}: standard output: cannot write: "
                           "No space left on device\n")


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["label", "--help"], ["-D", "x", "--help"]])
def test_help_on_a_full_standard_output(program, arguments):
    """-D is of the command line of pcapml."""
    with open("/dev/full", "wb") as full:
        done = subprocess.run([program, *arguments], stdout=full, stderr=subprocess.PIPE, text=True,
                              env=clean_environment())
    assert done.returncode == 1
    assert done.stderr.endswith(": standard output: cannot write: No space left on device\n")


def test_long_text_on_a_full_standard_output(program, tmp_path):
    """The text is longer than the buffer of stdio: writing fails before the last flush."""
    ng = Ng().interface()
    for number in range(500):
        ng.packet(comments=[f"{number},label {number}"])
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    with open("/dev/full", "wb") as full:
        done = subprocess.run([program, "info", "--samples", tmp_path / "in.pcapng"], stdout=full,
                              stderr=subprocess.PIPE, text=True, env=clean_environment())
    assert done.returncode == 1
    assert done.stderr.startswith("labelcap info: standard output: cannot write: ")
    assert "Success" not in done.stderr


# ---- help ----


@pytest.fixture(scope="module")
def pages(run):
    """The arguments that print each page of help."""
    listed = run("help").stdout.split("Commands:\n")[1].split("\n\n")[0]
    commands = re.findall(r"^  (\w+) ", listed, re.M)
    assert {"label", "flows", "help", "completion"} <= set(commands)
    return [["help"], ["-D", "x", "--help"], *([command, "--help"] for command in commands)]


def test_wrong_values_are_wrong_usage_of_every_command(run, pages):
    """Before anything is read: one exit status for all that the command line alone shows to be wrong."""
    wrong = {"-o, --output FILE": [("-o", "", "'' is not a file name"), ("-o", "x.xz", "are read, but not written")],
             "-o, --output DIR": [("-o", "", "'' is not a directory name"), ("-o", "-", "is a directory of files")],
             "--stats-json FILE": [("--stats-json", "", "'' is not a file name")],
             "--shard I/N": [("--shard", "3/3", "expected I/N")],
             "--nosuch": [("--nosuch", "", "unknown option")]}
    tried = dict.fromkeys(wrong, 0)
    for command, *_ in (page for page in pages if page[-1] == "--help" and len(page) == 2):
        text = run(command, "--help").stdout + "\n  --nosuch"
        for option in (option for option in wrong if re.search(rf"^ +{re.escape(option)}", text, re.M)):
            for *words, message in wrong[option]:
                done = run(command, *words, check=False)
                assert done.returncode == 2 and message in done.stderr, (command, done.stderr)
                tried[option] += 1
    assert all(tried.values()), tried


def test_no_line_of_help_wraps(run, program, pages):
    for page in pages:
        anywhere = run(*page).stdout
        assert max(map(len, anywhere.splitlines())) <= 80
        assert on_terminal([program, *page], 80) == anywhere
        assert on_terminal([program, *page], 0) == anywhere
        for columns in (100, 200):
            wider = on_terminal([program, *page], columns)
            assert max(map(len, wider.splitlines())) <= columns
            assert wider.split() == anywhere.split()
            assert wider.count("\n") <= anywhere.count("\n")


def test_help_in_narrow_terminals_loses_nothing(run, program, pages):
    for page in pages:
        narrow, anywhere = on_terminal([program, *page], 20), run(*page).stdout
        assert "".join(narrow.split()) == "".join(anywhere.split())


@pytest.mark.parametrize("command", ["label", "flows"])
def test_options_stand_under_headings(run, command):
    usage, *groups = re.split(r"^([A-Z][a-z ]+):$", run(command, "--help").stdout, flags=re.M)
    assert "  --" not in usage
    headings = groups[::2][:-1]
    assert len(headings) > 3 and groups[-2] == "Example"
    for heading, group in zip(headings, groups[1::2]):
        options = re.findall(r"^  (?:-\w, |    )--", group, re.M)
        assert 1 < len(options) < 15, heading


# ---- progress ----


def feed_slowly(fifo):
    """A capture in pieces of 40,000 packets over more than a second."""
    piece = pcap([(b"", 10**9)])[24:] * 40_000
    with open(fifo, "wb") as out:
        out.write(pcap([]))
        for _ in range(8):
            out.write(piece)
            out.flush()
            time.sleep(0.25)


def drain_slowly(fifo):
    """Reads 1 MiB in about a quarter of a second: an output that makes its writer wait."""
    with open(fifo, "rb") as source:
        while source.read(1 << 16):
            time.sleep(0.015)


def progress_lines(said):
    """What a terminal showed one after the other in the line of progress, and what came at last."""
    drawn = said.replace("\x1b[K", "").split("\r")
    return [line for line in drawn if " MiB" in line or " %" in line], drawn[-1]


@pytest.fixture
def captures(tmp_path):
    """Four captures, and a FIFO for an output."""
    piece = pcap([(b"x" * 60, 10**9)])[24:] * 40_000
    for number in range(4):
        (tmp_path / f"{number}.pcap").write_bytes(pcap([]) + piece)
    os.mkfifo(tmp_path / "out.pcapng")
    return [f"{number}.pcap" for number in range(4)]


@pytest.mark.parametrize("columns", [80, 40, 0])
def test_progress_on_a_terminal(program, tmp_path, columns):
    fifo = tmp_path / ("\u00fc" * 60 + "\x1b[31m\n")
    os.mkfifo(fifo)
    said = on_terminal([program, "strip", "-W", "-", fifo.name], columns,
                       lambda: feed_slowly(fifo), subprocess.DEVNULL, cwd=tmp_path)
    lines, last = progress_lines(said)
    assert lines, said
    for line in lines:
        assert width(line) < (columns or 80)
        assert re.fullmatch("[0-9]+ MiB, [0-9.]+ MiB/s  \u00fc+\u2026", line), line
    # What is said at the end stands on a line of its own.
    assert last.startswith("labelcap strip: removed 0 labels ")


def test_progress_through_several_files(program, captures, tmp_path):
    fifo = tmp_path / "out.pcapng"
    (tmp_path / "rules.csv").write_text("FILE:0.pcap,x\nBPF:ether proto 0x7878,y\n")
    said = on_terminal([program, "label", "-L", "rules.csv", "-W", fifo, *captures], 80,
                       lambda: drain_slowly(fifo), cwd=tmp_path)
    lines, _ = progress_lines(said)
    found = [re.fullmatch("file ([1-4]) of 4, ([0-9]+) %, [0-9.]+ MiB/s, 0:([0-9]{2}) left  "
                          "([0-3])[.]pcap", line) for line in lines]
    assert found and all(found), lines
    shares = [int(match[2]) for match in found]
    assert shares == sorted(shares) and 0 < shares[0] and shares[-1] <= 100
    for match in found:
        number = int(match[1])
        assert int(match[4]) == number - 1
        assert 25 * (number - 1) <= int(match[2]) <= 25 * number + 1


def test_progress_through_several_passes(program, captures, tmp_path):
    source, fifo = tmp_path / "in.pcap", tmp_path / "out.pcapng"
    os.mkfifo(source)

    drain = threading.Thread(target=drain_slowly, args=[fifo], daemon=True)
    drain.start()
    said = on_terminal([program, "sort", "-W", fifo, source], 80, lambda: feed_slowly(source))
    lines, _ = progress_lines(said)
    phases = [line.split(", ")[0] for line in lines]
    assert phases == sorted(phases)
    assert set(phases) == {"pass 1 of 2: read", "pass 2 of 2: write in order"}
    assert re.search(", [0-9]+ MiB, [0-9.]+ MiB/s  ", lines[0])
    assert re.search(", [0-9]+ %, [0-9.]+ MiB/s, 0:[0-9]{2} left  ", lines[-1])


def test_no_progress_elsewhere(program, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    process = subprocess.Popen([program, "strip", "-W", "-", fifo], stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True, env=clean_environment())
    feed_slowly(fifo)
    assert process.communicate()[1] == "labelcap strip: removed 0 labels from 320,000 packets\n"
