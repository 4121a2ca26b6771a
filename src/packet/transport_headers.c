/* TCP (RFC 9293, 3.1), UDP (RFC 768), DCCP (RFC 4340, 5.1), UDP-Lite (RFC 3828, 3.1), SCTP (RFC
 * 9260, 3.1), ICMP (RFC 792) and ICMPv6 (RFC 4443, 2.1). */
#include "packet/transport_headers.h"

#include "base/bytes.h"
#include "packet/icmp_types.h"

#define UNKNOWN_LEN UINT32_MAX

/* The bytes that every header of the protocol has; 0 for protocols that are not read here. */
static const uint8_t fixed_lens[UINT8_MAX + 1] = {
    [IP_PROTOCOL_TCP] = TCP_FIXED_LEN, [IP_PROTOCOL_UDP] = 8,   [IP_PROTOCOL_UDPLITE] = 8,
    [IP_PROTOCOL_DCCP] = 12,           [IP_PROTOCOL_SCTP] = 12, [IP_PROTOCOL_ICMP] = 4,
    [IP_PROTOCOL_ICMPV6] = 4,
};

/* Including options. The second four bytes of ICMP belong to the header in (nearly) all messages.
 */
static inline uint32_t header_len(uint8_t protocol, const struct transport_head *head)
{
    if (protocol == IP_PROTOCOL_TCP)
        return head->known > 12 ? (head->at[12] >> 4) * 4u : UNKNOWN_LEN;
    if (protocol == IP_PROTOCOL_DCCP)
        return head->known > 4 ? head->at[4] * 4u : UNKNOWN_LEN;
    return protocol_is_icmp(protocol) ? 8 : fixed_lens[protocol];
}

static bool read_ports(struct packet_headers *headers, const struct transport_head *head)
{
    if (head->known < 4)
        return false;
    headers->source_port = load16(head->at, true);
    headers->destination_port = load16(head->at + 2, true);
    return true;
}

static bool read_type(struct packet_headers *headers, const struct transport_head *head)
{
    if (head->known < 2)
        return false;
    headers->icmp_type = head->at[0];
    headers->icmp_code = head->at[1];
    const int counterpart = icmp_counterpart(headers->protocol, headers->icmp_type);
    headers->one_way = counterpart == ICMP_ONE_WAY;
    headers->source_port = headers->icmp_type;
    headers->destination_port = headers->one_way ? headers->icmp_code : (uint16_t)counterpart;
    return true;
}

static inline bool read_ends(struct packet_headers *headers, const struct transport_head *head)
{
    return protocol_is_icmp(headers->protocol) ? read_type(headers, head)
                                               : read_ports(headers, head);
}

static void read_tcp(struct packet_headers *headers, const struct transport_head *head)
{
    const uint8_t *tcp = head->at;
    headers->tcp_known = head->known < TCP_FIXED_LEN ? (uint8_t)head->known : TCP_FIXED_LEN;
    if (packet_has_sequence(headers))
        headers->tcp_seq = load32(tcp + 4, true);
    if (head->known >= 12)
        headers->tcp_ack = load32(tcp + 8, true);
    if (packet_has_tcp(headers))
        headers->tcp_flags = load16(tcp + 12, true) & 0x01FF;
    if (packet_has_window(headers))
        headers->tcp_window = load16(tcp + 14, true);
    if (packet_has_urgent(headers))
        headers->tcp_urgent = load16(tcp + 18, true);
}

static void drop_payload(struct packet_headers *headers)
{
    headers->payload = NULL;
    headers->payload_captured = 0;
}

/* The first `len` bytes of the payload are header. */
static void take_header(struct packet_headers *headers, uint32_t len)
{
    if (len > headers->payload_len)
        len = headers->payload_len;
    headers->transport_len = (uint16_t)len;
    headers->payload_len -= len;
    if (headers->payload_captured <= len) {
        drop_payload(headers);
        return;
    }
    headers->payload += len;
    headers->payload_captured -= len;
}

/* Too little of the header was captured to know its length. It has its fixed part at least, so a
 * payload that ends there, `offset` bytes of the header being in earlier fragments, is all header.
 */
static void take_unknown(struct packet_headers *headers, uint32_t offset)
{
    headers->unknown_lengths = offset + headers->payload_len > fixed_lens[headers->protocol];
    if (headers->unknown_lengths) {
        headers->payload_len = 0;
        drop_payload(headers);
    } else {
        take_header(headers, headers->payload_len);
    }
}

/* A length below that of its header is ignored (0: a jumbogram, RFC 2675, 4). */
static void limit_udp(struct packet_headers *headers, const struct transport_head *head)
{
    const uint32_t len = head->known >= 6 ? load16(head->at + 4, true) : 0;
    if (headers->fragment || len < 8 || len - 8 >= headers->payload_len)
        return;
    headers->payload_len = len - 8;
    if (headers->payload_captured > headers->payload_len)
        headers->payload_captured = headers->payload_len;
    if (headers->payload_captured == 0)
        headers->payload = NULL;
}

enum lcap_skip transport_headers_parse(struct packet_headers *headers,
                                       const struct transport_head *head)
{
    const uint32_t fixed = fixed_lens[headers->protocol];
    headers->has_transport = headers->protocol != IP_PROTOCOL_ESP;
    if (fixed == 0)
        return LCAP_SKIP_NONE;
    const uint32_t len = header_len(headers->protocol, head);
    const bool too_short = headers->payload_len < fixed && !headers->fragment;
    if (too_short || (len != UNKNOWN_LEN && len < fixed) || !read_ends(headers, head))
        return LCAP_SKIP_TRANSPORT;
    if (headers->protocol == IP_PROTOCOL_TCP)
        read_tcp(headers, head);
    if (len == UNKNOWN_LEN)
        take_unknown(headers, 0);
    else
        take_header(headers, len);
    if (headers->protocol == IP_PROTOCOL_UDP)
        limit_udp(headers, head);
    return LCAP_SKIP_NONE;
}

bool transport_headers_continue(struct packet_headers *headers, const struct transport_head *head,
                                uint32_t offset)
{
    if (fixed_lens[headers->protocol] == 0)
        return true;
    if (!read_ends(headers, head))
        return false;
    const uint32_t len = header_len(headers->protocol, head);
    if (len == UNKNOWN_LEN)
        take_unknown(headers, offset);
    else
        take_header(headers, len > offset ? len - offset : 0);
    return true;
}
