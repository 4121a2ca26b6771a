/* SQLite tables, read back by SQLite. */
#include "table_fixture.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>

/* What a query of one value gives, "NULL" for none. Good until the next call. */
static const char *ask(const char *path, const char *sql)
{
    static char answer[400];
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    const unsigned char *text = sqlite3_column_text(statement, 0);
    snprintf(answer, sizeof answer, "%s", text ? (const char *)text : "NULL");
    assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
    sqlite3_finalize(statement);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return answer;
}

static void change(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void begin_sqlite(struct fixture *f)
{
    *f = (struct fixture){.schema = {.format = &table_sqlite}};
}

static void types_and_values(void **state)
{
    (void)state;
    static const struct {
        const char *name, *type;
        struct lcap_cell cell;
        const char *value; /* as quote() has it */
    } all[] = {
        {"sample_id", "TEXT", {LCAP_CELL_UNSIGNED, 0, {.u = UINT64_MAX}}, "'18446744073709551615'"},
        {"u", "INTEGER", {LCAP_CELL_UNSIGNED, 0, {.u = INT64_MAX}}, "9223372036854775807"},
        {"i", "INTEGER", {LCAP_CELL_SIGNED, 0, {.i = INT64_MIN}}, "-9223372036854775808"},
        {"r", "REAL", {LCAP_CELL_REAL, 0, {.real = 0.1}}, "0.1"},
        {"whole", "REAL", {LCAP_CELL_REAL, 0, {.real = 3}}, "3.0"},
        {"nan", "REAL", {LCAP_CELL_REAL, 0, {.real = NAN}}, "NULL"},
        {"inf", "REAL", {LCAP_CELL_REAL, 0, {.real = INFINITY}}, "NULL"},
        {"x", "REAL", {LCAP_CELL_EXACT, 0, {.real = 1e300}}, "1.0e+300"},
        {"seconds", "REAL", {LCAP_CELL_SECONDS, 0, {.i = -1500000001}}, "-1.500000001"},
        {"yes", "INTEGER", {LCAP_CELL_BOOL, 0, {.truth = true}}, "1"},
        {"no", "INTEGER", {LCAP_CELL_BOOL, 0, {.truth = false}}, "0"},
        {"digits", "TEXT", {LCAP_CELL_TEXT, 3, {.text = "007"}}, "'007'"},
        {"bad", "TEXT", {LCAP_CELL_TEXT, 3, {.text = "a\xFFz"}}, "'a\xEF\xBF\xBDz'"},
        {"n", "TEXT", {LCAP_CELL_SERIES, 5, {.text = "60 -3"}}, "'60 -3'"},
        {"m", "TEXT", {LCAP_CELL_NESTED, 7, {.text = "60 1;-3"}}, "'60 1;-3'"},
        {"empty", "TEXT", {LCAP_CELL_TEXT, 0, {.text = NULL}}, "''"},
        {"none", "TEXT", {LCAP_CELL_EMPTY, 0, {0}}, "NULL"},
        {"order \"by\"", "INTEGER", {LCAP_CELL_UNSIGNED, 0, {.u = 1}}, "1"},
    };
    struct fixture f;
    struct lcap_cell cells[COUNT_OF(all)];
    begin_sqlite(&f);
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        enum lcap_cell_kind kind = all[i].cell.kind;
        add_column(&f, all[i].name, kind == LCAP_CELL_EMPTY ? LCAP_CELL_TEXT : kind);
        cells[i] = all[i].cell;
    }
    write_table("t", &f.schema, cells, 1);
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        char sql[100];
        snprintf(sql, sizeof sql, "SELECT name FROM pragma_table_info('flows') WHERE cid=%zu", i);
        assert_string_equal(ask("t", sql), all[i].name);
        snprintf(sql, sizeof sql, "SELECT type FROM pragma_table_info('flows') WHERE cid=%zu", i);
        assert_string_equal(ask("t", sql), all[i].type);
        if (all[i].name[0] != 'o')
            snprintf(sql, sizeof sql, "SELECT quote(\"%s\") FROM flows", all[i].name);
        else
            snprintf(sql, sizeof sql, "SELECT \"order \"\"by\"\"\" FROM flows");
        assert_string_equal(ask("t", sql), all[i].value);
    }
}

/* Bytes below NUL, which quote() does not show. */
static void text_with_a_nul(void **state)
{
    (void)state;
    struct fixture f;
    begin_sqlite(&f);
    add_column(&f, "t", LCAP_CELL_TEXT);
    const struct lcap_cell cell = of_bytes(LCAP_CELL_TEXT, "a\0b", 3);
    write_table("t", &f.schema, &cell, 1);
    assert_string_equal(ask("t", "SELECT hex(t) FROM flows"), "610062");
}

