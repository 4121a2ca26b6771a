/*
 * Dates of UTC, in the proleptic Gregorian calendar. Years begin on 1 March here, so
 * that a leap day is the last day of its year; 400 years have 146,097 days.
 */
#include "base/text/utc.h"

#define DAY           INT64_C(86400)
#define DAYS_IN_ERA   INT64_C(146097) /* 400 years */
#define DAYS_TO_EPOCH INT64_C(719468) /* from 0000-03-01 to 1970-01-01 */
#define EPOCH_WEEKDAY 4               /* Thursday */

static int64_t floor_divide(int64_t number, int64_t by)
{
    return number / by - (number % by < 0);
}

/* Days before a month that counts from March: 31, 30, 31, 30, 31, and the same again. */
static int64_t days_before_month(int64_t month)
{
    return (153 * month + 2) / 5;
}

/* Days since the epoch of the first of a month, which counts from January = 0. */
static int64_t days_of_month(int64_t year, int64_t month)
{
    const int64_t from_march = month < 2 ? month + 10 : month - 2;
    const int64_t march_year = month < 2 ? year - 1 : year;
    const int64_t era = floor_divide(march_year, 400);
    const int64_t in_era = march_year - era * 400;
    return era * DAYS_IN_ERA + in_era * 365 + in_era / 4 - in_era / 100 +
           days_before_month(from_march) - DAYS_TO_EPOCH;
}

static void set_date(int64_t days, struct tm *tm)
{
    const int64_t era = floor_divide(days + DAYS_TO_EPOCH, DAYS_IN_ERA);
    const int64_t in_era = days + DAYS_TO_EPOCH - era * DAYS_IN_ERA;
    /* Without the leap days before it, a day is in the year of its 365 days. */
    const int64_t of_era =
        (in_era - in_era / 1460 + in_era / 36524 - in_era / (DAYS_IN_ERA - 1)) / 365;
    const int64_t of_year = in_era - (of_era * 365 + of_era / 4 - of_era / 100);
    const int64_t from_march = (5 * of_year + 2) / 153;
    tm->tm_mon = (int)(from_march < 10 ? from_march + 2 : from_march - 10);
    tm->tm_mday = (int)(of_year - days_before_month(from_march)) + 1;
    const int64_t year = era * 400 + of_era + (tm->tm_mon < 2);
    tm->tm_year = (int)(year - 1900);
    tm->tm_yday = (int)(days - days_of_month(year, 0));
    tm->tm_wday = (int)(days + EPOCH_WEEKDAY - 7 * floor_divide(days + EPOCH_WEEKDAY, 7));
}

void utc_from_seconds(int64_t seconds, struct tm *tm)
{
    const int64_t days = floor_divide(seconds, DAY);
    const int64_t rest = seconds - days * DAY;
    *tm = (struct tm){.tm_hour = (int)(rest / 3600),
                      .tm_min = (int)(rest / 60 % 60),
                      .tm_sec = (int)(rest % 60),
                      .tm_zone = "UTC"};
    set_date(days, tm);
}

int64_t utc_to_seconds(struct tm *tm)
{
    const int64_t years = floor_divide(tm->tm_mon, 12);
    const int64_t days =
        days_of_month(tm->tm_year + INT64_C(1900) + years, tm->tm_mon - 12 * years) + tm->tm_mday -
        1;
    const int64_t seconds =
        days * DAY + tm->tm_hour * INT64_C(3600) + tm->tm_min * INT64_C(60) + tm->tm_sec;
    utc_from_seconds(seconds, tm);
    return seconds;
}
