/* Writes a catalogue. */
#include "dataset/catalogue/catalogue_writer.h"

#include "base/io/target.h"
#include "base/memory.h"
#include "base/sample_registry.h"
#include <inttypes.h>
#include <labelcap/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum statement { INSERT_DATASET, INSERT_INTERFACE, INSERT_SAMPLE, INSERT_RANGE, INSERT_SOURCE };

static const char *const statements[] = {
    [INSERT_DATASET] = "INSERT INTO dataset VALUES (?,?,?,?,?,?,?,?,?,?,?)",
    [INSERT_INTERFACE] = "INSERT INTO interfaces VALUES (?,?,?,?,?,?,?)",
    [INSERT_SAMPLE] = "INSERT INTO samples VALUES (?,?,?,?,?,?,?,?,?)",
    [INSERT_RANGE] = "INSERT INTO ranges VALUES (?,?,?,?,?,?,?)",
    [INSERT_SOURCE] = "INSERT INTO sources VALUES (?,?,?)",
};

#define STATEMENTS (sizeof statements / sizeof *statements)

struct catalogue_writer {
    struct target target;
    struct database db;
    sqlite3_stmt *inserts[STATEMENTS];
};

static int prepare(struct catalogue_writer *w, struct lcap_error *error)
{
    int rc = catalogue_create_tables(&w->db, error);
    for (size_t i = 0; i < STATEMENTS && rc == LCAP_OK; i++)
        rc = database_prepare(&w->db, statements[i], &w->inserts[i], error);
    return rc == LCAP_OK ? database_execute(&w->db, "BEGIN", error) : rc;
}

int catalogue_writer_open(struct catalogue_writer **writer, const char *path,
                          const struct output_options *placing, struct lcap_error *error)
{
    struct catalogue_writer *w = memory_new(1, sizeof *w, error);
    if (!w)
        return LCAP_ERR_MEMORY;
    int rc = target_open(&w->target, path, placing->overwrite, false, error);
    if (rc < 0) {
        free(w);
        return rc;
    }
    w->target.no_sync = placing->no_sync;
    rc = database_open(&w->db, w->target.temporary, w->target.name, DATABASE_BUILD, error);
    if (rc == LCAP_OK)
        rc = prepare(w, error);
    if (rc < 0)
        catalogue_writer_discard(w);
    else
        *writer = w;
    return rc;
}

/* ---- rows ---- */

/* A value of a row: a text, a number, or nothing. */
struct cell {
    bool is_null;
    int64_t number;
    const char *text; /* NULL: the number */
    size_t len;
};

static struct cell number_cell(int64_t number)
{
    return (struct cell){.number = number};
}

/* SQLite has no integers above 2^63-1. Nothing that is counted or measured here gets there. */
static struct cell count_cell(uint64_t count)
{
    return number_cell(count < INT64_MAX ? (int64_t)count : INT64_MAX);
}

static struct cell text_cell(const char *text, size_t len)
{
    return (struct cell){.is_null = !text, .text = text, .len = len};
}

static struct cell string_cell(const char *text)
{
    return text_cell(text, text ? strlen(text) : 0);
}

static struct cell time_cell(bool has_time, int64_t ns)
{
    return (struct cell){.is_null = !has_time, .number = ns};
}

#define ID_TEXT 21
static struct cell id_cell(uint64_t id, char text[ID_TEXT])
{
    return text_cell(text, (size_t)snprintf(text, ID_TEXT, "%" PRIu64, id));
}

static int bind(sqlite3_stmt *insert, int place, const struct cell *cell)
{
    if (cell->is_null)
        return sqlite.bind_null(insert, place);
    if (!cell->text)
        return sqlite.bind_int64(insert, place, cell->number);
    return sqlite.bind_text64(insert, place, cell->text, cell->len, SQLITE_STATIC, SQLITE_UTF8);
}

static int insert_row(struct catalogue_writer *w, enum statement statement,
                      const struct cell *cells, size_t count, struct lcap_error *error)
{
    sqlite3_stmt *insert = w->inserts[statement];
    int rc = SQLITE_OK;
    for (size_t i = 0; i < count && rc == SQLITE_OK; i++)
        rc = bind(insert, (int)i + 1, &cells[i]);
    if (rc != SQLITE_OK || sqlite.step(insert) != SQLITE_DONE)
        return database_failure(&w->db, error);
    sqlite.reset(insert);
    return LCAP_OK;
}

