/* labelcap score: scores predicted labels of samples against the true ones. */
#include "cmd/shared_options.h"
#include "cmd/show_result.h"
#include "dataset/score/score_result.h"
#include <string.h>

struct score_args {
    const char *truth, *list;
    bool allow_missing, json;
};

#define ARGS struct score_args

static const struct option_row rows[] = {
    {0, "truth", "FILE", ARG_TEXT(truth), "the true labels: CSV, sample_id,label"},
    {0, "list", "NAME", ARG_TEXT(list), "only the samples whose split is NAME, such as test"},
    {0, "allow-missing", NULL, ARG_FLAG(allow_missing),
     "count samples without a prediction as wrong, ignore other samples"},
    ROW_JSON,
    ROW_QUIET,
    {0},
};

static const struct option_relation relations[] = {{NULL, NEEDS, "truth", NULL}, {0}};

static int check_score(const void *given, const char *const *operands, size_t count,
                       struct lcap_error *error)
{
    (void)count;
    const struct score_args *args = given;
    if (strcmp(args->truth, "-") == 0 && strcmp(operands[0], "-") == 0)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "only one of --truth and PREDICTIONS can be standard input");
    return LCAP_OK;
}

static int run_score(const void *given, const char *const *operands, size_t count,
                     struct lcap_error *error)
{
    (void)count;
    const struct score_args *args = given;
    const struct score_pass_options options = {
        .truth = args->truth,
        .predictions = operands[0],
        .list = args->list,
        .allow_missing = args->allow_missing,
    };
    struct score_pass_result found;
    struct result result;
    int rc = score_pass_run(&options, &found, error);
    if (rc == 0) {
        result_begin(&result, error);
        score_describe(&found, &result);
        rc = show_on_stdout(&result, args->json, error);
    }
    score_pass_release(&found);
    return rc;
}

const struct command cmd_score = {
    .name = "score",
    .summary = "score predicted labels of samples against the true ones",
    .usage = "labelcap score [OPTION...] --truth FILE PREDICTIONS",
    .operands = "PREDICTIONS",
    .min_operands = 1,
    .max_operands = 1,
    .details = "PREDICTIONS is CSV, sample_id,label or sample_id,label,probability, with or "
               "without a header; - is standard input.",
    .example = "labelcap score --truth answers.csv predictions.csv",
    .options = rows,
    .relations = relations,
    .args_size = sizeof(struct score_args),
    .check = check_score,
    .run = run_score,
};
