/* Moments in text: seconds since the epoch and ISO 8601 with a zone (RFC 3339, section 5.6). */
#include "base/bytes.h"
#include "base/text/text.h"
#include "base/text/utc.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int not_a_time(const char *text, size_t len, const char *why, struct lcap_error *error)
{
    char quoted[EXCERPT_TEXT];
    text_excerpt(text, len, quoted);
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "\"%s\" is not a time: %s", quoted, why);
}

/* seconds × 10^9 + fraction, limited to the range of int64_t. */
static int64_t held_ns(int64_t seconds, uint32_t fraction)
{
    int64_t ns;
    if (seconds < 0) { /* towards zero first, so that INT64_MIN itself can be reached */
        seconds++;
        fraction = NS_PER_SECOND - fraction;
        if (__builtin_mul_overflow(seconds, NS_PER_SECOND, &ns) ||
            __builtin_sub_overflow(ns, (int64_t)fraction, &ns))
            return INT64_MIN;
        return ns;
    }
    if (__builtin_mul_overflow(seconds, NS_PER_SECOND, &ns) ||
        __builtin_add_overflow(ns, (int64_t)fraction, &ns))
        return INT64_MAX;
    return ns;
}

static size_t count_digits(const struct cursor *c)
{
    size_t n = 0;
    while (n < c->left && c->at[n] >= '0' && c->at[n] <= '9')
        n++;
    return n;
}

static bool take_char(struct cursor *c, const char *any_of)
{
    if (c->left == 0 || c->at[0] == '\0' || !strchr(any_of, c->at[0]))
        return false;
    cursor_take(c, 1);
    return true;
}

/* Exactly `digits` decimal digits. */
static bool take_number(struct cursor *c, size_t digits, int *value)
{
    uint64_t number;
    const uint8_t *at = cursor_take(c, digits);
    if (!at || !text_to_u64((const char *)at, digits, &number))
        return false;
    *value = (int)number;
    return true;
}

/* An optional '.' with one to nine digits, as nanoseconds. */
static const char *take_fraction(struct cursor *c, uint32_t *ns, bool *whole_second)
{
    *ns = 0;
    *whole_second = !take_char(c, ".");
    if (*whole_second)
        return NULL;
    size_t digits = count_digits(c);
    if (digits == 0)
        return "expected a digit after the point";
    if (digits > 9)
        return "more than nine decimal places";
    for (size_t i = 0; i < 9; i++)
        *ns = *ns * 10 + (i < digits ? (uint32_t)(*cursor_take(c, 1) - '0') : 0);
    return NULL;
}

/* Z, or an offset: +02:00, -0330, +01. */
static const char *take_zone(struct cursor *c, int64_t *offset)
{
    *offset = 0;
    if (take_char(c, "Zz"))
        return NULL;
    bool west = c->left > 0 && c->at[0] == '-';
    if (!take_char(c, "+-"))
        return "the zone is missing (Z, or an offset such as -03:00)";
    int hours = 0, minutes = 0;
    bool good = take_number(c, 2, &hours);
    if (good && c->left > 0) {
        take_char(c, ":");
        good = take_number(c, 2, &minutes);
    }
    if (!good || hours > 23 || minutes > 59)
        return "the zone is not an offset such as -03:00";
    *offset = (west ? -1 : 1) * (hours * 3600 + minutes * 60);
    return NULL;
}

/* Date and time of day as seconds since the epoch, ignoring the zone. */
static const char *take_calendar(struct cursor *c, int64_t *seconds)
{
    int year, month, day, hour, minute, second;
    if (!take_number(c, 4, &year) || !take_char(c, "-") || !take_number(c, 2, &month) ||
        !take_char(c, "-") || !take_number(c, 2, &day))
        return "expected seconds since 1970 or YYYY-MM-DDThh:mm:ss with a zone";
    if (!take_char(c, "Tt ") || !take_number(c, 2, &hour) || !take_char(c, ":") ||
        !take_number(c, 2, &minute) || !take_char(c, ":") || !take_number(c, 2, &second))
        return "the date is not followed by Thh:mm:ss";
    if (hour > 23 || minute > 59 || second > 59)
        return "no such time of day";
    struct tm tm = {.tm_year = year - 1900,
                    .tm_mon = month - 1,
                    .tm_mday = day,
                    .tm_hour = hour,
                    .tm_min = minute,
                    .tm_sec = second};
    *seconds = utc_to_seconds(&tm);
    if (tm.tm_mon != month - 1 || tm.tm_mday != day) /* utc_to_seconds() changed the day */
        return "no such day";
    return NULL;
}

static const char *take_iso(struct cursor *c, int64_t *seconds, uint32_t *fraction,
                            bool *whole_second)
{
    int64_t offset = 0;
    const char *why = take_calendar(c, seconds);
    if (!why)
        why = take_fraction(c, fraction, whole_second);
    if (!why)
        why = take_zone(c, &offset);
    *seconds -= offset;
    return why;
}

static const char *take_epoch(struct cursor *c, size_t digits, int64_t *seconds, uint32_t *fraction,
                              bool *whole_second)
{
    uint64_t number;
    bool fits = text_to_u64((const char *)cursor_take(c, digits), digits, &number);
    *seconds = fits && number <= INT64_MAX ? (int64_t)number : INT64_MAX;
    return take_fraction(c, fraction, whole_second);
}

int text_to_time(const char *text, size_t len, int64_t *ns, bool *whole_second,
                 struct lcap_error *error)
{
    struct cursor c = {.at = (const uint8_t *)text, .left = len};
    size_t digits = count_digits(&c);
    bool epoch = digits > 0 && (digits == len || text[digits] != '-');
    int64_t seconds = 0;
    uint32_t fraction = 0;
    const char *why = epoch ? take_epoch(&c, digits, &seconds, &fraction, whole_second)
                            : take_iso(&c, &seconds, &fraction, whole_second);
    if (!why && c.left > 0)
        why = epoch ? "expected seconds since 1970 or YYYY-MM-DDThh:mm:ss with a zone"
                    : "unexpected text after the zone";
    if (why)
        return not_a_time(text, len, why, error);
    *ns = held_ns(seconds, fraction);
    return LCAP_OK;
}

void text_from_time(int64_t ns, char out[TIME_TEXT])
{
    int64_t seconds = ns / NS_PER_SECOND;
    long fraction = ns % NS_PER_SECOND;
    if (fraction < 0) {
        seconds--;
        fraction += NS_PER_SECOND;
    }
    struct tm tm;
    utc_from_seconds(seconds, &tm);
    size_t len = strftime(out, TIME_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + len, TIME_TEXT - len, ".%09ldZ", fraction);
}
