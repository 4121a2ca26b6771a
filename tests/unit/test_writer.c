/* The public writer: whole files, pcapng and pcap, compared byte by byte. */
#include "wire.h"
#include <labelcap/capture.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000000)

static char path[4096];

static const struct lcap_interface ethernet = {
    .linktype = 1, .snaplen = 96, .tsresol = 6, .fcs_len = -1};

static struct lcap_writer *open_writer(struct lcap_writer_options options)
{
    struct lcap_writer *w = NULL;
    struct lcap_error error = {0};
    options.size = sizeof options;
    options.overwrite = true;
    if (lcap_writer_open(&w, path, &options, &error) < 0)
        fail_msg("%s", error.text);
    return w;
}

static struct lcap_writer *open_pcap(void)
{
    return open_writer((struct lcap_writer_options){.format = LCAP_FORMAT_PCAP});
}

static struct lcap_packet packet_at(const struct lcap_interface *interface, int64_t time_ns)
{
    bool ns = interface->tsresol == 9;
    return (struct lcap_packet){.interface = interface,
                                .data = (const uint8_t *)"abcde",
                                .caplen = 5,
                                .len = 60,
                                .has_time = true,
                                .time_ns = time_ns,
                                .timestamp = (uint64_t)time_ns / (ns ? 1 : 1000),
                                .drops = LCAP_NO_DROPS};
}

static void put_packet(struct lcap_writer *w, const struct lcap_packet *packet)
{
    struct lcap_error error = {0};
    if (lcap_writer_packet(w, packet, NULL, &error) < 0)
        fail_msg("%s", error.text);
}

static void put_interface(struct lcap_writer *w, const struct lcap_interface *interface)
{
    const struct lcap_block block = {.kind = LCAP_BLOCK_INTERFACE, .interface = interface};
    assert_int_equal(lcap_writer_block(w, &block, NULL), 0);
}

static void assert_refused(struct lcap_writer *w, const struct lcap_packet *packet,
                           const char *text)
{
    char expected[8192];
    struct lcap_error error = {0};
    snprintf(expected, sizeof expected, "%s: %s", path, text);
    assert_int_equal(lcap_writer_packet(w, packet, NULL, &error), LCAP_ERR_ARGUMENT);
    assert_string_equal(error.text, expected);
}

/* Compares the file with what is expected, and forgets that. */
static void assert_file(struct wire *expected)
{
    uint8_t found[4096];
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t len = fread(found, 1, sizeof found, f);
    fclose(f);
    assert_int_equal(len, expected->len);
    assert_memory_equal(found, expected->data, len);
    expected->len = 0;
}

static void close_writer(struct lcap_writer *w)
{
    struct lcap_error error = {0};
    if (lcap_writer_close(w, &error) < 0)
        fail_msg("%s", error.text);
}

static void wire_pcap_header(struct wire *w, uint32_t magic, uint32_t snaplen, uint32_t network)
{
    wire32(w, magic);
    wire16(w, 2);
    wire16(w, 4);
    wire32(w, 0);
    wire32(w, 0);
    wire32(w, snaplen);
    wire32(w, network);
}

static void wire_record(struct wire *w, uint32_t seconds, uint32_t fraction)
{
    wire32(w, seconds);
    wire32(w, fraction);
    wire32(w, 5);
    wire32(w, 60);
    wire_raw(w, "abcde", 5);
}

static void test_pcap_in_both_orders_and_units(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        bool big = i & 1, ns = i & 2;
        struct wire expected = {.big = big};
        struct lcap_interface interface = ethernet;
        interface.big_endian = big;
        interface.tsresol = ns ? 9 : 6;
        struct lcap_packet packet = packet_at(&interface, 5 * SECOND + (ns ? 7 : 7000));
        struct lcap_writer *w = open_pcap();
        put_packet(w, &packet);
        close_writer(w);
        wire_pcap_header(&expected, ns ? 0xA1B23C4D : 0xA1B2C3D4, 96, 1);
        wire_record(&expected, 5, 7);
        assert_file(&expected);
    }
}

