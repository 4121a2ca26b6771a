/* NumPy arrays. */
#include "python/py_numpy.h"

PyObject *py_numpy_empty(PyObject *shape, const char *dtype, Py_buffer *memory)
{
    PyObject *numpy = PyImport_ImportModule("numpy");
    PyObject *array = numpy ? PyObject_CallMethod(numpy, "empty", "Os", shape, dtype) : NULL;
    Py_XDECREF(numpy);
    if (array && PyObject_GetBuffer(array, memory, PyBUF_CONTIG) < 0)
        Py_CLEAR(array);
    return array;
}
