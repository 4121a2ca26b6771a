/* labelcap partition: splits a data set into lists of samples. */
#include "base/io/target.h"
#include "base/text/text.h"
#include "cmd/inputs.h"
#include "cmd/shared_options.h"
#include "cmd/show_result.h"
#include "dataset/partition/partition_options.h"
#include "dataset/partition/partition_pass.h"
#include <string.h>

struct partition_args {
    const char *directory;
    double train, validation, test; /* of 1 */
    uint64_t folds;
    const char *group, *local, *stratify, *seed;
    bool exact, balance_train;
    int by; /* index into by_choices */
    double gap;
    const char *extend;
    int on_conflict; /* index into conflict_choices */
    uint64_t challenge;
    const char *challenge_key, *answers;
    bool compare_splits;
    double max_leak; /* of 1; below 0: any */
    struct sorter_options sorter;
    struct reading_args reading;
    bool json;
    struct output_options placing;
};

#define ARGS struct partition_args

static const char *const group_choices[] = {"flow", "host", "file", "day", "sample", NULL};

static const char *const by_choices[] = {"hash", "time", NULL};
static const char *const conflict_choices[] = {"fail", "drop", NULL};

static const struct option_row rows[] = {
    ROW_HEADING("Lists"),
    {'o', "output", "DIR", ARG_CHECKED(directory, target_check_directory_name),
     "directory for the lists and partition.json"},
    {0, "train", "PERCENT", ARG_PERCENT(train), "share of the samples in train.csv"},
    {0, "validation", "PERCENT", ARG_PERCENT(validation), "likewise in validation.csv (0)"},
    {0, "test", "PERCENT", ARG_PERCENT(test), "likewise in test.csv (0)"},
    {0, "folds", "K", ARG_COUNT_TO(MOST_FOLDS, folds), "instead: K equal lists, fold-1.csv, …"},
    ROW_HEADING("Samples"),
    {0, "group", "WHAT", ARG_NAMES(group, group_choices),
     "keep together what shares a flow, host, file, day, metadata:REGEX; or sample (flow)"},
    {0, "local", "NETS", ARG_TEXT(local), "the networks of the hosts, such as 10.0.0.0/8,fd00::/8"},
    {0, "stratify", "REGEX", ARG_TEXT(stratify), "the part of the metadata that is the label"},
    {0, "balance-train", NULL, ARG_FLAG(balance_train),
     "as many samples of each label in train as of the smallest one"},
    ROW_HEADING("Method"),
    {0, "seed", "N", ARG_TEXT(seed), "another seed gives other lists (0)"},
    {0, "exact", NULL, ARG_FLAG(exact), "hit the shares exactly, in each label"},
    {0, "by", "WHAT", ARG_CHOICE(by, by_choices),
     "hash; or time: train before validation before test (hash)"},
    {0, "gap", "SECONDS", ARG_SECONDS(gap), "with --by time: between two lists (0)"},
    {0, "extend", "DIR", ARG_TEXT(extend), "keep the lists in DIR, and add new samples to them"},
    {0, "on-conflict", "WHAT", ARG_CHOICE(on_conflict, conflict_choices),
     "of new samples that join several of these lists: fail, or drop them (fail)"},
    ROW_HEADING("Challenge"),
    {0, "challenge", "N", ARG_COUNT_TO(UINT32_MAX, challenge),
     "also challenge.csv and challenge.pcapng: N samples without labels"},
    {0, "challenge-key", "FILE", ARG_TEXT(challenge_key),
     "the secret key of their IDs, made if FILE does not exist"},
    {0, "answers", "FILE", ARG_TEXT(answers), "write their labels to FILE, outside DIR"},
    ROW_HEADING("Leaks"),
    {0, "compare-splits", NULL, ARG_FLAG(compare_splits),
     "also report the leaks of splits by packet, flow and file"},
    {0, "max-leak", "PERCENT", ARG_PERCENT(max_leak), "fail if the lists leak more"},
    ROW_HEADING("General"),
    ROW_JSON,
    ROW_MEMORY("sorting and for leaks, each (1G)"),
    ROW_TMPDIR("TMPDIR, or /var/tmp"),
    ROW_PCAPML_TIMES,
    ROW_TIME_UNIT,
    {'f', "force", NULL, ARG_FLAG(placing.overwrite), "replace existing lists of the same names"},
    ROW_NO_SYNC,
    ROW_THREADS,
    ROW_QUIET,
    {0},
};

