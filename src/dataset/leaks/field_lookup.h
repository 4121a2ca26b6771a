/*
 * What a lookup table of one field can do: it learns the most frequent label of each value
 * on the packets of one list, and names the label of those of another. Of labels that are
 * equally frequent, it takes the first in bytewise order. A value that it has not seen, it
 * gets wrong.
 */
#ifndef DATASET_LEAKS_FIELD_LOOKUP_H
#define DATASET_LEAKS_FIELD_LOOKUP_H

#include "dataset/leaks/value_table.h"

enum leak_side { LEAK_LEARN, LEAK_TEST, LEAK_SIDES };

struct field_lookup {
    struct value_table table;
    uint64_t packets[LEAK_SIDES]; /* with the field */
};

int field_lookup_init(struct field_lookup *lookup, struct value_memory *memory,
                      struct lcap_error *error);
void field_lookup_release(struct field_lookup *lookup);

int field_lookup_add(struct field_lookup *lookup, enum leak_side side, uint64_t value,
                     uint32_t label, struct lcap_error *error);

struct field_score {
    uint64_t packets;  /* of the test, with the field */
    uint64_t scored;   /* of these, with a value that is counted */
    uint64_t correct;  /* of these, by the table */
    uint64_t majority; /* of these, with the label that is most frequent among them */
    double sampled;    /* the share of the values that is counted, of 1 */
};

/* `ranks`: the place of each label in bytewise order. */
int field_lookup_score(const struct field_lookup *lookup, const uint32_t *ranks, size_t labels,
                       struct field_score *score, struct lcap_error *error);

#endif
