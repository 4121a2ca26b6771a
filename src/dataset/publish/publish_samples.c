/* Writes the tables of samples, and their lists. */
#include "base/io/file.h"
#include "base/number/number.h"
#include "base/text/csv.h"
#include "base/text/text.h"
#include "dataset/publish/publish_directory.h"
#include "dataset/publish/publish_set.h"
#include "table/table.h"
#include <stdlib.h>
#include <string.h>

/* ---- tables ---- */

enum { SAMPLE_ID, METADATA, SPLIT, PACKETS, BYTES, FIRST, LAST, COLUMNS };

#define COLUMN(NAME, KIND, UNIT, DESCRIPTION)                                                      \
    {                                                                                              \
        NAME, KIND, UNIT, DESCRIPTION, NULL, NULL                                                  \
    }

static const struct lcap_column columns[COLUMNS] = {
    COLUMN("sample_id", LCAP_CELL_UNSIGNED, "", "The sampleID"),
    COLUMN("metadata", LCAP_CELL_TEXT, "", "The label"),
    COLUMN("split", LCAP_CELL_TEXT, "", "The list of the sample"),
    COLUMN("packets", LCAP_CELL_UNSIGNED, "packets", "Its packets"),
    COLUMN("bytes", LCAP_CELL_UNSIGNED, "bytes", "Their bytes on the wire"),
    COLUMN("first_ns", LCAP_CELL_SIGNED, "ns", "The time of the first packet, since 1970 UTC"),
    COLUMN("last_ns", LCAP_CELL_SIGNED, "ns", "The time of the last packet, since 1970 UTC"),
};

static struct lcap_cell unsigned_cell(uint64_t value)
{
    return (struct lcap_cell){.kind = LCAP_CELL_UNSIGNED, .value.u = value};
}

static struct lcap_cell time_cell(const struct tally *tally, int64_t ns)
{
    const struct lcap_cell empty = {.kind = LCAP_CELL_EMPTY};
    const struct lcap_cell time = {.kind = LCAP_CELL_SIGNED, .value.i = ns};
    return tally_has_time(tally) ? time : empty;
}

/* Empty without a text. */
static struct lcap_cell text_cell(const char *text, size_t len)
{
    const struct lcap_cell empty = {.kind = LCAP_CELL_EMPTY};
    const struct lcap_cell full = {
        .kind = LCAP_CELL_TEXT, .text_len = (uint32_t)len, .value.text = text};
    return len > 0 ? full : empty;
}

/* What a table shows: the samples of a data set, or of its challenge. */
struct samples {
    const struct publish_set *set;
    const struct survey *survey;
    struct buffer metadata; /* of the sample, in UTF-8 */
};

static int encode_sample(struct table_encoder *encoder, struct samples *from, uint32_t number,
                         struct lcap_error *error)
{
    const struct sample sample = sample_registry_get(&from->survey->registry, number);
    const struct tally *tally = &from->survey->samples[number].tally;
    const bool is_challenge = from->survey == &from->set->challenge;
    const char *list = is_challenge ? SPLIT_CHALLENGE : publish_set_list_of(from->set, sample.id);
    buffer_clear(&from->metadata);
    const int rc = text_append_utf8(&from->metadata, sample.metadata, sample.metadata_len, error);
    const struct lcap_cell cells[COLUMNS] = {
        [SAMPLE_ID] = unsigned_cell(sample.id),
        [METADATA] = text_cell((const char *)from->metadata.data, from->metadata.len),
        [SPLIT] = text_cell(list, list ? strlen(list) : 0),
        [PACKETS] = unsigned_cell(tally->packets),
        [BYTES] = unsigned_cell(tally->bytes),
        [FIRST] = time_cell(tally, tally->first_ns),
        [LAST] = time_cell(tally, tally->last_ns),
    };
    const struct lcap_row row = {.cells = cells, .count = COLUMNS};
    return rc == LCAP_OK ? table_encode(encoder, &row, error) : rc;
}

static int flush_rows(void *table, struct buffer *rows, struct lcap_error *error)
{
    const int rc = table_append(table, rows->data, rows->len, error);
    buffer_clear(rows);
    return rc;
}

