/* Counted values, against sorted arrays and against numpy. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "features/measure/value_counts.h"

static struct value_counts counts_of(const uint32_t *values, size_t n)
{
    struct value_counts counts = {0};
    for (size_t i = 0; i < n; i++)
        assert_int_equal(value_counts_add(&counts, values[i], NULL), 0);
    return counts;
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Linear interpolation between neighbours, told anew: with four times the position. */
static double sorted_quartile(const uint32_t *sorted, size_t n, unsigned number)
{
    size_t quarters = (n - 1) * number;
    double below = sorted[quarters / 4];
    double above = quarters % 4 ? sorted[quarters / 4 + 1] : below;
    return below + (above - below) * (double)(quarters % 4) / 4;
}

/* The quartiles take values above the limit for the limit; the sums do not. */
static void agrees_with_array(uint32_t *values, size_t n)
{
    struct value_counts counts = counts_of(values, n);
    struct value_list list;
    struct cubic_sums expected = {0};
    assert_int_equal(value_list_init(&list, &counts, NULL, NULL), 0);
    for (size_t i = 0; i < n; i++)
        cubic_sums_add(&expected, values[i]);
    const struct cubic_sums sums = value_list_sums(&list);
    assert_int_equal(sums.powers.count, expected.powers.count);
    assert_int_equal(sums.powers.min, expected.powers.min);
    assert_int_equal(sums.powers.max, expected.powers.max);
    assert_true(sums.powers.sum == expected.powers.sum);
    assert_memory_equal(sums.powers.squares, expected.powers.squares, sizeof sums.powers.squares);
    assert_memory_equal(sums.cubes, expected.cubes, sizeof sums.cubes);
    qsort(values, n, sizeof *values, by_value);
    for (size_t i = 1; i < n; i++)
        if (values[i - 1] >= VALUE_COUNTS_LIMIT)
            values[i] = values[i - 1];
    for (unsigned number = 1; number <= 3; number++)
        assert_true(value_list_quartile(&list, number) == sorted_quartile(values, n, number));
    value_list_release(&list);
    value_counts_release(&counts);
}

static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

static void random_series(void **state)
{
    (void)state;
    static const uint32_t spreads[] = {1, 2, 4, 5, 40, 1500, 70000, UINT32_MAX};
    uint64_t random = 1;
    uint32_t *values = malloc(20000 * sizeof *values);
    assert_non_null(values);
    for (size_t spread = 0; spread < sizeof spreads / sizeof *spreads; spread++) {
        for (size_t n = 1; n <= 20000; n = n < 12 ? n + 1 : n * 3) {
            for (size_t i = 0; i < n; i++)
                values[i] = (uint32_t)((uint64_t)next_random(&random) * 2 % spreads[spread]);
            agrees_with_array(values, n);
        }
    }
    free(values);
}

/* All values different, also in their upper bits only: the table grows again and again. */
static void many_values(void **state)
{
    (void)state;
    const size_t most = VALUE_COUNTS_LIMIT;
    uint32_t *values = malloc(most * sizeof *values);
    assert_non_null(values);
    for (unsigned shift = 0; shift <= 6; shift += 6) {
        const size_t n = most >> shift;
        for (size_t i = 0; i < n; i++)
            values[i] = (uint32_t)(i << shift);
        struct value_counts counts = counts_of(values, n);
        assert_true(counts.distinct == n);
        assert_true(counts.capacity <= 4 * n);
        value_counts_release(&counts);
        agrees_with_array(values, n);
    }
    free(values);
}

