/*
 * The memory of a sorter while blocks come in.
 *
 *     index → | free | ← blocks
 *
 * The index grows from the front and blocks grow from the back, each new one below
 * the last. Blocks that stay in their file have an entry of the index alone. Nothing is
 * allocated outside the slab.
 */
#ifndef SORT_SLAB_H
#define SORT_SLAB_H

#include "sort/index_sort.h"
#include "sort/sorter.h"
#include <stdbool.h>

struct slab {
    uint8_t *memory; /* mapped: pages that were never touched cost nothing */
    size_t size;
    size_t count;        /* of index entries */
    size_t blocks_start; /* offset of the lowest block, with its length before it */
    uint32_t reserved;   /* length of the room reserved last */
};

int slab_init(struct slab *slab, size_t size, struct lcap_error *error);
/* Enlarges an empty slab. */
int slab_enlarge(struct slab *slab, size_t size, struct lcap_error *error);
void slab_release(struct slab *slab);

/* Bytes in use. */
static inline size_t slab_used(const struct slab *slab)
{
    return slab->count * sizeof(struct index_entry) + slab->size - slab->blocks_start;
}

/* Whether a block of `len` bytes and its index entry fit. */
static inline bool slab_has_room(const struct slab *slab, uint32_t len)
{
    const size_t index = (slab->count + 1) * sizeof(struct index_entry);
    return index + sizeof len + len <= slab->blocks_start && slab->count < UINT32_MAX;
}

/* Where the block may be written; slab_has_room() must have returned true. */
static inline uint8_t *slab_reserve(struct slab *slab, uint32_t len)
{
    slab->reserved = len;
    return slab->memory + slab->blocks_start - len;
}

/* Adds the first `len` bytes of the room just reserved as a block. */
void slab_commit(struct slab *slab, struct sort_key key, uint32_t len);

/* Adds a block that is not there: it stays at a place that is_in_file(). */
void slab_refer(struct slab *slab, struct sort_key key, uint64_t place);

static inline struct index_entry *slab_index(const struct slab *slab)
{
    return (struct index_entry *)(void *)slab->memory;
}

/* Sorts the index: until then, positions are in the order of arrival. */
void slab_sort(struct slab *slab, unsigned threads);

struct sort_key index_key(const struct index_entry *entry);
struct sort_key slab_key(const struct slab *slab, size_t position);

/* The block of a position, which is in the slab. */
struct sorted_block slab_block(const struct slab *slab, size_t position);
const uint8_t *slab_block_at(const struct slab *slab, uint64_t place, uint32_t *len);

/* What is needed of the index to read blocks that are in files. */
struct slab_lists {
    uint64_t *places;  /* of the blocks, as they arrived */
    uint32_t *order;   /* the number of the first block in order, of the second, … */
    uint32_t *targets; /* zeros, for the reader of the blocks, as they arrived */
    uint8_t *free;     /* the room behind the lists, */
    size_t free_len;   /* up to the blocks */
};

/* The memory of the lists for a block. */
#define SLAB_LISTED 16

/* Makes the lists, behind the index or in its place. */
void slab_make_lists(const struct slab *slab, bool keep_index, struct slab_lists *lists);

/* Empties the slab. */
void slab_clear(struct slab *slab);

/* ---- places ---- */

/*
 * A place in the slab is the offset of the block's length. One in a file consists of
 * a bit, the length, and the offset in the file, both divided by four, as all of pcapng
 * can be.
 */
#define PLACE_UNIT        4
#define PLACE_IN_FILE     ((uint64_t)1 << 63)
#define PLACE_LENGTH_BITS 22
#define PLACE_OFFSET_BITS 41

static inline bool place_can_be(uint64_t offset, uint32_t len)
{
    return offset % PLACE_UNIT == 0 && len % PLACE_UNIT == 0 &&
           offset / PLACE_UNIT >> PLACE_OFFSET_BITS == 0 &&
           len / PLACE_UNIT >> PLACE_LENGTH_BITS == 0;
}

static inline uint64_t place_in_file(uint64_t offset, uint32_t len)
{
    return PLACE_IN_FILE | (uint64_t)(len / PLACE_UNIT) << PLACE_OFFSET_BITS | offset / PLACE_UNIT;
}

static inline bool is_in_file(uint64_t place)
{
    return place & PLACE_IN_FILE;
}

static inline uint64_t place_offset(uint64_t place)
{
    return (place & (((uint64_t)1 << PLACE_OFFSET_BITS) - 1)) * PLACE_UNIT;
}

static inline uint32_t place_len(uint64_t place)
{
    return (uint32_t)(place >> PLACE_OFFSET_BITS & ((1u << PLACE_LENGTH_BITS) - 1)) * PLACE_UNIT;
}

#endif
