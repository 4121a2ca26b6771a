/*
 * Checks whether captures are a sound data set: reads them as the parts of one, and
 * collects findings.
 */
#ifndef DATASET_CHECK_CHECK_PASS_H
#define DATASET_CHECK_CHECK_PASS_H

#include "dataset/check/check_packets.h"
#include "dataset/input_pass.h"
#include "dataset/sources.h"
#include "dataset/survey_classes.h"

struct check_pass_options {
    const char *rules;            /* or NULL */
    const struct intern *inputs;  /* the paths for rules that ask for inputs; NULL: to be read */
    const char *splits;           /* a directory with lists, or NULL */
    struct leak_options leaks;    /* for these lists */
    double max_leak;              /* the largest that is no error; negative: none is one */
    bool no_duplicates;           /* are not looked for */
    bool short_names;             /* name inputs without the folders they are in */
    struct sorter_options sorter; /* for duplicates; directory NULL: TMPDIR */
    struct input_options input;
    labelled_packet_taker *taker; /* or NULL */
    void *taker_context;
};

struct check_pass_result {
    const struct sources *sources;
    bool short_names;
    struct input_counts inputs;
    uint64_t interfaces;
    struct check_findings findings;
    struct check_packets packets;
    struct check_duplicates duplicates;
    struct check_rules rules;
    struct split_lists lists;
    struct leak_report *leaks; /* NULL without lists */
    struct survey_class *classes;
    size_t class_count;
};

/*
 * `sources` and what `options` points to must outlive the result. Release it even
 * after an error.
 */
int check_pass_run(const struct sources *sources, const struct check_pass_options *options,
                   struct check_pass_result *result, struct lcap_error *error);

/*
 * The steps of that, for who has the blocks of inputs from elsewhere: begins; begins and
 * ends each input, between which check_packets_seen() takes its blocks; and finishes. The
 * outcome of an input is counted by the caller; `other_format`: it is no pcapng.
 */
int check_pass_begin(struct check_pass_result *result, const struct sources *sources,
                     const struct check_pass_options *options, struct lcap_error *error);
int check_pass_begin_input(struct check_pass_result *result, size_t number,
                           struct lcap_error *error);
int check_pass_end_input(struct check_pass_result *result, size_t number,
                         const struct input_outcome *outcome, bool other_format,
                         struct lcap_error *error);
int check_pass_finish(struct check_pass_result *result, const struct check_pass_options *options,
                      struct lcap_error *error);

/* An error if `output` is one of the files that a check reads besides captures. */
int check_pass_try_output(const char *output, const struct check_pass_options *options,
                          struct lcap_error *error);
void check_pass_release(struct check_pass_result *result);

/* What findings call an input. */
const char *check_pass_name_of(const struct check_pass_result *result, size_t input);

#endif
