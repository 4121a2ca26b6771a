"""flows: where tables go, one or many, and what becomes of them when one cannot be written."""

import shutil

import pandas
import pytest

from captures import RAW, Ng
from disks import small_disk
from flow_tables import apps, labelled, mixed, read_csv, table, udp  # fixtures too


def test_a_file_for_each_part(run, tmp_path, labelled):
    whole = table(run, labelled)
    for option, column in (("--per-label", "metadata"), ("--per-protocol", "protocol"),
                           ("--per-sample", "sample_id")):
        out = tmp_path / option
        run("flows", "-q", option, "-o", out, labelled)
        parts = [read_csv(path.read_text()) for path in sorted(out.iterdir())]
        assert all(len(set(part[column])) == 1 for part in parts)
        assert len(parts) == len(set(whole[column])) > 2
        assert sorted(map(tuple, pandas.concat(parts).values)) == sorted(map(tuple, whole.values))


def test_a_file_for_each_input(run, tmp_path, apps):
    run("flows", "-q", "--per-input", "-o", tmp_path / "out", apps)
    captures = [path for path in apps.rglob("*.pcap*")]
    assert len(list((tmp_path / "out").iterdir())) == len(captures) > 10
    total = sum(len(read_csv(path.read_text())) for path in (tmp_path / "out").iterdir())
    assert total == len(table(run, apps))


def test_standard_input_has_a_name(run, tmp_path, mixed):
    run("flows", "-q", "--per-input", "-o", tmp_path / "o", "-", stdin=open(mixed, "rb"))
    assert [path.name for path in (tmp_path / "o").iterdir()] == ["stdin_flows.csv"]


def test_equal_names_do_not_overwrite_each_other(run, tmp_path, mixed):
    for name in ("a.pcap", "a.cap"):
        shutil.copy(mixed, tmp_path / name)
    run("flows", "-q", "--per-input", "-o", tmp_path / "out", tmp_path / "a.pcap", tmp_path / "a.cap")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["a_flows-2.csv", "a_flows.csv"]


def test_inputs_of_one_name_stay_apart(run, tmp_path, mixed):
    for folder in ("d1", "d2"):
        (tmp_path / folder).mkdir()
        shutil.copy(mixed, tmp_path / folder / "a.pcap")
    inputs = ["d1/a.pcap", "d2/a.pcap"]
    run("flows", "-q", "--per-input", "-o", "out", *inputs, cwd=tmp_path)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "d1_a_flows.csv", "d2_a_flows.csv"]
    assert set(table(run, "--merge", *inputs, cwd=tmp_path)["source_file"]) == set(inputs)


def test_many_labels_that_look_alike(run, tmp_path):
    ng = Ng().interface(linktype=RAW)
    for number in range(3000):
        ng.packet(udp("10.0.0.1", "10.0.0.2"), number, [f"{number},{'?' * (number % 50)}"])
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    run("flows", "-q", "--per-label", "-o", tmp_path / "out", tmp_path / "in.pcapng", timeout=20)
    assert len(list((tmp_path / "out").iterdir())) == 50


def test_outputs_do_not_replace_each_other_or_inputs(run, tmp_path, mixed):
    capture = tmp_path / "in.pcap"
    shutil.copy(mixed, capture)
    for option in ("--report", "--stats-json", "--log-file"):
        done = run("flows", "-f", option, capture, "-o", tmp_path / "x.csv", capture, check=False)
        assert done.returncode == 1 and "is an input" in done.stderr
        assert capture.read_bytes() == mixed.read_bytes()
        done = run("flows", "-f", option, tmp_path / "x.csv", "-o", tmp_path / "x.csv", capture,
                   check=False)
        both = f"{tmp_path / 'x.csv'}: the table and {option} would both be written to it"
        assert done.returncode == 2 and both in done.stderr


