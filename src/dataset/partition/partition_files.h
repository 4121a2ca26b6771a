/* The files of a partition: lists, partition.json, and those of the challenge. */
#ifndef DATASET_PARTITION_PARTITION_FILES_H
#define DATASET_PARTITION_PARTITION_FILES_H

#include "dataset/partition/partition.h"

/*
 * Before anything is read: makes the directory unless it exists, which *is_new tells.
 * LCAP_ERR_ARGUMENT: it has lists of another split, or a secret file is in it.
 */
int partition_files_prepare(const struct partition *partition, const char *directory, bool *is_new,
                            struct lcap_error *error);

int partition_files_write(struct partition *partition, const char *directory,
                          struct lcap_error *error);

#endif
