/* Arguments by tables. */
#include "python/py_arguments.h"

#include "python/dataset/py_dataset.h"
#include <math.h>
#include <string.h>

/* Objects that own what a filled struct points to. */
struct owners {
    PyObject *list; /* NULL until there is one */
    const char **paths;
};

static int own(struct owners *owners, PyObject *object)
{
    if (!owners->list)
        owners->list = PyList_New(0);
    return owners->list ? PyList_Append(owners->list, object) : -1;
}

/* ---- values ---- */

static int take_path(PyObject *value, const char **path, struct owners *owners)
{
    PyObject *bytes = NULL;
    if (!PyUnicode_FSConverter(value, &bytes))
        return -1;
    const int rc = own(owners, bytes);
    *path = PyBytes_AS_STRING(bytes); /* which the list owns now */
    Py_DECREF(bytes);
    return rc;
}

static int take_several(PyObject *paths, struct py_inputs *inputs, struct owners *owners)
{
    const Py_ssize_t count = PyTuple_GET_SIZE(paths);
    owners->paths = PyMem_Calloc(count > 0 ? (size_t)count : 1, sizeof *owners->paths);
    if (!owners->paths)
        return PyErr_NoMemory() ? 0 : -1;
    for (Py_ssize_t i = 0; i < count; i++)
        if (take_path(PyTuple_GET_ITEM(paths, i), &owners->paths[i], owners) < 0)
            return -1;
    inputs->items = owners->paths;
    inputs->count = (size_t)count;
    return 0;
}

/* A list might change meanwhile: a path that is an object runs any code. */
static int take_paths(PyObject *value, struct py_inputs *inputs, struct owners *owners)
{
    PyObject *paths = py_is_path(value) ? PyTuple_Pack(1, value) : PySequence_Tuple(value);
    if (!paths)
        return -1;
    const int rc = take_several(paths, inputs, owners);
    Py_DECREF(paths);
    return rc;
}

/* Of a Dataset. */
static int take_set(PyObject *dataset, struct py_inputs *inputs, struct owners *owners)
{
    PyObject *path = py_dataset_path(dataset);
    PyObject *ids = path ? py_dataset_ids(dataset) : NULL;
    int rc = ids ? take_paths(path, inputs, owners) : -1;
    if (rc == 0)
        rc = own(owners, ids);
    if (rc == 0) {
        inputs->ids = (const void *)PyBytes_AS_STRING(ids); /* which the list owns now */
        inputs->id_count = (size_t)PyBytes_GET_SIZE(ids) / sizeof *inputs->ids;
        inputs->pcapml_times = py_dataset_times(dataset);
    }
    Py_XDECREF(ids);
    Py_XDECREF(path);
    return rc;
}

static int take_text(PyObject *value, const char **text, struct owners *owners)
{
    Py_ssize_t len;
    if (!PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError, "expected str, not %.100s", Py_TYPE(value)->tp_name);
        return -1;
    }
    *text = PyUnicode_AsUTF8AndSize(value, &len);
    if (!*text)
        return -1;
    if (strlen(*text) == (size_t)len)
        return own(owners, value);
    PyErr_SetString(PyExc_ValueError, "embedded null character");
    return -1;
}

static int take_list(PyObject *value, const char **text, struct owners *owners)
{
    if (PyUnicode_Check(value))
        return take_text(value, text, owners);
    PyObject *names = PySequence_Fast(value, "expected str, or several of them");
    PyObject *comma = names ? PyUnicode_FromString(",") : NULL;
    PyObject *joined = comma ? PyUnicode_Join(comma, names) : NULL;
    const int rc = joined ? take_text(joined, text, owners) : -1;
    Py_XDECREF(joined);
    Py_XDECREF(comma);
    Py_XDECREF(names);
    return rc;
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

/* A text, such as "no", would be true. */
static int take_flag(PyObject *value, bool *flag)
{
    if (PyUnicode_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "expected True or False, not str");
        return -1;
    }
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

static int take_limit(PyObject *value, const double **limit, struct owners *owners)
{
    double real;
    PyObject *kept = PyNumber_Float(value);
    if (!kept)
        return -1;
    int rc = take_real(kept, &real);
    if (rc == 0)
        rc = own(owners, kept);
    *limit = &((PyFloatObject *)kept)->ob_fval; /* which the list owns now */
    Py_DECREF(kept);
    return rc;
}

static int take_seconds(PyObject *value, int64_t *ns)
{
    static const double most = 9e9; /* of 2^63 ns */
    double seconds;
    if (take_real(value, &seconds) < 0)
        return -1;
    if (!(fabs(seconds) < most)) {
        PyErr_SetString(PyExc_OverflowError, "the number of seconds is too large");
        return -1;
    }
    *ns = llround(seconds * 1e9);
    return 0;
}

static int take_period(PyObject *value, int64_t *ns)
{
    if (take_seconds(value, ns) < 0)
        return -1;
    if (*ns >= 0)
        return 0;
    PyErr_SetString(PyExc_ValueError, "expected seconds, 0 or more");
    return -1;
}

static int take_auto(PyObject *value, enum lcap_pcapml_times *times)
{
    bool yes;
    if (take_flag(value, &yes) < 0)
        return -1;
    *times = yes ? LCAP_PCAPML_TIMES_YES : LCAP_PCAPML_TIMES_NO;
    return 0;
}

struct call {
    const struct py_state *state;
    const struct py_signature *signature;
    PyObject *args, *keywords;
    void *target;
    struct owners *owners;
    Py_ssize_t named; /* how many of the keywords are taken */
};

static int take_value(const struct call *call, enum py_argument_kind kind, PyObject *value,
                      void *field)
{
    uint64_t *count = field;
    switch (kind) {
    case PY_TEXT:
        return take_text(value, field, call->owners);
    case PY_LIST:
        return take_list(value, field, call->owners);
    case PY_PATH:
        return take_path(value, field, call->owners);
    case PY_PATHS:
        return take_paths(value, field, call->owners);
    case PY_SAMPLES:
        return Py_IS_TYPE(value, call->state->classes[PY_DATASET])
                   ? take_set(value, field, call->owners)
                   : take_paths(value, field, call->owners);
    case PY_FLAG:
        return take_flag(value, field);
    case PY_COUNT:
        return take_count(value, UINT64_MAX, count);
    case PY_NUMBER:
        return take_number(value, field);
    case PY_REAL:
        return take_real(value, field);
    case PY_LIMIT:
        return take_limit(value, field, call->owners);
    case PY_SECONDS:
        return take_seconds(value, field);
    case PY_PERIOD:
        return take_period(value, field);
    case PY_AUTO:
        return take_auto(value, field);
    case PY_STEP:
    case PY_LAST:
        break;
    }
    return -1;
}

/* ---- the call ---- */

/* Puts the name of the argument in front of what is wrong with it. */
static void name_argument(const struct call *call, const char *name)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    /* Those of Unicode are not made of a text. */
    PyErr_Format(PyErr_GivenExceptionMatches(type, PyExc_UnicodeError) ? PyExc_ValueError : type,
                 "%s(): argument '%s': %S", call->signature->function, name, value);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
}

