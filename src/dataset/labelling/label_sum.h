/*
 * The sum of what the shards of a run have counted: the result of a pass that one process
 * would have made.
 */
#ifndef DATASET_LABELLING_LABEL_SUM_H
#define DATASET_LABELLING_LABEL_SUM_H

#include "dataset/labelling/label_pass.h"
#include "dataset/shard/parts.h"

struct label_sum;

/*
 * Of parts that have been checked, which must outlive the sum. `input`: who watches, and who is
 * told of each input. LCAP_ERR_RULES: the rules are not those of the shards. LCAP_ERR_FORMAT:
 * the joint of the first one does not say what the run reads.
 */
int label_sum_new(struct label_sum **sum, const struct parts *parts,
                  const struct input_options *input, struct lcap_error *error);
const struct sources *label_sum_sources(const struct label_sum *sum);

/* Adds all parts up. LCAP_ERR_FORMAT: a joint contradicts itself. */
int label_sum_run(struct label_sum *sum, const struct parts *parts, struct lcap_error *error);

/* Adds what is known when the output is written. */
void label_sum_add_output(struct label_sum *sum, const struct lcap_losses *losses,
                          size_t linktypes);

struct label_pass *label_sum_pass(const struct label_sum *sum);

/* NULL is allowed. */
void label_sum_free(struct label_sum *sum);

#endif
