/* How dpkt parses a frame. */
#include "features/originals/dpkt_packet.h"

#include "base/bytes.h"
#include "packet/packet_headers.h"
#include <string.h>

enum {
    TYPE_IP = 0x0800,
    TYPE_VLAN = 0x8100, /* 802.1Q */
    TYPE_QINQ = 0x88A8, /* 802.1ad */
    TYPE_OLD_QINQ_1 = 0x9100,
    TYPE_OLD_QINQ_2 = 0x9200,
    TYPE_IPV6 = 0x86DD,
    TYPE_MPLS = 0x8847,
    TYPE_MPLS_MULTICAST = 0x8848,
    TYPE_ETHERNET = 0x6558,

    ETHERNET_HEADER = 14,
    LARGEST_LENGTH = 1500, /* above this, the field is a type */
    VLAN_TAG = 4,
    VLAN_TAGS = 2,
    ISL_HEADER = 26,
    MPLS_LABEL = 4,
    MPLS_LABELS = 24,
    MPLS_BOTTOM = 0x100, /* the bit S of a label (RFC 3032, 2.1) */
    LLC_HEADER = 3,
    SNAP_HEADER = 5, /* after the LLC header */
    STP_HEADER = 35,
    IPX_HEADER = 30,
    IP_HEADER = 20,
    IPV6_HEADER = 40,
    TCP_HEADER = 20,

    GRE_HEADER = 4,
    GRE_FIELD = 4,
    GRE_ROUTE = 4,
    GRE_CHECKSUM = 0x8000,
    GRE_ROUTING = 0x4000,
    GRE_KEY = 0x2000,
    GRE_SEQUENCE = 0x1000,
    GRE_ACKNOWLEDGEMENT = 0x80,
    GRE_VERSION = 0x7,

    /* IPv6 extension headers that are walked. */
    NEXT_HOP_BY_HOP = 0,
    NEXT_ROUTING = 43,
    NEXT_FRAGMENT = 44,
    NEXT_OPTIONS = 60,
};

/* Bytes of the fixed header of protocols for which dpkt has a class; 0 for the others. */
static uint32_t fixed_header(uint8_t protocol)
{
    switch (protocol) {
    case IP_PROTOCOL_ICMP:
    case IP_PROTOCOL_ICMPV6:
    case IP_PROTOCOL_GRE:
    case 103: /* PIM */
        return 4;
    case 2: /* IGMP */
    case IP_PROTOCOL_UDP:
    case IP_PROTOCOL_ESP:
    case 112: /* VRRP */
        return 8;
    case IP_PROTOCOL_AH:
    case IP_PROTOCOL_SCTP:
        return 12;
    case 0: /* dpkt takes it for IP */
    case IP_PROTOCOL_IPV4:
    case IP_PROTOCOL_TCP:
        return 20;
    case 89: /* OSPF */
        return 24;
    case 118: /* dpkt's number for STP */
        return STP_HEADER;
    case IP_PROTOCOL_IPV6:
        return IPV6_HEADER;
    default:
        return 0;
    }
}

static enum dpkt_result parse_tcp(struct dpkt_packet *packet)
{
    const uint8_t *tcp = packet->transport;
    const uint32_t header_len = (tcp[12] >> 4) * 4u;
    if (header_len < TCP_HEADER)
        return DPKT_BYTES;
    packet->source_port = load16(tcp, true);
    packet->destination_port = load16(tcp + 2, true);
    packet->tcp_seq = load32(tcp + 4, true);
    packet->tcp_flags = load16(tcp + 12, true) & 0x1FF;
    packet->tcp_window = load16(tcp + 14, true);
    packet->tcp_urgent = load16(tcp + 18, true);
    packet->transport_header_len =
        header_len < packet->transport_len ? header_len : packet->transport_len;
    return DPKT_TRANSPORT;
}

/* The source routes after the other fields: each states its length, and 0 ends them. False if
 * truncated. */
static bool gre_routes_fit(const uint8_t *gre, uint32_t len, uint32_t *at)
{
    uint32_t route;
    do {
        if (len - *at < GRE_ROUTE)
            return false;
        route = gre[*at + 3];
        *at += GRE_ROUTE;
        *at += route < len - *at ? route : len - *at;
    } while (route != 0);
    return true;
}

