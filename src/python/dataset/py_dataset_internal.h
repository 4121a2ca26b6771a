/* A labelcap.Dataset, for the files that make it up. */
#ifndef PYTHON_DATASET_PY_DATASET_INTERNAL_H
#define PYTHON_DATASET_PY_DATASET_INTERNAL_H

#include "python/dataset/py_dataset.h"
#include "python/dataset/py_store.h"

typedef struct {
    PyObject_HEAD PyStore *store;
    size_t *positions; /* in the data set; NULL: all, in its order */
    size_t count;
    PyObject *labels, *ids; /* NULL until they are asked for */
} PyDataset;

static inline struct py_state *py_dataset_state(PyDataset *self)
{
    return py_state_of((PyObject *)self);
}

static inline size_t py_dataset_position(const PyDataset *self, size_t index)
{
    return self->positions ? self->positions[index] : index;
}

/* Some of the samples; takes over the positions. */
PyObject *py_dataset_part(PyDataset *self, size_t *positions, size_t count);

PyObject *py_dataset_get_labels(PyDataset *self, void *unused);
PyObject *py_dataset_get_ids(PyDataset *self, void *unused);

/* A new array.array('Q'); callers may change the one that get_ids() gives. */
PyObject *py_dataset_make_ids(PyDataset *self);

/* The labels of the whole data set, each once, in order. Borrowed. */
PyObject *py_dataset_classes(PyDataset *self);

#endif
