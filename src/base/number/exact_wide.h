/* Absolute values of integers, and integers of 320 bits in two's complement, which wrap around. */
#ifndef BASE_NUMBER_EXACT_WIDE_H
#define BASE_NUMBER_EXACT_WIDE_H

#include "base/number/exact.h"

/* Also right for INT64_MIN. */
static inline uint64_t exact_size(int64_t value)
{
    return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

#define WIDE_WORDS 5

struct wide {
    uint64_t words[WIDE_WORDS]; /* little-endian */
};

static inline bool wide_is_negative(const struct wide *value)
{
    return value->words[WIDE_WORDS - 1] >> 63;
}

/* From `count` little-endian words in two's complement. */
static inline struct wide wide_from_words(const uint64_t *words, int count)
{
    uint64_t above = words[count - 1] >> 63 ? UINT64_MAX : 0;
    struct wide wide;
    for (int i = 0; i < WIDE_WORDS; i++)
        wide.words[i] = i < count ? words[i] : above;
    return wide;
}

static inline struct wide wide_from_signed(int128 value)
{
    return wide_from_words((const uint64_t[]){(uint64_t)value, (uint64_t)(value >> 64)}, 2);
}

static inline struct wide wide_of_squares(const struct power_sums *sums)
{
    return (struct wide){{sums->squares[0], sums->squares[1], sums->squares_top}};
}

static inline struct wide wide_add(const struct wide *a, const struct wide *b)
{
    struct wide sum;
    uint128 carry = 0;
    for (int i = 0; i < WIDE_WORDS; i++) {
        carry += (uint128)a->words[i] + b->words[i];
        sum.words[i] = (uint64_t)carry;
        carry >>= 64;
    }
    return sum;
}

static inline struct wide wide_negate(const struct wide *a)
{
    struct wide negative;
    uint128 carry = 1;
    for (int i = 0; i < WIDE_WORDS; i++) {
        carry += ~a->words[i];
        negative.words[i] = (uint64_t)carry;
        carry >>= 64;
    }
    return negative;
}

static inline struct wide wide_subtract(const struct wide *a, const struct wide *b)
{
    struct wide negative = wide_negate(b);
    return wide_add(a, &negative);
}

static inline struct wide wide_multiply(const struct wide *a, const struct wide *b)
{
    struct wide product = {{0}};
    for (int i = 0; i < WIDE_WORDS; i++) {
        uint128 carry = 0;
        for (int j = 0; i + j < WIDE_WORDS; j++) {
            carry += (uint128)a->words[i] * b->words[j] + product.words[i + j];
            product.words[i + j] = (uint64_t)carry;
            carry >>= 64;
        }
    }
    return product;
}

/* Rounded at each word: within 2^-61 of the value. */
static inline long double wide_to_real(const struct wide *value)
{
    bool negative = wide_is_negative(value);
    struct wide size = negative ? wide_negate(value) : *value;
    int count = WIDE_WORDS;
    while (count > 0 && size.words[count - 1] == 0)
        count--;
    long double real = 0;
    while (count-- > 0)
        real = real * 0x1p64L + (long double)size.words[count];
    return negative ? -real : real;
}

#endif
