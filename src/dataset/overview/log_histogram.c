/* Log-linear bins: the highest bit of a number, and the five bits after it. */
#include "dataset/overview/log_histogram.h"

#include <math.h>

enum { STEP_BITS = 5 };

/* How far the value is shifted so that only its highest six bits are left. */
static unsigned shift_of(uint64_t value)
{
    const unsigned bits = value ? 64 - (unsigned)__builtin_clzll(value) : 0;
    return bits > STEP_BITS + 1 ? bits - STEP_BITS - 1 : 0;
}

static unsigned bin_of(uint64_t value)
{
    const unsigned shift = shift_of(value);
    return shift * LOG_HISTOGRAM_STEPS + (unsigned)(value >> shift);
}

/* The middle of the bin; the bins below 64 hold one value each. */
static uint64_t middle_of(unsigned bin)
{
    if (bin < 2 * LOG_HISTOGRAM_STEPS)
        return bin;
    const unsigned shift = bin / LOG_HISTOGRAM_STEPS - 1;
    const uint64_t first = (uint64_t)(bin - shift * LOG_HISTOGRAM_STEPS) << shift;
    return first + ((UINT64_C(1) << shift) - 1) / 2;
}

void log_histogram_add(struct log_histogram *histogram, uint64_t value)
{
    if (histogram->count == 0 || value < histogram->least)
        histogram->least = value;
    if (value > histogram->most)
        histogram->most = value;
    histogram->count++;
    histogram->bins[bin_of(value)]++;
}

void log_histogram_merge(struct log_histogram *into, const struct log_histogram *from)
{
    if (from->count > 0 && (into->count == 0 || from->least < into->least))
        into->least = from->least;
    if (from->most > into->most)
        into->most = from->most;
    into->count += from->count;
    for (unsigned bin = 0; bin < LOG_HISTOGRAM_BINS; bin++)
        into->bins[bin] += from->bins[bin];
}

static uint64_t within(const struct log_histogram *histogram, uint64_t value)
{
    if (value < histogram->least)
        return histogram->least;
    return value > histogram->most ? histogram->most : value;
}

uint64_t log_histogram_quantile(const struct log_histogram *histogram, double share)
{
    const double rank = ceil(share * (double)histogram->count);
    uint64_t seen = 0;
    for (unsigned bin = 0; bin < LOG_HISTOGRAM_BINS; bin++) {
        seen += histogram->bins[bin];
        if (histogram->bins[bin] && (double)seen >= rank)
            return within(histogram, middle_of(bin));
    }
    return histogram->most;
}
