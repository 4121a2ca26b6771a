/* Active and idle periods and subflows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/measure/activity.h"

#define SECOND ((int64_t)1000000000)

static void packets(struct activity *activity, const int64_t *times, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_int_equal(activity_packet(activity, times[i], NULL), 0);
}

#define PACKETS(activity, ...)                                                                     \
    packets(activity, (const int64_t[]){__VA_ARGS__},                                              \
            sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static void assert_periods(struct power_sums periods, uint64_t count, int64_t min, int64_t max,
                           int64_t sum)
{
    assert_int_equal(periods.count, count);
    assert_int_equal(periods.min, min);
    assert_int_equal(periods.max, max);
    assert_int_equal((int64_t)periods.sum, sum);
}

static void nothing(void **state)
{
    (void)state;
    struct activity activity = {0};
    assert_periods(activity_active(&activity), 0, 0, 0, 0);
    assert_periods(activity_idle(&activity), 0, 0, 0, 0);
    assert_int_equal(activity.subflows, 0);
    activity_release(&activity);
}

static void one_packet_is_a_period_of_no_time(void **state)
{
    (void)state;
    struct activity activity = {0};
    PACKETS(&activity, 7 * SECOND);
    assert_periods(activity_active(&activity), 1, 0, 0, 0);
    assert_periods(activity_idle(&activity), 0, 0, 0, 0);
    assert_int_equal(activity.subflows, 1);
    activity_release(&activity);
}

/* Gaps exactly as long as the limits belong to what was before. */
static void limits(void **state)
{
    (void)state;
    struct activity activity = {0};
    PACKETS(&activity, 0, 1 * SECOND, 2 * SECOND + 1, 7 * SECOND + 1);
    assert_periods(activity_active(&activity), 1, 7 * SECOND + 1, 7 * SECOND + 1, 7 * SECOND + 1);
    assert_periods(activity_idle(&activity), 0, 0, 0, 0);
    assert_int_equal(activity.subflows, 3);
    assert_null(activity.periods);
    activity_release(&activity);
}

static void the_last_period_counts(void **state)
{
    (void)state;
    struct activity activity = {0};
    PACKETS(&activity, -3 * SECOND, -1 * SECOND, 9 * SECOND, 20 * SECOND, 20 * SECOND + 4);
    /* 2 s, then 10 s idle, a packet alone, 11 s idle, 4 ns. */
    assert_periods(activity_active(&activity), 3, 0, 2 * SECOND, 2 * SECOND + 4);
    assert_periods(activity_idle(&activity), 2, 10 * SECOND, 11 * SECOND, 21 * SECOND);
    assert_int_equal(activity.subflows, 4);
    /* Asking changes nothing. */
    assert_periods(activity_active(&activity), 3, 0, 2 * SECOND, 2 * SECOND + 4);
    PACKETS(&activity, 22 * SECOND);
    assert_periods(activity_active(&activity), 3, 0, 2 * SECOND, 4 * SECOND);
    activity_release(&activity);
    assert_null(activity.periods);
}

static void far_times_are_held(void **state)
{
    (void)state;
    struct activity activity = {0};
    PACKETS(&activity, INT64_MIN, INT64_MAX);
    assert_periods(activity_idle(&activity), 1, INT64_MAX, INT64_MAX, INT64_MAX);
    assert_int_equal(activity.subflows, 2);
    activity_release(&activity);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing),
        cmocka_unit_test(one_packet_is_a_period_of_no_time),
        cmocka_unit_test(limits),
        cmocka_unit_test(the_last_period_counts),
        cmocka_unit_test(far_times_are_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
