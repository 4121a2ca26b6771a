/* Joins samples. */
#include "dataset/partition/sample_joins.h"

#include "base/memory.h"
#include <stdlib.h>

int sample_joins_init(struct sample_joins *joins, const struct sample_registry *registry,
                      struct lcap_error *error)
{
    *joins = (struct sample_joins){.registry = registry};
    return intern_new(&joins->keys, error);
}

void sample_joins_release(struct sample_joins *joins)
{
    intern_free(joins->keys);
    free(joins->parents);
    free(joins->first_of);
}

int sample_joins_grow(struct sample_joins *joins, struct lcap_error *error)
{
    const size_t samples = sample_registry_count(joins->registry);
    const int rc = memory_grow((void **)&joins->parents, &joins->capacity, samples,
                               sizeof *joins->parents, error);
    for (; rc == LCAP_OK && joins->count < samples; joins->count++)
        joins->parents[joins->count] = (uint32_t)joins->count;
    return rc;
}

/* Halves the path on its way, so that later ways are short. */
uint32_t sample_joins_root(const struct sample_joins *joins, uint32_t sample)
{
    uint32_t *parents = joins->parents;
    while (parents[sample] != sample) {
        parents[sample] = parents[parents[sample]];
        sample = parents[sample];
    }
    return sample;
}

void sample_joins_join(struct sample_joins *joins, uint32_t one, uint32_t other)
{
    const uint32_t a = sample_joins_root(joins, one), b = sample_joins_root(joins, other);
    if (sample_registry_id(joins->registry, a) < sample_registry_id(joins->registry, b))
        joins->parents[b] = a;
    else
        joins->parents[a] = b;
}

int sample_joins_by_key(struct sample_joins *joins, uint32_t sample, const void *key, size_t len,
                        struct lcap_error *error)
{
    const size_t known = intern_count(joins->keys);
    uint32_t number;
    int rc = intern_add(joins->keys, key, len, &number, error);
    if (rc == LCAP_OK)
        rc = memory_grow((void **)&joins->first_of, &joins->keys_capacity, (size_t)number + 1,
                         sizeof *joins->first_of, error);
    if (rc < 0)
        return rc;
    if (number == known)
        joins->first_of[number] = sample;
    else
        sample_joins_join(joins, joins->first_of[number], sample);
    return LCAP_OK;
}
