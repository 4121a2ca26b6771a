/* The findings about the rules of one labelling, in the order of the rules file. */
#ifndef DATASET_LABEL_FINDINGS_H
#define DATASET_LABEL_FINDINGS_H

#include "base/findings.h"

struct label_pass;

/*
 * Adds the findings of loading, those of the labeller, and the rules that labelled
 * nothing, unless loading has explained that.
 */
int label_findings_gather(struct findings *findings, const struct label_pass *pass,
                          struct lcap_error *error);

#endif
