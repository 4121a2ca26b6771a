"""The captures and rules files that the sections work on."""

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


class Material:
    def __init__(self, bench, build, many):
        self.bench = bench
        self.labelcap = build / "labelcap"
        self.directory = bench.directory
        self.generator = self.directory / "generate"
        self.many = many  # samples of the capture with many
        command = os.environ.get("CC", "cc").split()
        command += ["-std=c11", "-O2", "-D_GNU_SOURCE", f"-I{ROOT}/include", f"-I{ROOT}/src"]
        self.call(command + ["-o", self.generator, *sorted(HERE.glob("*.c"))])
        self.plain, self.packets = self.capture("plain.pcap")

    def call(self, command):
        command = [str(part) for part in command]
        result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if result.returncode != 0:
            sys.exit(f"bench: {' '.join(command)}\n{result.stderr}")
        return result.stdout

    def path(self, name):
        return self.directory / name

    def writing(self, command, output, *options):
        """A command of labelcap that waits for the disk no more than its peers do."""
        return [self.labelcap, command, "-f", "--no-sync", "-o", output, *options]

    def capture(self, name, *options):
        """A new capture, and how many packets it has."""
        path = self.path(name)
        said = self.call([self.generator, "--size", self.bench.size, *options, path])
        return path, int(said.split()[0])

    def rules(self, kind, count=10):
        path = self.path(f"{kind}-{count}.csv")
        if not path.exists():
            self.call([self.generator, "--rules", kind, "--count", count, path])
        return path

    def labelled(self, name, rules, capture, packets):
        """A new labelled capture, of which every packet must have its label."""
        path = self.path(name)
        self.call(self.writing("label", path, "-L", rules, capture))
        facts = json.loads(self.call([self.labelcap, "info", "--json", path]))
        if (facts["packets"], facts["labelled"]) != (packets, packets):
            sys.exit(
                f"bench: {rules.name}: {packets} packets in,"
                f" {facts['packets']} out, {facts['labelled']} labelled"
            )
        return path
