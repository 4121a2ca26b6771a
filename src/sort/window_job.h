/* A window or a part of the order in memory: its blocks as they were read, and in order. */
#ifndef SORT_WINDOW_JOB_H
#define SORT_WINDOW_JOB_H

#include "sort/windows.h"

/* The place of a block in the index of a window: where it is in the bytes of the window, and its
 * length. */
static inline uint64_t window_place(uint32_t at, uint32_t len)
{
    return (uint64_t)len << 32 | at;
}

static inline uint32_t window_place_at(uint64_t place)
{
    return (uint32_t)place;
}

static inline uint32_t window_place_len(uint64_t place)
{
    return (uint32_t)(place >> 32);
}

/* What jobs need at most. */
struct job_room {
    size_t count; /* of blocks */
    size_t bytes; /* of any of the buffers */
};

/* All zero: no room yet. */
struct window_job {
    size_t number; /* of the window, or of the part */
    struct index_entry *entries;
    uint32_t count;
    uint8_t *data, *sorted;
    void *memory; /* of all these: mapped, so that none of it stays in the heap */
    size_t size;
    struct lcap_error failure;
};

struct job_room job_room_of_windows(const struct windows *windows);
int window_job_make_room(struct window_job *job, const struct job_room *room,
                         struct lcap_error *error);

/* Reads a window and puts it in order. */
int window_job_read(struct window_job *job, const struct windows *windows,
                    const struct job_room *room, size_t number, struct lcap_error *error);

/* Puts the blocks of job->data in the order of the entries. Those before `held` were not read from
 * files. Returns the first one that is not sound, or NULL. */
const struct index_entry *window_job_order(const struct window_job *job, uint32_t held,
                                           block_check *is_sound);
void window_job_release(void *item);

#endif
