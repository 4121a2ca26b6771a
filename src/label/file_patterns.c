/* Inputs in order of their paths, so that a pattern is tried only where its beginning fits. */
#include "label/file_patterns.h"

#include "base/arena.h"
#include "base/memory.h"
#include "base/text/glob.h"
#include "label/rule_files.h"
#include <stdlib.h>
#include <string.h>

struct input_path {
    const char *path; /* normalised, below the directory given */
    size_t len;
    uint32_t file;
};

struct file_patterns {
    struct input_path *paths; /* sorted */
    size_t count;
    struct arena texts;
    struct buffer pattern; /* the current one, normalised */
};

static int compare_paths(const void *a_, const void *b_)
{
    const struct input_path *a = a_, *b = b_;
    int order = strcmp(a->path, b->path);
    return order ? order : (a->file > b->file) - (a->file < b->file);
}

static int add_path(struct file_patterns *p, const char *below, struct lcap_error *error)
{
    int rc = rule_files_normalise(&p->pattern, below, strlen(below), error);
    char *text = rc == 0 ? arena_take(&p->texts, p->pattern.len + 1, error) : NULL;
    if (!text)
        return LCAP_ERR_MEMORY;
    memcpy(text, p->pattern.data, p->pattern.len);
    text[p->pattern.len] = '\0';
    p->paths[p->count] = (struct input_path){text, p->pattern.len, (uint32_t)p->count};
    p->count++;
    return LCAP_OK;
}

int file_patterns_new(struct file_patterns **patterns, const struct lcap_file *files, size_t count,
                      struct lcap_error *error)
{
    struct file_patterns *p = memory_new(1, sizeof *p, error);
    if (!p)
        return LCAP_ERR_MEMORY;
    p->paths = memory_new(count, sizeof *p->paths, error);
    int rc = p->paths ? LCAP_OK : LCAP_ERR_MEMORY;
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = add_path(p, files[i].below, error);
    if (rc < 0) {
        file_patterns_free(p);
        return rc;
    }
    if (count > 0)
        qsort(p->paths, count, sizeof *p->paths, compare_paths);
    *patterns = p;
    return LCAP_OK;
}

bool file_pattern_is_one(const char *text, size_t len)
{
    return len > 0 &&
           (text[len - 1] == '/' || text[len - 1] == '\\' || glob_literal_length(text, len) < len);
}

/* The first path that is not before the `len` bytes at `text`. */
static size_t first_from(const struct file_patterns *p, const char *text, size_t len)
{
    size_t low = 0, high = p->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strncmp(p->paths[middle].path, text, len) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int compare_numbers(const void *a_, const void *b_)
{
    const uint32_t *a = a_, *b = b_;
    return (*a > *b) - (*a < *b);
}

static int collect(const struct file_patterns *p, struct file_set *set, struct lcap_error *error)
{
    const char *pattern = (const char *)p->pattern.data;
    const size_t literal = glob_literal_length(pattern, p->pattern.len);
    size_t capacity = 0;
    int rc = LCAP_OK;
    for (size_t i = first_from(p, pattern, literal);
         rc == 0 && i < p->count && strncmp(p->paths[i].path, pattern, literal) == 0; i++) {
        const struct input_path *path = &p->paths[i];
        if (!glob_matches(GLOB_PATH, pattern, p->pattern.len, path->path, path->len))
            continue;
        rc =
            memory_grow((void **)&set->files, &capacity, set->count + 1, sizeof *set->files, error);
        if (rc == 0)
            set->files[set->count++] = path->file;
    }
    if (set->count > 1)
        qsort(set->files, set->count, sizeof *set->files, compare_numbers);
    return rc;
}

int file_patterns_find(struct file_patterns *patterns, const char *text, size_t len,
                       struct file_set *set, struct lcap_error *error)
{
    struct buffer *pattern = &patterns->pattern;
    char *slashed = memory_copy_text(text, len, error);
    *set = (struct file_set){0};
    if (!slashed)
        return LCAP_ERR_MEMORY;
    rule_files_turn_slashes(slashed, len);
    int rc = rule_files_normalise(pattern, slashed, len, error);
    if (rc == 0 && len > 0 && slashed[len - 1] == '/')
        rc = buffer_append_text(pattern, pattern->len > 0 ? "/**" : "**", error);
    free(slashed);
    return rc == 0 ? collect(patterns, set, error) : rc;
}

bool file_set_has(const struct file_set *set, uint32_t file)
{
    return set->count > 0 &&
           bsearch(&file, set->files, set->count, sizeof *set->files, compare_numbers);
}

void file_patterns_free(struct file_patterns *patterns)
{
    if (!patterns)
        return;
    arena_release(&patterns->texts);
    buffer_release(&patterns->pattern);
    free(patterns->paths);
    free(patterns);
}
