/*
 * How NetFlowMeter treats packets and flows: it takes frames of any link type for
 * Ethernet, makes flows only of TCP over IPv4, and checks whether a flow has ended
 * when the next packet with its addresses and ports comes. Rows are in the order in
 * which flows end, followed by the remaining ones in the order of their first
 * packets.
 */
#include "base/memory.h"
#include "base/text/text.h"
#include "base/time_distance.h"
#include "features/netflowmeter/netflowmeter_doubles.h"
#include "flow/flow_table.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* From this number of flows on, the tool searches for idle flows when one ends. */
enum { SWEEP_FLOWS = 2000 };

struct compat_engine {
    struct engine base;
    struct flow_table *table;
    struct arena text;
    struct netflowmeter_row row;
    struct flow *sweep_from; /* where the next walk continues; NULL: after the newest */
    double least_seen;       /* no flow before that has a last packet with an earlier time */
};

/* A packet that the tool accepts. */
struct tcp_packet {
    struct dpkt_packet parsed;
    struct flow_key key;
    uint32_t hash;
    bool source_is_second; /* in the key */
    bool to_itself;        /* both endpoints are the same */
    int64_t time_ns;
    double time;
};

static void release_flow(struct compat_engine *engine, struct flow *flow)
{
    if (flow == engine->sweep_from)
        engine->sweep_from = flow->newer;
    netflowmeter_doubles_release(flow_state(flow));
    flow_table_remove(engine->table, flow);
    flow_table_drop(engine->table, flow);
}

static void release_all(struct compat_engine *engine)
{
    struct flow *flow;
    while ((flow = flow_table_oldest(engine->table, 0)) != NULL)
        release_flow(engine, flow);
}

static int64_t nanoseconds_of(double seconds)
{
    const double ns = seconds * NS_PER_SECOND;
    if (ns >= 0x1p63)
        return INT64_MAX;
    return ns < -0x1p63 ? INT64_MIN : llround(ns);
}

static struct lcap_flow_row summarise(const struct engine_setup *setup, const struct flow *flow,
                                      const struct sample *sample)
{
    const struct netflowmeter_doubles *state = flow_state(flow);
    const struct power_sums *forward = &state->ways[NFM_FORWARD].payload;
    const struct power_sums *backward = &state->ways[NFM_BACKWARD].payload;
    struct lcap_flow_row summary = row_summary(setup, flow, sample);
    summary.protocol = "TCP";
    summary.packets = forward->count + backward->count;
    summary.bytes = (uint64_t)(forward->sum + backward->sum);
    summary.bidirectional = forward->count > 0 && backward->count > 0;
    summary.duration_ns = nanoseconds_of(state->last - state->first);
    return summary;
}

/* The tool compares and prints times in microseconds, rounded half to even as in Python. */
static int64_t rounded_us(int64_t ns)
{
    int64_t us = ns / 1000, rest = ns % 1000;
    if (rest < 0) {
        us--;
        rest += 1000;
    }
    return us + (rest > 500 || (rest == 500 && us % 2 != 0));
}

/* Python's str() of a datetime: six decimals, or none for a whole second. */
static void time_as_there(int64_t ns, char time[TIME_TEXT])
{
    int64_t rounded;
    if (__builtin_mul_overflow(rounded_us(ns), 1000, &rounded))
        rounded = ns;
    text_from_time(rounded, time);
    *strchr(time, 'T') = ' ';
    char *point = strchr(time, '.');
    point[memcmp(point, ".000000", 7) == 0 ? 0 : 7] = '\0';
}

static int name_cells(struct compat_engine *engine, const struct flow *flow,
                      const struct sample *sample, struct lcap_error *error)
{
    const int source = flow_source(flow);
    char time[TIME_TEXT];
    time_as_there(flow->first_ns, time);
    const struct netflowmeter_names names = {
        .protocol = "TCP",
        .family = FAMILY_IPV4,
        .source = flow->key.address[source],
        .destination = flow->key.address[!source],
        .ports = {flow->key.port[source], flow->key.port[!source]},
        .time = time,
        .label = sample->metadata ? sample->metadata : engine->base.setup.options->metadata,
    };
    return netflowmeter_name_cells(&engine->row, &names, &engine->text, error);
}

