/* Indexing as one of several shards: each writes the outlines of its blocks. */
#ifndef DATASET_CATALOGUE_INDEX_SHARD_H
#define DATASET_CATALOGUE_INDEX_SHARD_H

#include "dataset/catalogue/file_facts.h"
#include "dataset/catalogue/index_pass.h"
#include <time.h>

/* Writes the part of the shard that the options name, and its joint. */
int index_shard_run(const char *dataset, const struct index_pass_options *options,
                    struct index_pass_result *result, struct lcap_error *error);

/* What the parts say besides their blocks. */
struct index_part_facts {
    struct lcap_position begin; /* of the data set */
    uint64_t size;              /* of its file, when a shard read it, */
    struct timespec modified;   /* and when that was last changed */
    enum lcap_pcapml_times times;
    bool hash;
    uint64_t contradicting; /* times */
};

/* LCAP_ERR_DAMAGED: the data set is. LCAP_ERR_ARGUMENT: only one process can index it. */
int index_shard_check(const struct parts *parts, struct lcap_error *error);

/* The path of the data set, as the shards had it. */
const char *index_shard_dataset(const struct parts *parts);

/* LCAP_ERR_IO: the data set is not the file that the shards have read. */
int index_shard_check_file(const struct parts *parts, const struct index_part_facts *facts,
                           const struct file_facts *file, struct lcap_error *error);

/* A block, without body and bytes, that ends at `next`. */
typedef int outline_function(void *context, const struct lcap_block *block,
                             const struct lcap_position *next, struct lcap_error *error);

/* Passes all blocks of all parts; the facts are known when it returns, the beginning before. */
int index_shard_replay(const struct parts *parts, struct index_part_facts *facts,
                       outline_function *function, void *context, struct lcap_error *error);

#endif
