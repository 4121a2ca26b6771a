/*
 * Finds packets that are the same as one shortly before, as mirror ports duplicate
 * them: of the same sample, with the same bytes and length, at most so much earlier
 * or later. The last 1,048,576 packets are remembered.
 */
#ifndef DATASET_SELECT_RECENT_PACKETS_H
#define DATASET_SELECT_RECENT_PACKETS_H

#include "base/hash.h"
#include <labelcap/capture.h>
#include <stdbool.h>

struct recent_packet;

struct recent_packets {
    uint64_t window_ns;
    uint8_t key[HASH_KEY_LEN];
    struct recent_packet *ring; /* the packet of turn T is at T modulo the size of the ring */
    uint64_t *newest;           /* by a part of the hash: 1 + the turn of the newest such packet */
    uint64_t turn;              /* packets so far */
};

int recent_packets_init(struct recent_packets *recent, uint64_t window_ns,
                        struct lcap_error *error);
void recent_packets_release(struct recent_packets *recent);

/* Remembers a packet; whether it is the same as one before. One without a time never is. */
bool recent_packets_repeat(struct recent_packets *recent, uint64_t sample_id,
                           const struct lcap_packet *packet);

#endif
