/* Numbers, sizes, times, UTF-8, text for terminals, messages and file names. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/number/number.h"
#include "base/text/spelling.h"
#include "base/text/text.h"

static void u64_both_ways(void **state)
{
    (void)state;
    static const char *const good[] = {"0", "9", "10", "18446744073709551615"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        uint64_t value;
        char out[U64_TEXT];
        assert_true(text_to_u64(good[i], strlen(good[i]), &value));
        assert_int_equal(number_from_unsigned(value, out), strlen(good[i]));
        assert_string_equal(out, good[i]);
    }
}

static void u64_refuses(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "-1", "+1", " 1", "1 ", "0x1", "18446744073709551616", "100000000000000000000", "1a"};
    uint64_t value = 7;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(text_to_u64(bad[i], strlen(bad[i]), &value));
    assert_int_equal(value, 7);
    assert_true(text_to_u64("0000000000000000000000007", 25, &value));
    assert_int_equal(value, 7);
}

/* Digits of every number and length, up to any other byte. */
static void u64_at_the_front(void **state)
{
    (void)state;
    static const char others[] = {'/', ':', '\0', ' ', '-', (char)0x80, (char)0xB0, (char)0xFF};
    char text[24];
    uint64_t value = 1, read;
    bool fits;
    for (unsigned i = 0; i < 5000; i++) {
        value = value * UINT64_C(6364136223846793005) + 1442695040888963407;
        snprintf(text, sizeof text, "%020" PRIu64, value);
        for (size_t len = 0; len <= 20; len++) {
            char *cut = memcpy(malloc(len + 2), text + 20 - len, len);
            cut[len] = others[i % sizeof others];
            cut[len + 1] = '5';
            const size_t with = i % 2 ? len + 2 : len;
            assert_int_equal(text_leading_u64(cut, with, &read, &fits), len);
            cut[len] = '\0';
            assert_true(fits && read == strtoull(cut, NULL, 10));
            free(cut);
        }
    }
}

static void counts_for_people(void **state)
{
    (void)state;
    char out[COUNTED_TEXT];
    assert_string_equal(text_grouped(0, out), "0");
    assert_string_equal(text_grouped(999, out), "999");
    assert_string_equal(text_grouped(1000, out), "1,000");
    assert_string_equal(text_grouped(UINT64_MAX, out), "18,446,744,073,709,551,615");
    assert_string_equal(text_counted(1, "packet", out), "1 packet");
    assert_string_equal(text_counted(1234567, "packet", out), "1,234,567 packets");
}

static void sizes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t bytes;
    } good[] = {{"0", 0},
                {"64", 64},
                {"64B", 64},
                {"64k", 65536},
                {"64K", 65536},
                {"1kb", 1024},
                {"1KiB", 1024},
                {"512M", 536870912},
                {"1GiB", 1073741824},
                {"2t", 2199023255552},
                {"18446744073709551615", UINT64_MAX}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        uint64_t bytes = 1;
        assert_int_equal(text_to_size(good[i].text, &bytes, NULL), 0);
        assert_true(bytes == good[i].bytes);
    }
}

static void sizes_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "M", "-1", "1.5M", "12x", "1 M", "1MM", "1iB", "1Ki"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint64_t bytes;
        struct lcap_error error = {0};
        assert_int_equal(text_to_size(bad[i], &bytes, &error), LCAP_ERR_ARGUMENT);
        char expected[100];
        snprintf(expected, sizeof expected,
                 "\"%s\" is not a size; expected a number of bytes, such as 4096, 512M or 1GiB",
                 bad[i]);
        assert_string_equal(error.text, expected);
    }
    uint64_t bytes;
    struct lcap_error error = {0};
    assert_int_equal(text_to_size("16777216T", &bytes, &error), LCAP_ERR_ARGUMENT);
    assert_string_equal(error.text, "size \"16777216T\" is over 2^64 bytes");
    assert_int_equal(text_to_size("16777215T", &bytes, NULL), 0);
}

