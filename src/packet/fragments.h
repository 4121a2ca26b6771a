/*
 * Remembers how the content of fragmented IP packets begins, so that later fragments,
 * which have no transport header, stay in their flow, and so that a header that
 * continues in the second fragment is put together (RFC 791, 3.2). A fixed number of
 * entries, hashed under a random key; the oldest entry of a bucket is replaced.
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
    uint64_t named; /* so many have come */
};

/* The bytes that are remembered: up to the window of a TCP header. */
enum { FRAGMENT_HEAD = 16 };

struct fragment_head {
    uint8_t bytes[FRAGMENT_HEAD];
    uint32_t known;   /* from the first byte on */
    uint8_t protocol; /* after the extension headers of the first fragment */
};

/* Sets `datagram` of a fragment. If memory runs out, it stays 0, and nothing is remembered or
 * found. */
void fragments_name(struct fragments *fragments, struct packet_headers *headers,
                    uint32_t identification);

/*
 * Remembers the payload of a fragment that begins `offset` bytes after that of the
 * first one, and sets `head` to what is known now. If bytes come twice, the first
 * ones count, except that a first fragment with other bytes begins a new packet.
 * False if the first fragment was not seen, or if it is more than 60 s of capture
 * time away (RFC 8200, 4.5: the time that reassembly waits).
 */
bool fragments_add(struct fragments *fragments, const struct packet_headers *headers,
                   uint32_t offset, int64_t time_ns, struct fragment_head *head);

void fragments_release(struct fragments *fragments);

#endif
