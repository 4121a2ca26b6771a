/* Threads of our own. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <labelcap/error.h>
#include <pthread.h>

/* A thread that blocks all signals: they are for the threads of the caller, whose handlers remove
 * temporary files. */
int thread_start(pthread_t *thread, void *(*work)(void *context), void *context,
                 struct lcap_error *error);

#endif
