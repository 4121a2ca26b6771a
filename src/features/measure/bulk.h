/*
 * Bulks: runs of packets with payload in one direction, with no gap of more than
 * BULK_GAP and no payload of the other direction between them. A run counts as a
 * bulk from its fourth packet on (as CICFlowMeter and NetFlowMeter document it).
 */
#ifndef FEATURES_MEASURE_BULK_H
#define FEATURES_MEASURE_BULK_H

#include <stdint.h>

enum { BULK_MIN_PACKETS = 4 };

/* Of one direction; all zero at the beginning. */
struct bulk {
    int64_t start, last;  /* of the run: times of its first and last packet */
    uint64_t run_bytes;   /* of a run that is not yet a bulk */
    uint32_t run_packets; /* 0 = no run */
    uint32_t count;       /* bulks */
    uint64_t packets, bytes;
    int64_t duration; /* of all bulks in total */
};

/* A packet of direction `own` with `payload` bytes; `gap` is a second in the units of `time`, which
 * does not go back. */
void bulk_packet(struct bulk *own, struct bulk *other, int64_t time, uint32_t payload, int64_t gap);

#endif
