/* Flows of samples: the same whatever the order of the samples. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow_bench.h"
#include "random_traffic.h"

static const struct assembler_rules minute = {.idle_ns = 60 * SECOND};

static void send_labelled(struct bench *bench, const struct packet_headers *headers,
                          int64_t time_ns, uint32_t sample)
{
    const struct lcap_packet packet = {.has_time = true, .time_ns = time_ns};
    bench->now_ns = time_ns;
    assert_int_equal(assembler_packet(bench->assembler, &packet, headers, sample, NULL), 0);
}

static void udp_of(struct bench *bench, uint32_t sample, uint8_t from, uint8_t to, int64_t second)
{
    const struct packet_headers headers = headers_of(IP_PROTOCOL_UDP, from, to);
    send_labelled(bench, &headers, second * SECOND, sample);
}

static void no_more_packets(void **unused)
{
    (void)unused;
    struct bench bench;
    set_up(&bench, &minute);
    udp_of(&bench, 0, 1, 2, 0);
    udp_of(&bench, 1, 3, 4, 1000);
    assert_int_equal(bench.ended.count, 0);
    finish(&bench);
    expect_flow(&bench, 0, FLOW_END_NO_MORE, 1, 1, 0);
    expect_flow(&bench, 1, FLOW_END_NO_MORE, 3, 1, 0);
    tear_down(&bench);
}

/* However much time other samples let pass, its next packet cuts a flow. */
static void cut_by_another_packet_of_the_sample(void **unused)
{
    (void)unused;
    for (int with_others = 0; with_others < 2; with_others++) {
        struct bench bench;
        set_up(&bench, &minute);
        udp_of(&bench, 0, 1, 2, 0);
        for (int second = 1; with_others && second < 3600; second++)
            udp_of(&bench, 1, 3, 4, second);
        udp_of(&bench, 0, 2, 1, 3600);
        assert_int_equal(bench.ended.count, 1);
        expect_flow(&bench, 0, FLOW_END_IDLE, 1, 1, 0);
        finish(&bench);
        expect_flow(&bench, bench.ended.count - 1, FLOW_END_NO_MORE, 2, 1, 0);
        tear_down(&bench);
    }
}

/* A closed connection does not wait for more than its last repeats. */
static void closed_ones_do_not_wait(void **unused)
{
    (void)unused;
    struct bench bench;
    set_up(&bench, &minute);
    struct packet_headers reset = headers_of(IP_PROTOCOL_TCP, 1, 2);
    reset.tcp_flags = RST;
    send_labelled(&bench, &reset, 0, 0);
    udp_of(&bench, 1, 3, 4, 100);
    assert_int_equal(bench.ended.count, 1);
    expect_flow(&bench, 0, FLOW_END_CLOSED, 1, 1, 0);
    tear_down(&bench);
}

static void only_so_many_wait(void **unused)
{
    (void)unused;
    struct bench bench;
    set_up(&bench, &minute);
    udp_of(&bench, 0, 1, 2, 0);
    for (uint32_t i = 0; i < WAITING_PACKETS; i++)
        udp_of(&bench, 1, 3, 4, 100);
    assert_int_equal(bench.ended.count, 0);
    udp_of(&bench, 1, 3, 4, 100);
    assert_int_equal(bench.ended.count, 1);
    assert_int_equal(bench.ended.items[0].number, 0);
    assert_int_equal(bench.ended.items[0].end, FLOW_END_NO_MORE);
    tear_down(&bench);
}

static void those_that_wait_make_room_first(void **unused)
{
    (void)unused;
    struct bench bench;
    set_up(&bench, &(struct assembler_rules){.idle_ns = 60 * SECOND, .max_flows = 2});
    udp_of(&bench, 0, 1, 2, 0);
    udp_of(&bench, 1, 3, 4, 100);
    udp_of(&bench, 1, 5, 6, 101);
    expect_flow(&bench, 0, FLOW_END_NO_MORE, 1, 1, 0);
    assert_int_equal(counts_of(&bench).evicted, 0);
    udp_of(&bench, 1, 7, 8, 102);
    expect_flow(&bench, 1, FLOW_END_RESOURCES, 3, 1, 0);
    assert_int_equal(counts_of(&bench).evicted, 1);
    tear_down(&bench);
}

