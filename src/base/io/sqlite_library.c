#include "base/io/sqlite_library.h"

struct sqlite_library sqlite;

int sqlite_library_load(struct lcap_error *error)
{
#define SQLITE_NAME(name) "sqlite3_" #name,
    static const char *const names[] = {SQLITE_FUNCTIONS(SQLITE_NAME)};
#undef SQLITE_NAME
    static struct library library = {
        .what = "SQLite for catalogues and databases",
        .remedy = "Debian's package is libsqlite3-0",
        .sonames = {"libsqlite3.so.0"},
        .names = names,
        .count = sizeof names / sizeof *names,
        .pointers = &sqlite,
    };
    return library_load(&library, error);
}
