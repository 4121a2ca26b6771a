/* Random packets through the assembler and through the plain rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow_bench.h"
#include "plain_flows.h"
#include "random_traffic.h"

static int64_t random_time(struct random *random, int64_t now)
{
    static const int64_t steps[] = {
        0,          0, 1,          SECOND / 3,     SECOND, SECOND + 1, 2 * SECOND,  3 * SECOND,
        5 * SECOND, 1, 7 * SECOND, 5 * SECOND + 1, 0,      SECOND,     -SECOND / 2, -4 * SECOND};
    static const int64_t leaps[] = {INT64_MIN, INT64_MAX, 0, -1, -1000 * SECOND, 1000 * SECOND};
    int64_t time;
    if (random_below(random, 400) == 0)
        return leaps[random_below(random, 6)];
    if (__builtin_add_overflow(now, steps[random_below(random, 16)], &time))
        return now;
    return time;
}

static struct packet_headers random_headers(struct random *random)
{
    static const uint8_t protocols[] = {IP_PROTOCOL_TCP, IP_PROTOCOL_TCP, IP_PROTOCOL_TCP,
                                        IP_PROTOCOL_UDP, IP_PROTOCOL_ICMP};
    static const uint16_t flags[] = {SYN,       SYN,       SYN | ACK, ACK, ACK,       ACK,
                                     FIN | ACK, FIN | ACK, FIN,       RST, SYN | FIN, SYN | RST,
                                     0x1FF,     0,         ACK,       ACK};
    struct packet_headers headers =
        headers_of(protocols[random_below(random, 5)], 1 + random_below(random, 3) / 2,
                   1 + random_below(random, 3) / 2);
    headers.source_port = headers.destination_port = 0;
    if (headers.protocol != IP_PROTOCOL_ICMP) {
        headers.source_port = (uint16_t)(1 + 255 * random_below(random, 2));
        headers.destination_port = (uint16_t)(1 + 255 * random_below(random, 2));
    }
    headers.tcp_flags = flags[random_below(random, 16)];
    headers.tcp_seq = random_below(random, 2);
    headers.one_way = headers.protocol == IP_PROTOCOL_ICMP && random_below(random, 2) > 0;
    if (headers.one_way) /* port unreachable; the others ask and answer */
        headers.source_port = headers.destination_port = 3;
    if (random_below(random, 20) == 0)
        headers.tcp_known = 0;
    headers.unknown_ports = random_below(random, 20) == 0;
    headers.vlan = (uint16_t)random_below(random, 3);
    return headers;
}

static struct assembler_rules random_rules(struct random *random)
{
    static const int64_t idle[] = {0, 1, SECOND, 3 * SECOND, 5 * SECOND, 60 * SECOND, INT64_MAX};
    static const int64_t active[] = {0, 0, 0, 1, 2 * SECOND, 20 * SECOND, INT64_MAX};
    static const uint64_t max_flows[] = {0, 0, 0, 1, 2, 3, 8};
    return (struct assembler_rules){
        .unidirectional = random_below(random, 4) == 0,
        .idle_ns = idle[random_below(random, 7)],
        .active_ns = active[random_below(random, 7)],
        .max_flows = max_flows[random_below(random, 7)],
    };
}

static void compare_records(const struct flow_records *a, const struct flow_records *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct flow_record *left = &a->items[i], *right = &b->items[i];
        assert_int_equal(left->number, right->number);
        assert_int_equal(left->end, right->end);
        assert_int_equal(left->first_ns, right->first_ns);
        assert_int_equal(left->last_ns, right->last_ns);
        assert_int_equal(left->digest, right->digest);
        /* Without padding between or behind its members. */
        assert_memory_equal(left->address, right->address, sizeof left->address);
        assert_memory_equal(left->port, right->port, sizeof left->port);
        assert_memory_equal(left->packets, right->packets, sizeof left->packets);
        assert_int_equal(left->protocol, right->protocol);
        assert_int_equal(left->sample, right->sample);
        assert_int_equal(left->vlan, right->vlan);
    }
}

static void compare_round(struct random *random, uint64_t *ends)
{
    const struct assembler_rules rules = random_rules(random);
    struct plain_flows plain = {.rules = rules};
    struct bench bench;
    set_up(&bench, &rules);
    int64_t now = (int64_t)random_below(random, 3) * SECOND;
    for (int i = 0; i < 400; i++) {
        const struct packet_headers headers = random_headers(random);
        now = random_time(random, now);
        const struct lcap_packet packet = {.has_time = random_below(random, 30) > 0,
                                           .time_ns = now};
        const uint32_t sample = random_below(random, 3) ? NO_SAMPLE : 0;
        assert_int_equal(assembler_packet(bench.assembler, &packet, &headers, sample, NULL), 0);
        plain_packet(&plain, &packet, &headers, sample);
        assert_int_equal(bench.ended.count, plain.ended.count);
        if (i == 399 || random_below(random, 200) == 0) {
            finish(&bench);
            plain_finish(&plain);
            now = 0;
        }
    }
    compare_records(&bench.ended, &plain.ended);
    const struct lcap_flow_counts counts = counts_of(&bench);
    assert_int_equal(counts.evicted, plain.evicted);
    assert_int_equal(counts.peak_flows, plain.peak);
    for (size_t i = 0; i < plain.ended.count; i++)
        ends[plain.ended.items[i].end]++;
    free(plain.ended.items);
    tear_down(&bench);
}

static void same_as_the_plain_rules(void **unused)
{
    (void)unused;
    struct random random = {.state = 1};
    uint64_t ends[FLOW_END_NO_MORE + 1] = {0};
    for (int round = 0; round < 1500; round++)
        compare_round(&random, ends);
    for (int end = FLOW_END_IDLE; end <= FLOW_END_NO_MORE; end++)
        assert_in_range(ends[end], 5000, UINT64_MAX); /* all were put to the test */
}

/* The hash keys of two tables are different; what they hand over is not. */
static void nothing_depends_on_the_hash_key(void **unused)
{
    const struct assembler_rules rules = {
        .idle_ns = 5 * SECOND, .active_ns = 8 * SECOND, .max_flows = 1000};
    (void)unused;
    struct bench benches[2];
    for (int i = 0; i < 2; i++) {
        struct random random = {.state = 99};
        set_up(&benches[i], &rules);
        int64_t now = 0;
        for (int n = 0; n < 100000; n++) {
            struct packet_headers headers = random_headers(&random);
            headers.source[1] = (uint8_t)random_below(&random, 250);
            headers.source[2] = (uint8_t)random_below(&random, 10);
            send_headers(&benches[i], &headers, now += random_below(&random, 5000000));
        }
        finish(&benches[i]);
    }
    assert_in_range(benches[0].ended.count, 20000, 100000);
    compare_records(&benches[0].ended, &benches[1].ended);
    assert_in_range(counts_of(&benches[0]).evicted, 1, 100000);
    for (int i = 0; i < 2; i++)
        tear_down(&benches[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_as_the_plain_rules),
        cmocka_unit_test(nothing_depends_on_the_hash_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
