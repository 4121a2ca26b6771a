/* Rows to outputs: batches of them pass through a pipeline. */
#ifndef ARRAYS_ARRAY_SINK_H
#define ARRAYS_ARRAY_SINK_H

#include "arrays/outputs/array_output.h"
#include "base/pipeline.h"
#include <stdatomic.h>

struct array_sink {
    const struct array_settings *settings;
    struct array_output **outputs; /* the caller's */
    size_t output_count;
    size_t row_bytes; /* of X */
    struct pipeline *pipeline;
    struct array_batch *batch; /* that is being filled */
    bool gathers;              /* it is the only one, and keeps what was encoded: … */
    size_t gathered;           /* … so many bytes */
    bool encodes_at_once;      /* where a packet lies: it is not masked, nor left to a thread */
    atomic_bool failed;        /* then also: */
    int status;
    struct lcap_error error;
};

/* Release it even after an error. */
int array_sink_init(struct array_sink *sink, const struct array_settings *settings,
                    struct array_output **outputs, size_t count, unsigned threads,
                    struct lcap_error *error);

/* In place of array_sink_init(): rows are encoded into the batch, which must be empty, and stay
 * there. */
void array_sink_gather(struct array_sink *sink, const struct array_settings *settings,
                       struct array_output **outputs, size_t count, struct array_batch *batch);

/* Makes `batch` ready for a row that array_batch_add() is about to add. */
int array_sink_begin(struct array_sink *sink, struct lcap_error *error);

/* Adds a row of one packet, whose bytes may be anywhere. */
int array_sink_add(struct array_sink *sink, const struct array_row *row, struct lcap_error *error);

/* Waits until all rows are written or encoded; returns the first error, if there was one. */
int array_sink_finish(struct array_sink *sink, struct lcap_error *error);
void array_sink_release(struct array_sink *sink);

#endif
