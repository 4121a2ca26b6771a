/* SQLite: opening, and failures. */
#include "base/io/database.h"

#include "base/buffer.h"
#include <ctype.h>
#include <string.h>

/* Another program may be reading or writing the file. */
#define BUSY_MS 10000

/* Of a text or blob that is read: an unknown file may have one that fills the memory. */
#define MAX_READ_BYTES (1 << 20)

int database_failure(const struct database *db, struct lcap_error *error)
{
    int code = sqlite.errcode(db->handle) == SQLITE_NOMEM ? LCAP_ERR_MEMORY : LCAP_ERR_IO;
    return lcap_error_set(error, code, "%s: SQLite: %s", db->name, sqlite.errmsg(db->handle));
}

int database_execute(const struct database *db, const char *sql, struct lcap_error *error)
{
    return sqlite.exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK
               ? LCAP_OK
               : database_failure(db, error);
}

int database_prepare(const struct database *db, const char *sql, sqlite3_stmt **statement,
                     struct lcap_error *error)
{
    return sqlite.prepare_v2(db->handle, sql, -1, statement, NULL) == SQLITE_OK
               ? LCAP_OK
               : database_failure(db, error);
}

/* The path in a form that SQLite cannot mistake for a URI or an in-memory database. */
static int open_path(struct database *db, const char *path, int flags, struct lcap_error *error)
{
    struct buffer plain = {0};
    int rc = sqlite_library_load(error);
    if (rc < 0)
        return rc;
    rc = buffer_printf(&plain, error, "%s%s", path[0] == '/' ? "" : "./", path);
    if (rc < 0)
        return rc;
    /* URIs, which do not begin so, are for database_attach(). */
    flags |= SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI;
    rc = sqlite.open_v2((const char *)plain.data, &db->handle, flags, NULL);
    buffer_release(&plain);
    if (!db->handle)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory: a database");
    return rc == SQLITE_OK ? LCAP_OK : database_failure(db, error);
}

/*
 * https://www.sqlite.org/security.html, "Untrusted SQLite Database Files":
 * functions in the schema of an unknown file have no side effects, and its pages
 * are checked when they are read.
 */
static int distrust(const struct database *db, struct lcap_error *error)
{
    sqlite.busy_timeout(db->handle, BUSY_MS);
    return database_execute(db, "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON", error);
}

int database_open(struct database *db, const char *path, const char *name, enum database_use use,
                  struct lcap_error *error)
{
    *db = (struct database){.name = name};
    int rc = open_path(db, path,
                       use == DATABASE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE, error);
    if (rc < 0)
        return rc;
    if (use == DATABASE_READ)
        sqlite.limit(db->handle, SQLITE_LIMIT_LENGTH, MAX_READ_BYTES);
    if (use != DATABASE_BUILD)
        return distrust(db, error);
    return database_execute(db,
                            "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=OFF; "
                            "PRAGMA synchronous=OFF",
                            error);
}

/* https://www.sqlite.org/uri.html; every byte that may mean something is escaped. */
static int append_uri(struct buffer *uri, const char *path, struct lcap_error *error)
{
    int rc = buffer_append_text(uri, "file:", error);
    for (; *path && rc == LCAP_OK; path++)
        rc = isalnum((unsigned char)*path) || strchr("/._-", *path)
                 ? buffer_append(uri, path, 1, error)
                 : buffer_printf(uri, error, "%%%02x", (unsigned char)*path);
    return rc == LCAP_OK ? buffer_append(uri, "?mode=ro", sizeof "?mode=ro", error) : rc;
}

int database_attach(const struct database *db, const char *path, const char *schema,
                    struct lcap_error *error)
{
    struct buffer uri = {0};
    int rc = append_uri(&uri, path, error);
    char *sql = rc == LCAP_OK ? sqlite.mprintf("ATTACH %Q AS %Q", uri.data, schema) : NULL;
    if (rc == LCAP_OK)
        rc = sql ? database_execute(db, sql, error)
                 : lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory: an SQL statement");
    sqlite.free(sql);
    buffer_release(&uri);
    return rc;
}

void database_close(struct database *db)
{
    if (db->handle)
        sqlite.close(db->handle);
    db->handle = NULL;
}

void database_finalize(sqlite3_stmt *statement)
{
    if (statement)
        sqlite.finalize(statement);
}

int database_library_version(const char **version, struct lcap_error *error)
{
    int rc = sqlite_library_load(error);
    if (rc == LCAP_OK)
        *version = sqlite.libversion();
    return rc;
}
