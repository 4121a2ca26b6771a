/* Blocks of BGZF that a reader has met: where a place of the unpacked stream is in the file. */
#ifndef BASE_IO_KNOWN_BLOCKS_H
#define BASE_IO_KNOWN_BLOCKS_H

#include "base/io/block_search.h"

/* In the order of the stream. All zero: none. */
struct known_blocks {
    struct known_block *items;
    size_t count, capacity;
};

/* Adds those of a piece, which begins at `offset`, and forgets those that end before `from`. */
int known_blocks_add(struct known_blocks *blocks, const struct piece *piece, uint64_t offset,
                     uint64_t from, struct lcap_error *error);

/* Knows the beginning of a block alone, until the blocks that are there are added. */
int known_blocks_begin(struct known_blocks *blocks, const struct block_place *place,
                       struct lcap_error *error);

/*
 * The virtual offset of a place; 0: not known. A place between two blocks is in the next one
 * that has data, which need not have been read.
 */
uint64_t known_blocks_find(const struct known_blocks *blocks, const struct source *source,
                           uint64_t offset);
void known_blocks_release(struct known_blocks *blocks);

#endif
