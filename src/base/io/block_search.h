/*
 * Where the blocks of BGZF are in a regular file: found by what their headers and
 * trailers say, without unpacking any.
 */
#ifndef BASE_IO_BLOCK_SEARCH_H
#define BASE_IO_BLOCK_SEARCH_H

#include "base/io/source.h"

/* A block of BGZF in the file: where it is, and where its data begins in the unpacked stream. */
struct block_place {
    uint64_t at, offset;
};

/* Whether there is the beginning of a block at that byte of the file. */
bool block_search_is_at(const struct source *source, uint64_t at);

/*
 * Looks for the block that has a place of the unpacked stream, from *place on, which is a
 * block that is not behind it, or the start. Where no block has it, *place is set to the
 * end of the last one.
 */
void block_search_find(const struct source *source, uint64_t offset, struct block_place *place);

/* Where the data of the block at that byte begins in the unpacked stream. */
uint64_t block_search_offset(const struct source *source, uint64_t at);

/* The first byte at or behind `at` that is not in an empty block; one begins there, or none does.
 */
uint64_t block_search_past_empty(const struct source *source, uint64_t at);

/*
 * Guesses the first block at or behind any byte of the file: where several follow one
 * another. The end of the file if there are none.
 */
uint64_t block_search_guess(const struct source *source, uint64_t from);

#endif
