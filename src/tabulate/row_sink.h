/*
 * What becomes of the rows of one stream: filtered, the largest chosen, encoded,
 * and handed on to where they go, with the part of the output they belong to.
 */
#ifndef TABULATE_ROW_SINK_H
#define TABULATE_ROW_SINK_H

#include "cmd/flows_plan.h"
#include <labelcap/flow.h>

enum flows_destination {
    TO_TABLE,   /* encoded by the plan's schema */
    TO_PREVIEW, /* encoded by the plan's schema for previews */
    TO_REPORT,  /* struct lcap_flow_row without cells and metadata */
    TO_FRAME,   /* packed by flows_row_copy.h, with its part behind it, terminated */
    FLOWS_DESTINATIONS,
};

/* Takes encoded rows: `rows` of them begin there; 0 where one only goes on. */
typedef int flows_rows_taker(void *context, enum flows_destination to, const char *part,
                             uint64_t rows, const void *bytes, size_t len,
                             struct lcap_error *error);

struct flows_rows;

/* Plan, stream and context are borrowed. Without a stream (NULL) it is for flows_rows_write(). */
int flows_rows_new(struct flows_rows **rows, const struct flows_plan *plan,
                   const struct flows_stream *stream, flows_rows_taker *take, void *context,
                   struct lcap_error *error);

/* The sink of an extractor; `context` is the struct flows_rows. */
int flows_rows_sink(void *context, const struct lcap_flow_row *row, struct lcap_error *error);

/* Encodes a row of `part` past all choice. */
int flows_rows_write(struct flows_rows *rows, const char *part, const struct lcap_flow_row *row,
                     struct lcap_error *error);

/* Hands on what is left. */
int flows_rows_finish(struct flows_rows *rows, struct lcap_error *error);

/* How many rows the sink has passed on. */
uint64_t flows_rows_written(const struct flows_rows *rows);
void flows_rows_free(struct flows_rows *rows);

#endif
