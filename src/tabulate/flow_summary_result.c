/* Describes a summary of flows: without dates, so equal runs give equal bytes. */
#include "base/number/exact.h"
#include "packet/address_text.h"
#include "packet/packet_headers.h"
#include "tabulate/flow_summary_data.h"
#include "tabulate/tabulate_result.h"
#include <stdio.h>
#include <string.h>

void flow_summary_sort_protocols(struct flow_summary *summary)
{
    struct summary_protocol *items = summary->protocols;
    for (size_t i = 1; i < summary->protocol_count; i++) {
        const struct summary_protocol item = items[i];
        size_t at = i;
        for (; at > 0 && items[at - 1].flows < item.flows; at--)
            items[at] = items[at - 1];
        items[at] = item;
    }
}

static struct result_value share_of(uint64_t part, uint64_t whole)
{
    return result_share(whole ? exact_ratio(part, whole) : 0);
}

static void describe_run(const struct flow_summary *summary, const struct flow_summary_facts *facts,
                         struct result *result)
{
    if (facts->source)
        result_add(result, "source", "Source", result_string(facts->source));
    else
        result_add(result, "sources", "Sources", result_count(facts->sources));
    if (facts->filter)
        result_add(result, "protocols_wanted", "Only", result_string(facts->filter));
    result_add(result, "packets", "Packets", result_count(facts->counts->packets));
    result_add(result, "in_flows", "Packets in flows", result_count(facts->counts->in_flows));
    result_add(result, "flows", "Flows", result_count(summary->flows));
}

static const struct result_column protocol_columns[] = {
    {"protocol", "protocol", RESULT_TEXT, 1, 0}, {"flows", "flows", RESULT_COUNT, 2, 0},
    {"share", "share", RESULT_SHARE, 3, 0},      {"packets", "packets", RESULT_COUNT, 4, 0},
    {"bytes", "bytes", RESULT_COUNT, 5, 0},
};

static void fill_protocol(const void *owner, size_t index, struct result_row *row)
{
    const struct flow_summary *summary = owner;
    const struct summary_protocol *item = &summary->protocols[index];
    result_row_add(row, result_string(item->name));
    result_row_add(row, result_count(item->flows));
    result_row_add(row, share_of(item->flows, summary->flows));
    result_row_add(row, result_count(item->packets));
    result_row_add(row, result_count(item->bytes));
}

static struct result_value rounded_ns(double ns)
{
    return result_duration((uint64_t)(ns + 0.5));
}

static void describe_sizes(struct flow_summary *summary, struct result *result)
{
    const struct power_sums durations = quantile_sketch_sums(&summary->sketch).powers;
    double quartiles[3];
    quantile_sketch_quartiles(&summary->sketch, 1, quartiles);
    result_open(result, "flow", "Per flow");
    result_add(result, "mean_duration_ns", "Mean duration", rounded_ns(series_mean(&durations, 1)));
    result_add(result, "median_duration_ns", "Median duration", rounded_ns(quartiles[1]));
    result_add(result, "longest_duration_ns", "Longest duration",
               result_duration((uint64_t)durations.max));
    result_add(result, "mean_packets", "Mean packets",
               result_real(exact_ratio(summary->packets, summary->flows)));
    result_add(result, "most_packets", "Most packets", result_count(summary->max_packets));
    result_add(result, "mean_bytes", "Mean bytes",
               result_real(exact_ratio(summary->bytes, summary->flows)));
    result_add(result, "most_bytes", "Most bytes", result_count(summary->max_bytes));
    if (summary->flows > SKETCH_EXACT)
        result_say(result, NULL, "The median is within 0.4 %% of the true value.");
    result_close(result);
}

static const struct result_column direction_columns[] = {
    {"direction", "direction", RESULT_TEXT, 1, 0},
    {"flows", "flows", RESULT_COUNT, 2, 0},
    {"share", "share", RESULT_SHARE, 3, 0},
};

static void fill_directions(const void *owner, size_t index, struct result_row *row)
{
    const struct flow_summary *summary = owner;
    const uint64_t both = summary->bidirectional;
    const uint64_t flows = index == 0 ? both : summary->flows - both;
    result_row_add(row, result_string(index == 0 ? "both ways" : "one way"));
    result_row_add(row, result_count(flows));
    result_row_add(row, share_of(flows, summary->flows));
}

/* Room for an IPv4 address with its port. */
#define LEAST_OF_END 21

static const struct result_column largest_columns[] = {
    {"from", "from", RESULT_TEXT, 1, LEAST_OF_END}, {"to", "to", RESULT_TEXT, 2, LEAST_OF_END},
    {"protocol", "protocol", RESULT_TEXT, 3, 0},    {"packets", "packets", RESULT_COUNT, 4, 0},
    {"bytes", "bytes", RESULT_COUNT, 5, 0},
};

/* An address, and the port in flows that have ports. */
static void add_end(struct result_row *row, const struct summary_flow *flow, int end)
{
    char address[ADDRESS_TEXT];
    address_to_text(flow->family, flow->addresses[end], address);
    if (!flow->ports[0] && !flow->ports[1])
        result_row_printf(row, "%s", address);
    else
        result_row_printf(row, flow->family == FAMILY_IPV6 ? "[%s]:%u" : "%s:%u", address,
                          flow->ports[end]);
}

static void fill_largest(const void *owner, size_t index, struct result_row *row)
{
    const struct summary_largest *largest = owner;
    const struct summary_flow *flow = &largest->flows[index];
    add_end(row, flow, 0);
    add_end(row, flow, 1);
    result_row_add(row, result_string(flow->protocol));
    result_row_add(row, result_count(flow->packets));
    result_row_add(row, result_count(flow->bytes));
}

static void describe_largest(const struct summary_largest *largest, const char *key,
                             const char *title, struct result *result)
{
    const struct result_table table = {RESULT_COLUMNS(largest_columns), largest->count,
                                       fill_largest, largest};
    result_add_table(result, key, title, &table);
}

static void describe_flows(struct flow_summary *summary, struct result *result)
{
    const struct result_table protocols = {RESULT_COLUMNS(protocol_columns),
                                           summary->protocol_count, fill_protocol, summary};
    const struct result_table directions = {RESULT_COLUMNS(direction_columns), 2, fill_directions,
                                            summary};
    flow_summary_sort_protocols(summary);
    result_add_table(result, "protocols", "Protocols", &protocols);
    describe_sizes(summary, result);
    result_add_table(result, "directions", "Directions", &directions);
    describe_largest(&summary->by_packets, "by_packets", "Flows with the most packets", result);
    describe_largest(&summary->by_bytes, "by_bytes", "Flows with the most bytes", result);
}

void flow_summary_describe(struct flow_summary *summary, const struct flow_summary_facts *facts,
                           struct result *result)
{
    describe_run(summary, facts, result);
    if (summary->flows)
        describe_flows(summary, result);
    skipped_describe(facts->counts, result);
}
