/* Each rule of flow/assembler.h by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow_bench.h"

static const struct assembler_rules minute = {.idle_ns = 60 * SECOND};

/* Direction */

static void first_sender_is_initiator(void **unused)
{
    (void)unused;
    struct bench bench;
    set_up(&bench, &minute);
    udp(&bench, 9, 2);
    udp(&bench, 2, 9);
    udp(&bench, 9, 2);
    udp(&bench, 3, 9);
    finish(&bench);
    ended_so_far(&bench, 2);
    expect_flow(&bench, 0, FLOW_END_FORCED, 9, 2, 1);
    expect_flow(&bench, 1, FLOW_END_FORCED, 3, 1, 0);
    assert_int_equal(bench.ended.items[0].port[0], 1009);
    assert_int_equal(bench.ended.items[0].port[1], 1002);
    tear_down(&bench);
}

static void ports_order_the_endpoints_of_one_address(void **unused)
{
    (void)unused;
    struct bench bench;
    set_up(&bench, &minute);
    struct packet_headers there = headers_of(IP_PROTOCOL_UDP, 1, 1), back = there;
    there.source_port = back.destination_port = 40000;
    there.destination_port = back.source_port = 300; /* 40000 % 256 < 300 % 256 is false */
    send_headers(&bench, &there, 0);
    send_headers(&bench, &back, 0);
    finish(&bench);
    ended_so_far(&bench, 1);
    expect_flow(&bench, 0, FLOW_END_FORCED, 1, 1, 1);
    assert_int_equal(bench.ended.items[0].port[0], 40000);
    tear_down(&bench);
}

static void equal_endpoints_are_all_forward(void **unused)
{
    (void)unused;
    struct bench bench;
    set_up(&bench, &minute);
    udp(&bench, 1, 1);
    udp(&bench, 1, 1);
    tcp(&bench, 1, 1, SYN, 7);
    tcp(&bench, 1, 1, SYN | ACK, 7);
    tcp(&bench, 1, 1, FIN | ACK, 8);
    finish(&bench);
    expect_flow(&bench, 0, FLOW_END_FORCED, 1, 2, 0);
    expect_flow(&bench, 1, FLOW_END_CLOSED, 1, 3, 0);
    tear_down(&bench);
}

static void a_syn_turns_the_flow_round(void **unused)
{
    (void)unused;
    struct bench bench;
    set_up(&bench, &minute);
    tcp(&bench, 1, 2, ACK, 101);
    tcp(&bench, 1, 2, FIN | ACK, 101);
    tcp(&bench, 2, 1, SYN, 5);
    assert_int_equal(bench.flips, 1);
    tcp(&bench, 1, 2, SYN | ACK, 100);
    tcp(&bench, 1, 2, FIN | ACK, 101); /* the same side's as before: not closed */
    bench.now_ns = 30 * SECOND;
    tcp(&bench, 2, 1, FIN | ACK, 6);
    tcp(&bench, 1, 2, ACK, 102);
    finish(&bench);
    ended_so_far(&bench, 1);
    expect_flow(&bench, 0, FLOW_END_CLOSED, 2, 2, 5);
    tear_down(&bench);
}

