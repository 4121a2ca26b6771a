/* The findings about the rules of one labelling: those of the whole run, then by line. */
#ifndef DATASET_LABELLING_LABEL_FINDINGS_H
#define DATASET_LABELLING_LABEL_FINDINGS_H

#include "base/findings.h"

struct label_pass;
struct label_pass_result;

/*
 * Adds the findings of loading, those of the labeller, the rules that labelled
 * nothing, unless loading has explained that, and what is likely then.
 */
int label_findings_gather(struct findings *findings, const struct label_pass *pass,
                          struct lcap_error *error);

/* LCAP_ERR_RULES if there are any: for callers that accept no warnings about rules. */
int label_findings_refuse(const struct label_pass_result *done, struct lcap_error *error);

#endif
