/* The encoder, block by block; expected bytes are written from draft-ietf-opsawg-pcapng. */
#include "capture/encoder.h"
#include "capture/linktype.h"
#include "capture/pcapng.h"
#include "wire.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct lcap_interface ethernet = {
    .linktype = 1, .snaplen = 262144, .tsresol = 6, .fcs_len = -1};

static struct lcap_packet packet_on(const struct lcap_interface *interface)
{
    return (struct lcap_packet){.interface = interface,
                                .data = (const uint8_t *)"abcdefg",
                                .caplen = 7,
                                .len = 9,
                                .has_time = true,
                                .time_ns = 1600000000123456000,
                                .timestamp = 1600000000123456,
                                .drops = LCAP_NO_DROPS};
}

static struct encoder make(bool unlimited_snaplen, bool pcapml_times)
{
    struct encoder e;
    const struct encoder_options options = {.unlimited_snaplen = unlimited_snaplen,
                                            .pcapml_times = pcapml_times};
    assert_int_equal(encoder_init(&e, &options, NULL), 0);
    return e;
}

static void describe(struct encoder *e, const struct lcap_interface *interface)
{
    const struct lcap_block block = {.kind = LCAP_BLOCK_INTERFACE, .interface = interface};
    assert_int_equal(encoder_describe(e, &block, NULL), 0);
}

/* The block of one packet, in an allocation of exactly its size. Freed by the caller. */
static uint8_t *encode(struct encoder *e, const struct lcap_packet *packet,
                       const struct lcap_edit *edit, size_t *len)
{
    struct lcap_error error = {0};
    struct packet_plan plan;
    if (encoder_plan_packet(e, packet, edit, &plan, &error) < 0)
        fail_msg("%s", error.text);
    uint8_t *block = malloc(plan.size);
    memset(block, 0xee, plan.size);
    encoder_put_packet(e, packet, &plan, block);
    *len = plan.size;
    return block;
}

static void assert_encodes(struct encoder *e, const struct lcap_packet *packet,
                           const struct lcap_edit *edit, struct wire *expected)
{
    size_t len;
    uint8_t *block = encode(e, packet, edit, &len);
    assert_int_equal(len, expected->len);
    assert_memory_equal(block, expected->data, len);
    free(block);
    expected->len = 0;
}

static void assert_head(struct encoder *e, struct wire *expected)
{
    assert_int_equal(e->head.len, expected->len);
    assert_memory_equal(e->head.data, expected->data, e->head.len);
    expected->len = 0;
}

static void wire_section(struct wire *w)
{
    wire32(w, 0x0A0D0D0A);
    wire32(w, 28);
    wire32(w, 0x1A2B3C4D);
    wire16(w, 1);
    wire16(w, 0);
    wire64(w, UINT64_MAX);
    wire32(w, 28);
}

static void wire_interface(struct wire *w, uint16_t linktype, uint32_t snaplen)
{
    wire32(w, 1);
    wire32(w, 20);
    wire16(w, linktype);
    wire16(w, 0);
    wire32(w, snaplen);
    wire32(w, 20);
}

/* All of an enhanced packet up to and with its data "abcdefg". */
static void wire_packet(struct wire *w, uint32_t size, uint32_t interface, uint64_t timestamp)
{
    wire32(w, 6);
    wire32(w, size);
    wire32(w, interface);
    wire32(w, (uint32_t)(timestamp >> 32));
    wire32(w, (uint32_t)timestamp);
    wire32(w, 7);
    wire32(w, 9);
    wire_bytes(w, "abcdefg", 7);
}

static void test_packet_of_pcap(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct encoder e = make(false, false);
        struct wire head = {.big = big}, block = {.big = big};
        struct lcap_interface interface = ethernet;
        interface.big_endian = big;
        struct lcap_packet packet = packet_on(&interface);
        wire_packet(&block, 40, 0, 1600000000123456);
        wire32(&block, 40);
        assert_encodes(&e, &packet, NULL, &block); /* describes its interface on the fly */
        wire_section(&head);
        wire_interface(&head, 1, 262144);
        assert_head(&e, &head);
        encoder_release(&e);
    }
}

