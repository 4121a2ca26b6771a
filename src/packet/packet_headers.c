/* IP headers, and what is in them. */
#include "packet/packet_headers.h"

#include "base/bytes.h"
#include "base/memory.h"
#include "packet/transport_headers.h"
#include "packet/tunnel_headers.h"
#include <string.h>

enum {
    IP_PROTOCOL_HOP_BY_HOP = 0,
    IP_PROTOCOL_ROUTING = 43,
    IP_PROTOCOL_FRAGMENT = 44,
    IP_PROTOCOL_DESTINATION_OPTIONS = 60,
};

/* What the IP headers say about fragments. */
struct fragment_place {
    uint32_t identification;
    uint32_t offset; /* of its content, in bytes; 0: it is the first */
};

/* The IP packet has `len` bytes; the rest is padding. */
static void set_ip_len(struct packet_headers *headers, const struct network_packet *network,
                       uint32_t len)
{
    headers->ip_len = len < network->len ? len : network->len;
    headers->ip_captured =
        network->captured < headers->ip_len ? network->captured : headers->ip_len;
}

/* RFC 4302, 2.2: the length is in units of 4 bytes, minus 2. */
uint32_t ip_extension_len(uint8_t protocol, const uint8_t *header)
{
    switch (protocol) {
    case IP_PROTOCOL_AH:
        return (header[1] + 2u) * 4;
    case IP_PROTOCOL_FRAGMENT:
        return 8;
    default: /* RFC 8200, 4.3: in units of 8 bytes, minus 1 */
        return (header[1] + 1u) * 8;
    }
}

bool ip_has_extension(uint8_t family, uint8_t protocol)
{
    if (protocol == IP_PROTOCOL_AH)
        return true;
    if (family != FAMILY_IPV6)
        return false;
    return protocol == IP_PROTOCOL_HOP_BY_HOP || protocol == IP_PROTOCOL_ROUTING ||
           protocol == IP_PROTOCOL_FRAGMENT || protocol == IP_PROTOCOL_DESTINATION_OPTIONS;
}

/* RFC 8200, 4.5. A fragment that is the whole packet does not count as one (RFC 6946). */
static void read_fragment_header(const uint8_t *header, struct packet_headers *headers,
                                 struct fragment_place *place)
{
    uint16_t offset_and_flags = load16(header + 2, true);
    headers->fragment = headers->fragment || (offset_and_flags & 0xFFF9) != 0;
    place->offset = offset_and_flags & 0xFFF8;
    place->identification = load32(header + 4, true);
}

/* Adds extension headers to the IP header, up to the transport header or, in a later fragment, to
 * its part of the packet. */
static enum lcap_skip walk_extensions(struct packet_headers *headers, struct fragment_place *place)
{
    while (ip_has_extension(headers->family, headers->protocol) && place->offset == 0) {
        const uint8_t *header = headers->ip + headers->ip_header_len;
        uint32_t left = headers->ip_captured - headers->ip_header_len;
        if (left < 8)
            return LCAP_SKIP_IP_HEADER;
        uint32_t len = ip_extension_len(headers->protocol, header);
        if (len > left || headers->ip_header_len + len > UINT16_MAX)
            return LCAP_SKIP_IP_HEADER;
        if (headers->protocol == IP_PROTOCOL_FRAGMENT)
            read_fragment_header(header, headers, place);
        headers->protocol = header[0];
        headers->ip_header_len = (uint16_t)(headers->ip_header_len + len);
    }
    return LCAP_SKIP_NONE;
}

/* In one store, from which whoever compares or copies addresses can read at once. */
static inline void set_ipv4_address(uint8_t address[16], const uint8_t *at)
{
    typedef uint32_t words4 __attribute__((vector_size(16)));
    uint32_t word;
    memcpy(&word, at, sizeof word);
    const words4 words = {word};
    memcpy(address, &words, sizeof words);
}

/* RFC 791, 3.1. */
static enum lcap_skip parse_ipv4(const struct network_packet *network,
                                 struct packet_headers *headers, struct fragment_place *place)
{
    const uint8_t *ip = network->at;
    if (network->captured < 20 || ip[0] >> 4 != 4)
        return LCAP_SKIP_IP_HEADER;
    uint32_t header_len = (ip[0] & 15u) * 4, total_len = load16(ip + 2, true);
    if (header_len < 20 || header_len > network->captured ||
        (total_len != 0 && total_len < header_len))
        return LCAP_SKIP_IP_HEADER;
    set_ip_len(headers, network, total_len != 0 ? total_len : UINT32_MAX);
    headers->family = FAMILY_IPV4;
    headers->tos = ip[1];
    headers->ttl = ip[8];
    headers->protocol = ip[9];
    headers->ip_header_len = (uint16_t)header_len;
    set_ipv4_address(headers->source, ip + 12);
    set_ipv4_address(headers->destination, ip + 16);
    uint16_t offset_and_flags = load16(ip + 6, true);
    headers->fragment = offset_and_flags & 0x3FFF;
    place->offset = (offset_and_flags & 0x1FFFu) * 8;
    place->identification = load16(ip + 4, true);
    return walk_extensions(headers, place);
}

