/*
 * The main thread takes the groups in order. A group that no worker has claimed it
 * reads itself, directly into the output. Workers read groups ahead, and their
 * results wait for their turn, so the number of workers does not affect the output.
 * While the main thread waits for a worker, it reads ahead itself. No thread runs
 * ahead by more than a few groups.
 */
#include "tabulate/group_jobs.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "base/thread.h"
#include "tabulate/row_copy.h"
#include "tabulate/waiting_rows.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Groups that may be finished or in progress, per worker. */
enum { AHEAD = 2 };

struct pool;

struct group_job {
    struct pool *pool;
    struct waiting_rows *encoded; /* by part */
    struct waiting_rows *rows;    /* for listeners or pandas_rows.h: packed by row_copy.h */
    struct buffer packed;         /* the current row */
    struct group_result result;
    struct lcap_error error;
    int status;
    bool finished;
};

struct pool {
    const struct table_plan *plan;
    const struct row_taker *taker;
    group_done *done;
    struct group_job *jobs; /* one for each group */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t next;      /* next group that nobody has claimed */
    size_t taken;     /* groups taken by the main thread */
    atomic_bool stop; /* the run has failed: results of workers are discarded */
};

/* Precedes each piece that is kept, so that it is passed on as it was made. */
struct record_head {
    uint64_t len;
    uint64_t rows;                       /* of encoded rows: how many begin here */
    const struct row_listener *listener; /* of a packed row */
};

static int keep(struct group_job *job, struct waiting_rows *waiting, const char *part,
                struct record_head head, const void *bytes, struct lcap_error *error)
{
    if (atomic_load(&job->pool->stop))
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

static int work_on(struct pool *pool, size_t group, struct group_job *job)
{
    const struct table_plan *plan = pool->plan;
    const struct row_taker keeper = {.encoded = keep_encoded, .row = keep_row, .context = job};
    const uint64_t memory = plan->flow.memory / (AHEAD * plan->jobs);
    job->pool = pool;
    int rc = waiting_rows_new(&job->encoded, memory, plan->flow.tmpdir, &job->error);
    if (rc == LCAP_OK)
        rc = waiting_rows_new(&job->rows, memory, plan->flow.tmpdir, &job->error);
    if (rc == LCAP_OK)
        rc = group_reader_run(plan, &plan->groups.items[group], &keeper, NULL, &job->result,
                              &job->error);
    buffer_release(&job->packed);
    return rc;
}

/* Claims a group to read ahead; false if there is none, or none yet. Under the lock. */
static bool claim_next(struct pool *pool, size_t *group)
{
    const size_t window = AHEAD * (size_t)pool->plan->jobs;
    *group = pool->next;
    if (pool->stop || pool->next >= pool->plan->groups.count || pool->next >= pool->taken + window)
        return false;
    pool->next++;
    return true;
}

/* Reads a claimed group ahead, and releases the lock meanwhile. */
static void read_ahead(struct pool *pool, size_t group)
{
    struct group_job *job = &pool->jobs[group];
    pthread_mutex_unlock(&pool->lock);
    const int status = work_on(pool, group, job);
    pthread_mutex_lock(&pool->lock);
    job->status = status;
    job->finished = true;
    pthread_cond_broadcast(&pool->changed);
}

static void *worker(void *context)
{
    struct pool *pool = context;
    size_t group;
    pthread_mutex_lock(&pool->lock);
    while (!pool->stop && pool->next < pool->plan->groups.count) {
        if (claim_next(pool, &group))
            read_ahead(pool, group);
        else
            pthread_cond_wait(&pool->changed, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
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
        *error = job->error;
        return job->status;
    }
    const int rc =
        take_all(job->encoded, (struct unpacking){.taker = taker, .encoded = true}, error);
    return rc == LCAP_OK ? take_all(job->rows, (struct unpacking){.taker = taker}, error) : rc;
}

static void release_job(struct group_job *job)
{
    waiting_rows_free(job->encoded);
    waiting_rows_free(job->rows);
    group_result_release(&job->result);
    *job = (struct group_job){0};
}

static int read_directly(const struct pool *pool, size_t group, struct lcap_error *error)
{
    const struct table_plan *plan = pool->plan;
    const struct input_group *at = &plan->groups.items[group];
    struct group_result result = {0};
    int rc =
        group_reader_run(plan, at, pool->taker, &plan->options->inputs.watcher, &result, error);
    if (rc == LCAP_OK)
        rc = pool->done(pool->taker->context, at, &result, error);
    group_result_release(&result);
    return rc;
}

static int take_from_worker(struct pool *pool, size_t group, struct lcap_error *error)
{
    struct group_job *job = &pool->jobs[group];
    size_t other;
    pthread_mutex_lock(&pool->lock);
    while (!job->finished) {
        if (claim_next(pool, &other))
            read_ahead(pool, other);
        else
            pthread_cond_wait(&pool->changed, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    int rc = take_over(job, pool->taker, error);
    if (rc == LCAP_OK)
        rc =
            pool->done(pool->taker->context, &pool->plan->groups.items[group], &job->result, error);
    release_job(job);
    return rc;
}

/* Whether nobody has claimed the group; then the main thread takes it. */
static bool claim(struct pool *pool, size_t group)
{
    pthread_mutex_lock(&pool->lock);
    const bool mine = pool->next == group;
    pool->next += mine;
    pthread_mutex_unlock(&pool->lock);
    return mine;
}

static void count_taken(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->taken++;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
}

static int take_groups(struct pool *pool, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < pool->plan->groups.count && rc == LCAP_OK; i++) {
        /* The first one was claimed before there were workers. */
        rc = i == 0 || claim(pool, i) ? read_directly(pool, i, error)
                                      : take_from_worker(pool, i, error);
        count_taken(pool);
    }
    return rc;
}

/* All threads except the main thread. */
static int start_workers(struct pool *pool, pthread_t *threads, size_t *started,
                         struct lcap_error *error)
{
    const size_t groups = pool->plan->groups.count;
    const size_t jobs = pool->plan->jobs < groups ? pool->plan->jobs : groups;
    int rc = LCAP_OK;
    while (*started + 1 < jobs && rc == LCAP_OK) {
        rc = thread_start(&threads[*started], worker, pool, error);
        *started += rc == LCAP_OK;
    }
    return rc;
}

static void stop_workers(struct pool *pool, const pthread_t *threads, size_t started)
{
    pthread_mutex_lock(&pool->lock);
    pool->stop = true;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < pool->plan->groups.count; i++)
        release_job(&pool->jobs[i]);
    free(pool->jobs);
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->lock);
}

int group_jobs_run(const struct table_plan *plan, const struct row_taker *taker, group_done *done,
                   struct lcap_error *error)
{
    struct pool pool = {.plan = plan, .taker = taker, .done = done, .next = 1};
    pthread_t *threads = memory_new(plan->jobs, sizeof *threads, error);
    pool.jobs = memory_new(plan->groups.count, sizeof *pool.jobs, error);
    if (!threads || !pool.jobs) {
        free(threads);
        free(pool.jobs);
        return LCAP_ERR_MEMORY;
    }
    size_t started = 0;
    pthread_mutex_init(&pool.lock, NULL);
    pthread_cond_init(&pool.changed, NULL);
    int rc = start_workers(&pool, threads, &started, error);
    if (rc == LCAP_OK)
        rc = take_groups(&pool, error);
    stop_workers(&pool, threads, started);
    free(threads);
    return rc;
}