/* The length of the header with the fields that its flags announce (RFC 1701, RFC 2637); 0 if
 * truncated. */
static uint32_t gre_header(const uint8_t *gre, uint32_t len)
{
    const uint16_t flags = load16(gre, true);
    uint32_t at = GRE_HEADER;
    if ((flags & GRE_VERSION) != 0 || (flags & (GRE_CHECKSUM | GRE_ROUTING)) != 0)
        at += GRE_FIELD;
    if ((flags & GRE_VERSION) == 0 && (flags & GRE_KEY) != 0)
        at += GRE_FIELD;
    at += (flags & GRE_SEQUENCE) != 0 ? GRE_FIELD : 0;
    at += (flags & GRE_ACKNOWLEDGEMENT) != 0 ? GRE_FIELD : 0;
    if (at > len || ((flags & GRE_ROUTING) != 0 && !gre_routes_fit(gre, len, &at)))
        return 0;
    return at;
}

/* For protocols in protocols, only the outer header is parsed. */
static enum dpkt_result parse_transport(struct dpkt_packet *packet)
{
    uint32_t header_len = fixed_header(packet->protocol);
    if (header_len == 0 || packet->transport_len < header_len)
        return DPKT_BYTES;
    if (packet->protocol == IP_PROTOCOL_GRE)
        header_len = gre_header(packet->transport, packet->transport_len);
    if (header_len == 0)
        return DPKT_BYTES;
    if (packet->protocol == IP_PROTOCOL_TCP)
        return parse_tcp(packet);
    if (packet->protocol == IP_PROTOCOL_UDP) {
        packet->source_port = load16(packet->transport, true);
        packet->destination_port = load16(packet->transport + 2, true);
    }
    packet->transport_header_len = header_len;
    return DPKT_TRANSPORT;
}

enum dpkt_result dpkt_parse_ip(const uint8_t *bytes, size_t len, struct dpkt_packet *packet)
{
    if (len < IP_HEADER || (bytes[0] & 0xF) * 4 < IP_HEADER)
        return DPKT_EXCEPTION;
    size_t header_len = (bytes[0] & 0xF) * 4u;
    header_len = header_len < len ? header_len : len;
    /* A length of 0 means segmentation offload: everything captured. */
    size_t end = load16(bytes + 2, true);
    end = end != 0 && end < len ? end : len;
    end = end < header_len ? header_len : end;
    *packet = (struct dpkt_packet){
        .protocol = bytes[9],
        .ip_header_len = (uint8_t)header_len,
        .ip = bytes,
        .ip_len = (uint32_t)end,
        .source = bytes + 12,
        .destination = bytes + 16,
        .transport = bytes + header_len,
        .transport_len = (uint32_t)(end - header_len),
    };
    if ((load16(bytes + 6, true) & 0x1FFF) != 0)
        return DPKT_BYTES;
    return parse_transport(packet);
}

/* Skips the options of an extension header of `len` bytes; they may run into what follows. */
static bool options_fit(const uint8_t *options, size_t available, size_t len)
{
    size_t at = 0;
    while (at < len) {
        if (at >= available)
            return false;
        if (options[at] == 0) {
            at++;
            continue;
        }
        if (at + 1 >= available)
            return false;
        at += options[at + 1] + 2u;
    }
    return true;
}

/* Bytes of the extension header of this kind; 0 if dpkt cannot parse it. */
static size_t extension_len(uint8_t kind, const uint8_t *header, size_t available)
{
    size_t fixed = kind == IP_PROTOCOL_AH ? 12 : 8;
    if (kind == NEXT_HOP_BY_HOP || kind == NEXT_OPTIONS)
        fixed = 2;
    if (available < fixed)
        return 0;
    const size_t len = (header[1] + 1u) * 8;
    switch (kind) {
    case NEXT_FRAGMENT:
        return 8;
    case IP_PROTOCOL_AH:
        return (header[1] + 2u) * 4;
    case NEXT_ROUTING:
        return len;
    default:
        return options_fit(header + 2, available - 2, len - 2) ? len : 0;
    }
}

