/* Writes arrays as one of several shards: each writes a part. */
#ifndef ARRAYS_SHARDS_ARRAY_SHARD_H
#define ARRAYS_SHARDS_ARRAY_SHARD_H

#include "arrays/array_pass.h"

struct array_shard {
    struct shard_run *run; /* NULL: the whole run */
    struct sources sources;
    struct buffer settings; /* of the run, for the part */
};

/* LCAP_ERR_ARGUMENT: arrays with these options cannot be divided. */
int array_shard_can(const struct array_pass_options *options, struct lcap_error *error);

/* LCAP_ERR_ARGUMENT: this cannot be divided. Release it even after an error. */
int array_shard_begin(struct array_shard *shard, const struct array_pass_options *options,
                      const char *dataset, const char *output, struct lcap_error *error);
void array_shard_release(struct array_shard *shard);

#endif
