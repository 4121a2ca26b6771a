/* The link types of the packets of an output; all zero: none yet. */
#ifndef DATASET_LINKTYPE_SET_H
#define DATASET_LINKTYPE_SET_H

#include <stddef.h>
#include <stdint.h>

struct linktype_set {
    uint64_t seen[(UINT16_MAX + 1) / 64]; /* one bit each */
    size_t count;
};

static inline void linktype_set_add(struct linktype_set *set, uint16_t linktype)
{
    const uint64_t bit = (uint64_t)1 << (linktype % 64);
    uint64_t *const word = &set->seen[linktype / 64];
    set->count += (*word & bit) == 0;
    *word |= bit;
}

#endif
