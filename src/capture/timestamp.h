/* Timestamps in units of an interface (if_tsresol and offsets) and nanoseconds since 1970. */
#ifndef CAPTURE_TIMESTAMP_H
#define CAPTURE_TIMESTAMP_H

#include <stdint.h>

/* How the units of one interface become nanoseconds. Made once an interface. */
struct time_scale {
    uint64_t multiplier; /* nanoseconds a unit where units are not finer; 0 = use the slow way */
    uint8_t tsresol;
    int64_t tsoffset;
    int32_t tsoffset_ns;
};

struct time_scale time_scale_make(uint8_t tsresol, int64_t tsoffset, int32_t tsoffset_ns);

/* Rounded down; held at INT64_MIN and INT64_MAX. */
int64_t time_scale_to_ns(const struct time_scale *scale, uint64_t timestamp);

/* later - earlier; held at the greatest value where the times are too far apart for it. */
static inline int64_t time_between(int64_t earlier, int64_t later)
{
    int64_t gap;
    return __builtin_sub_overflow(later, earlier, &gap) ? INT64_MAX : gap;
}

/* Whichever is later: captures are not always in order. */
static inline uint64_t time_apart(int64_t a, int64_t b)
{
    return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

#endif
