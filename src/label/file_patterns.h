/*
 * Which inputs a FILE rule names by a folder ("web/": everything below it) or a
 * pattern (see glob_matches()). Both are compared with the path below the directory
 * given.
 */
#ifndef LABEL_FILE_PATTERNS_H
#define LABEL_FILE_PATTERNS_H

#include "label/rule.h"

struct file_patterns;

/* Inputs by number, ascending. */
struct file_set {
    uint32_t *files;
    size_t count;
};

/* Borrows `files` until it is freed. */
int file_patterns_new(struct file_patterns **patterns, const struct lcap_file *files, size_t count,
                      struct lcap_error *error);

/* Whether a FILE rule is a folder or a pattern unless an input bears that name. */
bool file_pattern_is_one(const char *text, size_t len);

/* Fills `set` (to be freed) with the inputs that match; it may stay empty. */
int file_patterns_find(struct file_patterns *patterns, const char *text, size_t len,
                       struct file_set *set, struct lcap_error *error);
bool file_set_has(const struct file_set *set, uint32_t file);
void file_patterns_free(struct file_patterns *patterns);

#endif
