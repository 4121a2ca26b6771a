/*
 * Rows that wait for all others of their table, as they do in the data frame that
 * NexusFlowMeter makes with pandas: there they are sorted by their bytes, and a
 * column in which one number is real holds real numbers only (0 becomes 0.0).
 * They wait in bounded memory, the rest in a temporary file.
 */
#ifndef TABULATE_PANDAS_ROWS_H
#define TABULATE_PANDAS_ROWS_H

#include "tabulate/row_sink.h"

struct flows_frame;

/* All is borrowed. */
int flows_frame_new(struct flows_frame **frame, const struct flows_plan *plan,
                    flows_rows_taker *take, void *context, struct lcap_error *error);

/* Takes what came for TO_FRAME. */
int flows_frame_add(struct flows_frame *frame, const void *bytes, size_t len,
                    struct lcap_error *error);

/* Hands the encoded rows to `take` and begins anew. */
int flows_frame_write(struct flows_frame *frame, struct lcap_error *error);

/* NULL is allowed. */
void flows_frame_free(struct flows_frame *frame);

#endif
