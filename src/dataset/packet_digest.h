/* Recognises packets of the same content, by a keyed hash of it. */
#ifndef DATASET_PACKET_DIGEST_H
#define DATASET_PACKET_DIGEST_H

#include "base/hash.h"
#include <labelcap/packet.h>

/*
 * 96 bits, which fit the key of a sorter. The key is secret, so nobody can craft two
 * contents of one digest; of 2^32 different packets, two have the same with a
 * probability of 2^-33.
 */
struct packet_digest {
    uint32_t high;
    uint64_t low;
};

/* Of the time, the link type, both lengths and the captured bytes. */
struct packet_digest packet_digest_of(const struct lcap_packet *packet,
                                      const uint8_t key[HASH_KEY_LEN]);

/* The same of a packet whose bytes are not there, by HASH_WIDE_LEN bytes that stand for them. */
struct packet_digest packet_digest_of_content(const struct lcap_packet *packet,
                                              const uint8_t *content,
                                              const uint8_t key[HASH_KEY_LEN]);

#endif
