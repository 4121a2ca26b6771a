/* pcapng: every kind of block in both byte orders, interfaces, options and times. */
#include "capture_builder.h"

static const char data[] = "abcdefghijklmnop";

/* Opens and goes past section header and interface. */
static struct lcap_reader *open_simple(const struct wire *c)
{
    struct lcap_reader *reader = open_capture(c);
    next_of_kind(reader, LCAP_BLOCK_SECTION);
    next_of_kind(reader, LCAP_BLOCK_INTERFACE);
    return reader;
}

static void check_enhanced_packet(bool big)
{
    struct wire c = simple_capture(big);
    begin_packet(&c, 0, 1500000000123456, data, 5, 60);
    wire_option(&c, OPT_EPB_FLAGS, "\0\0\0\1", 4);
    wire_option(&c, OPT_COMMENT, "12,web", 6);
    wire_option(&c, OPT_COMMENT, "second", 6);
    wire_option(&c, OPT_END, "", 0);
    wire32(&c, 0xdeadbeef); /* what stands behind the end of options counts for nothing */
    end_block(&c);
    struct lcap_reader *reader = open_simple(&c);
    const struct lcap_block *block = next_of_kind(reader, LCAP_BLOCK_PACKET);
    const struct lcap_packet *packet = &block->packet;
    assert_int_equal(block->type, PCAPNG_ENHANCED_PACKET);
    assert_int_equal(block->offset, AFTER_INTERFACE);
    assert_int_equal(block->big_endian, big);
    assert_int_equal(block->body_len, c.len - AFTER_INTERFACE - PCAPNG_BLOCK_OVERHEAD);
    assert_memory_equal(block->body, c.data + AFTER_INTERFACE + 8, block->body_len);
    assert_ptr_equal(packet->interface, lcap_reader_interface(reader, 0));
    assert_int_equal(packet->caplen, 5);
    assert_int_equal(packet->len, 60);
    assert_memory_equal(packet->data, data, 5);
    assert_true(packet->has_time);
    assert_int_equal(packet->timestamp, 1500000000123456);
    assert_int_equal(packet->time_ns, 1500000000123456000);
    assert_int_equal(packet->options_len, 8 + 12 + 12);
    assert_ptr_equal(packet->options, packet->data + 8);
    assert_int_equal(packet->comment_len, 6);
    assert_memory_equal(packet->comment, "12,web", 6);
    assert_true(packet->drops == LCAP_NO_DROPS);
    expect_end(reader);
    lcap_reader_free(reader);
}

static void reads_enhanced_packets(void **state)
{
    (void)state;
    check_enhanced_packet(false);
    check_enhanced_packet(true);
}

static void reads_options_without_end(void **state)
{
    (void)state;
    struct wire c = simple_capture(false);
    begin_packet(&c, 0, 1, data, 4, 4);
    wire_option(&c, OPT_COMMENT, "", 0);
    end_block(&c);
    begin_packet(&c, 0, 1, data, 4, 4);
    wire_option(&c, OPT_END, "", 0);
    end_block(&c);
    struct lcap_reader *reader = open_simple(&c);
    const struct lcap_packet *packet = next_packet(reader);
    assert_int_equal(packet->options_len, 4);
    assert_non_null(packet->comment);
    assert_int_equal(packet->comment_len, 0);
    packet = next_packet(reader);
    assert_null(packet->options);
    assert_int_equal(packet->options_len, 0);
    assert_null(packet->comment);
    lcap_reader_free(reader);
}

