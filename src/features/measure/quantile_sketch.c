/* Keeps values while there are few, then counts in buckets. */
#include "features/measure/quantile_sketch.h"

#include "base/memory.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * Bucket of a value: the number itself below 2^(SUB_BITS + 1). Above, if the
 * highest bit is bit e, the next SUB_BITS bits select a bucket of that power of 2.
 * Values are below 2^63, so e is at most 62.
 */
enum {
    SUB_BITS = 7,
    SUB_BUCKETS = 1 << SUB_BITS,
    BUCKETS = (63 - SUB_BITS + 1) * SUB_BUCKETS,
};

struct sketch_buckets {
    struct cubic_sums sums;
    uint32_t counts[BUCKETS];
};

static unsigned bucket_of(int64_t value)
{
    if (value < SUB_BUCKETS)
        return (unsigned)value;
    int shift = 63 - SUB_BITS - __builtin_clzll((uint64_t)value);
    return (unsigned)(shift * SUB_BUCKETS) + (unsigned)(value >> shift);
}

/* The middle of the values of a bucket, rounded down. */
static int64_t value_of(unsigned bucket)
{
    if (bucket < 2 * SUB_BUCKETS)
        return bucket;
    unsigned shift = bucket / SUB_BUCKETS - 1;
    int64_t first = (int64_t)(bucket % SUB_BUCKETS + SUB_BUCKETS) << shift;
    return first + (((int64_t)1 << shift) - 1) / 2;
}

static const int64_t *values_of(const struct quantile_sketch *sketch)
{
    return sketch->count <= SKETCH_FEW ? sketch->at.few : sketch->at.values;
}

static void add_to_buckets(struct sketch_buckets *buckets, int64_t value)
{
    cubic_sums_add(&buckets->sums, value);
    uint32_t *count = &buckets->counts[bucket_of(value)];
    *count += *count < UINT32_MAX;
}

static int change_to_buckets(struct quantile_sketch *sketch, struct lcap_error *error)
{
    struct sketch_buckets *buckets = memory_new(1, sizeof *buckets, error);
    if (!buckets)
        return LCAP_ERR_MEMORY;
    for (size_t i = 0; i < SKETCH_EXACT; i++)
        add_to_buckets(buckets, sketch->at.values[i]);
    free(sketch->at.values);
    sketch->at.buckets = buckets;
    return LCAP_OK;
}

/* The capacity is not stored: values have room for their count rounded up to a power of 2. */
static int make_room(struct quantile_sketch *sketch, struct lcap_error *error)
{
    bool power_of_2 = (sketch->count & (sketch->count - 1)) == 0;
    if (!power_of_2 || sketch->count < SKETCH_FEW || sketch->count > SKETCH_EXACT)
        return LCAP_OK;
    if (sketch->count == SKETCH_EXACT)
        return change_to_buckets(sketch, error);
    bool first = sketch->count == SKETCH_FEW;
    void *values = first ? NULL : sketch->at.values;
    size_t capacity = 0;
    int rc = memory_grow(&values, &capacity, sketch->count * 2, sizeof(int64_t), error);
    if (rc < 0)
        return rc;
    if (first)
        memcpy(values, sketch->at.few, sizeof sketch->at.few);
    sketch->at.values = values;
    return LCAP_OK;
}

int quantile_sketch_add(struct quantile_sketch *sketch, int64_t value, struct lcap_error *error)
{
    int rc = make_room(sketch, error);
    if (rc < 0)
        return rc;
    if (sketch->count < SKETCH_FEW)
        sketch->at.few[sketch->count] = value;
    else if (sketch->count < SKETCH_EXACT)
        sketch->at.values[sketch->count] = value;
    else
        add_to_buckets(sketch->at.buckets, value);
    sketch->count++;
    return LCAP_OK;
}

void quantile_sketch_release(struct quantile_sketch *sketch)
{
    if (sketch->count > SKETCH_EXACT)
        free(sketch->at.buckets);
    else if (sketch->count > SKETCH_FEW)
        free(sketch->at.values);
    *sketch = (struct quantile_sketch){0};
}

