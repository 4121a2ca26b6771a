/* One description, printed as text and as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/result.h"
#include "report/report_json.h"
#include "report/report_text.h"

static const struct result_column columns[] = {
    {"number", "#", RESULT_NUMBER, 2, 0},       {"name", "name", RESULT_TEXT, 1, 6},
    {NULL, "half", RESULT_TEXT, 4, 0},          {"hidden", NULL, RESULT_SIGNED, 0, 0},
    {"took_ns", "took", RESULT_DURATION, 3, 0}, {"at", "at", RESULT_TIME, 5, 0},
};

static const char *const names[] = {"first", "second \"one\"", "third\x1b\xff"};

static void fill(const void *owner, size_t index, struct result_row *row)
{
    const char *const *texts = owner;
    result_row_add(row, result_number(1000 + index));
    result_row_add(row, result_text(texts[index], strlen(texts[index])));
    result_row_printf(row, "%zu/2", index);
    result_row_add(row, result_signed(-(int64_t)index));
    result_row_add(row, result_duration(index * 1500000000));
    result_row_add(row, index == 1 ? result_nothing() : result_time((int64_t)index));
}

static const struct result_table table = {columns, sizeof columns / sizeof *columns, 3, fill,
                                          names};

static void describe(struct result *result, struct lcap_error *error)
{
    char gone[] = "a name that is overwritten";
    const struct lcap_finding warning = {LCAP_SEVERITY_WARNING, "line 7", 2, gone};
    const struct lcap_finding wrong = {LCAP_SEVERITY_ERROR, NULL, 1, "is\twrong"};
    const struct result_table empty = {columns, sizeof columns / sizeof *columns, 0, fill, NULL};
    result_begin(result, error);
    result_add(result, "name", "Name", result_text(gone, strlen(gone)));
    result_add(result, "packets", "Packets seen", result_count(1234567));
    result_add(result, "hidden", NULL, result_truth(false));
    result_say(result, "Said", "%d of %d", 1, 2);
    result_add(result, "first_ns", "First", result_time(-1));
    result_add(result, "last_ns", "Last", result_nothing());
    result_add(result, "took_ns", "Took", result_duration(2500000));
    result_add(result, "long_ns", "Long", result_duration(1234567000000499));
    result_add(result, "at_ns", "At", result_time(1500000));
    result_add(result, "mean", "Mean", result_real(1234.56));
    result_add(result, "share", "Share", result_share(0.12345));
    result_add(result, "id", "Sample", result_sample_id(UINT64_MAX));
    result_add_finding(result, &warning);
    result_open(result, "inner", "Within");
    result_add(result, "yes", "Yes", result_truth(true));
    result_add(result, "below", "Below", result_signed(INT64_MIN));
    result_close(result);
    result_add_table(result, "rows", "Rows", &table);
    result_add_table(result, "none", "Nothing", &empty);
    result_say(result, NULL, "A sentence that says something about all of it.");
    result_place_findings(result, "findings", "Findings");
    result_add_finding(result, &wrong);
    memset(gone, '#', sizeof gone - 1);
}

static void take(void *context, const void *bytes, size_t len)
{
    assert_int_equal(buffer_append(context, bytes, len, NULL), 0);
}

static void assert_printed(const char *expected, int (*print)(const struct result *result,
                                                              const struct report_sink *sink))
{
    struct lcap_error error = {0};
    struct result result;
    struct buffer out = {0};
    const struct report_sink sink = {take, &out};
    describe(&result, &error);
    assert_int_equal(result.status, 0);
    assert_int_equal(print(&result, &sink), 0);
    assert_int_equal(buffer_append(&out, "", 1, NULL), 0);
    assert_string_equal(out.data, expected);
    buffer_release(&out);
    result_release(&result);
}

static int print_80(const struct result *result, const struct report_sink *sink)
{
    return report_text(result, 80, sink, NULL);
}

static int print_32(const struct result *result, const struct report_sink *sink)
{
    return report_text(result, 32, sink, NULL);
}

static int print_json(const struct result *result, const struct report_sink *sink)
{
    return report_json(result, sink, NULL);
}

static void text(void **state)
{
    (void)state;
    assert_printed("Name          a name that is overwritten\n"
                   "Packets seen  1,234,567\n"
                   "Said          1 of 2\n"
                   "First         1969-12-31T23:59:59.999999999Z\n"
                   "Last          none\n"
                   "Took          0.002500 s\n"
                   "Long          1,234,567.000000 s\n"
                   "At            1970-01-01T00:00:00.001500Z\n"
                   "Mean          1,234.6\n"
                   "Share         12.3 %\n"
                   "Sample        18446744073709551615\n"
                   "\n"
                   "Within\n"
                   "Yes    yes\n"
                   "Below  -9223372036854775808\n"
                   "\n"
                   "Rows\n"
                   "name              #  took [s]  half  at\n"
                   "first          1000  0.000000  0/2   1970-01-01T00:00:00Z\n"
                   "second \"one\"   1001  1.500000  1/2   none\n"
                   "third\\x1b\\xff  1002  3.000000  2/2   1970-01-01T00:00:00.000000002Z\n"
                   "\n"
                   "A sentence that says something about all of it.\n"
                   "\n"
                   "Findings\n"
                   "warning: line 7: a name that is overwritten\n"
                   "error: is\\twrong\n",
                   print_80);
}

static void narrow_text(void **state)
{
    (void)state;
    assert_printed("Name          a name that is\n"
                   "              overwritten\n"
                   "Packets seen  1,234,567\n"
                   "Said          1 of 2\n"
                   "First         1969-12-31T23:59:5\n"
                   "              9.999999999Z\n"
                   "Last          none\n"
                   "Took          0.002500 s\n"
                   "Long          1,234,567.000000 s\n"
                   "At            1970-01-01T00:00:0\n"
                   "              0.001500Z\n"
                   "Mean          1,234.6\n"
                   "Share         12.3 %\n"
                   "Sample        184467440737095516\n"
                   "              15\n"
                   "\n"
                   "Within\n"
                   "Yes    yes\n"
                   "Below  -9223372036854775808\n"
                   "\n"
                   "Rows\n"
                   "name        #  took [s]  half  \u2026\n"
                   "first    1000  0.000000  0/2\n"
                   "second\u2026  1001  1.500000  1/2\n"
                   "third\\\u2026  1002  3.000000  2/2\n"
                   "\n"
                   "A sentence that says something\n"
                   "about all of it.\n"
                   "\n"
                   "Findings\n"
                   "warning: line 7: a name that is\n"
                   "overwritten\n"
                   "error: is\\twrong\n",
                   print_32);
}

static void json(void **state)
{
    (void)state;
    assert_printed("{\n"
                   "  \"name\": \"a name that is overwritten\",\n"
                   "  \"packets\": 1234567,\n"
                   "  \"hidden\": false,\n"
                   "  \"first_ns\": -1,\n"
                   "  \"last_ns\": null,\n"
                   "  \"took_ns\": 2500000,\n"
                   "  \"long_ns\": 1234567000000499,\n"
                   "  \"at_ns\": 1500000,\n"
                   "  \"mean\": 1234.56,\n"
                   "  \"share\": 0.12345,\n"
                   "  \"id\": \"18446744073709551615\",\n"
                   "  \"inner\": {\n"
                   "    \"yes\": true,\n"
                   "    \"below\": -9223372036854775808\n"
                   "  },\n"
                   "  \"rows\": [\n"
                   "    {\n"
                   "      \"number\": 1000,\n"
                   "      \"name\": \"first\",\n"
                   "      \"hidden\": 0,\n"
                   "      \"took_ns\": 0,\n"
                   "      \"at\": 0\n"
                   "    },\n"
                   "    {\n"
                   "      \"number\": 1001,\n"
                   "      \"name\": \"second \\\"one\\\"\",\n"
                   "      \"hidden\": -1,\n"
                   "      \"took_ns\": 1500000000,\n"
                   "      \"at\": null\n"
                   "    },\n"
                   "    {\n"
                   "      \"number\": 1002,\n"
                   "      \"name\": \"third\\u001b\uFFFD\",\n"
                   "      \"hidden\": -2,\n"
                   "      \"took_ns\": 3000000000,\n"
                   "      \"at\": 2\n"
                   "    }\n"
                   "  ],\n"
                   "  \"none\": [],\n"
                   "  \"findings\": [\n"
                   "    {\n"
                   "      \"severity\": \"warning\",\n"
                   "      \"place\": \"line 7\",\n"
                   "      \"count\": 2,\n"
                   "      \"text\": \"a name that is overwritten\"\n"
                   "    },\n"
                   "    {\n"
                   "      \"severity\": \"error\",\n"
                   "      \"place\": null,\n"
                   "      \"count\": 1,\n"
                   "      \"text\": \"is\\twrong\"\n"
                   "    }\n"
                   "  ]\n"
                   "}\n",
                   print_json);
}

static void fill_number(const void *owner, size_t index, struct result_row *row)
{
    (void)owner;
    result_row_add(row, result_count(index));
}

struct pieces {
    size_t largest, all;
};

static void take_piece(void *context, const void *bytes, size_t len)
{
    struct pieces *pieces = context;
    assert_non_null(bytes);
    pieces->all += len;
    if (len > pieces->largest)
        pieces->largest = len;
}

/* A million rows are never in memory together. */
static void long_tables(void **state)
{
    (void)state;
    static const struct result_column one[] = {{"n", "n", RESULT_COUNT, 1, 0}};
    const struct result_table rows = {one, 1, 1000000, fill_number, NULL};
    struct result result;
    struct pieces as_text = {0}, as_json = {0};
    result_begin(&result, NULL);
    result_add_table(&result, "rows", "Rows", &rows);
    assert_int_equal(report_text(&result, 80, &(struct report_sink){take_piece, &as_text}, NULL),
                     0);
    assert_int_equal(report_json(&result, &(struct report_sink){take_piece, &as_json}, NULL), 0);
    result_release(&result);
    assert_int_equal(as_text.all, strlen("Rows\n") + 1000001 * strlen("999,999\n"));
    assert_true(as_text.largest < 2 * REPORT_PIECE && as_json.largest < 2 * REPORT_PIECE);
}

