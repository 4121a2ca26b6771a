/*
 * The inputs that packets of a data set came from, for rules that ask for them: all of them must be
 * known before the first packet is checked. So each shard first collects those of its share, and
 * counts its packets.
 */
#ifndef DATASET_CHECK_CHECK_COUNTS_H
#define DATASET_CHECK_CHECK_COUNTS_H

#include "dataset/check/check_shard.h"
#include "dataset/shard/shard_run.h"

#define CHECK_COUNTS_COMMAND "check --count-packets"

/* The shard that does this: see check_shard_run(). */
int check_counts_run(const struct sources *sources, const struct check_pass_options *options,
                     const struct check_shard *shard, bool *is_done, struct lcap_error *error);

/*
 * Adds the paths that all shards have found, and lets this shard begin where the one before it
 * has ended. LCAP_ERR_FORMAT: not all shards have counted.
 */
int check_counts_take(struct shard_run *run, const struct sources *sources,
                      const struct check_shard *shard, struct intern *paths,
                      struct lcap_error *error);

#endif
