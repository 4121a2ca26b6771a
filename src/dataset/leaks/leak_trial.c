/* A lookup table for each field. */
#include "dataset/leaks/leak_trial.h"

#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

int leak_trial_init(struct leak_trial *trial, struct value_memory *memory, struct lcap_error *error)
{
    int rc = LCAP_OK;
    *trial = (struct leak_trial){.label_capacity = 0};
    for (int i = 0; i < LEAK_FIELDS && rc == LCAP_OK; i++)
        rc = field_lookup_init(&trial->lookups[i], memory, error);
    return rc;
}

void leak_trial_release(struct leak_trial *trial)
{
    for (int i = 0; i < LEAK_FIELDS; i++)
        field_lookup_release(&trial->lookups[i]);
    free(trial->by_label);
}

static int grow_labels(struct leak_trial *trial, uint32_t label, struct lcap_error *error)
{
    const size_t old = trial->label_capacity;
    const int rc = memory_grow((void **)&trial->by_label, &trial->label_capacity, (size_t)label + 1,
                               sizeof *trial->by_label, error);
    if (rc == LCAP_OK && trial->label_capacity > old)
        memset(trial->by_label + old, 0, (trial->label_capacity - old) * sizeof *trial->by_label);
    return rc;
}

void leak_trial_fetch(const struct leak_trial *trial, const struct packet_facts *facts,
                      uint32_t label)
{
    for (unsigned i = 0; i < LEAK_FIELDS; i++)
        if (packet_facts_know(facts, i))
            value_table_fetch(&trial->lookups[i].table, facts->values[i], label);
}

int leak_trial_add(struct leak_trial *trial, enum leak_side side, const struct packet_facts *facts,
                   uint32_t label, struct lcap_error *error)
{
    int rc = grow_labels(trial, label, error);
    if (rc < 0)
        return rc;
    trial->all.packets[side]++;
    trial->by_label[label].packets[side]++;
    for (unsigned i = 0; i < LEAK_FIELDS && rc == LCAP_OK; i++)
        if (packet_facts_know(facts, i))
            rc = field_lookup_add(&trial->lookups[i], side, facts->values[i], label, error);
    return rc;
}

/* ---- scoring ---- */

static uint64_t tested(const struct leak_trial *trial, uint32_t label)
{
    return label < trial->label_capacity ? trial->by_label[label].packets[LEAK_TEST] : 0;
}

static uint32_t find_majority(const struct leak_trial *trial, const uint32_t *ranks, size_t labels)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < labels; i++) {
        const uint64_t packets = tested(trial, i), most = tested(trial, best);
        if (packets > most || (packets == most && ranks[i] < ranks[best]))
            best = i;
    }
    return best;
}

int leak_trial_score(struct leak_trial *trial, const uint32_t *ranks, size_t labels,
                     struct lcap_error *error)
{
    int rc = LCAP_OK;
    trial->majority_label = find_majority(trial, ranks, labels);
    for (int i = 0; i < LEAK_FIELDS && rc == LCAP_OK; i++)
        rc = field_lookup_score(&trial->lookups[i], ranks, labels, &trial->scores[i], error);
    return rc;
}

uint64_t leak_trial_majority(const struct leak_trial *trial)
{
    return tested(trial, trial->majority_label);
}

double leak_trial_gain(const struct leak_trial *trial, enum leak_field field)
{
    const struct field_score *score = &trial->scores[field];
    if (score->scored == 0 || score->correct <= score->majority)
        return 0;
    return (double)(score->correct - score->majority) / (double)score->scored *
           (double)score->packets / (double)trial->all.packets[LEAK_TEST];
}
