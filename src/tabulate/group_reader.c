/* Passes the packets of a group through an extractor. */
#include "tabulate/group_reader.h"

#include "base/memory.h"
#include "dataset/shard/packet_buckets.h"
#include <stdlib.h>

static int take_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    if (block->kind != LCAP_BLOCK_PACKET)
        return LCAP_OK;
    return lcap_extractor_packet(context, &block->packet, error);
}

static int take_shared(void *context, const struct shared_packet *shared, struct lcap_error *error)
{
    const struct lcap_label *label = shared->labelled ? &shared->label : NULL;
    const struct passing_packet passing = {shared->packet, shared->skip, shared->unknown_type};
    return shared->passes ? extractor_pass(context, &passing, label, error)
                          : extractor_packet_of(context, &shared->packet, label, error);
}

/* The input itself is only opened: its packets are in buckets. */
static int read_share(struct share_packets *packets, struct input_pass *input,
                      struct lcap_extractor *extractor, struct lcap_error *error)
{
    const struct share_taker taker = {.packet = take_shared, .context = extractor};
    struct share_input read;
    const int rc = share_packets_read(packets, input->number, &taker, &read, error);
    if (rc < 0)
        return rc;
    input->outcome.packets = read.packets;
    if (read.damage) {
        input->outcome.status = LCAP_ERR_DAMAGED;
        lcap_error_set(&input->outcome.error, LCAP_ERR_DAMAGED, "%s", read.damage);
    }
    return input->reader ? input_pass_tell(input, error) : LCAP_OK;
}

static int read_source(const struct tabulate_options *from, size_t number,
                       const struct input_options *options, struct lcap_extractor *extractor,
                       struct input_outcome *outcome, struct lcap_error *error)
{
    const struct source *source = &from->sources->items[number];
    struct input_pass input;
    int rc = input_pass_open(&input, source->path, source->walked, options, error);
    input.number = number;
    if (rc == LCAP_OK)
        rc = from->packets ? read_share(from->packets, &input, extractor, error)
                           : input_pass_walk(&input, take_block, extractor, error);
    *outcome = input.outcome;
    input_pass_close(&input);
    return rc;
}

static int read_sources(const struct table_plan *plan, const struct input_group *group,
                        struct lcap_extractor *extractor, const struct lcap_watcher *watcher,
                        struct input_outcome *inputs, struct lcap_error *error)
{
    struct input_options options = plan->options->inputs;
    int rc = LCAP_OK;
    options.watcher = *watcher;
    for (size_t i = 0; i < group->count && rc == LCAP_OK; i++)
        rc = read_source(plan->options, group->first + i, &options, extractor, &inputs[i], error);
    return rc == LCAP_OK ? lcap_extractor_finish(extractor, error) : rc;
}

/* Few groups have any. */
static int keep_unknown(const struct lcap_extractor *extractor, struct group_result *result,
                        struct lcap_error *error)
{
    struct lcap_unknown_type type;
    size_t count = 0;
    while (lcap_extractor_unknown_type(extractor, count, &type))
        count++;
    if (count == 0)
        return LCAP_OK;
    result->unknown = memory_new(count, sizeof *result->unknown, error);
    if (!result->unknown)
        return LCAP_ERR_MEMORY;
    result->unknown_count = count;
    while (count-- > 0)
        lcap_extractor_unknown_type(extractor, count, &result->unknown[count]);
    return LCAP_OK;
}

int group_reader_extract(const struct table_plan *plan, const struct input_group *group,
                         const struct row_target *target, struct flow_share share,
                         const struct lcap_watcher *watcher, struct group_result *result,
                         struct lcap_error *error)
{
    const struct lcap_flow_options flow = table_plan_flow(plan, group);
    struct lcap_extractor *extractor = NULL;
    result->inputs = memory_new(group->count, sizeof *result->inputs, error);
    int rc = result->inputs ? extractor_new_sharing(&extractor, &flow, target, share, error)
                            : LCAP_ERR_MEMORY;
    if (rc == LCAP_OK)
        rc = read_sources(plan, group, extractor, watcher, result->inputs, error);
    if (rc == LCAP_OK)
        rc = keep_unknown(extractor, result, error);
    if (rc == LCAP_OK)
        result->counts = *lcap_extractor_counts(extractor);
    lcap_extractor_free(extractor);
    return rc;
}

int group_reader_run(const struct table_plan *plan, const struct input_group *group,
                     const struct row_taker *taker, const struct lcap_watcher *watcher,
                     struct group_result *result, struct lcap_error *error)
{
    const struct flow_share all = {0};
    struct row_sink *sink = NULL;
    int rc = row_sink_new(&sink, plan, group, taker, error);
    if (rc < 0)
        return rc;
    const struct row_target target = {row_sink_take, sink, row_sink_press(sink)};
    rc = group_reader_extract(plan, group, &target, all, watcher, result, error);
    if (rc == LCAP_OK)
        rc = row_sink_finish(sink, error);
    result->rows = row_sink_rows(sink);
    row_sink_free(sink);
    return rc;
}

void group_result_release(struct group_result *result)
{
    free(result->inputs);
    free(result->unknown);
}
