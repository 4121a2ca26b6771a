/* Which rule makes which sample; finds two sources with one sampleID, and one sample with two
 * labels. */
#ifndef LABEL_RULE_SAMPLES_H
#define LABEL_RULE_SAMPLES_H

#include "base/hash.h"
#include "base/sample_registry.h"
#include <stdbool.h>

/* The first rule of a sample. */
struct rule_sample {
    uint64_t line;
    /* Of what was hashed, a hash_key or a record, under another key: tells texts with one ID apart.
     */
    uint64_t fingerprint;
    bool two_labels; /* it was reported that another rule gives it other metadata */
};

struct rule_samples {
    struct sample_registry registry;
    uint8_t key[HASH_KEY_LEN]; /* of fingerprints; random */
    struct rule_sample *items; /* by number of the sample */
    size_t capacity;
};

int rule_samples_init(struct rule_samples *samples, struct lcap_error *error);

/*
 * Adds that the rule in `line` hashed `source` to the ID of `sample`; sets *number
 * to the number of the sample. Returns 1 if an earlier rule gives it other metadata
 * and this was not yet returned, otherwise 0. If another source has this ID, an
 * error names the other line.
 */
int rule_samples_add(struct rule_samples *samples, const struct sample *sample, const char *source,
                     size_t len, uint64_t line, uint32_t *number, struct lcap_error *error);
void rule_samples_release(struct rule_samples *samples);

#endif
