/*
 * What lookup tables of single fields learn from one split of the packets into two: those
 * to learn from, and those of the test.
 */
#ifndef DATASET_LEAKS_LEAK_TRIAL_H
#define DATASET_LEAKS_LEAK_TRIAL_H

#include "dataset/leaks/field_lookup.h"
#include "dataset/leaks/packet_facts.h"

struct side_counts {
    uint64_t packets[LEAK_SIDES];
};

struct leak_trial {
    struct field_lookup lookups[LEAK_FIELDS];
    struct side_counts all;
    struct side_counts *by_label;
    size_t label_capacity;
    uint32_t majority_label; /* the most frequent of the test; after leak_trial_score() */
    struct field_score scores[LEAK_FIELDS];
};

/* Release it even after an error. */
int leak_trial_init(struct leak_trial *trial, struct value_memory *memory,
                    struct lcap_error *error);
void leak_trial_release(struct leak_trial *trial);

/* What leak_trial_add() is about to use; see value_table_fetch(). */
void leak_trial_fetch(const struct leak_trial *trial, const struct packet_facts *facts,
                      uint32_t label);

int leak_trial_add(struct leak_trial *trial, enum leak_side side, const struct packet_facts *facts,
                   uint32_t label, struct lcap_error *error);

/* After the last packet. `ranks`: the place of each of the labels in bytewise order. */
int leak_trial_score(struct leak_trial *trial, const uint32_t *ranks, size_t labels,
                     struct lcap_error *error);

/* Packets of the test that have its most frequent label: what the best guess gets right. */
uint64_t leak_trial_majority(const struct leak_trial *trial);

/*
 * The share of all packets of the test that the table of a field names correctly, beyond
 * those that the most frequent label does; packets without the field count as having that
 * label. At least 0.
 */
double leak_trial_gain(const struct leak_trial *trial, enum leak_field field);

#endif
