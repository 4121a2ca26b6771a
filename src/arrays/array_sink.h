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
    struct pipeline *pipeline;
    struct array_batch *batch; /* that is being filled */
    atomic_bool failed;        /* then also: */
    int status;
    struct lcap_error error;
};

/* Release it even after an error. */
int array_sink_init(struct array_sink *sink, const struct array_settings *settings,
                    struct array_output **outputs, size_t count, unsigned threads,
                    struct lcap_error *error);

/* The batch for a row that is about to be added with array_batch_add(), or NULL with an error. */
struct array_batch *array_sink_batch(struct array_sink *sink, struct lcap_error *error);

/* Waits until all rows are written; returns the first error, if there was one. */
int array_sink_finish(struct array_sink *sink, struct lcap_error *error);
void array_sink_release(struct array_sink *sink);

#endif
