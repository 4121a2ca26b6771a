/*
 * Labels packets by several threads, where each packet stands alone: no rule asks for a flow or for
 * a sample of its own. Slabs of packets pass through a pipeline: they are read in order, matched
 * and encoded by all threads, and written in order. Any other block ends a slab; the caller labels
 * it or passes it on once everything before it is written.
 */
#ifndef DATASET_LABELLING_LABEL_SLABS_H
#define DATASET_LABELLING_LABEL_SLABS_H

#include "dataset/labelling/label_pass_internal.h"

struct label_slabs;

/* Whether the packets of the pass can be labelled so, and there are threads for it. */
bool label_slabs_suit(const struct label_pass *pass);

int label_slabs_new(struct label_slabs **slabs, struct label_pass *pass, struct lcap_error *error);

/* Like input_pass_walk(); `function` gets what is not in slabs. `file`: number of the input. */
int label_slabs_walk(struct label_slabs *slabs, uint32_t file, struct input_pass *input,
                     pass_function *function, void *context, struct lcap_error *error);

/* NULL is allowed. */
void label_slabs_free(struct label_slabs *slabs);

#endif
