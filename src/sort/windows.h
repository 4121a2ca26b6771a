/*
 * Blocks that arrived one after another, most of which stay in their files: a window of
 * them at a time is sorted, and its index is written to the temporary file, as a run. In
 * the end the range of keys is divided, threads merge the indexes of each part, and the
 * files are read once more, one window after another. Blocks that follow one another both
 * in a window and in the order are written to their place together.
 *
 * If these pieces are too short, the blocks of a window are divided by the parts of the keys
 * and written where each part will be. Then the parts are read again, one after another,
 * and put in order.
 */
#ifndef SORT_WINDOWS_H
#define SORT_WINDOWS_H

#include "sort/block_files.h"
#include "sort/slab.h"
#include "sort/spill.h"

struct window {
    uint64_t at;    /* in the temporary file: its index, its spans, the blocks that were held */
    uint32_t count; /* of blocks */
    uint32_t spans;
    uint32_t held; /* bytes of what was held, with lengths in between */
    uint32_t read; /* bytes of the spans */
    uint32_t len;  /* bytes of all blocks */
};

/* Bytes of a file, which blocks without gaps make up. */
struct window_span {
    uint64_t offset;
    uint32_t file; /* of the files */
    uint32_t len;
};

struct windows {
    size_t size;      /* bytes of the blocks of one, at most; 0: no windows */
    size_t most;      /* windows, so that the table of parts is small */
    size_t memory;    /* that lists of pieces may take */
    size_t room;      /* that windows in work and indexes may take, */
    size_t jobs;      /* and the former do */
    uint64_t bytes;   /* of blocks, about */
    unsigned threads; /* the caller's included */
    struct spill *spill;
    const struct block_files *files;
    block_check *is_sound;
    size_t begun;              /* windows */
    uint32_t blocks;           /* of all windows */
    struct pipeline *pipeline; /* of windows that are sorted and written */
    atomic_bool failed;
    struct lcap_error failure;

    /* Those that are written; known to the caller by windows_settle(). */
    struct window *items;
    size_t count, capacity;
};

/* Chooses the size for so many bytes of blocks; 0 if they are too many for the memory, or so few
 * that an index in memory does. */
void windows_plan(struct windows *windows, uint64_t bytes, size_t memory);

/* Takes over the blocks of the slab as a window, and leaves an empty one. */
int windows_add(struct windows *windows, struct slab *slab, struct lcap_error *error);

/* Waits until all windows are written. No other one comes. */
int windows_settle(struct windows *windows, struct lcap_error *error);

/* As sorter_scatter(). */
int windows_scatter(const struct windows *windows, const struct sorted_output *output,
                    struct lcap_error *error);

typedef int window_block(void *context, struct sort_key key, const uint8_t *data, uint32_t len,
                         struct lcap_error *error);

/* Passes on the blocks of all windows in such an order that a stable sort has the right result. */
int windows_walk(const struct windows *windows, window_block *take, void *context,
                 struct lcap_error *error);
void windows_release(struct windows *windows);

#endif
