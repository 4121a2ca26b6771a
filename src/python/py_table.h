/* labelcap.Table: a table in memory. */
#ifndef PYTHON_PY_TABLE_H
#define PYTHON_PY_TABLE_H

#include "python/py_module.h"
#include "python/table_columns.h"

typedef struct {
    PyObject_HEAD struct table_columns columns;
} PyTable;

#endif
