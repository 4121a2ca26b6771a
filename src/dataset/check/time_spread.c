/* Counts packets by the minute, and finds those far from the rest. */
#include "dataset/check/time_spread.h"

#include "base/memory.h"
#include "base/text/text.h"
#include <stdlib.h>

#define MINUTE_NS    (60LL * NS_PER_SECOND)
#define LEAST_NS     (30 * MINUTE_NS)
#define LEAST_SIZE   64u
/* 22 days of minutes, in 3 MiB; should times span 580 years, a bucket is of two weeks. */
#define MOST_BUCKETS 32768u

void time_spread_init(struct time_spread *spread)
{
    *spread = (struct time_spread){.width_ns = MINUTE_NS};
}

static int64_t number_of(int64_t time_ns, int64_t width_ns)
{
    return time_ns / width_ns - (time_ns % width_ns < 0);
}

/* The slot of this bucket, or the free slot where it belongs. Times are no secret. */
static struct time_bucket *find_slot(const struct time_spread *spread, int64_t number)
{
    size_t at = (size_t)(((uint64_t)number * 0x9e3779b97f4a7c15u) >> 32);
    for (;; at++) {
        struct time_bucket *slot = &spread->slots[at & (spread->capacity - 1)];
        if (slot->count == 0 || slot->number == number)
            return slot;
    }
}

/* Adds `count` packets, first at `place`, to the bucket of a number. */
static void put(struct time_spread *spread, int64_t number, uint64_t count,
                const struct check_place *place)
{
    struct time_bucket *slot = find_slot(spread, number);
    if (slot->count == 0) {
        *slot = (struct time_bucket){number, 0, *place};
        spread->used++;
    } else if (place->input < slot->first.input ||
               (place->input == slot->first.input && place->packet < slot->first.packet)) {
        slot->first = *place;
    }
    slot->count += count;
    spread->last = slot;
}

/* Moves the buckets to a table of another size, `factor` of them into one. */
static int rebuild(struct time_spread *spread, size_t capacity, int64_t factor,
                   struct lcap_error *error)
{
    const struct time_spread old = *spread;
    struct time_bucket *slots = memory_new(capacity, sizeof *slots, error);
    if (!slots)
        return LCAP_ERR_MEMORY;
    spread->slots = slots;
    spread->capacity = capacity;
    spread->width_ns *= factor;
    spread->used = 0;
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slots[i].count > 0)
            put(spread, number_of(old.slots[i].number, factor), old.slots[i].count,
                &old.slots[i].first);
    free(old.slots);
    return LCAP_OK;
}

static int make_room(struct time_spread *spread, struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (spread->capacity == 0)
        rc = rebuild(spread, LEAST_SIZE, 1, error);
    else if (spread->used == spread->capacity / 2 && spread->used < MOST_BUCKETS)
        rc = rebuild(spread, 2 * spread->capacity, 1, error);
    while (rc == 0 && spread->used >= MOST_BUCKETS)
        rc = rebuild(spread, spread->capacity, 2, error);
    return rc;
}

int time_spread_add(struct time_spread *spread, int64_t time_ns, const struct check_place *place,
                    struct lcap_error *error)
{
    spread->packets++;
    if (spread->last && spread->last->number == number_of(time_ns, spread->width_ns)) {
        spread->last->count++;
        return LCAP_OK;
    }
    const int rc = make_room(spread, error);
    if (rc == 0)
        put(spread, number_of(time_ns, spread->width_ns), 1, place);
    return rc;
}

static int compare(const void *a, const void *b)
{
    const struct time_bucket *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

/* Puts the buckets in order, at the front of the slots. */
static void put_in_order(struct time_spread *spread)
{
    size_t kept = 0;
    for (size_t i = 0; i < spread->capacity; i++)
        if (spread->slots[i].count > 0)
            spread->slots[kept++] = spread->slots[i];
    qsort(spread->slots, kept, sizeof *spread->slots, compare);
}

/* The number of the bucket with the packet of this rank, counted from 0 by time. */
static int64_t bucket_of_rank(const struct time_spread *spread, uint64_t rank)
{
    size_t i = 0;
    for (uint64_t before = 0; before + spread->slots[i].count <= rank; i++)
        before += spread->slots[i].count;
    return spread->slots[i].number;
}

static void count_far(const struct time_bucket *bucket, struct check_findings *findings)
{
    const uint64_t before = findings->counts[CHECK_TIME_FAR].count;
    check_count_earliest(findings, CHECK_TIME_FAR, &bucket->first);
    findings->counts[CHECK_TIME_FAR].count = before + bucket->count;
}

void time_spread_finish(struct time_spread *spread, struct check_findings *findings)
{
    if (spread->packets < 3)
        return;
    put_in_order(spread);
    const uint64_t trimmed = spread->packets < 20 ? 1 : spread->packets / 20;
    const int64_t low = bucket_of_rank(spread, trimmed);
    const int64_t high = bucket_of_rank(spread, spread->packets - 1 - trimmed);
    const int64_t least = LEAST_NS / spread->width_ns;
    const int64_t reach = high - low > least ? high - low : least;
    for (size_t i = 0; i < spread->used; i++)
        if (spread->slots[i].number < low - reach || spread->slots[i].number > high + reach)
            count_far(&spread->slots[i], findings);
}

void time_spread_release(struct time_spread *spread)
{
    free(spread->slots);
}
