/* The contents of a capture: a survey of its packets, and its samples added up by class. */
#ifndef DATASET_INFO_PASS_H
#define DATASET_INFO_PASS_H

#include "dataset/input_pass.h"
#include "dataset/survey_classes.h"

struct info_pass_result {
    struct input_counts inputs;
    struct input_pass input; /* read to its end; still open for its interfaces */
    struct survey survey;
    struct survey_class *classes;
    size_t class_count;
};

/*
 * Reads `input` ("-": standard input); a damaged one up to the damage. `input` and
 * `options` must outlive the result. Release it even after an error.
 */
int info_pass_run(const char *input, const struct input_options *options,
                  struct info_pass_result *result, struct lcap_error *error);
void info_pass_release(struct info_pass_result *result);

#endif
