/*
 * Which rule labels a packet: the first in file order that matches it. The cost
 * hardly depends on the number of rules.
 */
#ifndef LABEL_MATCHING_MATCHER_H
#define LABEL_MATCHING_MATCHER_H

#include "label/rule.h"

struct matcher;

/* `rules` must outlive the matcher. */
int matcher_new(struct matcher **matcher, const struct lcap_rules *rules, struct lcap_error *error);

/* `file` as for lcap_labeller_label(). Returns 1 and the rule's index in *rule, 0 and NO_RULE if
 * no rule matches, or a negative code. */
int matcher_match(struct matcher *matcher, uint32_t file, const struct lcap_packet *packet,
                  uint32_t *rule, struct lcap_error *error);

/* As lcap_labeller_finding(). */
const struct lcap_finding *matcher_finding(const struct matcher *matcher, size_t index);
void matcher_free(struct matcher *matcher);

#endif
