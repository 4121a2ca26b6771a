/*
 * A summary of flows in the layout of NexusFlowMeter's report. Its times are those of
 * the run, in UTC; for several sources it gives their number.
 */
#include "base/number/exact.h"
#include "base/text/utc.h"
#include "packet/address_text.h"
#include "tabulate/flow_summary_data.h"
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#define LINE_25 "-------------------------\n"
#define LINE_30 "------------------------------\n"
#define LINE_40 "----------------------------------------\n"
#define LINE_50 "==================================================\n"

static int tell_source(const struct flow_summary_facts *facts, struct buffer *out,
                       struct lcap_error *error)
{
    const int rc = buffer_append_text(out, "PCAP Flow Analysis Report\n" LINE_50 "\n", error);
    if (rc < 0)
        return rc;
    return facts->source ? buffer_printf(out, error, "Source file: %s\n", facts->source)
                         : buffer_printf(out, error, "Source files: %" PRIu64 "\n", facts->sources);
}

static int tell_run(const struct flow_summary *summary, const struct flow_summary_facts *facts,
                    struct buffer *out, struct lcap_error *error)
{
    char now_text[sizeof "2026-11-21 02:07:55"];
    struct tm tm;
    utc_from_seconds(time(NULL), &tm);
    strftime(now_text, sizeof now_text, "%Y-%m-%d %H:%M:%S", &tm);
    return buffer_printf(out, error,
                         "Analysis time: %s\nProcessing duration: %.2f seconds\n"
                         "Total flows analyzed: %" PRIu64 "\n\n",
                         now_text, facts->seconds, summary->flows);
}

/* In lower case, separated by ", ". */
static int tell_filter(const char *filter, struct buffer *out, struct lcap_error *error)
{
    if (!filter)
        return LCAP_OK;
    int rc = buffer_append_text(out, "Protocol filter applied: ", error);
    for (const char *at = filter; *at && rc == LCAP_OK; at++) {
        const char letter = (char)tolower((unsigned char)*at);
        if (letter == ',')
            rc = buffer_append_text(out, ", ", error);
        else if (letter != ' ')
            rc = buffer_append(out, &letter, 1, error);
    }
    return rc == LCAP_OK ? buffer_append_text(out, "\n", error) : rc;
}

/* In the steps of the original: a fraction, then times 100. */
static double percent(uint64_t part, uint64_t whole)
{
    return (double)part / (double)whole * 100;
}

static int tell_protocols(const struct flow_summary *summary, struct buffer *out,
                          struct lcap_error *error)
{
    int rc = buffer_append_text(out, "Protocol Distribution:\n" LINE_30, error);
    for (size_t i = 0; i < summary->protocol_count && rc == LCAP_OK; i++) {
        const struct summary_protocol *item = &summary->protocols[i];
        rc = buffer_printf(out, error, "  %-8s: %6" PRIu64 " flows (%5.1f%%)\n", item->name,
                           item->flows, percent(item->flows, summary->flows));
    }
    return rc;
}

static int by_value(const void *a, const void *b)
{
    const double first = *(const double *)a, second = *(const double *)b;
    return (first > second) - (first < second);
}

static int tell_durations(const struct flow_summary *summary, struct buffer *out,
                          struct lcap_error *error)
{
    const size_t count = (size_t)summary->flows;
    double *durations = summary->durations;
    long double sum = 0;
    qsort(durations, count, sizeof *durations, by_value);
    for (size_t i = 0; i < count; i++)
        sum += durations[i];
    const double median = (durations[(count - 1) / 2] + durations[count / 2]) / 2;
    return buffer_printf(out, error,
                         "\nFlow Duration Statistics:\n" LINE_30
                         "  Average: %8.2f seconds\n  Median:  %8.2f seconds\n"
                         "  Max:     %8.2f seconds\n",
                         (double)(sum / (long double)count), median, durations[count - 1]);
}

static int tell_sizes(const struct flow_summary *summary, struct buffer *out,
                      struct lcap_error *error)
{
    return buffer_printf(out, error,
                         "\nFlow Size Statistics:\n" LINE_25 "  Avg packets/flow: %6.1f\n"
                         "  Avg bytes/flow:   %6.1f\n  Max packets/flow: %6" PRIu64 "\n"
                         "  Max bytes/flow:   %6" PRIu64 "\n",
                         exact_ratio(summary->packets, summary->flows),
                         exact_ratio(summary->bytes, summary->flows), summary->max_packets,
                         summary->max_bytes);
}

/* A colon and the port, unless it is 0. */
static int tell_end(const struct summary_flow *flow, int end, struct buffer *out,
                    struct lcap_error *error)
{
    char address[ADDRESS_TEXT];
    address_to_text(flow->family, flow->addresses[end], address);
    return flow->ports[end] ? buffer_printf(out, error, "%s:%u", address, flow->ports[end])
                            : buffer_printf(out, error, "%s:", address);
}

static int tell_largest(const struct flow_summary *summary, struct buffer *out,
                        struct lcap_error *error)
{
    int rc = buffer_append_text(out, "\nTop 5 Flows by Packet Count:\n" LINE_40, error);
    for (size_t i = 0; i < summary->by_packets.count && rc == LCAP_OK; i++) {
        const struct summary_flow *flow = &summary->by_packets.flows[i];
        rc = buffer_append_text(out, "  ", error);
        if (rc == LCAP_OK)
            rc = tell_end(flow, 0, out, error);
        if (rc == LCAP_OK)
            rc = buffer_append_text(out, " <-> ", error);
        if (rc == LCAP_OK)
            rc = tell_end(flow, 1, out, error);
        if (rc == LCAP_OK)
            rc = buffer_printf(out, error, " (%s): %" PRIu64 " packets\n", flow->protocol,
                               flow->packets);
    }
    return rc;
}

static int tell_directions(const struct flow_summary *summary, struct buffer *out,
                           struct lcap_error *error)
{
    const uint64_t both = summary->bidirectional, one = summary->flows - both;
    return buffer_printf(out, error,
                         "\nFlow Characteristics:\n" LINE_25 "  Bidirectional flows: %" PRIu64
                         " (%.1f%%)\n  Unidirectional flows: %" PRIu64 " (%.1f%%)\n",
                         both, percent(both, summary->flows), one, percent(one, summary->flows));
}

/* Without flows, the original fails; here the text ends early. */
int flow_summary_original_text(struct flow_summary *summary, const struct flow_summary_facts *facts,
                               struct buffer *out, struct lcap_error *error)
{
    flow_summary_sort_protocols(summary);
    int rc = tell_source(facts, out, error);
    if (rc == LCAP_OK)
        rc = tell_run(summary, facts, out, error);
    if (rc == LCAP_OK)
        rc = tell_filter(facts->filter, out, error);
    if (rc < 0 || summary->flows == 0)
        return rc;
    rc = tell_protocols(summary, out, error);
    if (rc == LCAP_OK)
        rc = tell_durations(summary, out, error);
    if (rc == LCAP_OK)
        rc = tell_sizes(summary, out, error);
    if (rc == LCAP_OK)
        rc = tell_largest(summary, out, error);
    return rc == LCAP_OK ? tell_directions(summary, out, error) : rc;
}
