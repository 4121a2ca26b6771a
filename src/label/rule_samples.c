/* The samples of a rules file by their IDs, and fingerprints of what was hashed. */
#include "label/rule_samples.h"

#include "base/memory.h"
#include <inttypes.h>
#include <stdlib.h>

int rule_samples_init(struct rule_samples *samples, struct lcap_error *error)
{
    *samples = (struct rule_samples){0};
    int rc = sample_registry_init(&samples->registry, error);
    return rc == 0 ? hash_random_key(samples->key, sizeof samples->key, error) : rc;
}

static int add_new(struct rule_samples *samples, uint32_t number, uint64_t fingerprint,
                   uint64_t line, struct lcap_error *error)
{
    int rc = memory_grow((void **)&samples->items, &samples->capacity, (size_t)number + 1,
                         sizeof *samples->items, error);
    if (rc == 0)
        samples->items[number] = (struct rule_sample){.line = line, .fingerprint = fingerprint};
    return rc;
}

int rule_samples_add(struct rule_samples *samples, const struct sample *sample, const char *source,
                     size_t len, uint64_t line, uint32_t *number, struct lcap_error *error)
{
    const size_t known = sample_registry_count(&samples->registry);
    const uint64_t fingerprint = hash_siphash(samples->key, source, len);
    int rc = sample_registry_add(&samples->registry, sample->id, sample->metadata,
                                 sample->metadata_len, number, error);
    if (rc < 0)
        return rc;
    if (*number == known)
        return add_new(samples, *number, fingerprint, line, error);
    struct rule_sample *first = &samples->items[*number];
    if (first->fingerprint != fingerprint)
        return lcap_error_set(error, LCAP_ERR_RULES,
                              "sampleID %" PRIu64 " already belongs to line %" PRIu64
                              "; give one of the two another hash_key",
                              sample->id, first->line);
    const bool told = first->two_labels;
    first->two_labels |= rc == 1;
    return rc == 1 && !told;
}

void rule_samples_release(struct rule_samples *samples)
{
    sample_registry_release(&samples->registry);
    free(samples->items);
}
