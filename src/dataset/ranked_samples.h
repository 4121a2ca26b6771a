/* The samples of each label in the order of a hash, of which the first ones are kept. */
#ifndef DATASET_RANKED_SAMPLES_H
#define DATASET_RANKED_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ranked_sample {
    uint32_t label;
    uint32_t sample;
    bool comes_last; /* behind those of its label that do not */
    uint64_t hash;
    uint64_t id;
};

/* By label, then in the order in which they are kept. */
void ranked_samples_sort(struct ranked_sample *ranked, size_t count);

/* The end of the samples of the same label as the one at `first`. */
size_t ranked_samples_end(const struct ranked_sample *ranked, size_t count, size_t first);

#endif
