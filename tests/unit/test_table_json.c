/* JSON and JSON lines, to the byte, with what Python and pandas write. */
#include "table_fixture.h"

#define JSON_ROW                                                                                   \
    "{\"u\": 18446744073709551615, \"i\": -9223372036854775808, \"r\": 0.6666666666666666, "       \
    "\"x\": 1e-05, \"s\": -1.500000001, \"b\": true, \"t\": \"a \\\"b\\\"\", \"e\": null, "        \
    "\"n\": [60, 1500, -3]}"

static void json_of_every_kind(void **state)
{
    (void)state;
    struct fixture f = {.schema = {.format = &table_jsonl}};
    struct lcap_cell cells[3 * EVERY_KIND];
    every_kind(&f, cells);
    memcpy(cells + EVERY_KIND, cells, EVERY_KIND * sizeof *cells);
    memcpy(cells + 2 * EVERY_KIND, cells, EVERY_KIND * sizeof *cells);
    write_table("t", &f.schema, cells, 2);
    assert_text("t", JSON_ROW "\n" JSON_ROW "\n");
    f.schema.format = &table_json;
    write_table("t", &f.schema, cells, 3);
    assert_text("t", "[\n" JSON_ROW ",\n" JSON_ROW ",\n" JSON_ROW "\n]\n");
    f.schema.number_format = (struct number_format){.conversion = 'e', .precision = 2};
    write_table("t", &f.schema, cells, 1);
    run("grep -q '\"r\": 6.67e-01, \"x\": 1e-05,' t");
}

static void json_of_lists_of_lists(void **state)
{
    (void)state;
    static const struct {
        const char *text, *json;
    } lists[] = {{"60 1500;-3", "[[60, 1500], [-3]]"}, {"5", "[[5]]"}, {"", "[]"}};
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        struct fixture f = {.schema = {.format = &table_jsonl}};
        char expected[100];
        add_column(&f, "n", LCAP_CELL_NESTED);
        const struct lcap_cell cell =
            of_bytes(LCAP_CELL_NESTED, lists[i].text, strlen(lists[i].text));
        write_table("t", &f.schema, &cell, 1);
        snprintf(expected, sizeof expected, "{\"n\": %s}\n", lists[i].json);
        assert_text("t", expected);
    }
}

/* `plain`: what json.dumps(ensure_ascii=False) of Python says; `pandas`: to_json() of pandas 1.5.3.
 * Bytes that are no UTF-8 are U+FFFD each. */
