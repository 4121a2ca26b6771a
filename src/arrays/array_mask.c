/* Masks fields of the headers of a packet. */
#include "arrays/array_mask.h"

#include "base/bytes.h"
#include "base/linktype_numbers.h"
#include "packet/packet_headers.h"
#include <string.h>

const char *const mask_field_names[MASK_FIELDS + 1] = {
    "mac",   "ip",     "ports",          "seq", "ack",      "checksums", "ttl",
    "ip_id", "window", "tcp_timestamps", "sni", "tls_time", NULL};

void array_mask_seed(struct array_mask *mask, uint64_t seed)
{
    static const char name[HASH_KEY_LEN / 2] = "lcapmask";
    memcpy(mask->key, name, sizeof name);
    store64(mask->key + sizeof name, seed, false);
}

/* A packet whose headers are masked, or the part of one that an ICMP error quotes. */
struct masking {
    const struct array_mask *mask;
    const struct array_packet *packet;
    uint32_t end; /* of what may be changed */
};

static bool masks(const struct masking *m, enum mask_field field)
{
    return m->mask->fields & 1u << field;
}

/* ---- values ---- */

/* The longest field but for names. */
enum { MOST_COVERED = 16 };

/* 64 random bits for a field and a value of the flow. */
static uint64_t random_for(const struct masking *m, enum mask_field field, const uint8_t *value,
                           uint32_t len, uint8_t part)
{
    uint8_t bytes[16 + MOST_COVERED] = {0};
    store64(bytes, m->packet->flow_hash, false);
    bytes[8] = (uint8_t)field;
    bytes[9] = part;
    memcpy(bytes + 16, value, len);
    return hash_siphash(m->mask->key, bytes, sizeof bytes);
}

static void cover_randomly(const struct masking *m, enum mask_field field, uint8_t *at,
                           uint32_t len)
{
    uint8_t random[MOST_COVERED];
    store64(random, random_for(m, field, at, len, 0), false);
    if (len > 8)
        store64(random + 8, random_for(m, field, at, len, 1), false);
    memcpy(at, random, len);
}

/* Masks up to MOST_COVERED bytes of the packet, as far as they are there. */
static void cover(const struct masking *m, enum mask_field field, uint32_t at, uint32_t len)
{
    if (!masks(m, field) || at >= m->end)
        return;
    const uint32_t there = len < m->end - at ? len : m->end - at;
    if (m->mask->random)
        cover_randomly(m, field, m->packet->data + at, there);
    else
        memset(m->packet->data + at, 0, there);
}

/* Masks a 32-bit number that counts on: randomly, by adding the same to all numbers of one
 * `counter` of the flow. */
static void cover_counter(const struct masking *m, enum mask_field field, uint32_t at,
                          uint8_t counter)
{
    static const uint8_t nothing[1];
    if (!masks(m, field) || at >= m->end)
        return;
    if (!m->mask->random || m->end - at < 4) {
        memset(m->packet->data + at, 0, m->end - at < 4 ? m->end - at : 4);
        return;
    }
    /* An acknowledgement counts what the other side sends: both move alike. */
    const enum mask_field kind = field == MASK_ACK ? MASK_SEQ : field;
    const uint64_t step = random_for(m, kind, nothing, 0, counter);
    uint8_t *number = m->packet->data + at;
    store32(number, load32(number, true) + (uint32_t)step, true);
}

/* ---- TCP ---- */

enum { OPTION_END = 0, OPTION_NOP = 1, OPTION_SACK = 5, OPTION_TIMESTAMPS = 8 };
enum { TCP_FLAGS_AT = 13 };

/* The second timestamp of an option is 0 if it answers none; if it is cut, that is not known. */
static void mask_option(const struct masking *m, uint32_t at, uint32_t len)
{
    const bool second = m->packet->from_second;
    const uint8_t kind = m->packet->data[at];
    if (kind == OPTION_TIMESTAMPS && len == 10) {
        const bool answers = at + 10 > m->end || load32(m->packet->data + at + 6, true) != 0;
        cover_counter(m, MASK_TCP_TIMESTAMPS, at + 2, second);
        if (answers || !m->mask->random)
            cover_counter(m, MASK_TCP_TIMESTAMPS, at + 6, !second);
    }
    for (uint32_t edge = 2; kind == OPTION_SACK && edge + 4 <= len; edge += 4)
        cover_counter(m, MASK_ACK, at + edge, !second);
}

