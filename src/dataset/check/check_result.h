/* Describes what a check found. */
#ifndef DATASET_CHECK_CHECK_RESULT_H
#define DATASET_CHECK_CHECK_RESULT_H

#include "base/result.h"
#include "dataset/check/check_pass.h"

/* `found` must outlive the result. */
void check_describe(const struct check_pass_result *found, struct result *result);

#endif
