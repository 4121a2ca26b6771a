/* What the public runs share. */
#include "dataset/runs/run.h"

#include "base/memory.h"
#include "base/sized.h"
#include <stdlib.h>

int run_take(struct lcap_run *run, const struct lcap_run *theirs, bool needs_output, size_t least,
             size_t most, struct lcap_error *error)
{
    int rc = sized_take(run, sizeof *run, theirs, "lcap_run", error);
    if (rc < 0)
        return rc;
    if (needs_output && !run->output)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "the output is missing");
    if (run->linktype && lcap_linktype_of_text(run->linktype, &(uint16_t){0}, error) < 0)
        return lcap_error_prefix(error, "--linktype: ");
    if (run->input_count >= least && run->input_count <= most)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "expected %s%zu input%s, found %zu",
                          least == most ? "" : "at least ", least, least == 1 ? "" : "s",
                          run->input_count);
}

struct input_options run_input(const struct lcap_run *run)
{
    struct input_options options = {.pcapml_times = run->pcapml_times,
                                    .nanoseconds = run->nanoseconds,
                                    .threads = run->threads,
                                    .watcher = run->watcher};
    /* run_take() has checked it. */
    options.set_linktype =
        run->linktype && lcap_linktype_of_text(run->linktype, &options.linktype, NULL) == LCAP_OK;
    return options;
}

struct sorter_options run_sorter(const struct lcap_run *run)
{
    return (struct sorter_options){.memory = run->memory > 0 ? run->memory : SORTER_USUAL_MEMORY,
                                   .directory = run->tmpdir};
}

struct output_options run_placing(const struct lcap_run *run)
{
    return (struct output_options){
        .overwrite = run->overwrite, .no_sync = run->no_sync, .level = run->level};
}

int run_list(const struct lcap_run *run, struct sources *sources, struct lcap_error *error)
{
    int rc = run->output ? sources_exclude(sources, run->output, error) : LCAP_OK;
    for (size_t i = 0; i < run->input_count && rc == LCAP_OK; i++)
        rc = sources_add(sources, run->inputs[i], error);
    return rc == LCAP_OK ? sources_find_repeats(sources, error) : rc;
}

static int keep(const struct result *description, void *found, void (*release)(void *found),
                struct lcap_result **result, struct lcap_error *error)
{
    struct lcap_result *kept = memory_new(1, sizeof *kept, error);
    if (!kept)
        return LCAP_ERR_MEMORY;
    *kept = (struct lcap_result){.description = *description, .found = found, .release = release};
    kept->description.error = NULL;
    *result = kept;
    return LCAP_OK;
}

int run_finish(int rc, const struct result *description, void *found, void (*release)(void *found),
               struct lcap_result **result, struct lcap_error *error)
{
    struct result given_up = *description;
    if (rc == LCAP_OK)
        rc = description->status;
    if (rc == LCAP_OK)
        rc = keep(description, found, release, result, error);
    if (rc == LCAP_OK)
        return LCAP_OK;
    result_release(&given_up);
    release(found);
    free(found);
    return rc;
}
