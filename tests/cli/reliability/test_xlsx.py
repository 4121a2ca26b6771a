"""flows to XLSX where a temporary file of libxlsxwriter fails: a whole workbook, or an error."""

import zipfile

import pytest

from captures import pcap
from small_inputs import strace, udp

WORDS = ["flows", "-q", "-o", "flows.xlsx", "in.pcap"]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in.pcap").write_bytes(pcap([(udp(n), 10**18 + n) for n in range(40)]))
    return tmp_path


def traced(folder, program, *options):
    return strace(options, [program, *WORDS], folder)


@pytest.mark.parametrize("call", ["write", "read"])
def test_every_call_that_fails_is_noticed(program, folder, call):
    assert traced(folder, program, "-o", "trace", "-e", f"trace={call},openat").returncode == 0
    whole = (folder / "flows.xlsx").read_bytes()
    loaded, started, ran = (folder / "trace").read_text().partition('"in.pcap"')
    assert started
    before = loaded.count(f"{call}(")  # by what loads the program
    calls = before + ran.count(f"{call}(")
    (folder / "flows.xlsx").unlink()
    assert calls > 15
    failed = 0
    for number in range(before + 1, calls + 1):
        done = traced(folder, program, "--seccomp-bpf", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                      f"inject={call}:error=EIO:when={number}")
        if done.returncode == 0:
            assert (folder / "flows.xlsx").read_bytes() == whole, number
            assert zipfile.ZipFile(folder / "flows.xlsx").testzip() is None
            (folder / "flows.xlsx").unlink()
        else:
            assert done.returncode == 1, done.stderr
            failed += 1
        assert sorted(path.name for path in folder.iterdir()) == ["in.pcap", "trace"]
    assert failed > 10
