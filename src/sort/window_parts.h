/* The range of keys, divided so that each part of all windows fits the room of one. */
#ifndef SORT_WINDOW_PARTS_H
#define SORT_WINDOW_PARTS_H

#include "sort/window_job.h"

/* Where a part begins in a window. */
struct window_cut {
    uint32_t position; /* of the first block */
    uint32_t start;    /* of its bytes in the sorted window */
};

struct window_parts {
    const struct windows *windows;
    struct window_cut *cuts; /* for each part one in every window; at last, the ends */
    size_t count, capacity;
};

/* One part, of everything. */
int window_parts_begin(struct window_parts *parts, const struct windows *windows,
                       struct lcap_error *error);

/* Divides parts until each has no more than that. */
int window_parts_divide(struct window_parts *parts, size_t most_bytes, size_t most_blocks,
                        struct lcap_error *error);
void window_parts_release(struct window_parts *parts);

static inline const struct window_cut *window_cuts(const struct window_parts *parts, size_t part)
{
    return parts->cuts + part * parts->windows->count;
}

uint64_t window_part_bytes(const struct window_parts *parts, size_t part);

/* The most that any part needs. */
struct job_room window_parts_room(const struct window_parts *parts);

/* Whether the key of `a` is less. */
bool window_entry_is_before(const struct index_entry *a, const struct index_entry *b,
                            bool if_equal);

int window_read_entries(const struct windows *windows, size_t window, uint32_t position,
                        uint32_t count, struct index_entry *entries, struct lcap_error *error);

/*
 * Reads the entries of a part, and sorts them. Their places are as if the blocks of
 * each window followed those of the one before.
 */
int window_part_sort(const struct window_parts *parts, size_t part, struct window_job *job,
                     struct lcap_error *error);

#endif
