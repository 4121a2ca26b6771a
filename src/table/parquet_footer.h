/* The metadata at the end of a Parquet file: parquet.thrift, FileMetaData. */
#ifndef TABLE_PARQUET_FOOTER_H
#define TABLE_PARQUET_FOOTER_H

#include "table/parquet_pages.h"

/* Writes the ColumnChunk of a column. */
void parquet_footer_chunk(struct thrift *t, const struct parquet_column *column,
                          const struct parquet_chunk *chunk);

struct parquet_footer {
    const struct parquet_column *columns;
    size_t column_count;
    const char *name;    /* of the table */
    const char *profile; /* NULL: none */
    uint64_t rows;
    const struct buffer *groups; /* RowGroup structs */
    size_t group_count;
};

/* Writes all of it. */
void parquet_footer_write(struct thrift *t, const struct parquet_footer *footer);

#endif