/* Options up to the end of the header, of which the last may be there in part. */
static void mask_options(const struct masking *m, uint32_t at, uint32_t end)
{
    const uint8_t *data = m->packet->data;
    while (at < end && at < m->end && data[at] != OPTION_END) {
        const uint32_t len = data[at] == OPTION_NOP ? 1 : at + 1 < m->end ? data[at + 1] : 0;
        if (len == 0 || len > end - at || (len == 1 && data[at] != OPTION_NOP))
            return;
        if (len > 1)
            mask_option(m, at, len);
        at += len;
    }
}

/* A header without its flags may acknowledge. */
static void mask_tcp(const struct masking *m, uint32_t at)
{
    const uint8_t *data = m->packet->data;
    const bool acknowledges = at + TCP_FLAGS_AT >= m->end || data[at + TCP_FLAGS_AT] & TCP_ACK;
    const uint32_t len = at + 12 < m->end ? (data[at + 12] >> 4) * 4u : 0;
    cover_counter(m, MASK_SEQ, at + 4, m->packet->from_second);
    if (acknowledges || !m->mask->random)
        cover_counter(m, MASK_ACK, at + 8, !m->packet->from_second);
    cover(m, MASK_WINDOW, at + 14, 2);
    cover(m, MASK_CHECKSUMS, at + 16, 2);
    if (len > 20)
        mask_options(m, at + 20, at + len);
}

/* ---- transport and IP ---- */

static void mask_ports(const struct masking *m, uint32_t at)
{
    cover(m, MASK_PORTS, at, 2);
    cover(m, MASK_PORTS, at + 2, 2);
}

static void mask_transport(const struct masking *m, uint8_t protocol, uint32_t at)
{
    if (protocol_has_ports(protocol))
        mask_ports(m, at);
    switch (protocol) {
    case IP_PROTOCOL_TCP:
        mask_tcp(m, at);
        break;
    case IP_PROTOCOL_UDP:
    case IP_PROTOCOL_UDPLITE:
    case IP_PROTOCOL_DCCP:
        cover(m, MASK_CHECKSUMS, at + 6, 2);
        break;
    case IP_PROTOCOL_SCTP:
        cover(m, MASK_CHECKSUMS, at + 8, 4);
        break;
    case IP_PROTOCOL_ICMP:
    case IP_PROTOCOL_ICMPV6:
        cover(m, MASK_CHECKSUMS, at + 2, 2);
        break;
    default:
        break;
    }
}

static void mask_ip(const struct masking *m, uint8_t family, uint32_t at)
{
    const uint32_t address_len = family == FAMILY_IPV4 ? 4 : 16;
    const uint32_t addresses = at + (family == FAMILY_IPV4 ? 12 : 8);
    cover(m, MASK_IP, addresses, address_len);
    cover(m, MASK_IP, addresses + address_len, address_len);
    cover(m, MASK_TTL, at + (family == FAMILY_IPV4 ? 8 : 7), 1);
    if (family != FAMILY_IPV4)
        return;
    cover(m, MASK_IP_ID, at + 4, 2);
    cover(m, MASK_CHECKSUMS, at + 10, 2);
}

/* `protocol`: of the header at this place, which may be one of extension. */
static void mask_after_ip(const struct masking *m, uint8_t family, uint8_t protocol, uint32_t at)
{
    while (ip_has_extension(family, protocol) && at + 2 <= m->end) {
        const uint8_t *extension = m->packet->data + at;
        at += ip_extension_len(protocol, extension);
        protocol = extension[0];
    }
    if (at < m->end)
        mask_transport(m, protocol, at);
}

/* Errors of ICMP (RFC 792) and ICMPv6 (RFC 4443) quote the packet that they are about. */
static bool is_error(const struct array_packet *packet)
{
    if (!packet->has_transport || packet->transport >= packet->captured)
        return false;
    const uint8_t type = packet->data[packet->transport];
    if (packet->protocol == IP_PROTOCOL_ICMP)
        return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
    return packet->protocol == IP_PROTOCOL_ICMPV6 && type >= 1 && type <= 4;
}

