/*
 * Translation between byte orders. The expected bytes are written field by
 * field from draft-ietf-opsawg-pcapng, sections 3.5 and 4, in the other order.
 */
#include "capture/pcapng.h"
#include "capture/pcapng_options.h"
#include "capture/time_digits.h"
#include "capture/translate.h"
#include "wire.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct translation to_other(uint32_t type, bool from_big)
{
    return (struct translation){.type = type, .from_big = from_big, .to_big = !from_big};
}

static void assert_same(const struct buffer *got, const struct wire *expected)
{
    assert_int_equal(got->len, expected->len);
    if (expected->len > 0)
        assert_memory_equal(got->data, expected->data, expected->len);
}

/* What `fill` writes in one order must come out as it writes it in the other. */
static void check_options(uint32_t type, void (*fill)(struct wire *))
{
    for (int big = 0; big < 2; big++) {
        struct wire in = {.big = big}, expected = {.big = !big};
        struct buffer out = {0};
        struct lcap_losses losses = {0};
        fill(&in);
        fill(&expected);
        const struct translation how = to_other(type, big);
        assert_int_equal(translate_options(&how, in.data, in.len, &out, &losses, NULL), 0);
        assert_same(&out, &expected);
        assert_int_equal(losses.options_order, 0);
        buffer_release(&out);
    }
}

static void fill_common(struct wire *w)
{
    uint8_t custom[7] = {0, 0, 0, 0, 'a', 'b', 'c'};
    wire_option(w, 1, "a comment", 9);
    store32(custom, 32473, w->big);
    wire_option(w, 2988, custom, sizeof custom);
    wire_option(w, 1, "", 0);
}

static void fill_section(struct wire *w)
{
    fill_common(w);
    wire_option(w, 2, "x86", 3);
    wire_option(w, 3, "Debian 12", 9);
    wire_option(w, 4, "labelcap", 8);
}

static void fill_interface(struct wire *w)
{
    fill_common(w);
    wire_option(w, 2, "eth0", 4);
    wire_option(w, 3, "Ethernet", 8);
    wire_option(w, 4, "\xc0\xa8\x01\x01\xff\xff\xff\x00", 8);
    wire_option(w, 5, "0123456789abcdef\x40", 17);
    wire_option(w, 6, "\x00\x01\x02\x03\x04\x05", 6);
    wire_option(w, 7, "\x02\x34\x56\xff\xfe\x78\x9a\xbc", 8);
    wire_option64(w, 8, 100000000);
    wire_option(w, 9, "\x09", 1);
    wire_option32(w, 10, 3600);
    wire_option(w, 11, "\0tcp port 23", 12);
    wire_option(w, 12, "Linux", 5);
    wire_option(w, 13, "\x04", 1);
    wire_option64(w, 14, (uint64_t)-1234);
    wire_option(w, 15, "a card", 6);
    wire_option64(w, 16, 1024000);
    wire_option64(w, 17, 8192000);
    wire_option(w, 18, "Europe/Berlin", 13);
    wire_option32(w, 19, (uint32_t)-5);
}

/*
 * Section 4.3.1: behind types 1 and 2 is a number of 8 bytes, which xdpdump writes and
 * Wireshark reads in the order of the section; behind 0 are any bytes.
 */
static void fill_verdicts(struct wire *w)
{
    uint8_t value[9] = {1};
    store64(value + 1, 5, w->big);
    wire_option(w, 7, value, sizeof value);
    value[0] = 2;
    wire_option(w, 7, value, sizeof value);
    wire_option(w, 7, "\0\1\2", 3);
}

static void fill_packet(struct wire *w)
{
    fill_common(w);
    wire_option32(w, 2, 0x80000006);
    wire_option(w, 3, "\x02\xec\x1d\x87\x97", 5);
    wire_option64(w, 4, 77);
    wire_option64(w, 5, 0x0123456789abcdef);
    wire_option32(w, 6, 3);
    fill_verdicts(w);
    wire16(w, 8); /* process and thread, two numbers */
    wire16(w, 8);
    wire32(w, 1234);
    wire32(w, 5678);
}

static void fill_statistics_options(struct wire *w)
{
    fill_common(w);
    for (uint16_t code = 2; code <= 3; code++) { /* times: high half first in both orders */
        wire16(w, code);
        wire16(w, 8);
        wire32(w, 0x0004c396);
        wire32(w, 0x656a8973 + code);
    }
    for (uint16_t code = 4; code <= 8; code++)
        wire_option64(w, code, 1000u + code);
}

