/* Open addressing with linear probing. */
#include "dataset/leaks/value_table.h"

#include "base/hash.h"
#include <math.h>
#include <string.h>
#include <sys/mman.h>

/* However little memory is allowed, a table has this many slots. */
#define FIRST_CAPACITY 1024

/* Then no value but one is left, whose labels must be counted. */
#define MOST_HALVINGS 63

/* The finaliser of SplitMix64 (Steele, Lea, Flood, 2014). */
static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

static struct value_key *key_at(const struct value_table *table, size_t slot)
{
    return (struct value_key *)(table->entries + slot * table->entry_size);
}

/* The random factor keeps crafted values from sharing slots; see idmap.c. */
static size_t first_slot(const struct value_table *table, uint64_t value, uint32_t label)
{
    const int bits = __builtin_ctzll(table->capacity);
    const uint64_t pair = mix(value ^ (uint64_t)label << 40) ^ label;
    return (size_t)((pair * table->seed) >> (64 - bits));
}

/* The entry of the pair, or the free one where it belongs. */
static struct value_key *find(const struct value_table *table, uint64_t value, uint32_t label)
{
    size_t slot = first_slot(table, value, label);
    struct value_key *key = key_at(table, slot);
    while (key->used && (key->value != value || key->label != label)) {
        slot = (slot + 1) & (table->capacity - 1);
        key = key_at(table, slot);
    }
    return key;
}

static size_t size_of(const struct value_table *table)
{
    return table->capacity * table->entry_size;
}

/* Zeroed entries are mapped: they are used in random order, and huge pages save a walk of the page
 * table for each. */
static int map_entries(struct value_table *table, size_t capacity, struct lcap_error *error)
{
    const size_t size = capacity * table->entry_size;
    void *entries = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (entries == MAP_FAILED)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory: %zu bytes for leaks", size);
    (void)madvise(entries, size, MADV_HUGEPAGE);
    table->entries = entries;
    table->capacity = capacity;
    table->memory->used += size;
    return LCAP_OK;
}

static void unmap_entries(const struct value_table *table)
{
    table->memory->used -= size_of(table);
    munmap(table->entries, size_of(table));
}

int value_table_init(struct value_table *table, size_t entry_size, struct value_memory *memory,
                     struct lcap_error *error)
{
    *table = (struct value_table){.memory = memory, .entry_size = entry_size};
    const int rc = hash_random_key((uint8_t *)&table->seed, sizeof table->seed, error);
    table->seed |= 1;
    return rc == LCAP_OK ? map_entries(table, FIRST_CAPACITY, error) : rc;
}

void value_table_release(struct value_table *table)
{
    if (table->entries)
        unmap_entries(table);
    table->entries = NULL;
}

static bool is_counted(const struct value_table *table, uint64_t value)
{
    return table->halvings == 0 || mix(~value) >> (64 - table->halvings) == 0;
}

static void move_entries(struct value_table *table, const struct value_table *old)
{
    size_t at = 0;
    const struct value_key *key;
    while ((key = value_table_next(old, &at)))
        if (is_counted(table, key->value)) {
            memcpy(find(table, key->value, key->label), key, table->entry_size);
            table->count++;
        }
}

/* Moves what is still counted to a new array. */
static int rearrange(struct value_table *table, size_t capacity, unsigned halvings,
                     struct lcap_error *error)
{
    const struct value_table old = *table;
    const int rc = map_entries(table, capacity, error);
    if (rc < 0)
        return rc;
    table->halvings = halvings;
    table->count = 0;
    move_entries(table, &old);
    unmap_entries(&old);
    return LCAP_OK;
}

static bool is_full(const struct value_table *table)
{
    return table->count >= table->capacity / 4 * 3;
}

static int make_room(struct value_table *table, struct lcap_error *error)
{
    if (table->memory->used + size_of(table) <= table->memory->limit ||
        table->halvings == MOST_HALVINGS)
        return rearrange(table, 2 * table->capacity, table->halvings, error);
    return rearrange(table, table->capacity, table->halvings + 1, error);
}

/* Makes room for a new entry, and sets *key to it; to NULL if the value is
 * left out by now, or there is no memory. */
static int add(struct value_table *table, uint64_t value, uint32_t label, struct value_key **key,
               struct lcap_error *error)
{
    int rc = LCAP_OK;
    while (rc == LCAP_OK && is_full(table))
        rc = make_room(table, error);
    if (rc < 0 || !is_counted(table, value)) {
        *key = NULL;
        return rc;
    }
    *key = find(table, value, label);
    **key = (struct value_key){value, label, true};
    table->count++;
    return LCAP_OK;
}

int value_table_at(struct value_table *table, uint64_t value, uint32_t label, void **entry,
                   struct lcap_error *error)
{
    int rc = LCAP_OK;
    *entry = NULL;
    if (!is_counted(table, value))
        return LCAP_OK;
    struct value_key *key = find(table, value, label);
    if (!key->used)
        rc = add(table, value, label, &key, error);
    *entry = key;
    return rc;
}

void value_table_fetch(const struct value_table *table, uint64_t value, uint32_t label)
{
    __builtin_prefetch(key_at(table, first_slot(table, value, label)), 1);
}

void *value_table_next(const struct value_table *table, size_t *at)
{
    while (*at < table->capacity) {
        struct value_key *key = key_at(table, (*at)++);
        if (key->used)
            return key;
    }
    return NULL;
}

double value_table_share(const struct value_table *table)
{
    return ldexp(1, -(int)table->halvings);
}