/* Whose SYN was not captured, or comes late. */
static void who_gets_a_syn_ack_is_initiator(void **unused)
{
    (void)unused;
    struct bench bench;
    set_up(&bench, &minute);
    static const uint8_t clients[] = {2, 200}; /* below and above the other's address */
    for (size_t i = 0; i < sizeof clients; i++) {
        const uint8_t client = clients[i];
        tcp(&bench, 100, client, SYN | ACK, 9);
        tcp(&bench, client, 100, SYN, 5);
        tcp(&bench, client, 100, ACK, 6);
        tcp(&bench, 100, client, SYN | ACK, 9);
    }
    tcp(&bench, 4, 3, SYN | ACK, 9);
    tcp(&bench, 3, 4, ACK, 6);
    tcp(&bench, 6, 5, ACK, 10); /* who sends the first packet, where it is none */
    tcp(&bench, 6, 5, SYN | ACK, 9);
    tcp(&bench, 8, 7, SYN | ACK, 9);
    tcp(&bench, 8, 7, SYN, 9); /* says something else of itself */
    assert_int_equal(bench.flips, 1);
    finish(&bench);
    ended_so_far(&bench, 5);
    expect_flow(&bench, 0, FLOW_END_FORCED, 2, 2, 2);
    expect_flow(&bench, 1, FLOW_END_FORCED, 200, 2, 2);
    expect_flow(&bench, 2, FLOW_END_FORCED, 3, 1, 1);
    expect_flow(&bench, 3, FLOW_END_FORCED, 6, 2, 0);
    expect_flow(&bench, 4, FLOW_END_FORCED, 8, 2, 0);
    tear_down(&bench);
}

static void a_simultaneous_open_keeps_the_first(void **unused)
{
    (void)unused;
    struct bench bench;
    set_up(&bench, &minute);
    tcp(&bench, 2, 1, SYN, 5);
    tcp(&bench, 1, 2, SYN, 9);
    tcp(&bench, 1, 2, SYN, 10);
    finish(&bench);
    ended_so_far(&bench, 1);
    expect_flow(&bench, 0, FLOW_END_FORCED, 2, 1, 2);
    assert_int_equal(bench.flips, 0);
    tear_down(&bench);
}

static void flags_count_only_in_tcp_headers(void **unused)
{
    (void)unused;
    struct bench bench;
    set_up(&bench, &minute);
    struct packet_headers udp_headers = headers_of(IP_PROTOCOL_UDP, 1, 2);
    struct packet_headers fragment = headers_of(IP_PROTOCOL_TCP, 1, 2);
    udp_headers.tcp_flags = fragment.tcp_flags = RST;
    fragment.tcp_known = 8; /* of a snap length, or of a tiny fragment */
    send_headers(&bench, &udp_headers, 0);
    send_headers(&bench, &fragment, 0);
    finish(&bench);
    expect_flow(&bench, 0, FLOW_END_FORCED, 1, 1, 0);
    expect_flow(&bench, 1, FLOW_END_FORCED, 1, 1, 0);
    tear_down(&bench);
}

static void unidirectional(void **unused)
{
    const struct assembler_rules rules = {.unidirectional = true, .idle_ns = 60 * SECOND};
    (void)unused;
    struct bench bench;
    set_up(&bench, &rules);
    tcp(&bench, 2, 1, SYN, 5);
    tcp(&bench, 1, 2, SYN | ACK, 9);
    tcp(&bench, 2, 1, FIN | ACK, 6);
    tcp(&bench, 2, 1, ACK, 7);
    bench.now_ns = CLOSED_LINGER_NS + 1; /* 2 to 1 has ended, 1 to 2 goes on */
    tcp(&bench, 1, 2, ACK, 10);
    ended_so_far(&bench, 1);
    expect_flow(&bench, 0, FLOW_END_CLOSED, 2, 3, 0);
    tcp(&bench, 1, 2, SYN | ACK, 50); /* another connection's answer */
    finish(&bench);
    ended_so_far(&bench, 3);
    expect_flow(&bench, 1, FLOW_END_CLOSED, 1, 2, 0);
    expect_flow(&bench, 2, FLOW_END_FORCED, 1, 1, 0);
    tear_down(&bench);
}

/* Keys */

