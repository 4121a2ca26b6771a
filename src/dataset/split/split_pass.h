/*
 * Splits a labelled capture: one file for each sample, or for each class: all samples
 * with the same metadata.
 *
 * If the packets of each sample stand together, they are streamed in a second pass
 * over the file, by several threads if it is plain. Otherwise, and for standard input,
 * they go through a sorter of bounded memory. Either way, a thread has one sample file
 * open at a time, so the number of samples is not limited.
 */
#ifndef DATASET_SPLIT_SPLIT_PASS_H
#define DATASET_SPLIT_SPLIT_PASS_H

#include "base/io/output.h"
#include "dataset/input_pass.h"
#include "sort/sorter.h"
#include <labelcap/capture.h>

struct split_pass_options {
    enum lcap_format format;
    bool by_class; /* one file for each class */
    struct output_options placing;
    struct sorter_options sorter; /* directory NULL: where the output is built */
    struct input_options input;
};

struct split_pass_result {
    struct input_counts inputs;
    uint64_t files, samples, packets;
    uint64_t unlabelled; /* packets left out */
    uint64_t blocks;     /* blocks left out, because they belong to no sample */
    uint64_t two_labels; /* packets whose metadata is not that of their sample's first packet */
    struct lcap_losses losses;
};

/*
 * Splits `input` ("-": standard input) into the new directory `directory`. For a
 * damaged input, everything before the damage is written.
 */
int split_pass_run(const char *input, const char *directory,
                   const struct split_pass_options *options, struct split_pass_result *result,
                   struct lcap_error *error);

#endif
