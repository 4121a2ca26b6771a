"""flows of ICMP: which messages belong together, and the community IDs that follow from it."""

import socket
import struct

import pytest

from captures import RAW, pcap
from flow_tables import table

# What the repository of the community ID specification publishes for its captures
# (baseline/baseline_deflt.json): protocol, source, destination, ports or ICMP's types, ID. Of a type
# without an answer the second number is the code.
PUBLISHED = """
58 fe80::200:86ff:fe05:80da fe80::260:97ff:fe07:69ea 135 136 1:dGHyGvjMfljg6Bppwm3bg0LO8TY=
58 fe80::260:97ff:fe07:69ea fe80::200:86ff:fe05:80da 136 135 1:dGHyGvjMfljg6Bppwm3bg0LO8TY=
58 fe80::260:97ff:fe07:69ea fe80::200:86ff:fe05:80da 135 136 1:zavyT/cezQr1fmImYCwYnMXbgck=
58 fe80::200:86ff:fe05:80da fe80::260:97ff:fe07:69ea 136 135 1:zavyT/cezQr1fmImYCwYnMXbgck=
58 3ffe:501:1800:2345::2 3ffe:507:0:1:200:86ff:fe05:80da 3 0 1:2ObVBgIn28oZvibYZhZMBgh7WdQ=
58 3ffe:501:410:0:2c0:dfff:fe47:33e 3ffe:507:0:1:200:86ff:fe05:80da 1 4 1:hLZd0XGWojozrvxqE0dWB1iM6R0=
58 3ffe:507:0:1:200:86ff:fe05:80da 3ffe:501:0:1001::2 128 129 1:+TW+HtLHvV1xnGhV1lv7XoJrqQg=
58 3ffe:501:0:1001::2 3ffe:507:0:1:200:86ff:fe05:80da 129 128 1:+TW+HtLHvV1xnGhV1lv7XoJrqQg=
58 fe80::200:86ff:fe05:80da ff02::2 133 134 1:hO+sN4H+MG5MY/8hIrXPqc4ZQz0=
58 fe80::260:97ff:fe07:69ea ff02::1 134 133 1:pkvHqCL88/tg1k4cPigmZXUtL00=
1 192.168.0.89 192.168.0.1 8 0 1:X0snYXpgwiv9TZtqg64sgzUn6Dk=
1 192.168.0.1 192.168.0.89 0 8 1:X0snYXpgwiv9TZtqg64sgzUn6Dk=
1 10.0.0.1 10.0.0.2 11 0 1:YHxtAirCG//0OzkcVAukqKQN9xM=
6 2001:470:e5bf:dead:4957:2174:e82c:4887 2607:f8b0:400c:c03::1a 63943 25 1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=
6 2607:f8b0:400c:c03::1a 2001:470:e5bf:dead:4957:2174:e82c:4887 25 63943 1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=
132 192.168.170.8 192.168.170.56 7 7 1:MP2EtRCAUIZvTw6MxJHLV7N7JDs=
132 192.168.170.56 192.168.170.8 7 7 1:MP2EtRCAUIZvTw6MxJHLV7N7JDs=
6 128.232.110.120 66.35.250.204 34855 80 1:LQU9qZlK+B5F3KDmev6m5PMibrg=
6 66.35.250.204 128.232.110.120 80 34855 1:LQU9qZlK+B5F3KDmev6m5PMibrg=
17 192.168.1.52 8.8.8.8 54585 53 1:d/FP5EW3wiY1vCndhwleRRKHowQ=
17 8.8.8.8 192.168.1.52 53 54585 1:d/FP5EW3wiY1vCndhwleRRKHowQ=
46 10.1.12.1 10.1.12.2 0 0 1:KHlLkgoJW7ifUTyTSgyVfkFHzKw=
46 10.1.12.2 10.1.12.1 0 0 1:KHlLkgoJW7ifUTyTSgyVfkFHzKw=
"""
ONE_WAY = {(1, 3), (1, 11), (58, 1), (58, 3)}


def packet(protocol, source, destination, content):
    if ":" in source:
        ends = b"".join(socket.inet_pton(socket.AF_INET6, end) for end in (source, destination))
        return struct.pack(">IHBB", 6 << 28, len(content), protocol, 64) + ends + content
    ends = b"".join(map(socket.inet_aton, (source, destination)))
    return struct.pack(">BBHIBBH", 0x45, 0, 20 + len(content), 0, 64, protocol, 0) + ends + content


