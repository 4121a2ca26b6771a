/* What passes have done, described for printers. */
#ifndef DATASET_PASS_RESULTS_H
#define DATASET_PASS_RESULTS_H

#include "base/result.h"
#include "dataset/sort_pass.h"
#include "dataset/split/split_pass.h"
#include "dataset/strip_pass.h"

/* The counts of inputs; and, as a finding, what was not read. */
void inputs_describe(const struct input_counts *inputs, struct result *result);
void inputs_find(const struct input_counts *inputs, struct result *result);
/* That a run did not stop at damage, whose place has been told. */
void damage_find(const struct input_counts *inputs, struct result *result);

/* Warns about an output whose packets have several link types. */
void linktypes_find(size_t linktypes, const char *output, struct result *result);

/* Warns if there are packets, but none has a label. */
void no_labels_find(const struct survey *survey, struct result *result);

/* `output` and `directory` are where the packets were written. */
void sort_describe(const struct sort_pass_result *done, const char *output, struct result *result);
void split_describe(const struct split_pass_result *done, const char *directory,
                    struct result *result);
void strip_describe(const struct strip_pass_result *done, struct result *result);

#endif
