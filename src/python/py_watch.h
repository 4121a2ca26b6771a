/* Lets Ctrl-C end what the library does without the interpreter lock. */
#ifndef PYTHON_PY_WATCH_H
#define PYTHON_PY_WATCH_H

#include "python/py_module.h"
#include "python/py_wording.h"
#include <labelcap/progress.h>

struct py_watch {
    PyThreadState *thread; /* which the interpreter lock was taken from */
};

/* Handles signals. An exception, such as KeyboardInterrupt, stays set and ends the run. */
static inline bool py_watch_look(void *watch, const struct lcap_progress *progress);

static inline struct lcap_watcher py_watcher(struct py_watch *watch)
{
    return (struct lcap_watcher){py_watch_look, watch};
}

/* Lets go of the interpreter lock, for calls of the library. */
static inline void py_watch_leave(struct py_watch *watch)
{
    const struct lcap_watcher watcher = py_watcher(watch);
    py_wording_begin();
    lcap_watch_waits(&watcher);
    watch->thread = PyEval_SaveThread();
}

/* Takes it again. */
static inline void py_watch_return(struct py_watch *watch)
{
    PyEval_RestoreThread(watch->thread);
    lcap_watch_waits(NULL);
    py_wording_end();
}

/* What handles a signal may call the library, too. */
static inline bool py_watch_look(void *watch, const struct lcap_progress *progress)
{
    (void)progress;
    py_watch_return(watch);
    const bool go_on = !PyErr_Occurred() && PyErr_CheckSignals() == 0;
    py_watch_leave(watch);
    return go_on;
}

#endif
