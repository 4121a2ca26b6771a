/* An assembler whose flows are written down as they are handed over, and packets for it. */
#ifndef TESTS_FLOW_BENCH_H
#define TESTS_FLOW_BENCH_H

#include "flow/assembler.h"
#include "plain_flows.h"
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)
#define SYN    TCP_SYN
#define ACK    TCP_ACK
#define FIN    TCP_FIN
#define RST    TCP_RST

/* What is measured of a flow. */
struct state {
    uint64_t packets[2], digest;
};

struct bench {
    struct assembler *assembler;
    struct flow_records ended;
    uint64_t packets, released, flips;
    int packet_rc, ended_rc; /* what the measure answers */
    int64_t now_ns;          /* of the last packet that was sent */
};

static inline int measure_packet(void *context, struct flow *flow, const struct flow_packet *packet,
                                 struct lcap_error *error)
{
    struct bench *bench = context;
    struct state *state = flow_state(flow);
    if (state->packets[0] + state->packets[1] == 0) {
        assert_int_equal(flow->first_ns, packet->time_ns);
        assert_int_equal(flow->last_ns, packet->time_ns);
    }
    const uint8_t *source = packet->headers->source;
    assert_memory_equal(flow->key.address[packet->forward ? flow_source(flow) : !flow_source(flow)],
                        source, 16);
    state->packets[packet->forward ? 0 : 1]++;
    state->digest = digest_add(state->digest, bench->packets++);
    return bench->packet_rc ? lcap_error_set(error, bench->packet_rc, "packet") : 0;
}

static inline void measure_flip(void *context, struct flow *flow)
{
    struct state *state = flow_state(flow);
    const uint64_t forward = state->packets[0];
    state->packets[0] = state->packets[1];
    state->packets[1] = forward;
    ((struct bench *)context)->flips++;
}

static inline int measure_ended(void *context, struct flow *flow, struct lcap_error *error)
{
    struct bench *bench = context;
    const struct state *state = flow_state(flow);
    struct flow_record record = {
        .number = flow->number,
        .end = flow->end,
        .family = flow->key.family,
        .protocol = flow->key.protocol,
        .vlan = flow->vlan,
        .sample = flow->key.sample,
        .first_ns = flow->first_ns,
        .last_ns = flow->last_ns,
        .packets = {state->packets[0], state->packets[1]},
        .digest = state->digest,
    };
    for (int side = 0; side < 2; side++) {
        const int endpoint = side ? !flow_source(flow) : flow_source(flow);
        memcpy(record.address[side], flow->key.address[endpoint], 16);
        record.port[side] = flow->key.port[endpoint];
    }
    records_add(&bench->ended, &record);
    return bench->ended_rc ? lcap_error_set(error, bench->ended_rc, "ended") : 0;
}

static inline void measure_release(void *context, struct flow *flow)
{
    (void)flow;
    ((struct bench *)context)->released++;
}

static const struct flow_measure measure = {
    .state_size = sizeof(struct state),
    .packet = measure_packet,
    .flip = measure_flip,
    .ended = measure_ended,
    .release = measure_release,
};

static inline void set_up(struct bench *bench, const struct assembler_rules *rules)
{
    *bench = (struct bench){0};
    assert_int_equal(assembler_new(&bench->assembler, rules, &measure, bench, NULL), 0);
}

static inline void tear_down(struct bench *bench)
{
    assembler_free(bench->assembler);
    free(bench->ended.items);
}

/* Host 3 has address 10.0.0.3 and port 1003. */
static inline struct packet_headers headers_of(uint8_t protocol, uint8_t from, uint8_t to)
{
    return (struct packet_headers){
        .family = FAMILY_IPV4,
        .protocol = protocol,
        .vlan = VLAN_NONE,
        .source = {10, 0, 0, from},
        .destination = {10, 0, 0, to},
        .source_port = 1000 + from,
        .destination_port = 1000 + to,
        .has_transport = true,
        .tcp_known = protocol == IP_PROTOCOL_TCP ? TCP_FIXED_LEN : 0,
    };
}

static inline void send_headers(struct bench *bench, const struct packet_headers *headers,
                                int64_t time_ns)
{
    const struct lcap_packet packet = {.has_time = true, .time_ns = time_ns};
    bench->now_ns = time_ns;
    assert_int_equal(assembler_packet(bench->assembler, &packet, headers, NO_SAMPLE, NULL), 0);
}

static inline void tcp(struct bench *bench, uint8_t from, uint8_t to, uint16_t flags, uint32_t seq)
{
    struct packet_headers headers = headers_of(IP_PROTOCOL_TCP, from, to);
    headers.tcp_flags = flags;
    headers.tcp_seq = seq;
    send_headers(bench, &headers, bench->now_ns);
}

static inline void udp_at(struct bench *bench, uint8_t from, uint8_t to, int64_t time_ns)
{
    const struct packet_headers headers = headers_of(IP_PROTOCOL_UDP, from, to);
    send_headers(bench, &headers, time_ns);
}

static inline void udp(struct bench *bench, uint8_t from, uint8_t to)
{
    udp_at(bench, from, to, bench->now_ns);
}

static inline void finish(struct bench *bench)
{
    assert_int_equal(assembler_finish(bench->assembler, NULL), 0);
    assert_int_equal(bench->released, bench->ended.count);
}

static inline struct lcap_flow_counts counts_of(struct bench *bench)
{
    struct lcap_flow_counts counts = {0};
    assembler_count(bench->assembler, &counts);
    return counts;
}

static inline void expect_flow(const struct bench *bench, size_t index, enum flow_end end,
                               uint8_t initiator, uint64_t forward, uint64_t backward)
{
    assert_in_range(index + 1, 1, bench->ended.count);
    const struct flow_record *record = &bench->ended.items[index];
    assert_int_equal(record->end, end);
    assert_int_equal(record->address[0][3], initiator);
    assert_int_equal(record->packets[0], forward);
    assert_int_equal(record->packets[1], backward);
}

static inline void ended_so_far(const struct bench *bench, size_t count)
{
    assert_int_equal(bench->ended.count, count);
    assert_int_equal(bench->released, count);
}

#endif