static void reads_simple_packets(void **state)
{
    (void)state;
    struct wire c = {.big = true};
    put_section(&c, 1, 2);
    put_interface(&c, 101, 8);
    put_simple_packet(&c, 6, data, 6);
    put_simple_packet(&c, 60, data, 8);
    put_simple_packet(&c, 60, data, 12); /* more than the snap length */
    put_simple_packet(&c, 60, data, 4);  /* less than it */
    struct lcap_reader *reader = open_simple(&c);
    static const uint32_t caplens[] = {6, 8, 8, 4};
    for (size_t i = 0; i < 4; i++) {
        const struct lcap_packet *packet = next_packet(reader);
        assert_int_equal(packet->caplen, caplens[i]);
        assert_int_equal(packet->len, i == 0 ? 6 : 60);
        assert_memory_equal(packet->data, data, caplens[i]);
        assert_false(packet->has_time);
        assert_true(packet->time_ns == INT64_MIN);
        assert_null(packet->options);
        assert_int_equal(packet->interface->linktype, 101);
    }
    expect_end(reader);
    lcap_reader_free(reader);
}

static void reads_obsolete_packets(void **state)
{
    (void)state;
    for (int big = 0; big <= 1; big++) {
        struct wire c = simple_capture(big);
        put_obsolete_packet(&c, 0, 7);
        put_obsolete_packet(&c, 0, 0xffff);
        struct lcap_reader *reader = open_simple(&c);
        const struct lcap_packet *packet = next_packet(reader);
        assert_int_equal(packet->drops, 7);
        assert_int_equal(packet->caplen, 3);
        assert_int_equal(packet->len, 9);
        assert_int_equal(packet->time_ns, 5000000000);
        assert_memory_equal(packet->comment, "old", 3);
        assert_true(next_packet(reader)->drops == LCAP_NO_DROPS);
        expect_end(reader);
        lcap_reader_free(reader);
    }
}

static void passes_other_blocks(void **state)
{
    (void)state;
    static const struct {
        uint32_t type;
        enum lcap_block_kind kind;
    } cases[] = {
        {PCAPNG_NAMES, LCAP_BLOCK_NAMES},         {PCAPNG_SECRETS, LCAP_BLOCK_SECRETS},
        {PCAPNG_CUSTOM, LCAP_BLOCK_OTHER},        {PCAPNG_JOURNAL, LCAP_BLOCK_OTHER},
        {PCAPNG_CUSTOM_NOCOPY, LCAP_BLOCK_OTHER}, {0x80000042, LCAP_BLOCK_OTHER},
    };
    struct wire c = simple_capture(true);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        put_plain_block(&c, cases[i].type, i);
    begin_block(&c, PCAPNG_STATISTICS);
    wire32(&c, 0);
    wire64(&c, 1);
    end_block(&c);
    struct lcap_reader *reader = open_simple(&c);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct lcap_block *block = next_of_kind(reader, cases[i].kind);
        assert_int_equal(block->type, cases[i].type);
        assert_int_equal(block->body_len, pad4(i));
        assert_memory_equal(block->body, data, i);
        assert_null(block->interface);
    }
    const struct lcap_block *block = next_of_kind(reader, LCAP_BLOCK_STATISTICS);
    assert_ptr_equal(block->interface, lcap_reader_interface(reader, 0));
    expect_end(reader);
    lcap_reader_free(reader);
}

static void describes_interfaces(void **state)
{
    (void)state;
    for (int big = 0; big <= 1; big++) {
        struct wire c = {.big = big};
        uint8_t offset[8];
        store64(offset, (uint64_t)-3600, big);
        put_section(&c, 1, 0);
        begin_interface(&c, 113, 96);
        wire_option(&c, OPT_IF_NAME, "eth0", 4);
        wire_option(&c, OPT_IF_TSRESOL, "\x94", 1); /* 2^-20 */
        wire_option(&c, 12345, "unknown", 7);
        wire_option(&c, OPT_IF_TSOFFSET, offset, 8);
        wire_option(&c, OPT_IF_FCSLEN, "\x20", 1); /* in bits */
        wire_option(&c, OPT_END, "", 0);
        end_block(&c);
        put_packet(&c, 0, (UINT64_C(1) << 20) * 3600 + 1, data, 4, 4);
        struct lcap_reader *reader = open_simple(&c);
        const struct lcap_interface *interface = lcap_reader_interface(reader, 0);
        assert_int_equal(interface->linktype, 113);
        assert_int_equal(interface->snaplen, 96);
        assert_int_equal(interface->tsresol, 0x94);
        assert_int_equal(interface->tsoffset, -3600);
        assert_int_equal(interface->fcs_len, 4);
        assert_int_equal(interface->name_len, 4);
        assert_memory_equal(interface->name, "eth0", 4);
        assert_int_equal(interface->options_len, 8 + 8 + 12 + 12 + 8);
        assert_memory_equal(interface->options, c.data + 28 + 16, interface->options_len);
        assert_int_equal(next_packet(reader)->time_ns, 953); /* 10^9 / 2^20 = 953.67… */
        lcap_reader_free(reader);
    }
}

