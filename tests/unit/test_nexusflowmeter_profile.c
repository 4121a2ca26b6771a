/* The nexusflowmeter profile, default and compatible: single cells of flows of few packets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/number/number.h"
#include "features/nexusflowmeter/nexusflowmeter_order.h"
#include "features/nexusflowmeter/nexusflowmeter_state.h"
#include "features/profile.h"
#include <labelcap/flow.h>

enum { COLUMNS = 36, ROWS = 32, TEXT = 160 };

#define SECOND ((int64_t)1000000000)
#define START  (1600000000 * SECOND)

struct kept_row {
    enum lcap_cell_kind kinds[COLUMNS];
    char text[COLUMNS][TEXT]; /* as CSV has it, without quotes */
    struct lcap_flow_row summary;
};

/* An engine of its own, and the rows that came from it. */
struct run {
    struct lcap_flow_options options;
    struct lcap_flow_counts counts;
    struct sample_registry samples;
    const struct profile_column *columns;
    const struct engine_class *class;
    struct engine *engine;
    struct kept_row rows[ROWS];
    size_t count;
};

static void text_of_cell(const struct lcap_cell *cell, char *out)
{
    char number[NUMBER_TEXT];
    const char *text = number;
    size_t len;
    switch (cell->kind) {
    case LCAP_CELL_UNSIGNED:
        len = number_from_unsigned(cell->value.u, number);
        break;
    case LCAP_CELL_SECONDS:
        len = number_from_ns(cell->value.i, number);
        break;
    case LCAP_CELL_REAL:
    case LCAP_CELL_EXACT:
        len = number_from_real(cell->value.real, number);
        break;
    case LCAP_CELL_BOOL:
        text = cell->value.truth ? "true" : "false";
        len = strlen(text);
        break;
    case LCAP_CELL_TEXT:
        text = cell->value.text;
        len = cell->text_len;
        break;
    default:
        len = 0;
    }
    assert_true(len < TEXT);
    memcpy(out, text, len);
    out[len] = '\0';
}

static int keep_row(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    (void)error;
    struct run *run = context;
    struct kept_row *kept = &run->rows[run->count++];
    assert_true(run->count <= ROWS && row->row.count <= COLUMNS);
    kept->summary = *row;
    for (size_t i = 0; i < row->row.count; i++) {
        kept->kinds[i] = row->row.cells[i].kind;
        text_of_cell(&row->row.cells[i], kept->text[i]);
    }
    return 0;
}

static int create(struct run *run, bool compat, struct lcap_error *error)
{
    const struct lcap_profile *profile = &profile_nexusflowmeter;
    const struct engine_setup setup = {
        .options = &run->options,
        .profile = profile,
        .samples = &run->samples,
        .sink = keep_row,
        .sink_context = run,
        .counts = &run->counts,
    };
    run->columns = compat ? profile->compat_columns : profile->columns;
    run->class = compat ? profile->compat : profile->engine;
    return run->class->create(&run->engine, &setup, error);
}

static void begin(struct run *run, bool compat)
{
    memset(run, 0, sizeof *run);
    run->options.size = sizeof run->options;
    lcap_flow_defaults(&run->options, &profile_nexusflowmeter, compat);
    assert_int_equal(sample_registry_init(&run->samples, NULL), 0);
    assert_int_equal(create(run, compat, NULL), 0);
}

static void finish(struct run *run)
{
    run->count = 0;
    assert_int_equal(run->class->finish(run->engine, NULL), 0);
}

static void end(struct run *run)
{
    run->class->free(run->engine);
    sample_registry_release(&run->samples);
}

static size_t column(const struct run *run, const char *name)
{
    for (size_t i = 0; run->columns[i].column.name; i++)
        if (strcmp(run->columns[i].column.name, name) == 0)
            return i;
    fail_msg("there is no column %s", name);
    return 0;
}

static const char *cell(const struct run *run, size_t row, const char *name)
{
    assert_true(row < run->count);
    return run->rows[row].text[column(run, name)];
}

#define assert_cell(run, row, name, expected) assert_string_equal(cell(run, row, name), expected)

/* IPv4 from 10.0.0.`from` to 10.0.0.`to`. */
struct sent {
    int64_t time;
    uint8_t from, to, protocol;
    uint16_t ports[2];
    uint16_t flags, payload, padding, lost; /* the last: not captured */
    uint32_t sample;                        /* 0 = none */
};

static uint16_t header_len(uint8_t protocol)
{
    return protocol == IP_PROTOCOL_TCP ? 20 : 8;
}

