/* Checking as one of several shards: each writes what it has seen of its share. */
#ifndef DATASET_CHECK_CHECK_SHARD_H
#define DATASET_CHECK_CHECK_SHARD_H

#include "base/io/output.h"
#include "dataset/check/check_pass.h"
#include "dataset/shard/shard.h"

struct check_shard {
    struct shard shard;
    const char *output; /* names the parts, and is not written */
    struct output_options placing;
    bool count_packets; /* only does what check_counts.h says */
};

/*
 * Writes the part of a shard, and its joint. *is_done: an earlier process has done that, and
 * nothing was read.
 */
int check_shard_run(const struct sources *sources, const struct check_pass_options *options,
                    const struct check_shard *shard, bool *is_done, struct lcap_error *error);

/* The parts of all shards of this output are no inputs. */
int check_shard_exclude(const struct check_shard *shard, struct sources *sources,
                        struct lcap_error *error);

/*
 * Appends hashes of the files that the options name, by which a change shows, and a zero.
 * Shards and merge read these files.
 */
int check_shard_name_files(const struct check_pass_options *options, struct buffer *text,
                           struct lcap_error *error);

#endif
