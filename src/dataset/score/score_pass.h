/*
 * Scores predicted labels of samples against the true ones. A sample without a
 * prediction counts as predicted wrongly; a prediction of a sample that is not in the
 * truth does not count.
 */
#ifndef DATASET_SCORE_SCORE_PASS_H
#define DATASET_SCORE_SCORE_PASS_H

#include "base/number/double_sums.h"
#include "dataset/confusion.h"
#include <stdbool.h>

/* Intervals of equal width in a calibration table. */
#define SCORE_INTERVALS 10

struct score_interval {
    struct double_sums probabilities;
    uint64_t correct;
};

/* Averages over labels; a measure that is not defined counts as 0. */
struct score_average {
    double precision, recall, f1;
};

struct score_pass_options {
    const char *truth, *predictions; /* paths; "-": standard input */
    const char *list;                /* only samples of this split; NULL: all */
    bool allow_missing;              /* samples that only one of the files has */
};

struct score_pass_result {
    const char *names[2];       /* of both files, for people */
    struct confusion confusion; /* its test is the prediction */
    uint64_t samples;           /* in the truth, at least one */
    uint64_t missing;           /* of these, without a prediction */
    uint64_t unknown;           /* predictions of other samples */
    double accuracy, balanced_accuracy;
    double mcc;                           /* Matthews correlation coefficient, from -1 to 1 */
    struct score_average macro, weighted; /* by number of samples in the truth */
    bool has_probabilities;
    struct score_interval intervals[SCORE_INTERVALS];
};

/* Release the result even after an error. */
int score_pass_run(const struct score_pass_options *options, struct score_pass_result *result,
                   struct lcap_error *error);
void score_pass_release(struct score_pass_result *result);

/* The measures of the whole, from the confusion matrix that is added up. */
void score_measure(struct score_pass_result *result);

#endif
