/* XLSX workbooks, read back by openpyxl. */
#include "table_fixture.h"

#include "missing_library.h"
#include <signal.h>
#include <sys/resource.h>

/* Runs Python with openpyxl; `code` knows the rows of sheet "flows" of the file `t` as lists. */
static void check_rows(const char *code)
{
    FILE *file = fopen("check.py", "w");
    assert_non_null(file);
    fprintf(file,
            "import openpyxl\n"
            "book = openpyxl.load_workbook(open('t', 'rb'))\n"
            "rows = [list(row) for row in book['flows'].iter_rows(values_only=True)]\n"
            "%s\n",
            code);
    assert_int_equal(fclose(file), 0);
    run("/usr/bin/python3 check.py");
}

static void begin_xlsx(struct fixture *f)
{
    *f = (struct fixture){.schema = {.format = &table_xlsx}};
}

static void numbers(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct lcap_cell cell;
    } all[] = {
        {"sample_id", {LCAP_CELL_UNSIGNED, 0, {.u = 7}}},
        {"u", {LCAP_CELL_UNSIGNED, 0, {.u = (uint64_t)1 << 53}}},
        {"above", {LCAP_CELL_UNSIGNED, 0, {.u = ((uint64_t)1 << 53) + 1}}},
        {"most", {LCAP_CELL_UNSIGNED, 0, {.u = UINT64_MAX}}},
        {"i", {LCAP_CELL_SIGNED, 0, {.i = -((int64_t)1 << 53)}}},
        {"below", {LCAP_CELL_SIGNED, 0, {.i = -((int64_t)1 << 53) - 1}}},
        {"least", {LCAP_CELL_SIGNED, 0, {.i = INT64_MIN}}},
        {"r", {LCAP_CELL_REAL, 0, {.real = 0.125}}},
        {"nan", {LCAP_CELL_REAL, 0, {.real = NAN}}},
        {"inf", {LCAP_CELL_EXACT, 0, {.real = -INFINITY}}},
        {"seconds", {LCAP_CELL_SECONDS, 0, {.i = 1500000000}}},
        {"yes", {LCAP_CELL_BOOL, 0, {.truth = true}}},
        {"no", {LCAP_CELL_BOOL, 0, {.truth = false}}},
        {"none", {LCAP_CELL_EMPTY, 0, {0}}},
        {"n", {LCAP_CELL_SERIES, 5, {.text = "60 -3"}}},
    };
    struct fixture f;
    struct lcap_cell cells[COUNT_OF(all)];
    begin_xlsx(&f);
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        add_column(&f, all[i].name, all[i].cell.kind);
        cells[i] = all[i].cell;
    }
    write_table("t", &f.schema, cells, 1);
    check_rows("assert rows[0] == 'sample_id u above most i below least r nan inf seconds yes no "
               "none n'.split()\n"
               "assert rows[1] == ['7', 2**53, str(2**53 + 1), str(2**64 - 1), -2**53,\n"
               "    str(-2**53 - 1), str(-2**63), 0.125, None, None, 1.5, True, False, None, "
               "'60 -3']\n"
               "assert rows[1][11] is True and len(rows) == 2");
}

/*
 * Control characters as ST_Xstring of ECMA-376 part 1 has them, and text that
 * looks so; openpyxl hands such escapes on as they are, so they are undone here.
 */
static void texts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
    } all[] = {{"<&>\"'", 5},
               {" spaces ", 8},
               {"two\nlines\tand", 13},
               {"\x01\x1f\r\x7f", 4},
               {"h\xC3\xA9llo \xF0\x9F\x98\x80", 11},
               {"a\0b", 3},
               {"\xEF\xBF\xBE\xEF\xBF\xBF\xEF\xBF\xBD", 9},
               {"a\xFF\xC3z", 4},
               {"_x0041_", 7},
               {"_x0041_x00e9_", 13},
               {"_x004g_ _x41_ _x0041", 20},
               {"=1+1", 4},
               {"", 0}};
    struct fixture f;
    struct lcap_cell cells[COUNT_OF(all)];
    begin_xlsx(&f);
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        add_column(&f, "a<&_x0041_", LCAP_CELL_TEXT);
        cells[i] = of_bytes(LCAP_CELL_TEXT, all[i].text, all[i].len);
    }
    write_table("t", &f.schema, cells, 1);
    check_rows(
        "import re\n"
        "undo = lambda s: re.sub('_x([0-9A-Fa-f]{4})_', lambda m: chr(int(m[1], 16)), s)\n"
        "assert [undo(s) if s else s for s in rows[1]] == ['<&>\"\\'', ' spaces ', "
        "'two\\nlines\\tand',\n"
        "    '\\x01\\x1f\\r\\x7f', 'h\\xe9llo \\U0001f600', 'a\\ufffdb', '\\ufffd' * 3,\n"
        "    'a\\ufffd\\ufffdz', '_x0041_', '_x0041_x00e9_', '_x004g_ _x41_ _x0041', '=1+1',\n"
        "    None], rows[1]\n"
        "assert set(map(undo, rows[0])) == {'a<&_x0041_'}");
}

