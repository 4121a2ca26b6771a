/* Counts the packets of each value by list. */
#include "dataset/leaks/list_overlap.h"

#include "base/time_distance.h"

/* The label of a value that has several. */
#define SEVERAL_LABELS UINT32_MAX

struct value_count {
    struct value_key key; /* without a label */
    uint32_t label;
    uint32_t packets[LEAK_LISTS];
    uint64_t first; /* of all packets; 0: none yet */
    uint64_t first_of[LEAK_LISTS];
};

struct overlap_span {
    bool known;
    int64_t first_ns, last_ns;
};

/* Where times matter: few values are flows, and other counts are kept small. */
struct timed_count {
    struct value_count count;
    struct overlap_span lists[LEAK_LISTS], all;
};

static bool is_timed(const struct list_overlap *overlap)
{
    return overlap->idle_ns != OVERLAP_ANY_TIME;
}

int list_overlap_init(struct list_overlap *overlap, int64_t idle_ns, struct value_memory *memory,
                      struct lcap_error *error)
{
    *overlap = (struct list_overlap){.idle_ns = idle_ns};
    const size_t size = is_timed(overlap) ? sizeof(struct timed_count) : sizeof(struct value_count);
    return value_table_init(&overlap->table, size, memory, error);
}

void list_overlap_release(struct list_overlap *overlap)
{
    value_table_release(&overlap->table);
}

/* ---- times ---- */

static bool are_near(const struct overlap_span *a, const struct overlap_span *b, int64_t idle_ns)
{
    return !a->known || !b->known ||
           ((a->first_ns <= b->last_ns || time_between(b->last_ns, a->first_ns) <= idle_ns) &&
            (b->first_ns <= a->last_ns || time_between(a->last_ns, b->first_ns) <= idle_ns));
}

static void extend(struct overlap_span *span, const struct overlap_span *packet)
{
    if (!packet->known)
        return;
    if (!span->known || packet->first_ns < span->first_ns)
        span->first_ns = packet->first_ns;
    if (!span->known || packet->last_ns > span->last_ns)
        span->last_ns = packet->last_ns;
    span->known = true;
}

/* After a long time, a flow begins anew: what it was before is no conflict. */
static void note_time(const struct list_overlap *overlap, struct timed_count *timed,
                      const struct overlap_packet *packet)
{
    const struct overlap_span now = {packet->has_time, packet->time_ns, packet->time_ns};
    if (!are_near(&timed->all, &now, overlap->idle_ns)) {
        timed->all.known = false;
        timed->count.first = 0;
    }
    extend(&timed->all, &now);
    if (packet->list != LEAK_NO_LIST)
        extend(&timed->lists[packet->list], &now);
}

/* ---- packets ---- */

static void note_label(struct list_overlap *overlap, struct value_count *count,
                       const struct overlap_packet *packet)
{
    if (count->first == 0) {
        count->first = packet->number;
        count->label = packet->label;
    } else if (count->label != packet->label && count->label != SEVERAL_LABELS) {
        count->label = SEVERAL_LABELS;
        if (overlap->conflicts++ == 0)
            overlap->conflict = (struct overlap_places){{count->first, packet->number}};
    }
}

int list_overlap_add(struct list_overlap *overlap, uint64_t value,
                     const struct overlap_packet *packet, struct lcap_error *error)
{
    void *entry;
    const int rc = value_table_at(&overlap->table, value, 0, &entry, error);
    struct value_count *count = entry;
    if (!count)
        return rc;
    if (is_timed(overlap))
        note_time(overlap, entry, packet);
    note_label(overlap, count, packet);
    if (packet->list == LEAK_NO_LIST)
        return rc;
    if (count->packets[packet->list] == 0)
        count->first_of[packet->list] = packet->number;
    value_count_up(&count->packets[packet->list]);
    return rc;
}

/* ---- what is shared ---- */

/* Two values may be first in the same packet: both addresses. */
static bool comes_first(const struct value_count *count, const enum leak_list lists[2],
                        const uint64_t first[2])
{
    const uint64_t a = count->first_of[lists[0]], b = count->first_of[lists[1]];
    return first[1] == 0 || b < first[1] || (b == first[1] && a < first[0]);
}

static void add_shared(const struct value_count *count, const enum leak_list lists[2],
                       struct shared_values *found)
{
    uint64_t *first = found->places.first;
    found->shared++;
    found->packets += count->packets[lists[1]];
    if (comes_first(count, lists, first))
        for (int i = 0; i < 2; i++)
            first[i] = count->first_of[lists[i]];
}

/* A value that both lists have. */
static bool is_the_same(const struct list_overlap *overlap, const void *entry,
                        const enum leak_list lists[2])
{
    const struct timed_count *timed = entry;
    return !is_timed(overlap) ||
           are_near(&timed->lists[lists[0]], &timed->lists[lists[1]], overlap->idle_ns);
}

void list_overlap_find(const struct list_overlap *overlap, const enum leak_list lists[2],
                       struct shared_values *found)
{
    const struct value_count *count;
    size_t at = 0;
    *found = (struct shared_values){.sampled = value_table_share(&overlap->table)};
    while ((count = value_table_next(&overlap->table, &at))) {
        const bool first = count->packets[lists[0]] > 0, second = count->packets[lists[1]] > 0;
        found->values[0] += first;
        found->values[1] += second;
        if (first && second && is_the_same(overlap, count, lists))
            add_shared(count, lists, found);
    }
}