/* Expected values by GNU date: `date -u -d TEXT +%s%N`. */
static void times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ns;
        bool whole_second;
    } good[] = {
        {"0", 0, true},
        {"1499169172", 1499169172000000000, true},
        {"1499169172.5", 1499169172500000000, false},
        {"1332169970.418656703", 1332169970418656703, false},
        {"1499169172.0", 1499169172000000000, false},
        {"9223372036.854775807", INT64_MAX, false},
        {"9223372036.854775808", INT64_MAX, false},
        {"18446744074", INT64_MAX, true},
        {"99999999999999999999999999", INT64_MAX, true},
        {"2017-07-04T09:17:52.838272-03:00", 1499170672838272000, false},
        {"2017-07-04T09:17:52-03:00", 1499170672000000000, true},
        {"2017-07-04T12:17:52Z", 1499170672000000000, true},
        {"2017-07-04t12:17:52z", 1499170672000000000, true},
        {"2017-07-04 12:17:52Z", 1499170672000000000, true},
        {"2017-07-04T12:17:52+0530", 1499150872000000000, true},
        {"2017-07-04T12:17:52+05", 1499152672000000000, true},
        {"2016-02-29T23:59:59.999999999Z", 1456790399999999999, false},
        {"2000-02-29T00:00:00Z", 951782400000000000, true},
        {"1969-12-31T23:59:59.5Z", -500000000, false},
        {"1969-12-31T23:59:59Z", -1000000000, true},
        {"1677-09-21T00:12:43.145224192Z", INT64_MIN, false},
        {"1677-09-21T00:12:43.145224193Z", INT64_MIN + 1, false},
        {"2262-04-11T23:47:16.854775806Z", INT64_MAX - 1, false},
        {"0000-01-01T00:00:00Z", INT64_MIN, true},
        {"9999-12-31T23:59:59Z", INT64_MAX, true},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t ns = 1;
        bool whole_second = !good[i].whole_second;
        struct lcap_error error = {0};
        int rc = text_to_time(good[i].text, strlen(good[i].text), &ns, &whole_second, &error);
        assert_string_equal(error.text, "");
        assert_int_equal(rc, 0);
        assert_true(ns == good[i].ns);
        assert_true(whole_second == good[i].whole_second);
    }
}

