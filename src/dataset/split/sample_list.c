/* Writes and reads metadata.csv. */
#include "dataset/split/sample_list.h"

#include "base/text/csv.h"
#include "base/text/text.h"
#include <stdbool.h>
#include <string.h>

#define HEADER_FILE  "File"
#define HEADER_LABEL "Label"

int sample_list_begin(struct buffer *list, struct lcap_error *error)
{
    return buffer_append_text(list, HEADER_FILE "," HEADER_LABEL "\n", error);
}

int sample_list_add(struct buffer *list, const char *file, const char *metadata,
                    size_t metadata_len, struct lcap_error *error)
{
    int rc = csv_append_field(list, file, strlen(file), error);
    if (rc == 0)
        rc = buffer_append(list, ",", 1, error);
    if (rc == 0)
        rc = csv_append_text(list, metadata, metadata_len, error);
    if (rc == 0)
        rc = buffer_append(list, "\n", 1, error);
    return rc;
}

static bool is_header(const struct csv_record *record)
{
    return record->count == 2 && strcmp(record->fields[0].text, HEADER_FILE) == 0 &&
           strcmp(record->fields[1].text, HEADER_LABEL) == 0;
}

/* Whether it names a file in the directory of the list itself. */
static bool is_plain_name(const struct csv_field *field)
{
    return field->len > 0 && !strchr(field->text, '/') && strcmp(field->text, ".") != 0 &&
           strcmp(field->text, "..") != 0;
}

static int read_records(struct csv_reader *csv, const char *path, struct intern *names,
                        struct lcap_error *error)
{
    struct csv_record record;
    uint32_t id;
    int rc = csv_reader_next(csv, &record, error);
    if (rc == 0 || (rc == 1 && !is_header(&record)))
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s: is not a list of sample files (expected the header " HEADER_FILE
                              "," HEADER_LABEL ")",
                              path);
    while (rc == 1 && (rc = csv_reader_next(csv, &record, error)) == 1)
        if (is_plain_name(&record.fields[0]) &&
            intern_add(names, record.fields[0].text, record.fields[0].len, &id, error) < 0)
            rc = LCAP_ERR_MEMORY;
    return rc;
}

int sample_list_read(const char *path, struct intern *names, struct lcap_error *error)
{
    struct csv_reader *csv = NULL;
    int rc = csv_reader_open(&csv, path, error);
    if (rc == 0)
        rc = read_records(csv, path, names, error);
    csv_reader_free(csv);
    return rc;
}