static void test_pcap_link_type_headers_go_back_to_file_order(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct wire expected = {.big = big};
        struct lcap_interface loopback = ethernet;
        uint8_t family[4];
        loopback.linktype = 0;
        loopback.big_endian = big;
        store32(family, 2, HOST_BIG_ENDIAN); /* as the reader gives it */
        struct lcap_packet packet = packet_at(&loopback, SECOND);
        packet.data = family;
        packet.caplen = packet.len = sizeof family;
        struct lcap_writer *w = open_pcap();
        put_packet(w, &packet);
        close_writer(w);
        wire_pcap_header(&expected, 0xA1B2C3D4, 96, 0);
        wire32(&expected, 1);
        wire32(&expected, 0);
        wire32(&expected, 4);
        wire32(&expected, 4);
        wire32(&expected, 2);
        assert_file(&expected);
    }
}

static void test_pcap_header_sums_up_the_interfaces(void **state)
{
    (void)state;
    struct wire expected = {0};
    struct lcap_interface fine = ethernet, fcs = ethernet;
    fine.tsresol = 9;
    fine.snaplen = 65535;
    fine.linktype = 105; /* without packets: does not matter */
    fcs.fcs_len = 4;
    struct lcap_packet packet = packet_at(&fcs, 5 * SECOND + 7000);
    struct lcap_writer *w = open_pcap();
    put_interface(w, &fine);
    put_packet(w, &packet);
    close_writer(w);
    wire_pcap_header(&expected, 0xA1B23C4D, 65535, 1 | 0x24000000);
    wire_record(&expected, 5, 7000);
    assert_file(&expected);
}

static void test_pcap_snaplen_of_no_limit_wins(void **state)
{
    (void)state;
    struct wire expected = {0};
    struct lcap_interface unlimited = ethernet;
    unlimited.snaplen = 0;
    struct lcap_writer *w = open_pcap();
    put_interface(w, &ethernet);
    put_interface(w, &unlimited);
    put_interface(w, &ethernet);
    close_writer(w);
    wire_pcap_header(&expected, 0xA1B2C3D4, 0, 1);
    assert_file(&expected);
}

static void test_pcap_without_anything(void **state)
{
    (void)state;
    struct wire expected = {.big = HOST_BIG_ENDIAN};
    close_writer(open_pcap());
    wire_pcap_header(&expected, 0xA1B2C3D4, 262144, 1);
    assert_file(&expected);
}

static void test_pcap_holds_one_link_type(void **state)
{
    (void)state;
    struct lcap_interface wifi = ethernet;
    wifi.linktype = 105;
    struct lcap_packet first = packet_at(&ethernet, 0), second = packet_at(&wifi, 0);
    struct lcap_writer *w = open_pcap();
    put_packet(w, &first);
    assert_refused(
        w, &second,
        "pcap can hold only one link type: found IEEE802_11 after ETHERNET (write pcapng "
        "instead, or split by link type)");
    lcap_writer_discard(w);
}

static void test_pcap_times(void **state)
{
    (void)state;
    struct wire expected = {0};
    struct lcap_interface ns = ethernet, ps = ethernet;
    ns.tsresol = 9;
    ps.tsresol = 12;
    struct lcap_packet packet = packet_at(&ethernet, SECOND), fine = packet_at(&ns, SECOND + 1);
    struct lcap_writer *w = open_pcap();
    put_packet(w, &packet);
    assert_refused(w, &fine,
                   "packet of 1970-01-01T00:00:01.000000001Z needs nanoseconds, but this pcap file "
                   "has microseconds (write pcapng instead)");
    fine.time_ns = SECOND + 1000; /* fits, though its interface could be finer */
    fine.timestamp = (uint64_t)fine.time_ns;
    put_packet(w, &fine);
    packet = packet_at(&ps, SECOND);
    packet.timestamp = UINT64_C(1000000000999); /* 999 ps are cut */
    put_packet(w, &packet);
    assert_int_equal(lcap_writer_losses(w)->cut_times, 1);
    packet.has_time = false;
    packet.time_ns = INT64_MIN;
    put_packet(w, &packet);
    assert_int_equal(lcap_writer_losses(w)->no_time, 1);
    close_writer(w);
    wire_pcap_header(&expected, 0xA1B2C3D4, 96, 1);
    wire_record(&expected, 1, 0);
    wire_record(&expected, 1, 1);
    wire_record(&expected, 1, 0);
    wire_record(&expected, 0, 0);
    assert_file(&expected);
}

