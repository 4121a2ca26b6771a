"""What the tests of faults share: packets that are flows, and runs under strace."""

import shutil
import subprocess

import pytest

from surroundings import clean_environment


def udp(number):
    """A packet of a flow of its own: 10.1.x.y to 10.2.3.4."""
    head = bytes([0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0])
    ends = bytes([10, 1]) + number.to_bytes(2, "big") + bytes([10, 2, 3, 4])
    return bytes(12) + b"\x08\x00" + head + ends + bytes([0, 53, 0, 53, 0, 8, 0, 0])


def strace(options, command, cwd):
    """Runs the command under strace with these options; skips the test where that cannot be."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    done = subprocess.run(["strace", "-f", *options, *command], cwd=cwd, env=clean_environment(),
                          capture_output=True, encoding="utf-8", errors="surrogateescape")
    if "ptrace" in done.stderr:
        pytest.skip("strace cannot trace here")
    return done
