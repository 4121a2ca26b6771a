/* Gives columns to readers of Arrow, which may keep them as long as they want. */
#ifndef PYTHON_TABLE_ARROW_EXPORT_H
#define PYTHON_TABLE_ARROW_EXPORT_H

#include "python/py_module.h"
#include "python/table/arrow_abi.h"
#include "python/table/table_columns.h"

/* A stream with one batch, all rows. `owner` is kept alive as long as anybody has any part of it.
 * Returns 0, or -1 with MemoryError set. */
int arrow_export_stream(struct ArrowArrayStream *stream, const struct table_columns *table,
                        PyObject *owner);

#endif
