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

/* A packet that has a value. */
struct overlap_packet {
    enum leak_list list; /* or LEAK_NO_LIST */
    uint32_t label;
    uint64_t number; /* in the order in which packets are read, from 1 */
    bool has_time;
    int64_t time_ns;
};

/* Numbers of packets; 0: none. */
struct overlap_places {
    uint64_t first[2]; /* in both lists, of the value that comes first in the second list */
};

/* However far apart in time the packets of a value are. */
#define OVERLAP_ANY_TIME INT64_MAX

struct list_overlap {
    struct value_table table;
    int64_t idle_ns;
    uint64_t conflicts;             /* values that have two labels */
    struct overlap_places conflict; /* the first packet that has another label, and the first of
                                       its value */
};

/*
 * If packets of a value are farther apart in time than `idle_ns`, it is not the same any
 * more: a flow of the same addresses and ports. What is known of that are the times of the
 * first and the last packet in each list; packets without a time count as near.
 */
int list_overlap_init(struct list_overlap *overlap, int64_t idle_ns, struct value_memory *memory,
                      struct lcap_error *error);
void list_overlap_release(struct list_overlap *overlap);

/* Packets come in their order. */
int list_overlap_add(struct list_overlap *overlap, uint64_t value,
                     const struct overlap_packet *packet, struct lcap_error *error);

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
