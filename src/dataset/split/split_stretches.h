/*
 * Several threads survey a plain file, each a stretch of it, and what they find is joined in
 * order. It is what a walk through the whole finds. Where a stretch does not begin as the one
 * before it ends, because its beginning was guessed wrong, the caller reads on by itself; and it
 * reads a stretch again that has what cannot be joined.
 */
#ifndef DATASET_SPLIT_SPLIT_STRETCHES_H
#define DATASET_SPLIT_SPLIT_STRETCHES_H

#include "dataset/split/split_survey.h"

/* Walks through the whole input. */
int split_stretches_survey(struct split_survey *survey, struct input_pass *input,
                           struct lcap_error *error);

#endif
