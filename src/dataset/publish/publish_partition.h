/* Whether partition.json is true of the lists that are published. */
#ifndef DATASET_PUBLISH_PUBLISH_PARTITION_H
#define DATASET_PUBLISH_PUBLISH_PARTITION_H

#include "dataset/publish/publish_set.h"

/*
 * After the data were read: counts of lists and labels are those of the published samples, and
 * nothing is told of the challenge but its size. LCAP_ERR_FORMAT says what is wrong.
 */
int publish_partition_check(const struct publish_set *set, const char *path,
                            struct lcap_error *error);

#endif
