/* Runs `flows`: writes what it writes besides the tables, and reports the figures. */
#include "cmd/flows/flows_run.h"

#include "base/io/terminal.h"
#include "base/text/text.h"
#include "cmd/command.h"
#include "cmd/flows/flows_plan.h"
#include "cmd/flows/flows_report.h"
#include "cmd/inputs.h"
#include "cmd/pipe_interrupt.h"
#include "cmd/progress.h"
#include "cmd/show_result.h"
#include "cmd/talk.h"
#include "tabulate/tabulate_result.h"
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The preview and the report. */
enum { LISTENERS = 2 };

struct flows_work {
    struct flows_plan plan;
    struct row_listener listeners[LISTENERS];
    struct table *preview; /* NULL if not wanted, like all that follow */
    struct table_encoder preview_encoder;
    uint64_t previewed;
    struct flow_summary *summary;
    struct output *report, *stats_json; /* also NULL when they are written */
    struct tabulate_result result;
    struct timespec begun;
};

static int write_preview(void *context, struct buffer *buffer, struct lcap_error *error)
{
    struct flows_work *work = context;
    const int rc = table_append(work->preview, buffer->data, buffer->len, error);
    buffer_clear(buffer);
    return rc;
}

/* Each group offers as many rows as are wanted in all. */
static int preview_row(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    struct flows_work *work = context;
    struct table_encoder *encoder = &work->preview_encoder;
    if (work->previewed == work->plan.args.preview)
        return LCAP_OK;
    work->previewed++;
    const int rc = table_encode(encoder, &row->row, error);
    return rc == LCAP_OK ? write_preview(work, &encoder->buffer, error) : rc;
}

static void tell_of_input(void *context, const struct input_outcome *input)
{
    const struct flows_work *work = context;
    char packets[COUNTED_TEXT];
    inputs_tell(NULL, input);
    if (work->plan.args.verbose && input->status != LCAP_ERR_FORMAT)
        talk_note("%s: %s", input->name, text_counted(input->packets, "packet", packets));
}

static int open_preview(struct flows_work *work, struct lcap_error *error)
{
    const struct table_schema *schema = &work->plan.preview;
    /* Lines of JSON are longer than any terminal is wide, but programs want them whole. */
    const bool whole = tabulate_rows_are_json(&work->plan.options.flow) && !isatty(STDOUT_FILENO);
    const struct table_options options = {.width = whole ? 0 : terminal_columns(STDOUT_FILENO)};
    work->preview_encoder =
        (struct table_encoder){.schema = schema, .flush = write_preview, .context = work};
    return table_open(&work->preview, "-", schema, &options, error);
}

static int open_report(struct flows_work *work, struct lcap_error *error)
{
    const struct flows_args *args = &work->plan.args;
    const struct output_options placing = {.overwrite = args->force, .no_sync = args->no_sync};
    const char *place = (const char *)work->plan.report.data;
    const int rc = flow_summary_new(&work->summary, args->compat, error);
    return rc == LCAP_OK ? output_open(&work->report, place, &placing, error) : rc;
}

static void add_listeners(struct flows_work *work)
{
    struct tabulate_options *options = &work->plan.options;
    size_t count = 0;
    if (work->preview)
        work->listeners[count++] = (struct row_listener){
            .take = preview_row, .context = work, .most = work->plan.args.preview};
    if (work->summary)
        work->listeners[count++] = (struct row_listener){
            .take = flow_summary_add, .context = work->summary, .counts_only = true};
    options->listeners = work->listeners;
    options->listener_count = count;
    options->inputs.listener = tell_of_input;
    options->inputs.context = work;
}

/* An output that cannot be written ends the run before it begins. */
static int open_all(struct flows_work *work, struct lcap_error *error)
{
    const struct flows_args *args = &work->plan.args;
    const struct output_options placing = {.overwrite = args->force, .no_sync = args->no_sync};
    int rc = args->report ? open_report(work, error) : LCAP_OK;
    if (rc == LCAP_OK && args->stats_json)
        rc = output_open(&work->stats_json, args->stats_json, &placing, error);
    if (rc == LCAP_OK && args->preview)
        rc = open_preview(work, error);
    if (rc == LCAP_OK)
        add_listeners(work);
    return rc;
}

static int write_report(struct flows_work *work, struct lcap_error *error)
{
    const struct flows_plan *plan = &work->plan;
    struct output *out = work->report;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const struct flow_summary_facts facts = {
        .source = flows_plan_only_source(plan),
        .sources = work->result.inputs.read,
        .filter = plan->args.protocols,
        .counts = &work->result.counts,
        .seconds = (double)(now.tv_sec - work->begun.tv_sec) +
                   (double)(now.tv_nsec - work->begun.tv_nsec) / 1e9,
    };
    work->report = NULL;
    return flows_report_write(out, (const char *)plan->report.data, plan->args.compat,
                              work->summary, &facts, error);
}

static int close_preview(struct flows_work *work, struct lcap_error *error)
{
    struct table *preview = work->preview;
    work->preview = NULL;
    return table_close(preview, error);
}

static int close_all(struct flows_work *work, struct lcap_error *error)
{
    const int rc = work->preview ? close_preview(work, error) : LCAP_OK;
    return rc == LCAP_OK && work->report ? write_report(work, error) : rc;
}

static int show(struct flows_work *work, struct lcap_error *error)
{
    struct output *json = work->stats_json;
    struct result result;
    work->stats_json = NULL;
    result_begin(&result, error);
    tabulate_describe(&work->result, &result);
    return show_and_release(&result, json, error);
}

/*
 * `| head`: who reads a table may stop, as with what is printed for people, unless a
 * file is written, too, which would end early.
 */
static bool is_read_no_more(const struct flows_work *work, int rc)
{
    const char *output = work->plan.options.output;
    return rc == LCAP_ERR_IO && (!output || strcmp(output, "-") == 0) && !work->report &&
           !work->stats_json && command_is_read_no_more();
}

/* More columns than a person reads in lines that wrap. */
#define WIDE_TABLE 20

static void tell_of_wide_table(const struct flows_plan *plan)
{
    if (plan->options.for_terminal && plan->columns.count > WIDE_TABLE)
        talk_note("%zu columns: -o FILE writes them to a file, --preview 10 shows the main ones",
                  plan->columns.count);
}

static int run_plan(struct flows_work *work, struct lcap_error *error)
{
    int rc = open_all(work, error);
    if (rc == LCAP_OK)
        rc = tabulate_run(&work->plan.options, &work->result, error);
    progress_end();
    if (rc == LCAP_OK)
        rc = close_all(work, error);
    if (is_read_no_more(work, rc))
        return LCAP_OK;
    if (rc == LCAP_OK)
        rc = show(work, error);
    tell_of_wide_table(&work->plan);
    return inputs_status(rc, &work->result.inputs);
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
        rc = run_plan(&work, error);
    table_discard(work.preview);
    buffer_release(&work.preview_encoder.buffer);
    flow_summary_free(work.summary);
    output_discard(work.report);
    output_discard(work.stats_json);
    flows_plan_release(&work.plan);
    return rc;
}
