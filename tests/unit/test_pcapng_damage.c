/* pcapng that breaks its own format: the exact message for each kind, every prefix, the limits. */
#include "capture_builder.h"

static const char data[] = "abcdefghijklmnop";

/* Appends to a sound beginning a packet block that is then broken at one place. */
static struct wire broken_packet(size_t at, uint32_t value)
{
    struct wire c = simple_capture(false);
    put_packet(&c, 0, 1, data, 4, 4);
    begin_packet(&c, 0, 1, data, 4, 4);
    wire_option(&c, OPT_COMMENT, "comment", 7);
    end_block(&c);
    store32(c.data + c.block + at, value, false);
    return c;
}

static void tells_block_damage(void **state)
{
    (void)state;
    struct wire c = broken_packet(4, 0);
    const char *const length_text = "x: offset 84: block length: expected a multiple of 4 from 12 "
                                    "to 16908288, found ";
    static const uint32_t lengths[] = {0, 8, 49, 16908292, UINT32_MAX - 3};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        char text[200];
        c = broken_packet(4, lengths[i]);
        snprintf(text, sizeof text, "%s%u", length_text, lengths[i]);
        expect_error(&c, 1, LCAP_ERR_DAMAGED, text);
    }
    c = broken_packet(44, 52);
    expect_error(&c, 1, LCAP_ERR_DAMAGED,
                 "x: offset 84: block length: expected 48 again at the end of the block, found 52");
    c = broken_packet(4, 400);
    expect_error(&c, 1, LCAP_ERR_DAMAGED,
                 "x: offset 84: truncated block: expected 400 bytes, found 48");
    c = broken_packet(0, PCAPNG_ENHANCED_PACKET);
    c.len -= 43;
    expect_error(&c, 1, LCAP_ERR_DAMAGED,
                 "x: offset 84: truncated block: expected at least 12 bytes, found 5");
    c.len -= 5;
    wire_raw(&c, "\0\0\0\0\0\0\0\0\0\0\0", 12);
    expect_error(&c, 1, LCAP_ERR_DAMAGED,
                 "x: offset 84: block length: expected a multiple of 4 from 12 to 16908288, "
                 "found 0");
}

static void tells_packet_damage(void **state)
{
    (void)state;
    struct wire c = broken_packet(8, 3);
    expect_error(&c, 1, LCAP_ERR_DAMAGED,
                 "x: offset 84: expected an interface number below 1 (the interfaces of the "
                 "section so far), found 3");
    c = broken_packet(20, 17);
    expect_error(&c, 1, LCAP_ERR_DAMAGED,
                 "x: offset 84: packet: expected at most 16 bytes of data (the room in the block), "
                 "found 17");
    c = broken_packet(32, 9 << 16 | OPT_COMMENT);
    expect_error(&c, 1, LCAP_ERR_DAMAGED,
                 "x: offset 84: option 1: expected at most 8 bytes to the end of the block, found "
                 "a length of 9");
    c = simple_capture(false);
    put_plain_block(&c, PCAPNG_ENHANCED_PACKET, 16);
    expect_error(&c, 0, LCAP_ERR_DAMAGED,
                 "x: offset 48: Enhanced Packet block: expected a length of at least 32, found 28");
    c = simple_capture(false);
    put_plain_block(&c, PCAPNG_PACKET, 16);
    expect_error(&c, 0, LCAP_ERR_DAMAGED,
                 "x: offset 48: Packet block: expected a length of at least 32, found 28");
    c = simple_capture(false);
    put_plain_block(&c, PCAPNG_SIMPLE_PACKET, 0);
    expect_error(&c, 0, LCAP_ERR_DAMAGED,
                 "x: offset 48: Simple Packet block: expected a length of at least 16, found 12");
}

static void tells_damage_without_interface(void **state)
{
    (void)state;
    struct wire c = {.big = true};
    put_section(&c, 1, 0);
    const struct wire start = c;
    const char *const text =
        "x: offset 28: expected an interface description first, found a block of interface 0";
    put_packet(&c, 0, 1, data, 4, 4);
    expect_error(&c, 0, LCAP_ERR_DAMAGED, text);
    c = start;
    put_simple_packet(&c, 4, data, 4);
    expect_error(&c, 0, LCAP_ERR_DAMAGED, text);
    c = start;
    put_obsolete_packet(&c, 0, 0);
    expect_error(&c, 0, LCAP_ERR_DAMAGED, text);
    c = start;
    begin_block(&c, PCAPNG_STATISTICS);
    wire32(&c, 0);
    wire64(&c, 1);
    end_block(&c);
    expect_error(&c, 0, LCAP_ERR_DAMAGED, text);
}

