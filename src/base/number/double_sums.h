/*
 * Sums of doubles that have no common unit. The differences to the first value are
 * summed as unevaluated sums of two doubles (Dekker, "A floating-point technique
 * for extending the available precision", 1971). These have about 100 bits and a
 * double has 53, so the result is the exact value rounded once, unless that lies
 * next to the middle between two doubles. The deviation of equal values is 0.
 */
#ifndef BASE_NUMBER_DOUBLE_SUMS_H
#define BASE_NUMBER_DOUBLE_SUMS_H

#include <stdint.h>

struct double_double {
    double high, low; /* |low| is at most half a unit in the last place of high */
};

/* An all-zero struct is empty. Values are finite. */
struct double_sums {
    uint32_t count;
    double first, min, max;
    struct double_double sum, squares; /* of the differences to `first` */
};

void double_sums_add(struct double_sums *sums, double value);

/* NaN for an empty series. The deviation is that of the population. */
double double_sums_mean(const struct double_sums *sums);
double double_sums_deviation(const struct double_sums *sums);

#endif
