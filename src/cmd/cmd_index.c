/* labelcap index: makes the catalogue of a data set. */
#include "cmd/inputs.h"
#include "cmd/shared_options.h"
#include "cmd/show_result.h"
#include "cmd/talk.h"
#include "dataset/catalogue/index_pass.h"

struct index_args {
    const char *stats_json;
    struct shard shard;
    struct reading_args reading;
    bool hash;
    struct output_options placing;
};

#define ARGS struct index_args

static const struct option_row rows[] = {
    {0, "hash", NULL, ARG_FLAG(hash), "also store the SHA-256 of the data set"},
    ROW_PCAPML_TIMES,
    ROW_LINKTYPE,
    ROW_SHARD,
    ROW_FORCE,
    ROW_NO_SYNC,
    ROWS_JSON,
    ROW_THREADS,
    ROW_QUIET,
    {0},
};

static const struct option_relation relations[] = {
    RELATION_JSON,
    {0},
};

static int report(const struct index_pass_result *done, const char *dataset,
                  struct lcap_error *error)
{
    struct result result;
    if (done->is_done)
        talk_note("the shard of %s is done already", dataset);
    if (done->is_part)
        return LCAP_OK;
    result_begin(&result, error);
    index_describe(done, dataset, &result);
    return show_and_release(&result, error);
}

static int run_index(const void *given, const char *const *operands, size_t count,
                     struct lcap_error *error)
{
    const struct index_args *args = given;
    struct index_pass_options options = {
        .placing = args->placing,
        .hash = args->hash,
        .shard = args->shard,
        .input = inputs_options(&args->reading),
    };
    struct index_pass_result done;
    int rc = show_check_shard(args->shard, args->stats_json, error);
    if (rc == LCAP_OK)
        rc = show_open_json(args->stats_json, NULL, operands, count, &args->placing, error);
    if (rc != LCAP_OK)
        return rc;
    rc = index_pass_run(operands[0], &options, &done, error);
    if (rc == LCAP_OK && !done.inputs.damaged)
        rc = report(&done, operands[0], error);
    return inputs_status(rc, &done.inputs);
}

const struct command cmd_index = {
    .name = "index",
    .summary = "make the catalogue of a data set: where each sample is",
    .usage = "labelcap index [OPTION...] DATASET",
    .operands = "DATASET",
    .min_operands = 1,
    .max_operands = 1,
    .details = "Writes DATASET.sqlite, with which 'labelcap select' and programs read samples "
               "without reading the whole file.",
    .example = "labelcap index sorted.pcapng",
    .options = rows,
    .relations = relations,
    .args_size = sizeof(struct index_args),
    .run = run_index,
};
