/* Whether times of an interface can be told with a given number of decimals of a second. */
#ifndef CAPTURE_TIME_DIGITS_H
#define CAPTURE_TIME_DIGITS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Every time of this if_tsresol. A unit of 2^-n s has n decimals
 * (2^-n = 5^n / 10^n), just as one of 10^-n s.
 */
bool time_digits_hold(uint8_t tsresol, unsigned digits);

/* This one time, in units of the interface. */
bool time_digits_hold_time(uint8_t tsresol, unsigned digits, uint64_t timestamp);

#endif
