/* labelcap.flows() */
#ifndef PYTHON_PY_FLOWS_H
#define PYTHON_PY_FLOWS_H

#include "python/py_module.h"

PyObject *py_flows(PyObject *module, PyObject *args, PyObject *keywords);
extern const char py_flows_doc[];

#endif