/* RFC 2675, 2: the option that holds the length of a packet of 64 KiB or more. UINT32_MAX
 * without one. */
static uint32_t jumbo_len(const struct network_packet *network)
{
    const uint8_t *header = network->at + 40;
    uint32_t left = network->captured - 40;
    if (left < 8 || ip_extension_len(IP_PROTOCOL_HOP_BY_HOP, header) > left)
        return UINT32_MAX;
    uint32_t len = ip_extension_len(IP_PROTOCOL_HOP_BY_HOP, header);
    for (uint32_t at = 2; at + 6 <= len; at += header[at] == 0 ? 1 : 2u + header[at + 1]) {
        uint32_t jumbo = load32(header + at + 2, true);
        if (header[at] == 0xC2 && header[at + 1] == 4 && jumbo > UINT16_MAX &&
            jumbo <= UINT32_MAX - 40)
            return 40 + jumbo;
    }
    return UINT32_MAX;
}

/* A length of 0 means a jumbogram, or a packet that the network card has yet to segment, unless no
 * protocol follows. */
static uint32_t ipv6_len(const struct network_packet *network, uint8_t next)
{
    uint32_t payload_len = load16(network->at + 4, true);
    if (payload_len != 0 || next == IP_PROTOCOL_NO_NEXT)
        return 40 + payload_len;
    return next == IP_PROTOCOL_HOP_BY_HOP ? jumbo_len(network) : UINT32_MAX;
}

/* RFC 8200, 3. */
static enum lcap_skip parse_ipv6(const struct network_packet *network,
                                 struct packet_headers *headers, struct fragment_place *place)
{
    const uint8_t *ip = network->at;
    if (network->captured < 40 || ip[0] >> 4 != 6)
        return LCAP_SKIP_IP_HEADER;
    set_ip_len(headers, network, ipv6_len(network, ip[6]));
    headers->family = FAMILY_IPV6;
    headers->tos = (uint8_t)(load16(ip, true) >> 4);
    headers->protocol = ip[6];
    headers->ttl = ip[7];
    headers->ip_header_len = 40;
    memcpy(headers->source, ip + 8, 16);
    memcpy(headers->destination, ip + 24, 16);
    return walk_extensions(headers, place);
}

/* RFC 826: IPv4 addresses of sender and target, each after a hardware address. */
static enum lcap_skip parse_arp(const struct network_packet *network,
                                struct packet_headers *headers)
{
    const uint8_t *arp = network->at;
    if (network->captured < 8)
        return LCAP_SKIP_IP_HEADER;
    uint32_t hardware_len = arp[4], protocol_len = arp[5];
    if (load16(arp + 2, true) != ETHER_IPV4 || protocol_len != 4)
        return LCAP_SKIP_NO_IP;
    uint32_t len = 8 + 2 * (hardware_len + protocol_len);
    if (network->captured < len)
        return LCAP_SKIP_IP_HEADER;
    set_ip_len(headers, network, len);
    headers->family = FAMILY_ARP;
    headers->ip_header_len = (uint16_t)len;
    memcpy(headers->source, arp + 8 + hardware_len, 4);
    memcpy(headers->destination, arp + len - 4, 4);
    return LCAP_SKIP_NONE;
}

/* What follows the IP header; no transport header has been removed yet. */
static void begin_payload(struct packet_headers *headers)
{
    headers->payload_captured = headers->ip_captured - headers->ip_header_len;
    headers->payload_len = headers->ip_len - headers->ip_header_len;
    headers->payload = headers->payload_captured > 0 ? headers->ip + headers->ip_header_len : NULL;
}

/* An extension header may stand before a protocol that has. */
static bool may_have_ports(const struct packet_headers *headers)
{
    return protocol_has_ports(headers->protocol) || protocol_is_icmp(headers->protocol) ||
           ip_has_extension(headers->family, headers->protocol);
}

/* The only length that a first fragment can have which ends before TCP's flags: those of all but
 * the last fragment are multiples of 8. */
enum { TINY_FRAGMENT = 8 };

static void parse_later_fragment(struct packet_headers *headers, const struct fragment_head *head,
                                 bool known, uint32_t offset)
{
    if (known) {
        const struct transport_head transport = {head->bytes, head->known};
        headers->protocol = head->protocol;
        known = transport_headers_continue(headers, &transport, offset);
    }
    headers->unknown_ports = !known && may_have_ports(headers);
    headers->waits = headers->unknown_ports ||
                     (headers->protocol == IP_PROTOCOL_TCP && head->known == TINY_FRAGMENT);
}

