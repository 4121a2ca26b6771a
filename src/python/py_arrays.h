/* Dataset.arrays() */
#ifndef PYTHON_PY_ARRAYS_H
#define PYTHON_PY_ARRAYS_H

#include "python/py_module.h"
#include <labelcap/capture.h>

/* Whose arrays are wanted. */
struct py_array_source {
    const char *path, *catalogue;
    enum lcap_pcapml_times pcapml_times;
    const uint64_t *ids; /* of the samples; NULL: all */
    size_t count;
    PyObject *labels; /* of the whole data set, a tuple in order: y counts in it */
};

PyObject *py_arrays(const struct py_state *state, const struct py_array_source *source,
                    PyObject *args, PyObject *keywords);
extern const char py_arrays_doc[];

/* Dataset.write_arrays(), without `labels`. */
PyObject *py_write_arrays(const struct py_state *state, const struct py_array_source *source,
                          PyObject *args, PyObject *keywords);
extern const char py_write_arrays_doc[];

#endif
