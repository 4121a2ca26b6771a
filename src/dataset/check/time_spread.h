/*
 * How the times of packets are spread, in bounded memory: packets counted by the
 * minute, or by longer spans once there are too many of these. Finds those that are
 * far from the rest.
 *
 * The middle are the times without the earliest and the latest twentieth of the
 * packets (at least one packet each). Far is what lies outside by more than the
 * middle is long, and by more than half an hour: a wrong time zone moves times by
 * whole hours, mostly.
 */
#ifndef DATASET_CHECK_TIME_SPREAD_H
#define DATASET_CHECK_TIME_SPREAD_H

#include "base/idmap.h"
#include "dataset/check/check_finding.h"

struct time_bucket {
    int64_t start; /* in units of the width, rounded down */
    uint64_t packets;
    struct check_place first;
};

struct time_spread {
    int64_t width_ns;
    struct idmap numbers; /* of the buckets, by their starts */
    struct time_bucket *buckets;
    size_t count, capacity;
    uint64_t packets;
    size_t last; /* the bucket of the packet before */
};

void time_spread_init(struct time_spread *spread);
int time_spread_add(struct time_spread *spread, int64_t time_ns, const struct check_place *place,
                    struct lcap_error *error);

/* After the last packet: counts the packets that are far from the rest. */
void time_spread_finish(struct time_spread *spread, struct check_findings *findings);
void time_spread_release(struct time_spread *spread);

#endif
