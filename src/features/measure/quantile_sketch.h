/*
 * Sums and quartiles of a series that may be long: the times between packets.
 *
 * The sums are exact. The quartiles are exact up to SKETCH_EXACT values. For a
 * longer series, only counts in buckets are kept, whose width grows with the value:
 * DDSketch (Masson, Rim, Lee, "DDSketch: A Fast and Fully-Mergeable Quantile Sketch
 * with Relative-Error Guarantees", VLDB 2019) with the logarithm interpolated
 * linearly between powers of 2, so that everything is computed in integers and is
 * the same on every machine. Each power of 2 has 128 buckets, and a bucket is
 * represented by its middle, so a result is off by at most half a bucket: 1/256
 * (0.4 %) of the true value. Values below 256 are exact. There are buckets for all
 * values; none are ever merged.
 *
 * Memory: 32 bytes in the struct for the first 4 values, then 8 bytes per value
 * (and room to grow) up to 32 KiB; the buckets need 29 KiB.
 */
#ifndef FEATURES_MEASURE_QUANTILE_SKETCH_H
#define FEATURES_MEASURE_QUANTILE_SKETCH_H

#include "base/number/exact.h"
#include <labelcap/error.h>
#include <stdint.h>

#define SKETCH_EXACT 4096
#define SKETCH_FEW   4

struct sketch_buckets;

/* An all-zero struct is empty. */
struct quantile_sketch {
    uint64_t count;
    union {
        int64_t few[SKETCH_FEW];        /* count <= SKETCH_FEW */
        int64_t *values;                /* count <= SKETCH_EXACT */
        struct sketch_buckets *buckets; /* more */
    } at;
};

/* `value` is not negative. */
int quantile_sketch_add(struct quantile_sketch *sketch, int64_t value, struct lcap_error *error);
void quantile_sketch_release(struct quantile_sketch *sketch);

struct cubic_sums quantile_sketch_sums(const struct quantile_sketch *sketch);

/*
 * First quartile, median and third quartile in units of `per` values, defined as in
 * value_list_quartile(); NaN for an empty series. Sorts the values.
 */
void quantile_sketch_quartiles(struct quantile_sketch *sketch, uint64_t per, double quartiles[3]);

#endif
