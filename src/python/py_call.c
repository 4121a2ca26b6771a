/* Takes the arguments, runs, and unpacks the result. */
#include "python/py_call.h"

#include "python/py_errors.h"

void py_call_begin(struct py_call *call)
{
    call->run.size = sizeof call->run;
    call->run.inputs = call->pair[0] ? call->pair : call->inputs.items;
    call->run.input_count = call->pair[0] ? 2 : call->inputs.count;
    if (call->run.pcapml_times == LCAP_PCAPML_TIMES_AUTO)
        call->run.pcapml_times = call->inputs.pcapml_times;
    call->run.watcher = py_watcher(&call->watch);
    py_watch_leave(&call->watch);
}

void py_call_end(struct py_call *call)
{
    py_watch_return(&call->watch);
}

static int run_call(struct py_call *call, struct lcap_result **result, struct lcap_error *error)
{
    call->options.size = call->function->options_size;
    py_call_begin(call);
    const int rc = call->function->run(call, result, error);
    py_call_end(call);
    return rc == LCAP_OK && PyErr_Occurred() ? LCAP_ERR_INTERRUPTED : rc;
}

static PyObject *unpack(const struct py_state *state, struct lcap_result *result)
{
    struct lcap_error error = {0};
    const char *text;
    size_t len;
    if (lcap_result_json(result, &text, &len, &error) < 0)
        return py_raise(state, &error);
    PyObject *json = PyImport_ImportModule("json");
    PyObject *loads = json ? PyObject_GetAttrString(json, "loads") : NULL;
    PyObject *unpacked = loads ? PyObject_CallFunction(loads, "y#", text, (Py_ssize_t)len) : NULL;
    Py_XDECREF(loads);
    Py_XDECREF(json);
    return unpacked;
}

static PyObject *make_result(const struct py_state *state, void *filled)
{
    struct py_call *call = filled;
    struct lcap_error error = {0};
    struct lcap_result *result = NULL;
    const int rc = run_call(call, &result, &error);
    PyObject *unpacked = rc < 0 ? py_raise(state, &error) : unpack(state, result);
    if (call->partition)
        lcap_partition_free(call->partition);
    else
        lcap_result_free(result);
    return unpacked;
}

PyObject *py_call_method(const struct py_state *state, const struct py_function *function,
                         PyObject *args, PyObject *keywords, struct py_call *call)
{
    call->function = function;
    return py_with_arguments(state, &function->signature, args, keywords, call, make_result);
}

PyObject *py_call_function(const struct py_function *function, PyObject *module, PyObject *args,
                           PyObject *keywords)
{
    struct py_call call = {.partition = NULL};
    return py_call_method(PyModule_GetState(module), function, args, keywords, &call);
}