static void many_rows_in_any_cut(void **state)
{
    (void)state;
    enum { ROWS = 12345 };
    struct fixture f;
    begin_sqlite(&f);
    add_column(&f, "a", LCAP_CELL_UNSIGNED);
    add_column(&f, "b", LCAP_CELL_TEXT);
    struct lcap_cell *cells = calloc(ROWS, 2 * sizeof *cells);
    assert_non_null(cells);
    for (size_t i = 0; i < ROWS; i++) {
        cells[2 * i] = of_unsigned(i);
        cells[2 * i + 1] = of_bytes(LCAP_CELL_TEXT, "abcdefghijklmnopqrstuvwxyz", i % 27);
    }
    for (size_t step = 0; step < 60; step += 13) {
        write_cut("t", &f.schema, &overwriting, cells, ROWS, step);
        assert_string_equal(ask("t", "SELECT count(*) || ' ' || sum(a) || ' ' || sum(length(b)) "
                                     "FROM flows WHERE a = rowid - 1 AND length(b) = a % 27"),
                            "12345 76193340 160422");
        assert_string_equal(ask("t", "PRAGMA integrity_check"), "ok");
    }
    free(cells);
}

static void adding(void **state)
{
    (void)state;
    static const struct table_options to_flows = {.append = true},
                                      to_other = {.append = true, .name = "oth\"er"};
    struct fixture f;
    begin_sqlite(&f);
    add_column(&f, "a", LCAP_CELL_UNSIGNED);
    add_column(&f, "b", LCAP_CELL_TEXT);
    const struct lcap_cell cells[] = {of_unsigned(1), of_text("x"), of_unsigned(2), of_text("y")};
    size_t files = entries_of(".");
    unlink("added");
    write_cut("added", &f.schema, &to_flows, cells, 2, 0); /* there is no file yet */
    write_cut("added", &f.schema, &to_flows, cells, 2, 0);
    write_cut("added", &f.schema, &to_other, cells, 1, 0); /* there is no such table yet */
    write_cut("added", &f.schema, &to_other, cells, 2, 0);
    write_cut("added", &f.schema, &to_flows, cells, 0, 0);
    assert_string_equal(ask("added", "SELECT group_concat(a || b) FROM flows"), "1x,2y,1x,2y");
    assert_string_equal(ask("added", "SELECT group_concat(a || b) FROM \"oth\"\"er\""), "1x,1x,2y");
    assert_int_equal(entries_of("."), files + 1); /* no journal either */

    change("added", "DELETE FROM flows; PRAGMA journal_mode=WAL");
    write_cut("added", &f.schema, &to_flows, cells, 1, 0);
    assert_string_equal(ask("added", "SELECT group_concat(a || b) FROM flows"), "1x");
    spill("empty", "", 0);
    write_cut("empty", &f.schema, &to_flows, cells, 1, 0);
    assert_string_equal(ask("empty", "SELECT count(*) FROM flows"), "1");
}

/* All rows or none, however many there were. */
static void what_is_dropped_while_adding(void **state)
{
    (void)state;
    enum { ROWS = 50001 };
    static const struct table_options append = {.append = true};
    struct fixture f;
    begin_sqlite(&f);
    add_column(&f, "a", LCAP_CELL_UNSIGNED);
    const struct lcap_cell cell = of_unsigned(1);
    write_table("dropped", &f.schema, &cell, 1);
    struct table *table = open_well("dropped", &f.schema, &append);
    struct table_encoder encoder = {.schema = &f.schema};
    for (int i = 0; i < ROWS; i++)
        encode_well(&encoder, &cell);
    append_well(table, encoder.buffer.data, encoder.buffer.len);
    assert_string_equal(ask("dropped", "SELECT count(*) FROM flows"), "1");
    change("dropped", "INSERT INTO flows VALUES (7)"); /* nothing locks it meanwhile */
    table_discard(table);
    assert_string_equal(ask("dropped", "SELECT count(*) FROM flows"), "2");

    table = open_well("dropped", &f.schema, &append);
    append_well(table, encoder.buffer.data, encoder.buffer.len);
    assert_int_equal(table_close(table, NULL), 0);
    assert_string_equal(ask("dropped", "SELECT count(*) FROM flows"), "50003");
    buffer_release(&encoder.buffer);
}

/* The table changed while the rows were computed. */
static void other_columns_in_the_end(void **state)
{
    (void)state;
    static const struct table_options append = {.append = true};
    struct lcap_error error = {0};
    struct fixture f;
    begin_sqlite(&f);
    add_column(&f, "a", LCAP_CELL_UNSIGNED);
    const struct lcap_cell cell = of_unsigned(1);
    write_table("late", &f.schema, &cell, 1);
    struct table *table = open_well("late", &f.schema, &append);
    change("late", "ALTER TABLE flows ADD COLUMN b REAL");
    assert_int_equal(table_close(table, &error), LCAP_ERR_ARGUMENT);
    assert_string_equal(error.text, "late: table 'flows' has other columns: column 2 is b REAL "
                                    "there, none here (no row was added)");
}

