/*
 * The original pcap2json: gpsvncl/ETC_CNN at f87dc76 under dpkt 1.9.8.
 *
 * Flows have no protocol and no end; they are distinguished only by addresses and
 * ports, and written in the order of their first packets when the capture has
 * ended. So all flows stay until then, with the state of each in memory and packets
 * in chains. A packet that would crash the original is left out, and counted as
 * LCAP_SKIP_PROFILE.
 */
#include "base/bytes.h"
#include "base/memory.h"
#include "base/text/text.h"
#include "base/time_distance.h"
#include "features/originals/dpkt_packet.h"
#include "features/pcap2json/pcap2json_bytes.h"
#include "features/pcap2json/pcap2json_row.h"
#include "flow/flow_table.h"
#include <arpa/inet.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    LINKTYPE_ETHERNET = 1,
    LINKTYPE_RAW_IP = 101,
    MOST_PACKETS = 10000, /* per flow; later ones are left out */
    FEWEST_PACKETS = 10,  /* per flow that is written in detail */
    RING_SIZE = 10,
    MICROSECOND_DIGITS = 6,
};

#define NS_PER_US     1000
#define US_PER_SECOND 1000000

enum kind { KIND_TCP, KIND_UDP, KIND_OTHERS };

static const char *const kind_names[] = {"TCP", "UDP", "Others"};

/* The last data packets of a direction: a ring. */
struct ring {
    struct pcap2json_ring_state state;
    struct {
        uint32_t seq, len;
    } items[RING_SIZE];
    uint32_t count;
};

struct compat_flow {
    struct chain packets;
    int64_t start_ns, last_ns;
    uint64_t joined, data_bytes; /* packets, including those that are not stored */
    uint32_t stored;
    uint32_t init_seq[2]; /* forward, backward */
    uint8_t kind;         /* of its first packet */
    bool has_backward;
    struct ring rings[2]; /* forward, backward */
};

struct compat_engine {
    struct engine base;
    struct flow_table *table;
    struct chains *chains;
    struct pcap2json_text text;
    struct buffer rewritten;
    bool stopped; /* a packet made the original stop reading this capture */
};

/* A packet on its way into a flow. */
struct arrival {
    struct dpkt_packet dpkt;
    struct pcap2json_bytes bytes;
    int64_t time_ns;
    uint32_t sample;
    enum kind kind;
    bool has_data;
    bool backward;
};

static void compat_free(struct engine *base)
{
    struct compat_engine *engine = (struct compat_engine *)base;
    if (!engine)
        return;
    flow_table_free(engine->table);
    chains_free(engine->chains);
    pcap2json_text_release(&engine->text);
    buffer_release(&engine->rewritten);
    free(engine);
}

static int check_options(const struct lcap_flow_options *options, struct lcap_error *error)
{
    const char *what =
        options->idle_ns != LCAP_TIMEOUT_OFF || options->active_ns != LCAP_TIMEOUT_OFF ? "time-outs"
        : options->max_flows > 0 ? "limit on open flows"
        : options->inner_tunnels ? "flows inside tunnels"
                                 : NULL;
    return what ? lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                 "pcap2json has no %s, and neither has its compat mode", what)
                : LCAP_OK;
}

static int compat_create(struct engine **base, const struct engine_setup *setup,
                         struct lcap_error *error)
{
    int rc = check_options(setup->options, error);
    if (rc != LCAP_OK)
        return rc;
    struct compat_engine *engine = memory_new(1, sizeof *engine, error);
    if (!engine)
        return LCAP_ERR_MEMORY;
    engine->base.setup = *setup;
    rc = flow_table_new(&engine->table, sizeof(struct compat_flow), error);
    if (rc == LCAP_OK)
        rc = pcap2json_chains(&engine->chains, setup->options, error);
    if (rc == LCAP_OK)
        *base = &engine->base;
    else
        compat_free(&engine->base);
    return rc;
}

/*
 * The time as in dpkt and Python's utcfromtimestamp(): a double of seconds, rounded
 * to microseconds (half to even). That is exact for times in microseconds.
 */
static int64_t python_time(const struct lcap_packet *packet)
{
    const uint8_t resolution = packet->interface->tsresol;
    if (resolution <= MICROSECOND_DIGITS || !packet->has_time)
        return packet->has_time ? packet->time_ns : 0;
    const double divisor = resolution & 0x80 ? ldexp(1, resolution & 0x7F) : pow(10, resolution);
    const double time = (double)packet->interface->tsoffset + (double)packet->timestamp / divisor;
    double seconds;
    const double microseconds = rint(modf(time, &seconds) * US_PER_SECOND);
    /* Outside the range of nanoseconds: the limits of the reader. */
    if (!(fabs(seconds) < (double)(INT64_MAX / NS_PER_SECOND)))
        return packet->time_ns;
    return ((int64_t)seconds * US_PER_SECOND + (int64_t)microseconds) * NS_PER_US;
}

