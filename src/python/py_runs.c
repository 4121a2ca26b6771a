/* What commands do. */
#include "python/py_runs.h"

#include "python/py_call.h"

/* ---- arguments ---- */

#define RUN(KIND, FIELD)                                                                           \
    {                                                                                              \
#FIELD, KIND, offsetof(struct py_call, run.FIELD)                                          \
    }
#define OPTION(KIND, NAME, FIELD)                                                                  \
    {                                                                                              \
        NAME, KIND, offsetof(struct py_call, options.FIELD)                                        \
    }

#define INPUTS                                                                                     \
    {                                                                                              \
        "inputs", PY_PATHS, offsetof(struct py_call, inputs)                                       \
    }
#define INPUT                                                                                      \
    {                                                                                              \
        "input", PY_PATHS, offsetof(struct py_call, inputs)                                        \
    }
#define DATASET                                                                                    \
    {                                                                                              \
        "dataset", PY_PATHS, offsetof(struct py_call, inputs)                                      \
    }
#define OUTPUT RUN(PY_PATH, output)

#define READING RUN(PY_AUTO, pcapml_times), RUN(PY_FLAG, nanoseconds), RUN(PY_NUMBER, threads)
#define WRITING RUN(PY_FLAG, overwrite), RUN(PY_FLAG, no_sync)
#define SPACE   RUN(PY_COUNT, memory), RUN(PY_PATH, tmpdir)
#define LEVEL   RUN(PY_NUMBER, level)
#define END                                                                                        \
    {                                                                                              \
        0                                                                                          \
    }

static const struct py_argument rules_arguments[] = {
    {"source", PY_PATHS, offsetof(struct py_call, inputs)},
    OUTPUT,
    OPTION(PY_TEXT, "name_pattern", rules.name_pattern),
    OPTION(PY_TEXT, "layout", rules.layout),
    OPTION(PY_TEXT, "columns", rules.columns),
    OPTION(PY_TEXT, "zone", rules.zone),
    OPTION(PY_TEXT, "time_format", rules.time_format),
    OPTION(PY_SECONDS, "time_unit", rules.time_unit_ns),
    OPTION(PY_SECONDS, "tolerance", rules.tolerance_ns),
    OPTION(PY_FLAG, "directed", rules.directed),
    WRITING,
    END,
};

static const struct py_argument label_arguments[] = {
    INPUTS,
    OPTION(PY_PATH, "rules", label.rules),
    OUTPUT,
    OPTION(PY_FLAG, "dry_run", label.dry_run),
    OPTION(PY_FLAG, "sort", label.sort),
    OPTION(PY_FLAG, "keep_unmatched", label.keep_unmatched),
    OPTION(PY_FLAG, "relabel", label.relabel),
    OPTION(PY_FLAG, "join", label.join),
    OPTION(PY_FLAG, "keep_source", label.keep_source),
    OPTION(PY_FLAG, "split_linktypes", label.split_linktypes),
    OPTION(PY_FLAG, "order_by_time", label.order_by_time),
    OPTION(PY_FLAG, "write_pcapml_times", label.write_pcapml_times),
    OPTION(PY_NUMBER, "snaplen", label.snaplen),
    OPTION(PY_SECONDS, "shift_rules", label.shift_rules_ns),
    OPTION(PY_NUMBER, "shard", label.shard),
    OPTION(PY_NUMBER, "shards", label.shards),
    READING,
    WRITING,
    SPACE,
    LEVEL,
    END,
};

static const struct py_argument merge_arguments[] = {
    INPUTS, OUTPUT, RUN(PY_NUMBER, threads), WRITING, SPACE, LEVEL, END,
};

static const struct py_argument sort_arguments[] = {
    INPUTS,
    OUTPUT,
    OPTION(PY_FLAG, "by_time", sort.by_time),
    OPTION(PY_NUMBER, "shard", sort.shard),
    OPTION(PY_NUMBER, "shards", sort.shards),
    READING,
    WRITING,
    SPACE,
    LEVEL,
    END,
};

static const struct py_argument split_arguments[] = {
    INPUT,
    OUTPUT,
    OPTION(PY_FLAG, "pcapng", split.pcapng),
    OPTION(PY_FLAG, "per_label", split.per_label),
    READING,
    WRITING,
    SPACE,
    END,
};

static const struct py_argument strip_arguments[] = {
    INPUT, OUTPUT, OPTION(PY_NUMBER, "snaplen", strip.snaplen), READING, WRITING, LEVEL, END,
};

static const struct py_argument info_arguments[] = {
    INPUTS,
    OPTION(PY_FLAG, "samples", info.samples),
    READING,
    END,
};

static const struct py_argument index_arguments[] = {
    DATASET,
    {"catalogue", PY_PATH, offsetof(struct py_call, run.output)},
    OPTION(PY_FLAG, "hash", index.hash),
    READING,
    WRITING,
    END,
};

