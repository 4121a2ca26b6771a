/*
 * Lists that are extended: their samples stay where they are, and new samples of their
 * groups follow them. New samples that join groups of different lists are a conflict.
 */
#ifndef DATASET_PARTITION_LIST_EXTENSION_H
#define DATASET_PARTITION_LIST_EXTENSION_H

#include "dataset/partition/partition.h"

/*
 * Reads the folder options.extend. LCAP_ERR_ARGUMENT: it has another list than those
 * asked for, or there is a conflict that options.drop_conflicts does not settle.
 */
int list_extension_apply(struct partition *partition, struct lcap_error *error);

#endif
