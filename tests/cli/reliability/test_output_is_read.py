"""No output replaces a file that the command reads, even if it may overwrite files."""

import pytest

from captures import Ng

PARTITION = ["partition", "--group", "sample", "--train", "50", "--test", "50", "--challenge", "1", "-o", "new"]


@pytest.fixture
def folder(tmp_path):
    ng = Ng().interface()
    for number in range(40):
        ng.packet(b"%d" % number * 9, number * 1000, [f"{number // 5 + 1},label {number // 20}"])
    (tmp_path / "set.pcapng").write_bytes(bytes(ng))
    (tmp_path / "plain.pcapng").write_bytes(bytes(Ng().interface().packet()))
    (tmp_path / "rules.csv").write_text("BPF:greater 0,all\n")
    (tmp_path / "splits").mkdir()
    (tmp_path / "splits/train.csv").write_text("sample_id\n1\n2\n")
    (tmp_path / "splits/test.csv").write_text("sample_id\n3\n")
    (tmp_path / "ids.csv").write_text("1\n")
    return tmp_path


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("words", [
    ["label", "-L", "rules.csv", "-o", "rules.csv", "plain.pcapng"],
    ["label", "-L", "rules.csv", "-o", "new.pcapng", "--stats-json", "rules.csv", "plain.pcapng"],
    ["sort", "-o", "set.pcapng", "set.pcapng"],
    ["strip", "-o", "set.pcapng", "set.pcapng"],
    ["select", "--ids", "ids.csv", "-o", "ids.csv", "set.pcapng"],
    ["select", "--splits", "splits", "--list", "train", "-o", "splits/train.csv", "set.pcapng"],
    ["check", "--splits", "splits", "-o", "splits/train.csv", "set.pcapng"],
    ["check", "--splits", "splits", "--rules", "rules.csv", "-o", "rules.csv", "set.pcapng"],
    ["report", "-o", "set.pcapng", "set.pcapng"],
    ["report", "--rules", "rules.csv", "-o", "rules.csv", "set.pcapng"],
    ["report", "--splits", "splits", "-o", "splits/test.csv", "set.pcapng"],
    ["rules", "--from-table", "ids.csv", "--columns", "source=a,label=b", "-o", "ids.csv"],
    [*PARTITION, "--challenge-key", "key", "--answers", "set.pcapng", "set.pcapng"],
    [*PARTITION, "--challenge-key", "set.pcapng", "--answers", "answers.csv", "set.pcapng"],
    [*PARTITION, "--extend", "splits", "--challenge-key", "key", "--answers", "splits/test.csv", "set.pcapng"],
], ids=" ".join)
def test_an_output_that_is_read(run, folder, words):
    before = contents(folder)
    done = run(*words, "-f", cwd=folder, check=False)
    assert done.returncode != 0 and "labelcap" in done.stderr
    assert contents(folder) == before