static void what_tells_flows_apart(void **unused)
{
    (void)unused;
    struct bench bench;
    set_up(&bench, &minute);
    const struct packet_headers first = headers_of(IP_PROTOCOL_UDP, 1, 2);
    struct packet_headers other = first;
    const struct lcap_packet packet = {.has_time = true};
    send_headers(&bench, &first, 0);
    other.vlan = 7; /* does not */
    send_headers(&bench, &other, 0);
    other.protocol = IP_PROTOCOL_UDPLITE;
    send_headers(&bench, &other, 0);
    other = first;
    other.family = FAMILY_IPV6;
    send_headers(&bench, &other, 0);
    other = first;
    other.source[15] = 1;
    send_headers(&bench, &other, 0);
    other = first;
    other.destination_port++;
    send_headers(&bench, &other, 0);
    for (uint32_t sample = 0; sample < 2; sample++)
        assert_int_equal(assembler_packet(bench.assembler, &packet, &first, sample, NULL), 0);
    finish(&bench);
    ended_so_far(&bench, 7);
    expect_flow(&bench, 0, FLOW_END_FORCED, 1, 2, 0);
    assert_int_equal(bench.ended.items[0].vlan, VLAN_NONE);
    assert_int_equal(bench.ended.items[1].vlan, 7);
    assert_int_equal(bench.ended.items[6].sample, 1);
    tear_down(&bench);
}

/* Time-outs */

static void idle_means_more_than_idle_ns(void **unused)
{
    (void)unused;
    struct bench bench;
    set_up(&bench, &minute);
    udp_at(&bench, 1, 2, 0);
    udp_at(&bench, 3, 4, 60 * SECOND);
    udp_at(&bench, 2, 1, 60 * SECOND);
    ended_so_far(&bench, 0);
    udp_at(&bench, 5, 6, 120 * SECOND + 1); /* both are handed over without a packet of theirs */
    ended_so_far(&bench, 2);
    expect_flow(&bench, 0, FLOW_END_IDLE, 3, 1, 0); /* its last packet came first */
    expect_flow(&bench, 1, FLOW_END_IDLE, 1, 1, 1);
    assert_int_equal(bench.ended.items[1].last_ns, 60 * SECOND);
    tear_down(&bench);
    assert_int_equal(bench.released, 2 + 1);
}

static void idle_off(void **unused)
{
    const struct assembler_rules off = {.idle_ns = LCAP_TIMEOUT_OFF};
    (void)unused;
    struct bench bench;
    set_up(&bench, &off);
    udp_at(&bench, 1, 2, INT64_MIN);
    udp_at(&bench, 1, 2, 0);
    udp_at(&bench, 1, 2, INT64_MAX);
    ended_so_far(&bench, 0);
    tcp(&bench, 1, 2, RST, 0);
    udp_at(&bench, 1, 2, INT64_MAX);
    finish(&bench);
    ended_so_far(&bench, 2);
    expect_flow(&bench, 0, FLOW_END_FORCED, 1, 4, 0);
    assert_int_equal(bench.ended.items[0].first_ns, INT64_MIN);
    assert_int_equal(bench.ended.items[0].last_ns, INT64_MAX);
    tear_down(&bench);
}

static void extreme_times(void **unused)
{
    const struct assembler_rules longest = {.idle_ns = INT64_MAX, .active_ns = INT64_MAX};
    (void)unused;
    struct bench bench;
    set_up(&bench, &longest);
    udp_at(&bench, 1, 2, INT64_MIN);
    udp_at(&bench, 1, 2, -1); /* INT64_MAX later */
    ended_so_far(&bench, 0);
    udp_at(&bench, 1, 2, 0); /* active for one more than that */
    ended_so_far(&bench, 1);
    expect_flow(&bench, 0, FLOW_END_ACTIVE, 1, 2, 0);
    udp_at(&bench, 1, 2, INT64_MAX);
    udp_at(&bench, 1, 2, INT64_MIN); /* INT64_MAX + 1 before its first one */
    ended_so_far(&bench, 2);
    assert_int_equal(bench.ended.items[1].end, FLOW_END_IDLE);
    assert_int_equal(bench.ended.items[1].last_ns, INT64_MAX);
    udp_at(&bench, 1, 2, INT64_MAX); /* 2^64 - 1 after it */
    ended_so_far(&bench, 3);
    assert_int_equal(bench.ended.items[2].last_ns, INT64_MIN);
    tear_down(&bench);
}

