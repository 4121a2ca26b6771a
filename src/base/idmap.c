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

static int grow(struct idmap *map, struct lcap_error *error)
{
    struct idmap larger = *map;
    larger.capacity = map->capacity ? map->capacity * 2 : FIRST_CAPACITY;
    if (map->capacity == 0) {
        int rc = hash_random_key((uint8_t *)&larger.seed, sizeof larger.seed, error);
        if (rc < 0)
            return rc;
        larger.seed |= 1;
    }
    larger.keys = memory_new(larger.capacity, sizeof *larger.keys, error);
    larger.values = memory_new(larger.capacity, sizeof *larger.values, error);
    if (!larger.keys || !larger.values) {
        free(larger.keys);
        free(larger.values);
        return LCAP_ERR_MEMORY;
    }
    for (size_t i = 0; i < larger.capacity; i++)
        larger.values[i] = IDMAP_NONE;
    for (size_t i = 0; i < map->capacity; i++) {
        if (map->values[i] == IDMAP_NONE)
            continue;
        size_t slot = find_slot(&larger, map->keys[i]);
        larger.keys[slot] = map->keys[i];
        larger.values[slot] = map->values[i];
    }
    free(map->keys);
    free(map->values);
    *map = larger;
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
