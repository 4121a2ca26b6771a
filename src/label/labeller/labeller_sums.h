/*
 * Puts into a labeller what others have counted: so that it tells the counts of all of them,
 * and labels no packets of its own; or so that it goes on where they have ended.
 */
#ifndef LABEL_LABELLER_LABELLER_SUMS_H
#define LABEL_LABELLER_LABELLER_SUMS_H

#include <labelcap/label.h>

/* Compiles the filters that packets of this file and link type need, as the first one does. */
int labeller_prepare(struct lcap_labeller *labeller, uint32_t file, uint16_t linktype,
                     struct lcap_error *error);

/* The rule, which must be there, has labelled so many packets more. */
int labeller_add_packets(struct lcap_labeller *labeller, uint32_t rule, uint64_t packets,
                         struct lcap_error *error);

/*
 * Some of the packets of a rule with EACH, other than EACH:packet, are of this sample; it
 * counts once, however often it is added.
 */
int labeller_add_sample(struct lcap_labeller *labeller, uint32_t rule, uint64_t id,
                        uint64_t packets, struct lcap_error *error);

/* So many packets more are of samples that were too many to be remembered. */
void labeller_add_uncounted(struct lcap_labeller *labeller, uint64_t packets);

/* So many packets come before those of the file that it is given: for EACH:packet. */
void labeller_skip_packets(struct lcap_labeller *labeller, uint32_t file, uint64_t packets);

#endif
