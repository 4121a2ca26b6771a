/* What batches in order and windows in the order of the files share. */
#ifndef SORT_GATHER_INTERNAL_H
#define SORT_GATHER_INTERNAL_H

#include "sort/gather.h"

/* The list is looked up at random: each place is prefetched into the cache. */
#define GATHER_PREFETCH 16

/* The target of a block that is to be read; that of any other is 0. */
static inline uint32_t gather_target(size_t offset)
{
    return (uint32_t)(offset / PLACE_UNIT + 1);
}

static inline size_t gather_most_of_batch(const struct gather_source *source)
{
    const uint64_t most = (uint64_t)(UINT32_MAX - 1) * PLACE_UNIT;
    return source->lists.free_len < most ? source->lists.free_len : (size_t)most;
}

/* Reads the blocks that have targets, all of which are within gather->first and gather->last. */
int gather_read(struct gather *gather, struct lcap_error *error);

#endif
