/*
 * Flows that have packets in several samples: in their rows, one connection has several
 * labels. Of the first OVERLAPS_MOST_FLOWS flows with different endpoints.
 */
#ifndef ARRAYS_ARRAY_OVERLAPS_H
#define ARRAYS_ARRAY_OVERLAPS_H

#include "base/idmap.h"
#include "flow/flow.h"

/* They take about 7 MB. */
#define OVERLAPS_MOST_FLOWS (1u << 17)

/* All zero: none so far. */
struct array_overlaps {
    struct idmap endpoints;    /* hashes */
    struct overlap_last *last; /* by number in `endpoints`: the flow that ended last */
    size_t capacity;
    uint64_t count; /* flows that go on in another sample than the one before */
};

int array_overlaps_add(struct array_overlaps *overlaps, const struct flow *flow, uint64_t sample_id,
                       struct lcap_error *error);
void array_overlaps_release(struct array_overlaps *overlaps);

#endif
