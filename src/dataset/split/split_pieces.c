/* The pipeline of pieces. */
#include "dataset/split/split_pieces.h"

#include "base/pipeline.h"
#include "base/shared_watcher.h"
#include <stdatomic.h>

struct piece {
    const struct split_cut *cut;
    struct input_options options;
    struct input_pass input; /* stays open for more pieces */
    struct split_files files;
    struct lcap_error failure;
};

struct run {
    const struct split_plan *plan;
    const struct split_cuts *cuts;
    struct input_pass *whole;
    struct split_pass_result *result;
    size_t begun;              /* pieces */
    atomic_uint_fast64_t done; /* bytes of the input */
    struct shared_watcher watcher;
    struct lcap_error failure;      /* of the first piece that failed */
    struct lcap_error interruption; /* by the watcher */
};

/* The first stage. */
static bool begin_piece(void *context, void *begun)
{
    struct run *run = context;
    struct piece *piece = begun;
    piece->cut = &run->cuts->items[run->begun++];
    return run->begun < run->cuts->count && !atomic_load(&run->watcher.is_over);
}

static bool is_last(const struct run *run, const struct split_cut *cut)
{
    return cut == &run->cuts->items[run->cuts->count - 1];
}

static uint64_t end_of(const struct run *run, const struct piece *piece)
{
    return is_last(run, piece->cut) ? 0 : piece->cut[1].place.position.offset;
}

/* As many packets as the survey has found there, in the same file. */
static void expect_packets(const struct run *run, struct piece *piece)
{
    const struct input_pass *whole = run->whole;
    const bool last = is_last(run, piece->cut);
    const struct input_seen seen = {
        .stamp = whole->seen.stamp,
        .whole = true,
        .packets = (last ? whole->outcome.packets : piece->cut[1].packets) - piece->cut->packets,
        .status = last ? whole->outcome.status : LCAP_OK,
    };
    input_pass_expect(&piece->input, &seen);
}

static bool look_on(void *context, const struct lcap_progress *progress)
{
    struct run *run = context;
    (void)progress;
    return shared_watcher_goes_on(&run->watcher);
}

static int open_input(struct run *run, struct piece *piece, struct lcap_error *error)
{
    const struct lcap_watcher watcher = {look_on, run};
    piece->files.plan = run->plan;
    piece->files.input = &piece->input;
    return input_pass_open_parts(&piece->input, run->whole, &piece->options, &watcher, error);
}

static int go_to_cut(struct run *run, struct piece *piece, struct lcap_error *error)
{
    const int rc = piece->input.reader ? LCAP_OK : open_input(run, piece, error);
    return rc == LCAP_OK ? reader_place_go(&piece->cut->place, piece->input.reader, error) : rc;
}

static int enter(struct run *run, struct piece *piece)
{
    struct input_pass *input = &piece->input;
    struct lcap_error error = {0};
    const int rc = go_to_cut(run, piece, &error);
    if (rc == LCAP_ERR_IO || rc == LCAP_ERR_MEMORY)
        return lcap_error_copy(&piece->failure, &error);
    if (rc < 0) /* the survey has been there */
        return input_pass_changed(run->whole, &piece->failure);
    input_pass_begin_part(input, end_of(run, piece));
    expect_packets(run, piece);
    piece->files.next = piece->cut->sample;
    return LCAP_OK;
}

static int take_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct piece *piece = context;
    return split_files_block(&piece->files, block, error);
}

/* The second stage. */
static void write_piece(void *context, void *written)
{
    struct run *run = context;
    struct piece *piece = written;
    if (atomic_load(&run->watcher.is_over))
        return;
    int rc = enter(run, piece);
    if (rc == LCAP_OK)
        rc = input_pass_walk(&piece->input, take_block, piece, &piece->failure);
    if (rc == LCAP_OK)
        split_files_close(&piece->files, &piece->failure);
}

/* The last stage. A piece that came after the end of the run has not been entered. */
static void settle_piece(void *context, void *settled)
{
    struct run *run = context;
    struct piece *piece = settled;
    lcap_error_copy(&run->failure, &piece->failure);
    if (run->failure.code == LCAP_OK && !atomic_load(&run->watcher.is_over))
        split_files_settle(&piece->files, run->result, &run->failure);
    if (run->failure.code != LCAP_OK)
        atomic_store(&run->watcher.is_over, true);
    if (!is_last(run, piece->cut))
        atomic_store(&run->done, piece->cut[1].place.position.offset);
}

static void release_piece(void *released)
{
    struct piece *piece = released;
    split_files_release(&piece->files);
    input_pass_close(&piece->input);
}

static bool ask_watcher(void *context)
{
    struct run *run = context;
    return run->interruption.code == LCAP_OK &&
           input_pass_tell_read(run->whole, atomic_load(&run->done), &run->interruption) == LCAP_OK;
}

static void look_while_waiting(void *context)
{
    struct run *run = context;
    shared_watcher_ask(&run->watcher);
}

/* The first failure in the order of the file. */
static int outcome_of(const struct run *run, struct lcap_error *error)
{
    const struct lcap_error *found =
        run->failure.code != LCAP_OK ? &run->failure : &run->interruption;
    return found->code == LCAP_OK ? LCAP_OK : lcap_error_copy(error, found);
}

int split_pieces_write(const struct split_plan *plan, struct input_pass *input,
                       struct split_pass_result *result, struct lcap_error *error)
{
    struct run run = {
        .plan = plan,
        .cuts = &plan->found.cuts,
        .whole = input,
        .result = result,
        .watcher = {.ask = ask_watcher, .context = &run, .caller = pthread_self()},
    };
    const struct pipeline_plan stages = {
        .buffer_size = sizeof(struct piece),
        .threads = plan->options->input.threads,
        .context = &run,
        .first = begin_piece,
        .work = write_piece,
        .last = settle_piece,
        .release = release_piece,
        .waiting = look_while_waiting,
    };
    struct pipeline *pipeline = NULL;
    int rc = input_pass_tell_read(input, 0, error);
    if (rc == LCAP_OK)
        rc = pipeline_new(&pipeline, &stages, error);
    if (rc != LCAP_OK)
        return rc;
    pipeline_run(pipeline);
    pipeline_free(pipeline);
    return outcome_of(&run, error);
}
