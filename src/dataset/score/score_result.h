/* Describes how good predictions are. */
#ifndef DATASET_SCORE_SCORE_RESULT_H
#define DATASET_SCORE_SCORE_RESULT_H

#include "dataset/score/score_pass.h"

/* `found` must outlive the result. */
void score_describe(const struct score_pass_result *found, struct result *result);

#endif
