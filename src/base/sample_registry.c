/* Numbers of samples; each metadata text is kept once. */
#include "base/sample_registry.h"

#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

int sample_registry_init(struct sample_registry *registry, struct lcap_error *error)
{
    *registry = (struct sample_registry){.last = NO_SAMPLE};
    return intern_new(&registry->texts, error);
}

void sample_registry_release(struct sample_registry *registry)
{
    idmap_release(&registry->numbers);
    intern_free(registry->texts);
    free(registry->metadata_of);
    *registry = (struct sample_registry){.last = NO_SAMPLE};
}

int sample_registry_add_new(struct sample_registry *registry, uint64_t id, const char *metadata,
                            size_t len, uint32_t *number, struct lcap_error *error)
{
    uint32_t text = 0;
    int rc = memory_grow((void **)&registry->metadata_of, &registry->capacity,
                         registry->numbers.count + 1, sizeof *registry->metadata_of, error);
    if (rc == 0)
        rc = intern_add(registry->texts, metadata, len, &text, error);
    if (rc == 0)
        rc = idmap_add(&registry->numbers, id, number, error);
    if (rc == 0) {
        registry->metadata_of[*number] = text;
        registry->last = *number;
    }
    return rc;
}

bool sample_registry_differs(const struct sample_registry *registry, uint32_t number,
                             const char *metadata, size_t len)
{
    size_t first_len;
    const char *first = intern_get(registry->texts, registry->metadata_of[number], &first_len);
    return first_len != len || memcmp(first, metadata, len) != 0;
}

struct sample sample_registry_get(const struct sample_registry *registry, uint32_t number)
{
    struct sample sample = {.id = sample_registry_id(registry, number)};
    sample.metadata =
        intern_get(registry->texts, registry->metadata_of[number], &sample.metadata_len);
    return sample;
}
