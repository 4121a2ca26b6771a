/* JSON out: layout, escapes, broken UTF-8. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text/json.h"

static void assert_text(const struct buffer *out, const char *expected)
{
    assert_int_equal(out->len, strlen(expected));
    assert_memory_equal(out->data, expected, out->len);
}

static void layout(void **state)
{
    (void)state;
    struct buffer out = {0};
    struct json_writer json;
    json_begin(&json, &out, NULL);
    json_open_object(&json, NULL);
    json_u64(&json, "most", UINT64_MAX);
    json_i64(&json, "least", INT64_MIN);
    json_open_array(&json, "list");
    json_open_object(&json, NULL);
    json_close_object(&json);
    json_u64(&json, NULL, 1);
    json_open_array(&json, NULL);
    json_close_array(&json);
    json_close_array(&json);
    json_open_object(&json, "inner");
    json_bool(&json, "yes", true);
    json_bool(&json, "no", false);
    json_null(&json, "nothing");
    json_close_object(&json);
    json_text(&json, "last", "x", 1);
    json_close_object(&json);
    assert_int_equal(json_end(&json), 0);
    assert_text(&out, "{\n"
                      "  \"most\": 18446744073709551615,\n"
                      "  \"least\": -9223372036854775808,\n"
                      "  \"list\": [\n"
                      "    {},\n"
                      "    1,\n"
                      "    []\n"
                      "  ],\n"
                      "  \"inner\": {\n"
                      "    \"yes\": true,\n"
                      "    \"no\": false,\n"
                      "    \"nothing\": null\n"
                      "  },\n"
                      "  \"last\": \"x\"\n"
                      "}\n");
    buffer_release(&out);
}

/* RFC 8259, section 6: JSON has neither infinities nor NaN. */
static void reals(void **state)
{
    (void)state;
    static const double values[] = {0.1, -0.0,     1,        1e16, 5e-324, 1.7976931348623157e308,
                                    NAN, INFINITY, -INFINITY};
    struct buffer out = {0};
    struct json_writer json;
    json_begin(&json, &out, NULL);
    json_open_array(&json, NULL);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        json_real(&json, NULL, values[i]);
    json_close_array(&json);
    assert_int_equal(json_end(&json), 0);
    assert_text(&out, "[\n"
                      "  0.1,\n"
                      "  -0.0,\n"
                      "  1.0,\n"
                      "  1e+16,\n"
                      "  5e-324,\n"
                      "  1.7976931348623157e+308,\n"
                      "  null,\n"
                      "  null,\n"
                      "  null\n"
                      "]\n");
    buffer_release(&out);
}

static void assert_string(const char *text, size_t len, const char *expected)
{
    struct buffer out = {0};
    struct json_writer json;
    json_begin(&json, &out, NULL);
    json_text(&json, NULL, text, len);
    assert_int_equal(json_end(&json), 0);
    assert_text(&out, expected);
    buffer_release(&out);
}

static void escapes(void **state)
{
    (void)state;
    assert_string(NULL, 0, "\"\"\n");
    assert_string("", 0, "\"\"\n");
    assert_string("a\"b\\c/d", 7, "\"a\\\"b\\\\c/d\"\n");
    assert_string("\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\"\n");
    assert_string("\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\x7f\"\n");
    assert_string("\xC3\xA9\xF0\x9F\x98\x80", 6, "\"\xC3\xA9\xF0\x9F\x98\x80\"\n");
}

static void broken_utf8_is_replaced(void **state)
{
    (void)state;
    assert_string("a\xFFz", 3, "\"a\xEF\xBF\xBDz\"\n");
    assert_string("\xFF\xFE", 2, "\"\xEF\xBF\xBD\xEF\xBF\xBD\"\n");
    assert_string("\xE2\x82", 2, "\"\xEF\xBF\xBD\xEF\xBF\xBD\"\n");
    assert_string("\n\xFF\n", 3, "\"\\n\xEF\xBF\xBD\\n\"\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layout),
        cmocka_unit_test(reals),
        cmocka_unit_test(escapes),
        cmocka_unit_test(broken_utf8_is_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
