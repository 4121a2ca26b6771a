/*
 * SQLite. The rows go to a new file under a temporary name, without a journal, because
 * there is no earlier state to restore. Rows for an existing table are gathered in such
 * a file, too, and copied by one transaction at the end: all come, or none, and others
 * may use the table meanwhile.
 */
#include "base/io/database.h"
#include "base/io/target.h"
#include "base/io/tempfile.h"
#include "base/memory.h"
#include "table/table_cells.h"
#include "table/table_internal.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct sqlite_table {
    struct table base;
    const struct table_schema *schema;
    char *path;
    char *name;           /* of the table */
    struct target target; /* of the new file */
    bool merges;          /* its rows go to the existing file in the end */
    struct buffer words;  /* about that, if a signal ends the run before */
    struct database db;   /* the new file */
    sqlite3_stmt *insert;
    struct cells_feed feed;
    uint64_t rows;
};

static const char *type_of(const struct lcap_column *column)
{
    switch (column->kind) {
    case LCAP_CELL_UNSIGNED: /* SQLite's integers have 63 bits and a sign */
        return cells_are_sample_ids(column) ? "TEXT" : "INTEGER";
    case LCAP_CELL_SIGNED:
    case LCAP_CELL_BOOL:
        return "INTEGER";
    case LCAP_CELL_REAL:
    case LCAP_CELL_EXACT:
    case LCAP_CELL_SECONDS:
        return "REAL";
    case LCAP_CELL_EMPTY:
    case LCAP_CELL_TEXT:
    case LCAP_CELL_SERIES:
    case LCAP_CELL_NESTED:
    case LCAP_CELL_JSON:
        break;
    }
    return "TEXT";
}

/* Runs the statement in `sql` and releases it. */
static int execute_gathered(const struct database *db, sqlite3_str *sql, struct lcap_error *error)
{
    char *text = sqlite.str_finish(sql);
    int rc = text ? database_execute(db, text, error)
                  : lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory: an SQL statement");
    sqlite.free(text);
    return rc;
}

static int create(const struct sqlite_table *t, const struct database *db, struct lcap_error *error)
{
    sqlite3_str *sql = sqlite.str_new(db->handle);
    sqlite.str_appendf(sql, "CREATE TABLE main.\"%w\" (", t->name);
    for (size_t i = 0; i < t->schema->count; i++)
        sqlite.str_appendf(sql, "%s\"%w\" %s", i > 0 ? ", " : "", t->schema->columns[i]->name,
                           type_of(t->schema->columns[i]));
    sqlite.str_appendall(sql, ")");
    return execute_gathered(db, sql, error);
}

static int prepare_insert(struct sqlite_table *t, struct lcap_error *error)
{
    sqlite3_str *sql = sqlite.str_new(t->db.handle);
    sqlite.str_appendf(sql, "INSERT INTO \"%w\" VALUES (?", t->name);
    for (size_t i = 1; i < t->schema->count; i++)
        sqlite.str_appendall(sql, ",?");
    sqlite.str_appendall(sql, ")");
    char *text = sqlite.str_finish(sql);
    int rc = text ? database_prepare(&t->db, text, &t->insert, error)
                  : lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory: an SQL statement");
    sqlite.free(text);
    return rc;
}

static int other_columns(const struct sqlite_table *t, const char *there, const char *here,
                         size_t column, struct lcap_error *error)
{
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "%s: table '%s' has other columns: column %zu is %s there, %s here",
                          t->path, t->name, column + 1, there, here);
}

/* "name TYPE" of column `i`, or "none". Freed with sqlite3_free(). */
static char *describe(const struct table_schema *schema, size_t i)
{
    if (i >= schema->count)
        return sqlite.mprintf("none");
    return sqlite.mprintf("%s %s", schema->columns[i]->name, type_of(schema->columns[i]));
}

/* `statement` returns "name TYPE" of the existing columns, in order. */
static int compare_columns(const struct sqlite_table *t, const struct database *db,
                           sqlite3_stmt *statement, bool *exists, struct lcap_error *error)
{
    int rc = LCAP_OK;
    *exists = false;
    for (size_t i = 0; rc == LCAP_OK; i++) {
        int step = sqlite.step(statement);
        if (step != SQLITE_ROW && step != SQLITE_DONE)
            return database_failure(db, error);
        if (step == SQLITE_DONE && (i == 0 || i == t->schema->count))
            return LCAP_OK;
        *exists = true;
        const char *text =
            step == SQLITE_ROW ? (const char *)sqlite.column_text(statement, 0) : "none";
        char *here = describe(t->schema, i);
        if (!text || !here)
            rc = lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory: a column name");
        else if (strcmp(text, here) != 0)
            rc = other_columns(t, text, here, i, error);
        sqlite.free(here);
    }
    return rc;
}

