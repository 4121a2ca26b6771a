/* lcap_merge() */
#include "base/io/file.h"
#include "base/memory.h"
#include "dataset/runs/run.h"
#include "shard/part_merge.h"
#include <inttypes.h>

static void release(void *done)
{
    part_merge_release(done);
}

static int merge(struct part_merge_result *done, const struct lcap_run *run,
                 struct lcap_error *error)
{
    const struct part_merge_options options = {
        .placing = run_placing(run),
        .strict = run->strict,
        .sorter = run_sorter(run),
        .threads = run->threads,
        .watcher = run->watcher,
    };
    int rc = run->output ? file_check_not_input(run->output, run->inputs, run->input_count, error)
                         : LCAP_OK;
    if (rc == LCAP_OK)
        rc = part_merge_run(run->inputs, run->input_count, run->output, &options, done, error);
    return rc == LCAP_OK ? part_merge_check_labels(done, error) : rc;
}

int lcap_merge(const struct lcap_run *run, struct lcap_result **result, struct lcap_error *error)
{
    struct lcap_run taken;
    struct result description;
    int rc = run_take(&taken, run, false, 1, SIZE_MAX, error);
    struct part_merge_result *done = rc == LCAP_OK ? memory_new(1, sizeof *done, error) : NULL;
    if (!done)
        return rc < 0 ? rc : LCAP_ERR_MEMORY;
    rc = merge(done, &taken, error);
    result_begin(&description, error);
    if (rc == LCAP_OK)
        part_merge_describe(done, taken.output, &description);
    return run_finish(rc, &description, done, release, result, error);
}
