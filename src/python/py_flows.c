/* labelcap.flows() and write_flows(): captures → a table of flows. */
#include "python/py_flows.h"

#include "python/py_call.h"
#include "python/py_errors.h"
#include "python/py_table.h"
#include <labelcap/flow_reader.h>
#include <stdlib.h>
#include <string.h>

/* The samples of a Dataset; or all flows. */
struct chosen {
    uint64_t *ids; /* NULL: all */
    size_t count;
};

/* What the arguments of flows() and write_flows() fill, and what these need besides. */
struct call {
    struct py_paths inputs;
    struct lcap_run run;
    struct lcap_flow_options flow;
    const char *profile, *columns, *drop;
    bool compat, join;
    struct lcap_flows_options writing;
    const struct chosen *chosen;
    struct table_columns *table;
    struct py_watch watch;
};

#define FIELD(KIND, NAME, MEMBER)                                                                  \
    {                                                                                              \
        NAME, KIND, offsetof(struct call, MEMBER)                                                  \
    }

#define FLOWS                                                                                      \
    FIELD(PY_FLAG, "compat", compat), FIELD(PY_TEXT, "columns", columns),                          \
        FIELD(PY_TEXT, "drop", drop), FIELD(PY_FLAG, "join", join),                                \
        FIELD(PY_NUMBER, "packets", flow.sequence_packets),                                        \
        FIELD(PY_NUMBER, "payload", flow.payload_bytes),                                           \
        FIELD(PY_SECONDS, "idle_timeout", flow.idle_ns),                                           \
        FIELD(PY_SECONDS, "active_timeout", flow.active_ns),                                       \
        FIELD(PY_FLAG, "unidirectional", flow.unidirectional),                                     \
        FIELD(PY_FLAG, "inner_tunnels", flow.inner_tunnels),                                       \
        FIELD(PY_TEXT, "label", flow.metadata)

#define READING                                                                                    \
    FIELD(PY_AUTO, "pcapml_times", run.pcapml_times),                                              \
        FIELD(PY_FLAG, "nanoseconds", run.nanoseconds), FIELD(PY_NUMBER, "threads", run.threads),  \
        FIELD(PY_PATH, "tmpdir", run.tmpdir)

static const struct py_argument table_arguments[] = {
    FIELD(PY_PATHS, "inputs", inputs), FIELD(PY_TEXT, "profile", profile), FLOWS, READING, {0},
};

static const struct py_argument file_arguments[] = {
    FIELD(PY_PATHS, "inputs", inputs),
    FIELD(PY_PATH, "output", run.output),
    FIELD(PY_TEXT, "profile", profile),
    FLOWS,
    FIELD(PY_FLAG, "detail", flow.detail),
    FIELD(PY_TEXT, "protocols", writing.protocols),
    FIELD(PY_COUNT, "max_flows", writing.max_flows),
    FIELD(PY_FLAG, "classes", writing.classes),
    FIELD(PY_FLAG, "source_file", writing.source_file),
    FIELD(PY_TEXT, "format", writing.format),
    FIELD(PY_TEXT, "number_format", writing.number_format),
    FIELD(PY_TEXT, "per", writing.per),
    FIELD(PY_TEXT, "name", writing.name),
    FIELD(PY_COUNT, "rows_per_file", writing.rows_per_file),
    FIELD(PY_PATH, "report", writing.report),
    FIELD(PY_FLAG, "append", writing.append),
    FIELD(PY_FLAG, "csv_safe", writing.csv_safe),
    FIELD(PY_FLAG, "xlsx_split", writing.xlsx_split),
    FIELD(PY_NUMBER, "shard", writing.shard),
    FIELD(PY_NUMBER, "shards", writing.shards),
    READING,
    FIELD(PY_COUNT, "memory", run.memory),
    FIELD(PY_FLAG, "overwrite", run.overwrite),
    FIELD(PY_FLAG, "no_sync", run.no_sync),
    {0},
};

struct function {
    const char *name;
    const struct py_argument *arguments;
    size_t positional, needed;
    bool writes; /* to files */
};

/* ---- the samples of a Dataset ---- */

static int take_ids(struct chosen *chosen, PyObject *dataset)
{
    Py_buffer memory;
    PyObject *ids = PyObject_GetAttrString(dataset, "ids");
    int rc = ids ? PyObject_GetBuffer(ids, &memory, PyBUF_SIMPLE) : -1;
    Py_XDECREF(ids);
    if (rc < 0)
        return rc;
    free(chosen->ids); /* of inputs that were given twice */
    chosen->ids = malloc(memory.len > 0 ? (size_t)memory.len : 1);
    chosen->count = (size_t)memory.len / sizeof *chosen->ids;
    if (chosen->ids && memory.len > 0)
        memcpy(chosen->ids, memory.buf, (size_t)memory.len);
    PyBuffer_Release(&memory);
    return chosen->ids || PyErr_NoMemory() ? 0 : -1;
}

