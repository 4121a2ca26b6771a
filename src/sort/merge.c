/* The merge: a read buffer for each run, and a loser tree (Knuth, vol. 3, 5.4.1) over them. */
#include "sort/merge.h"

#include "base/memory.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * The largest read buffer of a run. What is read is used soon after, so buffers
 * that together fit into the processor's cache avoid a trip to memory.
 */
#define MERGE_BUFFER_MAX (512u << 10)

struct run_reader {
    struct record_header head; /* of the next record */
    bool ended;                /* there is none */
    uint8_t *buffer;
    size_t buffer_size;
    size_t next, end;     /* unused bytes of the buffer: [next, end) */
    uint64_t file_offset; /* of the first byte that is not yet in the buffer */
    uint64_t file_left;
};

#define NOBODY UINT32_MAX

static uint64_t bytes_left(const struct run_reader *reader)
{
    return reader->end - reader->next + reader->file_left;
}

static int read_file(struct run_reader *reader, const struct spill *spill, uint8_t *to, size_t len,
                     struct lcap_error *error)
{
    int rc = spill_read(spill, reader->file_offset, to, len, error);
    if (rc < 0)
        return rc;
    reader->file_offset += len;
    reader->file_left -= len;
    return LCAP_OK;
}

/* Fills the buffer. */
static int refill(struct run_reader *reader, const struct spill *spill, struct lcap_error *error)
{
    size_t have = reader->end - reader->next;
    memmove(reader->buffer, reader->buffer + reader->next, have);
    reader->next = 0;
    reader->end = have;
    size_t len = reader->buffer_size - have;
    if (len > reader->file_left)
        len = (size_t)reader->file_left;
    int rc = read_file(reader, spill, reader->buffer + have, len, error);
    if (rc == LCAP_OK)
        reader->end += len;
    return rc;
}

/* The next `len` bytes in one piece; the buffer has room for them, and the run has them. */
static int take(struct run_reader *reader, const struct spill *spill, size_t len,
                const uint8_t **data, struct lcap_error *error)
{
    if (reader->end - reader->next < len) {
        int rc = refill(reader, spill, error);
        if (rc < 0)
            return rc;
    }
    *data = reader->buffer + reader->next;
    reader->next += len;
    return LCAP_OK;
}

/* A block longer than the buffer: it may begin there; the rest is read directly from the file. */
static int take_large(struct merge *merge, struct run_reader *reader, struct lcap_error *error)
{
    size_t have = reader->end - reader->next;
    memcpy(merge->large, reader->buffer + reader->next, have);
    reader->next += have;
    return read_file(reader, merge->spill, merge->large + have, reader->head.len - have, error);
}

static int take_block(struct merge *merge, struct run_reader *reader, const uint8_t **data,
                      struct lcap_error *error)
{
    if (reader->head.len <= reader->buffer_size)
        return take(reader, merge->spill, reader->head.len, data, error);
    *data = merge->large;
    return take_large(merge, reader, error);
}

static int changed(const struct merge *merge, struct lcap_error *error)
{
    return lcap_error_set(error, LCAP_ERR_IO, "%s: temporary file was changed while in use",
                          merge->spill->directory);
}

static int take_head(struct merge *merge, struct run_reader *reader, struct lcap_error *error)
{
    uint64_t left = bytes_left(reader);
    reader->ended = left == 0;
    if (reader->ended)
        return LCAP_OK;
    if (left < sizeof reader->head)
        return changed(merge, error);
    const uint8_t *data;
    int rc = take(reader, merge->spill, sizeof reader->head, &data, error);
    if (rc < 0)
        return rc;
    memcpy(&reader->head, data, sizeof reader->head);
    if (reader->head.len > left - sizeof reader->head || reader->head.len > merge->longest)
        return changed(merge, error);
    return LCAP_OK;
}

static bool comes_before(const struct merge *merge, uint32_t a, uint32_t b)
{
    const struct run_reader *x = &merge->readers[a], *y = &merge->readers[b];
    if (x->ended || y->ended)
        return !x->ended;
    if (x->head.rank != y->head.rank)
        return x->head.rank < y->head.rank;
    if (x->head.primary != y->head.primary)
        return x->head.primary < y->head.primary;
    if (x->head.secondary != y->head.secondary)
        return x->head.secondary < y->head.secondary;
    return a < b;
}

/*
 * Plays the matches from a leaf up to the root. While the tree is being filled, the
 * first one at a node waits there for the second.
 */
static void play(struct merge *merge, uint32_t player)
{
    for (size_t node = (player + merge->count) / 2; node > 0; node /= 2) {
        uint32_t waiting = merge->losers[node];
        if (waiting == NOBODY) {
            merge->losers[node] = player;
            return;
        }
        if (comes_before(merge, waiting, player)) {
            merge->losers[node] = player;
            player = waiting;
        }
    }
    merge->losers[0] = player;
}

/* Blocks that fit the smallest buffer need no room of their own. */
static size_t large_room(const struct merge_memory *memory)
{
    return memory->longest > MERGE_BUFFER_MIN ? memory->longest : 0;
}

size_t merge_width(const struct merge_memory *memory)
{
    return (memory->len - large_room(memory)) / MERGE_BUFFER_MIN;
}

static size_t buffer_size_for(const struct merge_memory *memory, size_t count)
{
    size_t size = (memory->len - large_room(memory)) / count;
    return size < MERGE_BUFFER_MAX ? size : MERGE_BUFFER_MAX;
}

static int open_readers(struct merge *merge, const struct run *runs,
                        const struct merge_memory *memory, struct lcap_error *error)
{
    size_t size = buffer_size_for(memory, merge->count);
    uint8_t *at = memory->at + large_room(memory);
    for (size_t i = 0; i < merge->count; i++, at += size) {
        struct run_reader *reader = &merge->readers[i];
        reader->buffer = at;
        reader->buffer_size = size;
        reader->file_offset = runs[i].offset;
        reader->file_left = runs[i].len;
        int rc = take_head(merge, reader, error);
        if (rc < 0)
            return rc;
    }
    return LCAP_OK;
}

int merge_begin(struct merge *merge, const struct spill *spill, size_t first, size_t count,
                const struct merge_memory *memory, struct lcap_error *error)
{
    *merge = (struct merge){
        .spill = spill, .count = count, .large = memory->at, .longest = memory->longest};
    merge->readers = memory_new(count, sizeof *merge->readers, error);
    merge->losers = memory_new(count, sizeof *merge->losers, error);
    int rc = LCAP_ERR_MEMORY;
    if (merge->readers && merge->losers)
        rc = open_readers(merge, spill->runs + first, memory, error);
    if (rc < 0) {
        merge_release(merge);
        return rc;
    }
    for (size_t node = 0; node < count; node++)
        merge->losers[node] = NOBODY;
    for (uint32_t i = 0; i < count; i++)
        play(merge, i);
    return LCAP_OK;
}

int merge_next(struct merge *merge, struct record_header *header, const uint8_t **data,
               struct lcap_error *error)
{
    uint32_t winner = merge->losers[0];
    if (merge->winner_used) {
        int rc = take_head(merge, &merge->readers[winner], error);
        if (rc < 0)
            return rc;
        play(merge, winner);
        winner = merge->losers[0];
    }
    struct run_reader *reader = &merge->readers[winner];
    if (reader->ended)
        return 0;
    merge->winner_used = true;
    *header = reader->head;
    int rc = take_block(merge, reader, data, error);
    return rc < 0 ? rc : 1;
}

void merge_release(struct merge *merge)
{
    free(merge->readers);
    free(merge->losers);
    *merge = (struct merge){0};
}
