/* Numbers, ISO 8601, dates with slashes, and strptime() for all others. */
#include "dataset/rule_tables/table_times.h"

#include "base/error_words.h"
#include "base/text/text.h"
#include "base/text/utc.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Longer texts are no times. */
#define TIME_MAX 64

struct scan {
    const char *at, *end;
};

static bool take(struct scan *s, char c)
{
    if (s->at == s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

/* 1 to `most` digits. */
static bool take_number(struct scan *s, size_t most, int *value)
{
    size_t digits = 0;
    for (*value = 0; digits < most && s->at < s->end && isdigit((unsigned char)*s->at); digits++)
        *value = *value * 10 + (*s->at++ - '0');
    return digits > 0;
}

static void skip_spaces(struct scan *s)
{
    while (s->at < s->end && *s->at == ' ')
        s->at++;
}

/* Digits behind a point, of a unit; finer ones than nanoseconds are cut. */
static void take_fraction(struct scan *s, struct table_time *time)
{
    if (!take(s, '.'))
        return;
    int64_t place = time->coarse_ns;
    for (; s->at < s->end && isdigit((unsigned char)*s->at); s->at++) {
        place /= 10;
        time->ns += (*s->at - '0') * place;
        if (place > 0)
            time->coarse_ns = place;
    }
}

/* Z, or an offset, or nothing, where the zone of the options counts. */
static bool take_zone(struct scan *s, int64_t *ns)
{
    int hours = 0, minutes = 0;
    if (take(s, 'Z') || take(s, 'z')) {
        *ns = 0;
        return true;
    }
    const bool west = take(s, '-');
    if (!west && !take(s, '+'))
        return false;
    if (!take_number(s, 2, &hours))
        return false;
    if (take(s, ':') || s->at < s->end)
        if (!take_number(s, 2, &minutes))
            return false;
    *ns = (west ? -1 : 1) * (hours * INT64_C(3600) + minutes * 60) * NS_PER_SECOND;
    return hours < 24 && minutes < 60;
}

/* AM or PM. */
static bool take_half(struct scan *s, int *hour)
{
    skip_spaces(s);
    if (s->end - s->at < 2 || toupper((unsigned char)s->at[1]) != 'M' || *hour < 1 || *hour > 12)
        return false;
    const char half = (char)toupper((unsigned char)s->at[0]);
    if (half != 'A' && half != 'P')
        return false;
    *hour = *hour % 12 + (half == 'P' ? 12 : 0);
    s->at += 2;
    return true;
}

/* h:mm, h:mm:ss, with a fraction, AM or PM. */
static bool take_clock(struct scan *s, struct table_time *time)
{
    int hour, minute, second = 0;
    if (!take_number(s, 2, &hour) || !take(s, ':') || !take_number(s, 2, &minute))
        return false;
    const bool seconds = take(s, ':');
    if (seconds && !take_number(s, 2, &second))
        return false;
    if (hour > 23 || minute > 59 || second > 60)
        return false;
    time->coarse_ns = seconds ? NS_PER_SECOND : 60 * (int64_t)NS_PER_SECOND;
    if (seconds)
        take_fraction(s, time);
    time->has_half = take_half(s, &hour);
    time->hour = (uint8_t)hour;
    time->ns += (hour * INT64_C(3600) + minute * 60 + second) * NS_PER_SECOND;
    return true;
}

/* The moment in UTC; false if it is far from those that fit into 64 bits. */
static bool moment_ns(struct tm *tm, int64_t *ns)
{
    const int64_t seconds = utc_to_seconds(tm);
    const bool fits = tm->tm_year >= 1700 - 1900 && tm->tm_year < 2262 - 1900;
    *ns = fits ? seconds * NS_PER_SECOND : 0;
    return fits;
}

/* Midnight UTC; false if there is no such day. */
static bool day_ns(int year, int month, int day, int64_t *ns)
{
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    return moment_ns(&tm, ns) && tm.tm_mon == month - 1 && tm.tm_mday == day;
}

/* YEAR-MONTH-DAY, YEAR/MONTH/DAY or FIRST/SECOND/YEAR. */
static bool take_date(struct scan *s, struct table_time *time)
{
    int numbers[3];
    const char *start = s->at;
    if (!take_number(s, 4, &numbers[0]))
        return false;
    const bool year_first = s->at - start == 4;
    const char separator = s->at < s->end && *s->at == '/' ? '/' : '-';
    if (!take(s, separator) || !take_number(s, 2, &numbers[1]) || !take(s, separator) ||
        !take_number(s, 4, &numbers[2]))
        return false;
    if (year_first)
        return day_ns(numbers[0], numbers[1], numbers[2], &time->ns);
    time->first = (uint8_t)numbers[0];
    time->second = (uint8_t)numbers[1];
    return numbers[0] >= 1 && numbers[0] <= 31 && numbers[1] >= 1 && numbers[1] <= 31 &&
           day_ns(numbers[2], 1, 1, &time->ns);
}

static const char no_form[] = "expected a number, YYYY-MM-DD hh:mm:ss or DD/MM/YYYY hh:mm:ss; "
                              "--time-format takes others";
static const char no_zone[] = "its zone is not known; give --zone, such as --zone -03:00";

/* The time of day belongs to the zone that follows it, or to the one given. */
static const char *settle_zone(const struct table_time_options *options, struct scan *s,
                               struct table_time *time)
{
    int64_t zone = options->zone_ns;
    skip_spaces(s);
    const bool written = s->at < s->end;
    if (written && !take_zone(s, &zone))
        return no_form;
    if (!written && !options->has_zone)
        return no_zone;
    time->ns -= zone;
    return s->at == s->end ? NULL : no_form;
}

static const char *read_calendar(const struct table_time_options *options, struct scan *s,
                                 struct table_time *time)
{
    if (!take_date(s, time) || (!take(s, 'T') && !take(s, ' ')))
        return no_form;
    skip_spaces(s);
    if (!take_clock(s, time))
        return no_form;
    if (!time->first)
        time->has_half = true; /* such dates come with a clock of 24 hours */
    return settle_zone(options, s, time);
}

/* A number since the epoch. */
static const char *read_number(const struct table_time_options *options, struct scan *s,
                               struct table_time *time)
{
    time->coarse_ns = options->unit_ns;
    time->has_half = true;
    for (; s->at < s->end && isdigit((unsigned char)*s->at); s->at++)
        if (__builtin_mul_overflow(time->ns, 10, &time->ns) ||
            __builtin_add_overflow(time->ns, *s->at - '0', &time->ns))
            return "the number is too large";
    if (__builtin_mul_overflow(time->ns, options->unit_ns, &time->ns) || time->ns > INT64_MAX / 2)
        return "the number is too large; --time-unit says what it counts";
    take_fraction(s, time);
    return s->at == s->end ? NULL : no_form;
}

static const char *read_format(const struct table_time_options *options, struct scan *s,
                               struct table_time *time)
{
    char text[TIME_MAX];
    struct tm tm = {.tm_mday = 1};
    snprintf(text, sizeof text, "%.*s", (int)(s->end - s->at), s->at);
    const char *rest = strptime(text, options->format, &tm);
    if (!rest)
        return "it has not the form of --time-format";
    const bool zone_read = strstr(options->format, "%z") || strstr(options->format, "%s");
    const bool seconds = strpbrk(options->format, "ST") || strstr(options->format, "%s");
    const int64_t ahead = zone_read ? (int64_t)tm.tm_gmtoff : 0;
    time->coarse_ns = (seconds ? 1 : 60) * (int64_t)NS_PER_SECOND;
    time->has_half = true;
    if (!moment_ns(&tm, &time->ns))
        return "its year is not in 1700 to 2261";
    time->ns -= ahead * NS_PER_SECOND;
    s->at += rest - text;
    take_fraction(s, time);
    if (!zone_read)
        return settle_zone(options, s, time);
    return s->at == s->end ? NULL : "text follows that --time-format has not";
}

int table_time_read(const struct table_time_options *options, const char *text, size_t len,
                    struct table_time *time, struct lcap_error *error)
{
    struct scan s = {text, text + len};
    const char *why = no_form;
    size_t digits = 0;
    *time = (struct table_time){.ns = 0};
    while (digits < len && isdigit((unsigned char)text[digits]))
        digits++;
    if (len < TIME_MAX && options->format)
        why = read_format(options, &s, time);
    else if (len < TIME_MAX && (digits == len || text[digits] == '.'))
        why = read_number(options, &s, time);
    else if (len < TIME_MAX)
        why = read_calendar(options, &s, time);
    if (!why)
        return LCAP_OK;
    char quoted[EXCERPT_TEXT], room[LCAP_ERROR_TEXT];
    text_excerpt(text, len, quoted);
    return lcap_error_set(error, LCAP_ERR_FORMAT, "\"%s\" is no time: %s", quoted,
                          error_words(why, room));
}

void table_time_survey_add(struct table_time_survey *survey, const struct table_time *time)
{
    if (survey->finest_ns == 0 || time->coarse_ns < survey->finest_ns)
        survey->finest_ns = time->coarse_ns;
    survey->day_first |= time->first > 12;
    survey->month_first |= time->second > 12;
    survey->full_clock |= !time->has_half && (time->hour == 0 || time->hour > 12);
}

int table_time_settle(const struct table_time_survey *survey, const struct table_time *time,
                      int64_t *ns, struct lcap_error *error)
{
    const bool month_first = survey->month_first && !survey->day_first;
    const int month = month_first ? time->first : time->second;
    const int day = month_first ? time->second : time->first;
    int64_t since_new_year = 0, year_start = 0;
    *ns = time->ns;
    if (time->first) {
        struct tm tm;
        /* Its zone may have put New Year's Day into the old year. */
        utc_from_seconds(time->ns / NS_PER_SECOND, &tm);
        const int year = tm.tm_year + (tm.tm_mon == 11 ? 1901 : 1900);
        if (!day_ns(year, month, day, &since_new_year) || !day_ns(year, 1, 1, &year_start))
            return lcap_error_set(error, LCAP_ERR_FORMAT,
                                  "the date %d/%d does not exist in the order of day and month of "
                                  "the other rows",
                                  time->first, time->second);
        *ns += since_new_year - year_start;
    }
    if (!time->has_half && !survey->full_clock)
        return lcap_error_set(error, LCAP_ERR_FORMAT,
                              "it may be morning or afternoon: no row without AM or PM has an hour "
                              "of 0 or above 12; --time-format says which clock it is");
    return LCAP_OK;
}

int table_zone_read(const char *text, int64_t *ns, struct lcap_error *error)
{
    struct scan s = {text, text + strlen(text)};
    if (take_zone(&s, ns) && s.at == s.end)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "--zone %s: expected Z or an offset such as -03:00", text);
}