static const struct {
    const char *text;
    size_t len;
    const char *plain, *pandas;
} strings[] = {
    {"", 0, "", ""},
    {"1234567", 7, "1234567", "1234567"},
    {"12345678", 8, "12345678", "12345678"},
    {"q\"b\\s/\b\f\n\r\t\x01\x1f\x7f", 14, "q\\\"b\\\\s/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f",
     "q\\\"b\\\\s\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f"},
    {"h\xC3\xA9llo \xE2\x82\xAC \xF0\x9F\x98\x80", 15, "h\xC3\xA9llo \xE2\x82\xAC \xF0\x9F\x98\x80",
     "h\\u00e9llo \\u20ac \\ud83d\\ude00"},
    {"\0nul", 4, "\\u0000nul", "\\u0000nul"},
    {"12345678\"", 9, "12345678\\\"", "12345678\\\""},
    {"1234567\n9", 9, "1234567\\n9", "1234567\\n9"},
    {"\xFF", 1, "\xEF\xBF\xBD", "\\ufffd"},
    {"ab\xE2\x82", 4, "ab\xEF\xBF\xBD\xEF\xBF\xBD", "ab\\ufffd\\ufffd"},
    {"\xED\xA0\x80z", 4, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz", "\\ufffd\\ufffd\\ufffdz"},
};

static void json_strings(void **state)
{
    (void)state;
    static const struct table_dialect pandas = {.pandas_json = true};
    char expected[200];
    for (size_t i = 0; i < COUNT_OF(strings); i++) {
        struct fixture f = {.schema = {.format = &table_jsonl}};
        add_column(&f, "k", LCAP_CELL_TEXT);
        char *text = malloc(strings[i].len + 1); /* with no byte behind, for sanitizers */
        assert_non_null(text);
        memcpy(text, strings[i].text, strings[i].len);
        const struct lcap_cell cell = of_bytes(LCAP_CELL_TEXT, text, strings[i].len);
        write_table("t", &f.schema, &cell, 1);
        snprintf(expected, sizeof expected, "{\"k\": \"%s\"}\n", strings[i].plain);
        assert_text("t", expected);
        f.schema.format = &table_json;
        f.schema.dialect = &pandas;
        write_table("t", &f.schema, &cell, 1);
        snprintf(expected, sizeof expected, "[\n  {\n    \"k\":\"%s\"\n  }\n]", strings[i].pandas);
        assert_text("t", expected);
        free(text);
    }
}

static void json_names_are_strings(void **state)
{
    (void)state;
    static const struct table_dialect pandas = {.pandas_json = true};
    struct fixture f = {.schema = {.format = &table_jsonl}};
    add_column(&f, "a/\"\xC3\xA9", LCAP_CELL_UNSIGNED);
    const struct lcap_cell cell = of_unsigned(1);
    write_table("t", &f.schema, &cell, 1);
    assert_text("t", "{\"a/\\\"\xC3\xA9\": 1}\n");
    f.schema.format = &table_json;
    f.schema.dialect = &pandas;
    write_table("t", &f.schema, &cell, 1);
    assert_text("t", "[\n  {\n    \"a\\/\\\"\\u00e9\":1\n  }\n]");
}

/* Two rows of DataFrame.to_json(orient="records", indent=2). */
static void pandas_layout(void **state)
{
    (void)state;
    static const struct table_dialect pandas = {.pandas_json = true};
    struct fixture f = {.schema = {.format = &table_json, .dialect = &pandas}};
    add_column(&f, "a", LCAP_CELL_TEXT);
    add_column(&f, "b", LCAP_CELL_REAL);
    const struct lcap_cell cells[] = {of_text("x"), of_real(INFINITY), of_text(""), of_real(1)};
    write_table("t", &f.schema, cells, 2);
    assert_text("t", "[\n  {\n    \"a\":\"x\",\n    \"b\":null\n  },\n"
                     "  {\n    \"a\":\"\",\n    \"b\":1.0\n  }\n]");
}

/* What to_json() of pandas 1.5.3 made of each. */
static void pandas_reals(void **state)
{
    (void)state;
    static const struct table_dialect pandas = {.pandas_json = true};
    static const struct {
        double value;
        const char *text;
    } reals[] = {{0.0, "0.0"},
                 {-0.0, "0.0"},
                 {1.0, "1.0"},
                 {-2.0 / 3, "-0.6666666667"},
                 {47.092302594954056, "47.092302595"},
                 {25895.72082337527, "25895.7208233753"},
                 {1e16, "10000000000000000.0"},
                 {1e16 + 2, "1e+16"},
                 {9999999999999998.0, "9999999999999998.0"},
                 {1e-15, "0.0"},
                 {9.99e-16, "9.99e-16"},
                 {-1e-16, "-1e-16"},
                 {-1e-12, "-0.0"},
                 {5e-11, "0.0000000001"},
                 {1.5e-10, "0.0000000002"},
                 {2.5e-10, "0.0000000002"},
                 {0.12345678905, "0.123456789"},
                 {0.99999999999, "1.0"},
                 {123456.999999999951, "123457.0"},
                 {1e300, "1e+300"},
                 {1.23456789012345e20, "1.23456789e+20"},
                 {123456789012345.678, "123456789012345.671875"},
                 {-1.7976931348623157e308, "-1.797693135e+308"},
                 {5e-324, "4.940656458e-324"}};
    struct fixture f = {.schema = {.format = &table_json, .dialect = &pandas}};
    add_column(&f, "a", LCAP_CELL_REAL);
    for (size_t i = 0; i < COUNT_OF(reals); i++) {
        char expected[100];
        const struct lcap_cell cell = of_real(reals[i].value);
        write_table("t", &f.schema, &cell, 1);
        snprintf(expected, sizeof expected, "[\n  {\n    \"a\":%s\n  }\n]", reals[i].text);
        assert_text("t", expected);
    }
}

/* A long value in pieces: `left` times the same. */
struct source {
    char piece[10000];
    size_t left;
    bool fails;
};

static int next_piece(void *context, const char **text, size_t *len, struct lcap_error *error)
{
    struct source *source = context;
    if (source->left == 0)
        return source->fails ? lcap_error_set(error, LCAP_ERR_IO, "no more of it") : 0;
    source->left--;
    *text = source->piece;
    *len = sizeof source->piece;
    return 1;
}

struct taker {
    struct table *table;
    size_t calls, most;
};

static int take(void *context, struct buffer *buffer, struct lcap_error *error)
{
    struct taker *taker = context;
    taker->calls++;
    if (buffer->len > taker->most)
        taker->most = buffer->len;
    int rc = table_append(taker->table, buffer->data, buffer->len, error);
    buffer_clear(buffer);
    return rc;
}

static void write_pieces(const struct table_schema *schema, const struct lcap_cell *cells)
{
    struct taker taker = {.table = open_well("t", schema, &overwriting)};
    struct table_encoder encoder = {.schema = schema, .flush = take, .context = &taker};
    for (int i = 0; i < 2; i++) {
        struct source source = {.left = 1000};
        memset(source.piece, '7', sizeof source.piece);
        const struct lcap_row row = {
            .cells = cells, .count = schema->count, .pieces = next_piece, .pieces_source = &source};
        assert_int_equal(table_encode(&encoder, &row, NULL), 0);
    }
    assert_int_equal(take(&taker, &encoder.buffer, NULL), 0);
    close_well(taker.table);
    buffer_release(&encoder.buffer);
    assert_in_range(taker.most, 1, TABLE_FLUSH + sizeof(struct source));
    assert_in_range(taker.calls, 200, 1000);
}

/* `head`, ten million sevens, `middle`, as many again, `tail`. */
static void assert_sevens(const char *head, const char *middle, const char *tail)
{
    enum { SEVENS = 10000000 };
    struct bytes all = slurp("t");
    const size_t places[] = {strlen(head), strlen(middle), strlen(tail)};
    assert_int_equal(all.len, places[0] + places[1] + places[2] + 2 * (size_t)SEVENS);
    const uint8_t *at = all.data;
    assert_memory_equal(at, head, places[0]);
    at += places[0];
    assert_int_equal(at[SEVENS - 1], '7');
    assert_memory_equal(at + SEVENS, middle, places[1]);
    at += SEVENS + places[1];
    assert_int_equal(at[0], '7');
    assert_memory_equal(at + SEVENS, tail, places[2]);
    free(all.data);
}

static void json_in_pieces(void **state)
{
    (void)state;
    struct fixture f = {.schema = {.format = &table_jsonl}};
    add_column(&f, "", LCAP_CELL_JSON);
    const struct lcap_cell cells[] = {{.kind = LCAP_CELL_JSON}, of_unsigned(5)};
    write_pieces(&f.schema, cells);
    assert_sevens("", "\n", "\n");
    f.schema.format = &table_json;
    write_pieces(&f.schema, cells);
    assert_sevens("[\n", ",\n", "\n]\n");
    f.columns[0].name = "j";
    add_column(&f, "u", LCAP_CELL_UNSIGNED);
    write_pieces(&f.schema, cells);
    assert_sevens("[\n{\"j\": ", ", \"u\": 5},\n{\"j\": ", ", \"u\": 5}\n]\n");
}

static void json_whole(void **state)
{
    (void)state;
    struct fixture f = {.schema = {.format = &table_json}};
    add_column(&f, "", LCAP_CELL_JSON);
    const struct lcap_cell cells[] = {of_bytes(LCAP_CELL_JSON, "[1,{}]", 6),
                                      of_bytes(LCAP_CELL_JSON, "{}", 2)};
    write_table("t", &f.schema, NULL, 0);
    assert_text("t", "[]\n");
    write_table("t", &f.schema, cells, 2);
    assert_text("t", "[\n[1,{}],\n{}\n]\n");
    f.schema.format = &table_jsonl;
    write_table("t", &f.schema, cells, 2);
    assert_text("t", "[1,{}]\n{}\n");
}

static void pieces_that_fail(void **state)
{
    (void)state;
    struct fixture f = {.schema = {.format = &table_jsonl}};
    struct lcap_error error = {0};
    struct source source = {.left = 1, .fails = true};
    struct table_encoder encoder = {.schema = &f.schema};
    add_column(&f, "", LCAP_CELL_JSON);
    const struct lcap_cell cell = {.kind = LCAP_CELL_JSON};
    const struct lcap_row row = {
        .cells = &cell, .count = 1, .pieces = next_piece, .pieces_source = &source};
    assert_int_equal(table_encode(&encoder, &row, &error), LCAP_ERR_IO);
    assert_string_equal(error.text, "no more of it");
    buffer_release(&encoder.buffer);
}

/* In a preview lines end where the terminal does, however they come. */
static void lines_are_cut(void **state)
{
    (void)state;
    static const struct table_options narrow = {.overwrite = true, .width = 11};
    struct fixture f = {.schema = {.format = &table_jsonl}};
    add_column(&f, "k", LCAP_CELL_TEXT);
    const struct lcap_cell cells[] = {of_text("ab"), of_text("abc"),
                                      of_text("\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E")};
    for (size_t step = 0; step < 20; step++) {
        write_cut("t", &f.schema, &narrow, cells, COUNT_OF(cells), step);
        assert_text("t", "{\"k\": \"ab\"}\n{\"k\": \"abc\xE2\x80\xA6\n"
                         "{\"k\": \"\xE6\x97\xA5\xE2\x80\xA6\n");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_of_every_kind), cmocka_unit_test(json_of_lists_of_lists),
        cmocka_unit_test(json_strings),       cmocka_unit_test(json_names_are_strings),
        cmocka_unit_test(pandas_layout),      cmocka_unit_test(pandas_reals),
        cmocka_unit_test(json_in_pieces),     cmocka_unit_test(json_whole),
        cmocka_unit_test(pieces_that_fail),   cmocka_unit_test(lines_are_cut),
    };
    return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}