static void other_columns(void **state)
{
    (void)state;
    static const struct table_options append = {.append = true};
    struct fixture f, other;
    begin_sqlite(&f);
    add_column(&f, "a", LCAP_CELL_UNSIGNED);
    add_column(&f, "b", LCAP_CELL_TEXT);
    write_table("t", &f.schema, NULL, 0);
#define OTHER "t: table 'flows' has other columns: column "
    begin_sqlite(&other);
    add_column(&other, "a", LCAP_CELL_UNSIGNED);
    assert_refused("t", &other.schema, &append, OTHER "2 is b TEXT there, none here");
    add_column(&other, "B", LCAP_CELL_TEXT);
    assert_refused("t", &other.schema, &append, OTHER "2 is b TEXT there, B TEXT here");
    other.columns[1] = (struct lcap_column){.name = "b", .kind = LCAP_CELL_REAL};
    assert_refused("t", &other.schema, &append, OTHER "2 is b TEXT there, b REAL here");
    other.columns[1].kind = LCAP_CELL_SERIES;
    add_column(&other, "c", LCAP_CELL_REAL);
    assert_refused("t", &other.schema, &append, OTHER "3 is none there, c REAL here");
    assert_string_equal(ask("t", "SELECT count(*) FROM flows"), "0");
}

static void what_is_refused(void **state)
{
    (void)state;
    static const struct table_options append = {.append = true};
    struct fixture f;
    begin_sqlite(&f);
    add_column(&f, "a", LCAP_CELL_UNSIGNED);
    assert_refused("-", &f.schema, NULL, "-: SQLite needs a file, not a pipe or a device");
    assert_refused("/dev/null", &f.schema, &overwriting,
                   "/dev/null: SQLite needs a file, not a pipe or a device");
    assert_refused(".", &f.schema, &append, ".: SQLite needs a file, not a pipe or a device");
    spill("text", "This is no database at all, but it is long enough.\n", 51);
    assert_refused("text", &f.schema, &append, "text: SQLite: file is not a database");
    assert_file_holds("text", "This is no database at all, but it is long enough.\n", 51);
    add_column(&f, "A", LCAP_CELL_UNSIGNED);
    assert_refused("new", &f.schema, NULL, "new: SQLite: duplicate column name: A");
    assert_int_equal(access("new", F_OK), -1);
}

/* SQLite would make 18446744073709551616.0 of it, text or not. */
static void too_large_for_sqlite(void **state)
{
    (void)state;
    struct fixture f;
    struct lcap_error error = {0};
    begin_sqlite(&f);
    add_column(&f, "a", LCAP_CELL_UNSIGNED);
    const struct lcap_cell cell = of_unsigned((uint64_t)INT64_MAX + 1);
    struct table *table = open_well("t", &f.schema, &overwriting);
    assert_int_equal(write_until_failure(table, &f.schema, &cell, 1, &error), LCAP_ERR_ARGUMENT);
    assert_string_equal(error.text, "t: row 1, column a: 9223372036854775808 is above 2^63-1, the "
                                    "largest integer of SQLite");
}

/* Names that SQLite itself would take for something else. */
static void odd_paths(void **state)
{
    (void)state;
    static const char *const paths[] = {":memory:", "file:x?mode=memory"};
    static const struct table_options append = {.append = true};
    struct fixture f;
    begin_sqlite(&f);
    add_column(&f, "a", LCAP_CELL_UNSIGNED);
    const struct lcap_cell cell = of_unsigned(1);
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        char plain[40];
        snprintf(plain, sizeof plain, "./%s", paths[i]);
        write_cut(paths[i], &f.schema, &append, &cell, 1, 0);
        write_cut(paths[i], &f.schema, &append, &cell, 1, 0);
        assert_string_equal(ask(plain, "SELECT count(*) FROM flows"), "2");
    }
}

/* A child may write no more than 100 kB to a file; the parent sees what is left of it. */
static void no_room(void **state)
{
    (void)state;
    struct fixture f;
    begin_sqlite(&f);
    add_column(&f, "a", LCAP_CELL_TEXT);
    const struct lcap_cell cell = of_text("a text that fills the file in no time");
    write_table("full", &f.schema, &cell, 1);
    size_t files = entries_of(".");
    pid_t child = fork();
    if (child == 0) {
        struct lcap_error error = {0};
        const struct rlimit limit = {100000, 100000};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        struct table *table = NULL;
        if (table_open(&table, "full", &f.schema, &overwriting, &error) < 0)
            _exit(1);
        int rc = write_until_failure(table, &f.schema, &cell, 1000000, &error);
        _exit(rc == LCAP_ERR_IO && strncmp(error.text, "full: SQLite: ", 14) == 0 ? 0 : 2);
    }
    assert_exited_well(child);
    assert_int_equal(entries_of("."), files);
    assert_string_equal(ask("full", "SELECT count(*) FROM flows"), "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_and_values),
        cmocka_unit_test(text_with_a_nul),
        cmocka_unit_test(many_rows_in_any_cut),
        cmocka_unit_test(adding),
        cmocka_unit_test(what_is_dropped_while_adding),
        cmocka_unit_test(other_columns_in_the_end),
        cmocka_unit_test(other_columns),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(too_large_for_sqlite),
        cmocka_unit_test(odd_paths),
        cmocka_unit_test(no_room),
    };
    return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}
