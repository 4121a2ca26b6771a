/* The profile `labelcap`: its table, and rows of hand-made flows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "features/labelcap/labelcap_row.h"
#include "features/profile.h"

#define MS ((int64_t)1000000)

static const struct profile_column *column_named(const char *name)
{
    for (const struct profile_column *column = labelcap_columns; column->column.name; column++) {
        if (strcmp(column->column.name, name) == 0)
            return column;
    }
    return NULL;
}

static void is_well_formed(const struct profile_column *column)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    assert_int_equal(column->column.name[strspn(column->column.name, allowed)], '\0');
    assert_ptr_equal(column_named(column->column.name), column); /* no name twice */
    assert_int_equal(column->offset % sizeof(struct lcap_cell), 0);
    assert_true(column->column.description[0] >= 'A' && column->column.description[0] <= 'Z');
}

/* Every cell of the row belongs to exactly one column. */
static void table_of_columns(void **state)
{
    (void)state;
    uint8_t used[sizeof(struct labelcap_row) / sizeof(struct lcap_cell)] = {0};
    size_t count = 0;
    for (; labelcap_columns[count].column.name; count++) {
        is_well_formed(&labelcap_columns[count]);
        used[labelcap_columns[count].offset / sizeof(struct lcap_cell)]++;
    }
    for (size_t i = 0; i < sizeof used; i++)
        assert_int_equal(used[i], 1);
    static const char *const last[] = {"packet_lengths", "packet_directions",
                                       "packet_inter_arrival_times_ns", "payload"};
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(labelcap_columns[count - 4 + i].column.name, last[i]);
}

/* A flow by hand: what the assembler would do. */
struct hand {
    struct lcap_flow_options options;
    struct flow *flow;
    struct arena text;
    struct labelcap_row row;
    struct lcap_flow_row summary;
    bool begun;
};

static struct hand new_hand(uint8_t protocol)
{
    struct hand hand = {.options = profile_labelcap.defaults};
    const size_t room = 64 + sizeof(struct flow) + profile_labelcap.measure->state_size;
    hand.flow = aligned_alloc(16, (room + 15) / 16 * 16);
    assert_non_null(hand.flow);
    memset(hand.flow, 0, room);
    hand.flow->key.family = FAMILY_IPV4;
    hand.flow->key.protocol = protocol;
    hand.flow->key.address[0][0] = 10;
    hand.flow->key.address[1][0] = 20;
    hand.flow->key.port[0] = 1000;
    hand.flow->key.port[1] = 53;
    hand.flow->vlan = VLAN_NONE;
    hand.flow->end = FLOW_END_IDLE;
    return hand;
}

static void free_hand(struct hand *hand)
{
    profile_labelcap.measure->release(hand->flow);
    arena_release(&hand->text);
    free(hand->flow);
}

static void packet_with(struct hand *hand, bool forward, int64_t time_ns, uint32_t payload_len,
                        struct packet_headers headers)
{
    static const uint8_t bytes[2000] = "payload";
    const struct lcap_packet packet = {.len = 42 + payload_len};
    headers.family = FAMILY_IPV4;
    headers.protocol = hand->flow->key.protocol;
    headers.ip_header_len = 20;
    headers.transport_len = hand->flow->key.protocol == IP_PROTOCOL_TCP ? 20 : 8;
    headers.has_transport = true;
    headers.tcp_known = headers.protocol == IP_PROTOCOL_TCP ? TCP_FIXED_LEN : 0;
    headers.ip = bytes;
    headers.ip_captured = 40;
    headers.ip_len = 28 + payload_len;
    headers.payload = payload_len ? bytes : NULL;
    headers.payload_len = headers.payload_captured = payload_len;
    const struct flow_packet of_flow = {&headers, &packet, time_ns, forward};
    if (!hand->begun)
        hand->flow->first_ns = hand->flow->last_ns = time_ns;
    hand->begun = true;
    assert_int_equal(profile_labelcap.measure->packet(&hand->options, hand->flow, &of_flow, NULL),
                     0);
    if (time_ns < hand->flow->first_ns)
        hand->flow->first_ns = time_ns;
    if (time_ns > hand->flow->last_ns)
        hand->flow->last_ns = time_ns;
}

