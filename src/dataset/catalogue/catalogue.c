/* Reads the catalogue of a data set. */
#include "dataset/catalogue/catalogue.h"

#include "base/io/file.h"
#include "base/memory.h"
#include "base/sample_registry.h"
#include "base/text/text.h"
#include "dataset/catalogue/file_facts.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct catalogue {
    char *path;
    const char *dataset;
    const char *times; /* how its timestamps will be read */
    struct database db;
    sqlite3_stmt *by_number, *by_id, *choose;
    uint32_t samples;
    uint64_t unlabelled; /* packets */
    bool sorted, sound_snaplens;
};

int catalogue_outdated(const struct catalogue *catalogue, struct lcap_error *error,
                       const char *format, ...)
{
    char text[LCAP_ERROR_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return lcap_error_set(error, LCAP_ERR_LABEL,
                          "%s: is out of date (%s); 'labelcap index -f' makes it anew",
                          catalogue->path, text);
}

int catalogue_damaged(const struct catalogue *catalogue, struct lcap_error *error)
{
    return lcap_error_set(error, LCAP_ERR_FORMAT,
                          "%s: is damaged; 'labelcap index -f' makes it anew", catalogue->path);
}

uint32_t catalogue_samples(const struct catalogue *catalogue)
{
    return catalogue->samples;
}

uint64_t catalogue_unlabelled(const struct catalogue *catalogue)
{
    return catalogue->unlabelled;
}

bool catalogue_is_sorted(const struct catalogue *catalogue)
{
    return catalogue->sorted;
}

bool catalogue_has_sound_snaplens(const struct catalogue *catalogue)
{
    return catalogue->sound_snaplens;
}

/* ---- opening ---- */

/*
 * The bytes at 18 and 19 of a database say whether it has a write-ahead log (2),
 * with which even reading writes files beside it
 * (https://www.sqlite.org/fileformat2.html, section 1.3).
 */
#define FORMAT_AT 18

/* Returns 1 if there is a file that SQLite may open, 0 if there is none. */
static int look_at_file(const struct catalogue *c, struct lcap_error *error)
{
    uint8_t format[2] = {0};
    const int fd = open(c->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot open", c->path);
    const ssize_t have = file_read_at(fd, format, sizeof format, FORMAT_AT);
    close(fd);
    if (have != sizeof format || format[0] != 1 || format[1] != 1)
        return lcap_error_set(error, LCAP_ERR_FORMAT, "%s: is not a catalogue of labelcap",
                              c->path);
    return 1;
}

/* Takes a column that must be a number of at least 0 and at most `most`. */
static bool take_number(sqlite3_stmt *row, int column, int64_t most, uint64_t *number)
{
    const int64_t found = sqlite.column_int64(row, column);
    *number = (uint64_t)found;
    return sqlite.column_type(row, column) == SQLITE_INTEGER && found >= 0 && found <= most;
}

static int check_size(const struct catalogue *c, uint64_t indexed, uint64_t found,
                      struct lcap_error *error)
{
    if (found == indexed)
        return LCAP_OK;
    return catalogue_outdated(c, error,
                              "the data set had %" PRIu64 " bytes when it was indexed, and has "
                              "%" PRIu64,
                              indexed, found);
}

/* Not the time of the file: a copy has another one. */
static int check_file(const struct catalogue *c, uint64_t size, const char *ends_sha256,
                      struct lcap_error *error)
{
    struct file_facts found;
    int rc = file_facts_find(c->dataset, false, &found, error);
    if (rc == LCAP_OK)
        rc = check_size(c, size, found.size, error);
    if (rc < 0 || (ends_sha256 && strcmp(found.ends_sha256, ends_sha256) == 0))
        return rc;
    return catalogue_outdated(c, error, "the first or last 64 KiB of the data set have changed");
}

static int check_times(const struct catalogue *c, const char *indexed, struct lcap_error *error)
{
    if (indexed && strcmp(indexed, c->times) == 0)
        return LCAP_OK;
    if (indexed && strcmp(indexed, CATALOGUE_TIMES_MIXED) == 0)
        return lcap_error_set(error, LCAP_ERR_LABEL,
                              "%s: has timestamps of two kinds: use --pcapml-times yes or no, here "
                              "and with 'labelcap index -f'",
                              c->dataset);
    return lcap_error_set(error, LCAP_ERR_LABEL, "%s: was made with --pcapml-times %.10s, not %s",
                          c->path, indexed ? indexed : "?", c->times);
}

static int take_facts(struct catalogue *c, sqlite3_stmt *facts, struct lcap_error *error)
{
    uint64_t size, samples, rows, sound, sorted;
    const int step = sqlite.step(facts);
    if (step != SQLITE_ROW && step != SQLITE_DONE)
        return database_failure(&c->db, error);
    if (step != SQLITE_ROW || !take_number(facts, 0, INT64_MAX, &size) ||
        !take_number(facts, 1, NO_SAMPLE - 1, &samples) || !take_number(facts, 2, 1, &sound) ||
        !take_number(facts, 5, 1, &sorted) || !take_number(facts, 6, INT64_MAX, &c->unlabelled) ||
        !take_number(facts, 7, NO_SAMPLE, &rows) || rows != samples)
        return catalogue_damaged(c, error);
    c->samples = (uint32_t)samples;
    c->sound_snaplens = sound;
    c->sorted = sorted;
    const int rc = check_file(c, size, (const char *)sqlite.column_text(facts, 4), error);
    return rc == LCAP_OK ? check_times(c, (const char *)sqlite.column_text(facts, 3), error) : rc;
}

static int read_facts(struct catalogue *c, struct lcap_error *error)
{
    sqlite3_stmt *facts = NULL;
    int rc = database_prepare(&c->db,
                              "SELECT size, samples, sound_snaplens, pcapml_times, ends_sha256, "
                              "sorted, packets - labelled, "
                              "(SELECT coalesce(max(sample) + 1, 0) FROM samples) FROM dataset",
                              &facts, error);
    if (rc == LCAP_OK)
        rc = take_facts(c, facts, error);
    database_finalize(facts);
    return rc;
}

#define SAMPLE_COLUMNS                                                                             \
    "SELECT sample, sampleID, metadata, packets, bytes, first_ns, last_ns, linktype, source "      \
    "FROM samples WHERE "

/* One transaction as long as it is open: SQLite locks the file once, not for every query. */
static int prepare(struct catalogue *c, struct lcap_error *error)
{
    int rc = database_execute(
        &c->db, "BEGIN; CREATE TEMP TABLE chosen (sample INTEGER PRIMARY KEY)", error);
    if (rc == LCAP_OK)
        rc = database_prepare(&c->db, SAMPLE_COLUMNS "sample = ?", &c->by_number, error);
    if (rc == LCAP_OK)
        rc = database_prepare(&c->db, SAMPLE_COLUMNS "sampleID = ?", &c->by_id, error);
    if (rc == LCAP_OK)
        rc = database_prepare(&c->db, "INSERT OR IGNORE INTO temp.chosen VALUES (?)", &c->choose,
                              error);
    return rc;
}

static int open_database(struct catalogue *c, struct lcap_error *error)
{
    int rc = look_at_file(c, error);
    if (rc <= 0)
        return rc;
    rc = database_open(&c->db, c->path, c->path, DATABASE_READ, error);
    if (rc == LCAP_OK)
        rc = catalogue_check_schema(&c->db, error);
    if (rc == LCAP_OK)
        rc = read_facts(c, error);
    if (rc == LCAP_OK)
        rc = prepare(c, error);
    return rc < 0 ? rc : 1;
}

int catalogue_open(struct catalogue **catalogue, const char *dataset, const char *path,
                   enum lcap_pcapml_times times, struct lcap_error *error)
{
    struct catalogue *c = memory_new(1, sizeof *c, error);
    if (!c)
        return LCAP_ERR_MEMORY;
    c->dataset = dataset;
    c->times = catalogue_times(times);
    c->path = path ? memory_copy_text(path, strlen(path), error) : catalogue_path(dataset, error);
    int rc = c->path ? open_database(c, error) : LCAP_ERR_MEMORY;
    if (rc == 1)
        *catalogue = c;
    else
        catalogue_free(c);
    return rc;
}

void catalogue_free(struct catalogue *catalogue)
{
    if (!catalogue)
        return;
    database_finalize(catalogue->by_number);
    database_finalize(catalogue->by_id);
    database_finalize(catalogue->choose);
    database_close(&catalogue->db);
    free(catalogue->path);
    free(catalogue);
}

/* ---- samples ---- */

static bool take_id(sqlite3_stmt *row, int column, uint64_t *id)
{
    const char *text = (const char *)sqlite.column_text(row, column);
    return text && text_to_u64(text, (size_t)sqlite.column_bytes(row, column), id);
}

/* Either both times, or none. */
static bool take_times(sqlite3_stmt *row, struct catalogue_sample *sample)
{
    const bool has_last = sqlite.column_type(row, 6) == SQLITE_INTEGER;
    sample->has_time = sqlite.column_type(row, 5) == SQLITE_INTEGER;
    sample->first_ns = sqlite.column_int64(row, 5);
    sample->last_ns = sqlite.column_int64(row, 6);
    return sample->has_time == has_last && sample->first_ns <= sample->last_ns;
}

static bool take_sample(sqlite3_stmt *row, uint32_t *number, struct catalogue_sample *sample)
{
    uint64_t taken, linktype;
    *sample = (struct catalogue_sample){.metadata = (const char *)sqlite.column_text(row, 2)};
    sample->metadata_len = (size_t)sqlite.column_bytes(row, 2);
    sample->source = (const char *)sqlite.column_text(row, 8);
    if (!sample->metadata || !take_number(row, 0, NO_SAMPLE - 1, &taken) ||
        !take_id(row, 1, &sample->id) || !take_number(row, 3, INT64_MAX, &sample->packets) ||
        !take_number(row, 4, INT64_MAX, &sample->bytes) ||
        !take_number(row, 7, UINT16_MAX, &linktype) || !take_times(row, sample))
        return false;
    sample->linktype = (uint16_t)linktype;
    *number = (uint32_t)taken;
    return true;
}

/* The row of a query that has its parameter. The next query resets it. */
static int find_sample(const struct catalogue *c, sqlite3_stmt *query, uint32_t *number,
                       struct catalogue_sample *sample, struct lcap_error *error)
{
    const int step = sqlite.step(query);
    if (step == SQLITE_DONE)
        return 0;
    if (step != SQLITE_ROW)
        return database_failure(&c->db, error);
    return take_sample(query, number, sample) ? 1 : catalogue_damaged(c, error);
}

int catalogue_sample_by_number(struct catalogue *catalogue, uint32_t number,
                               struct catalogue_sample *sample, struct lcap_error *error)
{
    uint32_t same;
    sqlite.reset(catalogue->by_number);
    sqlite.bind_int64(catalogue->by_number, 1, number);
    return find_sample(catalogue, catalogue->by_number, &same, sample, error);
}

int catalogue_sample_by_id(struct catalogue *catalogue, uint64_t id, uint32_t *number,
                           struct catalogue_sample *sample, struct lcap_error *error)
{
    char text[32];
    const int len = snprintf(text, sizeof text, "%" PRIu64, id);
    sqlite.reset(catalogue->by_id);
    sqlite.bind_text(catalogue->by_id, 1, text, len, SQLITE_TRANSIENT);
    return find_sample(catalogue, catalogue->by_id, number, sample, error);
}

/* ---- ranges ---- */

int catalogue_choose(struct catalogue *catalogue, uint32_t number, struct lcap_error *error)
{
    sqlite.reset(catalogue->choose);
    sqlite.bind_int64(catalogue->choose, 1, number);
    return sqlite.step(catalogue->choose) == SQLITE_DONE ? LCAP_OK
                                                         : database_failure(&catalogue->db, error);
}

int catalogue_choose_none(struct catalogue *catalogue, struct lcap_error *error)
{
    return database_execute(&catalogue->db, "DELETE FROM temp.chosen", error);
}

#define RANGE_COLUMNS                                                                              \
    "SELECT r.\"offset\", r.virtual_offset, r.length, r.packets, r.sample, r.section, "            \
    "r.interfaces, "

int catalogue_sample_ranges(struct catalogue *catalogue, uint32_t number, sqlite3_stmt **ranges,
                            struct lcap_error *error)
{
    int rc =
        database_prepare(&catalogue->db,
                         RANGE_COLUMNS "s.sampleID FROM ranges r JOIN samples s USING (sample) "
                                       "WHERE r.sample = ? ORDER BY 1",
                         ranges, error);
    if (rc == LCAP_OK)
        sqlite.bind_int64(*ranges, 1, number);
    return rc;
}

/* CROSS JOIN: from the chosen samples to their ranges, not the other way round. */
int catalogue_chosen_ranges(struct catalogue *catalogue, sqlite3_stmt **ranges,
                            struct lcap_error *error)
{
    return database_prepare(&catalogue->db,
                            RANGE_COLUMNS "s.sampleID FROM temp.chosen c "
                                          "CROSS JOIN ranges r ON r.sample = c.sample "
                                          "CROSS JOIN samples s ON s.sample = c.sample "
                                          "UNION ALL " RANGE_COLUMNS
                                          "NULL FROM ranges r WHERE r.sample IS NULL "
                                          "ORDER BY 1",
                            ranges, error);
}

static int sum_up(struct catalogue *catalogue, const char *sql, uint32_t number, uint64_t *total,
                  struct lcap_error *error)
{
    sqlite3_stmt *sum = NULL;
    int rc = database_prepare(&catalogue->db, sql, &sum, error);
    if (rc < 0)
        return rc;
    sqlite.bind_int64(sum, 1, number);
    if (sqlite.step(sum) != SQLITE_ROW)
        rc = database_failure(&catalogue->db, error);
    else if (!take_number(sum, 0, INT64_MAX, total))
        rc = catalogue_damaged(catalogue, error);
    database_finalize(sum);
    return rc;
}

int catalogue_sample_packets(struct catalogue *catalogue, uint32_t number, uint64_t *packets,
                             struct lcap_error *error)
{
    return sum_up(catalogue, "SELECT packets FROM samples WHERE sample = ?", number, packets,
                  error);
}

int catalogue_chosen_packets(struct catalogue *catalogue, uint64_t *packets,
                             struct lcap_error *error)
{
    return sum_up(catalogue,
                  "SELECT coalesce(sum(s.packets), 0) FROM temp.chosen c "
                  "CROSS JOIN samples s ON s.sample = c.sample",
                  0, packets, error);
}

int catalogue_chosen_range_count(struct catalogue *catalogue, uint64_t *ranges,
                                 struct lcap_error *error)
{
    return sum_up(catalogue,
                  "SELECT count(*) FROM temp.chosen c CROSS JOIN ranges r ON r.sample = c.sample",
                  0, ranges, error);
}

int catalogue_range_count(struct catalogue *catalogue, uint64_t *ranges, struct lcap_error *error)
{
    return sum_up(catalogue, "SELECT count(*) FROM ranges", 0, ranges, error);
}

static bool take_range(sqlite3_stmt *row, struct catalogue_range *range, uint64_t *sample_id)
{
    struct lcap_position *at = &range->at;
    uint64_t sample = NO_SAMPLE;
    *at = (struct lcap_position){.size = sizeof *at};
    bool sound = take_number(row, 0, INT64_MAX, &at->offset) &&
                 take_number(row, 2, INT64_MAX - (int64_t)at->offset, &range->length) &&
                 take_number(row, 3, INT64_MAX, &range->packets) &&
                 take_number(row, 5, INT64_MAX, &at->section) &&
                 take_number(row, 6, INT64_MAX, &at->interfaces);
    at->coded_offset = at->offset;
    if (sqlite.column_type(row, 1) != SQLITE_NULL)
        sound = sound && take_number(row, 1, INT64_MAX, &at->coded_offset);
    if (sqlite.column_type(row, 4) != SQLITE_NULL)
        sound = sound && take_number(row, 4, NO_SAMPLE - 1, &sample) && take_id(row, 7, sample_id);
    range->sample = (uint32_t)sample;
    return sound;
}

int catalogue_next_range(struct catalogue *catalogue, sqlite3_stmt *ranges,
                         struct catalogue_range *range, uint64_t *sample_id,
                         struct lcap_error *error)
{
    const int step = sqlite.step(ranges);
    if (step == SQLITE_DONE)
        return 0;
    if (step != SQLITE_ROW)
        return database_failure(&catalogue->db, error);
    return take_range(ranges, range, sample_id) ? 1 : catalogue_damaged(catalogue, error);
}
