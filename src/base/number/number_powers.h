/* Powers of ten to 128 bits, for doubles in decimal. */
#ifndef BASE_NUMBER_NUMBER_POWERS_H
#define BASE_NUMBER_NUMBER_POWERS_H

#include "base/number/exact.h"

/* The powers that scale every double, from 4.9e-324 to 1.8e308, to a whole number of up to 17
 * digits. */
#define POWER_LEAST (-292)
#define POWER_MOST  324

/* floor(log2(10^e)): 1741647 / 2^19 for log2(10) holds for all e used here (tried one by one). */
static inline int power_log2(int e)
{
    return e * 1741647 >> 19;
}

/*
 * The table of g(e) = floor(10^e / 2^(floor(log2(10^e)) - 127)) + 1 at [e -
 * POWER_LEAST]: the first 128 bits of 10^e plus one unit. Computed at the first
 * call, constant from then on.
 */
const uint128 *number_powers(void);

#endif
