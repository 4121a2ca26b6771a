/* Finds inputs by name by hashing: any number of FILE rules costs nothing extra. */
#include "label/rule_files.h"

#include "base/buffer.h"
#include "base/intern.h"
#include "base/io/file.h"
#include "base/memory.h"
#include "base/text/spelling.h"
#include "base/text/text.h"
#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEVERAL ANY_FILE /* not the number of an input */

/* The number of inputs that an error names. */
#define NAMED_MAX 3

/*
 * Names are compared with each other up to this often, a fraction of a second: a suggestion is a
 * courtesy that thousands of rules and files must not pay for.
 */
#define MOST_COMPARISONS 1000000

/* Longer names without their endings are not compared. */
#define STEM_TEXT 33

/* In the order in which they are tried. The last takes system calls, so it is made when needed. */
enum name_kind { BY_PATH, BY_BELOW, BY_BASE_NAME, BY_REAL_PATH, NAME_KINDS };

struct name_table {
    struct intern *names;
    uint32_t *files; /* by the number of the name; SEVERAL if several files have it */
};

struct rule_files {
    const struct lcap_file *files;
    size_t count;
    struct name_table tables[NAME_KINDS];
    struct buffer name; /* the current normalised name */
    size_t comparisons; /* for suggestions, so far */
};

int rule_files_normalise(struct buffer *out, const char *path, size_t len, struct lcap_error *error)
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

/*
 * The absolute path, without links but for the file itself, which counts by its own
 * name. Empty if there is no such directory.
 */
static int real_path(struct buffer *out, const char *path, struct lcap_error *error)
{
    char resolved[PATH_MAX];
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    char *directory = slash ? memory_copy_text(path, (size_t)(name - path), error) : NULL;
    buffer_clear(out);
    if (slash && !directory)
        return LCAP_ERR_MEMORY;
    const bool found = realpath(slash ? directory : ".", resolved);
    free(directory);
    return found ? buffer_printf(out, error, "%s/%s", resolved, name) : LCAP_OK;
}

static int name_of(struct rule_files *set, size_t file, enum name_kind kind,
                   struct lcap_error *error)
{
    const char *path = set->files[file].path;
    if (kind == BY_REAL_PATH)
        return real_path(&set->name, path, error);
    if (kind == BY_BELOW)
        path = set->files[file].below;
    if (kind == BY_BASE_NAME)
        path = file_base_name(path);
    return rule_files_normalise(&set->name, path, strlen(path), error);
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
    for (int kind = 0; rc == 0 && kind < BY_REAL_PATH; kind++)
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

/* Finds the input whose name of this kind is set->name; `name` is for messages. */
static int find_by(struct rule_files *set, enum name_kind kind, const char *name, size_t len,
                   uint32_t *file, struct lcap_error *error)
{
    const struct name_table *table = &set->tables[kind];
    uint32_t id = intern_find(table->names, set->name.data, set->name.len);
    if (id == INTERN_NONE)
        return 0;
    *file = table->files[id];
    return *file == SEVERAL ? ambiguous(set, kind, id, name, len, error) : 1;
}

static int find_real_path(struct rule_files *set, const char *name, size_t len, uint32_t *file,
                          struct lcap_error *error)
{
    int rc = set->tables[BY_REAL_PATH].files ? LCAP_OK : fill_table(set, BY_REAL_PATH, error);
    if (rc == 0)
        rc = real_path(&set->name, name, error);
    return rc == 0 && set->name.len > 0 ? find_by(set, BY_REAL_PATH, name, len, file, error) : rc;
}

/* `name` ends with a NUL. */
static int find(struct rule_files *set, const char *name, size_t len, uint32_t *file,
                struct lcap_error *error)
{
    int rc = rule_files_normalise(&set->name, name, len, error);
    for (int kind = 0; rc == 0 && kind < BY_REAL_PATH; kind++)
        rc = find_by(set, (enum name_kind)kind, name, len, file, error);
    return rc == 0 ? find_real_path(set, name, len, file, error) : rc;
}

void rule_files_turn_slashes(char *path, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (path[i] == '\\')
            path[i] = '/';
}

/* With slashes for backslashes. */
static int find_slashed(struct rule_files *set, char *name, size_t len, uint32_t *file,
                        struct lcap_error *error)
{
    rule_files_turn_slashes(name, len);
    return find(set, name, len, file, error);
}

int rule_files_find(struct rule_files *set, const char *name, size_t len, uint32_t *file,
                    struct lcap_error *error)
{
    char *copy = memory_copy_text(name, len, error);
    int rc = copy ? find(set, copy, len, file, error) : LCAP_ERR_MEMORY;
    if (rc == 0 && memchr(name, '\\', len))
        rc = find_slashed(set, copy, len, file, error);
    free(copy);
    return rc;
}

/* The bare name without its endings; empty if it is too long. */
static void take_stem(const char *path, size_t len, char stem[STEM_TEXT])
{
    const char *slash = memrchr(path, '/', len);
    const char *name = slash ? slash + 1 : path;
    const char *dot = memchr(name, '.', len - (size_t)(name - path));
    const size_t stem_len = dot ? (size_t)(dot - name) : len - (size_t)(name - path);
    *stem = '\0';
    if (stem_len < STEM_TEXT)
        snprintf(stem, STEM_TEXT, "%.*s", (int)stem_len, name);
}

/* Of numbered files another number is another file, not a slip. */
static bool has_same_digits(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (*a && !isdigit((unsigned char)*a))
            a++;
        while (*b && !isdigit((unsigned char)*b))
            b++;
        if (*a != *b)
            return false;
        if (!*a)
            return true;
    }
}

static const char *nearest_to(struct rule_files *set, const char *name, size_t len)
{
    char meant[STEM_TEXT], stem[STEM_TEXT];
    take_stem(name, len, meant);
    struct spelling spelling = {.word = meant, .len = strlen(meant)};
    const char *nearest = NULL;
    for (size_t file = 0; file < set->count && set->comparisons < MOST_COMPARISONS; file++) {
        const size_t distance = spelling.meant ? spelling.distance : SIZE_MAX;
        const char *path = set->files[file].path;
        take_stem(path, strlen(path), stem);
        if (*stem && has_same_digits(stem, meant))
            spelling_try(&spelling, stem);
        set->comparisons++;
        if (spelling.meant && spelling.distance < distance)
            nearest = path;
    }
    return nearest;
}

const char *rule_files_suggest(struct rule_files *set, const char *name, size_t len)
{
    const struct name_table *table = &set->tables[BY_BASE_NAME];
    size_t start = len;
    while (start > 0 && name[start - 1] != '/' && name[start - 1] != '\\')
        start--;
    uint32_t id = intern_find(table->names, name + start, len - start);
    if (id == INTERN_NONE)
        return nearest_to(set, name + start, len - start);
    return table->files[id] == SEVERAL ? NULL : set->files[table->files[id]].path;
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
