/*
 * Rows that wait for all others of their table, as in pandas, with which
 * NexusFlowMeter writes: they are sorted by their bytes, and a column with one real
 * number has only real numbers (0 becomes 0.0). They wait in bounded memory, the
 * rest in a temporary file.
 */
#ifndef TABULATE_PANDAS_ROWS_H
#define TABULATE_PANDAS_ROWS_H

#include "tabulate/row_sink.h"

struct pandas_rows;

/* Everything is borrowed. */
int pandas_rows_new(struct pandas_rows **pandas, const struct flows_plan *plan, row_taker *take,
                    void *context, struct lcap_error *error);

/* Takes rows for TO_PANDAS. */
int pandas_rows_add(struct pandas_rows *pandas, const void *bytes, size_t len,
                    struct lcap_error *error);

/* Passes the encoded rows to `take` and starts over. */
int pandas_rows_write(struct pandas_rows *pandas, struct lcap_error *error);

/* NULL is allowed. */
void pandas_rows_free(struct pandas_rows *pandas);

#endif
