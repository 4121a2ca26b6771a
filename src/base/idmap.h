/*
 * From a 64-bit number to a 32-bit index: open addressing, grown at three
 * quarters full, 12 bytes a slot. The number is mixed with a random key, so that
 * crafted sampleIDs cannot make it slow.
 */
#ifndef BASE_IDMAP_H
#define BASE_IDMAP_H

#include <labelcap/error.h>
#include <stddef.h>
#include <stdint.h>

#define IDMAP_NONE UINT32_MAX

struct idmap {
    uint64_t *keys;
    uint32_t *values; /* IDMAP_NONE = the slot is free */
    size_t capacity;  /* a power of 2, or 0 */
    size_t count;
    uint64_t seed;
};

/* An all-zero struct is an empty map. */
uint32_t idmap_get(const struct idmap *map, uint64_t key);
/* Sets the value of `key` (not IDMAP_NONE). */
int idmap_put(struct idmap *map, uint64_t key, uint32_t value, struct lcap_error *error);
void idmap_release(struct idmap *map);

#endif
