/* Passes the packets of a group through an extractor. */
#include "tabulate/group_reader.h"

#include "base/memory.h"
#include <stdlib.h>

static int take_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    if (block->kind != LCAP_BLOCK_PACKET)
        return LCAP_OK;
    return lcap_extractor_packet(context, &block->packet, error);
}

static int read_source(const struct flows_plan *plan, size_t source,
                       struct lcap_extractor *extractor, pass_watcher *watcher,
                       struct input_outcome *outcome, struct lcap_error *error)
{
    const struct input_options reading = {
        .pcapml_times = (enum lcap_pcapml_times)plan->args.pcapml_times,
        .watcher = watcher,
    };
    const struct source *from = &plan->sources.items[source];
    struct input_pass input;
    int rc = input_pass_open(&input, from->path, from->walked, &reading, error);
    if (rc == LCAP_OK)
        rc = input_pass_walk(&input, take_block, extractor, error);
    *outcome = input.outcome;
    input_pass_close(&input);
    return rc;
}

int group_reader_run(const struct flows_plan *plan, const struct input_group *group,
                     row_taker *take, void *context, pass_watcher *watcher,
                     struct group_result *result, struct lcap_error *error)
{
    const struct lcap_flow_options options = flows_plan_options(plan, group);
    struct row_sink *rows = NULL;
    struct lcap_extractor *extractor = NULL;
    result->inputs = memory_new(group->count, sizeof *result->inputs, error);
    int rc =
        result->inputs ? row_sink_new(&rows, plan, group, take, context, error) : LCAP_ERR_MEMORY;
    if (rc == LCAP_OK)
        rc = lcap_extractor_new(&extractor, &options, row_sink_take, rows, error);
    for (size_t i = 0; i < group->count && rc == LCAP_OK; i++)
        rc = read_source(plan, group->first + i, extractor, watcher, &result->inputs[i], error);
    if (rc == LCAP_OK)
        rc = lcap_extractor_finish(extractor, error);
    if (rc == LCAP_OK)
        rc = row_sink_finish(rows, error);
    if (rc == LCAP_OK) {
        result->counts = *lcap_extractor_counts(extractor);
        result->rows = row_sink_written(rows);
    }
    lcap_extractor_free(extractor);
    row_sink_free(rows);
    return rc;
}

void group_result_release(struct group_result *result)
{
    free(result->inputs);
}