static struct flow_key key_of(const struct arrival *arrival, bool reverse)
{
    const struct dpkt_packet *dpkt = &arrival->dpkt;
    const size_t len = dpkt->ip6 ? 16 : 4;
    struct flow_key key = {
        .family = dpkt->ip6 ? FAMILY_IPV6 : FAMILY_IPV4,
        .sample = arrival->sample,
    };
    memcpy(key.address[reverse], dpkt->source, len);
    memcpy(key.address[!reverse], dpkt->destination, len);
    key.port[reverse] = arrival->kind == KIND_OTHERS ? dpkt->protocol : dpkt->source_port;
    key.port[!reverse] = arrival->kind == KIND_OTHERS ? dpkt->protocol : dpkt->destination_port;
    return key;
}

static struct flow *find(const struct flow_table *table, const struct flow_key *key)
{
    return flow_table_find(table, key, flow_table_hash(table, key));
}

static struct flow *begin_flow(struct compat_engine *engine, const struct arrival *arrival,
                               struct lcap_error *error)
{
    const struct flow_key key = key_of(arrival, false);
    struct flow *flow =
        flow_table_add(engine->table, &key, flow_table_hash(engine->table, &key), error);
    if (!flow)
        return NULL;
    struct compat_flow *state = flow_state(flow);
    state->kind = (uint8_t)arrival->kind;
    state->start_ns = arrival->time_ns;
    state->init_seq[0] = arrival->dpkt.tcp_seq;
    uint64_t *peak = &engine->base.setup.counts->peak_flows;
    if (*peak < flow_table_count(engine->table))
        *peak = flow_table_count(engine->table);
    return flow;
}

/* The straight key comes first; the reverse one counts only if sessions are requested. */
static struct flow *flow_of(struct compat_engine *engine, struct arrival *arrival,
                            struct lcap_error *error)
{
    const struct flow_key straight = key_of(arrival, false);
    struct flow *flow = find(engine->table, &straight);
    if (flow || engine->base.setup.options->unidirectional)
        return flow ? flow : begin_flow(engine, arrival, error);
    const struct flow_key reverse = key_of(arrival, true);
    flow = find(engine->table, &reverse);
    if (!flow)
        return begin_flow(engine, arrival, error);
    struct compat_flow *state = flow_state(flow);
    arrival->backward = true;
    if (arrival->kind != KIND_TCP)
        state->init_seq[1] = 0;
    else if (state->init_seq[1] == 0)
        state->init_seq[1] = arrival->dpkt.tcp_seq;
    return flow;
}

/* Only the first entry with the same sequence number counts. */
static bool is_retransmission(const struct ring *ring, uint32_t seq, uint32_t len)
{
    for (uint32_t i = 0; i < ring->count; i++)
        if (ring->items[i].seq == seq)
            return ring->items[i].len == len;
    return false;
}

/* Once the list is full, every eleventh packet is not added. */
static void remember(struct ring *ring, uint32_t seq, uint32_t len)
{
    struct pcap2json_ring_state *state = &ring->state;
    uint32_t place = state->tail;
    if (state->tail == RING_SIZE) {
        state->tail = 0;
        state->flag = 1;
        place = 0;
    } else {
        state->tail++;
        if (state->flag == 0)
            ring->count = state->tail;
        else if (state->tail < RING_SIZE)
            place = state->tail;
        else
            return;
    }
    ring->items[place].seq = seq;
    ring->items[place].len = len;
}

