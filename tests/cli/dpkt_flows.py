"""Flows of TCP, UDP and ICMP by dpkt, for the tests of netfound."""

from collections import defaultdict

import dpkt

PROTOCOLS = {dpkt.tcp.TCP: 6, dpkt.udp.UDP: 17, dpkt.icmp.ICMP: 1}


def flows_of(packets):
    """`packets`: (time, bytes) of Ethernet. Lists of (time, IP packet), in both directions."""
    flows = defaultdict(list)
    for time, data in packets:
        ip = dpkt.ethernet.Ethernet(data).data
        if isinstance(ip, (dpkt.ip.IP, dpkt.ip6.IP6)) and type(ip.data) in PROTOCOLS:
            ends = [(ip.src, getattr(ip.data, "sport", 0)), (ip.dst, getattr(ip.data, "dport", 0))]
            flows[ip.p, *sorted(ends)].append((time, ip))
    return flows.values()