static const struct py_argument select_arguments[] = {
    DATASET,
    OUTPUT,
    OPTION(PY_PATH, "ids", select.ids),
    OPTION(PY_TEXT, "label", select.label),
    OPTION(PY_PATH, "splits", select.splits),
    OPTION(PY_TEXT, "list", select.list),
    OPTION(PY_COUNT, "min_packets", select.min_packets),
    OPTION(PY_COUNT, "max_per_label", select.max_per_label),
    OPTION(PY_TEXT, "time", select.time),
    OPTION(PY_TEXT, "filter", select.filter),
    OPTION(PY_SECONDS, "dedup", select.dedup_ns),
    OPTION(PY_COUNT, "first", select.first),
    OPTION(PY_NUMBER, "snaplen", select.snaplen),
    READING,
    WRITING,
    LEVEL,
    END,
};

static const struct py_argument check_arguments[] = {
    INPUTS,
    OPTION(PY_PATH, "rules", check.rules),
    OPTION(PY_PATH, "splits", check.splits),
    OPTION(PY_TEXT, "stratify", check.stratify),
    OPTION(PY_TEXT, "hold_out", check.hold_out),
    OPTION(PY_FLAG, "compare_splits", check.compare_splits),
    OPTION(PY_FLAG, "no_duplicates", check.no_duplicates),
    OUTPUT,
    OPTION(PY_NUMBER, "shard", check.shard),
    OPTION(PY_NUMBER, "shards", check.shards),
    READING,
    WRITING,
    SPACE,
    END,
};

static const struct py_argument compare_arguments[] = {
    {"truth", PY_PATH, offsetof(struct py_call, pair[0])},
    {"test", PY_PATH, offsetof(struct py_call, pair[1])},
    READING,
    SPACE,
    END,
};

static const struct py_argument score_arguments[] = {
    {"truth", PY_PATH, offsetof(struct py_call, pair[0])},
    {"predictions", PY_PATH, offsetof(struct py_call, pair[1])},
    OPTION(PY_FLAG, "allow_missing", score.allow_missing),
    OPTION(PY_TEXT, "list", score.list),
    END,
};

static const struct py_argument partition_arguments[] = {
    DATASET,
    OUTPUT,
    OPTION(PY_REAL, "train", partition.train),
    OPTION(PY_REAL, "validation", partition.validation),
    OPTION(PY_REAL, "test", partition.test),
    OPTION(PY_NUMBER, "folds", partition.folds),
    OPTION(PY_TEXT, "group", partition.group),
    OPTION(PY_TEXT, "local", partition.local),
    OPTION(PY_TEXT, "stratify", partition.stratify),
    OPTION(PY_COUNT, "seed", partition.seed),
    {"exact", PY_FLAG, offsetof(struct py_call, exact)},
    {"by_time", PY_FLAG, offsetof(struct py_call, by_time)},
    OPTION(PY_FLAG, "balance_train", partition.balance_train),
    OPTION(PY_FLAG, "drop_conflicts", partition.drop_conflicts),
    OPTION(PY_FLAG, "compare_splits", partition.compare_splits),
    OPTION(PY_REAL, "gap", partition.gap_seconds),
    OPTION(PY_PATH, "extend", partition.extend),
    OPTION(PY_COUNT, "challenge", partition.challenge),
    OPTION(PY_PATH, "challenge_key", partition.challenge_key),
    OPTION(PY_PATH, "answers", partition.answers),
    RUN(PY_AUTO, pcapml_times),
    RUN(PY_NUMBER, threads),
    WRITING,
    SPACE,
    END,
};

static const struct py_argument report_arguments[] = {
    INPUTS,
    OUTPUT,
    OPTION(PY_TEXT, "title", report.title),
    OPTION(PY_PATH, "rules", report.rules),
    OPTION(PY_PATH, "splits", report.splits),
    OPTION(PY_FLAG, "no_duplicates", report.no_duplicates),
    READING,
    WRITING,
    SPACE,
    END,
};

