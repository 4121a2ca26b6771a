"""The fields and the profile for Wireshark, in tshark of a user with a home of their own."""

import json
import os
import re
import subprocess
from collections import Counter

import pytest
from captures import Ng

FIELDS = ["labelcap.sample_id", "labelcap.label", "labelcap.key", "labelcap.colour"]
ABOVE_63_BITS = "12799515894053712073"

# A comment, and the fields that labelcap-comment(5) gives it; None: there is no label.
COMMENTS = [
    (f"{ABOVE_63_BITS},dns", (ABOVE_63_BITS, "dns", "")),
    ("18446744073709551615,", ("18446744073709551615", "", "")),
    ("0,web,page one", ("0", "web,page one", "")),
    ("007,seven", ("7", "seven", "")),
    ("00000000000000000000007,too many digits", None),
    ("5,tcp,os=linux,app=x=y", ("5", "tcp,os=linux,app=x=y", "os=linux|app=x=y")),
    ("s=6,os=linux,d=1", ("6", "os=linux", "os=linux")),
    ("s=6,d=1", ("6", "", "")),
    ("8,web,d=1,dst=192.0.2.1", ("8", "web", "")),
    ("9,d=1", ("9", "d=1", "d=1")),
    ("no label", None),
    ("12 ,space", None),
    ("12", None),
]


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def install(run, home):
    def install_with(*arguments, **kwargs):
        env = {"HOME": str(home), "XDG_CONFIG_HOME": "", "WIRESHARK_CONFIG_DIR": ""}
        return run("wireshark", *arguments, env=env, **kwargs)

    return install_with


@pytest.fixture
def tshark(install, home):
    """tshark of a user for whom the fields are installed: what it prints, line by line."""
    install("--install", "--keys", "os")

    def lines(*arguments):
        env = dict(os.environ, HOME=str(home))
        for name in ("XDG_CONFIG_HOME", "WIRESHARK_CONFIG_DIR"):
            env.pop(name, None)
        done = subprocess.run(["tshark", "-n", *map(str, arguments)], capture_output=True, env=env,
                              text=True, timeout=100)
        assert done.returncode == 0, done.stderr
        assert "Lua" not in done.stderr
        return done.stdout.splitlines()

    return lines


def as_table(path, *fields):
    separators = ["-E", "separator=/t", "-E", "aggregator=|"]
    return ["-r", path, "-T", "fields", *separators, *(word for f in fields for word in ("-e", f))]


@pytest.fixture
def commented(tmp_path):
    capture = Ng().interface()
    for number, (comment, _) in enumerate(COMMENTS):
        capture.packet(time=number, comments=[comment, "1,second comment"])
    capture.packet()
    path = tmp_path / "commented.pcapng"
    path.write_bytes(bytes(capture))
    return path


def test_fields_of_comments(tshark, commented):
    rows = [line.split("\t") for line in tshark(*as_table(commented, *FIELDS))]
    found = [tuple(row[:3]) for row in rows]
    assert found == [fields or ("", "", "") for _, fields in COMMENTS] + [("", "", "")]
    colours = {}
    for (_, fields), row in zip(COMMENTS, rows):
        if fields:
            assert 0 <= int(row[3]) < 12
            assert colours.setdefault(row[1], row[3]) == row[3]
        else:
            assert row[3] == ""
    assert len(set(colours.values())) > 3


def test_filters(tshark, commented):
    numbers = as_table(commented, "frame.number")
    assert tshark(*numbers, "-Y", f"labelcap.sample_id == {ABOVE_63_BITS}") == ["1"]
    assert tshark(*numbers, "-Y", 'labelcap.label == "dns"') == ["1"]
    assert tshark(*numbers, "-Y", 'labelcap.key == "os=linux"') == ["6", "7"]
    assert tshark(*numbers, "-Y", 'labelcap.key.os == "linux"') == ["6", "7"]
    assert tshark(*numbers, "-Y", "!labelcap.sample_id") == ["5", "11", "12", "13", "14"]
    assert len(tshark(*numbers, "-Y", "labelcap.label matches \"^w\"")) == 2


