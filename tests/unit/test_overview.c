/* Quantiles of log_histogram, counts of top_values and time_histogram, beside exact ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataset/overview/log_histogram.h"
#include "dataset/overview/time_histogram.h"
#include "dataset/overview/top_values.h"

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static int compare(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

/* Numbers of all sizes: the quantile is within 1/64 of the exact one. */
static void quantiles_are_close(void **state)
{
    enum { COUNT = 20001 };
    static struct log_histogram histogram;
    static uint64_t values[COUNT];
    uint64_t random = 88172645463325252u;
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        values[i] = next_random(&random) >> (next_random(&random) % 64);
        log_histogram_add(&histogram, values[i]);
    }
    qsort(values, COUNT, sizeof *values, compare);
    assert_int_equal(histogram.least, values[0]);
    assert_int_equal(histogram.most, values[COUNT - 1]);
    for (int percent = 0; percent <= 100; percent += 5) {
        const size_t rank = (size_t)((double)COUNT * percent / 100);
        const double exact = (double)values[rank < COUNT ? rank : COUNT - 1];
        const double found = (double)log_histogram_quantile(&histogram, percent / 100.0);
        assert_true(found >= exact * 63 / 64 - 1 && found <= exact * 65 / 64 + 1);
    }
}

static void small_numbers_are_exact(void **state)
{
    static struct log_histogram histogram;
    (void)state;
    assert_int_equal(log_histogram_quantile(&histogram, 0.5), 0);
    for (uint64_t i = 0; i < 64; i++)
        log_histogram_add(&histogram, i);
    for (uint64_t i = 1; i <= 64; i++)
        assert_int_equal(log_histogram_quantile(&histogram, (double)i / 64), i - 1);
}

static void largest_number_has_a_bin(void **state)
{
    static struct log_histogram histogram;
    (void)state;
    log_histogram_add(&histogram, UINT64_MAX);
    assert_int_equal(log_histogram_quantile(&histogram, 0.5), UINT64_MAX);
}

static void add_value(struct top_values *values, uint32_t value)
{
    uint8_t bytes[TOP_VALUE_LEN] = {0};
    memcpy(bytes, &value, sizeof value);
    top_values_add(values, bytes);
}

static uint32_t value_at(const struct top_values *values, size_t place)
{
    uint32_t value;
    memcpy(&value, values->counters[place].bytes, sizeof value);
    return value;
}

static void few_values_are_counted_exactly(void **state)
{
    static struct top_values values;
    (void)state;
    for (uint32_t round = 0; round < TOP_VALUES_COUNTERS; round++)
        for (uint32_t value = 0; value <= round; value++)
            add_value(&values, value);
    top_values_sort(&values);
    assert_int_equal(values.used, TOP_VALUES_COUNTERS);
    for (uint32_t i = 0; i < TOP_VALUES_COUNTERS; i++) {
        assert_int_equal(value_at(&values, i), i);
        assert_int_equal(values.counters[i].count, TOP_VALUES_COUNTERS - i);
        assert_int_equal(values.counters[i].over, 0);
    }
}

/* Two frequent values among very many rare ones: they stay, and the error is as stated. */
static void frequent_values_are_found(void **state)
{
    static struct top_values values;
    uint64_t random = 1234567;
    (void)state;
    for (uint32_t i = 0; i < 100000; i++) {
        add_value(&values, 1000000 + (uint32_t)(next_random(&random) % 50000));
        if (i % 10 == 0)
            add_value(&values, 1);
        if (i % 20 == 0)
            add_value(&values, 2);
    }
    top_values_sort(&values);
    const uint64_t counts[] = {10000, 5000};
    for (uint32_t i = 0; i < 2; i++) {
        const struct top_value *top = &values.counters[i];
        assert_int_equal(value_at(&values, i), i + 1);
        assert_true(top->count >= counts[i] && top->count - top->over <= counts[i]);
        assert_true(top->over <= values.total / TOP_VALUES_COUNTERS);
    }
}

/* ---- times ---- */

enum { TIMES = 5000, LONG_BINS = 48 };

/* Times in no order, over all that there are or a part of it. */
static int64_t some_time(uint64_t *random, unsigned shift)
{
    const uint64_t bits = next_random(random) >> shift;
    return (int64_t)(bits - (shift ? UINT64_C(1) << (63 - shift) : 0));
}

static void add_longer_bins(uint64_t *bins, int64_t time_ns, int64_t first_ns, uint64_t bin_ns)
{
    const uint64_t bin = ((uint64_t)time_ns - (uint64_t)first_ns) / bin_ns;
    bins[bin < LONG_BINS ? bin : LONG_BINS - 1]++;
}

/* Half of the times are added at once, half are merged: all are in the bins of their times. */
static void check_times(unsigned shift)
{
    static struct time_histogram all, half;
    uint64_t random = 88172645463325252u, exact[LONG_BINS] = {0}, found[LONG_BINS] = {0};
    int64_t times[TIMES], first = INT64_MAX;
    memset(&all, 0, sizeof all);
    memset(&half, 0, sizeof half);
    for (size_t i = 0; i < TIMES; i++) {
        times[i] = some_time(&random, shift);
        first = times[i] < first ? times[i] : first;
        time_histogram_add(i % 2 ? &all : &half, times[i]);
    }
    time_histogram_merge(&all, &half);
    const int64_t floor = time_histogram_floor(first, all.unit);
    const int64_t first_ns =
        floor < INT64_MIN / (int64_t)all.unit ? INT64_MIN : floor * (int64_t)all.unit;
    for (size_t i = 0; i < TIMES; i++)
        add_longer_bins(exact, times[i], first_ns, 100 * all.unit);
    time_histogram_fold(&all, first_ns, 100 * all.unit, found, LONG_BINS);
    assert_memory_equal(found, exact, sizeof exact);
    assert_true(all.unit == 1 || all.used > TIME_HISTOGRAM_BINS / 10 - 2);
}

static void times_are_in_their_bins(void **state)
{
    (void)state;
    for (unsigned shift = 1; shift < 60; shift += 3)
        check_times(shift);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_close),
        cmocka_unit_test(small_numbers_are_exact),
        cmocka_unit_test(largest_number_has_a_bin),
        cmocka_unit_test(few_values_are_counted_exactly),
        cmocka_unit_test(frequent_values_are_found),
        cmocka_unit_test(times_are_in_their_bins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
