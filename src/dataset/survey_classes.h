/* The samples of a survey, added up by class: those with the same metadata. */
#ifndef DATASET_SURVEY_CLASSES_H
#define DATASET_SURVEY_CLASSES_H

#include "dataset/survey.h"

/* The samples of one metadata text. Durations are in nanoseconds, from first to last
 * packet. */
struct survey_class {
    uint32_t metadata; /* number in survey.registry.texts */
    uint64_t samples;
    struct tally tally;
    uint64_t shortest_ns, longest_ns;
    unsigned __int128 total_ns;
};

/* Most samples first, then by text. *classes is freed with free(). */
int survey_classes(const struct survey *survey, struct survey_class **classes, size_t *count,
                   struct lcap_error *error);

uint64_t survey_class_mean_ns(const struct survey_class *class);

/* Nanoseconds from the first to the last packet; 0 without times. */
uint64_t tally_duration_ns(const struct tally *tally);

#endif
