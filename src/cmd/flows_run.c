/* Runs `flows`: streams to rows, rows to tables, figures to people. */
#include "cmd/flows_run.h"

#include "cmd/command.h"
#include "cmd/flows_plan.h"
#include "cmd/flows_stats.h"
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
    struct flows_outputs *outputs; /* NULL: nothing but the preview is wanted */
    struct table *preview;
    struct flows_frame *frame;   /* NULL: rows do not wait for each other */
    struct flows_report *report; /* NULL: none is wanted */
    struct output *stats_json;   /* NULL: none is wanted, or it is written */
    uint64_t previewed;
    struct flows_stats stats;
    struct timespec begun;
};

static int take_rows(void *context, enum flows_destination to, const char *part, uint64_t rows,
                     const void *bytes, size_t len, struct lcap_error *error)
{
    struct flows_work *work = context;
    struct lcap_flow_row summary;
    switch (to) {
    case TO_PREVIEW: /* each stream offers as many as are wanted of all */
        work->previewed += rows;
        return work->previewed <= work->plan.args.preview
                   ? table_append(work->preview, bytes, len, error)
                   : LCAP_OK;
    case TO_REPORT:
        memcpy(&summary, bytes, sizeof summary);
        return flows_report_row(work->report, &summary, error);
    case TO_FRAME:
        return flows_frame_add(work->frame, bytes, len, error);
    default:
        return flows_outputs_append(work->outputs, part, rows, bytes, len, error);
    }
}

static const char *name_of(const struct source *source)
{
    return strcmp(source->path, "-") == 0 ? "standard input" : source->path;
}

/* What is no capture is passed over in a directory, and is an error where the user named it. */
static int note_input(struct flows_work *work, const struct source *source,
                      const struct flows_input *input, struct lcap_error *error)
{
    struct flows_stats *stats = &work->stats;
    char packets[COUNTED_TEXT];
    stats->inputs_read += input->opened;
    if (input->status == LCAP_ERR_FORMAT && !source->walked) {
        *error = input->error;
        return input->status;
    }
    if (input->status == LCAP_ERR_FORMAT) {
        stats->inputs_skipped++;
        return LCAP_OK;
    }
    if (input->status < 0) {
        talk_error(&input->error);
        stats->inputs_damaged++;
    }
    if (input->empty)
        talk_warning("%s: is empty", name_of(source));
    if (input->pcapml_times)
        talk_note("%s: %s with pcapml's timestamps read as seconds and microseconds",
                  name_of(source), counted(input->pcapml_times, "packet", packets));
    if (work->plan.args.verbose)
        talk_note("%s: %s", name_of(source), counted(input->packets, "packet", packets));
    return LCAP_OK;
}

static int stream_done(void *context, const struct flows_stream *stream,
                       const struct flows_result *result, struct lcap_error *error)
{
    struct flows_work *work = context;
    int rc = LCAP_OK;
    flows_stats_add(&work->stats, result);
    for (size_t i = 0; i < stream->count && rc == LCAP_OK; i++)
        rc = note_input(work, &work->plan.sources.items[stream->first + i], &result->inputs[i],
                        error);
    if (rc == LCAP_OK && work->frame && !work->plan.args.merge)
        rc = flows_frame_write(work->frame, error);
    return rc;
}

/* All outputs, so that one that cannot be written ends the run before it begins. */
static int open_all(struct flows_work *work, struct lcap_error *error)
{
    const struct flows_plan *plan = &work->plan;
    const struct flows_args *args = &plan->args;
    const struct output_options placing = {.overwrite = args->force};
    int rc = LCAP_OK;
    if (args->report)
        rc = flows_report_open(&work->report, (const char *)plan->report.data, args->compat,
                               args->force, error);
    if (rc == LCAP_OK && args->stats_json)
        rc = output_open(&work->stats_json, args->stats_json, &placing, error);
    if (rc == LCAP_OK && plan->writes)
        rc = flows_outputs_open(&work->outputs, plan, error);
    if (rc == LCAP_OK && args->preview)
        rc = table_open(&work->preview, "-", &plan->preview, NULL, error);
    if (rc == LCAP_OK && plan->frame)
        rc = flows_frame_new(&work->frame, plan, take_rows, work, error);
    return rc;
}

static int write_report(struct flows_work *work, struct lcap_error *error)
{
    const struct flows_plan *plan = &work->plan;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const struct flows_report_facts facts = {
        .source = flows_plan_only_source(plan),
        .sources = plan->sources.count,
        .filter = plan->args.protocols,
        .counts = &work->stats.counts,
        .seconds = (double)(now.tv_sec - work->begun.tv_sec) +
                   (double)(now.tv_nsec - work->begun.tv_nsec) / 1e9,
    };
    return flows_report_write(work->report, &facts, error);
}

static int close_all(struct flows_work *work, size_t *files, struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (work->preview)
        rc = table_close(work->preview, error);
    work->preview = NULL;
    if (rc == LCAP_OK && work->outputs) {
        struct flows_outputs *outputs = work->outputs;
        work->outputs = NULL;
        rc = flows_outputs_close(outputs, files, error);
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

static int run_streams(struct flows_work *work, struct lcap_error *error)
{
    size_t files = 0;
    int rc = open_all(work, error);
    if (rc == LCAP_OK)
        rc = flows_jobs_run(&work->plan, take_rows, stream_done, work, error);
    if (rc == LCAP_OK && work->frame)
        rc = flows_frame_write(work->frame, error);
    if (rc == LCAP_OK)
        rc = close_all(work, &files, error);
    progress_end();
    if (rc == LCAP_OK)
        flows_stats_talk(&work->stats, files);
    if (rc == LCAP_OK && work->stats.inputs_damaged)
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
        rc = run_streams(&work, error);
    flows_outputs_discard(work.outputs);
    table_discard(work.preview);
    flows_frame_free(work.frame);
    flows_report_free(work.report);
    output_discard(work.stats_json);
    flows_plan_release(&work.plan);
    return rc;
}
