/* A list of findings that owns its texts. An all-zero struct is empty. */
#ifndef BASE_FINDINGS_H
#define BASE_FINDINGS_H

#include "base/arena.h"
#include <labelcap/finding.h>
#include <stdarg.h>
#include <stdbool.h>

struct findings {
    struct lcap_finding *items;
    size_t count, capacity;
    struct arena texts;
};

/* Copies the finding, its place and its text. */
int findings_add(struct findings *findings, const struct lcap_finding *finding,
                 struct lcap_error *error);

/* The same with a text that is formatted in the words that are wanted, of at most LCAP_ERROR_TEXT
 * bytes. */
int findings_say(struct findings *findings, const struct lcap_finding *finding,
                 struct lcap_error *error, const char *format, va_list args) LCAP_PRINTF(4, 0);

/* NULL past the last one. Valid until the next is added. */
const struct lcap_finding *findings_get(const struct findings *findings, size_t index);
/* "note", "warning" or "error". */
const char *findings_severity(enum lcap_severity severity);

/* Whether one is of severity error. */
bool findings_have_error(const struct findings *findings);
void findings_release(struct findings *findings);

#endif
