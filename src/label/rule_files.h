/*
 * Which input a FILE rule names: a path, a path below the directory given, a bare
 * file name, or another way to write its path.
 */
#ifndef LABEL_RULE_FILES_H
#define LABEL_RULE_FILES_H

#include "base/buffer.h"
#include "label/rule.h"

struct rule_files;

/* Borrows `files` until it is freed. */
int rule_files_new(struct rule_files **set, const struct lcap_file *files, size_t count,
                   struct lcap_error *error);

/*
 * Returns 1 and the number of the input that `name` means, or 0 if it means none. A
 * name that means several inputs in the same way is an error. Leading "./" and
 * doubled slashes do not matter; an absolute path, or one from the current
 * directory, means the file there; backslashes are slashes where no input is called
 * so.
 */
int rule_files_find(struct rule_files *set, const char *name, size_t len, uint32_t *file,
                    struct lcap_error *error);

/*
 * The path of an input that has the bare name of this path, in either style of slashes, or one
 * that differs by a slip; or NULL.
 */
const char *rule_files_suggest(struct rule_files *set, const char *name, size_t len);

/* Makes slashes of backslashes. */
void rule_files_turn_slashes(char *path, size_t len);

/* Sets `out` to the path without "." and empty components: "./a//b" becomes "a/b". */
int rule_files_normalise(struct buffer *out, const char *path, size_t len,
                         struct lcap_error *error);
void rule_files_free(struct rule_files *set);

#endif