/* The draft allows less than a second either way; anything else says nothing. */
static void adds_an_offset_in_nanoseconds(void **state)
{
    (void)state;
    static const struct {
        int32_t given, taken;
    } offsets[] = {{-7, -7},        {999999999, 999999999}, {-999999999, -999999999},
                   {1000000000, 0}, {-1000000000, 0},       {INT32_MIN, 0}};
    for (int big = 0; big <= 1; big++)
        for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
            struct wire c = {.big = big};
            uint8_t offset[4];
            store32(offset, (uint32_t)offsets[i].given, big);
            put_section(&c, 1, 0);
            begin_interface(&c, 1, 0);
            wire_option(&c, OPT_IF_TSOFFSET_NS, offset, 4);
            end_block(&c);
            put_packet(&c, 0, 5000000, data, 4, 4);
            struct lcap_reader *reader = open_simple(&c);
            assert_int_equal(lcap_reader_interface(reader, 0)->tsoffset_ns, offsets[i].taken);
            assert_int_equal(next_packet(reader)->time_ns, 5000000000 + offsets[i].taken);
            lcap_reader_free(reader);
        }
}

static void ignores_options_of_wrong_length(void **state)
{
    (void)state;
    struct wire c = {.big = false};
    put_section(&c, 1, 0);
    begin_interface(&c, 1, 0);
    wire_option(&c, OPT_IF_TSRESOL, "\x9\0", 2);
    wire_option(&c, OPT_IF_TSRESOL, "", 0);
    wire_option(&c, OPT_IF_TSOFFSET, "\1\1\1\1", 4);
    wire_option(&c, OPT_IF_FCSLEN, "\4\0\0\0", 4);
    end_block(&c);
    struct lcap_reader *reader = open_simple(&c);
    const struct lcap_interface *interface = lcap_reader_interface(reader, 0);
    assert_int_equal(interface->tsresol, 6);
    assert_int_equal(interface->tsoffset, 0);
    assert_int_equal(interface->fcs_len, -1);
    lcap_reader_free(reader);
}

static void numbers_interfaces_through_sections(void **state)
{
    (void)state;
    struct wire c = {.big = false};
    put_section(&c, 1, 0);
    put_interface(&c, 1, 0);
    put_interface(&c, 101, 0);
    put_packet(&c, 1, 1, data, 1, 1);
    c.big = true;
    put_section(&c, 1, 0);
    put_interface(&c, 113, 0);
    put_packet(&c, 0, 2, data, 2, 2);
    struct lcap_reader *reader = open_capture(&c);
    next_of_kind(reader, LCAP_BLOCK_SECTION);
    next_of_kind(reader, LCAP_BLOCK_INTERFACE);
    next_of_kind(reader, LCAP_BLOCK_INTERFACE);
    const struct lcap_packet *packet = next_packet(reader);
    assert_int_equal(packet->interface->number, 1);
    assert_int_equal(packet->interface->linktype, 101);
    assert_false(packet->interface->big_endian);
    assert_int_equal(lcap_reader_interfaces(reader), 2);
    assert_true(next_of_kind(reader, LCAP_BLOCK_SECTION)->big_endian);
    assert_int_equal(next_of_kind(reader, LCAP_BLOCK_INTERFACE)->interface->number, 2);
    packet = next_packet(reader);
    assert_int_equal(packet->interface->number, 2);
    assert_int_equal(packet->caplen, 2);
    assert_int_equal(packet->time_ns, 2000);
    assert_true(packet->interface->big_endian);
    expect_end(reader);
    lcap_reader_free(reader);

    put_packet(&c, 1, 2, data, 2, 2); /* was one of the section before */
    expect_error(&c, 2, LCAP_ERR_DAMAGED,
                 "x: offset 188: expected an interface number below 1 (the interfaces of the "
                 "section so far), found 1");
}

