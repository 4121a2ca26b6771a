/* Makes the catalogue of a data set. */
#ifndef DATASET_CATALOGUE_INDEX_PASS_H
#define DATASET_CATALOGUE_INDEX_PASS_H

#include "base/io/output.h"
#include "base/result.h"
#include "dataset/input_pass.h"
#include "dataset/shard/parts.h"

struct index_pass_options {
    struct output_options placing;
    bool hash;             /* add the SHA-256 of the file */
    const char *catalogue; /* its path; NULL: DATASET.sqlite */
    struct shard shard;    /* count 0: the whole run; otherwise only a part is written */
    struct input_options input;
};

struct index_pass_result {
    struct input_counts inputs;
    const char *compression;
    bool sorted;
    uint64_t packets, labelled, samples, ranges;
    uint64_t conflicting_packets;
    struct lcap_error damage; /* why there is no catalogue */
    bool is_part;             /* a part was written, and no catalogue */
    bool is_done;             /* a shard has been done before, and nothing was read */
};

/*
 * Writes the catalogue, which must not exist unless it may be overwritten. A data
 * set that is damaged or has no labelled packet gets no catalogue.
 */
int index_pass_run(const char *dataset, const struct index_pass_options *options,
                   struct index_pass_result *result, struct lcap_error *error);

/* The path of the catalogue; freed with free(). */
char *index_pass_catalogue(const char *dataset, const struct index_pass_options *options,
                           struct lcap_error *error);

/* Writes the catalogue of the data set that the parts of all shards are of. Of the options, those
 * of input and hash are those of the parts. */
int index_pass_merge(const struct parts *parts, const struct index_pass_options *options,
                     struct index_pass_result *result, struct lcap_error *error);

/* `dataset` is the path. */
void index_describe(const struct index_pass_result *done, const char *dataset,
                    struct result *result);

#endif
