/* The metadata at the end of a Parquet file: parquet.thrift, FileMetaData. */
#ifndef TABLE_PARQUET_PARQUET_FOOTER_H
#define TABLE_PARQUET_PARQUET_FOOTER_H

#include "table/parquet/parquet_pages.h"

/* Where the pages of a column are, and how large. */
struct parquet_chunk {
    enum parquet_encoding encoding;  /* of the values */
    uint64_t dictionary_at, data_at; /* in the file; 0: none */
    uint64_t packed, unpacked;       /* bytes, with the headers of the pages */
    struct parquet_bytes values;     /* of the dictionary, or all */
};

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
