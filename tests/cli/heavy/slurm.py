"""Slurm on this machine, without systemd: a controller and one node, for as long as a test needs them."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel"]
CONFIGURATION = Path(__file__).with_name("slurm.conf")


def what_is_missing():
    """Why Slurm cannot be started here, or None."""
    if os.geteuid() != 0:
        return "Slurm is started as root"
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    return f"not installed: {', '.join(missing)}" if missing else None


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [server.getsockname()[1] for server in sockets]
    for server in sockets:
        server.close()
    return ports


def wait_until(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.05)


class Cluster:
    def __init__(self, folder):
        self.folder = folder
        self.environment = {"SLURM_CONF": str(folder / "slurm.conf")}
        for name in ("state", "spool"):
            (folder / name).mkdir()
        host = socket.gethostname().split(".")[0]
        controller_port, node_port = free_ports(2)
        (folder / "slurm.conf").write_text(CONFIGURATION.read_text().format(
            host=host, state=folder, controller_port=controller_port, node_port=node_port))
        (folder / "key").touch(mode=0o600)
        (folder / "key").write_bytes(secrets.token_bytes(1024))

    def __enter__(self):
        try:
            self.start_daemons()
            wait_until(lambda: "idle" in self.ask("sinfo", "-h", "-o", "%T"), "a node that is idle")
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start_daemons(self):
        files = [f"--{name}={self.folder}/munge.{name.split('-')[0]}"
                 for name in ("socket", "pid-file", "log-file", "seed-file")]
        self.start("munged", "--foreground", "--force", f"--key-file={self.folder}/key", *files)
        wait_until((self.folder / "munge.socket").exists, "munged")
        self.start("slurmctld", "-D")
        self.start("slurmd", "-D")

    def start(self, *command):
        """They end with this process, whatever happens to it."""
        with open(self.folder / f"{command[0]}.out", "w") as log:
            subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command], stdout=log, stderr=log,
                             stdin=subprocess.DEVNULL, env=dict(os.environ, **self.environment))

    def ask(self, *command):
        done = subprocess.run(command, env=dict(os.environ, **self.environment), capture_output=True,
                              text=True, timeout=30)
        return done.stdout

    def wait_for_jobs(self):
        wait_until(lambda: not self.ask("squeue", "-h"), "the end of all jobs")

    def processes(self):
        """Daemons, steps and tasks: all that were told of this cluster."""
        wanted = f"SLURM_CONF={self.environment['SLURM_CONF']}".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if wanted in words:
                found.append(int(entry.name))
        return found

    def stop(self):
        """Kills them until none is left, for one may have started another."""
        def is_over():
            processes = self.processes()
            for process in processes:
                try:
                    os.kill(process, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            return not processes
        wait_until(is_over, "the end of Slurm's processes")
