/*
 * Blocks in order, some in the slab, most still in files: a batch of them after
 * another is read, each file from its start to its end, into the places that they have
 * in the batch. The longer the batches, the less often the files are read.
 */
#ifndef SORT_GATHER_H
#define SORT_GATHER_H

#include "sort/block_files.h"
#include "sort/slab.h"

struct gather_source {
    const struct slab *slab;
    struct slab_lists lists; /* batches take the room that is free */
    const struct block_files *files;
    block_check *is_sound;
    unsigned threads; /* the caller's included */
};

struct gather {
    struct gather_source source;
    size_t position;           /* of the next block in order */
    size_t batch_end;          /* position behind the batch */
    uint32_t first, last;      /* numbers of the blocks of the batch are within these */
    const uint8_t *next;       /* block of the batch */
    struct pipeline *pipeline; /* of parts of the batch */
    struct lcap_error failure; /* of the first part that failed */
};

/* The room must be that of the longest block, at least. gather_release() after success. */
int gather_begin(struct gather *gather, const struct gather_source *source,
                 struct lcap_error *error);

/* Returns 1 and the next block, 0 after the last one, or a negative code. Valid until the next
 * call. */
int gather_next(struct gather *gather, const uint8_t **data, uint32_t *len,
                struct lcap_error *error);

void gather_release(struct gather *gather);

#endif
