/*
 * Remembers the ports of fragmented IP packets, so that later fragments, which have
 * no transport header, stay in their flow. A fixed number of entries, hashed under
 * a random key; the oldest entry of a bucket is replaced.
 */
#ifndef PACKET_FRAGMENTS_H
#define PACKET_FRAGMENTS_H

#include <stdbool.h>
#include <stdint.h>

struct packet_headers;
struct fragment_entry;

/* An all-zero struct is empty; memory is allocated with the first fragment. */
struct fragments {
    struct fragment_entry *entries;
    uint8_t key[16];
};

/* Sets `datagram` of a fragment. If memory runs out, it stays 0, and nothing is remembered or
 * found. */
void fragments_name(struct fragments *fragments, struct packet_headers *headers,
                    uint32_t identification);

/* Remembers the ports of a first fragment. */
void fragments_remember(struct fragments *fragments, const struct packet_headers *headers,
                        int64_t time_ns);

/*
 * Sets the ports of a later fragment from those remembered, and its protocol, which
 * extension headers in the first fragment may hide. False if none are remembered,
 * or if they are more than 60 s of capture time away (RFC 8200, 4.5: the time that
 * reassembly waits).
 */
bool fragments_find(const struct fragments *fragments, struct packet_headers *headers,
                    int64_t time_ns);

void fragments_release(struct fragments *fragments);

#endif
