/* The samples of a rules file, by what was hashed and by the hash. */
#include "label/rule_samples.h"

#include "base/memory.h"
#include <inttypes.h>
#include <stdlib.h>

int rule_samples_init(struct rule_samples *samples, struct lcap_error *error)
{
    *samples = (struct rule_samples){0};
    return intern_new(&samples->sources, error);
}

int rule_samples_add(struct rule_samples *samples, uint64_t sample_id, const char *source,
                     size_t len, uint64_t line, const char *metadata, struct rule_sample **sample,
                     struct lcap_error *error)
{
    size_t known = intern_count(samples->sources);
    uint32_t id;
    int rc = intern_add(samples->sources, source, len, &id, error);
    if (rc < 0)
        return rc;
    if (id == known) {
        uint32_t other = idmap_get(&samples->by_id, sample_id);
        if (other != IDMAP_NONE)
            return lcap_error_set(error, LCAP_ERR_RULES,
                                  "sampleID %" PRIu64 " is that of line %" PRIu64
                                  " already; give one of the two another hash_key",
                                  sample_id, samples->items[other].line);
        rc = memory_grow((void **)&samples->items, &samples->capacity, known + 1,
                         sizeof *samples->items, error);
        if (rc == 0)
            rc = idmap_put(&samples->by_id, sample_id, id, error);
        if (rc < 0)
            return rc;
        samples->items[id] = (struct rule_sample){.line = line, .metadata = metadata};
    }
    *sample = &samples->items[id];
    return LCAP_OK;
}

void rule_samples_release(struct rule_samples *samples)
{
    intern_free(samples->sources);
    idmap_release(&samples->by_id);
    free(samples->items);
}
