/*
 * What a check finds: the kinds, each of one severity, and the findings. The manual
 * page labelcap-check(1) lists the kinds with their thresholds.
 */
#ifndef DATASET_CHECK_CHECK_FINDING_H
#define DATASET_CHECK_CHECK_FINDING_H

#include "base/arena.h"
#include "base/sample_registry.h"
#include <labelcap/finding.h>

/* In the order of the report. */
enum check_kind {
    CHECK_DAMAGED,
    CHECK_NOT_PCAPNG,
    CHECK_MALFORMED,
    CHECK_METADATA,
    CHECK_LEAK,
    CHECK_LIST_UNKNOWN,
    CHECK_LIST_OVERLAP,
    CHECK_SPLIT_LEAK,

    CHECK_EMPTY,
    CHECK_UNLABELLED,
    CHECK_BAD_LABEL,
    CHECK_BAD_METADATA,
    CHECK_DUPLICATE,
    CHECK_TIME_ORDER,
    CHECK_TIME_FAR,
    CHECK_TIME_ODD,
    CHECK_SNAP_LENGTH,
    CHECK_ZERO_TAIL,
    CHECK_RULES_ID,
    CHECK_RULES_METADATA,
    CHECK_LIST_MISSING,
    CHECK_LIST_REPEATED,

    CHECK_UNSORTED,
    CHECK_TRUNCATED,
    CHECK_ONE_PACKET,
    CHECK_RULES_UNCHECKED,
    CHECK_UNBALANCED,
    CHECK_NO_LEAKS,
    CHECK_KINDS
};

struct check_kind_row {
    const char *name;
    enum lcap_severity severity;
    const char *noun; /* what is counted; NULL: nothing is, and `what` or the detail is all */
    const char *what; /* follows the count */
    const char *advice;
};

const struct check_kind_row *check_kind_row(enum check_kind kind);

#define CHECK_NO_INPUT UINT32_MAX

/* Where something was found first. */
struct check_place {
    uint64_t packet; /* from 1, in its file; 0: not a packet */
    uint64_t offset; /* of the block of the packet */
    uint32_t input;  /* or CHECK_NO_INPUT */
    uint32_t sample; /* its number in the registry, or NO_SAMPLE */
};

#define CHECK_NOWHERE                                                                              \
    {                                                                                              \
        .input = CHECK_NO_INPUT, .sample = NO_SAMPLE                                               \
    }

static inline bool check_place_is_earlier(const struct check_place *a, const struct check_place *b)
{
    return a->input != b->input ? a->input < b->input : a->packet < b->packet;
}

struct check_finding {
    enum check_kind kind;
    struct check_place place;
    uint64_t count;
    const char *text;
    const char *advice; /* in the words that are wanted */
};

/* What is counted packet by packet and told once for the data set. */
struct check_count {
    uint64_t count;
    struct check_place first;
    const char *detail; /* ends the text; may be NULL */
};

/* All zero: nothing was found. */
struct check_findings {
    struct check_count counts[CHECK_KINDS];
    struct check_finding *items;
    size_t count, capacity;
    struct arena texts;
};

static inline void check_count_one(struct check_findings *findings, enum check_kind kind,
                                   const struct check_place *place)
{
    struct check_count *count = &findings->counts[kind];
    if (count->count++ == 0)
        count->first = *place;
}

/* The same for what is not found in the order of the packets: the earliest place counts. */
void check_count_earliest(struct check_findings *findings, enum check_kind kind,
                          const struct check_place *place);

/* Adds a finding of its own; the detail (may be NULL) ends its text. */
int check_findings_add(struct check_findings *findings, enum check_kind kind,
                       const struct check_place *place, uint64_t count, const char *detail,
                       struct lcap_error *error);

/* Adds a finding for each kind that was counted, and puts all in order. */
int check_findings_finish(struct check_findings *findings, struct lcap_error *error);
uint64_t check_findings_of(const struct check_findings *findings, enum lcap_severity severity);
void check_findings_release(struct check_findings *findings);

#endif
