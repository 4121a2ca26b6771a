/*
 * How far a run is, told now and then to somebody who looks on and may end it.
 *
 * Threads: a watcher is called by the thread that called the function with its options.
 */
#ifndef LABELCAP_PROGRESS_H
#define LABELCAP_PROGRESS_H

#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An output is written, or, in no phase, a reader waits for what comes through a pipe. */
#define LCAP_NO_INPUT SIZE_MAX

/* Valid during the call that passes it. A result, which may grow. */
struct lcap_progress {
    const char *phase; /* such as "pass 1 of 2: survey"; NULL: the run has only one */
    const char *name;  /* of the file that is read or written */
    size_t input;      /* its place among the inputs, or LCAP_NO_INPUT */
    uint64_t done;     /* bytes of the file … */
    uint64_t size;     /* … out of so many; 0: not known */
};

/*
 * Looks at the progress, several times a second. Returns whether to go on; if not, the run
 * ends with LCAP_ERR_INTERRUPTED, and its outputs are discarded.
 */
typedef bool lcap_look(void *context, const struct lcap_progress *progress);

/* All zero: nobody looks on. */
struct lcap_watcher {
    lcap_look *look;
    void *context;
};

/*
 * From now on, the watcher looks on while functions that the calling thread calls wait for a pipe
 * or terminal, whatever they read or write: rules, lists, captures that have no watcher of their
 * own, outputs; and while they compress an output once more. NULL: no watcher.
 */
LCAP_API void lcap_watch_waits(const struct lcap_watcher *watcher);

#ifdef __cplusplus
}
#endif

#endif
