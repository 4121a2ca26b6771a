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
int pandas_rows_new(struct pandas_rows **pandas, const struct table_plan *plan,
                    const struct row_taker *taker, struct lcap_error *error);

/* Copies the row of `part`. */
int pandas_rows_add(struct pandas_rows *pandas, const char *part, const struct lcap_flow_row *row,
                    struct lcap_error *error);

/* Passes the rows to the taker, as row_sink_write() does, and starts over. */
int pandas_rows_write(struct pandas_rows *pandas, struct lcap_error *error);

/* NULL is allowed. */
void pandas_rows_free(struct pandas_rows *pandas);

#endif
