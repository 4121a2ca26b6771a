/* The rules, as seen by the files that load them. */
#ifndef LABEL_RULES_INTERNAL_H
#define LABEL_RULES_INTERNAL_H

#include "base/arena.h"
#include "base/findings.h"
#include "base/intern.h"
#include "capture/libpcap/filter.h"
#include "label/file_patterns.h"
#include "label/rule.h"
#include "label/rule_kind.h"

/* What a packet must be by itself, however many rules want it. */
struct distinct_filter {
    const char *text;               /* BPF, or NULL: only a comment is asked for */
    uint64_t line;                  /* of the first rule that has it */
    uint64_t rules;                 /* how many have it */
    struct filter_program ethernet; /* from its check: see filter_check() */
};

/* A kind that some rule has, or one that is another one without EACH. */
struct distinct_kind {
    struct rule_kind kind;
    uint32_t without_each; /* the number of the same kind without EACH */
};

struct lcap_rules {
    char *path;
    struct intern *texts; /* what rules point to and may share */
    struct arena columns; /* their columns traffic_filter, which differ */
    struct lcap_rule *items;
    size_t count, capacity;
    struct intern *filter_texts;     /* by the numbers of `filters`; see rule_record.c */
    struct distinct_filter *filters; /* in the order of their first use */
    size_t filter_count, filters_capacity;
    struct distinct_kind *kinds;
    size_t kind_count, kinds_capacity;
    const char **file_names; /* by number of the input, if a rule has EACH:file or EACH:packet */
    bool *named;             /* by number of the input: a FILE part names it literally */
    size_t file_count;
    /* Of patterns, which are file_index `file_count` and following. */
    struct file_set *file_sets;
    size_t file_set_count, file_sets_capacity;
    struct findings findings;
};

/* Adds a warning about the rule in `line`. */
int rules_warn(struct lcap_rules *rules, struct lcap_error *error, uint64_t line,
               const char *format, ...) LCAP_PRINTF(4, 5);

/* The same for something found in `count` rules, first in `line`. */
int rule_warning_add(struct findings *findings, uint64_t line, uint64_t count, const char *text,
                     struct lcap_error *error);

#endif
