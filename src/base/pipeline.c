/* The ordered pipeline: a ring of buffers, of which the stages count how many they have begun. */
#include "base/pipeline.h"

#include "base/memory.h"
#include "base/text/text.h"
#include "base/thread.h"
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* `work` is a single lane that takes several buffers at once. */
struct lane {
    uint64_t begun; /* buffers */
    bool runs;
};

struct helper {
    pthread_t thread;
    struct pipeline *pipeline;
    unsigned number; /* from 1 */
};

/* Numbers of threads: other helpers have higher ones. */
enum { CALLER, A_HELPER };

typedef bool condition(const struct pipeline *pipeline);

struct pipeline {
    struct pipeline_plan plan;
    size_t ring; /* number of buffers */
    uint8_t *buffers;
    unsigned *worked; /* of each buffer: how many lanes are done with it, and those that follow */
    struct lane *lanes;
    unsigned lane_count;
    struct lane join, work_on; /* follow the other lanes */

    pthread_mutex_t lock; /* of what follows, and of the lanes */
    pthread_cond_t work;  /* for helpers: a stage can begin, or they are to end */
    unsigned idle;        /* helpers that wait for that */
    pthread_cond_t came;  /* for the caller: what it waits for, or a stage that it can run */
    condition *awaited;   /* by the caller; NULL: it does not wait */
    uint64_t filled;      /* buffers that have passed the first stage */
    uint64_t passed;      /* that are through, and free again */
    size_t running;       /* stages that run now */
    bool first_runs, last_runs;
    bool ended; /* `first` has said so */
    bool held;  /* no stage may begin */
    bool stopping;

    struct helper *helpers;
    unsigned helper_count;
};

/* The first ones are one buffer, which stays in the cache. */
static size_t index_of(const struct pipeline *p, uint64_t number)
{
    return number < p->plan.start ? 0 : number % p->ring;
}

static void *buffer_of(const struct pipeline *p, uint64_t number)
{
    return p->buffers + index_of(p, number) * p->plan.buffer_size;
}

static bool is_long(const struct pipeline *p)
{
    return p->passed >= p->plan.start;
}

static bool may_fill(const struct pipeline *p)
{
    return p->filled - p->passed < (is_long(p) ? p->ring : 1);
}

static bool next_is_worked(const struct pipeline *p)
{
    const unsigned all = p->lane_count + (p->plan.join ? 2 : 0);
    return p->passed < p->filled && p->worked[index_of(p, p->passed)] == all;
}

/* Whether there is a next buffer, or the last one has passed. */
static bool next_is_known(const struct pipeline *p)
{
    return next_is_worked(p) || (p->ended && p->passed == p->filled);
}

static bool all_has_passed(const struct pipeline *p)
{
    return p->passed == p->filled;
}

static bool has_run(const struct pipeline *p)
{
    return p->ended && all_has_passed(p);
}

static bool is_long_or_has_run(const struct pipeline *p)
{
    return is_long(p) || has_run(p);
}

static bool nothing_runs(const struct pipeline *p)
{
    return p->running == 0;
}

static void let_pass(struct pipeline *p)
{
    p->worked[index_of(p, p->passed)] = 0;
    p->passed++;
}

/* The lane that is furthest behind of those that can go on, or NULL. */
static struct lane *lane_to_run(const struct pipeline *p)
{
    struct lane *behind = NULL;
    for (unsigned i = 0; i < p->lane_count; i++) {
        struct lane *lane = &p->lanes[i];
        const bool ready = lane->begun < p->filled && !(p->plan.lane && lane->runs);
        if (ready && (!behind || lane->begun < behind->begun))
            behind = lane;
    }
    return behind;
}

static bool can_join(const struct pipeline *p)
{
    const struct lane *join = &p->join;
    return p->plan.join && !join->runs && join->begun < p->filled &&
           p->worked[index_of(p, join->begun)] == p->lane_count;
}

static bool can_work_on(const struct pipeline *p)
{
    return p->work_on.begun < p->join.begun - p->join.runs;
}

static bool can_run_last(const struct pipeline *p, unsigned thread)
{
    return p->plan.last && !p->last_runs && next_is_worked(p) &&
           (thread == CALLER || !p->plan.last_here);
}

static bool can_run_first(const struct pipeline *p, unsigned thread)
{
    return p->plan.first && !p->first_runs && !p->ended && may_fill(p) &&
           (thread == CALLER || !p->plan.first_here);
}

static bool can_run(const struct pipeline *p, unsigned thread)
{
    return !p->held && (can_run_last(p, thread) || can_work_on(p) || can_join(p) ||
                        lane_to_run(p) || can_run_first(p, thread));
}

