/*
 * An open data set, which all labelcap.Dataset of the same file share: its handle in the
 * library, for one thread at a time, and opened anew in a process that was forked.
 */
#ifndef PYTHON_DATASET_PY_STORE_H
#define PYTHON_DATASET_PY_STORE_H

#include "python/dataset/py_sample.h"
#include "python/py_arguments.h"
#include <labelcap/dataset.h>
#include <sys/types.h>

typedef struct {
    PyObject_HEAD char *path;
    char *catalogue; /* its path; NULL: beside the data set */
    enum lcap_pcapml_times pcapml_times;
    char *folder;             /* of a temporary catalogue, or NULL … */
    pid_t maker;              /* … and the process that removes it */
    pid_t pid;                /* of the handle */
    struct lcap_dataset *set; /* NULL after a fork, until it is opened again */
    size_t samples;           /* of the data set */
    bool sorted;
    PyThread_type_lock lock;
    PyObject *classes; /* the labels of all samples, each once, in order; NULL until asked for */
} PyStore;

/* A data set, and how to read it; a catalogue that is NULL is where it belongs, or in a temporary
 * folder if nothing can be written there. */
struct py_store_place {
    const char *path, *catalogue;
    enum lcap_pcapml_times pcapml_times;
};

/* Arguments that fill it: path, catalogue, pcapml_times. */
extern const struct py_argument py_store_arguments[];

/* Opens a data set; makes its catalogue if there is none. */
PyStore *py_store_open(const struct py_state *state, const struct py_store_place *place);

/* The handle, for this thread alone until py_store_leave(); NULL with an exception set. */
struct lcap_dataset *py_store_enter(PyStore *store);
void py_store_leave(PyStore *store);

/* The sample at a position. */
PyObject *py_store_sample(PyStore *store, size_t position, bool views);

#endif
