/* Writes and reads what rules make of single packets: the rules, from 1, and the headers that flows
 * and hosts need. */
#include "label/labeller/labeller_match.h"

#include "base/memory.h"
#include "base/varint.h"
#include "label/labeller/labeller_internal.h"
#include <string.h>

/* What is known of headers. */
enum { HAS_HEADERS = 1, ONE_WAY = 2, LONG_ADDRESSES = 4, HAS_TCP = 8, FLAGS = 15 };

enum { SHORT_ADDRESS = 4, LONG_ADDRESS = 16 };

/* ---- writing ---- */

static int put_rule(struct buffer *out, uint32_t rule, struct lcap_error *error)
{
    return varint_append(out, rule == NO_RULE ? 0 : (uint64_t)rule + 1, error);
}

static int put_tcp(struct buffer *out, const struct packet_headers *headers,
                   struct lcap_error *error)
{
    int rc = varint_append(out, headers->tcp_known, error);
    if (rc == LCAP_OK)
        rc = varint_append(out, headers->tcp_flags, error);
    return rc == LCAP_OK ? varint_append(out, headers->tcp_seq, error) : rc;
}

static int put_headers(struct buffer *out, const struct packet_headers *headers,
                       struct lcap_error *error)
{
    const bool tcp = headers->tcp_known > 0, is_long = headers->family == FAMILY_IPV6;
    const uint8_t start[] = {(uint8_t)(HAS_HEADERS | (headers->one_way ? ONE_WAY : 0) |
                                       (is_long ? LONG_ADDRESSES : 0) | (tcp ? HAS_TCP : 0)),
                             headers->family, headers->protocol};
    const size_t address = is_long ? LONG_ADDRESS : SHORT_ADDRESS;
    int rc = buffer_append(out, start, sizeof start, error);
    if (rc == LCAP_OK)
        rc = buffer_append(out, headers->source, address, error);
    if (rc == LCAP_OK)
        rc = buffer_append(out, headers->destination, address, error);
    if (rc == LCAP_OK)
        rc = varint_append(out, headers->source_port, error);
    if (rc == LCAP_OK)
        rc = varint_append(out, headers->destination_port, error);
    return rc == LCAP_OK && tcp ? put_tcp(out, headers, error) : rc;
}

/* For every flow table, the rule of SCOPE that would match if a flow began with the packet. */
static int put_scoped(struct lcap_labeller *l, const struct subject *subject, struct buffer *out,
                      struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < l->flows.count && rc == LCAP_OK; i++) {
        uint32_t rule = NO_RULE;
        if (subject->headers)
            rc = rule_classes_match_flow(&l->classes, subject, l->flows.tables[i].idle_ns, &rule,
                                         error);
        if (rc == LCAP_OK)
            rc = put_rule(out, rule, error);
    }
    return rc;
}

static int put_match(struct lcap_labeller *l, const struct subject *subject, struct buffer *out,
                     struct lcap_error *error)
{
    static const uint8_t none = 0;
    struct packet_rules found;
    int rc = rule_classes_match(&l->classes, subject, &found, error);
    if (rc == LCAP_OK)
        rc = put_rule(out, found.anywhere, error);
    if (rc == LCAP_OK)
        rc = put_rule(out, found.in_flow, error);
    if (rc == LCAP_OK)
        rc = put_scoped(l, subject, out, error);
    if (rc < 0 || !l->reads_headers)
        return rc;
    return subject->headers ? put_headers(out, subject->headers, error)
                            : buffer_append(out, &none, 1, error);
}

/* False for a fragment. */
static bool read_headers(const struct lcap_packet *packet, struct packet_headers *headers,
                         struct subject *subject)
{
    struct header_parser parser = {.unknown_type = 0};
    if (packet_headers_parse(&parser, packet, headers) == LCAP_SKIP_NONE)
        subject->headers = headers;
    const bool whole = parser.fragments.named == 0;
    header_parser_release(&parser);
    return whole;
}

int labeller_match_append(struct lcap_labeller *labeller, uint32_t file,
                          const struct lcap_packet *packet, struct buffer *out,
                          struct lcap_error *error)
{
    struct subject subject = {.packet = packet, .file = file};
    struct packet_headers headers;
    if (labeller->reads_headers && !read_headers(packet, &headers, &subject))
        return 1;
    const int rc =
        rule_classes_prepare(&labeller->classes, file, packet->interface->linktype, error);
    return rc == LCAP_OK ? put_match(labeller, &subject, out, error) : rc;
}

/* ---- reading ---- */

static bool take_number(struct cursor *in, uint64_t most, uint64_t *number)
{
    return varint_take(in, number) && *number <= most;
}

