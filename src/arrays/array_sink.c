/* The pipeline of batches. */
#include "arrays/array_sink.h"

/* Rows in a batch, packed and as arrays: much more than a switch of threads costs, and little
 * enough to stay in a cache. */
enum { BATCH_BYTES = 256 << 10 };

static void fail(struct array_sink *sink, int status, const struct lcap_error *error)
{
    if (atomic_load(&sink->failed))
        return;
    sink->status = status;
    sink->error = *error;
    atomic_store(&sink->failed, true);
}

static void encode(void *context, void *buffer)
{
    const struct array_sink *sink = context;
    array_outputs_encode(sink->outputs, buffer);
}

static void write_batch(void *context, void *buffer)
{
    struct array_sink *sink = context;
    struct array_batch *batch = buffer;
    if (batch->status == LCAP_OK && !atomic_load(&sink->failed))
        batch->status = array_outputs_write(sink->outputs, batch, &batch->error);
    if (batch->status < 0)
        fail(sink, batch->status, &batch->error);
}

static void release_batch(void *buffer)
{
    array_batch_release(buffer);
}

int array_sink_init(struct array_sink *sink, const struct array_settings *settings,
                    struct array_output **outputs, size_t count, unsigned threads,
                    struct lcap_error *error)
{
    const struct pipeline_plan plan = {
        .buffer_size = sizeof(struct array_batch),
        .threads = threads,
        .context = sink,
        .work = encode,
        .last = write_batch,
        .release = release_batch,
    };
    *sink = (struct array_sink){.settings = settings,
                                .outputs = outputs,
                                .output_count = count,
                                .row_bytes = array_shape_bytes(&settings->shape)};
    sink->encodes_at_once = threads <= 1 && settings->mask.fields == 0;
    return pipeline_new(&sink->pipeline, &plan, error);
}

void array_sink_gather(struct array_sink *sink, const struct array_settings *settings,
                       struct array_output **outputs, size_t count, struct array_batch *batch)
{
    *sink = (struct array_sink){.settings = settings,
                                .outputs = outputs,
                                .output_count = count,
                                .row_bytes = array_shape_bytes(&settings->shape),
                                .batch = batch,
                                .gathers = true,
                                .encodes_at_once = settings->mask.fields == 0 && !batch->borrows};
}

static int told(const struct array_sink *sink, struct lcap_error *error)
{
    if (!atomic_load(&sink->failed))
        return LCAP_OK;
    return lcap_error_set(error, sink->status, "%s", sink->error.text);
}

static size_t bytes_of(const struct array_sink *sink)
{
    return sink->batch->packed.len + sink->batch->rows * sink->row_bytes;
}

/* Where nothing is copied before it is encoded, there is no need to do that in between. */
static bool is_full(const struct array_sink *sink)
{
    return bytes_of(sink) >= BATCH_BYTES && !sink->batch->borrows;
}

static int encode_gathered(struct array_sink *sink, struct lcap_error *error)
{
    struct array_batch *batch = sink->batch;
    array_outputs_encode(sink->outputs, batch);
    array_batch_forget_packed(batch);
    sink->gathered = array_batch_encoded(batch);
    if (batch->status < 0)
        lcap_error_copy(error, &batch->error);
    return batch->status;
}

int array_sink_begin(struct array_sink *sink, struct lcap_error *error)
{
    if (sink->gathers)
        return is_full(sink) ? encode_gathered(sink, error) : LCAP_OK;
    if (sink->batch && !is_full(sink))
        return LCAP_OK;
    if (sink->batch)
        pipeline_submit(sink->pipeline);
    sink->batch = NULL;
    int rc = told(sink, error);
    if (rc < 0)
        return rc;
    struct array_batch *batch = pipeline_blank(sink->pipeline);
    rc = array_batch_reset(batch, sink->output_count, error);
    if (rc == LCAP_OK)
        sink->batch = batch;
    return rc;
}

static int encode_at_once(struct array_sink *sink, const struct array_row *row,
                          struct lcap_error *error)
{
    struct array_batch *batch = sink->batch;
    batch->rows++;
    array_outputs_encode_row(sink->outputs, row, batch);
    return batch->status == LCAP_OK ? LCAP_OK : lcap_error_copy(error, &batch->error);
}

int array_sink_add(struct array_sink *sink, const struct array_row *row, struct lcap_error *error)
{
    int rc = array_sink_begin(sink, error);
    if (rc == LCAP_OK && sink->encodes_at_once)
        return encode_at_once(sink, row, error);
    if (rc == LCAP_OK && sink->batch->borrows)
        return array_batch_borrow(sink->batch, row, error);
    if (rc == LCAP_OK)
        rc = array_batch_add(sink->batch, row, error);
    return rc == LCAP_OK ? array_batch_add_packet(sink->batch, row->packets, error) : rc;
}

int array_sink_finish(struct array_sink *sink, struct lcap_error *error)
{
    if (sink->gathers)
        return encode_gathered(sink, error);
    if (sink->batch)
        pipeline_submit(sink->pipeline);
    sink->batch = NULL;
    pipeline_finish(sink->pipeline);
    return told(sink, error);
}

void array_sink_release(struct array_sink *sink)
{
    if (sink->pipeline)
        pipeline_free(sink->pipeline);
}
