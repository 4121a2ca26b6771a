/* Timestamps as pcapml writes them: seconds in the high half, microseconds in the low half. */
#ifndef CAPTURE_PCAPML_TIME_H
#define CAPTURE_PCAPML_TIME_H

#include <labelcap/capture.h>

/* Rounded down to microseconds. LCAP_ERR_ARGUMENT outside of 0 to 2^32 - 1 seconds. */
int pcapml_time_from_ns(int64_t ns, uint64_t *timestamp, struct lcap_error *error);

/*
 * Rewrites the times in the body of a statistics block of `interface` (in the byte
 * order `big`; at least its fixed part).
 */
int pcapml_time_rewrite_statistics(uint8_t *body, size_t len, bool big,
                                   const struct lcap_interface *interface,
                                   struct lcap_error *error);

#endif
