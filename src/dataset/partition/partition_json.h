/* Writes partition.json: how the lists were made, and what is in them; see labelcap-partition(1).
 */
#ifndef DATASET_PARTITION_PARTITION_JSON_H
#define DATASET_PARTITION_PARTITION_JSON_H

#include "dataset/partition/partition.h"

int partition_json_write(const struct partition *partition, const char *path,
                         struct lcap_error *error);

/* "hash", "exact" or "time". */
const char *partition_method_name(enum partition_method method);

#endif
