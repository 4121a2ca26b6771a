/*
 * Converts timestamps in units of an interface to nanoseconds: rounded down,
 * limited to the range.
 */
#include "capture/timestamp.h"
#include "base/number/number_digits.h"
#include "base/text/text.h"

/* if_tsresol: the top bit distinguishes powers of two from powers of ten (pcapng, section 4.2). */
#define TSRESOL_BINARY   0x80
#define TSRESOL_EXPONENT 0x7f

struct time_scale time_scale_make(uint8_t tsresol, int64_t tsoffset, int32_t tsoffset_ns)
{
    struct time_scale scale = {
        .tsresol = tsresol, .tsoffset = tsoffset, .tsoffset_ns = tsoffset_ns};
    if (tsresol <= 9) /* not finer than 10^-9 s */
        scale.multiplier = number_tens[9 - tsresol];
    return scale;
}

/* Below 2^94: a 64-bit timestamp times 10^9. */
static __int128 units_to_ns(const struct time_scale *scale, uint64_t timestamp)
{
    unsigned exponent = scale->tsresol & TSRESOL_EXPONENT;
    if (scale->tsresol & TSRESOL_BINARY)
        return (__int128)timestamp * NS_PER_SECOND >> exponent;
    if (exponent <= 9)
        return (__int128)timestamp * number_tens[9 - exponent];
    if (exponent - 9 < NUMBER_MOST_DIGITS)
        return timestamp / number_tens[exponent - 9];
    return 0; /* the unit is so fine that 2^64 of them are less than 1 ns */
}

static int64_t slow_to_ns(const struct time_scale *scale, uint64_t timestamp)
{
    __int128 ns = units_to_ns(scale, timestamp) + (__int128)scale->tsoffset * NS_PER_SECOND +
                  scale->tsoffset_ns;
    if (ns > INT64_MAX)
        return INT64_MAX;
    if (ns < INT64_MIN)
        return INT64_MIN;
    return (int64_t)ns;
}

int64_t time_scale_to_ns(const struct time_scale *scale, uint64_t timestamp)
{
    int64_t ns, offset;
    if (scale->multiplier == 0 || __builtin_mul_overflow(timestamp, scale->multiplier, &ns) ||
        __builtin_mul_overflow(scale->tsoffset, (int64_t)NS_PER_SECOND, &offset) ||
        __builtin_add_overflow(ns, offset, &ns) ||
        __builtin_add_overflow(ns, scale->tsoffset_ns, &ns))
        return slow_to_ns(scale, timestamp);
    return ns;
}