static void test_pcap_holds_times_at_its_limits(void **state)
{
    (void)state;
    static const int64_t odd_times[] = {-1, INT64_MIN, INT64_C(4294967296) * SECOND, INT64_MAX};
    for (int ns = 0; ns < 2; ns++) {
        struct wire expected = {0};
        struct lcap_interface fine = ethernet;
        fine.tsresol = 12; /* a time that is held is not also counted as cut */
        struct lcap_writer *w = open_writer((struct lcap_writer_options){
            .format = LCAP_FORMAT_PCAP,
            .pcap_times = ns ? LCAP_PCAP_TIMES_NANOSECONDS : LCAP_PCAP_TIMES_MICROSECONDS});
        for (size_t i = 0; i < sizeof odd_times / sizeof odd_times[0]; i++) {
            struct lcap_packet packet = packet_at(&fine, odd_times[i]);
            packet.timestamp = 1;
            put_packet(w, &packet);
        }
        struct lcap_packet last = packet_at(&fine, INT64_C(4294967295) * SECOND + 999999000);
        last.timestamp = 0;
        put_packet(w, &last);
        assert_int_equal(lcap_writer_losses(w)->held_times, 4);
        assert_int_equal(lcap_writer_losses(w)->cut_times, 0);
        close_writer(w);
        wire_pcap_header(&expected, ns ? 0xA1B23C4D : 0xA1B2C3D4, 96, 1);
        wire_record(&expected, 0, 0);
        wire_record(&expected, 0, 0);
        wire_record(&expected, UINT32_MAX, ns ? 999999999 : 999999);
        wire_record(&expected, UINT32_MAX, ns ? 999999999 : 999999);
        wire_record(&expected, UINT32_MAX, ns ? 999999000 : 999999);
        assert_file(&expected);
    }
}

static void test_pcap_times_as_asked(void **state)
{
    (void)state;
    struct lcap_interface ns = ethernet;
    ns.tsresol = 9;
    struct lcap_packet packet = packet_at(&ethernet, SECOND), fine = packet_at(&ns, SECOND);
    struct wire expected = {0};
    struct lcap_writer *w = open_writer((struct lcap_writer_options){
        .format = LCAP_FORMAT_PCAP, .pcap_times = LCAP_PCAP_TIMES_NANOSECONDS});
    put_packet(w, &packet);
    close_writer(w);
    wire_pcap_header(&expected, 0xA1B23C4D, 96, 1);
    wire_record(&expected, 1, 0);
    assert_file(&expected);
    expected = (struct wire){0};
    w = open_writer((struct lcap_writer_options){.format = LCAP_FORMAT_PCAP,
                                                 .pcap_times = LCAP_PCAP_TIMES_MICROSECONDS,
                                                 .unlimited_snaplen = true});
    put_packet(w, &fine);
    close_writer(w);
    wire_pcap_header(&expected, 0xA1B2C3D4, 0, 1);
    wire_record(&expected, 1, 0);
    assert_file(&expected);
}

static void test_pcap_counts_what_it_cannot_hold(void **state)
{
    (void)state;
    struct wire options = {0};
    const struct lcap_edit unlabel = {.size = sizeof unlabel, .drop_first_comment = true};
    struct lcap_packet packet = packet_at(&ethernet, 0);
    struct lcap_block block = {.kind = LCAP_BLOCK_SECTION};
    struct lcap_writer *w = open_pcap();
    const struct lcap_losses *losses = lcap_writer_losses(w);
    wire_option(&options, 1, "1,web", 5);
    packet.options = options.data;
    packet.options_len = 12;
    packet.comment = (const char *)options.data + 4;
    packet.comment_len = 5;
    assert_int_equal(lcap_writer_packet(w, &packet, &unlabel, NULL), 0); /* as it was meant */
    assert_int_equal(losses->pcap_options, 0);
    put_packet(w, &packet);
    assert_int_equal(losses->pcap_options, 1);
    assert_int_equal(lcap_writer_block(w, &block, NULL), 0);
    assert_int_equal(losses->pcap_blocks, 0);
    static const enum lcap_block_kind lost[] = {LCAP_BLOCK_NAMES, LCAP_BLOCK_SECRETS,
                                                LCAP_BLOCK_STATISTICS, LCAP_BLOCK_OTHER};
    for (size_t i = 0; i < 4; i++) {
        block.kind = lost[i];
        assert_int_equal(lcap_writer_block(w, &block, NULL), 0);
        assert_int_equal(losses->pcap_blocks, i + 1);
    }
    lcap_writer_discard(w);
}

