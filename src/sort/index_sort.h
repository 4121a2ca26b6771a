/*
 * The index of a slab: the place and the key of each block.
 *
 * The key consists of three unsigned words that are compared in turn, so the sort
 * need not know about ranks and signs.
 */
#ifndef SORT_INDEX_SORT_H
#define SORT_INDEX_SORT_H

#include <stddef.h>
#include <stdint.h>

#define INDEX_KEY_WORDS 3

struct index_entry {
    uint64_t key[INDEX_KEY_WORDS];
    uint64_t offset; /* of the block's record in the slab */
};

/*
 * Sorts stably, in time proportional to `count` whatever the keys. `scratch` is
 * room for `count` entries; it stays untouched if they are already in order.
 */
void index_sort(struct index_entry *entries, size_t count, struct index_entry *scratch);

#endif
