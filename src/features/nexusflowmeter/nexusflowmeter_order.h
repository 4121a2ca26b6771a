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
 * By bytes, descending. Equal items are in the order in which numpy 1.24 leaves
 * them, which its documentation calls undefined: that of a quicksort with the
 * median of three, which sorts runs of up to 16 items by insertion and, after bad
 * splits, the rest with a heap.
 */
void nexus_order_by_size(struct nexus_sized *items, size_t count);

#endif
