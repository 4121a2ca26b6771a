/* Patterns as shells have them: '*' for any text, '?' for one character. */
#ifndef BASE_TEXT_GLOB_H
#define BASE_TEXT_GLOB_H

#include <stdbool.h>
#include <stddef.h>

enum glob_kind {
    GLOB_TEXT, /* '*' and '?' stand for anything */
    /*
     * '*' and '?' stay within a component of a path; a component "**" stands for any
     * number of components, none as well; "**" elsewhere for any text.
     */
    GLOB_PATH,
};

/*
 * Whether the whole text matches. '?' is one character of UTF-8. The time is at
 * most proportional to the product of both lengths.
 */
bool glob_matches(enum glob_kind kind, const char *pattern, size_t pattern_len, const char *text,
                  size_t len);

/* The length of what stands before the first '*' or '?'. */
size_t glob_literal_length(const char *pattern, size_t len);

#endif