static void test_options_of_every_block(void **state)
{
    (void)state;
    check_options(PCAPNG_SECTION_HEADER, fill_section);
    check_options(PCAPNG_INTERFACE, fill_interface);
    check_options(PCAPNG_ENHANCED_PACKET, fill_packet);
    check_options(PCAPNG_STATISTICS, fill_statistics_options);
    check_options(PCAPNG_SECRETS, fill_common);
}

static void test_unknown_options_are_dropped_in_the_other_order(void **state)
{
    (void)state;
    struct wire in = {.big = true}, kept = {.big = false};
    struct buffer out = {0};
    struct lcap_losses losses = {0};
    wire_option(&in, 2989, "\0\0\x7e\xd9rest", 8); /* binary: its maker's secret */
    wire_option(&in, 2, "abc", 3);                 /* epb_flags of a wrong length */
    wire_option(&in, 999, "abcd", 4);
    wire_option(&in, 0x8001, "abcd", 4); /* local use */
    wire_option(&in, 2988, "abc", 3);    /* too short for its enterprise number */
    wire_option(&in, 19372, "\0\0\0\1x", 5);
    wire_option(&in, 19373, "\0\0\0\1x", 5);
    wire_option(&in, 1, "stays", 5);
    wire_option(&kept, 1, "stays", 5);
    const struct translation how = to_other(PCAPNG_ENHANCED_PACKET, true);
    assert_int_equal(translate_options(&how, in.data, in.len, &out, &losses, NULL), 0);
    assert_same(&out, &kept);
    assert_int_equal(losses.options_order, 3);
    assert_int_equal(losses.options_malformed, 2);
    assert_int_equal(losses.options_nocopy, 2);
    buffer_release(&out);
}

static void test_same_order_keeps_all_but_nocopy(void **state)
{
    (void)state;
    struct wire in = {.big = true};
    struct buffer out = {0};
    struct lcap_losses losses = {0};
    const struct translation how = {
        .type = PCAPNG_ENHANCED_PACKET, .from_big = true, .to_big = true};
    wire_option(&in, 2989, "\0\0\x7e\xd9rest", 8);
    wire_option(&in, 999, "abcde", 5);
    size_t keep = in.len;
    assert_true(translate_is_copy(&how, in.data, keep));
    wire_option(&in, 19373, "\0\0\0\1x", 5);
    assert_false(translate_is_copy(&how, in.data, in.len));
    assert_int_equal(translate_options(&how, in.data, in.len, &out, &losses, NULL), 0);
    assert_int_equal(out.len, keep);
    assert_memory_equal(out.data, in.data, keep);
    assert_int_equal(losses.options_nocopy, 1);
    assert_int_equal(losses.options_order, 0);
    buffer_release(&out);
}

/* Every option of an interface: too short, too long, right, and a second time. */
static void test_options_that_break_their_rules(void **state)
{
    (void)state;
    struct wire in = {.big = true}, kept = {.big = true};
    struct buffer out = {0};
    struct lcap_losses losses = {0};
    const struct translation how = {.type = PCAPNG_INTERFACE, .from_big = true, .to_big = true};
    const struct pcapng_option_rule *rule;
    for (uint16_t code = 1; (rule = pcapng_option_rule_of(PCAPNG_INTERFACE, code)); code++) {
        uint8_t value[32] = {code};
        if (rule->least > 0)
            wire_option(&in, code, value, rule->least - 1u);
        if (rule->most < sizeof value)
            wire_option(&in, code, value, rule->most + 1u);
        wire_option(&in, code, value, rule->least);
        wire_option(&kept, code, value, rule->least);
        wire_option(&in, code, value, rule->least);
        if (rule->repeats)
            wire_option(&kept, code, value, rule->least);
    }
    assert_false(translate_is_copy(&how, in.data, in.len));
    assert_true(translate_is_copy(&how, kept.data, kept.len));
    assert_int_equal(translate_options(&how, in.data, in.len, &out, &losses, NULL), 0);
    assert_same(&out, &kept);
    buffer_release(&out);
}

static void test_verdicts(void **state)
{
    (void)state;
    struct wire in = {0}, kept = {0};
    struct buffer out = {0};
    struct lcap_losses losses = {0};
    const struct translation how = {.type = PCAPNG_ENHANCED_PACKET};
    wire_option(&in, 7, "\1\5", 2);
    wire_option(&in, 7, "\2", 1);
    fill_verdicts(&in);
    fill_verdicts(&kept);
    assert_false(translate_is_copy(&how, in.data, in.len));
    assert_int_equal(translate_options(&how, in.data, in.len, &out, &losses, NULL), 0);
    assert_same(&out, &kept);
    assert_int_equal(losses.options_malformed, 2);
    buffer_release(&out);
}