/* A failure while the description is made is that of the printers. */
static void failures_stick(void **state)
{
    (void)state;
    struct lcap_error error = {0};
    struct result result;
    struct buffer out = {0};
    const struct report_sink sink = {take, &out};
    result_begin(&result, &error);
    result.status = LCAP_ERR_MEMORY;
    result_add(&result, "x", "x", result_count(1));
    assert_int_equal(report_text(&result, 80, &sink, &error), LCAP_ERR_MEMORY);
    assert_int_equal(report_json(&result, &sink, &error), LCAP_ERR_MEMORY);
    assert_int_equal(out.len, 0);
    result_release(&result);
}

static bool say_it_otherwise(const char *said, char *words, size_t size)
{
    return strcmp(said, "use --option %d") == 0 && snprintf(words, size, "use option=%%d") > 0;
}

static void findings_have_the_words_that_are_wanted(void **state)
{
    (void)state;
    struct lcap_error error = {0};
    struct result result;
    lcap_error_use_wording(say_it_otherwise);
    result_begin(&result, &error);
    result_find(&result, LCAP_SEVERITY_NOTE, 1, "use --option %d", 7);
    lcap_error_use_wording(NULL);
    assert_string_equal(findings_get(&result.findings, 0)->text, "use option=7");
    result_release(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text),           cmocka_unit_test(narrow_text),
        cmocka_unit_test(json),           cmocka_unit_test(long_tables),
        cmocka_unit_test(failures_stick), cmocka_unit_test(findings_have_the_words_that_are_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
