/* The run of a shard that writes its packets into buckets, whatever these are for. */
#ifndef DATASET_SHARD_BUCKET_RUN_H
#define DATASET_SHARD_BUCKET_RUN_H

#include "dataset/shard/packet_buckets.h"
#include "dataset/shard/shard_run.h"

struct bucket_run {
    struct shard_run *run;
    const struct input_options *input;
    struct packet_buckets_options buckets;
    struct output_options placing; /* overwrite and no_sync */
    struct input_counts inputs;    /* what was read */
    uint64_t packets;
};

/* Reads what of the inputs belongs to the shard, and writes its part and its joint. */
int bucket_run_write(struct bucket_run *run, struct lcap_error *error);

#endif
