/* Writes the blocks of windows to their places. */
#include "sort/window_merge.h"

#include "base/memory.h"
#include "base/pipeline.h"
#include <stdatomic.h>
#include <stdlib.h>

/* If pieces are shorter on average, the blocks are put together by parts first. */
#define PIECE_LEAST 4096

/* Indexes are merged in parts of so many windows; they have room for as much of the index. */
#define INDEX_SIZES 4

struct placed_piece {
    uint64_t offset; /* in the order */
    uint32_t len;
};

struct scattering {
    const struct windows *windows;
    const struct sorted_output *output;
    struct window_parts parts;
    struct job_room room;
    uint64_t *begins; /* where the parts begin, and the end of all */

    struct run_piece *pieces; /* in order */
    size_t piece_count, piece_capacity, most_pieces;
    atomic_bool too_many; /* pieces, or something failed */
    struct lcap_error failure;

    struct placed_piece *placed; /* those of the first window, of the next one, … */
    size_t *placed_ends;         /* of each window */

    size_t next; /* job to be begun */
};

/* ---- how long pieces are ---- */

static void merge_part(void *context, void *item)
{
    struct scattering *s = context;
    struct window_job *job = item;
    if (atomic_load(&s->too_many))
        return;
    if (window_job_make_room(job, &s->room, &job->failure) == LCAP_OK)
        (void)window_part_merge(&s->parts, job->number, s->most_pieces, job, &job->failure);
}

static int add_piece(struct scattering *s, struct run_piece piece, struct lcap_error *error)
{
    struct run_piece *last = s->piece_count > 0 ? &s->pieces[s->piece_count - 1] : NULL;
    void *pieces = s->pieces;
    if (last && last->window == piece.window && last->len <= UINT32_MAX - piece.len) {
        last->len += piece.len;
        return LCAP_OK;
    }
    const int rc =
        memory_grow(&pieces, &s->piece_capacity, s->piece_count + 1, sizeof *s->pieces, error);
    s->pieces = pieces;
    if (rc == LCAP_OK)
        s->pieces[s->piece_count++] = piece;
    return rc;
}

static void list_pieces(void *context, void *item)
{
    struct scattering *s = context;
    const struct window_job *job = item;
    if (atomic_load(&s->too_many))
        return;
    s->failure = job->failure;
    for (uint32_t i = 0; i < job->count && s->failure.code == LCAP_OK; i++)
        (void)add_piece(s, window_job_pieces(job)[i], &s->failure);
    atomic_store(&s->too_many, s->failure.code != LCAP_OK || s->piece_count > s->most_pieces);
}

/* Merges the indexes, until there are too many pieces. */
static int merge_indexes(struct scattering *s, struct lcap_error *error)
{
    const struct pipeline_plan plan = {
        .buffer_size = sizeof(struct window_job),
        .threads = s->windows->threads,
        .context = s,
        .work = merge_part,
        .last = list_pieces,
        .release = window_job_release,
    };
    const size_t size = s->windows->size;
    struct pipeline *pipeline = NULL;
    int rc = window_parts_divide(&s->parts, size * INDEX_SIZES, size / sizeof(struct index_entry),
                                 error);
    s->room = window_parts_room(&s->parts);
    if (rc == LCAP_OK)
        rc = pipeline_new(&pipeline, &plan, error);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < s->parts.count && !atomic_load(&s->too_many); i++) {
        struct window_job *job = pipeline_blank(pipeline);
        job->number = i;
        pipeline_submit(pipeline);
    }
    pipeline_finish(pipeline);
    pipeline_free(pipeline);
    return lcap_error_copy(error, &s->failure);
}

static bool pieces_are_long(const struct scattering *s)
{
    return s->piece_count <= s->most_pieces;
}

/* ---- one job after another ---- */

static bool begin_window(void *context, void *item)
{
    struct scattering *s = context;
    ((struct window_job *)item)->number = s->next++;
    return s->next < s->windows->count;
}

static void read_window(void *context, void *item)
{
    const struct scattering *s = context;
    struct window_job *job = item;
    (void)window_job_read(job, s->windows, &s->room, job->number, &job->failure);
}

static bool begin_part(void *context, void *item)
{
    struct scattering *s = context;
    ((struct window_job *)item)->number = s->next++;
    return s->next < s->parts.count;
}

/* From where windows have put its blocks. */
static void read_part(void *context, void *item)
{
    const struct scattering *s = context;
    struct window_job *job = item;
    const uint64_t begin = s->begins[job->number];
    int rc = window_job_make_room(job, &s->room, &job->failure);
    if (rc == LCAP_OK)
        rc = window_part_sort(&s->parts, job->number, job, &job->failure);
    if (rc == LCAP_OK)
        rc = s->output->read_draft(s->output->context, begin, job->data,
                                   (size_t)(s->begins[job->number + 1] - begin), &job->failure);
    if (rc == LCAP_OK)
        (void)window_job_order(job, UINT32_MAX, NULL);
}

typedef int job_writer(struct scattering *scattering, const struct window_job *job,
                       struct lcap_error *error);

