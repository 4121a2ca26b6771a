/* NumPy arrays, made by the Python interface of NumPy and filled through their buffers. */
#ifndef PYTHON_PY_NUMPY_H
#define PYTHON_PY_NUMPY_H

#include "python/py_module.h"

/* numpy.empty(shape, dtype), and its memory, which the caller releases. */
PyObject *py_numpy_empty(PyObject *shape, const char *dtype, Py_buffer *memory);

#endif
