/*
 * A pipeline of groups, if there are threads for several: its threads read groups
 * ahead, whose rows wait for their turn, so that the number of threads does not affect
 * the output.
 */
#include "tabulate/group_jobs.h"

#include "base/buffer.h"
#include "base/pipeline.h"
#include "base/shared_watcher.h"
#include "features/row_copy.h"
#include "tabulate/waiting_rows.h"
#include <stdatomic.h>
#include <string.h>

/* Groups that may be finished or in progress, for each thread: those of the pipeline. */
enum { AHEAD = 2 };

struct run {
    const struct table_plan *plan;
    const struct row_taker *taker;
    group_done *done;
    size_t next; /* group that nobody reads yet */
    struct shared_watcher watcher;
    _Atomic uint64_t read;     /* bytes, by all threads */
    uint64_t before;           /* bytes of the inputs before that of `told` */
    struct lcap_progress told; /* to the watcher, by the thread of the caller */
};

struct group_job {
    struct run *run;
    const struct input_group *group;
    uint64_t read;                /* bytes that `read` of the run has of this group */
    struct waiting_rows *encoded; /* by part */
    struct waiting_rows *rows;    /* for listeners or pandas_rows.h: packed by row_copy.h */
    struct buffer packed;         /* the current row */
    struct group_result result;
    struct lcap_error error;
    int status;
};

/* Precedes each piece that is kept, so that it is passed on as it was made. */
struct record_head {
    uint64_t len;
    uint64_t rows;                       /* of encoded rows: how many begin here */
    const struct row_listener *listener; /* of a packed row */
};

/* Tells where a single thread would be that has read as much as all of them. */
static bool look(void *context)
{
    struct run *run = context;
    const struct tabulate_options *options = run->plan->options;
    const struct lcap_watcher *watcher = &options->inputs.watcher;
    const struct source *source = &options->sources->items[run->told.input];
    const uint64_t read = atomic_load(&run->read);
    for (; run->told.input + 1 < options->sources->count && read - run->before > source->size;
         source++, run->told.input++)
        run->before += source->size;
    const uint64_t rest = read - run->before;
    run->told.name = source->path;
    run->told.size = source->size;
    run->told.done = rest < source->size ? rest : source->size;
    return !watcher->look || watcher->look(watcher->context, &run->told);
}

static void ask_while_waiting(void *context)
{
    struct run *run = context;
    shared_watcher_ask(&run->watcher);
}

static uint64_t size_of_inputs(const struct run *run, size_t first, size_t end)
{
    const struct source *sources = run->plan->options->sources->items;
    uint64_t size = 0;
    for (size_t i = first; i < end; i++)
        size += sources[i].size;
    return size;
}

static void count_read(struct group_job *job, size_t input, uint64_t done)
{
    const uint64_t read = size_of_inputs(job->run, job->group->first, input) + done;
    if (read <= job->read)
        return;
    atomic_fetch_add(&job->run->read, read - job->read);
    job->read = read;
}

/* The watcher of each group that is read ahead. */
static bool look_on(void *context, const struct lcap_progress *progress)
{
    struct group_job *job = context;
    if (progress->input != LCAP_NO_INPUT)
        count_read(job, progress->input, progress->done);
    return shared_watcher_goes_on(&job->run->watcher);
}

static int keep(struct group_job *job, struct waiting_rows *waiting, const char *part,
                struct record_head head, const void *bytes, struct lcap_error *error)
{
    if (atomic_load(&job->run->watcher.is_over))
        return lcap_error_set(error, LCAP_ERR_INTERRUPTED, "the run has ended");
    const int rc = waiting_rows_append(waiting, part, &head, sizeof head, error);
    return rc == LCAP_OK ? waiting_rows_append(waiting, part, bytes, (size_t)head.len, error) : rc;
}

static int keep_encoded(void *context, const char *part, uint64_t rows, const void *bytes,
                        size_t len, struct lcap_error *error)
{
    struct group_job *job = context;
    const struct record_head head = {.len = len, .rows = rows};
    return keep(job, job->encoded, part, head, bytes, error);
}

static int keep_row(void *context, const struct row_listener *listener, const char *part,
                    const struct lcap_flow_row *row, struct lcap_error *error)
{
    struct group_job *job = context;
    buffer_clear(&job->packed);
    const int rc = row_copy_pack(row, part, &job->packed, error);
    const struct record_head head = {.len = job->packed.len, .listener = listener};
    return rc == LCAP_OK ? keep(job, job->rows, "", head, job->packed.data, error) : rc;
}

static void release_job(void *buffer)
{
    struct group_job *job = buffer;
    waiting_rows_free(job->encoded);
    waiting_rows_free(job->rows);
    buffer_release(&job->packed);
    group_result_release(&job->result);
    *job = (struct group_job){0};
}

static bool begin_job(void *context, void *buffer)
{
    struct run *run = context;
    struct group_job *job = buffer;
    job->run = run;
    job->group = &run->plan->groups.items[run->next++];
    return run->next < run->plan->groups.count;
}

static void read_ahead(void *context, void *buffer)
{
    struct run *run = context;
    const struct table_plan *plan = run->plan;
    struct group_job *job = buffer;
    struct lcap_error *error = &job->error;
    const struct lcap_watcher watcher = {look_on, job};
    const struct row_taker keeper = {.encoded = keep_encoded, .row = keep_row, .context = job};
    const uint64_t memory = plan->flow.memory / (AHEAD * plan->jobs);
    int rc = waiting_rows_new(&job->encoded, memory, plan->flow.tmpdir, error);
    if (rc == LCAP_OK)
        rc = waiting_rows_new(&job->rows, memory, plan->flow.tmpdir, error);
    if (rc == LCAP_OK)
        rc = group_reader_run(plan, job->group, &keeper, &watcher, &job->result, error);
    job->status = rc;
}