/* Whether the table exists; if it does, checks that it has our columns. */
static int check_existing(const struct sqlite_table *t, const struct database *db, bool *exists,
                          struct lcap_error *error)
{
    sqlite3_stmt *statement = NULL;
    int rc = database_prepare(
        db, "SELECT name || ' ' || type FROM pragma_table_info(?, 'main') ORDER BY cid", &statement,
        error);
    if (rc == LCAP_OK && sqlite.bind_text(statement, 1, t->name, -1, SQLITE_STATIC) != SQLITE_OK)
        rc = database_failure(db, error);
    if (rc == LCAP_OK)
        rc = compare_columns(t, db, statement, exists, error);
    database_finalize(statement);
    return rc;
}

static int open_new(struct sqlite_table *t, const struct table_options *options,
                    struct lcap_error *error)
{
    int rc = target_open(&t->target, t->path, options->overwrite || t->merges, false, error);
    t->target.no_sync = options->no_sync;
    if (rc == LCAP_OK)
        rc = database_open(&t->db, t->target.temporary, t->path, DATABASE_BUILD, error);
    if (rc == LCAP_OK)
        rc = create(t, &t->db, error);
    return rc == LCAP_OK ? database_execute(&t->db, "BEGIN", error) : rc;
}

/* ---- adding to an existing file ---- */

static int close_database(struct database *db, struct lcap_error *error)
{
    if (sqlite.close(db->handle) != SQLITE_OK)
        return database_failure(db, error);
    db->handle = NULL;
    return LCAP_OK;
}

/* What would keep us from adding rows is told before they are computed. */
static int try_existing(const struct sqlite_table *t, struct lcap_error *error)
{
    struct database db;
    bool exists;
    int rc = database_open(&db, t->path, t->path, DATABASE_EDIT, error);
    if (rc == LCAP_OK)
        rc = database_execute(&db, "BEGIN IMMEDIATE", error);
    if (rc == LCAP_OK)
        rc = check_existing(t, &db, &exists, error);
    database_close(&db); /* rolls back */
    return rc;
}

static int copy_rows(const struct sqlite_table *t, const struct database *db,
                     struct lcap_error *error)
{
    bool exists;
    int rc = database_execute(db, "BEGIN IMMEDIATE", error);
    if (rc == LCAP_OK)
        rc = check_existing(t, db, &exists, error);
    if (rc == LCAP_OK && !exists)
        rc = create(t, db, error);
    if (rc < 0)
        return rc;
    sqlite3_str *sql = sqlite.str_new(db->handle);
    sqlite.str_appendf(sql, "INSERT INTO main.\"%w\" SELECT * FROM run.\"%w\"", t->name, t->name);
    rc = execute_gathered(db, sql, error);
    tempfile_last_words(NULL); /* from here on, a signal may come too late */
    return rc == LCAP_OK ? database_execute(db, "COMMIT", error) : rc;
}

/* All rows or none. */
static int merge(const struct sqlite_table *t, struct lcap_error *error)
{
    struct database db;
    struct lcap_error failure = {0};
    int rc = database_open(&db, t->path, t->path, DATABASE_EDIT, &failure);
    if (rc == LCAP_OK)
        rc = database_attach(&db, t->target.temporary, "run", &failure);
    if (rc == LCAP_OK)
        rc = copy_rows(t, &db, &failure);
    database_close(&db);
    return rc == LCAP_OK ? rc : lcap_error_set(error, rc, "%s (no row was added)", failure.text);
}

static int leave_word(struct sqlite_table *t, struct lcap_error *error)
{
    int rc = buffer_printf(&t->words, error, "labelcap: interrupted: no row was added to %s\n%c",
                           t->path, '\0');
    if (rc == LCAP_OK)
        tempfile_last_words((const char *)t->words.data);
    return rc;
}

/* ---- the table ---- */

static void release(struct sqlite_table *t)
{
    database_finalize(t->insert);
    database_close(&t->db);
    if (t->target.name)
        target_discard(&t->target);
    if (t->merges)
        tempfile_last_words(NULL);
    buffer_release(&t->words);
    cells_feed_release(&t->feed);
    free(t->name);
    free(t->path);
    free(t);
}

