/*
 * A share of the flows of a run: processes that know nothing of each other divide them
 * by the addresses of their packets, so that all packets of a flow are in one share.
 */
#ifndef FLOW_FLOW_SHARE_H
#define FLOW_FLOW_SHARE_H

#include "packet/packet_headers.h"

/* All zero: all flows. */
struct flow_share {
    uint32_t number; /* from 0 */
    uint32_t count;
};

/* The share of a packet. Both directions, and all ports, are in the same one. */
uint32_t flow_share_of(const struct packet_headers *headers, uint32_t count);

static inline bool flow_share_has(const struct flow_share *share,
                                  const struct packet_headers *headers)
{
    return share->count <= 1 || flow_share_of(headers, share->count) == share->number;
}

#endif
