/* A summary of flows in labelcap's layout: without dates, so equal runs give equal bytes. */
#include "tabulate/flow_summary_text.h"

#include "base/number/exact.h"
#include "base/text/text.h"
#include "packet/address_text.h"
#include "packet/packet_headers.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
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

static double percent(uint64_t part, uint64_t whole)
{
    return whole ? 100 * exact_ratio(part, whole) : 0;
}

/* A line of text, underlined. */
static int heading(struct buffer *out, const char *text, char line, struct lcap_error *error)
{
    int rc = buffer_printf(out, error, "%s%s\n", out->len ? "\n" : "", text);
    for (size_t i = 0; i < strlen(text) && rc == LCAP_OK; i++)
        rc = buffer_append(out, &line, 1, error);
    return rc == LCAP_OK ? buffer_append_text(out, "\n", error) : rc;
}

/* A name may contain anything, and the text may go to a terminal. */
static int tell_source(const char *source, struct buffer *out, struct lcap_error *error)
{
    int rc = buffer_append_text(out, "source   ", error);
    if (rc == LCAP_OK)
        rc = text_append_escaped(out, source, strlen(source), error);
    return rc == LCAP_OK ? buffer_append_text(out, "\n", error) : rc;
}

static int tell_run(const struct flow_summary *summary, const struct flow_summary_facts *facts,
                    struct buffer *out, struct lcap_error *error)
{
    const struct lcap_flow_counts *counts = facts->counts;
    char read[GROUPED_TEXT], taken[GROUPED_TEXT], flows[GROUPED_TEXT];
    int rc = heading(out, "Flows", '=', error);
    if (rc == LCAP_OK)
        rc = facts->source ? tell_source(facts->source, out, error)
                           : buffer_printf(out, error, "sources  %zu\n", facts->sources);
    if (rc == LCAP_OK && facts->filter)
        rc = buffer_printf(out, error, "only     %s\n", facts->filter);
    if (rc == LCAP_OK)
        rc = buffer_printf(out, error, "packets  %s read, %s in flows\nflows    %s\n",
                           text_grouped(counts->packets, read),
                           text_grouped(counts->in_flows, taken),
                           text_grouped(summary->flows, flows));
    return rc;
}

static int tell_protocols(const struct flow_summary *summary, struct buffer *out,
                          struct lcap_error *error)
{
    int rc = heading(out, "Protocols", '-', error);
    if (rc == LCAP_OK)
        rc = buffer_printf(out, error, "%-12s %13s %7s %15s %19s\n", "", "flows", "share",
                           "packets", "bytes");
    for (size_t i = 0; i < summary->protocol_count && rc == LCAP_OK; i++) {
        const struct summary_protocol *item = &summary->protocols[i];
        char flows[GROUPED_TEXT], packets[GROUPED_TEXT], bytes[GROUPED_TEXT];
        rc = buffer_printf(out, error, "%-12s %13s %6.1f%% %15s %19s\n", item->name,
                           text_grouped(item->flows, flows), percent(item->flows, summary->flows),
                           text_grouped(item->packets, packets), text_grouped(item->bytes, bytes));
    }
    return rc;
}

static int tell_sizes(struct flow_summary *summary, struct buffer *out, struct lcap_error *error)
{
    const struct power_sums durations = quantile_sketch_sums(&summary->sketch).powers;
    const bool exact = summary->flows <= SKETCH_EXACT;
    char packets[GROUPED_TEXT], bytes[GROUPED_TEXT];
    double quartiles[3];
    quantile_sketch_quartiles(&summary->sketch, NS_PER_SECOND, quartiles);
    int rc = heading(out, "Of a flow", '-', error);
    if (rc == LCAP_OK)
        rc = buffer_printf(out, error, "%-12s %17s %17s %17s\n%-12s %17.6f %17.6f %17.6f%s\n", "",
                           "mean", "median", "most", "seconds",
                           series_mean(&durations, NS_PER_SECOND), quartiles[1],
                           (double)durations.max / 1e9, exact ? "" : "  (median within 0.4 %)");
    if (rc == LCAP_OK)
        rc = buffer_printf(out, error, "%-12s %17.1f %17s %17s\n%-12s %17.1f %17s %17s\n",
                           "packets", exact_ratio(summary->packets, summary->flows), "",
                           text_grouped(summary->max_packets, packets), "bytes",
                           exact_ratio(summary->bytes, summary->flows), "",
                           text_grouped(summary->max_bytes, bytes));
    return rc;
}

