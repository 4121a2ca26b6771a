/* Decimal digits of integers, eight at a time. */
#ifndef BASE_NUMBER_NUMBER_DIGITS_H
#define BASE_NUMBER_NUMBER_DIGITS_H

#include <stdint.h>
#include <string.h>

#define TEN_TO_8 100000000u

/* "00" to "99". */
extern const char number_pairs[200];

/* 10^0 to 10^19, all that a uint64_t holds. */
#define NUMBER_MOST_DIGITS 20
extern const uint64_t number_tens[NUMBER_MOST_DIGITS];

/* 1 for 0. 1233 / 2^12 is just above log10(2), so the estimate is at most one too high. */
static inline unsigned digits_count(uint64_t value)
{
    unsigned bits = 64 - (unsigned)__builtin_clzll(value | 1);
    unsigned guess = bits * 1233 >> 12;
    return guess + ((value | 1) >= number_tens[guess]);
}

static inline void digits_write_2(char *out, uint32_t value)
{
    memcpy(out, number_pairs + 2 * value, 2);
}

/* With leading zeros, so that the four pairs are independent of each other. */
static inline void digits_write_8(char *out, uint32_t value)
{
    uint32_t high = value / 10000, low = value % 10000;
    digits_write_2(out, high / 100);
    digits_write_2(out + 2, high % 100);
    digits_write_2(out + 4, low / 100);
    digits_write_2(out + 6, low % 100);
}

/* The last `count` digits of a value below 10^8, with leading zeros. */
static inline void digits_write_few(char *out, uint32_t value, unsigned count)
{
    while (count > 1) {
        count -= 2;
        digits_write_2(out + count, value % 100);
        value /= 100;
    }
    if (count > 0)
        out[0] = (char)('0' + value % 10);
}

/* The last `count` digits, with leading zeros. */
static inline void digits_write(char *out, uint64_t value, unsigned count)
{
    while (count > 8) {
        count -= 8;
        digits_write_8(out + count, (uint32_t)(value % TEN_TO_8));
        value /= TEN_TO_8;
    }
    digits_write_few(out, (uint32_t)(value % TEN_TO_8), count);
}

#endif