/* Joins the pieces in which waiting rows return records. */
struct unpacking {
    const struct row_taker *taker;
    bool encoded;         /* records of encoded rows; otherwise of packed rows */
    struct buffer record; /* not yet complete */
};

/* The size including the head; that of the head alone while no more is known. */
static size_t record_size(const struct buffer *record)
{
    struct record_head head = {0};
    if (record->len >= sizeof head)
        memcpy(&head, record->data, sizeof head);
    return sizeof head + (size_t)head.len;
}

static int hand_over_row(const struct row_taker *taker, const struct record_head *head,
                         const uint8_t *packed, struct lcap_error *error)
{
    struct lcap_cell cells[ROW_COPY_CELLS];
    struct lcap_flow_row row;
    const char *part = row_copy_unpack(packed, cells, &row);
    return taker->row(taker->context, head->listener, part, &row, error);
}

static int hand_over(struct unpacking *unpacking, const char *part, struct lcap_error *error)
{
    const struct row_taker *taker = unpacking->taker;
    const uint8_t *bytes = unpacking->record.data + sizeof(struct record_head);
    struct record_head head;
    memcpy(&head, unpacking->record.data, sizeof head);
    const int rc = unpacking->encoded ? taker->encoded(taker->context, part, head.rows, bytes,
                                                       (size_t)head.len, error)
                                      : hand_over_row(taker, &head, bytes, error);
    buffer_clear(&unpacking->record);
    return rc;
}

static int take_piece(void *context, const char *part, const void *bytes, size_t len,
                      struct lcap_error *error)
{
    struct unpacking *unpacking = context;
    struct buffer *record = &unpacking->record;
    const uint8_t *at = bytes;
    int rc = LCAP_OK;
    while (len > 0 && rc == LCAP_OK) {
        const size_t missing = record_size(record) - record->len;
        const size_t taken = missing < len ? missing : len;
        rc = buffer_append(record, at, taken, error);
        at += taken;
        len -= taken;
        if (rc == LCAP_OK && record->len > sizeof(struct record_head) &&
            record->len == record_size(record))
            rc = hand_over(unpacking, part, error);
    }
    return rc;
}

static int take_all(struct waiting_rows *waiting, struct unpacking unpacking,
                    struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < waiting_rows_count(waiting) && rc == LCAP_OK; i++)
        rc = waiting_rows_read(waiting, i, take_piece, &unpacking, error);
    buffer_release(&unpacking.record);
    return rc;
}

static int take_over(struct group_job *job, const struct row_taker *taker, struct lcap_error *error)
{
    if (job->status < 0) {
        lcap_error_copy(error, &job->error);
        return job->status;
    }
    const int rc =
        take_all(job->encoded, (struct unpacking){.taker = taker, .encoded = true}, error);
    return rc == LCAP_OK ? take_all(job->rows, (struct unpacking){.taker = taker}, error) : rc;
}

static int read_directly(const struct run *run, const struct input_group *group,
                         struct lcap_error *error)
{
    const struct table_plan *plan = run->plan;
    struct group_result result = {0};
    int rc =
        group_reader_run(plan, group, run->taker, &plan->options->inputs.watcher, &result, error);
    if (rc == LCAP_OK)
        rc = run->done(run->taker->context, group, &result, error);
    group_result_release(&result);
    return rc;
}

static int take_directly(const struct run *run, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < run->plan->groups.count && rc == LCAP_OK; i++)
        rc = read_directly(run, &run->plan->groups.items[i], error);
    return rc;
}

/* All inputs of the group have been read. */
static int tell_progress(struct run *run, struct group_job *job, struct lcap_error *error)
{
    count_read(job, job->group->first + job->group->count, 0);
    return shared_watcher_check(&run->watcher, run->told.name, error);
}

static int take_read(struct run *run, struct pipeline *pipeline, struct lcap_error *error)
{
    struct group_job *job;
    int rc = LCAP_OK;
    while (rc == LCAP_OK && (job = pipeline_take(pipeline))) {
        rc = take_over(job, run->taker, error);
        if (rc == LCAP_OK)
            rc = run->done(run->taker->context, job->group, &job->result, error);
        if (rc == LCAP_OK)
            rc = tell_progress(run, job, error);
        release_job(job);
        pipeline_give_back(pipeline);
    }
    return rc;
}

int group_jobs_run(const struct table_plan *plan, const struct row_taker *taker, group_done *done,
                   struct lcap_error *error)
{
    struct run run = {
        .plan = plan,
        .taker = taker,
        .done = done,
        .watcher = {.ask = look, .context = &run, .caller = pthread_self()},
    };
    const struct pipeline_plan jobs = {
        .buffer_size = sizeof(struct group_job),
        .threads = (unsigned)(plan->jobs < plan->groups.count ? plan->jobs : plan->groups.count),
        .context = &run,
        .first = begin_job,
        .work = read_ahead,
        .release = release_job,
        .waiting = ask_while_waiting,
    };
    struct pipeline *pipeline;
    if (jobs.threads <= 1)
        return take_directly(&run, error);
    int rc = pipeline_new(&pipeline, &jobs, error);
    if (rc == LCAP_OK)
        rc = take_read(&run, pipeline, error);
    atomic_store(&run.watcher.is_over, true);
    pipeline_free(pipeline);
    return rc;
}