#define INSERT(WRITER, STATEMENT, CELLS, ERROR)                                                    \
    insert_row(WRITER, STATEMENT, CELLS, sizeof(CELLS) / sizeof *(CELLS), ERROR)

int catalogue_writer_interface(struct catalogue_writer *writer, uint64_t section, uint64_t number,
                               const struct lcap_interface *interface, struct lcap_error *error)
{
    const struct cell cells[] = {
        count_cell(section),
        count_cell(number),
        number_cell(interface->linktype),
        number_cell(interface->snaplen),
        number_cell(interface->tsresol),
        number_cell(interface->tsoffset),
        text_cell(interface->name, interface->name_len),
    };
    return INSERT(writer, INSERT_INTERFACE, cells, error);
}

int catalogue_writer_range(struct catalogue_writer *writer, const struct catalogue_range *range,
                           struct lcap_error *error)
{
    const struct lcap_position *at = &range->at;
    const struct cell cells[] = {
        count_cell(at->offset),
        {.is_null = at->coded_offset == at->offset, .number = (int64_t)at->coded_offset},
        count_cell(range->length),
        count_cell(range->packets),
        {.is_null = range->sample == NO_SAMPLE, .number = range->sample},
        count_cell(at->section),
        count_cell(at->interfaces),
    };
    return INSERT(writer, INSERT_RANGE, cells, error);
}

int catalogue_writer_sample(struct catalogue_writer *writer, uint32_t number,
                            const struct catalogue_sample *sample, struct lcap_error *error)
{
    char id[ID_TEXT];
    const struct cell cells[] = {
        number_cell(number),
        id_cell(sample->id, id),
        text_cell(sample->metadata, sample->metadata_len),
        count_cell(sample->packets),
        count_cell(sample->bytes),
        time_cell(sample->has_time, sample->first_ns),
        time_cell(sample->has_time, sample->last_ns),
        number_cell(sample->linktype),
        string_cell(sample->source),
    };
    return INSERT(writer, INSERT_SAMPLE, cells, error);
}

int catalogue_writer_source(struct catalogue_writer *writer, uint64_t sample_id, const char *path,
                            size_t path_len, uint64_t packets, struct lcap_error *error)
{
    char id[ID_TEXT];
    const struct cell cells[] = {id_cell(sample_id, id), text_cell(path, path_len),
                                 count_cell(packets)};
    return INSERT(writer, INSERT_SOURCE, cells, error);
}

int catalogue_writer_dataset(struct catalogue_writer *writer,
                             const struct catalogue_dataset *dataset, struct lcap_error *error)
{
    const struct cell cells[] = {
        count_cell(dataset->size),
        string_cell(dataset->ends_sha256),
        string_cell(dataset->compression),
        number_cell(dataset->sorted),
        number_cell(dataset->sound_snaplens),
        string_cell(dataset->times),
        count_cell(dataset->packets),
        count_cell(dataset->labelled),
        count_cell(dataset->samples),
        string_cell(dataset->sha256),
        string_cell(lcap_version()),
    };
    return INSERT(writer, INSERT_DATASET, cells, error);
}

/* ---- the end ---- */

static void release(struct catalogue_writer *w)
{
    for (size_t i = 0; i < STATEMENTS; i++) {
        database_finalize(w->inserts[i]);
        w->inserts[i] = NULL;
    }
    database_close(&w->db);
}

int catalogue_writer_close(struct catalogue_writer *writer, struct lcap_error *error)
{
    int rc = catalogue_create_indexes(&writer->db, error);
    if (rc == LCAP_OK)
        rc = database_execute(&writer->db, "COMMIT", error);
    if (rc < 0) {
        catalogue_writer_discard(writer);
        return rc;
    }
    release(writer);
    rc = target_finish(&writer->target, error);
    free(writer);
    return rc;
}

void catalogue_writer_discard(struct catalogue_writer *writer)
{
    if (!writer)
        return;
    release(writer);
    target_discard(&writer->target);
    free(writer);
}
