/*
 * What a shard counts of each segment of an input. It is noted in its joint, as words with
 * numbers, and label_sum.h makes of all notes what one process would have counted.
 */
#ifndef DATASET_LABELLING_LABEL_COUNTS_H
#define DATASET_LABELLING_LABEL_COUNTS_H

#include "dataset/labelling/label_pass.h"

struct label_counts;

/* The rules and the labeller, which knows how many packets each has labelled, must outlive it. */
int label_counts_new(struct label_counts **counts, const struct lcap_rules *rules,
                     const struct lcap_labeller *labeller, struct lcap_error *error);

/* Where the packets of the segment are to be counted. */
struct tally *label_counts_tally(struct label_counts *counts);

/* The link type of a packet; and its sample, where a rule gives it one. */
int label_counts_linktype(struct label_counts *counts, uint16_t linktype, struct lcap_error *error);
int label_counts_sample(struct label_counts *counts, const struct lcap_sample *sample,
                        struct lcap_error *error);

/* A packet that no rule labels. */
void label_counts_unlabelled(struct label_counts *counts, bool is_kept, bool is_tagged);

/*
 * At the beginning of a segment, once the interfaces that were described before are in the
 * part: their losses, up to `losses`, are those of another segment.
 */
void label_counts_begin(struct label_counts *counts, const struct lcap_losses *losses);

/*
 * At the end of a segment: appends the notes, and begins anew. `losses`: those of the part so
 * far.
 */
int label_counts_write(struct label_counts *counts, const struct input_outcome *outcome,
                       const struct lcap_losses *losses, struct buffer *notes,
                       struct lcap_error *error);

/* NULL is allowed. */
void label_counts_free(struct label_counts *counts);

#endif
