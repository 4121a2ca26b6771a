/*
 * Exact sums of integers, and ratios of them rounded once: means, variances
 * and skewness without cancellation.
 */
#ifndef BASE_NUMBER_EXACT_H
#define BASE_NUMBER_EXACT_H

#include <stdbool.h>
#include <stdint.h>

typedef unsigned __int128 uint128;
typedef __int128 int128;

/* Aligned like its words, so that flows, which have many of these sums, have no gaps. */
typedef __int128 int128_of_words __attribute__((aligned(8)));

/*
 * Power sums of a series of integers. Every absolute value is below 2^63, and there
 * are fewer than 2^32 values, so nothing overflows: sums go up to 2^95, squares up
 * to 2^158, cubes up to 2^221.
 */
struct power_sums {
    uint32_t count;
    uint32_t squares_top; /* above squares[1] */
    uint64_t squares[2];  /* sum of squares, little-endian words */
    int128_of_words sum;
    int64_t min, max; /* 0 while the series is empty */
};

/* With the cubes, for the skewness. */
struct cubic_sums {
    struct power_sums powers;
    uint64_t cubes[4]; /* two's complement, little-endian words */
};

void power_sums_add(struct power_sums *sums, int64_t value);
void cubic_sums_add(struct cubic_sums *sums, int64_t value);
/* The sums of both series together. */
struct power_sums power_sums_merge(const struct power_sums *a, const struct power_sums *b);
struct cubic_sums cubic_sums_merge(const struct cubic_sums *a, const struct cubic_sums *b);

/*
 * Each is the exact value rounded once to the nearest double (ties to even); NaN
 * for an empty series. `per` is the number of units of the values in one unit of
 * the result: 1 for bytes, 1000000000 from nanoseconds to seconds; at most 2^32.
 */
double series_mean(const struct power_sums *sums, uint64_t per);
double series_variance(const struct power_sums *sums, uint64_t per);  /* of the population: / n */
double series_deviation(const struct power_sums *sums, uint64_t per); /* its square root */
/* Fisher and Pearson's g1 = m3 / m2^(3/2), not corrected for bias; NaN if all values are equal. The
 * moments are exact; the last steps use long double. */
double series_skewness(const struct cubic_sums *sums);

/* a / b rounded once; NaN for b = 0. */
double exact_ratio(uint64_t a, uint64_t b);

/* amount / (duration / per) rounded once, such as bytes per second; NaN if the duration is not
 * above 0. */
double exact_rate(uint64_t amount, int64_t duration, uint64_t per);

#endif
