/*
 * Writes the packets of a challenge: time, link type and bytes, under the new ID and
 * without metadata, in the order of the new IDs. Nothing else of the data set is in the
 * file: no comment, option or block, and no name of an interface.
 */
#ifndef DATASET_PARTITION_CHALLENGE_PACKETS_H
#define DATASET_PARTITION_CHALLENGE_PACKETS_H

#include "dataset/partition/partition.h"

int challenge_packets_write(struct partition *partition, const char *path,
                            struct lcap_error *error);

#endif
