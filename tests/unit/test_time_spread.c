/* Packets far from the rest in time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dataset/check/time_spread.h"

#define MINUTE 60000000000
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

/* Counts the far ones of `count` times; *first receives the number of the first, from 1. */
static uint64_t far_of(const int64_t *times, size_t count, uint64_t *first)
{
    struct time_spread spread;
    struct check_findings findings = {.count = 0};
    time_spread_init(&spread);
    for (size_t i = 0; i < count; i++) {
        const struct check_place place = {.packet = i + 1};
        assert_int_equal(time_spread_add(&spread, times[i], &place, NULL), 0);
        assert_true(spread.count <= 32768);
    }
    time_spread_finish(&spread, &findings);
    *first = findings.counts[CHECK_TIME_FAR].first.packet;
    time_spread_release(&spread);
    return findings.counts[CHECK_TIME_FAR].count;
}

static void few_packets_have_no_rest(void **state)
{
    const int64_t times[] = {0, 1000 * DAY};
    uint64_t first;
    (void)state;
    assert_int_equal(far_of(times, 0, &first), 0);
    assert_int_equal(far_of(times, 1, &first), 0);
    assert_int_equal(far_of(times, 2, &first), 0);
}

static void far_is_more_than_half_an_hour(void **state)
{
    int64_t times[] = {5 * DAY, 5 * DAY + MINUTE, 5 * DAY + 2 * MINUTE, 5 * DAY + 29 * MINUTE};
    uint64_t first;
    (void)state;
    assert_int_equal(far_of(times, 4, &first), 0);
    times[3] = 5 * DAY + HOUR;
    assert_int_equal(far_of(times, 4, &first), 1);
    assert_int_equal(first, 4);
    times[0] = 5 * DAY - HOUR;
    assert_int_equal(far_of(times, 4, &first), 2);
    assert_int_equal(first, 1);
}

static void far_is_more_than_the_rest_is_long(void **state)
{
    enum { COUNT = 2000 };
    int64_t *times = malloc((COUNT + 2) * sizeof *times);
    uint64_t first;
    (void)state;
    for (int i = 0; i < COUNT; i++)
        times[i] = i * (DAY / COUNT);
    times[COUNT] = DAY + 12 * HOUR;
    times[COUNT + 1] = -12 * HOUR;
    assert_int_equal(far_of(times, COUNT + 2, &first), 0);
    times[COUNT] = 2 * DAY;
    times[COUNT + 1] = -DAY;
    assert_int_equal(far_of(times, COUNT + 2, &first), 2);
    assert_int_equal(first, COUNT + 1);
    free(times);
}

/* A packet an hour for more hours than there are buckets, and the limits of time. */
static void memory_is_bounded(void **state)
{
    enum { COUNT = 100000 };
    int64_t *times = malloc((COUNT + 2) * sizeof *times);
    uint64_t first;
    (void)state;
    for (int64_t i = 0; i < COUNT; i++)
        times[i] = (i * 7919 % COUNT - COUNT / 2) * HOUR;
    times[COUNT] = INT64_MAX;
    times[COUNT + 1] = INT64_MIN;
    assert_int_equal(far_of(times, COUNT + 2, &first), 2);
    assert_int_equal(first, COUNT + 1);
    free(times);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_packets_have_no_rest),
        cmocka_unit_test(far_is_more_than_half_an_hour),
        cmocka_unit_test(far_is_more_than_the_rest_is_long),
        cmocka_unit_test(memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