/* The time of one packet with `timestamp`, on an interface with or without if_tsresol. */
static int64_t read_time(enum lcap_pcapml_times times, uint64_t timestamp, bool with_tsresol,
                         uint64_t *units, uint64_t *count)
{
    struct wire c = {.big = false};
    struct lcap_error error = {0};
    struct lcap_reader *reader = NULL;
    put_section(&c, 1, 0);
    begin_interface(&c, 1, 0);
    if (with_tsresol)
        wire_option(&c, OPT_IF_TSRESOL, "\x6", 1);
    end_block(&c);
    put_packet(&c, 0, timestamp, data, 4, 4);
    assert_int_equal(open_bytes(&reader, c.data, c.len, times, &error), 0);
    next_of_kind(reader, LCAP_BLOCK_SECTION);
    next_of_kind(reader, LCAP_BLOCK_INTERFACE);
    const struct lcap_packet *packet = next_packet(reader);
    int64_t time_ns = packet->time_ns;
    *units = packet->timestamp;
    *count = lcap_reader_pcapml_times(reader);
    lcap_reader_free(reader);
    return time_ns;
}

#define YEAR_3000_US UINT64_C(32503680000000000)

static void recognises_pcapml_times(void **state)
{
    (void)state;
    const uint64_t pcapml = UINT64_C(1600000000) << 32 | 654321;
    uint64_t units, count;
    assert_int_equal(read_time(LCAP_PCAPML_TIMES_AUTO, pcapml, false, &units, &count),
                     1600000000654321000);
    assert_int_equal(units, 1600000000654321);
    assert_int_equal(count, 1);
    /* if_tsresol, a low half that is no fraction, a time before 3000, or the wish: left alone */
    assert_true(read_time(LCAP_PCAPML_TIMES_AUTO, pcapml, true, &units, &count) == INT64_MAX);
    assert_int_equal(units, pcapml);
    assert_int_equal(count, 0);
    read_time(LCAP_PCAPML_TIMES_AUTO, pcapml + 1000000, false, &units, &count);
    assert_int_equal(units, pcapml + 1000000);
    read_time(LCAP_PCAPML_TIMES_NO, pcapml, false, &units, &count);
    assert_int_equal(units, pcapml);
    uint64_t low_half_fits = (YEAR_3000_US >> 32) << 32;
    read_time(LCAP_PCAPML_TIMES_AUTO, low_half_fits, false, &units, &count);
    assert_int_equal(units, low_half_fits);
    read_time(LCAP_PCAPML_TIMES_AUTO, low_half_fits + (UINT64_C(1) << 32), false, &units, &count);
    assert_int_equal(count, 1);
    /* asked for: whatever it looks like */
    read_time(LCAP_PCAPML_TIMES_YES, UINT64_C(5) << 32 | 1000001, false, &units, &count);
    assert_int_equal(units, 6000001);
    assert_int_equal(count, 1);
    read_time(LCAP_PCAPML_TIMES_YES, pcapml, true, &units, &count);
    assert_int_equal(count, 0);
}

