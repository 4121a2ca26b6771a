/*
 * The files that packets came from, as `label --keep-source` writes them: a second
 * comment `source=PATH`. Counts the packets of each pair of a sample and a path.
 */
#ifndef DATASET_CATALOGUE_SAMPLE_SOURCES_H
#define DATASET_CATALOGUE_SAMPLE_SOURCES_H

#include "base/idmap.h"
#include "base/intern.h"
#include <labelcap/capture.h>

/* All zero but `paths`. */
struct sample_sources {
    struct intern *paths;
    struct idmap pairs; /* number of the sample × 2^32 + number of the path */
    uint64_t *packets;  /* by number of the pair */
    size_t capacity;    /* of packets */
    uint32_t *first;    /* by number of the sample: the path of its first packet, INTERN_NONE */
    size_t samples, first_capacity;
};

int sample_sources_init(struct sample_sources *sources, struct lcap_error *error);
void sample_sources_release(struct sample_sources *sources);

/* Adds a packet of a sample. */
int sample_sources_add(struct sample_sources *sources, uint32_t sample,
                       const struct lcap_packet *packet, struct lcap_error *error);

/* The path of the first packet of a sample, or NULL. */
const char *sample_sources_first(const struct sample_sources *sources, uint32_t sample);

#endif
