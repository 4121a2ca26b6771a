/* labelcap.Dataset, for functions that take one. */
#ifndef PYTHON_DATASET_PY_DATASET_H
#define PYTHON_DATASET_PY_DATASET_H

#include "python/py_module.h"
#include <labelcap/capture.h>

/* The sampleIDs, as a bytes object of uint64_t; NULL with an exception set. Unlike `ids`, nobody
 * else has it. */
PyObject *py_dataset_ids(PyObject *dataset);

/* The path, as a bytes object. */
PyObject *py_dataset_path(PyObject *dataset);

/* How its times are read. */
enum lcap_pcapml_times py_dataset_times(PyObject *dataset);

#endif
