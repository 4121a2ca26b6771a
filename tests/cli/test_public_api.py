"""The installed library: what is installed, its headers, its symbols, and programs that use it."""

import difflib
import json
import os
import re
import shlex
import struct
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import public_interface

REPO = Path(__file__).resolve().parents[2]
INTERFACE = REPO / "tests/api/interface.txt"
HEADERS = sorted(path.name for path in (REPO / "include/labelcap").glob("*.h"))
PREFIX = "/opt/labelcap"
# Below the prefix, where Debian's interpreter looks if that is /usr/local.
MODULES = f"lib/python{sysconfig.get_python_version()}/dist-packages"
STRICT = ["-pedantic", "-Wall", "-Wextra", "-Werror"]
COMPILERS = {"c": ["cc", "-std=c11"], "cpp": ["c++", "-std=c++17"]}
# SipHash-2-4 of "group1" under the key of labelcap; the vector that the design publishes.
GROUP1 = 6848942292823701314


def call(*command, **kwargs):
    done = subprocess.run(
        [str(word) for word in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=300,
        **kwargs,
    )
    assert done.returncode == 0, f"{shlex.join(map(str, command))}\n{done.stdout}{done.stderr}"
    return done.stdout


def make(build, destination, *targets):
    # Apart from the make that may run the tests: its job server is not ours.
    environment = {name: value for name, value in os.environ.items() if name != "MAKEFLAGS"}
    flags = re.sub(r"(^|\s)(-j\S*|--jobserver\S*)", "", os.environ.get("MAKEFLAGS", ""))
    environment["MAKEFLAGS"] = flags
    variables = [f"BUILD={build}", f"DESTDIR={destination}", f"PREFIX={PREFIX}"]
    return call("make", "-C", REPO, *targets, *variables, env=environment)


@pytest.fixture(scope="module")
def up_to_date(build, program, tmp_path_factory):
    """The build, if it need not be made again: that would be with other flags, while tests run it."""
    if 'echo "  ' in make(build, tmp_path_factory.getbasetemp(), "--dry-run", "all"):
        pytest.skip("sources have changed since the build: run make first")
    return build


@pytest.fixture(scope="module")
def installed(up_to_date, tmp_path_factory):
    """`make install` into a folder of its own; returns where the prefix is there."""
    destination = tmp_path_factory.mktemp("destination")
    make(up_to_date, destination, "install")
    return destination / PREFIX[1:]


def pkg_config(installed, *options):
    environment = dict(
        os.environ,
        PKG_CONFIG_PATH=str(installed / "lib/pkgconfig"),
        PKG_CONFIG_SYSROOT_DIR=str(installed).removesuffix(PREFIX),
    )
    return shlex.split(call("pkg-config", *options, "labelcap", env=environment))


def test_install_puts_everything_in_its_place(installed):
    version = pkg_config(installed, "--modversion")[0]
    files = {str(path.relative_to(installed)) for path in installed.rglob("*") if path.is_file()}
    expected = {
        "bin/labelcap",
        "bin/pcapml",
        "lib/liblabelcap.a",
        "lib/liblabelcap.so",
        "lib/liblabelcap.so.1",
        f"lib/liblabelcap.so.{version}",
        "lib/pkgconfig/labelcap.pc",
        "share/bash-completion/completions/labelcap",
        "share/zsh/site-functions/_labelcap",
    }
    module = f"labelcap/__init__{sysconfig.get_config_var('EXT_SUFFIX')}"
    expected |= {
        f"{MODULES}/{name}"
        for name in ("pcapML.py", module, "labelcap/__init__.pyi", "labelcap/py.typed")
    }
    expected |= {f"include/labelcap/{header}" for header in HEADERS}
    expected |= {
        f"share/man/man{page.suffix[1:]}/{page.name}"
        for page in (REPO / "docs/man").glob("*.[157]")
    }
    assert files == expected
    assert os.readlink(installed / "bin/pcapml") == "labelcap"
    assert "labelcap" in (installed / "share/bash-completion/completions/labelcap").read_text()
    assert "#compdef labelcap" in (installed / "share/zsh/site-functions/_labelcap").read_text()


def test_interpreter_finds_the_module(installed, sanitized):
    if sanitized:
        pytest.skip("the interpreter has no sanitizer")
    environment = loader(installed) | {"PYTHONPATH": str(installed / MODULES)}
    code = "import labelcap, pcapML; print(labelcap.__file__, pcapML.sampler is labelcap.sampler)"
    place, same = call(sys.executable, "-c", code, env=environment).split()
    assert place.startswith(str(installed / MODULES)) and same == "True"


def test_soname_is_that_of_the_link(installed):
    dynamic = call("readelf", "-d", installed / "lib/liblabelcap.so")
    assert re.search(r"\(SONAME\).*\[(.*)\]", dynamic)[1] == "liblabelcap.so.1"


def test_library_depends_on_what_it_says(installed):
    """Libraries that it loads when they are needed are not linked."""
    needed = re.findall(
        r"\(NEEDED\).*\[lib(\w+)\.so", call("readelf", "-d", installed / "lib/liblabelcap.so")
    )
    said = [flag[2:] for flag in pkg_config(installed, "--static", "--libs-only-l")]
    assert "sodium" in needed and not {"pcap", "sqlite3", "png16", "xlsxwriter"} & set(needed)
    assert set(needed) - {"c", "asan", "ubsan"} <= set(said)


def test_uninstall_leaves_nothing(up_to_date, tmp_path):
    make(up_to_date, tmp_path, "install")
    make(up_to_date, tmp_path, "uninstall")
    assert [path for path in tmp_path.rglob("*") if not path.is_dir()] == []


@pytest.mark.parametrize("language", COMPILERS)
@pytest.mark.parametrize("header", HEADERS)
def test_header_compiles_alone(installed, tmp_path, header, language):
    source = tmp_path / f"alone.{language}"
    # Twice, so that its guard is tried too.
    source.write_text(f"#include <labelcap/{header}>\n" * 2 + "int main(void) { return 0; }\n")
    flags = pkg_config(installed, "--cflags")
    call(*COMPILERS[language], *STRICT, *flags, "-fsyntax-only", source)


@pytest.mark.parametrize("library", ["liblabelcap.so", "liblabelcap.a"])
def test_library_exports_what_the_headers_declare(installed, library):
    declared = public_interface.functions(INTERFACE.read_text())
    where = ["-D"] if library.endswith(".so") else []
    symbols = call("nm", *where, "-g", "--defined-only", installed / "lib" / library)
    # The symbol of kind A is the name of the version itself.
    exported = re.findall(r"^[0-9a-f]+ [^A] (\w+)", symbols, re.M)
    assert "lcap_reader_open" in declared
    assert sorted(exported) == sorted(declared)


def test_archive_needs_only_what_other_libraries_have(installed):
    """A name that may be missing would be taken from the program, if that happens to have one."""
    symbols = call("nm", "-g", installed / "lib/liblabelcap.a")
    assert re.findall(r"^ +U \w+", symbols, re.M)
    assert not re.findall(r"^ +[wv] \w+", symbols, re.M)


@pytest.mark.skipif(struct.calcsize("P") != 8, reason="sizes are those of 64 bits")
def test_interface_is_the_one_that_is_written_down():
    now = public_interface.describe().splitlines()
    written = INTERFACE.read_text().splitlines()
    changes = list(difflib.unified_diff(written, now, "written down", "now", lineterm="", n=0))
    assert not changes, "\n".join([
        "What programs rely on has changed. Where that is meant, write it down:",
        "python3 tests/cli/public_interface.py > tests/api/interface.txt",
        *changes,
    ])


RELEASED = sorted((REPO / "tests/api").glob("interface-*.txt"))


@pytest.mark.parametrize("released", RELEASED, ids=lambda path: path.stem)
def test_options_grow_behind_what_was_released(released):
    """What was padding then, programs of then have not set to zero."""
    now = public_interface.sized_structs(INTERFACE.read_text())
    then = public_interface.sized_structs(released.read_text())
    assert "lcap_reader_options" in then
    for name, (size, members) in then.items():
        added = {member: at for member, (at, _) in now[name][1].items() if member not in members}
        assert {member: now[name][1][member] for member in members} == members
        assert {member for member, at in added.items() if at < size} <= {"unused"}, name


def test_version_is_one(installed, build_program, run, tmp_path):
    source = tmp_path / "version.c"
    source.write_text(
        "#include <labelcap/version.h>\n#include <stdio.h>\n"
        'int main(void) { return printf("%s %s\\n", LCAP_VERSION, lcap_version()) < 0; }\n'
    )
    build_program("c", source, tmp_path / "version")
    version = pkg_config(installed, "--modversion")[0]
    text = call(tmp_path / "version", env=loader(installed))
    assert text == f"{version} {version}\n"
    assert run("--version").stdout == f"labelcap {version}\n"


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    scapy = pytest.importorskip("scapy.all")
    folder = tmp_path_factory.mktemp("capture")
    ether = scapy.Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
    ip = ether / scapy.IP(src="192.0.2.1", dst="192.0.2.2")
    packets = [ip / scapy.UDP(sport=5000, dport=53) / b"query"] * 3
    packets += [ip / scapy.TCP(sport=5001, dport=80)] * 4
    packets += [ether / scapy.ARP()] * 2
    for number, packet in enumerate(packets):
        packets[number] = packet.copy()
        packets[number].time = 1500000000 + number
    scapy.wrpcap(str(folder / "in.pcap"), packets)
    (folder / "rules.csv").write_text("BPF:udp port 53,dns,group1\nBPF:tcp,web,other\n")
    return folder


def comments_by_tshark(path):
    lines = call("tshark", "-n", "-r", path, "-T", "fields", "-e", "frame.comment").splitlines()
    counted = {}
    for line in lines:
        counted[line] = counted.get(line, 0) + 1
    return counted


@pytest.fixture
def build_program(installed, build_flags):
    def build_with(language, source, binary, libraries=None):
        call(
            *COMPILERS[language],
            *STRICT,
            *build_flags,
            *pkg_config(installed, "--cflags"),
            source,
            "-o",
            binary,
            *(libraries or pkg_config(installed, "--libs")),
        )

    return build_with


def loader(installed):
    return dict(os.environ, LD_LIBRARY_PATH=str(installed / "lib"))


@pytest.mark.parametrize("linkage", ["shared", "static"])
@pytest.mark.parametrize("language", COMPILERS)
def test_program_labels_with_the_installed_library(
    installed, build_program, capture, tmp_path, language, linkage
):
    binary = tmp_path / "use_labelcap"
    libraries = pkg_config(installed, "--libs")
    if linkage == "static":
        libraries = pkg_config(installed, "--static", "--libs")
        libraries[libraries.index("-llabelcap")] = "-l:liblabelcap.a"
    source = REPO / f"tests/api/use_labelcap.{language}"
    build_program(language, source, binary, libraries)
    output = tmp_path / "out.pcapng"
    text = call(
        binary, capture / "rules.csv", capture / "in.pcap", output, env=loader(installed)
    )
    samples = {tuple(line.split()[:2]): int(line.split()[2]) for line in text.splitlines()}
    assert samples[(str(GROUP1), "dns")] == 3
    assert sorted(samples.values()) == [3, 4]
    assert comments_by_tshark(output) == {
        f"{identity},{metadata}": packets for (identity, metadata), packets in samples.items()
    }


def test_program_reports_the_errors_of_the_library(installed, build_program, capture, tmp_path):
    binary = tmp_path / "use_labelcap"
    build_program("c", REPO / "tests/api/use_labelcap.c", binary)
    rules = tmp_path / "rules.csv"
    rules.write_text("BFP:udp,dns\n")
    done = subprocess.run(
        [binary, rules, capture / "in.pcap", tmp_path / "out.pcapng"],
        env=loader(installed),
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"{rules}:1:1: ")
    assert not (tmp_path / "out.pcapng").exists()


def test_example_of_the_readme_works(installed, build_program, run, capture, tmp_path):
    source = tmp_path / "count.c"
    source.write_text(re.search(r"```c\n(.*?)```", (REPO / "README.md").read_text(), re.S)[1])
    build_program("c", source, tmp_path / "count")
    labelled = tmp_path / "labelled.pcapng"
    run("label", "-L", capture / "rules.csv", "-W", labelled, capture / "in.pcap")
    text = call(tmp_path / "count", labelled, env=loader(installed))
    assert text == "7 labelled packets\n"


def test_program_takes_flows_from_the_installed_library(
    installed, build_program, run, capture, tmp_path
):
    build_program("c", REPO / "tests/api/use_flows.c", tmp_path / "use_flows")
    text = call(tmp_path / "use_flows", capture / "in.pcap", env=loader(installed))
    columns = "protocol,packets,packet_length_mean"
    table = run("flows", "-q", "--columns", columns, "--number-format", ".3f", capture / "in.pcap")
    rows = table.stdout.splitlines()[1:]
    assert len(rows) == 3
    assert text.splitlines() == [row.replace(",", " ") for row in rows]


def test_program_does_what_the_commands_do(installed, build_program, run, tmp_path):
    build_program("c", REPO / "tests/api/use_runs.c", tmp_path / "use_runs")
    rules, capture = REPO / "datasets/mixed/rules.csv", REPO / "datasets/mixed/mixed.pcap"
    result, packets = call(tmp_path / "use_runs", rules, tmp_path / "here.pcapng", capture,
                           env=loader(installed)).rsplit("\n", 2)[:2]
    run("label", "-L", rules, "-o", tmp_path / "there.pcapng", "--sort", "--stats-json",
        tmp_path / "json", capture)
    assert json.loads(result) == json.loads((tmp_path / "json").read_text())
    assert (tmp_path / "here.pcapng").read_bytes() == (tmp_path / "there.pcapng").read_bytes()
    assert re.fullmatch(r"[1-9]\d+ packets by packets", packets)
    column = run("flows", "-o", "-", "--columns", "packets", capture).stdout
    assert (tmp_path / "here.pcapng.csv").read_text() == column
    assert packets.split()[0] == str(sum(map(int, column.split()[1:])))
    done = subprocess.run([tmp_path / "use_runs", rules, tmp_path / "here.pcapng", capture],
                          env=loader(installed), capture_output=True, text=True)
    assert done.returncode == 1 and "already exists" in done.stderr
