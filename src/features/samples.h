/* The samples that a stream's labels name: sampleID and metadata, each known by a small number. */
#ifndef FEATURES_SAMPLES_H
#define FEATURES_SAMPLES_H

#include "base/idmap.h"
#include <labelcap/error.h>
#include <labelcap/label.h>

struct sample {
    uint64_t sample_id;
    char *metadata; /* of its first packet; NUL-terminated UTF-8 */
};

/* An all-zero struct is empty. */
struct samples {
    struct idmap numbers;
    struct sample *items;
    size_t count, capacity;
    uint64_t last_id; /* the one asked for last, and its number: packets of a sample come in runs */
    uint32_t last_number;
};

/* The number of the label's sample, added where it is new: *number. */
int samples_number(struct samples *samples, const struct lcap_label *label, uint32_t *number,
                   struct lcap_error *error);
void samples_release(struct samples *samples);

#endif
