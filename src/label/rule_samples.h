/* Who makes which sample: two sources with one sampleID, one sample with two labels. */
#ifndef LABEL_RULE_SAMPLES_H
#define LABEL_RULE_SAMPLES_H

#include "base/sample_registry.h"
#include <stdbool.h>

/* The rule that made a sample first. */
struct rule_sample {
    uint64_t line;
    bool two_labels; /* it has been said that another rule gives it other metadata */
};

struct rule_samples {
    struct sample_registry registry;
    struct intern *sources;    /* what was hashed, hash_keys and records: one for each sample */
    struct rule_sample *items; /* by number of the sample, which is that of its source */
    size_t capacity;
};

int rule_samples_init(struct rule_samples *samples, struct lcap_error *error);

/*
 * The rule in `line` hashed `source` to the ID of `sample`: *number is that of the sample.
 * Returns 1 where an earlier rule gives it other metadata, and that is met for the first time;
 * 0 where not. An error that names the other line where another source has this ID.
 */
int rule_samples_add(struct rule_samples *samples, const struct sample *sample, const char *source,
                     size_t len, uint64_t line, uint32_t *number, struct lcap_error *error);
void rule_samples_release(struct rule_samples *samples);

#endif
