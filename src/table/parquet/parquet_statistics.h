/* The least and the greatest value of a column in a row group, by which readers skip it. */
#ifndef TABLE_PARQUET_PARQUET_STATISTICS_H
#define TABLE_PARQUET_PARQUET_STATISTICS_H

#include "table/parquet/parquet_column.h"
#include "table/thrift_compact.h"

/* Writes the Statistics of the column as this field of the struct. `values`: those of the column,
 * each at least once. */
void parquet_statistics_write(struct thrift *t, int field, const struct parquet_column *column,
                              const struct parquet_bytes *values);

#endif
