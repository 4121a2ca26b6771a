/* Dates of UTC: those of the C library, whatever TZ says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text/text.h"
#include "base/text/utc.h"
#include <stdlib.h>
#include <string.h>

static void every_day_is_that_of_the_c_library(void **state)
{
    (void)state;
    setenv("TZ", "UTC0", 1);
    tzset();
    for (int64_t day = -800000; day < 400000; day += 1) {
        struct tm expected, found;
        const time_t time = (time_t)(day * 86400 + day % 86400);
        gmtime_r(&time, &expected);
        utc_from_seconds(time, &found);
        assert_int_equal(found.tm_year, expected.tm_year);
        assert_int_equal(found.tm_yday, expected.tm_yday);
        assert_int_equal(found.tm_mon, expected.tm_mon);
        assert_int_equal(found.tm_mday, expected.tm_mday);
        assert_int_equal(found.tm_wday, expected.tm_wday);
        assert_int_equal(found.tm_hour * 3600 + found.tm_min * 60 + found.tm_sec,
                         expected.tm_hour * 3600 + expected.tm_min * 60 + expected.tm_sec);
        assert_int_equal(utc_to_seconds(&found), time);
    }
}

static void fields_out_of_range(void **state)
{
    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct tm tm = {.tm_year = i % 300,
                        .tm_mon = i % 61 - 25,
                        .tm_mday = i % 97 - 30,
                        .tm_hour = i % 53 - 20,
                        .tm_min = i % 151 - 60,
                        .tm_sec = i % 173 - 70};
        struct tm same = tm;
        assert_int_equal(utc_to_seconds(&tm), timegm(&same));
        assert_int_equal(tm.tm_mon, same.tm_mon);
        assert_int_equal(tm.tm_mday, same.tm_mday);
    }
}

/* The zones right/… count leap seconds, 27 of them by 2017. */
static void no_leap_seconds(void **state)
{
    (void)state;
    char text[TIME_TEXT];
    setenv("TZ", "right/UTC", 1);
    tzset();
    text_from_time(INT64_C(1700000000000000000), text);
    assert_string_equal(text, "2023-11-14T22:13:20.000000000Z");
    struct tm tm = {
        .tm_year = 123, .tm_mon = 10, .tm_mday = 14, .tm_hour = 22, .tm_min = 13, .tm_sec = 20};
    assert_int_equal(utc_to_seconds(&tm), 1700000000);
    setenv("TZ", "UTC0", 1);
    tzset();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_is_that_of_the_c_library),
        cmocka_unit_test(fields_out_of_range),
        cmocka_unit_test(no_leap_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
