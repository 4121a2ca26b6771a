/*
 * A column of Parquet: its type, and its cells of one row group until they are
 * written. https://parquet.apache.org/docs/file-format/nestedencoding/
 */
#ifndef TABLE_PARQUET_PARQUET_COLUMN_H
#define TABLE_PARQUET_PARQUET_COLUMN_H

#include "table/parquet/parquet_levels.h"
#include "table/table_cells.h"

/* Numbers of the format (parquet.thrift, enum Type). */
enum parquet_type {
    PARQUET_BOOLEAN = 0,
    PARQUET_INT64 = 2,
    PARQUET_DOUBLE = 5,
    PARQUET_TEXT = 6, /* BYTE_ARRAY */
};

/* Free bytes before the values: a page of short levels and of the values can be made there. */
#define PARQUET_HEADROOM 64

/* What every cell needs comes first, in one line of the processor's cache. */
struct parquet_column {
    struct buffer values; /* behind the headroom; see parquet_column_values() */
    size_t value_count;
    enum parquet_type type; /* of the values */
    bool is_unsigned;
    uint32_t shortest_text;            /* its length */
    uint32_t lists;                    /* how deep: 1 of a series, 2 of a nested one */
    struct parquet_bits present;       /* without lists: whether a cell is there */
    struct parquet_levels definitions; /* of lists: how much of a cell or element is there */
    struct parquet_levels repetitions; /* of lists: how deep it goes on; 0 begins a row */
    const char *name;
};

/* The level of definition of a value. Below: an empty list, nothing 0. */
static inline uint32_t parquet_column_depth(const struct parquet_column *column)
{
    return 1 + column->lists;
}

/* Bytes of a page, or values as PLAIN has them, but a boolean is a byte. */
struct parquet_bytes {
    const uint8_t *data;
    size_t len;
};

static inline struct parquet_bytes parquet_column_values(const struct parquet_column *column)
{
    return (struct parquet_bytes){column->values.data + PARQUET_HEADROOM,
                                  column->values.len - PARQUET_HEADROOM};
}

/* Cells and elements, also those without a value. */
static inline size_t parquet_column_levels(const struct parquet_column *column)
{
    return column->lists > 0 ? column->definitions.count : column->present.count;
}

/* `room`: how many bytes of values are likely to come; memory that is not used costs nothing. */
int parquet_column_init(struct parquet_column *column, const struct lcap_column *from, size_t room,
                        struct lcap_error *error);
/* Rows that are gathered together, column by column: what a column needs stays in the cache. */
#define PARQUET_BATCH 32

/* Takes a cell of each row, at most PARQUET_BATCH, and moves the place in each to the next cell. */
int parquet_column_gather(struct parquet_column *column, const uint8_t **rows, size_t count,
                          struct lcap_error *error);
/* The memory that the cells need. */
size_t parquet_column_bytes(const struct parquet_column *column);
void parquet_column_clear(struct parquet_column *column);
void parquet_column_release(struct parquet_column *column);

#endif
