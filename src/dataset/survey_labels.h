/* The samples of a survey, added up by label. */
#ifndef DATASET_SURVEY_LABELS_H
#define DATASET_SURVEY_LABELS_H

#include "dataset/survey.h"

/* A metadata text and the samples that have it. Durations are in nanoseconds, from first to last
 * packet. */
struct survey_label {
    uint32_t metadata; /* number in survey.registry.texts */
    uint64_t samples;
    struct tally tally;
    uint64_t shortest_ns, longest_ns;
    unsigned __int128 total_ns;
};

/* Most samples first, then by text. *labels is freed with free(). */
int survey_labels(const struct survey *survey, struct survey_label **labels, size_t *count,
                  struct lcap_error *error);

uint64_t survey_label_mean_ns(const struct survey_label *label);

/* Nanoseconds from the first to the last packet; 0 without times. */
uint64_t tally_duration_ns(const struct tally *tally);

#endif
