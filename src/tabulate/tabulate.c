/* A run: makes rows from groups and passes them to tables and listeners. */
#include "tabulate/tabulate.h"

#include "tabulate/group_jobs.h"
#include "tabulate/pandas_rows.h"
#include "tabulate/shards/rows_merge.h"
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
    if (plan->options->output && !plan->options->part)
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

/* ---- shards ---- */

static int check_evicted(const struct group_result *result, struct lcap_error *error)
{
    return result->counts.evicted == 0
               ? LCAP_OK
               : lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                "more flows are open at once than --max-flows-in-memory allows: "
                                "a shard cannot write some early; give a larger number");
}

static int write_group(struct run *run, const struct input_group *group,
                       struct group_result *result, struct lcap_error *error)
{
    const struct tabulate_options *options = run->plan.options;
    const struct row_target target = rows_part_target(options->part);
    int rc = rows_part_begin_group(options->part, group, error);
    if (rc == LCAP_OK)
        rc = group_reader_extract(&run->plan, group, &target, options->share,
                                  &options->inputs.watcher, result, error);
    if (rc == LCAP_OK)
        rc = check_evicted(result, error);
    if (rc == LCAP_OK)
        rc = rows_part_end_group(options->part, result, group->count, error);
    result->rows = result->counts.flows;
    return rc == LCAP_OK ? finish_group(run, group, result, error) : rc;
}

static int write_part(struct run *run, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < run->plan.groups.count && rc == LCAP_OK; i++) {
        struct group_result result = {0};
        rc = write_group(run, &run->plan.groups.items[i], &result, error);
        group_result_release(&result);
    }
    return rc;
}

static int merge_group(struct run *run, const struct input_group *group, struct lcap_error *error)
{
    struct group_result result = {0};
    struct input_counts *inputs = &run->result->inputs;
    struct row_sink *sink;
    struct rows_end end;
    int rc = row_sink_new(&sink, &run->plan, group, &run->taker, error);
    if (rc < 0)
        return rc;
    const struct row_target target = {row_sink_take, sink, row_sink_press(sink)};
    rc = rows_merge_rows(run->plan.options->merged, &target, (unsigned)run->plan.jobs, &end, error);
    if (rc == LCAP_OK)
        rc = row_sink_finish(sink, error);
    result.rows = row_sink_rows(sink);
    row_sink_free(sink);
    if (rc < 0)
        return rc;
    result.counts = end.counts;
    inputs->read += end.read;
    inputs->damaged += end.damaged;
    inputs->skipped += end.skipped;
    return finish_group(run, group, &result, error);
}

static int merge_groups(struct run *run, struct lcap_error *error)
{
    struct rows_merge *merged = run->plan.options->merged;
    struct input_group group;
    int rc;
    while ((rc = rows_merge_group(merged, &group, error)) == 1)
        if ((rc = merge_group(run, &group, error)) < 0)
            return rc;
    return rc;
}

/* ---- the run ---- */

static int run_groups(struct run *run, struct lcap_error *error)
{
    const struct tabulate_options *options = run->plan.options;
    if (options->part)
        return write_part(run, error);
    return options->merged ? merge_groups(run, error)
                           : group_jobs_run(&run->plan, &run->taker, finish_group, error);
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
        rc = run_groups(&run, error);
    if (rc == LCAP_OK && !options->part)
        rc = input_counts_check(&result->inputs, error);
    if (rc == LCAP_OK)
        rc = close_tables(&run, error);
    table_files_discard(run.files);
    pandas_rows_free(run.pandas);
    table_plan_release(&run.plan);
    return rc;
}