/* Constants from numpy.percentile(values, [25, 50, 75]) of numpy 1.24.2. */
static void quartiles_of_numpy(void **state)
{
    (void)state;
    static const struct {
        uint32_t values[8];
        size_t n;
        double quartiles[3];
    } cases[] = {
        {{7}, 1, {7, 7, 7}},
        {{40, 1500}, 2, {405, 770, 1135}},
        {{60, 1514, 60}, 3, {60, 60, 787}},
        {{3, 1, 4, 1}, 4, {1, 2, 3.25}},
        {{66, 74, 1338, 146, 66}, 5, {66, 74, 146}},
        {{5, 4, 9, 1, 1, 8}, 6, {1.75, 4.5, 7.25}},
        {{10, 20, 30, 40, 50, 60, 75}, 7, {25, 40, 55}},
        {{0, 0, 0, 1, 1448, 1448, 1448, 4294967295}, 8, {0, 724.5, 1448}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct value_counts counts = counts_of(cases[i].values, cases[i].n);
        struct value_list list;
        assert_int_equal(value_list_init(&list, &counts, NULL, NULL), 0);
        for (unsigned number = 1; number <= 3; number++)
            assert_true(value_list_quartile(&list, number) == cases[i].quartiles[number - 1]);
        value_list_release(&list);
        value_counts_release(&counts);
    }
}

/* Whoever chooses lengths does not choose how much memory they take. */
static void values_above_the_limit(void **state)
{
    (void)state;
    struct value_counts counts = {0};
    struct cubic_sums expected = {0};
    for (uint32_t i = 0; i < 100000; i++) {
        assert_int_equal(value_counts_add(&counts, UINT32_MAX - i, NULL), 0);
        cubic_sums_add(&expected, UINT32_MAX - i);
    }
    assert_int_equal(counts.distinct, 1);
    assert_true(counts.capacity <= 16);
    struct value_list list;
    assert_int_equal(value_list_init(&list, &counts, NULL, NULL), 0);
    const struct cubic_sums sums = value_list_sums(&list);
    assert_memory_equal(&sums, &expected, sizeof sums);
    assert_true(value_list_quartile(&list, 2) == UINT32_MAX - 99999);
    value_list_release(&list);
    value_counts_release(&counts);
}

/* Few values, one above the limit among them, at each place; and both sides of the limit. */
static void few_values_about_the_limit(void **state)
{
    (void)state;
    for (size_t place = 0; place < 6; place++) {
        uint32_t values[6] = {7, 40, 7, VALUE_COUNTS_LIMIT - 1, 1500, 60};
        values[place] = VALUE_COUNTS_LIMIT + (uint32_t)place % 2;
        for (size_t n = place + 1; n <= 6; n++) {
            uint32_t copy[6];
            memcpy(copy, values, sizeof copy);
            agrees_with_array(copy, n);
        }
    }
}

/* The list of two is the list of all values. */
static void two_together(void **state)
{
    (void)state;
    uint32_t values[300];
    uint64_t random = 5;
    for (size_t spread = 3; spread < 1000; spread *= 4) {
        struct cubic_sums expected = {0};
        for (size_t i = 0; i < 300; i++) {
            values[i] = next_random(&random) % (uint32_t)spread;
            values[i] = i % 50 == 7 ? VALUE_COUNTS_LIMIT + 5 : values[i];
            cubic_sums_add(&expected, values[i]);
        }
        struct value_counts a = counts_of(values, 100), b = counts_of(values + 100, 200);
        struct value_list list;
        assert_int_equal(value_list_init(&list, &a, &b, NULL), 0);
        qsort(values, 300, sizeof *values, by_value);
        for (unsigned number = 1; number <= 3; number++)
            assert_true(value_list_quartile(&list, number) == sorted_quartile(values, 300, number));
        const struct cubic_sums sums = value_list_sums(&list);
        assert_memory_equal(&sums, &expected, sizeof sums);
        value_list_release(&list);
        value_counts_release(&a);
        value_counts_release(&b);
    }
}

static void empty_series(void **state)
{
    (void)state;
    struct value_counts counts = {0};
    struct value_list list;
    assert_int_equal(value_list_init(&list, &counts, &counts, NULL), 0);
    assert_true(isnan(value_list_quartile(&list, 2)));
    assert_int_equal(value_list_sums(&list).powers.count, 0);
    value_list_release(&list);
    value_counts_release(&counts);
}

/* A counter that is full stays so. */
static void full_counter(void **state)
{
    (void)state;
    const uint32_t value = 9;
    struct value_counts counts = counts_of(&value, 1);
    counts.at.few[0].count = UINT32_MAX - 1;
    for (int i = 0; i < 3; i++)
        assert_int_equal(value_counts_add(&counts, value, NULL), 0);
    assert_int_equal(counts.at.few[0].count, UINT32_MAX);
    /* Twice as many: the number of all values stays too. */
    struct value_list list;
    assert_int_equal(value_list_init(&list, &counts, &counts, NULL), 0);
    assert_int_equal(value_list_sums(&list).powers.count, UINT32_MAX);
    assert_true(value_list_quartile(&list, 3) == 9);
    value_list_release(&list);
    value_counts_release(&counts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_series),          cmocka_unit_test(many_values),
        cmocka_unit_test(values_above_the_limit), cmocka_unit_test(few_values_about_the_limit),
        cmocka_unit_test(quartiles_of_numpy),     cmocka_unit_test(two_together),
        cmocka_unit_test(empty_series),           cmocka_unit_test(full_counter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
