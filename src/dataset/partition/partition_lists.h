/*
 * Gives each group a list.
 *
 * By hash: a threshold on the hash of seed and key, so that no group moves when others
 * come. Exactly: the groups of a label, large ones first, are dealt in the order of their
 * hashes, each to the list that lacks most; what one label leaves uneven, the next ones
 * even out. By time: see list_times.h.
 */
#ifndef DATASET_PARTITION_PARTITION_LISTS_H
#define DATASET_PARTITION_PARTITION_LISTS_H

#include "dataset/partition/partition.h"

/* Names the lists that the options ask for. */
void partition_lists_name(struct partition *partition);

/* The list of this name, or SPLIT_NO_LIST. */
uint16_t partition_lists_find(const struct partition *partition, const char *name);

static inline bool partition_group_is_free(const struct partition_group *group)
{
    return group->list == SPLIT_NO_LIST && !group->left_out && !group->torn;
}

/* Gives all groups a list that have none yet, and all samples that of their group. */
int partition_lists_assign(struct partition *partition, struct lcap_error *error);

#endif