/*
 * After a change: wakes the caller if that has come for which it waits, and one thread
 * if a stage can begin. That one wakes the next before it runs the stage.
 */
static void tell(struct pipeline *p)
{
    const bool helped = p->idle > 0 && is_long(p) && can_run(p, A_HELPER);
    if (p->awaited && (p->awaited(p) || (!helped && can_run(p, CALLER))))
        pthread_cond_signal(&p->came);
    if (helped)
        pthread_cond_signal(&p->work);
}

/* Around the run of a stage, the lock is free. */
static void begin_stage(struct pipeline *p)
{
    p->running++;
    tell(p);
    pthread_mutex_unlock(&p->lock);
}

static void end_stage(struct pipeline *p)
{
    pthread_mutex_lock(&p->lock);
    p->running--;
}

static void run_first(struct pipeline *p)
{
    p->first_runs = true;
    begin_stage(p);
    const bool more = p->plan.first(p->plan.context, buffer_of(p, p->filled));
    end_stage(p);
    p->first_runs = false;
    p->filled++;
    p->ended = !more;
}

static void call_lane(const struct pipeline *p, const struct lane *lane, void *buffer,
                      unsigned thread)
{
    if (p->plan.thread_work)
        p->plan.thread_work(p->plan.context, buffer, thread);
    else if (p->plan.lane)
        p->plan.lane(p->plan.context, buffer, (unsigned)(lane - p->lanes));
    else
        p->plan.work(p->plan.context, buffer);
}

static void run_lane(struct pipeline *p, struct lane *lane, unsigned thread)
{
    const uint64_t number = lane->begun++;
    if (p->plan.lane || p->plan.work || p->plan.thread_work) {
        lane->runs = true;
        begin_stage(p);
        call_lane(p, lane, buffer_of(p, number), thread);
        end_stage(p);
        lane->runs = false;
    }
    p->worked[index_of(p, number)]++;
}

static void run_next(struct pipeline *p, struct lane *lane,
                     void (*stage)(void *context, void *buffer))
{
    const uint64_t number = lane->begun++;
    lane->runs = true;
    begin_stage(p);
    stage(p->plan.context, buffer_of(p, number));
    end_stage(p);
    lane->runs = false;
    p->worked[index_of(p, number)]++;
}

static void run_last(struct pipeline *p)
{
    p->last_runs = true;
    begin_stage(p);
    p->plan.last(p->plan.context, buffer_of(p, p->passed));
    end_stage(p);
    p->last_runs = false;
    let_pass(p);
}

/* Runs one stage: the one nearest to the end, but before what others can do, what only the caller
 * can. False: none can begin now. */
static bool run_one(struct pipeline *p, unsigned thread)
{
    struct lane *lane = lane_to_run(p);
    const bool fills = can_run_first(p, thread);
    if (p->held)
        return false;
    if (can_run_last(p, thread))
        run_last(p);
    else if (can_work_on(p))
        run_next(p, &p->work_on, p->plan.work_on);
    else if (can_join(p))
        run_next(p, &p->join, p->plan.join);
    else if (lane && !(fills && p->plan.first_here))
        run_lane(p, lane, thread);
    else if (fills)
        run_first(p);
    else
        return false;
    tell(p);
    return true;
}

/* Calls of `waiting` in a second. */
#define CALLS 10

static void call_waiting(struct pipeline *p)
{
    begin_stage(p);
    p->plan.waiting(p->plan.context);
    end_stage(p);
}

static void wait_and_call(struct pipeline *p)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += NS_PER_SECOND / CALLS;
    until.tv_sec += until.tv_nsec / NS_PER_SECOND;
    until.tv_nsec %= NS_PER_SECOND;
    if (pthread_cond_timedwait(&p->came, &p->lock, &until) == ETIMEDOUT)
        call_waiting(p);
}

/* The caller runs stages, too, until the condition is true. */
static void wait_until(struct pipeline *p, condition *is_true)
{
    while (!is_true(p)) {
        if (run_one(p, CALLER)) {
            if (p->plan.waiting)
                call_waiting(p);
            continue;
        }
        p->awaited = is_true;
        if (p->plan.waiting)
            wait_and_call(p);
        else
            pthread_cond_wait(&p->came, &p->lock);
        p->awaited = NULL;
    }
}

