/* labelcap.flows() and write_flows(): captures → a table of flows. */
#include "python/py_flows.h"

#include "python/py_call.h"
#include "python/py_errors.h"
#include "python/table/py_table.h"
#include <labelcap/flow_reader.h>

/* Time-outs and directions are those of the profile, unless they are given, too. */
static void use_profile(void *target)
{
    struct py_call *call = target;
    const struct lcap_profile *found = call->profile ? lcap_profile_find(call->profile) : NULL;
    const bool compat = call->flow.compat;
    call->flow.size = sizeof call->flow;
    lcap_flow_defaults(&call->flow, found ? found : lcap_profile_at(0), compat);
}

#define FLOW(KIND, MEMBER) FIELD(KIND, #MEMBER, flow.MEMBER)

#define FLOWS                                                                                      \
    FIELD(PY_TEXT, "profile", profile), FLOW(PY_FLAG, compat),                                     \
        {.kind = PY_STEP, .step = use_profile}, OPTION(PY_LIST, flows, columns),                   \
        OPTION(PY_LIST, flows, drop), OPTION(PY_FLAG, flows, join),                                \
        FIELD(PY_NUMBER, "packets", flow.sequence_packets),                                        \
        FIELD(PY_NUMBER, "payload", flow.payload_bytes),                                           \
        FIELD(PY_PERIOD, "idle_timeout", flow.idle_ns),                                            \
        FIELD(PY_PERIOD, "active_timeout", flow.active_ns), FLOW(PY_FLAG, unidirectional),         \
        FLOW(PY_FLAG, inner_tunnels), FIELD(PY_TEXT, "label", flow.metadata)

static const struct py_argument table_arguments[] = {
    FIELD(PY_SAMPLES, "inputs", inputs), FLOWS, READING, RUN(PY_PATH, tmpdir), END,
};

static const struct py_argument file_arguments[] = {
    FIELD(PY_SAMPLES, "inputs", inputs),
    OUTPUT,
    FLOWS,
    FLOW(PY_FLAG, detail),
    FIELD(PY_COUNT, "max_flows_in_memory", flow.max_flows),
    OPTION(PY_PATH, flows, config),
    OPTION(PY_LIST, flows, protocols),
    OPTION(PY_COUNT, flows, max_flows),
    OPTION(PY_FLAG, flows, classes),
    OPTION(PY_FLAG, flows, source_file),
    OPTION(PY_TEXT, flows, format),
    OPTION(PY_TEXT, flows, number_format),
    OPTION(PY_TEXT, flows, per),
    OPTION(PY_TEXT, flows, name),
    OPTION(PY_COUNT, flows, rows_per_file),
    OPTION(PY_PATH, flows, report),
    OPTION(PY_FLAG, flows, append),
    OPTION(PY_FLAG, flows, csv_safe),
    OPTION(PY_FLAG, flows, xlsx_split),
    SHARD(flows),
    OPTION(PY_TEXT, flows, buckets),
    READING,
    SPACE,
    WRITING,
    END,
};

static int check_profile(const struct py_call *call, struct lcap_error *error)
{
    if (!call->profile || lcap_profile_find(call->profile))
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "there is no profile '%s'", call->profile);
}

/* ---- tables ---- */

static int take_row(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    return table_columns_add(context, &row->row, error);
}

static int read_flows(const struct py_call *call, struct table_columns **table,
                      struct lcap_error *error)
{
    const struct lcap_flow_reader_options options = {
        .size = sizeof options,
        .flow = &call->flow,
        .columns = call->options.flows.columns,
        .drop = call->options.flows.drop,
        .join = call->options.flows.join,
        .sample_ids = call->inputs.ids,
        .sample_id_count = call->inputs.id_count,
    };
    struct lcap_flow_reader *reader = NULL;
    int rc = lcap_flow_reader_open(&reader, &call->run, &options, error);
    if (rc == LCAP_OK)
        rc = table_columns_new(table, lcap_flow_reader_columns(reader), error);
    for (size_t i = 0; rc == LCAP_OK && i < (*table)->count; i++)
        (*table)->items[i].about = lcap_flow_reader_column(reader, i);
    if (rc == LCAP_OK)
        rc = lcap_flow_reader_run(reader, take_row, *table, error);
    lcap_flow_reader_free(reader);
    return rc;
}

static PyObject *make_table(const struct py_state *state, void *filled)
{
    struct py_call *call = filled;
    struct lcap_error error = {0};
    PyTable *table = py_new(state, PY_TABLE);
    if (!table)
        return NULL;
    py_call_begin(call);
    int rc = check_profile(call, &error);
    if (rc == LCAP_OK)
        rc = read_flows(call, &table->columns, &error);
    py_call_end(call);
    if (rc == LCAP_OK)
        return (PyObject *)table;
    Py_DECREF(table);
    return py_raise(state, &error);
}

/* ---- files ---- */

static int write_flows(struct py_call *call, struct lcap_result **result, struct lcap_error *error)
{
    struct lcap_flows_options *options = &call->options.flows;
    options->flow = &call->flow;
    options->sample_ids = call->inputs.ids;
    options->sample_id_count = call->inputs.id_count;
    const int rc = check_profile(call, error);
    return rc == LCAP_OK ? lcap_flows(&call->run, options, result, error) : rc;
}

