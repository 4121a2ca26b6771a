/* The column traffic_filter: one or more tags joined by '|'. */
#ifndef LABEL_RULE_FILTER_H
#define LABEL_RULE_FILTER_H

#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>

enum rule_tag { RULE_FILE, RULE_BPF, RULE_START, RULE_END, RULE_TAGS };

/* What stands behind a tag, trimmed; points into the column. */
struct rule_part {
    const char *text; /* NULL: no such tag */
    size_t len;
    size_t tag_at, text_at; /* offsets in the column */
};

struct rule_filter {
    bool untagged; /* no tag at all: then parts[RULE_FILE] is the whole column */
    struct rule_part parts[RULE_TAGS];
};

/*
 * Takes the column apart. A '|' ends a part only where a known tag follows,
 * so that filters may hold it. On an error *at is the offset it is about.
 */
int rule_filter_split(const char *text, size_t len, struct rule_filter *filter, size_t *at,
                      struct lcap_error *error);

/* The error for text without a tag that is no file name either: a mistyped tag is told as such. */
int rule_filter_no_tag(const char *text, size_t len, struct lcap_error *error);

#endif