static void times_refused(void **state)
{
    (void)state;
    static const char form[] = "expected seconds since 1970 or YYYY-MM-DDThh:mm:ss with a zone";
    static const struct {
        const char *text, *why;
    } bad[] = {
        {"", form},
        {"abc", form},
        {"-5", form},
        {" 5", form},
        {"5 ", form},
        {"0x5", form},
        {"1e9", form},
        {"5.", "expected a digit after the point"},
        {"5.1234567890", "more than nine decimal places"},
        {"2017-07-04", "the date is not followed by Thh:mm:ss"},
        {"2017-7-4T00:00:00Z", form},
        {"2017-07-04T12:17Z", "the date is not followed by Thh:mm:ss"},
        {"2017-07-04T12:17:52", "the zone is missing (Z, or an offset such as -03:00)"},
        {"2017-07-04T12:17:52.5", "the zone is missing (Z, or an offset such as -03:00)"},
        {"2017-07-04T12:17:52+3", "the zone is not an offset such as -03:00"},
        {"2017-07-04T12:17:52+03:", "the zone is not an offset such as -03:00"},
        {"2017-07-04T12:17:52+24:00", "the zone is not an offset such as -03:00"},
        {"2017-07-04T12:17:52+03:60", "the zone is not an offset such as -03:00"},
        {"2017-07-04T12:17:52Zx", "unexpected text after the zone"},
        {"2017-02-29T12:17:52Z", "no such day"},
        {"2017-13-01T12:17:52Z", "no such day"},
        {"2017-00-01T12:17:52Z", "no such day"},
        {"2017-07-00T12:17:52Z", "no such day"},
        {"2017-07-04T24:00:00Z", "no such time of day"},
        {"2017-07-04T12:60:00Z", "no such time of day"},
        {"2016-12-31T23:59:60Z", "no such time of day"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t ns;
        bool whole_second;
        struct lcap_error error = {0};
        char expected[200];
        snprintf(expected, sizeof expected, "\"%s\" is not a time: %s", bad[i].text, bad[i].why);
        assert_int_equal(text_to_time(bad[i].text, strlen(bad[i].text), &ns, &whole_second, &error),
                         LCAP_ERR_ARGUMENT);
        assert_string_equal(error.text, expected);
    }
}

/* No byte past `len` counts: what follows there is not read as part of the number. */
static void time_stops_at_its_length(void **state)
{
    (void)state;
    int64_t ns;
    bool whole_second;
    assert_int_equal(text_to_time("1499169172.5", 10, &ns, &whole_second, NULL), 0);
    assert_true(whole_second && ns == 1499169172000000000);
}

static void time_in_text(void **state)
{
    (void)state;
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000000000Z"},
        {-1, "1969-12-31T23:59:59.999999999Z"},
        {1499170672838272000, "2017-07-04T12:17:52.838272000Z"},
        {INT64_MIN, "1677-09-21T00:12:43.145224192Z"},
        {INT64_MAX, "2262-04-11T23:47:16.854775807Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[TIME_TEXT];
        text_from_time(cases[i].ns, out);
        assert_string_equal(out, cases[i].text);
    }
}

/* Many moments and zones, against GNU date. */
static void times_as_gnu_date_has_them(void **state)
{
    (void)state;
    enum { MOMENTS = 200 };
    char path[] = "/tmp/labelcap-test-date-XXXXXX", command[100];
    static char lines[MOMENTS][64];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    uint64_t random = 1;
    for (int i = 0; i < MOMENTS; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        unsigned r = (unsigned)(random >> 33);
        snprintf(lines[i], sizeof lines[i], "%04u-%02u-%02uT%02u:%02u:%02u%c%02u:%02u",
                 1700 + r % 500, 1 + r / 7 % 12, 1 + r / 11 % 28, r / 13 % 24, r / 17 % 60,
                 r / 19 % 60, r % 2 ? '+' : '-', r / 23 % 14, r / 29 % 60);
        fprintf(file, "%s\n", lines[i]);
    }
    fclose(file);
    snprintf(command, sizeof command, "date -u -f %s +%%s", path);
    FILE *date = popen(command, "r");
    assert_non_null(date);
    for (int i = 0; i < MOMENTS; i++) {
        int64_t expected, ns;
        bool whole_second;
        assert_int_equal(fscanf(date, "%" SCNd64, &expected), 1);
        assert_int_equal(text_to_time(lines[i], strlen(lines[i]), &ns, &whole_second, NULL), 0);
        assert_int_equal(ns / NS_PER_SECOND, expected);
    }
    assert_int_equal(pclose(date), 0);
    unlink(path);
}

static void utf8(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t valid;
    } cases[] = {
        {"", 0},
        {"plain", 5},
        {"h\xC3\xA9llo \xE2\x82\xAC \xF0\x9F\x98\x80", 15},
        {"\xF4\x8F\xBF\xBF", 4},  /* U+10FFFF */
        {"a\xF4\x90\x80\x80", 1}, /* above it */
        {"a\xED\xA0\x80", 1},     /* a surrogate */
        {"a\xC0\x80", 1},         /* overlong forms */
        {"a\xC1\xBF", 1},
        {"a\xE0\x9F\xBF", 1},
        {"a\xF0\x8F\xBF\xBF", 1},
        {"a\xF5\x80\x80\x80", 1},
        {"a\x80", 1},     /* a continuation byte alone */
        {"a\xE2\x82", 1}, /* cut short */
        {"a\xE2\x82z", 1},
        {"a\xC3", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(text_utf8_valid_length(cases[i].text, strlen(cases[i].text)),
                         cases[i].valid);
    assert_int_equal(text_utf8_valid_length("a\0b", 3), 3);
    char ascii[40]; /* of which several bytes are looked at together */
    for (size_t i = 0; i < sizeof ascii; i++) {
        memset(ascii, 'x', sizeof ascii);
        ascii[i] = '\xFF';
        assert_int_equal(text_utf8_valid_length(ascii, sizeof ascii), i);
    }
}

/* Every code point in each encoding length is valid; iconv's rule: surrogates are not. */
static void utf8_all_code_points(void **state)
{
    (void)state;
    for (uint32_t code = 0x80; code < 0x110000; code++) {
        char text[5];
        size_t len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
        for (size_t i = len - 1; i > 0; i--)
            text[i] = (char)(0x80 | (code >> (6 * (len - 1 - i)) & 0x3F));
        text[0] = (char)((0xF00 >> len & 0xFF) | code >> (6 * (len - 1)));
        bool surrogate = code >= 0xD800 && code <= 0xDFFF;
        assert_int_equal(text_utf8_valid_length(text, len), surrogate ? 0 : len);
    }
}

/* bytes.decode("utf-8", "replace") of Python replaces parts of a character once; here each byte. */
static void utf8_made_good(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
        const char *good;
    } cases[] = {
        {"", 0, ""},
        {"plain", 5, "plain"},
        {"h\xC3\xA9 \xF0\x9F\x98\x80", 8, "h\xC3\xA9 \xF0\x9F\x98\x80"},
        {"\xFF\xFE x", 4, "\uFFFD\uFFFD x"},
        {"a\xE2\x82", 3, "a\uFFFD\uFFFD"}, /* cut short */
        {"\xC3(\xC3\xA9\x80", 5, "\uFFFD(\xC3\xA9\uFFFD"},
        {"\xED\xA0\x80", 3, "\uFFFD\uFFFD\uFFFD"}, /* a surrogate */
        {"abc", 2, "ab"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = {0};
        assert_int_equal(buffer_append_text(&out, "<", NULL), 0);
        assert_int_equal(text_append_utf8(&out, cases[i].text, cases[i].len, NULL), 0);
        assert_int_equal(buffer_append(&out, "", 1, NULL), 0);
        assert_string_equal((char *)out.data + 1, cases[i].good);
        buffer_release(&out);
    }
    struct buffer out = {0};
    assert_int_equal(text_append_utf8(&out, "a\0\xFF", 3, NULL), 0);
    assert_int_equal(out.len, 5);
    assert_memory_equal(out.data, "a\0\uFFFD", 5);
    buffer_release(&out);
}

static void escaped(void **state)
{
    (void)state;
    static const char text[] = "tab\t line\n cr\r \\ esc\x1b[31m nul\0 del\x7f c1\xC2\x9B bad\xFF "
                               "rlo\xE2\x80\xAE ok\xC3\xA9 \"quote\"";
    static const char expected[] = "tab\\t line\\n cr\\r \\\\ esc\\x1b[31m nul\\x00 del\\x7f "
                                   "c1\\xc2\\x9b bad\\xff rlo\\xe2\\x80\\xae ok\xC3\xA9 \"quote\"";
    struct buffer out = {0};
    assert_int_equal(text_append_escaped(&out, text, sizeof text - 1, NULL), 0);
    assert_int_equal(out.len, sizeof expected - 1);
    assert_memory_equal(out.data, expected, out.len);
    buffer_release(&out);
}

/* As much as shows that there is more: of plain text, of wide characters, of escapes. */
static void escaped_to_a_width(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t width;
        const char *expected;
    } cases[] = {
        {"abcdef", 6, "abcdef"},
        {"abcdef", 5, "abcdef"},
        {"abcdef", 3, "abcd"},
        {"abcdef", 0, "a"},
        {"ab\ncd", 3, "ab\\n"},
        {"ab\ncd", 2, "ab\\n"},
        {"\u6f22\u6f22\u6f22", 3, "\u6f22\u6f22"},
        {"e\u0301e\u0301", 1, "e\u0301e"},
        {"", 0, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = {0};
        assert_int_equal(text_append_escaped_to(&out, cases[i].text, strlen(cases[i].text),
                                                cases[i].width, NULL),
                         0);
        assert_int_equal(buffer_append(&out, "", 1, NULL), 0);
        assert_string_equal((char *)out.data, cases[i].expected);
        buffer_release(&out);
    }
}

/* Nothing is escaped twice. */
static void messages(void **state)
{
    (void)state;
    char quoted[EXCERPT_TEXT], text[2 * EXCERPT_TEXT];
    text_excerpt("a\\b\x1b", 4, quoted);
    const int len = snprintf(text, sizeof text, "\x1b c\\d \"%s\"", quoted);
    struct buffer out = {0};
    assert_int_equal(text_append_message(&out, text, (size_t)len, NULL), 0);
    assert_int_equal(buffer_append(&out, "", 1, NULL), 0);
    assert_string_equal((char *)out.data, "\\x1b c\\d \"a\\\\b\\x1b\"");
    buffer_release(&out);
}

static void excerpts(void **state)
{
    (void)state;
    char out[EXCERPT_TEXT], text[300];
    text_excerpt("a\nb", 3, out);
    assert_string_equal(out, "a\\nb");
    text_excerpt("", 0, out);
    assert_string_equal(out, "");
    /* Whatever the escapes are, the end is whole and the room is kept. */
    for (size_t len = 0; len < sizeof text; len++) {
        memset(text, len % 3 ? 'x' : '\x01', len);
        text_excerpt(text, len, out);
        size_t shown = strlen(out);
        assert_true(shown < EXCERPT_TEXT);
        if (len * (len % 3 ? 1 : 4) >= EXCERPT_TEXT)
            assert_string_equal(out + shown - 3, "...");
        else if (len * (len % 3 ? 1 : 4) < EXCERPT_TEXT - 4)
            assert_int_equal(shown, len * (len % 3 ? 1 : 4));
    }
}

static void assert_file_name(const char *text, size_t len, size_t max, const char *expected)
{
    struct buffer out = {0};
    assert_int_equal(buffer_append(&out, "7_", 2, NULL), 0);
    assert_int_equal(text_append_file_name(&out, text, len, max, NULL), 0);
    assert_int_equal(out.len, 2 + strlen(expected));
    assert_memory_equal(out.data + 2, expected, strlen(expected));
    buffer_release(&out);
}

static void file_names(void **state)
{
    (void)state;
    assert_file_name("../../etc/x", 11, 255, ".._.._etc_x");
    assert_file_name("a b:c*d?e\"f<g>h|i\\j", 19, 255, "a_b_c_d_e_f_g_h_i_j");
    assert_file_name("$(x)`y`;z&'", 11, 255, "__x__y__z__");
    assert_file_name("new\nline\0nul\x7f", 13, 255, "new_line_nul_");
    assert_file_name("\xFF\xC3\xA9\xF0\x9F\x98\x80\xC2\x85\xE2\x80\xAE", 12, 255,
                     "_\xC3\xA9\xF0\x9F\x98\x80__");
    assert_file_name("Web-2.0_v+x=y,z@w%", 18, 255, "Web-2.0_v+x=y,z@w%");
    /* Cut between characters, never inside one. */
    assert_file_name("ab\xF0\x9F\x98\x80", 6, 6, "ab\xF0\x9F\x98\x80");
    assert_file_name("ab\xF0\x9F\x98\x80", 6, 5, "ab");
    assert_file_name("abc", 3, 0, "");
    assert_file_name("", 0, 10, "");
}

static const char *meant(const char *word)
{
    static const char *const names[] = {"label", "sort", "split", "strip", "keep-unmatched"};
    struct spelling spelling = {.word = word, .len = strlen(word)};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        spelling_try(&spelling, names[i]);
    return spelling.meant;
}

static void spellings(void **state)
{
    (void)state;
    assert_string_equal(meant("lable"), "label");
    assert_string_equal(meant("labels"), "label");
    assert_string_equal(meant("SORT"), "sort");
    assert_string_equal(meant("sport"), "sort");
    assert_string_equal(meant("splip"), "split"); /* one letter each: the first */
    assert_string_equal(meant("strpi"), "strip");
    assert_string_equal(meant("keepunmachted"), "keep-unmatched");
    assert_null(meant("merge"));
    assert_null(meant(""));
    assert_null(meant("labelcap"));
    assert_null(meant("keep-unmatched-and-many-more-words-behind"));
}

static void names_in_natural_order(void **state)
{
    (void)state;
    static const char *const ordered[] = {
        "",       "01.pcap", "1.pcap",  "2.pcap",   "10.pcap",      "99999999999999999999999",
        "a",      "a/b",     "a-01",    "a-1",      "a-2b",         "a-10a",
        "x.pcap", "x.pcap1", "x.pcap2", "x.pcap11", "x_00009_2025", "x_00010_2024",
    };
    const size_t count = sizeof ordered / sizeof *ordered;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            const int order = text_compare_naturally(ordered[i], ordered[j]);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(u64_both_ways),
        cmocka_unit_test(u64_refuses),
        cmocka_unit_test(u64_at_the_front),
        cmocka_unit_test(counts_for_people),
        cmocka_unit_test(sizes),
        cmocka_unit_test(sizes_refused),
        cmocka_unit_test(times),
        cmocka_unit_test(times_refused),
        cmocka_unit_test(time_stops_at_its_length),
        cmocka_unit_test(time_in_text),
        cmocka_unit_test(times_as_gnu_date_has_them),
        cmocka_unit_test(utf8),
        cmocka_unit_test(utf8_all_code_points),
        cmocka_unit_test(utf8_made_good),
        cmocka_unit_test(escaped),
        cmocka_unit_test(escaped_to_a_width),
        cmocka_unit_test(messages),
        cmocka_unit_test(excerpts),
        cmocka_unit_test(names_in_natural_order),
        cmocka_unit_test(file_names),
        cmocka_unit_test(spellings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
