/* Paths among the arguments of functions: str, bytes or os.PathLike, held as bytes objects. */
#ifndef PYTHON_PY_PATHS_H
#define PYTHON_PY_PATHS_H

#include "python/py_module.h"

static inline bool py_is_path(PyObject *object)
{
    return PyUnicode_Check(object) || PyBytes_Check(object) ||
           PyObject_HasAttrString(object, "__fspath__");
}

/* Like PyUnicode_FSConverter(), but None leaves *path (a PyObject **) NULL. */
static inline int py_optional_path(PyObject *object, void *path)
{
    return object == Py_None ? 1 : PyUnicode_FSConverter(object, path);
}

/* The text of a bytes object, which may be NULL. */
static inline const char *py_path_text(PyObject *path)
{
    return path ? PyBytes_AS_STRING(path) : NULL;
}

#endif
