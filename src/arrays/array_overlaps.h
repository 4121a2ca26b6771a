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
    struct overlap_flow *last; /* by number in `endpoints`: the flow that ended last */
    size_t capacity;
    uint64_t count; /* flows that go on in another sample than the one before */
};

/* A flow that has ended, as far as overlaps need it. */
struct overlap_flow {
    uint64_t endpoints; /* a hash */
    uint64_t sample_id;
    int64_t first_ns, last_ns;
};

struct overlap_flow overlap_flow_of(const struct flow *flow, uint64_t sample_id);

enum { OVERLAP_FLOW_LEN = 32 };
void overlap_flow_store(const struct overlap_flow *flow, uint8_t bytes[OVERLAP_FLOW_LEN]);
struct overlap_flow overlap_flow_load(const uint8_t bytes[OVERLAP_FLOW_LEN]);

/* The next one, in the order of the samples. */
int array_overlaps_add(struct array_overlaps *overlaps, const struct overlap_flow *flow,
                       struct lcap_error *error);
void array_overlaps_release(struct array_overlaps *overlaps);

#endif
