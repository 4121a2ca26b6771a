/* Statistics of doubles: constants from CPython 3.11's statistics, whose sums are exact. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/number/double_sums.h"
#include <math.h>

static void has(const struct double_sums *sums, double mean, double deviation)
{
    assert_true(double_sums_mean(sums) == mean);
    assert_true(double_sums_deviation(sums) == deviation);
}

/* Differences of 1,000 times within a second of `begin`, in microseconds, by a generator that the
 * oracle repeats. */
static struct double_sums differences(double begin)
{
    struct double_sums sums = {0};
    uint32_t random = 12345;
    double last = begin;
    for (int i = 0; i < 1000; i++) {
        random = (random * 1103515245u + 12345) % (1u << 31);
        const double now = begin + (double)(random % 1000003) / 1e6;
        double_sums_add(&sums, now - last);
        last = now;
    }
    return sums;
}

static void of_times_today(void **state)
{
    (void)state;
    const struct double_sums sums = differences(1600000000);
    has(&sums, 0x1.bf5a147ae147bp-11, 0x1.9e16bf3a0138cp-2);
    assert_true(sums.min == -0x1.e7fb000000000p-1 && sums.max == 0x1.e299f80000000p-1);
}

static void of_times_near_0(void **state)
{
    (void)state;
    const struct double_sums sums = differences(0);
    has(&sums, 0x1.bf5a14ebc1d1fp-11, 0x1.9e16bf97ed675p-2);
    assert_true(sums.min == -0x1.e7fb04ee7c4a0p-1 && sums.max == 0x1.e299fa11a975bp-1);
}

static void of_equal_values(void **state)
{
    (void)state;
    struct double_sums sums = {0};
    for (int i = 0; i < 1000; i++)
        double_sums_add(&sums, 0.1);
    has(&sums, 0.1, 0);
}

static void no_cancellation(void **state)
{
    (void)state;
    struct double_sums two = {0}, many = {0};
    double_sums_add(&two, 1e9);
    double_sums_add(&two, 1e9 + 1e-6);
    has(&two, 0x1.dcd6500000004p+29, 0x1.0000000000000p-21);
    for (int i = 1; i < 8; i++)
        double_sums_add(&many, 1e9 + i * 1e-3);
    has(&many, 0x1.dcd6500008312p+29, 0x1.06249249c7d66p-9);
}

static void of_nothing(void **state)
{
    (void)state;
    const struct double_sums sums = {0};
    assert_true(isnan(double_sums_mean(&sums)) && isnan(double_sums_deviation(&sums)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_times_today),  cmocka_unit_test(of_times_near_0),
        cmocka_unit_test(of_equal_values), cmocka_unit_test(no_cancellation),
        cmocka_unit_test(of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