/* Orders */

enum { SAMPLES = 4, PACKETS = 3000 };

struct sent {
    struct packet_headers headers;
    int64_t time_ns;
    uint32_t sample;
};

static struct sent random_sent(struct random *random, int64_t *now_ns)
{
    static const uint16_t flags[] = {SYN, SYN | ACK, ACK, ACK, ACK, FIN | ACK, RST, ACK};
    static const int64_t steps[] = {0, 1, SECOND, SECOND, 2 * SECOND, 5 * SECOND, 40 * SECOND};
    const bool tcp = random_below(random, 2);
    struct sent sent = {.sample = random_below(random, SAMPLES),
                        .headers = headers_of(tcp ? IP_PROTOCOL_TCP : IP_PROTOCOL_UDP,
                                              1 + random_below(random, 3), 4)};
    if (tcp)
        sent.headers.tcp_flags = flags[random_below(random, 8)];
    sent.time_ns = *now_ns += steps[random_below(random, 7)];
    return sent;
}

static int compare_flows(const void *a, const void *b)
{
    const struct flow_record *left = a, *right = b;
    if (left->sample != right->sample)
        return left->sample < right->sample ? -1 : 1;
    const int ends = memcmp(left->address, right->address, sizeof left->address);
    if (ends != 0)
        return ends;
    if (left->protocol != right->protocol)
        return left->protocol < right->protocol ? -1 : 1;
    return (left->first_ns > right->first_ns) - (left->first_ns < right->first_ns);
}

static void assert_same_flows(struct flow_records *a, struct flow_records *b)
{
    assert_int_equal(a->count, b->count);
    qsort(a->items, a->count, sizeof *a->items, compare_flows);
    qsort(b->items, b->count, sizeof *b->items, compare_flows);
    for (size_t i = 0; i < a->count; i++) {
        const struct flow_record *left = &a->items[i], *right = &b->items[i];
        assert_int_equal(compare_flows(left, right), 0);
        assert_int_equal(left->end, right->end);
        assert_int_equal(left->last_ns, right->last_ns);
        assert_memory_equal(left->packets, right->packets, sizeof left->packets);
    }
}

/* In the order of times, and sample by sample. */
static void the_same_in_both_orders(void **unused)
{
    (void)unused;
    static struct sent sent[PACKETS];
    struct random random = {.state = 7};
    for (int round = 0; round < 20; round++) {
        const struct assembler_rules rules = {.idle_ns = (1 + random_below(&random, 90)) * SECOND,
                                              .active_ns = random_below(&random, 200) * SECOND};
        struct bench by_time, by_sample;
        int64_t now_ns = 0;
        set_up(&by_time, &rules);
        set_up(&by_sample, &rules);
        for (size_t i = 0; i < PACKETS; i++) {
            sent[i] = random_sent(&random, &now_ns);
            send_labelled(&by_time, &sent[i].headers, sent[i].time_ns, sent[i].sample);
        }
        for (uint32_t sample = 0; sample < SAMPLES; sample++)
            for (size_t i = 0; i < PACKETS; i++)
                if (sent[i].sample == sample)
                    send_labelled(&by_sample, &sent[i].headers, sent[i].time_ns, sample);
        finish(&by_time);
        finish(&by_sample);
        assert_same_flows(&by_time.ended, &by_sample.ended);
        tear_down(&by_time);
        tear_down(&by_sample);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_more_packets),
        cmocka_unit_test(cut_by_another_packet_of_the_sample),
        cmocka_unit_test(closed_ones_do_not_wait),
        cmocka_unit_test(only_so_many_wait),
        cmocka_unit_test(those_that_wait_make_room_first),
        cmocka_unit_test(the_same_in_both_orders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
