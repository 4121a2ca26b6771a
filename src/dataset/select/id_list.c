/* Lists of sampleIDs. */
#include "dataset/select/id_list.h"

#include "base/memory.h"
#include "base/text/text.h"
#include "dataset/sample_id_file.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int add(void *context, uint64_t id, uint32_t line, struct lcap_error *error)
{
    struct id_list *list = context;
    uint32_t number;
    const size_t known = list->ids.count;
    (void)line;
    int rc = idmap_add(&list->ids, id, &number, error);
    if (rc == LCAP_OK)
        rc = memory_grow((void **)&list->found, &list->found_capacity, list->ids.count,
                         sizeof *list->found, error);
    if (rc == LCAP_OK && number == known)
        list->found[number] = false;
    return rc;
}

int id_list_read(struct id_list *list, const char *path, struct lcap_error *error)
{
    *list = (struct id_list){.path = memory_copy_text(path, strlen(path), error)};
    return list->path ? sample_id_file_read(path, add, list, error) : LCAP_ERR_MEMORY;
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
