/* The netflowmeter profile in its default mode: the features as NetFlowMeter documents them. */
#include "base/text/text.h"
#include "base/time_distance.h"
#include "features/measure/activity.h"
#include "features/measure/bulk.h"
#include "features/measure/formulas.h"
#include "features/netflowmeter/netflowmeter_row.h"
#include "packet/address_text.h"
#include <string.h>

struct netflowmeter_state {
    struct netflowmeter_way ways[2];
    struct power_sums gaps[3]; /* between one packet and the next; ends with NFM_BOTH */
    int64_t last[2];           /* time of the last packet of each direction */
    struct bulk bulks[2];
    struct activity activity;
};

static void add_gaps(struct netflowmeter_state *state, int way, int64_t last, int64_t now)
{
    if (state->ways[way].packets > 0)
        power_sums_add(&state->gaps[way], time_between(state->last[way], now));
    if (state->activity.subflows > 0)
        power_sums_add(&state->gaps[NFM_BOTH], time_between(last, now));
    state->last[way] = now;
}

/* A packet that is earlier than a previous one counts as having the time of that one. */
static int measure_packet(const struct lcap_flow_options *options, struct flow *flow,
                          const struct flow_packet *packet, struct lcap_error *error)
{
    (void)options;
    struct netflowmeter_state *state = flow_state(flow);
    const struct packet_headers *headers = packet->headers;
    const int way = packet->forward ? NFM_FORWARD : NFM_BACKWARD;
    const int64_t last = flow->last_ns;
    const int64_t now = packet->time_ns > last ? packet->time_ns : last;
    add_gaps(state, way, last, now);
    if (headers->unknown_lengths)
        state->ways[way].packets++;
    else
        netflowmeter_way_packet(&state->ways[way], headers->payload_len, headers->transport_len);
    if (packet_has_tcp(headers))
        netflowmeter_way_flags(&state->ways[way], headers->tcp_flags);
    if (packet_has_window(headers))
        netflowmeter_way_window(&state->ways[way], headers->tcp_window);
    bulk_packet(&state->bulks[way], &state->bulks[!way], now, headers->payload_len, NS_PER_SECOND);
    return activity_packet(&state->activity, now, error);
}

static void swap_bytes(void *a, void *b, void *room, size_t len)
{
    memcpy(room, a, len);
    memcpy(a, b, len);
    memcpy(b, room, len);
}

static void measure_flip(struct flow *flow)
{
    struct netflowmeter_state *state = flow_state(flow);
    struct netflowmeter_way way;
    struct power_sums gaps;
    struct bulk bulk;
    int64_t last;
    swap_bytes(&state->ways[0], &state->ways[1], &way, sizeof way);
    swap_bytes(&state->gaps[0], &state->gaps[1], &gaps, sizeof gaps);
    swap_bytes(&state->bulks[0], &state->bulks[1], &bulk, sizeof bulk);
    swap_bytes(&state->last[0], &state->last[1], &last, sizeof last);
}

static void measure_release(struct flow *flow)
{
    struct netflowmeter_state *state = flow_state(flow);
    activity_release(&state->activity);
}

static struct lcap_cell seconds(int64_t ns)
{
    return cell_real((double)ns / NS_PER_SECOND);
}

static const struct netflowmeter_style style = {
    .statistic = cell_real,
    .quotient = cell_real,
    .undefined = {.kind = LCAP_CELL_EMPTY},
};

static void gap_cells(struct netflowmeter_gaps *cells, const struct power_sums *gaps)
{
    cells->mean = cell_real(series_mean(gaps, NS_PER_SECOND));
    cells->deviation = cell_real(series_deviation(gaps, NS_PER_SECOND));
    cells->max = gaps->count > 0 ? seconds(gaps->max) : style.undefined;
    cells->min = gaps->count > 0 ? seconds(gaps->min) : style.undefined;
    cells->total = cell_real((double)gaps->sum / NS_PER_SECOND);
}

static void period_cells(struct netflowmeter_periods *cells, struct power_sums periods)
{
    cells->mean = cell_real(series_mean(&periods, NS_PER_SECOND));
    cells->deviation = cell_real(series_deviation(&periods, NS_PER_SECOND));
    cells->max = periods.count > 0 ? seconds(periods.max) : style.undefined;
    cells->min = periods.count > 0 ? seconds(periods.min) : style.undefined;
}

static void rate_cells(struct netflowmeter_row *row, const struct netflowmeter_state *state,
                       int64_t duration)
{
    for (int way = 0; way < 3; way++) {
        row->bytes_rate[way] =
            cell_real(exact_rate(row->payload_total[way].value.u, duration, NS_PER_SECOND));
        row->packets_rate[way] =
            cell_real(exact_rate(row->packets[way].value.u, duration, NS_PER_SECOND));
    }
    for (int way = 0; way < NFM_BOTH; way++) {
        const struct bulk *bulk = &state->bulks[way];
        netflowmeter_bulk_means(&row->bulk[way], bulk->count, bulk->bytes, bulk->packets, &style);
        row->bulk[way].rate = cell_real(exact_rate(bulk->bytes, bulk->duration, NS_PER_SECOND));
        row->bulk[way].duration = seconds(bulk->duration);
        const uint64_t packets = state->ways[way].packets;
        const uint64_t bytes = (uint64_t)state->ways[way].payload.sum;
        const uint32_t subflows = state->activity.subflows;
        row->subflow_packets[way] = cell_real(exact_ratio(packets, subflows));
        row->subflow_bytes[way] = cell_real(exact_ratio(bytes, subflows));
    }
}

