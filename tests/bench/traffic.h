/* The packets of many interleaved flows, in order of time: Ethernet frames with right checksums. */
#ifndef BENCH_TRAFFIC_H
#define BENCH_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRAFFIC_MAX_FRAME 1514
#define TRAFFIC_START     1499169172 /* seconds since 1970: 2017-07-04 11:52:52 UTC */
#define TRAFFIC_SECONDS   1000       /* about as long as it lasts, whatever its size */

struct traffic_options {
    uint64_t seed;
    uint64_t bytes; /* of frames and a pcap header of 16 bytes for each, together, at most */
    uint64_t flows;
    uint32_t mean; /* length of a frame, about */
};

struct traffic;

/* NULL when there is no memory. */
struct traffic *traffic_new(const struct traffic_options *options);

/* Writes the next frame and its time in nanoseconds since 1970; returns its length, 0 at the end.
 */
uint32_t traffic_next(struct traffic *traffic, uint8_t frame[TRAFFIC_MAX_FRAME], uint64_t *time_ns);

/* Packets made and flows begun so far. */
uint64_t traffic_packets(const struct traffic *traffic);
uint64_t traffic_flows(const struct traffic *traffic);
void traffic_free(struct traffic *traffic);

#endif
