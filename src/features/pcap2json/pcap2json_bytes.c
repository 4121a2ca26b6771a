/* What dpkt writes for a packet. */
#include "features/pcap2json/pcap2json_bytes.h"

#include "base/bytes.h"
#include "packet/packet_headers.h"

enum {
    IP_LEN = 2, /* offsets in an IPv4 header */
    IP_FRAGMENT = 6,
    IP_CHECKSUM = 10,
    MORE_OR_OFFSET = 0x3FFF, /* of the field at IP_FRAGMENT */
    IPV6_NEXT = 6,           /* in an IPv6 header */
    NEXT_ROUTING = 43,
    NEXT_FRAGMENT = 44,
    TYPE_IP = 0x0800,
    ICMP_QUOTE = 8, /* where the packet in an ICMP error begins */
    DEEPEST = 16,   /* packets in packets; deeper ones stay unchanged */
};

/* The offset of the checksum in protocols for which dpkt fills it in; 0 for others. */
static uint32_t checksum_offset(uint8_t protocol)
{
    switch (protocol) {
    case IP_PROTOCOL_ICMP:
    case IP_PROTOCOL_ICMPV6:
    case 2:   /* IGMP */
    case 103: /* PIM */
        return 2;
    case IP_PROTOCOL_UDP:
        return 6;
    case 89: /* OSPF */
        return 12;
    case IP_PROTOCOL_TCP:
        return 16;
    default:
        return 0;
    }
}

/* The sum of the Internet checksum (RFC 1071), to be folded. Below 2^32 for up to 128 KiB. */
static uint64_t add_words(uint64_t sum, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i + 1 < len; i += 2)
        sum += load16(bytes + i, true);
    return len % 2 != 0 ? sum + ((uint64_t)bytes[len - 1] << 8) : sum;
}

static uint16_t fold(uint64_t sum)
{
    while (sum > 0xFFFF)
        sum = (sum >> 16) + (sum & 0xFFFF);
    return (uint16_t)~sum;
}

static bool is_with_pseudo_header(uint8_t protocol)
{
    return protocol == IP_PROTOCOL_TCP || protocol == IP_PROTOCOL_UDP;
}

static uint16_t pseudo_checksum(const struct dpkt_packet *packet, uint32_t len)
{
    uint64_t sum = add_words(0, packet->source, packet->ip6 ? 32 : 8); /* both addresses */
    return fold(add_words(sum + packet->protocol + len, packet->transport, len));
}

/* Whether every checksum already has a value, and nothing inside is parsed. */
static bool is_unchanged(const struct dpkt_packet *packet)
{
    const uint32_t offset = checksum_offset(packet->protocol);
    const bool filled = offset != 0 && load16(packet->transport + offset, true) != 0;
    if (packet->ip6)
        return filled && packet->transport == packet->ip + packet->ip_header_len;
    return is_with_pseudo_header(packet->protocol) && load16(packet->ip + IP_CHECKSUM, true) != 0;
}

/* For the packet around `end`, the end of what dpkt has kept of its contents. */
static int fill_ipv4(const struct dpkt_packet *packet, uint8_t *bytes, const uint8_t *end)
{
    const uint32_t len = (uint32_t)(end - bytes);
    uint8_t *transport = bytes + packet->ip_header_len;
    const uint32_t transport_len = len - packet->ip_header_len;
    const uint32_t offset = checksum_offset(packet->protocol);
    const bool pseudo = is_with_pseudo_header(packet->protocol);
    const bool parsed =
        transport_len >= packet->transport_header_len && packet->transport_header_len > 0;
    if (parsed && !pseudo && offset != 0 && packet->protocol != IP_PROTOCOL_ICMPV6 &&
        load16(transport + offset, true) == 0)
        store16(transport + offset, fold(add_words(0, transport, transport_len)), true);
    if (load16(bytes + IP_CHECKSUM, true) != 0)
        return 1;
    if (len > UINT16_MAX)
        return 0;
    store16(bytes + IP_LEN, (uint16_t)len, true);
    store16(bytes + IP_CHECKSUM, fold(add_words(0, bytes, packet->ip_header_len)), true);
    if (!parsed || !pseudo || (load16(bytes + IP_FRAGMENT, true) & MORE_OR_OFFSET) != 0 ||
        load16(transport + offset, true) != 0)
        return 1;
    const uint16_t checksum = pseudo_checksum(packet, transport_len);
    const bool all_ones = packet->protocol == IP_PROTOCOL_UDP && checksum == 0;
    store16(transport + offset, all_ones ? UINT16_MAX : checksum, true);
    return 1;
}