/* What the inputs are given as, such that it can be read twice: the path of a Dataset, the items of
 * an iterator. */
static PyObject *inputs_of(const struct py_state *state, PyObject *given, struct chosen *chosen)
{
    if (PyIter_Check(given))
        return PySequence_Tuple(given);
    if (!Py_IS_TYPE(given, state->classes[PY_DATASET]))
        return Py_NewRef(given);
    return take_ids(chosen, given) == 0 ? PyObject_GetAttrString(given, "path") : NULL;
}

/* The positional arguments, with those inputs. */
static PyObject *arguments_of(const struct py_state *state, PyObject *args, struct chosen *chosen)
{
    if (PyTuple_GET_SIZE(args) == 0)
        return Py_NewRef(args);
    PyObject *inputs = inputs_of(state, PyTuple_GET_ITEM(args, 0), chosen);
    PyObject *single = inputs ? PyTuple_Pack(1, inputs) : NULL;
    PyObject *rest = single ? PyTuple_GetSlice(args, 1, PyTuple_GET_SIZE(args)) : NULL;
    PyObject *replaced = rest ? PySequence_Concat(single, rest) : NULL;
    Py_XDECREF(rest);
    Py_XDECREF(single);
    Py_XDECREF(inputs);
    return replaced;
}

/* The keywords, with those inputs; NULL without an exception if there are none. */
static PyObject *keywords_of(const struct py_state *state, PyObject *keywords,
                             struct chosen *chosen)
{
    PyObject *given = keywords ? PyDict_GetItemString(keywords, "inputs") : NULL;
    if (!given)
        return Py_XNewRef(keywords);
    PyObject *replaced = PyDict_Copy(keywords);
    PyObject *inputs = replaced ? inputs_of(state, given, chosen) : NULL;
    if (!inputs || PyDict_SetItemString(replaced, "inputs", inputs) < 0)
        Py_CLEAR(replaced);
    Py_XDECREF(inputs);
    return replaced;
}

/* ---- the runs ---- */

static void begin_run(struct call *call)
{
    call->run.size = sizeof call->run;
    call->run.inputs = call->inputs.items;
    call->run.input_count = call->inputs.count;
    call->run.watcher = py_watcher(&call->watch);
    call->watch.thread = PyEval_SaveThread();
}

static int take_row(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    const struct call *call = context;
    return table_columns_add(call->table, &row->row, error);
}

static int read_flows(struct call *call, struct lcap_error *error)
{
    const struct lcap_flow_reader_options options = {
        .size = sizeof options,
        .flow = &call->flow,
        .columns = call->columns,
        .drop = call->drop,
        .join = call->join,
        .sample_ids = call->chosen->ids,
        .sample_id_count = call->chosen->count,
    };
    struct lcap_flow_reader *reader = NULL;
    int rc = lcap_flow_reader_open(&reader, &call->run, &options, error);
    if (rc == LCAP_OK)
        rc = table_columns_init(call->table, lcap_flow_reader_columns(reader), error);
    for (size_t i = 0; rc == LCAP_OK && i < call->table->count; i++)
        call->table->items[i].about = lcap_flow_reader_column(reader, i);
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
    call->table = &table->columns;
    begin_run(call);
    const int rc = read_flows(call, &error);
    PyEval_RestoreThread(call->watch.thread);
    if (rc == LCAP_OK)
        return (PyObject *)table;
    Py_DECREF(table);
    return py_raise(state, &error);
}

static PyObject *write_table(const struct py_state *state, struct call *call)
{
    struct lcap_flows_options *options = &call->writing;
    struct lcap_result *result = NULL;
    struct lcap_error error = {0};
    options->size = sizeof *options;
    options->flow = &call->flow;
    options->columns = call->columns;
    options->drop = call->drop;
    options->join = call->join;
    options->sample_ids = call->chosen->ids;
    options->sample_id_count = call->chosen->count;
    begin_run(call);
    const int rc = lcap_flows(&call->run, options, &result, &error);
    PyEval_RestoreThread(call->watch.thread);
    PyObject *unpacked = rc == LCAP_OK ? py_call_result(state, result) : py_raise(state, &error);
    lcap_result_free(result);
    return unpacked;
}

/* ---- the calls ---- */

static const struct lcap_profile *find_profile(const struct py_state *state,
                                               const struct function *function, const char *name)
{
    struct lcap_error error = {0};
    const struct lcap_profile *profile = name ? lcap_profile_find(name) : lcap_profile_at(0);
    if (profile)
        return profile;
    lcap_error_set(&error, LCAP_ERR_ARGUMENT, "%s(): there is no profile '%s'", function->name,
                   name);
    return py_raise(state, &error);
}