static void active_cuts_and_goes_on(void **unused)
{
    const struct assembler_rules rules = {.idle_ns = 60 * SECOND, .active_ns = 10 * SECOND};
    (void)unused;
    struct bench bench;
    set_up(&bench, &rules);
    tcp(&bench, 2, 1, SYN, 5);
    udp(&bench, 2, 1);
    bench.now_ns = 10 * SECOND;
    tcp(&bench, 1, 2, SYN | ACK, 9);
    ended_so_far(&bench, 0);
    bench.now_ns++;
    tcp(&bench, 1, 2, FIN | ACK, 10); /* from the responder: stays it */
    udp(&bench, 1, 2);
    ended_so_far(&bench, 2);
    expect_flow(&bench, 0, FLOW_END_ACTIVE, 2, 1, 1);
    expect_flow(&bench, 1, FLOW_END_ACTIVE, 2, 1, 0);
    bench.now_ns += 10 * SECOND + 1;
    tcp(&bench, 2, 1, FIN | ACK, 6); /* the other FIN was in the flow before */
    ended_so_far(&bench, 3);
    expect_flow(&bench, 2, FLOW_END_ACTIVE, 2, 0, 1);
    tcp(&bench, 2, 1, SYN, 5); /* the SYN was in the flow before that */
    finish(&bench);
    ended_so_far(&bench, 5);
    expect_flow(&bench, 3, FLOW_END_FORCED, 2, 0, 1); /* UDP */
    expect_flow(&bench, 4, FLOW_END_CLOSED, 2, 2, 0);
    tear_down(&bench);
}

static void active_ends_at_a_syn(void **unused)
{
    const struct assembler_rules rules = {.idle_ns = 60 * SECOND, .active_ns = 10 * SECOND};
    (void)unused;
    struct bench bench;
    set_up(&bench, &rules);
    tcp(&bench, 2, 1, ACK, 5);
    bench.now_ns = 11 * SECOND;
    tcp(&bench, 1, 2, SYN, 9);
    finish(&bench);
    ended_so_far(&bench, 2);
    expect_flow(&bench, 0, FLOW_END_ACTIVE, 2, 1, 0);
    expect_flow(&bench, 1, FLOW_END_FORCED, 1, 1, 0);
    assert_int_equal(bench.flips, 0);
    tear_down(&bench);
}

/* That the initiator stays the same is more than what its packet looks like. */
static void active_goes_on_with_a_syn_ack(void **unused)
{
    const struct assembler_rules rules = {.idle_ns = 60 * SECOND, .active_ns = 10 * SECOND};
    (void)unused;
    struct bench bench;
    set_up(&bench, &rules);
    tcp(&bench, 2, 1, SYN, 5);
    tcp(&bench, 4, 3, ACK, 5);
    bench.now_ns = 11 * SECOND;
    tcp(&bench, 1, 2, SYN | ACK, 9);
    tcp(&bench, 4, 3, SYN | ACK, 9);
    finish(&bench);
    ended_so_far(&bench, 4);
    expect_flow(&bench, 2, FLOW_END_FORCED, 2, 0, 1);
    expect_flow(&bench, 3, FLOW_END_FORCED, 4, 1, 0);
    tear_down(&bench);
}

/* TCP */