static void test_empty_packet(void **state)
{
    (void)state;
    struct encoder e = make(false, false);
    struct wire block = {0};
    struct lcap_packet packet = packet_on(&ethernet);
    packet.data = NULL;
    packet.caplen = 0;
    wire32(&block, 6);
    wire32(&block, 32);
    wire32(&block, 0);
    wire32(&block, (uint32_t)(packet.timestamp >> 32));
    wire32(&block, (uint32_t)packet.timestamp);
    wire32(&block, 0);
    wire32(&block, 9);
    wire32(&block, 32);
    assert_encodes(&e, &packet, NULL, &block);
    encoder_release(&e);
}

static void test_options_are_edited_in_order(void **state)
{
    (void)state;
    struct encoder e = make(false, false);
    struct wire options = {0}, block = {0};
    struct lcap_packet packet = packet_on(&ethernet);
    const struct lcap_edit edit = {
        .drop_first_comment = true, .comment = "1,web", .comment_len = 5};
    wire_option32(&options, 2, 1);
    wire_option(&options, 1, "first", 5);
    wire_option(&options, 19373, "\0\0\0\1x", 5);
    wire_option(&options, 1, "second", 6);
    packet.options = options.data;
    packet.options_len = (uint32_t)options.len;
    uint32_t size = 40 + 12 + 8 + 12 + 4;
    wire_packet(&block, size, 0, packet.timestamp);
    wire_option(&block, 1, "1,web", 5);
    wire_option32(&block, 2, 1);
    wire_option(&block, 1, "second", 6);
    wire32(&block, 0);
    wire32(&block, size);
    assert_encodes(&e, &packet, &edit, &block);
    assert_int_equal(e.losses.options_nocopy, 1);
    encoder_release(&e);
}

static void test_last_option_dropped_leaves_no_end(void **state)
{
    (void)state;
    struct encoder e = make(false, false);
    struct wire options = {0}, block = {0};
    struct lcap_packet packet = packet_on(&ethernet);
    const struct lcap_edit edit = {.drop_first_comment = true};
    wire_option(&options, 1, "1,web", 5);
    packet.options = options.data;
    packet.options_len = (uint32_t)options.len;
    wire_packet(&block, 40, 0, packet.timestamp);
    wire32(&block, 40);
    assert_encodes(&e, &packet, &edit, &block);
    encoder_release(&e);
}

static void test_drop_count_becomes_an_option(void **state)
{
    (void)state;
    struct encoder e = make(false, false);
    struct wire block = {0};
    struct lcap_packet packet = packet_on(&ethernet);
    packet.drops = 3;
    wire_packet(&block, 56, 0, packet.timestamp);
    wire_option64(&block, 4, 3);
    wire32(&block, 0);
    wire32(&block, 56);
    assert_encodes(&e, &packet, NULL, &block);
    encoder_release(&e);
}

static void test_simple_packets(void **state)
{
    (void)state;
    struct encoder e = make(false, false);
    struct lcap_interface cut = ethernet;
    struct wire simple = {0}, labelled = {0}, second = {0};
    const struct lcap_edit label = {.comment = "1,a", .comment_len = 3};
    cut.snaplen = 7;
    struct lcap_packet packet = packet_on(&cut);
    packet.has_time = false;
    packet.timestamp = 0;
    packet.time_ns = INT64_MIN;
    wire32(&simple, 3);
    wire32(&simple, 24);
    wire32(&simple, 9);
    wire_bytes(&simple, "abcdefg", 7);
    wire32(&simple, 24);
    assert_encodes(&e, &packet, NULL, &simple);
    assert_int_equal(e.losses.no_time, 0);
    wire_packet(&labelled, 52, 0, 0);
    wire_option(&labelled, 1, "1,a", 3);
    wire32(&labelled, 0);
    wire32(&labelled, 52);
    assert_encodes(&e, &packet, &label, &labelled);
    cut.number = 1; /* on any other interface than the first it would change its meaning */
    cut.snaplen = 8;
    wire_packet(&second, 40, 1, 0);
    wire32(&second, 40);
    assert_encodes(&e, &packet, NULL, &second);
    assert_int_equal(e.losses.no_time, 2);
    encoder_release(&e);
}

static void test_simple_packet_needs_its_snaplen(void **state)
{
    (void)state;
    struct encoder e = make(true, false);
    struct wire block = {0};
    struct lcap_interface cut = ethernet;
    cut.snaplen = 7;
    struct lcap_packet packet = packet_on(&cut);
    packet.has_time = false;
    wire_packet(&block, 40, 0, 0);
    wire32(&block, 40);
    assert_encodes(&e, &packet, NULL, &block);
    encoder_release(&e);
}

