/*
 * The samples seen so far: each sampleID gets a small number, in order of
 * appearance, and keeps the metadata that it first came with. Whoever needs more
 * about a sample keeps it in an array by number.
 *
 * Packets of a sample come in runs: the last sample is found again without hashing.
 */
#ifndef BASE_SAMPLE_REGISTRY_H
#define BASE_SAMPLE_REGISTRY_H

#include "base/idmap.h"
#include "base/intern.h"
#include <stdbool.h>

#define NO_SAMPLE UINT32_MAX

struct sample_registry {
    struct idmap numbers;  /* by sampleID */
    struct intern *texts;  /* every distinct metadata */
    uint32_t *metadata_of; /* by number of the sample: that of its text */
    size_t capacity;       /* of metadata_of */
    uint32_t last;         /* found last; NO_SAMPLE at first */
};

struct sample {
    uint64_t id;
    const char *metadata; /* NUL-terminated; valid as long as the registry */
    size_t metadata_len;
};

int sample_registry_init(struct sample_registry *registry, struct lcap_error *error);
void sample_registry_release(struct sample_registry *registry);

/* `number` must be that of a sample. */
struct sample sample_registry_get(const struct sample_registry *registry, uint32_t number);

static inline uint64_t sample_registry_id(const struct sample_registry *registry, uint32_t number)
{
    return registry->numbers.ids[number];
}

static inline size_t sample_registry_count(const struct sample_registry *registry)
{
    return registry->numbers.count;
}

/* The parts of the functions below that are not needed for every packet. */
int sample_registry_add_new(struct sample_registry *registry, uint64_t id, const char *metadata,
                            size_t len, uint32_t *number, struct lcap_error *error);
bool sample_registry_differs(const struct sample_registry *registry, uint32_t number,
                             const char *metadata, size_t len);

/* NO_SAMPLE if it is not there. */
static inline uint32_t sample_registry_find(struct sample_registry *registry, uint64_t id)
{
    if (registry->last == NO_SAMPLE || sample_registry_id(registry, registry->last) != id)
        registry->last = idmap_find(&registry->numbers, id);
    return registry->last;
}

/*
 * Sets *number to the number of a sample, which is added if it is new. Returns 1 if
 * it first came with other metadata, which it keeps; 0 if not; or a negative code.
 */
static inline int sample_registry_add(struct sample_registry *registry, uint64_t id,
                                      const char *metadata, size_t len, uint32_t *number,
                                      struct lcap_error *error)
{
    *number = sample_registry_find(registry, id);
    if (*number == NO_SAMPLE)
        return sample_registry_add_new(registry, id, metadata, len, number, error);
    return sample_registry_differs(registry, *number, metadata, len);
}

#endif