static const struct py_argument publish_arguments[] = {
    DATASET,
    OUTPUT,
    OPTION(PY_TEXT, "name", publish.name),
    OPTION(PY_TEXT, "description", publish.description),
    OPTION(PY_TEXT, "license", publish.license),
    OPTION(PY_TEXT, "creator", publish.creator),
    OPTION(PY_TEXT, "url", publish.url),
    OPTION(PY_TEXT, "date", publish.date),
    OPTION(PY_TEXT, "version", publish.version),
    OPTION(PY_TEXT, "publisher", publish.publisher),
    OPTION(PY_TEXT, "doi", publish.doi),
    OPTION(PY_TEXT, "citation", publish.citation),
    OPTION(PY_PATH, "metadata", publish.metadata),
    OPTION(PY_PATH, "splits", publish.splits),
    OPTION(PY_PATH, "rules", publish.rules),
    OPTION(PY_TEXT, "allow", publish.allow),
    OPTION(PY_TEXT, "remove", publish.remove),
    OPTION(PY_FLAG, "no_payload", publish.no_payload),
    OPTION(PY_NUMBER, "snaplen", publish.snaplen),
    OPTION(PY_FLAG, "flows", publish.flows),
    OPTION(PY_FLAG, "report", publish.report),
    RUN(PY_AUTO, pcapml_times),
    RUN(PY_NUMBER, threads),
    WRITING,
    LEVEL,
    END,
};

