/* Sequence numbers against a map of all numbers seen; handshakes, windows, connection states. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "features/measure/tcp_state.h"

struct connection {
    struct tcp_side side[2]; /* forward, backward */
    int64_t time;
};

enum { IP_HEADER = 20 };

static void take(struct connection *connection, int from, const struct packet_headers *headers)
{
    connection->time += 10;
    assert_int_equal(tcp_side_packet(&connection->side[from], &connection->side[!from], headers,
                                     connection->time, NULL),
                     0);
}

/* Room for a TCP header without options. */
static const uint8_t plain_packet[IP_HEADER + 20];

static void packet(struct connection *connection, int from, uint16_t flags, uint32_t seq,
                   uint32_t payload)
{
    const struct packet_headers headers = {
        .tcp_flags = flags,
        .tcp_seq = seq,
        .tcp_ack = 1001,
        .tcp_window = 500,
        .payload_len = payload,
        .ip = plain_packet,
        .ip_captured = sizeof plain_packet,
        .ip_header_len = IP_HEADER,
        .transport_len = 20,
        .has_transport = true,
        .tcp_known = TCP_FIXED_LEN,
    };
    take(connection, from, &headers);
}

static void release(struct connection *connection)
{
    tcp_side_release(&connection->side[0]);
    tcp_side_release(&connection->side[1]);
}

static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

/* What the header of the module says, with one flag for each number. */
struct number_map {
    bool seen[100];
    int end, lowest;
    uint32_t retransmissions, out_of_order, keep_alives;
};

static void map_segment(struct number_map *map, int begin, int len)
{
    if (len == 1 && begin == map->end - 1) {
        map->keep_alives++;
        return;
    }
    if (begin < map->end) {
        if (map->seen[begin])
            map->retransmissions++;
        else
            map->out_of_order++;
    }
    for (int i = begin; i < begin + len; i++)
        map->seen[i] = true;
    if (begin + len > map->end)
        map->end = begin + len;
}

static void random_segments(void **state)
{
    (void)state;
    static const uint32_t bases[] = {0, 1000, UINT32_MAX - 20, UINT32_MAX - 49, INT32_MAX - 40};
    uint64_t random = 3;
    for (int round = 0; round < 20000; round++) {
        const uint32_t base = bases[round % 5];
        struct connection connection = {0};
        struct number_map map = {0};
        for (int i = 0; i < 30; i++) {
            /* Few holes of one number: no more than are remembered. */
            int begin = (int)(next_random(&random) % 60);
            int len = 1 + (int)(next_random(&random) % 12);
            if (i == 0) {
                for (int j = begin; j < begin + len; j++)
                    map.seen[j] = true;
                map.end = begin + len;
            } else {
                map_segment(&map, begin, len);
            }
            packet(&connection, 0, TCP_ACK, base + (uint32_t)begin, (uint32_t)len);
        }
        assert_int_equal(connection.side[0].retransmissions, map.retransmissions);
        assert_int_equal(connection.side[0].out_of_order, map.out_of_order);
        assert_int_equal(connection.side[0].keep_alives, map.keep_alives);
        release(&connection);
    }
}

/* Of 40 holes the lowest 8 are forgotten: what fills them has been "seen". */
static void holes_are_bounded(void **state)
{
    (void)state;
    struct connection connection = {0};
    for (uint32_t i = 0; i <= 40; i++)
        packet(&connection, 0, TCP_ACK, i * 20, 10);
    for (uint32_t i = 0; i < 40; i++)
        packet(&connection, 0, TCP_ACK, i * 20 + 10, 10);
    assert_int_equal(connection.side[0].retransmissions, 40 - TCP_HOLES);
    assert_int_equal(connection.side[0].out_of_order, TCP_HOLES);
    release(&connection);
}

static void syn_and_fin_take_a_number(void **state)
{
    (void)state;
    struct connection connection = {0};
    packet(&connection, 0, TCP_SYN, UINT32_MAX, 0);
    packet(&connection, 0, TCP_SYN, UINT32_MAX, 0); /* again */
    packet(&connection, 0, TCP_ACK, 0, 0);
    packet(&connection, 0, TCP_ACK, 0, 100);
    packet(&connection, 0, TCP_ACK | TCP_FIN, 100, 0);
    packet(&connection, 0, TCP_ACK | TCP_FIN, 100, 0); /* again */
    packet(&connection, 0, TCP_ACK, 101, 0);
    packet(&connection, 0, TCP_ACK | TCP_RST, 50, 0); /* no segment */
    assert_int_equal(connection.side[0].retransmissions, 2);
    assert_int_equal(connection.side[0].out_of_order, 0);
    assert_int_equal(connection.side[0].keep_alives, 0);
    release(&connection);
}

