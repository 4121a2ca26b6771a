"""A pseudo-terminal of a given width, and what a program shows in it."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
import threading
import unicodedata

from surroundings import clean_environment


def on_terminal(command, columns=80, feed=None, stdout=None, stderr=None, status=0, **options):
    """What the command writes to a terminal so wide, while `feed` runs.

    Standard output and standard error go there unless `stdout` and `stderr` say otherwise. With
    `status` None the command may fail.
    """
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL,
                               stdout=follower if stdout is None else stdout,
                               stderr=follower if stderr is None else stderr, env=clean_environment(), **options)
    os.close(follower)
    thread = threading.Thread(target=feed or (lambda: None))
    thread.start()
    said = b""
    while True:
        try:
            chunk = os.read(leader, 1 << 16)
        except OSError:  # EIO: the other end is closed
            chunk = b""
        if not chunk:
            break
        said += chunk
    thread.join()
    os.close(leader)
    found = process.wait()
    assert status in (found, None), said
    return said.decode("utf-8", "surrogateescape").replace("\r\n", "\n")


def width(text):
    """How many columns of a terminal the text takes."""
    columns = 0
    for character in text:
        if unicodedata.category(character) not in ("Mn", "Me", "Cf"):
            columns += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return columns
