/*
 * NexusFlowMeter 0.1.5 value for value (with scapy 2.5.0, pandas 1.5.3, numpy 1.24
 * and Python's floats), with UTC as its time zone. It has no time-outs, so all
 * flows are held until the stream ends. Rows are those that it passes to pandas,
 * where a missing number is the integer 0 of Python; the receiver of the rows does
 * what pandas does with them (table/dialect.h: pandas_frame).
 *
 * Not reproduced: the lengths of packets with a Kerberos, LDAP or SNMP message, which
 * it takes from the message as scapy re-encodes it; the time of packets that have none
 * (it uses that of the run); ARP for networks other than IPv4 and IPv6, and
 * truncated IP headers (both skipped here).
 */
#include "base/memory.h"
#include "base/number/exact.h"
#include "base/text/text.h"
#include "features/nexusflowmeter/nexusflowmeter_row.h"
#include "features/originals/scapy_packet.h"
#include "flow/flow_table.h"
#include <arpa/inet.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Per second. */
#define MICROSECONDS 1000000

struct compat_state {
    struct nexus_counts counts;
    int64_t first, last;              /* microseconds, in file order */
    double gap_sum, gap_min, gap_max; /* milliseconds */
};

struct compat_engine {
    struct engine base;
    struct flow_table *table;
    struct arena text;
    struct nexus_row row;
};

static const char *const protocol_texts[] = {
    [SCAPY_UNKNOWN] = "Unknown", [SCAPY_TCP] = "TCP", [SCAPY_UDP] = "UDP",
    [SCAPY_ICMP] = "ICMP",       [SCAPY_ARP] = "ARP",
};

/* scapy ignores if_tsoffset. A time for which there is no difference stays. */
static int64_t scapy_time_ns(const struct lcap_packet *packet)
{
    int64_t offset, time_ns;
    if (__builtin_mul_overflow(packet->interface->tsoffset, NS_PER_SECOND, &offset) ||
        __builtin_sub_overflow(packet->time_ns, offset, &time_ns))
        return packet->time_ns;
    return time_ns;
}

/* The nearest double of the seconds, then the nearest microsecond of that: fromtimestamp(). */
static int64_t python_microseconds(const struct lcap_packet *packet)
{
    if (!packet->has_time)
        return 0;
    const int64_t ns = scapy_time_ns(packet);
    const uint64_t size = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
    const uint64_t us = size / 1000;
    /* Whole microseconds below 2^53 are exact doubles, so the division rounds once. */
    const double seconds = size % 1000 == 0 && us < UINT64_C(1) << 53
                               ? (double)us / MICROSECONDS
                               : exact_ratio(size, NS_PER_SECOND);
    double whole;
    const double part = modf(ns < 0 ? -seconds : seconds, &whole);
    return (int64_t)whole * MICROSECONDS + (int64_t)rint(part * MICROSECONDS);
}

/* The form of the C library, as in scapy: "::ffff:1.2.3.4", no single group shortened. */
static void address_text(uint8_t family, const uint8_t *address, char out[INET6_ADDRSTRLEN])
{
    inet_ntop(family == FAMILY_IPV6 ? AF_INET6 : AF_INET, address, out, INET6_ADDRSTRLEN);
}

/* Endpoints are ordered as tuples of text and number. */
static bool second_is_smaller(const struct flow_key *key)
{
    char text[2][INET6_ADDRSTRLEN];
    address_text(key->family, key->address[0], text[0]);
    address_text(key->family, key->address[1], text[1]);
    const int order = strcmp(text[1], text[0]);
    return order < 0 || (order == 0 && key->port[1] < key->port[0]);
}

static struct flow_key key_of(const struct scapy_packet *found, uint32_t sample)
{
    const size_t len = found->family == FAMILY_IPV6 ? 16 : 4;
    int order = memcmp(found->source, found->destination, len);
    if (order == 0)
        order = found->source_port - found->destination_port;
    struct flow_key key = {.family = found->family, .protocol = (uint8_t)found->protocol};
    key.sample = sample;
    memcpy(key.address[order > 0], found->source, len);
    memcpy(key.address[order <= 0], found->destination, len);
    key.port[order > 0] = found->source_port;
    key.port[order <= 0] = found->destination_port;
    return key;
}

static struct flow *flow_of(struct compat_engine *engine, const struct flow_key *key,
                            struct lcap_error *error)
{
    const uint32_t hash = flow_table_hash(engine->table, key);
    struct flow *flow = flow_table_find(engine->table, key, hash);
    if (flow)
        return flow;
    flow = flow_table_add(engine->table, key, hash, error);
    if (flow)
        flow->forward_is_second = second_is_smaller(key);
    return flow;
}