def test_numbers_that_are_too_large(tshark, tmp_path):
    path = tmp_path / "overflow.pcapng"
    comments = ["18446744073709551616,web", "99999999999999999999,web", "000018446744073709551616,web"]
    capture = Ng().interface()
    for comment in [*comments, "18446744073709551615,web"]:
        capture.packet(comments=[comment])
    path.write_bytes(bytes(capture))
    assert tshark(*as_table(path, "frame.number", "labelcap.label"), "-Y", "labelcap.overflow") == \
        ["1\t", "2\t", "3\t"]


def test_statistics(tshark, commented):
    """The counts of io,stat are those of the list above."""
    lines = tshark("-q", "-r", commented, "-z", 'io,stat,0,labelcap.label == "dns",labelcap.label')
    row = next(line for line in lines if "<>" in line)
    assert re.findall(r"\d+", row.split("|", 2)[2])[::2] == ["1", "9"]


def test_the_profile(tshark, commented):
    first = tshark("-C", "labelcap", "-r", commented)[0].split()
    assert ABOVE_63_BITS in first and "dns" in first
    rules = tshark("-C", "labelcap", "--color",
                   *as_table(commented, "labelcap.colour", "frame.coloring_rule.name"))
    assert Counter(rule.split("\t")[1].rstrip("0123456789") for rule in rules if rule) == \
        {"Label colour ": 9, "Not labelled": 5}
    assert all(number == name.split()[-1]
               for number, name in (rule.split("\t") for rule in rules) if number)


def test_shared_captures(tshark, label, run, shared):
    """Every shared capture that is sound, labelled: tshark counts what info counts."""
    rules = 'EACH:file|BPF:ip,ip\nEACH:file|TS_START:0,"other,kind=rest"\n'
    folders = [shared / "captures" / name for name in ("apps", "protocols", "formats")]
    labelled = label(rules, "--relabel", "-q", *folders, check=False).output
    info = json.loads(run("info", "--json", "--samples", labelled, check=False).stdout)
    expected = {(s["sample_id"], s["metadata"]): s["packets"] for s in info["sample_list"]}
    assert len(expected) > 700
    rows = [tuple(line.split("\t")) for line in tshark(*as_table(labelled, *FIELDS[:2]))]
    assert Counter(row for row in rows if row[0]) == expected


def test_install_and_uninstall(install, home):
    files = {"labelcap.lua", "colorfilters", "dfilter_buttons", "preferences"}

    def there():
        return {path.name for path in home.rglob("*") if path.is_file()}

    install("--install")
    assert there() == files
    assert install("--install").stderr.count("is there already") == 4
    script = next(home.rglob("labelcap.lua"))
    script.write_text("-- mine")
    done = install("--install", check=False)
    assert done.returncode == 1 and "labelcap.lua" in done.stderr and "-f" in done.stderr
    assert "stays" in install("--uninstall").stderr
    assert there() == {"labelcap.lua"} and script.read_text() == "-- mine"
    install("--install", "-f")
    assert there() == files
    install("--uninstall")
    assert there() == set() and not list(home.rglob("profiles/labelcap"))


def test_keys_cannot_write_other_preferences(install, home):
    done = install("--install", "--keys", "os\ngui.x: 1", check=False)
    assert done.returncode == 2 and not list(home.rglob("preferences"))


def test_the_page(repo, program, install, label, home, tmp_path):
    """docs/wireshark.md: its commands run, and tshark accepts its filters."""
    page = (repo / "docs/wireshark.md").read_text()
    label('BPF:udp port 53,dns\nBPF:tcp,"web,os=linux"\n', "-s", "-q", repo / "datasets/mixed/mixed.pcap",
          output="sorted.pcapng")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/labelcap").symlink_to(program)
    env = dict(os.environ, HOME=str(home), PATH=f"{tmp_path / 'bin'}:/usr/bin:/bin:/usr/sbin")
    env.pop("XDG_CONFIG_HOME", None)

    def shell(script):
        done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", script], cwd=tmp_path, env=env,
                              capture_output=True, text=True, timeout=100)
        assert done.returncode == 0, script + done.stderr
        return done.stdout

    shown = [shell(block) for block in re.findall(r"```sh\n(.*?)```", page, re.S)]
    assert "dns" in shown[1] and "<>" in shown[2] and ".53" in shown[4]
    install("--install", "-f", "--keys", "os")
    filters = re.findall(r"\| `(.*)` \|$", page, re.M)
    assert len(filters) == 11
    either = " || ".join(f"({text})" for text in filters)
    assert shell(f"tshark -r sorted.pcapng -Y '{either}'")
