/* The pages of a row group: several threads pack them, they are written in order. */
#ifndef TABLE_PARQUET_PARQUET_PACKER_H
#define TABLE_PARQUET_PARQUET_PACKER_H

#include "base/io/output.h"
#include "table/parquet/parquet_column.h"
#include "table/thrift_compact.h"

struct parquet_packer;

/* `threads`: as in struct pipeline_plan. What is written is the same for any number. */
int parquet_packer_new(struct parquet_packer **packer, struct output *out, unsigned threads,
                       struct lcap_error *error);
void parquet_packer_free(struct parquet_packer *packer);

/* Writes the cells of the columns, each as a dictionary where that is worth it and as pages of
 * data, and empties the columns; the ColumnChunk of each goes to `group`. Adds to *unpacked the
 * bytes before they were packed. Errors are those of `group`. */
void parquet_packer_write(struct parquet_packer *packer, struct parquet_column *columns,
                          size_t count, struct thrift *group, uint64_t *unpacked);

#endif