static void test_interfaces_merge_and_renumber(void **state)
{
    (void)state;
    struct encoder e = make(false, false);
    struct wire head = {0};
    struct lcap_interface other = ethernet, third = ethernet;
    size_t len;
    other.linktype = 105;
    other.number = 1;
    describe(&e, &ethernet);
    describe(&e, &other);
    encoder_source(&e); /* the next reader's 0 is our 1, its 1 is our 0, its 2 is new */
    other.number = 0;
    describe(&e, &other);
    third.number = 1;
    describe(&e, &third);
    third.number = 2;
    third.snaplen = 96;
    describe(&e, &third);
    wire_section(&head);
    wire_interface(&head, 1, 0); /* libpcap wants all alike */
    wire_interface(&head, 105, 0);
    wire_interface(&head, 1, 0);
    assert_head(&e, &head);
    const struct lcap_interface *const interfaces[] = {&other, &third};
    const uint32_t ids[] = {1, 2};
    for (int i = 0; i < 2; i++) {
        struct lcap_packet packet = packet_on(interfaces[i]);
        uint8_t *block = encode(&e, &packet, NULL, &len);
        assert_int_equal(load32(block + 8, false), ids[i]);
        free(block);
    }
    encoder_release(&e);
}

/* The head once an Ethernet interface of snap length 5 and a packet of 7 bytes have come. */
static void assert_lifts(const struct lcap_packet *before, uint32_t most, uint32_t snaplen)
{
    struct encoder e;
    struct wire head = {0};
    struct lcap_interface cut = ethernet;
    size_t len;
    const struct encoder_options options = {.most_snaplen = most};
    assert_int_equal(encoder_init(&e, &options, NULL), 0);
    cut.snaplen = 5;
    describe(&e, &cut);
    if (before)
        free(encode(&e, before, NULL, &len));
    const struct lcap_packet packet = packet_on(&cut);
    free(encode(&e, &packet, NULL, &len));
    cut.number = 1; /* a later one gets the same */
    describe(&e, &cut);
    wire_section(&head);
    wire_interface(&head, 1, snaplen);
    wire_interface(&head, 1, snaplen);
    assert_head(&e, &head);
    encoder_release(&e);
}

static void test_snaplens_below_a_packet_are_lifted(void **state)
{
    (void)state;
    struct lcap_interface cut = ethernet;
    cut.snaplen = 5;
    struct lcap_packet simple = packet_on(&cut);
    simple.has_time = false;
    simple.caplen = 5;
    assert_lifts(NULL, 0, 0);
    assert_lifts(NULL, 6, 6); /* at most 6 bytes of a packet are written */
    assert_lifts(NULL, 5, 5);
    assert_lifts(&simple, 0, 5); /* what is captured of it is told by the snap length alone */
    simple.len = 5;
    assert_lifts(&simple, 0, 0);
}

static void test_interfaces_of_pcap_get_options(void **state)
{
    (void)state;
    struct encoder e = make(true, false);
    struct wire head = {.big = true};
    const struct lcap_interface ns = {
        .linktype = 1, .snaplen = 65535, .tsresol = 9, .fcs_len = 4, .big_endian = true};
    describe(&e, &ns);
    wire_section(&head);
    wire32(&head, 1);
    wire32(&head, 40);
    wire16(&head, 1);
    wire16(&head, 0);
    wire32(&head, 0); /* unlimited */
    wire_option(&head, 9, "\x09", 1);
    wire_option(&head, 13, "\x04", 1);
    wire32(&head, 0);
    wire32(&head, 40);
    assert_head(&e, &head);
    encoder_release(&e);
}

static void test_section_header_keeps_options(void **state)
{
    (void)state;
    struct encoder e = make(false, false);
    struct wire body = {.big = true}, head = {.big = true};
    wire32(&body, 0x1A2B3C4D);
    wire16(&body, 1);
    wire16(&body, 2); /* version 1.2: read, never written */
    wire64(&body, 4096);
    wire_option(&body, 3, "Linux", 5);
    struct lcap_block block = {.kind = LCAP_BLOCK_SECTION,
                               .type = PCAPNG_SECTION_HEADER,
                               .big_endian = true,
                               .body = body.data,
                               .body_len = (uint32_t)body.len};
    assert_int_equal(encoder_describe(&e, &block, NULL), 0);
    wire32(&head, 0x0A0D0D0A);
    wire32(&head, 44);
    wire32(&head, 0x1A2B3C4D);
    wire16(&head, 1);
    wire16(&head, 0);
    wire64(&head, UINT64_MAX);
    wire_option(&head, 3, "Linux", 5);
    wire32(&head, 0);
    wire32(&head, 44);
    assert_head(&e, &head);
    assert_int_equal(encoder_describe(&e, &block, NULL), 0);
    assert_int_equal(e.losses.sections, 1);
    block.body_len = PCAPNG_SECTION_FIXED; /* without options nothing is lost */
    assert_int_equal(encoder_describe(&e, &block, NULL), 0);
    assert_int_equal(e.losses.sections, 1);
    assert_int_equal(e.head.len, 44);
    encoder_release(&e);
}