static void closed_by_fins_with_the_last_ack(void **unused)
{
    (void)unused;
    struct bench bench;
    set_up(&bench, &minute);
    tcp(&bench, 2, 1, SYN, 5);
    tcp(&bench, 1, 2, SYN | ACK, 9);
    tcp(&bench, 2, 1, ACK, 6);
    tcp(&bench, 2, 1, FIN | ACK, 6);
    tcp(&bench, 2, 1, FIN | ACK, 6); /* a repeat: not the other side's */
    bench.now_ns = 50 * SECOND;
    tcp(&bench, 1, 2, FIN | ACK, 10);
    bench.now_ns += CLOSED_LINGER_NS;
    tcp(&bench, 2, 1, ACK, 7);
    ended_so_far(&bench, 0);
    bench.now_ns += CLOSED_LINGER_NS;
    udp(&bench, 3, 4);
    ended_so_far(&bench, 0);
    bench.now_ns++;
    udp(&bench, 3, 4);
    ended_so_far(&bench, 1);
    expect_flow(&bench, 0, FLOW_END_CLOSED, 2, 5, 2);
    tear_down(&bench);
}

static void a_short_idle_time_holds_for_closed_ones_too(void **unused)
{
    const struct assembler_rules rules = {.idle_ns = SECOND};
    (void)unused;
    struct bench bench;
    set_up(&bench, &rules);
    tcp(&bench, 2, 1, RST, 5);
    udp_at(&bench, 3, 4, SECOND);
    ended_so_far(&bench, 0);
    udp_at(&bench, 3, 4, SECOND + 1);
    ended_so_far(&bench, 1);
    expect_flow(&bench, 0, FLOW_END_CLOSED, 2, 1, 0);
    tear_down(&bench);
}

static void port_reuse(void **unused)
{
    (void)unused;
    struct bench bench;
    set_up(&bench, &minute);
    tcp(&bench, 2, 1, SYN, 5);
    tcp(&bench, 2, 1, SYN, 5); /* a repeat */
    ended_so_far(&bench, 0);
    tcp(&bench, 2, 1, SYN, 6);
    ended_so_far(&bench, 1);
    expect_flow(&bench, 0, FLOW_END_CLOSED, 2, 2, 0);
    tcp(&bench, 1, 2, RST | ACK, 0);
    tcp(&bench, 2, 1, SYN, 6); /* a repeat after the close */
    ended_so_far(&bench, 1);
    tcp(&bench, 1, 2, SYN, 6); /* the other side, after the close */
    ended_so_far(&bench, 2);
    expect_flow(&bench, 1, FLOW_END_CLOSED, 2, 2, 1);
    finish(&bench);
    expect_flow(&bench, 2, FLOW_END_FORCED, 1, 1, 0);
    tear_down(&bench);
}

static void a_syn_after_a_close_without_syn(void **unused)
{
    (void)unused;
    struct bench bench;
    set_up(&bench, &minute);
    tcp(&bench, 2, 1, RST, 0);
    tcp(&bench, 2, 1, SYN, 0); /* the sequence number that is there by default */
    finish(&bench);
    ended_so_far(&bench, 2);
    expect_flow(&bench, 0, FLOW_END_CLOSED, 2, 1, 0);
    expect_flow(&bench, 1, FLOW_END_FORCED, 2, 1, 0);
    tear_down(&bench);
}

/* Times that go back or are not there */

static void times_going_back(void **unused)
{
    (void)unused;
    struct bench bench;
    set_up(&bench, &minute);
    udp_at(&bench, 1, 2, 1000 * SECOND);
    udp_at(&bench, 2, 1, 970 * SECOND);
    udp_at(&bench, 1, 2, 980 * SECOND);
    udp_at(&bench, 1, 2, 1000 * SECOND);
    finish(&bench);
    ended_so_far(&bench, 1);
    expect_flow(&bench, 0, FLOW_END_FORCED, 1, 3, 1);
    assert_int_equal(bench.ended.items[0].first_ns, 970 * SECOND);
    assert_int_equal(bench.ended.items[0].last_ns, 1000 * SECOND);
    tear_down(&bench);
}

/* One wild time, or an older file behind a newer one: what follows is not torn apart, and what
 * came before it ends. */
