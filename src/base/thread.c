/* Starting threads. */
#include "base/thread.h"

#include "base/error_words.h"
#include "base/memory.h"
#include <sched.h>
#include <stdlib.h>

void thread_block_signals(sigset_t *before)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, before);
}

void thread_restore_signals(const sigset_t *before)
{
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

/* What a new thread takes over. */
struct start {
    void *(*work)(void *context);
    void *context;
    lcap_wording *wording;
};

static void *begin(void *given)
{
    const struct start start = *(struct start *)given;
    free(given);
    lcap_error_use_wording(start.wording);
    return start.work(start.context);
}

int thread_start(pthread_t *thread, void *(*work)(void *context), void *context,
                 struct lcap_error *error)
{
    sigset_t before;
    struct start *start = memory_new(1, sizeof *start, error);
    if (!start)
        return LCAP_ERR_MEMORY;
    *start = (struct start){work, context, error_wording()};
    thread_block_signals(&before);
    const int failure = pthread_create(thread, NULL, begin, start);
    thread_restore_signals(&before);
    if (!failure)
        return LCAP_OK;
    free(start);
    return lcap_error_set_errno(error, failure, "cannot start a thread");
}

unsigned thread_usual_count(void)
{
    cpu_set_t usable;
    if (sched_getaffinity(0, sizeof usable, &usable) < 0)
        return 1;
    const int count = CPU_COUNT(&usable);
    return count < 4 ? (unsigned)count : 4;
}
