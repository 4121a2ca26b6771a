/*
 * A column of Parquet: its type, and its cells of one row group until they are
 * written. https://parquet.apache.org/docs/file-format/nestedencoding/
 */
#ifndef TABLE_PARQUET_COLUMN_H
#define TABLE_PARQUET_COLUMN_H

#include "table/table_cells.h"

/* Numbers of the format (parquet.thrift, enum Type). */
enum parquet_type {
    PARQUET_BOOLEAN = 0,
    PARQUET_INT64 = 2,
    PARQUET_DOUBLE = 5,
    PARQUET_TEXT = 6, /* BYTE_ARRAY */
};

struct parquet_column {
    const char *name;
    enum parquet_type type; /* of the values */
    bool is_unsigned;
    bool is_list;
    struct buffer definitions; /* uint32_t for each cell or element: how much of it is there */
    struct buffer repetitions; /* of lists: 0 begins a row, 1 goes on */
    struct buffer values;      /* as PLAIN has them, but a boolean is a byte */
    size_t value_count;
};

/* The level of definition of a value. Below: an empty list 1, nothing 0. */
static inline uint32_t parquet_column_depth(const struct parquet_column *column)
{
    return column->is_list ? 2 : 1;
}

/* Cells and elements, also those without a value. */
static inline size_t parquet_column_levels(const struct parquet_column *column)
{
    return column->definitions.len / sizeof(uint32_t);
}

void parquet_column_init(struct parquet_column *column, const struct lcap_column *from);
int parquet_column_add(struct parquet_column *column, const struct cell_view *cell,
                       struct lcap_error *error);
/* The memory that the cells need. */
size_t parquet_column_bytes(const struct parquet_column *column);
void parquet_column_clear(struct parquet_column *column);
void parquet_column_release(struct parquet_column *column);

#endif
