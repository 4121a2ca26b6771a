/* The distinct values of a column in a row group, and which of them each value is. */
#ifndef TABLE_PARQUET_PARQUET_DICTIONARY_H
#define TABLE_PARQUET_PARQUET_DICTIONARY_H

#include "base/idmap.h"
#include "table/parquet/parquet_column.h"

struct parquet_dictionary {
    struct buffer values; /* as PLAIN has them */
    size_t count;
    struct buffer places; /* uint32_t for each value of the column */
    struct idmap numbers; /* the places of numbers */
};

/* Takes the place of what the dictionary held, in the same memory; all zero: nothing. Returns 1, or
 * 0 if the values have too few repetitions for a dictionary. */
int parquet_dictionary_make(struct parquet_dictionary *dictionary,
                            const struct parquet_column *column, struct lcap_error *error);
void parquet_dictionary_release(struct parquet_dictionary *dictionary);

#endif
