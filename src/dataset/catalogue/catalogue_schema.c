/* The tables of a catalogue, word for word. */
#include "dataset/catalogue/catalogue_schema.h"

#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

/* "LCap", which tells a catalogue from other databases (file(1) shows it). */
#define APPLICATION_ID "1279484272"

/* Rises when the tables change. */
#define SCHEMA_VERSION "2"

struct object {
    const char *name;
    const char *sql;
};

static const struct object tables[] = {
    {"dataset", "CREATE TABLE dataset (size INTEGER NOT NULL, ends_sha256 TEXT NOT NULL, "
                "compression TEXT NOT NULL, "
                "sorted INTEGER NOT NULL, sound_snaplens INTEGER NOT NULL, "
                "pcapml_times TEXT NOT NULL, "
                "packets INTEGER NOT NULL, labelled INTEGER NOT NULL, samples INTEGER NOT NULL, "
                "sha256 TEXT, labelcap TEXT NOT NULL)"},
    {"interfaces", "CREATE TABLE interfaces (section INTEGER NOT NULL, number INTEGER NOT NULL, "
                   "linktype INTEGER NOT NULL, snaplen INTEGER NOT NULL, "
                   "tsresol INTEGER NOT NULL, tsoffset INTEGER NOT NULL, name TEXT)"},
    {"samples", "CREATE TABLE samples (sample INTEGER PRIMARY KEY, sampleID TEXT NOT NULL, "
                "metadata TEXT NOT NULL, packets INTEGER NOT NULL, bytes INTEGER NOT NULL, "
                "first_ns INTEGER, last_ns INTEGER, linktype INTEGER NOT NULL, source TEXT)"},
    {"ranges", "CREATE TABLE ranges (\"offset\" INTEGER PRIMARY KEY, virtual_offset INTEGER, "
               "length INTEGER NOT NULL, packets INTEGER NOT NULL, sample INTEGER, "
               "section INTEGER NOT NULL, interfaces INTEGER NOT NULL)"},
    {"sources", "CREATE TABLE sources (sampleID TEXT NOT NULL, path TEXT NOT NULL, "
                "packets INTEGER NOT NULL)"},
};

static const struct object indexes[] = {
    {"samples_by_id", "CREATE UNIQUE INDEX samples_by_id ON samples (sampleID)"},
    {"ranges_by_sample", "CREATE INDEX ranges_by_sample ON ranges (sample)"},
    {"sources_by_id", "CREATE INDEX sources_by_id ON sources (sampleID)"},
};

#define COUNT(ARRAY) (sizeof(ARRAY) / sizeof *(ARRAY))

const char *catalogue_times(enum lcap_pcapml_times times)
{
    static const char *const words[] = {[LCAP_PCAPML_TIMES_AUTO] = "auto",
                                        [LCAP_PCAPML_TIMES_YES] = "yes",
                                        [LCAP_PCAPML_TIMES_NO] = "no"};
    return words[times];
}

char *catalogue_path(const char *dataset, struct lcap_error *error)
{
    return memory_format_text(error, "%s.sqlite", dataset);
}

static int create(const struct database *db, const struct object *objects, size_t count,
                  struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < count && rc == LCAP_OK; i++)
        rc = database_execute(db, objects[i].sql, error);
    return rc;
}

int catalogue_create_tables(const struct database *db, struct lcap_error *error)
{
    int rc = database_execute(
        db, "PRAGMA application_id=" APPLICATION_ID "; PRAGMA user_version=" SCHEMA_VERSION, error);
    return rc == LCAP_OK ? create(db, tables, COUNT(tables), error) : rc;
}

int catalogue_create_indexes(const struct database *db, struct lcap_error *error)
{
    return create(db, indexes, COUNT(indexes), error);
}

/* ---- the check ---- */

/* Runs a query of one row and column; sets *same to whether the value is `expected`. */
static int compare(const struct database *db, sqlite3_stmt *query, const char *expected, bool *same,
                   struct lcap_error *error)
{
    const int step = sqlite.step(query);
    if (step != SQLITE_ROW && step != SQLITE_DONE)
        return database_failure(db, error);
    const char *found = step == SQLITE_ROW ? (const char *)sqlite.column_text(query, 0) : NULL;
    *same = found && strcmp(found, expected) == 0;
    return LCAP_OK;
}

static int check_value(const struct database *db, const char *sql, const char *name,
                       const char *expected, bool *same, struct lcap_error *error)
{
    sqlite3_stmt *query = NULL;
    int rc = database_prepare(db, sql, &query, error);
    if (rc == LCAP_OK && name)
        sqlite.bind_text(query, 1, name, -1, SQLITE_STATIC);
    if (rc == LCAP_OK)
        rc = compare(db, query, expected, same, error);
    database_finalize(query);
    return rc;
}

static int check_objects(const struct database *db, const struct object *objects, size_t count,
                         struct lcap_error *error)
{
    bool same = true;
    int rc = LCAP_OK;
    size_t i = 0;
    for (; i < count && rc == LCAP_OK && same; i++)
        rc = check_value(db, "SELECT sql FROM sqlite_schema WHERE name = ?", objects[i].name,
                         objects[i].sql, &same, error);
    if (rc < 0 || same)
        return rc;
    return lcap_error_set(error, LCAP_ERR_FORMAT, "%s: %s is not as labelcap makes it", db->name,
                          objects[i - 1].name);
}

int catalogue_check_schema(const struct database *db, struct lcap_error *error)
{
    bool ours = false, known = false;
    int rc = check_value(db, "PRAGMA application_id", NULL, APPLICATION_ID, &ours, error);
    if (rc == LCAP_OK && !ours)
        return lcap_error_set(error, LCAP_ERR_FORMAT, "%s: is not a catalogue of labelcap",
                              db->name);
    if (rc == LCAP_OK)
        rc = check_value(db, "PRAGMA user_version", NULL, SCHEMA_VERSION, &known, error);
    if (rc == LCAP_OK && !known)
        return lcap_error_set(error, LCAP_ERR_FORMAT, "%s: is a catalogue of another version",
                              db->name);
    if (rc == LCAP_OK)
        rc = check_objects(db, tables, COUNT(tables), error);
    return rc == LCAP_OK ? check_objects(db, indexes, COUNT(indexes), error) : rc;
}
