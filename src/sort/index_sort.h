/*
 * The index of blocks: the place and the key of each.
 *
 * The key consists of unsigned words that are compared in turn, so the sort need not
 * know about signs. The last one is the number of the block, so that equal keys keep
 * their order of arrival although the sort is in place.
 */
#ifndef SORT_INDEX_SORT_H
#define SORT_INDEX_SORT_H

#include <stddef.h>
#include <stdint.h>

struct index_entry {
    uint64_t place;   /* of the block: see slab.h */
    uint32_t arrival; /* the number of the block */
    uint32_t rank;
    uint64_t primary;
    uint64_t secondary;
};

/* Sorts by rank, primary, secondary and arrival, in place, in time proportional to `count` whatever
 * the keys. `threads`: the caller's included. */
void index_sort(struct index_entry *entries, size_t count, unsigned threads);

#endif
