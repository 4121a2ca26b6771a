/* Who makes which sample: two sources with one sampleID, one sample with two labels. */
#ifndef LABEL_RULE_SAMPLES_H
#define LABEL_RULE_SAMPLES_H

#include "base/idmap.h"
#include "base/intern.h"
#include <labelcap/error.h>
#include <stdbool.h>

/* The rule that made a sample first. */
struct rule_sample {
    uint64_t line;
    const char *metadata; /* borrowed */
    bool two_labels;      /* it has been said that another rule gives it other metadata */
};

struct rule_samples {
    struct intern *sources;    /* what was hashed: hash_keys and records */
    struct idmap by_id;        /* sampleID → number of the source */
    struct rule_sample *items; /* by the number of the source */
    size_t capacity;
};

int rule_samples_init(struct rule_samples *samples, struct lcap_error *error);

/*
 * The rule in `line` hashed `source` to `sample_id`: *sample (valid until
 * the next call) is who made this sample first, perhaps that rule itself. An
 * error naming the other line when another source has this ID.
 */
int rule_samples_add(struct rule_samples *samples, uint64_t sample_id, const char *source,
                     size_t len, uint64_t line, const char *metadata, struct rule_sample **sample,
                     struct lcap_error *error);
void rule_samples_release(struct rule_samples *samples);

#endif
