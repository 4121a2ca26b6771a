/*
 * The walk through the layers of a packet, as in scapy 2.5.0. Two of its habits
 * matter here: a layer whose fields do not all fit is ignored, and what exceeds the
 * length of a layer is padding, which no further layer sees but which counts as
 * bytes after it.
 *
 * If a header is cut exactly between two fields, scapy fills in defaults. This is
 * reproduced for TCP, UDP and ICMP, whose headers are cut in captures with a small
 * snap length, but not for addresses (a truncated IP header has none here).
 */
#include "features/originals/scapy_packet.h"

#include "capture/linktype.h"
#include "features/originals/scapy_walk.h"
#include "packet/packet_headers.h"

/* scapy reads no more bytes of a packet. */
#define SCAPY_MTU 65535

static enum layer walk_arp(struct walk *walk)
{
    if (walk->left < 8)
        return LAYER_END;
    uint16_t type = be16(walk->at + 2);
    uint8_t hardware = walk->at[4], protocol = walk->at[5];
    bool known =
        (type == ETHERTYPE_IPV4 && protocol == 4) || (type == ETHERTYPE_IPV6 && protocol == 16);
    if (known && walk->left >= 8 + 2U * (hardware + protocol))
        walk->arp = walk->at;
    return LAYER_END;
}

static enum layer ip4_next(const uint8_t *header, bool quoted)
{
    bool first = (be16(header + 6) & 0x1fff) == 0;
    switch (header[9]) {
    case IP_PROTOCOL_IPV6:
        return LAYER_IP6;
    case IP_PROTOCOL_AH:
        return LAYER_AH;
    case IP_PROTOCOL_IPV4:
        return !first ? LAYER_END : quoted ? LAYER_IP4_ERROR : LAYER_IP4;
    case IP_PROTOCOL_ICMP:
        return !first ? LAYER_END : quoted ? LAYER_ICMP_ERROR : LAYER_ICMP;
    case IP_PROTOCOL_TCP:
        return !first || quoted ? LAYER_END : LAYER_TCP;
    case IP_PROTOCOL_UDP:
        return !first ? LAYER_END : quoted ? LAYER_UDP_ERROR : LAYER_UDP;
    case IP_PROTOCOL_GRE:
        return first ? LAYER_GRE : LAYER_END;
    default:
        return LAYER_END;
    }
}

static enum layer ip4_header(struct walk *walk, bool quoted)
{
    const uint8_t *header = walk->at;
    if (walk->left < 20)
        return LAYER_END;
    if (!quoted && !walk->ip4)
        walk->ip4 = header;
    uint32_t header_len = 4U * (header[0] & 0x0f);
    uint16_t total = be16(header + 2);
    skip(walk, 20, LAYER_END);
    /* A header length below 20 gives a negative number of option bytes: all but the last. */
    if (header_len >= 20)
        skip(walk, header_len - 20, LAYER_END);
    else if (walk->left > 20 - header_len)
        skip(walk, walk->left - (20 - header_len), LAYER_END);
    if (total >= header_len)
        limit(walk, total - header_len);
    return ip4_next(header, quoted);
}

static enum layer walk_ip4(struct walk *walk)
{
    return ip4_header(walk, false);
}

static enum layer walk_ip4_error(struct walk *walk)
{
    return ip4_header(walk, true);
}

/* ICMPv6 by its type: only errors quote packets. */
static enum layer icmp6_next(const struct walk *walk)
{
    return walk->left >= 8 && walk->at[0] >= 1 && walk->at[0] <= 4 ? LAYER_ICMP6_ERROR : LAYER_END;
}

static enum layer ip6_next(const struct walk *walk, uint8_t protocol, bool quoted)
{
    switch (protocol) {
    case 0:
    case 60:
        return LAYER_IP6_OPTIONS;
    case 43:
        return LAYER_IP6_ROUTING;
    case 44:
        return LAYER_IP6_FRAGMENT;
    case IP_PROTOCOL_TCP:
        return quoted ? LAYER_END : LAYER_TCP;
    case IP_PROTOCOL_UDP:
        return quoted ? LAYER_UDP_ERROR : LAYER_UDP;
    case IP_PROTOCOL_IPV6:
        return LAYER_IP6;
    case IP_PROTOCOL_IPV4:
        return LAYER_IP4;
    case IP_PROTOCOL_GRE:
        return LAYER_GRE;
    case IP_PROTOCOL_AH:
        return LAYER_AH;
    case IP_PROTOCOL_ICMPV6:
        return icmp6_next(walk);
    default:
        return LAYER_END;
    }
}