/* Twice: first for the profile, then on top of its defaults. */
static int take_arguments(const struct py_state *state, const struct function *function,
                          PyObject *args, PyObject *keywords, struct call *call,
                          struct py_owners *owners)
{
    struct call first = {.profile = NULL};
    const struct lcap_profile *profile = NULL;
    if (py_arguments_take(function->name, function->arguments, function->positional,
                          function->needed, args, keywords, &first, owners) == 0)
        profile = find_profile(state, function, first.profile);
    py_owners_release(owners);
    if (!profile)
        return -1;
    call->flow.size = sizeof call->flow;
    lcap_flow_defaults(&call->flow, profile, first.compat);
    return py_arguments_take(function->name, function->arguments, function->positional,
                             function->needed, args, keywords, call, owners);
}

static PyObject *call_function(const struct function *function, PyObject *module, PyObject *args,
                               PyObject *keywords)
{
    const struct py_state *state = PyModule_GetState(module);
    struct chosen chosen = {.ids = NULL};
    struct call call = {.chosen = &chosen};
    struct py_owners owners = {0};
    PyObject *made = NULL;
    PyObject *positional = arguments_of(state, args, &chosen);
    PyObject *named = positional ? keywords_of(state, keywords, &chosen) : NULL;
    if (!PyErr_Occurred() &&
        take_arguments(state, function, positional, named, &call, &owners) == 0)
        made = function->writes ? write_table(state, &call) : make_table(state, &call);
    py_owners_release(&owners);
    Py_XDECREF(named);
    Py_XDECREF(positional);
    free(chosen.ids);
    return made;
}

#define DOC_FLOWS                                                                                  \
    "`inputs` is a path, a sequence of paths, or a Dataset, of which only the flows of its\n"      \
    "samples count. Names of columns are separated by commas. With packets=N, the first N\n"       \
    "packets of each flow are columns of series, with payload=N the first N bytes of payload\n"    \
    "in hexadecimal. Time-outs are in seconds, 0 for none; the defaults are those of the\n"        \
    "profile. `label` is the metadata of packets without a label. Ctrl-C ends it.\n\n"

const char py_flows_doc[] =
    "flows(inputs, profile='labelcap', *, compat=False, columns=None, drop=None, join=False,\n"
    "      packets=0, payload=0, idle_timeout=60.0, active_timeout=0.0,\n"
    "      unidirectional=False, inner_tunnels=False, label=None, pcapml_times=None,\n"
    "      nanoseconds=False, threads=0, tmpdir=None)\n--\n\n"
    "The flows of captures and their features, as 'labelcap flows' writes them: a "
    "Table.\n\n" DOC_FLOWS
    "Raises ArgumentError for an unknown profile or column, FileError, FormatError.";

PyObject *py_flows(PyObject *module, PyObject *args, PyObject *keywords)
{
    static const struct function function = {"flows", table_arguments, 2, 1, false};
    return call_function(&function, module, args, keywords);
}

const char py_write_flows_doc[] =
    "write_flows(inputs, output, profile='labelcap', *, compat=False, columns=None, drop=None,\n"
    "            join=False, packets=0, payload=0, idle_timeout=60.0, active_timeout=0.0,\n"
    "            unidirectional=False, inner_tunnels=False, label=None, detail=False,\n"
    "            protocols=None, max_flows=0, classes=False, source_file=False, format=None,\n"
    "            number_format=None, per=None, name=None, rows_per_file=0, report=None,\n"
    "            append=False, csv_safe=False, xlsx_split=False, shard=0, shards=0,\n"
    "            pcapml_times=None, nanoseconds=False, threads=0, tmpdir=None, memory=0,\n"
    "            overwrite=False, no_sync=False)\n--\n\n"
    "Write the flows of captures and their features as 'labelcap flows -o OUTPUT' does: without\n"
    "holding the table in memory. The name of `output` tells the format, such as flows.parquet,\n"
    "or `format` does.\n\n" DOC_FLOWS
    "With per='input', 'sample', 'label' or 'protocol', `output` is a folder with a table for\n"
    "each. With classes, the only input is a folder, and the folders in it name the labels.\n"
    "shard and shards are as for label(). The other arguments are the options of\n"
    "labelcap-flows(1).\n\n"
    "Returns a dict: what the command prints with --json.\n"
    "Raises ArgumentError for arguments that do not go together, FileError, FormatError.";

PyObject *py_write_flows(PyObject *module, PyObject *args, PyObject *keywords)
{
    static const struct function function = {"write_flows", file_arguments, 3, 2, true};
    return call_function(&function, module, args, keywords);
}
