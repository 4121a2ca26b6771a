/*
 * The main thread takes the streams over in order. One that nobody works on yet it
 * reads itself, straight into the output. Workers read streams ahead of it, and what
 * they make waits for its turn, so that their number never shows in the output.
 * Where the main thread has to wait for a worker, it reads ahead itself. Nobody
 * runs ahead by more than a few streams.
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

/* Streams that may be finished or worked on, for each worker. */
enum { AHEAD = 2 };

struct pool;

struct stream_job {
    struct pool *pool;
    struct flows_parts *parts[FLOWS_DESTINATIONS];
    struct flows_result result;
    struct lcap_error error;
    int status;
    bool finished;
};

struct pool {
    const struct flows_plan *plan;
    struct stream_job *jobs; /* one for each stream */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t next;      /* stream that nobody works on yet */
    size_t taken;     /* streams taken over */
    atomic_bool stop; /* the run has failed: what workers make is for nobody */
};

/* In front of what is kept at a time, so that it is handed on as it was made. */
struct frame_head {
    uint64_t rows;
    uint64_t len;
};

static int keep_rows(void *context, enum flows_destination to, const char *part, uint64_t rows,
                     const void *bytes, size_t len, struct lcap_error *error)
{
    struct stream_job *job = context;
    if (atomic_load(&job->pool->stop))
        return lcap_error_set(error, LCAP_ERR_INTERRUPTED, "the run has ended");
    const struct frame_head head = {.rows = rows, .len = len};
    int rc = flows_parts_append(job->parts[to], part, &head, sizeof head, error);
    if (rc == LCAP_OK)
        rc = flows_parts_append(job->parts[to], part, bytes, len, error);
    return rc;
}

static int work_on(struct pool *pool, size_t stream, struct stream_job *job)
{
    const struct flows_plan *plan = pool->plan;
    const uint64_t memory = plan->args.memory / (AHEAD * plan->args.jobs);
    int rc = LCAP_OK;
    job->pool = pool;
    for (size_t i = 0; i < FLOWS_DESTINATIONS && rc == LCAP_OK; i++)
        rc = flows_parts_new(&job->parts[i], memory, plan->options.tmpdir, &job->error);
    if (rc == LCAP_OK)
        rc = flows_stream_run(plan, &plan->streams[stream], keep_rows, job, NULL, &job->result,
                              &job->error);
    return rc;
}

/* Claims a stream to read ahead; false where there is none, or none yet. Under the lock. */
static bool claim_next(struct pool *pool, size_t *stream)
{
    const size_t window = AHEAD * (size_t)pool->plan->args.jobs;
    *stream = pool->next;
    if (pool->stop || pool->next >= pool->plan->stream_count || pool->next >= pool->taken + window)
        return false;
    pool->next++;
    return true;
}

/* Reads a claimed stream ahead. The lock is let go meanwhile. */
static void read_ahead(struct pool *pool, size_t stream)
{
    struct stream_job *job = &pool->jobs[stream];
    pthread_mutex_unlock(&pool->lock);
    const int status = work_on(pool, stream, job);
    pthread_mutex_lock(&pool->lock);
    job->status = status;
    job->finished = true;
    pthread_cond_broadcast(&pool->changed);
}

