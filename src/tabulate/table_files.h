/* Where rows go: into one table, or into a directory with a table for each part. */
#ifndef TABULATE_TABLE_FILES_H
#define TABULATE_TABLE_FILES_H

#include "cmd/flows_plan.h"

struct flows_outputs;

int flows_outputs_open(struct flows_outputs **outputs, const struct flows_plan *plan,
                       struct lcap_error *error);

/*
 * Adds `rows` encoded rows (0: a piece of one) to the table of `part`, which is
 * "" with one table.
 */
int flows_outputs_append(struct flows_outputs *outputs, const char *part, uint64_t rows,
                         const void *encoded, size_t len, struct lcap_error *error);

/* Finishes the tables and frees, also on errors; *files is how many were written. */
int flows_outputs_close(struct flows_outputs *outputs, size_t *files, struct lcap_error *error);
/* NULL is allowed. */
void flows_outputs_discard(struct flows_outputs *outputs);

#endif