static bool take_rule(const struct lcap_labeller *l, struct cursor *in, uint32_t *rule)
{
    uint64_t number;
    if (!take_number(in, l->rules->count, &number))
        return false;
    *rule = number == 0 ? NO_RULE : (uint32_t)(number - 1);
    return true;
}

static bool take_address(struct cursor *in, size_t len, uint8_t address[16])
{
    const uint8_t *at = cursor_take(in, len);
    if (at)
        memcpy(address, at, len);
    return at;
}

static bool take_tcp(struct cursor *in, struct packet_headers *headers)
{
    uint64_t known, flags, seq;
    if (!take_number(in, TCP_FIXED_LEN, &known) || !take_number(in, UINT16_MAX, &flags) ||
        !take_number(in, UINT32_MAX, &seq))
        return false;
    headers->tcp_known = (uint8_t)known;
    headers->tcp_flags = (uint16_t)flags;
    headers->tcp_seq = (uint32_t)seq;
    return true;
}

static bool take_ports(struct cursor *in, struct packet_headers *headers)
{
    uint64_t source, destination;
    if (!take_number(in, UINT16_MAX, &source) || !take_number(in, UINT16_MAX, &destination))
        return false;
    headers->source_port = (uint16_t)source;
    headers->destination_port = (uint16_t)destination;
    return true;
}

static bool is_family(uint8_t family, bool is_long)
{
    return is_long ? family == FAMILY_IPV6 : family == FAMILY_IPV4 || family == FAMILY_ARP;
}

static bool take_headers(struct cursor *in, struct packet_match *match)
{
    struct packet_headers *headers = &match->headers;
    uint8_t flags;
    *headers = (struct packet_headers){.vlan = VLAN_NONE};
    if (!cursor_take8(in, &flags) || flags > FLAGS)
        return false;
    match->has_headers = flags & HAS_HEADERS;
    if (flags == 0)
        return true;
    const size_t address = flags & LONG_ADDRESSES ? LONG_ADDRESS : SHORT_ADDRESS;
    headers->one_way = flags & ONE_WAY;
    return cursor_take8(in, &headers->family) && cursor_take8(in, &headers->protocol) &&
           is_family(headers->family, flags & LONG_ADDRESSES) &&
           take_address(in, address, headers->source) &&
           take_address(in, address, headers->destination) && take_ports(in, headers) &&
           (!(flags & HAS_TCP) || take_tcp(in, headers));
}

static bool take_match(const struct lcap_labeller *l, struct cursor *in, struct packet_match *match)
{
    match->has_headers = false;
    if (!take_rule(l, in, &match->rules.anywhere) || !take_rule(l, in, &match->rules.in_flow))
        return false;
    for (size_t i = 0; i < l->flows.count; i++)
        if (!take_rule(l, in, &match->scoped[i]))
            return false;
    return (!l->reads_headers || take_headers(in, match)) && in->left == 0;
}

/* ---- what packets can match ---- */

static bool is_of_kind(const struct lcap_labeller *l, const struct subject *subject, uint32_t rule,
                       bool needs_flow)
{
    if (rule == NO_RULE)
        return true;
    const struct rule_kind *kind = labeller_kind_of(l, rule);
    return !kind->scope_ns && kind_needs_flow(kind) == needs_flow &&
           rule_classes_suit(&l->classes, kind, subject);
}

static bool can_match(const struct lcap_labeller *l, const struct subject *subject,
                      const struct packet_match *match)
{
    if (!is_of_kind(l, subject, match->rules.anywhere, false) ||
        !is_of_kind(l, subject, match->rules.in_flow, true))
        return false;
    for (size_t i = 0; i < l->flows.count; i++)
        if (match->scoped[i] != NO_RULE &&
            labeller_kind_of(l, match->scoped[i])->scope_ns != l->flows.tables[i].idle_ns)
            return false;
    return true;
}

int labeller_label_matched(struct lcap_labeller *labeller, uint32_t file,
                           const struct lcap_packet *packet, const uint8_t *record, size_t len,
                           const struct lcap_sample **sample, struct lcap_error *error)
{
    struct packet_match *match = &labeller->match;
    struct cursor in = {.at = record, .left = len};
    *sample = NULL;
    if (!match->scoped)
        match->scoped = memory_new(labeller->flows.count, sizeof *match->scoped, error);
    if (!match->scoped)
        return LCAP_ERR_MEMORY;
    if (!take_match(labeller, &in, match))
        return LCAP_ERR_FORMAT;
    const struct subject subject = {
        .packet = packet, .headers = match->has_headers ? &match->headers : NULL, .file = file};
    return can_match(labeller, &subject, match)
               ? labeller_label_packet(labeller, file, packet, true, sample, error)
               : LCAP_ERR_FORMAT;
}
