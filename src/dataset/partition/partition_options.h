/* What options of a partition ask for, and whether they fit together. */
#ifndef DATASET_PARTITION_PARTITION_OPTIONS_H
#define DATASET_PARTITION_PARTITION_OPTIONS_H

#include "dataset/partition/partition.h"

/* A share of 1 as an integer of SHARE_WHOLE; 0 for what is none. */
static inline uint32_t partition_share_of(double share)
{
    return share > 0 && share <= 1 ? (uint32_t)(share * SHARE_WHOLE + 0.5) : 0;
}

/* Reads options.group. */
int partition_grouping_read(const char *text, struct partition_grouping *grouping,
                            struct lcap_error *error);

/* LCAP_ERR_ARGUMENT: they contradict each other, or something is missing. */
int partition_options_check(const struct partition_options *options, struct lcap_error *error);

#endif
