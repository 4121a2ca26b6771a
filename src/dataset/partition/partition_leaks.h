/* The leak report of lists that have been written. */
#ifndef DATASET_PARTITION_PARTITION_LEAKS_H
#define DATASET_PARTITION_PARTITION_LEAKS_H

#include "dataset/partition/partition.h"

/* Reads the packets again. Without both lists, train and test, there is nothing to report. */
int partition_leaks_find(struct partition *partition, const char *directory,
                         struct lcap_error *error);

#endif