/* Timestamps of one interface, what they are in microseconds, and what is counted. */
static void assert_times(const uint64_t given[4], const uint64_t read[4],
                         struct lcap_odd_times expected)
{
    struct wire c = {.big = false};
    struct lcap_error error = {0};
    struct lcap_reader *reader = NULL;
    put_section(&c, 1, 0);
    begin_interface(&c, 1, 0);
    end_block(&c);
    for (int i = 0; i < 4; i++)
        put_packet(&c, 0, given[i], data, 4, 4);
    assert_int_equal(open_bytes(&reader, c.data, c.len, LCAP_PCAPML_TIMES_AUTO, &error), 0);
    next_of_kind(reader, LCAP_BLOCK_SECTION);
    next_of_kind(reader, LCAP_BLOCK_INTERFACE);
    for (int i = 0; i < 4; i++)
        assert_int_equal(next_packet(reader)->timestamp, read[i]);
    const struct lcap_odd_times *odd = lcap_reader_odd_times(reader);
    assert_int_equal(odd->pcapml, expected.pcapml);
    assert_int_equal(odd->contradicting, expected.contradicting);
    assert_int_equal(odd->nanoseconds, expected.nanoseconds);
    assert_int_equal(odd->held, expected.held);
    lcap_reader_free(reader);
}

#define PCAPML(seconds, us) (UINT64_C(seconds) << 32 | (us))

static void recognises_pcapml_times_of_an_interface(void **state)
{
    (void)state;
    const uint64_t us = 1600000000000000, ns = 1600000000000000000;
    const uint64_t far = INT64_MAX / 1000 + 1;
    /* the first second is the same in both; then it is pcapml, and stays so */
    assert_times((uint64_t[]){5, PCAPML(1600000000, 6), PCAPML(3, 7), PCAPML(1600000001, 8)},
                 (uint64_t[]){5, us + 6, 3000007, us + 1000008},
                 (struct lcap_odd_times){.pcapml = 3});
    /* one that could be either before the others, and one that is neither */
    assert_times((uint64_t[]){PCAPML(3, 7), PCAPML(1600000000, 6), PCAPML(5, 1000001), 4},
                 (uint64_t[]){PCAPML(3, 7), us + 6, 6000001, 4},
                 (struct lcap_odd_times){.pcapml = 3, .contradicting = 2});
    /* plain microseconds, later one of the form of pcapml, and one that is held */
    assert_times((uint64_t[]){us + 123456, PCAPML(1600000000, 6), far, us},
                 (uint64_t[]){us + 123456, PCAPML(1600000000, 6), far, us},
                 (struct lcap_odd_times){.contradicting = 1, .held = 2});
    /* nanoseconds: a low half that is small by chance changes nothing, even in the first packet */
    const uint64_t chance = (ns >> 32 << 32) + 5;
    assert_times((uint64_t[]){chance, ns, chance, ns + 1}, (uint64_t[]){chance, ns, chance, ns + 1},
                 (struct lcap_odd_times){.nanoseconds = 4, .held = 4});
}

static void turns_headers_into_host_order(void **state)
{
    (void)state;
    for (int big = 0; big <= 1; big++) {
        struct wire c = {.big = big};
        uint8_t family[8] = {0};
        store32(family, 30, big);
        put_section(&c, 1, 0);
        put_interface(&c, 0, 0);
        begin_packet(&c, 0, 1, family, 8, 8);
        wire_option(&c, OPT_COMMENT, "kept", 4);
        end_block(&c);
        struct lcap_reader *reader = open_simple(&c);
        const struct lcap_packet *packet = next_packet(reader);
        assert_int_equal(load32(packet->data, HOST_BIG_ENDIAN), 30);
        assert_memory_equal(packet->comment, "kept", 4);
        lcap_reader_free(reader);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_enhanced_packets),
        cmocka_unit_test(reads_options_without_end),
        cmocka_unit_test(reads_simple_packets),
        cmocka_unit_test(reads_obsolete_packets),
        cmocka_unit_test(passes_other_blocks),
        cmocka_unit_test(describes_interfaces),
        cmocka_unit_test(ignores_options_of_wrong_length),
        cmocka_unit_test(adds_an_offset_in_nanoseconds),
        cmocka_unit_test(numbers_interfaces_through_sections),
        cmocka_unit_test(recognises_pcapml_times),
        cmocka_unit_test(recognises_pcapml_times_of_an_interface),
        cmocka_unit_test(turns_headers_into_host_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
