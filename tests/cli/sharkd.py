"""What Wireshark makes of captures, by sharkd: one process for many of them, because the start of
tshark takes longer than most captures do.
"""

import json
import subprocess
from contextlib import contextmanager

MOST_COLUMNS = 32  # of a request
PREFERENCES = ("ip.defragment", "ipv6.defragment", "tcp.desegment_tcp_streams")


class Sharkd:
    def __init__(self, process):
        self.process = process
        for name in PREFERENCES:
            self.ask("setconf", name=name, value="FALSE")

    def ask(self, method, **parameters):
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        while not (line := self.process.stdout.readline()).startswith("{"):
            assert line, "sharkd has ended"
        answer = json.loads(line)
        assert "error" not in answer, answer
        return answer["result"]

    def rows(self, capture, fields):
        """A dictionary for each packet. The values of a field that is there several times have
        commas between them."""
        self.ask("load", file=str(capture))
        rows = None
        for at in range(0, len(fields), MOST_COLUMNS):
            part = fields[at:at + MOST_COLUMNS]
            columns = {f"column{i}": f"{name}:0" for i, name in enumerate(part)}
            found = [dict(zip(part, frame["c"])) for frame in self.ask("frames", **columns)]
            rows = [row | more for row, more in zip(rows, found)] if rows else found
        return rows


@contextmanager
def sharkd():
    with subprocess.Popen(["sharkd", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, encoding="utf-8", errors="replace") as process:
        yield Sharkd(process)
        process.stdin.close()