static int complain(const struct call *call, const char *what, const char *name)
{
    PyErr_Format(PyExc_TypeError, "%s() %s '%s'", call->signature->function, what, name);
    return -1;
}

static int take(const struct call *call, const struct py_argument *argument, PyObject *value)
{
    char *field = (char *)call->target + argument->offset;
    if (take_value(call, argument->kind, value, field) == 0)
        return 0;
    if (PyErr_ExceptionMatches(PyExc_TypeError) || PyErr_ExceptionMatches(PyExc_ValueError) ||
        PyErr_ExceptionMatches(PyExc_OverflowError))
        name_argument(call, argument->name);
    return -1;
}

static int take_argument(struct call *call, size_t place)
{
    const struct py_argument *argument = &call->signature->arguments[place];
    const bool given = place < (size_t)PyTuple_GET_SIZE(call->args);
    PyObject *named = call->keywords ? PyDict_GetItemString(call->keywords, argument->name) : NULL;
    PyObject *value = given ? PyTuple_GET_ITEM(call->args, (Py_ssize_t)place) : named;
    if (given && named)
        return complain(call, "got twice the argument", argument->name);
    call->named += named != NULL;
    if (value && value != Py_None)
        return take(call, argument, value);
    return place < call->signature->needed ? complain(call, "misses the argument", argument->name)
                                           : 0;
}

static int take_all(struct call *call)
{
    const struct py_argument *arguments = call->signature->arguments;
    int rc = 0;
    for (size_t i = 0; arguments[i].kind != PY_LAST && rc == 0; i++)
        if (arguments[i].kind == PY_STEP)
            arguments[i].step(call->target);
        else
            rc = take_argument(call, i);
    return rc;
}

static bool is_known(const struct call *call, const char *name)
{
    const struct py_argument *argument = call->signature->arguments;
    while (argument->kind != PY_LAST && !(argument->name && strcmp(argument->name, name) == 0))
        argument++;
    return argument->kind != PY_LAST;
}

/* Keywords that no argument has taken are unknown. */
static int check_keywords(const struct call *call)
{
    Py_ssize_t at = 0;
    PyObject *key, *value;
    if (!call->keywords || PyDict_GET_SIZE(call->keywords) == call->named)
        return 0;
    while (PyDict_Next(call->keywords, &at, &key, &value)) {
        const char *name = PyUnicode_AsUTF8(key);
        if (!name || !is_known(call, name))
            return name ? complain(call, "has no argument", name) : -1;
    }
    return 0;
}

PyObject *py_with_arguments(const struct py_state *state, const struct py_signature *signature,
                            PyObject *args, PyObject *keywords, void *target, py_maker *make)
{
    struct owners owners = {0};
    struct call call = {state, signature, args, keywords, target, &owners, 0};
    PyObject *made = NULL;
    if ((size_t)PyTuple_GET_SIZE(args) > signature->positional)
        PyErr_Format(PyExc_TypeError, "%s() takes %zu positional argument%s, not %zd",
                     signature->function, signature->positional,
                     signature->positional == 1 ? "" : "s", PyTuple_GET_SIZE(args));
    else if (take_all(&call) == 0 && check_keywords(&call) == 0)
        made = make(state, target);
    Py_XDECREF(owners.list);
    PyMem_Free(owners.paths);
    return made;
}
