/* A short array of values, and a hash table with linear probing once there are more. */
#include "features/measure/value_counts.h"

#include "base/hash.h"
#include "base/memory.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY        16
/* Crafted lengths cannot make tables up to this size slow: no search takes more steps. */
#define FIXED_FACTOR_CAPACITY 64
/* 2^64 divided by the golden ratio, made odd. */
#define FIXED_FACTOR          0x9E3779B97F4A7C15u

/* Multiply-shift hashing, as in base/idmap.c. */
static struct value_count *find_slot(struct value_count *slots, uint32_t capacity, uint64_t factor,
                                     uint32_t value)
{
    uint32_t slot = (uint32_t)((value * factor) >> (64 - __builtin_ctz(capacity)));
    while (slots[slot].count && slots[slot].value != value)
        slot = (slot + 1) & (capacity - 1);
    return &slots[slot];
}

/* Moves the values to a table of twice the size, or to the first table. */
static int grow(struct value_counts *counts, struct lcap_error *error)
{
    uint32_t old_slots = counts->capacity ? counts->capacity : VALUE_COUNTS_FEW;
    uint32_t capacity = counts->capacity ? counts->capacity * 2 : FIRST_CAPACITY;
    uint64_t factor = counts->capacity ? counts->at.table.factor : FIXED_FACTOR;
    if (capacity == FIXED_FACTOR_CAPACITY * 2) {
        int rc = hash_random_key((uint8_t *)&factor, sizeof factor, error);
        if (rc < 0)
            return rc;
        factor |= 1;
    }
    struct value_count *slots = memory_new(capacity, sizeof *slots, error);
    if (!slots)
        return LCAP_ERR_MEMORY;
    struct cubic_sums *at_limit = counts->capacity ? counts->at.table.at_limit : NULL;
    struct value_count *old = counts->capacity ? counts->at.table.slots : counts->at.few;
    for (uint32_t i = 0; i < old_slots; i++) {
        if (old[i].count)
            *find_slot(slots, capacity, factor, old[i].value) = old[i];
    }
    if (counts->capacity)
        free(old);
    counts->capacity = capacity;
    counts->at.table.slots = slots;
    counts->at.table.factor = factor;
    counts->at.table.at_limit = at_limit;
    return LCAP_OK;
}

static int add_at_limit(struct value_counts *counts, uint32_t value, struct lcap_error *error)
{
    int rc = counts->capacity ? LCAP_OK : grow(counts, error);
    if (rc < 0)
        return rc;
    struct cubic_sums **sums = &counts->at.table.at_limit;
    if (!*sums && !(*sums = memory_new(1, sizeof **sums, error)))
        return LCAP_ERR_MEMORY;
    cubic_sums_add(*sums, value);
    return LCAP_OK;
}

static void count_once_more(struct value_count *slot)
{
    slot->count += slot->count < UINT32_MAX;
}

/* Whether the value was among the few, or there was room for it. */
static bool add_to_few(struct value_counts *counts, uint32_t value)
{
    struct value_count *few = counts->at.few;
    for (uint32_t i = 0; i < counts->distinct; i++) {
        if (few[i].value == value) {
            count_once_more(&few[i]);
            return true;
        }
    }
    if (counts->distinct == VALUE_COUNTS_FEW)
        return false;
    few[counts->distinct++] = (struct value_count){value, 1};
    return true;
}

int value_counts_add(struct value_counts *counts, uint32_t value, struct lcap_error *error)
{
    if (value >= VALUE_COUNTS_LIMIT) {
        int rc = add_at_limit(counts, value, error);
        if (rc < 0)
            return rc;
        value = VALUE_COUNTS_LIMIT;
    }
    if (!counts->capacity && add_to_few(counts, value))
        return LCAP_OK;
    if (counts->distinct >= counts->capacity / 4 * 3) {
        int rc = grow(counts, error);
        if (rc < 0)
            return rc;
    }
    struct value_count *slot =
        find_slot(counts->at.table.slots, counts->capacity, counts->at.table.factor, value);
    counts->distinct += slot->count == 0;
    slot->value = value;
    count_once_more(slot);
    return LCAP_OK;
}

void value_counts_release(struct value_counts *counts)
{
    if (counts->capacity) {
        free(counts->at.table.slots);
        free(counts->at.table.at_limit);
    }
    *counts = (struct value_counts){0};
}

