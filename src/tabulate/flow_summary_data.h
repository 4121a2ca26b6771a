/* The data of a summary of flows, for those who describe it. */
#ifndef TABULATE_FLOW_SUMMARY_DATA_H
#define TABULATE_FLOW_SUMMARY_DATA_H

#include "base/buffer.h"
#include "features/measure/quantile_sketch.h"
#include "tabulate/flow_summary.h"

/* The number of largest flows in the text; 5 in compat mode. */
enum { SUMMARY_TOP = 10 };

struct summary_protocol {
    const char *name; /* a constant */
    uint64_t flows, packets, bytes;
};

struct summary_flow {
    uint64_t size; /* the size by which it is among the largest */
    uint64_t packets, bytes;
    const char *protocol;
    uint8_t family;
    uint8_t addresses[2][16];
    uint16_t ports[2];
};

/* In descending order; with room for the one that is pushed out. */
struct summary_largest {
    struct summary_flow flows[SUMMARY_TOP + 1];
    size_t count, wanted;
};

struct flow_summary {
    bool compat;
    uint64_t flows, bidirectional;
    uint64_t packets, bytes, max_packets, max_bytes;
    struct summary_protocol *protocols; /* in the order of their first flows */
    size_t protocol_count, protocol_capacity;
    struct quantile_sketch sketch; /* durations in nanoseconds … */
    double *durations;             /* … or, in compat mode, all of them in seconds */
    size_t durations_capacity;
    struct summary_largest by_packets, by_bytes;
};

/* By number of flows, descending; equal ones keep their order. */
void flow_summary_sort_protocols(struct flow_summary *summary);

#endif
