"""Shell completion: the scripts are sound, and complete what the option tables hold."""

import os
import shutil
import subprocess

import pytest

BASH = """
source /dev/stdin
COMP_WORDS=({words})
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_labelcap
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture(scope="module")
def script(program):
    def of(shell):
        return subprocess.run(
            [program, "completion", shell], check=True, capture_output=True, text=True, timeout=20
        ).stdout

    return of


def complete(script, *words):
    quoted = " ".join(f"'{word}'" for word in words)
    done = subprocess.run(
        ["bash", "-c", BASH.format(words=quoted)],
        input=script,
        check=True,
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_bash_completes_commands(script):
    assert complete(script("bash"), "labelcap", "s") == ["sort", "split", "strip", "select", "score"]


def test_bash_completes_options_of_the_command(script):
    assert complete(script("bash"), "labelcap", "label", "--keep") == [
        "--keep-unmatched", "--keep-source"]
    assert complete(script("bash"), "labelcap", "info", "--keep") == []


def test_bash_completes_choices(script):
    assert complete(script("bash"), "labelcap", "sort", "--by", "") == ["sample", "time"]


def test_bash_completes_lists(script):
    arrays = "labelcap", "arrays"
    bash = script("bash")
    assert complete(bash, *arrays, "--form", "net") == ["netmamba", "netfound"]
    assert complete(bash, *arrays, "--mask", "ip,p") == ["ip,ports"]
    assert complete(bash, *arrays, "--series", "length,direction,i") == ["length,direction,inter_arrival"]
    assert complete(bash, "labelcap", "partition", "--group", "f") == ["flow", "file"]


def test_bash_completes_what_is_known(script, program, run):
    """Names of profiles, commands, shells and the network interfaces of this machine."""
    bash = script("bash")
    profiles = [line.split()[0] for line in run("flows", "--list-profiles").stdout.splitlines()]
    assert complete(bash, "labelcap", "flows", "--profile", "") == profiles
    assert complete(bash, "labelcap", "flows", "--describe", "netf") == ["netflowmeter"]
    interfaces = sorted(os.listdir("/sys/class/net"))
    for option in "-d", "--device":
        assert sorted(complete(bash, "labelcap", "label", option, "")) == interfaces
    commands = complete(bash, "labelcap", "")
    assert {"label", "help", "--version"} <= set(commands)
    assert complete(bash, "labelcap", "help", "") == [one for one in commands if one[0] != "-"]
    assert complete(bash, "labelcap", "completion", "") == ["bash", "zsh"]
    zsh = script("zsh")
    assert ":NAME:(" + " ".join(profiles) + ")" in zsh and ":IFACE:_net_interfaces" in zsh


def test_bash_completes_files(script, tmp_path, monkeypatch):
    (tmp_path / "one.pcapng").touch()
    monkeypatch.chdir(tmp_path)
    assert complete(script("bash"), "labelcap", "info", "on") == ["one.pcapng"]


def test_zsh_takes_the_script(script):
    if not shutil.which("zsh"):
        pytest.skip("zsh is not installed")
    subprocess.run(["zsh", "-n"], input=script("zsh"), check=True, text=True, timeout=20)


def test_unknown_shell_is_wrong_usage(run):
    done = run("completion", "fish", check=False)
    assert done.returncode == 2
    assert "expected bash or zsh, found 'fish'" in done.stderr
