/*
 * Merges runs of a spill file. Records with equal keys come in the order of the run
 * table, which keeps the sort stable.
 */
#ifndef SORT_MERGE_H
#define SORT_MERGE_H

#include "sort/record.h"
#include "sort/spill.h"
#include <stdbool.h>

/*
 * The smallest read buffer of a run. With a smaller one, disks would seek more than
 * they read; a larger one would fold more often in little memory.
 */
#define MERGE_BUFFER_MIN (64u << 10)

struct run_reader;

struct merge {
    const struct spill *spill;
    struct run_reader *readers;
    size_t count;
    uint32_t *losers; /* a tournament: [0] is the winner, [n] the loser of the match at node n */
    bool winner_used; /* its block was returned: it has to advance first */
    uint8_t *large;   /* room for one block that is longer than a read buffer */
    uint32_t longest; /* no block is longer */
};

/* The memory that the merge divides among its readers, and the longest block that may occur. */
struct merge_memory {
    uint8_t *at;
    size_t len;
    uint32_t longest;
};

/*
 * How many runs can be merged at once in that memory; at least 2 if
 * MERGE_BUFFER_MIN * 2 is left.
 */
size_t merge_width(const struct merge_memory *memory);

/*
 * Begins to merge `count` runs, beginning with `first` in the table;
 * merge_release() after success.
 */
int merge_begin(struct merge *merge, const struct spill *spill, size_t first, size_t count,
                const struct merge_memory *memory, struct lcap_error *error);

/* Returns 1 and the next record in order, 0 at the end, or a negative code. Valid until the next
 * call. */
int merge_next(struct merge *merge, struct record_header *header, const uint8_t **data,
               struct lcap_error *error);
void merge_release(struct merge *merge);

#endif
