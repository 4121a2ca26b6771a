/*
 * The headers of a packet, from the link layer to the transport header, which
 * identify flows. Everything is checked against the captured bytes.
 *
 * Link layers: Ethernet (also 802.3 with LLC/SNAP), Linux SLL and SLL2, raw IP,
 * NULL and LOOP, PPP (also with HDLC framing, with a direction, and Cisco's HDLC),
 * 802.11 with and without radiotap, Prism and AVS headers, FDDI, Token Ring, ARCNET, IP
 * over InfiniBand and IEEE 1394, ENC, NFLOG, NetAnalyzer, also after a PPI or PKTAP
 * header; in them VLAN tags (any depth), VN-Tag, E-Tag, provider backbone bridges,
 * FabricPath, Cisco MetaData, MACsec that is not encrypted, NSH, PPPoE, MPLS (with IP,
 * or with Ethernet after a control word). IPv6 extension headers (RFC 8200) and
 * authentication headers (RFC 4302) are walked.
 */
#ifndef PACKET_PACKET_HEADERS_H
#define PACKET_PACKET_HEADERS_H

#include "packet/fragments.h"
#include "packet/link_headers.h"
#include <labelcap/packet.h>

enum {
    IP_PROTOCOL_ICMP = 1,
    IP_PROTOCOL_IPV4 = 4,
    IP_PROTOCOL_TCP = 6,
    IP_PROTOCOL_UDP = 17,
    IP_PROTOCOL_DCCP = 33,
    IP_PROTOCOL_IPV6 = 41,
    IP_PROTOCOL_GRE = 47,
    IP_PROTOCOL_ESP = 50,
    IP_PROTOCOL_AH = 51,
    IP_PROTOCOL_ICMPV6 = 58,
    IP_PROTOCOL_NO_NEXT = 59,
    IP_PROTOCOL_SCTP = 132,
    IP_PROTOCOL_UDPLITE = 136,
};

/* In the order of the bits of the TCP header (RFC 9293, RFC 3168, RFC 3540). */
enum tcp_flag {
    TCP_FIN = 0x001,
    TCP_SYN = 0x002,
    TCP_RST = 0x004,
    TCP_PSH = 0x008,
    TCP_ACK = 0x010,
    TCP_URG = 0x020,
    TCP_ECE = 0x040,
    TCP_CWR = 0x080,
    TCP_NS = 0x100,
};

enum { FAMILY_ARP = 0, FAMILY_IPV4 = 4, FAMILY_IPV6 = 6 };

struct packet_headers {
    uint8_t source[16]; /* IPv4 and ARP (its protocol addresses): 4 bytes, then zeros */
    uint8_t destination[16];
    uint16_t source_port; /* 0 if the protocol has none, or if those of a fragment are unknown; for
                             ICMP and ICMPv6 the type, as in the Community ID */
    uint16_t destination_port; /* ICMP and ICMPv6: the type of the reply, or else the code */
    uint16_t vlan;             /* VLAN ID of the outermost tag, or VLAN_NONE */
    uint8_t family;            /* FAMILY_ */
    bool waits;          /* a fragment whose ports, or TCP flags, are in one that was not seen yet;
                            parse the packet again when that has come */
    bool unknown_ports;  /* a later fragment without its first one, of a protocol with ports, or
                            of ICMP */
    bool one_way;        /* ICMP and ICMPv6: of a type without a reply */
    bool encapsulated;   /* in another frame or packet, whose headers come first */
    uint16_t tcp_urgent; /* 0 if unknown */

    uint64_t datagram; /* of a fragment: a hash of what all fragments of its packet share; else 0 */

    /* The IP packet without link-layer padding. For ARP: the ARP packet. */
    const uint8_t *ip;
    const uint8_t *payload; /* after the transport header; NULL if none of it is captured */
    uint32_t ip_captured;   /* bytes at `ip` */
    uint32_t payload_captured;

    /* What measures of flows read; see features/flow_lanes.c. Lengths in bytes. */
    uint32_t ip_len; /* of the IP packet: by its length field, but limited by the wire length; if
                        that field is 0 (segmentation offload), by the wire length alone */
    uint32_t payload_len; /* ip_len minus the headers; UDP: by its length field if that is less and
                             the packet is not a fragment */
    uint16_t ip_header_len; /* with extension and authentication headers; for ARP: all of it */
    uint16_t transport_len; /* of the transport header, by its own length field but limited by
                               ip_len; ICMP and ICMPv6: 8; 0 for protocols other than these, TCP,
                               UDP, UDP-Lite, DCCP and SCTP. In a later fragment: the rest of a
                               header that began in earlier ones */
    uint8_t protocol;     /* of the transport header, after all IPv6 extension headers; 0 for ARP */
    uint8_t ttl;          /* or hop limit */
    uint8_t tos;          /* type of service octet, or traffic class */
    bool fragment;        /* of a larger packet */
    bool has_transport;   /* false for ARP, for all fragments but the first, and after ESP */
    bool unknown_lengths; /* the end of the transport header is unknown, because too little of it
                             was captured: transport_len and payload_len are 0 */

