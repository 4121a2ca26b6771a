/*
 * Which of several rules with the same filter comes first at a moment: a step
 * function from time to rule.
 */
#ifndef LABEL_TIMELINE_H
#define LABEL_TIMELINE_H

#include <labelcap/label.h>

struct timeline {
    uint32_t first;   /* the lowest rule of all */
    uint32_t untimed; /* for packets without time, and where no rule has a window */
    uint32_t step_count;
    uint32_t last;   /* the step of the packet before: packets come mostly in the order of time */
    int64_t *starts; /* when each step begins; the first at INT64_MIN */
    uint32_t *rules; /* the rule of each step, LCAP_NO_RULE for none */
};

/* `indices`: the rules, at least one, rising. */
int timeline_init(struct timeline *timeline, const struct lcap_rules *rules,
                  const uint32_t *indices, size_t count, struct lcap_error *error);
void timeline_release(struct timeline *timeline);

uint32_t timeline_search(struct timeline *timeline, int64_t time_ns);

/* The first rule for this packet, its filter left aside, or LCAP_NO_RULE. */
static inline uint32_t timeline_rule(struct timeline *timeline, const struct lcap_packet *packet)
{
    if (timeline->step_count == 0 || !packet->has_time)
        return timeline->untimed;
    return timeline_search(timeline, packet->time_ns);
}

#endif
