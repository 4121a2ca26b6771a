/*
 * A column of a row group in parts, each for a page of its own: several threads can pack them,
 * and a reader can unpack them one by one.
 */
#ifndef TABLE_PARQUET_PARQUET_PARTS_H
#define TABLE_PARQUET_PARQUET_PARTS_H

#include "table/parquet/parquet_column.h"

/* The values in a page, or a row more. Netfound's are 1 % larger with pages of half the size. */
#define PARQUET_PAGE_BYTES ((size_t)4 << 20)

/* Whole rows of a column. */
struct parquet_part {
    struct parquet_column cells; /* values and bits are those of the column, levels a copy */
    bool is_first;
    size_t first_value; /* how many of the column come before its values */
};

/* Where the next part of a column begins. */
struct parquet_cutter {
    const struct parquet_column *column;
    size_t level, value, byte;
    struct level_place definition, repetition;
};

void parquet_cutter_begin(struct parquet_cutter *cutter, const struct parquet_column *column);

/* Takes the place of the part before in the same memory; all zero: none. Returns 1, or 0 if the
 * column ends with this part. */
int parquet_cutter_next(struct parquet_cutter *cutter, struct parquet_part *part,
                        struct lcap_error *error);
void parquet_part_release(struct parquet_part *part);

#endif
