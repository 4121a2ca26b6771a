/*
 * A thread that makes the rows of flows that have ended, while the caller continues
 * with packets. Flows are moved to it, in order, through a ring of fixed size; if
 * that is full, the caller waits.
 */
#ifndef FEATURES_ROW_THREAD_H
#define FEATURES_ROW_THREAD_H

#include "base/sample_registry.h"
#include "flow/flow.h"

struct row_thread;

/* What is done with each flow and its sample. */
struct row_maker {
    int (*make)(void *context, struct flow *flow, const struct sample *sample,
                struct lcap_error *error);
    /* Frees what the state of a flow owns; for each flow, even if `make` failed before. */
    void (*release)(void *context, struct flow *flow);
};

/* `state_size`: bytes of the state of each flow. `maker` and `context` are borrowed; only the
 * thread uses them. */
int row_thread_new(struct row_thread **rows, size_t state_size, const struct row_maker *maker,
                   void *context, struct lcap_error *error);

/*
 * Moves the flow: its state is all zero afterwards. `sample` is copied, but not its text. Returns
 * the error of an earlier flow, if there was one; then no more rows are made.
 */
int row_thread_push(struct row_thread *rows, struct flow *flow, const struct sample *sample,
                    struct lcap_error *error);

/* Returns 0 or the first error when all flows pushed have been processed. */
int row_thread_wait(struct row_thread *rows, struct lcap_error *error);

/* Waiting flows are released without a row. NULL is allowed. */
void row_thread_free(struct row_thread *rows);

#endif
