/* How many decimals of a second a timestamp needs. */
#include "capture/time_digits.h"

/* if_tsresol: the top bit distinguishes powers of two from powers of ten (pcapng, section 4.2). */
#define TSRESOL_BINARY   0x80
#define TSRESOL_EXPONENT 0x7f

/* A unit of 2^-n s has n decimals (2^-n = 5^n / 10^n), like one of 10^-n s. */
bool time_digits_below_microsecond(const struct lcap_interface *interface)
{
    return (interface->tsresol & TSRESOL_EXPONENT) > 6 || interface->tsoffset_ns % 1000 != 0;
}

/*
 * t / b^n is a multiple of 1 / 10^d if b^(n-d) divides t: obviously for b = 10, and
 * for b = 2 because the 5^d of 10^d shares no factor with 2^n.
 */
bool time_digits_hold_time(uint8_t tsresol, unsigned digits, uint64_t timestamp)
{
    unsigned base = tsresol & TSRESOL_BINARY ? 2 : 10;
    for (unsigned n = tsresol & TSRESOL_EXPONENT; n > digits; n--) {
        if (timestamp % base != 0)
            return false;
        timestamp /= base;
    }
    return true;
}
