/* Community ID version 1. */
#include "packet/community_id.h"

#include "base/bytes.h"
#include "packet/icmp_types.h"
#include "packet/packet_headers.h"
#include <nettle/sha1.h>
#include <sodium/utils.h>
#include <string.h>

struct endpoints {
    const uint8_t *source, *destination;
    uint16_t source_port, destination_port;
    bool one_way; /* stays as it is */
    bool ports;   /* whether the protocol has ports */
};

static struct endpoints endpoints_of(const struct community_tuple *tuple)
{
    struct endpoints ends = {
        .source = tuple->source,
        .destination = tuple->destination,
        .source_port = tuple->source_port,
        .destination_port = tuple->destination_port,
    };
    switch (tuple->protocol) {
    case IP_PROTOCOL_ICMP:
    case IP_PROTOCOL_ICMPV6:
        ends.one_way = icmp_counterpart(tuple->protocol, tuple->source_port) == ICMP_ONE_WAY;
        ends.ports = true;
        break;
    case IP_PROTOCOL_TCP:
    case IP_PROTOCOL_UDP:
    case IP_PROTOCOL_SCTP:
        ends.ports = true;
        break;
    default:
        break;
    }
    return ends;
}

/* The lower endpoint goes first. */
static void set_order(struct endpoints *ends, size_t address_len)
{
    int order = memcmp(ends->source, ends->destination, address_len);
    bool ordered = order < 0 || (order == 0 && ends->source_port < ends->destination_port);
    if (ordered || ends->one_way)
        return;
    *ends = (struct endpoints){
        .source = ends->destination,
        .destination = ends->source,
        .source_port = ends->destination_port,
        .destination_port = ends->source_port,
        .ports = ends->ports,
    };
}

size_t community_id(const struct community_tuple *tuple, char out[COMMUNITY_ID_TEXT])
{
    out[0] = '\0';
    if (tuple->family == FAMILY_ARP)
        return 0;
    size_t address_len = tuple->family == FAMILY_IPV4 ? 4 : 16;
    struct endpoints ends = endpoints_of(tuple);
    set_order(&ends, address_len);
    uint8_t protocol_and_zero[2] = {tuple->protocol, 0}, ports[4], digest[SHA1_DIGEST_SIZE];
    store16(ports, ends.source_port, true);
    store16(ports + 2, ends.destination_port, true);
    struct sha1_ctx sha1;
    sha1_init(&sha1);
    sha1_update(&sha1, 2, (const uint8_t[2]){0, 0}); /* the seed */
    sha1_update(&sha1, address_len, ends.source);
    sha1_update(&sha1, address_len, ends.destination);
    sha1_update(&sha1, sizeof protocol_and_zero, protocol_and_zero);
    if (ends.ports)
        sha1_update(&sha1, sizeof ports, ports);
    sha1_digest(&sha1, sizeof digest, digest);
    memcpy(out, "1:", 2);
    sodium_bin2base64(out + 2, COMMUNITY_ID_TEXT - 2, digest, sizeof digest,
                      sodium_base64_VARIANT_ORIGINAL);
    return strlen(out);
}
