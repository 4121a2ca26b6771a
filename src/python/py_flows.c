/* labelcap.flows(): captures → a table of flows. */
#include "python/py_flows.h"

#include "python/py_arguments.h"
#include "python/py_errors.h"
#include "python/py_table.h"
#include "python/py_watch.h"
#include <labelcap/flow_reader.h>
#include <stdlib.h>
#include <string.h>

/* The samples of a Dataset, in ascending order; or all flows. */
struct chosen {
    uint64_t *ids; /* NULL: all */
    size_t count;
};

/* What the arguments of flows() fill, and what it needs besides. */
struct call {
    struct py_paths inputs;
    struct lcap_run run;
    struct lcap_flow_reader_options reading;
    struct lcap_flow_options flow;
    const char *profile;
    bool compat;
    const struct chosen *chosen;
    struct table_columns *columns;
    struct py_watch watch;
};

#define FIELD(KIND, NAME, MEMBER)                                                                  \
    {                                                                                              \
        NAME, KIND, offsetof(struct call, MEMBER)                                                  \
    }

static const struct py_argument arguments[] = {
    FIELD(PY_PATHS, "inputs", inputs),
    FIELD(PY_TEXT, "profile", profile),
    FIELD(PY_FLAG, "compat", compat),
    FIELD(PY_TEXT, "columns", reading.columns),
    FIELD(PY_TEXT, "drop", reading.drop),
    FIELD(PY_FLAG, "join", reading.join),
    FIELD(PY_NUMBER, "packets", flow.sequence_packets),
    FIELD(PY_NUMBER, "payload", flow.payload_bytes),
    FIELD(PY_SECONDS, "idle_timeout", flow.idle_ns),
    FIELD(PY_SECONDS, "active_timeout", flow.active_ns),
    FIELD(PY_FLAG, "unidirectional", flow.unidirectional),
    FIELD(PY_FLAG, "inner_tunnels", flow.inner_tunnels),
    FIELD(PY_AUTO, "pcapml_times", run.pcapml_times),
    FIELD(PY_FLAG, "nanoseconds", run.nanoseconds),
    FIELD(PY_NUMBER, "threads", run.threads),
    FIELD(PY_PATH, "tmpdir", run.tmpdir),
    {0},
};

/* ---- the samples of a Dataset ---- */

