/*
 * The memory of a sorter while blocks come in.
 *
 *     index → | scratch, as long as the index | free | ← records
 *
 * The index grows from the front and records grow from the back, each new one below
 * the last. Room is kept between them for the scratch memory that sorting the index
 * may need, so nothing is ever allocated outside the slab.
 */
#ifndef SORT_SLAB_H
#define SORT_SLAB_H

#include "sort/index_sort.h"
#include "sort/record.h"
#include <stdbool.h>

struct slab {
    uint8_t *memory; /* mapped: pages that were never touched cost nothing */
    size_t size;
    size_t count;         /* of index entries, and of records */
    size_t records_start; /* offset of the lowest record */
    uint32_t reserved;    /* length of the room reserved last */
};

int slab_init(struct slab *slab, size_t size, struct lcap_error *error);
/* Enlarges an empty slab. */
int slab_enlarge(struct slab *slab, size_t size, struct lcap_error *error);
void slab_release(struct slab *slab);

/* Whether a block of `len` bytes and its index entry fit. */
static inline bool slab_has_room(const struct slab *slab, uint32_t len)
{
    size_t index_and_scratch = 2 * (slab->count + 1) * sizeof(struct index_entry);
    return index_and_scratch + sizeof(struct record_header) + len <= slab->records_start;
}

/* Where the block may be written; slab_has_room() must have returned true. */
static inline uint8_t *slab_reserve(struct slab *slab, uint32_t len)
{
    slab->reserved = len;
    return slab->memory + slab->records_start - len;
}

/* Adds the first `len` bytes of the room just reserved as a block. */
void slab_commit(struct slab *slab, struct sort_key key, uint32_t len);

/* Sorts the index: from now on, records have an order. */
void slab_sort(struct slab *slab);

/* Record number `position` of that order, header and block. */
const uint8_t *slab_record(const struct slab *slab, size_t position);

/* Empties the slab. */
void slab_clear(struct slab *slab);

#endif
