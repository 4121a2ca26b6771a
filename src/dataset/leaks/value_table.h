/*
 * Counts kept for each value of something, or for each pair of a value and a label, in
 * bounded memory: once there is no more room, values are left out by a hash of the value
 * alone, half of those that are there each time. So the same values are counted wherever
 * they occur, and what is counted stays exact.
 */
#ifndef DATASET_LEAKS_VALUE_TABLE_H
#define DATASET_LEAKS_VALUE_TABLE_H

#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Shared by tables. */
struct value_memory {
    uint64_t limit, used; /* bytes; a table that is rearranged needs its size once more */
};

/* Every entry begins with it; what follows is zero at first. */
struct value_key {
    uint64_t value;
    uint32_t label;
    bool used;
};

struct value_table {
    struct value_memory *memory;
    uint8_t *entries;
    size_t entry_size;
    size_t count, capacity; /* capacity: a power of 2 */
    uint64_t seed;
    unsigned halvings; /* one of 2^halvings values is counted */
};

int value_table_init(struct value_table *table, size_t entry_size, struct value_memory *memory,
                     struct lcap_error *error);
void value_table_release(struct value_table *table);

/* Sets *entry to that of the value and the label, which is added if it is new; to NULL if the value
 * is left out. Valid until the next call. */
int value_table_at(struct value_table *table, uint64_t value, uint32_t label, void **entry,
                   struct lcap_error *error);

/*
 * Begins to fetch the entry into the cache. A packet has values in many tables, most of them larger
 * than the cache: they are all fetched at the same time, and used then.
 */
void value_table_fetch(const struct value_table *table, uint64_t value, uint32_t label);

/* The next entry, in no order; NULL at the end. *at is 0 at first. */
void *value_table_next(const struct value_table *table, size_t *at);

/* The share of the values that is counted, of 1. */
double value_table_share(const struct value_table *table);

/* A count that stays at its maximum. */
static inline void value_count_up(uint32_t *count)
{
    *count += *count < UINT32_MAX;
}

#endif