static void append(struct value_list *list, const struct value_counts *counts)
{
    const struct value_count *slots = counts->capacity ? counts->at.table.slots : counts->at.few;
    uint32_t count = counts->capacity ? counts->capacity : counts->distinct;
    for (uint32_t i = 0; i < count; i++) {
        if (slots[i].count)
            list->items[list->count++] = slots[i];
    }
    if (counts->capacity && counts->at.table.at_limit)
        list->at_limit = cubic_sums_merge(&list->at_limit, counts->at.table.at_limit);
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = ((const struct value_count *)a)->value;
    uint32_t y = ((const struct value_count *)b)->value;
    return (x > y) - (x < y);
}

/* Insertion sort: the usual list is too short for anything else. */
static void sort_few(struct value_count *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct value_count item = items[i];
        size_t j = i;
        for (; j > 0 && items[j - 1].value > item.value; j--)
            items[j] = items[j - 1];
        items[j] = item;
    }
}

/* The value at the limit stands for values whose minimum is known. */
static void lift_limit(struct value_list *list)
{
    for (size_t i = list->count; i-- > 0 && list->items[i].value == VALUE_COUNTS_LIMIT;)
        list->items[i].value = (uint32_t)list->at_limit.powers.min;
}

int value_list_init(struct value_list *list, const struct value_counts *a,
                    const struct value_counts *b, struct lcap_error *error)
{
    size_t total = (size_t)a->distinct + (b ? b->distinct : 0);
    list->count = 0;
    list->at_limit = (struct cubic_sums){0};
    list->items =
        total <= VALUE_LIST_FEW ? list->few : memory_new(total, sizeof *list->items, error);
    if (!list->items)
        return LCAP_ERR_MEMORY;
    append(list, a);
    if (b)
        append(list, b);
    if (list->items == list->few)
        sort_few(list->items, list->count);
    else
        qsort(list->items, list->count, sizeof *list->items, by_value);
    lift_limit(list);
    return LCAP_OK;
}

void value_list_release(struct value_list *list)
{
    if (list->items != list->few)
        free(list->items);
    list->items = NULL;
    list->count = 0;
}

static uint32_t add_held(uint32_t a, uint32_t b)
{
    uint32_t sum;
    return __builtin_add_overflow(a, b, &sum) ? UINT32_MAX : sum;
}

/* Values are below 2^17, and fewer than 2^50: the sum of cubes is below 2^101. */
static struct cubic_sums sums_below_limit(const struct value_list *list)
{
    struct cubic_sums sums = {0};
    uint128 squares = 0, cubes = 0;
    for (size_t i = 0; i < list->count && list->items[i].value < VALUE_COUNTS_LIMIT; i++) {
        uint64_t value = list->items[i].value;
        uint128 amount = (uint128)value * list->items[i].count;
        sums.powers.count = add_held(sums.powers.count, list->items[i].count);
        sums.powers.max = list->items[i].value;
        sums.powers.sum += (int128)amount;
        squares += amount * value;
        cubes += amount * value * value;
    }
    sums.powers.squares[0] = (uint64_t)squares;
    sums.powers.squares[1] = (uint64_t)(squares >> 64);
    sums.cubes[0] = (uint64_t)cubes;
    sums.cubes[1] = (uint64_t)(cubes >> 64);
    if (sums.powers.count)
        sums.powers.min = list->items[0].value;
    return sums;
}

struct cubic_sums value_list_sums(const struct value_list *list)
{
    const struct cubic_sums sums = sums_below_limit(list);
    return list->at_limit.powers.count ? cubic_sums_merge(&sums, &list->at_limit) : sums;
}

/* The value at `position` of the sorted series. */
static uint32_t value_at(const struct value_list *list, uint64_t position)
{
    size_t i = 0;
    for (; position >= list->items[i].count; i++)
        position -= list->items[i].count;
    return list->items[i].value;
}

double value_list_quartile(const struct value_list *list, unsigned number)
{
    uint64_t n = 0;
    for (size_t i = 0; i < list->count; i++)
        n += list->items[i].count;
    if (n == 0)
        return NAN;
    uint64_t quarters = (n - 1) * number;
    uint64_t below = value_at(list, quarters / 4);
    uint64_t above = quarters % 4 ? value_at(list, quarters / 4 + 1) : below;
    return (double)(below * 4 + (above - below) * (quarters % 4)) / 4;
}