#define DOC_FLOWS                                                                                  \
    "`inputs` is a path, a sequence of paths, or a Dataset, of which only the flows of its\n"      \
    "samples count. columns and drop are names separated by commas, or sequences of names.\n"      \
    "With packets=N, the first N packets of each flow are columns of series, with payload=N\n"     \
    "the first N bytes of payload in hexadecimal. Time-outs are in seconds, 0 for none; the "      \
    "defaults are those of the\n"                                                                  \
    "profile. `label` is the metadata of packets without a label. Ctrl-C ends it.\n\n"

const char py_flows_doc[] =
    "flows(inputs, profile='labelcap', *, compat=False, columns=None, drop=None, join=False,\n"
    "      packets=0, payload=0, idle_timeout=60.0, active_timeout=0.0,\n"
    "      unidirectional=False, inner_tunnels=False, label=None, pcapml_times=None,\n"
    "      nanoseconds=False, linktype=None, threads=0, tmpdir=None)\n--\n\n"
    "The flows of captures and their features, as 'labelcap flows' writes them: a "
    "Table.\n\n" DOC_FLOWS
    "Raises ArgumentError for an unknown profile or column, FileError, FormatError.";

/* ---- profiles ---- */

static PyObject *columns_of(const struct lcap_profile *profile, bool compat)
{
    const size_t count = lcap_profile_columns(profile, compat);
    PyObject *columns = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; columns && i < count; i++) {
        const struct lcap_column *column = lcap_profile_column(profile, compat, i);
        PyObject *about = Py_BuildValue("{ssssss}", "name", column->name, "unit", column->unit,
                                        "description", column->description);
        if (!about)
            Py_CLEAR(columns);
        else
            PyList_SET_ITEM(columns, (Py_ssize_t)i, about);
    }
    return columns;
}

static PyObject *describe(const struct lcap_profile *profile)
{
    return Py_BuildValue("{sssNsN}", "summary", lcap_profile_summary(profile), "columns",
                         columns_of(profile, false), "compat_columns", columns_of(profile, true));
}

const char py_profiles_doc[] =
    "profiles()\n--\n\n"
    "The profiles of flows() and write_flows(): a dict of name to `summary`, `columns` and\n"
    "`compat_columns`, lists of dicts with name, unit and description. The default one is the\n"
    "first.";

PyObject *py_profiles(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    PyObject *profiles = PyDict_New();
    const struct lcap_profile *profile;
    for (size_t i = 0; profiles && (profile = lcap_profile_at(i)); i++) {
        PyObject *about = describe(profile);
        if (!about || PyDict_SetItemString(profiles, lcap_profile_name(profile), about) < 0)
            Py_CLEAR(profiles);
        Py_XDECREF(about);
    }
    return profiles;
}

/* ---- the functions ---- */

PyObject *py_flows(PyObject *module, PyObject *args, PyObject *keywords)
{
    static const struct py_signature signature = {"flows", table_arguments, 2, 1};
    struct py_call call = {.profile = NULL};
    return py_with_arguments(PyModule_GetState(module), &signature, args, keywords, &call,
                             make_table);
}

const char py_write_flows_doc[] =
    "write_flows(inputs, output, profile='labelcap', *, compat=False, columns=None, drop=None,\n"
    "            join=False, packets=0, payload=0, idle_timeout=60.0, active_timeout=0.0,\n"
    "            unidirectional=False, inner_tunnels=False, label=None, detail=False,\n"
    "            max_flows_in_memory=0, config=None, protocols=None, max_flows=0, classes=False,\n"
    "            source_file=False, format=None, number_format=None, per=None, name=None,\n"
    "            rows_per_file=0, report=None, append=False, csv_safe=False, xlsx_split=False,\n"
    "            shard=0, shards=0, buckets=None, pcapml_times=None, nanoseconds=False,\n"
    "            linktype=None, threads=0, memory=0, tmpdir=None, overwrite=False,\n"
    "            no_sync=False)\n--\n\n"
    "Write the flows of captures and their features as 'labelcap flows -o OUTPUT' does: without\n"
    "holding the table in memory. The name of `output` tells the format, such as flows.parquet,\n"
    "or `format` does; only the command writes XLSX.\n\n" DOC_FLOWS
    "With per='input', 'sample', 'label' or 'protocol', `output` is a folder with a table for\n"
    "each. With classes, the only input is a folder, and the folders in it name the labels.\n"
    "shard and shards are as for label(). `config` is the path of a configuration of\n"
    "NetFlowMeter. The other arguments are the options of\n"
    "labelcap-flows(1).\n\n"
    "Returns a dict: what the command prints with --json.\n"
    "Raises ArgumentError for arguments that do not go together, FileError, FormatError.";

PyObject *py_write_flows(PyObject *module, PyObject *args, PyObject *keywords)
{
    static const struct py_function function = {
        {"write_flows", file_arguments, 3, 2}, sizeof(struct lcap_flows_options), write_flows};
    return py_call_function(&function, module, args, keywords);
}
