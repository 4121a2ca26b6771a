/*
 * A merge in steps of pieces, not of blocks: how far a window goes on is looked for in
 * strides that double. Captures in order of time with few samples have long pieces.
 */
#include "sort/window_merge.h"

#include "base/memory.h"
#include <stdlib.h>

/* The entries of a window in a part that are not in a piece yet. */
struct part_run {
    const struct index_entry *at, *end;
    uint32_t window;
    uint32_t stop; /* where the bytes of the last one end, in the sorted window */
};

static bool comes_before(const struct index_entry *entry, uint32_t window,
                         const struct part_run *run)
{
    return window_entry_is_before(entry, run->at, window < run->window);
}

/* Puts a run of the heap at which the least is first where it belongs. */
static void sift(struct part_run *heap, size_t count, size_t at)
{
    for (size_t least = at;; at = least) {
        for (size_t child = 2 * at + 1; child < 2 * at + 3 && child < count; child++) {
            if (comes_before(heap[child].at, heap[child].window, &heap[least]))
                least = child;
        }
        if (least == at)
            return;
        const struct part_run moving = heap[at];
        heap[at] = heap[least];
        heap[least] = moving;
    }
}

/* Behind the entries of the first run that come before those of another one. */
static const struct index_entry *end_of_piece(const struct part_run *first,
                                              const struct part_run *other)
{
    const size_t count = (size_t)(first->end - first->at);
    size_t known = 0, stride = 1;
    while (known + stride < count &&
           comes_before(first->at + known + stride, first->window, other)) {
        known += stride;
        stride *= 2;
    }
    size_t high = known + stride < count ? known + stride : count;
    while (high - known > 1) {
        const size_t middle = known + (high - known) / 2;
        if (comes_before(first->at + middle, first->window, other))
            known = middle;
        else
            high = middle;
    }
    return first->at + high;
}

static const struct part_run *second_of(const struct part_run *heap, size_t count)
{
    const bool last = count > 2 && comes_before(heap[2].at, heap[2].window, &heap[1]);
    return &heap[last ? 2 : 1];
}

/* Takes a piece from the first run. */
static struct run_piece take_piece(struct part_run *heap, size_t count)
{
    struct part_run *run = heap;
    const uint32_t begin = run->at->arrival;
    run->at = count > 1 ? end_of_piece(run, second_of(heap, count)) : run->end;
    const uint32_t end = run->at < run->end ? run->at->arrival : run->stop;
    return (struct run_piece){run->window, end - begin};
}

static uint32_t merge_runs(struct part_run *heap, size_t count, size_t most,
                           struct run_piece *pieces)
{
    uint32_t taken = 0;
    for (size_t i = count / 2; i-- > 0;)
        sift(heap, count, i);
    while (count > 0 && taken <= most) {
        pieces[taken++] = take_piece(heap, count);
        if (heap->at == heap->end)
            heap[0] = heap[--count];
        sift(heap, count, 0);
    }
    return taken;
}

/* Reads the entries of a part; *count of the windows have some. */
static int read_runs(const struct window_parts *parts, size_t part, struct window_job *job,
                     struct part_run *runs, size_t *count, struct lcap_error *error)
{
    const struct window_cut *from = window_cuts(parts, part), *to = window_cuts(parts, part + 1);
    struct index_entry *entries = job->entries;
    int rc = LCAP_OK;
    for (size_t i = 0; i < parts->windows->count && rc == LCAP_OK; i++) {
        const uint32_t blocks = to[i].position - from[i].position;
        if (blocks == 0)
            continue;
        rc = window_read_entries(parts->windows, i, from[i].position, blocks, entries, error);
        runs[(*count)++] = (struct part_run){entries, entries + blocks, (uint32_t)i, to[i].start};
        entries += blocks;
    }
    return rc;
}

int window_part_merge(const struct window_parts *parts, size_t part, size_t most,
                      struct window_job *job, struct lcap_error *error)
{
    struct part_run *runs = memory_new(parts->windows->count, sizeof *runs, error);
    size_t count = 0;
    if (!runs)
        return LCAP_ERR_MEMORY;
    const int rc = read_runs(parts, part, job, runs, &count, error);
    if (rc == LCAP_OK)
        job->count = merge_runs(runs, count, most, (struct run_piece *)(void *)job->sorted);
    free(runs);
    return rc;
}