/*
 * How many of the bytes after an IPv6 header without payload length belong to it;
 * scapy looks for the option of RFC 2675 at every fourth byte.
 */
static uint32_t jumbo_len(const uint8_t *at, uint32_t left)
{
    uint32_t options = 8 + 8U * at[1];
    for (uint32_t offset = 2; offset + 6 <= left; offset += 4)
        if (at[offset] == 0xc2)
            return left;
    return options;
}

static enum layer ip6_header(struct walk *walk, bool quoted)
{
    const uint8_t *header = walk->at;
    if (walk->left < 40)
        return LAYER_END;
    uint16_t payload = be16(header + 4);
    skip(walk, 40, LAYER_END);
    if (payload == 0 && header[6] == 0 && walk->left >= 8)
        limit(walk, jumbo_len(walk->at, walk->left));
    else
        limit(walk, payload);
    bool broken = header[6] == 43 && walk->left > 0 && walk->left < 3;
    if (broken) /* it cannot determine the kind of routing header, and gives up */
        return LAYER_END;
    if (!quoted && !walk->ip6)
        walk->ip6 = header;
    return ip6_next(walk, header[6], quoted);
}

static enum layer walk_ip6(struct walk *walk)
{
    return ip6_header(walk, false);
}

static enum layer walk_ip6_error(struct walk *walk)
{
    return ip6_header(walk, true);
}

/* Version 6; everything else counts as version 4. */
static enum layer walk_ip46(struct walk *walk)
{
    return walk->at[0] >> 4 == 6 ? walk_ip6(walk) : walk_ip4(walk);
}

/* After an extension header everything is as after IPv6 itself, also in what ICMPv6 quotes. */
static enum layer extension(struct walk *walk, uint32_t len)
{
    uint8_t protocol = walk->at[0];
    skip(walk, len, LAYER_END);
    return ip6_next(walk, protocol, false);
}

static enum layer walk_ip6_options(struct walk *walk)
{
    return walk->left < 2 ? LAYER_END : extension(walk, 8 + 8U * walk->at[1]);
}

static enum layer walk_ip6_routing(struct walk *walk)
{
    return walk->left < 8 ? LAYER_END : extension(walk, 8 + 8U * walk->at[1]);
}

static enum layer walk_ip6_fragment(struct walk *walk)
{
    if (walk->left < 8 || be16(walk->at + 2) >> 3 != 0)
        return LAYER_END;
    return extension(walk, 8);
}

static enum layer walk_icmp6_error(struct walk *walk)
{
    return skip(walk, 8, LAYER_IP6_ERROR);
}

/* 0 means IPv4, as in IPPROTO_IP; the 4 of RFC 4302 is unknown. */
static enum layer walk_ah(struct walk *walk)
{
    if (walk->left < 12 || walk->at[1] == 0)
        return LAYER_END;
    uint8_t protocol = walk->at[0];
    return skip(walk, 12 + 4U * (walk->at[1] - 1U),
                protocol == 0                  ? LAYER_IP4
                : protocol == IP_PROTOCOL_IPV6 ? LAYER_IP6
                                               : LAYER_END);
}

/* Whether a header with fields of these lengths is cut between two of them, or not at all. */
static bool whole_fields(const char *lengths, uint32_t left)
{
    uint32_t end = 0;
    for (; *lengths && end < left; lengths++)
        end += (uint32_t)(*lengths - '0');
    return end <= left;
}

static enum layer walk_tcp(struct walk *walk)
{
    if (!whole_fields("22442222", walk->left))
        return LAYER_END;
    if (!walk->tcp) {
        walk->tcp = walk->at;
        walk->tcp_left = walk->left;
    }
    if (walk->left < 20)
        return skip(walk, walk->left, LAYER_END);
    uint32_t len = 4U * (walk->at[12] >> 4);
    return skip(walk, len < 20 ? 20 : len, LAYER_END);
}

