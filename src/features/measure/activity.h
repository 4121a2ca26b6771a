/*
 * Active and idle periods and subflows of a flow. A gap of more than
 * ACTIVITY_GAP_NS (5 s, as in CICFlowMeter) between two packets is idle; what lies
 * between gaps is active, including the last period. A gap of more than
 * SUBFLOW_GAP_NS (1 s) begins a new subflow; every flow has at least one.
 */
#ifndef FEATURES_MEASURE_ACTIVITY_H
#define FEATURES_MEASURE_ACTIVITY_H

#include "base/number/exact.h"
#include <labelcap/error.h>
#include <stdint.h>

#define ACTIVITY_GAP_NS ((int64_t)5 * 1000000000)
#define SUBFLOW_GAP_NS  ((int64_t)1 * 1000000000)

struct periods; /* few flows have idle periods: allocated with the first one */

/* All zero at the beginning. */
struct activity {
    struct periods *periods; /* active periods that have ended, and idle ones; NULL = none */
    int64_t start, last;     /* of the active period; unset before the first packet */
    uint32_t subflows;       /* 0 = no packet yet */
};

/* `time` does not go back: an earlier packet comes with the time of the previous one. */
int activity_packet(struct activity *activity, int64_t time, struct lcap_error *error);

/* Durations in ns; the active ones include the period that has not ended. */
struct power_sums activity_active(const struct activity *activity);
struct power_sums activity_idle(const struct activity *activity);
void activity_release(struct activity *activity);

#endif
