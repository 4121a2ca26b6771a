/* A heap of copied rows, the one with fewest packets on top. */
#include "cmd/flows_largest.h"

#include "base/buffer.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

struct kept_row {
    struct lcap_flow_row row; /* its cells, metadata and text are the copies below */
    struct lcap_cell *cells;
    char *text;
    uint64_t added; /* its place in the order of adding */
};

struct flows_largest {
    struct kept_row *heap;
    size_t count, capacity;
    uint64_t limit, added;
};

int flows_largest_new(struct flows_largest **largest, uint64_t count, struct lcap_error *error)
{
    struct flows_largest *new = memory_new(1, sizeof *new, error);
    if (!new)
        return LCAP_ERR_MEMORY;
    new->limit = count;
    *largest = new;
    return LCAP_OK;
}

/* Whether `a` has to go before `b`: fewer packets, and of equal ones that which began later. */
static bool goes_first(const struct kept_row *a, const struct kept_row *b)
{
    if (a->row.packets != b->row.packets)
        return a->row.packets < b->row.packets;
    return a->row.number > b->row.number;
}

static void swap(struct kept_row *a, struct kept_row *b)
{
    const struct kept_row kept = *a;
    *a = *b;
    *b = kept;
}

static void sift_up(struct flows_largest *largest, size_t at)
{
    while (at > 0 && goes_first(&largest->heap[at], &largest->heap[(at - 1) / 2])) {
        swap(&largest->heap[at], &largest->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

static void sift_down(struct flows_largest *largest)
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

static bool holds_text(const struct lcap_cell *cell)
{
    return cell->kind == LCAP_CELL_TEXT || cell->kind == LCAP_CELL_SERIES ||
           cell->kind == LCAP_CELL_JSON;
}

/* Text that comes in pieces is put together: the flow it comes from will be gone. */
static int gather_pieces(const struct lcap_flow_row *row, struct buffer *text,
                         struct lcap_error *error)
{
    const char *piece;
    size_t len;
    int rc;
    while ((rc = row->pieces(row->pieces_source, &piece, &len, error)) == 1) {
        rc = buffer_append(text, piece, len, error);
        if (rc < 0)
            return rc;
    }
    if (rc == 0 && text->len > UINT32_MAX)
        return lcap_error_set(error, LCAP_ERR_MEMORY,
                              "--max-flows: a flow of %zu bytes is too long to be kept", text->len);
    return rc;
}

static int copy_text(const struct lcap_flow_row *row, struct lcap_cell *cells, struct buffer *text,
                     struct lcap_error *error)
{
    int rc = buffer_append(text, row->metadata, strlen(row->metadata) + 1, error);
    for (size_t i = 0; i < row->count && rc == LCAP_OK; i++) {
        if (!holds_text(&cells[i]))
            continue;
        const size_t start = text->len;
        if (cells[i].value.text)
            rc = buffer_append(text, cells[i].value.text, cells[i].text_len, error);
        else
            rc = gather_pieces(row, text, error);
        cells[i].text_len = (uint32_t)(text->len - start);
    }
    return rc;
}

static void point_to_text(struct kept_row *kept)
{
    const char *at = kept->text;
    kept->row.metadata = at;
    at += strlen(at) + 1;
    for (size_t i = 0; i < kept->row.count; i++)
        if (holds_text(&kept->cells[i])) {
            kept->cells[i].value.text = at;
            at += kept->cells[i].text_len;
        }
    kept->row.cells = kept->cells;
}

static int copy_row(struct kept_row *kept, const struct lcap_flow_row *row,
                    struct lcap_error *error)
{
    struct buffer text = {0};
    kept->cells = memory_new(row->count, sizeof *kept->cells, error);
    if (!kept->cells)
        return LCAP_ERR_MEMORY;
    memcpy(kept->cells, row->cells, row->count * sizeof *kept->cells);
    const int rc = copy_text(row, kept->cells, &text, error);
    if (rc < 0) {
        free(kept->cells);
        buffer_release(&text);
        return rc;
    }
    kept->text = (char *)text.data;
    point_to_text(kept);
    return LCAP_OK;
}

static void free_row(struct kept_row *kept)
{
    free(kept->cells);
    free(kept->text);
}

int flows_largest_add(struct flows_largest *largest, const struct lcap_flow_row *row,
                      struct lcap_error *error)
{
    struct kept_row new = {.added = largest->added++};
    const bool full = largest->count == largest->limit;
    new.row = *row;
    if (full && goes_first(&new, &largest->heap[0]))
        return LCAP_OK;
    int rc = full ? LCAP_OK
                  : memory_grow((void **)&largest->heap, &largest->capacity, largest->count + 1,
                                sizeof *largest->heap, error);
    if (rc == LCAP_OK)
        rc = copy_row(&new, row, error);
    if (rc < 0)
        return rc;
    if (full) {
        free_row(&largest->heap[0]);
        largest->heap[0] = new;
        sift_down(largest);
    } else {
        largest->heap[largest->count++] = new;
        sift_up(largest, largest->count - 1);
    }
    return LCAP_OK;
}

static int compare_numbers(const void *a, const void *b)
{
    const struct kept_row *x = a, *y = b;
    return (x->added > y->added) - (x->added < y->added);
}

int flows_largest_each(struct flows_largest *largest, lcap_flow_sink *sink, void *context,
                       struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (largest->count)
        qsort(largest->heap, largest->count, sizeof *largest->heap, compare_numbers);
    for (size_t i = 0; i < largest->count; i++) {
        if (rc == LCAP_OK)
            rc = sink(context, &largest->heap[i].row, error);
        free_row(&largest->heap[i]);
    }
    largest->count = 0;
    return rc;
}

void flows_largest_free(struct flows_largest *largest)
{
    if (!largest)
        return;
    for (size_t i = 0; i < largest->count; i++)
        free_row(&largest->heap[i]);
    free(largest->heap);
    free(largest);
}
