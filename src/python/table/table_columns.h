/* Columns of a table in memory, in the layout of Arrow. */
#ifndef PYTHON_TABLE_TABLE_COLUMNS_H
#define PYTHON_TABLE_TABLE_COLUMNS_H

#include <labelcap/row.h>
#include <stdatomic.h>

/* Bytes that grow. */
struct growing {
    uint8_t *bytes;
    size_t len, capacity;
};

/*
 * One column. Numbers and times (seconds, as in Parquet) are 8 bytes each, truths are bits;
 * texts are bytes, a series is int64 numbers, both with 64-bit offsets.
 */
struct table_column {
    const struct lcap_column *about;
    size_t rows, nulls;
    struct growing valid; /* a bit for each row */
    struct growing offsets;
    struct growing values;
};

struct table_columns {
    size_t count, rows;
    atomic_size_t keepers;
    struct table_column items[];
};

/* Zeroed columns; `about` is set by the caller. */
int table_columns_new(struct table_columns **table, size_t count, struct lcap_error *error);
int table_columns_add(struct table_columns *table, const struct lcap_row *row,
                      struct lcap_error *error);

/* For one more keeper. Each frees it, in any thread, and the last one does so really. */
void table_columns_keep(struct table_columns *table);
void table_columns_free(struct table_columns *table);

/* Whether the column has offsets. */
static inline bool table_column_is_long(const struct table_column *column)
{
    const enum lcap_cell_kind kind = column->about->kind;
    return kind == LCAP_CELL_TEXT || kind == LCAP_CELL_SERIES || kind == LCAP_CELL_JSON;
}

static inline bool table_column_has(const struct table_column *column, size_t row)
{
    return column->valid.bytes[row / 8] >> row % 8 & 1;
}

#endif
