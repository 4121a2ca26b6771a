/* Threads of our own. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <labelcap/error.h>
#include <pthread.h>
#include <signal.h>

/* A thread that words errors as the caller does, and blocks all signals: they are for the threads
 * of the caller, whose handlers remove temporary files. */
int thread_start(pthread_t *thread, void *(*work)(void *context), void *context,
                 struct lcap_error *error);

/* How many threads a run has unless the user says: the processors that it may use, at most 4. */
unsigned thread_usual_count(void);

/* Around calls of a library that starts threads, which inherit what is blocked. */
void thread_block_signals(sigset_t *before);
void thread_restore_signals(const sigset_t *before);

#endif
