/*
 * The pages of a column in a row group, packed with zstd:
 * https://parquet.apache.org/docs/file-format/data-pages/
 */
#ifndef TABLE_PARQUET_PARQUET_PAGES_H
#define TABLE_PARQUET_PARQUET_PAGES_H

#include "table/parquet/parquet_dictionary.h"
#include "table/parquet/parquet_parts.h"
#include "table/thrift_compact.h"

/* Numbers of the format (parquet.thrift, enum Encoding). */
enum parquet_encoding {
    PARQUET_PLAIN = 0,
    PARQUET_RLE = 3,
    PARQUET_BY_DICTIONARY = 8,
    PARQUET_BYTE_STREAM_SPLIT = 9, /* the first byte of all values, then the second, … */
};

/* The same (enum PageType). */
enum parquet_page_type { PARQUET_DATA_PAGE = 0, PARQUET_DICTIONARY_PAGE = 2 };

/* All zero but for the first two: nothing is in it so far. */
struct parquet_page {
    enum parquet_page_type type;
    enum parquet_encoding encoding; /* of the values */
    size_t count;                   /* of the values, also those that are not there */
    size_t unpacked;                /* bytes */
    struct buffer packed;
};

/* What a thread needs to make one page after the other; all zero in the beginning. */
struct parquet_press {
    struct ZSTD_CCtx_s *zstd; /* ZSTD_CCtx */
    struct buffer bytes, scratch;
};

void parquet_press_release(struct parquet_press *press);

/* Fills the page with the cells of the part. The headroom of the column may be overwritten.
 * `dictionary`: of the whole column, for PARQUET_BY_DICTIONARY. */
int parquet_page_data(struct parquet_press *press, const struct parquet_part *part,
                      const struct parquet_dictionary *dictionary, struct parquet_page *page,
                      struct lcap_error *error);
int parquet_page_dictionary(struct parquet_press *press,
                            const struct parquet_dictionary *dictionary, struct parquet_page *page,
                            struct lcap_error *error);

/* Writes the header, which comes before what was packed. */
void parquet_page_header(struct thrift *t, const struct parquet_page *page);

#endif
