/* What labelling has done, described for printers. */
#ifndef DATASET_LABELLING_LABEL_RESULT_H
#define DATASET_LABELLING_LABEL_RESULT_H

#include "base/result.h"
#include "dataset/labelling/label_pass.h"

/*
 * `done` must exist as long as the description. The table of rules is always in JSON,
 * and for people if they want it. The findings are about rules: their place is a line.
 */
void label_describe(const struct label_pass_result *done, bool show_rules, struct result *result);

/* A finding about the packets that a live capture has missed, if there are any. */
void label_find_missed(const struct label_pass_result *done, struct result *result);

#endif