/* Ports do not matter; packets without an IP header are forward. */
static int direction_of(const struct flow *flow, const struct scapy_packet *found)
{
    if (!found->sender)
        return NEXUS_FORWARD;
    const uint8_t *source = flow->key.address[flow_source(flow)];
    const size_t len = found->sender_family == FAMILY_IPV6 ? 16 : 4;
    return found->sender_family == flow->key.family && memcmp(found->sender, source, len) == 0
               ? NEXUS_FORWARD
               : NEXUS_BACKWARD;
}

/* Seconds as in timedelta.total_seconds(). */
static double seconds_between(int64_t from, int64_t to)
{
    return (double)(to - from) / MICROSECONDS;
}

static void count_time(struct compat_state *state, int64_t time)
{
    const uint64_t before = nexus_both(state->counts.packets);
    if (before == 0) {
        state->first = time;
    } else {
        const double gap = seconds_between(state->last, time) * 1000;
        state->gap_sum += gap;
        if (before == 1 || gap < state->gap_min)
            state->gap_min = gap;
        if (before == 1 || gap > state->gap_max)
            state->gap_max = gap;
    }
    state->last = time;
}

static int compat_packet(struct engine *base, const struct lcap_packet *packet, uint32_t sample,
                         struct lcap_error *error)
{
    struct compat_engine *engine = (struct compat_engine *)base;
    struct lcap_flow_counts *counts = base->setup.counts;
    struct scapy_packet found;
    if (!scapy_packet_dissect(packet, &found)) {
        counts->skipped[LCAP_SKIP_PROFILE]++;
        return LCAP_OK;
    }
    const struct flow_key key = key_of(&found, sample);
    struct flow *flow = flow_of(engine, &key, error);
    if (!flow)
        return LCAP_ERR_MEMORY;
    struct compat_state *state = flow_state(flow);
    counts->in_flows++;
    count_time(state, python_microseconds(packet));
    nexus_count_packet(&state->counts, direction_of(flow, &found), found.captured, found.payload);
    if (found.protocol == SCAPY_TCP)
        nexus_count_flags(&state->counts, found.tcp_flags);
    return LCAP_OK;
}

static double duration_of(const struct compat_state *state)
{
    return seconds_between(state->first, state->last);
}

static struct lcap_cell number(double value, bool exists)
{
    return exists ? cell_real(value) : cell_unsigned(0);
}

static const char *connection_state(const struct flow *flow, const struct nexus_counts *counts)
{
    if (flow->key.protocol != SCAPY_TCP)
        return "Unknown";
    if (counts->syn > 0 && counts->fin == 0 && counts->rst == 0)
        return "Established";
    if (counts->syn > 0 && counts->fin > 0)
        return "Closed";
    return counts->rst > 0 ? "Reset" : "Ongoing";
}

static void fill_numbers(const struct compat_state *state, struct nexus_row *row)
{
    const struct nexus_counts *counts = &state->counts;
    const double packets = (double)nexus_both(counts->packets);
    const double bytes = (double)nexus_both(counts->bytes);
    const double duration = duration_of(state);
    const bool has_gaps = packets > 1;
    nexus_row_counts(counts, row);
    row->duration = number(duration, state->last != state->first);
    row->ratio =
        cell_real(counts->packets[NEXUS_BACKWARD] ? (double)counts->packets[NEXUS_FORWARD] /
                                                        (double)counts->packets[NEXUS_BACKWARD]
                                                  : INFINITY);
    row->packet_rate = number(packets / duration, duration > 0);
    row->byte_rate = number(bytes / duration, duration > 0);
    row->mean_size = cell_real(bytes / packets);
    row->mean_gap = number(state->gap_sum / (packets - 1), has_gaps);
    row->min_gap = number(state->gap_min, has_gaps);
    row->max_gap = number(state->gap_max, has_gaps);
}

/* Port 0 is an empty text, also in JSON. */
static struct lcap_cell port_cell(uint16_t port)
{
    return port ? cell_unsigned(port) : cell_text("", 0);
}