static int compare_ids(const void *a, const void *b)
{
    const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static bool is_chosen(const struct chosen *chosen, const struct lcap_flow_row *row)
{
    if (!chosen->ids)
        return true;
    return row->has_label &&
           bsearch(&row->sample_id, chosen->ids, chosen->count, sizeof *chosen->ids, compare_ids);
}

static int take_ids(struct chosen *chosen, PyObject *dataset)
{
    Py_buffer memory;
    PyObject *ids = PyObject_GetAttrString(dataset, "ids");
    int rc = ids ? PyObject_GetBuffer(ids, &memory, PyBUF_SIMPLE) : -1;
    Py_XDECREF(ids);
    if (rc < 0)
        return rc;
    chosen->ids = malloc(memory.len > 0 ? (size_t)memory.len : 1);
    chosen->count = (size_t)memory.len / sizeof *chosen->ids;
    if (chosen->ids && memory.len > 0)
        memcpy(chosen->ids, memory.buf, (size_t)memory.len);
    PyBuffer_Release(&memory);
    if (!chosen->ids)
        return PyErr_NoMemory() ? 0 : -1;
    qsort(chosen->ids, chosen->count, sizeof *chosen->ids, compare_ids);
    return 0;
}

/* The arguments, with the path of a Dataset instead of it. */
static PyObject *arguments_of(const struct py_state *state, PyObject *args, struct chosen *chosen)
{
    PyObject *first = PyTuple_GET_SIZE(args) > 0 ? PyTuple_GET_ITEM(args, 0) : NULL;
    if (!first || !Py_IS_TYPE(first, state->classes[PY_DATASET]))
        return Py_NewRef(args);
    PyObject *path = PyObject_GetAttrString(first, "path");
    PyObject *rest = PyTuple_GetSlice(args, 1, PyTuple_GET_SIZE(args));
    PyObject *single = path ? PyTuple_Pack(1, path) : NULL;
    PyObject *replaced =
        single && rest && take_ids(chosen, first) == 0 ? PySequence_Concat(single, rest) : NULL;
    Py_XDECREF(single);
    Py_XDECREF(rest);
    Py_XDECREF(path);
    return replaced;
}

/* ---- the run ---- */

static int take_row(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    const struct call *call = context;
    return is_chosen(call->chosen, row) ? table_columns_add(call->columns, &row->row, error)
                                        : LCAP_OK;
}

static int read_flows(struct call *call, struct lcap_error *error)
{
    struct lcap_flow_reader *reader = NULL;
    int rc = lcap_flow_reader_open(&reader, &call->run, &call->reading, error);
    if (rc == LCAP_OK)
        rc = table_columns_init(call->columns, lcap_flow_reader_columns(reader), error);
    for (size_t i = 0; rc == LCAP_OK && i < call->columns->count; i++)
        call->columns->items[i].about = lcap_flow_reader_column(reader, i);
    if (rc == LCAP_OK)
        rc = lcap_flow_reader_run(reader, take_row, call, error);
    lcap_flow_reader_free(reader);
    return rc;
}

static PyObject *make_table(const struct py_state *state, struct call *call)
{
    struct lcap_error error = {0};
    PyTable *table = py_new(state, PY_TABLE);
    if (!table)
        return NULL;
    call->run.size = sizeof call->run;
    call->run.inputs = call->inputs.items;
    call->run.input_count = call->inputs.count;
    call->run.watcher = py_watcher(&call->watch);
    call->reading.size = sizeof call->reading;
    call->reading.flow = &call->flow;
    call->columns = &table->columns;
    call->watch.thread = PyEval_SaveThread();
    const int rc = read_flows(call, &error);
    PyEval_RestoreThread(call->watch.thread);
    if (rc == LCAP_OK)
        return (PyObject *)table;
    Py_DECREF(table);
    return py_raise(state, &error);
}

static const struct lcap_profile *find_profile(const struct py_state *state, const char *name)
{
    struct lcap_error error = {0};
    const struct lcap_profile *profile = name ? lcap_profile_find(name) : lcap_profile_at(0);
    if (profile)
        return profile;
    lcap_error_set(&error, LCAP_ERR_ARGUMENT, "flows(): there is no profile '%s'", name);
    return py_raise(state, &error);
}

/* Twice: first for the profile, then on top of its defaults. */
static int take_arguments(const struct py_state *state, PyObject *args, PyObject *keywords,
                          struct call *call, struct py_owners *owners)
{
    struct call first = {.profile = NULL};
    const struct lcap_profile *profile = NULL;
    if (py_arguments_take("flows", arguments, 2, 1, args, keywords, &first, owners) == 0)
        profile = find_profile(state, first.profile);
    py_owners_release(owners);
    if (!profile)
        return -1;
    call->flow.size = sizeof call->flow;
    lcap_flow_defaults(&call->flow, profile, first.compat);
    return py_arguments_take("flows", arguments, 2, 1, args, keywords, call, owners);
}

const char py_flows_doc[] =
    "flows(inputs, profile='labelcap', *, compat=False, columns=None, drop=None, join=False,\n"
    "      packets=0, payload=0, idle_timeout=60.0, active_timeout=0.0,\n"
    "      unidirectional=False, inner_tunnels=False, pcapml_times=None,\n"
    "      nanoseconds=False, threads=0, tmpdir=None)\n--\n\n"
    "The flows of captures and their features, as 'labelcap flows' writes them: a Table.\n\n"
    "`inputs` is a path, a sequence of paths, or a Dataset, of which only the flows of its\n"
    "samples count. Names of columns are separated by commas. With packets=N, the first N\n"
    "packets of each flow are columns of series, with payload=N the first N bytes of payload\n"
    "in hexadecimal. Time-outs are in seconds, 0 for none; the defaults are those of the\n"
    "profile. Ctrl-C ends it.\n\n"
    "Raises ArgumentError for an unknown profile or column, FileError, FormatError.";

PyObject *py_flows(PyObject *module, PyObject *args, PyObject *keywords)
{
    const struct py_state *state = PyModule_GetState(module);
    struct chosen chosen = {.ids = NULL};
    struct call call = {.chosen = &chosen};
    struct py_owners owners = {0};
    PyObject *table = NULL;
    PyObject *replaced = arguments_of(state, args, &chosen);
    if (replaced && take_arguments(state, replaced, keywords, &call, &owners) == 0)
        table = make_table(state, &call);
    py_owners_release(&owners);
    Py_XDECREF(replaced);
    free(chosen.ids);
    return table;
}