static void packet(struct hand *hand, bool forward, int64_t time_ns, uint32_t payload_len)
{
    packet_with(hand, forward, time_ns, payload_len, (struct packet_headers){.ttl = 64});
}

static void make_row(struct hand *hand)
{
    const struct row_facts facts = {
        .flow = hand->flow, .options = &hand->options, .text = &hand->text};
    arena_reset(&hand->text);
    hand->row = (struct labelcap_row){0};
    assert_int_equal(profile_labelcap.measure->row(&facts, &hand->row, &hand->summary, NULL), 0);
}

static const struct lcap_cell *cell(const struct hand *hand, const char *name)
{
    const struct profile_column *column = column_named(name);
    if (!column)
        fail_msg("no column %s", name);
    const struct lcap_cell *cell = (const void *)((const char *)&hand->row + column->offset);
    if (cell->kind != LCAP_CELL_EMPTY)
        assert_int_equal(cell->kind, column->column.kind);
    return cell;
}

static void is_number(const struct hand *hand, const char *name, double expected)
{
    const struct lcap_cell *found = cell(hand, name);
    double value = 0;
    switch (found->kind) {
    case LCAP_CELL_UNSIGNED:
        value = (double)found->value.u;
        break;
    case LCAP_CELL_SIGNED:
        value = (double)found->value.i;
        break;
    case LCAP_CELL_SECONDS:
        value = (double)found->value.i / 1e9;
        break;
    case LCAP_CELL_REAL:
        value = found->value.real;
        break;
    default:
        fail_msg("%s is no number", name);
    }
    if (value != expected)
        fail_msg("%s: %.17g, not %.17g", name, value, expected);
}

static void is_empty(const struct hand *hand, const char *name)
{
    if (cell(hand, name)->kind != LCAP_CELL_EMPTY)
        fail_msg("%s is not empty", name);
}

static void is_text(const struct hand *hand, const char *name, const char *expected)
{
    const struct lcap_cell *found = cell(hand, name);
    assert_non_null(found->value.text);
    assert_int_equal(found->text_len, strlen(expected));
    assert_memory_equal(found->value.text, expected, found->text_len);
}

/* Statistics by Python's statistics and numpy: see the comments. */
static void rows_of_udp(void **state)
{
    (void)state;
    struct hand hand = new_hand(IP_PROTOCOL_UDP);
    packet(&hand, true, 1000 * MS, 58);
    packet(&hand, false, 1100 * MS, 458);
    packet(&hand, true, 1300 * MS, 0);
    packet(&hand, false, 9300 * MS, 158);
    make_row(&hand);
    is_text(&hand, "source_address", "10.0.0.0");
    is_number(&hand, "destination_port", 53);
    is_text(&hand, "protocol", "UDP");
    is_text(&hand, "connection_state", "SF");
    is_text(&hand, "end_reason", "idle timeout");
    is_number(&hand, "duration", 8.3);
    is_number(&hand, "packets", 4);
    is_number(&hand, "bytes", 842);
    is_number(&hand, "ip_bytes", 786);
    is_number(&hand, "payload_packets", 3);
    is_number(&hand, "payload_bytes", 674);
    is_number(&hand, "header_bytes", 112);
    is_number(&hand, "forward_bytes", 142);
    is_number(&hand, "forward_payload_packets", 1);
    /* 100, 500, 42, 200: mean 210.5, pvariance 31130.75, numpy quartiles 85.5, 150, 275 */
    is_number(&hand, "packet_length_mean", 210.5);
    is_number(&hand, "packet_length_variance", 31130.75);
    is_number(&hand, "packet_length_q1", 85.5);
    is_number(&hand, "packet_length_median", 150);
    is_number(&hand, "packet_length_q3", 275);
    is_number(&hand, "forward_payload_length_std", 29);
    /* gaps 0.1, 0.2, 8 s; backward 8.2 s */
    is_number(&hand, "inter_arrival_time_min", 0.1);
    is_number(&hand, "inter_arrival_time_median", 0.2);
    is_number(&hand, "inter_arrival_time_q3", 4.1);
    is_number(&hand, "backward_inter_arrival_time_mean", 8.2);
    is_empty(&hand, "backward_inter_arrival_time_skewness");
    is_number(&hand, "forward_duration", 0.3);
    is_number(&hand, "subflows", 2);
    is_number(&hand, "subflow_packets", 2);
    is_number(&hand, "active_periods", 2);
    is_number(&hand, "active_max", 0.3);
    is_number(&hand, "idle_total", 8);
    is_number(&hand, "forward_ttl_min", 64);
    is_number(&hand, "syn_count", 0);
    is_empty(&hand, "forward_window_first");
    is_empty(&hand, "packet_lengths");
    assert_int_equal(hand.summary.packets, 4);
    assert_int_equal(hand.summary.bytes, 842);
    assert_true(hand.summary.bidirectional);
    free_hand(&hand);
}

