/*
 * Filters the rows of one group, chooses the largest, encodes them, and passes them
 * on with the part of the output to which they belong.
 */
#ifndef TABULATE_ROW_SINK_H
#define TABULATE_ROW_SINK_H

#include "tabulate/table_plan.h"

/* The receiver. */
struct row_taker {
    /* Takes rows of the table, encoded by the schema of the plan: `rows` of them begin here; 0 if
     * one only continues. */
    int (*encoded)(void *context, const char *part, uint64_t rows, const void *bytes, size_t len,
                   struct lcap_error *error);
    /* Takes a row for a listener, or one that must wait in pandas_rows.h if `listener` is NULL. */
    int (*row)(void *context, const struct row_listener *listener, const char *part,
               const struct lcap_flow_row *row, struct lcap_error *error);
    void *context;
};

struct row_sink;

/* Everything is borrowed. Without a group (NULL), it is only for row_sink_write(). */
int row_sink_new(struct row_sink **sink, const struct table_plan *plan,
                 const struct input_group *group, const struct row_taker *taker,
                 struct lcap_error *error);

/* The sink of an extractor; `context` is the struct row_sink. */
int row_sink_take(void *context, const struct lcap_flow_row *row, struct lcap_error *error);

/* In place of row_sink_take(), where rows may be encoded by several threads at once; NULL where
 * more of a row is needed than that. */
const struct row_press *row_sink_press(struct row_sink *sink);

/* Passes a row of `part` to the listeners and to the table, without any selection. */
int row_sink_write(struct row_sink *sink, const char *part, const struct lcap_flow_row *row,
                   struct lcap_error *error);

/* Passes on what is left. */
int row_sink_finish(struct row_sink *sink, struct lcap_error *error);

/* How many rows were passed on, to be written or to wait. */
uint64_t row_sink_rows(const struct row_sink *sink);
void row_sink_free(struct row_sink *sink);

#endif
