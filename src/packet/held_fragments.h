/*
 * Fragments that wait for another one of their packet: copies of packets, in order of
 * arrival.
 */
#ifndef PACKET_HELD_FRAGMENTS_H
#define PACKET_HELD_FRAGMENTS_H

#include <labelcap/error.h>
#include <labelcap/packet.h>

/* The limits: how many may wait, with how many bytes in all, and for how long. */
enum { HELD_PACKETS = 256, HELD_BYTES = 1 << 20, HELD_NS = 1000000000 };

struct held_fragment {
    uint64_t datagram;               /* of its headers */
    uint32_t tag;                    /* the caller's */
    struct lcap_packet packet;       /* without options and comment */
    struct lcap_interface interface; /* without options and name */
    uint8_t data[];
};

/* All zero when empty. */
struct held_fragments {
    struct held_fragment *items[HELD_PACKETS + 1];
    size_t count;
    uint64_t bytes;
};

/* Not for a packet without a time, and only while held_fragments_over() returns false. */
int held_fragments_add(struct held_fragments *held, const struct lcap_packet *packet,
                       uint64_t datagram, uint32_t tag, struct lcap_error *error);

/* Whether `packet` makes the oldest fragment leave: there are too many, or its time is over. */
bool held_fragments_over(const struct held_fragments *held, const struct lcap_packet *packet);

/* The oldest fragment of all or of a datagram, NULL if there is none; the caller frees it. */
struct held_fragment *held_fragments_oldest(struct held_fragments *held);
struct held_fragment *held_fragments_oldest_of(struct held_fragments *held, uint64_t datagram);

void held_fragments_release(struct held_fragments *held);

#endif
