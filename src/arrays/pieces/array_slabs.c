/* The pipeline of slabs. */
#include "arrays/pieces/array_slabs.h"

#include "base/memory.h"
#include "capture/parts/reader_ahead.h"
#include "capture/parts/reader_guess.h"
#include <stdatomic.h>
#include <stdlib.h>

enum {
    /* Read at once, in all slabs together and at most in one, so that those at work stay in a
     * cache. */
    READ_ALL = 2 << 20,
    READ_MOST = 256 << 10,
    ROWS_BYTES = 1 << 20, /* of the rows of a slab, encoded */
    LEAST_PACKETS = 16,
    LEAST_BYTES = 64, /* of a labelled packet in a file */
};

/* After so many blocks that end slabs, there must have been so many packets for each. */
enum { MANY_OTHERS = 1000, LEAST_STRETCH = 32 };

struct array_slab {
    struct lcap_packet *packets;
    struct parsed_packet *parsed;
    size_t count;
    struct buffer memory; /* into which they point */
    struct array_batch batch;
    struct array_sink sink;
};

struct run {
    struct array_reading *reading;
    struct array_sink *sink; /* of the whole; NULL: rows are only counted */
    struct input_pass *input;
    size_t most_packets; /* in a slab */
    struct array_slab *filled;
    uint64_t others;                /* blocks that ended a slab so far */
    const struct lcap_block *other; /* that ended the last one */
    int status;                     /* of the walk */
    struct lcap_error error;
    atomic_uint_fast64_t bytes_read;
    atomic_bool is_over;            /* no slab is of use any more */
    struct lcap_error failure;      /* of the first slab that failed */
    struct lcap_error interruption; /* by the watcher */
};

bool array_slabs_can(const struct array_reading *reading, const struct input_pass *input)
{
    return reading->input->threads > 1 && input->reader &&
           reading->collector->settings->per == ARRAY_PER_PACKET;
}

/* ---- the stages ---- */

static int prepare(const struct run *run, struct array_slab *slab, struct lcap_error *error)
{
    slab->count = 0;
    if (!slab->packets)
        slab->packets = memory_new(run->most_packets, sizeof *slab->packets, error);
    if (!slab->parsed)
        slab->parsed = memory_new(run->most_packets, sizeof *slab->parsed, error);
    return slab->packets && slab->parsed ? LCAP_OK : LCAP_ERR_MEMORY;
}

/* Interfaces may move when there are more of them; bytes that were swapped are overwritten. */
static bool ends_slab(const struct run *run, const struct lcap_block *block)
{
    return block->kind == LCAP_BLOCK_SECTION || block->kind == LCAP_BLOCK_INTERFACE ||
           (block->kind == LCAP_BLOCK_PACKET && !reader_leaves_bytes(run->input->reader));
}

/* Ends the walk where the slab ends. */
static int add_packet(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct run *run = context;
    struct array_slab *slab = run->filled;
    (void)error;
    if (ends_slab(run, block)) {
        run->other = block;
        return 1;
    }
    if (block->kind == LCAP_BLOCK_PACKET)
        slab->packets[slab->count++] = block->packet;
    return slab->count == run->most_packets || !reader_next_is_at_hand(run->input->reader);
}

static bool fill_slab(void *context, void *buffer)
{
    struct run *run = context;
    struct array_slab *slab = run->filled = buffer;
    run->status = prepare(run, slab, &run->error);
    if (run->status < 0 || atomic_load(&run->is_over))
        return false;
    run->status = input_pass_walk(run->input, add_packet, run, &run->error);
    atomic_store(&run->bytes_read, lcap_reader_bytes_read(run->input->reader));
    if (run->status != 1 || run->other)
        return false;
    run->status = reader_exchange_memory(run->input->reader, &slab->memory, &run->error);
    return run->status == LCAP_OK;
}

static void parse_packets(void *context, void *buffer)
{
    const struct run *run = context;
    struct array_slab *slab = buffer;
    const bool inner = run->reading->collector->settings->inner_tunnels;
    for (size_t i = 0; i < slab->count; i++)
        parsed_packet_make(&slab->parsed[i], &slab->packets[i], inner);
}

static int prepare_rows(const struct run *run, struct array_slab *slab)
{
    const struct array_sink *whole = run->sink;
    slab->batch.borrows = true;
    slab->batch.status = LCAP_OK;
    run->reading->collector->sink = whole ? &slab->sink : NULL;
    if (!whole)
        return LCAP_OK;
    array_sink_gather(&slab->sink, whole->settings, whole->outputs, whole->output_count,
                      &slab->batch);
    return array_batch_reset(&slab->batch, whole->output_count, &slab->batch.error);
}

