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
#include "cmd/talk.h"
#include "tabulate/waiting_rows.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Groups that may be finished or in progress, per worker. */
enum { AHEAD = 2 };

struct pool;

struct group_job {
    struct pool *pool;
    struct waiting_rows *parts[ROW_DESTINATIONS];
    struct group_result result;
    struct lcap_error error;
    int status;
    bool finished;
};

struct pool {
    const struct flows_plan *plan;
    struct group_job *jobs; /* one for each group */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t next;      /* next group that nobody has claimed */
    size_t taken;     /* groups taken by the main thread */
    atomic_bool stop; /* the run has failed: results of workers are discarded */
};

/* Precedes each piece that is kept, so that it is passed on as it was made. */
struct record_head {
    uint64_t rows;
    uint64_t len;
};

static int keep_rows(void *context, enum row_destination to, const char *part, uint64_t rows,
                     const void *bytes, size_t len, struct lcap_error *error)
{
    struct group_job *job = context;
    if (atomic_load(&job->pool->stop))
        return lcap_error_set(error, LCAP_ERR_INTERRUPTED, "the run has ended");
    const struct record_head head = {.rows = rows, .len = len};
    int rc = waiting_rows_append(job->parts[to], part, &head, sizeof head, error);
    if (rc == LCAP_OK)
        rc = waiting_rows_append(job->parts[to], part, bytes, len, error);
    return rc;
}

static int work_on(struct pool *pool, size_t group, struct group_job *job)
{
    const struct flows_plan *plan = pool->plan;
    const uint64_t memory = plan->args.memory / (AHEAD * plan->args.jobs);
    int rc = LCAP_OK;
    job->pool = pool;
    for (size_t i = 0; i < ROW_DESTINATIONS && rc == LCAP_OK; i++)
        rc = waiting_rows_new(&job->parts[i], memory, plan->options.tmpdir, &job->error);
    if (rc == LCAP_OK)
        rc = group_reader_run(plan, &plan->groups[group], keep_rows, job, NULL, &job->result,
                              &job->error);
    return rc;
}

/* Claims a group to read ahead; false if there is none, or none yet. Under the lock. */
static bool claim_next(struct pool *pool, size_t *group)
{
    const size_t window = AHEAD * (size_t)pool->plan->args.jobs;
    *group = pool->next;
    if (pool->stop || pool->next >= pool->plan->group_count || pool->next >= pool->taken + window)
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
    while (!pool->stop && pool->next < pool->plan->group_count) {
        if (claim_next(pool, &group))
            read_ahead(pool, group);
        else
            pthread_cond_wait(&pool->changed, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

struct taker {
    row_taker *take;
    void *context;
    enum row_destination to;
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

static int hand_over(struct taker *taker, const char *part, struct lcap_error *error)
{
    struct record_head head;
    memcpy(&head, taker->record.data, sizeof head);
    const int rc = taker->take(taker->context, taker->to, part, head.rows,
                               taker->record.data + sizeof head, (size_t)head.len, error);
    buffer_clear(&taker->record);
    return rc;
}

static int take_piece(void *context, const char *part, const void *bytes, size_t len,
                      struct lcap_error *error)
{
    struct taker *taker = context;
    const uint8_t *at = bytes;
    int rc = LCAP_OK;
    while (len > 0 && rc == LCAP_OK) {
        const size_t missing = record_size(&taker->record) - taker->record.len;
        const size_t taken = missing < len ? missing : len;
        rc = buffer_append(&taker->record, at, taken, error);
        at += taken;
        len -= taken;
        if (rc == LCAP_OK && taker->record.len > sizeof(struct record_head) &&
            taker->record.len == record_size(&taker->record))
            rc = hand_over(taker, part, error);
    }
    return rc;
}

static int take_over(struct group_job *job, row_taker *take, void *context,
                     struct lcap_error *error)
{
    int rc = job->status;
    if (rc < 0)
        *error = job->error;
    for (size_t to = 0; to < ROW_DESTINATIONS && rc == LCAP_OK; to++) {
        struct taker taker = {.take = take, .context = context, .to = (enum row_destination)to};
        for (size_t i = 0; i < waiting_rows_count(job->parts[to]) && rc == LCAP_OK; i++)
            rc = waiting_rows_read(job->parts[to], i, take_piece, &taker, error);
        buffer_release(&taker.record);
    }
    return rc;
}

static void release_job(struct group_job *job)
{
    for (size_t i = 0; i < ROW_DESTINATIONS; i++) {
        waiting_rows_free(job->parts[i]);
        job->parts[i] = NULL;
    }
    group_result_release(&job->result);
    job->result.inputs = NULL;
}

static int read_directly(const struct flows_plan *plan, const struct input_group *group,
                         row_taker *take, group_done *done, void *context, struct lcap_error *error)
{
    struct group_result result = {0};
    int rc = group_reader_run(plan, group, take, context, progress_of_reader, &result, error);
    if (rc == LCAP_OK)
        rc = done(context, group, &result, error);
    group_result_release(&result);
    return rc;
}

static int take_from_worker(struct pool *pool, size_t group, row_taker *take, group_done *done,
                            void *context, struct lcap_error *error)
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
    int rc = take_over(job, take, context, error);
    if (rc == LCAP_OK)
        rc = done(context, &pool->plan->groups[group], &job->result, error);
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

static int take_groups(struct pool *pool, row_taker *take, group_done *done, void *context,
                       struct lcap_error *error)
{
    const struct flows_plan *plan = pool->plan;
    int rc = LCAP_OK;
    for (size_t i = 0; i < plan->group_count && rc == LCAP_OK; i++) {
        /* The first one was claimed before there were workers. */
        rc = i == 0 || claim(pool, i)
                 ? read_directly(plan, &plan->groups[i], take, done, context, error)
                 : take_from_worker(pool, i, take, done, context, error);
        count_taken(pool);
    }
    return rc;
}

/* All threads except the main thread. */
static int start_workers(struct pool *pool, pthread_t *threads, size_t *started,
                         struct lcap_error *error)
{
    const size_t groups = pool->plan->group_count;
    const size_t jobs = pool->plan->args.jobs < groups ? pool->plan->args.jobs : groups;
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
    for (size_t i = 0; i < pool->plan->group_count; i++)
        release_job(&pool->jobs[i]);
    free(pool->jobs);
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->lock);
}

int group_jobs_run(const struct flows_plan *plan, row_taker *take, group_done *done, void *context,
                   struct lcap_error *error)
{
    struct pool pool = {.plan = plan, .next = 1};
    pthread_t *threads = memory_new(plan->args.jobs, sizeof *threads, error);
    pool.jobs = memory_new(plan->group_count, sizeof *pool.jobs, error);
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
        rc = take_groups(&pool, take, done, context, error);
    stop_workers(&pool, threads, started);
    free(threads);
    return rc;
}
