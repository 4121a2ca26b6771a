/* What a clock remembers of samples. */
#include "flow/capture_clock.h"

#include "base/memory.h"
#include <stdlib.h>

int capture_clock_add_samples(struct capture_clock *clock, size_t place, struct lcap_error *error)
{
    const int rc = memory_grow((void **)&clock->highest_ns, &clock->highest_capacity, place + 1,
                               sizeof *clock->highest_ns, error);
    while (rc == LCAP_OK && clock->highest_count <= place)
        clock->highest_ns[clock->highest_count++] = INT64_MIN;
    return rc;
}

void capture_clock_reset(struct capture_clock *clock)
{
    clock->now_ns = clock->latest_ns = 0;
    clock->highest_count = 0;
    clock->started = false;
}

void capture_clock_release(struct capture_clock *clock)
{
    free(clock->highest_ns);
}
