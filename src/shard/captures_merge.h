/* Makes the capture of a run of the parts of its shards. */
#ifndef SHARD_CAPTURES_MERGE_H
#define SHARD_CAPTURES_MERGE_H

#include "shard/part_merge.h"

/* Merges the parts of the result, whose joints are checked; fills in what is written. */
int captures_merge_run(const char *output, const struct part_merge_options *options,
                       struct part_merge_result *result, struct lcap_error *error);

#endif
