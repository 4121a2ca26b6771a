/*
 * Distinct 64-bit IDs, such as sampleIDs, each of which gets a small number from 0.
 * Open addressing, grown when three quarters full, 4 bytes per slot. IDs are mixed
 * with a random key, so that crafted sampleIDs cannot make it slow.
 */
#ifndef BASE_IDMAP_H
#define BASE_IDMAP_H

#include <labelcap/error.h>
#include <stddef.h>
#include <stdint.h>

#define IDMAP_NONE UINT32_MAX

struct idmap {
    uint64_t *ids; /* by number */
    size_t count, ids_capacity;
    uint32_t *slots; /* numbers; IDMAP_NONE = the slot is free */
    size_t capacity; /* of slots: a power of 2, or 0 */
    uint64_t seed;
};

/* An all-zero struct is an empty map. */

/* Sets *number to the number of this ID, which is added if it is new. */
int idmap_add(struct idmap *map, uint64_t id, uint32_t *number, struct lcap_error *error);
int idmap_add_all(struct idmap *map, const uint64_t *ids, size_t count, struct lcap_error *error);

/*
 * The slot that holds `id`, or the free slot where it belongs: linear probing after
 * multiply-shift hashing. With a random odd factor two IDs share a slot with a probability
 * of at most 2/capacity, whoever chose them (Dietzfelbinger, Hagerup, Katajainen, Penttonen, 1997).
 */
static inline size_t idmap_slot(const struct idmap *map, uint64_t id)
{
    const int bits = __builtin_ctzll(map->capacity);
    size_t slot = (size_t)((id * map->seed) >> (64 - bits));
    while (map->slots[slot] != IDMAP_NONE && map->ids[map->slots[slot]] != id)
        slot = (slot + 1) & (map->capacity - 1);
    return slot;
}

/* IDMAP_NONE if it is not there. */
static inline uint32_t idmap_find(const struct idmap *map, uint64_t id)
{
    return map->capacity ? map->slots[idmap_slot(map, id)] : IDMAP_NONE;
}

/* Forgets the IDs; the memory is kept for others. */
void idmap_clear(struct idmap *map);
void idmap_release(struct idmap *map);

#endif
