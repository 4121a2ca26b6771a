/*
 * SQLite: the only way to open a database, with the settings that make an unknown
 * file safe to read, and error messages.
 */
#ifndef BASE_IO_DATABASE_H
#define BASE_IO_DATABASE_H

#include "base/io/sqlite_library.h"

enum database_use {
    DATABASE_READ,  /* read-only; texts of at most a MiB */
    DATABASE_EDIT,  /* in place, in transactions; waits up to ten seconds for other programs */
    DATABASE_BUILD, /* an empty file that is renamed when it is finished: without journal and locks,
                       because nobody else sees it and nothing has to survive a crash */
};

struct database {
    sqlite3 *handle;
    const char *name; /* in messages; borrowed */
};

/* Opens an existing file, called `name` in messages. The caller closes it even on errors. */
int database_open(struct database *db, const char *path, const char *name, enum database_use use,
                  struct lcap_error *error);

/* Attaches another file, which can only be read: transactions do not need a lock on it. */
int database_attach(const struct database *db, const char *path, const char *schema,
                    struct lcap_error *error);

/* Closes the database; rolls back what was not committed. An all-zero struct is allowed. */
void database_close(struct database *db);

/* Records the last error of the database and returns its code. */
int database_failure(const struct database *db, struct lcap_error *error);

int database_execute(const struct database *db, const char *sql, struct lcap_error *error);
int database_prepare(const struct database *db, const char *sql, sqlite3_stmt **statement,
                     struct lcap_error *error);

/* NULL is allowed, also before any database is open. */
void database_finalize(sqlite3_stmt *statement);

int database_library_version(const char **version, struct lcap_error *error);

#endif
