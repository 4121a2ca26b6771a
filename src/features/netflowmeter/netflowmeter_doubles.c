/* What NetFlowMeter computes for a flow, value for value. */
#include "features/netflowmeter/netflowmeter_doubles.h"

#include "base/memory.h"
#include "base/text/text.h"
#include <stdlib.h>

#define IDLE_SECONDS      100.0
#define SUBFLOW_SECONDS   1.0
#define BULK_SECONDS      1.0
#define BULK_FROM_PACKETS 4

struct double_periods {
    struct double_sums active, idle;
};

/* Seconds and their fraction are converted to doubles before they are added, as in dpkt. */
double netflowmeter_double_time(int64_t ns)
{
    int64_t seconds = ns / NS_PER_SECOND, fraction = ns % NS_PER_SECOND;
    if (fraction < 0) {
        seconds--;
        fraction += NS_PER_SECOND;
    }
    return (double)seconds + (double)fraction / NS_PER_SECOND;
}

static bool is_first(const struct netflowmeter_doubles *state)
{
    return state->ways[0].payload.count + state->ways[1].payload.count == 0;
}

static void add_gap(struct netflowmeter_doubles *state, int way, double gap)
{
    double_sums_add(&state->gaps[way], gap);
    state->totals[way] += gap;
}

static void add_gaps(struct netflowmeter_doubles *state, double now, int way)
{
    if (state->ways[way].payload.count > 0)
        add_gap(state, way, now - state->way_last[way]);
    state->way_last[way] = now;
    if (is_first(state))
        return;
    add_gap(state, NFM_BOTH, now - state->last);
    if (now - state->last > SUBFLOW_SECONDS)
        state->long_gaps++;
}

/* As in the original, active periods are negated, and those without duration are left out. */
static int end_period(struct netflowmeter_doubles *state, double now, struct lcap_error *error)
{
    if (now - state->last <= IDLE_SECONDS)
        return LCAP_OK;
    if (!state->periods)
        state->periods = memory_new(1, sizeof *state->periods, error);
    if (!state->periods)
        return LCAP_ERR_MEMORY;
    if (state->last - state->active_since > 0)
        double_sums_add(&state->periods->active, state->active_since - state->last);
    double_sums_add(&state->periods->idle, now - state->last);
    state->active_since = now;
    return LCAP_OK;
}

static void begin_run(struct double_bulk *bulk, double now, uint32_t payload)
{
    bulk->start = now;
    bulk->run_packets = 1;
    bulk->run_bytes = payload;
}

static void go_on(struct double_bulk *bulk, double now, uint32_t payload)
{
    bulk->run_packets++;
    bulk->run_bytes += payload;
    if (bulk->run_packets == BULK_FROM_PACKETS) {
        bulk->count++;
        bulk->packets += BULK_FROM_PACKETS;
        bulk->bytes += bulk->run_bytes;
        bulk->duration += now - bulk->start;
    } else if (bulk->run_packets > BULK_FROM_PACKETS) {
        bulk->packets++;
        bulk->bytes += payload;
        bulk->duration += now - bulk->last;
    }
    bulk->last = now;
}

/*
 * In both directions, gaps are measured from the last forward packet; and when a
 * backward run begins after a gap, its time goes into a misspelt variable.
 */
static void add_to_bulks(struct netflowmeter_doubles *state, int way, double now, uint32_t payload)
{
    struct double_bulk *own = &state->bulks[way];
    if (state->bulks[!way].last > own->start)
        own->start = 0;
    if (payload == 0)
        return;
    if (own->start == 0) {
        begin_run(own, now, payload);
        own->last = now;
    } else if (now - state->bulks[NFM_FORWARD].last > BULK_SECONDS) {
        begin_run(own, now, payload);
        if (way == NFM_FORWARD)
            own->last = now;
    } else {
        go_on(own, now, payload);
    }
}

int netflowmeter_doubles_packet(struct netflowmeter_doubles *state,
                                const struct dpkt_packet *packet, double now, bool forward,
                                struct lcap_error *error)
{
    const int way = forward ? NFM_FORWARD : NFM_BACKWARD;
    const uint32_t payload_len = dpkt_payload_len(packet);
    if (is_first(state))
        state->first = state->last = state->active_since = now;
    const int rc = end_period(state, now, error);
    if (rc < 0)
        return rc;
    add_gaps(state, now, way);
    add_to_bulks(state, way, now, payload_len);
    netflowmeter_way_packet(&state->ways[way], payload_len, packet->transport_header_len);
    netflowmeter_way_flags(&state->ways[way], packet->tcp_flags);
    netflowmeter_way_window(&state->ways[way], packet->tcp_window);
    state->last = now;
    return LCAP_OK;
}

