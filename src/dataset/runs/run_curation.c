/* Runs about data sets: lcap_check(), lcap_compare(), lcap_score(). */
#include "base/error_words.h"
#include "base/io/file.h"
#include "base/memory.h"
#include "base/sized.h"
#include "dataset/check/check_result.h"
#include "dataset/check/check_shard.h"
#include "dataset/compare/compare_result.h"
#include "dataset/leaks/leak_result.h"
#include "dataset/result_file.h"
#include "dataset/runs/run.h"
#include "dataset/score/score_result.h"

/* ---- check ---- */

struct checking {
    struct sources sources;
    struct check_pass_options options;
    struct check_pass_result found;
    struct check_shard part;
};

static void release_checking(void *found)
{
    struct checking *checking = found;
    check_pass_release(&checking->found);
    sources_release(&checking->sources);
}

static int check_part(struct checking *checking, const struct lcap_run *run,
                      struct lcap_error *error)
{
    bool is_done;
    int rc = run->output ? shard_check(checking->part.shard, error)
                         : lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                          "the output is missing: it names the part of a shard");
    if (rc == LCAP_OK)
        rc = check_shard_exclude(&checking->part, &checking->sources, error);
    if (rc == LCAP_OK)
        rc = run_list(run, &checking->sources, error);
    return rc == LCAP_OK ? check_shard_run(&checking->sources, &checking->options, &checking->part,
                                           &is_done, error)
                         : rc;
}

/* The table is tried before the packets are read. */
static int try_table(const struct lcap_run *run, struct lcap_error *error)
{
    const struct output_options placing = run_placing(run);
    int rc = result_file_check(run->output, error);
    if (rc == LCAP_OK)
        rc = file_check_not_input(run->output, run->inputs, run->input_count, error);
    return rc == LCAP_OK ? output_try(run->output, &placing, error) : rc;
}

/* All that is about lists needs some. */
static int check_lists(const struct lcap_run *run, const struct lcap_check_options *how,
                       struct lcap_error *error)
{
    const char *without = how->stratify         ? "--stratify"
                          : how->hold_out       ? "--hold-out"
                          : how->compare_splits ? "--compare-splits"
                          : how->max_leak       ? "--max-leak"
                          : run->output         ? "--output"
                                                : NULL;
    char room[LCAP_ERROR_TEXT];
    return without && !how->splits ? lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s needs --splits",
                                                    error_words(without, room))
                                   : LCAP_OK;
}

static int check_whole(struct checking *checking, const struct lcap_run *run,
                       struct lcap_error *error)
{
    const struct output_options placing = run_placing(run);
    int rc = run->output ? try_table(run, error) : LCAP_OK;
    if (rc == LCAP_OK && run->output)
        rc = check_pass_try_output(run->output, &checking->options, error);
    if (rc == LCAP_OK)
        rc = run_list(run, &checking->sources, error);
    if (rc == LCAP_OK)
        rc = check_pass_run(&checking->sources, &checking->options, &checking->found, error);
    return rc == LCAP_OK && run->output
               ? leak_write_table(checking->found.leaks, run->output, &placing, error)
               : rc;
}

static int check(struct checking *checking, const struct lcap_run *run,
                 const struct lcap_check_options *how, struct lcap_error *error)
{
    checking->options = (struct check_pass_options){
        .rules = how->rules,
        .splits = how->splits,
        .leaks = {run_sorter(run).memory, how->compare_splits, how->stratify, how->hold_out},
        .no_duplicates = how->no_duplicates,
        .sorter = run_sorter(run),
        .input = run_input(run),
    };
    checking->part = (struct check_shard){.shard = {how->shard, how->shards},
                                          .output = run->output,
                                          .placing = run_placing(run),
                                          .count_packets = how->count_packets};
    int rc = leak_limit_take(how->max_leak, &checking->options.max_leak, error);
    if (rc == LCAP_OK && how->count_packets && (how->shards == 0 || !how->rules))
        rc = lcap_error_set(error, LCAP_ERR_ARGUMENT, "only a shard with rules counts packets");
    if (rc < 0)
        return rc;
    return how->shards > 0 ? check_part(checking, run, error) : check_whole(checking, run, error);
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
    if (rc == LCAP_OK && how.shards == 0)
        rc = check_lists(&taken, &how, error);
    struct checking *checking = rc == LCAP_OK ? memory_new(1, sizeof *checking, error) : NULL;
    if (!checking)
        return rc < 0 ? rc : LCAP_ERR_MEMORY;
    rc = check(checking, &taken, &how, error);
    result_begin(&description, error);
    if (rc == LCAP_OK && how.shards == 0)
        check_describe(&checking->found, &description);
    return run_finish(rc, &description, checking, release_checking, result, error);
}

/* ---- compare ---- */

static void release_comparison(void *found)
{
    compare_pass_release(found);
}

static int compare(const struct lcap_run *run, struct compare_pass_result *found,
                   struct lcap_error *error)
{
    const struct compare_pass_options options = {run_sorter(run), run_input(run)};
    const struct output_options placing = run_placing(run);
    int rc = run->output ? try_table(run, error) : LCAP_OK;
    if (rc == LCAP_OK)
        rc = compare_pass_run(run->inputs, &options, found, error);
    return rc == LCAP_OK && run->output ? compare_write_table(found, run->output, &placing, error)
                                        : rc;
}

int lcap_compare(const struct lcap_run *run, struct lcap_result **result, struct lcap_error *error)
{
    struct lcap_run taken;
    struct result description;
    int rc = run_take(&taken, run, false, 2, 2, error);
    struct compare_pass_result *found = rc == LCAP_OK ? memory_new(1, sizeof *found, error) : NULL;
    if (!found)
        return rc < 0 ? rc : LCAP_ERR_MEMORY;
    rc = compare(&taken, found, error);
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
