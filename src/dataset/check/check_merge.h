/* The check of a data set by what shards have seen of it. */
#ifndef DATASET_CHECK_CHECK_MERGE_H
#define DATASET_CHECK_CHECK_MERGE_H

#include "base/io/output.h"
#include "dataset/check/check_pass.h"
#include "dataset/shard/parts.h"

struct check_merge {
    struct buffer head; /* the texts of the options are views of it */
    struct check_pass_options options;
    struct sources sources;
    struct intern *paths; /* of the inputs that packets came from */
    struct check_pass_result found;
};

struct check_merge_options {
    struct sorter_options sorter; /* as in struct check_pass_options */
    const char *output;           /* a table of leaks, if lists are checked; or NULL */
    struct output_options placing;
};

/*
 * Finds what one process would have found, by the parts of all shards, which have been
 * checked. LCAP_ERR_ARGUMENT: only one process can tell; or there is no table to write.
 * Release the merge even after an error; it must not be moved.
 */
int check_merge_run(struct check_merge *merge, const struct parts *parts,
                    const struct check_merge_options *options, struct lcap_error *error);
void check_merge_release(struct check_merge *merge);

#endif
