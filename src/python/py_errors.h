/* Errors of the library as exceptions. */
#ifndef PYTHON_PY_ERRORS_H
#define PYTHON_PY_ERRORS_H

#include "python/py_module.h"

/* Creates the exceptions and adds them to the module. Returns 0, or -1 with an exception set. */
int py_errors_create(PyObject *module, struct py_state *state);

/*
 * Sets the exception for an error of the library, with its text. Returns NULL. An
 * exception that is set already, such as KeyboardInterrupt, stays.
 */
void *py_raise(const struct py_state *state, const struct lcap_error *error);

#endif
