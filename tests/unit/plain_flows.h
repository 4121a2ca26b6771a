/*
 * The rules of flow/assembler.h written the plain way: every flow is looked at
 * for every packet, times are subtracted in 128 bits, and nothing is kept in
 * order. What the assembler is compared with.
 */
#ifndef TESTS_PLAIN_FLOWS_H
#define TESTS_PLAIN_FLOWS_H

#include "flow/assembler.h"
#include "flow/capture_clock.h"
#include <stdlib.h>
#include <string.h>

/* A flow as it was handed over; also what the tests make of the assembler's. */
struct flow_record {
    uint64_t number;
    int end;
    uint8_t address[2][16]; /* initiator, responder */
    uint16_t port[2];
    uint8_t family, protocol;
    uint16_t vlan;
    uint32_t sample;
    int64_t first_ns, last_ns;
    uint64_t packets[2]; /* forward, backward */
    uint64_t digest;     /* of its packets and their order */
};

struct flow_records {
    struct flow_record *items;
    size_t count, capacity;
};

static inline void records_add(struct flow_records *records, const struct flow_record *record)
{
    if (records->count == records->capacity) {
        records->capacity = records->capacity * 2 + 64;
        records->items = realloc(records->items, records->capacity * sizeof *record);
        if (!records->items)
            abort();
    }
    records->items[records->count++] = *record;
}

/* The packets so far, with one more: `id` is its number in the stream. */
static inline uint64_t digest_add(uint64_t digest, uint64_t id)
{
    return (digest ^ (id + 1)) * UINT64_C(0x9E3779B97F4A7C15);
}

struct plain_flow {
    struct flow_record record;
    int64_t seen_ns;
    uint64_t last_packet;
    bool syn_seen, fin_seen[2], closed;
    bool unknown_ports;
    bool waits; /* labelled, and its idle time is over */
    uint32_t syn_seq;
};

struct plain_flows {
    struct assembler_rules rules;
    struct plain_flow *live[1024];
    size_t count, peak;
    uint64_t next_number, packets, evicted;
    bool started;
    __int128 now;    /* the capture time: how long time ran on */
    __int128 latest; /* packet time */
    struct {
        uint32_t sample;
        __int128 highest; /* packet time */
    } samples[64];
    size_t sample_count;
    struct flow_records ended;
};

static inline void plain_end(struct plain_flows *flows, struct plain_flow *flow, int reason)
{
    for (size_t i = 0; i < flows->count; i++)
        if (flows->live[i] == flow)
            flows->live[i] = flows->live[--flows->count];
    flow->record.end = reason;
    records_add(&flows->ended, &flow->record);
    free(flow);
}

static inline bool plain_over(const struct plain_flows *flows, const struct plain_flow *flow,
                              __int128 now, __int128 since)
{
    __int128 patience = flows->rules.idle_ns;
    if (flow->closed && (patience == 0 || patience > CLOSED_LINGER_NS))
        patience = CLOSED_LINGER_NS;
    return patience != 0 && now - since > patience;
}

static inline bool plain_labelled(const struct plain_flow *flow)
{
    return flow->record.sample != NO_SAMPLE;
}

/* Of those that wait: whose last packet came first. */
static inline struct plain_flow *plain_oldest_waiting(const struct plain_flows *flows)
{
    struct plain_flow *oldest = NULL;
    for (size_t i = 0; i < flows->count; i++) {
        struct plain_flow *flow = flows->live[i];
        if (flow->waits && (!oldest || flow->last_packet < oldest->last_packet))
            oldest = flow;
    }
    return oldest;
}

/* Of those that do not wait, are (not) closed, and perhaps over: whose last packet came first. */
static inline struct plain_flow *plain_oldest(const struct plain_flows *flows, bool closed,
                                              bool must_be_over)
{
    struct plain_flow *oldest = NULL;
    for (size_t i = 0; i < flows->count; i++) {
        struct plain_flow *flow = flows->live[i];
        if (flow->closed != closed || flow->waits)
            continue;
        if (must_be_over && !plain_over(flows, flow, flows->now, flow->seen_ns))
            continue;
        if (!oldest || flow->last_packet < oldest->last_packet)
            oldest = flow;
    }
    return oldest;
}

static inline bool same_endpoint(const struct flow_record *record, int side, const uint8_t *address,
                                 uint16_t port)
{
    return record->port[side] == port && memcmp(record->address[side], address, 16) == 0;
}

