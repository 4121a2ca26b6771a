/* Tables of text, to the byte: CSV, aligned columns, and what all text formats share. */
#include "table_fixture.h"

#include <signal.h>

static void formats_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const struct table_class *format;
    } names[] = {{"a.csv", &table_csv},
                 {"a.csv.gz", &table_csv},
                 {"d.json/a.csv.zst", &table_csv},
                 {"a.tsv", &table_tsv},
                 {"a.json", &table_json},
                 {"a.json.gz", &table_json},
                 {"a.jsonl", &table_jsonl},
                 {"a.ndjson.zst", &table_jsonl},
                 {"a.xlsx", &table_xlsx},
                 {"a.sqlite", &table_sqlite},
                 {"a.db", &table_sqlite},
                 {"a.xlsx.gz", NULL},
                 {"a.db.zst", NULL},
                 {"a", NULL},
                 {"-", NULL},
                 {"csv", NULL},
                 {".csv", NULL},
                 {"a.gz", NULL},
                 {"a.csv.bz2", NULL}};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_ptr_equal(table_format_of_name(names[i].path), names[i].format);
    assert_true(table_name_is_packed_binary("a.xlsx.gz"));
    assert_true(table_name_is_packed_binary("a.db.zst"));
    assert_false(table_name_is_packed_binary("a.csv.gz"));
    assert_false(table_name_is_packed_binary("a.xlsx"));
    assert_false(table_name_is_packed_binary("gz"));
    for (size_t i = 0; i < TABLE_FORMAT_COUNT; i++)
        assert_string_equal(table_format_names[i], table_formats[i]->name);
    assert_null(table_format_names[TABLE_FORMAT_COUNT]);
    assert_null(table_formats[TABLE_FORMAT_COUNT]);
}

/* As XLSX is in the library. */
static void a_missing_format_is_named(void **state)
{
    (void)state;
    struct table_class missing = table_xlsx;
    struct fixture f = {.schema = {.format = &missing}};
    missing.open = NULL;
    missing.lacks = "libxlsxwriter";
    add_column(&f, "a", LCAP_CELL_UNSIGNED);
    assert_refused("none.xlsx", &f.schema, NULL,
                   "none.xlsx: this build of labelcap cannot write xlsx: it is without "
                   "libxlsxwriter");
}

/* What csv.writer() of Python 3.11 writes. */
static void csv_quotes_as_python_does(void **state)
{
    (void)state;
    static const struct table_dialect python = {.crlf = true};
    static const char *const fields[] = {"plain",
                                         "with,comma",
                                         "with \"quotes\"",
                                         "two\nlines",
                                         "carriage\rreturn",
                                         "  spaces  ",
                                         "#hash",
                                         "",
                                         "h\xC3\xA9llo",
                                         "tab\there",
                                         ";"};
    struct fixture f = {.schema = {.format = &table_csv, .dialect = &python}};
    struct lcap_cell cells[COUNT_OF(fields)];
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        add_column(&f, fields[i], LCAP_CELL_TEXT);
        cells[i] = of_text(fields[i]);
    }
    static const char line[] =
        "plain,\"with,comma\",\"with \"\"quotes\"\"\",\"two\nlines\",\"carriage\rreturn\","
        "  spaces  ,#hash,,h\xC3\xA9llo,tab\there,;\r\n";
    write_table("t", &f.schema, cells, 1);
    char twice[2 * sizeof line];
    snprintf(twice, sizeof twice, "%s%s", line, line);
    assert_text("t", twice);
}

/* Texts are looked at in pieces of several bytes. */
static void csv_quotes_a_character_anywhere(void **state)
{
    (void)state;
    enum { LONGEST = 40 };
    struct fixture f = {.schema = {.format = &table_csv}};
    struct lcap_cell cells[LONGEST];
    char texts[LONGEST][LONGEST + 1], all[2 + LONGEST * (LONGEST + 4)] = "a\n";
    char *end = all + 2;
    add_column(&f, "a", LCAP_CELL_TEXT);
    for (size_t i = 0; i < LONGEST; i++) {
        memset(texts[i], 'x', LONGEST);
        texts[i][i] = ',';
        texts[i][i < LONGEST / 2 ? LONGEST : i + 1] = '\0';
        cells[i] = of_text(texts[i]);
        end += sprintf(end, "\"%s\"\n", texts[i]);
    }
    write_table("t", &f.schema, cells, LONGEST);
    assert_text("t", all);
}

