/* Starting threads. */
#include "base/thread.h"

#include <sched.h>

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

int thread_start(pthread_t *thread, void *(*work)(void *context), void *context,
                 struct lcap_error *error)
{
    sigset_t before;
    thread_block_signals(&before);
    const int failure = pthread_create(thread, NULL, work, context);
    thread_restore_signals(&before);
    return failure ? lcap_error_set_errno(error, failure, "cannot start a thread") : LCAP_OK;
}

unsigned thread_usual_count(void)
{
    cpu_set_t usable;
    if (sched_getaffinity(0, sizeof usable, &usable) < 0)
        return 1;
    const int count = CPU_COUNT(&usable);
    return count < 4 ? (unsigned)count : 4;
}