static const struct option_relation relations[] = {
    {NULL, NEEDS, "output", NULL},
    {NULL, NEEDS, "train|folds", NULL},
    {"folds", EXCLUDES, "train|validation|test|balance-train",
     "folds are equal, and none is train"},
    {"by", EXCLUDES, "exact", "the order of time decides"},
    {"gap", NEEDS, "by", NULL},
    {"on-conflict", NEEDS, "extend", NULL},
    {"challenge", NEEDS, "challenge-key", NULL},
    {"challenge", NEEDS, "answers", NULL},
    {"challenge-key|answers", NEEDS, "challenge", NULL},
    {0}};

static const struct partition_args defaults = {
    .group = "flow", .seed = "0", .max_leak = -1, .sorter.memory = DEFAULT_MEMORY};

/* ---- what depends on values ---- */

static enum partition_method method_of(const struct partition_args *args)
{
    if (args->by == 1)
        return PARTITION_BY_TIME;
    return args->exact ? PARTITION_EXACTLY : PARTITION_BY_HASH;
}

static int options_of(const struct partition_args *args, struct partition_options *options,
                      struct lcap_error *error)
{
    *options = (struct partition_options){
        .shares = {partition_share_of(args->train), partition_share_of(args->validation),
                   partition_share_of(args->test)},
        .folds = (uint32_t)args->folds,
        .group = args->group,
        .local = args->local,
        .stratify = args->stratify,
        .method = method_of(args),
        .gap_ns = (uint64_t)(args->gap * NS_PER_SECOND + 0.5),
        .extend = args->extend,
        .drop_conflicts = args->on_conflict == 1,
        .balance_train = args->balance_train,
        .challenge = args->challenge,
        .challenge_key = args->challenge_key,
        .answers = args->answers,
        .leaks = {.memory = args->sorter.memory, .compare_splits = args->compare_splits},
        .max_leak = args->max_leak,
        .placing = args->placing,
        .sorter = args->sorter,
        .input = inputs_options(&args->reading),
    };
    if (!text_to_u64(args->seed, strlen(args->seed), &options->seed))
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "--seed: expected a number below 2^64, found '%s'", args->seed);
    return partition_options_check(options, error);
}

static int check_partition(const void *given, const char *const *operands, size_t count,
                           struct lcap_error *error)
{
    (void)operands, (void)count;
    struct partition_options options;
    return options_of(given, &options, error);
}

/* ---- the run ---- */

static int show(const struct partition_args *args, const struct partition *partition,
                struct lcap_error *error)
{
    struct result result;
    result_begin(&result, error);
    partition_describe(partition, args->directory, &result);
    const bool leaks = findings_have_error(&result.findings);
    const int rc = show_on_stdout(&result, args->json, error);
    return rc == LCAP_OK && leaks ? COMMAND_TOLD : rc;
}

static int run_partition(const void *given, const char *const *operands, size_t count,
                         struct lcap_error *error)
{
    (void)count;
    const struct partition_args *args = given;
    struct partition_options options;
    struct partition partition;
    int rc = options_of(args, &options, error);
    if (rc < 0)
        return rc;
    rc = partition_pass_run(&partition, operands[0], args->directory, &options, error);
    if (rc == LCAP_OK)
        rc = show(args, &partition, error);
    partition_pass_release(&partition);
    return rc;
}

const struct command cmd_partition = {
    .name = "partition",
    .summary = "split a data set into lists for training, validation and test",
    .usage = "labelcap partition -o DIR --train PERCENT [OPTION...] DATASET",
    .operands = "DATASET",
    .min_operands = 1,
    .max_operands = 1,
    .details = "Samples that share a flow stay together. A list stays as it is when data is added: "
               "a hash decides, so shares are approximate.",
    .example = "labelcap partition -o splits --train 80 --test 20 --group file sorted.pcapng",
    .options = rows,
    .relations = relations,
    .defaults = &defaults,
    .args_size = sizeof defaults,
    .check = check_partition,
    .run = run_partition,
};
