/* The pipeline of pieces. */
#include "arrays/pieces/array_pieces.h"

#include "arrays/pieces/array_piece.h"
#include "arrays/pieces/piece_cuts.h"
#include "base/pipeline.h"
#include "base/shared_watcher.h"
#include "capture/parts/reader_guess.h"
#include <stdatomic.h>

enum {
    LONGEST = 4 << 20,    /* so that looks for cuts and cold caches take little of the time */
    SHORTEST = 1 << 20,   /* shorter pieces are read by a thread alone as fast */
    MOST_LEFT = 32 << 20, /* a piece whose last sample makes it longer is left to the caller */
    LEAST_FILE = 12 << 20,
    LARGEST_ROW = 4 << 10,
    SHARES = 4, /* of each thread in what is left: so all end at about the same time */
};

struct run {
    struct array_reading *reading;
    struct input_pass *input;
    struct piece_cuts cuts;
    struct lcap_position cut;  /* where the next piece begins */
    atomic_size_t longest;     /* piece that probably fits into memory */
    struct reader_place place; /* up to which rows have been taken */
    bool is_there;             /* the input of the caller */
    bool is_over;              /* nothing follows, or the caller has read it */
    struct shared_watcher watcher;
};

/* Large rows take longer to encode than to read, which several threads do anyway. */
static bool are_mostly_read(const struct array_settings *settings)
{
    return array_shape_bytes(&settings->shape) <= LARGEST_ROW;
}

bool array_pieces_can(const struct array_reading *reading, const struct input_pass *input)
{
    const struct array_collector *collector = reading->collector;
    return reading->input->threads > 1 && input->reader && reader_is_plain(input->reader) &&
           lcap_reader_format(input->reader) == LCAP_FORMAT_PCAPNG &&
           lcap_reader_file_size(input->reader) >= LEAST_FILE &&
           are_mostly_read(collector->settings) &&
           (!collector->sink || collector->sink->outputs[0]->class->check);
}

/* ---- the threads ---- */

static bool ask(void *context)
{
    const struct run *run = context;
    const struct input_pass *input = run->input;
    const struct lcap_progress progress = {
        .phase = input->phase,
        .name = input->outcome.name,
        .input = input->number,
        .done = run->place.position.offset,
        .size = run->cuts.size,
    };
    return pass_progress_tell(&run->reading->input->watcher, &progress, NULL) == LCAP_OK;
}

static void ask_while_waiting(void *context)
{
    struct run *run = context;
    shared_watcher_ask(&run->watcher);
}

/* The watcher of pieces. */
static bool look_on(void *context, const struct lcap_progress *progress)
{
    struct run *run = context;
    (void)progress;
    return shared_watcher_goes_on(&run->watcher);
}

static uint64_t length_of(const struct run *run, const struct array_piece *piece)
{
    const uint64_t left = run->cuts.size - piece->from.offset;
    const uint64_t share = left / SHARES / run->reading->input->threads;
    const uint64_t length = share > SHORTEST ? share : SHORTEST;
    return length < piece->longest ? length : piece->longest;
}

static bool begin_piece(void *context, void *buffer)
{
    struct run *run = context;
    struct array_piece *piece = buffer;
    const uint64_t begin = run->cut.offset;
    piece->from = run->cut;
    piece->longest = atomic_load(&run->longest);
    const bool more = !atomic_load(&run->watcher.is_over) &&
                      piece_cuts_find(&run->cuts, begin + length_of(run, piece), &run->cut);
    piece->end = more ? run->cut.offset : 0;
    piece->is_left = begin == 0 || (more && piece->end - begin > MOST_LEFT);
    return more;
}

static void read_piece(void *context, void *buffer)
{
    struct run *run = context;
    struct array_piece *piece = buffer;
    const struct lcap_watcher watcher = {look_on, run};
    if (!piece->is_left)
        array_piece_read(piece, run->reading, run->input, &watcher);
}

static void release_piece(void *buffer)
{
    array_piece_release(buffer);
}

/* ---- the caller ---- */

/* Reads up to a place; 0: the end of the file. */
static int read_on(struct run *run, uint64_t end, struct lcap_error *error)
{
    struct input_pass *input = run->input;
    int rc = run->is_there ? LCAP_OK : reader_place_go(&run->place, input->reader, error);
    run->is_there = true;
    input->end = end;
    if (rc == LCAP_OK)
        rc = input_pass_walk(input, array_reading_block, run->reading, error);
    run->is_over = input->outcome.status < 0 || end == 0;
    return rc == LCAP_OK && !run->is_over ? reader_place_take(&run->place, input->reader, error)
                                          : rc;
}