static int fill_texts(struct compat_engine *engine, const struct flow *flow,
                      struct lcap_error *error)
{
    const struct compat_state *state = flow_state(flow);
    const int source = flow_source(flow);
    const uint16_t *ports = flow->key.port;
    struct nexus_row *row = &engine->row;
    char *text = arena_take(&engine->text, 2 * INET6_ADDRSTRLEN, error);
    if (!text)
        return LCAP_ERR_MEMORY;
    address_text(flow->key.family, flow->key.address[source], text);
    address_text(flow->key.family, flow->key.address[!source], text + INET6_ADDRSTRLEN);
    const struct nexus_ends ends = {
        .source = text,
        .destination = text + INET6_ADDRSTRLEN,
        .protocol = protocol_texts[flow->key.protocol],
        .source_port = ports[source],
        .destination_port = ports[!source],
        .with_ports = ports[0] && ports[1],
    };
    row->source_port = port_cell(ports[source]);
    row->destination_port = port_cell(ports[!source]);
    row->state = cell_of_text(connection_state(flow, &state->counts));
    int rc = nexus_row_ends(&ends, &engine->text, row, error);
    if (rc == LCAP_OK)
        rc = nexus_flags_text(&state->counts, "", &engine->text, &row->flags, error);
    if (rc == LCAP_OK)
        rc = nexus_time_text(state->first, MICROSECONDS, &engine->text, &row->start, error);
    if (rc == LCAP_OK)
        rc = nexus_time_text(state->last, MICROSECONDS, &engine->text, &row->end, error);
    return rc;
}

static struct lcap_flow_row summarise(const struct compat_engine *engine, const struct flow *flow)
{
    const struct compat_state *state = flow_state(flow);
    const uint64_t *packets = state->counts.packets;
    const struct sample sample = flow_sample(&engine->base.setup, flow);
    struct lcap_flow_row summary = row_summary(&engine->base.setup, flow, &sample);
    summary.protocol = protocol_texts[flow->key.protocol];
    summary.packets = nexus_both(packets);
    summary.bytes = nexus_both(state->counts.bytes);
    summary.bidirectional = packets[NEXUS_FORWARD] > 0 && packets[NEXUS_BACKWARD] > 0;
    if (__builtin_mul_overflow(state->last - state->first, 1000, &summary.duration_ns))
        summary.duration_ns = state->last < state->first ? INT64_MIN : INT64_MAX;
    return summary;
}

static int emit(struct compat_engine *engine, const struct flow *flow, struct lcap_error *error)
{
    struct lcap_flow_row summary = summarise(engine, flow);
    arena_reset(&engine->text);
    fill_numbers(flow_state(flow), &engine->row);
    int rc = fill_texts(engine, flow, error);
    if (rc == LCAP_OK)
        rc = row_emit(&engine->base.setup, nexus_compat_columns, &engine->row, &summary, error);
    return rc;
}

/* In the order of their first packets. */
static int compat_finish(struct engine *base, struct lcap_error *error)
{
    struct compat_engine *engine = (struct compat_engine *)base;
    struct lcap_flow_counts *counts = base->setup.counts;
    const size_t held = flow_table_count(engine->table);
    struct flow *flow;
    int rc = LCAP_OK;
    if (held > counts->peak_flows)
        counts->peak_flows = held;
    while ((flow = flow_table_oldest(engine->table, 0)) != NULL) {
        if (rc == LCAP_OK)
            rc = emit(engine, flow, error);
        flow_table_remove(engine->table, flow);
        flow_table_drop(engine->table, flow);
    }
    return rc;
}

static void compat_free(struct engine *base)
{
    struct compat_engine *engine = (struct compat_engine *)base;
    if (!engine)
        return;
    flow_table_free(engine->table);
    arena_release(&engine->text);
    free(engine);
}

static int compat_create(struct engine **base, const struct engine_setup *setup,
                         struct lcap_error *error)
{
    const struct lcap_flow_options *options = setup->options;
    if (options->unidirectional || options->inner_tunnels || options->max_flows)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "NexusFlowMeter has no unidirectional flows, no flows inside tunnels "
                              "and no limit on open flows, and neither has its compat mode");
    struct compat_engine *engine = memory_new(1, sizeof *engine, error);
    if (!engine)
        return LCAP_ERR_MEMORY;
    engine->base.setup = *setup;
    const int rc = flow_table_new(&engine->table, sizeof(struct compat_state), error);
    if (rc == LCAP_OK)
        *base = &engine->base;
    else
        compat_free(&engine->base);
    return rc;
}

const struct engine_class compat_nexusflowmeter = {
    .create = compat_create,
    .packet = compat_packet,
    .finish = compat_finish,
    .free = compat_free,
};
