/*
 * Which rule labels a packet: the first in file order that matches it. The cost
 * hardly depends on the number of rules.
 */
#ifndef LABEL_MATCHING_MATCHER_H
#define LABEL_MATCHING_MATCHER_H

#include "label/matching/match_memo.h"
#include "label/matching/program_set.h"
#include "label/rule_programs.h"

struct matcher;

/* Of the rules with these indices, in file order. All that is given must outlive the matcher.
 * `sets` counts the sets of all matchers that share memos. */
int matcher_new(struct matcher **matcher, const struct lcap_rules *rules,
                struct rule_programs *programs, uint32_t *sets, const uint32_t *members,
                size_t count, struct lcap_error *error);

/* Makes what packets of this file and link type need. `file` as for lcap_labeller_label(). */
int matcher_prepare(struct matcher *matcher, uint32_t file, uint16_t linktype,
                    struct lcap_error *error);

/* Of packets of one file, at most MATCH_BATCH of them: the rules' indices, NO_RULE if none matches.
 * `file` as for lcap_labeller_label(). Where matcher_prepare() was last called for the same file
 * and link type, several threads may ask at once, with a memo each. */
int matcher_match(struct matcher *matcher, struct match_memo *memo, uint32_t file,
                  const struct lcap_packet *packets, size_t count, uint32_t *rules,
                  struct lcap_error *error);

void matcher_free(struct matcher *matcher);

#endif