static bool either(uint16_t a, uint16_t b, const uint16_t *ports, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (a == ports[i] || b == ports[i])
            return true;
    return false;
}
#define EITHER(a, b, ...)                                                                          \
    either(a, b, (const uint16_t[]){__VA_ARGS__},                                                  \
           sizeof((const uint16_t[]){__VA_ARGS__}) / sizeof(uint16_t))

static bool is_bootp(uint16_t source, uint16_t destination)
{
    return (destination == 67 && (source == 67 || source == 68)) ||
           (destination == 68 && source == 67);
}

/* The first match wins, so ports of other protocols hide those of tunnels. */
static enum layer udp_next(uint16_t source, uint16_t destination)
{
    if (!EITHER(source, destination, 1701, 4789, 4790, 6633, 8472, 48879))
        return LAYER_END;
    if (EITHER(source, destination, 53, 5353, 88, 1985, 2029, 4500, 500) || destination == 546 ||
        destination == 547 || is_bootp(source, destination))
        return LAYER_END;
    if (EITHER(source, destination, 1701))
        return LAYER_L2TP;
    if (EITHER(source, destination, 389, 5355, 2727, 434, 137, 2055, 2056, 9995, 9996, 6343, 123,
               1812, 1813, 3799, 520, 161, 162) ||
        destination == 138 || destination == 69)
        return LAYER_END;
    return destination == 48879 || EITHER(source, destination, 4789, 4790, 6633, 8472) ? LAYER_VXLAN
                                                                                       : LAYER_END;
}

/* Fails without the length field; a length below 8 cuts bytes off the end. */
static enum layer udp_header(struct walk *walk, bool quoted)
{
    const uint8_t *header = walk->at;
    if (walk->left < 8 && walk->left != 6)
        return LAYER_END;
    if (!quoted && !walk->udp)
        walk->udp = header;
    uint16_t len = be16(header + 4);
    skip(walk, 8, LAYER_END);
    if (len >= 8)
        limit(walk, len - 8U);
    else
        limit(walk, walk->left > 8U - len ? walk->left - (8U - len) : 0);
    return udp_next(be16(header), be16(header + 2));
}

static enum layer walk_udp(struct walk *walk)
{
    return udp_header(walk, false);
}

static enum layer walk_udp_error(struct walk *walk)
{
    return udp_header(walk, true);
}

/* The lengths of the fields of an ICMP header, which depend on its type. */
static const char *icmp_fields(uint8_t type)
{
    switch (type) {
    case 0:
    case 8:
    case 15:
    case 16:
        return "11222";
    case 3:
        return "112112";
    case 5:
        return "1124";
    case 11:
    case 12:
        return "112112";
    case 13:
    case 14:
        return "11222444";
    case 17:
    case 18:
    case 37:
    case 38:
        return "112224";
    default:
        return "1124";
    }
}

static enum layer icmp_header(struct walk *walk, bool quoted)
{
    uint8_t type = walk->at[0];
    if (!whole_fields(icmp_fields(type), walk->left))
        return LAYER_END;
    walk->icmp |= !quoted;
    bool quotes = (type >= 3 && type <= 5) || type == 11 || type == 12;
    return skip(walk, 8, quotes ? LAYER_IP4_ERROR : LAYER_END);
}

static enum layer walk_icmp(struct walk *walk)
{
    return icmp_header(walk, false);
}

static enum layer walk_icmp_error(struct walk *walk)
{
    return icmp_header(walk, true);
}

static walker *const network_walkers[LAYERS] = {
    [LAYER_ARP] = walk_arp,
    [LAYER_IP46] = walk_ip46,
    [LAYER_IP4] = walk_ip4,
    [LAYER_IP4_ERROR] = walk_ip4_error,
    [LAYER_IP6] = walk_ip6,
    [LAYER_IP6_ERROR] = walk_ip6_error,
    [LAYER_IP6_OPTIONS] = walk_ip6_options,
    [LAYER_IP6_ROUTING] = walk_ip6_routing,
    [LAYER_IP6_FRAGMENT] = walk_ip6_fragment,
    [LAYER_ICMP6_ERROR] = walk_icmp6_error,
    [LAYER_AH] = walk_ah,
    [LAYER_TCP] = walk_tcp,
    [LAYER_UDP] = walk_udp,
    [LAYER_UDP_ERROR] = walk_udp_error,
    [LAYER_ICMP] = walk_icmp,
    [LAYER_ICMP_ERROR] = walk_icmp_error,
};