static void test_pcapng_file(void **state)
{
    (void)state;
    struct wire expected = {.big = true};
    struct lcap_interface interface = ethernet;
    interface.big_endian = true;
    struct lcap_packet packet = packet_at(&interface, SECOND);
    const struct lcap_block secrets = {.kind = LCAP_BLOCK_SECRETS,
                                       .type = 10,
                                       .big_endian = true,
                                       .body = (const uint8_t *)"KEYS\0\0\0\4abcd",
                                       .body_len = 12};
    struct lcap_writer *w = open_writer((struct lcap_writer_options){0});
    put_interface(w, &interface);
    assert_int_equal(lcap_writer_block(w, &secrets, NULL), 0);
    put_packet(w, &packet);
    close_writer(w);
    for (int i = 0; i < 2; i++) { /* section header, interface */
        uint32_t len = i == 0 ? 28 : 20;
        wire32(&expected, i == 0 ? 0x0A0D0D0A : 1);
        wire32(&expected, len);
        wire32(&expected, i == 0 ? 0x1A2B3C4D : 1 << 16);
        wire32(&expected, i == 0 ? 1 << 16 : 96);
        if (i == 0)
            wire64(&expected, UINT64_MAX);
        wire32(&expected, len);
    }
    wire32(&expected, 10);
    wire32(&expected, 24);
    wire_bytes(&expected, secrets.body, 12);
    wire32(&expected, 24);
    wire32(&expected, 6);
    wire32(&expected, 40);
    wire32(&expected, 0);
    wire64(&expected, 1000000);
    wire32(&expected, 5);
    wire32(&expected, 60);
    wire_bytes(&expected, "abcde", 5);
    wire32(&expected, 40);
    assert_file(&expected);
}

/* What is in the file: snap length and capture length of its one packet. */
static void assert_lengths(uint32_t snaplen, uint32_t caplen)
{
    struct lcap_reader *reader = NULL;
    const struct lcap_block *block;
    assert_int_equal(lcap_reader_open(&reader, path, NULL, NULL), 0);
    do
        assert_int_equal(lcap_reader_next(reader, &block, NULL), 1);
    while (block->kind != LCAP_BLOCK_PACKET);
    assert_int_equal(block->packet.interface->snaplen, snaplen);
    assert_int_equal(block->packet.caplen, caplen);
    assert_int_equal(block->packet.len, 60);
    assert_memory_equal(block->packet.data, "abcde", caplen);
    assert_int_equal(lcap_reader_next(reader, &block, NULL), 0);
    lcap_reader_free(reader);
}

static void test_packets_are_cut(void **state)
{
    (void)state;
    static const struct {
        uint32_t limit, snaplen;
        bool unlimited;
        uint32_t snaplen_written, caplen;
    } cases[] = {
        {0, 96, false, 96, 5},   {3, 96, false, 3, 3},    {5, 96, false, 5, 5},
        {100, 96, false, 96, 5}, {3, 0, false, 3, 3},     {100, 0, false, 100, 5},
        {3, 96, true, 3, 3},     {100, 96, true, 100, 5}, {0, 96, true, 0, 5},
        {1, 1, true, 1, 1},
    };
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        const size_t n = i / 2;
        struct lcap_interface interface = ethernet;
        interface.snaplen = cases[n].snaplen;
        struct lcap_packet packet = packet_at(&interface, SECOND);
        struct lcap_writer *w = open_writer(
            (struct lcap_writer_options){.format = i % 2 ? LCAP_FORMAT_PCAP : LCAP_FORMAT_PCAPNG,
                                         .snaplen = cases[n].limit,
                                         .unlimited_snaplen = cases[n].unlimited});
        put_packet(w, &packet);
        close_writer(w);
        assert_lengths(cases[n].snaplen_written, cases[n].caplen);
    }
}

