/* Patterns: cases by hand, and every short pattern against a matcher by recursion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text/glob.h"

static bool is_match(enum glob_kind kind, const char *pattern, const char *text)
{
    return glob_matches(kind, pattern, strlen(pattern), text, strlen(text));
}

static void by_hand(void **state)
{
    (void)state;
    static const struct {
        enum glob_kind kind;
        const char *pattern, *text;
        bool matches;
    } cases[] = {
        {GLOB_TEXT, "", "", true},
        {GLOB_TEXT, "*", "", true},
        {GLOB_TEXT, "?", "", false},
        {GLOB_TEXT, "pid=*,name=curl*", "pid=7,name=curl/8.0", true},
        {GLOB_TEXT, "a?c",
         "a\xE2\x82\xAC"
         "c",
         true},
        {GLOB_PATH, "*/voip-*.pcap", "a/voip-1.pcap", true},
        {GLOB_PATH, "*/voip-*.pcap", "a/b/voip-1.pcap", false},
        {GLOB_PATH, "*/voip-*.pcap", "voip-1.pcap", false},
        {GLOB_PATH, "**/voip-*.pcap", "voip-1.pcap", true},
        {GLOB_PATH, "**/voip-*.pcap", "a/b/voip-1.pcap", true},
        {GLOB_PATH, "**/voip-*.pcap", "a/b/xvoip-1.pcap", false},
        {GLOB_PATH, "web/**", "web/a/b", true},
        {GLOB_PATH, "web/**", "website/a", false},
        {GLOB_PATH, "a/**/b", "a/b", true},
        {GLOB_PATH, "a/**/b", "a/x/y/b", true},
        {GLOB_PATH, "a/**/b", "a/x/yb", false},
        {GLOB_PATH, "a**b", "a/x/b", true},
        {GLOB_PATH, "a?b", "a/b", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(is_match(cases[i].kind, cases[i].pattern, cases[i].text),
                         cases[i].matches);
    assert_int_equal(glob_literal_length("web/a*b", 7), 5);
}

/* The definition, however long it takes. */
static bool by_recursion(enum glob_kind kind, const char *start, const char *p, const char *t)
{
    const bool path = kind == GLOB_PATH;
    if (*p == '\0')
        return *t == '\0';
    if (path && p[0] == '*' && p[1] == '*' && p[2] == '/' && (p == start || p[-1] == '/')) {
        const char *slash = strchr(t, '/');
        return by_recursion(kind, start, p + 3, t) ||
               (slash && by_recursion(kind, start, p, slash + 1));
    }
    if (*p == '*') {
        const bool wide = !path || p[1] == '*';
        const size_t stars = path && p[1] == '*' ? 2 : 1;
        return by_recursion(kind, start, p + stars, t) ||
               (*t && (wide || *t != '/') && by_recursion(kind, start, p, t + 1));
    }
    return *t && (*p == '?' ? !path || *t != '/' : *p == *t) &&
           by_recursion(kind, start, p + 1, t + 1);
}

/* Text of `alphabet` by its number. */
static void text_by_number(const char *alphabet, unsigned number, char out[8])
{
    const unsigned base = (unsigned)strlen(alphabet) + 1;
    size_t len = 0;
    for (; number; number /= base)
        if (number % base)
            out[len++] = alphabet[number % base - 1];
    out[len] = '\0';
}

static void all_short_ones(void **state)
{
    (void)state;
    char pattern[8], text[8];
    for (unsigned p = 0; p < 5 * 5 * 5 * 5 * 5 * 5; p++)
        for (unsigned t = 0; t < 3 * 3 * 3 * 3 * 3 * 3; t++) {
            text_by_number("a*/?", p, pattern);
            text_by_number("a/", t, text);
            for (int kind = GLOB_TEXT; kind <= GLOB_PATH; kind++)
                if (is_match((enum glob_kind)kind, pattern, text) !=
                    by_recursion((enum glob_kind)kind, pattern, pattern, text))
                    fail_msg("kind %d: \"%s\" and \"%s\"", kind, pattern, text);
        }
}

/* Time bounded by the product of the lengths. */
static void many_stars(void **state)
{
    (void)state;
    char pattern[2001], text[4001];
    memset(text, 'a', 4000);
    text[4000] = '\0';
    for (size_t i = 0; i < 2000; i += 2)
        memcpy(pattern + i, "*a", 2);
    pattern[1999] = 'b';
    pattern[2000] = '\0';
    assert_false(is_match(GLOB_TEXT, pattern, text));
    assert_false(is_match(GLOB_PATH, pattern, text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(all_short_ones),
        cmocka_unit_test(many_stars),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
