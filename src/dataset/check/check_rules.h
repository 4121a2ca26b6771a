/* Checks that sampleIDs and metadata agree with a rules file. */
#ifndef DATASET_CHECK_CHECK_RULES_H
#define DATASET_CHECK_CHECK_RULES_H

#include "dataset/check/check_finding.h"

/*
 * *unchecked receives how many samples may be of rules that make a sample for each
 * flow, host, window, file or packet: their IDs are not checked. LCAP_ERR_RULES,
 * LCAP_ERR_IO: the rules cannot be read.
 */
int check_rules(const char *path, const struct sample_registry *registry,
                struct check_findings *findings, uint64_t *unchecked, struct lcap_error *error);

#endif
