/* Merges parts of arrays. */
#ifndef SHARD_ARRAYS_MERGE_H
#define SHARD_ARRAYS_MERGE_H

#include "shard/part_merge.h"

/* Writes the arrays of all parts of the result, which have been checked. */
int arrays_merge_run(const char *output, const struct part_merge_options *options,
                     struct part_merge_result *result, struct lcap_error *error);
void arrays_merge_release(struct part_merge_result *result);

#endif