/* An empty line would be no record: Python and pandas write two quotes. */
static void csv_of_one_empty_field(void **state)
{
    (void)state;
    struct fixture f = {.schema = {.format = &table_csv}};
    add_column(&f, "a", LCAP_CELL_TEXT);
    const struct lcap_cell cells[] = {empty_cell(), of_bytes(LCAP_CELL_TEXT, NULL, 0), of_text("x"),
                                      of_real(NAN)};
    write_table("t", &f.schema, cells, COUNT_OF(cells));
    assert_text("t", "a\n\"\"\n\"\"\nx\n\"\"\n");
}

static void csv_keeps_bytes(void **state)
{
    (void)state;
    struct fixture f = {.schema = {.format = &table_csv}};
    add_column(&f, "a", LCAP_CELL_TEXT);
    add_column(&f, "b", LCAP_CELL_TEXT);
    const struct lcap_cell cells[] = {of_bytes(LCAP_CELL_TEXT, "\xFF\xC3\0z", 4), of_text("\x01,")};
    write_table("t", &f.schema, cells, 1);
    assert_file_holds("t", "a,b\n\xFF\xC3\0z,\"\x01,\"\n", 14);
}

static void csv_of_every_kind(void **state)
{
    (void)state;
    struct fixture f = {.schema = {.format = &table_csv}};
    struct lcap_cell cells[EVERY_KIND];
    every_kind(&f, cells);
    write_table("t", &f.schema, cells, 1);
    assert_text("t", "u,i,r,x,s,b,t,e,n\n"
                     "18446744073709551615,-9223372036854775808,0.6666666666666666,1e-05,"
                     "-1.500000001,true,\"a \"\"b\"\"\",,60 1500 -3\n");
    static const struct table_dialect other = {.capital_booleans = true};
    f.schema.dialect = &other;
    f.schema.number_format = (struct number_format){.conversion = 'f', .precision = 4};
    write_table("t", &f.schema, cells, 1);
    assert_text("t", "u,i,r,x,s,b,t,e,n\n"
                     "18446744073709551615,-9223372036854775808,0.6667,1e-05,"
                     "-1.500000001,True,\"a \"\"b\"\"\",,60 1500 -3\n");
}

static void what_no_number_is(void **state)
{
    (void)state;
    static const struct table_dialect infinite = {.infinity = true};
    struct fixture f = {.schema = {.format = &table_csv}};
    const struct lcap_cell cells[] = {of_real(NAN), of_real(INFINITY), of_exact(-INFINITY),
                                      of_bytes(LCAP_CELL_SERIES, "1 nan -inf 2.5 -1", 17)};
    add_column(&f, "a", LCAP_CELL_REAL);
    add_column(&f, "b", LCAP_CELL_REAL);
    add_column(&f, "c", LCAP_CELL_EXACT);
    add_column(&f, "d", LCAP_CELL_SERIES);
    write_table("t", &f.schema, cells, 1);
    assert_text("t", "a,b,c,d\n,,,1 nan -inf 2.5 -1\n");
    f.schema.dialect = &infinite;
    f.schema.number_format = (struct number_format){.conversion = 'f', .precision = 4};
    write_table("t", &f.schema, cells, 1);
    assert_text("t", "a,b,c,d\n,inf,-inf,1 nan -inf 2.5 -1\n");
    f.schema.format = &table_jsonl;
    write_table("t", &f.schema, cells, 1);
    assert_text("t", "{\"a\": null, \"b\": null, \"c\": null, \"d\": [1, null, null, 2.5, -1]}\n");
}