static void test_bodies_that_are_too_short(void **state)
{
    (void)state;
    static const struct {
        uint32_t type;
        size_t least;
    } rules[] = {{PCAPNG_CUSTOM, 4}, {PCAPNG_JOURNAL, 23}, {0x0BADF00D, 0}};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const uint8_t body[24] = "__REALTIME_TIMESTAMP=0\n";
        struct lcap_losses losses = {0};
        struct buffer out = {0};
        const struct translation how = {.type = rules[i].type};
        for (size_t len = 0; len <= sizeof body; len += 4)
            assert_int_equal(translate_body(&how, body, len, &out, &losses, NULL),
                             len >= rules[i].least);
        assert_int_equal(losses.blocks_malformed, (rules[i].least + 3) / 4);
        buffer_release(&out);
    }
}

static void test_drops_first_comment_and_time_units(void **state)
{
    (void)state;
    struct wire in = {.big = false}, expected = {.big = false};
    struct buffer out = {0};
    struct lcap_losses losses = {0};
    struct translation how = {.type = PCAPNG_INTERFACE, .drop_comments = 1};
    wire_option(&in, 2, "eth0", 4);
    wire_option(&in, 1, "first", 5);
    wire_option(&in, 9, "\x09", 1);
    wire_option(&in, 1, "second", 6);
    wire_option64(&in, 14, 5);
    wire_option32(&in, 19, 5);
    assert_false(translate_is_copy(&how, in.data, in.len));
    how.drop_time_units = true;
    wire_option(&expected, 2, "eth0", 4);
    wire_option(&expected, 1, "second", 6);
    assert_int_equal(translate_options(&how, in.data, in.len, &out, &losses, NULL), 0);
    assert_same(&out, &expected);
    buffer_release(&out);
}

static void test_option_past_the_end_is_damage(void **state)
{
    (void)state;
    struct wire in = {.big = true};
    struct buffer out = {0};
    struct lcap_losses losses = {0};
    struct lcap_error error = {0};
    const struct translation how = to_other(PCAPNG_ENHANCED_PACKET, true);
    wire_option(&in, 1, "good", 4);
    wire16(&in, 1);
    wire16(&in, 5); /* needs 8 bytes */
    wire32(&in, 0);
    assert_int_equal(translate_options(&how, in.data, in.len, &out, &losses, &error),
                     LCAP_ERR_DAMAGED);
    assert_string_equal(
        error.text,
        "block of type 6: the option at byte 8 runs past the end of the 16 bytes of options");
    buffer_release(&out);
}

static void fill_names(struct wire *w)
{
    wire_option(w, 1, "\x7f\0\0\1localhost", 14); /* records look like options */
    wire_option(w, 2, "0123456789abcdefsomehost", 25);
    wire_option(w, 0x1234, "unknown", 7);
    wire_option(w, 0, NULL, 0);
    fill_common(w);
    wire_option(w, 2, "our_nameserver", 14);
    wire_option(w, 3, "\xc0\xa8\0\1", 4);
    wire_option(w, 4, "0123456789abcdef", 16);
    wire_option(w, 0, NULL, 0);
}

static void fill_statistics(struct wire *w)
{
    wire32(w, 3);
    wire32(w, 0x0004c396);
    wire32(w, 0x656a8973);
    fill_statistics_options(w);
    wire_option(w, 0, NULL, 0);
}

static void fill_secrets(struct wire *w)
{
    wire32(w, 0x544c534b);
    wire32(w, 13);
    wire_bytes(w, "CLIENT_RANDOM", 13);
    fill_common(w);
    wire_option(w, 0, NULL, 0);
}

static void fill_journal(struct wire *w)
{
    wire_bytes(w, "__CURSOR=1\nMESSAGE=hello\n", 25);
}

static const struct {
    uint32_t type;
    void (*fill)(struct wire *);
} bodies[] = {
    {PCAPNG_NAMES, fill_names},
    {PCAPNG_STATISTICS, fill_statistics},
    {PCAPNG_SECRETS, fill_secrets},
    {PCAPNG_JOURNAL, fill_journal},
};
#define BODIES (sizeof bodies / sizeof bodies[0])

