/* Open addressing with linear probing, as in base/idmap. */
#include "label/matching/condition_set.h"

#include "base/hash.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 64
#define FREE_SLOT      UINT32_MAX

/* Multilinear hashing with random factors, so that crafted filters cannot make it slow. */
static size_t first_slot(const struct condition_set *set, const struct condition *c)
{
    uint64_t hash =
        set->seeds[0] * c->expression + set->seeds[1] * c->low + set->seeds[2] * c->high;
    return (size_t)(hash >> 32) & (set->capacity - 1);
}

static bool is_same(const struct condition *a, const struct condition *b)
{
    return a->expression == b->expression && a->low == b->low && a->high == b->high;
}

/* The slot that holds the condition, or the free slot where it belongs. */
static size_t find_slot(const struct condition_set *set, const struct condition *c)
{
    size_t slot = first_slot(set, c);
    while (set->slots[slot] != FREE_SLOT && !is_same(&set->items[set->slots[slot]], c))
        slot = (slot + 1) & (set->capacity - 1);
    return slot;
}

static int set_capacity(struct condition_set *set, size_t capacity, struct lcap_error *error)
{
    uint32_t *slots = memory_new(capacity, sizeof *slots, error);
    if (!slots)
        return LCAP_ERR_MEMORY;
    memset(slots, 0xFF, capacity * sizeof *slots); /* FREE_SLOT */
    free(set->slots);
    set->slots = slots;
    set->capacity = capacity;
    for (size_t i = 0; i < set->count; i++)
        slots[find_slot(set, &set->items[i])] = (uint32_t)i;
    return LCAP_OK;
}

int condition_set_init(struct condition_set *set, struct lcap_error *error)
{
    *set = (struct condition_set){0};
    int rc = hash_random_key((uint8_t *)set->seeds, sizeof set->seeds, error);
    return rc == 0 ? set_capacity(set, FIRST_CAPACITY, error) : rc;
}

static int make_room(struct condition_set *set, struct lcap_error *error)
{
    int rc = memory_grow((void **)&set->items, &set->items_capacity, set->count + 1,
                         sizeof *set->items, error);
    if (rc == 0 && set->count >= set->capacity / 4 * 3)
        rc = set_capacity(set, set->capacity * 2, error);
    return rc;
}

int condition_set_add(struct condition_set *set, const struct condition *condition,
                      uint32_t *number, struct lcap_error *error)
{
    size_t slot = find_slot(set, condition);
    *number = set->slots[slot];
    if (*number != FREE_SLOT)
        return LCAP_OK;
    int rc = make_room(set, error);
    if (rc < 0)
        return rc;
    *number = (uint32_t)set->count++;
    set->items[*number] = *condition;
    set->slots[find_slot(set, condition)] = *number;
    return LCAP_OK;
}

void condition_set_close(struct condition_set *set)
{
    free(set->slots);
    set->slots = NULL;
}

void condition_set_release(struct condition_set *set)
{
    condition_set_close(set);
    free(set->items);
    *set = (struct condition_set){0};
}