@pytest.mark.parametrize("place, options", [
    ("standard output", ["--stats-json", "-"]),
    ("standard output", ["--report", "-", "-o", "-"]),
    ("standard output", ["--report", "-", "-o", "x.csv", "--stats-json", "-"]),
    ("/dev/stdout", ["--preview", "2", "-o", "x.csv", "--stats-json", "/dev/stdout"]),
    ("standard output", ["--preview", "2", "--report", "-"]),
    ("/dev/stdout", ["-o", "/dev/stdout", "--stats-json", "-"]),
    ("x.csv", ["-o", "x.csv", "--report", "./x.csv"]),
    ("x.csv", ["-o", "x.csv", "--stats-json", "out/../x.csv"]),
    ("out/in_flow_report.txt", ["--format", "csv", "-o", "out/in_flow_report.txt", "--report", "out"]),
    ("out/in_flow_report.txt", ["--stats-json", "out/in_flow_report.txt", "--report", "out"]),
    ("out/flows_udp.csv", ["--per-protocol", "-o", "out", "--report", "out/flows_udp.csv"]),
    ("f-2.csv", ["--rows-per-file", "10", "-o", "f.csv", "--stats-json", "f-2.csv"]),
    ("f-3.csv", ["--rows-per-file", "10", "-o", "f.csv", "--stats-json", "f-3.csv"]),
])
def test_no_two_outputs_share_a_place(run, tmp_path, mixed, place, options):
    """Under whatever name, also with -f, and also where the name comes from the data."""
    shutil.copy(mixed, tmp_path / "in.pcap")
    (tmp_path / "out").mkdir()
    done = run("flows", "-f", *options, "in.pcap", cwd=tmp_path, check=False)
    assert done.returncode in (1, 2) and "would both be written to it" in done.stderr
    assert done.stderr.startswith(f"labelcap flows: {place}: ") and list(
        (tmp_path / "out").iterdir()) == []


def test_a_report_may_lie_among_the_parts(run, tmp_path, mixed):
    run("flows", "-q", "--per-protocol", "-o", tmp_path / "out", "--report",
        f"{tmp_path}/out/", mixed)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"mixed_flow_report.txt", "flows_udp.csv"} < names


def test_parts_do_not_replace_inputs(run, tmp_path, mixed):
    shutil.copy(mixed, tmp_path / "flows_udp.csv")
    done = run("flows", "-f", "--per-protocol", "-o", tmp_path, tmp_path / "flows_udp.csv",
               check=False)
    assert done.returncode == 1 and "flows_udp.csv is an input" in done.stderr
    assert (tmp_path / "flows_udp.csv").read_bytes() == mixed.read_bytes()


def test_names_are_escaped_for_people(run, tmp_path, mixed):
    name = "a\n\x1b[31mb.pcap"
    shutil.copy(mixed, tmp_path / name)
    done = run("flows", "-v", "-o", "x.csv", "--report", "-", name, cwd=tmp_path)
    assert "Source            a\\n\\x1b[31mb.pcap\n" in done.stdout
    assert "flows: a\\n\\x1b[31mb.pcap: 916 packets\n" in done.stderr
    preview = run("flows", "--merge", "--preview", "1", "--columns", "source_file", name, cwd=tmp_path)
    assert not {"\x1b"} & set(done.stdout + done.stderr + preview.stdout)


def test_places_that_cannot_be_written_are_named(run, tmp_path, mixed):
    (tmp_path / "file").touch()
    for options, message in (
            (["--tmpdir", "nodir"], "--tmpdir: nodir: cannot create a temporary file in it"),
            (["--tmpdir", "file"], "--tmpdir: file: cannot create a temporary file in it"),
            (["--tmpdir", ""], "--tmpdir: : cannot create a temporary file in it"),
            (["--log-file", "nodir/x"], "nodir/x: cannot write messages"),
            (["-o", "nodir/x.csv"], "nodir: cannot create a file in it"),
            (["-o", "."], ".: is a directory, not a file"),
            (["--per-input", "-o", "file"], "file: is a file, not a directory")):
        done = run("flows", *options, mixed, cwd=tmp_path, check=False)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(f"labelcap flows: {message}") and "\n" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    noted = run("flows", "-q", "-v", "--log-file", "-", "-o", "x.csv", mixed, cwd=tmp_path)
    assert "69 flows" in noted.stdout


def test_outputs_are_tried_before_the_run(run, tmp_path, mixed):
    for option in ("--report", "--stats-json"):
        for path in (tmp_path / "nowhere/r", tmp_path / "there"):
            (tmp_path / "there").write_text("mine")
            done = run("flows", option, path, "-o", tmp_path / "x.csv", mixed, check=False)
            where = path.parent if path.name == "r" else path
            assert done.returncode == 1 and str(where) in done.stderr
            assert not (tmp_path / "x.csv").exists()
    assert (tmp_path / "there").read_text() == "mine"


def test_names_from_data_stay_in_the_directory(run, tmp_path):
    ng = Ng().interface(linktype=RAW)
    for time, comment in enumerate(["1,../../evil", "2,/etc/passwd", "3,..", "4,", "5,a/b"]):
        ng.packet(udp("10.0.0.1", "10.0.0.2"), time, [comment])
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    run("flows", "-q", "--per-label", "-o", tmp_path / "out", tmp_path / "in.pcapng")
    assert {path.name for path in tmp_path.iterdir()} == {"in.pcapng", "out"}
    assert len(list((tmp_path / "out").iterdir())) == 5