static int tell_end(const struct summary_flow *flow, int end, struct buffer *out,
                    struct lcap_error *error)
{
    char address[ADDRESS_TEXT];
    address_to_text(flow->family, flow->addresses[end], address);
    if (!flow->ports[0] && !flow->ports[1])
        return buffer_append_text(out, address, error);
    return buffer_printf(out, error, flow->family == FAMILY_IPV6 ? "[%s]:%u" : "%s:%u", address,
                         flow->ports[end]);
}

static int tell_largest(const struct summary_largest *largest, const char *title,
                        struct buffer *out, struct lcap_error *error)
{
    int rc = heading(out, title, '-', error);
    for (size_t i = 0; i < largest->count && rc == LCAP_OK; i++) {
        const struct summary_flow *flow = &largest->flows[i];
        char packets[COUNTED_TEXT], bytes[COUNTED_TEXT];
        rc =
            buffer_printf(out, error, "%23s %25s  ", text_counted(flow->packets, "packet", packets),
                          text_counted(flow->bytes, "byte", bytes));
        if (rc == LCAP_OK)
            rc = tell_end(flow, 0, out, error);
        if (rc == LCAP_OK)
            rc = buffer_append_text(out, " <-> ", error);
        if (rc == LCAP_OK)
            rc = tell_end(flow, 1, out, error);
        if (rc == LCAP_OK)
            rc = buffer_printf(out, error, " (%s)\n", flow->protocol);
    }
    return rc;
}

static int tell_directions(const struct flow_summary *summary, struct buffer *out,
                           struct lcap_error *error)
{
    const uint64_t one_way = summary->flows - summary->bidirectional;
    char both[GROUPED_TEXT], one[GROUPED_TEXT];
    int rc = heading(out, "Directions", '-', error);
    if (rc == LCAP_OK)
        rc = buffer_printf(out, error, "%-12s %13s %6.1f%%\n%-12s %13s %6.1f%%\n", "both ways",
                           text_grouped(summary->bidirectional, both),
                           percent(summary->bidirectional, summary->flows), "one way",
                           text_grouped(one_way, one), percent(one_way, summary->flows));
    return rc;
}

static int tell_skipped(const struct lcap_flow_counts *counts, struct buffer *out,
                        struct lcap_error *error)
{
    char text[GROUPED_TEXT];
    int rc = LCAP_OK;
    if (counts->packets == counts->in_flows)
        return LCAP_OK;
    rc = heading(out, "Packets in no flow", '-', error);
    for (int reason = 1; reason < LCAP_SKIP_REASONS && rc == LCAP_OK; reason++)
        if (counts->skipped[reason])
            rc =
                buffer_printf(out, error, "%26s  %s\n", text_grouped(counts->skipped[reason], text),
                              lcap_skip_text((enum lcap_skip)reason));
    return rc;
}

int flow_summary_own_text(struct flow_summary *summary, const struct flow_summary_facts *facts,
                          struct buffer *out, struct lcap_error *error)
{
    flow_summary_sort_protocols(summary);
    int rc = tell_run(summary, facts, out, error);
    if (rc == LCAP_OK && summary->flows) {
        rc = tell_protocols(summary, out, error);
        if (rc == LCAP_OK)
            rc = tell_sizes(summary, out, error);
        if (rc == LCAP_OK)
            rc = tell_directions(summary, out, error);
        if (rc == LCAP_OK)
            rc = tell_largest(&summary->by_packets, "Most packets", out, error);
        if (rc == LCAP_OK)
            rc = tell_largest(&summary->by_bytes, "Most bytes", out, error);
    }
    return rc == LCAP_OK ? tell_skipped(facts->counts, out, error) : rc;
}