struct cubic_sums quantile_sketch_sums(const struct quantile_sketch *sketch)
{
    if (sketch->count > SKETCH_EXACT)
        return sketch->at.buckets->sums;
    struct cubic_sums sums = {0};
    const int64_t *values = values_of(sketch);
    for (size_t i = 0; i < sketch->count; i++)
        cubic_sums_add(&sums, values[i]);
    return sums;
}

/* Below this many values, the counters of a radix sort cost more than they save. */
#define INSERTION_SORT_MOST 64

static void insertion_sort(int64_t *values, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        int64_t value = values[i];
        size_t j = i;
        for (; j > 0 && values[j - 1] > value; j--)
            values[j] = values[j - 1];
        values[j] = value;
    }
}

/* One pass of a radix sort: stable by the eight bits at `shift`. False if they are all the same. */
static bool sort_by_byte(const int64_t *from, int64_t *to, size_t count, unsigned shift)
{
    size_t starts[256] = {0};
    for (size_t i = 0; i < count; i++)
        starts[from[i] >> shift & 255]++;
    if (starts[from[0] >> shift & 255] == count)
        return false;
    size_t start = 0;
    for (size_t byte = 0; byte < 256; byte++) {
        size_t values = starts[byte];
        starts[byte] = start;
        start += values;
    }
    for (size_t i = 0; i < count; i++)
        to[starts[from[i] >> shift & 255]++] = from[i];
    return true;
}

/* `count` is at most SKETCH_EXACT. Saves three quarters of the time of qsort(). */
static void sort_values(int64_t *values, size_t count)
{
    int64_t scratch[SKETCH_EXACT];
    if (count <= INSERTION_SORT_MOST) {
        insertion_sort(values, count);
        return;
    }
    int64_t *from = values, *to = scratch;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        if (sort_by_byte(from, to, count, shift)) {
            int64_t *sorted = to;
            to = from;
            from = sorted;
        }
    }
    if (from == scratch)
        memcpy(values, scratch, count * sizeof *values);
}

/* Less than the number of values once a counter has reached its maximum. */
static uint64_t values_counted(const struct quantile_sketch *sketch)
{
    if (sketch->count <= SKETCH_EXACT)
        return sketch->count;
    uint64_t counted = 0;
    for (unsigned bucket = 0; bucket < BUCKETS; bucket++)
        counted += sketch->at.buckets->counts[bucket];
    return counted;
}

/* The value at `position` of the sorted series; with buckets, a value close to it. */
static int64_t value_at(const struct quantile_sketch *sketch, uint64_t position)
{
    if (sketch->count <= SKETCH_EXACT)
        return values_of(sketch)[position];
    const struct sketch_buckets *buckets = sketch->at.buckets;
    unsigned bucket = 0;
    for (; bucket < BUCKETS - 1 && position >= buckets->counts[bucket]; bucket++)
        position -= buckets->counts[bucket];
    int64_t value = value_of(bucket);
    if (value < buckets->sums.powers.min)
        return buckets->sums.powers.min;
    return value > buckets->sums.powers.max ? buckets->sums.powers.max : value;
}

static double quartile(const struct quantile_sketch *sketch, uint64_t counted, uint64_t per,
                       unsigned number)
{
    uint64_t quarters = (counted - 1) * number;
    int64_t below = value_at(sketch, quarters / 4);
    int64_t above = quarters % 4 ? value_at(sketch, quarters / 4 + 1) : below;
    uint128 fourfold = (uint128)below * 4 + (uint128)(above - below) * (quarters % 4);
    /* Only gaps of more than 146 years need more than 64 bits. */
    return fourfold <= UINT64_MAX ? exact_ratio((uint64_t)fourfold, per * 4)
                                  : (double)fourfold / (double)(per * 4);
}

void quantile_sketch_quartiles(struct quantile_sketch *sketch, uint64_t per, double quartiles[3])
{
    if (sketch->count <= SKETCH_EXACT)
        sort_values(sketch->count <= SKETCH_FEW ? sketch->at.few : sketch->at.values,
                    sketch->count);
    const uint64_t counted = values_counted(sketch);
    for (unsigned i = 0; i < 3; i++)
        quartiles[i] = counted ? quartile(sketch, counted, per, i + 1) : NAN;
}
