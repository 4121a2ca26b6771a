/* labelcap merge: makes one output of the parts that shards have written. */
#include "cmd/inputs.h"
#include "cmd/label/label_report.h"
#include "cmd/outputs.h"
#include "cmd/progress.h"
#include "cmd/shared_options.h"
#include "cmd/show_result.h"
#include "shard/part_merge.h"
#include <stdint.h>
#include <sys/resource.h>

struct merge_args {
    const char *output;
    const char *stats_json;
    struct sorter_options sorter;
    struct reading_args reading;
    bool strict, stats;
    struct output_options placing;
};

#define ARGS struct merge_args

static const struct option_row rows[] = {
    ROW_OUTPUT("the output of the run; .gz and .zst compress; - is standard output"),
    ROW_MEMORY("sorting, such as 256M (128M)"),
    ROW_TMPDIR("beside the output"),
    ROW_FORCE,
    ROW_NO_SYNC,
    ROW_LEVEL,
    ROW_THREADS,
    {0, "strict", NULL, ARG_FLAG(strict),
     "of label: treat any warning about the rules as an error"},
    {'t', "stats", NULL, ARG_FLAG(stats), "of label: always print a line for each rule"},
    ROWS_JSON,
    ROW_QUIET,
    {0},
};

static const struct option_relation relations[] = {RELATION_JSON, {0}};

static const struct merge_args defaults = {.sorter.memory = SORTER_USUAL_MEMORY};

/* As check itself prints it. */
static int report_check(const struct merge_args *args, const struct part_merge_result *done,
                        struct lcap_error *error)
{
    const struct check_findings *findings = &done->check.found.findings;
    struct result result;
    result_begin(&result, error);
    part_merge_describe(done, NULL, &result);
    const int rc = args->stats_json ? show_json_and_release(&result, error)
                                    : show_on_stdout(&result, false, error);
    return rc == LCAP_OK && check_findings_of(findings, LCAP_SEVERITY_ERROR) > 0 ? COMMAND_TOLD
                                                                                 : rc;
}

/* What label reports of a run of one process. */
static int report_labels(const struct merge_args *args, const struct part_merge_result *done,
                         struct lcap_error *error)
{
    const struct joint_output *how = &done->parts.items[0].joint.output;
    const struct label_args label = {
        .output = args->output,
        .stats_json = args->stats_json,
        .sort = how->order == ORDER_SAMPLE,
        .split_linktypes = how->split_linktypes != 0,
        .stats = args->stats,
    };
    struct label_run run = {.args = &label, .pass = label_sum_pass(done->labels)};
    run.result = label_pass_result(run.pass);
    return label_report_show(&run, error);
}

static int report_others(const struct merge_args *args, const struct part_merge_result *done,
                         struct lcap_error *error)
{
    struct result result;
    result_begin(&result, error);
    part_merge_describe(done, args->output, &result);
    return show_and_release(&result, error);
}

static int report(const struct merge_args *args, const struct part_merge_result *done,
                  struct lcap_error *error)
{
    const int rc = (done->labels ? report_labels : report_others)(args, done, error);
    return rc == LCAP_OK && done->damaged ? COMMAND_TOLD : rc;
}

/* As far as the administrator allows it. */
static void allow_open_files(size_t parts)
{
    const rlim_t wanted = parts + PARTS_OTHER_FILES;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static int run_merge(const void *given, const char *const *operands, size_t count,
                     struct lcap_error *error)
{
    const struct merge_args *args = given;
    const struct part_merge_options options = {
        .placing = args->placing,
        .strict = args->strict,
        .sorter = args->sorter,
        .threads = inputs_options(&args->reading).threads,
        .watcher = {progress_show, NULL},
        .list_listener = inputs_tell_list,
        .listener = inputs_tell,
    };
    struct part_merge_result done = {0};
    int rc = args->output ? outputs_check_capture(args->output, args->placing.level,
                                                  (struct shard){0}, error)
                          : LCAP_OK;
    if (rc == LCAP_OK && args->output)
        rc = file_check_not_input(args->output, operands, count, error);
    if (rc == LCAP_OK)
        rc = show_open_json(args->stats_json, args->output, operands, count, &args->placing, error);
    if (rc != LCAP_OK)
        return rc;
    allow_open_files(count);
    rc = part_merge_run(operands, count, args->output, &options, &done, error);
    if (done.labels)
        label_report_warnings(label_pass_result(label_sum_pass(done.labels)));
    if (rc == LCAP_OK)
        rc = done.kind == MERGED_REPORT ? report_check(args, &done, error)
                                        : report(args, &done, error);
    part_merge_release(&done);
    return rc == LCAP_ERR_ARGUMENT && !args->output ? COMMAND_USAGE : rc;
}

const struct command cmd_merge = {
    .name = "merge",
    .summary = "make one output of the parts that shards have written",
    .usage = "labelcap merge [-o OUTPUT] [OPTION...] PART...",
    .operands = "PART",
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .details = "Parts are what a command with --shard I/N writes, in any order. The output is "
               "byte for byte what that command writes without --shard. Nothing is written "
               "unless all parts of one run are there and fit together.",
    .example = "labelcap merge -o labelled.pcapng.gz labelled.*-of-8.pcapng",
    .options = rows,
    .relations = relations,
    .defaults = &defaults,
    .args_size = sizeof defaults,
    .run = run_merge,
};