static void single_packet(void **state)
{
    (void)state;
    struct hand hand = new_hand(IP_PROTOCOL_UDP);
    packet(&hand, true, 7 * MS, 10);
    make_row(&hand);
    is_number(&hand, "duration", 0);
    is_number(&hand, "packet_length_std", 0);
    is_number(&hand, "backward_packets", 0);
    is_text(&hand, "connection_state", "S0");
    static const char *const undefined[] = {
        "packets_per_second",
        "packet_length_skewness",
        "inter_arrival_time_mean",
        "inter_arrival_time_q1",
        "backward_packet_length_min",
        "backward_packet_length_median",
        "backward_duration",
        "backward_ttl_min",
        "idle_mean",
        "forward_bulk_rate",
        "vlan_id",
        "sample_id",
        "metadata",
        "icmp_type",
    };
    for (size_t i = 0; i < sizeof undefined / sizeof *undefined; i++)
        is_empty(&hand, undefined[i]);
    assert_false(hand.summary.bidirectional);
    free_hand(&hand);
}

/* Lengths that only a capture's own word stands for: 1,000,000,042 bytes. */
static void lengths_above_the_limit(void **state)
{
    (void)state;
    struct hand hand = new_hand(IP_PROTOCOL_UDP);
    packet(&hand, true, 1 * MS, 58);
    packet(&hand, true, 2 * MS, 1000000000);
    packet(&hand, false, 3 * MS, 1000000002);
    make_row(&hand);
    /* 100, 1000000042, 1000000044: Python's statistics */
    is_number(&hand, "packet_length_min", 100);
    is_number(&hand, "packet_length_max", 1000000044);
    is_number(&hand, "packet_length_mean", 666666728.6666666);
    is_number(&hand, "packet_length_variance", 2.222221968888896e+17);
    is_number(&hand, "bytes", 2000000186);
    is_number(&hand, "payload_bytes", 2000000060);
    is_number(&hand, "payload_packets", 3);
    is_number(&hand, "packet_length_median", 1000000042);
    is_number(&hand, "packet_length_q1", 500000071);
    is_number(&hand, "backward_packet_length_median", 1000000044);
    is_number(&hand, "backward_packet_length_min", 1000000044);
    free_hand(&hand);
}

static void times_that_go_back(void **state)
{
    (void)state;
    struct hand hand = new_hand(IP_PROTOCOL_UDP);
    packet(&hand, true, 100 * MS, 1);
    packet(&hand, true, 90 * MS, 1);
    packet(&hand, true, 95 * MS, 1);
    packet(&hand, true, 130 * MS, 1);
    make_row(&hand);
    is_number(&hand, "time_backwards", 2);
    is_number(&hand, "inter_arrival_time_min", 0);
    is_number(&hand, "inter_arrival_time_max", 0.03);
    is_number(&hand, "start_ns", 90 * MS);
    is_number(&hand, "duration", 0.04);
    is_number(&hand, "forward_duration", 0.03);
    free_hand(&hand);
}

/* 10^9 s after the epoch, in ns: no digit is lost. */
static void late_times(void **state)
{
    (void)state;
    struct hand hand = new_hand(IP_PROTOCOL_UDP);
    const int64_t offset = (int64_t)1000000000 * 1000000000;
    const int64_t times[] = {0, 1, 3, 6, 10};
    for (size_t i = 0; i < 5; i++)
        packet(&hand, true, offset + times[i], 1);
    make_row(&hand);
    /* 1, 2, 3, 4 ns: pvariance 1.25 ns^2 */
    is_number(&hand, "inter_arrival_time_variance", 1.25e-18);
    is_number(&hand, "inter_arrival_time_median", 2.5e-9);
    is_number(&hand, "inter_arrival_time_skewness", 0);
    free_hand(&hand);
}

