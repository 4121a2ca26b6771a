/* Counts packets by value and label, and then finds the best label of each value. */
#include "dataset/leaks/field_lookup.h"

#include "base/memory.h"
#include <stdlib.h>

struct pair_count {
    struct value_key key;
    uint32_t packets[LEAK_SIDES];
};

int field_lookup_init(struct field_lookup *lookup, struct value_memory *memory,
                      struct lcap_error *error)
{
    *lookup = (struct field_lookup){0};
    return value_table_init(&lookup->table, sizeof(struct pair_count), memory, error);
}

void field_lookup_release(struct field_lookup *lookup)
{
    value_table_release(&lookup->table);
}

int field_lookup_add(struct field_lookup *lookup, enum leak_side side, uint64_t value,
                     uint32_t label, struct lcap_error *error)
{
    void *entry;
    lookup->packets[side]++;
    const int rc = value_table_at(&lookup->table, value, label, &entry, error);
    if (entry)
        value_count_up(&((struct pair_count *)entry)->packets[side]);
    return rc;
}

/* ---- scoring ---- */

/* The label that the table names for a value. */
struct best_label {
    struct value_key key; /* without a label */
    uint32_t label;
    uint32_t packets[LEAK_SIDES]; /* of the value with this label; 0 learned: none yet */
};

static void improve(struct best_label *best, const struct pair_count *pair, const uint32_t *ranks)
{
    const uint32_t learned = pair->packets[LEAK_LEARN], most = best->packets[LEAK_LEARN];
    if (learned < most || (learned == most && ranks[pair->key.label] > ranks[best->label]))
        return;
    best->label = pair->key.label;
    best->packets[LEAK_LEARN] = learned;
    best->packets[LEAK_TEST] = pair->packets[LEAK_TEST];
}

static int learn(const struct field_lookup *lookup, const uint32_t *ranks,
                 struct value_table *bests, struct lcap_error *error)
{
    const struct pair_count *pair;
    size_t at = 0;
    int rc = LCAP_OK;
    while (rc == LCAP_OK && (pair = value_table_next(&lookup->table, &at))) {
        void *best;
        if (pair->packets[LEAK_LEARN] == 0)
            continue;
        rc = value_table_at(bests, pair->key.value, 0, &best, error);
        if (rc == LCAP_OK)
            improve(best, pair, ranks);
    }
    return rc;
}

static void count_correct(const struct value_table *bests, struct field_score *score)
{
    const struct best_label *best;
    size_t at = 0;
    while ((best = value_table_next(bests, &at)))
        score->correct += best->packets[LEAK_TEST];
}

/* `of_label` has a zero for each label. */
static void count_all(const struct field_lookup *lookup, uint64_t *of_label,
                      struct field_score *score)
{
    const struct pair_count *pair;
    size_t at = 0;
    while ((pair = value_table_next(&lookup->table, &at))) {
        uint64_t *packets = &of_label[pair->key.label];
        *packets += pair->packets[LEAK_TEST];
        score->scored += pair->packets[LEAK_TEST];
        if (*packets > score->majority)
            score->majority = *packets;
    }
}

int field_lookup_score(const struct field_lookup *lookup, const uint32_t *ranks, size_t labels,
                       struct field_score *score, struct lcap_error *error)
{
    struct value_memory unlimited = {.limit = UINT64_MAX};
    struct value_table bests;
    *score = (struct field_score){.packets = lookup->packets[LEAK_TEST],
                                  .sampled = value_table_share(&lookup->table)};
    uint64_t *of_label = memory_new(labels + 1, sizeof *of_label, error);
    if (!of_label)
        return LCAP_ERR_MEMORY;
    count_all(lookup, of_label, score);
    free(of_label);
    int rc = value_table_init(&bests, sizeof(struct best_label), &unlimited, error);
    if (rc == LCAP_OK)
        rc = learn(lookup, ranks, &bests, error);
    if (rc == LCAP_OK)
        count_correct(&bests, score);
    value_table_release(&bests);
    return rc;
}
