/* Counts packets that are in no flow by the link type or Ethernet type that is unknown here. */
#ifndef FEATURES_UNKNOWN_TYPES_H
#define FEATURES_UNKNOWN_TYPES_H

#include <labelcap/flow.h>

/* More than any capture has, but for damaged ones. */
enum { MOST_UNKNOWN_TYPES = 64 };

/* All zero when empty. */
struct unknown_types {
    struct lcap_unknown_type items[MOST_UNKNOWN_TYPES];
    size_t count;
};

/* Adds packets of one type. Types that come when there is no more room are not counted. */
void unknown_types_add(struct unknown_types *types, const struct lcap_unknown_type *seen);

#endif
