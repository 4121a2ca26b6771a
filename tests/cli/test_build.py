"""The set-up: what is said where packages are missing, and a build without one of them."""

import os
import shutil
import subprocess

import pytest


@pytest.fixture
def make(repo, tmp_path):
    if not shutil.which("make"):
        pytest.skip("no make")

    def make_that(*words):
        return subprocess.run(["make", "-C", repo, f"BUILD={tmp_path}/build", *words],
                              capture_output=True, text=True, timeout=60,
                              env={k: v for k, v in os.environ.items() if not k.startswith("MAKE")})

    return make_that


def test_a_missing_header_says_what_to_do(make, tmp_path):
    done = make("CC=cc -nostdinc", f"{tmp_path}/build/obj/headers")
    assert done.returncode != 0
    assert "missing header: pcap.h\n" in done.stderr
    assert "'make deps' installs what is missing" in done.stderr
    assert "apt-get install pkg-config libpcap-dev" in done.stderr
    assert make(f"{tmp_path}/build/obj/headers").returncode == 0


def test_a_build_without_xlsx(make):
    for words, there in ((), True), (("WITHOUT=xlsx",), False):
        plan = make("-n", *words, "all").stdout
        assert "-lcsv" in plan and "-lxlsxwriter" not in plan
        assert ("src/table/table_xlsx.c" in plan) == there


@pytest.mark.skipif(not shutil.which("dpkg-query"), reason="not a Debian system")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_without_rights_the_line_for_an_administrator(repo, tmp_path):
    for name in ("sh", "env", "id", "dpkg-query"):
        (tmp_path / name).symlink_to(shutil.which(name))
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents:
        if parent.stat().st_uid == os.geteuid() and parent != parent.parent:
            parent.chmod(parent.stat().st_mode | 0o055)
    script = tmp_path / "install.sh"
    shutil.copy(repo / ".ci/install-packages.sh", script)
    done = subprocess.run(["/bin/sh", script, "libc6", "no-such-package"], capture_output=True,
                          text=True, env={"PATH": str(tmp_path)}, user="nobody", timeout=60)
    assert done.returncode == 1
    assert "apt-get install -y --no-install-recommends no-such-package\n" in done.stderr
