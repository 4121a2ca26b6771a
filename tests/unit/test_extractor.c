/* The public face of the flows: what it refuses, streams one after the other, labels, counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "features/profile.h"
#include <labelcap/flow.h>

#define RAW 101

enum { ROWS = 8 };

struct kept_row {
    uint64_t number, sample_id, packets;
    int64_t duration_ns;
    bool has_label;
    char metadata[32];
};

struct run {
    struct lcap_extractor *extractor;
    struct kept_row rows[ROWS];
    size_t count;
};

static int keep_row(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    (void)error;
    struct run *run = context;
    assert_true(run->count < ROWS && strlen(row->metadata) < sizeof run->rows[0].metadata);
    struct kept_row *kept = &run->rows[run->count++];
    kept->number = row->number;
    kept->sample_id = row->sample_id;
    kept->packets = row->packets;
    kept->duration_ns = row->duration_ns;
    kept->has_label = row->has_label;
    strcpy(kept->metadata, row->metadata);
    return LCAP_OK;
}

static void begin(struct run *run, const char *profile, const char *label)
{
    *run = (struct run){0};
    struct lcap_flow_options options = {.size = sizeof options};
    lcap_flow_defaults(&options, lcap_profile_find(profile), false);
    options.metadata = label;
    assert_int_equal(lcap_extractor_new(&run->extractor, &options, keep_row, run, NULL), 0);
}

/* UDP from 10.0.0.1:1 to 10.0.0.2:`port`, four bytes of payload; port 0: no IP at all. */
static void packet(struct run *run, uint8_t port, int64_t time_ns, const char *comment)
{
    static const struct lcap_interface interface = {.linktype = RAW};
    const uint8_t data[] = {0x45, 0, 0, 32, 0, 0, 0, 0,    64, 17, 0, 0, 10,  0,   0,   1,
                            10,   0, 0, 2,  0, 1, 0, port, 0,  12, 0, 0, 'd', 'a', 't', 'a'};
    const struct lcap_packet captured = {
        .interface = &interface,
        .data = data,
        .caplen = port ? sizeof data : 1,
        .len = sizeof data,
        .has_time = true,
        .time_ns = time_ns,
        .comment = comment,
        .comment_len = comment ? (uint32_t)strlen(comment) : 0,
    };
    assert_int_equal(lcap_extractor_packet(run->extractor, &captured, NULL), 0);
}

static void frame(struct run *run, uint16_t linktype, const char *data, uint32_t len)
{
    const struct lcap_interface interface = {.linktype = linktype};
    const struct lcap_packet captured = {
        .interface = &interface, .data = (const uint8_t *)data, .caplen = len, .len = len};
    assert_int_equal(lcap_extractor_packet(run->extractor, &captured, NULL), 0);
}

static void finish(struct run *run)
{
    run->count = 0;
    assert_int_equal(lcap_extractor_finish(run->extractor, NULL), 0);
}

static void counts_add_up(const struct run *run, uint64_t packets, uint64_t flows)
{
    const struct lcap_flow_counts *counts = lcap_extractor_counts(run->extractor);
    uint64_t sum = counts->in_flows;
    for (size_t i = 0; i < LCAP_SKIP_REASONS; i++)
        sum += counts->skipped[i];
    assert_int_equal(counts->packets, packets);
    assert_int_equal(sum, packets);
    assert_int_equal(counts->flows, flows);
}

static void refused(const struct lcap_flow_options *options, const char *why)
{
    struct lcap_extractor *extractor = NULL;
    struct lcap_error error = {0};
    assert_int_equal(lcap_extractor_new(&extractor, options, keep_row, NULL, &error),
                     LCAP_ERR_ARGUMENT);
    assert_string_equal(error.text, why);
    assert_null(extractor);
}