static void *worker(void *context)
{
    struct pool *pool = context;
    size_t stream;
    pthread_mutex_lock(&pool->lock);
    while (!pool->stop && pool->next < pool->plan->stream_count) {
        if (claim_next(pool, &stream))
            read_ahead(pool, stream);
        else
            pthread_cond_wait(&pool->changed, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

struct taker {
    flows_rows_taker *take;
    void *context;
    enum flows_destination to;
    struct buffer frame; /* not yet whole */
};

/* With its head; that of the head alone while no more is known. */
static size_t frame_size(const struct buffer *frame)
{
    struct frame_head head = {0};
    if (frame->len >= sizeof head)
        memcpy(&head, frame->data, sizeof head);
    return sizeof head + (size_t)head.len;
}

static int hand_over(struct taker *taker, const char *part, struct lcap_error *error)
{
    struct frame_head head;
    memcpy(&head, taker->frame.data, sizeof head);
    const int rc = taker->take(taker->context, taker->to, part, head.rows,
                               taker->frame.data + sizeof head, (size_t)head.len, error);
    buffer_clear(&taker->frame);
    return rc;
}

static int take_piece(void *context, const char *part, const void *bytes, size_t len,
                      struct lcap_error *error)
{
    struct taker *taker = context;
    const uint8_t *at = bytes;
    int rc = LCAP_OK;
    while (len > 0 && rc == LCAP_OK) {
        const size_t missing = frame_size(&taker->frame) - taker->frame.len;
        const size_t taken = missing < len ? missing : len;
        rc = buffer_append(&taker->frame, at, taken, error);
        at += taken;
        len -= taken;
        if (rc == LCAP_OK && taker->frame.len > sizeof(struct frame_head) &&
            taker->frame.len == frame_size(&taker->frame))
            rc = hand_over(taker, part, error);
    }
    return rc;
}

static int take_over(struct stream_job *job, flows_rows_taker *take, void *context,
                     struct lcap_error *error)
{
    int rc = job->status;
    if (rc < 0)
        *error = job->error;
    for (size_t to = 0; to < FLOWS_DESTINATIONS && rc == LCAP_OK; to++) {
        struct taker taker = {.take = take, .context = context, .to = (enum flows_destination)to};
        for (size_t i = 0; i < flows_parts_count(job->parts[to]) && rc == LCAP_OK; i++)
            rc = flows_parts_read(job->parts[to], i, take_piece, &taker, error);
        buffer_release(&taker.frame);
    }
    return rc;
}

static void release_job(struct stream_job *job)
{
    for (size_t i = 0; i < FLOWS_DESTINATIONS; i++) {
        flows_parts_free(job->parts[i]);
        job->parts[i] = NULL;
    }
    flows_result_release(&job->result);
    job->result.inputs = NULL;
}

static int read_directly(const struct flows_plan *plan, const struct flows_stream *stream,
                         flows_rows_taker *take, flows_stream_done *done, void *context,
                         struct lcap_error *error)
{
    struct flows_result result = {0};
    int rc = flows_stream_run(plan, stream, take, context, progress_of_reader, &result, error);
    if (rc == LCAP_OK)
        rc = done(context, stream, &result, error);
    flows_result_release(&result);
    return rc;
}

static int take_from_worker(struct pool *pool, size_t stream, flows_rows_taker *take,
                            flows_stream_done *done, void *context, struct lcap_error *error)
{
    struct stream_job *job = &pool->jobs[stream];
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
        rc = done(context, &pool->plan->streams[stream], &job->result, error);
    release_job(job);
    return rc;
}

/* Whether nobody works on the stream yet; then it is the main thread's. */
static bool claim(struct pool *pool, size_t stream)
{
    pthread_mutex_lock(&pool->lock);
    const bool mine = pool->next == stream;
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

static int take_streams(struct pool *pool, flows_rows_taker *take, flows_stream_done *done,
                        void *context, struct lcap_error *error)
{
    const struct flows_plan *plan = pool->plan;
    int rc = LCAP_OK;
    for (size_t i = 0; i < plan->stream_count && rc == LCAP_OK; i++) {
        /* The first one was claimed before there were workers. */
        rc = i == 0 || claim(pool, i)
                 ? read_directly(plan, &plan->streams[i], take, done, context, error)
                 : take_from_worker(pool, i, take, done, context, error);
        count_taken(pool);
    }
    return rc;
}

/* All but the main thread. */
static int start_workers(struct pool *pool, pthread_t *threads, size_t *started,
                         struct lcap_error *error)
{
    const size_t streams = pool->plan->stream_count;
    const size_t jobs = pool->plan->args.jobs < streams ? pool->plan->args.jobs : streams;
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
    for (size_t i = 0; i < pool->plan->stream_count; i++)
        release_job(&pool->jobs[i]);
    free(pool->jobs);
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->lock);
}

int flows_jobs_run(const struct flows_plan *plan, flows_rows_taker *take, flows_stream_done *done,
                   void *context, struct lcap_error *error)
{
    struct pool pool = {.plan = plan, .next = 1};
    pthread_t *threads = memory_new(plan->args.jobs, sizeof *threads, error);
    pool.jobs = memory_new(plan->stream_count, sizeof *pool.jobs, error);
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
        rc = take_streams(&pool, take, done, context, error);
    stop_workers(&pool, threads, started);
    free(threads);
    return rc;
}
