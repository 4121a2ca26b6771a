/* The pcap2json profile: seen sequence numbers, dpkt's bytes, and the JSON of single flows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "features/pcap2json/pcap2json_bytes.h"
#include "features/pcap2json/pcap2json_row.h"
#include "features/pcap2json/pcap2json_seen.h"

#define SECOND ((int64_t)1000000000)

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

/* Seen sequence numbers. */

static bool see(struct pcap2json_seen *seen, uint32_t sequence, uint32_t len)
{
    bool again = false;
    const int64_t at = pcap2json_unwrap(seen, sequence);
    assert_int_equal(pcap2json_see(seen, at, len, &again, NULL), 0);
    return again;
}

enum { BYTES = 4000 };

/* Against a flag for every byte, across 2^32, with fewer gaps than are remembered. */
static void seen_as_single_bytes(void **state)
{
    (void)state;
    const uint32_t base = UINT32_MAX - BYTES / 2;
    uint32_t random = 1, repeats = 0;
    for (int round = 0; round < 20; round++) {
        struct pcap2json_seen seen = {0};
        static bool flags[BYTES];
        memset(flags, 0, sizeof flags);
        for (int i = 0; i < 600; i++) {
            const uint32_t at = next_random(&random) % (BYTES - 60);
            const uint32_t len = next_random(&random) % 60 + 1;
            bool expected = true;
            for (uint32_t k = at; k < at + len; k++) {
                expected &= flags[k];
                flags[k] = true;
            }
            assert_int_equal(see(&seen, base + at, len), expected);
            assert_true(seen.gap_count < PCAP2JSON_GAPS);
            repeats += expected;
        }
        pcap2json_seen_release(&seen);
    }
    assert_in_range(repeats, 1000, 11999);
}

/* Of too many gaps the lowest count as seen, whichever way they came about. */
static void too_many_gaps(void **state)
{
    (void)state;
    struct pcap2json_seen seen = {0};
    for (uint32_t i = 0; i <= PCAP2JSON_GAPS + 2; i++) /* one gap less than packets */
        assert_false(see(&seen, 1000 + 10 * i, 5));
    assert_int_equal(seen.gap_count, PCAP2JSON_GAPS);
    assert_true(see(&seen, 1005, 5));
    assert_true(see(&seen, 1015, 5));
    assert_false(see(&seen, 1027, 1)); /* in the lowest of those that are left, which splits it */
    assert_true(see(&seen, 1025, 2));
    assert_false(see(&seen, 900, 5)); /* its gap would be the lowest */
    assert_int_equal(seen.gap_count, PCAP2JSON_GAPS);
    assert_true(see(&seen, 950, 5));
    assert_false(see(&seen, 1028, 2));
    assert_true(see(&seen, 1028, 2));
    pcap2json_seen_release(&seen);
}

static void numbers_unwrap(void **state)
{
    (void)state;
    struct pcap2json_seen seen = {0};
    assert_int_equal(pcap2json_unwrap(&seen, 4294967290), 4294967290);
    assert_false(see(&seen, 4294967290, 20));
    assert_int_equal(pcap2json_unwrap(&seen, 14), (int64_t)4294967296 + 14);
    assert_int_equal(pcap2json_unwrap(&seen, 4294967000), 4294967000);
    struct pcap2json_seen low = {0};
    assert_int_equal(pcap2json_unwrap(&low, 5), 5);
    assert_int_equal(pcap2json_unwrap(&low, 4294967295), -1);
}

/* dpkt's bytes: inputs, and what bytes(dpkt.ip.IP(input)) of dpkt 1.9.8 gives. */

static size_t from_hex(const char *hex, uint8_t *out)
{
    size_t len = 0;
    for (; hex[2 * len]; len++) {
        unsigned byte;
        assert_int_equal(sscanf(hex + 2 * len, "%2x", &byte), 1);
        out[len] = (uint8_t)byte;
    }
    return len;
}

