/* Arguments by tables. */
#include "python/py_arguments.h"

#include <labelcap/capture.h>
#include <math.h>
#include <string.h>

static int own(struct py_owners *owners, PyObject *object)
{
    if (!owners->list)
        owners->list = PyList_New(0);
    return owners->list ? PyList_Append(owners->list, object) : -1;
}

void py_owners_release(struct py_owners *owners)
{
    Py_CLEAR(owners->list);
    PyMem_Free(owners->paths);
    owners->paths = NULL;
}

/* ---- values ---- */

static int take_path(PyObject *value, const char **path, struct py_owners *owners)
{
    PyObject *bytes = NULL;
    if (!PyUnicode_FSConverter(value, &bytes))
        return -1;
    const int rc = own(owners, bytes);
    *path = PyBytes_AS_STRING(bytes); /* which the list owns now */
    Py_DECREF(bytes);
    return rc;
}

static bool is_one_path(PyObject *value)
{
    return PyUnicode_Check(value) || PyBytes_Check(value) ||
           PyObject_HasAttrString(value, "__fspath__");
}

static int take_several(PyObject *sequence, struct py_paths *paths, struct py_owners *owners)
{
    const Py_ssize_t count = PySequence_Fast_GET_SIZE(sequence);
    owners->paths = PyMem_Calloc(count > 0 ? (size_t)count : 1, sizeof *owners->paths);
    if (!owners->paths)
        return PyErr_NoMemory() ? 0 : -1;
    for (Py_ssize_t i = 0; i < count; i++)
        if (take_path(PySequence_Fast_GET_ITEM(sequence, i), &owners->paths[i], owners) < 0)
            return -1;
    *paths = (struct py_paths){owners->paths, (size_t)count};
    return 0;
}

static int take_paths(PyObject *value, struct py_paths *paths, struct py_owners *owners)
{
    PyObject *sequence = is_one_path(value)
                             ? PyTuple_Pack(1, value)
                             : PySequence_Fast(value, "expected a path, or a sequence of paths");
    if (!sequence)
        return -1;
    const int rc = take_several(sequence, paths, owners);
    Py_DECREF(sequence);
    return rc;
}

static int take_text(PyObject *value, const char **text, struct py_owners *owners)
{
    Py_ssize_t len;
    *text = PyUnicode_AsUTF8AndSize(value, &len);
    if (!*text)
        return -1;
    if (strlen(*text) == (size_t)len)
        return own(owners, value);
    PyErr_SetString(PyExc_ValueError, "embedded null character");
    return -1;
}

static int take_count(PyObject *value, uint64_t most, uint64_t *count)
{
    PyObject *number = PyNumber_Index(value);
    *count = number ? PyLong_AsUnsignedLongLong(number) : 0;
    Py_XDECREF(number);
    if (PyErr_Occurred())
        return -1;
    if (*count <= most)
        return 0;
    PyErr_SetString(PyExc_OverflowError, "the number is too large");
    return -1;
}

static int take_number(PyObject *value, void *field)
{
    uint64_t count;
    if (take_count(value, INT32_MAX, &count) < 0)
        return -1;
    *(uint32_t *)field = (uint32_t)count;
    return 0;
}

static int take_flag(PyObject *value, bool *flag)
{
    const int truth = PyObject_IsTrue(value);
    *flag = truth == 1;
    return truth < 0 ? -1 : 0;
}

static int take_real(PyObject *value, double *real)
{
    *real = PyFloat_AsDouble(value);
    if (PyErr_Occurred())
        return -1;
    if (isfinite(*real))
        return 0;
    PyErr_SetString(PyExc_ValueError, "expected a finite number");
    return -1;
}

static int take_seconds(PyObject *value, int64_t *ns)
{
    static const double most = 9e9; /* of 2^63 ns */
    const double seconds = PyFloat_AsDouble(value);
    if (PyErr_Occurred())
        return -1;
    if (!(fabs(seconds) < most)) {
        PyErr_SetString(PyExc_OverflowError, "the number of seconds is too large");
        return -1;
    }
    *ns = llround(seconds * 1e9);
    return 0;
}