static struct pcap2json_packet describe(const struct arrival *arrival, bool detail)
{
    const struct dpkt_packet *dpkt = &arrival->dpkt;
    const uint8_t *ip = arrival->bytes.ip;
    const bool others = arrival->kind == KIND_OTHERS;
    const uint32_t data_len = others ? arrival->bytes.transport_len : dpkt_payload_len(dpkt);
    struct pcap2json_packet packet = {
        .time_ns = arrival->time_ns,
        .sequence = dpkt->tcp_seq,
        .data_len = data_len,
        .content_len = detail ? (others ? 0 : data_len) : arrival->bytes.len,
        .second = arrival->backward,
        .has_sequence = arrival->kind == KIND_TCP,
    };
    /* In detail, the original parses the bytes that it has written once more. */
    if (dpkt->ip6) {
        packet.ip_len = arrival->bytes.len;
        packet.ip_header_len = (int32_t)packet.ip_len - load16(ip + 4, true);
        packet.tos = (uint8_t)(load16(ip, true) >> 4);
        packet.ttl = ip[7];
    } else {
        packet.ip_len = load16(ip + 2, true);
        packet.ip_header_len = (int32_t)packet.ip_len - (int32_t)arrival->bytes.transport_len;
        packet.tos = ip[1];
        packet.ttl = ip[8];
    }
    if (others)
        return packet;
    packet.transport_header_len = dpkt->transport_header_len;
    packet.flags = (uint8_t)dpkt->tcp_flags;
    packet.window = dpkt->tcp_window;
    packet.urgent = dpkt->tcp_urgent;
    return packet;
}

static int store(struct compat_engine *engine, struct compat_flow *flow,
                 const struct arrival *arrival, struct lcap_error *error)
{
    const bool detail = engine->base.setup.options->detail;
    const struct pcap2json_packet packet = describe(arrival, detail);
    const uint8_t *content = detail ? dpkt_payload(&arrival->dpkt) : arrival->bytes.ip;
    flow->stored++;
    flow->data_bytes += packet.data_len;
    flow->has_backward |= arrival->backward;
    return pcap2json_store(engine->chains, &flow->packets, &packet, content, error);
}

static int add_data(struct compat_engine *engine, struct compat_flow *flow,
                    const struct arrival *arrival, struct lcap_error *error)
{
    struct ring *ring = &flow->rings[arrival->backward];
    const uint32_t seq = arrival->dpkt.tcp_seq;
    const uint32_t len = dpkt_payload_len(&arrival->dpkt);
    if (arrival->kind == KIND_TCP && is_retransmission(ring, seq, len))
        return LCAP_OK;
    if (flow->stored >= MOST_PACKETS)
        return LCAP_OK;
    if (arrival->kind == KIND_TCP)
        remember(ring, seq, len);
    return store(engine, flow, arrival, error);
}

/*
 * Whether data of this kind crashes the original: it looks for a list of
 * retransmissions in flows that did not begin with TCP, and in detail parses every
 * packet as the protocol with which the flow began.
 */
static bool is_deadly(const struct compat_flow *flow, enum kind kind, bool detail)
{
    if (flow->kind == kind)
        return false;
    return kind == KIND_TCP || (detail && flow->kind != KIND_OTHERS);
}

static bool has_data(const struct dpkt_packet *packet)
{
    /* dpkt stores chunks and addresses elsewhere, and leaves nothing as data. */
    enum { VRRP = 112 };
    return packet->protocol != IP_PROTOCOL_SCTP && packet->protocol != VRRP &&
           dpkt_payload_len(packet) > 0;
}

static enum lcap_skip parse(struct compat_engine *engine, const struct lcap_packet *packet,
                            struct arrival *arrival)
{
    const uint16_t linktype = packet->interface->linktype;
    enum dpkt_result result;
    if (engine->stopped || !packet->has_time) /* it does not know Simple Packet Blocks */
        return LCAP_SKIP_PROFILE;
    if (linktype == LINKTYPE_ETHERNET)
        result = dpkt_parse_ethernet(packet->data, packet->caplen, &arrival->dpkt);
    else if (linktype == LINKTYPE_RAW_IP)
        result = dpkt_parse_ip(packet->data, packet->caplen, &arrival->dpkt);
    else
        return LCAP_SKIP_PROFILE;
    /* There it leaves its loop over the packets. */
    engine->stopped = result == DPKT_EXCEPTION;
    if (result == DPKT_NO_IP)
        return LCAP_SKIP_NO_IP;
    if (result != DPKT_TRANSPORT)
        return LCAP_SKIP_PROFILE;
    arrival->kind = arrival->dpkt.protocol == IP_PROTOCOL_TCP   ? KIND_TCP
                    : arrival->dpkt.protocol == IP_PROTOCOL_UDP ? KIND_UDP
                                                                : KIND_OTHERS;
    arrival->has_data = has_data(&arrival->dpkt);
    arrival->time_ns = python_time(packet);
    return LCAP_SKIP_NONE;
}

