/*
 * Dates of UTC. gmtime() and timegm() count leap seconds where the user's TZ names a
 * zone that has them (right/…), but times of packets never do.
 */
#ifndef BASE_TEXT_UTC_H
#define BASE_TEXT_UTC_H

#include <stdint.h>
#include <time.h>

/* As gmtime_r(): seconds since the epoch, for years that an int holds. */
void utc_from_seconds(int64_t seconds, struct tm *tm);

/* As timegm(): brings fields outside their ranges into them. */
int64_t utc_to_seconds(struct tm *tm);

#endif
