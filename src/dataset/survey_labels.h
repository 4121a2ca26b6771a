/* The samples of a survey, added up by label. */
#ifndef DATASET_SURVEY_LABELS_H
#define DATASET_SURVEY_LABELS_H

#include "dataset/survey.h"

/* A metadata text and the samples that have it. Durations in seconds, first to last packet. */
struct survey_label {
    uint32_t metadata; /* number in survey.metadata */
    uint64_t samples;
    struct tally tally;
    double shortest, longest, total;
};

/* Most samples first, then by text. *labels is freed with free(). */
int survey_labels(const struct survey *survey, struct survey_label **labels, size_t *count,
                  struct lcap_error *error);

/* Seconds from the first to the last packet; 0 without times. */
double tally_duration(const struct tally *tally);

#endif
