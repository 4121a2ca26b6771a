/* Reads what a partition needs to know of the samples, and what ties them together. */
#ifndef DATASET_PARTITION_PARTITION_SAMPLES_H
#define DATASET_PARTITION_PARTITION_SAMPLES_H

#include "dataset/partition/partition.h"

/*
 * Fills in samples, labels and joins: from the catalogue, if there is one that says all
 * that the groups go by, or else from the packets. LCAP_ERR_DAMAGED: the data set is
 * damaged. LCAP_ERR_LABEL: no packet is labelled, or no sample has what the groups
 * go by.
 */
int partition_samples_read(struct partition *partition, struct lcap_error *error);

#endif