static void packet(struct run *run, struct sent sent)
{
    static const struct lcap_interface interface = {.linktype = 1};
    uint8_t frame[14 + 20 + 20 + 2000] = {0};
    uint8_t *ip = frame + 14, *segment = ip + 20;
    const uint16_t ip_len = (uint16_t)(20 + header_len(sent.protocol) + sent.payload);
    store16(frame + 12, 0x0800, true);
    ip[0] = 0x45;
    store16(ip + 2, ip_len, true);
    ip[9] = sent.protocol;
    store32(ip + 12, 0x0A000000u + sent.from, true);
    store32(ip + 16, 0x0A000000u + sent.to, true);
    store16(segment, sent.ports[0], true);
    store16(segment + 2, sent.ports[1], true);
    if (sent.protocol == IP_PROTOCOL_TCP)
        store16(segment + 12, 0x5000 | sent.flags, true);
    else
        store16(segment + 4, (uint16_t)(8 + sent.payload), true);
    const uint32_t len = 14u + ip_len + sent.padding;
    const struct lcap_packet captured = {
        .interface = &interface,
        .data = frame,
        .caplen = len - sent.lost,
        .len = len,
        .has_time = sent.time != INT64_MIN,
        .time_ns = sent.time,
    };
    const uint32_t sample = sent.sample ? sent.sample - 1 : NO_SAMPLE;
    run->counts.packets++;
    assert_int_equal(run->class->packet(run->engine, &captured, sample, NULL), 0);
}

static void tcp(struct run *run, int64_t time, bool forward, uint16_t flags, uint16_t payload)
{
    packet(run, (struct sent){.time = time,
                              .from = forward ? 10 : 9,
                              .to = forward ? 9 : 10,
                              .protocol = IP_PROTOCOL_TCP,
                              .ports = {forward ? 5000 : 80, forward ? 80 : 5000},
                              .flags = flags,
                              .payload = payload});
}

static void udp(struct run *run, int64_t time, uint8_t to, uint16_t payload)
{
    packet(run, (struct sent){.time = time,
                              .from = 1,
                              .to = to,
                              .protocol = IP_PROTOCOL_UDP,
                              .ports = {7, 9},
                              .payload = payload});
}

static void a_connection(struct run *run)
{
    tcp(run, START, true, TCP_SYN, 0);
    tcp(run, START + 1000, false, TCP_SYN | TCP_ACK, 0);
    tcp(run, START + 3001, true, TCP_ACK, 0);
    tcp(run, START + SECOND, true, TCP_ACK | TCP_PSH, 100);
    tcp(run, START + SECOND - 1000, false, TCP_ACK, 0);
    finish(run);
}

static void default_mode_follows_the_initiator(void **state)
{
    (void)state;
    struct run run;
    begin(&run, false);
    a_connection(&run);
    assert_int_equal(run.count, 1);
    assert_cell(&run, 0, "flow_id", "10.0.0.10:5000 <-> 10.0.0.9:80 (TCP)");
    assert_cell(&run, 0, "start_time", "2020-09-13 12:26:40.000000000");
    assert_cell(&run, 0, "end_time", "2020-09-13 12:26:41.000000000");
    assert_cell(&run, 0, "duration_seconds", "1.0");
    assert_cell(&run, 0, "forward_packets", "3");
    assert_cell(&run, 0, "forward_backward_ratio", "1.5");
    assert_cell(&run, 0, "total_bytes", "370");
    assert_cell(&run, 0, "forward_payload_bytes", "100");
    assert_cell(&run, 0, "packets_per_second", "5.0");
    /* 1000, 2001, 999996999 and 0 ns: the last packet came with an earlier time. */
    assert_cell(&run, 0, "avg_inter_arrival_ms", "250.0");
    assert_cell(&run, 0, "min_inter_arrival_ms", "0.0");
    assert_cell(&run, 0, "max_inter_arrival_ms", "999.996999");
    assert_cell(&run, 0, "tcp_flags", "A,PA,S,SA");
    assert_cell(&run, 0, "connection_state", "Established");
    assert_int_equal(run.rows[0].summary.packets, 5);
    assert_int_equal(run.rows[0].summary.bytes, 370);
    assert_true(run.rows[0].summary.bidirectional);
    end(&run);
}

