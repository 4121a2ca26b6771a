/* A heap of copied rows, with that of the fewest packets on top. */
#include "tabulate/largest_rows.h"

#include "base/memory.h"
#include "features/row_copy.h"
#include <stdlib.h>

struct kept_row {
    uint64_t packets, number; /* of its flow */
    uint64_t added;           /* its place in the order of adding */
    struct buffer packed;
};

struct largest_rows {
    struct kept_row *heap;
    size_t count, capacity;
    uint64_t limit, added;
    bool by_size;
};

int largest_rows_new(struct largest_rows **largest, uint64_t count, bool by_size,
                     struct lcap_error *error)
{
    struct largest_rows *new = memory_new(1, sizeof *new, error);
    if (!new)
        return LCAP_ERR_MEMORY;
    new->limit = count;
    new->by_size = by_size;
    *largest = new;
    return LCAP_OK;
}

/* Whether `a` is removed before `b`: it has fewer packets, or as many but began later. */
static bool goes_first(const struct kept_row *a, const struct kept_row *b)
{
    if (a->packets != b->packets)
        return a->packets < b->packets;
    return a->number > b->number;
}

static void swap(struct kept_row *a, struct kept_row *b)
{
    const struct kept_row kept = *a;
    *a = *b;
    *b = kept;
}

static void sift_up(struct largest_rows *largest, size_t at)
{
    while (at > 0 && goes_first(&largest->heap[at], &largest->heap[(at - 1) / 2])) {
        swap(&largest->heap[at], &largest->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

static void sift_down(struct largest_rows *largest)
{
    size_t at = 0;
    for (;;) {
        size_t first = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < largest->count; child++)
            if (goes_first(&largest->heap[child], &largest->heap[first]))
                first = child;
        if (first == at)
            return;
        swap(&largest->heap[at], &largest->heap[first]);
        at = first;
    }
}

int largest_rows_add(struct largest_rows *largest, const struct lcap_flow_row *row,
                     struct lcap_error *error)
{
    struct kept_row new = {
        .packets = row->packets, .number = row->number, .added = largest->added++};
    const bool full = largest->count == largest->limit;
    if (full && goes_first(&new, &largest->heap[0]))
        return LCAP_OK;
    int rc = full ? LCAP_OK
                  : memory_grow((void **)&largest->heap, &largest->capacity, largest->count + 1,
                                sizeof *largest->heap, error);
    if (rc == LCAP_OK)
        rc = row_copy_pack(row, "", &new.packed, error);
    if (rc < 0) {
        buffer_release(&new.packed);
        return rc;
    }
    if (full) {
        buffer_release(&largest->heap[0].packed);
        largest->heap[0] = new;
        sift_down(largest);
    } else {
        largest->heap[largest->count++] = new;
        sift_up(largest, largest->count - 1);
    }
    return LCAP_OK;
}

static int compare_added(const void *a, const void *b)
{
    const struct kept_row *x = a, *y = b;
    return (x->added > y->added) - (x->added < y->added);
}

static int compare_sizes(const void *a, const void *b)
{
    return goes_first(a, b) - goes_first(b, a);
}

int largest_rows_each(struct largest_rows *largest, lcap_flow_sink *sink, void *context,
                      struct lcap_error *error)
{
    struct lcap_cell cells[ROW_COPY_CELLS];
    struct lcap_flow_row row;
    const bool by_size = largest->by_size && largest->added > largest->limit;
    int rc = LCAP_OK;
    if (largest->count)
        qsort(largest->heap, largest->count, sizeof *largest->heap,
              by_size ? compare_sizes : compare_added);
    for (size_t i = 0; i < largest->count; i++) {
        row_copy_unpack(largest->heap[i].packed.data, cells, &row);
        if (rc == LCAP_OK)
            rc = sink(context, &row, error);
        buffer_release(&largest->heap[i].packed);
    }
    largest->count = 0;
    return rc;
}

void largest_rows_free(struct largest_rows *largest)
{
    if (!largest)
        return;
    for (size_t i = 0; i < largest->count; i++)
        buffer_release(&largest->heap[i].packed);
    free(largest->heap);
    free(largest);
}
