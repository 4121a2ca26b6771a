/* Which input a FILE rule names: a path, a path below the directory given, or a bare file name. */
#ifndef LABEL_RULE_FILES_H
#define LABEL_RULE_FILES_H

#include "label/rule.h"

struct rule_files;

/* Borrows `files` until it is freed. */
int rule_files_new(struct rule_files **set, const struct lcap_file *files, size_t count,
                   struct lcap_error *error);

/*
 * Returns 1 and the number of the input that `name` means, or 0 if it means none. A
 * name that means several inputs in the same way is an error. Leading "./" and
 * doubled slashes do not matter.
 */
int rule_files_find(struct rule_files *set, const char *name, size_t len, uint32_t *file,
                    struct lcap_error *error);
void rule_files_free(struct rule_files *set);

#endif
