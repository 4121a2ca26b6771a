/* Counts the packets of each value by list. */
#include "dataset/leaks/list_overlap.h"

/* The label of a value that has several. */
#define SEVERAL_LABELS UINT32_MAX

struct value_count {
    struct value_key key; /* without a label */
    uint32_t label;
    uint32_t packets[LEAK_LISTS];
    uint64_t first; /* of all packets; 0: none yet */
    uint64_t first_of[LEAK_LISTS];
};

int list_overlap_init(struct list_overlap *overlap, struct value_memory *memory,
                      struct lcap_error *error)
{
    *overlap = (struct list_overlap){.conflicts = 0};
    return value_table_init(&overlap->table, sizeof(struct value_count), memory, error);
}

void list_overlap_release(struct list_overlap *overlap)
{
    value_table_release(&overlap->table);
}

static void note_label(struct list_overlap *overlap, struct value_count *count, uint32_t label,
                       uint64_t packet)
{
    if (count->first == 0) {
        count->first = packet;
        count->label = label;
    } else if (count->label != label && count->label != SEVERAL_LABELS) {
        count->label = SEVERAL_LABELS;
        if (overlap->conflicts++ == 0)
            overlap->conflict = (struct overlap_places){{count->first, packet}};
    }
}

int list_overlap_add(struct list_overlap *overlap, enum leak_list list, uint64_t value,
                     uint32_t label, uint64_t packet, struct lcap_error *error)
{
    void *entry;
    const int rc = value_table_at(&overlap->table, value, 0, &entry, error);
    struct value_count *count = entry;
    if (!count)
        return rc;
    note_label(overlap, count, label, packet);
    if (list == LEAK_NO_LIST)
        return rc;
    if (count->packets[list] == 0)
        count->first_of[list] = packet;
    value_count_up(&count->packets[list]);
    return rc;
}

static void add_shared(const struct value_count *count, const enum leak_list lists[2],
                       struct shared_values *found)
{
    uint64_t *first = found->places.first;
    found->shared++;
    found->packets += count->packets[lists[1]];
    if (first[1] == 0 || count->first_of[lists[1]] < first[1])
        for (int i = 0; i < 2; i++)
            first[i] = count->first_of[lists[i]];
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
        if (first && second)
            add_shared(count, lists, found);
    }
}
