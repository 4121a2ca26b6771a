/*
 * Counts of times whose span is not known before. A bin is a power of ten of nanoseconds long,
 * the shortest with which all times so far fit, and begins at a multiple of that.
 */
#ifndef DATASET_OVERVIEW_TIME_HISTOGRAM_H
#define DATASET_OVERVIEW_TIME_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum { TIME_HISTOGRAM_BINS = 4800 };

/* All zero: no time yet. */
struct time_histogram {
    uint64_t unit; /* nanoseconds in a bin */
    int64_t first; /* the time of bins[0], divided by the unit */
    size_t used;
    uint64_t bins[TIME_HISTOGRAM_BINS];
};

void time_histogram_add(struct time_histogram *histogram, int64_t time_ns);
void time_histogram_merge(struct time_histogram *into, const struct time_histogram *from);

/*
 * Adds the counts up in `count` longer bins of `bin_ns`, from `first_ns` on; both are multiples
 * of the unit, and no time is before that one. The last bin takes all later times.
 */
void time_histogram_fold(const struct time_histogram *histogram, int64_t first_ns, uint64_t bin_ns,
                         uint64_t *bins, size_t count);

/* The largest multiple of `unit` that is not above `ns`, divided by the unit. */
int64_t time_histogram_floor(int64_t ns, uint64_t unit);

#endif
