/*
 * Checks the lists of a split (split_folder.h). They have to be disjoint, to name only
 * samples of the data set, and to name them all. Those of a challenge may be missing.
 */
#ifndef DATASET_CHECK_CHECK_LISTS_H
#define DATASET_CHECK_CHECK_LISTS_H

#include "dataset/check/check_finding.h"

/* LCAP_ERR_ARGUMENT: a line is not a sampleID, or there are no lists. */
int check_lists(const char *directory, struct sample_registry *registry,
                struct check_findings *findings, struct lcap_error *error);

#endif
