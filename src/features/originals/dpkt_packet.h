/*
 * How dpkt 1.9.8 takes a frame apart: NetFlowMeter and pcap2json see packets
 * through it, so that their compat modes have to see what it sees. It knows
 * no more than two VLAN tags, believes an EtherType more than the IP version, cuts
 * an IP packet at its length field, and calls options that are cut short complete.
 */
#ifndef FEATURES_ORIGINALS_DPKT_PACKET_H
#define FEATURES_ORIGINALS_DPKT_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dpkt_result {
    DPKT_TRANSPORT, /* an IP packet, its transport header parsed: all fields are set */
    DPKT_BYTES, /* an IP packet whose payload stays bytes: a later fragment, a protocol that dpkt
                   does not know, a transport header cut short. Fields of `transport` as they lie
                   there, none of the header's */
    DPKT_NO_IP, /* no IP packet, or one that dpkt leaves as bytes: a malformed header */
    DPKT_EXCEPTION, /* the parser raises an exception: a frame or tag cut short, a malformed header
                       where nothing catches it */
};

/* Pointers go into the frame. */
struct dpkt_packet {
    bool ip6;
    uint8_t protocol;      /* of the transport header, behind IPv6 extension headers */
    uint8_t ip_header_len; /* IPv4: with as many of its options as are captured; IPv6: 40 */
    const uint8_t *ip;     /* the IP packet: what dpkt prints when it has changed nothing */
    uint32_t ip_len;       /* cut at the length field where that is not 0, and at the frame's end */
    const uint8_t *source; /* 4 or 16 bytes */
    const uint8_t *destination;
    const uint8_t *transport; /* behind the IP header and extension headers, up to ip_len */
    uint32_t transport_len;
    /* TCP: data offset, but not more than transport_len; UDP 8; GRE: all of it; of the others the
     * fixed part that dpkt takes off (ICMP 4, …), its variable part counted with the data. */
    uint32_t transport_header_len;
    uint16_t source_port, destination_port; /* TCP and UDP; otherwise 0 */
    uint16_t tcp_flags;                     /* 9 bits; the rest is 0 without TCP too */
    uint16_t tcp_window, tcp_urgent;
    uint32_t tcp_seq;
};

/* Parses an Ethernet frame: Ethernet II, VLAN tags, MPLS, ISL; the rest is no IP. */
enum dpkt_result dpkt_parse_ethernet(const uint8_t *frame, size_t len, struct dpkt_packet *packet);

/* Parses bytes as an IPv4 packet, whatever their version field says. */
enum dpkt_result dpkt_parse_ip(const uint8_t *bytes, size_t len, struct dpkt_packet *packet);

static inline const uint8_t *dpkt_payload(const struct dpkt_packet *packet)
{
    return packet->transport + packet->transport_header_len;
}

static inline uint32_t dpkt_payload_len(const struct dpkt_packet *packet)
{
    return packet->transport_len - packet->transport_header_len;
}

#endif
