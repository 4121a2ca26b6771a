/* The sorter: fills the slab, spills it when it is full, and returns the blocks in order. */
#include "sort/sorter.h"

#include "base/memory.h"
#include "sort/merge.h"
#include "sort/slab.h"
#include "sort/spill.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The pieces in which runs are written stay in the processor's cache. */
#define PIECE_MAX     (256u << 10)
/* In less memory they are small, and nobody else writes them. */
#define PIECE_MIN     (64u << 10)
#define LITTLE_MEMORY (4u << 20)

/* One merge takes so many runs easily, each through its largest buffer. */
#define RUNS_AT_ONCE 64

struct sorter {
    struct slab slab;
    struct spill spill;
    struct merge merge;
    size_t memory;    /* the limit */
    size_t position;  /* of the next record, when nothing was spilled */
    uint32_t longest; /* block so far */
};

/* One more thread writes. Its memory is taken from that of the slab. */
static int open_spill(struct sorter *s, const struct sorter_options *options,
                      struct lcap_error *error)
{
    const bool little = s->memory < LITTLE_MEMORY;
    const unsigned threads = little || options->threads < 2 ? 1 : 2;
    const int rc =
        spill_init(&s->spill, options->directory, threads, little ? PIECE_MIN : PIECE_MAX, error);
    s->memory -= spill_memory(&s->spill);
    return rc;
}

/*
 * If not all blocks fit, all are spilled, whatever the memory. More of it only makes
 * fewer runs, which one merge does not need.
 */
static uint64_t useful_memory(const struct sorter_options *options)
{
    uint64_t useful = options->least / RUNS_AT_ONCE;
    if (useful < SORTER_USUAL_MEMORY)
        useful = SORTER_USUAL_MEMORY;
    const bool spills = options->least > options->memory;
    return spills && options->memory > useful ? useful : options->memory;
}

int sorter_new(struct sorter **sorter, const struct sorter_options *options,
               struct lcap_error *error)
{
    *sorter = NULL;
    struct sorter *s = memory_new(1, sizeof *s, error);
    if (!s)
        return LCAP_ERR_MEMORY;
    const uint64_t useful = useful_memory(options);
    s->memory = useful > SORTER_MIN_MEMORY ? useful : SORTER_MIN_MEMORY;
    int rc = open_spill(s, options, error);
    if (rc == LCAP_OK)
        rc = slab_init(&s->slab, s->memory, error);
    if (rc < 0) {
        sorter_free(s);
        return rc;
    }
    *sorter = s;
    return LCAP_OK;
}

void sorter_free(struct sorter *s)
{
    if (!s)
        return;
    merge_release(&s->merge);
    spill_release(&s->spill);
    slab_release(&s->slab);
    free(s);
}

/* Writes the slab's records as one run, in order, and empties it. */
static int spill_slab(struct sorter *s, struct lcap_error *error)
{
    slab_sort(&s->slab);
    int rc = spill_begin_run(&s->spill, error);
    for (size_t i = 0; rc == LCAP_OK && i < s->slab.count; i++) {
        const uint8_t *record = slab_record(&s->slab, i);
        struct record_header header;
        memcpy(&header, record, sizeof header);
        rc = spill_write(&s->spill, record, sizeof header + header.len, error);
    }
    if (rc == LCAP_OK)
        rc = spill_end_run(&s->spill, s->spill.run_count, 0, error);
    slab_clear(&s->slab);
    return rc;
}

/*
 * Whether a block is so long that the slab has to be enlarged for it. Besides the
 * longest block, at least half of the memory must be left for the buffers of a
 * merge.
 */
static bool too_long(const struct sorter *s, uint32_t len)
{
    return len > s->slab.size - s->memory / 2;
}

static int make_room(struct sorter *s, uint32_t len, struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (s->slab.count > 0)
        rc = spill_slab(s, error);
    if (rc == LCAP_OK && too_long(s, len))
        rc = slab_enlarge(&s->slab, s->memory + len, error);
    return rc;
}

uint8_t *sorter_reserve(struct sorter *s, uint32_t len, struct lcap_error *error)
{
    if ((!slab_has_room(&s->slab, len) || too_long(s, len)) && make_room(s, len, error) < 0)
        return NULL;
    return slab_reserve(&s->slab, len);
}

void sorter_commit(struct sorter *s, struct sort_key key, uint32_t len)
{
    slab_commit(&s->slab, key, len);
    if (len > s->longest)
        s->longest = len;
}

static int begin_merge(struct sorter *s, struct merge *merge, size_t first, size_t count,
                       const struct merge_memory *memory, struct lcap_error *error)
{
    const int rc = spill_settle(&s->spill, error);
    return rc == LCAP_OK ? merge_begin(merge, &s->spill, first, count, memory, error) : rc;
}

/* Merges `count` runs from `first` on into one, which replaces them. */
static int fold_runs(struct sorter *s, size_t first, size_t count,
                     const struct merge_memory *memory, struct lcap_error *error)
{
    struct merge merge;
    int rc = begin_merge(s, &merge, first, count, memory, error);
    if (rc < 0)
        return rc;
    rc = spill_begin_run(&s->spill, error);
    struct record_header header;
    const uint8_t *data;
    while (rc == LCAP_OK && (rc = merge_next(&merge, &header, &data, error)) == 1) {
        rc = spill_write(&s->spill, &header, sizeof header, error);
        if (rc == LCAP_OK)
            rc = spill_write(&s->spill, data, header.len, error);
    }
    if (rc == LCAP_OK)
        rc = spill_end_run(&s->spill, first, count, error);
    merge_release(&merge);
    return rc;
}

/*
 * Folds groups of neighbouring runs until one merge can take all the rest. Only
 * neighbours, so that equal keys stay in order; all runs are folded once before any
 * is folded again, and never more than needed.
 */
static int fold(struct sorter *s, const struct merge_memory *memory, struct lcap_error *error)
{
    const size_t width = merge_width(memory);
    int rc = LCAP_OK;
    for (size_t first = 0; rc == LCAP_OK && s->spill.run_count > width; first++) {
        if (s->spill.run_count - first < 2)
            first = 0;
        size_t count = s->spill.run_count - width + 1;
        if (count > width)
            count = width;
        if (count > s->spill.run_count - first)
            count = s->spill.run_count - first;
        rc = fold_runs(s, first, count, memory, error);
    }
    return rc;
}

int sorter_finish(struct sorter *s, struct lcap_error *error)
{
    if (s->spill.run_count == 0) {
        slab_sort(&s->slab);
        return LCAP_OK;
    }
    int rc = LCAP_OK;
    if (s->slab.count > 0)
        rc = spill_slab(s, error);
    struct merge_memory memory = {s->slab.memory, s->slab.size, s->longest};
    if (rc == LCAP_OK)
        rc = fold(s, &memory, error);
    if (rc == LCAP_OK)
        rc = begin_merge(s, &s->merge, 0, s->spill.run_count, &memory, error);
    return rc;
}

int sorter_next(struct sorter *s, struct sorted_block *block, struct lcap_error *error)
{
    struct record_header header;
    const uint8_t *data;
    if (s->spill.run_count > 0) {
        int rc = merge_next(&s->merge, &header, &data, error);
        if (rc == 1)
            *block = record_block(&header, data);
        return rc;
    }
    if (s->position == s->slab.count)
        return 0;
    const uint8_t *record = slab_record(&s->slab, s->position++);
    memcpy(&header, record, sizeof header);
    *block = record_block(&header, record + sizeof header);
    return 1;
}

uint64_t sorter_spilled_bytes(const struct sorter *s)
{
    return s->spill.end;
}
