/* The netflowmeter profile, default and compatible: single cells of flows of few packets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/text/text.h"
#include "features/netflowmeter/netflowmeter_doubles.h"
#include "flow/flow_table.h"

#define COLUMNS 128
#define ROWS    16
#define TEXT    256
#define SECOND  ((int64_t)1000000000)
#define START   (1600000000 * SECOND)

struct kept_row {
    struct lcap_cell cells[COLUMNS];
    char text[COLUMNS][TEXT];
    struct lcap_flow_row summary;
    size_t count;
};

/* An engine of its own, and the rows that came from it. */
struct run {
    struct lcap_flow_options options;
    struct lcap_flow_counts counts;
    struct sample_registry samples;
    const struct engine_class *class;
    struct engine *engine;
    struct kept_row rows[ROWS];
    size_t count;
};

static int keep_row(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    (void)error;
    struct run *run = context;
    struct kept_row *kept = &run->rows[run->count++];
    assert_true(run->count <= ROWS && row->row.count <= COLUMNS);
    kept->summary = *row;
    kept->count = row->row.count;
    for (size_t i = 0; i < row->row.count; i++) {
        kept->cells[i] = row->row.cells[i];
        if (row->row.cells[i].kind == LCAP_CELL_TEXT) {
            assert_true(row->row.cells[i].text_len < TEXT);
            memcpy(kept->text[i], row->row.cells[i].value.text, row->row.cells[i].text_len);
            kept->text[i][row->row.cells[i].text_len] = '\0';
        }
    }
    return 0;
}

static int create(struct run *run, bool compat, struct lcap_error *error)
{
    const struct engine_setup setup = {
        .options = &run->options,
        .profile = &profile_netflowmeter,
        .samples = &run->samples,
        .sink = keep_row,
        .sink_context = run,
        .counts = &run->counts,
    };
    run->class = compat ? profile_netflowmeter.compat : profile_netflowmeter.engine;
    return run->class->create(&run->engine, &setup, error);
}

static void begin(struct run *run, bool compat)
{
    memset(run, 0, sizeof *run);
    run->options = compat ? profile_netflowmeter.compat_defaults : profile_netflowmeter.defaults;
    assert_int_equal(sample_registry_init(&run->samples, NULL), 0);
    assert_int_equal(create(run, compat, NULL), 0);
}

/* The samples of 1 and 2. */
static void name_samples(struct run *run, uint64_t web_id, uint64_t mail_id)
{
    uint32_t number;
    assert_int_equal(sample_registry_add(&run->samples, web_id, "web", 3, &number, NULL), 0);
    assert_int_equal(sample_registry_add(&run->samples, mail_id, "mail", 4, &number, NULL), 0);
}

static void finish(struct run *run)
{
    assert_int_equal(run->class->finish(run->engine, NULL), 0);
}

static void end(struct run *run)
{
    run->class->free(run->engine);
    sample_registry_release(&run->samples);
}

/* Between 10.0.0.1:1000 and 10.0.0.2:80, `forward` from the first to the second. */
struct tcp {
    int64_t time;
    bool forward;
    uint16_t flags, window, payload;
    uint32_t sample; /* 0 = none */
};

static void packet(struct run *run, struct tcp tcp)
{
    static const struct lcap_interface interface = {.linktype = 1};
    uint8_t frame[14 + 20 + 20 + 2000] = {0};
    uint8_t *ip = frame + 14, *segment = ip + 20;
    store16(frame + 12, 0x0800, true);
    ip[0] = 0x45;
    store16(ip + 2, (uint16_t)(40 + tcp.payload), true);
    ip[9] = IP_PROTOCOL_TCP;
    store32(ip + 12, tcp.forward ? 0x0A000001 : 0x0A000002, true);
    store32(ip + 16, tcp.forward ? 0x0A000002 : 0x0A000001, true);
    store16(segment, tcp.forward ? 1000 : 80, true);
    store16(segment + 2, tcp.forward ? 80 : 1000, true);
    segment[12] = 0x50;
    segment[13] = (uint8_t)tcp.flags;
    store16(segment + 14, tcp.window, true);
    const struct lcap_packet whole = {
        .interface = &interface,
        .data = frame,
        .caplen = 54u + tcp.payload,
        .len = 54u + tcp.payload,
        .has_time = true,
        .time_ns = tcp.time,
    };
    const uint32_t sample = tcp.sample > 0 ? tcp.sample - 1 : NO_SAMPLE;
    assert_int_equal(run->class->packet(run->engine, &whole, sample, NULL), 0);
}

