/* Merges the indexes of windows, as far as what stands together in the order tells. */
#ifndef SORT_WINDOW_MERGE_H
#define SORT_WINDOW_MERGE_H

#include "sort/window_parts.h"

/* Blocks that follow one another both in the order and in a sorted window. */
struct run_piece {
    uint32_t window;
    uint32_t len;
};

/* Lists the pieces of a part, in order, and no more than `most` + 1. They replace the blocks of
 * the job. */
int window_part_merge(const struct window_parts *parts, size_t part, size_t most,
                      struct window_job *job, struct lcap_error *error);

static inline const struct run_piece *window_job_pieces(const struct window_job *job)
{
    return (const struct run_piece *)(const void *)job->sorted;
}

#endif
