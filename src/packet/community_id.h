/* The Community ID of a flow: an identifier that other tools compute in the same way. */
#ifndef PACKET_COMMUNITY_ID_H
#define PACKET_COMMUNITY_ID_H

#include <stddef.h>
#include <stdint.h>

/*
 * Community ID version 1 with seed 0 (Corelight's community-id-spec): "1:" and the
 * base64 of a SHA-1 over the tuple in canonical order; ICMP types and codes take
 * the place of ports. Empty for ARP, for which it is not defined. Returns the
 * length.
 */
#define COMMUNITY_ID_TEXT 32
struct community_tuple {
    uint8_t family, protocol;
    const uint8_t *source, *destination;
    uint16_t source_port, destination_port; /* ICMP: as in struct packet_headers */
};
size_t community_id(const struct community_tuple *tuple, char out[COMMUNITY_ID_TEXT]);

#endif