static size_t column_of(const struct run *run, const char *name)
{
    const bool compat = run->class == profile_netflowmeter.compat;
    const struct profile_column *columns =
        compat ? profile_netflowmeter.compat_columns : profile_netflowmeter.columns;
    size_t i = 0;
    while (columns[i].column.name && strcmp(columns[i].column.name, name) != 0)
        i++;
    assert_non_null(columns[i].column.name);
    return i;
}

static struct lcap_cell cell(const struct run *run, size_t row, const char *name)
{
    assert_true(row < run->count);
    return run->rows[row].cells[column_of(run, name)];
}

static const char *text(const struct run *run, size_t row, const char *name)
{
    assert_int_equal(cell(run, row, name).kind, LCAP_CELL_TEXT);
    return run->rows[row].text[column_of(run, name)];
}

static void assert_count(const struct run *run, size_t row, const char *name, uint64_t value)
{
    const struct lcap_cell found = cell(run, row, name);
    assert_int_equal(found.kind, LCAP_CELL_UNSIGNED);
    assert_int_equal(found.value.u, value);
}

static void assert_number(const struct run *run, size_t row, const char *name,
                          enum lcap_cell_kind kind, double value)
{
    const struct lcap_cell found = cell(run, row, name);
    assert_int_equal(found.kind, kind);
    assert_true(found.value.real == value);
}

static void assert_empty(const struct run *run, size_t row, const char *name)
{
    assert_int_equal(cell(run, row, name).kind, LCAP_CELL_EMPTY);
}

static void columns(void **state)
{
    (void)state;
    const struct profile_column *all = profile_netflowmeter.columns;
    size_t count = 0;
    for (; all[count].column.name; count++) {
        assert_true(all[count].offset % sizeof(struct lcap_cell) == 0);
        assert_true(all[count].offset < sizeof(struct netflowmeter_row));
        for (size_t other = 0; other < count; other++) {
            assert_string_not_equal(all[count].column.name, all[other].column.name);
            assert_int_not_equal(all[count].offset, all[other].offset);
        }
    }
    /* sampleID and metadata, seven that name the flow, 114 features, the label. */
    assert_int_equal(count, 2 + 7 + 114 + 1);
    assert_int_equal(count * sizeof(struct lcap_cell), sizeof(struct netflowmeter_row));
    assert_string_equal(profile_netflowmeter.compat_columns[0].column.name, "flow_id");
}

/* With 22 bytes of index, see flow_table.h. */
static void memory_of_a_flow(void **state)
{
    (void)state;
    const size_t flow = (sizeof(struct flow) + 15) & ~(size_t)15;
    assert_true(flow + profile_netflowmeter.measure->state_size + 22 < 1024);
    assert_true(flow + sizeof(struct netflowmeter_doubles) + 22 < 1024);
}

/* Three packets; statistics.pstdev([10, 30, 0]) of Python is 12.472191289246471. */
static void three_packets(struct run *run)
{
    packet(run,
           (struct tcp){.time = START, .forward = true, .flags = 2, .window = 100, .payload = 10});
    packet(run,
           (struct tcp){.time = START + SECOND / 4, .flags = 18, .window = 200, .payload = 30});
    packet(run, (struct tcp){.time = START + SECOND, .forward = true, .flags = 24, .window = 300});
    finish(run);
}