static void a_leap_forward_and_back(void **unused)
{
    (void)unused;
    struct bench bench;
    set_up(&bench, &minute);
    udp_at(&bench, 3, 4, 100000 * SECOND);
    for (int i = 0; i < 10; i++)
        udp_at(&bench, 1, 2, i * 50 * SECOND);
    udp_at(&bench, 1, 2, (9 * 50 + 60) * SECOND + 1); /* idle by its own times */
    finish(&bench);
    ended_so_far(&bench, 3);
    expect_flow(&bench, 0, FLOW_END_IDLE, 3, 1, 0);
    expect_flow(&bench, 1, FLOW_END_IDLE, 1, 10, 0);
    expect_flow(&bench, 2, FLOW_END_FORCED, 1, 1, 0);
    tear_down(&bench);
}

/* A file in the order of its samples, each with the same times: only few flows are open. */
static void samples_one_after_the_other(void **unused)
{
    (void)unused;
    struct bench bench;
    set_up(&bench, &minute);
    for (int sample = 0; sample < 100; sample++)
        for (int second = 0; second < 100; second++)
            udp_at(&bench, (uint8_t)(sample + 1), 200, second * SECOND);
    ended_so_far(&bench, 99);
    assert_int_equal(counts_of(&bench).peak_flows, 2);
    tear_down(&bench);
}

/* Two interfaces, one clock an hour late: the flows of neither are torn apart. */
static void two_clocks_in_turn(void **unused)
{
    (void)unused;
    struct bench bench;
    set_up(&bench, &minute);
    for (int second = 0; second < 100; second++) {
        udp_at(&bench, 1, 2, (3600 + second) * SECOND);
        udp_at(&bench, 3, 4, second * SECOND);
    }
    ended_so_far(&bench, 0);
    tear_down(&bench);
}

static void packets_without_time(void **unused)
{
    (void)unused;
    struct bench bench;
    set_up(&bench, &minute);
    const struct packet_headers headers = headers_of(IP_PROTOCOL_UDP, 1, 2);
    const struct lcap_packet timeless = {.has_time = false, .time_ns = INT64_MIN};
    assert_int_equal(assembler_packet(bench.assembler, &timeless, &headers, 0, NULL), 0);
    udp_at(&bench, 3, 4, -SECOND); /* before it: that was at 0 */
    udp_at(&bench, 3, 4, 7 * SECOND);
    assert_int_equal(assembler_packet(bench.assembler, &timeless, &headers, 0, NULL), 0);
    finish(&bench);
    ended_so_far(&bench, 2);
    assert_int_equal(bench.ended.items[0].first_ns, 0);
    assert_int_equal(bench.ended.items[0].last_ns, 7 * SECOND);
    tear_down(&bench);
}

