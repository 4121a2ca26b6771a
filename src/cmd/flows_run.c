/* Runs `flows`: makes rows from groups, writes tables, reports figures. */
#include "cmd/flows_run.h"

#include "base/text/text.h"
#include "cmd/command.h"
#include "cmd/flows_plan.h"
#include "cmd/flows_stats.h"
#include "cmd/inputs.h"
#include "cmd/pipe_interrupt.h"
#include "cmd/talk.h"
#include "tabulate/flow_summary.h"
#include "tabulate/group_jobs.h"
#include "tabulate/pandas_rows.h"
#include "tabulate/table_files.h"
#include <string.h>
#include <time.h>

struct flows_work {
    struct flows_plan plan;
    struct table_files *outputs; /* NULL: only the preview is wanted */
    struct table *preview;
    struct pandas_rows *pandas;  /* NULL: rows do not wait for each other */
    struct flow_summary *report; /* NULL: none is wanted */
    struct output *stats_json;   /* NULL: none is wanted, or it is written */
    uint64_t previewed;
    struct flows_stats stats;
    struct timespec begun;
};

static int take_rows(void *context, enum row_destination to, const char *part, uint64_t rows,
                     const void *bytes, size_t len, struct lcap_error *error)
{
    struct flows_work *work = context;
    struct lcap_flow_row summary;
    switch (to) {
    case TO_PREVIEW: /* each group offers as many as are wanted in all */
        work->previewed += rows;
        return work->previewed <= work->plan.args.preview
                   ? table_append(work->preview, bytes, len, error)
                   : LCAP_OK;
    case TO_SUMMARY:
        memcpy(&summary, bytes, sizeof summary);
        return flow_summary_add(work->report, &summary, error);
    case TO_PANDAS:
        return pandas_rows_add(work->pandas, bytes, len, error);
    default:
        return table_files_append(work->outputs, part, rows, bytes, len, error);
    }
}

static void note_input(struct flows_work *work, const struct input_outcome *input)
{
    char packets[COUNTED_TEXT];
    input_counts_add(&work->stats.inputs, input);
    inputs_tell(NULL, input);
    if (work->plan.args.verbose && input->status != LCAP_ERR_FORMAT)
        talk_note("%s: %s", input->name, text_counted(input->packets, "packet", packets));
}

static int note_group(void *context, const struct input_group *group,
                      const struct group_result *result, struct lcap_error *error)
{
    struct flows_work *work = context;
    flows_stats_add(&work->stats, result);
    for (size_t i = 0; i < group->count; i++)
        note_input(work, &result->inputs[i]);
    return work->pandas && !work->plan.args.merge ? pandas_rows_write(work->pandas, error)
                                                  : LCAP_OK;
}

/* Opens all outputs, so that one that cannot be written ends the run before it begins. */
static int open_all(struct flows_work *work, struct lcap_error *error)
{
    const struct flows_plan *plan = &work->plan;
    const struct flows_args *args = &plan->args;
    const struct output_options placing = {.overwrite = args->force};
    int rc = LCAP_OK;
    if (args->report)
        rc = flow_summary_open(&work->report, (const char *)plan->report.data, args->compat,
                               args->force, error);
    if (rc == LCAP_OK && args->stats_json)
        rc = output_open(&work->stats_json, args->stats_json, &placing, error);
    if (rc == LCAP_OK && plan->writes)
        rc = table_files_open(&work->outputs, plan, error);
    if (rc == LCAP_OK && args->preview)
        rc = table_open(&work->preview, "-", &plan->preview, NULL, error);
    if (rc == LCAP_OK && plan->pandas)
        rc = pandas_rows_new(&work->pandas, plan, take_rows, work, error);
    return rc;
}

static int write_report(struct flows_work *work, struct lcap_error *error)
{
    const struct flows_plan *plan = &work->plan;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const struct flow_summary_facts facts = {
        .source = flows_plan_only_source(plan),
        .sources = plan->sources.count,
        .filter = plan->args.protocols,
        .counts = &work->stats.counts,
        .seconds = (double)(now.tv_sec - work->begun.tv_sec) +
                   (double)(now.tv_nsec - work->begun.tv_nsec) / 1e9,
    };
    return flow_summary_write(work->report, &facts, error);
}

static int close_all(struct flows_work *work, size_t *files, struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (work->preview)
        rc = table_close(work->preview, error);
    work->preview = NULL;
    if (rc == LCAP_OK && work->outputs) {
        struct table_files *outputs = work->outputs;
        work->outputs = NULL;
        rc = table_files_close(outputs, files, error);
    }
    if (rc == LCAP_OK && work->report)
        rc = write_report(work, error);
    if (rc == LCAP_OK && work->stats_json) {
        struct output *out = work->stats_json;
        work->stats_json = NULL;
        rc = flows_stats_write(&work->stats, out, error);
    }
    return rc;
}

static int run_groups(struct flows_work *work, struct lcap_error *error)
{
    size_t files = 0;
    int rc = open_all(work, error);
    if (rc == LCAP_OK)
        rc = group_jobs_run(&work->plan, take_rows, note_group, work, error);
    if (rc == LCAP_OK && work->pandas)
        rc = pandas_rows_write(work->pandas, error);
    if (rc == LCAP_OK)
        rc = close_all(work, &files, error);
    progress_end();
    if (rc == LCAP_OK)
        flows_stats_talk(&work->stats, files);
    if (rc == LCAP_OK && work->stats.inputs.damaged)
        rc = COMMAND_TOLD;
    return rc;
}

static bool reads_standard_input(const struct flows_plan *plan)
{
    for (size_t i = 0; i < plan->sources.count; i++)
        if (strcmp(plan->sources.items[i].path, "-") == 0)
            return true;
    return false;
}

int flows_run(const struct flows_args *args, const char *const *operands, size_t count,
              struct lcap_error *error)
{
    struct flows_work work = {0};
    clock_gettime(CLOCK_MONOTONIC, &work.begun);
    if (args->quiet)
        talk_be_quiet();
    int rc = flows_plan_init(&work.plan, args, operands, count, error);
    if (rc == LCAP_OK && args->log_file)
        rc = talk_log_to(args->log_file, error);
    if (rc == LCAP_OK && reads_standard_input(&work.plan))
        pipe_interrupt_waits();
    if (rc == LCAP_OK)
        rc = run_groups(&work, error);
    table_files_discard(work.outputs);
    table_discard(work.preview);
    pandas_rows_free(work.pandas);
    flow_summary_free(work.report);
    output_discard(work.stats_json);
    flows_plan_release(&work.plan);
    return rc;
}
