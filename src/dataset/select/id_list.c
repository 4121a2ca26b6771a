/* Lists of sampleIDs. */
#include "dataset/select/id_list.h"

#include "base/memory.h"
#include "base/text/text.h"
#include "dataset/split_folder.h"
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

static int keep_name(struct id_list *list, const char *name, struct lcap_error *error)
{
    *list = (struct id_list){.name = memory_copy_text(name, strlen(name), error)};
    return list->name ? LCAP_OK : LCAP_ERR_MEMORY;
}

int id_list_read(struct id_list *list, const char *path, struct lcap_error *error)
{
    const int rc = keep_name(list, path, error);
    return rc == LCAP_OK ? sample_id_file_read(path, add, list, error) : rc;
}

int id_list_read_split(struct id_list *list, const char *splits, const char *name,
                       struct lcap_error *error)
{
    struct split_folder folder;
    size_t number;
    int rc = keep_name(list, name, error);
    if (rc < 0)
        return rc;
    rc = split_folder_open(&folder, splits, error);
    if (rc == LCAP_OK)
        rc = split_folder_find(&folder, name, &number, error);
    if (rc == LCAP_OK)
        rc = split_folder_read(&folder, number, add, list, error);
    split_folder_release(&folder);
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
                    "%s: %s not in the data set, the first of them %" PRIu64, list->name,
                    text_counted(missing, "sampleID", sample_ids), first);
}

void id_list_release(struct id_list *list)
{
    idmap_release(&list->ids);
    free(list->found);
    free(list->name);
    *list = (struct id_list){.name = NULL};
}
