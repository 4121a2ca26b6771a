/* Sorting as one of several shards: each writes a sorted part. */
#ifndef DATASET_SHARD_SORT_SHARD_H
#define DATASET_SHARD_SORT_SHARD_H

#include "dataset/shard/shard_run.h"
#include "dataset/sort_pass.h"

/* What a shard has met that it can sort only as long as nothing else comes. */
struct sort_shard {
    struct shard_run *run; /* NULL: the whole run */
    bool begun, big_endian;
    bool has_first_blocks; /* that are no descriptions, and come before the packets */
    bool late;             /* a description came behind one */
};

int sort_shard_begin(struct sort_shard *shard, const struct sources *sources, const char *output,
                     const struct sort_pass_options *options, struct lcap_error *error);

/* LCAP_ERR_ARGUMENT: only the whole run can tell where this block goes, or how it looks. */
int sort_shard_check(struct sort_shard *shard, const struct lcap_block *block,
                     struct lcap_error *error);

/* For the joint: one process would copy a single file that is in order. */
void sort_shard_note(const struct sort_shard *shard, const struct sort_pass_result *done);

#endif
