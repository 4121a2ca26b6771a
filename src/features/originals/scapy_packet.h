/*
 * What scapy 2.5.0 finds in a packet, as far as NexusFlowMeter needs it; only for
 * its compat mode. Layers are walked as scapy binds them with the modules that it
 * loads by default: VLAN, LLC/SNAP, PPP, PPPoE, GRE, IP in IP, VXLAN and L2TP are
 * parsed; MPLS and GTP, which are extras there, are not.
 */
#ifndef FEATURES_ORIGINALS_SCAPY_PACKET_H
#define FEATURES_ORIGINALS_SCAPY_PACKET_H

#include <labelcap/capture.h>

enum scapy_protocol { SCAPY_UNKNOWN, SCAPY_TCP, SCAPY_UDP, SCAPY_ICMP, SCAPY_ARP };

/* Addresses point into the packet. */
struct scapy_packet {
    enum scapy_protocol protocol;
    uint8_t family;             /* of the addresses: FAMILY_IPV4 (also ARP) or FAMILY_IPV6 */
    uint8_t sender_family;      /* of `sender` */
    const uint8_t *source;      /* of the first IPv4 header at any depth, else IPv6, else ARP */
    const uint8_t *destination; /* those of ARP if there is ARP and no TCP, UDP or ICMP */
    const uint8_t *sender; /* source of the IP header that decides the direction; NULL = none */
    uint16_t source_port, destination_port; /* of the first TCP, else UDP header; or 0 */
    uint16_t tcp_flags;
    uint32_t captured; /* bytes: scapy reads at most 65,535 */
    uint32_t payload;  /* TCP and UDP: bytes after the second layer, including padding */
};

/* False if it has no addresses. */
bool scapy_packet_dissect(const struct lcap_packet *packet, struct scapy_packet *found);

#endif
