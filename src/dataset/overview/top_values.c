/* Counters in an open hash table with linear probing. */
#include "dataset/overview/top_values.h"

#include "base/hash.h"
#include <stdlib.h>
#include <string.h>

enum { SLOT_MASK = TOP_VALUES_SLOTS - 1 };

/* The same for each run, so that the result is, too: whoever makes it slow, makes 256 steps. */
static const uint8_t key[HASH_KEY_LEN] = "labelcap.top.v01";

static size_t home_of(const uint8_t *bytes)
{
    return hash_siphash(key, bytes, TOP_VALUE_LEN) & SLOT_MASK;
}

/* The slot that refers to the value, or the free one where it belongs. */
static size_t find_slot(const struct top_values *values, const uint8_t *bytes)
{
    size_t slot = home_of(bytes);
    while (values->slots[slot] &&
           memcmp(values->counters[values->slots[slot] - 1].bytes, bytes, TOP_VALUE_LEN) != 0)
        slot = (slot + 1) & SLOT_MASK;
    return slot;
}

/* Frees a slot, and moves up those that stand behind it for want of room. */
static void free_slot(struct top_values *values, size_t hole)
{
    size_t slot = hole;
    values->slots[hole] = 0;
    while (values->slots[slot = (slot + 1) & SLOT_MASK]) {
        struct top_value *counter = &values->counters[values->slots[slot] - 1];
        const size_t home = home_of(counter->bytes);
        if (((slot - home) & SLOT_MASK) < ((slot - hole) & SLOT_MASK))
            continue;
        values->slots[hole] = values->slots[slot];
        counter->slot = (uint16_t)hole;
        values->slots[slot] = 0;
        hole = slot;
    }
}

static struct top_value *smallest(struct top_values *values)
{
    struct top_value *least = &values->counters[0];
    for (size_t i = 1; i < TOP_VALUES_COUNTERS; i++)
        if (values->counters[i].count < least->count)
            least = &values->counters[i];
    return least;
}

/* The new value takes over the counter of the smallest one, as if it had been it. */
static struct top_value *take_counter(struct top_values *values)
{
    if (values->used < TOP_VALUES_COUNTERS)
        return &values->counters[values->used++];
    struct top_value *counter = smallest(values);
    free_slot(values, counter->slot);
    counter->over = counter->count;
    return counter;
}

static void add(struct top_values *values, const uint8_t bytes[TOP_VALUE_LEN], uint64_t count,
                uint64_t over)
{
    size_t slot = find_slot(values, bytes);
    if (values->slots[slot]) {
        values->counters[values->slots[slot] - 1].count += count;
        values->counters[values->slots[slot] - 1].over += over;
        return;
    }
    struct top_value *counter = take_counter(values);
    slot = find_slot(values, bytes); /* freeing may have moved slots */
    memcpy(counter->bytes, bytes, TOP_VALUE_LEN);
    counter->count += count;
    counter->over += over;
    counter->slot = (uint16_t)slot;
    values->slots[slot] = (uint16_t)(counter - values->counters + 1);
}

void top_values_add(struct top_values *values, const uint8_t bytes[TOP_VALUE_LEN])
{
    values->total++;
    add(values, bytes, 1, 0);
}

void top_values_merge(struct top_values *into, const struct top_values *from)
{
    into->total += from->total;
    for (size_t i = 0; i < from->used; i++)
        add(into, from->counters[i].bytes, from->counters[i].count, from->counters[i].over);
}

static int compare(const void *left, const void *right)
{
    const struct top_value *a = left, *b = right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return memcmp(a->bytes, b->bytes, TOP_VALUE_LEN);
}

void top_values_sort(struct top_values *values)
{
    qsort(values->counters, values->used, sizeof *values->counters, compare);
}
