/*
 * What NetFlowMeter computes for a flow, including its errors. Its times are
 * doubles, seconds since 1970, and so are their differences.
 */
#ifndef FEATURES_NETFLOWMETER_NETFLOWMETER_DOUBLES_H
#define FEATURES_NETFLOWMETER_NETFLOWMETER_DOUBLES_H

#include "base/number/double_sums.h"
#include "features/netflowmeter/netflowmeter_row.h"
#include "features/originals/dpkt_packet.h"

struct double_periods; /* few flows have any: allocated with the first one */

struct double_bulk {
    double start; /* of the run; 0 = none */
    double last, duration;
    uint64_t run_bytes, packets, bytes;
    uint32_t run_packets, count;
};

/* All zero at the beginning. */
struct netflowmeter_doubles {
    struct netflowmeter_way ways[2];
    struct double_sums gaps[3]; /* ends with NFM_BOTH */
    double totals[3];           /* of the gaps, added up as doubles */
    double way_last[2];         /* time of the last packet of each direction */
    double first, last;
    double active_since;
    struct double_bulk bulks[2];
    struct double_periods *periods;
    uint32_t long_gaps; /* of more than a second: subflows minus one */
};

/* A time as the tool represents it. */
double netflowmeter_double_time(int64_t ns);

int netflowmeter_doubles_packet(struct netflowmeter_doubles *state,
                                const struct dpkt_packet *packet, double now, bool forward,
                                struct lcap_error *error);

/* Fills all cells from `duration` to `subflow_bytes`. */
void netflowmeter_doubles_cells(const struct netflowmeter_doubles *state,
                                struct netflowmeter_row *row);
void netflowmeter_doubles_release(struct netflowmeter_doubles *state);

#endif
