/*
 * Fields of packets that a model must not learn from: they become 0, or random in a way
 * that is the same for all packets of a flow.
 */
#ifndef ARRAYS_ARRAY_MASK_H
#define ARRAYS_ARRAY_MASK_H

#include "arrays/array_row.h"
#include "base/hash.h"
#include <labelcap/error.h>

enum mask_field {
    MASK_MAC,            /* addresses of Ethernet, 802.11 and Linux' cooked headers */
    MASK_IP,             /* addresses of IPv4 and IPv6 */
    MASK_PORTS,          /* of TCP, UDP, UDP-Lite, DCCP and SCTP */
    MASK_SEQ,            /* of TCP */
    MASK_ACK,            /* of TCP, also in SACK options */
    MASK_CHECKSUMS,      /* of IPv4, TCP, UDP, UDP-Lite, DCCP, SCTP, ICMP and ICMPv6 */
    MASK_TTL,            /* or hop limit */
    MASK_IP_ID,          /* of IPv4 */
    MASK_WINDOW,         /* of TCP */
    MASK_TCP_TIMESTAMPS, /* RFC 7323 */
    MASK_SNI,            /* server names in the first record of a TLS connection */
    MASK_TLS_TIME,       /* the first four bytes of the random of a Hello of TLS */
    MASK_FIELDS
};

struct array_mask {
    unsigned fields; /* a set of bits */
    bool random;
    uint8_t key[HASH_KEY_LEN]; /* of the random values */
};

/* Their names, with NULL at the end. */
extern const char *const mask_field_names[MASK_FIELDS + 1];

/* Makes the random values those of a seed. */
void array_mask_seed(struct array_mask *mask, uint64_t seed);

/*
 * Masks the headers of the packet; also those that an error of ICMP or ICMPv6 quotes. Random
 * sequence numbers and timestamps keep their differences; other random values are the same where
 * the originals are.
 */
void array_mask_apply(const struct array_mask *mask, const struct array_packet *packet);

#endif
