/* Decomposing doubles (IEEE 754), and writing their digits. */
#ifndef BASE_NUMBER_NUMBER_REAL_H
#define BASE_NUMBER_NUMBER_REAL_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define REAL_FRACTION_BITS 52

/* significand * 2^exponent */
struct real_parts {
    uint64_t significand; /* below 2^53 */
    int exponent;
    bool negative;
    bool special; /* infinite, or with a significand: not a number */
    bool narrow;  /* a power of two: its lower neighbour is nearer than the upper one */
};

static inline struct real_parts real_parts(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint64_t fraction = bits & (((uint64_t)1 << REAL_FRACTION_BITS) - 1);
    int biased = (int)(bits >> REAL_FRACTION_BITS & 0x7FF);
    bool normal = biased != 0 && biased != 0x7FF;
    return (struct real_parts){
        .significand = fraction | (uint64_t)normal << REAL_FRACTION_BITS,
        .exponent = (biased == 0 ? 1 : biased) - 1023 - REAL_FRACTION_BITS,
        .negative = bits >> 63,
        .special = biased == 0x7FF,
        .narrow = fraction == 0 && biased > 1,
    };
}

/*
 * floor(log10(2^q)): 1262611 / 2^22 for log10(2) holds for all exponents of doubles
 * (tried one by one).
 */
#define REAL_LOG10_OF_2 1262611
static inline int real_log10_of_power_of_2(int q)
{
    return q * REAL_LOG10_OF_2 >> 22;
}

/* digits * 10^exponent */
struct decimal {
    uint64_t digits; /* not 0 */
    int exponent;
};

/*
 * Writes no trailing zeros and no NUL; returns the end. With an exponent if more
 * than `most_point` digits would precede the point, or 4 zeros follow it.
 */
char *real_lay_out(struct decimal decimal, int most_point, char *out);

/* "1.25e-07": all `count` digits. The exponent is that of the first digit. Returns the end; no
 * NUL. */
char *real_put_scientific(char *out, uint64_t digits, int count, int exponent);

#endif
