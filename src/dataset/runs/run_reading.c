/* Runs that tell what is where: lcap_info(), lcap_index(). */
#include "base/io/file.h"
#include "base/memory.h"
#include "base/sized.h"
#include "dataset/catalogue/index_pass.h"
#include "dataset/info_result.h"
#include "dataset/runs/run.h"

/* ---- info ---- */

struct surveying {
    struct sources sources;
    struct info_pass_result found;
};

static void release_surveying(void *found)
{
    struct surveying *surveying = found;
    info_pass_release(&surveying->found);
    sources_release(&surveying->sources);
}

static int survey(struct surveying *surveying, const struct lcap_run *run, struct lcap_error *error)
{
    const struct input_options options = run_input(run);
    const int rc = run_list(run, &surveying->sources, error);
    return rc == LCAP_OK ? info_pass_run(&surveying->sources, &options, &surveying->found, error)
                         : rc;
}

int lcap_info(const struct lcap_run *run, const struct lcap_info_options *options,
              struct lcap_result **result, struct lcap_error *error)
{
    struct lcap_run taken;
    struct lcap_info_options how;
    struct result description;
    int rc = sized_take(&how, sizeof how, options, "lcap_info_options", error);
    if (rc == LCAP_OK)
        rc = run_take(&taken, run, false, 1, SIZE_MAX, error);
    struct surveying *surveying = rc == LCAP_OK ? memory_new(1, sizeof *surveying, error) : NULL;
    if (!surveying)
        return rc < 0 ? rc : LCAP_ERR_MEMORY;
    taken.output = NULL;
    rc = survey(surveying, &taken, error);
    result_begin(&description, error);
    if (rc == LCAP_OK)
        info_describe(&surveying->found, how.samples, &description);
    return run_finish(rc, &description, surveying, release_surveying, result, error);
}

/* ---- index ---- */

static void release_nothing(void *found)
{
    (void)found;
}

static int index_dataset(const struct lcap_run *run, const struct lcap_index_run_options *how,
                         struct index_pass_result *found, struct lcap_error *error)
{
    const struct index_pass_options options = {
        .placing = run_placing(run),
        .hash = how->hash,
        .shard = {how->shard, how->shards},
        .catalogue = run->output,
        .input = run_input(run),
    };
    int rc = run->output ? file_check_not_input(run->output, run->inputs, 1, error) : LCAP_OK;
    if (rc == LCAP_OK)
        rc = shard_check(options.shard, error);
    if (rc == LCAP_OK)
        rc = index_pass_run(run->inputs[0], &options, found, error);
    return rc == LCAP_OK && found->inputs.damaged
               ? lcap_error_set(error, found->damage.code, "%s", found->damage.text)
               : rc;
}

int lcap_index(const struct lcap_run *run, const struct lcap_index_run_options *options,
               struct lcap_result **result, struct lcap_error *error)
{
    struct lcap_run taken;
    struct lcap_index_run_options how;
    struct result description;
    int rc = sized_take(&how, sizeof how, options, "lcap_index_run_options", error);
    if (rc == LCAP_OK)
        rc = run_take(&taken, run, false, 1, 1, error);
    struct index_pass_result *found = rc == LCAP_OK ? memory_new(1, sizeof *found, error) : NULL;
    if (!found)
        return rc < 0 ? rc : LCAP_ERR_MEMORY;
    rc = index_dataset(&taken, &how, found, error);
    result_begin(&description, error);
    if (rc == LCAP_OK && !found->is_part)
        index_describe(found, taken.inputs[0], &description);
    return run_finish(rc, &description, found, release_nothing, result, error);
}
