/* Reads the lists of a split. */
#include "dataset/split_folder.h"

#include "base/buffer.h"
#include "base/io/file.h"
#include "base/memory.h"
#include "base/text/text.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIX ".csv"

/* Lists are few: a train, a validation and a test list, or the folds of a cross-validation. */
#define MOST_LISTS 1000

static int is_list(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && text_ends_in(entry->d_name, strlen(entry->d_name), SUFFIX);
}

static size_t rank(const char *name)
{
    static const char *const known[] = {"train", "validation", "test", SPLIT_CHALLENGE};
    size_t i = 0;
    while (i < sizeof known / sizeof *known && strcmp(name, known[i]) != 0)
        i++;
    return i;
}

static int compare_names(const void *a, const void *b)
{
    const char *one = *(char *const *)a, *other = *(char *const *)b;
    const size_t first = rank(one), second = rank(other);
    if (first != second)
        return first < second ? -1 : 1;
    return text_compare_naturally(one, other);
}

static int take_names(struct split_folder *folder, struct dirent **entries, int count,
                      struct lcap_error *error)
{
    if (count == 0)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s: no lists: expected files such as train" SUFFIX, folder->path);
    if (count > MOST_LISTS)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: %d lists, but at most %d are read",
                              folder->path, count, MOST_LISTS);
    folder->names = memory_new((size_t)count, sizeof *folder->names, error);
    if (!folder->names)
        return LCAP_ERR_MEMORY;
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        folder->names[i] = memory_copy_text(name, strlen(name) - strlen(SUFFIX), error);
        if (!folder->names[i])
            return LCAP_ERR_MEMORY;
        folder->count++;
    }
    qsort(folder->names, folder->count, sizeof *folder->names, compare_names);
    return LCAP_OK;
}

int split_folder_open(struct split_folder *folder, const char *path, struct lcap_error *error)
{
    struct dirent **entries = NULL;
    *folder = (struct split_folder){.path = memory_copy_text(path, strlen(path), error)};
    if (!folder->path)
        return LCAP_ERR_MEMORY;
    const int count = scandir(path, &entries, is_list, NULL);
    if (count < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot open directory", path);
    const int rc = take_names(folder, entries, count, error);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    return rc;
}

void split_folder_release(struct split_folder *folder)
{
    for (size_t i = 0; i < folder->count; i++)
        free(folder->names[i]);
    free(folder->names);
    free(folder->path);
    *folder = (struct split_folder){.path = NULL};
}

int split_folder_append_path(const struct split_folder *folder, size_t list, struct buffer *path,
                             struct lcap_error *error)
{
    const int rc = buffer_printf(path, error, "%s/%s" SUFFIX, folder->path, folder->names[list]);
    return rc == LCAP_OK ? buffer_append(path, "", 1, error) : rc;
}

int split_folder_read(const struct split_folder *folder, size_t list, sample_id_taker *take,
                      void *context, struct lcap_error *error)
{
    struct buffer path = {0};
    int rc = split_folder_append_path(folder, list, &path, error);
    if (rc == LCAP_OK)
        rc = sample_id_file_read((const char *)path.data, take, context, error);
    buffer_release(&path);
    return rc;
}

static int check_list(const struct split_folder *folder, size_t list, const char *output,
                      struct lcap_error *error)
{
    struct buffer path = {0};
    int rc = split_folder_append_path(folder, list, &path, error);
    if (rc == LCAP_OK)
        rc = file_check_not_input(output, (const char *const[]){(const char *)path.data}, 1, error);
    buffer_release(&path);
    return rc;
}

int split_folder_check_output(const char *path, const char *output, struct lcap_error *error)
{
    struct split_folder folder;
    if (!path)
        return LCAP_OK;
    int rc = split_folder_open(&folder, path, NULL);
    const size_t lists = rc == LCAP_OK ? folder.count : 0; /* a fault is told when it is read */
    rc = LCAP_OK;
    for (size_t i = 0; i < lists && rc == LCAP_OK; i++)
        rc = check_list(&folder, i, output, error);
    split_folder_release(&folder);
    return rc;
}

static int not_there(const struct split_folder *folder, const char *name, struct lcap_error *error)
{
    char wanted[EXCERPT_TEXT], found[EXCERPT_TEXT];
    struct buffer names = {0};
    int rc = LCAP_OK;
    for (size_t i = 0; i < folder->count && rc == LCAP_OK; i++)
        rc = buffer_printf(&names, error, "%s%s", i > 0 ? ", " : "", folder->names[i]);
    if (rc == LCAP_OK) {
        text_excerpt(name, strlen(name), wanted);
        text_excerpt((const char *)names.data, names.len, found);
        rc = lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: no list '%s': there are %s",
                            folder->path, wanted, found);
    }
    buffer_release(&names);
    return rc;
}

int split_folder_find(const struct split_folder *folder, const char *name, size_t *list,
                      struct lcap_error *error)
{
    for (*list = 0; *list < folder->count; ++*list)
        if (strcmp(folder->names[*list], name) == 0)
            return LCAP_OK;
    return not_there(folder, name, error);
}

/* ---- the list of each sample ---- */

static int take_id(void *context, uint64_t id, uint32_t line, struct lcap_error *error)
{
    struct split_lists *lists = context;
    const size_t known = lists->ids.count;
    uint32_t number;
    (void)line;
    int rc = idmap_add(&lists->ids, id, &number, error);
    if (rc == LCAP_OK)
        rc = memory_grow((void **)&lists->list_of, &lists->capacity, lists->ids.count,
                         sizeof *lists->list_of, error);
    if (rc == LCAP_OK && number == known)
        lists->list_of[number] = lists->list;
    return rc;
}

int split_lists_read(struct split_lists *lists, const char *path, struct lcap_error *error)
{
    *lists = (struct split_lists){.list = 0};
    int rc = split_folder_open(&lists->folder, path, error);
    for (; rc == LCAP_OK && lists->list < lists->folder.count; lists->list++)
        rc = split_folder_read(&lists->folder, lists->list, take_id, lists, error);
    return rc;
}

int split_lists_of_ids(struct split_lists *lists, const uint64_t *ids, size_t count,
                       struct lcap_error *error)
{
    int rc = LCAP_OK;
    *lists = (struct split_lists){.list = 0};
    for (size_t i = 0; i < count && rc == LCAP_OK; i++)
        rc = take_id(lists, ids[i], 0, error);
    return rc;
}

void split_lists_release(struct split_lists *lists)
{
    split_folder_release(&lists->folder);
    idmap_release(&lists->ids);
    free(lists->list_of);
    *lists = (struct split_lists){.list_of = NULL};
}

uint16_t split_lists_of(const struct split_lists *lists, uint64_t sample_id)
{
    const uint32_t number = idmap_find(&lists->ids, sample_id);
    return number == IDMAP_NONE ? SPLIT_NO_LIST : lists->list_of[number];
}
