/* Arguments of functions that fill the option structs of the library, by tables. */
#ifndef PYTHON_PY_ARGUMENTS_H
#define PYTHON_PY_ARGUMENTS_H

#include "python/py_paths.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum py_argument_kind {
    PY_TEXT,    /* str → const char * */
    PY_PATH,    /* a path → const char * */
    PY_PATHS,   /* a path, or a sequence of paths → struct py_paths */
    PY_FLAG,    /* → bool */
    PY_COUNT,   /* → uint64_t */
    PY_NUMBER,  /* → uint32_t; unsigned and int as well */
    PY_REAL,    /* a finite float → double */
    PY_SECONDS, /* a float → nanoseconds, int64_t or uint64_t */
    PY_AUTO,    /* None, True, False → enum lcap_pcapml_times */
};

/* One argument; the name NULL ends a table. */
struct py_argument {
    const char *name;
    enum py_argument_kind kind;
    size_t offset; /* of its field in the struct that is filled */
};

struct py_paths {
    const char *const *items;
    size_t count;
};

/* Objects that own the texts to which a filled struct points. */
struct py_owners {
    PyObject *list; /* NULL until there is one */
    const char **paths;
};

/*
 * Fills `target` from the arguments of a call. The first `positional` of the table may be given
 * by position, of which the first `needed` must be given. Arguments that are None stay zero.
 * Returns 0, or -1 with an exception; release the owners in any case.
 */
int py_arguments_take(const char *function, const struct py_argument *table, size_t positional,
                      size_t needed, PyObject *args, PyObject *keywords, void *target,
                      struct py_owners *owners);
void py_owners_release(struct py_owners *owners);

#endif