static void compat_orders_addresses_as_text(void **state)
{
    (void)state;
    struct run run;
    begin(&run, true);
    a_connection(&run);
    assert_int_equal(run.count, 1);
    /* "10.0.0.10" < "10.0.0.9" */
    assert_cell(&run, 0, "src_ip", "10.0.0.10");
    assert_cell(&run, 0, "start_time", "2020-09-13 12:26:40.000000");
    /* The last packet in the file is not the latest. */
    assert_cell(&run, 0, "end_time", "2020-09-13 12:26:40.999999");
    assert_cell(&run, 0, "duration_seconds", "0.999999");
    /* Python: gaps of 1, 2, 999997 and -1 microseconds, / 1e6 * 1000, and their sum / 4. */
    assert_cell(&run, 0, "avg_inter_arrival_ms", "249.99975000000003");
    assert_cell(&run, 0, "min_inter_arrival_ms", "-0.001");
    assert_cell(&run, 0, "max_inter_arrival_ms", "999.9970000000001");
    /* Behind the IP header: 5 headers of TCP and 100 bytes. */
    assert_cell(&run, 0, "total_payload_bytes", "200");
    assert_int_equal(run.rows[0].kinds[column(&run, "duration_seconds")], LCAP_CELL_REAL);
    end(&run);
}

