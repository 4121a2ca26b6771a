/*
 * The first of several rules with the same filter at a given moment: a step
 * function from time to rule.
 */
#ifndef LABEL_TIMELINE_H
#define LABEL_TIMELINE_H

#include "label/rule.h"
#include <stdatomic.h>

struct timeline {
    uint32_t first;      /* the lowest rule of all */
    uint32_t untimed;    /* for packets without time, and outside [begin, end] */
    int64_t begin, end;  /* from the beginning of the first window to the end of the last */
    uint32_t step_count; /* 0: always `first` between begin and end */
    /* The step of the previous packet of any thread: packets are mostly in time order. */
    atomic_uint_least32_t last;
    int64_t *starts; /* when each step begins; the first at `begin` or before */
    uint32_t *rules; /* the rule of each step, NO_RULE for none */
};

/* From one moment to another, both included. */
struct time_span {
    int64_t begin, end;
};

/* `indices`: the rules, at least one, ascending. */
int timeline_init(struct timeline *timeline, const struct lcap_rules *rules,
                  const uint32_t *indices, size_t count, struct lcap_error *error);
void timeline_release(struct timeline *timeline);

uint32_t timeline_search(struct timeline *timeline, int64_t time_ns);

/* The first rule for this packet, ignoring its filter, or NO_RULE. */
static inline uint32_t timeline_rule(struct timeline *timeline, const struct lcap_packet *packet)
{
    if (!packet->has_time || packet->time_ns < timeline->begin || packet->time_ns > timeline->end)
        return timeline->untimed;
    return timeline->step_count == 0 ? timeline->first : timeline_search(timeline, packet->time_ns);
}

/* Narrows a span that contains the time to where timeline_rule() answers as it does then. */
void timeline_narrow(const struct timeline *timeline, int64_t time_ns, struct time_span *span);

#endif