static void columns_in_any_order(void **state)
{
    (void)state;
    struct fixture f = {.schema = {.format = &table_csv}};
    add_column(&f, "last", LCAP_CELL_TEXT);
    add_column(&f, "first", LCAP_CELL_TEXT);
    f.cells[0] = 2;
    f.cells[1] = 0;
    const struct lcap_cell cells[] = {of_text("0"), of_text("1"), of_text("2")};
    write_table("t", &f.schema, cells, 1);
    assert_text("t", "last,first\n2,0\n");
}

static void tables_without_rows(void **state)
{
    (void)state;
    static const struct table_dialect late = {.header_with_rows = true},
                                      pandas = {.pandas_json = true};
    static const struct {
        const struct table_class *format;
        const struct table_dialect *dialect;
        const char *text;
    } tables[] = {
        {&table_csv, NULL, "a\n"},        {&table_csv, &late, ""},      {&table_json, NULL, "[]\n"},
        {&table_json, &pandas, "[\n\n]"}, /* DataFrame(columns=["a"]) */
        {&table_jsonl, NULL, ""},         {&table_aligned, NULL, "a\n"}};
    struct fixture f = {0};
    add_column(&f, "a", LCAP_CELL_UNSIGNED);
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        f.schema.format = tables[i].format;
        f.schema.dialect = tables[i].dialect;
        write_table("t", &f.schema, NULL, 0);
        assert_text("t", tables[i].text);
    }
    const struct lcap_cell cell = of_unsigned(1);
    f.schema.format = &table_csv;
    f.schema.dialect = &late;
    write_table("t", &f.schema, &cell, 1);
    assert_text("t", "a\n1\n");
}

static void json_has_no_place_elsewhere(void **state)
{
    (void)state;
    static const struct table_class *const formats[] = {&table_csv, &table_xlsx, &table_sqlite,
                                                        &table_aligned};
    struct fixture f = {0};
    add_column(&f, "j", LCAP_CELL_JSON);
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        char text[200];
        f.schema.format = formats[i];
        snprintf(text, sizeof text, "%s cannot hold a column of nested JSON: use json or jsonl",
                 formats[i]->name);
        assert_refused("none", &f.schema, NULL, text);
        assert_int_equal(access("none", F_OK), -1);
    }
}

static void aligned_columns(void **state)
{
    (void)state;
    struct fixture f = {.schema = {.format = &table_aligned}};
    add_column(&f, "name", LCAP_CELL_TEXT);
    add_column(&f, "packets", LCAP_CELL_UNSIGNED);
    add_column(&f, "mean", LCAP_CELL_REAL);
    add_column(&f, "ok", LCAP_CELL_BOOL);
    f.schema.number_format = (struct number_format){.conversion = 'f', .precision = 1};
    const struct lcap_cell cells[] = {
        of_text("h\xC3\xA9"),  of_unsigned(5),         of_real(12345.678), of_bool(true),
        of_text("longer\x1b"), of_unsigned(123456789), empty_cell(),       of_bool(false)};
    write_table("t", &f.schema, cells, 2);
    assert_text("t", "name          packets     mean  ok\n"
                     "h\xC3\xA9                  5  12345.7  true\n"
                     "longer\\x1b  123456789        -  false\n");
}

/* However the bytes are cut, the same comes out. */
static void any_cut(void **state)
{
    (void)state;
    static const struct table_class *const formats[] = {&table_csv, &table_json, &table_jsonl,
                                                        &table_aligned};
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        struct fixture f = {.schema = {.format = formats[i]}};
        struct lcap_cell cells[4 * EVERY_KIND];
        every_kind(&f, cells);
        for (size_t row = 1; row < 4; row++) {
            memcpy(cells + row * EVERY_KIND, cells, EVERY_KIND * sizeof *cells);
            cells[row * EVERY_KIND].value.u = row;
        }
        write_table("whole", &f.schema, cells, 4);
        struct bytes whole = slurp("whole");
        for (size_t step = 1; step < 100; step += 7) {
            write_cut("t", &f.schema, &overwriting, cells, 4, step);
            assert_file_holds("t", whole.data, whole.len);
        }
        free(whole.data);
    }
}

