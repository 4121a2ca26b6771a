/*
 * The most frequent values of a stream in fixed memory: the space-saving sketch of Metwally,
 * Agrawal and El Abbadi ("Efficient Computation of Frequent and Top-k Elements in Data
 * Streams", 2005). While there are no more distinct values than counters, all counts are
 * exact. After that, a count may be too large by at most its `over`, and every value that
 * makes up more than 1/TOP_VALUES_COUNTERS of the stream is there.
 */
#ifndef DATASET_OVERVIEW_TOP_VALUES_H
#define DATASET_OVERVIEW_TOP_VALUES_H

#include <stddef.h>
#include <stdint.h>

enum { TOP_VALUES_COUNTERS = 256, TOP_VALUES_SLOTS = 1024, TOP_VALUE_LEN = 17 };

struct top_value {
    uint8_t bytes[TOP_VALUE_LEN];
    uint16_t slot; /* that refers to it */
    uint64_t count, over;
};

/* All zero: nothing is counted yet. */
struct top_values {
    size_t used;
    uint64_t total;
    struct top_value counters[TOP_VALUES_COUNTERS];
    uint16_t slots[TOP_VALUES_SLOTS]; /* numbers of counters from 1; 0: free */
};

void top_values_add(struct top_values *values, const uint8_t bytes[TOP_VALUE_LEN]);

/* As if the values of `from` had been added behind those of `into`. */
void top_values_merge(struct top_values *into, const struct top_values *from);

/* Orders the counters: the largest first, then bytewise. Nothing may be added after it. */
void top_values_sort(struct top_values *values);

#endif
