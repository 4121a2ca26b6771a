/*
 * The capture time advances with the times of the packets, and never goes back. A
 * packet that is earlier than the previous one by more than CLOCK_JUMP_NS begins
 * another capture or sample: time continues from it, so that flows of a file in the
 * order of its samples end and do not stay in memory. A later jump forward counts
 * only as far as it exceeds all previous times of its sample, so that alternating
 * packets of two clocks do not make time race, and the flows of a sample do not
 * depend on the samples before it. A packet without a time has the time of the
 * previous one; the first one has time 0.
 */
#ifndef FLOW_CAPTURE_CLOCK_H
#define FLOW_CAPTURE_CLOCK_H

#include "base/sample_registry.h"
#include "base/time_distance.h"
#include <labelcap/error.h>
#include <labelcap/packet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Late packets are late by less than this; packets that are even earlier belong
 * to another capture.
 */
#define CLOCK_JUMP_NS ((int64_t)60 * 1000000000)

/* All zero before the first packet. */
struct capture_clock {
    int64_t now_ns;      /* the capture time */
    int64_t latest_ns;   /* the time from which it advances */
    int64_t *highest_ns; /* of each sample, by capture_clock_highest() */
    size_t highest_count, highest_capacity;
    bool started;
};

/* Makes room for samples up to `place`, whose highest times are unknown. */
int capture_clock_add_samples(struct capture_clock *clock, size_t place, struct lcap_error *error);

/* For another stream. */
void capture_clock_reset(struct capture_clock *clock);
void capture_clock_release(struct capture_clock *clock);

/* The place of the highest time of a sample's packets, INT64_MIN before any; NULL without
 * memory. */
static inline int64_t *capture_clock_highest(struct capture_clock *clock, uint32_t sample,
                                             struct lcap_error *error)
{
    const size_t place = sample == NO_SAMPLE ? 0 : (size_t)sample + 1;
    if (place >= clock->highest_count && capture_clock_add_samples(clock, place, error) < 0)
        return NULL;
    return &clock->highest_ns[place];
}

/* `highest_ns`: of the packet's sample. */
static inline void capture_clock_run_on(struct capture_clock *clock, int64_t time_ns,
                                        int64_t highest_ns)
{
    const bool jump = time_between(clock->latest_ns, time_ns) > CLOCK_JUMP_NS;
    int64_t from_ns = clock->latest_ns;
    if (jump && highest_ns > from_ns)
        from_ns = highest_ns < time_ns ? highest_ns : time_ns;
    const int64_t step_ns = time_between(from_ns, time_ns);
    if (step_ns > INT64_MAX - clock->now_ns)
        clock->now_ns = INT64_MAX;
    else
        clock->now_ns += step_ns;
    clock->latest_ns = time_ns;
}

/* Sets *told_ns to the time of the packet, and advances the capture time with it. */
static inline int capture_clock_tell(struct capture_clock *clock, const struct lcap_packet *packet,
                                     uint32_t sample, int64_t *told_ns, struct lcap_error *error)
{
    const int64_t time_ns = packet->has_time ? packet->time_ns : clock->latest_ns;
    int64_t *highest_ns = capture_clock_highest(clock, sample, error);
    if (!highest_ns)
        return LCAP_ERR_MEMORY;
    if (!clock->started) {
        clock->latest_ns = time_ns;
        clock->started = true;
    } else if (time_ns > clock->latest_ns) {
        capture_clock_run_on(clock, time_ns, *highest_ns);
    } else if (time_between(time_ns, clock->latest_ns) > CLOCK_JUMP_NS) {
        clock->latest_ns = time_ns;
    }
    if (time_ns > *highest_ns)
        *highest_ns = time_ns;
    *told_ns = time_ns;
    return LCAP_OK;
}

#endif