static void default_cells(void **state)
{
    (void)state;
    struct run run;
    begin(&run, false);
    run.options.metadata = "given";
    three_packets(&run);
    assert_int_equal(run.count, 1);
    assert_empty(&run, 0, "sample_id");
    assert_string_equal(text(&run, 0, "metadata"), "given");
    assert_string_equal(text(&run, 0, "label"), "given");
    assert_string_equal(text(&run, 0, "flow_id"),
                        "10.0.0.1_1000_10.0.0.2_80_TCP_2020-09-13 12:26:40");
    assert_number(&run, 0, "duration", LCAP_CELL_REAL, 1);
    assert_count(&run, 0, "packets_count", 3);
    assert_count(&run, 0, "total_payload_bytes", 40);
    assert_number(&run, 0, "payload_bytes_std", LCAP_CELL_REAL, 12.472191289246471);
    assert_number(&run, 0, "fwd_payload_bytes_std", LCAP_CELL_REAL, 5);
    assert_count(&run, 0, "fwd_payload_bytes_max", 10);
    assert_count(&run, 0, "bwd_payload_bytes_min", 30);
    assert_number(&run, 0, "packets_IAT_mean", LCAP_CELL_REAL, 0.5);
    assert_number(&run, 0, "packet_IAT_std", LCAP_CELL_REAL, 0.25);
    assert_number(&run, 0, "fwd_packets_IAT_max", LCAP_CELL_REAL, 1);
    assert_empty(&run, 0, "bwd_packets_IAT_mean");
    assert_number(&run, 0, "bwd_packets_IAT_total", LCAP_CELL_REAL, 0);
    assert_number(&run, 0, "bytes_rate", LCAP_CELL_REAL, 40);
    assert_number(&run, 0, "down_up_rate", LCAP_CELL_REAL, 0.5);
    assert_number(&run, 0, "active_max", LCAP_CELL_REAL, 1);
    assert_empty(&run, 0, "idle_max");
    assert_number(&run, 0, "subflow_bwd_bytes", LCAP_CELL_REAL, 30);
    assert_count(&run, 0, "fwd_init_win_bytes", 100);
    assert_count(&run, 0, "bwd_init_win_bytes", 200);
    assert_int_equal(run.rows[0].summary.packets, 3);
    assert_true(run.rows[0].summary.bidirectional);
    end(&run);
}

/* A packet with an earlier time than the one before counts with the time of that. */
static void default_times_that_go_back(void **state)
{
    (void)state;
    struct run run;
    begin(&run, false);
    packet(&run, (struct tcp){.time = START + SECOND, .forward = true, .flags = 2});
    packet(&run, (struct tcp){.time = START, .forward = true, .flags = 16});
    packet(&run, (struct tcp){.time = START + 2 * SECOND, .forward = true, .flags = 16});
    finish(&run);
    assert_number(&run, 0, "duration", LCAP_CELL_REAL, 2);
    assert_number(&run, 0, "packet_IAT_min", LCAP_CELL_REAL, 0);
    assert_number(&run, 0, "packet_IAT_max", LCAP_CELL_REAL, 1);
    assert_number(&run, 0, "fwd_packets_IAT_total", LCAP_CELL_REAL, 1);
    end(&run);
}

static void default_samples(void **state)
{
    (void)state;
    struct run run;
    begin(&run, false);
    name_samples(&run, UINT64_MAX, 5);
    run.options.metadata = "given";
    packet(&run, (struct tcp){.time = START, .forward = true, .flags = 2, .sample = 1});
    packet(&run, (struct tcp){.time = START, .forward = true, .flags = 2, .sample = 2});
    finish(&run);
    assert_int_equal(run.count, 2);
    assert_count(&run, 0, "sample_id", UINT64_MAX);
    assert_string_equal(text(&run, 0, "metadata"), "web");
    assert_string_equal(text(&run, 0, "label"), "web");
    assert_string_equal(text(&run, 1, "label"), "mail");
    end(&run);
}