static void test_link_type_headers_go_back_to_file_order(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct encoder e = make(false, false);
        struct lcap_interface loopback = ethernet;
        uint8_t family[4];
        size_t len;
        loopback.linktype = LINKTYPE_NULL;
        loopback.big_endian = big;
        store32(family, 2, HOST_BIG_ENDIAN); /* as the reader gives it */
        struct lcap_packet packet = packet_on(&loopback);
        packet.data = family;
        packet.caplen = packet.len = sizeof family;
        uint8_t *block = encode(&e, &packet, NULL, &len);
        assert_int_equal(load32(block + 28, big), 2);
        free(block);
        encoder_release(&e);
    }
}

static void test_pcapml_times(void **state)
{
    (void)state;
    struct encoder e = make(false, true);
    struct lcap_error error = {0};
    struct lcap_interface ns = ethernet;
    struct wire block = {0}, head = {0};
    struct packet_plan plan;
    ns.tsresol = 9;
    ns.tsoffset = 100;
    struct lcap_packet packet = packet_on(&ns);
    packet.timestamp = 1599999900123456789;
    packet.time_ns = 1600000000123456789;
    wire_packet(&block, 40, 0, UINT64_C(1600000000) << 32 | 123456);
    wire32(&block, 40);
    assert_encodes(&e, &packet, NULL, &block);
    assert_int_equal(e.losses.cut_times, 1);
    wire_section(&head);
    wire_interface(&head, 1, 262144); /* neither if_tsresol nor if_tsoffset */
    assert_head(&e, &head);
    packet.time_ns = -1;
    assert_int_equal(encoder_plan_packet(&e, &packet, NULL, &plan, &error), LCAP_ERR_ARGUMENT);
    assert_string_equal(error.text, "time 1969-12-31T23:59:59.999999999Z: pcapml timestamps cover "
                                    "only 1970-01-01 to 2106-02-07");
    packet.time_ns = INT64_C(4294967296) * 1000000000;
    assert_int_equal(encoder_plan_packet(&e, &packet, NULL, &plan, NULL), LCAP_ERR_ARGUMENT);
    packet.time_ns--;
    assert_int_equal(encoder_plan_packet(&e, &packet, NULL, &plan, NULL), LCAP_OK);
    assert_int_equal(plan.size, 40);
    encoder_release(&e);
}

static struct lcap_block statistics_block(struct wire *body, const struct lcap_interface *interface)
{
    wire32(body, 5); /* the number in its own section */
    wire32(body, 0);
    wire32(body, 1000001);
    wire16(body, 2); /* isb_starttime */
    wire16(body, 8);
    wire32(body, 0);
    wire32(body, 1000000);
    wire_option64(body, 4, 42);
    wire32(body, 0);
    return (struct lcap_block){.kind = LCAP_BLOCK_STATISTICS,
                               .type = PCAPNG_STATISTICS,
                               .big_endian = body->big,
                               .body = body->data,
                               .body_len = (uint32_t)body->len,
                               .interface = interface};
}

static void test_statistics(void **state)
{
    (void)state;
    struct encoder e = make(false, true);
    struct lcap_interface big = ethernet;
    struct wire body = {.big = true}, expected = {.big = false};
    struct buffer out = {0};
    big.big_endian = true;
    big.number = 5;
    describe(&e, &ethernet); /* little-endian decides */
    encoder_source(&e);      /* within one section equals would stay apart */
    const struct lcap_block block = statistics_block(&body, &big);
    assert_int_equal(encoder_append_block(&e, &block, &out, NULL), 0);
    wire32(&expected, 5);
    wire32(&expected, 52);
    wire32(&expected, 0); /* the same as ethernet, so merged with it */
    wire32(&expected, 1);
    wire32(&expected, 1); /* times in pcapml's form, as all of the file */
    wire16(&expected, 2);
    wire16(&expected, 8);
    wire32(&expected, 1);
    wire32(&expected, 0);
    wire_option64(&expected, 4, 42);
    wire32(&expected, 0);
    wire32(&expected, 52);
    assert_int_equal(out.len, expected.len);
    assert_memory_equal(out.data, expected.data, out.len);
    buffer_release(&out);
    encoder_release(&e);
}

