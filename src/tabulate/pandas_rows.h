/*
 * Rows that wait for all others of their table, as they do in pandas, with which
 * NexusFlowMeter writes: there they are sorted by their bytes, and a column in
 * which one number is real holds real numbers only (0 becomes 0.0).
 * They wait in bounded memory, the rest in a temporary file.
 */
#ifndef TABULATE_PANDAS_ROWS_H
#define TABULATE_PANDAS_ROWS_H

#include "tabulate/row_sink.h"

struct pandas_rows;

/* All is borrowed. */
int pandas_rows_new(struct pandas_rows **pandas, const struct flows_plan *plan, row_taker *take,
                    void *context, struct lcap_error *error);

/* Takes what came for TO_PANDAS. */
int pandas_rows_add(struct pandas_rows *pandas, const void *bytes, size_t len,
                    struct lcap_error *error);

/* Hands the encoded rows to `take` and begins anew. */
int pandas_rows_write(struct pandas_rows *pandas, struct lcap_error *error);

/* NULL is allowed. */
void pandas_rows_free(struct pandas_rows *pandas);

#endif
