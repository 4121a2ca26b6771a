/* What commands do. */
#include "python/py_runs.h"

#include "python/py_call.h"

/* ---- arguments ---- */

#define INPUT   FIELD(PY_PATHS, "input", inputs)
#define DATASET FIELD(PY_PATHS, "dataset", inputs)

static const struct py_argument rules_arguments[] = {
    FIELD(PY_PATHS, "source", inputs),
    OUTPUT,
    OPTION(PY_TEXT, rules, name_pattern),
    OPTION(PY_TEXT, rules, layout),
    OPTION(PY_LIST, rules, columns),
    OPTION(PY_TEXT, rules, zone),
    OPTION(PY_TEXT, rules, time_format),
    FIELD(PY_PERIOD, "time_unit", options.rules.time_unit_ns),
    FIELD(PY_SECONDS, "tolerance", options.rules.tolerance_ns),
    OPTION(PY_FLAG, rules, directed),
    WRITING,
    END,
};

static const struct py_argument label_arguments[] = {
    INPUTS,
    OPTION(PY_PATH, label, rules),
    OUTPUT,
    OPTION(PY_FLAG, label, dry_run),
    OPTION(PY_FLAG, label, sort),
    OPTION(PY_FLAG, label, keep_unmatched),
    OPTION(PY_FLAG, label, relabel),
    OPTION(PY_FLAG, label, join),
    OPTION(PY_FLAG, label, keep_source),
    OPTION(PY_FLAG, label, split_linktypes),
    OPTION(PY_FLAG, label, order_by_time),
    OPTION(PY_FLAG, label, write_pcapml_times),
    OPTION(PY_NUMBER, label, snaplen),
    FIELD(PY_SECONDS, "shift_rules", options.label.shift_rules_ns),
    OPTION(PY_FLAG, label, strict),
    SHARD(label),
    OPTION(PY_FLAG, label, count_packets),
    OPTION(PY_TEXT, label, buckets),
    READING,
    WRITING,
    SPACE,
    LEVEL,
    END,
};

static const struct py_argument merge_arguments[] = {
    INPUTS, OUTPUT, RUN(PY_FLAG, strict), RUN(PY_NUMBER, threads), WRITING, SPACE, LEVEL, END,
};

static const struct py_argument sort_arguments[] = {
    INPUTS, OUTPUT, OPTION(PY_FLAG, sort, by_time), SHARD(sort), READING, WRITING, SPACE,
    LEVEL,  END,
};

static const struct py_argument split_arguments[] = {
    INPUT,
    OUTPUT,
    OPTION(PY_FLAG, split, pcapng),
    OPTION(PY_FLAG, split, per_label),
    READING,
    WRITING,
    SPACE,
    END,
};

static const struct py_argument strip_arguments[] = {
    INPUT,
    OUTPUT,
    OPTION(PY_NUMBER, strip, snaplen),
    OPTION(PY_TEXT, strip, format),
    READING,
    WRITING,
    LEVEL,
    END,
};

static const struct py_argument info_arguments[] = {
    INPUTS,
    OPTION(PY_FLAG, info, samples),
    READING,
    END,
};

static const struct py_argument index_arguments[] = {
    DATASET,
    FIELD(PY_PATH, "catalogue", run.output),
    OPTION(PY_FLAG, index, hash),
    SHARD(index),
    READING,
    WRITING,
    END,
};

static const struct py_argument select_arguments[] = {
    DATASET,
    OUTPUT,
    OPTION(PY_PATH, select, ids),
    OPTION(PY_TEXT, select, label),
    OPTION(PY_PATH, select, splits),
    OPTION(PY_TEXT, select, list),
    OPTION(PY_COUNT, select, min_packets),
    OPTION(PY_COUNT, select, max_per_label),
    OPTION(PY_TEXT, select, time),
    OPTION(PY_TEXT, select, filter),
    FIELD(PY_PERIOD, "dedup", options.select.dedup_ns),
    OPTION(PY_COUNT, select, first),
    OPTION(PY_NUMBER, select, snaplen),
    READING,
    WRITING,
    LEVEL,
    END,
};

static const struct py_argument check_arguments[] = {
    INPUTS,
    OPTION(PY_PATH, check, rules),
    OPTION(PY_PATH, check, splits),
    OPTION(PY_TEXT, check, stratify),
    OPTION(PY_TEXT, check, hold_out),
    OPTION(PY_FLAG, check, compare_splits),
    OPTION(PY_LIMIT, check, max_leak),
    OPTION(PY_FLAG, check, no_duplicates),
    OUTPUT,
    SHARD(check),
    OPTION(PY_FLAG, check, count_packets),
    READING,
    WRITING,
    SPACE,
    END,
};

