/*
 * Counts how often each value occurs, so that sums, median and quartiles of lengths
 * are exact for any number of packets. A flow with few different lengths needs no
 * memory besides the struct; others need a hash table with 8 bytes per value and
 * free slots.
 *
 * A capture may claim any length up to 2^32, and so fill the memory with a table of
 * them. In median and quartiles, values of VALUE_COUNTS_LIMIT and more, which no
 * real packet has, count as the smallest of them. Their sums are kept separately,
 * so sums, minimum and maximum stay exact. A table has at most 2 MiB.
 */
#ifndef FEATURES_MEASURE_VALUE_COUNTS_H
#define FEATURES_MEASURE_VALUE_COUNTS_H

#include "base/number/exact.h"
#include <labelcap/error.h>
#include <stddef.h>
#include <stdint.h>

struct value_count {
    uint32_t value;
    uint32_t count; /* stays at its maximum */
};

#define VALUE_COUNTS_FEW   4
#define VALUE_COUNTS_LIMIT 131071 /* 2^17 different values */

/* An all-zero struct is empty. */
struct value_counts {
    uint32_t distinct; /* values */
    uint32_t capacity; /* slots of the table, a power of 2; 0 = they are in `few` */
    union {
        struct value_count few[VALUE_COUNTS_FEW];
        struct {
            struct value_count *slots;   /* a count of 0: the slot is free */
            uint64_t factor;             /* of the hash */
            struct cubic_sums *at_limit; /* of values at or above the limit; NULL = none */
        } table;
    } at;
};

int value_counts_add(struct value_counts *counts, uint32_t value, struct lcap_error *error);
void value_counts_release(struct value_counts *counts);

/* Values in ascending order with their counts, those from the limit on as the smallest of them; a
 * value may occur twice. */
#define VALUE_LIST_FEW 32
struct value_list {
    struct value_count *items;
    size_t count;
    struct value_count few[VALUE_LIST_FEW];
    struct cubic_sums at_limit;
};

/* The values of `a`, and of `b` unless it is NULL, together. */
int value_list_init(struct value_list *list, const struct value_counts *a,
                    const struct value_counts *b, struct lcap_error *error);
void value_list_release(struct value_list *list);

/* The sums of the series in which each value occurs as often as it was counted, with the true
 * values of those at the limit. */
struct cubic_sums value_list_sums(const struct value_list *list);

/*
 * Quartile 1, 2 (the median) or 3: the value at position (n - 1) * number / 4 of
 * the sorted series, counted from 0, with linear interpolation between neighbours.
 * This is method 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages",
 * 1996, and what numpy and pandas compute. Exact up to the limit; NaN for an empty
 * series.
 */
double value_list_quartile(const struct value_list *list, unsigned number);

#endif
