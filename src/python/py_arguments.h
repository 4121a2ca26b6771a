/* Arguments of functions that fill the option structs of the library, by tables. */
#ifndef PYTHON_PY_ARGUMENTS_H
#define PYTHON_PY_ARGUMENTS_H

#include "python/py_module.h"
#include <labelcap/capture.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum py_argument_kind {
    PY_LAST,    /* ends a table */
    PY_TEXT,    /* str → const char * */
    PY_LIST,    /* the same, or an iterable of str, which commas join → const char * */
    PY_PATH,    /* a path → const char * */
    PY_PATHS,   /* a path, or a sequence of paths → struct py_inputs */
    PY_SAMPLES, /* the same, or a Dataset, of which only the samples count → struct py_inputs */
    PY_FLAG,    /* → bool */
    PY_COUNT,   /* → uint64_t */
    PY_NUMBER,  /* → uint32_t; unsigned and int as well */
    PY_REAL,    /* a finite float → double */
    PY_LIMIT,   /* the same → const double *, NULL without one */
    PY_SECONDS, /* a float → nanoseconds, int64_t or uint64_t */
    PY_PERIOD,  /* the same, 0 or more */
    PY_AUTO,    /* None, True, False → enum lcap_pcapml_times */
    PY_STEP,    /* no argument: what is to be done before the next ones are taken */
};

struct py_argument {
    const char *name;
    enum py_argument_kind kind;
    size_t offset; /* of its field in the struct that is filled */
    void (*step)(void *target);
};

/* Of the arguments, the first `positional` may be given by position, and the first `needed` must be
 * given. */
struct py_signature {
    const char *function;
    const struct py_argument *arguments;
    size_t positional, needed;
};

struct py_inputs {
    const char *const *items;
    size_t count;
    const uint64_t *ids; /* of the samples that count; NULL: all */
    size_t id_count;
    enum lcap_pcapml_times pcapml_times; /* of a Dataset */
};

/* Does what a function does, with arguments that were taken. NULL with an exception set. */
typedef PyObject *py_maker(const struct py_state *state, void *target);

/*
 * Fills `target` from the arguments of a call, in the order of the table, and calls the maker,
 * until whose end all that `target` points to is there. Arguments that are None stay as they are.
 */
PyObject *py_with_arguments(const struct py_state *state, const struct py_signature *signature,
                            PyObject *args, PyObject *keywords, void *target, py_maker *make);

/* Whether it may be a path: str, bytes or os.PathLike. */
static inline bool py_is_path(PyObject *object)
{
    return PyUnicode_Check(object) || PyBytes_Check(object) ||
           PyObject_HasAttrString(object, "__fspath__");
}

#endif
