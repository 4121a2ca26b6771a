/*
 * Labels several packets at once where every rule has one sample. The memory that rules
 * and samples need is fetched for all of them together; one by one, each packet would
 * wait for its own.
 */
#ifndef LABEL_LABELLER_LABELLER_PLAIN_H
#define LABEL_LABELLER_LABELLER_PLAIN_H

#include "label/matching/match_memo.h"
#include "label/matching/program_set.h"
#include <labelcap/label.h>

#define LABELLER_BATCH MATCH_BATCH /* packets at most */

/* No rule of it asks for a flow, host, window or file. */
bool labeller_is_plain(const struct lcap_labeller *labeller);

/* Like lcap_labeller_label() for each of the packets of a file; samples[i] is NULL if no rule
 * labels it. Only if labeller_is_plain(). The samples are valid as long as the labeller. */
int labeller_label_plainly(struct lcap_labeller *labeller, uint32_t file,
                           const struct lcap_packet *packets, size_t count,
                           const struct lcap_sample **samples, struct lcap_error *error);

/*
 * The rules of packets, or NO_RULE. Several threads may ask at once, with a memo each, once
 * labeller_label_plainly() has labelled a packet of the same file and link type, and no other
 * since. What is found is counted with labeller_add_packets().
 */
int labeller_match_plainly(const struct lcap_labeller *labeller, struct match_memo *memo,
                           uint32_t file, const struct lcap_packet *packets, size_t count,
                           uint32_t *rules, struct lcap_error *error);

#endif
