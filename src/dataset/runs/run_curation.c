/* Runs about data sets: lcap_check(), lcap_compare(), lcap_score(), lcap_partition(). */
#include "base/memory.h"
#include "base/sized.h"
#include "dataset/check/check_result.h"
#include "dataset/compare/compare_result.h"
#include "dataset/partition/partition_pass.h"
#include "dataset/runs/run.h"
#include "dataset/score/score_result.h"

/* ---- check ---- */

struct checking {
    struct sources sources;
    struct check_pass_options options;
    struct check_pass_result found;
};

static void release_checking(void *found)
{
    struct checking *checking = found;
    check_pass_release(&checking->found);
    sources_release(&checking->sources);
}

static int check(struct checking *checking, const struct lcap_run *run,
                 const struct lcap_check_options *how, struct lcap_error *error)
{
    checking->options = (struct check_pass_options){
        .rules = how->rules,
        .splits = how->splits,
        .leaks = {run_sorter(run).memory, how->compare_splits},
        .max_leak = -1,
        .no_duplicates = how->no_duplicates,
        .sorter = run_sorter(run),
        .input = run_input(run),
    };
    const int rc = run_list(run, &checking->sources, error);
    return rc == LCAP_OK
               ? check_pass_run(&checking->sources, &checking->options, &checking->found, error)
               : rc;
}

int lcap_check(const struct lcap_run *run, const struct lcap_check_options *options,
               struct lcap_result **result, struct lcap_error *error)
{
    struct lcap_run taken;
    struct lcap_check_options how;
    struct result description;
    int rc = sized_take(&how, sizeof how, options, "lcap_check_options", error);
    if (rc == LCAP_OK)
        rc = run_take(&taken, run, false, 1, SIZE_MAX, error);
    struct checking *checking = rc == LCAP_OK ? memory_new(1, sizeof *checking, error) : NULL;
    if (!checking)
        return rc < 0 ? rc : LCAP_ERR_MEMORY;
    taken.output = NULL;
    rc = check(checking, &taken, &how, error);
    result_begin(&description, error);
    if (rc == LCAP_OK)
        check_describe(&checking->found, &description);
    return run_finish(rc, &description, checking, release_checking, result, error);
}

/* ---- compare ---- */

static void release_comparison(void *found)
{
    compare_pass_release(found);
}

int lcap_compare(const struct lcap_run *run, struct lcap_result **result, struct lcap_error *error)
{
    struct lcap_run taken;
    struct result description;
    int rc = run_take(&taken, run, false, 2, 2, error);
    struct compare_pass_result *found = rc == LCAP_OK ? memory_new(1, sizeof *found, error) : NULL;
    if (!found)
        return rc < 0 ? rc : LCAP_ERR_MEMORY;
    const struct compare_pass_options options = {run_sorter(&taken), run_input(&taken)};
    rc = compare_pass_run(taken.inputs, &options, found, error);
    result_begin(&description, error);
    if (rc == LCAP_OK)
        compare_describe(found, &description);
    return run_finish(rc, &description, found, release_comparison, result, error);
}

/* ---- score ---- */

static void release_score(void *found)
{
    score_pass_release(found);
}

int lcap_score(const struct lcap_run *run, const struct lcap_score_options *options,
               struct lcap_result **result, struct lcap_error *error)
{
    struct lcap_run taken;
    struct lcap_score_options how;
    struct result description;
    int rc = sized_take(&how, sizeof how, options, "lcap_score_options", error);
    if (rc == LCAP_OK)
        rc = run_take(&taken, run, false, 2, 2, error);
    struct score_pass_result *found = rc == LCAP_OK ? memory_new(1, sizeof *found, error) : NULL;
    if (!found)
        return rc < 0 ? rc : LCAP_ERR_MEMORY;
    const struct score_pass_options scoring = {.truth = taken.inputs[0],
                                               .predictions = taken.inputs[1],
                                               .allow_missing = how.allow_missing,
                                               .list = how.list};
    rc = score_pass_run(&scoring, found, error);
    result_begin(&description, error);
    if (rc == LCAP_OK)
        score_describe(found, &description);
    return run_finish(rc, &description, found, release_score, result, error);
}

/* ---- partition ---- */

struct partitioning {
    struct partition_options options;
    struct partition partition;
};

static void release_partitioning(void *found)
{
    struct partitioning *partitioning = found;
    partition_pass_release(&partitioning->partition);
}

static uint32_t share_of(double share)
{
    return share > 0 && share <= 1 ? (uint32_t)(share * SHARE_WHOLE + 0.5) : 0;
}

static struct partition_options options_of(const struct lcap_run *run,
                                           const struct lcap_partition_options *how)
{
    const enum partition_method by_hash = how->exact ? PARTITION_EXACTLY : PARTITION_BY_HASH;
    return (struct partition_options){
        .shares = {share_of(how->train), share_of(how->validation), share_of(how->test)},
        .folds = how->folds,
        .group = how->group ? how->group : "flow",
        .local = how->local,
        .stratify = how->stratify,
        .method = how->by_time ? PARTITION_BY_TIME : by_hash,
        .gap_ns = how->gap_ns,
        .seed = how->seed,
        .extend = how->extend,
        .drop_conflicts = how->drop_conflicts,
        .balance_train = how->balance_train,
        .leaks = {run_sorter(run).memory, how->compare_splits},
        .max_leak = -1,
        .placing = run_placing(run),
        .sorter = run_sorter(run),
        .input = run_input(run),
    };
}

static int check_shares(const struct lcap_partition_options *how, struct lcap_error *error)
{
    const uint64_t sum =
        (uint64_t)share_of(how->train) + share_of(how->validation) + share_of(how->test);
    if (how->folds > 0 ? how->folds > 1 && how->folds <= MOST_FOLDS && sum == 0
                       : sum == SHARE_WHOLE)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "expected 2 to %u folds, or shares that add up to 1", MOST_FOLDS);
}

int lcap_partition(const struct lcap_run *run, const struct lcap_partition_options *options,
                   struct lcap_result **result, struct lcap_error *error)
{
    struct lcap_run taken;
    struct lcap_partition_options how;
    struct result description;
    int rc = sized_take(&how, sizeof how, options, "lcap_partition_options", error);
    if (rc == LCAP_OK)
        rc = run_take(&taken, run, true, 1, 1, error);
    if (rc == LCAP_OK)
        rc = check_shares(&how, error);
    struct partitioning *found = rc == LCAP_OK ? memory_new(1, sizeof *found, error) : NULL;
    if (!found)
        return rc < 0 ? rc : LCAP_ERR_MEMORY;
    found->options = options_of(&taken, &how);
    rc = partition_pass_run(&found->partition, taken.inputs[0], taken.output, &found->options,
                            error);
    result_begin(&description, error);
    if (rc == LCAP_OK)
        partition_describe(&found->partition, taken.output, &description);
    return run_finish(rc, &description, found, release_partitioning, result, error);
}
