/* Numbers for samples. */
#include "features/samples.h"

#include "base/memory.h"
#include "base/text/text.h"
#include <stdlib.h>

/* Labels may hold any bytes. */
static char *copy_as_utf8(const char *text, size_t len, struct lcap_error *error)
{
    struct buffer copy = {0};
    int rc = buffer_reserve(&copy, len + 1, error);
    if (rc == LCAP_OK)
        rc = text_append_utf8(&copy, text, len, error);
    if (rc == LCAP_OK)
        rc = buffer_append(&copy, "", 1, error);
    if (rc < 0)
        buffer_release(&copy);
    return (char *)copy.data;
}

static int add_sample(struct samples *samples, const struct lcap_label *label, uint32_t *number,
                      struct lcap_error *error)
{
    int rc = memory_grow((void **)&samples->items, &samples->capacity, samples->count + 1,
                         sizeof *samples->items, error);
    if (rc != LCAP_OK)
        return rc;
    char *metadata = copy_as_utf8(label->metadata, label->metadata_len, error);
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
