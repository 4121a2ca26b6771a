/* Numbers for samples. */
#include "features/samples.h"

#include "base/memory.h"
#include <stdlib.h>

static int add_sample(struct samples *samples, const struct lcap_label *label, uint32_t *number,
                      struct lcap_error *error)
{
    int rc = memory_grow((void **)&samples->items, &samples->capacity, samples->count + 1,
                         sizeof *samples->items, error);
    if (rc != LCAP_OK)
        return rc;
    char *metadata = memory_copy_text(label->metadata, label->metadata_len, error);
    if (!metadata)
        return LCAP_ERR_MEMORY;
    rc = idmap_put(&samples->numbers, label->sample_id, (uint32_t)samples->count, error);
    if (rc != LCAP_OK) {
        free(metadata);
        return rc;
    }
    *number = (uint32_t)samples->count;
    samples->items[samples->count++] = (struct sample){label->sample_id, metadata};
    return LCAP_OK;
}

int samples_number(struct samples *samples, const struct lcap_label *label, uint32_t *number,
                   struct lcap_error *error)
{
    if (samples->count > 0 && samples->last_id == label->sample_id) {
        *number = samples->last_number;
        return LCAP_OK;
    }
    *number = idmap_get(&samples->numbers, label->sample_id);
    const int rc = *number == IDMAP_NONE ? add_sample(samples, label, number, error) : LCAP_OK;
    if (rc == LCAP_OK) {
        samples->last_id = label->sample_id;
        samples->last_number = *number;
    }
    return rc;
}

void samples_release(struct samples *samples)
{
    for (size_t i = 0; i < samples->count; i++)
        free(samples->items[i].metadata);
    free(samples->items);
    idmap_release(&samples->numbers);
    *samples = (struct samples){0};
}