static int fill_ipv6(const struct dpkt_packet *packet, uint8_t *transport, const uint8_t *end)
{
    const uint32_t offset = checksum_offset(packet->protocol);
    const uint32_t len = (uint32_t)(end - transport);
    if (!is_with_pseudo_header(packet->protocol) && packet->protocol != IP_PROTOCOL_ICMPV6)
        return 1;
    if (load16(transport + offset, true) != 0)
        return 1;
    if (len > UINT16_MAX)
        return 0;
    store16(transport + offset, pseudo_checksum(packet, len), true);
    return 1;
}

static bool is_icmp_error(uint8_t type)
{
    return type == 3 || type == 4 || type == 5 || type == 11;
}

/* The IPv4 packet inside a packet, if dpkt parses one. */
static bool find_inner(const struct dpkt_packet *outer, struct dpkt_packet *inner)
{
    const uint8_t *at = outer->transport;
    uint32_t len = outer->transport_len;
    if (outer->transport_header_len == 0)
        return false;
    uint32_t header_len = 0;
    if (outer->protocol == IP_PROTOCOL_ICMP && is_icmp_error(at[0]) && len >= ICMP_QUOTE)
        header_len = ICMP_QUOTE;
    else if (outer->protocol == IP_PROTOCOL_GRE && load16(at + 2, true) == TYPE_IP)
        header_len = outer->transport_header_len;
    else if (outer->protocol != IP_PROTOCOL_IPV4)
        return false;
    at += header_len;
    len -= header_len;
    return dpkt_parse_ip(at, len, inner) != DPKT_EXCEPTION;
}

static size_t at_most(size_t len, size_t limit)
{
    return len < limit ? len : limit;
}

/* An IPv6 header and its extension headers. An authentication header is written with everything
 * that follows it, which is then repeated; of a routing header only whole addresses are written. */
static int copy_ipv6_headers(const struct dpkt_packet *packet, struct buffer *buffer,
                             struct lcap_error *error)
{
    const uint8_t *at = packet->ip + packet->ip_header_len;
    uint8_t kind = packet->ip[IPV6_NEXT];
    int rc = buffer_append(buffer, packet->ip, packet->ip_header_len, error);
    while (rc == LCAP_OK && at < packet->transport) {
        const size_t left = (size_t)(packet->ip + packet->ip_len - at);
        size_t len = (at[1] + 1u) * 8;
        size_t written = len;
        if (kind == IP_PROTOCOL_AH) {
            len = (at[1] + 2u) * 4;
            written = left;
        } else if (kind == NEXT_ROUTING) {
            written = 8 + at[1] / 2u * 16;
        } else if (kind == NEXT_FRAGMENT) {
            written = len = 8;
        }
        rc = buffer_append(buffer, at, at_most(written, left), error);
        kind = at[0];
        at += at_most(len, left);
    }
    return rc;
}

/* Copies the packet; *transport_at is the offset of its transport header in the buffer. */
static int copy(const struct dpkt_packet *packet, struct buffer *buffer, size_t *transport_at,
                struct lcap_error *error)
{
    buffer_clear(buffer);
    const int rc = packet->ip6 ? copy_ipv6_headers(packet, buffer, error)
                               : buffer_append(buffer, packet->ip, packet->ip_header_len, error);
    *transport_at = buffer->len;
    return rc == LCAP_OK ? buffer_append(buffer, packet->transport, packet->transport_len, error)
                         : rc;
}

int pcap2json_bytes(const struct dpkt_packet *packet, struct buffer *buffer,
                    struct pcap2json_bytes *bytes, struct lcap_error *error)
{
    size_t transport_at;
    *bytes = (struct pcap2json_bytes){packet->ip, packet->ip_len, packet->transport_len};
    if (is_unchanged(packet))
        return 1;
    const int rc = copy(packet, buffer, &transport_at, error);
    if (rc != LCAP_OK)
        return rc;
    struct dpkt_packet levels[DEEPEST] = {*packet};
    size_t count = 1;
    while (count < DEEPEST && find_inner(&levels[count - 1], &levels[count]))
        count++;
    /* The innermost packet ends all packets around it; proceeds outwards, because the checksum of
     * an ICMP error covers its contents. */
    uint8_t *transport = buffer->data + transport_at;
    const uint8_t *end =
        transport + (levels[count - 1].ip + levels[count - 1].ip_len - packet->transport);
    int result = 1;
    while (result == 1 && count-- > 1)
        result = fill_ipv4(&levels[count], transport + (levels[count].ip - packet->transport), end);
    if (result == 1)
        result =
            packet->ip6 ? fill_ipv6(packet, transport, end) : fill_ipv4(packet, buffer->data, end);
    *bytes = (struct pcap2json_bytes){
        .ip = buffer->data,
        .len = (uint32_t)(end - buffer->data),
        .transport_len = (uint32_t)(end - transport),
    };
    return result;
}
