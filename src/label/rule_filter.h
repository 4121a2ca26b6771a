/* The column traffic_filter: one or more tags joined by '|'. */
#ifndef LABEL_RULE_FILTER_H
#define LABEL_RULE_FILTER_H

#include "label/rule_kind.h"
#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>

enum rule_tag {
    RULE_FILE,
    RULE_BPF,
    RULE_COMMENT,
    RULE_START,
    RULE_END,
    RULE_SCOPE,
    RULE_EACH,
    RULE_TAGS
};

/* Their values; a rule may have several EACH. */
enum { RULE_PARTS = RULE_EACH + EACH_MOST };

/* The value after a tag, trimmed; points into the column. */
struct rule_part {
    const char *text; /* NULL: no such tag */
    size_t len;
    size_t tag_at, text_at; /* offsets in the column */
};

struct rule_filter {
    bool untagged; /* no tag at all: then parts[RULE_FILE] is the whole column */
    struct rule_part parts[RULE_PARTS]; /* those of EACH from RULE_EACH on */
};

/*
 * Splits the column. A '|' ends a part only if a known tag follows, so filters may
 * contain it. On an error, *at is its offset.
 */
int rule_filter_split(const char *text, size_t len, struct rule_filter *filter, size_t *at,
                      struct lcap_error *error);

/* The name of the tag with which text begins, or NULL. */
const char *rule_filter_tag(const char *text, size_t len);

/*
 * The error for text without a tag that is not a file name either; recognises a mistyped tag and,
 * where the first rule should be, a header of other words.
 */
int rule_filter_no_tag(const char *text, size_t len, bool first, struct lcap_error *error);

#endif