static void tells_description_damage(void **state)
{
    (void)state;
    struct wire c = {.big = false};
    put_section(&c, 1, 0);
    const struct wire start = c;
    put_plain_block(&c, PCAPNG_INTERFACE, 4);
    expect_error(&c, 0, LCAP_ERR_DAMAGED,
                 "x: offset 28: Interface Description block: expected a length of at least 20, "
                 "found 16");
    c = start;
    begin_interface(&c, 1, 0);
    wire16(&c, OPT_IF_NAME);
    wire16(&c, 5);
    wire32(&c, 0);
    end_block(&c);
    expect_error(&c, 0, LCAP_ERR_DAMAGED,
                 "x: offset 28: option 2: expected at most 4 bytes to the end of the block, found "
                 "a length of 5");
    c = start;
    put_plain_block(&c, PCAPNG_STATISTICS, 8);
    expect_error(&c, 0, LCAP_ERR_DAMAGED,
                 "x: offset 28: Interface Statistics block: expected a length of at least 24, "
                 "found 20");
}

static void tells_section_damage(void **state)
{
    (void)state;
    struct wire c = {.big = false};
    put_section(&c, 2, 0);
    expect_error(&c, 0, LCAP_ERR_FORMAT,
                 "x: pcapng version 2.0 is not supported, only 1.0 and 1.2");
    c.len = 0;
    put_section(&c, 1, 1);
    expect_error(&c, 0, LCAP_ERR_FORMAT,
                 "x: pcapng version 1.1 is not supported, only 1.0 and 1.2");
    c = simple_capture(false);
    put_section(&c, 2, 0);
    expect_error(&c, 0, LCAP_ERR_DAMAGED,
                 "x: offset 48: section: expected version 1.0 or 1.2, found 2.0");
    c = simple_capture(false);
    put_section(&c, 1, 0);
    c.data[c.block + 8] = 0;
    expect_error(&c, 0, LCAP_ERR_DAMAGED,
                 "x: offset 48: section header: expected the byte-order magic 1a 2b 3c 4d or "
                 "4d 3c 2b 1a, found 00 3c 2b 1a");
    c.len -= 20;
    expect_error(&c, 0, LCAP_ERR_DAMAGED,
                 "x: offset 48: truncated section header: expected 28 bytes, found 8");
    c.len = 0;
    begin_block(&c, PCAPNG_SECTION_HEADER);
    wire32(&c, PCAPNG_BYTE_ORDER);
    end_block(&c);
    expect_error(&c, 0, LCAP_ERR_DAMAGED,
                 "x: offset 0: Section Header block: expected a length of at least 28, found 16");
}

/* Law: every prefix is handled, no block that lies whole in it is lost, none is made up. */
static void reads_every_prefix(void **state)
{
    (void)state;
    for (int big = 0; big <= 1; big++) {
        size_t ends[8];
        struct wire c = {.big = big};
        put_section(&c, 1, 0);
        ends[0] = c.len;
        put_interface(&c, 1, 0);
        ends[1] = c.len;
        for (uint32_t i = 2; i < 8; i++) {
            begin_packet(&c, 0, i, data, i, i);
            wire_option(&c, OPT_COMMENT, data, i);
            end_block(&c);
            ends[i] = c.len;
        }
        for (size_t len = 0; len <= c.len; len++) {
            int whole = 0;
            bool at_end = false;
            for (size_t i = 0; i < 8; i++) {
                whole += ends[i] <= len;
                at_end |= ends[i] == len;
            }
            struct reading r = read_bytes(c.data, len);
            assert_int_equal(r.blocks, whole);
            assert_int_equal(r.result == 0, at_end);
        }
    }
}

/* 200,000 interfaces take more memory than is allowed; a good many are read before that shows. */
static void limits_interfaces(void **state)
{
    (void)state;
    enum { COUNT = 200000 };
    struct wire c = simple_capture(false);
    uint8_t *bytes = malloc(28 + 20 * (size_t)COUNT);
    assert_non_null(bytes);
    memcpy(bytes, c.data, 28);
    for (size_t i = 0; i < COUNT; i++)
        memcpy(bytes + 28 + 20 * i, c.data + 28, 20);
    struct reading r = read_bytes(bytes, 28 + 20 * (size_t)COUNT);
    assert_int_equal(r.result, LCAP_ERR_DAMAGED);
    assert_non_null(strstr(r.error.text, ": expected at most 16 MiB of interface descriptions, "
                                         "found more"));
    assert_in_range(r.blocks, 65536, COUNT - 1);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_block_damage),
        cmocka_unit_test(tells_packet_damage),
        cmocka_unit_test(tells_damage_without_interface),
        cmocka_unit_test(tells_description_damage),
        cmocka_unit_test(tells_section_damage),
        cmocka_unit_test(reads_every_prefix),
        cmocka_unit_test(limits_interfaces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
