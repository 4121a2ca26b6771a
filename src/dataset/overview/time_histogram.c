/* Bins that grow ten times as long when the times no longer fit. */
#include "dataset/overview/time_histogram.h"

#include <stdbool.h>
#include <string.h>

int64_t time_histogram_floor(int64_t ns, uint64_t unit)
{
    const int64_t step = (int64_t)unit, part = ns / step;
    return ns % step < 0 ? part - 1 : part;
}

/* Differences of times may be larger than an int64_t holds. */
static uint64_t distance(int64_t from, int64_t to)
{
    return (uint64_t)to - (uint64_t)from;
}

/* Also makes the bins between the last one and this one. */
static bool fits_behind(struct time_histogram *histogram, int64_t at)
{
    if (distance(histogram->first, at) >= TIME_HISTOGRAM_BINS)
        return false;
    const size_t needed = (size_t)distance(histogram->first, at) + 1;
    histogram->used = needed > histogram->used ? needed : histogram->used;
    return true;
}

static bool fits_before(struct time_histogram *histogram, int64_t at)
{
    const uint64_t more = distance(at, histogram->first);
    if (more > TIME_HISTOGRAM_BINS - histogram->used)
        return false;
    memmove(histogram->bins + more, histogram->bins, histogram->used * sizeof *histogram->bins);
    memset(histogram->bins, 0, more * sizeof *histogram->bins);
    histogram->first = at;
    histogram->used += more;
    return true;
}

static bool make_room(struct time_histogram *histogram, int64_t at)
{
    return at < histogram->first ? fits_before(histogram, at) : fits_behind(histogram, at);
}

static void lengthen_bins(struct time_histogram *histogram)
{
    const int64_t first = histogram->first, first_after = time_histogram_floor(first, 10);
    size_t used = 0;
    for (size_t i = 0; i < histogram->used; i++) {
        const uint64_t count = histogram->bins[i];
        const size_t bin = (size_t)(time_histogram_floor(first + (int64_t)i, 10) - first_after);
        histogram->bins[i] = 0;
        histogram->bins[bin] += count;
        used = bin + 1;
    }
    histogram->unit *= 10;
    histogram->first = first_after;
    histogram->used = used;
}

static void add(struct time_histogram *histogram, int64_t time_ns, uint64_t count)
{
    if (histogram->used == 0) {
        histogram->unit = 1;
        histogram->first = time_ns;
    }
    int64_t at;
    while (!make_room(histogram, at = time_histogram_floor(time_ns, histogram->unit)))
        lengthen_bins(histogram);
    histogram->bins[at - histogram->first] += count;
}

void time_histogram_add(struct time_histogram *histogram, int64_t time_ns)
{
    add(histogram, time_ns, 1);
}

/* The time of the first bin may be before the first int64_t, but none of its counts is. */
static int64_t time_of(const struct time_histogram *histogram, size_t bin)
{
    const __int128 ns = ((__int128)histogram->first + (__int128)bin) * (__int128)histogram->unit;
    return ns < INT64_MIN ? INT64_MIN : (int64_t)ns;
}

void time_histogram_merge(struct time_histogram *into, const struct time_histogram *from)
{
    for (size_t i = 0; i < from->used; i++)
        if (from->bins[i] > 0)
            add(into, time_of(from, i), from->bins[i]);
    while (into->unit < from->unit)
        lengthen_bins(into);
}

void time_histogram_fold(const struct time_histogram *histogram, int64_t first_ns, uint64_t bin_ns,
                         uint64_t *bins, size_t count)
{
    for (size_t i = 0; i < histogram->used; i++) {
        if (histogram->bins[i] == 0)
            continue;
        const uint64_t bin = distance(first_ns, time_of(histogram, i)) / bin_ns;
        bins[bin < count ? bin : count - 1] += histogram->bins[i];
    }
}
