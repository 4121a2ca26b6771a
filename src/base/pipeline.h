/*
 * Buffers that pass through up to three stages on their way from or to a file, in
 * order: `first` and `last` take one buffer after another, `work` takes several at
 * once, or several lanes of them, each of which takes one buffer after another.
 * Between two kinds of work, `join` may take one buffer after another.
 * Either the caller gives the buffers (an output: work, last), or it takes them (an
 * input: first, work), or it only waits (first, work, last). All stages run in the caller's thread
 * until `start` buffers have passed, so that short streams need no thread; then helpers run them,
 * too. What comes out is the same for any number of threads.
 */
#ifndef BASE_PIPELINE_H
#define BASE_PIPELINE_H

#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>

/* After so many buffers (of a quarter or half a MiB) a thread costs less than it brings. */
#define PIPELINE_START 8

/* More threads do not help a single file; no others take part. */
#define PIPELINE_THREADS 64u

struct pipeline;

struct pipeline_plan {
    size_t buffer_size; /* of the struct that the stages get; zeroed in the beginning */
    unsigned threads;   /* the caller's included; 0 and 1: no helper */
    unsigned start;     /* buffers that pass before helpers start: PIPELINE_START, or 0 */
    unsigned least;     /* buffers with helpers, if two for each thread are fewer */
    void *context;
    /* Fills the buffer; false: nothing comes after it. NULL: the caller fills. */
    bool (*first)(void *context, void *buffer);
    void (*work)(void *context, void *buffer); /* NULL: nothing to do in between */
    /* In place of `work`, which is told who calls it: 0 is the caller, others are below `threads`.
     */
    void (*thread_work)(void *context, void *buffer, unsigned thread);
    /* In place of `work`, called once for each lane, from 0 on. */
    void (*lane)(void *context, void *buffer, unsigned lane);
    unsigned lanes;
    /* After all work on a buffer: `join` takes one buffer after another, then `work_on` several at
     * once. Both, or NULL. */
    void (*join)(void *context, void *buffer);
    void (*work_on)(void *context, void *buffer);
    void (*last)(void *context, void *buffer); /* NULL: the caller takes */
    /* Only the caller runs it: it may wait for a pipe, and another thread could not be stopped. */
    bool first_here, last_here;
    void (*release)(void *buffer); /* when the pipeline is freed; NULL: no need */
    /* Called now and then by the caller's thread, between stages and while it waits for helpers; or
     * NULL. */
    void (*waiting)(void *context);
};

/* How many buffers there are, unless the plan says more. */
size_t pipeline_buffers(unsigned threads);

int pipeline_new(struct pipeline **pipeline, const struct pipeline_plan *plan,
                 struct lcap_error *error);

/* For a caller that fills: a free buffer, which pipeline_submit() passes on. */
void *pipeline_blank(struct pipeline *pipeline);
void pipeline_submit(struct pipeline *pipeline);

/* For a caller that only waits: until all buffers that `first` fills have passed. */
void pipeline_run(struct pipeline *pipeline);

/* Waits until all that was submitted has passed the last stage. */
void pipeline_finish(struct pipeline *pipeline);

/*
 * For a caller that takes: the next buffer, NULL after the last one. It is the
 * caller's until pipeline_give_back(), which comes before the next one is taken.
 */
void *pipeline_take(struct pipeline *pipeline);
void pipeline_give_back(struct pipeline *pipeline);

/*
 * Waits for the stages that run, and forgets the buffers that were not taken: the
 * caller may now change what `first` reads. The next pipeline_take() begins anew,
 * again without helpers for the first buffers. NULL is allowed.
 */
void pipeline_restart(struct pipeline *pipeline);

/* Ends the helpers; what has not passed is dropped. NULL is allowed. */
void pipeline_free(struct pipeline *pipeline);

#endif