static void states_of_connections(void **state)
{
    (void)state;
    static const struct {
        uint16_t forward, backward; /* flags of a packet each; 0 = no packet */
        const char *ours, *original;
    } cases[] = {
        {TCP_SYN, 0, "Attempted", "Established"},
        {TCP_SYN, TCP_SYN | TCP_ACK, "Established", "Established"},
        {TCP_SYN, TCP_RST | TCP_ACK, "Reset", "Reset"},
        {TCP_ACK, TCP_ACK, "Ongoing", "Ongoing"},
        {TCP_FIN | TCP_ACK, 0, "Ongoing", "Ongoing"},
        {TCP_FIN | TCP_ACK, TCP_FIN | TCP_ACK, "Closed", "Ongoing"},
        {TCP_ACK, TCP_SYN | TCP_ACK, "Ongoing", "Ongoing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int compat = 0; compat < 2; compat++) {
            struct run run;
            begin(&run, compat);
            tcp(&run, START, true, cases[i].forward, 0);
            if (cases[i].backward)
                tcp(&run, START, false, cases[i].backward, 0);
            finish(&run);
            assert_cell(&run, 0, "connection_state", compat ? cases[i].original : cases[i].ours);
            end(&run);
        }
}

/* What has no value in one mode is 0, infinity or an empty text in the other. */
static void of_a_single_packet(void **state)
{
    (void)state;
    struct run run;
    const struct sent sent = {.time = START,
                              .from = 1,
                              .to = 2,
                              .protocol = IP_PROTOCOL_ICMP,
                              .payload = 30,
                              .padding = 6,
                              .lost = 20};
    begin(&run, false);
    packet(&run, sent);
    finish(&run);
    assert_cell(&run, 0, "flow_id", "10.0.0.1 <-> 10.0.0.2 (ICMP)");
    assert_cell(&run, 0, "src_port", "");
    assert_cell(&run, 0, "forward_backward_ratio", "");
    assert_cell(&run, 0, "packets_per_second", "");
    assert_cell(&run, 0, "avg_inter_arrival_ms", "");
    assert_cell(&run, 0, "total_bytes", "78");
    assert_cell(&run, 0, "total_payload_bytes", "30");
    assert_cell(&run, 0, "connection_state", "Unknown");
    end(&run);
    begin(&run, true);
    packet(&run, sent);
    finish(&run);
    assert_int_equal(run.rows[0].kinds[column(&run, "src_port")], LCAP_CELL_TEXT);
    assert_cell(&run, 0, "src_port", "");
    assert_cell(&run, 0, "forward_backward_ratio", "inf");
    assert_cell(&run, 0, "packets_per_second", "0");
    assert_cell(&run, 0, "total_bytes", "58");
    assert_cell(&run, 0, "total_payload_bytes", "0");
    end(&run);
}

/* Python's: 0 where there is no such number, 0.0 where it is 0. */
static void zeros_tell_whether_there_is_a_number(void **state)
{
    (void)state;
    struct run run;
    begin(&run, true);
    udp(&run, START, 2, 0);
    udp(&run, START, 3, 0);
    udp(&run, START, 3, 0);
    udp(&run, START, 4, 0);
    udp(&run, START - SECOND, 4, 0);
    finish(&run);
    assert_int_equal(run.count, 3);
    assert_cell(&run, 0, "duration_seconds", "0");
    assert_cell(&run, 0, "min_inter_arrival_ms", "0");
    assert_cell(&run, 1, "duration_seconds", "0");
    assert_cell(&run, 1, "bytes_per_second", "0");
    assert_cell(&run, 1, "min_inter_arrival_ms", "0.0");
    /* Backwards: a duration below 0, and no rates. */
    assert_cell(&run, 2, "duration_seconds", "-1.0");
    assert_cell(&run, 2, "packets_per_second", "0");
    assert_int_equal(run.counts.peak_flows, 3);
    end(&run);
}

static void nanoseconds_go_through_doubles(void **state)
{
    (void)state;
    /* Python: str(datetime.utcfromtimestamp(float(Decimal(ns) / 10**9))) */
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {
        {1600000000000000500, "2020-09-13 12:26:40.000000"},
        {1600000000000000600, "2020-09-13 12:26:40.000001"},
        {1600000000999999499, "2020-09-13 12:26:41.000000"},
        {1600000000999999501, "2020-09-13 12:26:41.000000"},
        {-1500000499, "1969-12-31 23:59:58.500000"},
        {-1500000501, "1969-12-31 23:59:58.499999"},
        {999999999, "1970-01-01 00:00:01.000000"},
        {500, "1970-01-01 00:00:00.000000"},
        {1500, "1970-01-01 00:00:00.000002"},
        {INT64_MIN, "1970-01-01 00:00:00.000000"}, /* a packet without time */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct run run;
        begin(&run, true);
        udp(&run, cases[i].ns, 2, 0);
        finish(&run);
        assert_cell(&run, 0, "start_time", cases[i].text);
        end(&run);
    }
}

static void samples_do_not_mix(void **state)
{
    (void)state;
    for (int compat = 0; compat < 2; compat++) {
        struct run run;
        begin(&run, compat);
        run.options.metadata = "given";
        uint32_t number;
        assert_int_equal(sample_registry_add(&run.samples, 70, "a", 1, &number, NULL), 0);
        assert_int_equal(sample_registry_add(&run.samples, 71, "b", 1, &number, NULL), 0);
        for (uint32_t sample = 0; sample < 3; sample++)
            packet(&run, (struct sent){.time = START,
                                       .from = 1,
                                       .to = 2,
                                       .protocol = IP_PROTOCOL_UDP,
                                       .ports = {7, 9},
                                       .payload = (uint16_t)(3 - sample),
                                       .sample = sample});
        finish(&run);
        assert_int_equal(run.count, 3);
        assert_false(run.rows[0].summary.has_label);
        assert_string_equal(run.rows[0].summary.metadata, "given");
        assert_int_equal(run.rows[2].summary.sample_id, 71);
        assert_string_equal(run.rows[2].summary.metadata, "b");
        if (!compat) {
            assert_cell(&run, 0, "sample_id", "");
            assert_cell(&run, 0, "metadata", "given");
            assert_cell(&run, 2, "sample_id", "71");
            assert_cell(&run, 2, "metadata", "b");
        }
        end(&run);
    }
}

static void every_packet_is_counted(void **state)
{
    (void)state;
    struct run run;
    begin(&run, true);
    udp(&run, START, 2, 0);
    packet(&run, (struct sent){
                     .time = START, .from = 1, .to = 2, .protocol = IP_PROTOCOL_UDP, .lost = 20});
    finish(&run);
    assert_int_equal(run.counts.in_flows, 1);
    assert_int_equal(run.counts.skipped[LCAP_SKIP_PROFILE], 1);
    assert_int_equal(run.counts.flows, 1);
    finish(&run);
    assert_int_equal(run.count, 0);
    end(&run);
}

static void compat_refuses_other_rules(void **state)
{
    (void)state;
    struct run run = {.options = {.unidirectional = true}};
    assert_int_equal(create(&run, true, NULL), LCAP_ERR_ARGUMENT);
    run.options = (struct lcap_flow_options){.inner_tunnels = true};
    assert_int_equal(create(&run, true, NULL), LCAP_ERR_ARGUMENT);
    run.options = (struct lcap_flow_options){.max_flows = 5};
    assert_int_equal(create(&run, true, NULL), LCAP_ERR_ARGUMENT);
}

/* All sets of flags at once: 512 texts, sorted as Python's sorted() does. */
static void all_sets_of_flags(void **state)
{
    (void)state;
    struct nexus_counts counts = {0};
    struct arena arena = {0};
    struct lcap_cell cell;
    for (unsigned set = 0; set < NEXUS_FLAG_SETS; set++)
        nexus_count_flags(&counts, (uint16_t)set);
    assert_int_equal(nexus_flags_text(&counts, "", &arena, &cell, NULL), 0);
    /* From Python: the joined text's length, its beginning and its end. */
    static const char first[] = ",A,AC,ACN,AE,AEC,AECN,AEN,AN,AU,AUC,", last[] = ",UEC,UECN,UEN,UN";
    assert_int_equal(cell.text_len, 2815);
    assert_memory_equal(cell.value.text, first, sizeof first - 1);
    assert_memory_equal(cell.value.text + cell.text_len - (sizeof last - 1), last, sizeof last - 1);
    assert_int_equal(counts.syn, 128);
    assert_int_equal(counts.ack, 256);
    arena_release(&arena);
}

/* The order that came of sizes[0], sizes[1], … */
static void order_of(const uint64_t *sizes, size_t count, size_t *order)
{
    struct nexus_sized *items = calloc(count, sizeof *items);
    char *places = calloc(count, 1);
    assert_true(count == 0 || (items && places));
    for (size_t i = 0; i < count; i++)
        items[i] = (struct nexus_sized){sizes[i], &places[i]};
    nexus_order_by_size(items, count);
    for (size_t i = 0; i < count; i++) {
        assert_true(i == 0 || items[i - 1].bytes >= items[i].bytes);
        order[i] = (size_t)((char *)items[i].item - places);
    }
    free(places);
    free(items);
}

static uint64_t digest_of_order(const uint64_t *sizes, size_t count)
{
    size_t *order = calloc(count, sizeof *order);
    uint64_t digest = 0;
    assert_true(count == 0 || order);
    order_of(sizes, count, order);
    for (size_t i = 0; i < count; i++)
        digest += (i + 1) * order[i];
    free(order);
    return digest;
}

/* Each upper byte of a linear congruence, modulo `values`. */
static void random_sizes(uint64_t *sizes, size_t count, uint32_t values)
{
    uint32_t random = 1;
    for (size_t i = 0; i < count; i++) {
        random = random * 1664525 + 1013904223;
        sizes[i] = (random >> 24) % values;
    }
}

/* Expected orders by DataFrame.sort_values() of pandas 1.5.3 with numpy 1.24.2. */
static void order_of_equals_is_numpys(void **state)
{
    (void)state;
    static const size_t expected[40] = {39, 38, 37, 36, 35, 33, 15, 17, 21, 26, 25, 1, 30, 27,
                                        28, 32, 19, 20, 7,  13, 5,  12, 10, 9,  16, 8, 18, 2,
                                        3,  4,  34, 6,  29, 31, 11, 24, 23, 22, 14, 0};
    uint64_t sizes[1000];
    size_t order[40];
    random_sizes(sizes, 40, 3);
    order_of(sizes, 40, order);
    assert_memory_equal(order, expected, sizeof order);
    random_sizes(sizes, 1000, 5);
    assert_int_equal(digest_of_order(sizes, 1000), 248767379);
    assert_int_equal(digest_of_order(sizes, 0), 0);
}

/*
 * The worst sequence for a median of three (David Musser, 1997), with equals in
 * it and turned round: numpy leaves parts of it to its heap sort.
 */
static void order_of_the_worst_is_numpys(void **state)
{
    (void)state;
    enum { COUNT = 4096, HALF = COUNT / 2 };
    static uint64_t sizes[COUNT];
    for (uint64_t i = 1; i <= HALF; i++) {
        sizes[COUNT - i] = (i % 2 ? i : HALF + i - 1) / 4;
        sizes[HALF - i] = 2 * i / 4;
    }
    assert_int_equal(digest_of_order(sizes, COUNT), 19332158970);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(default_mode_follows_the_initiator),
        cmocka_unit_test(compat_orders_addresses_as_text),
        cmocka_unit_test(states_of_connections),
        cmocka_unit_test(of_a_single_packet),
        cmocka_unit_test(zeros_tell_whether_there_is_a_number),
        cmocka_unit_test(nanoseconds_go_through_doubles),
        cmocka_unit_test(samples_do_not_mix),
        cmocka_unit_test(every_packet_is_counted),
        cmocka_unit_test(compat_refuses_other_rules),
        cmocka_unit_test(all_sets_of_flags),
        cmocka_unit_test(order_of_equals_is_numpys),
        cmocka_unit_test(order_of_the_worst_is_numpys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