static void test_packets_of_no_bytes_stay_so(void **state)
{
    (void)state;
    for (int format = 0; format < 2; format++) {
        struct lcap_packet packet = packet_at(&ethernet, SECOND);
        packet.caplen = 0;
        struct lcap_writer *w = open_writer(
            (struct lcap_writer_options){.format = (enum lcap_format)format, .snaplen = 3});
        put_packet(w, &packet);
        close_writer(w);
        assert_lengths(3, 0);
    }
}

/* Interfaces stand before packets and between them; all are corrected. */
static void test_snaplens_are_corrected(void **state)
{
    (void)state;
    static const char *const endings[] = {"", ".gz"};
    for (int streams = 0; streams < 2; streams++) {
        struct lcap_interface first = ethernet, second = ethernet, third = ethernet;
        first.snaplen = second.snaplen = 4;
        second.number = 1;
        third.number = 2;
        const struct lcap_packet on_first = packet_at(&first, SECOND);
        const struct lcap_packet on_second = packet_at(&second, SECOND);
        char name[4200];
        snprintf(name, sizeof name, "%s%s", path, endings[streams]);
        struct lcap_writer *w = NULL;
        const struct lcap_writer_options options = {.size = sizeof options, .overwrite = true};
        assert_int_equal(lcap_writer_open(&w, name, &options, NULL), 0);
        put_interface(w, &first);
        put_interface(w, &second);
        put_packet(w, &on_first);
        put_packet(w, &on_second);
        put_interface(w, &third);
        close_writer(w);
        struct lcap_reader *reader = NULL;
        const struct lcap_block *block;
        assert_int_equal(lcap_reader_open(&reader, name, NULL, NULL), 0);
        while (lcap_reader_next(reader, &block, NULL) == 1)
            if (block->kind == LCAP_BLOCK_INTERFACE)
                assert_int_equal(block->interface->snaplen, 0);
        assert_int_equal(lcap_reader_interfaces(reader), 3);
        lcap_reader_free(reader);
        unlink(name);
    }
}

static void test_snaplens_of_pcap_are_corrected(void **state)
{
    (void)state;
    struct lcap_interface cut = ethernet;
    cut.snaplen = 4;
    const struct lcap_packet packet = packet_at(&cut, SECOND);
    struct lcap_writer *w = open_pcap();
    put_packet(w, &packet);
    put_packet(w, &packet);
    close_writer(w);
    struct lcap_reader *reader = NULL;
    const struct lcap_block *block;
    assert_int_equal(lcap_reader_open(&reader, path, NULL, NULL), 0);
    assert_int_equal(lcap_reader_next(reader, &block, NULL), 1);
    assert_int_equal(block->interface->snaplen, 0);
    lcap_reader_free(reader);
}

static void test_pcapng_without_anything(void **state)
{
    (void)state;
    struct wire expected = {.big = HOST_BIG_ENDIAN};
    close_writer(open_writer((struct lcap_writer_options){0}));
    wire32(&expected, 0x0A0D0D0A);
    wire32(&expected, 28);
    wire32(&expected, 0x1A2B3C4D);
    wire16(&expected, 1);
    wire16(&expected, 0);
    wire64(&expected, UINT64_MAX);
    wire32(&expected, 28);
    assert_file(&expected);
}

