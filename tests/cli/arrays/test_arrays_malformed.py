"""arrays over all that can be read of malformed captures, and over damaged data sets: nothing for a sanitizer to find."""

import pytest

MASK = "mac,ip,ports,seq,ack,checksums,ttl,ip_id,window,tcp_timestamps,sni,tls_time"
OPTIONS = {
    "bytes": [["--packets", 3, "--bytes", 90, "--part", "l2", "--series", "length,direction,inter_arrival"]],
    "yatc": [[], ["--compat", "--per", "packet"]],
    "netmamba": [["--compat", "--mask", f"{MASK},random"]],
    "nprint": [["--headers", "eth,ipv4,ipv6,tcp,udp,icmp", "--bytes", 20], ["--compat", "--bytes", 20]],
    "etbert": [["--min-packets", 1], ["--compat", "--per", "packet"]],
    "pcapencoder": [["--mask", MASK]],
    "trafficformer": [["--mask", f"{MASK},random"]],
    "netfound": [[], ["--compat"]],
}


@pytest.fixture(scope="module")
def malformed(run, shared, tmp_path_factory):
    """One data set of all packets that malformed captures have, each flow a sample, in their order."""
    folder = tmp_path_factory.mktemp("malformed")
    (folder / "rules.csv").write_text("BPF:greater 0|EACH:flow,all\n")
    done = run("label", "-q", "--sort", "-L", folder / "rules.csv", "-o", folder / "set.pcapng",
               shared / "captures/malformed", check=False)
    assert done.returncode in (0, 1)
    return folder / "set.pcapng"


@pytest.mark.parametrize("form", OPTIONS)
def test_malformed_packets(run, malformed, tmp_path, form):
    for number, options in enumerate(OPTIONS[form]):
        suffix = ".arrow" if form == "netfound" else ".tsv"
        run("arrays", "-q", "--form", form, *options, "--tunnels", "inner" if number else "outer", "-o",
            tmp_path / f"{number}{suffix}", malformed)
        assert (tmp_path / f"{number}{suffix}").stat().st_size > 5000


def test_damaged_data_sets(run, malformed, tmp_path):
    """Some bytes are changed: an error, or rows."""
    data = malformed.read_bytes()
    for i, form in enumerate(OPTIONS):
        spoiled = bytearray(data)
        for k in range(60):
            at = (i * 7919 + k * k * 104729) % len(data)
            spoiled[at] ^= 1 << (i + k) % 8
        (tmp_path / "set.pcapng").write_bytes(spoiled)
        done = run("arrays", "-q", "--form", form, *OPTIONS[form][0], "--format", "tsv",
                   "-o", tmp_path / f"{form}.tsv", tmp_path / "set.pcapng", check=False)
        assert done.returncode in (0, 1)
