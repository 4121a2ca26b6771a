/* Doubles in the formats of printf(). */
#include "base/number/number.h"

#include "base/number/number_digits.h"
#include "base/number/number_powers.h"
#include "base/number/number_real.h"
#include "base/text/text.h"
#include <stdio.h>
#include <string.h>

#define MOST_PRECISION    30
#define DEFAULT_PRECISION 6 /* as in C and Python */

int number_format_parse(const char *text, struct number_format *format, struct lcap_error *error)
{
    const char *next = text;
    unsigned precision = DEFAULT_PRECISION;
    if (*next == '.') {
        const char *digits = ++next;
        for (precision = 0; *next >= '0' && *next <= '9' && precision <= MOST_PRECISION; next++)
            precision = precision * 10 + (unsigned)(*next - '0');
        if (next == digits)
            precision = MOST_PRECISION + 1;
    }
    bool known = *next == 'f' || *next == 'g' || *next == 'e';
    if (precision > MOST_PRECISION || !known || next[1] != '\0') {
        char excerpt[EXCERPT_TEXT];
        text_excerpt(text, strlen(text), excerpt);
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "number format \"%s\": expected a point, a precision from 0 to %d, "
                              "and f, g or e, such as .4f",
                              excerpt, MOST_PRECISION);
    }
    *format = (struct number_format){.conversion = *next, .precision = (uint8_t)precision};
    return LCAP_OK;
}

static char *put_digits(char *out, uint64_t value, unsigned count)
{
    digits_write(out, value, count);
    return out + count;
}

/*
 * 'f', exactly: the whole part and the fraction in units of the last decimal,
 * rounded half to even. c < 2^53 without decimals fits 64 bits while the exponent is
 * not above 11, and c * 10^19 < 2^117 fits 128.
 */
#define MOST_FIXED_EXPONENT 11
#define MOST_FIXED_DECIMALS 19
#define SHIFT_TO_ZERO       120 /* c * 10^19 / 2^120 is less than half */

struct fixed {
    uint64_t whole, fraction;
};

static struct fixed to_fixed(uint64_t c, int exponent, unsigned decimals)
{
    if (exponent >= 0)
        return (struct fixed){.whole = c << exponent};
    int shift = -exponent;
    if (shift >= SHIFT_TO_ZERO)
        return (struct fixed){0};
    uint128 one = (uint128)1 << shift;
    uint128 product = (c & (one - 1)) * number_tens[decimals];
    uint128 rest = product & (one - 1);
    struct fixed fixed = {.whole = shift < 64 ? c >> shift : 0,
                          .fraction = (uint64_t)(product >> shift)};
    uint64_t last = decimals == 0 ? fixed.whole : fixed.fraction;
    if (rest > one / 2 || (rest == one / 2 && last % 2 == 1))
        fixed.fraction++;
    if (fixed.fraction == number_tens[decimals]) {
        fixed.fraction = 0;
        fixed.whole++;
    }
    return fixed;
}

static char *put_fixed(char *out, struct real_parts parts, unsigned decimals)
{
    struct fixed fixed = to_fixed(parts.significand, parts.exponent, decimals);
    out = put_digits(out, fixed.whole, digits_count(fixed.whole));
    if (decimals == 0)
        return out;
    *out++ = '.';
    return put_digits(out, fixed.fraction, decimals);
}

/*
 * 'e' and 'g': the first `count` digits, rounded; false if the value is too near to
 * a tie to decide. The product with a power of ten is known to 128 bits, of which
 * at most 60 are digits; the last two units are uncertain, one for the power and
 * one for the truncated bits.
 */
#define MOST_COUNTED_DIGITS 17

static bool to_digits(struct real_parts parts, int count, struct decimal *decimal)
{
    int zeros = __builtin_clzll(parts.significand);
    int q = parts.exponent - zeros;
    int first = real_log10_of_power_of_2(q + 63); /* of the first digit, or one too low */
    for (;; first++) {
        int e = count - 1 - first;
        if (e < POWER_LEAST || e > POWER_MOST)
            return false;
        uint64_t c = parts.significand << zeros;
        uint128 power = number_powers()[e - POWER_LEAST];
        uint128 product =
            (uint128)(uint64_t)(power >> 64) * c + ((uint128)(uint64_t)power * c >> 64);
        int shift = 63 - q - power_log2(e);
        uint128 half = (uint128)1 << (shift - 1), rest = product & (2 * half - 1);
        uint64_t digits = (uint64_t)(product >> shift);
        if (digits >= number_tens[count])
            continue;
        *decimal = (struct decimal){digits + (rest > half), -e};
        return rest > half + 2 || rest < half - 2;
    }
}

static char *put_with_exponent(char *out, struct decimal decimal, int count)
{
    int exponent = decimal.exponent + count - 1;
    if (decimal.digits == number_tens[count]) {
        decimal.digits /= 10;
        exponent++;
    }
    return real_put_scientific(out, decimal.digits, count, exponent);
}

/* The decimal point of the locale, whatever it is, follows the first digits. */
static char *with_point(char *text)
{
    char *point = text + strspn(text, "0123456789");
    size_t len = strcspn(point, "0123456789e");
    if (len == 0)
        return text + strlen(text);
    *point = '.';
    size_t behind = strlen(point + len);
    memmove(point + 1, point + len, behind + 1);
    return point + 1 + behind;
}

/* For what the fast ways leave: huge values, many digits, and ties. */
static char *put_with_printf(char *out, double size, struct number_format format)
{
    if (format.conversion == 'f')
        snprintf(out, NUMBER_TEXT - 1, "%.*f", format.precision, size);
    else if (format.conversion == 'e')
        snprintf(out, NUMBER_TEXT - 1, "%.*e", format.precision, size);
    else
        snprintf(out, NUMBER_TEXT - 1, "%.*g", format.precision, size);
    return with_point(out);
}

static char *put_formatted(char *out, struct real_parts parts, double size,
                           struct number_format format)
{
    if (format.conversion == 'f') {
        if (parts.exponent > MOST_FIXED_EXPONENT || format.precision > MOST_FIXED_DECIMALS)
            return put_with_printf(out, size, format);
        return put_fixed(out, parts, format.precision);
    }
    int count = format.precision + (format.conversion == 'e' || format.precision == 0);
    struct decimal decimal = {0, 1 - count};
    if (count > MOST_COUNTED_DIGITS ||
        (parts.significand != 0 && !to_digits(parts, count, &decimal)))
        return put_with_printf(out, size, format);
    if (format.conversion == 'e')
        return put_with_exponent(out, decimal, count);
    if (parts.significand == 0)
        return put_digits(out, 0, 1);
    return real_lay_out(decimal, count, out);
}

size_t number_in_format(double value, struct number_format format, char *out)
{
    struct real_parts parts = real_parts(value);
    if (format.conversion == 0 || parts.special)
        return number_from_real(value, out);
    char *next = out;
    if (parts.negative)
        *next++ = '-';
    next = put_formatted(next, parts, parts.negative ? -value : value, format);
    *next = '\0';
    return (size_t)(next - out);
}
