/* Lists of sampleIDs. */
#include "dataset/select/id_list.h"

#include "base/memory.h"
#include "base/text/csv.h"
#include "base/text/text.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int add(struct id_list *list, uint64_t id, struct lcap_error *error)
{
    uint32_t number;
    const size_t known = list->ids.count;
    int rc = idmap_add(&list->ids, id, &number, error);
    if (rc == LCAP_OK)
        rc = memory_grow((void **)&list->found, &list->found_capacity, list->ids.count,
                         sizeof *list->found, error);
    if (rc == LCAP_OK && number == known)
        list->found[number] = false;
    return rc;
}

static int add_record(struct id_list *list, const struct csv_record *record, bool is_first,
                      struct lcap_error *error)
{
    const struct csv_field *field = &record->fields[0];
    char found[EXCERPT_TEXT];
    uint64_t id;
    if (text_to_u64(field->text, field->len, &id))
        return add(list, id, error);
    if (is_first && strcasecmp(field->text, "sampleID") == 0)
        return LCAP_OK;
    text_excerpt(field->text, field->len, found);
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s:%u:%u: expected a sampleID, found '%s'",
                          list->path, field->line, field->column, found);
}

static int read_records(struct id_list *list, struct csv_reader *reader, struct lcap_error *error)
{
    struct csv_record record;
    bool is_first = true;
    int rc;
    while ((rc = csv_reader_next(reader, &record, error)) == 1) {
        rc = add_record(list, &record, is_first, error);
        if (rc < 0)
            return rc;
        is_first = false;
    }
    return rc;
}

int id_list_read(struct id_list *list, const char *path, struct lcap_error *error)
{
    struct csv_reader *reader = NULL;
    *list = (struct id_list){.path = memory_copy_text(path, strlen(path), error)};
    int rc = list->path ? csv_reader_open(&reader, path, error) : LCAP_ERR_MEMORY;
    if (rc < 0)
        return rc;
    rc = read_records(list, reader, error);
    csv_reader_free(reader);
    return rc;
}

bool id_list_find(struct id_list *list, uint64_t id)
{
    const uint32_t number = idmap_find(&list->ids, id);
    if (number == IDMAP_NONE)
        return false;
    list->found[number] = true;
    return true;
}

void id_list_find_missing(const struct id_list *list, struct result *result)
{
    uint64_t missing = 0, first = 0;
    char sample_ids[COUNTED_TEXT];
    for (size_t i = list->ids.count; i-- > 0;) {
        if (list->found[i])
            continue;
        missing++;
        first = list->ids.ids[i];
    }
    if (missing > 0)
        result_find(result, LCAP_SEVERITY_WARNING, missing,
                    "%s: %s not in the data set, the first of them %" PRIu64, list->path,
                    text_counted(missing, "sampleID", sample_ids), first);
}

void id_list_release(struct id_list *list)
{
    idmap_release(&list->ids);
    free(list->found);
    free(list->path);
    *list = (struct id_list){.path = NULL};
}
