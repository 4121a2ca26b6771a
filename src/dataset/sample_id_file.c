/* Files of sampleIDs. */
#include "dataset/sample_id_file.h"

#include "base/text/text.h"
#include <labelcap/dataset.h>
#include <strings.h>

int sample_id_take(const struct csv_reader *reader, const struct csv_record *record, bool is_first,
                   uint64_t *id, struct lcap_error *error)
{
    const struct csv_field *field = &record->fields[0];
    char found[EXCERPT_TEXT];
    if (text_to_u64(field->text, field->len, id))
        return 1;
    if (is_first &&
        (strcasecmp(field->text, "sample_id") == 0 || strcasecmp(field->text, "sampleID") == 0))
        return 0;
    text_excerpt(field->text, field->len, found);
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s:%u:%u: expected a sampleID, found '%s'",
                          csv_reader_name(reader), field->line, field->column, found);
}

static int take_record(const struct csv_reader *reader, const struct csv_record *record,
                       bool is_first, sample_id_taker *take, void *context,
                       struct lcap_error *error)
{
    uint64_t id;
    const int rc = sample_id_take(reader, record, is_first, &id, error);
    return rc == 1 ? take(context, id, record->fields[0].line, error) : rc;
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

/* A sink that does not ask for lines. */
struct id_taking {
    lcap_id_sink *sink;
    void *context;
};

static int take_id(void *context, uint64_t id, uint32_t line, struct lcap_error *error)
{
    (void)line;
    const struct id_taking *taking = context;
    return taking->sink(taking->context, id, error);
}

int lcap_id_list_read(const char *path, lcap_id_sink *sink, void *context, struct lcap_error *error)
{
    struct id_taking taking = {sink, context};
    return sample_id_file_read(path, take_id, &taking, error);
}
