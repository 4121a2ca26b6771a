/*
 * The filters of all rules, compiled for each link type when they are first needed:
 * each distinct text once, however many rules have it. What libpcap refuses is a
 * warning.
 */
#ifndef LABEL_RULE_PROGRAMS_H
#define LABEL_RULE_PROGRAMS_H

#include "capture/libpcap/filter.h"
#include "label/rule.h"

struct rule_programs;

/* `rules` must outlive the result. */
int rule_programs_new(struct rule_programs **programs, const struct lcap_rules *rules,
                      struct lcap_error *error);

/*
 * Sets *program to the program of a filter for a link type, NULL if libpcap refused
 * it. Rules without a filter have one that accepts everything. Valid until the next
 * call.
 */
int rule_programs_get(struct rule_programs *programs, uint32_t rule, uint16_t linktype,
                      const struct filter_program **program, struct lcap_error *error);

/* As lcap_labeller_finding(). */
const struct lcap_finding *rule_programs_finding(const struct rule_programs *programs,
                                                 size_t index);

/* Whether the filter of a rule was refused for every link type that it was asked for. */
bool rule_programs_refused(const struct rule_programs *programs, uint32_t rule);

void rule_programs_free(struct rule_programs *programs);

#endif