static const struct py_argument compare_arguments[] = {
    FIELD(PY_PATH, "truth", pair[0]),
    FIELD(PY_PATH, "test", pair[1]),
    OUTPUT,
    READING,
    WRITING,
    SPACE,
    END,
};

static const struct py_argument score_arguments[] = {
    FIELD(PY_PATH, "truth", pair[0]),
    FIELD(PY_PATH, "predictions", pair[1]),
    OPTION(PY_FLAG, score, allow_missing),
    OPTION(PY_TEXT, score, list),
    END,
};

static const struct py_argument partition_arguments[] = {
    DATASET,
    OUTPUT,
    OPTION(PY_REAL, partition, train),
    OPTION(PY_REAL, partition, validation),
    OPTION(PY_REAL, partition, test),
    OPTION(PY_NUMBER, partition, folds),
    OPTION(PY_TEXT, partition, group),
    OPTION(PY_LIST, partition, local),
    OPTION(PY_TEXT, partition, stratify),
    OPTION(PY_COUNT, partition, seed),
    FIELD(PY_FLAG, "exact", exact),
    FIELD(PY_FLAG, "by_time", by_time),
    OPTION(PY_FLAG, partition, balance_train),
    OPTION(PY_FLAG, partition, drop_conflicts),
    OPTION(PY_FLAG, partition, compare_splits),
    OPTION(PY_LIMIT, partition, max_leak),
    FIELD(PY_REAL, "gap", options.partition.gap_seconds),
    OPTION(PY_PATH, partition, extend),
    OPTION(PY_COUNT, partition, challenge),
    OPTION(PY_PATH, partition, challenge_key),
    OPTION(PY_PATH, partition, answers),
    RUN(PY_AUTO, pcapml_times),
    RUN(PY_FLAG, nanoseconds),
    RUN(PY_NUMBER, threads),
    WRITING,
    SPACE,
    END,
};

static const struct py_argument report_arguments[] = {
    INPUTS,
    OUTPUT,
    OPTION(PY_TEXT, report, title),
    OPTION(PY_PATH, report, rules),
    OPTION(PY_PATH, report, splits),
    OPTION(PY_FLAG, report, no_duplicates),
    READING,
    WRITING,
    SPACE,
    END,
};

static const struct py_argument publish_arguments[] = {
    DATASET,
    OUTPUT,
    OPTION(PY_TEXT, publish, name),
    OPTION(PY_TEXT, publish, description),
    OPTION(PY_TEXT, publish, license),
    OPTION(PY_TEXT, publish, creator),
    OPTION(PY_TEXT, publish, url),
    OPTION(PY_TEXT, publish, date),
    OPTION(PY_TEXT, publish, version),
    OPTION(PY_TEXT, publish, publisher),
    OPTION(PY_TEXT, publish, doi),
    OPTION(PY_TEXT, publish, citation),
    OPTION(PY_PATH, publish, metadata),
    OPTION(PY_PATH, publish, splits),
    OPTION(PY_PATH, publish, rules),
    OPTION(PY_LIST, publish, allow),
    OPTION(PY_LIST, publish, remove),
    OPTION(PY_FLAG, publish, no_payload),
    OPTION(PY_NUMBER, publish, snaplen),
    OPTION(PY_FLAG, publish, flows),
    OPTION(PY_FLAG, publish, report),
    RUN(PY_AUTO, pcapml_times),
    RUN(PY_NUMBER, threads),
    WRITING,
    LEVEL,
    END,
};

static const struct py_argument verify_arguments[] = {
    FIELD(PY_PATHS, "directory", inputs),
    RUN(PY_NUMBER, threads),
    END,
};

/* ---- functions ---- */