static const struct py_argument verify_arguments[] = {
    {"directory", PY_PATHS, offsetof(struct py_call, inputs)},
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
        static const struct py_function function = {#NAME, NAME##_arguments, POSITIONAL, NEEDED,   \
                                                    SIZE,  run_##NAME};                            \
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
FUNCTION_WITHOUT_OPTIONS(compare, 2, 2)
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
    options->method = call->by_time ? LCAP_PARTITION_BY_TIME : by_hash;
    options->overwrite = run->overwrite;
    options->no_sync = run->no_sync;
    options->memory = run->memory;
    options->tmpdir = run->tmpdir;
    options->pcapml_times = run->pcapml_times;
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
        "partition",   partition_arguments, 2, 2, sizeof(struct lcap_partition_options),
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
#define DOC_COMMON                                                                                 \
    "\nReturns a dict: what the command prints with --json; sampleIDs in it are str.\n"            \
    "Raises a subclass of labelcap.Error. Ctrl-C ends it, and the output is discarded.\n"          \
    "pcapml_times is None (find out), True or False; threads 0 is one; memory is in bytes,\n"      \
    "0 for the default."

PyMethodDef py_run_functions[] = {
    ROW(rules,
        "rules(source, output, *, name_pattern=None, layout=None, columns=None, zone=None,\n"
        "      time_format=None, time_unit=0.0, tolerance=0.0, directed=False,\n"
        "      overwrite=False, no_sync=False)\n"
        "--\n\nWrite a rules file: from a directory with a folder of captures for each label\n"
        "(or labels that the regular expression name_pattern finds in their names), or from\n"
        "a table with one flow in each row, with a layout ('zeek', 'argus', 'cicflowmeter',\n"
        "'unsw-nb15', 'mawilab') or columns. time_unit (0: one) and tolerance (0: how coarse\n"
        "the times are; negative: none) are in seconds.\n" DOC_COMMON
        "\nRaises RulesError if no row or capture gives a rule."),
    ROW(label,
        "label(inputs, rules, output=None, *, dry_run=False, sort=False,\n"
        "      keep_unmatched=False, relabel=False, join=False, keep_source=False,\n"
        "      split_linktypes=False, order_by_time=False, write_pcapml_times=False,\n"
        "      snaplen=0, shift_rules=0.0, shard=0, shards=0, pcapml_times=None,\n"
        "      nanoseconds=False, threads=0, overwrite=False, no_sync=False, memory=0,\n"
        "      tmpdir=None, level=0)\n"
        "--\n\nLabel captures by the rules file `rules`, as 'labelcap label' does.\n\n" DOC_INPUTS
        "shift_rules is in seconds. With shards=N, only the part of shard 0, 1, … N - 1 is\n"
        "written, beside `output`; merge() makes one file of all parts.\n" DOC_COMMON
        "\nRaises RulesError for invalid rules, LabelError if no packet got a label."),
    ROW(merge,
        "merge(inputs, output=None, *, threads=0, overwrite=False, no_sync=False, memory=0,\n"
        "      tmpdir=None, level=0)\n"
        "--\n\nMake one file of the parts that all shards of a run have written, in any order:\n"
        "what one process would have written. Parts of check() have no output, but its\n"
        "result.\n\n" DOC_INPUTS DOC_COMMON
        "\nRaises FormatError if the parts do not fit together."),
    ROW(sort,
        "sort(inputs, output, *, by_time=False, shard=0, shards=0, pcapml_times=None,\n"
        "     nanoseconds=False, threads=0, overwrite=False, no_sync=False, memory=0,\n"
        "     tmpdir=None, level=0)\n"
        "--\n\nMerge labelled captures into one file, by sampleID, then time. shard and shards\n"
        "are as for label().\n\n" DOC_INPUTS DOC_COMMON),
    ROW(split, "split(input, output, *, pcapng=False, per_label=False, pcapml_times=None,\n"
               "      nanoseconds=False, threads=0, overwrite=False, no_sync=False, memory=0,\n"
               "      tmpdir=None)\n"
               "--\n\nWrite a capture for each sample, or for each label, into the folder "
               "`output`.\n" DOC_COMMON),
    ROW(strip,
        "strip(input, output, *, snaplen=0, pcapml_times=None, nanoseconds=False,\n"
        "      threads=0, overwrite=False, no_sync=False, level=0)\n"
        "--\n\nRemove the labels: plain pcap or pcapng, by the name of the output.\n" DOC_COMMON),
    ROW(info, "info(inputs, *, samples=False, pcapml_times=None, nanoseconds=False, threads=0)\n"
              "--\n\nTell what captures hold: interfaces, packets, labels; with samples, each\n"
              "sample.\n\n" DOC_INPUTS DOC_COMMON),
    ROW(index, "index(dataset, *, catalogue=None, hash=False, pcapml_times=None,\n"
               "      nanoseconds=False, threads=0, overwrite=False, no_sync=False)\n"
               "--\n\nMake the catalogue of a data set, DATASET.sqlite or `catalogue`: where each\n"
               "sample is. sampler(), Dataset and select() use it.\n" DOC_COMMON
               "\nRaises LabelError if no packet is labelled."),
    ROW(select,
        "select(dataset, output, *, ids=None, label=None, splits=None, list=None,\n"
        "       min_packets=0, max_per_label=0, time=None, filter=None, dedup=0.0, first=0,\n"
        "       snaplen=0, pcapml_times=None, nanoseconds=False, threads=0,\n"
        "       overwrite=False, no_sync=False, level=0)\n"
        "--\n\nWrite a part of a data set: at least one selection; several must all hold.\n"
        "dedup is in seconds.\n" DOC_COMMON "\nRaises LabelError if nothing is selected."),
    ROW(check, "check(inputs, *, rules=None, splits=None, stratify=None, hold_out=None,\n"
               "      compare_splits=False, no_duplicates=False, output=None, shard=0,\n"
               "      shards=0, pcapml_times=None, nanoseconds=False, threads=0,\n"
               "      overwrite=False, no_sync=False, memory=0, tmpdir=None)\n"
               "--\n\nTell whether captures are a sound data set: result['sound'] and\n"
               "result['findings'].\n\n" DOC_INPUTS
               "With shards=N, only the part of shard 0, 1, … N - 1 is written, which `output`\n"
               "names; merge() has the result.\n" DOC_COMMON),
    ROW(compare, "compare(truth, test, *, pcapml_times=None, nanoseconds=False, threads=0,\n"
                 "        memory=0, tmpdir=None)\n"
                 "--\n\nCompare two labellings of the same packets.\n" DOC_COMMON),
    ROW(score, "score(truth, predictions, *, allow_missing=False, list=None)\n"
               "--\n\nScore predicted labels of samples: both are CSV files, "
               "sample_id,label.\n" DOC_COMMON),
    ROW(partition,
        "partition(dataset, output, *, train=0.0, validation=0.0, test=0.0, folds=0,\n"
        "          group='flow', local=None, stratify=None, seed=0, exact=False,\n"
        "          by_time=False, balance_train=False, drop_conflicts=False,\n"
        "          compare_splits=False, gap=0.0,\n"
        "          extend=None, challenge=0, challenge_key=None, answers=None,\n"
        "          pcapml_times=None, threads=0, overwrite=False, no_sync=False, memory=0,\n"
        "          tmpdir=None)\n"
        "--\n\nSplit a data set into lists of samples, such as train.csv, in the folder\n"
        "`output`. train, validation and test are percent, 100 in all; gap is in "
        "seconds.\n" DOC_COMMON),
    ROW(report, "report(inputs, output=None, *, title=None, rules=None, splits=None,\n"
                "       no_duplicates=False, pcapml_times=None, nanoseconds=False, threads=0,\n"
                "       overwrite=False, no_sync=False, memory=0, tmpdir=None)\n"
                "--\n\nShow a data set: as the web page `output`, and as figures of its "
                "labels.\n\n" DOC_INPUTS DOC_COMMON),
    ROW(publish,
        "publish(dataset, output, *, name=None, description=None, license=None,\n"
        "        creator=None, url=None, date=None, version=None, publisher=None, doi=None,\n"
        "        citation=None, metadata=None, splits=None, rules=None, allow=None,\n"
        "        remove=None, no_payload=False, snaplen=0, flows=False, report=False,\n"
        "        pcapml_times=None, threads=0, overwrite=False, no_sync=False, level=0)\n"
        "--\n\nMake a directory of a data set that can go public: result['published'] says\n"
        "whether it was made, result['findings'] what would go public.\n" DOC_COMMON),
    ROW(verify, "verify(directory, *, threads=0)\n"
                "--\n\nCheck a published directory: result['sound'] and "
                "result['findings'].\n" DOC_COMMON),
    {0},
};