static void files_that_are_there(void **state)
{
    (void)state;
    static const struct table_class *const formats[] = {&table_csv,  &table_json,   &table_jsonl,
                                                        &table_xlsx, &table_sqlite, &table_aligned};
    static const struct table_options adding = {.append = true};
    struct fixture f = {0};
    add_column(&f, "a", LCAP_CELL_UNSIGNED);
    size_t files = entries_of(".");
    spill("there", "before", 6);
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        f.schema.format = formats[i];
        assert_refused("there", &f.schema, NULL, "there: already exists (use -f to replace it)");
        if (formats[i] != &table_sqlite) {
            char text[100];
            snprintf(text, sizeof text, "new: cannot append rows to a table in %s",
                     formats[i]->name);
            assert_refused("new", &f.schema, &adding, text);
        }
        assert_refused("gone/t", &f.schema, NULL,
                       "gone: cannot create a file in it: No such file or directory");
        /* Dropped: nothing stays, and what was there does. */
        struct table *table = open_well("there", &f.schema, &overwriting);
        const struct lcap_cell cell = of_unsigned(1);
        struct table_encoder encoder = {.schema = &f.schema};
        encode_well(&encoder, &cell);
        append_well(table, encoder.buffer.data, encoder.buffer.len);
        buffer_release(&encoder.buffer);
        table_discard(table);
        assert_file_holds("there", "before", 6);
        assert_int_equal(entries_of("."), files + 1);
    }
    f.schema.count = 0;
    assert_refused("new", &f.schema, NULL, "new: the table has no columns");
    assert_int_equal(unlink("there"), 0);
    table_discard(NULL);
}

static void compressed(void **state)
{
    (void)state;
    struct fixture f = {.schema = {.format = &table_csv}};
    add_column(&f, "a", LCAP_CELL_UNSIGNED);
    const struct lcap_cell cell = of_unsigned(17);
    write_table("t.csv.gz", &f.schema, &cell, 1);
    run("gzip -dc t.csv.gz > t");
    assert_text("t", "a\n17\n");
}

static void full_devices_and_broken_pipes(void **state)
{
    (void)state;
    static const struct table_class *const formats[] = {&table_csv, &table_json, &table_jsonl,
                                                        &table_aligned};
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        struct fixture f = {.schema = {.format = formats[i]}};
        add_column(&f, "a", LCAP_CELL_UNSIGNED);
        const struct lcap_cell cell = of_unsigned(UINT64_MAX);
        for (size_t most = 1; most <= 1000000; most *= 1000000) {
            struct lcap_error error = {0};
            struct table *table = open_well("/dev/full", &f.schema, NULL);
            assert_int_equal(write_until_failure(table, &f.schema, &cell, most, &error),
                             LCAP_ERR_IO);
            assert_string_equal(error.text, "/dev/full: cannot write: No space left on device");

            int ends[2];
            char name[40];
            assert_int_equal(pipe(ends), 0);
            snprintf(name, sizeof name, "/dev/fd/%d", ends[1]);
            lcap_error_clear(&error);
            table = open_well(name, &f.schema, NULL);
            close(ends[0]);
            assert_int_equal(write_until_failure(table, &f.schema, &cell, most, &error),
                             LCAP_ERR_IO);
            assert_non_null(strstr(error.text, ": cannot write: Broken pipe"));
            close(ends[1]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_by_name),
        cmocka_unit_test(a_missing_format_is_named),
        cmocka_unit_test(csv_quotes_as_python_does),
        cmocka_unit_test(csv_quotes_a_character_anywhere),
        cmocka_unit_test(csv_of_one_empty_field),
        cmocka_unit_test(csv_keeps_bytes),
        cmocka_unit_test(csv_of_every_kind),
        cmocka_unit_test(what_no_number_is),
        cmocka_unit_test(columns_in_any_order),
        cmocka_unit_test(tables_without_rows),
        cmocka_unit_test(json_has_no_place_elsewhere),
        cmocka_unit_test(aligned_columns),
        cmocka_unit_test(any_cut),
        cmocka_unit_test(files_that_are_there),
        cmocka_unit_test(compressed),
        cmocka_unit_test(full_devices_and_broken_pipes),
    };
    return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}