/* Undefined values are the integer 0 in the original. */
static struct lcap_cell statistic(double value)
{
    return value != value ? cell_unsigned(0) : cell_real(value);
}

static struct lcap_cell quotient(double value)
{
    return value != value ? cell_unsigned(0) : cell_exact(value);
}

static const struct netflowmeter_style style = {
    .statistic = statistic,
    .quotient = quotient,
    .undefined = {.kind = LCAP_CELL_UNSIGNED},
};

/* With a single packet, its time itself counts as a gap. */
static void gap_cells(struct netflowmeter_gaps *cells, const struct double_sums *gaps, double total,
                      uint64_t packets, double last)
{
    const bool single = packets == 1;
    cells->mean = single ? cell_real(last) : statistic(double_sums_mean(gaps));
    cells->deviation = single ? cell_real(0) : statistic(double_sums_deviation(gaps));
    if (packets == 0) {
        cells->max = cells->min = cells->total = style.undefined;
        return;
    }
    cells->max = cell_exact(single ? last : gaps->max);
    cells->min = cell_exact(single ? last : gaps->min);
    cells->total = cell_exact(single ? last : total);
}

static void all_gap_cells(const struct netflowmeter_doubles *state, struct netflowmeter_row *row)
{
    uint64_t packets = 0;
    for (int way = 0; way < NFM_BOTH; way++) {
        const uint64_t count = state->ways[way].payload.count;
        gap_cells(&row->gaps[way], &state->gaps[way], state->totals[way], count,
                  state->way_last[way]);
        packets += count;
    }
    gap_cells(&row->gaps[NFM_BOTH], &state->gaps[NFM_BOTH], state->totals[NFM_BOTH], packets,
              state->last);
}

static void period_cells(struct netflowmeter_periods *cells, const struct double_sums *periods)
{
    const bool any = periods && periods->count > 0;
    cells->min = any ? cell_exact(periods->min) : style.undefined;
    cells->max = any ? cell_exact(periods->max) : style.undefined;
    cells->mean = any ? cell_real(double_sums_mean(periods)) : style.undefined;
    cells->deviation = any ? cell_real(double_sums_deviation(periods)) : style.undefined;
}

static struct lcap_cell rate(uint64_t amount, double duration)
{
    return duration == 0 ? style.undefined : cell_exact((double)amount / duration);
}

static void bulk_cells(struct netflowmeter_bulk *cells, const struct double_bulk *bulk)
{
    netflowmeter_bulk_means(cells, bulk->count, bulk->bytes, bulk->packets, &style);
    cells->rate = rate(bulk->bytes, bulk->duration);
    cells->duration = bulk->count > 0 ? cell_exact(bulk->duration) : style.undefined;
}

/* Maximum, minimum, mean and deviation of each direction are those of both, and the backward bytes
 * of a subflow are the forward ones. */
static void slips(const struct netflowmeter_doubles *state, struct netflowmeter_row *row)
{
    const uint64_t forward_bytes = (uint64_t)state->ways[NFM_FORWARD].payload.sum;
    for (int way = 0; way < NFM_BOTH; way++) {
        const struct lcap_cell variance = row->payload[way].variance;
        row->payload[way] = row->payload[NFM_BOTH];
        row->payload[way].variance = variance;
        row->subflow_packets[way] =
            quotient(exact_ratio(state->ways[way].payload.count, state->long_gaps));
        row->subflow_bytes[way] = quotient(exact_ratio(forward_bytes, state->long_gaps));
    }
}

void netflowmeter_doubles_cells(const struct netflowmeter_doubles *state,
                                struct netflowmeter_row *row)
{
    const double duration = state->last - state->first;
    netflowmeter_count_cells(row, state->ways, &style);
    row->duration = cell_exact(duration);
    for (int way = 0; way <= NFM_BOTH; way++) {
        row->bytes_rate[way] = rate(row->payload_total[way].value.u, duration);
        row->packets_rate[way] = rate(row->packets[way].value.u, duration);
    }
    period_cells(&row->periods[NFM_ACTIVE], state->periods ? &state->periods->active : NULL);
    period_cells(&row->periods[NFM_IDLE], state->periods ? &state->periods->idle : NULL);
    bulk_cells(&row->bulk[NFM_FORWARD], &state->bulks[NFM_FORWARD]);
    bulk_cells(&row->bulk[NFM_BACKWARD], &state->bulks[NFM_BACKWARD]);
    all_gap_cells(state, row);
    slips(state, row);
}

void netflowmeter_doubles_release(struct netflowmeter_doubles *state)
{
    free(state->periods);
    state->periods = NULL;
}
