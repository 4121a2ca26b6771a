/* Divides the keys of windows; within each window, they are in order. */
#include "sort/window_parts.h"

#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

/* So many entries are read at once at the end of a search. */
#define ENTRIES_READ 128

/* An entry that begins a part, by its place in the order. */
struct pivot {
    struct index_entry entry;
    size_t window;
    uint32_t position;
};

static struct window_cut *cuts_of(struct window_parts *parts, size_t part)
{
    return parts->cuts + part * parts->windows->count;
}

int window_read_entries(const struct windows *windows, size_t window, uint32_t position,
                        uint32_t count, struct index_entry *entries, struct lcap_error *error)
{
    return spill_read(windows->spill, windows->items[window].at + position * sizeof *entries,
                      entries, count * sizeof *entries, error);
}

bool window_entry_is_before(const struct index_entry *a, const struct index_entry *b, bool if_equal)
{
    if (a->rank != b->rank)
        return a->rank < b->rank;
    if (a->primary != b->primary)
        return a->primary < b->primary;
    return a->secondary != b->secondary ? a->secondary < b->secondary : if_equal;
}

static bool is_before(const struct index_entry *entry, size_t window, uint32_t position,
                      const struct pivot *pivot)
{
    const bool if_equal =
        window != pivot->window ? window < pivot->window : position < pivot->position;
    return window_entry_is_before(entry, &pivot->entry, if_equal);
}

/* Reads the entries of [*low, *high) once they are few: the search goes on among them. */
static int narrow(const struct windows *windows, size_t window, const struct pivot *pivot,
                  uint32_t *low, uint32_t *high, struct lcap_error *error)
{
    struct index_entry entry;
    while (*high - *low > ENTRIES_READ) {
        const uint32_t middle = *low + (*high - *low) / 2;
        const int rc = window_read_entries(windows, window, middle, 1, &entry, error);
        if (rc < 0)
            return rc;
        if (is_before(&entry, window, middle, pivot))
            *low = middle + 1;
        else
            *high = middle;
    }
    return LCAP_OK;
}

/* Finds, between two cuts of a window, the first block that does not come before the pivot. */
static int cut_window(const struct windows *windows, size_t window, const struct pivot *pivot,
                      const struct window_cut *from, const struct window_cut *to,
                      struct window_cut *cut, struct lcap_error *error)
{
    struct index_entry entries[ENTRIES_READ + 1];
    uint32_t low = from->position, high = to->position;
    int rc = narrow(windows, window, pivot, &low, &high, error);
    const uint32_t first = low, read = high - low + (high < to->position);
    *cut = *to;
    if (rc < 0 || read == 0)
        return rc;
    rc = window_read_entries(windows, window, first, read, entries, error);
    while (rc == LCAP_OK && low < high && is_before(&entries[low - first], window, low, pivot))
        low++;
    if (rc == LCAP_OK && low < first + read)
        *cut = (struct window_cut){low, entries[low - first].arrival};
    return rc;
}

/* The pivot: the middle of the window that has most of the part. */
static int choose_pivot(struct window_parts *parts, size_t part, struct pivot *pivot,
                        struct lcap_error *error)
{
    const struct window_cut *from = cuts_of(parts, part), *to = cuts_of(parts, part + 1);
    uint32_t most = 0;
    for (size_t i = 0; i < parts->windows->count; i++) {
        if (to[i].position - from[i].position > most) {
            most = to[i].position - from[i].position;
            pivot->window = i;
            pivot->position = from[i].position + most / 2;
        }
    }
    return window_read_entries(parts->windows, pivot->window, pivot->position, 1, &pivot->entry,
                               error);
}

static int add_cuts(struct window_parts *parts, size_t at, struct lcap_error *error)
{
    const size_t each = parts->windows->count * sizeof *parts->cuts;
    void *cuts = parts->cuts;
    const int rc = memory_grow(&cuts, &parts->capacity, parts->count + 2, each, error);
    parts->cuts = cuts;
    if (rc < 0)
        return rc;
    memmove(cuts_of(parts, at + 1), cuts_of(parts, at), (parts->count + 1 - at) * each);
    parts->count++;
    return LCAP_OK;
}

