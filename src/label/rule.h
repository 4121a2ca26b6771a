/* One rule, as the files see it that load and match rules. */
#ifndef LABEL_RULE_H
#define LABEL_RULE_H

#include <labelcap/label.h>

#define NO_FILTER UINT32_MAX
#define NO_RULE   UINT32_MAX
#define ANY_FILE  (UINT32_MAX - 1) /* no number of an input, and not LCAP_NO_FILE */

/* The kind of plain rules, in lcap_rules.kinds. */
#define PLAIN_KIND 0

/* All text is NUL-terminated and owned by the rules. */
struct lcap_rule {
    uint64_t line;
    const char *text;    /* the column traffic_filter */
    const char *file;    /* FILE:, or NULL */
    const char *bpf;     /* BPF:, or NULL */
    const char *comment; /* COMMENT:, or NULL; the same pointer for the same pattern */
    const char *metadata;
    const char *hash_key; /* or NULL */
    uint64_t sample_id;
    int64_t start_ns;    /* first nanosecond that matches; INT64_MIN without TS_START */
    int64_t end_ns;      /* last nanosecond that matches; INT64_MAX without TS_END */
    uint32_t filter;     /* number of bpf and comment in lcap_rules.filters, or NO_FILTER */
    uint32_t file_index; /* of the input or the set of inputs (see rules_internal.h) that FILE
                            names, LCAP_NO_FILE or ANY_FILE */
    uint32_t metadata_len;
    uint32_t kind; /* in lcap_rules.kinds */
    uint32_t source_len;
    const char *source; /* with EACH: what is hashed with the text of a sample; else NULL */
    bool has_window;    /* TS_START or TS_END: then a packet without a time never matches */
    bool shadowed;      /* earlier rules take every packet that it could label */
};

#endif