/* The caller needs the memory of a piece that it reads itself. */
static void give_up(struct array_piece *piece)
{
    array_piece_release(piece);
    *piece = (struct array_piece){.is_left = true};
}

/* Half of what has fitted will fit. If that is little, there are no more pieces. */
static int read_left(struct run *run, struct array_piece *piece, struct lcap_error *error)
{
    uint64_t end = piece->end;
    if (piece->full_at > 0 && piece->longest == atomic_load(&run->longest)) {
        const size_t longest = (size_t)(piece->full_at - piece->from.offset) / 2;
        atomic_store(&run->longest, longest);
        end = longest < SHORTEST ? 0 : end;
    }
    give_up(piece);
    return read_on(run, end, error);
}

/* Whether the piece is what follows. A sample that goes on is none of it. */
static bool follows(const struct run *run, const struct array_piece *piece)
{
    const struct array_reading *whole = run->reading, *reading = &piece->reading;
    return reader_place_equal(&run->place, &piece->begin) &&
           !(whole->met && reading->met && reading->first_sample == whole->sample_id);
}

static int check(const struct run *run, const struct array_piece *piece, struct lcap_error *error)
{
    struct array_reading *whole = run->reading;
    const struct array_reading *reading = &piece->reading;
    if (whole->met && reading->met && reading->first_sample < whole->sample_id)
        return array_reading_refuse(whole, reading->first_sample, error);
    if (piece->status < 0)
        lcap_error_copy(error, &piece->error);
    return piece->status;
}

static void move_on(struct run *run, struct array_piece *piece)
{
    const struct reader_place before = run->place;
    run->place = piece->finish;
    piece->finish = before;
    run->is_there = false;
    run->is_over = piece->input.outcome.status < 0 || piece->end == 0;
}

/* The rows that the caller has read itself come first. */
static int join(struct run *run, struct array_piece *piece, struct lcap_error *error)
{
    struct array_reading *whole = run->reading;
    int rc = check(run, piece, error);
    if (rc == LCAP_OK)
        rc = array_reading_end(whole, error);
    if (rc == LCAP_OK && whole->collector->sink)
        rc = array_sink_finish(whole->collector->sink, error);
    if (rc == LCAP_OK)
        rc = array_piece_join(piece, whole, run->input, error);
    move_on(run, piece);
    return rc;
}

static int take_piece(struct run *run, struct array_piece *piece, struct lcap_error *error)
{
    if (piece->is_left)
        return read_left(run, piece, error);
    return follows(run, piece) ? join(run, piece, error) : read_on(run, 0, error);
}

static int take_pieces(struct run *run, struct pipeline *pipeline, struct lcap_error *error)
{
    struct array_piece *piece;
    int rc = LCAP_OK;
    while (rc == LCAP_OK && !run->is_over && (piece = pipeline_take(pipeline))) {
        rc = shared_watcher_check(&run->watcher, run->input->outcome.name, error);
        if (rc == LCAP_OK)
            rc = take_piece(run, piece, error);
        pipeline_give_back(pipeline);
    }
    return rc;
}

int array_pieces_read(struct array_reading *reading, struct input_pass *input,
                      struct lcap_error *error)
{
    struct run run = {
        .reading = reading,
        .input = input,
        .is_there = true,
        .longest = LONGEST,
        .watcher = {.ask = ask, .context = &run, .caller = pthread_self()},
    };
    const struct pipeline_plan plan = {
        .buffer_size = sizeof(struct array_piece),
        .threads = reading->input->threads,
        .context = &run,
        .first = begin_piece,
        .work = read_piece,
        .release = release_piece,
        .waiting = ask_while_waiting,
    };
    struct pipeline *pipeline = NULL;
    int rc = piece_cuts_init(&run.cuts, input->reader, error);
    if (rc == LCAP_OK)
        rc = pipeline_new(&pipeline, &plan, error);
    if (rc == LCAP_OK)
        rc = take_pieces(&run, pipeline, error);
    atomic_store(&run.watcher.is_over, true);
    pipeline_free(pipeline);
    piece_cuts_release(&run.cuts);
    reader_place_release(&run.place);
    return rc;
}
