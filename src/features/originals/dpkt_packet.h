/*
 * How dpkt 1.9.8 parses a frame: NetFlowMeter and pcap2json read packets through
 * it, so their compat modes must see what it sees. It knows at most two VLAN tags,
 * trusts an EtherType more than the IP version, cuts an IP packet at its length
 * field, and accepts truncated options.
 */
#ifndef FEATURES_ORIGINALS_DPKT_PACKET_H
#define FEATURES_ORIGINALS_DPKT_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dpkt_result {
    DPKT_TRANSPORT, /* an IP packet with a parsed transport header: all fields are set */
    DPKT_BYTES, /* an IP packet whose payload stays bytes: a later fragment, a protocol unknown to
                   dpkt, a truncated transport header. `transport` is set, the fields of the header
                   are not */
    DPKT_NO_IP, /* not an IP packet, or one that dpkt leaves as bytes because of a malformed header
                 */
    DPKT_EXCEPTION, /* the parser raises an exception: a truncated frame or tag, or a malformed
                       header where nothing catches it */
};

/* Pointers point into the frame. */
struct dpkt_packet {
    bool ip6;
    uint8_t protocol;      /* of the transport header, after IPv6 extension headers */
    uint8_t ip_header_len; /* IPv4: with the captured part of its options; IPv6: 40 */
    const uint8_t *ip;     /* the IP packet: what dpkt prints when it has changed nothing */
    uint32_t ip_len; /* cut at the length field unless that is 0, and at the end of the frame */
    const uint8_t *source; /* 4 or 16 bytes */
    const uint8_t *destination;
    const uint8_t *transport; /* after the IP header and extension headers, up to ip_len */
    uint32_t transport_len;
    /* TCP: data offset, but at most transport_len; UDP: 8; GRE: all of it; others: the fixed part
     * that dpkt removes (ICMP 4, …); their variable part counts as data. */
    uint32_t transport_header_len;
    uint16_t source_port, destination_port; /* TCP and UDP; otherwise 0 */
    uint16_t tcp_flags;                     /* 9 bits; these and the following are 0 without TCP */
    uint16_t tcp_window, tcp_urgent;
    uint32_t tcp_seq;
};

/* Parses an Ethernet frame: Ethernet II, VLAN tags, MPLS, ISL; anything else is not IP. */
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
