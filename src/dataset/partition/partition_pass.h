/* Splits a data set into lists of samples. */
#ifndef DATASET_PARTITION_PARTITION_PASS_H
#define DATASET_PARTITION_PARTITION_PASS_H

#include "base/result.h"
#include "dataset/partition/partition.h"

/*
 * Writes the lists of `dataset`, a regular file, into `directory`, which is made if it
 * does not exist. `options` must outlive the partition. The caller releases it, even
 * after an error.
 */
int partition_pass_run(struct partition *partition, const char *dataset, const char *directory,
                       const struct partition_options *options, struct lcap_error *error);
void partition_pass_release(struct partition *partition);

/* `directory` is the path. */
void partition_describe(const struct partition *partition, const char *directory,
                        struct result *result);

#endif