/* Other threads prepare jobs, which the caller writes. */
static int run_jobs(struct scattering *s, const struct pipeline_plan *stages, job_writer *write,
                    struct lcap_error *error)
{
    struct pipeline_plan plan = *stages;
    struct pipeline *pipeline = NULL;
    plan.buffer_size = sizeof(struct window_job);
    plan.threads = s->windows->threads;
    plan.context = s;
    plan.release = window_job_release;
    s->next = 0;
    int rc = pipeline_new(&pipeline, &plan, error);
    if (rc < 0)
        return rc;
    const struct window_job *job;
    while (rc == LCAP_OK && (job = pipeline_take(pipeline))) {
        rc = lcap_error_copy(error, &job->failure);
        if (rc == LCAP_OK)
            rc = write(s, job, error);
        pipeline_give_back(pipeline);
    }
    pipeline_free(pipeline);
    return rc;
}

/* ---- long pieces ---- */

static size_t first_piece(const struct scattering *s, size_t window)
{
    return window > 0 ? s->placed_ends[window - 1] : 0;
}

/* Sorts the pieces by windows. */
static int place_pieces(struct scattering *s, struct lcap_error *error)
{
    const size_t windows = s->windows->count;
    uint64_t offset = 0;
    s->placed = memory_new(s->piece_count, sizeof *s->placed, error);
    s->placed_ends = memory_new(windows + 1, sizeof *s->placed_ends, error);
    if (!s->placed || !s->placed_ends)
        return LCAP_ERR_MEMORY;
    for (size_t i = 0; i < s->piece_count; i++)
        s->placed_ends[s->pieces[i].window + 1]++;
    for (size_t i = 0; i < windows; i++)
        s->placed_ends[i + 1] += s->placed_ends[i];
    for (size_t i = 0; i < s->piece_count; i++) {
        const struct run_piece *piece = &s->pieces[i];
        s->placed[s->placed_ends[piece->window]++] = (struct placed_piece){offset, piece->len};
        offset += piece->len;
    }
    return LCAP_OK;
}

static int write_pieces(struct scattering *s, const struct window_job *job,
                        struct lcap_error *error)
{
    const uint8_t *data = job->sorted;
    int rc = LCAP_OK;
    for (size_t i = first_piece(s, job->number); i < s->placed_ends[job->number] && rc == LCAP_OK;
         i++) {
        const struct placed_piece *piece = &s->placed[i];
        rc = s->output->write(s->output->context, piece->offset, data, piece->len, error);
        data += piece->len;
    }
    return rc;
}

static int scatter_pieces(struct scattering *s, struct lcap_error *error)
{
    const struct pipeline_plan windows = {.first = begin_window, .work = read_window};
    const int rc = place_pieces(s, error);
    return rc == LCAP_OK ? run_jobs(s, &windows, write_pieces, error) : rc;
}

/* ---- short pieces ---- */

/* Each part of a window follows that of the window before. */
static int write_drafts(struct scattering *s, const struct window_job *job,
                        struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < s->parts.count && rc == LCAP_OK; i++) {
        const uint32_t start = window_cuts(&s->parts, i)[job->number].start;
        const uint32_t len = window_cuts(&s->parts, i + 1)[job->number].start - start;
        if (len > 0)
            rc = s->output->write_draft(s->output->context, s->begins[i], job->sorted + start, len,
                                        error);
        s->begins[i] += len;
    }
    return rc;
}

static int write_part(struct scattering *s, const struct window_job *job, struct lcap_error *error)
{
    const uint64_t begin = s->begins[job->number];
    return s->output->write(s->output->context, begin, job->sorted,
                            (size_t)(s->begins[job->number + 1] - begin), error);
}

static void find_begins(struct scattering *s)
{
    s->begins[0] = 0;
    for (size_t i = 0; i < s->parts.count; i++)
        s->begins[i + 1] = s->begins[i] + window_part_bytes(&s->parts, i);
}

static int scatter_parts(struct scattering *s, struct lcap_error *error)
{
    const struct pipeline_plan windows = {.first = begin_window, .work = read_window};
    const struct pipeline_plan parts = {.first = begin_part, .work = read_part};
    int rc = window_parts_divide(&s->parts, s->windows->size, SIZE_MAX, error);
    if (rc < 0)
        return rc;
    s->begins = memory_new(s->parts.count + 1, sizeof *s->begins, error);
    if (!s->begins)
        return LCAP_ERR_MEMORY;
    find_begins(s);
    rc = run_jobs(s, &windows, write_drafts, error);
    if (rc < 0)
        return rc;
    find_begins(s);
    s->room = window_parts_room(&s->parts);
    return run_jobs(s, &parts, write_part, error);
}

static uint64_t bytes_of(const struct windows *windows)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < windows->count; i++)
        bytes += windows->items[i].len;
    return bytes;
}

static int scatter(struct scattering *s, struct lcap_error *error)
{
    const uint64_t most = bytes_of(s->windows) / PIECE_LEAST;
    const size_t fitting =
        s->windows->memory / (sizeof(struct run_piece) + sizeof(struct placed_piece));
    s->most_pieces = most < fitting ? (size_t)most : fitting;
    int rc = window_parts_begin(&s->parts, s->windows, error);
    if (rc == LCAP_OK)
        rc = merge_indexes(s, error);
    if (rc < 0)
        return rc;
    s->room = job_room_of_windows(s->windows);
    return pieces_are_long(s) ? scatter_pieces(s, error) : scatter_parts(s, error);
}

int windows_scatter(const struct windows *windows, const struct sorted_output *output,
                    struct lcap_error *error)
{
    struct scattering s = {.windows = windows, .output = output};
    const int rc = scatter(&s, error);
    free(s.placed_ends);
    free(s.placed);
    free(s.pieces);
    free(s.begins);
    window_parts_release(&s.parts);
    return rc;
}