/* Another SYN/ACK, with a number from elsewhere, and repeated. */
static void numbers_begin_anew(void **state)
{
    (void)state;
    struct connection connection = {0};
    packet(&connection, 1, TCP_SYN | TCP_ACK, 3000000000, 0);
    packet(&connection, 1, TCP_ACK, 3000000011, 10);
    packet(&connection, 1, TCP_SYN | TCP_ACK, 2000000000, 0);
    packet(&connection, 1, TCP_SYN | TCP_ACK, 2000000000, 0);
    packet(&connection, 1, TCP_ACK, 2000000001, 10);
    assert_int_equal(connection.side[1].retransmissions, 1);
    assert_int_equal(connection.side[1].out_of_order, 0);
    release(&connection);
}

static void keep_alives_and_probes(void **state)
{
    (void)state;
    struct connection connection = {0};
    packet(&connection, 0, TCP_ACK, 1000, 100);
    packet(&connection, 0, TCP_ACK, 1099, 0);
    packet(&connection, 0, TCP_ACK, 1099, 1);
    assert_int_equal(connection.side[0].keep_alives, 2);
    struct packet_headers closed = {
        .tcp_known = TCP_FIXED_LEN, .tcp_flags = TCP_ACK, .tcp_seq = 1, .tcp_window = 0};
    take(&connection, 1, &closed);
    packet(&connection, 0, TCP_ACK, 1100, 1); /* a probe */
    packet(&connection, 0, TCP_ACK, 1100, 100);
    assert_int_equal(connection.side[0].retransmissions, 0);
    packet(&connection, 0, TCP_ACK, 1150, 100); /* in part seen before */
    assert_int_equal(connection.side[0].retransmissions, 1);
    assert_int_equal(connection.side[0].out_of_order, 0);
    assert_int_equal(connection.side[1].zero_windows, 1);
    release(&connection);
}

static void windows(void **state)
{
    (void)state;
    static const struct {
        uint16_t flags, window;
    } packets[] = {
        {TCP_SYN, 65535},        {TCP_ACK, 300}, {TCP_ACK, 0},     {TCP_ACK | TCP_FIN, 0},
        {TCP_ACK | TCP_PSH, 20}, {TCP_RST, 0},   {TCP_ACK, 40000},
    };
    struct connection connection = {0};
    for (size_t i = 0; i < sizeof packets / sizeof *packets; i++) {
        const struct packet_headers headers = {
            .tcp_known = TCP_FIXED_LEN,
            .tcp_flags = packets[i].flags,
            .tcp_window = packets[i].window,
            .ip = plain_packet,
            .ip_captured = sizeof plain_packet,
            .ip_header_len = IP_HEADER,
            .transport_len = 20,
        };
        take(&connection, 0, &headers);
    }
    const struct tcp_side *side = &connection.side[0];
    assert_int_equal(side->first_window, 65535);
    assert_int_equal(side->least_window, 0);
    assert_int_equal(side->greatest_window, 65535);
    assert_int_equal(side->zero_windows, 1);
    release(&connection);
}

static struct tcp_side side_of_syn(const uint8_t *options, uint32_t len, uint32_t captured)
{
    uint8_t bytes[IP_HEADER + 60] = {0};
    struct connection connection = {0};
    memcpy(bytes + IP_HEADER + 20, options, len);
    /* A copy of its own size, so that a sanitizer sees what reads past its end. */
    uint8_t *exact = malloc(IP_HEADER + 20 + captured);
    assert_non_null(exact);
    memcpy(exact, bytes, IP_HEADER + 20 + captured);
    const struct packet_headers headers = {
        .tcp_known = TCP_FIXED_LEN,
        .tcp_flags = TCP_SYN,
        .ip = exact,
        .ip_captured = IP_HEADER + 20 + captured,
        .ip_header_len = IP_HEADER,
        .transport_len = (uint16_t)(20 + len),
    };
    take(&connection, 0, &headers);
    free(exact);
    release(&connection);
    return connection.side[0];
}