static void *help(void *context)
{
    const struct helper *helper = context;
    struct pipeline *p = helper->pipeline;
    pthread_mutex_lock(&p->lock);
    while (!p->stopping) {
        if (is_long(p) && run_one(p, helper->number))
            continue;
        p->idle++;
        pthread_cond_wait(&p->work, &p->lock);
        p->idle--;
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* Where no thread can be had, the caller does it all. */
static void start_helpers(struct pipeline *p)
{
    const unsigned wanted = p->plan.threads - 1;
    while (p->helper_count < wanted) {
        struct helper *helper = &p->helpers[p->helper_count];
        *helper = (struct helper){.pipeline = p, .number = p->helper_count + 1};
        if (thread_start(&helper->thread, help, helper, NULL) < 0)
            break;
        p->helper_count++;
    }
    p->plan.threads = p->helper_count + 1;
}

static void start_if_long(struct pipeline *p)
{
    if (is_long(p) && p->helper_count + 1 < p->plan.threads)
        start_helpers(p);
}

static void enter(struct pipeline *p)
{
    pthread_mutex_lock(&p->lock);
    start_if_long(p);
}

static unsigned within_limits(unsigned threads)
{
    return threads < 1 ? 1 : threads < PIPELINE_THREADS ? threads : PIPELINE_THREADS;
}

size_t pipeline_buffers(unsigned threads)
{
    const unsigned used = within_limits(threads);
    return used == 1 ? 1 : 2 * (size_t)used;
}

static size_t ring_of(const struct pipeline_plan *plan)
{
    const size_t usual = pipeline_buffers(plan->threads);
    return usual > 1 && usual < plan->least ? plan->least : usual;
}

int pipeline_new(struct pipeline **pipeline, const struct pipeline_plan *plan,
                 struct lcap_error *error)
{
    struct pipeline *p = memory_new(1, sizeof *p, error);
    *pipeline = NULL;
    if (!p)
        return LCAP_ERR_MEMORY;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, NULL);
    pthread_cond_init(&p->came, NULL);
    p->plan = *plan;
    p->plan.threads = within_limits(plan->threads);
    p->ring = ring_of(plan);
    p->lane_count = plan->lane ? plan->lanes : 1;
    p->buffers = memory_new(p->ring, plan->buffer_size, error);
    p->worked = memory_new(p->ring, sizeof *p->worked, error);
    p->helpers = memory_new(p->plan.threads, sizeof *p->helpers, error);
    p->lanes = memory_new(p->lane_count, sizeof *p->lanes, error);
    if (!p->buffers || !p->worked || !p->helpers || !p->lanes) {
        pipeline_free(p);
        return LCAP_ERR_MEMORY;
    }
    *pipeline = p;
    return LCAP_OK;
}

void *pipeline_blank(struct pipeline *p)
{
    enter(p);
    wait_until(p, may_fill);
    void *buffer = buffer_of(p, p->filled);
    pthread_mutex_unlock(&p->lock);
    return buffer;
}

void pipeline_submit(struct pipeline *p)
{
    pthread_mutex_lock(&p->lock);
    p->filled++;
    tell(p);
    pthread_mutex_unlock(&p->lock);
}

void pipeline_run(struct pipeline *p)
{
    pthread_mutex_lock(&p->lock);
    wait_until(p, is_long_or_has_run);
    start_if_long(p);
    wait_until(p, has_run);
    pthread_mutex_unlock(&p->lock);
}

void pipeline_finish(struct pipeline *p)
{
    pthread_mutex_lock(&p->lock);
    wait_until(p, all_has_passed);
    pthread_mutex_unlock(&p->lock);
}

void *pipeline_take(struct pipeline *p)
{
    enter(p);
    wait_until(p, next_is_known);
    void *buffer = next_is_worked(p) ? buffer_of(p, p->passed) : NULL;
    pthread_mutex_unlock(&p->lock);
    return buffer;
}

void pipeline_give_back(struct pipeline *p)
{
    pthread_mutex_lock(&p->lock);
    let_pass(p);
    tell(p);
    pthread_mutex_unlock(&p->lock);
}

void pipeline_restart(struct pipeline *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->held = true;
    wait_until(p, nothing_runs);
    p->filled = p->passed = 0;
    memset(p->worked, 0, p->ring * sizeof *p->worked);
    memset(p->lanes, 0, p->lane_count * sizeof *p->lanes);
    p->join = p->work_on = (struct lane){.begun = 0};
    p->ended = p->held = false;
    pthread_mutex_unlock(&p->lock);
}

static void end_helpers(struct pipeline *p)
{
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->helper_count; i++)
        pthread_join(p->helpers[i].thread, NULL);
}

void pipeline_free(struct pipeline *p)
{
    if (!p)
        return;
    end_helpers(p);
    for (size_t i = 0; p->buffers && i < p->ring; i++)
        if (p->plan.release)
            p->plan.release(p->buffers + i * p->plan.buffer_size);
    pthread_cond_destroy(&p->came);
    pthread_cond_destroy(&p->work);
    pthread_mutex_destroy(&p->lock);
    free(p->helpers);
    free(p->lanes);
    free(p->worked);
    free(p->buffers);
    free(p);
}