static void blank_lengths(struct netflowmeter_row *row, int way)
{
    row->payload_total[way] = row->headers[way].total = row->bytes_rate[way] = style.undefined;
    if (way == NFM_BOTH)
        return;
    row->subflow_bytes[way] = style.undefined;
    row->bulk[way] = (struct netflowmeter_bulk){0}; /* all empty */
}

/* Counts and sums of a direction, or of both, of whose packets no header was captured so far. */
static void blank_unknown(struct netflowmeter_row *row, const struct netflowmeter_state *state,
                          bool is_tcp)
{
    for (int way = 0; way <= NFM_BOTH; way++) {
        const struct netflowmeter_way *one = &state->ways[way == NFM_BOTH ? NFM_FORWARD : way];
        const struct netflowmeter_way *other = &state->ways[way == NFM_BOTH ? NFM_BACKWARD : way];
        if (one->packets + other->packets == 0)
            continue;
        if (one->payload.count + other->payload.count == 0)
            blank_lengths(row, way);
        if (is_tcp && !one->has_flags && !other->has_flags)
            memset(row->flags[way], 0, sizeof row->flags[way]);
    }
}

static int name_cells(struct netflowmeter_row *row, const struct row_facts *facts,
                      struct lcap_error *error)
{
    const struct flow *flow = facts->flow;
    const int source = flow_source(flow);
    char time[TIME_TEXT];
    text_from_time(flow->first_ns, time);
    netflowmeter_trim_time(time);
    const struct netflowmeter_names names = {
        .protocol = protocol_name(flow->key.family, flow->key.protocol),
        .family = flow->key.family,
        .source = flow->key.address[source],
        .destination = flow->key.address[!source],
        .ports = {flow_port(flow, source), flow_port(flow, !source)},
        .unknown_ports = flow->key.unknown_ports,
        .time = time,
        .label = facts->metadata,
    };
    if (facts->sample.metadata)
        row->sample_id = cell_unsigned(facts->sample.id);
    if (facts->metadata)
        row->metadata = cell_of_text(facts->metadata);
    return netflowmeter_name_cells(row, &names, facts->text, error);
}

static int measure_row(const struct row_facts *facts, void *cells, struct lcap_flow_row *summary,
                       struct lcap_error *error)
{
    struct netflowmeter_row *row = cells;
    const struct flow *flow = facts->flow;
    const struct netflowmeter_state *state = flow_state(flow);
    const int64_t duration = time_between(flow->first_ns, flow->last_ns);
    netflowmeter_count_cells(row, state->ways, &style);
    row->duration = seconds(duration);
    for (int way = 0; way <= NFM_BOTH; way++)
        gap_cells(&row->gaps[way], &state->gaps[way]);
    period_cells(&row->periods[NFM_ACTIVE], activity_active(&state->activity));
    period_cells(&row->periods[NFM_IDLE], activity_idle(&state->activity));
    rate_cells(row, state, duration);
    blank_unknown(row, state, flow_is_tcp(flow));
    summary->packets = row->packets[NFM_BOTH].value.u;
    summary->bytes = row->payload_total[NFM_BOTH].value.u;
    summary->bidirectional =
        state->ways[NFM_BACKWARD].packets > 0 && state->ways[NFM_FORWARD].packets > 0;
    return name_cells(row, facts, error);
}

static const struct profile_measure measure = {
    .state_size = sizeof(struct netflowmeter_state),
    .packet = measure_packet,
    .flip = measure_flip,
    .release = measure_release,
    .row_size = sizeof(struct netflowmeter_row),
    .row = measure_row,
};

const struct lcap_profile profile_netflowmeter = {
    .name = "netflowmeter",
    .summary = "The 114 features of NetFlowMeter, in its order",
    .about = ABOUT_NOT_CAPTURED,
    .columns = netflowmeter_columns,
    .aliases = netflowmeter_aliases,
    .preview = {"metadata", "src_ip", "src_port", "dst_ip", "dst_port", "protocol", "packets_count",
                "total_payload_bytes", "duration", "sample_id"},
    .compat_columns = &netflowmeter_columns[NFM_OWN_COLUMNS],
    .measure = &measure,
    .engine = &flow_engine,
    .compat = &compat_netflowmeter,
    .defaults = {.idle_ns = (int64_t)60 * NS_PER_SECOND},
    .compat_defaults =
        {
            .idle_ns = (int64_t)5000 * NS_PER_SECOND,
            .active_ns = (int64_t)120000 * NS_PER_SECOND,
        },
    .compat_dialect = {.number_format = ".4f", .crlf = true, .header_with_rows = true},
};