static void bytes_become(const char *given, const char *expected, uint32_t transport_len)
{
    uint8_t frame[200] = {0}, wanted[200];
    const size_t len = from_hex(given, frame + 14);
    const size_t wanted_len = from_hex(expected, wanted);
    store16(frame + 12, frame[14] >> 4 == 6 ? 0x86DD : 0x0800, true);
    struct dpkt_packet packet;
    struct pcap2json_bytes bytes;
    struct buffer buffer = {0};
    assert_int_equal(dpkt_parse_ethernet(frame, 14 + len, &packet), DPKT_TRANSPORT);
    assert_int_equal(pcap2json_bytes(&packet, &buffer, &bytes, NULL), 1);
    assert_int_equal(bytes.len, wanted_len);
    assert_memory_equal(bytes.ip, wanted, wanted_len);
    assert_int_equal(bytes.transport_len, transport_len);
    buffer_release(&buffer);
}

static void checksums_are_filled_in(void **state)
{
    (void)state;
    /* UDP in IPv4, both checksums 0 */
    bytes_become("45100023000700003d1100000a000001c0a8070900050006000f00007a65726f732121",
                 "45100023000700003d11ac010a000001c0a8070900050006000fad1c7a65726f732121", 15);
    /* an ICMP error without a checksum, with such a packet in it and an extension behind that */
    bytes_become("4510003d000700003d01abf70a000001c0a8070903000000000000634510001d000700003d1100000"
                 "a000001c0a807090035003600091234786d6f7265",
                 "4510003d000700003d01abf70a000001c0a80709030071f4000000634510001d000700003d11ac070"
                 "a000001c0a80709003500360009123478",
                 37);
    /* UDP in IPv6 */
    bytes_become("6ab000000009113b20010db800000000000000000000000120010db80000000000000000000200090"
                 "0050006000900007a",
                 "6ab000000009113b20010db800000000000000000000000120010db80000000000000000000200090"
                 "005000600092a537a",
                 9);
}

/* Engines. */

struct run {
    struct lcap_flow_options options;
    struct lcap_flow_counts counts;
    struct sample_registry samples; /* none */
    const struct engine_class *class;
    struct engine *engine;
    struct lcap_interface interface;
    struct buffer rows; /* a line each */
    size_t count, longest_piece;
    struct lcap_flow_row last;
};

static int keep_row(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    struct run *run = context;
    const char *piece;
    size_t len;
    assert_int_equal(row->row.count, 1);
    assert_int_equal(row->row.cells[0].kind, LCAP_CELL_JSON);
    assert_null(row->row.cells[0].value.text);
    while (row->row.pieces(row->row.pieces_source, &piece, &len, error) == 1) {
        assert_int_equal(buffer_append(&run->rows, piece, len, NULL), 0);
        run->longest_piece = len > run->longest_piece ? len : run->longest_piece;
    }
    assert_int_equal(buffer_append(&run->rows, "\n", 1, NULL), 0);
    run->count++;
    run->last = *row;
    return 0;
}

static void begin(struct run *run, bool compat)
{
    memset(run, 0, sizeof *run);
    run->options.size = sizeof run->options;
    lcap_flow_defaults(&run->options, &profile_pcap2json, compat);
    run->interface = (struct lcap_interface){.linktype = 101, .tsresol = 6, .fcs_len = -1};
    run->class = compat ? profile_pcap2json.compat : profile_pcap2json.engine;
}

static int create(struct run *run, struct lcap_error *error)
{
    const struct engine_setup setup = {
        .options = &run->options,
        .profile = &profile_pcap2json,
        .samples = &run->samples,
        .sink = keep_row,
        .sink_context = run,
        .counts = &run->counts,
    };
    return run->class->create(&run->engine, &setup, error);
}

/* Ends the run with its rows compared. */
static void expect(struct run *run, const char *rows)
{
    assert_int_equal(run->class->finish(run->engine, NULL), 0);
    assert_int_equal(buffer_append(&run->rows, "", 1, NULL), 0);
    assert_string_equal((const char *)run->rows.data, rows);
    run->class->free(run->engine);
    buffer_release(&run->rows);
}

