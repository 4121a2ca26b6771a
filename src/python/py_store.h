/*
 * An open data set, which all labelcap.Dataset of the same file share: its handle in the
 * library, for one thread at a time, and opened anew in a process that was forked.
 */
#ifndef PYTHON_PY_STORE_H
#define PYTHON_PY_STORE_H

#include "python/py_sample.h"
#include <labelcap/dataset.h>
#include <sys/types.h>

typedef struct {
    PyObject_HEAD char *path;
    char *catalogue;          /* its path; NULL: beside the data set */
    char *folder;             /* of a temporary catalogue, or NULL … */
    pid_t maker;              /* … and the process that removes it */
    pid_t pid;                /* of the handle */
    struct lcap_dataset *set; /* NULL after a fork, until it is opened again */
    size_t samples;           /* of the data set */
    bool sorted;
    PyThread_type_lock lock;
    PyObject *classes; /* the labels of all samples, each once, in order; NULL until asked for */
} PyStore;

/* Opens a data set; makes its catalogue if there is none. `catalogue` NULL: where it belongs, or
 * in a temporary folder if nothing can be written there. */
PyStore *py_store_open(const struct py_state *state, const char *path, const char *catalogue);

/* The handle, for this thread alone until py_store_leave(); NULL with an exception set. */
struct lcap_dataset *py_store_enter(PyStore *store);
void py_store_leave(PyStore *store);

/* The sample at a position. */
PyObject *py_store_sample(PyStore *store, size_t position, bool views);

#endif
