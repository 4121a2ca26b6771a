/* The contents of captures: a survey of their packets, and the samples added up by class. */
#ifndef DATASET_INFO_PASS_H
#define DATASET_INFO_PASS_H

#include "base/arena.h"
#include "dataset/input_pass.h"
#include "dataset/sources.h"
#include "dataset/survey_classes.h"

struct info_input {
    const char *name;   /* of the source, or "standard input" */
    const char *format; /* as input_outcome has it */
    bool damaged;
    uint64_t labelled;
    struct tally tally;
};

struct info_interface {
    size_t input;                /* whose it is */
    struct lcap_interface about; /* without its options; its number is that in the input */
    struct tally tally;
};

struct info_pass_result {
    struct input_counts counts;
    struct info_input *inputs; /* the captures */
    size_t input_count, input_capacity;
    struct info_interface *interfaces;
    size_t interface_count, interface_capacity;
    struct arena names; /* of the interfaces */
    struct lcap_odd_times odd_times;
    struct survey survey; /* of all inputs, one behind the other */
    struct survey_class *classes;
    size_t class_count;
};

/*
 * Reads the sources; a damaged one up to the damage. They must outlive the result.
 * Release it even after an error.
 */
int info_pass_run(const struct sources *sources, const struct input_options *options,
                  struct info_pass_result *result, struct lcap_error *error);
void info_pass_release(struct info_pass_result *result);

#endif
