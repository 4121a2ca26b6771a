/* Makes of the parts of all shards of a run what one process would have written. */
#ifndef SHARD_PART_MERGE_H
#define SHARD_PART_MERGE_H

#include "arrays/array_pass.h"
#include "base/findings.h"
#include "base/io/output.h"
#include "base/result.h"
#include "dataset/catalogue/index_pass.h"
#include "dataset/check/check_merge.h"
#include "dataset/input_pass.h"
#include "dataset/labelling/label_sum.h"
#include "dataset/shard/parts.h"
#include "dataset/sorted_writer.h"
#include "tabulate/tabulate.h"

struct part_merge_options {
    struct output_options placing;
    bool strict; /* refuse rules of label that bring warnings */
    struct sorter_options sorter;
    unsigned threads;
    struct lcap_watcher watcher;
    /* Both are told of the inputs of label, whose shards told only of their own; or NULL. */
    void (*list_listener)(const struct sources *sources);
    input_listener *listener;
};

/* What the parts make together. */
enum merged {
    MERGED_CAPTURE, /* of label and sort */
    MERGED_TABLE,
    MERGED_CATALOGUE,
    MERGED_ARRAYS,
    MERGED_REPORT, /* of check; there is nothing else */
};

struct part_merge_result {
    struct parts parts;
    enum merged kind;
    uint64_t packets; /* read by the shards */
    uint64_t written, labelled;
    uint64_t damaged;         /* inputs */
    struct findings findings; /* their damage */
    struct lcap_losses losses;
    size_t linktypes;
    struct label_sum *labels; /* of label, whose shards say what they have labelled; or NULL */
    struct tabulate_result flows;
    struct index_pass_result index;
    struct {
        struct array_merge merge;
        struct array_pass_options options;
        struct array_pass pass;
    } arrays;
    struct check_merge check;
};

/*
 * Merges the parts at these paths, in any order, into `output`, which is NULL for those of a
 * check. LCAP_ERR_ARGUMENT: it is missing, or not needed. LCAP_ERR_FORMAT: they are
 * not all the parts of one run; nothing is written. Damage of an input is part of the
 * result. Release the result even after an error.
 */
int part_merge_run(const char *const *paths, size_t count, const char *output,
                   const struct part_merge_options *options, struct part_merge_result *result,
                   struct lcap_error *error);

/* LCAP_ERR_LABEL if packets were read and none got a label, though all should have one. */
int part_merge_check_labels(const struct part_merge_result *done, struct lcap_error *error);
void part_merge_release(struct part_merge_result *result);

void part_merge_describe(const struct part_merge_result *done, const char *output,
                         struct result *result);

#endif