static bool is_extension(uint8_t next)
{
    return next == NEXT_HOP_BY_HOP || next == NEXT_ROUTING || next == NEXT_FRAGMENT ||
           next == IP_PROTOCOL_AH || next == NEXT_OPTIONS;
}

/* Walks the extension headers up to the transport header. */
static enum dpkt_result walk_extensions(struct dpkt_packet *packet, uint8_t first)
{
    uint8_t next = first, last = first;
    bool later_fragment = false;
    while (is_extension(next)) {
        const uint8_t *header = packet->transport;
        size_t len = extension_len(next, header, packet->transport_len);
        if (len == 0)
            return DPKT_NO_IP;
        last = next;
        later_fragment = next == NEXT_FRAGMENT && load16(header + 2, true) >> 3 != 0;
        next = header[0];
        len = len < packet->transport_len ? len : packet->transport_len;
        packet->transport += len;
        packet->transport_len -= (uint32_t)len;
    }
    packet->protocol = next;
    /* dpkt treats ESP as an extension header that nothing follows. */
    const bool esp = next == IP_PROTOCOL_ESP;
    if (esp && packet->transport_len < fixed_header(next))
        return DPKT_NO_IP;
    /*
     * If the first extension header is a fragment header, dpkt takes the offset
     * from the last one.
     */
    if (first == NEXT_FRAGMENT && (esp || last != NEXT_FRAGMENT))
        return DPKT_EXCEPTION;
    if (esp || (first == NEXT_FRAGMENT && later_fragment))
        return DPKT_BYTES;
    return parse_transport(packet);
}

static enum dpkt_result parse_ipv6(const uint8_t *bytes, size_t len, struct dpkt_packet *packet)
{
    if (len < IPV6_HEADER)
        return DPKT_NO_IP;
    const size_t payload_len = load16(bytes + 4, true);
    size_t available = len - IPV6_HEADER;
    if (payload_len != 0 && payload_len < available)
        available = payload_len;
    *packet = (struct dpkt_packet){
        .ip6 = true,
        .ip_header_len = IPV6_HEADER,
        .ip = bytes,
        .ip_len = (uint32_t)(IPV6_HEADER + available),
        .source = bytes + 8,
        .destination = bytes + 24,
        .transport = bytes + IPV6_HEADER,
        .transport_len = (uint32_t)available,
    };
    return walk_extensions(packet, bytes[6]);
}

static enum dpkt_result parse_type(uint16_t type, const uint8_t *bytes, size_t len,
                                   struct dpkt_packet *packet)
{
    if (type == TYPE_IPV6)
        return parse_ipv6(bytes, len, packet);
    if (type != TYPE_IP)
        return DPKT_NO_IP;
    /* The Ethernet class catches exceptions of the IP class. */
    const enum dpkt_result result = dpkt_parse_ip(bytes, len, packet);
    return result == DPKT_EXCEPTION ? DPKT_NO_IP : result;
}

/* The rest of a frame, and its EtherType. */
struct rest {
    uint16_t type;
    const uint8_t *bytes;
    size_t len;
};

static void step_over(struct rest *rest, size_t len)
{
    rest->bytes += len;
    rest->len -= len;
}

static bool is_tag(uint16_t type)
{
    return type == TYPE_VLAN || type == TYPE_QINQ || type == TYPE_OLD_QINQ_1 ||
           type == TYPE_OLD_QINQ_2;
}

static bool is_label(uint16_t type)
{
    return type == TYPE_MPLS || type == TYPE_MPLS_MULTICAST;
}

/* At most two tags; the second only if the first announces 802.1Q. False if truncated. */
static bool strip_tags(struct rest *rest)
{
    for (int tags = 0; tags < VLAN_TAGS; tags++) {
        if (rest->len < VLAN_TAG)
            return false;
        rest->type = load16(rest->bytes + 2, true);
        step_over(rest, VLAN_TAG);
        if (rest->type != TYPE_VLAN)
            break;
    }
    return true;
}

