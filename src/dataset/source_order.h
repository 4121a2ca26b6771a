/* The order of inputs by the times of their first packets: rotated captures. */
#ifndef DATASET_SOURCE_ORDER_H
#define DATASET_SOURCE_ORDER_H

#include "base/result.h"
#include "dataset/input_pass.h"
#include "dataset/sources.h"

/* Whether all can be read twice; *other is the first that cannot. */
bool sources_are_regular(const struct sources *sources, const char **other);

/*
 * Orders regular files by the time of their first packet; those without one come
 * first, and equal ones stay in their order. What cannot be read has no packet here:
 * the pass over it says why.
 */
int sources_order_by_time(struct sources *sources, const struct input_options *options,
                          struct lcap_error *error);

/* Looks at inputs as they are read. All zero: none so far. */
struct order_watch {
    const char *name; /* of the last input with a time */
    int64_t first_ns;
    uint64_t backwards;           /* inputs that begin before the one in front of them */
    const char *early, *in_front; /* the first such pair */
};

/*
 * Only names that differ in their numbers are compared, as those of rotated captures
 * do. The name stays a view.
 */
void order_watch_add(struct order_watch *watch, const struct input_outcome *outcome);
void order_find(const struct order_watch *watch, struct result *result);

#endif