static void options_that_nobody_can_follow(void **state)
{
    (void)state;
    struct lcap_flow_options options = {0};
    lcap_flow_defaults(&options, lcap_profile_find("labelcap"), false);
    refused(&options, "struct lcap_flow_options: expected its size in its first field, found 0");
    options.size = sizeof options;
    refused(&options, "no profile given");
    lcap_flow_defaults(&options, lcap_profile_find("labelcap"), false);
    options.compat = true;
    refused(&options, "profile labelcap has no compat mode");
    options.compat = false;
    options.idle_ns = -1;
    refused(&options, "negative time-out");
    options.idle_ns = LCAP_TIMEOUT_OFF;
    options.active_ns = INT64_MIN;
    refused(&options, "negative time-out");
    lcap_extractor_free(NULL);
}

/* In every profile: numbers and counts go on over streams, flows do not. */
static void streams(void **state)
{
    (void)state;
    const struct lcap_profile *profile;
    for (size_t i = 0; (profile = lcap_profile_at(i)); i++) {
        struct run run;
        begin(&run, lcap_profile_name(profile), NULL);
        packet(&run, 1, 10, NULL);
        packet(&run, 2, 20, NULL);
        packet(&run, 0, 25, NULL);
        packet(&run, 1, 30, NULL);
        finish(&run);
        assert_int_equal(run.count, 2);
        assert_int_equal(run.rows[0].number, 0);
        assert_int_equal(run.rows[0].packets, 2);
        assert_int_equal(run.rows[1].number, 1);
        counts_add_up(&run, 4, 2);
        finish(&run); /* an empty stream */
        assert_int_equal(run.count, 0);
        packet(&run, 1, 5, NULL); /* earlier, but in a stream of its own */
        finish(&run);
        assert_int_equal(run.count, 1);
        assert_int_equal(run.rows[0].number, 2);
        counts_add_up(&run, 5, 3);
        assert_int_equal(lcap_extractor_counts(run.extractor)->time_backwards, 0);
        assert_int_equal(lcap_extractor_counts(run.extractor)->peak_flows, 2);
        lcap_extractor_free(run.extractor);
    }
}

/* In every profile, also where a double would not do. */
static void durations_are_exact(void **state)
{
    (void)state;
    const int64_t long_ns = ((int64_t)1 << 53) + 1;
    const struct lcap_profile *profile;
    for (size_t i = 0; (profile = lcap_profile_at(i)); i++) {
        struct run run = {0};
        struct lcap_flow_options options = {.size = sizeof options};
        lcap_flow_defaults(&options, profile, false);
        options.idle_ns = options.active_ns = LCAP_TIMEOUT_OFF;
        assert_int_equal(lcap_extractor_new(&run.extractor, &options, keep_row, &run, NULL), 0);
        packet(&run, 1, 7, NULL);
        packet(&run, 1, 7 + long_ns, NULL);
        packet(&run, 2, 9, NULL);
        finish(&run);
        assert_int_equal(run.count, 2);
        assert_true(run.rows[0].duration_ns == long_ns);
        assert_true(run.rows[1].duration_ns == 0);
        lcap_extractor_free(run.extractor);
    }
}

static void labels(void **state)
{
    (void)state;
    struct run run;
    begin(&run, "labelcap", "rest");
    packet(&run, 1, 1, "7,web");
    packet(&run, 1, 2, "8,\xFF mail");
    packet(&run, 1, 3, "7,another name for it");
    packet(&run, 1, 4, "no label");
    packet(&run, 1, 5, NULL);
    finish(&run);
    static const struct kept_row expected[] = {
        {.number = 0, .sample_id = 7, .packets = 2, .has_label = true, .metadata = "web"},
        {.number = 1,
         .sample_id = 8,
         .packets = 1,
         .has_label = true,
         .metadata = "\xEF\xBF\xBD mail"},
        {.number = 2, .packets = 2, .metadata = "rest"},
    };
    assert_int_equal(run.count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < run.count; i++) {
        assert_int_equal(run.rows[i].number, expected[i].number);
        assert_int_equal(run.rows[i].sample_id, expected[i].sample_id);
        assert_int_equal(run.rows[i].packets, expected[i].packets);
        assert_int_equal(run.rows[i].has_label, expected[i].has_label);
        assert_string_equal(run.rows[i].metadata, expected[i].metadata);
    }
    lcap_extractor_free(run.extractor);
}

static int refuse_row(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    (void)context;
    (void)row;
    return lcap_error_set(error, LCAP_ERR_IO, "no room");
}

