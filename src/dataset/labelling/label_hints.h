/* What is likely where rules labelled nothing. */
#ifndef DATASET_LABELLING_LABEL_HINTS_H
#define DATASET_LABELLING_LABEL_HINTS_H

#include "base/findings.h"
#include "dataset/survey.h"
#include <labelcap/label.h>

struct label_pass;

/* Whether the window of the rule, moved by `shift_ns`, misses all packets that have a time. */
bool label_window_misses(const struct lcap_rule *rule, int64_t shift_ns, const struct tally *all);

/*
 * Whether this is an Ethernet packet with a VLAN tag, behind which filters look only if they say
 * so.
 */
bool label_packet_is_tagged(const struct lcap_packet *packet);

/* Adds the findings; they are of the whole run and have no place. */
int label_hints_gather(struct findings *findings, const struct label_pass *pass,
                       struct lcap_error *error);

#endif