static int take_auto(PyObject *value, enum lcap_pcapml_times *times)
{
    const int truth = PyObject_IsTrue(value);
    *times = truth == 1 ? LCAP_PCAPML_TIMES_YES : LCAP_PCAPML_TIMES_NO;
    return truth < 0 ? -1 : 0;
}

static int take_value(const struct py_argument *argument, PyObject *value, void *field,
                      struct py_owners *owners)
{
    uint64_t *count = field;
    switch (argument->kind) {
    case PY_TEXT:
        return take_text(value, field, owners);
    case PY_PATH:
        return take_path(value, field, owners);
    case PY_PATHS:
        return take_paths(value, field, owners);
    case PY_FLAG:
        return take_flag(value, field);
    case PY_COUNT:
        return take_count(value, UINT64_MAX, count);
    case PY_NUMBER:
        return take_number(value, field);
    case PY_REAL:
        return take_real(value, field);
    case PY_SECONDS:
        return take_seconds(value, field);
    case PY_AUTO:
        return take_auto(value, field);
    }
    return -1;
}

/* ---- the call ---- */

struct call {
    const char *function;
    const struct py_argument *table;
    void *target;
    struct py_owners *owners;
};

/* Puts the name of the argument in front of what is wrong with it. */
static void name_argument(const struct call *call, const char *name)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_Format(type, "%s(): argument '%s': %S", call->function, name, value);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
}

static int take(const struct call *call, const struct py_argument *argument, PyObject *value)
{
    char *field = (char *)call->target + argument->offset;
    if (value == Py_None || take_value(argument, value, field, call->owners) == 0)
        return 0;
    if (PyErr_ExceptionMatches(PyExc_TypeError) || PyErr_ExceptionMatches(PyExc_ValueError) ||
        PyErr_ExceptionMatches(PyExc_OverflowError))
        name_argument(call, argument->name);
    return -1;
}

static int complain(const struct call *call, const char *what, const char *name)
{
    PyErr_Format(PyExc_TypeError, "%s() %s '%s'", call->function, what, name);
    return -1;
}

static const struct py_argument *find(const struct call *call, const char *name)
{
    for (const struct py_argument *row = call->table; row->name; row++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}

static int take_keyword(const struct call *call, size_t given, PyObject *key, PyObject *value)
{
    const char *name = PyUnicode_AsUTF8(key);
    const struct py_argument *argument = name ? find(call, name) : NULL;
    if (!name)
        return -1;
    if (!argument)
        return complain(call, "has no argument", name);
    if ((size_t)(argument - call->table) < given)
        return complain(call, "got twice the argument", name);
    return take(call, argument, value);
}

static int check_needed(const struct call *call, size_t needed, PyObject *args, PyObject *keywords)
{
    const size_t given = (size_t)PyTuple_GET_SIZE(args);
    for (size_t i = 0; i < needed; i++) {
        const char *name = call->table[i].name;
        PyObject *value = keywords ? PyDict_GetItemString(keywords, name) : NULL;
        if (i < given)
            value = PyTuple_GET_ITEM(args, (Py_ssize_t)i);
        if (!value || value == Py_None)
            return complain(call, "misses the argument", name);
    }
    return 0;
}

int py_arguments_take(const char *function, const struct py_argument *table, size_t positional,
                      size_t needed, PyObject *args, PyObject *keywords, void *target,
                      struct py_owners *owners)
{
    const struct call call = {function, table, target, owners};
    const size_t given = (size_t)PyTuple_GET_SIZE(args);
    Py_ssize_t at = 0;
    PyObject *key, *value;
    if (given > positional) {
        PyErr_Format(PyExc_TypeError, "%s() takes %zu positional arguments, not %zu", function,
                     positional, given);
        return -1;
    }
    int rc = check_needed(&call, needed, args, keywords);
    for (size_t i = 0; i < given && rc == 0; i++)
        rc = take(&call, &table[i], PyTuple_GET_ITEM(args, (Py_ssize_t)i));
    while (rc == 0 && keywords && PyDict_Next(keywords, &at, &key, &value))
        rc = take_keyword(&call, given, key, value);
    return rc;
}
