/*
 * The pages of a column in a row group, packed with zstd:
 * https://parquet.apache.org/docs/file-format/data-pages/
 */
#ifndef TABLE_PARQUET_PAGES_H
#define TABLE_PARQUET_PAGES_H

#include "base/io/output.h"
#include "table/parquet_column.h"
#include "table/thrift_compact.h"

/* Numbers of the format (parquet.thrift, enum Encoding). */
enum parquet_encoding {
    PARQUET_PLAIN = 0,
    PARQUET_RLE = 3,
    PARQUET_BY_DICTIONARY = 8,
    PARQUET_BYTE_STREAM_SPLIT = 9, /* the first byte of all values, then the second, … */
};

/* Packs pages, one after the other. */
struct parquet_packer;

int parquet_packer_new(struct parquet_packer **packer, struct output *out,
                       struct lcap_error *error);
void parquet_packer_free(struct parquet_packer *packer);

/* Where the pages of a column are, and how large. */
struct parquet_chunk {
    enum parquet_encoding encoding;  /* of the values */
    uint64_t dictionary_at, data_at; /* in the file */
    uint64_t packed, unpacked;       /* bytes, with the headers of the pages */
    struct parquet_bytes values;     /* of the dictionary, or all; until the next column */
};

/* Writes the cells of the column: a dictionary where that is worth it, and one page of data. The
 * headroom of the column may be overwritten. */
int parquet_pages_write(struct parquet_packer *packer, struct parquet_column *column,
                        struct parquet_chunk *chunk, struct lcap_error *error);

#endif