static void mask_quoted(const struct masking *m)
{
    enum { SHORTEST_HEADER = 20 };
    const uint32_t at = m->packet->transport + 8;
    if (!is_error(m->packet) || at >= m->end)
        return;
    const uint8_t *ip = m->packet->data + at;
    const uint8_t family = ip[0] >> 4;
    if (family != FAMILY_IPV4 && family != FAMILY_IPV6)
        return;
    const uint32_t header = family == FAMILY_IPV4 ? (ip[0] & 15u) * 4 : 40;
    mask_ip(m, family, at);
    if (header >= SHORTEST_HEADER && at + header < m->end)
        mask_after_ip(m, family, ip[family == FAMILY_IPV4 ? 9 : 6], at + header);
}

/* ---- the packet ---- */

/* IEEE 802.11-2020, 9.3.2.1: three addresses, and a fourth between access points. */
static void mask_wireless(const struct masking *m, uint32_t at)
{
    enum { DIRECTION_AT = 1, BETWEEN_ACCESS_POINTS = 3, ADDRESSES_AT = 4, FOURTH_AT = 24 };
    if (at + DIRECTION_AT >= m->end)
        return;
    const uint8_t direction = m->packet->data[at + DIRECTION_AT] & BETWEEN_ACCESS_POINTS;
    for (uint32_t i = 0; i < 3; i++)
        cover(m, MASK_MAC, at + ADDRESSES_AT + 6 * i, 6);
    if (direction == BETWEEN_ACCESS_POINTS)
        cover(m, MASK_MAC, at + FOURTH_AT, 6);
}

/* False for a link layer whose addresses may be anywhere in its header. */
static bool mask_addresses(const struct masking *m)
{
    enum { RADIOTAP_LEN_AT = 2 };
    switch (m->packet->linktype) {
    case LINKTYPE_ETHERNET:
        cover(m, MASK_MAC, 0, 6);
        cover(m, MASK_MAC, 6, 6);
        return true;
    case LINKTYPE_LINUX_SLL:
        cover(m, MASK_MAC, 6, 8);
        return true;
    case LINKTYPE_LINUX_SLL2:
        cover(m, MASK_MAC, 12, 8);
        return true;
    case LINKTYPE_IEEE802_11:
        mask_wireless(m, 0);
        return true;
    case LINKTYPE_IEEE802_11_RADIOTAP:
        if (RADIOTAP_LEN_AT + 2 <= m->end)
            mask_wireless(m, load16(m->packet->data + RADIOTAP_LEN_AT, false));
        return true;
    default:
        return false;
    }
}

/* Headers around another frame have addresses of all kinds. */
static void mask_link(const struct masking *m)
{
    const bool all = m->packet->encapsulated || (masks(m, MASK_MAC) && !mask_addresses(m));
    if (all)
        memset(m->packet->data, 0, m->end);
}

static void mask_name(const struct masking *m)
{
    uint32_t at = m->packet->server_name, left = m->packet->server_name_len;
    while (left > 0) {
        const uint32_t len = left < MOST_COVERED ? left : MOST_COVERED;
        cover(m, MASK_SNI, at, len);
        at += len;
        left -= len;
    }
}

/* RFC 5246, 7.4.1.2: a Hello in the first record of the payload has its time there. */
static void mask_tls_time(const struct masking *m)
{
    enum { RECORD_HANDSHAKE = 22, CLIENT_HELLO = 1, SERVER_HELLO = 2, RANDOM_AT = 11 };
    const uint32_t at = m->packet->payload;
    const uint8_t *payload = m->packet->data + at;
    if (m->packet->protocol != IP_PROTOCOL_TCP || at + RANDOM_AT >= m->end)
        return;
    const bool hello = payload[5] == CLIENT_HELLO || payload[5] == SERVER_HELLO;
    if (payload[0] == RECORD_HANDSHAKE && payload[1] == 3 && hello)
        cover(m, MASK_TLS_TIME, at + RANDOM_AT, 4);
}

void array_mask_apply(const struct array_mask *mask, const struct array_packet *packet)
{
    struct masking m = {mask, packet,
                        packet->network < packet->captured ? packet->network : packet->captured};
    if (mask->fields == 0)
        return;
    mask_link(&m);
    m.end = packet->end < packet->captured ? packet->end : packet->captured;
    mask_quoted(&m);
    mask_name(&m);
    mask_tls_time(&m);
    if (packet->has_transport)
        mask_transport(&m, packet->protocol, packet->transport);
    mask_ip(&m, packet->family, packet->network);
}
