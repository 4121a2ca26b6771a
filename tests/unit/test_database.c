/* The way to open SQLite: what may be done, what an unknown file cannot do, and failures. */
#include "scratch.h"

#include "base/io/database.h"
#include "missing_library.h"

static void open_well(struct database *db, const char *path, enum database_use use)
{
    struct lcap_error error = {0};
    if (database_open(db, path, path, use, &error) < 0)
        fail_msg("%s", error.text);
}

static void execute_well(const struct database *db, const char *sql)
{
    struct lcap_error error = {0};
    if (database_execute(db, sql, &error) < 0)
        fail_msg("%s", error.text);
}

static int64_t ask(const struct database *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    assert_int_equal(database_prepare(db, sql, &statement, NULL), LCAP_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    const int64_t answer = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return answer;
}

static void build(const char *path)
{
    struct database db;
    spill(path, "", 0);
    open_well(&db, path, DATABASE_BUILD);
    execute_well(&db, "CREATE TABLE t(a); INSERT INTO t VALUES(7)");
    database_close(&db);
}

static void without_sqlite(void **state)
{
    (void)state;
    struct lcap_error error = {0};
    struct database db;
    instead = "libnowhere.so";
    assert_int_equal(database_open(&db, "none", "none", DATABASE_READ, &error), LCAP_ERR_IO);
    assert_string_equal(
        error.text, "cannot load SQLite for catalogues and databases: libnowhere.so: cannot open "
                    "shared object file: No such file or directory (Debian's package is "
                    "libsqlite3-0)");
    database_finalize(NULL);
    database_close(&db);
    instead = NULL;
}

static void builds_edits_and_reads(void **state)
{
    (void)state;
    struct lcap_error error = {0};
    struct database db;
    build("built");
    open_well(&db, "built", DATABASE_EDIT);
    execute_well(&db, "BEGIN; INSERT INTO t VALUES(8); COMMIT; BEGIN; INSERT INTO t VALUES(9)");
    database_close(&db); /* takes the last one back */
    open_well(&db, "built", DATABASE_READ);
    assert_int_equal(ask(&db, "SELECT sum(a) FROM t"), 15);
    assert_int_equal(database_execute(&db, "DELETE FROM t", &error), LCAP_ERR_IO);
    assert_string_equal(error.text, "built: SQLite: attempt to write a readonly database");
    database_close(&db);
    assert_int_equal(entries_of("."), 1); /* no journal is left */
}

/* A function that may have side effects, such as those that programs register. */
static void act(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    (void)values;
    ++*(int *)sqlite3_user_data(context);
}

static void schema_has_no_side_effects(void **state)
{
    (void)state;
    static const enum database_use uses[] = {DATABASE_READ, DATABASE_EDIT};
    struct database db;
    build("crafted");
    open_well(&db, "crafted", DATABASE_EDIT);
    execute_well(&db, "CREATE VIEW v AS SELECT act() FROM t");
    database_close(&db);
    for (size_t i = 0; i < COUNT_OF(uses); i++) {
        int acted = 0;
        open_well(&db, "crafted", uses[i]);
        assert_int_equal(ask(&db, "PRAGMA cell_size_check"), 1);
        assert_int_equal(
            sqlite3_create_function(db.handle, "act", 0, SQLITE_UTF8, &acted, act, NULL, NULL),
            SQLITE_OK);
        assert_true(database_execute(&db, "SELECT * FROM v", NULL) < 0);
        assert_int_equal(acted, 0);
        execute_well(&db, "SELECT act()");
        assert_int_equal(acted, 1);
        database_close(&db);
    }
}

static void expect_failure(const char *path, const char *text)
{
    struct lcap_error error = {0};
    struct database db;
    int rc = database_open(&db, path, "name", DATABASE_READ, &error);
    if (rc == LCAP_OK)
        rc = database_execute(&db, "SELECT * FROM sqlite_schema", &error);
    database_close(&db);
    assert_int_equal(rc, LCAP_ERR_IO);
    assert_string_equal(error.text, text);
}

static void failures_are_told(void **state)
{
    (void)state;
    spill("text", "this is no database, but it is long enough to be asked", 54);
    expect_failure("text", "name: SQLite: file is not a database");
    expect_failure("none", "name: SQLite: unable to open database file");
    expect_failure(":memory:", "name: SQLite: unable to open database file");
    expect_failure("file:text", "name: SQLite: unable to open database file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_sqlite), /* before it is loaded */
        cmocka_unit_test(builds_edits_and_reads),
        cmocka_unit_test(schema_has_no_side_effects),
        cmocka_unit_test(failures_are_told),
    };
    return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}