static void a_new_stream_has_times_of_its_own(void **unused)
{
    (void)unused;
    struct bench bench;
    set_up(&bench, &minute);
    finish(&bench);
    udp_at(&bench, 1, 2, 1000 * SECOND);
    finish(&bench);
    udp_at(&bench, 1, 2, -5 * SECOND);
    udp_at(&bench, 3, 4, 50 * SECOND);
    finish(&bench);
    ended_so_far(&bench, 3);
    expect_flow(&bench, 1, FLOW_END_FORCED, 1, 1, 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(bench.ended.items[i].number, i);
    tear_down(&bench);
}

/* Memory */

static void who_has_to_go(void **unused)
{
    const struct assembler_rules rules = {.idle_ns = 60 * SECOND, .max_flows = 3};
    (void)unused;
    struct bench bench;
    set_up(&bench, &rules);
    udp(&bench, 1, 2);
    udp(&bench, 3, 4);
    tcp(&bench, 5, 6, RST, 0);
    udp(&bench, 1, 2);
    ended_so_far(&bench, 0);
    udp(&bench, 7, 8);
    ended_so_far(&bench, 1);
    expect_flow(&bench, 0, FLOW_END_RESOURCES, 5, 1, 0); /* closed */
    udp(&bench, 9, 10);
    expect_flow(&bench, 1, FLOW_END_RESOURCES, 3, 1, 0);
    udp(&bench, 11, 12);
    expect_flow(&bench, 2, FLOW_END_RESOURCES, 1, 2, 0);
    finish(&bench);
    const struct lcap_flow_counts counts = counts_of(&bench);
    assert_int_equal(counts.evicted, 3);
    assert_int_equal(counts.peak_flows, 3);
    tear_down(&bench);
}

/* Also that the peak is one, and that a table of one flow works at all. */
static void one_flow_at_once(void **unused)
{
    const struct assembler_rules rules = {.max_flows = 1};
    (void)unused;
    struct bench bench;
    set_up(&bench, &rules);
    for (uint8_t i = 0; i < 100; i++)
        udp(&bench, i, 200);
    finish(&bench);
    ended_so_far(&bench, 100);
    const struct lcap_flow_counts counts = counts_of(&bench);
    assert_int_equal(counts.evicted, 99);
    assert_int_equal(counts.peak_flows, 1);
    tear_down(&bench);
}

static void a_million_flows(void **unused)
{
    enum { MILLION = 1000000 };
    (void)unused;
    struct bench bench;
    set_up(&bench, &minute);
    struct packet_headers headers = headers_of(IP_PROTOCOL_UDP, 0, 0);
    for (uint32_t pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < MILLION; i++) {
            uint32_t n = (pass ? MILLION - 1 - i : i);
            memcpy(headers.source, &n, sizeof n);
            send_headers(&bench, &headers, bench.now_ns + 1);
        }
    finish(&bench);
    ended_so_far(&bench, MILLION);
    size_t wrong = 0;
    for (uint32_t i = 0; i < MILLION; i++) {
        const struct flow_record *record = &bench.ended.items[i];
        wrong += record->number != i || record->packets[0] != 2 ||
                 memcmp(record->address[0], &i, sizeof i) != 0;
    }
    assert_int_equal(wrong, 0);
    assert_int_equal(counts_of(&bench).peak_flows, MILLION);
    tear_down(&bench);
}

/* Errors */

static void errors_go_to_the_caller(void **unused)
{
    const struct assembler_rules rules = {.idle_ns = SECOND, .max_flows = 2};
    const struct packet_headers headers = headers_of(IP_PROTOCOL_UDP, 1, 2);
    (void)unused;
    for (int way = 0; way < 5; way++) {
        struct lcap_error error = {0};
        struct lcap_packet packet = {.has_time = true};
        struct bench bench;
        int rc;
        set_up(&bench, &rules);
        udp(&bench, 1, 2);
        udp(&bench, 3, 4);
        bench.ended_rc = way < 4 ? LCAP_ERR_IO : 0;
        bench.packet_rc = way < 4 ? 0 : LCAP_ERR_IO;
        if (way == 0) { /* a time-out */
            packet.time_ns = 2 * SECOND;
        } else if (way == 1) { /* its own idle time, after a leap back */
            udp_at(&bench, 1, 2, SECOND / 2);
            bench.ended_rc = 0;
            udp_at(&bench, 5, 6, 1000 * SECOND);
            udp_at(&bench, 1, 2, 0);
            bench.ended_rc = LCAP_ERR_IO;
            packet.time_ns = 2 * SECOND;
        }
        const size_t before = bench.ended.count;
        struct packet_headers other = headers_of(IP_PROTOCOL_UDP, 7, 8);
        if (way == 3)
            rc = assembler_finish(bench.assembler, &error);
        else
            rc = assembler_packet(bench.assembler, &packet, way == 2 ? &other : &headers, NO_SAMPLE,
                                  &error);
        assert_int_equal(rc, LCAP_ERR_IO);
        assert_string_equal(error.text, way < 4 ? "ended" : "packet");
        assert_int_equal(bench.ended.count, before + (way < 4));
        assert_int_equal(bench.released, bench.ended.count);
        tear_down(&bench);
        assert_int_equal(bench.released, way == 1 ? 4 : 2); /* each flow once */
    }
}

static void without_memory(void **unused)
{
    (void)unused;
    struct assembler *assembler = NULL;
    struct lcap_error error = {0};
    struct flow_measure huge = {.state_size = SIZE_MAX, .packet = measure_packet};
    assert_int_equal(assembler_new(&assembler, &minute, &huge, NULL, &error), LCAP_ERR_MEMORY);
    assert_null(assembler);
    huge.state_size = SIZE_MAX / 4;
    lcap_error_clear(&error);
    assert_int_equal(assembler_new(&assembler, &minute, &huge, NULL, &error), 0);
    const struct packet_headers headers = headers_of(IP_PROTOCOL_UDP, 1, 2);
    const struct lcap_packet packet = {.has_time = true};
    assert_int_equal(assembler_packet(assembler, &packet, &headers, 0, &error), LCAP_ERR_MEMORY);
    assert_int_equal(error.code, LCAP_ERR_MEMORY);
    assembler_free(assembler);
    assembler_free(NULL);
}

static int count_packet(void *context, struct flow *flow, const struct flow_packet *packet,
                        struct lcap_error *error)
{
    (void)flow;
    (void)packet;
    (void)error;
    ++*(size_t *)context;
    return 0;
}

static void a_measure_of_packets_alone(void **unused)
{
    (void)unused;
    const struct flow_measure bare = {.packet = count_packet};
    struct bench bench = {0};
    size_t packets = 0;
    assert_int_equal(assembler_new(&bench.assembler, &minute, &bare, &packets, NULL), 0);
    tcp(&bench, 1, 2, SYN | ACK, 1);
    tcp(&bench, 2, 1, SYN, 1);
    assert_int_equal(assembler_finish(bench.assembler, NULL), 0);
    assert_int_equal(packets, 2);
    tear_down(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_sender_is_initiator),
        cmocka_unit_test(ports_order_the_endpoints_of_one_address),
        cmocka_unit_test(equal_endpoints_are_all_forward),
        cmocka_unit_test(a_syn_turns_the_flow_round),
        cmocka_unit_test(who_gets_a_syn_ack_is_initiator),
        cmocka_unit_test(a_simultaneous_open_keeps_the_first),
        cmocka_unit_test(flags_count_only_in_tcp_headers),
        cmocka_unit_test(unidirectional),
        cmocka_unit_test(what_tells_flows_apart),
        cmocka_unit_test(idle_means_more_than_idle_ns),
        cmocka_unit_test(idle_off),
        cmocka_unit_test(extreme_times),
        cmocka_unit_test(active_cuts_and_goes_on),
        cmocka_unit_test(active_ends_at_a_syn),
        cmocka_unit_test(active_goes_on_with_a_syn_ack),
        cmocka_unit_test(closed_by_fins_with_the_last_ack),
        cmocka_unit_test(a_short_idle_time_holds_for_closed_ones_too),
        cmocka_unit_test(port_reuse),
        cmocka_unit_test(a_syn_after_a_close_without_syn),
        cmocka_unit_test(times_going_back),
        cmocka_unit_test(a_leap_forward_and_back),
        cmocka_unit_test(samples_one_after_the_other),
        cmocka_unit_test(two_clocks_in_turn),
        cmocka_unit_test(packets_without_time),
        cmocka_unit_test(a_new_stream_has_times_of_its_own),
        cmocka_unit_test(who_has_to_go),
        cmocka_unit_test(one_flow_at_once),
        cmocka_unit_test(a_million_flows),
        cmocka_unit_test(errors_go_to_the_caller),
        cmocka_unit_test(without_memory),
        cmocka_unit_test(a_measure_of_packets_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