/* Which zeros are integers there, and which numbers the number format is for. */
static void compat_kinds_of_cells(void **state)
{
    (void)state;
    struct run run;
    begin(&run, true);
    three_packets(&run);
    assert_int_equal(run.count, 1);
    assert_string_equal(text(&run, 0, "label"), "Unknown");
    assert_number(&run, 0, "duration", LCAP_CELL_EXACT, 1);
    assert_number(&run, 0, "payload_bytes_std", LCAP_CELL_REAL, 12.472191289246471);
    assert_number(&run, 0, "fwd_payload_bytes_std", LCAP_CELL_REAL, 12.472191289246471);
    assert_number(&run, 0, "fwd_payload_bytes_variance", LCAP_CELL_REAL, 25);
    assert_count(&run, 0, "bwd_payload_bytes_min", 0);
    assert_number(&run, 0, "bwd_packets_IAT_mean", LCAP_CELL_REAL, 1600000000.25);
    assert_number(&run, 0, "bwd_packets_IAT_std", LCAP_CELL_REAL, 0);
    assert_number(&run, 0, "bwd_packets_IAT_total", LCAP_CELL_EXACT, 1600000000.25);
    assert_count(&run, 0, "active_min", 0);
    assert_count(&run, 0, "active_mean", 0);
    assert_count(&run, 0, "avg_fwd_bytes_per_bulk", 0);
    assert_count(&run, 0, "fwd_bulk_duration", 0);
    assert_count(&run, 0, "subflow_fwd_packets", 0);
    end(&run);
}

/* The active period comes with its sign turned; the last one is left out. */
static void compat_periods(void **state)
{
    (void)state;
    struct run run;
    begin(&run, true);
    static const int64_t seconds[] = {0, 3, 103, 204, 206};
    for (size_t i = 0; i < 5; i++)
        packet(&run,
               (struct tcp){.time = START + seconds[i] * SECOND, .forward = true, .flags = 16});
    finish(&run);
    assert_number(&run, 0, "active_min", LCAP_CELL_EXACT, -103);
    assert_number(&run, 0, "active_std", LCAP_CELL_REAL, 0);
    assert_number(&run, 0, "idle_mean", LCAP_CELL_REAL, 101);
    assert_number(&run, 0, "subflow_fwd_packets", LCAP_CELL_EXACT, 5.0 / 4);
    end(&run);
}

/* A backward packet that begins the next flow gives its own source, but stays backward. */
static void compat_backward_beginning(void **state)
{
    (void)state;
    struct run run;
    begin(&run, true);
    packet(&run, (struct tcp){.time = START, .forward = true, .flags = 4, .window = 1});
    packet(&run, (struct tcp){.time = START + 1000, .flags = 16, .window = 2});
    packet(&run, (struct tcp){.time = START + 2000, .flags = 16, .window = 3});
    packet(&run, (struct tcp){.time = START + 3000, .forward = true, .flags = 16, .window = 4});
    finish(&run);
    assert_int_equal(run.count, 2);
    assert_string_equal(text(&run, 1, "flow_id"),
                        "10.0.0.2_80_10.0.0.1_1000_TCP_2020-09-13 12:26:40.000001");
    assert_count(&run, 1, "fwd_packets_count", 1);
    assert_count(&run, 1, "bwd_packets_count", 2);
    assert_count(&run, 1, "fwd_init_win_bytes", 3);
    assert_count(&run, 1, "bwd_init_win_bytes", 2);
    end(&run);
}

static void compat_times_are_rounded_to_microseconds(void **state)
{
    (void)state;
    struct run run;
    begin(&run, true);
    packet(&run, (struct tcp){.time = START + 1500, .forward = true, .flags = 4});
    packet(&run, (struct tcp){.time = START + 2500, .forward = true, .flags = 4});
    packet(&run, (struct tcp){.time = START + SECOND - 400, .forward = true, .flags = 4});
    packet(&run, (struct tcp){.time = -SECOND - 1, .forward = true, .flags = 4});
    finish(&run);
    assert_string_equal(text(&run, 0, "timestamp"), "2020-09-13 12:26:40.000002");
    assert_string_equal(text(&run, 1, "timestamp"), "2020-09-13 12:26:40.000002");
    assert_string_equal(text(&run, 2, "timestamp"), "2020-09-13 12:26:41");
    assert_string_equal(text(&run, 3, "timestamp"), "1969-12-31 23:59:59");
    end(&run);
}

