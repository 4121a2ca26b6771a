/* Runs `flows`: writes what it writes besides the tables. */
#include "tabulate/flows/flows_run.h"

#include "base/io/terminal.h"
#include "tabulate/flows/flows_plan.h"
#include "tabulate/flows/flows_report.h"
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The preview and the report. */
enum { LISTENERS = 2 };

struct flows_work {
    struct flows_plan *plan;
    struct row_listener listeners[LISTENERS];
    struct table *preview; /* NULL if not wanted, like all that follow */
    struct table_encoder preview_encoder;
    uint64_t previewed;
    struct flow_summary *summary;
    struct output *report; /* also NULL when it is written */
    struct tabulate_result *result;
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
    if (work->previewed == work->plan->wanted.preview)
        return LCAP_OK;
    work->previewed++;
    const int rc = table_encode(encoder, &row->row, error);
    return rc == LCAP_OK ? write_preview(work, &encoder->buffer, error) : rc;
}

static int open_preview(struct flows_work *work, struct lcap_error *error)
{
    const struct table_schema *schema = &work->plan->preview;
    /* Lines of JSON are longer than any terminal is wide, but programs want them whole. */
    const bool whole = tabulate_rows_are_json(&work->plan->options.flow) && !isatty(STDOUT_FILENO);
    const struct table_options options = {.width = whole ? 0 : terminal_columns(STDOUT_FILENO)};
    work->preview_encoder =
        (struct table_encoder){.schema = schema, .flush = write_preview, .context = work};
    return table_open(&work->preview, "-", schema, &options, error);
}

static int open_report(struct flows_work *work, struct lcap_error *error)
{
    const struct flows_request *wanted = &work->plan->wanted;
    const struct output_options placing = {.overwrite = wanted->overwrite,
                                           .no_sync = wanted->no_sync};
    const char *place = (const char *)work->plan->report.data;
    const int rc = flow_summary_new(&work->summary, wanted->compat, error);
    return rc == LCAP_OK ? output_open(&work->report, place, &placing, error) : rc;
}

static void add_listeners(struct flows_work *work)
{
    struct tabulate_options *options = &work->plan->options;
    size_t count = 0;
    if (work->preview)
        work->listeners[count++] = (struct row_listener){
            .take = preview_row, .context = work, .most = work->plan->wanted.preview};
    if (work->summary)
        work->listeners[count++] = (struct row_listener){
            .take = flow_summary_add, .context = work->summary, .counts_only = true};
    options->listeners = work->listeners;
    options->listener_count = count;
}

/* An output that cannot be written ends the run before it begins. */
static int open_all(struct flows_work *work, struct lcap_error *error)
{
    const struct flows_request *wanted = &work->plan->wanted;
    int rc = wanted->report ? open_report(work, error) : LCAP_OK;
    if (rc == LCAP_OK && wanted->preview)
        rc = open_preview(work, error);
    if (rc == LCAP_OK)
        add_listeners(work);
    return rc;
}

static int write_report(struct flows_work *work, struct lcap_error *error)
{
    const struct flows_plan *plan = work->plan;
    struct output *out = work->report;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const struct flow_summary_facts facts = {
        .source = flows_plan_only_source(plan),
        .sources = work->result->inputs.read,
        .filter = plan->wanted.protocols,
        .counts = &work->result->counts,
        .seconds = (double)(now.tv_sec - work->begun.tv_sec) +
                   (double)(now.tv_nsec - work->begun.tv_nsec) / 1e9,
    };
    work->report = NULL;
    return flows_report_write(out, (const char *)plan->report.data, plan->wanted.compat,
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

int flows_run(struct flows_plan *plan, struct tabulate_result *result, struct lcap_error *error)
{
    struct flows_work work = {.plan = plan, .result = result};
    clock_gettime(CLOCK_MONOTONIC, &work.begun);
    int rc = open_all(&work, error);
    if (rc == LCAP_OK)
        rc = tabulate_run(&plan->options, result, error);
    if (rc == LCAP_OK)
        rc = close_all(&work, error);
    table_discard(work.preview);
    buffer_release(&work.preview_encoder.buffer);
    flow_summary_free(work.summary);
    output_discard(work.report);
    return rc;
}
