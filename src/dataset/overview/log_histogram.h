/*
 * Counts of numbers of any size in little memory: exact below 64, and in steps of 1/32 of a
 * power of two above, so that a quantile is at most 1/64 (1.6 %) from the exact one.
 */
#ifndef DATASET_OVERVIEW_LOG_HISTOGRAM_H
#define DATASET_OVERVIEW_LOG_HISTOGRAM_H

#include <stdint.h>

enum { LOG_HISTOGRAM_STEPS = 32, LOG_HISTOGRAM_BINS = (64 - 5 + 1) * LOG_HISTOGRAM_STEPS };

/* All zero: nothing is counted yet. */
struct log_histogram {
    uint64_t count;
    uint64_t least, most; /* exact */
    uint64_t bins[LOG_HISTOGRAM_BINS];
};

void log_histogram_add(struct log_histogram *histogram, uint64_t value);
void log_histogram_merge(struct log_histogram *into, const struct log_histogram *from);

/*
 * The smallest value to which at least `share` (0 to 1) of all values are equal or less, or
 * the middle of its step. 0 if nothing was counted.
 */
uint64_t log_histogram_quantile(const struct log_histogram *histogram, double share);

#endif
