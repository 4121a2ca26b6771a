/* Starting threads. */
#include "base/thread.h"

#include <signal.h>

int thread_start(pthread_t *thread, void *(*work)(void *context), void *context,
                 struct lcap_error *error)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    const int failure = pthread_create(thread, NULL, work, context);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failure ? lcap_error_set_errno(error, failure, "cannot start a thread") : LCAP_OK;
}