static int end_flow(struct compat_engine *engine, struct flow *flow, struct lcap_error *error)
{
    const struct engine_setup *setup = &engine->base.setup;
    const struct sample sample = flow_sample(setup, flow);
    arena_reset(&engine->text);
    int rc = name_cells(engine, flow, &sample, error);
    if (rc == LCAP_OK) {
        struct lcap_flow_row summary = summarise(setup, flow, &sample);
        netflowmeter_doubles_cells(flow_state(flow), &engine->row);
        rc = row_emit(setup, setup->profile->compat_columns, &engine->row, &summary, error);
    }
    release_flow(engine, flow);
    return rc;
}

/* A FIN in each direction, or an RST in any. */
static bool is_closed(const struct netflowmeter_doubles *state)
{
    enum { FIN = 0, RST = 2 };
    const struct netflowmeter_way *forward = &state->ways[NFM_FORWARD];
    const struct netflowmeter_way *backward = &state->ways[NFM_BACKWARD];
    return (forward->flags[FIN] > 0 && backward->flags[FIN] > 0) || forward->flags[RST] > 0 ||
           backward->flags[RST] > 0;
}

static bool is_longer(int64_t from_ns, int64_t to_ns, int64_t limit_ns)
{
    return limit_ns != LCAP_TIMEOUT_OFF &&
           time_between(rounded_us(from_ns), rounded_us(to_ns)) > limit_ns / 1000;
}

static bool has_ended(const struct compat_engine *engine, const struct flow *flow, int64_t now_ns)
{
    const struct lcap_flow_options *options = engine->base.setup.options;
    return is_longer(flow->first_ns, now_ns, options->active_ns) ||
           is_longer(flow->last_ns, now_ns, options->idle_ns) || is_closed(flow_state(flow));
}

static int add_packet(struct compat_engine *engine, struct flow *flow,
                      const struct tcp_packet *packet, bool forward, struct lcap_error *error)
{
    flow->last_ns = packet->time_ns;
    engine->least_seen = fmin(engine->least_seen, packet->time);
    return netflowmeter_doubles_packet(flow_state(flow), &packet->parsed, packet->time, forward,
                                       error);
}

static int begin_flow(struct compat_engine *engine, const struct tcp_packet *packet, bool forward,
                      struct lcap_error *error)
{
    struct lcap_flow_counts *counts = engine->base.setup.counts;
    struct flow *flow = flow_table_add(engine->table, &packet->key, packet->hash, error);
    if (!flow)
        return LCAP_ERR_MEMORY;
    const uint64_t flows = flow_table_count(engine->table);
    counts->peak_flows = flows > counts->peak_flows ? flows : counts->peak_flows;
    flow->forward_is_second = packet->source_is_second;
    flow->first_ns = packet->time_ns;
    return add_packet(engine, flow, packet, forward, error);
}

/*
 * Ends one idle flow, the one that began first: the tool means to end all of them,
 * but deletes from the table that it walks, which stops the walk. Here a walk
 * continues where the previous one stopped, until a flow before that can be idle.
 */
static int sweep(struct compat_engine *engine, double now, struct lcap_error *error)
{
    const int64_t idle_ns = engine->base.setup.options->idle_ns;
    const double idle = (double)idle_ns / NS_PER_SECOND;
    if (idle_ns == LCAP_TIMEOUT_OFF || flow_table_count(engine->table) < SWEEP_FLOWS)
        return LCAP_OK;
    if (now - engine->least_seen > idle) {
        engine->sweep_from = flow_table_oldest(engine->table, 0);
        engine->least_seen = INFINITY;
    }
    for (; engine->sweep_from; engine->sweep_from = engine->sweep_from->newer) {
        const struct netflowmeter_doubles *state = flow_state(engine->sweep_from);
        if (now - state->last > idle)
            return end_flow(engine, engine->sweep_from, error);
        engine->least_seen = fmin(engine->least_seen, state->last);
    }
    return LCAP_OK;
}

/* The key of the opposite direction is looked up first; a packet that begins the next flow of its
 * key stays backward if it was so for the previous one. */
