/* Sums and quartiles of series: exact while they are short, within the stated error else. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "features/measure/quantile_sketch.h"

#define MOST 20000

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static struct quantile_sketch sketch_of(const int64_t *values, size_t n)
{
    struct quantile_sketch sketch = {0};
    for (size_t i = 0; i < n; i++)
        assert_int_equal(quantile_sketch_add(&sketch, values[i], NULL), 0);
    return sketch;
}

static long double sorted_quartile(const int64_t *sorted, size_t n, unsigned number)
{
    size_t quarters = (n - 1) * number;
    long double below = sorted[quarters / 4];
    long double above = quarters % 4 ? sorted[quarters / 4 + 1] : below;
    return below + (above - below) * (quarters % 4) / 4;
}

/* Sorts `values`. */
static void agrees_with_array(int64_t *values, size_t n)
{
    struct quantile_sketch sketch = sketch_of(values, n);
    struct cubic_sums expected = {0};
    for (size_t i = 0; i < n; i++)
        cubic_sums_add(&expected, values[i]);
    struct cubic_sums sums = quantile_sketch_sums(&sketch);
    assert_memory_equal(&sums, &expected, sizeof sums);

    double quartiles[3];
    quantile_sketch_quartiles(&sketch, 1, quartiles);
    qsort(values, n, sizeof *values, by_value);
    for (unsigned i = 0; i < 3; i++) {
        long double truth = sorted_quartile(values, n, i + 1);
        /* Doubles are good to 2^-53; the sketch promises 1/256. */
        long double error = n <= SKETCH_EXACT ? truth * 0x1p-52L : truth / 256;
        assert_true(fabsl((long double)quartiles[i] - truth) <= error);
    }
    quantile_sketch_release(&sketch);
}

typedef int64_t distribution(uint64_t *random);

static int64_t uniform(uint64_t *random)
{
    return (int64_t)(next_random(random) % 1000000000);
}

/* Each power of 2 as likely as the other, up to the longest gap there is. */
static int64_t any_size(uint64_t *random)
{
    uint64_t bits = next_random(random) % 64;
    return bits ? (int64_t)(next_random(random) >> (64 - bits)) : 0;
}

/* The edges of buckets and what lies beside them. */
static int64_t edges(uint64_t *random)
{
    int64_t power = (int64_t)1 << (8 + next_random(random) % 54);
    int64_t sub = (int64_t)(next_random(random) % 128);
    return power + sub * (power / 128) + (int64_t)(next_random(random) % 3) - 1;
}

static int64_t small(uint64_t *random)
{
    return (int64_t)(next_random(random) % 256);
}

static int64_t mostly_none(uint64_t *random)
{
    return next_random(random) % 3 ? 0 : (int64_t)(next_random(random) % 60000000000);
}

static void distributions(void **state)
{
    (void)state;
    static distribution *const all[] = {uniform, any_size, edges, small, mostly_none};
    static const size_t sizes[] = {1,  2,  3,  4,   5,    6,    7,    8,    9,    16,   17,
                                   63, 64, 65, 100, 1000, 2048, 2049, 4095, 4096, 4097, MOST};
    uint64_t random = 88172645463325252u;
    int64_t *values = malloc(MOST * sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        for (size_t size = 0; size < sizeof sizes / sizeof *sizes; size++) {
            for (size_t j = 0; j < sizes[size]; j++)
                values[j] = all[i](&random);
            agrees_with_array(values, sizes[size]);
        }
    }
    free(values);
}

/* Below 256 the buckets hold one value each. */
static void small_values_are_exact(void **state)
{
    (void)state;
    struct quantile_sketch sketch = {0};
    for (int64_t i = 0; i < 5120; i++)
        assert_int_equal(quantile_sketch_add(&sketch, i % 256, NULL), 0);
    double quartiles[3];
    quantile_sketch_quartiles(&sketch, 1, quartiles);
    assert_true(quartiles[0] == 63.75);
    assert_true(quartiles[1] == 127.5);
    assert_true(quartiles[2] == 191.25);
    quantile_sketch_release(&sketch);
}

/* float(fractions.Fraction(f, 4 * 10**9)) of Python, f being four times the quartile in ns. */
static void nanoseconds_to_seconds(void **state)
{
    (void)state;
    static const int64_t gaps[] = {145501000, 58000, 1882732000, 1};
    struct quantile_sketch sketch = sketch_of(gaps, 4);
    double quartiles[3];
    quantile_sketch_quartiles(&sketch, 1000000000, quartiles);
    assert_true(quartiles[0] == 4.350025e-05);
    assert_true(quartiles[1] == 0.0727795);
    assert_true(quartiles[2] == 0.57980875);
    quantile_sketch_release(&sketch);
}

static void equal_values(void **state)
{
    (void)state;
    struct quantile_sketch sketch = {0};
    for (int i = 0; i < 10000; i++)
        assert_int_equal(quantile_sketch_add(&sketch, 1234567, NULL), 0);
    double quartiles[3];
    quantile_sketch_quartiles(&sketch, 1, quartiles);
    for (int i = 0; i < 3; i++)
        assert_true(quartiles[i] == 1234567);
    quantile_sketch_release(&sketch);
}

/* Counters that are full stay so, and the quartiles are those of what was counted. */
static void full_counters(void **state)
{
    (void)state;
    struct quantile_sketch sketch = {0};
    for (int64_t i = 0; i <= SKETCH_EXACT; i++)
        assert_int_equal(quantile_sketch_add(&sketch, i % 2 ? 200 : 100, NULL), 0);
    /* The buckets lie behind the sums; below 256 each value has one of its own number. */
    uint32_t *counters = (uint32_t *)((struct cubic_sums *)sketch.at.buckets + 1);
    assert_int_equal(counters[100], SKETCH_EXACT / 2 + 1);
    counters[100] = UINT32_MAX - 1;
    sketch.count += (uint64_t)1 << 34;
    for (int i = 0; i < 3; i++)
        assert_int_equal(quantile_sketch_add(&sketch, 100, NULL), 0);
    assert_int_equal(counters[100], UINT32_MAX);
    double quartiles[3];
    quantile_sketch_quartiles(&sketch, 1, quartiles);
    for (int i = 0; i < 3; i++)
        assert_true(quartiles[i] == 100);
    quantile_sketch_release(&sketch);
}

static void empty_series(void **state)
{
    (void)state;
    struct quantile_sketch sketch = {0};
    double quartiles[3];
    quantile_sketch_quartiles(&sketch, 1, quartiles);
    for (int i = 0; i < 3; i++)
        assert_true(isnan(quartiles[i]));
    assert_int_equal(quantile_sketch_sums(&sketch).powers.count, 0);
    quantile_sketch_release(&sketch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distributions),          cmocka_unit_test(small_values_are_exact),
        cmocka_unit_test(nanoseconds_to_seconds), cmocka_unit_test(equal_values),
        cmocka_unit_test(full_counters),          cmocka_unit_test(empty_series),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
