/*
 * Compares two labellings of the same packets. Packets of TRUTH and TEST match if
 * they have the same content (see packet_digest.h), wherever they stand; of several
 * of the same content, those with the same label match first.
 *
 * A label is its metadata: sampleIDs may differ.
 */
#ifndef DATASET_COMPARE_COMPARE_PASS_H
#define DATASET_COMPARE_COMPARE_PASS_H

#include "dataset/confusion.h"
#include "dataset/input_pass.h"
#include "sort/sorter.h"

struct compare_pass_options {
    struct sorter_options sorter; /* directory NULL: the default one */
    struct input_options input;
};

struct compare_pass_result {
    const char *names[2]; /* of TRUTH and TEST, for people */
    struct input_counts inputs;
    struct confusion confusion;
    uint64_t packets[2];
};

/* `paths`: TRUTH and TEST. Release the result even after an error. */
int compare_pass_run(const char *const paths[2], const struct compare_pass_options *options,
                     struct compare_pass_result *result, struct lcap_error *error);
void compare_pass_release(struct compare_pass_result *result);

#endif
