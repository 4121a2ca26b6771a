/*
 * The rules by their kinds, a matcher for each: so a packet that lacks what the rules of
 * a kind need is never matched against them.
 */
#ifndef LABEL_RULE_CLASSES_H
#define LABEL_RULE_CLASSES_H

#include "label/matching/matcher.h"
#include "label/subject.h"

/* The first rules that test single packets and match one. */
struct packet_rules {
    uint32_t anywhere; /* of those that need no flow, or NO_RULE */
    uint32_t in_flow;  /* of those that label only packets in a flow, or NO_RULE */
};

struct rule_class {
    const struct rule_kind *kind;
    struct matcher *matcher; /* NULL: no rule is of this kind */
    uint32_t first;          /* rule of the kind */
};

struct rule_classes {
    const struct lcap_rules *rules;
    struct rule_class *items; /* by number of the kind */
    struct matcher *plain;    /* of all rules, if none has SCOPE or EACH, the usual case */
    uint32_t *members;        /* rules by kind, in file order in each */
    uint32_t sets;            /* of all matchers */
    struct match_memo memo;   /* of them, for one thread */
    uint32_t file;            /* of what they are prepared for, */
    uint32_t linktype;        /* or UINT32_MAX: for nothing yet */
};

/* To be released even after a failure. `rules` and `programs` must outlive the classes. */
int rule_classes_init(struct rule_classes *classes, const struct lcap_rules *rules,
                      struct rule_programs *programs, struct lcap_error *error);

/*
 * Prepares all matchers for packets of this file and link type, so that the filters of rules
 * are compiled even if no packet comes to them.
 */
int rule_classes_prepare(struct rule_classes *classes, uint32_t file, uint16_t linktype,
                         struct lcap_error *error);

/* Matches a packet against all rules that test single packets. */
int rule_classes_match(struct rule_classes *classes, const struct subject *subject,
                       struct packet_rules *found, struct lcap_error *error);

/*
 * Matches the first packet of a flow against the rules that test flows with this idle
 * time-out. Sets *rule to the first one that matches, or NO_RULE.
 */
int rule_classes_match_flow(struct rule_classes *classes, const struct subject *subject,
                            int64_t idle_ns, uint32_t *rule, struct lcap_error *error);

/* Whether a packet has what samples of this kind need, besides a flow. */
bool rule_classes_suit(const struct rule_classes *classes, const struct rule_kind *kind,
                       const struct subject *subject);

void rule_classes_release(struct rule_classes *classes);

#endif
