/* Writes the rows of a result to a file: CSV, JSON, XLSX, SQLite or Parquet. */
#ifndef DATASET_RESULT_FILE_H
#define DATASET_RESULT_FILE_H

#include "base/io/output.h"
#include "base/result.h"

/* LCAP_ERR_ARGUMENT: the name does not end as that of a table. */
int result_file_check(const char *path, struct lcap_error *error);

/*
 * Writes the columns that have keys; the ending of the path decides the format. `name` is
 * that of the SQLite table or XLSX sheet. Texts that are not UTF-8 are made so.
 */
int result_file_write(const struct result_table *rows, const char *name, const char *path,
                      const struct output_options *options, struct lcap_error *error);

#endif
