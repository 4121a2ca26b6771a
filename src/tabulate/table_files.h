/* Writes rows into one table, or into a directory with a table for each part. */
#ifndef TABULATE_TABLE_FILES_H
#define TABULATE_TABLE_FILES_H

#include "tabulate/table_plan.h"

struct table_files;

int table_files_open(struct table_files **files, const struct table_plan *plan,
                     struct lcap_error *error);

/*
 * Adds `rows` encoded rows (0: a piece of one) to the table of `part`, which is
 * "" with one table.
 */
int table_files_append(struct table_files *files, const char *part, uint64_t rows,
                       const void *encoded, size_t len, struct lcap_error *error);

/* Finishes the tables and frees, even on errors; *count is the number of files written. */
int table_files_close(struct table_files *files, size_t *count, struct lcap_error *error);
/* NULL is allowed. */
void table_files_discard(struct table_files *files);

#endif
