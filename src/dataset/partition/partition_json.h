/* Writes partition.json: how the lists were made, and what is in them; see labelcap-partition(1).
 */
#ifndef DATASET_PARTITION_PARTITION_JSON_H
#define DATASET_PARTITION_PARTITION_JSON_H

#include "dataset/partition/partition.h"

/* The file, in the folder of the lists. */
#define PARTITION_FACTS "partition.json"

/* The part of it that is known before the samples have lists. */
int partition_json_append_options(const struct partition *partition, struct buffer *out,
                                  struct lcap_error *error);

int partition_json_write(const struct partition *partition, const char *path,
                         struct lcap_error *error);

/* "hash", "exact" or "time". */
const char *partition_method_name(enum partition_method method);

#endif
