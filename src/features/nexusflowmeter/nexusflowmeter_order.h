/* The order in which NexusFlowMeter prints its flows. */
#ifndef FEATURES_NEXUSFLOWMETER_NEXUSFLOWMETER_ORDER_H
#define FEATURES_NEXUSFLOWMETER_NEXUSFLOWMETER_ORDER_H

#include <stddef.h>
#include <stdint.h>

struct nexus_sized {
    uint64_t bytes;
    void *item;
};

/*
 * From the most to the fewest bytes. Among equals the order is the one that
 * numpy 1.24 leaves them in, which its documentation calls undefined: that of
 * a quicksort with the median of three, which leaves runs of up to 16 items to
 * insertion and, where it divides badly, the rest to a heap.
 */
void nexus_order_by_size(struct nexus_sized *items, size_t count);

#endif