static void far_times(void **state)
{
    (void)state;
    for (int compat = 0; compat < 2; compat++) {
        struct run run;
        begin(&run, compat);
        run.options.idle_ns = run.options.active_ns = LCAP_TIMEOUT_OFF;
        packet(&run, (struct tcp){.time = INT64_MIN, .forward = true, .flags = 16, .payload = 1});
        packet(&run, (struct tcp){.time = INT64_MAX, .flags = 16, .payload = 1});
        packet(&run, (struct tcp){.time = INT64_MIN, .forward = true, .flags = 16});
        finish(&run);
        assert_true(run.count > 0);
        assert_int_equal(run.counts.in_flows, 3);
        end(&run);
    }
}

/* What is not IPv4 with TCP is counted, and a stream may follow another. */
static void compat_counts(void **state)
{
    (void)state;
    struct run run;
    begin(&run, true);
    static const struct lcap_interface interface = {.linktype = 1};
    static const uint8_t arp[60] = {[12] = 0x08, [13] = 0x06};
    const struct lcap_packet other = {.interface = &interface, .data = arp, .caplen = sizeof arp};
    assert_int_equal(run.class->packet(run.engine, &other, NO_SAMPLE, NULL), 0);
    for (int stream = 0; stream < 2; stream++) {
        packet(&run, (struct tcp){.time = START - stream, .forward = true, .flags = 16});
        finish(&run);
    }
    assert_int_equal(run.count, 2);
    assert_int_equal(run.counts.skipped[LCAP_SKIP_PROFILE], 1);
    assert_int_equal(run.counts.in_flows, 2);
    assert_int_equal(run.counts.flows, 2);
    assert_int_equal(run.counts.peak_flows, 1);
    end(&run);
}

static void compat_samples(void **state)
{
    (void)state;
    struct run run;
    begin(&run, true);
    name_samples(&run, 9, 0);
    packet(&run, (struct tcp){.time = START, .forward = true, .flags = 2, .sample = 1});
    packet(&run, (struct tcp){.time = START, .forward = true, .flags = 2, .sample = 2});
    finish(&run);
    assert_int_equal(run.count, 2);
    assert_string_equal(text(&run, 0, "label"), "web");
    assert_string_equal(text(&run, 1, "label"), "mail");
    assert_true(run.rows[0].summary.has_label);
    assert_int_equal(run.rows[0].summary.sample_id, 9);
    end(&run);
}

static void compat_refuses_options(void **state)
{
    (void)state;
    const struct lcap_flow_options refused[] = {
        {.unidirectional = true}, {.inner_tunnels = true}, {.max_flows = 1}};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct run run = {.options = refused[i]};
        struct lcap_error error = {0};
        assert_int_equal(create(&run, true, &error), LCAP_ERR_ARGUMENT);
        assert_non_null(strstr(error.text, "NetFlowMeter"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns),
        cmocka_unit_test(memory_of_a_flow),
        cmocka_unit_test(default_cells),
        cmocka_unit_test(default_times_that_go_back),
        cmocka_unit_test(default_samples),
        cmocka_unit_test(compat_kinds_of_cells),
        cmocka_unit_test(compat_periods),
        cmocka_unit_test(compat_backward_beginning),
        cmocka_unit_test(compat_times_are_rounded_to_microseconds),
        cmocka_unit_test(far_times),
        cmocka_unit_test(compat_counts),
        cmocka_unit_test(compat_samples),
        cmocka_unit_test(compat_refuses_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
