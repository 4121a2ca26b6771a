/* Runs: a full slab is written as one, and one merge takes all. */
#include "sort/sort_runs.h"

#include "sort/record.h"

static int write_record(struct spill *spill, const struct record_header *header,
                        const uint8_t *data, struct lcap_error *error)
{
    const int rc = spill_write(spill, header, sizeof *header, error);
    return rc == LCAP_OK ? spill_write(spill, data, header->len, error) : rc;
}

int sort_runs_add(struct spill *spill, struct slab *slab, unsigned threads,
                  struct lcap_error *error)
{
    slab_sort(slab, threads);
    spill_begin_run(spill);
    int rc = LCAP_OK;
    for (size_t i = 0; rc == LCAP_OK && i < slab->count; i++) {
        const struct sorted_block block = slab_block(slab, i);
        const struct record_header header = record_header_make(block.key, block.len);
        rc = write_record(spill, &header, block.data, error);
    }
    if (rc == LCAP_OK)
        rc = spill_end_run(spill, spill->run_count, 0, error);
    slab_clear(slab);
    return rc;
}

static int begin_merge(struct spill *spill, struct merge *merge, size_t first, size_t count,
                       const struct merge_memory *memory, struct lcap_error *error)
{
    const int rc = spill_settle(spill, error);
    return rc == LCAP_OK ? merge_begin(merge, spill, first, count, memory, error) : rc;
}

/* Merges `count` runs from `first` on into one, which replaces them. */
static int fold_some(struct spill *spill, size_t first, size_t count,
                     const struct merge_memory *memory, struct lcap_error *error)
{
    struct merge merge;
    int rc = begin_merge(spill, &merge, first, count, memory, error);
    if (rc < 0)
        return rc;
    spill_begin_run(spill);
    struct record_header header;
    const uint8_t *data;
    while (rc == LCAP_OK && (rc = merge_next(&merge, &header, &data, error)) == 1)
        rc = write_record(spill, &header, data, error);
    if (rc == LCAP_OK)
        rc = spill_end_run(spill, first, count, error);
    merge_release(&merge);
    return rc;
}

/*
 * Folds groups of neighbouring runs until one merge can take all the rest. Only
 * neighbours, so that equal keys stay in order; all runs are folded once before any
 * is folded again, and never more than needed.
 */
static int fold(struct spill *spill, const struct merge_memory *memory, struct lcap_error *error)
{
    const size_t width = merge_width(memory);
    int rc = LCAP_OK;
    for (size_t first = 0; rc == LCAP_OK && spill->run_count > width; first++) {
        if (spill->run_count - first < 2)
            first = 0;
        size_t count = spill->run_count - width + 1;
        if (count > width)
            count = width;
        if (count > spill->run_count - first)
            count = spill->run_count - first;
        rc = fold_some(spill, first, count, memory, error);
    }
    return rc;
}

int sort_runs_merge(struct spill *spill, struct merge *merge, const struct merge_memory *memory,
                    struct lcap_error *error)
{
    const int rc = fold(spill, memory, error);
    return rc == LCAP_OK ? begin_merge(spill, merge, 0, spill->run_count, memory, error) : rc;
}
