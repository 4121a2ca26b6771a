/* labelcap.Table: a table in memory. */
#ifndef PYTHON_TABLE_PY_TABLE_H
#define PYTHON_TABLE_PY_TABLE_H

#include "python/py_module.h"
#include "python/table/table_columns.h"

typedef struct {
    PyObject_HEAD struct table_columns *columns; /* NULL until they are read */
} PyTable;

#endif