    /* ICMP and ICMPv6 */
    uint8_t icmp_type;
    uint8_t icmp_code;

    /* TCP; 0 if unknown */
    uint32_t tcp_seq;
    uint32_t tcp_ack;
    uint16_t tcp_flags;
    uint16_t tcp_window;
    uint8_t tcp_known; /* bytes of the fixed part of the header that were captured */
};

/* Deeper tunnels are an attack or a routing loop: what is in them counts as payload. */
enum { TUNNEL_DEPTH = 8 };

enum { TCP_FIXED_LEN = 20 };

static inline bool packet_has_sequence(const struct packet_headers *headers)
{
    return headers->tcp_known >= 8;
}

/* Whether TCP's flags, and with them sequence numbers and lengths, are known. */
static inline bool packet_has_tcp(const struct packet_headers *headers)
{
    return headers->tcp_known >= 14;
}

static inline bool packet_has_window(const struct packet_headers *headers)
{
    return headers->tcp_known >= 16;
}

static inline bool packet_has_urgent(const struct packet_headers *headers)
{
    return headers->tcp_known >= TCP_FIXED_LEN;
}

static inline bool protocol_has_ports(uint8_t protocol)
{
    return protocol == IP_PROTOCOL_TCP || protocol == IP_PROTOCOL_UDP ||
           protocol == IP_PROTOCOL_DCCP || protocol == IP_PROTOCOL_SCTP ||
           protocol == IP_PROTOCOL_UDPLITE;
}

static inline bool protocol_is_icmp(uint8_t protocol)
{
    return protocol == IP_PROTOCOL_ICMP || protocol == IP_PROTOCOL_ICMPV6;
}

/* Whether a header of this protocol is an extension header of IPv6 or an authentication header,
 * which names the protocol after it in its first byte; and how long it is by its second one. */
bool ip_has_extension(uint8_t family, uint8_t protocol);
uint32_t ip_extension_len(uint8_t protocol, const uint8_t *header);

struct header_parser {
    struct fragments fragments;
    uint16_t unknown_type; /* after LCAP_SKIP_LINK_TYPE: that link type; after LCAP_SKIP_NO_IP: the
                              Ethernet type, or 0 if none was read */
    bool inner_tunnels; /* parse IPv4 and IPv6 in IP, GRE (RFC 2784, 2890; PPTP: RFC 2637; in UDP:
                           RFC 8086; ERSPAN), VXLAN (RFC 7348), Geneve (RFC 8926), GTP-U (3GPP TS
                           29.281), Teredo (RFC 4380) and AYIYA, up to TUNNEL_DEPTH deep; the
                           innermost headers that can be read count. Later fragments of tunnel
                           packets belong to the tunnel */
};

/*
 * Fills `headers`; returns LCAP_SKIP_NONE, or why the packet is in no flow. Of the
 * transport header, the ports must be captured, or type and code of ICMP. On the wire
 * it must have its fixed part, except in fragments: 20 bytes for TCP (with a data
 * offset of 5 or more), 8 for UDP, 4 for ICMP, 12 for SCTP, 12 for DCCP (with an
 * offset of 3 or more); none for other protocols. All-zero parsers are ready for use.
 */
enum lcap_skip packet_headers_parse(struct header_parser *parser, const struct lcap_packet *packet,
                                    struct packet_headers *headers);

void header_parser_release(struct header_parser *parser);

/* Whether a port is 53 and the payload (TCP: after its length field) begins with a DNS header (RFC
 * 1035, 4.1.1): a known opcode, and section counts that fit the length. */
bool packet_is_dns(const struct packet_headers *headers);

/*
 * The name of the first question of such a message, a view of the packet as RFC 1035, 3.1,
 * writes it: labels behind their lengths, the last one empty. False if it is not whole, or if
 * the name is compressed, which the first one cannot be.
 */
bool packet_dns_question(const struct packet_headers *headers, const uint8_t **name, size_t *len);

#endif
