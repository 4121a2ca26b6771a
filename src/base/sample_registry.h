/*
 * The samples that were met: each sampleID has a small number, in the order of
 * appearance, and keeps the metadata that it came with first. What else somebody wants
 * to know of a sample stands with him, in an array by number.
 *
 * Packets of a sample come in runs: the one found last is found again without hashing.
 */
#ifndef BASE_SAMPLE_REGISTRY_H
#define BASE_SAMPLE_REGISTRY_H

#include "base/idmap.h"
#include "base/intern.h"

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
    const char *metadata; /* NUL behind it; valid as long as the registry */
    size_t metadata_len;
};

int sample_registry_init(struct sample_registry *registry, struct lcap_error *error);
void sample_registry_release(struct sample_registry *registry);

/* NO_SAMPLE where it is not there. */
uint32_t sample_registry_find(struct sample_registry *registry, uint64_t id);

/*
 * The number of a sample, added where it is new: *number. Returns 1 where it came with
 * other metadata at first, which it keeps; 0 where not, or a negative code.
 */
int sample_registry_add(struct sample_registry *registry, uint64_t id, const char *metadata,
                        size_t len, uint32_t *number, struct lcap_error *error);

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

#endif
