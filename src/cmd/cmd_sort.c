/* labelcap sort: sorts labelled captures in bounded memory. */
#include "cmd/inputs.h"
#include "cmd/outputs.h"
#include "cmd/shared_options.h"
#include "cmd/show_result.h"
#include "dataset/pass_results.h"
#include <stdint.h>

struct sort_args {
    const char *output;
    const char *stats_json;
    struct shard shard;
    struct sorter_options sorter;
    int by; /* index into by_choices */
    struct reading_args reading;
    struct output_options placing;
};

#define ARGS struct sort_args

static const char *const by_choices[] = {"sample", "time", NULL};

static const struct option_row rows[] = {
    ROW_OUTPUT("sorted pcapng; .gz and .zst compress; - is standard output"),
    {0, "by", "ORDER", ARG_CHOICE(by, by_choices), "sample: sampleID, then time; or time (sample)"},
    ROW_MEMORY("sorting, such as 256M (128M)"),
    ROW_TMPDIR("beside the output"),
    ROWS_READING,
    ROW_SHARD,
    ROW_FORCE,
    ROW_NO_SYNC,
    ROW_LEVEL,
    ROW_THREADS,
    ROWS_JSON,
    ROW_QUIET,
    ROW_SYNONYM('W', "write", "output"),
    {0},
};

static const struct option_relation relations[] = {
    {NULL, NEEDS, "output", NULL}, RELATION_JSON, {0}};

static const struct sort_args defaults = {.sorter.memory = SORTER_USUAL_MEMORY};

static int list_sources(const struct sort_args *args, const char *const *operands, size_t count,
                        struct sources *sources, struct lcap_error *error)
{
    int rc = args->stats_json ? sources_exclude(sources, args->stats_json, error) : LCAP_OK;
    if (rc == LCAP_OK)
        rc = shard_exclude_parts(args->shard, "sort", args->output, sources, error);
    return rc == LCAP_OK ? inputs_list(sources, operands, count, args->output, error) : rc;
}

static int report(const struct sort_args *args, const struct sort_pass_result *done,
                  struct lcap_error *error)
{
    struct result result;
    if (done->is_done) {
        outputs_note_done(args->shard, args->output);
        return LCAP_OK;
    }
    result_begin(&result, error);
    sort_describe(done, args->output, &result);
    return show_and_release(&result, error);
}

static int sort_all(const struct sort_args *args, const struct sources *sources,
                    struct lcap_error *error)
{
    struct sort_pass_options options = {
        .order = args->by == 0 ? ORDER_SAMPLE : ORDER_TIME,
        .placing = args->placing,
        .shard = args->shard,
        .sorter = args->sorter,
        .input = inputs_options(&args->reading),
    };
    struct sort_pass_result done;
    int rc = show_open_json(args->stats_json, args->output, NULL, 0, &args->placing, error);
    if (rc != LCAP_OK)
        return rc;
    rc = sort_pass_run(sources, args->output, &options, &done, error);
    if (rc == 0)
        rc = report(args, &done, error);
    if (args->shard.count == 0) /* else merge fails: the joint says so */
        rc = inputs_status(rc, &done.inputs);
    sort_pass_release(&done);
    return rc;
}

static int run_sort(const void *given, const char *const *operands, size_t count,
                    struct lcap_error *error)
{
    const struct sort_args *args = given;
    struct sources sources = {0};
    int rc = outputs_check_capture(args->output, args->placing.level, args->shard, error);
    if (rc != 0)
        return rc;
    outputs_note_format(args->output);
    rc = list_sources(args, operands, count, &sources, error);
    if (rc == 0)
        rc = sort_all(args, &sources, error);
    sources_release(&sources);
    return rc;
}

const struct command cmd_sort = {
    .name = "sort",
    .summary = "sort labelled packets by sampleID, then time; merge several files",
    .usage = "labelcap sort -o OUTPUT [OPTION...] INPUT...",
    .operands = "INPUT",
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .details = "The order is stable and does not depend on --memory. Packets without a label "
               "come last.",
    .example = "labelcap sort -o sorted.pcapng labelled.pcapng",
    .options = rows,
    .relations = relations,
    .defaults = &defaults,
    .args_size = sizeof defaults,
    .run = run_sort,
};
