/* Rows: what all profiles say about a flow, and the cells of the profile in the order of its
 * columns. */
#include "base/time_distance.h"
#include "features/profile.h"
#include "packet/address_text.h"
#include <string.h>

struct sample flow_sample(const struct engine_setup *setup, const struct flow *flow)
{
    if (flow->key.sample == NO_SAMPLE)
        return (struct sample){.metadata = NULL};
    return sample_registry_get(setup->samples, flow->key.sample);
}

struct lcap_flow_row row_summary(const struct engine_setup *setup, const struct flow *flow,
                                 const struct sample *sample)
{
    const char *metadata = sample->metadata ? sample->metadata : setup->options->metadata;
    const int source = flow_source(flow);
    struct lcap_flow_row summary = {
        .number = flow->number,
        .has_label = sample->metadata != NULL,
        .sample_id = sample->id,
        .metadata = metadata ? metadata : "",
        .family = flow->key.family,
        .ports = {flow->key.port[source], flow->key.port[!source]},
        .dns = flow->dns,
        .order = {flow->order.packet, flow->order.step, flow->order.place},
    };
    memcpy(summary.addresses[0], flow->key.address[source], sizeof summary.addresses[0]);
    memcpy(summary.addresses[1], flow->key.address[!source], sizeof summary.addresses[1]);
    return summary;
}

struct lcap_flow_row row_summary_assembled(const struct engine_setup *setup,
                                           const struct flow *flow, const struct sample *sample)
{
    const int source = flow_source(flow);
    struct lcap_flow_row summary = row_summary(setup, flow, sample);
    summary.ports[0] = flow_port(flow, source);
    summary.ports[1] = flow_port(flow, !source);
    summary.protocol = protocol_name(flow->key.family, flow->key.protocol);
    summary.duration_ns = time_between(flow->first_ns, flow->last_ns);
    return summary;
}

int row_emit(const struct engine_setup *setup, const struct profile_column *columns,
             const void *row, struct lcap_flow_row *summary, struct lcap_error *error)
{
    struct lcap_cell cells[ROW_MAX_CELLS];
    size_t count = 0;
    for (const struct profile_column *column = columns; column->column.name; column++) {
        if (count == ROW_MAX_CELLS)
            return lcap_error_set(error, LCAP_ERR_ARGUMENT, "a row of more than %d cells",
                                  ROW_MAX_CELLS);
        memcpy(&cells[count++], (const char *)row + column->offset, sizeof *cells);
    }
    summary->row.cells = cells;
    summary->row.count = count;
    setup->counts->flows++;
    return setup->sink(setup->sink_context, summary, error);
}
