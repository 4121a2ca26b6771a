/* labelcap.flows(), write_flows() and profiles() */
#ifndef PYTHON_PY_FLOWS_H
#define PYTHON_PY_FLOWS_H

#include "python/py_module.h"

PyObject *py_flows(PyObject *module, PyObject *args, PyObject *keywords);
extern const char py_flows_doc[];
PyObject *py_write_flows(PyObject *module, PyObject *args, PyObject *keywords);
extern const char py_write_flows_doc[];
PyObject *py_profiles(PyObject *module, PyObject *unused);
extern const char py_profiles_doc[];

#endif
