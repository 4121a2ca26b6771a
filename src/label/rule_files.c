/* Finds inputs by name by hashing: any number of FILE rules costs nothing extra. */
#include "label/rule_files.h"

#include "base/buffer.h"
#include "base/intern.h"
#include "base/memory.h"
#include "base/text/text.h"
#include <stdlib.h>
#include <string.h>

#define SEVERAL ANY_FILE /* not the number of an input */

/* The number of inputs that an error names. */
#define NAMED_MAX 3

/* In the order in which they are tried. */
enum name_kind { BY_PATH, BY_BELOW, BY_BASE_NAME, NAME_KINDS };

struct name_table {
    struct intern *names;
    uint32_t *files; /* by the number of the name; SEVERAL if several files have it */
};

struct rule_files {
    const struct lcap_file *files;
    size_t count;
    struct name_table tables[NAME_KINDS];
    struct buffer name; /* the current normalised name */
};

/* The path without "." and empty components: "./a//b" becomes "a/b". */
static int normalise(struct buffer *out, const char *path, size_t len, struct lcap_error *error)
{
    const char *end = path + len;
    buffer_clear(out);
    int rc = len > 0 && path[0] == '/' ? buffer_append(out, "/", 1, error) : LCAP_OK;
    while (rc == 0 && path < end) {
        const char *slash = memchr(path, '/', (size_t)(end - path));
        size_t part = (size_t)((slash ? slash : end) - path);
        if (part > 1 || (part == 1 && *path != '.')) {
            if (out->len > 0 && out->data[out->len - 1] != '/')
                rc = buffer_append(out, "/", 1, error);
            if (rc == 0)
                rc = buffer_append(out, path, part, error);
        }
        path = slash ? slash + 1 : end;
    }
    return rc;
}

static int name_of(struct rule_files *set, size_t file, enum name_kind kind,
                   struct lcap_error *error)
{
    const char *path = set->files[file].path;
    if (kind == BY_BELOW)
        path = set->files[file].below;
    if (kind == BY_BASE_NAME && strrchr(path, '/'))
        path = strrchr(path, '/') + 1;
    return normalise(&set->name, path, strlen(path), error);
}

static int fill_table(struct rule_files *set, enum name_kind kind, struct lcap_error *error)
{
    struct name_table *table = &set->tables[kind];
    int rc = intern_new(&table->names, error);
    table->files = memory_new(set->count, sizeof *table->files, error);
    if (rc == 0 && !table->files)
        rc = LCAP_ERR_MEMORY;
    for (size_t file = 0; rc == 0 && file < set->count; file++) {
        size_t known = intern_count(table->names);
        uint32_t id = 0;
        rc = name_of(set, file, kind, error);
        if (rc == 0)
            rc = intern_add(table->names, set->name.data, set->name.len, &id, error);
        if (rc == 0)
            table->files[id] = id == known ? (uint32_t)file : SEVERAL;
    }
    return rc;
}

int rule_files_new(struct rule_files **set, const struct lcap_file *files, size_t count,
                   struct lcap_error *error)
{
    if (count >= SEVERAL)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "too many inputs: %zu", count);
    struct rule_files *new_set = memory_new(1, sizeof *new_set, error);
    if (!new_set)
        return LCAP_ERR_MEMORY;
    new_set->files = files;
    new_set->count = count;
    int rc = LCAP_OK;
    for (int kind = 0; rc == 0 && kind < NAME_KINDS; kind++)
        rc = fill_table(new_set, (enum name_kind)kind, error);
    if (rc < 0) {
        rule_files_free(new_set);
        return rc;
    }
    *set = new_set;
    return LCAP_OK;
}

/* The error that names the first inputs called `name`. */
static int ambiguous(struct rule_files *set, enum name_kind kind, uint32_t id, const char *name,
                     size_t len, struct lcap_error *error)
{
    struct buffer list = {0};
    size_t found = 0;
    char quoted[EXCERPT_TEXT];
    int rc = LCAP_OK;
    for (size_t file = 0; rc == 0 && file < set->count; file++) {
        rc = name_of(set, file, kind, error);
        if (rc < 0 || intern_find(set->tables[kind].names, set->name.data, set->name.len) != id)
            continue;
        text_excerpt(set->files[file].path, strlen(set->files[file].path), quoted);
        if (found++ < NAMED_MAX)
            rc = buffer_printf(&list, error, "%s%s", found > 1 ? ", " : "", quoted);
    }
    text_excerpt(name, len, quoted);
    if (rc == 0)
        rc = lcap_error_set(error, LCAP_ERR_RULES, "\"%s\" names %zu inputs: %.*s%s", quoted, found,
                            (int)list.len, (const char *)list.data,
                            found > NAMED_MAX ? ", ..." : "");
    buffer_release(&list);
    return rc;
}

int rule_files_find(struct rule_files *set, const char *name, size_t len, uint32_t *file,
                    struct lcap_error *error)
{
    int rc = normalise(&set->name, name, len, error);
    if (rc < 0)
        return rc;
    for (int kind = 0; kind < NAME_KINDS; kind++) {
        const struct name_table *table = &set->tables[kind];
        uint32_t id = intern_find(table->names, set->name.data, set->name.len);
        if (id == INTERN_NONE)
            continue;
        *file = table->files[id];
        return *file == SEVERAL ? ambiguous(set, (enum name_kind)kind, id, name, len, error) : 1;
    }
    return 0;
}

void rule_files_free(struct rule_files *set)
{
    if (!set)
        return;
    for (int kind = 0; kind < NAME_KINDS; kind++) {
        intern_free(set->tables[kind].names);
        free(set->tables[kind].files);
    }
    buffer_release(&set->name);
    free(set);
}
