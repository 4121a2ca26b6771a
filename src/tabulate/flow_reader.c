/* Flows for programs. */
#include <labelcap/flow_reader.h>

#include "base/memory.h"
#include "base/sized.h"
#include "dataset/runs/run.h"
#include "features/profile.h"
#include "tabulate/tabulate.h"
#include <stdlib.h>

struct lcap_flow_reader {
    struct lcap_flow_options flow;
    struct sources sources;
    struct column_choice columns;
    struct idmap samples;
    struct tabulate_options options;
    lcap_flow_sink *sink; /* of the caller */
    void *context;
    struct lcap_cell cells[ROW_MAX_CELLS]; /* those that are wanted */
};

static int take_flow(struct lcap_flow_reader *reader, const struct lcap_flow_options *flow,
                     struct lcap_error *error)
{
    if (flow)
        return sized_take(&reader->flow, sizeof reader->flow, flow, "lcap_flow_options", error);
    reader->flow.size = sizeof reader->flow;
    lcap_flow_defaults(&reader->flow, lcap_profile_at(0), false);
    return LCAP_OK;
}

static int open_all(struct lcap_flow_reader *reader, const struct lcap_run *run,
                    const struct lcap_flow_reader_options *options, struct lcap_error *error)
{
    int rc = take_flow(reader, options->flow, error);
    const struct column_request request = {
        .flow = &reader->flow, .names = options->columns, .drop = options->drop};
    if (rc == LCAP_OK)
        rc = column_choice_make(&reader->columns, &request, NULL, error);
    if (rc == LCAP_OK)
        rc = run_list(run, &reader->sources, error);
    if (rc == LCAP_OK)
        rc = idmap_add_all(&reader->samples, options->sample_ids, options->sample_id_count, error);
    reader->options = (struct tabulate_options){
        .sources = &reader->sources,
        .inputs = run_input(run),
        .flow = reader->flow,
        .join = options->join,
        .columns = &reader->columns,
        .samples = options->sample_ids ? &reader->samples : NULL,
        .jobs = run->threads,
    };
    reader->options.flow.tmpdir = run->tmpdir ? run->tmpdir : reader->flow.tmpdir;
    return rc;
}

int lcap_flow_reader_open(struct lcap_flow_reader **reader, const struct lcap_run *run,
                          const struct lcap_flow_reader_options *options, struct lcap_error *error)
{
    struct lcap_run taken;
    struct lcap_flow_reader_options how;
    int rc = sized_take(&how, sizeof how, options, "lcap_flow_reader_options", error);
    if (rc == LCAP_OK)
        rc = run_take(&taken, run, false, 1, SIZE_MAX, error);
    struct lcap_flow_reader *opened = rc == LCAP_OK ? memory_new(1, sizeof *opened, error) : NULL;
    if (!opened)
        return rc < 0 ? rc : LCAP_ERR_MEMORY;
    taken.output = NULL;
    rc = open_all(opened, &taken, &how, error);
    if (rc < 0)
        lcap_flow_reader_free(opened);
    else
        *reader = opened;
    return rc;
}

size_t lcap_flow_reader_columns(const struct lcap_flow_reader *reader)
{
    return reader->columns.count;
}

const struct lcap_column *lcap_flow_reader_column(const struct lcap_flow_reader *reader,
                                                  size_t index)
{
    return reader->columns.wanted[index];
}

/* Passes on the cells that are wanted. */
static int take_row(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    struct lcap_flow_reader *reader = context;
    struct lcap_flow_row passed = *row;
    for (size_t i = 0; i < reader->columns.count; i++)
        reader->cells[i] = row->row.cells[reader->columns.cells[i]];
    passed.row.cells = reader->cells;
    passed.row.count = reader->columns.count;
    return reader->sink(reader->context, &passed, error);
}

int lcap_flow_reader_run(struct lcap_flow_reader *reader, lcap_flow_sink *sink, void *context,
                         struct lcap_error *error)
{
    const struct row_listener listener = {.take = take_row, .context = reader};
    struct tabulate_result done;
    reader->sink = sink;
    reader->context = context;
    reader->options.listeners = &listener;
    reader->options.listener_count = 1;
    return tabulate_run(&reader->options, &done, error);
}

void lcap_flow_reader_free(struct lcap_flow_reader *reader)
{
    if (!reader)
        return;
    column_choice_release(&reader->columns);
    idmap_release(&reader->samples);
    sources_release(&reader->sources);
    free(reader);
}