def test_rows_per_file(run, tmp_path, mixed):
    whole = table(run, mixed)
    run("flows", "-q", "--rows-per-file", "10", "-o", tmp_path / "flows.csv", mixed)
    parts = [read_csv((tmp_path / name).read_text())
             for name in ("flows.csv", *(f"flows-{n}.csv" for n in range(2, 2 + len(whole) // 10)))]
    assert [len(part) for part in parts[:-1]] == [10] * (len(parts) - 1)
    assert pandas.concat(parts, ignore_index=True).equals(whole)


def test_a_later_file_that_is_there_ends_the_run_early(run, tmp_path, mixed):
    """The next one before the run; one after that leaves what is complete by then."""
    command = ("flows", "--rows-per-file", "10", "-o", tmp_path / "f.csv", mixed)
    (tmp_path / "f-2.csv").write_text("mine")
    done = run(*command, check=False)
    assert done.returncode == 1 and f"{tmp_path / 'f-2.csv'}: already exists" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["f-2.csv"]
    (tmp_path / "f-2.csv").rename(tmp_path / "f-4.csv")
    done = run(*command, check=False)
    assert done.returncode == 1 and f"{tmp_path / 'f-4.csv'}: already exists" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f-2.csv", "f-4.csv", "f.csv"]
    rows = [len(read_csv((tmp_path / name).read_text())) for name in ("f.csv", "f-2.csv")]
    assert rows == [10, 10] and (tmp_path / "f-4.csv").read_text() == "mine"
    run(*command, "-f")
    assert len(read_csv((tmp_path / "f-4.csv").read_text())) == 10
    (tmp_path / "g-2.csv").write_text("mine")
    run("flows", "-q", "-o", tmp_path / "g.csv", mixed)


def test_a_part_that_is_there_ends_the_run_before_any_is_written(run, tmp_path, mixed):
    out = tmp_path / "out"
    out.mkdir()
    (out / "flows_udp.csv").write_text("mine")
    command = ("flows", "--per-protocol", "-o", out, mixed)
    done = run(*command, check=False)
    assert done.returncode == 1 and f"{out / 'flows_udp.csv'}: already exists" in done.stderr
    assert [path.name for path in out.iterdir()] == ["flows_udp.csv"]
    assert (out / "flows_udp.csv").read_text() == "mine"
    run(*command, "-f")
    assert len(list(out.iterdir())) > 2 and (out / "flows_udp.csv").read_text() != "mine"
    for _ in range(2):
        run("flows", "-q", "--append", "--format", "sqlite", "--per-protocol", "-o", out, mixed)


def test_a_full_disk_keeps_what_is_complete(run, tmp_path, mixed):
    whole = table(run, mixed)
    with small_disk(tmp_path, "size=44k") as disk:
        done = run("flows", "--rows-per-file", "10", "-o", disk / "f.csv", mixed, check=False)
        written = sorted(disk.iterdir(), key=lambda path: (len(path.name), path.name))
        last = disk / f"f-{len(written) + 1}.csv"
        assert written and done.returncode == 1
        assert done.stderr == f"labelcap flows: {last}: cannot write: No space left on device\n"
        parts = pandas.concat([read_csv(path.read_text()) for path in written], ignore_index=True)
    assert parts.equals(whole[: 10 * len(written)])


@pytest.mark.parametrize("small", ["output", "tmpdir"])
def test_a_workbook_without_room(run, tmp_path, mixed, small):
    """One message, which is ours, and nothing is left; what is temporary lies in --tmpdir."""
    (tmp_path / "large").mkdir()
    outcomes = set()
    for size in ("8k", "48k", "400k", "1M"):
        with small_disk(tmp_path, f"size={size}") as disk:
            folders = disk, tmp_path / "large"
            out, tmpdir = folders if small == "output" else reversed(folders)
            done = run("flows", "-q", "--tmpdir", tmpdir, "-o", out / "f.xlsx", mixed, check=False)
            place = "disk/f.xlsx: cannot write" if small == "output" else (
                "disk: cannot write a temporary file")
            left = [path.name for folder in folders for path in folder.iterdir()]
            outcomes.add(done.returncode)
            if done.returncode:
                assert done.stderr == (
                    f"labelcap flows: {tmp_path}/{place}: No space left on device\n")
                assert left == []
            else:
                assert (left, done.stderr) == (["f.xlsx"], "")
                (out / "f.xlsx").unlink()
        disk.rmdir()
    assert outcomes == {0, 1}
