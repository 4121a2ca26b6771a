/* One watcher of several threads: the caller's thread alone asks it, and all end at its word. */
#ifndef BASE_SHARED_WATCHER_H
#define BASE_SHARED_WATCHER_H

#include <labelcap/error.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct shared_watcher {
    bool (*ask)(void *context); /* false: the run is to end */
    void *context;
    pthread_t caller;
    atomic_bool is_over; /* what other threads do is of no use any more */
};

/* By the caller's thread, while it waits. */
void shared_watcher_ask(struct shared_watcher *watcher);

/* By the caller's thread: LCAP_ERR_INTERRUPTED if the run is to end, even if the watcher has said
 * so only once. `name`: of what is read. */
int shared_watcher_check(struct shared_watcher *watcher, const char *name,
                         struct lcap_error *error);

/* By any thread now and then: false if it is to end. */
bool shared_watcher_goes_on(struct shared_watcher *watcher);

#endif