static void assert_text_of(size_t characters, const char *character, const char *expected)
{
    struct fixture f;
    begin_xlsx(&f);
    add_column(&f, "n", LCAP_CELL_UNSIGNED);
    add_column(&f, "long", LCAP_CELL_TEXT);
    struct buffer text = {0};
    for (size_t i = 0; i < characters; i++)
        assert_int_equal(buffer_append_text(&text, character, NULL), 0);
    const struct lcap_cell cells[] = {of_unsigned(1),
                                      of_bytes(LCAP_CELL_TEXT, (const char *)text.data, text.len)};
    struct lcap_error error = {0};
    struct table *table = open_well("t", &f.schema, &overwriting);
    int rc = write_until_failure(table, &f.schema, cells, 1, &error);
    assert_string_equal(error.text, expected);
    assert_int_equal(rc, expected[0] ? LCAP_ERR_ARGUMENT : 0);
    buffer_release(&text);
}

static void long_texts(void **state)
{
    (void)state;
#define TOO_LONG(n)                                                                                \
    "t: row 1, column long: text of " n " characters, but an XLSX cell can hold at most 32767"
    assert_text_of(32767, "x", "");
    check_rows("assert rows[1] == [1, 'x' * 32767]");
    assert_text_of(32767, "\xE2\x82\xAC", "");
    assert_text_of(16383, "\xF0\x9F\x98\x80", "");
    assert_text_of(32768, "x", TOO_LONG("32768"));
    assert_text_of(16384, "\xF0\x9F\x98\x80", TOO_LONG("32768"));
    check_rows("assert rows[1] == [1, '\\U0001f600' * 16383]"); /* as it was */
}

static void same_bytes_in_any_cut(void **state)
{
    (void)state;
    struct fixture f;
    begin_xlsx(&f);
    add_column(&f, "a", LCAP_CELL_UNSIGNED);
    add_column(&f, "b", LCAP_CELL_TEXT);
    struct lcap_cell cells[40];
    for (size_t i = 0; i < 20; i++) {
        cells[2 * i] = of_unsigned(i);
        cells[2 * i + 1] = of_bytes(LCAP_CELL_TEXT, "abcdefghijklmnopqrst", i);
    }
    write_table("whole", &f.schema, cells, 20);
    struct bytes whole = slurp("whole");
    for (size_t step = 1; step < 80; step += 13) {
        write_cut("t", &f.schema, &overwriting, cells, 20, step);
        assert_file_holds("t", whole.data, whole.len);
    }
    free(whole.data);
    check_rows("assert rows[1:] == [[i, 'abcdefghijklmnopqrst'[:i] or None] for i in range(20)]");
}

#define SHEET_ROWS 1048576

static void full_sheets(void **state)
{
    (void)state;
    static const struct table_options split = {.split = true};
    struct fixture f;
    begin_xlsx(&f);
    add_column(&f, "a", LCAP_CELL_UNSIGNED);
    const struct lcap_cell cell = of_unsigned(1);
    size_t files = entries_of(".");
    struct lcap_error error = {0};

    struct table *table = open_well("d.1/many.xlsx", &f.schema, NULL);
    assert_int_equal(write_until_failure(table, &f.schema, &cell, SHEET_ROWS, &error),
                     LCAP_ERR_ARGUMENT);
    assert_string_equal(error.text,
                        "d.1/many.xlsx: more rows than the 1048576 that an XLSX sheet can hold: "
                        "use --xlsx-split, csv or sqlite");
    assert_int_equal(entries_of("d.1"), 0);

    lcap_error_clear(&error);
    table = open_well("d.1/many.xlsx", &f.schema, &split);
    assert_int_equal(write_until_failure(table, &f.schema, &cell, SHEET_ROWS, &error), 0);
    assert_int_equal(entries_of("d.1"), 2);
    run("mv d.1/many-2.xlsx t");
    check_rows("assert rows == [['a'], [1]]");
    run("/usr/bin/python3 -c \"import zipfile, re; "
        "xml = zipfile.ZipFile('d.1/many.xlsx').read('xl/worksheets/sheet1.xml'); "
        "assert xml.count(b'<row ') == 1048576, xml.count(b'<row ')\"");

    /* The second file is there: it is not replaced, and the first not begun. */
    spill("d.1/many-2.xlsx", "before", 6);
    run("rm d.1/many.xlsx");
    assert_refused("d.1/many.xlsx", &f.schema, &split,
                   "d.1/many-2.xlsx: already exists (use -f to replace it)");
    assert_int_equal(entries_of("d.1"), 1);

    /* The third one is: the first, which is complete by then, stays. */
    run("mv d.1/many-2.xlsx d.1/many-3.xlsx");
    table = open_well("d.1/many.xlsx", &f.schema, &split);
    assert_int_equal(write_until_failure(table, &f.schema, &cell, SHEET_ROWS, &error), LCAP_ERR_IO);
    assert_string_equal(error.text, "d.1/many-3.xlsx: already exists (use -f to replace it)");
    assert_int_equal(entries_of("d.1"), 2);
    run("/usr/bin/python3 -c \"import zipfile; "
        "assert zipfile.ZipFile('d.1/many.xlsx').testzip() is None\"");
    run("rm t d.1/many.xlsx d.1/many-3.xlsx check.py");
    assert_in_range(entries_of("."), 0, files);
}

