/* Samples that belong together: a union-find, whose sets are called by their smallest sampleID. */
#ifndef DATASET_PARTITION_SAMPLE_JOINS_H
#define DATASET_PARTITION_SAMPLE_JOINS_H

#include "base/intern.h"
#include "base/sample_registry.h"

/* All zero but `keys`. */
struct sample_joins {
    const struct sample_registry *registry;
    uint32_t *parents; /* by number of the sample; a root is its own */
    size_t count, capacity;
    struct intern *keys; /* what samples have in common … */
    uint32_t *first_of;  /* … by its number: the first sample that has it */
    size_t keys_capacity;
};

int sample_joins_init(struct sample_joins *joins, const struct sample_registry *registry,
                      struct lcap_error *error);
void sample_joins_release(struct sample_joins *joins);

/* Makes room for all samples of the registry, each a set of its own at first. */
int sample_joins_grow(struct sample_joins *joins, struct lcap_error *error);

/* The sample with the smallest ID of its set. */
uint32_t sample_joins_root(const struct sample_joins *joins, uint32_t sample);
void sample_joins_join(struct sample_joins *joins, uint32_t one, uint32_t other);

/* Joins the sample with all others that have this key. */
int sample_joins_by_key(struct sample_joins *joins, uint32_t sample, const void *key, size_t len,
                        struct lcap_error *error);

#endif