/* Divides a part in two. */
static int divide(struct window_parts *parts, size_t part, struct lcap_error *error)
{
    struct pivot pivot = {.window = 0};
    bool any = false;
    int rc = add_cuts(parts, part + 1, error);
    if (rc < 0)
        return rc;
    const struct window_cut *from = cuts_of(parts, part), *to = cuts_of(parts, part + 2);
    struct window_cut *between = cuts_of(parts, part + 1);
    memcpy(between, to, parts->windows->count * sizeof *to);
    rc = choose_pivot(parts, part, &pivot, error);
    for (size_t i = 0; i < parts->windows->count && rc == LCAP_OK; i++) {
        rc = cut_window(parts->windows, i, &pivot, &from[i], &to[i], &between[i], error);
        any |= between[i].position > from[i].position;
    }
    if (rc == LCAP_OK && !any) { /* it is the first one */
        between[pivot.window].position++;
        between[pivot.window].start += window_place_len(pivot.entry.place);
    }
    return rc;
}

static uint64_t blocks_of(const struct window_parts *parts, size_t part)
{
    const struct window_cut *from = window_cuts(parts, part), *to = window_cuts(parts, part + 1);
    uint64_t blocks = 0;
    for (size_t i = 0; i < parts->windows->count; i++)
        blocks += to[i].position - from[i].position;
    return blocks;
}

uint64_t window_part_bytes(const struct window_parts *parts, size_t part)
{
    const struct window_cut *from = window_cuts(parts, part), *to = window_cuts(parts, part + 1);
    uint64_t bytes = 0;
    for (size_t i = 0; i < parts->windows->count; i++)
        bytes += to[i].start - from[i].start;
    return bytes;
}

int window_parts_begin(struct window_parts *parts, const struct windows *windows,
                       struct lcap_error *error)
{
    *parts = (struct window_parts){.windows = windows, .count = 1, .capacity = 2};
    parts->cuts = memory_new(2 * windows->count, sizeof *parts->cuts, error);
    if (!parts->cuts)
        return LCAP_ERR_MEMORY;
    for (size_t i = 0; i < windows->count; i++)
        cuts_of(parts, 1)[i] = (struct window_cut){windows->items[i].count, windows->items[i].len};
    return LCAP_OK;
}

int window_parts_divide(struct window_parts *parts, size_t most_bytes, size_t most_blocks,
                        struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t part = 0; part < parts->count && rc == LCAP_OK;) {
        const uint64_t blocks = blocks_of(parts, part);
        if (blocks > 1 && (blocks > most_blocks || window_part_bytes(parts, part) > most_bytes))
            rc = divide(parts, part, error);
        else
            part++;
    }
    return rc;
}

void window_parts_release(struct window_parts *parts)
{
    free(parts->cuts);
    *parts = (struct window_parts){0};
}

struct job_room window_parts_room(const struct window_parts *parts)
{
    struct job_room room = {0};
    for (size_t i = 0; i < parts->count; i++) {
        const uint64_t bytes = window_part_bytes(parts, i), count = blocks_of(parts, i);
        room.bytes = bytes > room.bytes ? (size_t)bytes : room.bytes;
        room.count = count > room.count ? (size_t)count : room.count;
    }
    return room;
}

/* Those of a window, at which the place is `at`. */
static void set_places(struct index_entry *entries, uint32_t count, uint32_t arrival, uint32_t at)
{
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t len = window_place_len(entries[i].place);
        entries[i].place = window_place(at, len);
        entries[i].arrival = arrival + i;
        at += len;
    }
}

int window_part_sort(const struct window_parts *parts, size_t part, struct window_job *job,
                     struct lcap_error *error)
{
    const struct window_cut *from = window_cuts(parts, part), *to = window_cuts(parts, part + 1);
    uint32_t at = 0;
    int rc = LCAP_OK;
    job->count = 0;
    for (size_t i = 0; i < parts->windows->count && rc == LCAP_OK; i++) {
        const uint32_t count = to[i].position - from[i].position;
        struct index_entry *entries = job->entries + job->count;
        if (count == 0)
            continue;
        rc = window_read_entries(parts->windows, i, from[i].position, count, entries, error);
        if (rc == LCAP_OK)
            set_places(entries, count, job->count, at);
        job->count += count;
        at += to[i].start - from[i].start;
    }
    if (rc == LCAP_OK)
        index_sort(job->entries, job->count, 1);
    return rc;
}
