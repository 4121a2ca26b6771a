/* Groups of samples that stay together. */
#ifndef DATASET_PARTITION_PARTITION_GROUPS_H
#define DATASET_PARTITION_PARTITION_GROUPS_H

#include "dataset/partition/partition.h"

/* Makes the groups of the samples that were joined, in the order of their keys. */
int partition_groups_make(struct partition *partition, struct lcap_error *error);

/* A hash of the seed and a number that anybody can compute; see labelcap-partition(1). */
uint64_t partition_hash(const char *purpose, uint64_t seed, uint64_t id);

#endif