static void test_flush_shows_whole_blocks(void **state)
{
    (void)state;
    char fifo[4200];
    struct lcap_packet packet = packet_at(&ethernet, SECOND);
    struct lcap_reader *in = NULL;
    const struct lcap_block *block;
    snprintf(fifo, sizeof fifo, "%s.fifo", path);
    unlink(fifo);
    assert_int_equal(mkfifo(fifo, 0600), 0); /* written directly: can be read before closing */
    FILE *keep = fopen(fifo, "r+");
    struct lcap_writer *w = NULL;
    assert_int_equal(lcap_writer_open(&w, fifo, NULL, NULL), 0);
    put_packet(w, &packet);
    assert_int_equal(lcap_writer_flush(w, NULL), 0);
    char head[28 + 20 + 40];
    assert_int_equal(fread(head, 1, sizeof head, keep), sizeof head);
    FILE *f = fopen(path, "wb");
    fwrite(head, 1, sizeof head, f);
    fclose(f);
    assert_int_equal(lcap_reader_open(&in, path, NULL, NULL), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(lcap_reader_next(in, &block, NULL), 1);
    assert_int_equal(block->kind, LCAP_BLOCK_PACKET);
    assert_int_equal(lcap_reader_next(in, &block, NULL), 0);
    lcap_reader_free(in);
    lcap_writer_discard(w);
    fclose(keep);
    unlink(fifo);
}

static void test_refusals_at_opening(void **state)
{
    (void)state;
    struct lcap_writer *w = NULL;
    struct lcap_error error = {0};
    const struct lcap_writer_options both = {
        .size = sizeof both, .format = LCAP_FORMAT_PCAP, .pcapml_times = true};
    assert_int_equal(lcap_writer_open(&w, "x.pcap", &both, &error), LCAP_ERR_ARGUMENT);
    assert_string_equal(error.text, "x.pcap: pcapml timestamps exist only in pcapng");
    assert_int_equal(lcap_writer_open(&w, "/nowhere/x.pcap", NULL, NULL), LCAP_ERR_IO);
    assert_null(w);
    lcap_writer_discard(NULL);
}

/* As a program passes them that does not set it. */
static void test_structs_without_their_size(void **state)
{
    (void)state;
    struct lcap_error error = {0};
    struct lcap_writer *w = NULL;
    struct lcap_reader *in = NULL;
    const struct lcap_writer_options writing = {.overwrite = true};
    const struct lcap_reader_options reading = {.allow_empty = true};
    const struct lcap_edit edit = {.drop_first_comment = true};
    const struct lcap_packet packet = packet_at(&ethernet, 0);
    assert_int_equal(lcap_writer_open(&w, path, &writing, &error), LCAP_ERR_ARGUMENT);
    assert_string_equal(error.text, "struct lcap_writer_options: expected its size in its first "
                                    "field, found 0");
    assert_int_equal(lcap_reader_open(&in, path, &reading, NULL), LCAP_ERR_ARGUMENT);
    assert_null(in);
    w = open_pcap();
    assert_int_equal(lcap_writer_packet(w, &packet, &edit, NULL), LCAP_ERR_ARGUMENT);
    close_writer(w);
}

int main(void)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/test_writer.%ld", tmp ? tmp : "/tmp", (long)getpid());
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pcap_in_both_orders_and_units),
        cmocka_unit_test(test_pcap_link_type_headers_go_back_to_file_order),
        cmocka_unit_test(test_pcap_header_sums_up_the_interfaces),
        cmocka_unit_test(test_pcap_snaplen_of_no_limit_wins),
        cmocka_unit_test(test_snaplens_are_corrected),
        cmocka_unit_test(test_snaplens_of_pcap_are_corrected),
        cmocka_unit_test(test_pcap_without_anything),
        cmocka_unit_test(test_pcap_holds_one_link_type),
        cmocka_unit_test(test_pcap_times),
        cmocka_unit_test(test_pcap_holds_times_at_its_limits),
        cmocka_unit_test(test_pcap_times_as_asked),
        cmocka_unit_test(test_pcap_counts_what_it_cannot_hold),
        cmocka_unit_test(test_pcapng_file),
        cmocka_unit_test(test_packets_are_cut),
        cmocka_unit_test(test_packets_of_no_bytes_stay_so),
        cmocka_unit_test(test_pcapng_without_anything),
        cmocka_unit_test(test_flush_shows_whole_blocks),
        cmocka_unit_test(test_refusals_at_opening),
        cmocka_unit_test(test_structs_without_their_size),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}