/* After the last label, the first byte tells the protocol. False if truncated. */
static bool strip_labels(struct rest *rest)
{
    bool bottom = false;
    for (int labels = 0; labels < MPLS_LABELS && !bottom; labels++) {
        if (rest->len < MPLS_LABEL)
            return false;
        bottom = (load32(rest->bytes, true) & MPLS_BOTTOM) != 0;
        step_over(rest, MPLS_LABEL);
    }
    if (rest->len == 0)
        return false;
    if (rest->bytes[0] == 0x45)
        rest->type = TYPE_IP;
    else if (rest->bytes[0] >> 4 == 6)
        rest->type = TYPE_IPV6;
    else if (rest->len >= ETHERNET_HEADER)
        rest->type = TYPE_ETHERNET;
    return true;
}

/* Tags or labels, not both: if one kind follows the other, it is left to dpkt's second attempt, for
 * bytes that the first could not parse. */
static enum dpkt_result parse_tagged(struct rest rest, struct dpkt_packet *packet)
{
    for (int attempt = 0; attempt == 0 || (attempt == 1 && rest.len > 0); attempt++) {
        const bool complete = is_tag(rest.type)     ? strip_tags(&rest)
                              : is_label(rest.type) ? strip_labels(&rest)
                                                    : true;
        if (!complete)
            return DPKT_EXCEPTION;
    }
    return parse_type(rest.type, rest.bytes, rest.len, packet);
}

/* 802.3 itself never yields an IP packet: the question is whether it raises an exception. */
static enum dpkt_result parse_llc(const uint8_t *bytes, size_t len, struct dpkt_packet *packet)
{
    if (len < LLC_HEADER)
        return DPKT_EXCEPTION;
    const uint8_t destination = bytes[0], source = bytes[1];
    const size_t left = len - LLC_HEADER;
    size_t needed = 0;
    if (destination == 0xAA && source == 0xAA)
        needed = SNAP_HEADER;
    else if (destination == 0x06)
        return dpkt_parse_ip(bytes + LLC_HEADER, left, packet) == DPKT_EXCEPTION ? DPKT_EXCEPTION
                                                                                 : DPKT_NO_IP;
    else if (destination == 0x10 || destination == 0xE0) /* NetWare */
        needed = IPX_HEADER;
    else if (destination == 0x42)
        needed = STP_HEADER;
    return left < needed ? DPKT_EXCEPTION : DPKT_NO_IP;
}

static bool is_isl(const uint8_t *frame)
{
    static const uint8_t rest[4] = {0x00, 0x0C, 0x00, 0x00};
    return (frame[0] == 0x01 || frame[0] == 0x03) && memcmp(frame + 1, rest, sizeof rest) == 0;
}

/* A frame whose type field is a length. */
static enum dpkt_result parse_length_frame(const uint8_t *frame, size_t len,
                                           struct dpkt_packet *packet)
{
    const uint16_t length = load16(frame + 12, true);
    const uint8_t *bytes = frame + ETHERNET_HEADER;
    size_t left = len - ETHERNET_HEADER;
    if (left >= 2 && load16(bytes, true) == 0xFFFF) /* Novell's 802.3 without LLC */
        return left - 2 < IPX_HEADER ? DPKT_EXCEPTION : DPKT_NO_IP;
    if (length == 0)
        return DPKT_NO_IP;
    return parse_llc(bytes, length < left ? length : left, packet);
}

enum dpkt_result dpkt_parse_ethernet(const uint8_t *frame, size_t len, struct dpkt_packet *packet)
{
    for (;;) {
        if (len < ETHERNET_HEADER)
            return DPKT_EXCEPTION;
        if (load16(frame + 12, true) > LARGEST_LENGTH || !is_isl(frame))
            break;
        if (len < ISL_HEADER)
            return DPKT_EXCEPTION;
        frame += ISL_HEADER;
        len -= ISL_HEADER;
    }
    const uint16_t type = load16(frame + 12, true);
    const struct rest rest = {type, frame + ETHERNET_HEADER, len - ETHERNET_HEADER};
    if (type <= LARGEST_LENGTH)
        return parse_length_frame(frame, len, packet);
    if (is_tag(type) || is_label(type))
        return parse_tagged(rest, packet);
    return parse_type(type, rest.bytes, rest.len, packet);
}
