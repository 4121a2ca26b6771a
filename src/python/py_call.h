/* Calls of functions that do what commands do. */
#ifndef PYTHON_PY_CALL_H
#define PYTHON_PY_CALL_H

#include "python/py_arguments.h"
#include "python/py_watch.h"
#include <labelcap/partition.h>
#include <labelcap/run.h>

/* What the arguments of a call fill. */
struct py_call {
    struct py_paths inputs;
    const char *pair[2]; /* two inputs that have arguments of their own, or NULL */
    struct lcap_run run;
    struct py_watch watch;
    bool exact, by_time;
    struct lcap_partition *partition; /* which owns its result */
    union {
        size_t size;
        struct lcap_rules_options rules;
        struct lcap_label_options label;
        struct lcap_sort_options sort;
        struct lcap_split_options split;
        struct lcap_strip_options strip;
        struct lcap_info_options info;
        struct lcap_index_run_options index;
        struct lcap_select_options select;
        struct lcap_check_options check;
        struct lcap_score_options score;
        struct lcap_partition_options partition;
        struct lcap_report_options report;
        struct lcap_publish_options publish;
    } options;
};

struct py_function {
    const char *name;
    const struct py_argument *arguments;
    size_t positional, needed;
    size_t options_size;
    int (*run)(struct py_call *call, struct lcap_result **result, struct lcap_error *error);
};

/* Returns a dictionary, or NULL with an exception set. */
PyObject *py_call_function(const struct py_function *function, PyObject *module, PyObject *args,
                           PyObject *keywords);

/* A result as a dictionary. */
PyObject *py_call_result(const struct py_state *state, struct lcap_result *result);

#endif
