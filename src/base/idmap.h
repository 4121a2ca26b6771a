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
/* IDMAP_NONE if it is not there. */
uint32_t idmap_find(const struct idmap *map, uint64_t id);
void idmap_release(struct idmap *map);

#endif
