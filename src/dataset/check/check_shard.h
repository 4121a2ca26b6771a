/* Checking as one of several shards: each writes what it has seen of its share. */
#ifndef DATASET_CHECK_CHECK_SHARD_H
#define DATASET_CHECK_CHECK_SHARD_H

#include "dataset/check/check_pass.h"
#include "dataset/shard/shard.h"

struct check_shard {
    struct shard shard;
    const char *output; /* names the parts, and is not written */
    bool overwrite, no_sync;
};

/*
 * Writes the part of a shard, and its joint. *is_done: an earlier process has done that, and
 * nothing was read. LCAP_ERR_ARGUMENT, LCAP_ERR_RULES: only one process can check that.
 */
int check_shard_run(const struct sources *sources, const struct check_pass_options *options,
                    const struct check_shard *shard, bool *is_done, struct lcap_error *error);

/* Whether shards can check it: LCAP_ERR_ARGUMENT, LCAP_ERR_RULES. */
int check_shard_can(const struct check_pass_options *options, struct lcap_error *error);

/*
 * Appends hashes of the files that the options name, by which a change shows, and a zero.
 * Shards and merge read these files.
 */
int check_shard_name_files(const struct check_pass_options *options, struct buffer *text,
                           struct lcap_error *error);

#endif
