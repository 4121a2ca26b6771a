/*
 * By how many hours the windows of rules would have to be moved to hold packets that the
 * rules ask for. Reads the captures again.
 */
#ifndef DATASET_LABELLING_WINDOW_SEARCH_H
#define DATASET_LABELLING_WINDOW_SEARCH_H

#include "base/text/text.h"
#include "dataset/labelling/label_pass.h"

/* Offsets of time zones reach from 12 hours west to 14 hours east of UTC. */
#define MOST_HOURS 14

#define NS_PER_HOUR (INT64_C(3600) * NS_PER_SECOND)

struct window_search {
    uint64_t packets[2 * MOST_HOURS + 1]; /* by hours + MOST_HOURS: what the windows would hold */
};

/*
 * Reads named regular files, and no more packets than take a few seconds. For more than
 * 100,000 rules it does not search, and finds no packet.
 */
int window_search_run(struct window_search *search, const struct lcap_rules *rules,
                      const struct sources *sources, const struct input_options *options,
                      struct lcap_error *error);

#endif