/* 1: from the initiator of a live flow, 0: from its responder, -1: there is no such flow. */
static inline int plain_find(const struct plain_flows *flows, const struct packet_headers *h,
                             uint32_t sample, struct plain_flow **found)
{
    for (size_t i = 0; i < flows->count; i++) {
        const struct flow_record *record = &flows->live[i]->record;
        *found = flows->live[i];
        if (record->family != h->family || record->protocol != h->protocol ||
            record->sample != sample || flows->live[i]->unknown_ports != h->unknown_ports)
            continue;
        if (same_endpoint(record, 0, h->source, h->source_port) &&
            same_endpoint(record, 1, h->destination, h->destination_port))
            return 1;
        if (!flows->rules.unidirectional && !h->one_way &&
            same_endpoint(record, 1, h->source, h->source_port) &&
            same_endpoint(record, 0, h->destination, h->destination_port))
            return 0;
    }
    return -1;
}

static inline void plain_turn(struct plain_flow *flow)
{
    struct flow_record old = flow->record;
    for (int side = 0; side < 2; side++) {
        memcpy(flow->record.address[side], old.address[!side], 16);
        flow->record.port[side] = old.port[!side];
        flow->record.packets[side] = old.packets[!side];
    }
    bool fin = flow->fin_seen[0];
    flow->fin_seen[0] = flow->fin_seen[1];
    flow->fin_seen[1] = fin;
}

static inline struct plain_flow *plain_begin(struct plain_flows *flows,
                                             const struct packet_headers *h, uint32_t sample,
                                             int64_t time_ns)
{
    if (flows->rules.max_flows && flows->count >= flows->rules.max_flows) {
        struct plain_flow *waits = plain_oldest_waiting(flows);
        struct plain_flow *oldest = plain_oldest(flows, true, false);
        flows->evicted += !waits;
        if (waits)
            plain_end(flows, waits, FLOW_END_NO_MORE);
        else
            plain_end(flows, oldest ? oldest : plain_oldest(flows, false, false),
                      FLOW_END_RESOURCES);
    }
    struct plain_flow *flow = calloc(1, sizeof *flow);
    if (!flow || flows->count == sizeof flows->live / sizeof flows->live[0])
        abort();
    struct flow_record *record = &flow->record;
    record->number = flows->next_number++;
    memcpy(record->address[0], h->source, 16);
    memcpy(record->address[1], h->destination, 16);
    record->port[0] = h->source_port;
    record->port[1] = h->destination_port;
    record->family = h->family;
    record->protocol = h->protocol;
    record->vlan = h->vlan;
    flow->unknown_ports = h->unknown_ports;
    record->sample = sample;
    record->first_ns = record->last_ns = time_ns;
    flows->live[flows->count++] = flow;
    if (flows->count > flows->peak)
        flows->peak = flows->count;
    return flow;
}

/* Goes on with a connection that the active time-out cut. */
static inline void plain_go_on(struct plain_flow *flow, const struct plain_flow *before,
                               bool turned)
{
    if (turned)
        plain_turn(flow);
    flow->syn_seen = before->syn_seen;
    flow->syn_seq = before->syn_seq;
    memcpy(flow->fin_seen, before->fin_seen, sizeof flow->fin_seen);
    flow->closed = before->closed;
}

static inline int plain_reason(const struct plain_flows *flows, const struct plain_flow *flow,
                               const struct packet_headers *h, __int128 time, bool syn,
                               bool from_initiator)
{
    if (plain_over(flows, flow, time, flow->record.last_ns) ||
        plain_over(flows, flow, flow->record.first_ns, time))
        return flow->closed ? FLOW_END_CLOSED : FLOW_END_IDLE;
    if (syn && from_initiator && flow->syn_seen && flow->syn_seq != h->tcp_seq)
        return FLOW_END_CLOSED;
    if (syn && flow->closed && !(from_initiator && flow->syn_seen))
        return FLOW_END_CLOSED;
    if (flows->rules.active_ns && time - flow->record.first_ns > flows->rules.active_ns)
        return FLOW_END_ACTIVE;
    return 0;
}

