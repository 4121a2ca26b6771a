/* The run that shows a data set: lcap_report(). */
#include "base/memory.h"
#include "base/sized.h"
#include "dataset/overview/overview_pass.h"
#include "dataset/runs/run.h"
#include "publishing/report_page.h"
#include <stdlib.h>
#include <string.h>

struct reporting {
    struct sources sources;
    struct check_pass_options options;
    struct overview overview;
};

static void release_reporting(void *found)
{
    struct reporting *reporting = found;
    overview_release(&reporting->overview);
    sources_release(&reporting->sources);
}

static int look(struct reporting *reporting, const struct lcap_run *run,
                const struct lcap_report_options *how, struct lcap_error *error)
{
    reporting->options = (struct check_pass_options){
        .rules = how->rules,
        .splits = how->splits,
        .leaks = {.memory = run_sorter(run).memory},
        .max_leak = -1,
        .short_names = true,
        .no_duplicates = how->no_duplicates,
        .sorter = run_sorter(run),
        .input = run_input(run),
    };
    int rc = run_list(run, &reporting->sources, error);
    if (rc == LCAP_OK && run->output)
        rc = check_pass_try_output(run->output, &reporting->options, error);
    return rc == LCAP_OK
               ? overview_run(&reporting->sources, &reporting->options, &reporting->overview, error)
               : rc;
}

static int write_page(const struct result *description, const struct lcap_run *run,
                      const char *title, struct lcap_error *error)
{
    const struct output_options placing = run_placing(run);
    return title
               ? report_page_write(description, title, run->output, &placing, error)
               : report_page_of_dataset(description, run->inputs[0], run->output, &placing, error);
}

int lcap_report(const struct lcap_run *run, const struct lcap_report_options *options,
                struct lcap_result **result, struct lcap_error *error)
{
    struct lcap_run taken;
    struct lcap_report_options how;
    struct result description;
    int rc = sized_take(&how, sizeof how, options, "lcap_report_options", error);
    if (rc == LCAP_OK)
        rc = run_take(&taken, run, false, 1, SIZE_MAX, error);
    struct reporting *reporting = rc == LCAP_OK ? memory_new(1, sizeof *reporting, error) : NULL;
    if (!reporting)
        return rc < 0 ? rc : LCAP_ERR_MEMORY;
    rc = look(reporting, &taken, &how, error);
    result_begin(&description, error);
    if (rc == LCAP_OK)
        overview_describe(&reporting->overview, &description);
    if (rc == LCAP_OK && taken.output)
        rc = write_page(&description, &taken, how.title, error);
    return run_finish(rc, &description, reporting, release_reporting, result, error);
}
