/* Lets Ctrl-C end what the library does without the interpreter lock. */
#ifndef PYTHON_PY_WATCH_H
#define PYTHON_PY_WATCH_H

#include "python/py_module.h"
#include <labelcap/progress.h>

struct py_watch {
    PyThreadState *thread; /* which the interpreter lock was taken from */
};

/* Handles signals. An exception, such as KeyboardInterrupt, stays set and ends the run. */
static inline bool py_watch_look(void *context, const struct lcap_progress *progress)
{
    struct py_watch *watch = context;
    (void)progress;
    PyEval_RestoreThread(watch->thread);
    const bool go_on = !PyErr_Occurred() && PyErr_CheckSignals() == 0;
    watch->thread = PyEval_SaveThread();
    return go_on;
}

static inline struct lcap_watcher py_watcher(struct py_watch *watch)
{
    return (struct lcap_watcher){py_watch_look, watch};
}

#endif