static void test_other_blocks(void **state)
{
    (void)state;
    struct encoder e = make(false, false);
    struct buffer out = {0};
    struct lcap_block block = {.kind = LCAP_BLOCK_OTHER,
                               .type = 0x777,
                               .body = (const uint8_t *)"12345678",
                               .body_len = 8};
    assert_int_equal(encoder_append_block(&e, &block, &out, NULL), 0);
    assert_int_equal(out.len, 20);
    assert_memory_equal(out.data,
                        "\x77\x07\0\0\x14\0\0\0"
                        "12345678\x14\0\0",
                        20);
    block.big_endian = true; /* the section is little-endian by now */
    assert_int_equal(encoder_append_block(&e, &block, &out, NULL), 0);
    assert_int_equal(e.losses.blocks_order, 1);
    block.big_endian = false;
    block.type = PCAPNG_CUSTOM_NOCOPY;
    assert_int_equal(encoder_append_block(&e, &block, &out, NULL), 0);
    assert_int_equal(e.losses.blocks_nocopy, 1);
    assert_int_equal(out.len, 20);
    block.type = PCAPNG_NAMES; /* of a form that is not understood */
    assert_int_equal(encoder_append_block(&e, &block, &out, NULL), 0);
    assert_int_equal(e.losses.blocks_malformed, 1);
    assert_int_equal(out.len, 20);
    buffer_release(&out);
    encoder_release(&e);
}

static void test_too_much_for_a_block(void **state)
{
    (void)state;
    struct encoder e = make(false, false);
    struct lcap_error error = {0};
    struct lcap_packet packet = packet_on(&ethernet);
    char *comment = calloc(1, 65536);
    struct lcap_edit edit = {.comment = comment, .comment_len = 65536};
    struct packet_plan plan;
    assert_int_equal(encoder_plan_packet(&e, &packet, &edit, &plan, &error), LCAP_ERR_ARGUMENT);
    assert_string_equal(error.text, "comment: expected at most 65535 bytes, found 65536");
    edit.comment_len--;
    assert_int_equal(encoder_plan_packet(&e, &packet, &edit, &plan, NULL), LCAP_OK);
    assert_int_equal(plan.size, 40 + 4 + 65536 + 4);
    packet.caplen = UINT32_MAX;
    lcap_error_clear(&error);
    assert_int_equal(encoder_plan_packet(&e, &packet, NULL, &plan, &error), LCAP_ERR_ARGUMENT);
    assert_string_equal(error.text,
                        "packet block: expected at most 16908288 bytes, found 4294967328");
    free(comment);
    encoder_release(&e);
}

static void test_nothing_at_all(void **state)
{
    (void)state;
    struct encoder e = make(false, false);
    struct wire head = {.big = HOST_BIG_ENDIAN};
    assert_int_equal(encoder_finish(&e, NULL), 0);
    assert_int_equal(encoder_finish(&e, NULL), 0);
    wire_section(&head);
    assert_head(&e, &head);
    encoder_release(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packet_of_pcap),
        cmocka_unit_test(test_empty_packet),
        cmocka_unit_test(test_options_are_edited_in_order),
        cmocka_unit_test(test_last_option_dropped_leaves_no_end),
        cmocka_unit_test(test_drop_count_becomes_an_option),
        cmocka_unit_test(test_simple_packets),
        cmocka_unit_test(test_simple_packet_needs_its_snaplen),
        cmocka_unit_test(test_snaplens_below_a_packet_are_lifted),
        cmocka_unit_test(test_interfaces_merge_and_renumber),
        cmocka_unit_test(test_interfaces_of_pcap_get_options),
        cmocka_unit_test(test_section_header_keeps_options),
        cmocka_unit_test(test_link_type_headers_go_back_to_file_order),
        cmocka_unit_test(test_pcapml_times),
        cmocka_unit_test(test_statistics),
        cmocka_unit_test(test_other_blocks),
        cmocka_unit_test(test_too_much_for_a_block),
        cmocka_unit_test(test_nothing_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