static inline void plain_join(struct plain_flows *flows, struct plain_flow *flow,
                              const struct packet_headers *h, int64_t time_ns, bool syn,
                              bool one_way)
{
    struct flow_record *record = &flow->record;
    bool forward = one_way || (same_endpoint(record, 0, h->source, h->source_port));
    if (syn && !flow->syn_seen) {
        if (!forward)
            plain_turn(flow);
        forward = true;
        flow->syn_seen = true;
        flow->syn_seq = h->tcp_seq;
    }
    record->packets[forward ? 0 : 1]++;
    record->digest = digest_add(record->digest, flows->packets);
    if (time_ns < record->first_ns)
        record->first_ns = time_ns;
    if (time_ns > record->last_ns)
        record->last_ns = time_ns;
    flow->waits = false;
    flow->seen_ns = (int64_t)flows->now;
    flow->last_packet = flows->packets++;
    if (!packet_has_tcp(h))
        return;
    if (h->tcp_flags & TCP_FIN)
        flow->fin_seen[forward ? 0 : 1] = true;
    if ((h->tcp_flags & TCP_RST) || (flow->fin_seen[0] && (one_way || flow->fin_seen[1])))
        flow->closed = true;
}

/* The highest time of the sample; of a new one so far below all that it is none. */
static inline __int128 *plain_highest(struct plain_flows *flows, uint32_t sample)
{
    for (size_t i = 0; i < flows->sample_count; i++)
        if (flows->samples[i].sample == sample)
            return &flows->samples[i].highest;
    if (flows->sample_count == sizeof flows->samples / sizeof flows->samples[0])
        abort();
    flows->samples[flows->sample_count].sample = sample;
    flows->samples[flows->sample_count].highest = -((__int128)1 << 100);
    return &flows->samples[flows->sample_count++].highest;
}

static inline void plain_time(struct plain_flows *flows, __int128 time, uint32_t sample)
{
    __int128 *highest = plain_highest(flows, sample);
    if (!flows->started)
        flows->latest = time;
    flows->started = true;
    const __int128 step = time - flows->latest;
    const __int128 news = time - *highest; /* what the sample has not seen before */
    if (step > CLOCK_JUMP_NS && *highest > flows->latest)
        flows->now += news > 0 ? news : 0;
    else if (step > 0)
        flows->now += step;
    if (flows->now > INT64_MAX)
        flows->now = INT64_MAX;
    if (step > 0 || step < -(__int128)CLOCK_JUMP_NS)
        flows->latest = time;
    if (news > 0)
        *highest = time;
}

static inline void plain_packet(struct plain_flows *flows, const struct lcap_packet *packet,
                                const struct packet_headers *h, uint32_t sample)
{
    const int64_t time_ns = packet->has_time ? packet->time_ns : (int64_t)flows->latest;
    plain_time(flows, time_ns, sample);
    struct plain_flow *flow;
    while ((flow = plain_oldest(flows, false, true))) {
        if (plain_labelled(flow))
            flow->waits = true;
        else
            plain_end(flows, flow, FLOW_END_IDLE);
    }
    while ((flow = plain_oldest(flows, true, true)))
        plain_end(flows, flow, FLOW_END_CLOSED);

    const bool one_way =
        flows->rules.unidirectional || h->one_way ||
        (memcmp(h->source, h->destination, 16) == 0 && h->source_port == h->destination_port);
    const bool syn =
        packet_has_tcp(h) && (h->tcp_flags & TCP_SYN) && (one_way || !(h->tcp_flags & TCP_ACK));
    const bool answer =
        packet_has_tcp(h) && !one_way && (h->tcp_flags & TCP_SYN) && (h->tcp_flags & TCP_ACK);
    const int from_initiator = plain_find(flows, h, sample, &flow);
    int reason = 0;
    struct plain_flow before = {0};
    if (from_initiator >= 0) {
        before = *flow;
        reason = plain_reason(flows, flow, h, time_ns, syn, from_initiator);
        if (reason)
            plain_end(flows, flow, reason);
    }
    if (from_initiator < 0 || reason)
        flow = plain_begin(flows, h, sample, time_ns);
    if (reason == FLOW_END_ACTIVE && !syn)
        plain_go_on(flow, &before, !from_initiator);
    else if ((from_initiator < 0 || reason) && answer)
        plain_turn(flow);
    plain_join(flows, flow, h, time_ns, syn, one_way);
}

static inline void plain_finish(struct plain_flows *flows)
{
    while (flows->count > 0) {
        struct plain_flow *first = flows->live[0];
        for (size_t i = 1; i < flows->count; i++)
            if (flows->live[i]->record.number < first->record.number)
                first = flows->live[i];
        plain_end(flows, first,
                  first->closed           ? FLOW_END_CLOSED
                  : plain_labelled(first) ? FLOW_END_NO_MORE
                                          : FLOW_END_FORCED);
    }
    flows->started = false;
    flows->now = flows->latest = 0;
    flows->sample_count = 0;
}

#endif
