/* Widths of text, lines broken, columns that share a line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text/text_columns.h"

static void widths(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t width;
    } cases[] = {
        {"", 0},       {"abc", 3},      {"caf\u00e9", 4},  {"cafe\u0301", 4},   {"\u65e5\u672c", 4},
        {"\uff21", 2}, {"\u2026", 1},   {"\U0001f600", 2}, {"\u0430\u0431", 2}, {"\ud55c", 2},
        {"\u05d0", 1}, {"a\u200db", 2}, {"\U00020000", 2}, {"\u03b1\u20dd", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(text_width(cases[i].text, strlen(cases[i].text)), cases[i].width);
}

static void fitting_keeps_characters_whole(void **state)
{
    (void)state;
    static const char text[] = "a\u65e5\u672cb";
    static const size_t lengths[] = {0, 1, 1, 4, 4, 7, 8, 8};
    for (size_t width = 0; width < sizeof lengths / sizeof *lengths; width++)
        assert_int_equal(text_fitting_length(text, strlen(text), width), lengths[width]);
    /* A mark stays with the letter that it belongs to. */
    assert_int_equal(text_fitting_length("e\u0301x", 4, 1), 3);
}

static void assert_wrapped(const char *text, size_t indent, size_t width, const char *expected)
{
    struct buffer out = {0};
    assert_int_equal(text_append_wrapped(&out, text, strlen(text), indent, width, NULL), 0);
    assert_int_equal(buffer_append(&out, "", 1, NULL), 0);
    assert_string_equal(out.data, expected);
    buffer_release(&out);
}

static void wrapping(void **state)
{
    (void)state;
    assert_wrapped("", 4, 20, "");
    assert_wrapped("one two three", 0, 13, "one two three");
    assert_wrapped("one two three", 0, 12, "one two\nthree");
    assert_wrapped("one two three", 4, 16, "one two\n    three");
    assert_wrapped("one two  three", 0, 8, "one two\nthree");
    assert_wrapped("0123456789abcdef", 2, 12, "0123456789\n  abcdef");
    assert_wrapped("one two three", 0, 0, "one two three");
    assert_wrapped("/one/two/three.pcap", 2, 14, "/one/two/\n  three.pcap");
    assert_wrapped("x a/b/c/d/e", 0, 8, "x\na/b/c/d/\ne");
    assert_wrapped("/onetwothree.pcap", 0, 12, "/onetwothree\n.pcap");
    assert_wrapped("\u65e5\u672c\u8a9e\u65e5\u672c\u8a9e", 0, 9,
                   "\u65e5\u672c\u8a9e\u65e5\n\u672c\u8a9e");
    /* A window that is too narrow for its indent still shows all of the text. */
    assert_wrapped("0123456789", 20, 10, "01234567\n                    89");
}

static void assert_shared(struct text_column *columns, size_t count, size_t width, bool all,
                          const size_t *widths_expected)
{
    assert_int_equal(text_columns_share(columns, count, width), all);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(columns[i].width, widths_expected[i]);
}

static void sharing(void **state)
{
    (void)state;
    struct text_column columns[] = {{30, 10, false, 0}, {5, 5, true, 0}, {20, 8, false, 0}};
    assert_shared(columns, 3, 0, true, (size_t[]){30, 5, 20});
    assert_shared(columns, 3, 59, true, (size_t[]){30, 5, 20});
    assert_shared(columns, 3, 58, true, (size_t[]){30, 5, 19});
    assert_shared(columns, 3, 28, true, (size_t[]){11, 5, 8});
    assert_shared(columns, 3, 27, true, (size_t[]){10, 5, 8});
    /* The last one has no room, and the mark takes three. */
    assert_shared(columns, 3, 26, false, (size_t[]){16, 5, 0});
    assert_shared(columns, 3, 20, false, (size_t[]){10, 5, 0});
    assert_shared(columns, 3, 19, false, (size_t[]){16, 0, 0});
    assert_shared(columns, 3, 4, false, (size_t[]){1, 0, 0});
}

/* One that is narrow is shown where a wide one before it has no room. */
static void sharing_skips(void **state)
{
    (void)state;
    struct text_column columns[] = {{4, 4, false, 0}, {40, 40, true, 0}, {6, 6, true, 0}};
    assert_shared(columns, 3, 30, false, (size_t[]){4, 0, 6});
}

static void lines(void **state)
{
    (void)state;
    static const struct text_cell cells[] = {{"a long one", 10}, {"42", 2}, {"x", 1}, {"", 0}};
    struct text_column columns[] = {
        {10, 3, false, 5}, {4, 4, true, 4}, {9, 9, true, 0}, {3, 3, false, 3}};
    struct buffer out = {0};
    assert_int_equal(text_columns_append(&out, columns, 4, cells, true, NULL), 0);
    columns[0].width = 12;
    assert_int_equal(text_columns_append(&out, columns, 4, cells, false, NULL), 0);
    static const char expected[] = "a lo\u2026    42       \u2026\na long one      42\n";
    assert_int_equal(out.len, strlen(expected));
    assert_memory_equal(out.data, expected, out.len);
    buffer_release(&out);
}

/* A wide character that is cut may leave a column free, which is filled. */
static void wide_cells(void **state)
{
    (void)state;
    static const struct text_cell cells[] = {{"\u65e5\u672c\u8a9e", 9}, {"7", 1}};
    const struct text_column columns[] = {{6, 4, false, 4}, {1, 1, true, 1}};
    static const char expected[] = "\u65e5\u2026   7\n";
    struct buffer out = {0};
    assert_int_equal(text_columns_append(&out, columns, 2, cells, false, NULL), 0);
    assert_int_equal(out.len, strlen(expected));
    assert_memory_equal(out.data, expected, out.len);
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths),        cmocka_unit_test(fitting_keeps_characters_whole),
        cmocka_unit_test(wrapping),      cmocka_unit_test(sharing),
        cmocka_unit_test(sharing_skips), cmocka_unit_test(lines),
        cmocka_unit_test(wide_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