static int assemble(struct compat_engine *engine, const struct tcp_packet *packet,
                    struct lcap_error *error)
{
    struct flow *flow = flow_table_find(engine->table, &packet->key, packet->hash);
    if (!flow)
        return begin_flow(engine, packet, true, error);
    const bool forward = packet->source_is_second == flow->forward_is_second && !packet->to_itself;
    if (!has_ended(engine, flow, packet->time_ns))
        return add_packet(engine, flow, packet, forward, error);
    int rc = end_flow(engine, flow, error);
    if (rc == LCAP_OK)
        rc = begin_flow(engine, packet, forward, error);
    if (rc == LCAP_OK)
        rc = sweep(engine, packet->time, error);
    return rc;
}

static void set_key(struct tcp_packet *packet, uint32_t sample)
{
    const struct dpkt_packet *parsed = &packet->parsed;
    int order = memcmp(parsed->source, parsed->destination, 4);
    if (order == 0)
        order = (int)parsed->source_port - (int)parsed->destination_port;
    const int source = order > 0;
    packet->source_is_second = source;
    packet->to_itself = order == 0;
    packet->key =
        (struct flow_key){.family = FAMILY_IPV4, .protocol = IP_PROTOCOL_TCP, .sample = sample};
    memcpy(packet->key.address[source], parsed->source, 4);
    memcpy(packet->key.address[!source], parsed->destination, 4);
    packet->key.port[source] = parsed->source_port;
    packet->key.port[!source] = parsed->destination_port;
}

static int compat_packet(struct engine *base, const struct lcap_packet *packet, uint32_t sample,
                         struct lcap_error *error)
{
    struct compat_engine *engine = (struct compat_engine *)base;
    struct lcap_flow_counts *counts = base->setup.counts;
    struct tcp_packet tcp;
    if (dpkt_parse_ethernet(packet->data, packet->caplen, &tcp.parsed) != DPKT_TRANSPORT ||
        tcp.parsed.ip6 || tcp.parsed.protocol != IP_PROTOCOL_TCP) {
        counts->skipped[LCAP_SKIP_PROFILE]++;
        return LCAP_OK;
    }
    counts->in_flows++;
    set_key(&tcp, sample);
    tcp.hash = flow_table_hash(engine->table, &tcp.key);
    tcp.time_ns = packet->time_ns;
    tcp.time = netflowmeter_double_time(packet->time_ns);
    return assemble(engine, &tcp, error);
}

static void begin_stream(struct compat_engine *engine)
{
    engine->sweep_from = NULL;
    engine->least_seen = INFINITY;
}

static int compat_finish(struct engine *base, struct lcap_error *error)
{
    struct compat_engine *engine = (struct compat_engine *)base;
    struct flow *flow;
    int rc = LCAP_OK;
    while (rc == LCAP_OK && (flow = flow_table_oldest(engine->table, 0)) != NULL)
        rc = end_flow(engine, flow, error);
    begin_stream(engine);
    return rc;
}

static void compat_free(struct engine *base)
{
    struct compat_engine *engine = (struct compat_engine *)base;
    if (!engine)
        return;
    if (engine->table)
        release_all(engine);
    flow_table_free(engine->table);
    arena_release(&engine->text);
    free(engine);
}

static int check_options(const struct lcap_flow_options *options, struct lcap_error *error)
{
    const char *what = options->unidirectional  ? "unidirectional flows"
                       : options->inner_tunnels ? "flows inside tunnels"
                       : options->max_flows > 0 ? "limit on open flows"
                                                : NULL;
    if (!what)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "NetFlowMeter has no %s, and neither has its compat mode", what);
}

static int compat_create(struct engine **base, const struct engine_setup *setup,
                         struct lcap_error *error)
{
    int rc = check_options(setup->options, error);
    if (rc < 0)
        return rc;
    struct compat_engine *engine = memory_new(1, sizeof *engine, error);
    if (!engine)
        return LCAP_ERR_MEMORY;
    engine->base.setup = *setup;
    begin_stream(engine);
    rc = flow_table_new(&engine->table, sizeof(struct netflowmeter_doubles), error);
    if (rc == LCAP_OK)
        *base = &engine->base;
    else
        compat_free(&engine->base);
    return rc;
}

const struct engine_class compat_netflowmeter = {
    .create = compat_create,
    .packet = compat_packet,
    .finish = compat_finish,
    .free = compat_free,
};