/* Puts the packet into its flow, or sets *skip if it would crash the original. */
static int join(struct compat_engine *engine, struct arrival *arrival, enum lcap_skip *skip,
                struct lcap_error *error)
{
    struct flow *flow = flow_of(engine, arrival, error);
    if (!flow)
        return LCAP_ERR_MEMORY;
    struct compat_flow *state = flow_state(flow);
    if (arrival->has_data && is_deadly(state, arrival->kind, engine->base.setup.options->detail)) {
        *skip = LCAP_SKIP_PROFILE;
        return LCAP_OK;
    }
    state->joined++;
    state->last_ns = arrival->time_ns;
    return arrival->has_data ? add_data(engine, state, arrival, error) : LCAP_OK;
}

static int compat_packet(struct engine *base, const struct lcap_packet *packet, uint32_t sample,
                         struct lcap_error *error)
{
    struct compat_engine *engine = (struct compat_engine *)base;
    struct lcap_flow_counts *counts = base->setup.counts;
    struct arrival arrival = {.sample = sample};
    enum lcap_skip skip = parse(engine, packet, &arrival);
    int rc = LCAP_OK;
    if (skip == LCAP_SKIP_NONE && arrival.has_data) {
        rc = pcap2json_bytes(&arrival.dpkt, &engine->rewritten, &arrival.bytes, error);
        if (rc < 0)
            return rc;
        if (rc == 0)
            skip = LCAP_SKIP_PROFILE;
        rc = LCAP_OK;
    }
    if (skip == LCAP_SKIP_NONE)
        rc = join(engine, &arrival, &skip, error);
    if (skip == LCAP_SKIP_NONE)
        counts->in_flows++;
    else
        counts->skipped[skip]++;
    return rc;
}

static struct lcap_flow_row summarise(const struct compat_engine *engine, const struct flow *flow)
{
    const struct compat_flow *state = flow_state(flow);
    const struct sample sample = flow_sample(&engine->base.setup, flow);
    struct lcap_flow_row summary = row_summary(&engine->base.setup, flow, &sample);
    summary.protocol = kind_names[state->kind];
    summary.packets = state->joined;
    summary.bytes = state->data_bytes;
    summary.bidirectional = state->has_backward;
    summary.duration_ns = time_between(state->start_ns, state->last_ns);
    return summary;
}

static int write_flow(struct compat_engine *engine, const struct flow *flow,
                      struct lcap_error *error)
{
    const struct engine_setup *setup = &engine->base.setup;
    const struct compat_flow *state = flow_state(flow);
    char addresses[2][INET6_ADDRSTRLEN];
    const int family = flow->key.family == FAMILY_IPV6 ? AF_INET6 : AF_INET;
    const struct pcap2json_flow facts = {
        .detail = setup->options->detail,
        .bidirectional = !setup->options->unidirectional,
        .compat = true,
        .source = inet_ntop(family, flow->key.address[0], addresses[0], sizeof addresses[0]),
        .destination = inet_ntop(family, flow->key.address[1], addresses[1], sizeof addresses[1]),
        .protocol = kind_names[state->kind],
        .ports = {flow->key.port[0], flow->key.port[1]},
        .packets = state->stored,
        .start_ns = state->start_ns,
        .init_seq = {state->init_seq[0], state->init_seq[1]},
        .others = state->kind == KIND_OTHERS
                      ? "Others ip protocol, please parsing by yourself using dpkt"
                      : NULL,
        .has_rings = state->kind == KIND_TCP,
        .rings = {state->rings[0].state, state->rings[1].state},
    };
    int rc = pcap2json_text_begin(&engine->text, &facts, engine->chains, &state->packets, error);
    if (rc != LCAP_OK)
        return rc;
    struct lcap_flow_row summary = summarise(engine, flow);
    return pcap2json_emit(setup, &engine->text, &summary, error);
}

static int compat_finish(struct engine *base, struct lcap_error *error)
{
    struct compat_engine *engine = (struct compat_engine *)base;
    const bool detail = base->setup.options->detail;
    int rc = LCAP_OK;
    for (struct flow *flow; (flow = flow_table_oldest(engine->table, 0));) {
        struct compat_flow *state = flow_state(flow);
        if (rc == LCAP_OK && (!detail || state->stored >= FEWEST_PACKETS))
            rc = write_flow(engine, flow, error);
        chains_drop(engine->chains, &state->packets);
        flow_table_remove(engine->table, flow);
        flow_table_drop(engine->table, flow);
    }
    engine->stopped = false;
    return rc;
}

const struct engine_class compat_pcap2json = {
    .create = compat_create,
    .packet = compat_packet,
    .finish = compat_finish,
    .free = compat_free,
};
