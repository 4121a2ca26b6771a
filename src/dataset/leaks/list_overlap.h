/*
 * What the lists of a split share: the values of one kind, such as flows, that occur in
 * several lists, with the packets that have them and the first of these.
 */
#ifndef DATASET_LEAKS_LIST_OVERLAP_H
#define DATASET_LEAKS_LIST_OVERLAP_H

#include "dataset/leaks/value_table.h"

enum leak_list {
    LEAK_TRAIN,
    LEAK_VALIDATION,
    LEAK_HELD_OUT,
    LEAK_LISTS,
    LEAK_NO_LIST = LEAK_LISTS
};

/* Numbers of packets in the order in which they are read, from 1; 0: none. */
struct overlap_places {
    uint64_t first[2]; /* in both lists, of the value that comes first in the second list */
};

struct list_overlap {
    struct value_table table;
    uint64_t conflicts;             /* values that have two labels */
    struct overlap_places conflict; /* the first packet that has another label, and the first of
                                       its value */
};

int list_overlap_init(struct list_overlap *overlap, struct value_memory *memory,
                      struct lcap_error *error);
void list_overlap_release(struct list_overlap *overlap);

/* `list` may be LEAK_NO_LIST. Packets come in their order. */
int list_overlap_add(struct list_overlap *overlap, enum leak_list list, uint64_t value,
                     uint32_t label, uint64_t packet, struct lcap_error *error);

struct shared_values {
    uint64_t values[2]; /* in each of both lists */
    uint64_t shared;    /* in both */
    uint64_t packets;   /* of the second list, with a shared value */
    struct overlap_places places;
    double sampled; /* the share of the values that is counted, of 1 */
};

/* What `lists` share. */
void list_overlap_find(const struct list_overlap *overlap, const enum leak_list lists[2],
                       struct shared_values *found);

#endif