enum layer scapy_first_layer(uint32_t linktype)
{
    enum { RAW_OF_BSD = 12, PPPOE_ALONE = 51 };
    switch (linktype) {
    case LINKTYPE_ETHERNET:
        return LAYER_ETHER;
    case LINKTYPE_LINUX_SLL:
        return LAYER_SLL;
    case LINKTYPE_LINUX_SLL2:
        return LAYER_SLL2;
    case LINKTYPE_RAW:
    case RAW_OF_BSD:
        return LAYER_IP46;
    case LINKTYPE_IPV4:
        return LAYER_IP4;
    case LINKTYPE_IPV6:
        return LAYER_IP6;
    case LINKTYPE_NULL:
    case LINKTYPE_LOOP:
        return LAYER_LOOPBACK;
    case LINKTYPE_PPP:
        return LAYER_PPP;
    case LINKTYPE_PPP_HDLC:
        return LAYER_HDLC;
    case PPPOE_ALONE:
        return LAYER_PPPOE;
    case LINKTYPE_IEEE802_11:
        return LAYER_DOT11;
    case LINKTYPE_IEEE802_11_RADIOTAP:
        return LAYER_RADIOTAP;
    case LINKTYPE_PPI:
        return LAYER_PPI;
    default:
        return LAYER_END;
    }
}

/* Walks to the end; returns where the second layer ends. */
static const uint8_t *walk_layers(struct walk *walk)
{
    const uint8_t *second_end = NULL;
    enum layer layer = scapy_first_layer(walk->packet->interface->linktype);
    for (unsigned depth = 1; layer != LAYER_END && walk->left > 0; depth++) {
        layer = layer < LAYER_ARP ? scapy_link_walkers[layer](walk) : network_walkers[layer](walk);
        if (depth == 2)
            second_end = walk->at;
    }
    return second_end;
}

/* Ports and flags of a header; missing fields have scapy's defaults: port 80, SYN. */
static void tcp_facts(const struct walk *walk, struct scapy_packet *found)
{
    const uint8_t *header = walk->tcp;
    found->protocol = SCAPY_TCP;
    found->source_port = be16(header);
    found->destination_port = walk->tcp_left < 4 ? 80 : be16(header + 2);
    found->tcp_flags = walk->tcp_left < 14 ? TCP_SYN : be16(header + 12) & 0x1ff;
}

static void ip_addresses(const struct walk *walk, struct scapy_packet *found)
{
    if (walk->ip4) {
        found->family = FAMILY_IPV4;
        found->source = walk->ip4 + 12;
        found->destination = walk->ip4 + 16;
    } else if (walk->ip6) {
        found->family = FAMILY_IPV6;
        found->source = walk->ip6 + 8;
        found->destination = walk->ip6 + 24;
    }
    found->sender = found->source;
    found->sender_family = found->family;
}

static void arp_addresses(const uint8_t *arp, struct scapy_packet *found)
{
    uint8_t hardware = arp[4], protocol = arp[5];
    found->protocol = SCAPY_ARP;
    found->family = protocol == 4 ? FAMILY_IPV4 : FAMILY_IPV6;
    found->source = arp + 8 + hardware;
    found->destination = found->source + protocol + hardware;
}

bool scapy_packet_dissect(const struct lcap_packet *packet, struct scapy_packet *found)
{
    uint32_t captured = packet->caplen < SCAPY_MTU ? packet->caplen : SCAPY_MTU;
    struct walk walk = {.packet = packet, .at = packet->data, .left = captured};
    const uint8_t *second_end = walk_layers(&walk);
    *found = (struct scapy_packet){.captured = captured};
    ip_addresses(&walk, found);
    if (walk.tcp) {
        tcp_facts(&walk, found);
    } else if (walk.udp) {
        found->protocol = SCAPY_UDP;
        found->source_port = be16(walk.udp);
        found->destination_port = be16(walk.udp + 2);
    } else if (walk.icmp) {
        found->protocol = SCAPY_ICMP;
    } else if (walk.arp) {
        arp_addresses(walk.arp, found);
    }
    if ((walk.tcp || walk.udp) && second_end)
        found->payload = (uint32_t)(packet->data + captured - second_end) - walk.trailer;
    return found->source != NULL;
}
