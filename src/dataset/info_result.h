/* The result of a pass of `info`, described for printers. */
#ifndef DATASET_INFO_RESULT_H
#define DATASET_INFO_RESULT_H

#include "base/result.h"
#include "dataset/info_pass.h"

/* `found` outlives the description. */
void info_describe(const struct info_pass_result *found, bool list_samples, struct result *result);

#endif
