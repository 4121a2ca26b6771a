/* Doubles with the fewest digits that give them back: Schubfach. */
#include "base/number/number.h"

#include "base/number/number_digits.h"
#include "base/number/number_powers.h"
#include "base/number/number_real.h"
#include <stdbool.h>
#include <string.h>

/* As in Python's repr(): an exponent if more digits would precede the point. */
#define MOST_POINT 16

/*
 * floor(log10()) of the width of the interval that rounds to c * 2^q: 2^q, or 3/4
 * of that for powers of two. 524032 / 2^22 for log10(4/3) holds for all exponents
 * of doubles (tried one by one).
 */
static int log10_of_width(int q, bool narrow)
{
    return narrow ? (q * REAL_LOG10_OF_2 - 524032) >> 22 : real_log10_of_power_of_2(q);
}

/*
 * floor(factor * power / 2^128), made odd if that is not exact. `power` is up to
 * one unit too large, which adds less than factor / 2^128 < 2^-64: less than a unit
 * of the 64 bits after the point that are tested. The paper shows that the true
 * fraction is either 0 or farther from 0 and 1 than that.
 */
static uint64_t scale_to_odd(uint64_t factor, uint128 power)
{
    uint128 low = (uint128)(uint64_t)power * factor;
    uint128 high = (uint128)(uint64_t)(power >> 64) * factor + (uint64_t)(low >> 64);
    return (uint64_t)(high >> 64) | ((uint64_t)high != 0);
}

/*
 * The decimals that round to c * 2^q are those between its neighbours' midpoints,
 * which belong to them when c is even. Let 10^k be the largest power of ten that is
 * not wider than this interval: it holds a multiple of 10^k or more, and at most
 * one of 10^(k+1). That one is the answer if it exists, otherwise the nearest
 * multiple of 10^k. Everything is measured in quarters of 10^k and truncated, with
 * the last bit set if something was lost, which is enough to compare with whole
 * quarters.
 */
static struct decimal shortest(uint64_t c, int q, bool narrow)
{
    int k = log10_of_width(q, narrow);
    int shift = q + power_log2(-k) + 1;
    uint128 power = number_powers()[-k - POWER_LEAST];
    uint64_t exact = scale_to_odd(4 * c << shift, power);
    uint64_t lowest = scale_to_odd((4 * c - (narrow ? 1 : 2)) << shift, power) + (c & 1);
    uint64_t highest = scale_to_odd((4 * c + 2) << shift, power) - (c & 1);

    uint64_t below = exact / 4, tens_below = exact / 40;
    bool tens_below_in = lowest <= 40 * tens_below;
    bool tens_above_in = 40 * tens_below + 40 <= highest;
    if (tens_below_in || tens_above_in)
        return (struct decimal){tens_below + tens_above_in, k + 1};
    bool below_in = lowest <= 4 * below;
    bool above_in = 4 * below + 4 <= highest;
    bool above_nearer = exact > 4 * below + 2 || (exact == 4 * below + 2 && below % 2 == 1);
    return (struct decimal){below + (above_in && (!below_in || above_nearer)), k};
}

static struct decimal without_trailing_zeros(struct decimal decimal)
{
    if (decimal.digits % TEN_TO_8 == 0) {
        decimal.digits /= TEN_TO_8;
        decimal.exponent += 8;
    }
    while (decimal.digits % 10 == 0) {
        decimal.digits /= 10;
        decimal.exponent++;
    }
    return decimal;
}

static char *put(char *out, const char *text, size_t len)
{
    memcpy(out, text, len);
    return out + len;
}

static char *put_zeros(char *out, int count)
{
    memset(out, '0', (size_t)count);
    return out + count;
}

/* "e+05": at least two digits. */
static char *put_exponent(char *out, int exponent)
{
    *out++ = 'e';
    *out++ = exponent < 0 ? '-' : '+';
    unsigned size = (unsigned)(exponent < 0 ? -exponent : exponent);
    unsigned count = size < 100 ? 2 : 3;
    digits_write_few(out, size, count);
    return out + count;
}

char *real_put_scientific(char *out, uint64_t digits, int count, int exponent)
{
    digits_write(out + 1, digits, (unsigned)count);
    out[0] = out[1];
    out[1] = '.';
    return put_exponent(count > 1 ? out + 1 + count : out + 1, exponent);
}

char *real_lay_out(struct decimal decimal, int most_point, char *out)
{
    decimal = without_trailing_zeros(decimal);
    int count = (int)digits_count(decimal.digits);
    int point = count + decimal.exponent;
    if (point < -3 || point > most_point)
        return real_put_scientific(out, decimal.digits, count, point - 1);
    char digits[NUMBER_MOST_DIGITS];
    digits_write(digits, decimal.digits, (unsigned)count);
    if (point <= 0) {
        out = put(out, "0.", 2);
        out = put_zeros(out, -point);
        return put(out, digits, (size_t)count);
    }
    if (point >= count) {
        out = put(out, digits, (size_t)count);
        return put_zeros(out, point - count);
    }
    out = put(out, digits, (size_t)point);
    *out++ = '.';
    return put(out, digits + point, (size_t)(count - point));
}

/*
 * Whole numbers that are written without an exponent need no search: below 2^53
 * neighbours are at most 1 apart, and from there to 10^16 all are even, 2 apart,
 * so that no other multiple of ten lies between the midpoints.
 */
static bool is_plain_whole(struct real_parts parts, uint64_t *whole)
{
    *whole = 0;
    if (parts.significand == 0)
        return true;
    if (parts.exponent > 1 || parts.exponent < -REAL_FRACTION_BITS)
        return false;
    if (parts.exponent >= 0) {
        *whole = parts.significand << parts.exponent;
        return *whole < number_tens[MOST_POINT];
    }
    *whole = parts.significand >> -parts.exponent;
    return *whole << -parts.exponent == parts.significand;
}

static char *put_finite(char *out, struct real_parts parts)
{
    uint64_t whole;
    if (is_plain_whole(parts, &whole))
        return put(out + number_from_unsigned(whole, out), ".0", 2);
    return real_lay_out(shortest(parts.significand, parts.exponent, parts.narrow), MOST_POINT, out);
}

size_t number_from_real(double value, char *out)
{
    struct real_parts parts = real_parts(value);
    char *next = out;
    if (parts.negative && !(parts.special && parts.significand != 0))
        *next++ = '-';
    if (parts.special)
        next = put(next, parts.significand == 0 ? "inf" : "nan", 3);
    else
        next = put_finite(next, parts);
    *next = '\0';
    return (size_t)(next - out);
}
