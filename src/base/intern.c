/* Distinct strings: bytes that never move, with an index by open addressing. */
#include "base/intern.h"

#include "base/hash.h"
#include "base/memory.h"
#include "base/spare_memory.h"
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 64

struct entry {
    const char *bytes;
    size_t len;
    uint64_t hash;
};

struct intern {
    uint8_t key[HASH_KEY_LEN];
    struct spare_memory *bytes;
    struct entry *entries;
    size_t count, entries_capacity;
    uint32_t *slots; /* numbers of entries; INTERN_NONE = free */
    size_t capacity; /* of slots: a power of 2, at most three quarters in use */
};

static int set_capacity(struct intern *set, size_t capacity, struct lcap_error *error)
{
    uint32_t *slots = memory_new(capacity, sizeof *slots, error);
    if (!slots)
        return LCAP_ERR_MEMORY;
    memset(slots, 0xFF, capacity * sizeof *slots);
    for (size_t i = 0; i < set->count; i++) {
        size_t slot = set->entries[i].hash & (capacity - 1);
        while (slots[slot] != INTERN_NONE)
            slot = (slot + 1) & (capacity - 1);
        slots[slot] = (uint32_t)i;
    }
    free(set->slots);
    set->slots = slots;
    set->capacity = capacity;
    return LCAP_OK;
}

int intern_new(struct intern **set, struct lcap_error *error)
{
    struct intern *new_set = memory_new(1, sizeof *new_set, error);
    if (!new_set)
        return LCAP_ERR_MEMORY;
    new_set->bytes = memory_new(1, sizeof *new_set->bytes, error);
    int rc = new_set->bytes ? LCAP_OK : LCAP_ERR_MEMORY;
    if (rc == 0)
        rc = hash_random_key(new_set->key, sizeof new_set->key, error);
    if (rc == 0)
        rc = set_capacity(new_set, FIRST_CAPACITY, error);
    if (rc < 0) {
        intern_free(new_set);
        return rc;
    }
    *set = new_set;
    return LCAP_OK;
}

/* Strings of this length are worth a thought of what is in memory. */
#define LONG_STRING 4096

static const char *look_at(const struct intern *set, const struct entry *entry)
{
    if (entry->len >= LONG_STRING)
        spare_memory_look(set->bytes, entry->len);
    return entry->bytes;
}

/* The slot that holds these bytes, or the free slot where they belong. */
static size_t find_slot(const struct intern *set, const void *bytes, size_t len, uint64_t hash)
{
    size_t slot = hash & (set->capacity - 1);
    while (set->slots[slot] != INTERN_NONE) {
        const struct entry *entry = &set->entries[set->slots[slot]];
        if (entry->hash == hash && entry->len == len &&
            (len == 0 || memcmp(look_at(set, entry), bytes, len) == 0))
            break;
        slot = (slot + 1) & (set->capacity - 1);
    }
    return slot;
}

/* Copies the bytes, followed by a NUL, to their final place. */
static const char *keep(struct intern *set, const void *bytes, size_t len, struct lcap_error *error)
{
    char *copy = spare_memory_take(set->bytes, len + 1, error);
    if (!copy)
        return NULL;
    if (len > 0)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

int intern_add(struct intern *set, const void *bytes, size_t len, uint32_t *id,
               struct lcap_error *error)
{
    uint64_t hash = hash_siphash(set->key, bytes, len);
    size_t slot = find_slot(set, bytes, len, hash);
    if (set->slots[slot] != INTERN_NONE) {
        *id = set->slots[slot];
        return LCAP_OK;
    }
    if (set->count >= INTERN_NONE)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "more than 2^32 different strings");
    int rc = memory_grow((void **)&set->entries, &set->entries_capacity, set->count + 1,
                         sizeof *set->entries, error);
    if (rc < 0)
        return rc;
    if (set->count >= set->capacity / 4 * 3) {
        rc = set_capacity(set, set->capacity * 2, error);
        if (rc < 0)
            return rc;
        slot = find_slot(set, bytes, len, hash);
    }
    const char *kept = keep(set, bytes, len, error);
    if (!kept)
        return error ? error->code : LCAP_ERR_MEMORY;
    *id = (uint32_t)set->count++;
    set->entries[*id] = (struct entry){.bytes = kept, .len = len, .hash = hash};
    set->slots[slot] = *id;
    return LCAP_OK;
}

uint32_t intern_find(const struct intern *set, const void *bytes, size_t len)
{
    return set->slots[find_slot(set, bytes, len, hash_siphash(set->key, bytes, len))];
}

const char *intern_get(const struct intern *set, uint32_t id, size_t *len)
{
    if (len)
        *len = set->entries[id].len;
    return look_at(set, &set->entries[id]);
}

size_t intern_count(const struct intern *set)
{
    return set->count;
}

int intern_compare(const struct intern *set, uint32_t a, uint32_t b)
{
    size_t a_len, b_len;
    const char *x = intern_get(set, a, &a_len), *y = intern_get(set, b, &b_len);
    const int order = memcmp(x, y, a_len < b_len ? a_len : b_len);
    return order ? order : (a_len > b_len) - (a_len < b_len);
}

static int compare_numbers(const void *a, const void *b, void *set)
{
    return intern_compare(set, *(const uint32_t *)a, *(const uint32_t *)b);
}

int intern_order(const struct intern *set, uint32_t **sorted, uint32_t **places,
                 struct lcap_error *error)
{
    *sorted = memory_new(set->count, sizeof **sorted, error);
    *places = memory_new(set->count, sizeof **places, error);
    if (!*sorted || !*places)
        return LCAP_ERR_MEMORY;
    for (uint32_t i = 0; i < set->count; i++)
        (*sorted)[i] = i;
    qsort_r(*sorted, set->count, sizeof **sorted, compare_numbers, (void *)set);
    for (uint32_t i = 0; i < set->count; i++)
        (*places)[(*sorted)[i]] = i;
    return LCAP_OK;
}

void intern_free(struct intern *set)
{
    if (!set)
        return;
    if (set->bytes)
        spare_memory_release(set->bytes);
    free(set->bytes);
    free(set->entries);
    free(set->slots);
    free(set);
}
