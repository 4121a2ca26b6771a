/*
 * Copies of blocks that are not packets (section header, names, secrets), for
 * output files that are opened later.
 */
#ifndef DATASET_KEPT_BLOCKS_H
#define DATASET_KEPT_BLOCKS_H

#include <labelcap/capture.h>

struct kept_block {
    struct lcap_block block;
    uint8_t *body; /* block.body, owned */
};

/* An all-zero struct is an empty list. */
struct kept_blocks {
    struct kept_block *items;
    size_t count, capacity;
    uint64_t bytes; /* of memory in use */
};

/* LCAP_ERR_ARGUMENT if the blocks need more than 16 MiB. */
int kept_blocks_add(struct kept_blocks *kept, const struct lcap_block *block,
                    struct lcap_error *error);
void kept_blocks_release(struct kept_blocks *kept);

#endif
