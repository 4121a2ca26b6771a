/* Calls of functions that do what commands do. */
#ifndef PYTHON_PY_CALL_H
#define PYTHON_PY_CALL_H

#include "python/py_arguments.h"
#include "python/py_watch.h"
#include <labelcap/arrays.h>
#include <labelcap/partition.h>
#include <labelcap/run.h>

struct py_function;

/* What the arguments of a call fill. */
struct py_call {
    const struct py_function *function; /* that returns a dictionary, or NULL */
    struct py_inputs inputs;
    const char *pair[2]; /* two inputs that have arguments of their own, or NULL */
    struct lcap_run run;
    struct py_watch watch;
    bool exact, by_time;
    struct lcap_partition *partition; /* which owns its result */
    const char *profile;
    struct lcap_flow_options flow;
    union {
        size_t size;
        struct lcap_rules_options rules;
        struct lcap_label_options label;
        struct lcap_sort_options sort;
        struct lcap_split_options split;
        struct lcap_strip_options strip;
        struct lcap_info_options info;
        struct lcap_index_run_options index;
        struct lcap_flows_options flows;
        struct lcap_array_options arrays;
        struct lcap_select_options select;
        struct lcap_check_options check;
        struct lcap_score_options score;
        struct lcap_partition_options partition;
        struct lcap_report_options report;
        struct lcap_publish_options publish;
    } options;
};

/* ---- rows of tables of arguments ---- */

#define FIELD(KIND, NAME, MEMBER)                                                                  \
    {                                                                                              \
        .name = (NAME), .kind = (KIND), .offset = offsetof(struct py_call, MEMBER)                 \
    }
#define RUN(KIND, MEMBER)            FIELD(KIND, #MEMBER, run.MEMBER)
#define OPTION(KIND, RUN_OF, MEMBER) FIELD(KIND, #MEMBER, options.RUN_OF.MEMBER)

#define INPUTS        FIELD(PY_PATHS, "inputs", inputs)
#define OUTPUT        RUN(PY_PATH, output)
#define SHARD(RUN_OF) OPTION(PY_NUMBER, RUN_OF, shard), OPTION(PY_NUMBER, RUN_OF, shards)
#define READING                                                                                    \
    RUN(PY_AUTO, pcapml_times), RUN(PY_FLAG, nanoseconds), RUN(PY_TEXT, linktype),                 \
        RUN(PY_NUMBER, threads)
#define WRITING RUN(PY_FLAG, overwrite), RUN(PY_FLAG, no_sync)
#define SPACE   RUN(PY_COUNT, memory), RUN(PY_PATH, tmpdir)
#define LEVEL   RUN(PY_NUMBER, level)
#define END                                                                                        \
    {                                                                                              \
        .kind = PY_LAST                                                                            \
    }

/* ---- functions ---- */

struct py_function {
    struct py_signature signature;
    size_t options_size;
    int (*run)(struct py_call *call, struct lcap_result **result, struct lcap_error *error);
};

/* Returns a dictionary, or NULL with an exception set. */
PyObject *py_call_function(const struct py_function *function, PyObject *module, PyObject *args,
                           PyObject *keywords);

/* The same with some fields that are set already. */
PyObject *py_call_method(const struct py_state *state, const struct py_function *function,
                         PyObject *args, PyObject *keywords, struct py_call *call);

/* Makes the run complete, and lets go of the interpreter lock; takes it again. */
void py_call_begin(struct py_call *call);
void py_call_end(struct py_call *call);

#endif