static void test_bodies(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * BODIES; i++) {
        struct wire in = {.big = i & 1}, expected = {.big = !(i & 1)};
        struct buffer out = {0};
        struct lcap_losses losses = {0};
        bodies[i / 2].fill(&in);
        bodies[i / 2].fill(&expected);
        struct translation how = to_other(bodies[i / 2].type, in.big);
        assert_int_equal(translate_body(&how, in.data, in.len, &out, &losses, NULL), 1);
        assert_same(&out, &expected);
        how.to_big = how.from_big; /* the same order: the same bytes */
        buffer_clear(&out);
        assert_int_equal(translate_body(&how, in.data, in.len, &out, &losses, NULL), 1);
        assert_same(&out, &in);
        buffer_release(&out);
    }
}

/* At every length: no byte read past the end (of an exact allocation), nothing half appended. */
static void test_bodies_cut_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < BODIES; i++) {
        struct wire in = {.big = true};
        bodies[i].fill(&in);
        const struct translation how = to_other(bodies[i].type, true);
        for (size_t len = 0; len < in.len; len++) {
            struct buffer out = {0};
            struct lcap_losses losses = {0};
            uint8_t *cut = malloc(len ? len : 1);
            memcpy(cut, in.data, len);
            int rc = translate_body(&how, cut, len, &out, &losses, NULL);
            assert_in_range(rc, 0, 1);
            if (rc == 0)
                assert_int_equal(out.len, 0);
            free(cut);
            buffer_release(&out);
        }
    }
}

static void test_lengths_that_lie(void **state)
{
    (void)state;
    struct wire secrets = {.big = true}, names = {.big = true};
    struct buffer out = {0};
    struct lcap_losses losses = {0};
    struct translation how = to_other(PCAPNG_SECRETS, true);
    wire32(&secrets, 1);
    wire32(&secrets, UINT32_MAX);
    wire32(&secrets, 0);
    assert_int_equal(translate_body(&how, secrets.data, secrets.len, &out, &losses, NULL), 0);
    how.type = PCAPNG_NAMES;
    wire16(&names, 1);
    wire16(&names, UINT16_MAX);
    wire32(&names, 0);
    assert_int_equal(translate_body(&how, names.data, names.len, &out, &losses, NULL), 0);
    how.type = 0x777;
    assert_int_equal(translate_body(&how, names.data, names.len, &out, &losses, NULL), 0);
    assert_int_equal(out.len, 0);
    buffer_release(&out);
}

static void test_time_digits(void **state)
{
    (void)state;
    const struct lcap_interface microseconds = {.tsresol = 6}, finer = {.tsresol = 7};
    const struct lcap_interface sixty_fourths = {.tsresol = 0x80 | 6}; /* 0.015625 s */
    const struct lcap_interface halves_of_them = {.tsresol = 0x80 | 7};
    const struct lcap_interface late = {.tsresol = 6, .tsoffset_ns = -1};
    const struct lcap_interface late_by_microseconds = {.tsresol = 6, .tsoffset_ns = -3000};
    assert_false(time_digits_below_microsecond(&microseconds));
    assert_true(time_digits_below_microsecond(&finer));
    assert_false(time_digits_below_microsecond(&sixty_fourths));
    assert_true(time_digits_below_microsecond(&halves_of_them));
    assert_true(time_digits_below_microsecond(&late));
    assert_false(time_digits_below_microsecond(&late_by_microseconds));
    assert_true(time_digits_hold_time(9, 6, 123000));
    assert_false(time_digits_hold_time(9, 6, 123001));
    assert_true(time_digits_hold_time(0x80 | 7, 6, 2)); /* 2/128 s = 1/64 s */
    assert_false(time_digits_hold_time(0x80 | 7, 6, 1));
    assert_true(time_digits_hold_time(127, 6, 0));
    assert_false(time_digits_hold_time(127, 6, UINT64_C(10000000000000000000)));
    assert_true(time_digits_hold_time(0x80 | 69, 6, UINT64_C(1) << 63));
    assert_false(time_digits_hold_time(0x80 | 70, 6, UINT64_C(1) << 63));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_of_every_block),
        cmocka_unit_test(test_unknown_options_are_dropped_in_the_other_order),
        cmocka_unit_test(test_same_order_keeps_all_but_nocopy),
        cmocka_unit_test(test_options_that_break_their_rules),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_bodies_that_are_too_short),
        cmocka_unit_test(test_drops_first_comment_and_time_units),
        cmocka_unit_test(test_option_past_the_end_is_damage),
        cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_bodies_cut_anywhere),
        cmocka_unit_test(test_lengths_that_lie),
        cmocka_unit_test(test_time_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
