/* Active and idle periods and subflows of a flow. */
#include "features/measure/activity.h"

#include "base/memory.h"
#include "base/time_distance.h"
#include <stdlib.h>

struct periods {
    struct power_sums active, idle;
};

static int end_active_period(struct activity *activity, int64_t gap, struct lcap_error *error)
{
    if (!activity->periods) {
        activity->periods = memory_new(1, sizeof *activity->periods, error);
        if (!activity->periods)
            return LCAP_ERR_MEMORY;
    }
    power_sums_add(&activity->periods->active, time_between(activity->start, activity->last));
    power_sums_add(&activity->periods->idle, gap);
    return LCAP_OK;
}

int activity_packet(struct activity *activity, int64_t time, struct lcap_error *error)
{
    if (activity->subflows == 0) {
        activity->start = activity->last = time;
        activity->subflows = 1;
        return LCAP_OK;
    }
    int64_t gap = time_between(activity->last, time);
    if (gap > ACTIVITY_GAP_NS) {
        int rc = end_active_period(activity, gap, error);
        if (rc < 0)
            return rc;
        activity->start = time;
    }
    if (gap > SUBFLOW_GAP_NS)
        activity->subflows++;
    activity->last = time;
    return LCAP_OK;
}

struct power_sums activity_active(const struct activity *activity)
{
    struct power_sums active = {0};
    if (activity->periods)
        active = activity->periods->active;
    if (activity->subflows > 0)
        power_sums_add(&active, time_between(activity->start, activity->last));
    return active;
}

struct power_sums activity_idle(const struct activity *activity)
{
    return activity->periods ? activity->periods->idle : (struct power_sums){0};
}

void activity_release(struct activity *activity)
{
    free(activity->periods);
    activity->periods = NULL;
}
