"""Power loss on ext4: what a disk holds at the moment at which a command has ended."""

import os
import shutil
import subprocess
from contextlib import contextmanager

import pytest

from captures import Ng


@contextmanager
def mounted(image, folder):
    folder.mkdir(exist_ok=True)
    done = subprocess.run(["mount", "-o", "loop", image, folder], capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"cannot mount: {done.stderr}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.fixture
def image(tmp_path):
    if os.getuid() != 0 or not shutil.which("mkfs.ext4"):
        pytest.skip("needs root and mkfs.ext4")
    path = tmp_path / "image"
    with open(path, "wb") as out:
        out.truncate(24 << 20)
    subprocess.run(["mkfs.ext4", "-q", path], check=True)
    return path


@pytest.mark.parametrize("words, output", [
    (["sort", "-o", "out.pcapng"], "out.pcapng"), (["split", "-o", "out"], "out"),
    (["flows", "-o", "out.csv"], "out.csv"), (["flows", "-o", "out.sqlite"], "out.sqlite"),
    (["flows", "-o", "out.xlsx"], "out.xlsx"),
])
def test_what_is_left_is_whole(run, tmp_path, image, words, output):
    """The image is copied while it is mounted: it lacks what is only in the memory of ext4."""
    ng = Ng().interface()
    for number in range(300):
        ng.packet(bytes(600), 10**15 - number, [f"{number % 7},label"])
    (tmp_path / "in.pcapng").write_bytes(bytes(ng))
    with mounted(image, tmp_path / "disk") as disk:
        run(*words, "-q", tmp_path / "in.pcapng", cwd=disk)
        shutil.copyfile(image, tmp_path / "after")
        whole = {path.name: path.read_bytes() for path in [disk / output, *disk.glob("out/*")]
                 if path.is_file()}
    with mounted(tmp_path / "after", tmp_path / "later") as later:
        left = {path.name: path.read_bytes() for path in [later / output, *later.glob("out/*")]
                if path.is_file()}
    assert left == whole and all(whole.values())
