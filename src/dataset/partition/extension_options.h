/* Whether lists are extended with the options that made them. */
#ifndef DATASET_PARTITION_EXTENSION_OPTIONS_H
#define DATASET_PARTITION_EXTENSION_OPTIONS_H

#include "dataset/partition/partition.h"

/*
 * Compares with partition.json in the folder of the lists, if there is one: what the new one
 * will say has to be true of all lists. The error names the option, and both values.
 */
int extension_options_check(const struct partition *partition, struct lcap_error *error);

#endif
