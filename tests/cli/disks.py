"""File systems that are soon full."""

import os
import subprocess
from contextlib import contextmanager

import pytest


@contextmanager
def small_disk(folder, options="size=256k"):
    """A file system of 256 KiB at folder/disk; only root can have it."""
    if os.getuid() != 0:
        pytest.skip("only root can mount")
    disk = folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", disk],
                             capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"cannot mount: {mounted.stderr}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)