static void what_is_refused(void **state)
{
    (void)state;
    static const struct table_options sheet = {.name = "a/b"};
    static const struct lcap_column *many[16385];
    struct fixture f;
    begin_xlsx(&f);
    add_column(&f, "a", LCAP_CELL_UNSIGNED);
    assert_refused("-", &f.schema, NULL, "-: XLSX needs a file, not a pipe or a device");
    assert_refused("/dev/full", &f.schema, &overwriting,
                   "/dev/full: XLSX needs a file, not a pipe or a device");
    assert_refused("new", &f.schema, &sheet,
                   "new: libxlsxwriter: Worksheet name cannot contain invalid characters: '[ ] : "
                   "* ? / \\'");
    for (size_t i = 0; i < COUNT_OF(many); i++)
        many[i] = &f.columns[0];
    f.schema.columns = many;
    f.schema.count = COUNT_OF(many);
    assert_refused("new", &f.schema, NULL,
                   "new: 16385 columns, but an XLSX sheet has at most 16384");
    assert_int_equal(access("new", F_OK), -1);
}

static void without_libxlsxwriter(void **state)
{
    (void)state;
    struct fixture f;
    begin_xlsx(&f);
    add_column(&f, "a", LCAP_CELL_UNSIGNED);
    instead = "libnowhere.so";
    assert_refused("new", &f.schema, NULL,
                   "cannot load libxlsxwriter to write XLSX: libnowhere.so: cannot open shared "
                   "object file: No such file or directory (Debian's package is libxlsxwriter4; "
                   "other formats do not need it)");
    instead = NULL;
    assert_int_equal(access("new", F_OK), -1);
}

/* A child may write no more than so many bytes to a file; 0 when it says that all went well. */
static int write_limited(const struct table_schema *schema, const struct lcap_cell *cell,
                         size_t rows, size_t limit)
{
    pid_t child = fork();
    if (child == 0) {
        struct lcap_error error = {0};
        const struct rlimit bytes = {limit, limit};
        struct table *table = NULL;
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &bytes);
        int rc = table_open(&table, "full", schema, NULL, &error);
        if (rc == 0)
            rc = write_until_failure(table, schema, cell, rows, &error);
        _exit(rc == 0 ? 0 : rc == LCAP_ERR_IO && error.text[0] ? 1 : 2);
    }
    int status = wait_for(child);
    assert_true(WIFEXITED(status));
    assert_in_range(WEXITSTATUS(status), 0, 1);
    return WEXITSTATUS(status);
}

/* Whichever of the temporary files has no room: all of the workbook is there, or an error. */
static void no_room(void **state)
{
    (void)state;
    enum { ROWS = 400 };
    struct fixture f;
    begin_xlsx(&f);
    add_column(&f, "a", LCAP_CELL_UNSIGNED);
    const struct lcap_cell cell = of_unsigned(123456789);
    size_t files = entries_of(".");
    size_t done = 0, failed = 0;
    assert_int_equal(write_limited(&f.schema, &cell, ROWS, 1 << 20), 0);
    run("mv full all");
    struct bytes whole = slurp("all");
    for (size_t limit = 1; limit < 100000; limit += limit < 30000 ? 701 : 5001) {
        if (write_limited(&f.schema, &cell, ROWS, limit) == 0) {
            assert_file_holds("full", whole.data, whole.len);
            run("rm full");
            done++;
        } else {
            failed++;
        }
        assert_int_equal(entries_of("."), files + 1);
    }
    assert_true(done > 0 && failed > 10);
    free(whole.data);
    run("rm all");
}

static int enter(void **state)
{
    int rc = scratch_enter(state);
    return rc == 0 ? mkdir("d.1", 0777) : rc;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_libxlsxwriter), /* before it is loaded */
        cmocka_unit_test(numbers),
        cmocka_unit_test(texts),
        cmocka_unit_test(long_texts),
        cmocka_unit_test(same_bytes_in_any_cut),
        cmocka_unit_test(full_sheets),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(no_room),
    };
    return cmocka_run_group_tests(tests, enter, scratch_leave);
}
