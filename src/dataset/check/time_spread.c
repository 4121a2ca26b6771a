/* Counts packets by the minute, and finds those far from the rest. */
#include "dataset/check/time_spread.h"

#include "base/memory.h"
#include "base/text/text.h"
#include <stdlib.h>

#define MINUTE_NS    (60LL * NS_PER_SECOND)
#define LEAST_NS     (30 * MINUTE_NS)
/* 22 days of minutes, in 3 MiB; should times span 580 years, a bucket is of a week or two. */
#define MOST_BUCKETS 32768u

void time_spread_init(struct time_spread *spread)
{
    *spread = (struct time_spread){.width_ns = MINUTE_NS};
}

static int64_t round_down(int64_t value, int64_t unit)
{
    return value / unit - (value % unit < 0);
}

/* Adds packets, first at `place`, to the bucket that begins at `start`. */
static int add_to_bucket(struct time_spread *spread, int64_t start, uint64_t packets,
                         const struct check_place *place, struct lcap_error *error)
{
    uint32_t number;
    int rc = idmap_add(&spread->numbers, (uint64_t)start, &number, error);
    if (rc == 0)
        rc = memory_grow((void **)&spread->buckets, &spread->capacity, spread->numbers.count,
                         sizeof *spread->buckets, error);
    if (rc < 0)
        return rc;
    struct time_bucket *bucket = &spread->buckets[number];
    if (number == spread->count) {
        spread->count++;
        *bucket = (struct time_bucket){start, 0, *place};
    } else if (check_place_is_earlier(place, &bucket->first)) {
        bucket->first = *place;
    }
    bucket->packets += packets;
    spread->last = number;
    return LCAP_OK;
}

/* Makes the buckets twice as wide. */
static int widen(struct time_spread *spread, struct lcap_error *error)
{
    struct time_spread wider = {.width_ns = 2 * spread->width_ns, .packets = spread->packets};
    int rc = LCAP_OK;
    for (size_t i = 0; i < spread->count && rc == 0; i++) {
        const struct time_bucket *bucket = &spread->buckets[i];
        rc = add_to_bucket(&wider, round_down(bucket->start, 2), bucket->packets, &bucket->first,
                           error);
    }
    time_spread_release(spread);
    *spread = wider;
    return rc;
}

int time_spread_add(struct time_spread *spread, int64_t time_ns, const struct check_place *place,
                    struct lcap_error *error)
{
    const int64_t start = round_down(time_ns, spread->width_ns);
    spread->packets++;
    if (spread->count > 0 && spread->buckets[spread->last].start == start) {
        spread->buckets[spread->last].packets++;
        return LCAP_OK;
    }
    int rc = add_to_bucket(spread, start, 1, place, error);
    while (rc == 0 && spread->count > MOST_BUCKETS)
        rc = widen(spread, error);
    return rc;
}

static int compare(const void *a, const void *b)
{
    const struct time_bucket *x = a, *y = b;
    return (x->start > y->start) - (x->start < y->start);
}

/* The start of the bucket with the packet of this rank, from 0; the buckets are in order. */
static int64_t start_of_rank(const struct time_spread *spread, uint64_t rank)
{
    size_t i = 0;
    for (uint64_t before = 0; before + spread->buckets[i].packets <= rank; i++)
        before += spread->buckets[i].packets;
    return spread->buckets[i].start;
}

static void count_far(const struct time_bucket *bucket, struct check_findings *findings)
{
    const uint64_t before = findings->counts[CHECK_TIME_FAR].count;
    check_count_earliest(findings, CHECK_TIME_FAR, &bucket->first);
    findings->counts[CHECK_TIME_FAR].count = before + bucket->packets;
}

void time_spread_finish(struct time_spread *spread, struct check_findings *findings)
{
    if (spread->packets < 3)
        return;
    qsort(spread->buckets, spread->count, sizeof *spread->buckets, compare);
    const uint64_t trimmed = spread->packets < 20 ? 1 : spread->packets / 20;
    const int64_t low = start_of_rank(spread, trimmed);
    const int64_t high = start_of_rank(spread, spread->packets - 1 - trimmed);
    const int64_t least = LEAST_NS / spread->width_ns;
    const int64_t reach = high - low > least ? high - low : least;
    for (size_t i = 0; i < spread->count; i++)
        if (spread->buckets[i].start < low - reach || spread->buckets[i].start > high + reach)
            count_far(&spread->buckets[i], findings);
}

void time_spread_release(struct time_spread *spread)
{
    idmap_release(&spread->numbers);
    free(spread->buckets);
}