static int append_samples(struct samples *from, const struct table_schema *schema,
                          struct table *table, struct lcap_error *error)
{
    struct table_encoder encoder = {.schema = schema, .flush = flush_rows, .context = table};
    const size_t count = sample_registry_count(&from->survey->registry);
    int rc = LCAP_OK;
    for (uint32_t i = 0; i < count && rc == LCAP_OK; i++)
        rc = encode_sample(&encoder, from, i, error);
    if (rc == LCAP_OK)
        rc = flush_rows(table, &encoder.buffer, error);
    buffer_release(&encoder.buffer);
    buffer_release(&from->metadata);
    return rc;
}

static int write_table(const struct publish_set *set, const struct survey *survey, const char *path,
                       struct lcap_error *error)
{
    const struct lcap_column *wanted[COLUMNS];
    uint32_t cells[COLUMNS];
    for (uint32_t i = 0; i < COLUMNS; i++) {
        wanted[i] = &columns[i];
        cells[i] = i;
    }
    const struct table_schema schema = {
        .columns = wanted, .cells = cells, .count = COLUMNS, .format = table_format_of_name(path)};
    const struct table_options opening = {.no_sync = true, .name = "samples"};
    struct samples from = {.set = set, .survey = survey};
    struct table *table = NULL;
    int rc = table_open(&table, path, &schema, &opening, error);
    if (rc < 0)
        return rc;
    rc = append_samples(&from, &schema, table, error);
    if (rc == LCAP_OK)
        return table_close(table, error);
    table_discard(table);
    return rc;
}

static int write_samples(struct publish_set *set, const struct survey *survey, const char *name,
                         struct lcap_error *error)
{
    char *path = file_join(set->target, name, error);
    int rc = path ? write_table(set, survey, path, error) : LCAP_ERR_MEMORY;
    free(path);
    return rc == LCAP_OK ? publish_set_add(set, set->target, name, error) : rc;
}

int publish_samples_write(struct publish_set *set, struct lcap_error *error)
{
    int rc = write_samples(set, &set->data, PUBLISH_SAMPLES, error);
    if (rc == LCAP_OK)
        rc = write_samples(set, &set->data, PUBLISH_PARQUET, error);
    if (rc == LCAP_OK && set->has_challenge)
        rc = write_samples(set, &set->challenge, PUBLISH_CHALLENGE_SAMPLES, error);
    return rc;
}

/* ---- lists ---- */

static int append_line(struct buffer *out, const struct sample *sample, bool is_challenge,
                       struct lcap_error *error)
{
    char id[U64_TEXT];
    int rc = buffer_append(out, id, number_from_unsigned(sample->id, id), error);
    if (rc == LCAP_OK && !is_challenge)
        rc = buffer_append_text(out, ",", error);
    if (rc == LCAP_OK && !is_challenge)
        rc = csv_append_text(out, sample->metadata, sample->metadata_len, error);
    return rc == LCAP_OK ? buffer_append_text(out, "\n", error) : rc;
}

/* Only IDs of a challenge: nobody is to know more. */
static int append_list(const struct publish_set *set, const char *list, struct buffer *out,
                       struct lcap_error *error)
{
    const bool is_challenge = strcmp(list, SPLIT_CHALLENGE) == 0;
    const struct survey *survey = is_challenge ? &set->challenge : &set->data;
    const size_t count = sample_registry_count(&survey->registry);
    int rc = buffer_append_text(out, is_challenge ? "sample_id\n" : "sample_id,metadata\n", error);
    for (uint32_t i = 0; i < count && rc == LCAP_OK; i++) {
        const struct sample sample = sample_registry_get(&survey->registry, i);
        const char *own = is_challenge ? list : publish_set_list_of(set, sample.id);
        if (own && strcmp(own, list) == 0)
            rc = append_line(out, &sample, is_challenge, error);
    }
    return rc;
}

static int write_list(struct publish_set *set, const char *list, struct lcap_error *error)
{
    struct buffer text = {0}, name = {0};
    int rc = publish_append_list_path(list, &name, error);
    if (rc == LCAP_OK)
        rc = buffer_append(&name, "", 1, error);
    if (rc == LCAP_OK)
        rc = append_list(set, list, &text, error);
    if (rc == LCAP_OK)
        rc = publish_set_write(set, (const char *)name.data, &text, error);
    buffer_release(&text);
    buffer_release(&name);
    return rc;
}

int publish_lists_write(struct publish_set *set, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < set->lists.folder.count && rc == LCAP_OK; i++)
        rc = write_list(set, set->lists.folder.names[i], error);
    return rc;
}
