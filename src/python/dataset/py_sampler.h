/* labelcap.Sampler: an iterator over samples. */
#ifndef PYTHON_DATASET_PY_SAMPLER_H
#define PYTHON_DATASET_PY_SAMPLER_H

#include "python/dataset/py_store.h"

/*
 * Over the samples at `count` positions (NULL: all), which `owner` keeps; a sorted data set
 * whose samples are all asked for is read in one go.
 */
PyObject *py_sampler_new(const struct py_state *state, PyStore *store, const size_t *positions,
                         size_t count, PyObject *owner, bool views);

/* labelcap.sampler(path, *, catalogue=None, pcapml_times=None) */
PyObject *py_sampler(PyObject *module, PyObject *args, PyObject *keywords);
extern const char py_sampler_doc[];

#endif
