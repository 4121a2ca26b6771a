/* Makes the table of a run of `flows` of the parts of its shards. */
#ifndef SHARD_FLOWS_MERGE_H
#define SHARD_FLOWS_MERGE_H

#include "shard/part_merge.h"

/* Merges the parts of the result, which are checked; fills in the rest of it. */
int flows_merge_run(const char *output, const struct part_merge_options *options,
                    struct part_merge_result *result, struct lcap_error *error);

#endif