static int open_file(struct sqlite_table *t, const struct table_options *options,
                     struct lcap_error *error)
{
    struct stat st;
    if (target_is_stream(t->path))
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s: SQLite needs a file, not a pipe or a device", t->path);
    t->merges = options->append && stat(t->path, &st) == 0;
    int rc = t->merges ? try_existing(t, error) : LCAP_OK;
    if (rc == LCAP_OK)
        rc = open_new(t, options, error);
    if (rc == LCAP_OK && t->merges)
        rc = leave_word(t, error);
    return rc == LCAP_OK ? prepare_insert(t, error) : rc;
}

static int open_sqlite(struct table **table, const char *path, const struct table_schema *schema,
                       const struct table_options *options, struct lcap_error *error)
{
    const char *name = options->name ? options->name : TABLE_DEFAULT_NAME;
    struct sqlite_table *t = memory_new(1, sizeof *t, error);
    if (!t)
        return LCAP_ERR_MEMORY;
    t->schema = schema;
    t->path = memory_copy_text(path, strlen(path), error);
    t->name = memory_copy_text(name, strlen(name), error);
    int rc = t->path && t->name ? open_file(t, options, error) : LCAP_ERR_MEMORY;
    if (rc < 0)
        release(t);
    else
        *table = &t->base;
    return rc;
}

static int too_large(const struct sqlite_table *t, int column, uint64_t value,
                     struct lcap_error *error)
{
    /* Text would not help: an INTEGER column turns it into an inexact REAL. */
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "%s: row %" PRIu64 ", column %s: %" PRIu64
                          " is above 2^63-1, the largest integer of SQLite",
                          t->path, t->rows + 1, t->schema->columns[column]->name, value);
}

static int bind(struct sqlite_table *t, int column, const struct cell_view *cell,
                struct lcap_error *error)
{
    int rc = SQLITE_OK;
    int place = column + 1;
    switch (cell->form) {
    case FORM_NOTHING:
        rc = sqlite.bind_null(t->insert, place);
        break;
    case FORM_UNSIGNED:
        if (cell->value.u > INT64_MAX)
            return too_large(t, column, cell->value.u, error);
        rc = sqlite.bind_int64(t->insert, place, (int64_t)cell->value.u);
        break;
    case FORM_SIGNED:
    case FORM_BOOL:
        rc = sqlite.bind_int64(t->insert, place, cell->value.i);
        break;
    case FORM_REAL:
        rc = sqlite.bind_double(t->insert, place, cell->value.real);
        break;
    case FORM_TEXT:
        rc = sqlite.bind_text64(t->insert, place, cell->value.text, cell->text_len, SQLITE_STATIC,
                                SQLITE_UTF8);
        break;
    }
    return rc == SQLITE_OK ? LCAP_OK : database_failure(&t->db, error);
}

static int insert_row(void *context, const uint8_t *cells, struct lcap_error *error)
{
    struct sqlite_table *t = context;
    int rc = LCAP_OK;
    for (size_t i = 0; i < t->schema->count && rc == LCAP_OK; i++) {
        struct cell_view cell;
        cells = cells_next(cells, &cell);
        rc = bind(t, (int)i, &cell, error);
    }
    if (rc < 0)
        return rc;
    int step = sqlite.step(t->insert);
    if (step != SQLITE_DONE)
        rc = database_failure(&t->db, error);
    sqlite.reset(t->insert);
    t->rows++;
    return rc;
}

static int append(struct table *table, const uint8_t *encoded, size_t len, struct lcap_error *error)
{
    struct sqlite_table *t = (struct sqlite_table *)table;
    return cells_feed(&t->feed, encoded, len, insert_row, t, error);
}

static int close_sqlite(struct table *table, struct lcap_error *error)
{
    struct sqlite_table *t = (struct sqlite_table *)table;
    int rc = database_execute(&t->db, "COMMIT", error);
    database_finalize(t->insert);
    t->insert = NULL;
    if (rc == LCAP_OK)
        rc = close_database(&t->db, error);
    if (rc == LCAP_OK)
        rc = t->merges ? merge(t, error) : target_finish(&t->target, error);
    release(t);
    return rc;
}

static void discard(struct table *table)
{
    release((struct sqlite_table *)table);
}

const struct table_class table_sqlite = {
    .name = "sqlite",
    .suffixes = {".sqlite", ".db"},
    .by_suffix = true,
    .appends = true,
    .encode = cells_encode,
    .open = open_sqlite,
    .append = append,
    .close = close_sqlite,
    .discard = discard,
};