static void sink_that_fails(void **state)
{
    (void)state;
    struct run run = {0};
    struct lcap_error error = {0};
    struct lcap_flow_options options = {.size = sizeof options};
    lcap_flow_defaults(&options, lcap_profile_find("labelcap"), false);
    assert_int_equal(lcap_extractor_new(&run.extractor, &options, refuse_row, NULL, NULL), 0);
    packet(&run, 1, 1, NULL);
    packet(&run, 2, 1, NULL);
    assert_int_equal(lcap_extractor_finish(run.extractor, &error), LCAP_ERR_IO);
    assert_string_equal(error.text, "no room");
    lcap_extractor_free(run.extractor); /* with the flows that are left */
}

/* A profile of too many columns loses none of them silently. */
static void columns_of_a_row(void **state)
{
    (void)state;
    static struct profile_column columns[ROW_MAX_CELLS + 2];
    const struct lcap_cell cell = cell_of_text("x");
    struct run run = {0};
    struct lcap_flow_counts counts = {0};
    const struct engine_setup setup = {.sink = keep_row, .sink_context = &run, .counts = &counts};
    struct lcap_flow_row summary = {.metadata = ""};
    for (size_t i = 0; i < ROW_MAX_CELLS; i++)
        columns[i].column.name = "x";
    assert_int_equal(row_emit(&setup, columns, &cell, &summary, NULL), 0);
    assert_int_equal(summary.row.count, ROW_MAX_CELLS);
    columns[ROW_MAX_CELLS].column.name = "x";
    assert_int_equal(row_emit(&setup, columns, &cell, &summary, NULL), LCAP_ERR_ARGUMENT);
    assert_int_equal(counts.flows, 1);
    assert_int_equal(run.count, 1);
}

#define ETHERNET_FRAME(type) "\2\2\2\2\2\1\2\2\2\2\2\2" type "------"

/* Link types and Ethernet types that keep packets out, each with its count. */
static void unknown_types(void **state)
{
    (void)state;
    struct run run;
    struct lcap_unknown_type type;
    begin(&run, "labelcap", NULL);
    assert_false(lcap_extractor_unknown_type(run.extractor, 0, &type));
    frame(&run, 1, ETHERNET_FRAME("\x88\xcc"), 20);
    frame(&run, 189, "usb", 3);
    frame(&run, 1, ETHERNET_FRAME("\x88\xcc"), 20);
    frame(&run, 1, ETHERNET_FRAME("\0\6"), 20); /* a length, and 802.2 without IP */
    frame(&run, 1, ETHERNET_FRAME("\x88\x99"), 20);
    frame(&run, 192, "\0\0\x8\0\xe3\0\0\0", 8); /* PPI, with CAN in it */
    assert_true(lcap_extractor_unknown_type(run.extractor, 0, &type));
    assert_true(type.reason == LCAP_SKIP_NO_IP && type.number == 0x88CC && type.packets == 2);
    assert_string_equal(lcap_ether_type_name(type.number), "LLDP");
    assert_true(lcap_extractor_unknown_type(run.extractor, 1, &type));
    assert_true(type.reason == LCAP_SKIP_LINK_TYPE && type.number == 189 && type.packets == 1);
    assert_true(lcap_extractor_unknown_type(run.extractor, 2, &type));
    assert_true(type.reason == LCAP_SKIP_NO_IP && type.number == 0x8899 && type.packets == 1);
    assert_true(lcap_extractor_unknown_type(run.extractor, 3, &type));
    assert_true(type.reason == LCAP_SKIP_LINK_TYPE && type.number == 227 && type.packets == 1);
    assert_false(lcap_extractor_unknown_type(run.extractor, 4, &type));
    assert_null(lcap_ether_type_name(0xFFFF));
    lcap_extractor_free(run.extractor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_types),    cmocka_unit_test(options_that_nobody_can_follow),
        cmocka_unit_test(streams),          cmocka_unit_test(durations_are_exact),
        cmocka_unit_test(labels),           cmocka_unit_test(sink_that_fails),
        cmocka_unit_test(columns_of_a_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
