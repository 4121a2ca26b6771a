/* Timestamps in units of an interface (if_tsresol and offsets) and nanoseconds since 1970. */
#ifndef CAPTURE_TIMESTAMP_H
#define CAPTURE_TIMESTAMP_H

#include <stdint.h>

/* The conversion from units of one interface to nanoseconds. Computed once per interface. */
struct time_scale {
    uint64_t multiplier; /* nanoseconds per unit if units are not finer; 0 = use the slow way */
    uint8_t tsresol;
    int64_t tsoffset;
    int32_t tsoffset_ns;
};

struct time_scale time_scale_make(uint8_t tsresol, int64_t tsoffset, int32_t tsoffset_ns);

/* Rounded down; limited to INT64_MIN and INT64_MAX. */
int64_t time_scale_to_ns(const struct time_scale *scale, uint64_t timestamp);

#endif