/* A UDP packet in IPv4 from port 1 of 1.1.1.1 to port 2 of 2.2.2.2, or back. */
static void add_udp(struct run *run, int64_t time, size_t payload_len, bool back)
{
    static uint8_t bytes[65535] = {0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 1, 2};
    memset(bytes + 12, back ? 2 : 1, 4);
    memset(bytes + 16, back ? 1 : 2, 4);
    store16(bytes + 2, (uint16_t)(28 + payload_len), true);
    store16(bytes + 20, back ? 2 : 1, true);
    store16(bytes + 22, back ? 1 : 2, true);
    store16(bytes + 24, (uint16_t)(8 + payload_len), true);
    bytes[26] = 0xAB;
    const struct lcap_packet packet = {
        .interface = &run->interface,
        .data = bytes,
        .caplen = (uint32_t)(28 + payload_len),
        .len = (uint32_t)(28 + payload_len),
        .has_time = true,
        .time_ns = time,
        .timestamp = (uint64_t)(time / 1000),
    };
    struct lcap_error error = {0};
    if (run->class->packet(run->engine, &packet, NO_SAMPLE, &error) != 0)
        fail_msg("%s", error.text);
}

#define KEY                                                                                        \
    "\"source_addr\": \"1.1.1.1\", \"dest_addr\": \"2.2.2.2\", \"source_port\": 1, "               \
    "\"dest_port\": 2, \"protocol\": \"UDP\""
#define IP_HEADER(len) "450000" len "000000004011010201010101020202020001000200"

static void coarse_and_before_1970(void **state)
{
    (void)state;
    struct run run;
    begin(&run, false);
    assert_int_equal(create(&run, NULL), 0);
    add_udp(&run, -1500000000 + 7000, 0, false);
    add_udp(&run, -1500000000, 1, false);
    expect(
        &run,
        "{\"pkt_num\": 1, \"pkt_info\": [{\"time_stamp\": {\"seconds\": 0, \"microseconds\": 0}, "
        "\"data_len\": 1, \"ip_content\": \"" IP_HEADER(
            "1d") "09ab0000\"}], "
                  "\"start_time_stamp\": {\"seconds\": -2, \"microseconds\": 500000}, "
                  "\"init_seq_backward\": 0, \"flow_key\": {" KEY "}, \"init_seq\": 0, "
                  "\"retransmissions\": 0}\n");
    assert_int_equal(run.last.packets, 2);
    assert_int_equal(run.last.bytes, 1);
    assert_false(run.last.bidirectional);
    assert_string_equal(run.last.protocol, "UDP");
    assert_int_equal(run.counts.flows, 1);
    assert_int_equal(run.counts.in_flows, 2);
}

/* Times that are further apart than nanoseconds in 64 bits hold. */
static void detail_at_the_ends_of_time(void **state)
{
    (void)state;
    struct run run;
    begin(&run, false);
    run.options.detail = true;
    run.options.unidirectional = false;
    run.options.idle_ns = LCAP_TIMEOUT_OFF;
    run.interface.tsresol = 9;
    assert_int_equal(create(&run, NULL), 0);
    add_udp(&run, INT64_MIN, 0, false);
    add_udp(&run, INT64_MAX, 1, true);
    expect(
        &run,
        "[{" KEY ", \"retransmissions\": 0}, "
        "{\"direction_forward\": 0, \"direction_backward\": 1, \"time\": {\"sec_delta\": "
        "9223372036, \"microsec_delta\": 854775, \"nanosec_delta\": 807}, \"data_len\": 1, "
        "\"ip_len\": 29, \"ip_hlen\": 20, \"ip_tos\": 0, \"ip_ttl\": 64, \"th_seq\": 0, "
        "\"4layer_hdr_len\": 8, \"URG\": 0, \"PSH\": 0, \"RST\": 0, \"FIN\": 0, \"ACK\": 0, "
        "\"SYN\": 0, \"ECE\": 0, \"CWR\": 0, \"th_win\": 0, \"th_urp\": 0, \"data\": \"00\"}]\n");
    assert_true(run.last.bidirectional);
}

