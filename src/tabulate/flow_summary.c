/* Collects the data of a summary. */
#include "tabulate/flow_summary.h"

#include "base/memory.h"
#include "base/text/text.h"
#include "tabulate/flow_summary_data.h"
#include <stdlib.h>
#include <string.h>

int flow_summary_new(struct flow_summary **summary, bool compat, struct lcap_error *error)
{
    struct flow_summary *new = memory_new(1, sizeof *new, error);
    if (!new)
        return LCAP_ERR_MEMORY;
    new->compat = compat;
    new->by_packets.wanted = new->by_bytes.wanted = compat ? 5 : SUMMARY_TOP;
    *summary = new;
    return LCAP_OK;
}

static int count_protocol(struct flow_summary *summary, const struct lcap_flow_row *row,
                          struct lcap_error *error)
{
    void *items = summary->protocols;
    struct summary_protocol *at = summary->protocols;
    size_t i = 0;
    while (i < summary->protocol_count && strcmp(at[i].name, row->protocol) != 0)
        i++;
    if (i == summary->protocol_count) {
        const int rc = memory_grow(&items, &summary->protocol_capacity, i + 1, sizeof *at, error);
        if (rc < 0)
            return rc;
        at = summary->protocols = items;
        at[i] = (struct summary_protocol){.name = row->protocol};
        summary->protocol_count++;
    }
    at[i].flows++;
    at[i].packets += row->packets;
    at[i].bytes += row->bytes;
    return LCAP_OK;
}

static int count_duration(struct flow_summary *summary, const struct lcap_flow_row *row,
                          struct lcap_error *error)
{
    if (!summary->compat)
        return quantile_sketch_add(&summary->sketch, row->duration_ns > 0 ? row->duration_ns : 0,
                                   error);
    void *durations = summary->durations;
    const int rc = memory_grow(&durations, &summary->durations_capacity, summary->flows + 1,
                               sizeof *summary->durations, error);
    if (rc < 0)
        return rc;
    summary->durations = durations;
    summary->durations[summary->flows] = (double)row->duration_ns / NS_PER_SECOND;
    return LCAP_OK;
}

/* Flows of the same size keep their order of arrival. */
static void keep_largest(struct summary_largest *largest, const struct lcap_flow_row *row,
                         uint64_t size)
{
    size_t at = largest->count;
    while (at > 0 && largest->flows[at - 1].size < size)
        at--;
    if (at == largest->wanted)
        return;
    if (largest->count < largest->wanted)
        largest->count++;
    memmove(&largest->flows[at + 1], &largest->flows[at],
            (largest->count - 1 - at) * sizeof *largest->flows);
    struct summary_flow *flow = &largest->flows[at];
    *flow = (struct summary_flow){
        .size = size,
        .packets = row->packets,
        .bytes = row->bytes,
        .protocol = row->protocol,
        .family = row->family,
        .ports = {row->ports[0], row->ports[1]},
    };
    memcpy(flow->addresses, row->addresses, sizeof flow->addresses);
}

int flow_summary_add(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    struct flow_summary *summary = context;
    int rc = count_protocol(summary, row, error);
    if (rc == LCAP_OK)
        rc = count_duration(summary, row, error);
    if (rc < 0)
        return rc;
    summary->flows++;
    summary->bidirectional += row->bidirectional;
    summary->packets += row->packets;
    summary->bytes += row->bytes;
    if (row->packets > summary->max_packets)
        summary->max_packets = row->packets;
    if (row->bytes > summary->max_bytes)
        summary->max_bytes = row->bytes;
    keep_largest(&summary->by_packets, row, row->packets);
    keep_largest(&summary->by_bytes, row, row->bytes);
    return LCAP_OK;
}

void flow_summary_free(struct flow_summary *summary)
{
    if (!summary)
        return;
    quantile_sketch_release(&summary->sketch);
    free(summary->protocols);
    free(summary->durations);
    free(summary);
}
