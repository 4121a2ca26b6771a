/*
 * Merges sorted parts: a packet at a time, the least of those that the parts are at. Of
 * equal ones that of the earlier shard comes first, as it came first in the inputs.
 */
#ifndef SHARD_SORTED_MERGE_H
#define SHARD_SORTED_MERGE_H

#include "dataset/dataset_writer.h"
#include "dataset/shard/parts.h"

struct sorted_merge;

/* LCAP_ERR_FORMAT: a part has what is behind damage, and its shard has to be run again. */
int sorted_merge_open(struct sorted_merge **merge, const struct parts *parts, unsigned threads,
                      struct lcap_error *error);

/* Whether all interfaces of all parts have one snap length; no packet of theirs is longer. */
bool sorted_merge_has_one_snaplen(const struct sorted_merge *merge);

typedef int sorted_merge_function(void *context, const struct lcap_block *block,
                                  struct lcap_error *error);

/* Passes all blocks in order. */
int sorted_merge_run(struct sorted_merge *merge, sorted_merge_function *function, void *context,
                     struct lcap_error *error);
void sorted_merge_free(struct sorted_merge *merge);

#endif
