/* Divides the inputs into groups with names and metadata. */
#include "tabulate/input_groups.h"

#include "base/intern.h"
#include "base/memory.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <labelcap/capture.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The first directory in `below`, or none if the file is in DIR itself. */
static size_t class_len(const struct source *source)
{
    const char *slash = strchr(source->below, '/');
    return slash ? (size_t)(slash - source->below) : 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add_class(struct input_groups *groups, const char *name, struct lcap_error *error)
{
    int rc = memory_grow((void **)&groups->classes, &groups->class_capacity,
                         groups->class_count + 1, sizeof *groups->classes, error);
    char *copy = rc == LCAP_OK ? memory_copy_text(name, strlen(name), error) : NULL;
    if (!copy)
        return LCAP_ERR_MEMORY;
    groups->classes[groups->class_count++] = copy;
    return LCAP_OK;
}

static bool is_directory_in(DIR *parent, const char *name)
{
    struct stat st;
    return strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
           fstatat(dirfd(parent), name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* Every directory in `path`, even one without captures, because compat mode numbers them. */
static int find_classes(struct input_groups *groups, const char *path, struct lcap_error *error)
{
    DIR *parent = opendir(path);
    const struct dirent *entry;
    int rc = LCAP_OK;
    if (!parent)
        return lcap_error_set_errno(error, errno, "%s: cannot open directory", path);
    while (rc == LCAP_OK && (entry = readdir(parent)))
        if (is_directory_in(parent, entry->d_name))
            rc = add_class(groups, entry->d_name, error);
    closedir(parent);
    if (rc == LCAP_OK && groups->class_count == 0)
        rc = lcap_error_set(error, LCAP_ERR_ARGUMENT,
                            "%s: has no directories, so there are no classes", path);
    if (rc == LCAP_OK)
        qsort(groups->classes, groups->class_count, sizeof *groups->classes, compare_names);
    return rc;
}

static bool is_capture(const char *path)
{
    struct lcap_reader *reader = NULL;
    const int rc = lcap_reader_open(&reader, path, NULL, NULL);
    lcap_reader_free(reader);
    return rc != LCAP_ERR_FORMAT;
}

/* pcap2json has a file for each class, and none for captures beside them. */
static int check_classes(const struct sources *sources, struct lcap_error *error)
{
    for (size_t i = 0; i < sources->count; i++) {
        const struct source *source = &sources->items[i];
        if (class_len(source) == 0 && is_capture(source->path))
            return lcap_error_set(
                error, LCAP_ERR_ARGUMENT,
                "%s: is not in a class directory, so it would be in no file: move it into one",
                source->path);
    }
    return LCAP_OK;
}

static struct input_group group_of(const struct input_groups *groups,
                                   const struct tabulate_options *options, size_t source)
{
    const struct source *input = &options->sources->items[source];
    struct input_group group = {.first = source, .count = 1, .metadata = options->flow.metadata};
    const size_t len = options->classes ? class_len(input) : 0;
    for (size_t i = 0; len && i < groups->class_count; i++)
        if (strlen(groups->classes[i]) == len &&
            memcmp(groups->classes[i], input->below, len) == 0) {
            group.metadata = groups->classes[i];
            group.class_number = i;
        }
    return group;
}

/* The path below the directory given, or the bare name of a file given itself; "stdin" for standard
 * input. */
static const char *short_name(const struct source *source)
{
    const char *slash = strrchr(source->path, '/');
    if (strcmp(source->path, "-") == 0)
        return "stdin";
    if (source->walked)
        return source->below;
    return slash ? slash + 1 : source->path;
}

/* Groups with equal short names get their paths as names. */
static int name_groups(struct input_groups *groups, const struct sources *sources,
                       struct lcap_error *error)
{
    struct intern *names = NULL;
    uint32_t *uses = memory_new(groups->count, sizeof *uses, error);
    uint32_t *numbers = memory_new(groups->count, sizeof *numbers, error);
    int rc = uses && numbers ? intern_new(&names, error) : LCAP_ERR_MEMORY;
    for (size_t i = 0; i < groups->count && rc == LCAP_OK; i++) {
        const char *name = short_name(&sources->items[groups->items[i].first]);
        rc = intern_add(names, name, strlen(name), &numbers[i], error);
        if (rc == LCAP_OK)
            uses[numbers[i]]++;
    }
    for (size_t i = 0; i < groups->count && rc == LCAP_OK; i++) {
        const struct source *source = &sources->items[groups->items[i].first];
        groups->items[i].name = uses[numbers[i]] > 1 ? source->path : short_name(source);
    }
    intern_free(names);
    free(uses);
    free(numbers);
    return rc;
}

int input_groups_make(struct input_groups *groups, const struct tabulate_options *options,
                      struct lcap_error *error)
{
    const struct sources *sources = options->sources;
    const bool joined = options->join && sources->count;
    int rc = options->classes ? find_classes(groups, options->classes, error) : LCAP_OK;
    if (rc == LCAP_OK && options->classes && options->flow.compat)
        rc = check_classes(sources, error);
    if (rc < 0)
        return rc;
    groups->count = joined ? 1 : sources->count;
    groups->items = memory_new(groups->count, sizeof *groups->items, error);
    if (!groups->items)
        return LCAP_ERR_MEMORY;
    for (size_t i = 0; i < groups->count; i++)
        groups->items[i] = group_of(groups, options, i);
    if (joined)
        groups->items[0].count = sources->count;
    return name_groups(groups, sources, error);
}

void input_groups_release(struct input_groups *groups)
{
    for (size_t i = 0; i < groups->class_count; i++)
        free(groups->classes[i]);
    free(groups->classes);
    free(groups->items);
}
