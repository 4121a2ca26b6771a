/* Files of sampleIDs. */
#include "dataset/sample_id_file.h"

#include "base/text/csv.h"
#include "base/text/text.h"
#include <strings.h>

static int take_record(const struct csv_reader *reader, const struct csv_record *record,
                       bool is_first, sample_id_taker *take, void *context,
                       struct lcap_error *error)
{
    const struct csv_field *field = &record->fields[0];
    char found[EXCERPT_TEXT];
    uint64_t id;
    if (text_to_u64(field->text, field->len, &id))
        return take(context, id, field->line, error);
    if (is_first && strcasecmp(field->text, "sampleID") == 0)
        return LCAP_OK;
    text_excerpt(field->text, field->len, found);
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s:%u:%u: expected a sampleID, found '%s'",
                          csv_reader_name(reader), field->line, field->column, found);
}

int sample_id_file_read(const char *path, sample_id_taker *take, void *context,
                        struct lcap_error *error)
{
    struct csv_reader *reader = NULL;
    struct csv_record record;
    bool is_first = true;
    int rc = csv_reader_open(&reader, path, error);
    while (rc >= 0 && (rc = csv_reader_next(reader, &record, error)) == 1) {
        rc = take_record(reader, &record, is_first, take, context, error);
        is_first = false;
    }
    csv_reader_free(reader);
    return rc;
}