static void options_of_syn(void **state)
{
    (void)state;
    static const uint8_t usual[] = {2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7};
    struct tcp_side side = side_of_syn(usual, sizeof usual, sizeof usual);
    assert_int_equal(side.segment_size, 1460);
    assert_true(side.has_scale);
    assert_int_equal(side.window_scale, 7);
    for (uint32_t captured = 0; captured < sizeof usual; captured++) {
        side = side_of_syn(usual, sizeof usual, captured);
        assert_int_equal(side.segment_size, captured < 4 ? 0 : 1460);
        assert_false(side.has_scale);
    }
    static const uint8_t bad[][4] = {
        {2, 0, 5, 180}, {2, 1, 5, 180}, {2, 40, 5, 180}, {2, 3, 5, 180}, {0, 2, 4, 5}, {1, 1, 1, 2},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(side_of_syn(bad[i], 4, 4).segment_size, 0);
}

/* Packets of 10 ns each: "S" SYN, "H" SYN/ACK, "A" ACK, "D" ACK with 10 bytes, "F" FIN and ACK,
 * "R" RST; capitals are sent forward, small letters backward. */
static struct connection play(const char *script)
{
    struct connection connection = {0};
    uint32_t next[2] = {1000, 1000};
    for (const char *at = script; *at; at++) {
        const int from = *at >= 'a';
        const char kind = (char)(from ? *at - 'a' + 'A' : *at);
        const bool payload = kind == 'D', bound = kind == 'S' || kind == 'H' || kind == 'F';
        const uint16_t flags = kind == 'S'   ? TCP_SYN
                               : kind == 'H' ? TCP_SYN | TCP_ACK
                               : kind == 'F' ? TCP_FIN | TCP_ACK
                               : kind == 'R' ? TCP_RST
                                             : TCP_ACK;
        packet(&connection, from, flags, next[from], payload ? 10 : 0);
        next[from] += payload ? 10 : bound;
    }
    return connection;
}

static void connection_states(void **state)
{
    (void)state;
    static const struct {
        const char *script, *state;
    } cases[] = {
        {"S", "S0"},       {"SS", "S0"},       {"Sh", "S1"},       {"ShA", "S1"},
        {"ShADd", "S1"},   {"ShADdFaf", "SF"}, {"ShADdfAF", "SF"}, {"ShAFfR", "SF"},
        {"ShAFfr", "SF"},  {"Sr", "REJ"},      {"SrR", "REJ"},     {"ShADF", "S2"},
        {"ShADFa", "S2"},  {"ShAdf", "S3"},    {"ShADR", "RSTO"},  {"ShADFR", "RSTO"},
        {"ShADr", "RSTR"}, {"ShAFr", "RSTR"},  {"SR", "RSTOS0"},   {"SSR", "RSTOS0"},
        {"hr", "RSTRH"},   {"Hr", "RSTO"},     {"SF", "SH"},       {"SAF", "SH"},
        {"hf", "SHR"},     {"Dd", "OTH"},      {"A", "OTH"},       {"DR", "OTH"},
        {"DdFf", "SF"},    {"Sd", "OTH"},      {"HsaF", "S3"},     {"HR", "RSTRH"},
        {"HF", "SHR"},     {"SsHh", "S1"},     {"ShRr", "REJ"},    {"ShADRr", "RSTR"},
        {"h", "OTH"},      {"hA", "S1"},       {"HaD", "S1"},      {"hAdDF", "S2"},
        {"hAdf", "S3"},    {"hAr", "RSTR"},    {"hADR", "RSTO"},   {"hAFf", "SF"},
        {"HhF", "S2"},     {"dAr", "RSTRH"},   {"dAf", "SHR"},     {"SDR", "RSTOS0"},
        {"SAR", "OTH"},    {"ShADFRf", "SF"},  {"ShADfrF", "SF"},  {"hAFRf", "SF"},
        {"ShRf", "RSTO"},  {"ShAFRd", "RSTO"}, {"SFRf", "RSTO"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct connection connection = play(cases[i].script);
        const char *name = tcp_connection_state(&connection.side[0], &connection.side[1]);
        if (strcmp(name, cases[i].state) != 0)
            fail_msg("%s: %s, not %s", cases[i].script, name, cases[i].state);
        release(&connection);
    }
}

static void handshake(void **state)
{
    (void)state;
    struct connection connection = play("SShhAADd");
    const struct tcp_side *from = &connection.side[0], *to = &connection.side[1];
    assert_int_equal(from->syn_ns, 10);
    assert_true(to->has_syn_ack_time);
    assert_int_equal(to->syn_ack_ns, 30);
    assert_true(from->has_ack_time);
    assert_int_equal(from->ack_ns, 50);
    release(&connection);

    connection = play("hSA"); /* not in this order */
    assert_false(connection.side[1].has_syn_ack_time);
    assert_false(connection.side[0].has_ack_time);
    release(&connection);
    connection = play("SAhR"); /* no ACK behind it */
    assert_true(connection.side[1].has_syn_ack_time);
    assert_false(connection.side[0].has_ack_time);
    release(&connection);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_segments),
        cmocka_unit_test(holes_are_bounded),
        cmocka_unit_test(syn_and_fin_take_a_number),
        cmocka_unit_test(numbers_begin_anew),
        cmocka_unit_test(keep_alives_and_probes),
        cmocka_unit_test(windows),
        cmocka_unit_test(options_of_syn),
        cmocka_unit_test(connection_states),
        cmocka_unit_test(handshake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
