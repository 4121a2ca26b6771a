/*
 * Sorts labelled captures: merges several into one, stably, in bounded memory. A
 * single file that is already in order is copied.
 */
#ifndef DATASET_SORT_PASS_H
#define DATASET_SORT_PASS_H

#include "base/io/output.h"
#include "dataset/input_pass.h"
#include "dataset/shard/shard.h"
#include "dataset/sources.h"
#include "dataset/survey.h"

struct sort_pass_options {
    enum packet_order order; /* not ORDER_AS_GIVEN */
    struct output_options placing;
    struct sorter_options sorter;
    struct input_options input;
    struct shard shard; /* writes the part of it beside the output, and its joint */
};

struct sort_pass_result {
    struct input_counts inputs;
    struct survey survey; /* of all inputs; conflicts are samples with two labels */
    struct lcap_losses losses;
    size_t linktypes; /* of the packets */
    bool is_done;     /* an earlier process has done this shard: nothing is read */
};

/*
 * Sorts the sources into the new file `output`; a damaged one up to the damage.
 * Release the result even after an error.
 */
int sort_pass_run(const struct sources *sources, const char *output,
                  const struct sort_pass_options *options, struct sort_pass_result *result,
                  struct lcap_error *error);
void sort_pass_release(struct sort_pass_result *result);

#endif