/* One slab after another: what a packet belongs to depends on those before. */
static void take_packets(void *context, void *buffer)
{
    struct run *run = context;
    struct array_slab *slab = buffer;
    struct array_batch *batch = &slab->batch;
    int rc = prepare_rows(run, slab);
    if (atomic_load(&run->is_over))
        return;
    for (size_t i = 0; i < slab->count && rc == LCAP_OK; i++) {
        batch->lying = slab->packets[i].data;
        rc = array_reading_parsed(run->reading, &slab->packets[i], &slab->parsed[i], &batch->error);
    }
    batch->status = rc;
    if (rc < 0)
        atomic_store(&run->is_over, true);
}

static void encode_rows(void *context, void *buffer)
{
    const struct run *run = context;
    struct array_slab *slab = buffer;
    if (run->sink)
        array_outputs_encode(run->sink->outputs, &slab->batch);
}

static void write_rows(void *context, void *buffer)
{
    struct run *run = context;
    struct array_batch *batch = &((struct array_slab *)buffer)->batch;
    if (run->failure.code != LCAP_OK)
        return;
    if (batch->status == LCAP_OK && run->sink)
        batch->status = array_outputs_write(run->sink->outputs, batch, &batch->error);
    lcap_error_copy(&run->failure, &batch->error);
    if (batch->status < 0)
        atomic_store(&run->is_over, true);
}

static void release_slab(void *buffer)
{
    struct array_slab *slab = buffer;
    array_batch_release(&slab->batch);
    buffer_release(&slab->memory);
    free(slab->packets);
    free(slab->parsed);
}

static void tell_progress(void *context)
{
    struct run *run = context;
    if (run->interruption.code == LCAP_OK &&
        input_pass_tell_read(run->input, atomic_load(&run->bytes_read), &run->interruption) < 0)
        atomic_store(&run->is_over, true);
}

/* ---- the run ---- */

/* The first error in the order of the file; an error of the walk is behind all slabs. */
static int outcome_of(const struct run *run, struct lcap_error *error)
{
    if (run->failure.code != LCAP_OK)
        return lcap_error_copy(error, &run->failure);
    if (run->interruption.code != LCAP_OK)
        return lcap_error_copy(error, &run->interruption);
    return run->status < 0 ? lcap_error_copy(error, &run->error) : LCAP_OK;
}

/* Slabs up to the next block that ends them. The rows of others before them come first. */
static int run_slabs(struct run *run, struct pipeline *pipeline, struct lcap_error *error)
{
    const int rc = run->sink ? array_sink_finish(run->sink, error) : LCAP_OK;
    if (rc < 0)
        return rc;
    run->other = NULL;
    run->input->is_quiet = true;
    pipeline_restart(pipeline);
    pipeline_run(pipeline);
    run->input->is_quiet = false;
    run->reading->parsed = NULL;
    run->reading->collector->sink = run->sink;
    return outcome_of(run, error);
}

/* Slabs between these would be too short. */
static bool others_are_many(const struct run *run)
{
    return run->others >= MANY_OTHERS && run->input->outcome.packets / run->others < LEAST_STRETCH;
}

static int read_all(struct run *run, struct pipeline *pipeline, struct lcap_error *error)
{
    int rc = run_slabs(run, pipeline, error);
    while (rc == LCAP_OK && run->other) {
        run->others++;
        rc = array_reading_block(run->reading, run->other, error);
        if (rc == LCAP_OK && others_are_many(run))
            return input_pass_walk(run->input, array_reading_block, run->reading, error);
        if (rc == LCAP_OK)
            rc = run_slabs(run, pipeline, error);
    }
    return rc;
}

static size_t at_most(size_t value, size_t most)
{
    return value < most ? value : most;
}

static size_t packets_for(const struct array_settings *settings, size_t read)
{
    const size_t rows = ROWS_BYTES / at_most(array_shape_bytes(&settings->shape), ROWS_BYTES);
    return at_most(rows, read / LEAST_BYTES) + LEAST_PACKETS;
}

int array_slabs_read(struct array_reading *reading, struct input_pass *input,
                     struct lcap_error *error)
{
    const unsigned threads = reading->input->threads;
    const size_t read = at_most(READ_ALL / pipeline_buffers(threads), READ_MOST);
    struct run run = {
        .reading = reading,
        .sink = reading->collector->sink,
        .input = input,
        .most_packets = packets_for(reading->collector->settings, read),
    };
    const struct pipeline_plan plan = {
        .buffer_size = sizeof(struct array_slab),
        .threads = threads,
        .start = PIPELINE_START,
        .context = &run,
        .first = fill_slab,
        .work = parse_packets,
        .join = take_packets,
        .work_on = encode_rows,
        .last = write_rows,
        .release = release_slab,
        .waiting = tell_progress,
    };
    struct pipeline *pipeline = NULL;
    int rc = pipeline_new(&pipeline, &plan, error);
    reader_limit_reads(input->reader, read);
    if (rc == LCAP_OK)
        rc = read_all(&run, pipeline, error);
    pipeline_free(pipeline);
    return rc;
}
