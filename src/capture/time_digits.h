/* How many decimals of a second the times of an interface need. */
#ifndef CAPTURE_TIME_DIGITS_H
#define CAPTURE_TIME_DIGITS_H

#include <labelcap/capture.h>

/* Whether times of the interface can be finer than a microsecond. */
bool time_digits_below_microsecond(const struct lcap_interface *interface);

/* Whether that many digits hold this time, given in units of the interface. */
bool time_digits_hold_time(uint8_t tsresol, unsigned digits, uint64_t timestamp);

#endif
