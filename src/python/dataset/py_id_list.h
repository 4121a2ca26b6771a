/* sampleIDs that are given to functions. */
#ifndef PYTHON_DATASET_PY_ID_LIST_H
#define PYTHON_DATASET_PY_ID_LIST_H

#include "python/py_module.h"
#include <stdint.h>

/* A number, or its digits as text. Returns 0, or -1 with an exception set. */
int py_sample_id_take(PyObject *given, uint64_t *id);

struct py_id_list {
    const char *name; /* of its file, or what it is, in errors */
    PyObject *owner;  /* of the name, or NULL */
    uint64_t *ids;
    size_t count, capacity;
};

/* Reads the file of a list, or the items of an iterable. Returns 0, or -1 with an exception set.
 * Release the list in any case. */
int py_id_list_take(const struct py_state *state, PyObject *given, struct py_id_list *list);
void py_id_list_release(struct py_id_list *list);

#endif
