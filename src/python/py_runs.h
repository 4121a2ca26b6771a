/* The functions that do what commands do: label(), sort(), check(), … */
#ifndef PYTHON_PY_RUNS_H
#define PYTHON_PY_RUNS_H

#include "python/py_module.h"

extern PyMethodDef py_run_functions[];

#endif