/* Detail leaves out flows without data, coarse does not. */
static void flows_without_data(void **state)
{
    (void)state;
    struct run run;
    begin(&run, false);
    run.options.detail = true;
    assert_int_equal(create(&run, NULL), 0);
    add_udp(&run, 0, 0, false);
    expect(&run, "");
    begin(&run, false);
    assert_int_equal(create(&run, NULL), 0);
    add_udp(&run, 0, 0, false);
    expect(&run, "{\"pkt_num\": 0, \"pkt_info\": [], \"start_time_stamp\": {\"seconds\": 0, "
                 "\"microseconds\": 0}, \"init_seq_backward\": 0, \"flow_key\": {" KEY
                 "}, \"init_seq\": 0, \"retransmissions\": 0}\n");
}

/* A flow is never in memory as text: pieces stay short, whatever is in them. */
static void long_flows_come_in_pieces(void **state)
{
    (void)state;
    for (int compat = 0; compat < 2; compat++) {
        struct run run;
        begin(&run, compat);
        run.options.memory = 1;
        assert_int_equal(create(&run, NULL), 0);
        for (int i = 0; i < 100; i++)
            add_udp(&run, i * 1000, 60000, false);
        assert_int_equal(run.class->finish(run.engine, NULL), 0);
        assert_int_equal(run.count, 1);
        assert_in_range(run.rows.len, 100 * 2 * 60028, 100 * 2 * 60028 + 20000);
        assert_true(run.longest_piece < 64 << 10);
        run.class->free(run.engine);
        buffer_release(&run.rows);
    }
}

static void compat_finishes_and_begins_anew(void **state)
{
    (void)state;
    struct run run;
    begin(&run, true);
    assert_int_equal(create(&run, NULL), 0);
    add_udp(&run, 3 * SECOND, 1, false);
    assert_int_equal(run.class->finish(run.engine, NULL), 0);
    assert_int_equal(run.count, 1);
    buffer_clear(&run.rows);
    add_udp(&run, 5 * SECOND, 1, false);
    expect(
        &run,
        "{\"pkt_num\": 1, \"pkt_info\": [{\"time_stamp\": {\"seconds\": 5, \"microseconds\": 0}, "
        "\"data_len\": 1, \"ip_content\": \"" IP_HEADER(
            "1d") "09ab0000\"}], "
                  "\"start_time_stamp\": {\"seconds\": 5, \"microseconds\": 0}, "
                  "\"init_seq_backward\": 0, \"flow_key\": {" KEY "}, \"init_seq\": 0}\n");
    assert_int_equal(run.counts.peak_flows, 1);
}

static void compat_refuses_what_it_cannot_follow(void **state)
{
    (void)state;
    struct run run;
    struct lcap_error error = {0};
    begin(&run, true);
    run.options.idle_ns = SECOND;
    assert_int_equal(create(&run, &error), LCAP_ERR_ARGUMENT);
    assert_non_null(strstr(error.text, "time-outs"));
    begin(&run, true);
    run.options.max_flows = 5;
    assert_int_equal(create(&run, NULL), LCAP_ERR_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seen_as_single_bytes),
        cmocka_unit_test(too_many_gaps),
        cmocka_unit_test(numbers_unwrap),
        cmocka_unit_test(checksums_are_filled_in),
        cmocka_unit_test(coarse_and_before_1970),
        cmocka_unit_test(detail_at_the_ends_of_time),
        cmocka_unit_test(flows_without_data),
        cmocka_unit_test(long_flows_come_in_pieces),
        cmocka_unit_test(compat_finishes_and_begins_anew),
        cmocka_unit_test(compat_refuses_what_it_cannot_follow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
