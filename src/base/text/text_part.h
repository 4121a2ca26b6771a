/* A part of a text: what a regular expression (POSIX, extended) finds in it. */
#ifndef BASE_TEXT_TEXT_PART_H
#define BASE_TEXT_TEXT_PART_H

#include <labelcap/error.h>
#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

struct text_part {
    regex_t pattern;
    bool used; /* false: all of the text */
};

/* `pattern` NULL: all of the text. After an error, there is nothing to release. */
int text_part_init(struct text_part *part, const char *pattern, struct lcap_error *error);

/*
 * Sets *found to the first group of the expression in parentheses, or without one to the whole
 * match. If nothing matches, returns false, and it is all of the text, which ends with a NUL.
 */
bool text_part_find(const struct text_part *part, const char *text, size_t len, const char **found,
                    size_t *found_len);
void text_part_release(struct text_part *part);

#endif
