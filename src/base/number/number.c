/* Integers and times. */
#include "base/number/number.h"

#include "base/number/number_digits.h"
#include "base/text/text.h"

const char number_pairs[200] = "00010203040506070809"
                               "10111213141516171819"
                               "20212223242526272829"
                               "30313233343536373839"
                               "40414243444546474849"
                               "50515253545556575859"
                               "60616263646566676869"
                               "70717273747576777879"
                               "80818283848586878889"
                               "90919293949596979899";

const uint64_t number_tens[NUMBER_MOST_DIGITS] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
    10000000000000000000u,
};

#define NS_DECIMALS 9

size_t number_from_unsigned(uint64_t value, char *out)
{
    unsigned count = digits_count(value);
    digits_write(out, value, count);
    out[count] = '\0';
    return count;
}

/* Writes the sign. The absolute value of INT64_MIN fits a uint64_t, too. */
static uint64_t take_sign(int64_t value, char **out)
{
    if (value >= 0)
        return (uint64_t)value;
    *(*out)++ = '-';
    return -(uint64_t)value;
}

size_t number_from_signed(int64_t value, char *out)
{
    char *next = out;
    uint64_t size = take_sign(value, &next);
    return (size_t)(next - out) + number_from_unsigned(size, next);
}

size_t number_from_ns(int64_t ns, char *out)
{
    char *next = out;
    uint64_t size = take_sign(ns, &next);
    next += number_from_unsigned(size / NS_PER_SECOND, next);
    *next++ = '.';
    digits_write(next, size % NS_PER_SECOND, NS_DECIMALS);
    size_t decimals = NS_DECIMALS;
    while (decimals > 1 && next[decimals - 1] == '0')
        decimals--;
    next += decimals;
    *next = '\0';
    return (size_t)(next - out);
}
