/*
 * Lists in the order of time: train, then validation, then test, then the challenge,
 * by the first packet of each group. Groups that overlap a border, or come closer to it
 * than the gap, are left out; so are those without times.
 */
#ifndef DATASET_PARTITION_LIST_TIMES_H
#define DATASET_PARTITION_LIST_TIMES_H

#include "dataset/partition/partition.h"

/*
 * The borders are where the shares of the samples end; if other lists are extended,
 * where these have them. LCAP_ERR_ARGUMENT: those are not in the order of time.
 */
int list_times_assign(struct partition *partition, struct lcap_error *error);

#endif
