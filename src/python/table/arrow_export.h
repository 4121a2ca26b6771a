/* Gives columns to readers of Arrow, which may keep them as long as they want. */
#ifndef PYTHON_TABLE_ARROW_EXPORT_H
#define PYTHON_TABLE_ARROW_EXPORT_H

#include "python/py_module.h"
#include "python/table/arrow_abi.h"
#include "python/table/table_columns.h"

/* A stream with one batch, all rows, which is kept as long as anybody has any part of it: readers
 * release it in any thread, without the interpreter. Returns 0, or -1 with MemoryError set. */
int arrow_export_stream(struct ArrowArrayStream *stream, struct table_columns *table);

#endif