def icmp(source, destination, kind, code=0):
    return packet(58 if ":" in source else 1, source, destination, bytes([kind, code]) + bytes(14))


def published_packets():
    for line in PUBLISHED.split("\n")[1:-1]:
        protocol, source, destination, *numbers, _ = line.split()
        protocol, (first, second) = int(protocol), map(int, numbers)
        if protocol in (1, 58):
            code = second if (protocol, first) in ONE_WAY else 0
            yield icmp(source, destination, first, code)
        elif protocol == 6:
            yield packet(6, source, destination, struct.pack(">HHIIHHI", first, second, 1, 1, 0x5010, 9, 0))
        else:
            yield packet(protocol, source, destination, struct.pack(">HHHHI", first, second, 12, 0, 0))


def flows_of(run, tmp_path, packets, *options):
    (tmp_path / "in.pcap").write_bytes(pcap([(data, number * 1000) for number, data in enumerate(packets)],
                                            linktype=RAW))
    return table(run, *options, tmp_path / "in.pcap")


def test_all_ids_of_the_specification(run, tmp_path):
    ids = {line.split()[-1] for line in PUBLISHED.split("\n")[1:-1]}
    flows = flows_of(run, tmp_path, published_packets())
    assert len(ids) == 14 and sorted(flows["community_id"]) == sorted(ids)


@pytest.mark.parametrize("a,b,ask,answer", [("10.0.0.2", "10.0.0.1", 8, 0), ("10.0.0.1", "10.0.0.2", 13, 14),
                                            ("fe80::2", "fe80::1", 128, 129), ("fe80::1", "fe80::2", 135, 136)])
def test_question_and_answer_are_one_flow(run, tmp_path, a, b, ask, answer):
    flow, = flows_of(run, tmp_path, [icmp(a, b, ask), icmp(b, a, answer), icmp(a, b, ask)]).to_dict("records")
    assert (flow["source_address"], flow["icmp_type"]) == (a, str(ask))
    assert (flow["forward_packets"], flow["backward_packets"]) == ("2", "1")
    assert (flow["source_port"], flow["destination_port"]) == ("0", "0")
    flows = flows_of(run, tmp_path, [icmp(a, b, ask), icmp(b, a, answer)], "--unidirectional")
    assert flows["icmp_type"].tolist() == [str(ask), str(answer)]


def test_who_asks_is_told_apart(run, tmp_path):
    """Two hosts ping each other: two flows, as in Zeek."""
    a, b = "10.0.0.1", "10.0.0.2"
    flows = flows_of(run, tmp_path, [icmp(a, b, 8), icmp(b, a, 8), icmp(b, a, 0), icmp(a, b, 0)])
    assert flows["source_address"].tolist() == [a, b]
    assert flows["packets"].tolist() == ["2", "2"] and flows["community_id"].nunique() == 2


def test_messages_without_an_answer_have_a_direction(run, tmp_path):
    """Even where type and code are the same number: port unreachable."""
    a, b = "10.0.0.1", "10.0.0.2"
    messages = [(a, b, 3, 3), (b, a, 3, 3), (a, b, 3, 1), (a, b, 11, 0), (b, a, 3, 3)]
    flows = flows_of(run, tmp_path, [icmp(*message) for message in messages])
    found = flows[["source_address", "icmp_type", "icmp_code", "packets", "backward_packets"]]
    assert found.to_numpy().tolist() == [[a, "3", "3", "1", "0"], [b, "3", "3", "2", "0"],
                                         [a, "3", "1", "1", "0"], [a, "11", "0", "1", "0"]]
    assert flows["community_id"].nunique() == 4


def test_other_profiles_have_the_same_flows(run, tmp_path):
    a, b = "10.0.0.1", "10.0.0.2"
    messages = [icmp(a, b, 8), icmp(b, a, 0), icmp(b, a, 3, 3), icmp(a, b, 8)]
    for profile, count in (("netflowmeter", "packets_count"), ("nexusflowmeter", "total_packets")):
        flows = flows_of(run, tmp_path, messages, "--profile", profile)
        assert flows[count].tolist() == ["3", "1"]
        assert flows["src_ip"].tolist() == [a, b]
        assert set(flows["src_port"]) == {"0" if profile == "netflowmeter" else ""}
