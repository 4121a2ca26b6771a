/* Community ID version 1. */
#include "packet/community_id.h"

#include "base/bytes.h"
#include "packet/packet_headers.h"
#include <sha1.h>
#include <sodium/utils.h>
#include <string.h>

#define NO_ANSWER (-1)

/* Types that are request and reply of each other. */
static int icmp_counterpart(unsigned type)
{
    switch (type) {
    case 0: /* echo */
        return 8;
    case 8:
        return 0;
    case 9: /* router advertisement */
        return 10;
    case 10:
        return 9;
    case 13: /* timestamp */
    case 15: /* information */
    case 17: /* address mask */
        return (int)type + 1;
    case 14:
    case 16:
    case 18:
        return (int)type - 1;
    default:
        return NO_ANSWER;
    }
}

static int icmpv6_counterpart(unsigned type)
{
    switch (type) {
    case 128: /* echo */
    case 130: /* multicast listeners */
    case 133: /* routers */
    case 135: /* neighbours */
    case 139: /* node information */
    case 144: /* home agent addresses */
        return (int)type + 1;
    case 129:
    case 131:
    case 134:
    case 136:
    case 140:
    case 145:
        return (int)type - 1;
    default:
        return NO_ANSWER;
    }
}

struct endpoints {
    const uint8_t *source, *destination;
    uint16_t source_port, destination_port;
    bool one_way; /* stays as it is */
    bool ports;   /* whether the protocol has ports */
};

/* If a type has a counterpart, that is the other port, so that request and reply agree; otherwise
 * the code is, and the flow has a direction. */
static void take_icmp_ports(struct endpoints *ends, int counterpart)
{
    if (counterpart == NO_ANSWER)
        ends->one_way = true;
    else
        ends->destination_port = (uint16_t)counterpart;
    ends->ports = true;
}

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
        take_icmp_ports(&ends, icmp_counterpart(tuple->source_port));
        break;
    case IP_PROTOCOL_ICMPV6:
        take_icmp_ports(&ends, icmpv6_counterpart(tuple->source_port));
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
    uint8_t protocol_and_zero[2] = {tuple->protocol, 0}, ports[4], digest[SHA1_DIGEST_LENGTH];
    store16(ports, ends.source_port, true);
    store16(ports + 2, ends.destination_port, true);
    SHA1_CTX sha1;
    SHA1Init(&sha1);
    SHA1Update(&sha1, (const uint8_t[2]){0, 0}, 2); /* the seed */
    SHA1Update(&sha1, ends.source, address_len);
    SHA1Update(&sha1, ends.destination, address_len);
    SHA1Update(&sha1, protocol_and_zero, sizeof protocol_and_zero);
    if (ends.ports)
        SHA1Update(&sha1, ports, sizeof ports);
    SHA1Final(digest, &sha1);
    memcpy(out, "1:", 2);
    sodium_bin2base64(out + 2, COMMUNITY_ID_TEXT - 2, digest, sizeof digest,
                      sodium_base64_VARIANT_ORIGINAL);
    return strlen(out);
}
