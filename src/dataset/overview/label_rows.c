/* Chooses what is worth a row. */
#include "dataset/overview/label_rows.h"

#include "base/memory.h"
#include <stdlib.h>

int label_rows_add(struct label_rows *rows, const struct label_row *row, struct lcap_error *error)
{
    void *items = rows->rows;
    int rc = memory_grow(&items, &rows->capacity, rows->count + 1, sizeof *rows->rows, error);
    rows->rows = items;
    if (rc == 0)
        rows->rows[rows->count++] = *row;
    return rc;
}

int label_rows_add_all(struct label_rows *rows, size_t label, const uint64_t *counts, size_t len,
                       struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < len && rc == 0; i++)
        if (counts[i] > 0)
            rc = label_rows_add(rows, &(struct label_row){label, (uint32_t)i, counts[i]}, error);
    return rc;
}

/* The largest count first, then what comes first. */
static int compare(const void *left, const void *right)
{
    const struct label_row *a = left, *b = right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return a->what < b->what ? -1 : a->what > b->what;
}

int label_rows_add_top(struct label_rows *rows, size_t label, const uint64_t *counts, size_t len,
                       size_t most, struct lcap_error *error)
{
    const size_t first = rows->count;
    const int rc = label_rows_add_all(rows, label, counts, len, error);
    if (rows->count > first)
        qsort(rows->rows + first, rows->count - first, sizeof *rows->rows, compare);
    if (rows->count > first + most)
        rows->count = first + most;
    return rc;
}

void label_rows_release(struct label_rows *rows)
{
    free(rows->rows);
    *rows = (struct label_rows){0};
}
