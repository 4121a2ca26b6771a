/* A run: makes rows from groups and passes them to tables and listeners. */
#include "tabulate/tabulate.h"

#include "tabulate/group_jobs.h"
#include "tabulate/pandas_rows.h"
#include "tabulate/table_files.h"
#include "tabulate/table_plan.h"

struct run {
    struct table_plan plan;
    struct row_taker taker;
    struct table_files *files;  /* NULL: no table is wanted */
    struct pandas_rows *pandas; /* NULL: rows do not wait for each other */
    struct tabulate_result *result;
};

static int take_encoded(void *context, const char *part, uint64_t rows, const void *bytes,
                        size_t len, struct lcap_error *error)
{
    struct run *run = context;
    return table_files_append(run->files, part, rows, bytes, len, error);
}

static int take_row(void *context, const struct row_listener *listener, const char *part,
                    const struct lcap_flow_row *row, struct lcap_error *error)
{
    struct run *run = context;
    return listener ? listener->take(listener->context, row, error)
                    : pandas_rows_add(run->pandas, part, row, error);
}

static void add_counts(struct tabulate_result *result, const struct group_result *group)
{
    struct lcap_flow_counts *all = &result->counts;
    const struct lcap_flow_counts *one = &group->counts;
    all->packets += one->packets;
    all->labelled += one->labelled;
    all->in_flows += one->in_flows;
    for (size_t i = 0; i < LCAP_SKIP_REASONS; i++)
        all->skipped[i] += one->skipped[i];
    for (size_t i = 0; i < group->unknown_count; i++)
        unknown_types_add(&result->unknown, &group->unknown[i]);
    all->flows += one->flows;
    all->evicted += one->evicted;
    all->time_backwards += one->time_backwards;
    all->unknown_fragments += one->unknown_fragments;
    if (one->peak_flows > all->peak_flows)
        all->peak_flows = one->peak_flows;
    result->rows += group->rows;
}

static void settle_input(const struct run *run, size_t source, const struct input_outcome *input)
{
    const struct input_options *options = &run->plan.options->inputs;
    input_counts_add(&run->result->inputs, input);
    if (input->status != LCAP_ERR_FORMAT)
        class_folders_add(&run->result->inputs.folders, &run->plan.options->sources->items[source]);
    if (options->listener)
        options->listener(options->context, input);
}

static int finish_group(void *context, const struct input_group *group,
                        const struct group_result *result, struct lcap_error *error)
{
    struct run *run = context;
    add_counts(run->result, result);
    for (size_t i = 0; i < group->count; i++)
        settle_input(run, group->first + i, &result->inputs[i]);
    return run->pandas && !run->plan.options->columns->source_file
               ? pandas_rows_write(run->pandas, error)
               : LCAP_OK;
}

/* Opens the tables before anything is read, so that one that cannot be written ends the run. */
static int open_tables(struct run *run, struct lcap_error *error)
{
    const struct table_plan *plan = &run->plan;
    int rc = LCAP_OK;
    if (plan->options->output)
        rc = table_files_open(&run->files, plan, error);
    if (rc == LCAP_OK && plan->waits)
        rc = pandas_rows_new(&run->pandas, plan, &run->taker, error);
    return rc;
}

static int close_tables(struct run *run, struct lcap_error *error)
{
    struct table_files *files = run->files;
    const int rc = run->pandas ? pandas_rows_write(run->pandas, error) : LCAP_OK;
    if (rc < 0 || !files)
        return rc;
    run->files = NULL;
    return table_files_close(files, &run->result->files, error);
}

int tabulate_run(const struct tabulate_options *options, struct tabulate_result *result,
                 struct lcap_error *error)
{
    struct run run = {.result = result};
    run.taker = (struct row_taker){.encoded = take_encoded, .row = take_row, .context = &run};
    *result = (struct tabulate_result){.inputs = input_counts_of(options->sources),
                                       .has_classes = options->classes || options->flow.metadata};
    int rc = table_plan_init(&run.plan, options, error);
    if (rc == LCAP_OK)
        rc = open_tables(&run, error);
    if (rc == LCAP_OK)
        rc = group_jobs_run(&run.plan, &run.taker, finish_group, error);
    if (rc == LCAP_OK)
        rc = close_tables(&run, error);
    table_files_discard(run.files);
    pandas_rows_free(run.pandas);
    table_plan_release(&run.plan);
    return rc;
}
