/* The distance between two times in nanoseconds. */
#ifndef BASE_TIME_DISTANCE_H
#define BASE_TIME_DISTANCE_H

#include <stdint.h>

/* later - earlier; the maximum value if the times are too far apart for it. */
static inline int64_t time_between(int64_t earlier, int64_t later)
{
    int64_t gap;
    return __builtin_sub_overflow(later, earlier, &gap) ? INT64_MAX : gap;
}

/* The same, whichever is later: captures are not always in order. */
static inline uint64_t time_apart(int64_t a, int64_t b)
{
    return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

#endif