#define FUNCTION_CALLS(NAME, CALL, SIZE, POSITIONAL, NEEDED)                                       \
    static int run_##NAME(struct py_call *call, struct lcap_result **result,                       \
                          struct lcap_error *error)                                                \
    {                                                                                              \
        return CALL;                                                                               \
    }                                                                                              \
    static PyObject *py_##NAME(PyObject *module, PyObject *args, PyObject *keywords)               \
    {                                                                                              \
        static const struct py_function function = {                                               \
            {#NAME, NAME##_arguments, POSITIONAL, NEEDED}, SIZE, run_##NAME};                      \
        return py_call_function(&function, module, args, keywords);                                \
    }
#define FUNCTION_OF(NAME, OPTIONS, POSITIONAL, NEEDED)                                             \
    FUNCTION_CALLS(NAME, lcap_##NAME(&call->run, &call->options.NAME, result, error),              \
                   sizeof(OPTIONS), POSITIONAL, NEEDED)
#define FUNCTION(NAME, POSITIONAL, NEEDED)                                                         \
    FUNCTION_OF(NAME, struct lcap_##NAME##_options, POSITIONAL, NEEDED)
#define FUNCTION_WITHOUT_OPTIONS(NAME, POSITIONAL, NEEDED)                                         \
    FUNCTION_CALLS(NAME, lcap_##NAME(&call->run, result, error), sizeof(size_t), POSITIONAL, NEEDED)

FUNCTION(rules, 2, 2)
FUNCTION(label, 3, 2)
FUNCTION(sort, 2, 2)
FUNCTION(split, 2, 2)
FUNCTION(strip, 2, 2)
FUNCTION(info, 1, 1)
FUNCTION_OF(index, struct lcap_index_run_options, 1, 1)
FUNCTION(select, 2, 2)
FUNCTION(check, 1, 1)
FUNCTION(score, 2, 2)
FUNCTION(report, 2, 1)
FUNCTION(publish, 2, 2)

FUNCTION_WITHOUT_OPTIONS(merge, 2, 1)
FUNCTION_WITHOUT_OPTIONS(compare, 3, 2)
FUNCTION_WITHOUT_OPTIONS(verify, 1, 1)

static int run_partition(struct py_call *call, struct lcap_result **result,
                         struct lcap_error *error)
{
    struct lcap_partition_options *options = &call->options.partition;
    const struct lcap_run *run = &call->run;
    const enum lcap_partition_method by_hash =
        call->exact ? LCAP_PARTITION_EXACTLY : LCAP_PARTITION_BY_HASH;
    if (run->input_count != 1)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "expected 1 input, found %zu",
                              run->input_count);
    if (call->exact && call->by_time)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "exact cannot be used with by_time: the order of time decides");
    options->method = call->by_time ? LCAP_PARTITION_BY_TIME : by_hash;
    options->overwrite = run->overwrite;
    options->no_sync = run->no_sync;
    options->memory = run->memory;
    options->tmpdir = run->tmpdir;
    options->pcapml_times = run->pcapml_times;
    options->nanoseconds = run->nanoseconds;
    options->threads = run->threads;
    options->watcher = run->watcher;
    const int rc =
        lcap_partition_new(&call->partition, run->inputs[0], run->output, options, error);
    if (rc == LCAP_OK)
        *result = lcap_partition_result(call->partition);
    return rc;
}

static PyObject *py_partition(PyObject *module, PyObject *args, PyObject *keywords)
{
    static const struct py_function function = {
        {"partition", partition_arguments, 2, 2},
        sizeof(struct lcap_partition_options),
        run_partition,
    };
    return py_call_function(&function, module, args, keywords);
}

#define ROW(NAME, DOC)                                                                             \
    {                                                                                              \
#NAME, (PyCFunction)(void (*)(void))py_##NAME, METH_VARARGS | METH_KEYWORDS, DOC           \
    }

#define DOC_INPUTS                                                                                 \
    "`inputs` is a path or a sequence of paths: captures, folders of captures, '-' for\n"          \
    "standard input.\n"
#define DOC_DICT                                                                                   \
    "\nReturns a dict: what the command prints with --json; sampleIDs in it are str.\n"            \
    "Raises a subclass of labelcap.Error. "
#define DOC_RESULT      DOC_DICT "Ctrl-C ends it, and the output is discarded.\n"
#define DOC_TIMES       "pcapml_times is None (find out), True or False.\n"
#define DOC_NANOSECONDS "With nanoseconds, microseconds are read as nanoseconds.\n"
#define DOC_READING                                                                                \
    DOC_TIMES DOC_NANOSECONDS "linktype, such as 'RAW', is what packets are read as.\n"
#define DOC_THREADS "threads 0 is one.\n"
#define DOC_MEMORY  "memory is in bytes, 0 for the default.\n"
#define DOC_COMMON  DOC_RESULT DOC_READING DOC_THREADS
#define DOC_LARGE   DOC_COMMON DOC_MEMORY

PyMethodDef py_run_functions[] = {
    ROW(rules,
        "rules(source, output, *, name_pattern=None, layout=None, columns=None, zone=None,\n"
        "      time_format=None, time_unit=0.0, tolerance=0.0, directed=False, overwrite=False,\n"
        "      no_sync=False)\n"
        "--\n\nWrite a rules file: from a directory with a folder of captures for each label\n"
        "(or labels that the regular expression name_pattern finds in their names), or from\n"
        "a table with one flow in each row, with a layout ('zeek', 'argus', 'cicflowmeter',\n"
        "'unsw-nb15', 'mawilab') or columns, such as 'start=Time,label=Class' or a sequence of\n"
        "such texts. time_unit (0: one) and tolerance (0: how coarse\n"
        "the times are; negative: none) are in seconds.\n" DOC_RESULT
        "Raises RulesError if no row or capture gives a rule."),
    ROW(label,
        "label(inputs, rules, output=None, *, dry_run=False, sort=False, keep_unmatched=False,\n"
        "      relabel=False, join=False, keep_source=False, split_linktypes=False,\n"
        "      order_by_time=False, write_pcapml_times=False, snaplen=0, shift_rules=0.0,\n"
        "      strict=False, shard=0, shards=0, count_packets=False, buckets=None,\n"
        "      pcapml_times=None, nanoseconds=False, linktype=None, threads=0,\n"
        "      overwrite=False, no_sync=False, memory=0, tmpdir=None, level=0)\n"
        "--\n\nLabel captures by the rules file `rules`, as 'labelcap label' does.\n\n" DOC_INPUTS
        "shift_rules is in seconds. With strict, a warning about the rules is an error.\n"
        "With shards=N, only the part of shard 0, 1, … N - 1 is written, beside `output`;\n"
        "merge() makes one file of all parts. With EACH:packet among the rules, call it for\n"
        "all shards with count_packets first; with SCOPE:flow or EACH:flow, with buckets\n"
        "'write', then 'read'.\n" DOC_LARGE
        "Raises RulesError for invalid rules, LabelError if no packet got a label."),
    ROW(merge,
        "merge(inputs, output=None, *, strict=False, threads=0, overwrite=False,\n"
        "      no_sync=False, memory=0, tmpdir=None, level=0)\n"
        "--\n\nMake one file of the parts that all shards of a run have written, in any order:\n"
        "what one process would have written. Parts of check() have no output, but its\n"
        "result. With strict, a warning about the rules of label() is an error.\n\n"
        "`inputs` is a path or a sequence of paths: the parts.\n" DOC_RESULT DOC_THREADS DOC_MEMORY
        "Raises FormatError if the parts do not fit together."),
    ROW(sort,
        "sort(inputs, output, *, by_time=False, shard=0, shards=0, pcapml_times=None,\n"
        "     nanoseconds=False, linktype=None, threads=0, overwrite=False, no_sync=False,\n"
        "     memory=0, tmpdir=None, level=0)\n"
        "--\n\nMerge labelled captures into one file, by sampleID, then time. shard and shards\n"
        "are as for label().\n\n" DOC_INPUTS DOC_LARGE),
    ROW(split,
        "split(input, output, *, pcapng=False, per_label=False, pcapml_times=None,\n"
        "      nanoseconds=False, linktype=None, threads=0, overwrite=False, no_sync=False,\n"
        "      memory=0, tmpdir=None)\n"
        "--\n\nWrite a capture for each sample, or for each label, into the folder "
        "`output`.\n" DOC_LARGE),
    ROW(strip,
        "strip(input, output, *, snaplen=0, format=None, pcapml_times=None, nanoseconds=False,\n"
        "      linktype=None, threads=0, overwrite=False, no_sync=False, level=0)\n"
        "--\n\nRemove the labels: plain pcap or pcapng, by the name of the output or by\n"
        "format='pcap' or 'pcapng'.\n" DOC_COMMON),
    ROW(info,
        "info(inputs, *, samples=False, pcapml_times=None, nanoseconds=False, linktype=None,\n"
        "     threads=0)\n"
        "--\n\nTell what captures hold: interfaces, packets, labels; with samples, each\n"
        "sample.\n\n" DOC_INPUTS DOC_COMMON),
    ROW(index,
        "index(dataset, *, catalogue=None, hash=False, shard=0, shards=0, pcapml_times=None,\n"
        "      nanoseconds=False, linktype=None, threads=0, overwrite=False, no_sync=False)\n"
        "--\n\nMake the catalogue of a data set, DATASET.sqlite or `catalogue`: where each\n"
        "sample is. sampler(), Dataset and select() use it. shard and shards are as for\n"
        "label().\n" DOC_COMMON "Raises LabelError if no packet is labelled."),
    ROW(select,
        "select(dataset, output, *, ids=None, label=None, splits=None, list=None,\n"
        "       min_packets=0, max_per_label=0, time=None, filter=None, dedup=0.0, first=0,\n"
        "       snaplen=0, pcapml_times=None, nanoseconds=False, linktype=None, threads=0,\n"
        "       overwrite=False, no_sync=False, level=0)\n"
        "--\n\nWrite a part of a data set: at least one selection; several must all hold.\n"
        "dedup is in seconds.\n" DOC_COMMON "Raises LabelError if nothing is selected."),
    ROW(check,
        "check(inputs, *, rules=None, splits=None, stratify=None, hold_out=None,\n"
        "      compare_splits=False, max_leak=None, no_duplicates=False, output=None, shard=0,\n"
        "      shards=0, count_packets=False, pcapml_times=None, nanoseconds=False,\n"
        "      linktype=None, threads=0, overwrite=False, no_sync=False, memory=0,\n"
        "      tmpdir=None)\n"
        "--\n\nTell whether captures are a sound data set: result['sound'] and\n"
        "result['findings']. max_leak is in percent: a larger leak of the lists is an error\n"
        "among the findings; None: no leak is. The leaks are written to the table "
        "`output`.\n\n" DOC_INPUTS
        "With shards=N, only the part of shard 0, 1, … N - 1 is written, which `output`\n"
        "names; merge() has the result. If rules with EACH also have FILE, EACH:file or\n"
        "EACH:packet, call it for all shards with count_packets first.\n" DOC_LARGE),
    ROW(compare,
        "compare(truth, test, output=None, *, pcapml_times=None, nanoseconds=False,\n"
        "        linktype=None, threads=0, overwrite=False, no_sync=False, memory=0,\n"
        "        tmpdir=None)\n"
        "--\n\nCompare two labellings of the same packets, and write the figures of each label\n"
        "to the table `output`, such as labels.csv.\n" DOC_LARGE),
    ROW(score, "score(truth, predictions, *, allow_missing=False, list=None)\n"
               "--\n\nScore predicted labels of samples: both are CSV files, "
               "sample_id,label.\n" DOC_RESULT
               "Raises FormatError for lines of another form, LabelError if the files do not fit\n"
               "together."),
    ROW(partition,
        "partition(dataset, output, *, train=0.0, validation=0.0, test=0.0, folds=0,\n"
        "          group='flow', local=None, stratify=None, seed=0, exact=False, by_time=False,\n"
        "          balance_train=False, drop_conflicts=False, compare_splits=False,\n"
        "          max_leak=None, gap=0.0, extend=None, challenge=0, challenge_key=None,\n"
        "          answers=None, pcapml_times=None, nanoseconds=False, threads=0,\n"
        "          overwrite=False, no_sync=False, memory=0, tmpdir=None)\n"
        "--\n\nSplit a data set into lists of samples, such as train.csv, in the folder\n"
        "`output`. train, validation and test are percent, 100 in all, and so is\n"
        "max_leak: a larger leak is an error among the findings; gap is in seconds.\n"
        "local is networks, separated by commas or in a sequence.\n" DOC_DICT
        "Ctrl-C ends it; the lists stay\n"
        "if they were complete by then, and only the leaks are unknown.\n" DOC_TIMES DOC_NANOSECONDS
            DOC_THREADS DOC_MEMORY),
    ROW(report, "report(inputs, output=None, *, title=None, rules=None, splits=None,\n"
                "       no_duplicates=False, pcapml_times=None, nanoseconds=False, linktype=None,\n"
                "       threads=0, overwrite=False, no_sync=False, memory=0, tmpdir=None)\n"
                "--\n\nShow a data set: as the web page `output`, and as figures of its "
                "labels.\n\n" DOC_INPUTS DOC_LARGE),
    ROW(publish,
        "publish(dataset, output, *, name=None, description=None, license=None, creator=None,\n"
        "        url=None, date=None, version=None, publisher=None, doi=None, citation=None,\n"
        "        metadata=None, splits=None, rules=None, allow=None, remove=None,\n"
        "        no_payload=False, snaplen=0, flows=False, report=False, pcapml_times=None,\n"
        "        threads=0, overwrite=False, no_sync=False, level=0)\n"
        "--\n\nMake a directory of a data set that can go public: result['published'] says\n"
        "whether it was made, result['findings'] what would go public. allow and\n"
        "remove are names separated by commas, or sequences of names.\n" DOC_RESULT DOC_TIMES
            DOC_THREADS),
    ROW(verify, "verify(directory, *, threads=0)\n"
                "--\n\nCheck a published directory: result['sound'] and "
                "result['findings'].\n" DOC_RESULT DOC_THREADS),
    {0},
};