/* Whether the flags of TCP are in a later fragment, because the first one is too short for them. */
static bool waits_for_flags(const struct packet_headers *headers, uint32_t captured)
{
    return headers->protocol == IP_PROTOCOL_TCP && !packet_has_tcp(headers) &&
           captured == headers->ip_len - headers->ip_header_len;
}

static enum lcap_skip parse_first_fragment(struct packet_headers *headers,
                                           const struct fragment_head *head)
{
    const uint32_t captured = headers->payload_captured;
    struct transport_head transport = {headers->payload, captured};
    if (head->known > captured)
        transport = (struct transport_head){head->bytes, head->known};
    const enum lcap_skip skip = transport_headers_parse(headers, &transport);
    headers->waits = skip == LCAP_SKIP_NONE && waits_for_flags(headers, captured);
    return skip;
}

static enum lcap_skip parse_fragment(struct fragments *fragments,
                                     const struct fragment_place *place, int64_t time_ns,
                                     struct packet_headers *headers)
{
    struct fragment_head head = {.known = 0};
    fragments_name(fragments, headers, place->identification);
    const bool known = fragments_add(fragments, headers, place->offset, time_ns, &head);
    if (place->offset == 0)
        return parse_first_fragment(headers, &head);
    parse_later_fragment(headers, &head, known, place->offset);
    return LCAP_SKIP_NONE;
}

static enum lcap_skip parse_ip(struct fragments *fragments, const struct network_packet *network,
                               int64_t time_ns, struct packet_headers *headers)
{
    struct fragment_place place = {0};
    enum lcap_skip skip = network->type == ETHER_IPV4 ? parse_ipv4(network, headers, &place)
                                                      : parse_ipv6(network, headers, &place);
    if (skip != LCAP_SKIP_NONE)
        return skip;
    begin_payload(headers);
    if (headers->fragment)
        return parse_fragment(fragments, &place, time_ns, headers);
    const struct transport_head head = {headers->payload, headers->payload_captured};
    return transport_headers_parse(headers, &head);
}

static enum lcap_skip parse_network(struct fragments *fragments,
                                    const struct network_packet *network, int64_t time_ns,
                                    struct packet_headers *headers)
{
    memory_clear(headers, sizeof *headers);
    headers->vlan = network->vlan;
    headers->encapsulated = network->encapsulated;
    headers->ip = network->at;
    if (network->type == ETHER_ARP)
        return parse_arp(network, headers);
    return parse_ip(fragments, network, time_ns, headers);
}

/* Replaces the outer headers by the innermost ones that can be read. */
static void enter_tunnels(struct fragments *fragments, int64_t time_ns,
                          struct packet_headers *headers)
{
    for (int depth = 0; depth < TUNNEL_DEPTH; depth++) {
        struct network_packet network;
        struct packet_headers inner;
        if (!tunnel_enter(headers, &network) ||
            parse_network(fragments, &network, time_ns, &inner) != LCAP_SKIP_NONE)
            return;
        *headers = inner;
    }
}

static void note_unknown(struct header_parser *parser, enum lcap_skip skip, uint16_t type)
{
    const bool none = skip == LCAP_SKIP_NO_IP && type < ETHER_LENGTHS_END;
    parser->unknown_type = none ? 0 : type;
}

enum lcap_skip packet_headers_parse(struct header_parser *parser, const struct lcap_packet *packet,
                                    struct packet_headers *headers)
{
    struct network_packet network;
    enum lcap_skip skip = link_headers_parse(packet, &network);
    if (skip == LCAP_SKIP_NONE)
        skip = parse_network(&parser->fragments, &network, packet->time_ns, headers);
    if (skip == LCAP_SKIP_LINK_TYPE || skip == LCAP_SKIP_NO_IP)
        note_unknown(parser, skip, network.type);
    if (skip == LCAP_SKIP_NONE && parser->inner_tunnels)
        enter_tunnels(&parser->fragments, packet->time_ns, headers);
    return skip;
}

void header_parser_release(struct header_parser *parser)
{
    fragments_release(&parser->fragments);
}

const char *lcap_skip_text(enum lcap_skip reason)
{
    static const char *const texts[LCAP_SKIP_REASONS] = {
        [LCAP_SKIP_NONE] = "in a flow",
        [LCAP_SKIP_LINK_TYPE] = "unknown link type",
        [LCAP_SKIP_LINK_HEADER] = "truncated or malformed link header",
        [LCAP_SKIP_NO_IP] = "neither IP nor ARP",
        [LCAP_SKIP_NO_DATA_FRAME] = "frame without data",
        [LCAP_SKIP_ENCRYPTED] = "encrypted frame",
        [LCAP_SKIP_IP_HEADER] = "truncated or malformed IP or ARP header",
        [LCAP_SKIP_TRANSPORT] = "truncated or malformed transport header",
        [LCAP_SKIP_PROFILE] = "not accepted by the original tool",
    };
    return reason < LCAP_SKIP_REASONS ? texts[reason] : "unknown";
}
