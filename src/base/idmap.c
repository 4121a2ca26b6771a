#include "base/idmap.h"

#include "base/hash.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 16

static int choose_seed(struct idmap *map, struct lcap_error *error)
{
    int rc = hash_random_key((uint8_t *)&map->seed, sizeof map->seed, error);
    map->seed |= 1;
    return rc;
}

/* Twice as many slots. */
static int add_slots(struct idmap *map, struct lcap_error *error)
{
    size_t capacity = map->capacity ? map->capacity * 2 : FIRST_CAPACITY;
    if (map->capacity == 0 && choose_seed(map, error) < 0)
        return LCAP_ERR_IO;
    uint32_t *slots = memory_new(capacity, sizeof *slots, error);
    if (!slots)
        return LCAP_ERR_MEMORY;
    memset(slots, 0xFF, capacity * sizeof *slots); /* IDMAP_NONE */
    free(map->slots);
    map->slots = slots;
    map->capacity = capacity;
    for (size_t i = 0; i < map->count; i++)
        slots[idmap_slot(map, map->ids[i])] = (uint32_t)i;
    return LCAP_OK;
}

static int make_room(struct idmap *map, struct lcap_error *error)
{
    if (map->count >= IDMAP_NONE)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "more than 4,294,967,295 different numbers");
    int rc = memory_grow((void **)&map->ids, &map->ids_capacity, map->count + 1, sizeof *map->ids,
                         error);
    if (rc == 0 && map->count >= map->capacity / 4 * 3)
        rc = add_slots(map, error);
    return rc;
}

int idmap_add(struct idmap *map, uint64_t id, uint32_t *number, struct lcap_error *error)
{
    *number = idmap_find(map, id);
    if (*number != IDMAP_NONE)
        return LCAP_OK;
    int rc = make_room(map, error);
    if (rc < 0)
        return rc;
    *number = (uint32_t)map->count++;
    map->ids[*number] = id;
    map->slots[idmap_slot(map, id)] = *number;
    return LCAP_OK;
}

int idmap_add_all(struct idmap *map, const uint64_t *ids, size_t count, struct lcap_error *error)
{
    uint32_t number;
    int rc = LCAP_OK;
    for (size_t i = 0; i < count && rc == LCAP_OK; i++)
        rc = idmap_add(map, ids[i], &number, error);
    return rc;
}

/* The last first: those that were added before it may be on the way to its slot. */
void idmap_clear(struct idmap *map)
{
    while (map->count > 0) {
        map->count--;
        map->slots[idmap_slot(map, map->ids[map->count])] = IDMAP_NONE;
    }
}

void idmap_release(struct idmap *map)
{
    free(map->ids);
    free(map->slots);
    *map = (struct idmap){0};
}
