/* labelcap check: tells whether captures are a sound data set. */
#include "cmd/inputs.h"
#include "cmd/progress.h"
#include "cmd/shared_options.h"
#include "cmd/show_result.h"
#include "dataset/check/check_result.h"
#include "dataset/check/check_shard.h"
#include "dataset/leaks/leak_result.h"
#include "dataset/result_file.h"
#include <stdint.h>

struct check_args {
    const char *rules, *splits, *stratify, *hold_out, *output;
    struct shard shard;
    bool compare_splits;
    double max_leak; /* a share; negative: any is allowed */
    bool no_duplicates, json;
    struct sorter_options sorter;
    struct reading_args reading;
    bool count_packets;
    struct output_options placing;
};

#define ARGS struct check_args

static const struct option_row rows[] = {
    {0, "rules", "RULES", ARG_TEXT(rules), "also compare sampleIDs and metadata with these rules"},
    {0, "splits", "DIR", ARG_TEXT(splits), "also check the lists of sampleIDs in DIR/*.csv"},
    {0, "stratify", "REGEX", ARG_TEXT(stratify),
     "the part of the metadata that is the label, for leaks"},
    {0, "hold-out", "LIST", ARG_TEXT(hold_out),
     "report what leaks to this list from all others, such as fold-2"},
    {0, "compare-splits", NULL, ARG_FLAG(compare_splits),
     "also report the leaks of splits by packet, flow and file"},
    {0, "max-leak", "PERCENT", ARG_PERCENT(max_leak), "a larger leak of the lists is an error"},
    ROW_OUTPUT("also write the leaks of each field to a table; with --shard, name the parts"),
    ROW_SHARD,
    {0, "count-packets", NULL, ARG_FLAG(count_packets),
     "first, for rules with inputs: only count the packets of the shard"},
    {0, "no-duplicates", NULL, ARG_FLAG(no_duplicates), "do not look for duplicate packets"},
    ROW_JSON,
    ROW_MEMORY("duplicates and for leaks, each (1G)"),
    ROW_TMPDIR("TMPDIR, or /var/tmp"),
    ROWS_READING,
    ROW_FORCE,
    ROW_NO_SYNC,
    ROW_THREADS,
    ROW_QUIET,
    {0},
};

static const struct option_relation relations[] = {
    {"no-duplicates", EXCLUDES, "tmpdir", "it is for finding duplicates"},
    {"stratify|hold-out|compare-splits|max-leak", NEEDS, "splits", NULL},
    {"output", NEEDS, "splits|shard", NULL},
    {"shard", NEEDS, "output", "it names the parts"},
    {"count-packets", NEEDS, "shard", NULL},
    {"count-packets", NEEDS, "rules", NULL},
    {"force|no-sync", NEEDS, "output", NULL},
    {0}};

static const struct check_args defaults = {.sorter.memory = DEFAULT_MEMORY, .max_leak = -1};

static int show(const struct check_args *args, const struct check_pass_result *found,
                struct lcap_error *error)
{
    struct result result;
    result_begin(&result, error);
    check_describe(found, &result);
    return show_on_stdout(&result, args->json, error);
}

static int write_leaks(const struct check_args *args, const struct check_pass_result *found,
                       struct lcap_error *error)
{
    return args->output ? leak_write_table(found->leaks, args->output, &args->placing, error)
                        : LCAP_OK;
}

static struct check_pass_options options_of(const struct check_args *args)
{
    struct check_pass_options options = {
        .rules = args->rules,
        .splits = args->splits,
        .leaks = {args->sorter.memory, args->compare_splits, args->stratify, args->hold_out},
        .max_leak = args->max_leak,
        .no_duplicates = args->no_duplicates,
        .sorter = args->sorter,
        .input = inputs_options(&args->reading),
    };
    options.input.listener = NULL; /* the findings tell it */
    return options;
}

static int check_all(const struct check_args *args, const struct sources *sources,
                     struct lcap_error *error)
{
    const struct check_pass_options options = options_of(args);
    struct check_pass_result found;
    if (args->output && check_pass_try_output(args->output, &options, error) < 0)
        return LCAP_ERR_ARGUMENT;
    int rc = check_pass_run(sources, &options, &found, error);
    progress_end();
    if (rc == 0)
        rc = write_leaks(args, &found, error);
    if (rc == 0)
        rc = show(args, &found, error);
    if (rc == 0 && check_findings_of(&found.findings, LCAP_SEVERITY_ERROR) > 0)
        rc = COMMAND_TOLD;
    check_pass_release(&found);
    return rc;
}

/* What it finds is for merge to tell. */
static int check_shard(const struct check_args *args, const struct check_shard *part,
                       const struct sources *sources, struct lcap_error *error)
{
    const struct check_pass_options options = options_of(args);
    bool is_done;
    const int rc = check_shard_run(sources, &options, part, &is_done, error);
    if (rc == LCAP_OK && is_done)
        outputs_note_done(args->shard, args->output);
    return rc;
}

static int check_check(const void *given, const char *const *operands, size_t count,
                       struct lcap_error *error)
{
    const struct check_args *args = given;
    (void)operands, (void)count;
    return args->output && args->shard.count == 0 ? result_file_check(args->output, error)
                                                  : LCAP_OK;
}

static int run_check(const void *given, const char *const *operands, size_t count,
                     struct lcap_error *error)
{
    const struct check_args *args = given;
    struct sources sources = {0};
    struct check_shard part = {.shard = args->shard,
                               .output = args->output,
                               .placing = args->placing,
                               .count_packets = args->count_packets};
    int rc = show_check_shard(args->shard, args->json ? "-" : NULL, error);
    if (rc == LCAP_OK)
        rc = outputs_check_part(args->output, args->shard, error);
    if (rc == LCAP_OK)
        rc = check_shard_exclude(&part, &sources, error);
    if (rc == LCAP_OK)
        rc = inputs_list(&sources, operands, count, args->output, error);
    if (rc == LCAP_OK && args->output && args->shard.count == 0)
        rc = output_try(args->output, &args->placing, error);
    if (rc == LCAP_OK)
        rc = args->shard.count > 0 ? check_shard(args, &part, &sources, error)
                                   : check_all(args, &sources, error);
    sources_release(&sources);
    return rc;
}

const struct command cmd_check = {
    .name = "check",
    .summary = "tell whether captures are a sound data set",
    .usage = "labelcap check [OPTION...] DATASET...",
    .operands = "DATASET",
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .details = "Several files are checked as the parts of one data set. The exit status is 1 if "
               "there are findings of severity error.",
    .example = "labelcap check --splits splits labelled.pcapng",
    .options = rows,
    .relations = relations,
    .defaults = &defaults,
    .args_size = sizeof defaults,
    .check = check_check,
    .run = run_check,
};