static void play_connection(struct hand *hand, bool turned)
{
    static const struct {
        bool forward;
        uint16_t flags;
        uint32_t seq, ack, payload;
    } packets[] = {
        {false, TCP_SYN | TCP_ACK, 500, 101, 0},
        {true, TCP_SYN, 100, 0, 0},
        {true, TCP_ACK, 101, 501, 0},
        {true, TCP_ACK | TCP_PSH, 101, 501, 50},
        {false, TCP_ACK, 501, 151, 900},
        {false, TCP_ACK, 501, 151, 900},
    };
    for (size_t i = 0; i < sizeof packets / sizeof *packets; i++) {
        const struct packet_headers headers = {
            .tcp_flags = packets[i].flags,
            .tcp_seq = packets[i].seq,
            .tcp_ack = packets[i].ack,
            .tcp_window = (uint16_t)(1000 + i),
            .ttl = packets[i].forward ? 64 : 50,
        };
        packet_with(hand, packets[i].forward != turned, (int64_t)i * MS, packets[i].payload,
                    headers);
    }
}

/* A flow whose directions are exchanged at the end is the flow that was right from the start. */
static void flipped(void **state)
{
    (void)state;
    struct hand right = new_hand(IP_PROTOCOL_TCP), turned = new_hand(IP_PROTOCOL_TCP);
    right.options.sequence_packets = turned.options.sequence_packets = 4;
    play_connection(&right, false);
    play_connection(&turned, true);
    turned.flow->forward_is_second = false;
    profile_labelcap.measure->flip(turned.flow);
    make_row(&right);
    make_row(&turned);
    is_number(&right, "forward_packets", 3);
    is_number(&right, "backward_retransmissions", 1);
    is_number(&right, "forward_psh_count", 1);
    is_number(&right, "backward_ttl_max", 50);
    is_number(&right, "forward_window_first", 1001);
    is_number(&right, "backward_window_max", 1005);
    is_text(&right, "packet_directions", "-1 1 1 1");
    for (const struct profile_column *column = labelcap_columns; column->column.name; column++) {
        const struct lcap_cell *a = cell(&right, column->column.name),
                               *b = cell(&turned, column->column.name);
        assert_int_equal(a->kind, b->kind);
        assert_int_equal(a->text_len, b->text_len);
        if (a->text_len)
            assert_memory_equal(a->value.text, b->value.text, a->text_len);
        else if (a->kind != LCAP_CELL_EMPTY && a->kind != LCAP_CELL_TEXT)
            assert_memory_equal(&a->value.u, &b->value.u, a->kind == LCAP_CELL_BOOL ? 1 : 8);
    }
    free_hand(&right);
    free_hand(&turned);
}

static void first_packets(void **state)
{
    (void)state;
    struct hand hand = new_hand(IP_PROTOCOL_UDP);
    hand.options.sequence_packets = 3;
    hand.options.payload_bytes = 10;
    packet(&hand, true, 5, 8);
    packet(&hand, false, 25, 0);
    packet(&hand, false, 20, 4);
    packet(&hand, true, 60, 4);
    make_row(&hand);
    is_text(&hand, "packet_lengths", "50 42 46");
    is_text(&hand, "packet_directions", "1 -1 -1");
    is_text(&hand, "packet_inter_arrival_times_ns", "0 20 0");
    is_text(&hand, "payload", "7061796c6f6164007061"); /* "payload\0" and "pa" */
    free_hand(&hand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_of_columns),
        cmocka_unit_test(rows_of_udp),
        cmocka_unit_test(single_packet),
        cmocka_unit_test(times_that_go_back),
        cmocka_unit_test(lengths_above_the_limit),
        cmocka_unit_test(late_times),
        cmocka_unit_test(flipped),
        cmocka_unit_test(first_packets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
