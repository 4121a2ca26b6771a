/* Seen sequence numbers: a range and the gaps in it. */
#include "features/pcap2json/pcap2json_seen.h"

#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

int64_t pcap2json_unwrap(struct pcap2json_seen *seen, uint32_t sequence)
{
    if (!seen->started) {
        seen->started = true;
        seen->init = sequence;
        seen->high = sequence;
        return sequence;
    }
    return seen->high + (int32_t)(sequence - (uint32_t)seen->high);
}

/* Makes room for one more gap; at the limit, the lowest one is removed. */
static int make_room(struct pcap2json_seen *seen, struct lcap_error *error)
{
    if (seen->gap_count < seen->gap_capacity)
        return LCAP_OK;
    if (seen->gap_count == PCAP2JSON_GAPS) {
        seen->gap_count--;
        memmove(seen->gaps, seen->gaps + 1, seen->gap_count * sizeof *seen->gaps);
        return LCAP_OK;
    }
    void *gaps = seen->gaps;
    size_t capacity = seen->gap_capacity;
    const int rc = memory_grow(&gaps, &capacity, capacity + 1, sizeof *seen->gaps, error);
    seen->gaps = gaps;
    seen->gap_capacity = (uint16_t)(capacity < PCAP2JSON_GAPS ? capacity : PCAP2JSON_GAPS);
    return rc;
}

/* How many gaps end at or before a sequence number. */
static uint16_t gaps_before(const struct pcap2json_seen *seen, int64_t sequence)
{
    uint16_t from = 0, to = seen->gap_count;
    while (from < to) {
        const uint16_t middle = (uint16_t)((from + to) / 2);
        if (seen->gaps[middle].end <= sequence)
            from = (uint16_t)(middle + 1);
        else
            to = middle;
    }
    return from;
}

static int add_gap(struct pcap2json_seen *seen, struct sequence_range gap, struct lcap_error *error)
{
    if (seen->gap_count == PCAP2JSON_GAPS && gap.end <= seen->gaps[0].begin)
        return LCAP_OK; /* it would be the lowest */
    const int rc = make_room(seen, error);
    if (rc != LCAP_OK)
        return rc;
    const uint16_t at = gaps_before(seen, gap.begin);
    memmove(seen->gaps + at + 1, seen->gaps + at,
            (size_t)(seen->gap_count - at) * sizeof *seen->gaps);
    seen->gaps[at] = gap;
    seen->gap_count++;
    return LCAP_OK;
}

/* Removes a range from the gaps; *hit says whether any of it was in one. */
static int close_gaps(struct pcap2json_seen *seen, struct sequence_range range, bool *hit,
                      struct lcap_error *error)
{
    uint16_t at = gaps_before(seen, range.begin);
    while (at < seen->gap_count && seen->gaps[at].begin < range.end) {
        struct sequence_range *gap = &seen->gaps[at];
        const struct sequence_range above = {range.end, gap->end};
        *hit = true;
        if (gap->begin < range.begin) {
            gap->end = range.begin;
            if (above.begin < above.end)
                return add_gap(seen, above, error);
            at++;
        } else if (above.begin < above.end) {
            gap->begin = above.begin;
            return LCAP_OK;
        } else {
            seen->gap_count--;
            memmove(gap, gap + 1, (size_t)(seen->gap_count - at) * sizeof *gap);
        }
    }
    return LCAP_OK;
}

int pcap2json_see(struct pcap2json_seen *seen, int64_t sequence, uint32_t len, bool *again,
                  struct lcap_error *error)
{
    const struct sequence_range range = {sequence, sequence + len};
    bool is_new = !seen->has_data;
    int rc = LCAP_OK;
    if (!seen->has_data) {
        seen->has_data = true;
        seen->low = seen->high = sequence;
    }
    rc = close_gaps(seen, range, &is_new, error);
    if (rc == LCAP_OK && range.begin > seen->high)
        rc = add_gap(seen, (struct sequence_range){seen->high, range.begin}, error);
    if (rc == LCAP_OK && range.end < seen->low)
        rc = add_gap(seen, (struct sequence_range){range.end, seen->low}, error);
    is_new |= range.begin < seen->low || range.end > seen->high;
    seen->low = range.begin < seen->low ? range.begin : seen->low;
    seen->high = range.end > seen->high ? range.end : seen->high;
    *again = !is_new;
    return rc;
}

void pcap2json_seen_release(struct pcap2json_seen *seen)
{
    free(seen->gaps);
    seen->gaps = NULL;
}
