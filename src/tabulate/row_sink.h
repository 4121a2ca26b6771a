/*
 * What becomes of the rows of one group: filtered, the largest chosen, encoded, and
 * passed on to where they go, with the part of the output they belong to.
 */
#ifndef TABULATE_ROW_SINK_H
#define TABULATE_ROW_SINK_H

#include "cmd/flows_plan.h"
#include <labelcap/flow.h>

enum row_destination {
    TO_TABLE,   /* encoded by the plan's schema */
    TO_PREVIEW, /* encoded by the plan's schema for previews */
    TO_SUMMARY, /* struct lcap_flow_row without cells and metadata */
    TO_PANDAS,  /* packed by row_copy.h, followed by its NUL-terminated part */
    ROW_DESTINATIONS,
};

/* Takes encoded rows: `rows` of them begin here; 0 if one only continues. */
typedef int row_taker(void *context, enum row_destination to, const char *part, uint64_t rows,
                      const void *bytes, size_t len, struct lcap_error *error);

struct row_sink;

/* Plan, group and context are borrowed. Without a group (NULL), it is only for row_sink_write(). */
int row_sink_new(struct row_sink **rows, const struct flows_plan *plan,
                 const struct input_group *group, row_taker *take, void *context,
                 struct lcap_error *error);

/* The sink of an extractor; `context` is the struct row_sink. */
int row_sink_take(void *context, const struct lcap_flow_row *row, struct lcap_error *error);

/* Encodes a row of `part` without any selection. */
int row_sink_write(struct row_sink *rows, const char *part, const struct lcap_flow_row *row,
                   struct lcap_error *error);

/* Passes on what is left. */
int row_sink_finish(struct row_sink *rows, struct lcap_error *error);

/* How many rows the sink has passed on. */
uint64_t row_sink_written(const struct row_sink *rows);
void row_sink_free(struct row_sink *rows);

#endif
