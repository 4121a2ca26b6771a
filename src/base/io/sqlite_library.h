/* SQLite, loaded for the first database. */
#ifndef BASE_IO_SQLITE_LIBRARY_H
#define BASE_IO_SQLITE_LIBRARY_H

#include "base/library.h"
#include <sqlite3.h>

#define SQLITE_FUNCTIONS(EACH)                                                                     \
    EACH(bind_double)                                                                              \
    EACH(bind_int64)                                                                               \
    EACH(bind_null)                                                                                \
    EACH(bind_text)                                                                                \
    EACH(bind_text64)                                                                              \
    EACH(busy_timeout)                                                                             \
    EACH(close)                                                                                    \
    EACH(column_bytes)                                                                             \
    EACH(column_int64)                                                                             \
    EACH(column_text)                                                                              \
    EACH(column_type)                                                                              \
    EACH(errcode)                                                                                  \
    EACH(errmsg)                                                                                   \
    EACH(exec)                                                                                     \
    EACH(finalize)                                                                                 \
    EACH(free)                                                                                     \
    EACH(libversion)                                                                               \
    EACH(limit)                                                                                    \
    EACH(mprintf)                                                                                  \
    EACH(open_v2)                                                                                  \
    EACH(prepare_v2)                                                                               \
    EACH(reset)                                                                                    \
    EACH(step)                                                                                     \
    EACH(str_appendall)                                                                            \
    EACH(str_appendf)                                                                              \
    EACH(str_finish)                                                                               \
    EACH(str_new)

/* Its functions by their names without "sqlite3_", after sqlite_library_load(). */
extern struct sqlite_library {
#define SQLITE_POINTER(name) __typeof__(sqlite3_##name) *(name);
    SQLITE_FUNCTIONS(SQLITE_POINTER)
#undef SQLITE_POINTER
} sqlite;

int sqlite_library_load(struct lcap_error *error);

#endif
