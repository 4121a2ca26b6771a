/* One watcher of several threads. */
#include "base/shared_watcher.h"

void shared_watcher_ask(struct shared_watcher *watcher)
{
    if (!watcher->ask(watcher->context))
        atomic_store(&watcher->is_over, true);
}

int shared_watcher_check(struct shared_watcher *watcher, const char *name, struct lcap_error *error)
{
    shared_watcher_ask(watcher);
    return atomic_load(&watcher->is_over)
               ? lcap_error_set(error, LCAP_ERR_INTERRUPTED, "%s: interrupted", name)
               : LCAP_OK;
}

bool shared_watcher_goes_on(struct shared_watcher *watcher)
{
    if (pthread_equal(watcher->caller, pthread_self()))
        shared_watcher_ask(watcher);
    return !atomic_load(&watcher->is_over);
}
