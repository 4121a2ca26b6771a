/* Open addressing with linear probing. */
#include "base/idmap.h"

#include "base/hash.h"
#include "base/memory.h"
#include <stdlib.h>

#define FIRST_CAPACITY 16

/*
 * Multiply-shift hashing: with a random odd factor two keys share a slot with
 * a probability of at most 2/capacity, whoever chose them (Dietzfelbinger,
 * Hagerup, Katajainen, Penttonen, 1997).
 */
static size_t first_slot(const struct idmap *map, uint64_t key)
{
    int bits = __builtin_ctzll(map->capacity);
    return (size_t)((key * map->seed) >> (64 - bits));
}

/* The slot that holds `key`, or the free one where it belongs. */
static size_t find_slot(const struct idmap *map, uint64_t key)
{
    size_t slot = first_slot(map, key);
    while (map->values[slot] != IDMAP_NONE && map->keys[slot] != key)
        slot = (slot + 1) & (map->capacity - 1);
    return slot;
}

uint32_t idmap_get(const struct idmap *map, uint64_t key)
{
    return map->capacity ? map->values[find_slot(map, key)] : IDMAP_NONE;
}

static int choose_seed(struct idmap *map, struct lcap_error *error)
{
    int rc = hash_random_key((uint8_t *)&map->seed, sizeof map->seed, error);
    map->seed |= 1;
    return rc;
}

/* Moves what is there into new arrays, twice as long. */
static int grow(struct idmap *map, struct lcap_error *error)
{
    const struct idmap old = *map;
    size_t capacity = old.capacity ? old.capacity * 2 : FIRST_CAPACITY;
    if (old.capacity == 0 && choose_seed(map, error) < 0)
        return LCAP_ERR_IO;
    uint64_t *keys = memory_new(capacity, sizeof *keys, error);
    uint32_t *values = memory_new(capacity, sizeof *values, error);
    if (!keys || !values) {
        free(keys);
        free(values);
        return LCAP_ERR_MEMORY;
    }
    for (size_t i = 0; i < capacity; i++)
        values[i] = IDMAP_NONE;
    map->keys = keys;
    map->values = values;
    map->capacity = capacity;
    for (size_t i = 0; i < old.capacity; i++) {
        if (old.values[i] == IDMAP_NONE)
            continue;
        size_t slot = find_slot(map, old.keys[i]);
        keys[slot] = old.keys[i];
        values[slot] = old.values[i];
    }
    free(old.keys);
    free(old.values);
    return LCAP_OK;
}

int idmap_put(struct idmap *map, uint64_t key, uint32_t value, struct lcap_error *error)
{
    if (map->count >= map->capacity / 4 * 3) {
        int rc = grow(map, error);
        if (rc < 0)
            return rc;
    }
    size_t slot = find_slot(map, key);
    if (map->values[slot] == IDMAP_NONE)
        map->count++;
    map->keys[slot] = key;
    map->values[slot] = value;
    return LCAP_OK;
}

void idmap_release(struct idmap *map)
{
    free(map->keys);
    free(map->values);
    *map = (struct idmap){0};
}
